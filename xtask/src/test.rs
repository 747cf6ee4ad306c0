//! `test`: everything that is tested, in one go; with `--target`, the platform tests of some rows alone.

use std::path::PathBuf;

use platform_tests::smoke;
use platform_tests::suite::{self, Outcome as TestOutcome, Suite};
use rocaml_target::Target;
use sysroots::{Build, builtins, runtime_tests};

use crate::stages::{Stages, detail};
use crate::{Outcome, jobs, root, setup, tidy, toolchain};

pub fn run(names: &[String], filter: Option<&str>) -> Outcome {
    let rows = toolchain::selected_rows(names)?;
    let everything = names.is_empty() && filter.is_none();
    let mut stages = Stages::new(toolchain::stage_count(rows.len()) + if everything { C_STAGES + 3 } else { 1 });
    let mut counts = (0, 0);
    let result = all(&mut stages, &rows, filter, everything, &mut counts);
    stages.summary();
    println!("{} passed, {} failed", counts.0, counts.1);
    Ok(result?)
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

fn all(
    stages: &mut Stages,
    rows: &[&'static Target],
    filter: Option<&str>,
    everything: bool,
    counts: &mut (usize, usize),
) -> Result<(), String> {
    if everything {
        stages.run("tidy", || tidy::check().map(|files| format!("{files} files")))?;
        stages.run("cargo test", cargo_test)?;
        c_tests(stages, rows)?;
    }
    toolchain::build(stages, rows)?;
    stages.run("platform tests", || platform_tests(rows, filter, counts))
}

/// The workspace's own tests, in one cargo invocation.
fn cargo_test() -> Result<String, String> {
    let output = toolchain::cargo()
        .current_dir(root())
        .args(["test", "--quiet", "--workspace"])
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let passed = text
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<usize>().ok());
    Ok(format!("{} passed", passed.sum::<usize>()))
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

fn platform_tests(
    rows: &[&'static Target],
    filter: Option<&str>,
    counts: &mut (usize, usize),
) -> Result<String, String> {
    let tests = suite::find(&suite_folder(), filter)?;
    let results = new_suite().run(rows, &tests, &detail);
    let (mut passed, mut skipped, mut failed) = (0, 0, 0);
    for ((row, test), outcome) in &results {
        match outcome {
            TestOutcome::Passed => passed += 1,
            TestOutcome::Skipped(_) => skipped += 1,
            TestOutcome::Failed(why) => {
                failed += 1;
                eprintln!("FAILED {} on {}: {why}", tests[*test].name, rows[*row].name);
            }
        }
    }
    *counts = (passed, failed);
    let note = format!("{passed} passed, {failed} failed, {skipped} skipped on {} rows", rows.len());
    if failed > 0 { Err(note) } else { Ok(note) }
}

/// Rewrites expected outputs from the host's row.
pub fn bless(filter: Option<&str>) -> Outcome {
    let tests = suite::find(&suite_folder(), filter)?;
    let changed = new_suite().bless(Target::host(), &tests)?;
    changed.iter().for_each(|path| println!("wrote {path}"));
    println!("{} of {} tests changed", changed.len(), tests.len());
    Ok(())
}
