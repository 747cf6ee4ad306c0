//! Prints the parse trees of files, as upstream's `-dparsetree`, and what is wrong with them.
//!
//! `dparsetree FILE…` prints to standard output and standard error. `dparsetree --to DIR FILE…`
//! writes `DIR/<file>.txt` for each file, its name with `@` for `/`: warnings and errors, then the
//! tree.

use std::io::Write;

use rocaml_base::Name;
use rocaml_diag::{Report, Style, WarningState};
use rocaml_syntax::{ParseOptions, deep, parse_implementation, parse_interface, printast};

fn dump(file: &str) -> (String, Vec<u8>) {
    let source = std::fs::read(file).unwrap_or_default();
    let options = ParseOptions::default();
    let name = Name::new(file);
    let (result, warnings) = if file.ends_with("i") {
        let parsed = parse_interface(name, &source, options);
        (parsed.result.map(|tree| printast::interface(&tree, true)), parsed.warnings)
    } else {
        let parsed = parse_implementation(name, &source, options);
        (parsed.result.map(|tree| printast::implementation(&tree, true)), parsed.warnings)
    };
    let style = Style { source: Some((file, &source)), ..Style::default() };
    let mut state = WarningState::default();
    state.parse_options(false, "+50-3").expect("the specification is well formed");
    let reports = warnings.iter().filter_map(|(loc, warning)| Report::warning(&state, *loc, warning));
    let mut messages: Vec<String> = reports.map(|report| style.render(&report)).collect();
    let tree = result.unwrap_or_else(|error| {
        messages.push(style.render(&error.report()));
        Vec::new()
    });
    (messages.join("\n"), tree)
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let target = if arguments.first().is_some_and(|a| a == "--to") {
        Some(arguments.drain(..2).nth(1).unwrap_or_default())
    } else {
        None
    };
    deep::on_deep_stack(|| {
        for file in &arguments {
            let (messages, mut tree) = dump(file);
            if let Some(target) = &target {
                tree.push(b'\n');
                let text = [messages.as_bytes(), &tree].concat();
                let path = format!("{target}/{}.txt", file.replace('/', "@"));
                std::fs::write(path, text).expect("the target can be written");
            } else {
                eprint!("{messages}");
                let _ = std::io::stdout().write_all(&tree);
            }
        }
    });
}
