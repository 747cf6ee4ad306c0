//! Compares an output file with its reference, as upstream's harness does for text.

use std::path::Path;
use std::process::Command;

/// `Ok` if they agree; otherwise what differs, in lines. Without a reference the output must be empty.
pub fn check(what: &str, reference: &Path, output: &Path, skipped_lines: usize) -> Result<(), String> {
    let found = std::fs::read(output).unwrap_or_default();
    let Ok(wanted) = std::fs::read(reference) else {
        if found.is_empty() {
            return Ok(());
        }
        return Err(format!("{what} where none is expected:\n{}", String::from_utf8_lossy(&found).trim_end()));
    };
    let found_text = after_lines(&found, skipped_lines);
    if found_text == wanted || without_returns(found_text) == without_returns(&wanted) {
        return Ok(());
    }
    let name = reference.file_name().unwrap_or_default().to_string_lossy();
    Err(format!("{what} differs from {name}:\n{}", difference(reference, output)))
}

fn after_lines(text: &[u8], count: usize) -> &[u8] {
    let mut rest = text;
    for _ in 0..count {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        rest = &rest[end..];
    }
    rest
}

/// Line ends of Windows are as good as others.
fn without_returns(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    for (index, byte) in text.iter().enumerate() {
        if *byte != b'\r' || text.get(index + 1) != Some(&b'\n') {
            result.push(*byte);
        }
    }
    result
}

/// What `diff -u` shows, without its heading.
pub fn difference(reference: &Path, output: &Path) -> String {
    let shown = Command::new("diff").arg("-u").arg("-a").arg(reference).arg(output).output();
    match shown {
        Err(error) => format!("(cannot run diff: {error})"),
        Ok(shown) => {
            let text = String::from_utf8_lossy(&shown.stdout).into_owned();
            text.lines().skip(2).collect::<Vec<_>>().join("\n")
        }
    }
}
