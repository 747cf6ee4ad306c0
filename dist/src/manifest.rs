//! `manifest.json`: every file of an archive with its size and SHA-256.

use std::path::Path;

use rocaml_target::{TARGETS, Target};
use sysroots::{Result, tools};

use crate::VERSION;

/// The manifest of a folder, itself left out.
pub fn of_folder(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    let mut total = 0;
    for path in tools::walk(folder)? {
        let name = path.strip_prefix(folder).expect("a file below the folder").to_string_lossy().into_owned();
        if name == "manifest.json" {
            continue;
        }
        let contents = tools::read(&path)?;
        total += contents.len();
        files.push(format!(
            "    {{\"path\": {}, \"size\": {}, \"sha256\": \"{}\"}}",
            quoted(&name),
            contents.len(),
            tools::sha256_hex(&contents)
        ));
    }
    let rows: Vec<String> = TARGETS.iter().filter(|t| t.is_usable()).map(|t| quoted(t.name)).collect();
    Ok(format!(
        "{{\n  \"name\": \"rocaml\",\n  \"version\": {},\n  \"host\": {},\n  \"targets\": [{}],\n  \"size\": {total},\n  \"files\": [\n{}\n  ]\n}}\n",
        quoted(VERSION),
        quoted(Target::host().name),
        rows.join(", "),
        files.join(",\n")
    ))
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
    }
}
