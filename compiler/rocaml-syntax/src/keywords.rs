//! Which words are keywords: the editions of `-keywords`.
//!
//! `5.2+effect` stands for the keywords of OCaml 5.2 and one more. Without a version all keywords
//! of today are meant.

use crate::token::{Token, keywords};

/// The keywords of some version of the language, and more of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Edition<'s> {
    /// Keywords that came later are ordinary names.
    version: Option<(i64, i64)>,
    more: Vec<&'s str>,
}

impl<'s> Edition<'s> {
    /// Reads the argument of `-keywords`.
    ///
    /// # Errors
    /// What is wrong with the version.
    pub fn parse(spec: &'s str) -> Result<Edition<'s>, &'static str> {
        let mut words = spec.split('+');
        let version = match words.next().unwrap_or_default() {
            "" => None,
            text => {
                let number = |part: &str| part.parse::<i64>().ok();
                let version = text.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
                Some(version.ok_or(
                    "Ill-formed version in keywords flag,\nthe supported format is <major>.<minor>, for example 5.2 .",
                )?)
            }
        };
        Ok(Edition { version, more: words.collect() })
    }

    /// The keywords with their tokens; a word that this lexer knows nothing of has none.
    pub fn keywords(&self) -> impl Iterator<Item = (&'s str, Option<Token>)> {
        let version = self.version;
        let is_there = move |word: &str| match (version, since(word)) {
            (Some(version), Some(since)) => version >= since,
            _ => true,
        };
        let known = keywords().filter(move |(word, _)| is_there(word)).map(|(word, token)| (word, Some(token)));
        let token = |word: &str| keywords().find(|(known, _)| *known == word).map(|(_, token)| token);
        known.chain(self.more.clone().into_iter().map(move |word| (word, token(word))))
    }
}

/// The version that made a word a keyword, unless it always was one.
fn since(word: &str) -> Option<(i64, i64)> {
    match word {
        "class" | "constraint" | "inherit" | "initializer" | "method" | "new" | "object" | "private" | "virtual" => {
            Some((1, 0))
        }
        "assert" | "lazy" => Some((1, 6)),
        "nonrec" => Some((4, 2)),
        "effect" => Some((5, 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Edition;

    #[test]
    fn editions_choose_keywords() {
        let has = |spec: &str, word: &str| {
            let edition = Edition::parse(spec).expect("it is well formed");
            edition.keywords().find(|(known, _)| *known == word).map(|(_, token)| token.is_some())
        };
        assert_eq!(has("5.2", "effect"), None);
        assert_eq!(has("5.3", "effect"), Some(true));
        assert_eq!(has("", "effect"), Some(true));
        assert_eq!(has("5.2+effect", "effect"), Some(true));
        assert_eq!(has("+finally", "finally"), Some(false));
        assert!(Edition::parse("5").is_err() && Edition::parse("5.x").is_err() && Edition::parse("5.2.1").is_err());
    }
}
