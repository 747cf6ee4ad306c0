//! `tidy`: what holds of every source file, checked on the files that git tracks.
//!
//! - A Rust file opens with `//!`, a C, assembly or OCaml file with a comment, a script with an interpreter line.
//! - No tabs in Rust and OCaml, no spaces at line ends, a newline at the end.
//! - No path of one machine, no unfinished code ([`forbidden`]).
//! - Nothing is longer than 1,500 lines (2,000 in OCaml); a crate of `compiler/` depends on crates above it in [`LAYERS`] only.

use std::path::{Path, PathBuf};

use sysroots::tools;

use crate::{Outcome, root};

/// The crates of `compiler/`, each allowed to use those before it.
const LAYERS: [&str; 18] = [
    "rocaml-index",
    "rocaml-base",
    "rocaml-target",
    "rocaml-diag",
    "rocaml-syntax",
    "rocaml-depend",
    "rocaml-types",
    "rocaml-formats",
    "rocaml-typing",
    "rocaml-cmt",
    "rocaml-lambda",
    "rocaml-bytecode",
    "rocaml-middle",
    "rocaml-native",
    "rocaml-wasm",
    "rocaml-driver",
    "rocaml-toplevel",
    "rocaml-cli",
];

const LINES_MAX: usize = 1500;
/// The standard library's modules are given, and so is what belongs into each.
const OCAML_LINES_MAX: usize = 2000;

pub fn run() -> Outcome {
    let files = check()?;
    println!("{files} files are tidy");
    Ok(())
}

/// Checks every tracked file; the number of files, or all complaints at once.
pub fn check() -> Result<usize, String> {
    let root = root();
    let listing = tools::run("git", ["-C", &root.to_string_lossy(), "ls-files"]).map_err(|error| error.to_string())?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let files: Vec<PathBuf> = listing.lines().map(|line| root.join(line)).filter(|path| path.is_file()).collect();
    let mut complaints = Vec::new();
    for file in &files {
        if let Ok(text) = std::fs::read_to_string(file) {
            let name = file.strip_prefix(&root).unwrap_or(file);
            complaints.extend(check_text(name, &text).into_iter().map(|what| format!("{}: {what}", name.display())));
        }
    }
    complaints.extend(check_layers(&root)?);
    if complaints.is_empty() { Ok(files.len()) } else { Err(complaints.join("\n")) }
}

fn check_text(name: &Path, text: &str) -> Vec<String> {
    let extension = name.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let mut complaints = Vec::new();
    let is_code = matches!(extension, "rs" | "c" | "h" | "S" | "cpp" | "ml" | "mli" | "sh");
    // Test data may be untidy on purpose.
    if !is_code || name.components().any(|part| matches!(part.as_os_str().to_str(), Some("data" | "test_data"))) {
        return complaints;
    }
    let opens_well = match extension {
        "rs" => text.starts_with("//!"),
        "c" | "h" | "S" | "cpp" => text.starts_with("/*") || text.starts_with("//"),
        "ml" => text.starts_with("(*"),
        // Interfaces of the standard library may be nothing but upstream's signatures.
        "mli" => true,
        _ => text.starts_with("#!"),
    };
    if !opens_well {
        complaints.push("does not open with a comment that says what it is".to_string());
    }
    for (index, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            complaints.push(format!("line {} ends with a space", index + 1));
        }
        if let Some(word) = forbidden().iter().find(|word| line.contains(word.as_str())) {
            complaints.push(format!("line {} says '{word}'", index + 1));
        }
        if line.contains('\t') && matches!(extension, "rs" | "ml" | "mli") {
            complaints.push(format!("line {} holds a tab", index + 1));
        }
    }
    let lines = text.lines().count();
    let lines_max = if matches!(extension, "ml" | "mli") { OCAML_LINES_MAX } else { LINES_MAX };
    if lines > lines_max {
        complaints.push(format!("{lines} lines: more than {lines_max}"));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        complaints.push("no newline at the end".to_string());
    }
    complaints
}

/// Texts that stand in no source; put together here, so that this file does not hold them.
fn forbidden() -> [String; 6] {
    [("/wor", "k/"), ("/roo", "t/"), ("/home", "/"), ("tod", "o!("), ("unimplemente", "d!("), ("db", "g!(")]
        .map(|(a, b)| format!("{a}{b}"))
}

/// Dependencies between the compiler's crates point upwards in the list.
fn check_layers(root: &Path) -> Result<Vec<String>, String> {
    let mut complaints = Vec::new();
    for folder in tools::list_dir(&root.join("compiler")).map_err(|error| error.to_string())? {
        let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(position) = LAYERS.iter().position(|layer| *layer == name) else {
            complaints.push(format!("compiler/{name}: not in the list of layers in xtask/src/tidy.rs"));
            continue;
        };
        let dependencies =
            manifest.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if LAYERS[position..].contains(&dependency) {
                complaints.push(format!("compiler/{name} must not depend on {dependency}"));
            }
        }
    }
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    #[test]
    fn sources_are_tidy() {
        if let Err(complaints) = super::check() {
            panic!("{complaints}");
        }
    }
}
