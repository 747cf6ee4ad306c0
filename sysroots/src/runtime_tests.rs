//! The runtime's own C tests (`runtimes/core/tests`), compiled and run on this machine.
//!
//! Each is one half of the runtime with a small stand-in for the other half: primitives without collector, collector
//! without primitives. Functions that a test does not reach may be undefined: unused sections are dropped.

use std::path::PathBuf;
use std::process::Command;

use rocaml_target::Target;

use crate::compile::CLANG;
use crate::tools::{self, BuildError, Result};
use crate::{Build, runtime};

/// A test program: the list that it takes, the files of it that its stand-in replaces, and how it is started.
struct Program {
    name: &'static str,
    list: &'static str,
    replaced: &'static [&'static str],
    stand_in: &'static str,
    flags: &'static [&'static str],
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

const PRIMITIVES: Program = Program {
    name: "prims_test",
    list: "core/SOURCES.prims",
    replaced: &["sys.c", "unix.c"],
    stand_in: "fake_runtime.c",
    flags: &[],
    args: &[],
    env: &[],
};

const COLLECTOR: Program =
    Program { name: "gc_test", list: "core/SOURCES", replaced: &[], stand_in: "fake_native.c", ..PRIMITIVES };

const PROGRAMS: [Program; 3] = [
    PRIMITIVES,
    COLLECTOR,
    Program {
        name: "intern_fuzz",
        flags: &["-fsanitize=address"],
        args: &["20000"],
        env: &[("ASAN_OPTIONS", "detect_leaks=0")],
        ..PRIMITIVES
    },
];

/// Builds and runs all of them; a note with how many.
pub fn run(build: &Build) -> Result<String> {
    for (index, program) in PROGRAMS.iter().enumerate() {
        (build.progress)("runtime tests", index, PROGRAMS.len());
        let executable = compile(build, program)?;
        let mut command = Command::new(&executable);
        command.args(program.args).envs(program.env.iter().copied());
        tools::run_command(&mut command).map_err(|error| BuildError::new(format!("{}: {error}", program.name)))?;
    }
    Ok(format!("{} programs", PROGRAMS.len()))
}

fn compile(build: &Build, program: &Program) -> Result<PathBuf> {
    let host = Target::host();
    let runtimes = build.root.join("runtimes");
    let tests = runtimes.join("core/tests");
    let folder = build.out.join("runtime-tests");
    tools::make_dir(&folder)?;
    let executable = folder.join(program.name);
    let mut sources = runtime::read_list(&runtimes.join(program.list), host)?;
    sources.retain(|source| !program.replaced.iter().any(|name| source.ends_with(name)));
    sources.push(tests.join(program.stand_in));
    sources.push(tests.join(format!("{}.c", program.name)));
    let mut command = Command::new(CLANG);
    command.args([
        "-O1",
        "-g",
        "-w",
        "-DDEBUG",
        "-fuse-ld=lld-19",
        "-ffunction-sections",
        "-fdata-sections",
        "-Wl,--gc-sections",
    ]);
    command.args(runtime::language_flags(build, host)).args(program.flags).args(&sources);
    command.args(["-lm", "-o"]).arg(&executable);
    tools::run_command(&mut command)?;
    Ok(executable)
}
