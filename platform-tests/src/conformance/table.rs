//! The table that a run ends with: one line per folder, totals per class, reasons of what was skipped.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Agreement, Class, Report, Status, Test};

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    reasons: BTreeMap<String, usize>,
    blocks: Blocks,
}

#[derive(Default)]
struct Blocks {
    same: usize,
    types: usize,
    different: usize,
}

impl Blocks {
    fn total(&self) -> usize {
        self.same + self.types + self.different
    }
}

impl Counts {
    fn add(&mut self, report: &Report) {
        match &report.status {
            Status::Passed => self.passed += 1,
            Status::Failed(_) => self.failed += 1,
            Status::Skipped(why) => {
                self.skipped += 1;
                *self.reasons.entry(why.clone()).or_default() += 1;
            }
        }
        for block in &report.blocks {
            match block.agreement {
                Agreement::Same => self.blocks.same += 1,
                Agreement::SameTypes => self.blocks.types += 1,
                Agreement::Different => self.blocks.different += 1,
            }
        }
    }

    /// Reasons with their counts, the most frequent first.
    fn reasons(&self) -> String {
        let mut reasons: Vec<(&String, &usize)> = self.reasons.iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let words: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        words.join(", ")
    }

    fn blocks_column(&self) -> String {
        match self.blocks.total() {
            0 => String::new(),
            total => format!("{}/{total}", self.blocks.same),
        }
    }
}

/// The whole table.
pub fn render(tests: &[Test], reports: &[Report]) -> String {
    let mut folders: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut classes: BTreeMap<Class, Counts> = BTreeMap::new();
    for (test, report) in tests.iter().zip(reports) {
        folders.entry(test.folder()).or_default().add(report);
        classes.entry(test.class).or_default().add(report);
    }
    let width = folders.keys().map(|name| name.len()).max().unwrap_or(0).max("directory".len());
    let mut text = String::new();
    let heading = ["passed", "failed", "skipped", "blocks", "skipped because of"];
    line(&mut text, "directory", width, heading.map(str::to_string));
    for (name, counts) in &folders {
        line(&mut text, name, width, columns(counts));
    }
    text.push('\n');
    line(&mut text, "class", width, heading.map(str::to_string));
    for class in Class::ALL {
        if let Some(counts) = classes.get(&class) {
            line(&mut text, class.name(), width, columns(counts));
        }
    }
    if let Some(blocks) = classes.get(&Class::Expect).map(|counts| &counts.blocks).filter(|blocks| blocks.total() > 0) {
        let share = |count: usize| 100.0 * count as f64 / blocks.total() as f64;
        _ = writeln!(
            text,
            "\n{} blocks: {} identical ({:.1} %), {} identical but for values that were not evaluated ({:.1} %), {} differ",
            blocks.total(),
            blocks.same,
            share(blocks.same),
            blocks.types,
            share(blocks.types),
            blocks.different
        );
    }
    text
}

fn columns(counts: &Counts) -> [String; 5] {
    let number = |count: usize| if count == 0 { "·".to_string() } else { count.to_string() };
    [number(counts.passed), number(counts.failed), number(counts.skipped), counts.blocks_column(), counts.reasons()]
}

fn line(text: &mut String, name: &str, width: usize, columns: [String; 5]) {
    let [passed, failed, skipped, blocks, reasons] = columns;
    let line = format!("{name:width$} {passed:>7} {failed:>7} {skipped:>7} {blocks:>10}  {reasons}");
    text.push_str(line.trim_end());
    text.push('\n');
}
