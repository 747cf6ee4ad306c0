//! The sysroots' own test: one C program (`sysroots/tests/smoke.c`) compiled, linked as an OCaml program would be, and run.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use linkers::{LinkJob, LinkerChoice};
use rocaml_target::Target;
use sysroots::{Build, Result, compile, runtime, tools};
use tools::BuildError;

use crate::{process, runner};

/// What the program exits with.
const EXIT: i32 = 3;

/// Builds and runs the program for a row, and compares what it prints.
pub fn run(build: &Build, target: &'static Target, linker: &Path) -> Result<()> {
    let layout = build.sysroot(target)?;
    let tests = build.root.join("sysroots/tests");
    let (object, executable) = (layout.obj.join("smoke.o"), layout.obj.join("smoke"));
    let mut command = Command::new(compile::CLANG);
    command
        .args(sysroots::target_flags(target))
        .args(runtime::include_flags(build, target, &layout))
        .arg("-D_GNU_SOURCE");
    command.arg("-c").arg(tests.join("smoke.c")).arg("-o").arg(&object);
    tools::run_command(&mut command)?;

    let job = LinkJob {
        output: executable.clone(),
        objects: vec![object],
        sysroot: layout.lib.clone(),
        linker: LinkerChoice::Path(linker.to_path_buf()),
        ..LinkJob::default()
    };
    let link = linkers::link_command(target, &job).map_err(|error| BuildError::new(error.to_string()))?;
    tools::run_command(Command::new(&link.program).args(&link.args))?;

    let started = runner::command(target, &executable, &["arg"]).map_err(BuildError::new)?;
    let mut command = Command::new(&started.program);
    let finished = process::run(command.args(&started.args), &executable, Duration::from_secs(60))
        .map_err(|error| BuildError::new(format!("cannot run {}: {error}", executable.display())))?;
    let expected = tools::read(&tests.join("smoke.expected"))?;
    if finished.exit == Ok(EXIT) && finished.stdout == expected {
        return Ok(());
    }
    Err(BuildError::new(format!(
        "the C program of {} ended with {:?} and printed\n{}{}",
        target.name,
        finished.exit,
        String::from_utf8_lossy(&finished.stdout),
        String::from_utf8_lossy(&finished.stderr)
    )))
}
