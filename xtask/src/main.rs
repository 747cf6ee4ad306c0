//! `cargo xtask`: every developer command. Each has a module of its own name; this file only reads the command line.

mod bench;
mod codegen;
mod conformance;
mod dist;
mod fuzz_frontend;
mod measure;
mod run;
mod setup;
mod stages;
mod sysroot;
mod test;
mod tidy;
mod toolchain;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of rocaml", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the host packages that builds and tests need (as root), or say how
    Setup,
    /// Build the C library and start files of a row, or of all
    Sysroot {
        /// A target's name, or `all`
        #[arg(default_value = "all")]
        row: String,
    },
    /// Build the runtime of a row, or of all, on top of its sysroot
    Runtime {
        #[arg(default_value = "all")]
        row: String,
    },
    /// Build the compiler, runtime and standard library into `target/toolchain`
    Toolchain {
        /// Rows to build; all usable ones by default
        rows: Vec<String>,
    },
    /// Make `target/dist/rocaml-<version>-x86_64-linux.tar.zst`
    Dist,
    /// Run every test: the workspace's, the runtime's, and the platform tests of every row
    Test {
        /// Platform tests of these rows only, and nothing else
        #[arg(long = "target", value_name = "ROW")]
        rows: Vec<String>,
        /// Only platform tests whose path contains this text
        #[arg(long)]
        filter: Option<String>,
        /// The C tests alone: arithmetic of builtins, the runtime's own
        #[arg(long, conflicts_with_all = ["rows", "filter"])]
        c: bool,
    },
    /// Time programs against a peer compiler: run time, memory, geometric mean, compile speed
    Bench(bench::Options),
    /// Run the compiler on mutated and on deeply nested programs: it may refuse them, never break
    FuzzFrontend(fuzz_frontend::Options),
    /// Run one executable with the row's runner
    Run {
        row: String,
        executable: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Check the sources: format, module docs, sizes, licences, layering
    Tidy,
    /// Rewrite expected outputs from what is printed now
    Bless {
        /// Only platform tests whose path contains this text
        filter: Option<String>,
    },
    /// Rewrite committed files that are generated
    Codegen {
        #[command(subcommand)]
        what: Option<codegen::What>,
    },
    /// Run upstream's own test suite
    Conformance(conformance::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Setup => setup::run(),
        Command::Sysroot { row } => sysroot::run(&row, sysroot::Part::Sysroot),
        Command::Runtime { row } => sysroot::run(&row, sysroot::Part::Runtime),
        Command::Toolchain { rows } => toolchain::run(&rows),
        Command::Dist => dist::run(),
        Command::Test { c: true, .. } => test::run_c(),
        Command::Test { rows, filter, c: false } => test::run(&rows, filter.as_deref()),
        Command::Bench(options) => bench::run(&options),
        Command::FuzzFrontend(options) => fuzz_frontend::run(&options),
        Command::Run { row, executable, args } => return run::run(&row, &executable, &args),
        Command::Tidy => tidy::run(),
        Command::Bless { filter } => test::bless(filter.as_deref()),
        Command::Codegen { what } => codegen::run(what),
        Command::Conformance(options) => conformance::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What every command returns.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository").to_path_buf()
}

/// How many things run at once.
fn jobs() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// The rows that a `row` argument names: one, or every usable one for `all`.
fn rows(argument: &str) -> Result<Vec<&'static rocaml_target::Target>, Box<dyn std::error::Error>> {
    if argument == "all" {
        return Ok(rocaml_target::TARGETS.iter().filter(|target| target.is_usable()).collect());
    }
    let target = rocaml_target::Target::lookup(argument)?;
    match target.refusal() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(vec![target]),
    }
}
