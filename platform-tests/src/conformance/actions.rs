//! The actions that headers name, but for compilations ([`super::compiler`]) and expectations ([`super::expect`]).
//!
//! Counterpart of upstream's `ocamltest/builtin_actions.ml` and `actions_helpers.ml`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rocaml_target::Runner;

use super::command::{self, Ended, Invocation};
use super::environment::words;
use super::facts::{self, Fact};
use super::interpret::{Interpreter, State};
use super::{Status, compare, compiler, expect};
use crate::runner;

/// The exit code with which a script says that it skips.
const SCRIPT_SKIPS: i32 = 125;

/// Runs a test or an action by its name.
pub fn run(interpreter: &mut Interpreter, name: &str, state: &mut State) -> Status {
    if let Some(parts) = composite(name) {
        for part in parts {
            match run(interpreter, part, state) {
                Status::Passed => {}
                Status::Failed(why) => return Status::Failed(format!("{part}: {why}")),
                skipped => return skipped,
            }
        }
        return Status::Passed;
    }
    let hook = interpreter.source_dir().join(format!("{}.{name}", interpreter.stem()));
    if hook.is_file() {
        return settle(run_hook(interpreter, &hook, state));
    }
    if let Some(compiler) = compiler::named(name) {
        return compiler.run(interpreter, name, state);
    }
    let world = interpreter.world;
    match facts::predicate(name, world.target, |library| world.has_library(library)) {
        Some(Fact::Holds) => return Status::Passed,
        Some(Fact::Lacking(why)) => return Status::Skipped(why),
        None => {}
    }
    match name {
        "skip" => Status::Skipped("the test skips itself".into()),
        "fail" => Status::Failed("the test fails itself".into()),
        "dumpenv" => Status::Passed,
        "setup-build-env" | "setup-simple-build-env" => {
            let folder = interpreter.folder.clone();
            state.env.add_path("test_build_directory", &folder);
            settle(set_up(interpreter, state, &folder, &[state.env.get("test_file")]))
        }
        "cd" => settle(change_folder(interpreter, state)),
        "copy" => settle(copy(interpreter, state)),
        "file-exists" => {
            let file = state.env.get("file");
            let there = interpreter.cwd.join(&file).exists();
            if there { Status::Passed } else { Status::Failed(format!("{file} is not there")) }
        }
        "run" => settle(run_program(interpreter, state)),
        "script" => settle(run_script(interpreter, state)),
        "check-program-output" => settle(check_output(interpreter, state, "output", "output", "reference")),
        "run-expect" => expect::run(interpreter, state),
        // Tests of the toplevel, of tools, of what only bytecode has.
        "toplevel" | "ocaml" | "setup-ocaml-build-env" | "check-ocaml-output" => Status::Skipped("toplevel".into()),
        "compare-bytecode-programs" => Status::Skipped("bytecode".into()),
        "compare-binary-files" => Status::Passed,
        _ => Status::Failed(format!("no action is named '{name}'")),
    }
}

/// The actions that a test stands for. One native compiler stands for upstream's two, so it runs once.
fn composite(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "native" => &[
            "setup-ocamlopt.byte-build-env",
            "ocamlopt.byte",
            "check-ocamlopt.byte-output",
            "run",
            "check-program-output",
        ],
        "expect" => &["setup-simple-build-env", "run-expect"],
        _ => return None,
    })
}

/// The status that a failure or a skip ended with.
pub fn settle(result: Result<(), Status>) -> Status {
    result.err().unwrap_or(Status::Passed)
}

pub fn fail<T>(why: impl Into<String>) -> Result<T, Status> {
    Err(Status::Failed(why.into()))
}

/// Makes `folder` with links to the sources named and to what the test reads, and goes there.
pub fn set_up(interpreter: &mut Interpreter, state: &State, folder: &Path, sources: &[String]) -> Result<(), Status> {
    let source_dir = interpreter.source_dir().to_path_buf();
    let explain = |path: &Path, error: std::io::Error| Status::Failed(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| explain(folder, error))?;
    for name in sources.iter().cloned().chain(state.env.words("readonly_files")) {
        let link = folder.join(&name);
        if let Some(parent) = link.parent() {
            std::fs::create_dir_all(parent).map_err(|error| explain(parent, error))?;
        }
        _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(source_dir.join(&name), &link).map_err(|error| explain(&link, error))?;
    }
    for name in state.env.words("subdirectories") {
        copy_tree(&source_dir.join(&name), &folder.join(&name)).map_err(|error| explain(Path::new(&name), error))?;
    }
    interpreter.cwd = folder.to_path_buf();
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        std::fs::copy(from, to)?;
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy_tree(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn change_folder(interpreter: &mut Interpreter, state: &State) -> Result<(), Status> {
    let folder = interpreter.cwd.join(state.env.get("cwd"));
    match folder.canonicalize() {
        Ok(folder) => {
            interpreter.cwd = folder;
            Ok(())
        }
        Err(error) => fail(format!("{}: {error}", folder.display())),
    }
}

fn copy(interpreter: &Interpreter, state: &State) -> Result<(), Status> {
    let to = state.env.get("dst");
    for from in state.env.words("src") {
        let from = interpreter.cwd.join(from);
        let target = interpreter.cwd.join(&to);
        let target = if to.ends_with('/') { target.join(from.file_name().unwrap_or_default()) } else { target };
        if let Err(error) = copy_tree(&from, &target) {
            return fail(format!("cannot copy {} to {}: {error}", from.display(), target.display()));
        }
    }
    Ok(())
}

/// Runs words with the redirections that the test's variables ask for.
pub fn invoke(
    interpreter: &Interpreter,
    state: &State,
    words: Vec<String>,
    streams: [&str; 3],
    extra_env: &[(&str, &str)],
    limit: Duration,
) -> Result<Ended, Status> {
    let [stdin, stdout, stderr] = streams.map(|variable| state.env.get(variable));
    let append = streams[1] != "stdout";
    let invocation = Invocation {
        words,
        env: &state.env,
        extra_env,
        cwd: &interpreter.cwd,
        stdin,
        stdout,
        stderr,
        append,
        limit,
        // Compilers have a variable for their own input.
        is_compiler: streams[0] == "compiler_stdin",
    };
    command::run(&invocation).map_err(Status::Failed)
}

fn run_program(interpreter: &mut Interpreter, state: &mut State) -> Result<(), Status> {
    if state.is_bytecode {
        return Err(Status::Skipped("bytecode".into()));
    }
    let Some(program) = state.env.lookup("program") else { return fail("no program to run") };
    let mut line = words(&program);
    line.extend(state.env.words("arguments"));
    run_with_output(interpreter, state, line, false)
}

fn run_script(interpreter: &mut Interpreter, state: &mut State) -> Result<(), Status> {
    if interpreter.world.target.runner != Runner::Native {
        return Err(Status::Skipped("scripts run native programs only".into()));
    }
    let Some(script) = state.env.lookup("script") else { return fail("no script to run") };
    let response = interpreter.folder.join("script.response");
    state.env.add_path("ocamltest_response", &response);
    run_with_output(interpreter, state, words(&script), true)?;
    apply_response(state, &response)
}

/// Runs a program or a script, its output going where the test says.
fn run_with_output(
    interpreter: &mut Interpreter,
    state: &mut State,
    line: Vec<String>,
    is_script: bool,
) -> Result<(), Status> {
    let output = state.env.get("output");
    state.env.add_if_undefined("stdout", output.clone());
    state.env.add_if_undefined("stderr", output);
    let expected = state.env.exit_status("exit_status");
    let limit = interpreter.world.run_limit(interpreter.test);
    let emulated = interpreter.world.target.runner != Runner::Native;
    let line = if is_script { line } else { with_runner(interpreter, line)? };
    let ended = invoke(interpreter, state, line, ["stdin", "stdout", "stderr"], &[], limit)?;
    if ended.status() == Some(expected) {
        return Ok(());
    }
    if is_script && ended == Ended::Exited(SCRIPT_SKIPS) {
        return Err(Status::Skipped("its script skips".into()));
    }
    if emulated && ended == Ended::OutOfTime {
        return Err(Status::Skipped("too slow under emulation".into()));
    }
    if ended == Ended::OutOfTime && interpreter.test.is_multicore() && is_machine_busy() {
        return Err(Status::Skipped("out of time, the machine having other work".into()));
    }
    if emulated && !is_script && has_other_programs(interpreter, state) {
        return Err(Status::Skipped("starts other programs of the row".into()));
    }
    let said = std::fs::read(interpreter.cwd.join(state.env.get("stderr"))).unwrap_or_default();
    fail(format!("{} instead of {expected}\n{}", ended.words(), tail(&said)))
}

/// Whether more runs than the machine has processors for. Domains that wait for one another then wait for the system's
/// scheduler each time, and no limit is long enough, for upstream's runtime either.
fn is_machine_busy() -> bool {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    load > processors as f64 + 1.0
}

/// Whether the test has made more than the program that it runs: that one could not start the others by itself.
fn has_other_programs(interpreter: &Interpreter, state: &State) -> bool {
    let program = words(&state.env.get("program")).first().map(|program| interpreter.cwd.join(program));
    let is_program = |path: &Path| {
        let runs = path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0);
        runs && std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"))
    };
    let Ok(entries) = std::fs::read_dir(&interpreter.cwd) else { return false };
    entries.flatten().map(|entry| entry.path()).any(|path| Some(&path) != program.as_ref() && is_program(&path))
}

/// The command that starts a program of the row.
fn with_runner(interpreter: &Interpreter, mut line: Vec<String>) -> Result<Vec<String>, Status> {
    let target = interpreter.world.target;
    if line.is_empty() {
        return fail("no program to run");
    }
    let path = interpreter.cwd.join(&line[0]);
    if target.runner == Runner::Native || !path.is_file() {
        return Ok(line);
    }
    let args = line.split_off(1);
    let started = runner::command(target, &path, &args).map_err(Status::Failed)?;
    let mut words = vec![started.program.to_string_lossy().into_owned()];
    words.extend(started.args.iter().map(|arg| arg.to_string_lossy().into_owned()));
    Ok(words)
}

/// The end of a program's output, for a message.
pub fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// A script beside the test that stands in for an action.
fn run_hook(interpreter: &mut Interpreter, hook: &Path, state: &mut State) -> Result<(), Status> {
    if state.is_bytecode {
        return Err(Status::Skipped("bytecode".into()));
    }
    if interpreter.world.target.runner != Runner::Native {
        return Err(Status::Skipped("scripts run native programs only".into()));
    }
    let response = interpreter.folder.join("hook.response");
    state.env.add_path("ocamltest_response", &response);
    let log = interpreter.folder.join("hook.log").to_string_lossy().into_owned();
    let words = vec!["sh".to_string(), hook.to_string_lossy().into_owned()];
    let invocation = Invocation {
        words,
        env: &state.env,
        extra_env: &[],
        cwd: &interpreter.cwd,
        stdin: String::new(),
        stdout: log.clone(),
        stderr: log.clone(),
        append: false,
        limit: interpreter.world.run_limit(interpreter.test),
        is_compiler: false,
    };
    match command::run(&invocation).map_err(Status::Failed)? {
        Ended::Exited(0) => apply_response(state, &response),
        Ended::Exited(SCRIPT_SKIPS) => Err(Status::Skipped("its script skips".into())),
        ended => {
            let said = std::fs::read(&log).unwrap_or_default();
            fail(format!("{}: {}\n{}", hook.display(), ended.words(), tail(&said)))
        }
    }
}

fn apply_response(state: &mut State, response: &PathBuf) -> Result<(), Status> {
    let text = std::fs::read_to_string(response).unwrap_or_default();
    _ = std::fs::remove_file(response);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        state.env.apply_response(line).map_err(Status::Failed)?;
    }
    Ok(())
}

/// Compares the file that one variable names with the reference that another names.
pub fn check_output(
    interpreter: &Interpreter,
    state: &State,
    what: &str,
    output: &str,
    reference: &str,
) -> Result<(), Status> {
    let reference = interpreter.cwd.join(state.env.get(reference));
    let output = interpreter.cwd.join(state.env.get(output));
    let skipped = state.env.get("skip_header_lines").parse().unwrap_or(0);
    compare::check(what, &reference, &output, skipped).map_err(Status::Failed)
}
