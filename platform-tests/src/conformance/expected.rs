//! The list of tests that are known to fail, each with a reason.
//!
//! A line is a test, or a block of one, and the reason; `#` opens a remark:
//!
//! ```text
//! typing-misc/example.ml      prints a name otherwise
//! typing-misc/other.ml#3,7    two of its blocks need an evaluator
//! ```
//! A listed test (or block) that passes is an error, and so is one that fails and is not listed. With a row in brackets
//! before the reason (`[s390x-linux-musl]`), or several with commas between, a line is about these alone.

use std::collections::BTreeMap;

use super::{Agreement, Report, Status, Test};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedFailures {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The blocks that differ; none for the test as a whole.
    blocks: Vec<usize>,
    /// The rows that it is about, with commas between; none for all.
    row: Option<String>,
    reason: String,
}

impl Entry {
    fn is_about(&self, row: &str) -> bool {
        self.row.as_ref().is_none_or(|rows| rows.split(',').any(|named| named.trim() == row))
    }
}

/// How a test compares with the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    AsExpected,
    /// Fails, and is listed with this reason.
    KnownFailure(String),
    /// Fails, or differs in blocks, that are not listed.
    UnexpectedFailure,
    /// Listed, but the test or these blocks pass.
    UnexpectedPass(Vec<usize>),
}

impl ExpectedFailures {
    pub fn parse(text: &str) -> Result<ExpectedFailures, String> {
        let mut entries = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let explain = |what: &str| format!("expected failures, line {}: {what}", index + 1);
            let (what, reason) = line.split_once(char::is_whitespace).ok_or_else(|| explain("no reason is given"))?;
            let (name, numbers) = what.split_once('#').unwrap_or((what, ""));
            let numbers: Result<Vec<usize>, _> =
                numbers.split(',').filter(|number| !number.is_empty()).map(str::parse).collect();
            let blocks = numbers.map_err(|_| explain("blocks are numbers separated by commas"))?;
            let reason = reason.trim();
            let (row, reason) = match reason.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((row, reason)) => (Some(row.to_string()), reason.trim()),
                None => (None, reason),
            };
            let entry = Entry { blocks, row, reason: reason.to_string() };
            if entries.insert(name.to_string(), entry).is_some() {
                return Err(explain("the test is listed twice"));
            }
        }
        Ok(ExpectedFailures { entries })
    }

    /// Compares what became of a test on a row with the list.
    pub fn verdict(&self, row: &str, test: &Test, report: &Report) -> Verdict {
        let entry = self.entries.get(&test.name).filter(|entry| entry.is_about(row));
        let failed = matches!(report.status, Status::Failed(_));
        let Some(entry) = entry else {
            return if failed { Verdict::UnexpectedFailure } else { Verdict::AsExpected };
        };
        if matches!(report.status, Status::Skipped(_)) && report.blocks.is_empty() {
            return Verdict::AsExpected;
        }
        if entry.blocks.is_empty() {
            return if failed {
                Verdict::KnownFailure(entry.reason.clone())
            } else {
                Verdict::UnexpectedPass(Vec::new())
            };
        }
        let different = differing(report);
        let fixed: Vec<usize> = entry.blocks.iter().copied().filter(|number| !different.contains(number)).collect();
        if different.iter().any(|number| !entry.blocks.contains(number)) || different.is_empty() && failed {
            Verdict::UnexpectedFailure
        } else if !fixed.is_empty() {
            Verdict::UnexpectedPass(fixed)
        } else {
            Verdict::KnownFailure(entry.reason.clone())
        }
    }

    /// The list as it would have to be for these reports, reasons kept where there are some. Tests that were not run
    /// keep their lines.
    pub fn updated(&self, row: &str, tests: &[Test], reports: &[Report]) -> String {
        let mut entries = self.entries.clone();
        for (test, report) in tests.iter().zip(reports) {
            let known = entries.get(&test.name);
            if known.is_some_and(|entry| !entry.is_about(row)) {
                continue;
            }
            match &report.status {
                Status::Failed(why) => {
                    let reason = known.map_or_else(|| first_line(why), |entry| entry.reason.clone());
                    let row = known.and_then(|entry| entry.row.clone());
                    entries.insert(test.name.clone(), Entry { blocks: differing(report), row, reason });
                }
                Status::Passed => _ = entries.remove(&test.name),
                Status::Skipped(_) if !report.blocks.is_empty() => _ = entries.remove(&test.name),
                Status::Skipped(_) => {}
            }
        }
        let mut text = HEADING.to_string();
        for (name, entry) in &entries {
            let numbers: Vec<String> = entry.blocks.iter().map(usize::to_string).collect();
            let mark = if numbers.is_empty() { "" } else { "#" };
            let row = entry.row.as_ref().map(|row| format!("[{row}] ")).unwrap_or_default();
            text.push_str(&format!("{name}{mark}{} {row}{}\n", numbers.join(","), entry.reason));
        }
        text
    }
}

const HEADING: &str = "# Tests of upstream's suite that fail, each with the reason.\n\
                       # The form is described in platform-tests/src/conformance/expected.rs;\n\
                       # `cargo xtask conformance --update` rewrites the list and keeps the reasons.\n";

fn differing(report: &Report) -> Vec<usize> {
    let different = report.blocks.iter().filter(|block| block.agreement == Agreement::Different);
    different.map(|block| block.number).collect()
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{BlockReport, Class, tsl};
    use super::*;

    fn test(name: &str) -> Test {
        Test { name: name.into(), path: name.into(), block: tsl::Block::default(), class: Class::Run }
    }

    fn report(status: Status, different: &[usize]) -> Report {
        let block = |number: &usize| BlockReport { number: *number, line: 1, agreement: Agreement::Different };
        Report { status, blocks: different.iter().map(block).collect(), time: Default::default() }
    }

    #[test]
    fn what_is_listed_must_fail_and_the_rest_must_not() {
        let list =
            ExpectedFailures::parse("# remark\na/x.ml why\nb/y.ml#2,3  [another,row] because\n").expect("a list");
        let failed = || Status::Failed("no".into());
        let verdict = |name: &str, report: &Report| list.verdict("row", &test(name), report);
        assert_eq!(verdict("a/x.ml", &report(failed(), &[])), Verdict::KnownFailure("why".into()));
        assert_eq!(verdict("a/x.ml", &report(Status::Passed, &[])), Verdict::UnexpectedPass(vec![]));
        assert_eq!(verdict("a/z.ml", &report(failed(), &[])), Verdict::UnexpectedFailure);
        assert_eq!(verdict("b/y.ml", &report(failed(), &[2, 3])), Verdict::KnownFailure("because".into()));
        assert_eq!(verdict("b/y.ml", &report(failed(), &[2])), Verdict::UnexpectedPass(vec![3]));
        assert_eq!(verdict("b/y.ml", &report(failed(), &[2, 3, 4])), Verdict::UnexpectedFailure);
        assert_eq!(list.verdict("other", &test("b/y.ml"), &report(failed(), &[2, 3])), Verdict::UnexpectedFailure);
        assert!(ExpectedFailures::parse("a/x.ml\n").is_err());
    }

    #[test]
    fn updating_keeps_reasons() {
        let list = ExpectedFailures::parse("a.ml why\nb.ml gone\nc.ml not run\n").expect("a list");
        let tests = [test("a.ml"), test("b.ml"), test("d.ml")];
        let reports = [
            report(Status::Failed("x".into()), &[4]),
            report(Status::Passed, &[]),
            report(Status::Failed("new\nmore".into()), &[]),
        ];
        let text = list.updated("row", &tests, &reports);
        assert_eq!(text.strip_prefix(HEADING), Some("a.ml#4 why\nc.ml not run\nd.ml new\n"));
    }
}
