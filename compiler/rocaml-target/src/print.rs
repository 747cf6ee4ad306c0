//! The table as a user sees it: aligned text, and JSON for tools.

use crate::{Missing, TARGETS, Target};

const HEADINGS: [&str; 6] = ["target", "also accepted", "tier", "links", "C library", "missing"];

/// The table for people. `default` is marked with a star.
pub fn print_table(default: &Target) -> String {
    let rows: Vec<[String; 6]> = TARGETS.iter().map(|target| columns(target, target.name == default.name)).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let mut text = String::new();
    push_row(&mut text, &HEADINGS.map(str::to_string), &widths);
    for row in &rows {
        push_row(&mut text, row, &widths);
    }
    text.push_str("* compiled for when no -target is given; planned targets are refused\n");
    text
}

fn columns(target: &Target, is_default: bool) -> [String; 6] {
    [
        format!("{}{}", target.name, if is_default { "*" } else { "" }),
        target.aliases.first().copied().unwrap_or_default().to_string(),
        target.tier.words().to_string(),
        target.link_kind.words().to_string(),
        target.libc.words(),
        missing_words(target.missing),
    ]
}

fn missing_words(missing: &[Missing]) -> String {
    missing.iter().map(|m| m.words()).collect::<Vec<_>>().join(", ")
}

fn push_row(text: &mut String, cells: &[String; 6], widths: &[usize; 6]) {
    let line: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    text.push_str(line.join("  ").trim_end());
    text.push('\n');
}

/// The table for tools: an array of objects, one per row, one line each.
pub fn print_json(default: &Target) -> String {
    let rows: Vec<String> = TARGETS.iter().map(|target| json_row(target, target.name == default.name)).collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

fn json_row(target: &Target, is_default: bool) -> String {
    let fields = [
        ("name", json_string(target.name)),
        ("aliases", json_strings(target.aliases.iter().copied())),
        ("llvm_triple", json_string(target.llvm_triple)),
        ("default", is_default.to_string()),
        ("usable", target.is_usable().to_string()),
        ("tier", json_string(target.tier.words())),
        ("missing", json_strings(target.missing.iter().map(|m| m.words()))),
        ("arch", json_string(target.arch.name())),
        ("os", json_string(target.os.name())),
        ("word_bits", (target.word_bytes() * 8).to_string()),
        ("big_endian", (target.endian() == crate::Endian::Big).to_string()),
        ("links", json_string(target.link_kind.words())),
        ("libc", json_string(&target.libc.words())),
        ("runner", json_string(target.runner.words())),
        ("host_tools", target.host_tools.to_string()),
    ];
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("  {{{}}}", fields.join(", "))
}

fn json_strings<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.map(json_string).collect::<Vec<_>>().join(", "))
}

/// Quotes a string of the table, which is plain ASCII without quotes or backslashes.
fn json_string(text: &str) -> String {
    debug_assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\'));
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_a_line_per_row_and_marks_the_default() {
        let default = Target::lookup("s390x-linux").expect("a row");
        let text = print_table(default);
        assert_eq!(text.lines().count(), TARGETS.len() + 2);
        assert!(text.contains("s390x-linux-musl*"));
    }

    #[test]
    fn json_names_every_row() {
        let text = print_json(Target::host());
        for target in TARGETS {
            assert!(text.contains(&format!("{{\"name\": \"{}\"", target.name)));
        }
        assert_eq!(text.matches("\"default\": true").count(), 1);
    }
}
