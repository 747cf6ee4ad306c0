//! `conformance`: upstream's own test suite on our tools, with a table at the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use platform_tests::conformance::expected::{ExpectedFailures, Verdict};
use platform_tests::conformance::{self, Report, Status, Test, World, source, table};
use rocaml_target::Target;
use sysroots::Build;
use sysroots::compile::CLANG;

use crate::stages::detail;
use crate::{Outcome, jobs, root, toolchain};

#[derive(clap::Args)]
pub struct Options {
    /// Upstream's sources: a tarball or a folder; by default the source package is fetched with apt
    #[arg(long, value_name = "PATH")]
    source: Option<PathBuf>,
    /// Only tests whose path contains this text; may be repeated
    #[arg(long, value_name = "DIR|FILE")]
    filter: Vec<String>,
    /// Only tests of this class: run, compile, expect, toplevel or other; may be repeated
    #[arg(long)]
    class: Vec<String>,
    /// The row whose programs are compiled and run
    #[arg(long)]
    row: Option<String>,
    /// The compiler; by default the one of `target/toolchain`, built first
    #[arg(long, value_name = "FILE")]
    compiler: Option<PathBuf>,
    /// The program that answers expectation blocks; by default `rocaml-expect` beside the compiler, else it is built
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// A folder with ocamllex and ocamlyacc, for the tests that need them
    #[arg(long, value_name = "DIR")]
    tools: Option<PathBuf>,
    /// Show what is wrong with every test that fails, not only with those that should not
    #[arg(long)]
    show: bool,
    /// Name every test with what became of it
    #[arg(short, long)]
    verbose: bool,
    /// How many tests run at once
    #[arg(long)]
    jobs: Option<usize>,
    /// Rewrite the list of expected failures
    #[arg(long)]
    update: bool,
}

/// Folders of upstream's suite that `test` runs: language, library, diagnostics and expectations, in well under a minute.
const SUBSET: [&str; 10] = [
    "basic/",
    "basic-more/",
    "effects/",
    "letrec-compilation/",
    "lib-format/",
    "match-exception/",
    "typing-fstclassmod/",
    "typing-labeled-tuples/",
    "typing-misc/",
    "warnings/",
];

/// What became of the subset that `test` runs.
pub enum Subset {
    /// The sources cannot be had on this machine.
    NoSource(String),
    Ran {
        passed: usize,
        failed: usize,
        skipped: usize,
    },
}

/// Runs the subset with the compiler of `target/toolchain`; a test that is as `expected-failures.txt` says passes.
pub fn subset() -> Result<Subset, String> {
    let upstream = match source::obtain(None, &scratch()) {
        Ok(upstream) => upstream,
        Err(why) => return Ok(Subset::NoSource(why)),
    };
    let target = Target::host();
    let mut world = World::new(&upstream, &toolchain::tree().compiler(), target, &scratch())?;
    world.expect = Some(toolchain::expect_program()?);
    let filters: Vec<String> = SUBSET.iter().map(|folder| folder.to_string()).collect();
    let mut tests = conformance::find(&upstream, &filters)?;
    tests.retain(|test| SUBSET.iter().any(|folder| test.name.starts_with(folder)));
    let reports = conformance::run(&world, &tests, jobs(), &detail);
    let expected = expected()?;
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (test, report) in tests.iter().zip(&reports) {
        let verdict = expected.verdict(target.name, test, report);
        match (&verdict, &report.status) {
            (Verdict::UnexpectedFailure | Verdict::UnexpectedPass(_), _) => {
                failed += 1;
                complain(test, report, &verdict);
            }
            (Verdict::AsExpected, Status::Skipped(_)) => skipped += 1,
            _ => passed += 1,
        }
    }
    Ok(Subset::Ran { passed, failed, skipped })
}

fn complain(test: &Test, report: &Report, verdict: &Verdict) {
    match (verdict, &report.status) {
        (Verdict::UnexpectedPass(_), _) => {
            eprintln!("FAILED {}: passes, and is listed in expected-failures.txt", test.name);
        }
        (_, Status::Failed(why)) => eprintln!("FAILED {}: {why}", test.name),
        _ => {}
    }
}

/// The command that compiles C for a row, where the compiler and headers that sysroots are built with are there.
fn c_compiler(target: &Target) -> Option<String> {
    let found = Command::new(CLANG).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        return None;
    }
    let build = Build::new(&root(), jobs(), &detail);
    let mut words = vec![CLANG.to_string()];
    words.extend(sysroots::target_flags(target));
    words.extend(sysroots::runtime::include_flags(&build, target, &build.layout(target)));
    Some(words.join(" "))
}

fn scratch() -> PathBuf {
    root().join("target/conformance")
}

fn expected_path() -> PathBuf {
    root().join("platform-tests/conformance/expected-failures.txt")
}

fn expected() -> Result<ExpectedFailures, String> {
    let path = expected_path();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    ExpectedFailures::parse(&text)
}

pub fn run(options: &Options) -> Outcome {
    let target = match &options.row {
        Some(name) => Target::lookup(name)?,
        None => Target::host(),
    };
    let upstream = source::obtain(options.source.as_deref(), &scratch())?;
    let compiler = match &options.compiler {
        Some(compiler) => compiler.clone(),
        None => {
            toolchain::run(&[target.name.to_string()])?;
            toolchain::tree().compiler()
        }
    };
    let mut world = World::new(&upstream, &compiler, target, &scratch())?;
    world.tools.clone_from(&options.tools);
    world.expect = Some(expect_program(options.expect.as_ref(), &compiler)?);
    world.cc = c_compiler(target);
    let mut tests = conformance::find(&upstream, &options.filter)?;
    let is_wanted = |test: &Test| options.class.is_empty() || options.class.iter().any(|c| c == test.class.name());
    tests.retain(is_wanted);
    if tests.is_empty() {
        return Err("no test is selected".into());
    }
    let reports = conformance::run(&world, &tests, options.jobs.unwrap_or_else(jobs), &detail);
    if options.update {
        let text = expected()?.updated(target.name, &tests, &reports);
        std::fs::write(expected_path(), text)?;
    }
    let expected = expected()?;
    let mut wrong = 0;
    for (test, report) in tests.iter().zip(&reports) {
        let verdict = expected.verdict(target.name, test, report);
        wrong += usize::from(!tell(options, test, report, &verdict));
    }
    print!("\n{}", table::render(&tests, &reports));
    if wrong > 0 {
        return Err(format!("{wrong} tests are not as expected-failures.txt says").into());
    }
    Ok(())
}

/// The program named, the one beside the compiler, or one that is built here.
fn expect_program(named: Option<&PathBuf>, compiler: &Path) -> Result<PathBuf, String> {
    let beside = compiler.with_file_name(toolchain::EXPECT);
    match named {
        Some(program) => std::path::absolute(program).map_err(|error| error.to_string()),
        None if beside.exists() => std::path::absolute(beside).map_err(|error| error.to_string()),
        None => toolchain::expect_program(),
    }
}

/// Says what became of a test, as far as that is asked for; false if it is not as expected.
fn tell(options: &Options, test: &Test, report: &Report, verdict: &Verdict) -> bool {
    let name = &test.name;
    if options.verbose {
        let what = match &report.status {
            Status::Passed => "passed".to_string(),
            Status::Skipped(why) => format!("skipped: {why}"),
            Status::Failed(_) => "failed".to_string(),
        };
        println!("{name}: {what} ({:.1} s)", report.time.as_secs_f64());
    }
    if let (Status::Failed(why), true) = (&report.status, options.show || *verdict == Verdict::UnexpectedFailure) {
        let lines: Vec<&str> = why.lines().collect();
        let shown = if options.show { lines.len() } else { lines.len().min(1) };
        println!("FAILED {name} [{}]: {}", test.class.name(), lines[..shown].join("\n  "));
    }
    match verdict {
        Verdict::AsExpected | Verdict::KnownFailure(_) => true,
        Verdict::UnexpectedFailure => false,
        Verdict::UnexpectedPass(blocks) => {
            let numbers: Vec<String> = blocks.iter().map(usize::to_string).collect();
            let what = if numbers.is_empty() { "it".to_string() } else { format!("blocks {}", numbers.join(", ")) };
            println!("PASSED {name} [{}]: {what} should be struck from expected-failures.txt", test.class.name());
            false
        }
    }
}
