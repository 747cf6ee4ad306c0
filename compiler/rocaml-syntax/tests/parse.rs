//! Parses the files of `tests/data` and compares messages and trees with the text beside them.
//!
//! `x.ml` and `x.mli` have their expected text in `x.ml.expected`. With `UPDATE_EXPECT=1` in the
//! environment the text is written anew. Files whose name begins with `error_` hold one faulty
//! program per section, sections being separated by lines of `====`.

use std::fs;
use std::path::{Path, PathBuf};

use rocaml_base::Name;
use rocaml_diag::{Report, Style, WarningState};
use rocaml_syntax::{
    ParseOptions, deep, parse_implementation, parse_interface, parse_toplevel_phrase, pprintast, printast,
};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn dump(file: &str, source: &[u8]) -> String {
    let name = Name::new(file);
    let options = ParseOptions::default();
    let (result, warnings) = if file.ends_with('i') {
        let parsed = parse_interface(name, source, options);
        (parsed.result.map(|tree| printast::interface(&tree, true)), parsed.warnings)
    } else {
        let parsed = parse_implementation(name, source, options);
        (parsed.result.map(|tree| printast::implementation(&tree, true)), parsed.warnings)
    };
    let style = Style { source: Some((file, source)), ..Style::default() };
    let mut state = WarningState::default();
    state.parse_options(false, "+50").expect("the specification is well formed");
    let mut text: String =
        warnings.iter().filter_map(|(loc, w)| Report::warning(&state, *loc, w)).map(|r| style.render(&r)).collect();
    match result {
        Ok(tree) => text.push_str(&String::from_utf8_lossy(&tree)),
        Err(error) => text.push_str(&style.render(&error.report())),
    }
    text
}

fn check(path: &Path) {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let source = fs::read_to_string(path).expect("the input is there");
    let found = if file.starts_with("error_") {
        let sections: Vec<String> =
            source.split("====\n").map(|section| format!("{section}---\n{}", dump(file, section.as_bytes()))).collect();
        sections.join("====\n")
    } else {
        dump(file, source.as_bytes())
    };
    let expected = path.with_file_name(format!("{file}.expected"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &found).expect("the expectation can be written");
    }
    let expected = fs::read_to_string(&expected).unwrap_or_default();
    assert!(expected == found, "{file}: found\n{found}");
}

#[test]
fn files_parse_as_expected() {
    let mut inputs: Vec<PathBuf> = fs::read_dir(data())
        .expect("the data are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "ml" || e == "mli"))
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty());
    for input in inputs {
        check(&input);
    }
}

/// The file as source text again, which parses to the same text.
fn reprinted(file: &str, source: &[u8]) -> Option<String> {
    let name = Name::new(file);
    if file.ends_with('i') {
        parse_interface(name, source, ParseOptions::default()).result.ok().map(|tree| pprintast::signature(&tree))
    } else {
        parse_implementation(name, source, ParseOptions::default()).result.ok().map(|tree| pprintast::structure(&tree))
    }
}

#[test]
fn trees_print_as_source_text() {
    let mut printed = 0;
    for entry in fs::read_dir(data()).expect("the data are there") {
        let path = entry.expect("the data can be listed").path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !(file.ends_with(".ml") || file.ends_with(".mli")) || file.starts_with("error_") {
            continue;
        }
        let source = fs::read(&path).expect("the input is there");
        let found = reprinted(&file, &source).expect("it is well formed");
        let expected = path.with_file_name(format!("{file}.source"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).expect("the expectation can be written");
        }
        assert!(fs::read_to_string(&expected).unwrap_or_default() == found, "{file}: found\n{found}");
        printed += 1;
    }
    assert!(printed > 3);
}

#[test]
fn deep_nesting_is_no_crash() {
    const DEPTH: usize = 100_000;
    let nested = |open: &str, middle: &str, close: &str| {
        format!("let x = {}{middle}{}", open.repeat(DEPTH), close.repeat(DEPTH))
    };
    let sources = [
        nested("(", "1", ")"),
        nested("[", "", "]"),
        nested("1 :: ", "[]", ""),
        nested("f (fun x -> ", "1", ")"),
        nested("- ", "1", ""),
        nested("(", "", ""),
    ];
    for source in sources {
        deep::on_deep_stack(|| {
            drop(parse_implementation(Name::new("deep.ml"), source.as_bytes(), ParseOptions::default()));
        });
    }
}

#[test]
fn phrases_are_parsed_one_by_one() {
    let source = b"let x = 1;;\n#show x;;\nlet = ;;\nx + 1;;";
    let mut position = rocaml_base::Position { file: Name::new("//toplevel//"), line: 1, bol: 0, cnum: 0 };
    let mut outcomes = Vec::new();
    loop {
        let (parsed, next) = parse_toplevel_phrase(source, position, ParseOptions::default());
        match parsed.result {
            Ok(None) => break,
            Ok(Some(phrase)) => outcomes.push(printast::toplevel_phrase(&phrase, true).len() > 10),
            Err(_) => outcomes.push(false),
        }
        position = next;
    }
    assert_eq!(outcomes, [true, true, false, true]);
}
