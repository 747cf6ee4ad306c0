//! `test`: everything that is tested, in one go; with `--target`, the platform tests of some rows alone.

use std::path::PathBuf;

use platform_tests::suite::{self, Outcome as TestOutcome, Suite};
use platform_tests::{cli, smoke};
use rocaml_target::Target;
use sysroots::{Build, builtins, runtime_tests};

use crate::stages::{Stages, detail};
use crate::{Outcome, conformance, fuzz_frontend, jobs, root, setup, tidy, toolchain};

pub fn run(names: &[String], filter: Option<&str>) -> Outcome {
    let rows = toolchain::selected_rows(names)?;
    let everything = names.is_empty() && filter.is_none();
    let mut stages = Stages::new(toolchain::stage_count(rows.len()) + if everything { C_STAGES + 6 } else { 2 });
    let mut counts = Counts::default();
    let result = all(&mut stages, &rows, filter, everything, &mut counts);
    stages.summary();
    let failed = counts.failed.max(usize::from(result.is_err()));
    println!("{} passed, {failed} failed, {} skipped", counts.passed, counts.skipped);
    Ok(result?)
}

/// Tests of all kinds, added up.
#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, name: &str, outcome: &TestOutcome) {
        match outcome {
            TestOutcome::Passed => self.passed += 1,
            TestOutcome::Skipped(_) => self.skipped += 1,
            TestOutcome::Failed(why) => {
                self.failed += 1;
                eprintln!("FAILED {name}: {why}");
            }
        }
    }

    /// The note of a stage that has these tests.
    fn note(self, total: &mut Counts) -> Result<String, String> {
        total.passed += self.passed;
        total.failed += self.failed;
        total.skipped += self.skipped;
        let note = format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
        if self.failed > 0 { Err(note) } else { Ok(note) }
    }
}

/// The C tests alone.
pub fn run_c() -> Outcome {
    let mut stages = Stages::new(C_STAGES);
    let result =
        toolchain::selected_rows(&[]).map_err(|error| error.to_string()).and_then(|rows| c_tests(&mut stages, &rows));
    stages.summary();
    Ok(result?)
}

const C_STAGES: usize = 5;

fn c_tests(stages: &mut Stages, rows: &[&'static Target]) -> Result<(), String> {
    let build = Build::new(&root(), jobs(), &detail);
    stages.run("packages for tests", setup::ensure)?;
    stages.run("linker for tests", || toolchain::linker(&toolchain::tree(), &build))?;
    stages.run("arithmetic of builtins", || builtins::test(&build))?;
    stages.run("runtime's C tests", || runtime_tests::run(&build))?;
    stages.run("sysroots", || c_programs(&build, rows))
}

/// Every stage that does not need the one that failed still runs: one run shows all that is wrong.
fn all(
    stages: &mut Stages,
    rows: &[&'static Target],
    filter: Option<&str>,
    everything: bool,
    counts: &mut Counts,
) -> Result<(), String> {
    let mut results = Vec::new();
    if everything {
        results.push(stages.run("tidy", || tidy::check().map(|files| format!("{files} files"))));
        c_tests(stages, rows)?;
    }
    toolchain::build(stages, rows)?;
    if everything {
        // After the compilers, whose packages are then compiled already.
        results.push(stages.run("cargo test", || cargo_test(counts)));
        results.push(stages.run("mutated and nested programs", fuzz_frontend::stage));
    }
    if everything {
        results.push(stages.run("upstream's tests", || upstream_tests(counts)));
    }
    results.push(stages.run("command line", || command_line(filter, counts)));
    results.push(stages.run("platform tests", || platform_tests(rows, filter, counts)));
    let failures: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// A subset of upstream's own suite, where its sources can be had: a machine without the package counts it as skipped.
fn upstream_tests(counts: &mut Counts) -> Result<String, String> {
    match conformance::subset()? {
        conformance::Subset::NoSource(why) => {
            counts.skipped += 1;
            let why = why.lines().next().unwrap_or_default();
            Ok(format!("skipped: upstream's sources cannot be had: {why}"))
        }
        conformance::Subset::Ran { passed, failed, skipped } => Counts { passed, failed, skipped }.note(counts),
    }
}

/// The workspace's own tests, in one cargo invocation.
fn cargo_test(counts: &mut Counts) -> Result<String, String> {
    let mut command = toolchain::cargo_for_compilers("test", Target::host());
    let output = command
        .args(["--workspace", "--exclude", "xtask", "--no-fail-fast"])
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found = Counts::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        // `ok. 3 passed; 0 failed; 1 ignored; …`
        let number = |what: &str| {
            let before = line.split(what).next().unwrap_or_default().trim_end();
            before.rsplit(' ').next().and_then(|word| word.parse::<usize>().ok()).unwrap_or(0)
        };
        found.passed += number("passed");
        found.failed += number("failed");
        found.skipped += number("ignored");
    }
    if output.status.success() {
        return found.note(counts);
    }
    let failed_tests = text.lines().filter(|line| line.ends_with("... FAILED") || line.contains("panicked at"));
    failed_tests.for_each(|line| eprintln!("{line}"));
    eprintln!("{}", last_lines(&String::from_utf8_lossy(&output.stderr), 40));
    found.failed = found.failed.max(1);
    found.note(counts)
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A C program for each row shows that sysroot, link and runner agree, before any OCaml is involved.
fn c_programs(build: &Build, rows: &[&'static Target]) -> Result<String, String> {
    let linker = toolchain::tree().tools_dir().join(linkers::BUNDLED_LLD);
    for target in rows {
        smoke::run(build, target, &linker).map_err(|error| error.to_string())?;
    }
    Ok(format!("{} rows run C", rows.len()))
}

fn suite_folder() -> PathBuf {
    root().join("platform-tests/suite")
}

fn new_suite() -> Suite {
    Suite { compiler: toolchain::tree().compiler(), scratch: root().join("target/platform-tests"), jobs: jobs() }
}

fn sessions_folder() -> PathBuf {
    root().join("platform-tests/cli")
}

fn sessions_place() -> cli::Place {
    cli::Place { prefix: toolchain::tree().prefix, scratch: root().join("target/platform-tests/cli") }
}

/// Sessions with the compiler on this machine's row.
fn command_line(filter: Option<&str>, counts: &mut Counts) -> Result<String, String> {
    let place = sessions_place();
    let mut found = Counts::default();
    for session in cli::find(&sessions_folder(), filter)? {
        found.add(&session.name, &session.check(&place));
    }
    found.note(counts)
}

fn platform_tests(rows: &[&'static Target], filter: Option<&str>, counts: &mut Counts) -> Result<String, String> {
    let tests = suite::find(&suite_folder(), filter)?;
    let results = new_suite().run(rows, &tests, &detail);
    let mut found = Counts::default();
    for ((row, test), outcome) in &results {
        found.add(&format!("{} on {}", tests[*test].name, rows[*row].name), outcome);
    }
    found.note(counts)
}

/// Rewrites expected outputs from the host's row.
pub fn bless(filter: Option<&str>) -> Outcome {
    let tests = suite::find(&suite_folder(), filter)?;
    let mut changed = new_suite().bless(Target::host(), &tests)?;
    let sessions = cli::find(&sessions_folder(), filter)?;
    for session in &sessions {
        if session.bless(&sessions_place())? {
            changed.push(session.path.display().to_string());
        }
    }
    changed.iter().for_each(|path| println!("wrote {path}"));
    println!("{} of {} tests changed", changed.len(), tests.len() + sessions.len());
    Ok(())
}
