//! `run`: one executable with the row's runner; its streams and its exit code pass through.

use std::path::Path;
use std::process::{Command, ExitCode};

use platform_tests::runner;
use rocaml_target::Target;

pub fn run(row: &str, executable: &Path, args: &[String]) -> ExitCode {
    match start(row, executable, args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(125)
        }
    }
}

fn start(row: &str, executable: &Path, args: &[String]) -> Result<u8, String> {
    let target = Target::lookup(row).map_err(|error| error.to_string())?;
    if !executable.exists() {
        return Err(format!("{} is not there", executable.display()));
    }
    let started = runner::command(target, executable, args)?;
    let status = Command::new(&started.program).args(&started.args).status().map_err(|error| {
        format!("cannot run {}: {error} (`cargo xtask setup` installs what is needed)", started.program.display())
    })?;
    match status.code() {
        Some(code) => Ok(code as u8),
        None => {
            // As a shell tells a death by signal.
            use std::os::unix::process::ExitStatusExt;
            Ok(128 + status.signal().unwrap_or(0) as u8)
        }
    }
}
