//! What is said about a target name that no row has: the names that the user may have meant.

use std::fmt;

use crate::TARGETS;

/// A name that is neither a row nor an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTarget {
    pub name: String,
    /// The closest known names, best first, at most three.
    pub suggestions: Vec<&'static str>,
}

impl UnknownTarget {
    pub(crate) fn new(name: &str) -> UnknownTarget {
        UnknownTarget { name: name.to_string(), suggestions: suggestions(name) }
    }
}

impl fmt::Display for UnknownTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown target '{}'", self.name)?;
        match self.suggestions.as_slice() {
            [] => write!(f, "; -print-targets lists the known ones"),
            [one] => write!(f, "; did you mean {one}?"),
            [first @ .., last] => write!(f, "; did you mean {} or {last}?", first.join(", ")),
        }
    }
}

impl std::error::Error for UnknownTarget {}

/// Known names within a third of the length of what was typed; then those that begin as it does.
fn suggestions(name: &str) -> Vec<&'static str> {
    let spelled = name.to_ascii_lowercase().replace('_', "-");
    let limit = (spelled.len() / 3).max(2);
    let mut close: Vec<(usize, &'static str)> = known_names()
        .map(|known| (edit_distance(&spelled, &known.replace('_', "-")), known))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    close.sort();
    close.truncate(3);
    if close.is_empty() {
        return known_names().filter(|known| known.split('-').next() == name.split('-').next()).take(3).collect();
    }
    close.into_iter().map(|(_, known)| known).collect()
}

fn known_names() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().flat_map(|target| std::iter::once(target.name).chain(target.aliases.iter().copied()))
}

/// Levenshtein's distance, one row at a time.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use crate::Target;

    #[track_caller]
    fn check(name: &str, message: &str) {
        assert_eq!(Target::lookup(name).expect_err("an unknown name").to_string(), message);
    }

    #[test]
    fn misspelled_names_get_suggestions() {
        check("riscv64-linx", "unknown target 'riscv64-linx'; did you mean riscv64-linux?");
        check("pdp11-unix", "unknown target 'pdp11-unix'; -print-targets lists the known ones");
        check(
            "s390x-zos-something",
            "unknown target 's390x-zos-something'; did you mean s390x-linux-gnu, s390x-unknown-linux-gnu or s390x-linux-musl?",
        );
    }
}
