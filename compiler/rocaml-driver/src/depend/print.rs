//! The answers as text.

use super::FileDependencies;
use rocaml_base::Name;
use rocaml_depend::{Bound, Names, Node};
use rocaml_diag::format::{BoxKind, Formatter};
use std::fmt::Write;

/// Where a rule's line of targets ends.
const MARGIN: usize = 77;

/// A name as `make` needs it.
fn escaped(name: &str, slashes: bool) -> String {
    let escaped = name.replace(' ', "\\ ");
    if slashes && std::path::MAIN_SEPARATOR == '\\' { escaped.replace('\\', "/") } else { escaped }
}

/// A rule for `make`.
pub fn rule(text: &mut String, one_line: bool, slashes: bool, targets: &[String], dependencies: &[String]) {
    const ESCAPED_END: &str = " \\\n    ";
    let mut column = 0;
    for target in targets {
        if one_line || column + 1 + target.len() <= MARGIN {
            text.push_str(if column == 0 { "" } else { " " });
            column += target.len() + 1;
        } else {
            text.push_str(ESCAPED_END);
            column = target.len() + 4;
        }
        text.push_str(&escaped(target, slashes));
    }
    text.push_str(" :");
    for dependency in dependencies {
        text.push_str(if one_line { " " } else { ESCAPED_END });
        text.push_str(&escaped(dependency, slashes));
    }
    text.push('\n');
}

/// A file and the units that it refers to.
pub fn raw(text: &mut String, slashes: bool, file: &FileDependencies) {
    text.push_str(&escaped(&file.file, slashes));
    text.push(':');
    for unit in &file.units {
        // Names of units only, and none made up.
        if unit.as_bytes().first().is_some_and(|c| c.is_ascii_uppercase() || *c >= 0x80) {
            // A `String` takes all that is written.
            let _ = write!(text, " {unit}");
        }
    }
    text.push('\n');
}

/// `-debug-map`: the units that a file depends on, and the modules that it consists of.
pub fn map(file: &str, units: &Names, unit: Name, node: &Node) -> String {
    let mut f = Formatter::new();
    f.open_box(BoxKind::V, 0);
    f.print_string(&format!("{file}:"));
    units.iter().for_each(|name| f.print_string(&format!(" {name}")));
    module(&mut f, units, unit, node);
    f.close_box();
    f.newline();
    f.finish()
}

fn modules(f: &mut Formatter, known: &Names, map: &Bound) {
    map.iter().for_each(|(name, node)| module(f, known, name, node));
}

fn module(f: &mut Formatter, known: &Names, name: Name, node: &Node) {
    f.space();
    match node.free.difference(known).next() {
        Some(unit) => f.print_string(&format!("module {name} = {unit}")),
        None => {
            f.open_box(BoxKind::Hv, 2);
            f.print_string(&format!("module {name} : sig"));
            modules(f, &known.union(&node.free).copied().collect(), &node.map);
            f.print_break(1, -2);
            f.print_string("end");
            f.close_box();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rule;

    #[test]
    fn long_rules_are_broken() {
        let long = "a".repeat(40);
        let mut text = String::new();
        let names = [long.clone(), long.clone()];
        rule(&mut text, false, false, &names, &["b c".to_owned()]);
        rule(&mut text, true, false, &names, &["b c".to_owned()]);
        let expected = format!("{long} \\\n    {long} : \\\n    b\\ c\n{long} {long} : b\\ c\n");
        assert_eq!(text, expected);
    }
}
