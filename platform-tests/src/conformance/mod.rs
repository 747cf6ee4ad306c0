//! Upstream's own test suite, run on our tools.
//!
//! Upstream's sources are never part of the repository: [`source`] fetches the pinned source package, or takes it from a
//! path. A test is a file that opens with a `TEST` header ([`tsl`]); the header is interpreted ([`interpret`]) as upstream's
//! harness does: variables ([`environment`]), predicates ([`facts`]), actions ([`actions`], [`compiler`], [`expect`]),
//! commands ([`command`]) and comparisons with reference files ([`compare`]). What cannot be run is skipped with the
//! reason; what fails must be listed, with a reason, in `platform-tests/conformance/expected-failures.txt`
//! ([`expected`]). [`table`] shows the result.

mod actions;
mod command;
mod compare;
mod compiler;
mod environment;
mod expect;
pub mod expected;
mod facts;
mod interpret;
pub mod source;
pub mod table;
pub mod tsl;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rocaml_target::{Runner, Target};
use sysroots::tools;

use crate::runner;

/// Seconds for one compilation.
const COMPILE_SECONDS: u64 = 60;
/// Seconds for one run of a program, natively.
const RUN_SECONDS: u64 = 60;
/// How much longer a program may take whose domains wait for one another.
const MULTICORE_FACTOR: u32 = 5;
/// Libraries besides the standard library, each found by its archive.
const LIBRARY_SUFFIX: &str = "cmxa";

/// What becomes of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Passed,
    /// Why it is not run.
    Skipped(String),
    /// What is wrong, in lines.
    Failed(String),
}

/// What kind of test a header describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A program is compiled, run, and its output compared.
    Run,
    /// Only what a compiler says is compared.
    Compile,
    /// Phrases with the toplevel's answers beside them.
    Expect,
    /// A session with the toplevel.
    Toplevel,
    /// Documentation, debugger, assembler, scripts.
    Other,
}

impl Class {
    pub const ALL: [Class; 5] = [Class::Run, Class::Compile, Class::Expect, Class::Toplevel, Class::Other];

    pub fn name(self) -> &'static str {
        match self {
            Class::Run => "run",
            Class::Compile => "compile",
            Class::Expect => "expect",
            Class::Toplevel => "toplevel",
            Class::Other => "other",
        }
    }

    fn of(block: &tsl::Block) -> Class {
        let actions = block.actions();
        let has = |names: &[&str]| actions.iter().any(|action| names.contains(action));
        if has(&["expect", "run-expect"]) {
            Class::Expect
        } else if actions.is_empty() || has(&["native", "bytecode", "run"]) {
            Class::Run
        } else if has(&["toplevel", "toplevel.opt", "ocaml", "ocamlnat"]) {
            Class::Toplevel
        } else if has(&["ocamlc.byte", "ocamlc.opt", "ocamlopt.byte", "ocamlopt.opt"]) {
            Class::Compile
        } else {
            Class::Other
        }
    }
}

/// One test of upstream's.
pub struct Test {
    /// Its path below `testsuite/tests`.
    pub name: String,
    pub path: PathBuf,
    pub block: tsl::Block,
    pub class: Class,
}

impl Test {
    /// It wants several processors at once.
    fn is_multicore(&self) -> bool {
        self.block.actions().contains(&"multicore")
    }

    /// The folder below `testsuite/tests` that it is counted with.
    pub fn folder(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// What one expectation block gave, with and without `-principal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockReport {
    /// Counted from 1 in its file.
    pub number: usize,
    pub line: usize,
    pub agreement: Agreement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    Same,
    /// The same but for values that only an evaluator would know.
    SameTypes,
    Different,
}

/// A test with what became of it.
pub struct Report {
    pub status: Status,
    pub blocks: Vec<BlockReport>,
    pub time: Duration,
}

/// What the tests are run with.
pub struct World {
    /// The root of upstream's sources.
    pub source: PathBuf,
    pub compiler: PathBuf,
    /// The program that answers expectation blocks.
    pub expect: Option<PathBuf>,
    /// A folder with `ocamllex` and `ocamlyacc`.
    pub tools: Option<PathBuf>,
    /// The command that compiles C for the row, where that is not this machine's own; without one, tests that need it
    /// are skipped.
    pub cc: Option<String>,
    pub target: &'static Target,
    pub scratch: PathBuf,
    /// Upstream's modules `Testing` and `Lib`, compiled for the row.
    pub support: PathBuf,
    /// Upstream's sources as tests see them: the runtime's headers are ours.
    source_view: PathBuf,
    /// The row's installed libraries.
    libraries: PathBuf,
}

impl World {
    /// Prepares what all tests share.
    pub fn new(source: &Path, compiler: &Path, target: &'static Target, scratch: &Path) -> Result<World, String> {
        let compiler = std::path::absolute(compiler).map_err(|error| format!("{}: {error}", compiler.display()))?;
        let output = Command::new(&compiler)
            .args(["-target", target.name, "-where"])
            .output()
            .map_err(|error| format!("cannot run {}: {error}", compiler.display()))?;
        let libraries = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let scratch = std::path::absolute(scratch.join(target.name)).map_err(|error| error.to_string())?;
        let source = std::path::absolute(source).map_err(|error| error.to_string())?;
        let support = scratch.join("support");
        let source_view = scratch.join("sources");
        let (expect, tools, cc) = (None, None, None);
        let world = World { source, compiler, expect, tools, cc, target, scratch, support, source_view, libraries };
        world.compile_support()?;
        world.link_sources().map_err(|error| format!("{}: {error}", world.source_view.display()))?;
        Ok(world)
    }

    pub fn has_library(&self, name: &str) -> bool {
        let archive = format!("{name}.{LIBRARY_SUFFIX}");
        [self.libraries.join(&archive), self.libraries.join(name).join(&archive)].iter().any(|path| path.exists())
    }

    fn compile_limit(&self) -> Duration {
        Duration::from_secs(COMPILE_SECONDS)
    }

    fn run_limit(&self, test: &Test) -> Duration {
        // Emulation takes longer, but not all that it could: a test that does not fit is counted as such.
        let factor = match self.target.runner {
            Runner::Native if test.is_multicore() => MULTICORE_FACTOR,
            Runner::Native => 1,
            _ => runner::slowdown(self.target).min(3),
        };
        Duration::from_secs(RUN_SECONDS) * factor
    }

    /// A folder of links to upstream's sources, but for the runtime: that is the row's library, for its headers.
    fn link_sources(&self) -> std::io::Result<()> {
        _ = std::fs::remove_dir_all(&self.source_view);
        std::fs::create_dir_all(&self.source_view)?;
        for entry in std::fs::read_dir(&self.source)? {
            let entry = entry?;
            let is_runtime = entry.file_name() == "runtime";
            let original = if is_runtime { self.libraries.clone() } else { entry.path() };
            std::os::unix::fs::symlink(original, self.source_view.join(entry.file_name()))?;
        }
        Ok(())
    }

    fn compile_support(&self) -> Result<(), String> {
        let from = self.source.join("testsuite/lib");
        tools::make_dir(&self.support).map_err(|error| error.to_string())?;
        for file in ["testing.mli", "testing.ml", "lib.mli", "lib.ml"] {
            std::fs::copy(from.join(file), self.support.join(file))
                .map_err(|error| format!("{}: {error}", from.join(file).display()))?;
        }
        let compile = |args: &[&str]| -> Result<(), String> {
            let output = Command::new(&self.compiler)
                .args(["-target", self.target.name])
                .args(args)
                .current_dir(&self.support)
                .output()
                .map_err(|error| format!("cannot run {}: {error}", self.compiler.display()))?;
            if output.status.success() {
                return Ok(());
            }
            Err(format!("upstream's testsuite/lib: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
        };
        compile(&["-c", "testing.mli", "testing.ml"])?;
        compile(&["-c", "-w", "-a", "lib.mli", "lib.ml"])?;
        // Its last words are printed at exit, whether a test names it or not.
        compile(&["-a", "-linkall", "-o", "testing.cmxa", "testing.cmx"])
    }
}

/// The tests below `testsuite/tests` whose path contains one of the filters; all of them without filters.
pub fn find(source: &Path, filters: &[String]) -> Result<Vec<Test>, String> {
    let folder = source.join("testsuite/tests");
    let files = tools::walk(&folder).map_err(|error| error.to_string())?;
    let mut tests = Vec::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().into_owned();
        // As upstream's harness, which looks at no file or folder that is hidden or set aside.
        if name.split('/').any(|part| part.starts_with(['.', '_'])) {
            continue;
        }
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match tsl::parse(&String::from_utf8_lossy(&text)) {
            None => {}
            Some(Err(error)) => return Err(format!("{name}: {error}")),
            Some(Ok(block)) => {
                let class = Class::of(&block);
                tests.push(Test { name, path, block, class });
            }
        }
    }
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tests)
}

/// Runs the tests, a few at once, but one by one those that want several processors; reports are in their order.
pub fn run(world: &World, tests: &[Test], jobs: usize, progress: &(dyn Fn(&str, usize, usize) + Sync)) -> Vec<Report> {
    let (alone, others): (Vec<usize>, Vec<usize>) = (0..tests.len()).partition(|&index| tests[index].is_multicore());
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let reports: Vec<Mutex<Option<Report>>> = tests.iter().map(|_| Mutex::new(None)).collect();
    let run_at = |index: usize| {
        let report = run_one(world, &tests[index]);
        *reports[index].lock().expect("no thread panics") = Some(report);
        progress("conformance", done.fetch_add(1, Ordering::Relaxed) + 1, tests.len());
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let Some(&index) = others.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    run_at(index);
                }
            });
        }
    });
    alone.into_iter().for_each(run_at);
    let report = |slot: Mutex<Option<Report>>| slot.into_inner().expect("no thread panics").expect("every test ran");
    reports.into_iter().map(report).collect()
}

fn run_one(world: &World, test: &Test) -> Report {
    let start = std::time::Instant::now();
    let folder = world.scratch.join(test.name.replace('/', "."));
    _ = std::fs::remove_dir_all(&folder);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        let status = Status::Failed(format!("{}: {error}", folder.display()));
        return Report { status, blocks: Vec::new(), time: start.elapsed() };
    }
    let mut interpreter = interpret::Interpreter::new(world, test, folder.clone());
    let status = interpreter.run();
    let blocks = interpreter.blocks;
    // What a failed test left is there to look at.
    if !matches!(status, Status::Failed(_)) {
        _ = std::fs::remove_dir_all(&folder);
    }
    Report { status, blocks, time: start.elapsed() }
}
