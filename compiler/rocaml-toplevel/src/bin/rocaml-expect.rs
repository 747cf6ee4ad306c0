//! `rocaml-expect FILE.ml`: answers the phrases of a file with expectations.
//!
//! Prints a line for each expectation, `<number> <line> <same|types|differs>`, and leaves the file with the answers
//! given as `FILE.ml.corrected`. Options are those of `rocamlopt`; `-no-evaluation` leaves values out,
//! `-keep-original-error-size` leaves long module types out of errors, and `-compiler FILE` names the compiler whose
//! toolchain is used.

use rocaml_driver::args::{self, Command};
use rocaml_driver::host::{Host, SystemHost};
use rocaml_driver::layout::Layout;
use rocaml_driver::options::{Color, Input, Options};
use rocaml_toplevel::expect::{self, Answering};
use rocaml_toplevel::transcript::Transcript;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut own = Own { evaluates: true, short_errors: false, compiler: None };
    if let Some(at) = args.iter().position(|arg| arg == "-no-evaluation") {
        args.remove(at);
        own.evaluates = false;
    }
    if let Some(at) = args.iter().position(|arg| arg == "-keep-original-error-size") {
        args.remove(at);
        own.short_errors = true;
    }
    if let Some(at) = args.iter().position(|arg| arg == "-compiler").filter(|at| at + 1 < args.len()) {
        args.remove(at);
        own.compiler = Some(args.remove(at).into());
    }
    let answered = rocaml_syntax::deep::on_deep_stack(|| run(&args, &own));
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("rocaml-expect: {}", why.trim_end());
            ExitCode::from(2)
        }
    }
}

/// The options that are not the compiler's.
struct Own {
    evaluates: bool,
    short_errors: bool,
    compiler: Option<PathBuf>,
}

fn run(args: &[String], own: &Own) -> Result<(), String> {
    let read = |path: &str| SystemHost.read(Path::new(path));
    let mut options = match args::parse("rocaml-expect", args, "", &read) {
        Ok(Command::Compile(options)) => *options,
        Ok(Command::Print(..)) => return Err("a file is expected".into()),
        Err(error) => return Err(error.0),
    };
    let [Input::File(file)] = options.inputs.as_slice() else { return Err("one file is expected".into()) };
    let file = file.clone();
    options.color = Some(Color::Never);
    let source = SystemHost.read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let source = String::from_utf8_lossy(&source).replace("\r\n", "\n").into_bytes();
    let outcomes = answered(&options, &source, own)?;
    for block in &outcomes.blocks {
        println!("{} {} {}", block.number, block.line, block.agreement.word());
    }
    if let Some(problem) = &outcomes.problem {
        eprintln!("rocaml-expect: {problem}");
    }
    let corrected = format!("{}.corrected", file.display());
    SystemHost
        .write(Path::new(&corrected), outcomes.corrected.as_bytes())
        .map_err(|error| format!("{corrected}: {error}"))
}

fn answered(options: &Options, source: &[u8], own: &Own) -> Result<expect::Outcomes, String> {
    let transcript = Transcript::leak(own.compiler.clone());
    let layout = Layout::find_installed(transcript.host(), options.target);
    let mut answering = Answering { folder: None, short_errors: own.short_errors };
    if !own.evaluates {
        return expect::run(transcript, &layout, options, source, &answering);
    }
    let folder = SystemHost.temporary_directory().map_err(|error| error.to_string())?;
    answering.folder = Some(&folder);
    let outcomes = expect::run(transcript, &layout, options, source, &answering);
    SystemHost.remove_directory(&folder);
    outcomes
}
