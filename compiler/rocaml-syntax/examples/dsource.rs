//! Prints files as upstream's `-dsource` does: `dsource --to DIR FILE…` writes `DIR/<file>.txt`
//! for each, its name with `@` for `/`; without `--to`, to standard output.

use rocaml_base::Name;
use rocaml_syntax::{ParseOptions, deep, parse_implementation, parse_interface, pprintast};

fn dump(file: &str) -> Option<String> {
    let source = std::fs::read(file).ok()?;
    let (name, options) = (Name::new(file), ParseOptions { docstrings: true, ..ParseOptions::default() });
    if file.ends_with('i') {
        parse_interface(name, &source, options).result.ok().map(|tree| pprintast::signature(&tree))
    } else {
        parse_implementation(name, &source, options).result.ok().map(|tree| pprintast::structure(&tree))
    }
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
            let text = dump(file).unwrap_or_default();
            match &target {
                Some(target) => std::fs::write(format!("{target}/{}.txt", file.replace('/', "@")), text)
                    .expect("the target can be written"),
                None => print!("{text}"),
            }
        }
    });
}
