//! Finds the tests, compiles each for each row, runs it, and compares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rocaml_target::Target;

use crate::directives::Directives;
use crate::process::{self, Finished};
use crate::runner;

/// Seconds for a compilation or a native run, unless a test says otherwise.
const LIMIT_SECONDS: u64 = 30;

/// One program.
pub struct Test {
    /// Path below the suite's folder, without extension.
    pub name: String,
    pub source: PathBuf,
    pub directives: Directives,
}

impl Test {
    fn expected(&self) -> PathBuf {
        self.source.with_extension("expected")
    }

    fn expected_stderr(&self) -> PathBuf {
        self.source.with_extension("stderr")
    }
}

/// What became of one test on one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

/// The suite as it is run.
pub struct Suite {
    pub compiler: PathBuf,
    /// Executables and outputs, one folder per row.
    pub scratch: PathBuf,
    pub jobs: usize,
}

/// The tests below a folder whose name contains `filter`.
pub fn find(folder: &Path, filter: Option<&str>) -> Result<Vec<Test>, String> {
    let files = sysroots::tools::walk(folder).map_err(|error| error.to_string())?;
    let programs = files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "ml"));
    let mut tests = Vec::new();
    for source in programs {
        let name = source.strip_prefix(folder).unwrap_or(&source).with_extension("").to_string_lossy().into_owned();
        if filter.is_some_and(|filter| !name.contains(filter)) {
            continue;
        }
        let text = std::fs::read_to_string(&source).map_err(|error| format!("{}: {error}", source.display()))?;
        let directives = Directives::parse(&text).map_err(|error| format!("{}: {error}", source.display()))?;
        tests.push(Test { name, source, directives });
    }
    Ok(tests)
}

/// Results by row, in the order of the rows, then by test.
pub type Results = BTreeMap<(usize, usize), Outcome>;

impl Suite {
    /// Runs every test on every row, a few at once.
    pub fn run(
        &self,
        rows: &[&'static Target],
        tests: &[Test],
        progress: &(dyn Fn(&str, usize, usize) + Sync),
    ) -> Results {
        let total = rows.len() * tests.len();
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Results::new());
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= total {
                            break;
                        }
                        let (row, test) = (index / tests.len(), index % tests.len());
                        let outcome = self.run_one(rows[row], &tests[test]);
                        let mut results = results.lock().expect("no thread panics");
                        results.insert((row, test), outcome);
                        progress("platform tests", results.len(), total);
                    }
                });
            }
        });
        results.into_inner().expect("no thread panics")
    }

    fn run_one(&self, target: &Target, test: &Test) -> Outcome {
        if let Some(reason) = test.directives.skip_reason(target) {
            return Outcome::Skipped(reason.to_string());
        }
        match self.compile_and_run(target, test).and_then(|finished| compare(test, &finished)) {
            Ok(()) => Outcome::Passed,
            Err(why) => Outcome::Failed(why),
        }
    }

    /// Compiles a test for a row and runs it.
    pub fn compile_and_run(&self, target: &Target, test: &Test) -> Result<Finished, String> {
        let folder = self.scratch.join(target.name).join(test.name.replace('/', "-"));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let executable = self.compile(target, test, &folder)?;
        let started = runner::command(target, &executable, &test.directives.args)?;
        let mut command = Command::new(&started.program);
        command.args(&started.args).current_dir(&folder).env_clear();
        command.envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("TZ", "UTC")]);
        command.envs(test.directives.env.iter().map(|(name, value)| (name, value)));
        let seconds = test.directives.limit.unwrap_or(LIMIT_SECONDS);
        let limit = Duration::from_secs(seconds) * runner::slowdown(target);
        process::run(&mut command, &executable, limit).map_err(|error| format!("cannot run: {error}"))
    }

    fn compile(&self, target: &Target, test: &Test, folder: &Path) -> Result<PathBuf, String> {
        // The source is copied so that locations in outputs name no folder, and compiled files stay here.
        let file = test.source.file_name().expect("a test has a name");
        std::fs::copy(&test.source, folder.join(file)).map_err(|error| format!("cannot copy the test: {error}"))?;
        let executable = folder.join(format!("program{}", target.executable_suffix()));
        let mut command = Command::new(&self.compiler);
        command.current_dir(folder).args(["-target", target.name]).args(&test.directives.flags);
        command.arg("-o").arg(&executable).arg(file);
        let finished = process::run(&mut command, &folder.join("compile"), Duration::from_secs(LIMIT_SECONDS))
            .map_err(|error| format!("cannot run {}: {error}", self.compiler.display()))?;
        if finished.exit == Ok(0) {
            return Ok(executable);
        }
        Err(format!(
            "compilation: {}\n{}",
            exit_words(&finished.exit),
            String::from_utf8_lossy(&finished.stderr).trim_end()
        ))
    }

    /// Writes what the tests print on `target` as what they are expected to print.
    pub fn bless(&self, target: &Target, tests: &[Test]) -> Result<Vec<String>, String> {
        let mut changed = Vec::new();
        for test in tests {
            let finished = self.compile_and_run(target, test).map_err(|why| format!("{}: {why}", test.name))?;
            if finished.exit != Ok(test.directives.exit) {
                return Err(format!("{}: {}; not blessed", test.name, exit_words(&finished.exit)));
            }
            let mut write = |path: PathBuf, contents: &[u8]| {
                if std::fs::read(&path).ok().as_deref() == Some(contents) {
                    return Ok(());
                }
                changed.push(path.display().to_string());
                std::fs::write(&path, contents).map_err(|error| format!("{}: {error}", path.display()))
            };
            write(test.expected(), &finished.stdout)?;
            if test.expected_stderr().exists() {
                write(test.expected_stderr(), &finished.stderr)?;
            }
        }
        Ok(changed)
    }
}

fn exit_words(exit: &Result<i32, String>) -> String {
    match exit {
        Ok(code) => format!("exit code {code}"),
        Err(what) => what.clone(),
    }
}

fn compare(test: &Test, finished: &Finished) -> Result<(), String> {
    let stderr = String::from_utf8_lossy(&finished.stderr);
    if finished.exit != Ok(test.directives.exit) {
        let said = last_lines(&stderr, 6);
        return Err(format!("{} instead of {}\n{said}", exit_words(&finished.exit), test.directives.exit));
    }
    let expected = std::fs::read(test.expected()).map_err(|_| {
        format!("{} is missing: `cargo xtask bless {}` writes it", test.expected().display(), test.name)
    })?;
    compare_text("standard output", &expected, &finished.stdout)?;
    match std::fs::read(test.expected_stderr()) {
        Ok(expected) => compare_text("standard error", &expected, &finished.stderr),
        Err(_) if test.directives.exit == 0 => compare_text("standard error", b"", &finished.stderr),
        Err(_) => Ok(()),
    }
}

/// The first line that differs, with its number.
fn compare_text(what: &str, expected: &[u8], found: &[u8]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let (mut wanted, mut given) = (expected.lines(), found.lines());
    let mut number = 1;
    loop {
        match (wanted.next(), given.next()) {
            (Some(a), Some(b)) if a == b => number += 1,
            (a, b) => {
                let show = |line: Option<&str>| line.map_or("(end)".to_string(), |line| format!("'{line}'"));
                return Err(format!("{what}, line {number}: expected {}, found {}", show(a), show(b)));
            }
        }
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
