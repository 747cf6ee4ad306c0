//! Identifiers beyond ASCII: the letters of Latin-9, normalized to NFC (upstream's
//! `Utf8_lexeme`).

/// Case pairs that are not 0x20 apart: upper, lower.
const CASE_PAIRS: [(char, char); 5] = [('Š', 'š'), ('Ž', 'ž'), ('Œ', 'œ'), ('Ÿ', 'ÿ'), ('ẞ', 'ß')];

/// For each combining mark, base letters and the letters they make.
const COMPOSITIONS: [(char, &str, &str); 8] = [
    ('\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ('\u{301}', "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
    ('\u{302}', "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
    ('\u{303}', "ANOano", "ÃÑÕãñõ"),
    ('\u{308}', "AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
    ('\u{30a}', "Aa", "Åå"),
    ('\u{30c}', "SZsz", "ŠŽšž"),
    ('\u{327}', "Cc", "Çç"),
];

fn compose(base: char, mark: char) -> Option<char> {
    let (_, bases, letters) = COMPOSITIONS.iter().find(|(m, _, _)| *m == mark)?;
    let at = bases.chars().position(|b| b == base)?;
    letters.chars().nth(at)
}

/// The text in NFC, or an error for malformed UTF-8.
///
/// # Errors
/// The text with replacement characters in place of what is malformed.
pub fn normalize(raw: &[u8]) -> Result<String, String> {
    let decoded = String::from_utf8_lossy(raw);
    let mut normal = String::with_capacity(raw.len());
    let mut pending: Option<char> = None;
    for c in decoded.chars() {
        match pending.and_then(|base| compose(base, c)) {
            Some(letter) => pending = Some(letter),
            None => {
                normal.extend(pending);
                pending = Some(c);
            }
        }
    }
    normal.extend(pending);
    if decoded.contains(char::REPLACEMENT_CHARACTER) { Err(normal) } else { Ok(normal) }
}

fn uppercase(c: char) -> char {
    match c {
        'a'..='z' => c.to_ascii_uppercase(),
        '÷' => c,
        'à'..='þ' => char::from_u32(c as u32 - 0x20).unwrap_or(c),
        _ => CASE_PAIRS.iter().find(|(_, lower)| *lower == c).map_or(c, |(upper, _)| *upper),
    }
}

fn lowercase(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '×' => c,
        'À'..='Þ' => char::from_u32(c as u32 + 0x20).unwrap_or(c),
        _ => CASE_PAIRS.iter().find(|(upper, _)| *upper == c).map_or(c, |(_, lower)| *lower),
    }
}

fn with_first(name: &str, change: fn(char) -> char) -> String {
    let normal = normalize(name.as_bytes()).unwrap_or_else(|lossy| lossy);
    let mut chars = normal.chars();
    chars.next().into_iter().map(change).chain(chars).collect()
}

/// The name in NFC, its first letter in upper case: of a file, that of its unit.
pub fn capitalize(name: &str) -> String {
    with_first(name, uppercase)
}

/// The name in NFC, its first letter in lower case.
pub fn uncapitalize(name: &str) -> String {
    with_first(name, lowercase)
}

/// Whether a letter is in upper case.
pub fn is_uppercase(c: char) -> bool {
    match c {
        'A'..='Z' => true,
        '×' => false,
        'À'..='Þ' => true,
        _ => CASE_PAIRS.iter().any(|(upper, _)| *upper == c),
    }
}

/// Whether a name begins with a letter in upper case.
pub fn is_capitalized(name: &str) -> bool {
    name.chars().next().is_some_and(is_uppercase)
}

fn is_valid(c: char, with_dot: bool) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '\'' => true,
        '.' => with_dot,
        '×' | '÷' => false,
        'À'..='ÿ' => true,
        _ => CASE_PAIRS.iter().any(|(upper, lower)| *upper == c || *lower == c),
    }
}

/// The first character that an identifier may not hold.
pub fn invalid_character(name: &str, with_dot: bool) -> Option<char> {
    name.chars().find(|&c| !is_valid(c, with_dot))
}

/// Whether a name holds only valid characters, none of them in upper case.
pub fn is_lowercase(name: &str) -> bool {
    name.chars().all(|c| is_valid(c, false) && !is_uppercase(c))
}

#[cfg(test)]
mod tests {
    use super::{capitalize, is_capitalized, is_lowercase, normalize, uncapitalize};

    #[test]
    fn letters_are_composed() {
        assert_eq!(normalize("e\u{301}te\u{301}".as_bytes()), Ok("été".to_owned()));
        assert!(normalize(b"\xe9").is_err());
        assert_eq!((capitalize("e\u{301}té"), uncapitalize("Šumava")), ("Été".to_owned(), "šumava".to_owned()));
        assert!(is_capitalized("Été") && is_lowercase("été") && !is_lowercase("a×"));
    }
}
