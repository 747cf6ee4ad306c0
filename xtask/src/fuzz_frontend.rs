//! `fuzz-frontend`: mutated and deeply nested programs through the compiler; see `platform-tests/fuzz-frontend`.

use std::path::PathBuf;
use std::process::Command;

use rocaml_target::Target;

use crate::{Outcome, jobs, root, toolchain};

#[derive(clap::Args)]
pub struct Options {
    /// Mutated programs to run
    #[arg(long, default_value_t = 1000)]
    pub count: u64,
    /// Where the sequence of programs starts
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only the program of this number
    #[arg(long, value_name = "N")]
    pub only: Option<u64>,
    /// Folders whose sources are mutated; the repository's own by default
    #[arg(long, num_args = 1.., value_name = "DIR")]
    pub sources: Vec<PathBuf>,
    /// Seconds of processor time that a program may take
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Megabytes that a program may take
    #[arg(long, default_value_t = 1500)]
    pub megabytes: u64,
    /// Levels of the nested programs; 0 leaves them out
    #[arg(long, default_value_t = 1000)]
    pub depth: usize,
    /// Only nested programs whose name contains this text
    #[arg(long, default_value = "")]
    pub shape: String,
    /// Seconds of processor time that a nested program may take
    #[arg(long, default_value_t = 60)]
    pub nesting_seconds: u64,
    /// Leave findings as long as they are
    #[arg(long)]
    pub keep: bool,
}

impl Default for Options {
    /// The small run that is part of all tests.
    fn default() -> Options {
        Options {
            count: 300,
            seed: 1,
            only: None,
            sources: Vec::new(),
            seconds: 10,
            megabytes: 1500,
            depth: 300,
            shape: String::new(),
            nesting_seconds: 20,
            keep: false,
        }
    }
}

pub fn run(options: &Options) -> Outcome {
    let status = command(options)?.status()?;
    if status.success() { Ok(()) } else { Err("the compiler broke on some programs".into()) }
}

/// The run as a stage of `test`: its output is shown only when something was found.
pub fn stage() -> Result<String, String> {
    let options = Options::default();
    let output = command(&options)?.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(format!("{} mutated programs, {} levels", options.count, options.depth));
    }
    eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err("the compiler broke on some programs".to_string())
}

/// Builds the program that does it; the command that runs it.
fn command(options: &Options) -> Result<Command, String> {
    let host = Target::host();
    let status = toolchain::cargo_for_compilers("build", host)
        .args(["--package", "fuzz-frontend"])
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build of fuzz-frontend: {status}"));
    }
    let own = ["runtimes/stdlib", "platform-tests/suite", "platform-tests/bench"].map(|folder| root().join(folder));
    let sources = if options.sources.is_empty() { &own[..] } else { &options.sources };
    let mut command = Command::new(toolchain::release_folder().join("fuzz-frontend"));
    for source in sources {
        command.arg(format!("sources={}", source.display()));
    }
    command.args(options.only.map(|only| format!("only={only}")));
    command.args([
        format!("toolchain={}", toolchain::tree().prefix.display()),
        format!("findings={}", root().join("target/fuzz-frontend").display()),
        format!("count={}", options.count),
        format!("seed={}", options.seed),
        format!("seconds={}", options.seconds),
        format!("megabytes={}", options.megabytes),
        format!("depth={}", options.depth),
        format!("shape={}", options.shape),
        format!("nesting-seconds={}", options.nesting_seconds),
        format!("jobs={}", jobs()),
        format!("keep={}", options.keep),
    ]);
    Ok(command)
}
