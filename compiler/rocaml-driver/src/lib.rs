//! From a command line to files: options, pipelines, separate compilation, linking.
//!
//! The only crate of the compiler that touches files and processes, through [`host::Host`].
//! [`run`] is the whole program; [`compile`] has the pipeline of a source file, [`link`] that of
//! an executable.

pub mod args;
mod build_path;
pub mod command_line;
pub mod compile;
pub mod config;
mod depend;
pub mod host;
mod ir_file;
pub mod layout;
pub mod library;
pub mod link;
pub mod link_error;
pub mod load_path;
pub mod ocamlparam;
pub mod open_modules;
pub mod options;
mod pack;
pub mod pparse;
pub mod reporting;
pub mod timings;
pub mod unit_files;

use args::{Command, Query};
use compile::{Failed, SourceFile};
use host::HostRef;
use layout::Layout;
use link::LinkInput;
use link_error::LinkError;
use options::{Dump, Input, Options, Output};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use timings::Timings;

/// Runs `rocamlopt` with these arguments (the program's name excluded); its exit code.
pub fn run(program: &str, args: &[String], host: HostRef) -> i32 {
    guarded(program, args, host, run_here)
}

/// Runs `rocamldep`, likewise.
pub fn run_depend(program: &str, args: &[String], host: HostRef) -> i32 {
    guarded(program, args, host, depend::run)
}

fn guarded(program: &str, args: &[String], host: HostRef, run: fn(&str, &[String], HostRef) -> i32) -> i32 {
    // Programs may nest deeper than an ordinary stack: all of the work runs on a deep one.
    rocaml_syntax::deep::on_deep_stack(|| {
        let bug: Arc<Mutex<Option<String>>> = Arc::default();
        let found = bug.clone();
        std::panic::set_hook(Box::new(move |info| {
            if let Ok(mut found) = found.lock() {
                found.get_or_insert_with(|| info.to_string());
            }
        }));
        std::panic::catch_unwind(AssertUnwindSafe(|| run(program, args, host))).unwrap_or_else(|_| {
            let what = bug.lock().map(|found| found.clone().unwrap_or_default()).unwrap_or_default();
            host.print_error(&internal_error(program, args, &what));
            INTERNAL_ERROR
        })
    })
}

/// Exit code of a bug of ours, apart from those of mistakes in programs.
const INTERNAL_ERROR: i32 = 70;

/// The text of a bug: what and where it is, and what to do about it.
fn internal_error(program: &str, args: &[String], what: &str) -> String {
    format!(
        "{program}: internal error: {what}\n\
         while running: {program} {}\n\
         This is a bug in rocaml, not in your program. Please report it with the source that causes it.\n",
        args.join(" ")
    )
}

fn run_here(program: &str, args: &[String], host: HostRef) -> i32 {
    if let Some(("-depend", rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return depend::run(&format!("{program} -depend"), rest, host);
    }
    reporting::start_run();
    let read = |path: &str| host.read(Path::new(path));
    let environment = host.variable("OCAMLPARAM").unwrap_or_default();
    match args::parse(program, args, &environment, &read) {
        Err(error) => {
            host.print_error(&error.0);
            2
        }
        Ok(Command::Print(query, options)) => answer(program, host, &query, &options),
        Ok(Command::Compile(options)) => {
            let timings = Timings::default();
            let code = match build(program, host, &options, &timings) {
                Ok(()) => 0,
                Err(Failed) => 2,
            };
            if options.dumps(Dump::Timings) {
                host.print_error(&timings.table());
            }
            code
        }
    }
}

fn answer(program: &str, host: HostRef, query: &Query, options: &Options) -> i32 {
    let layout = Layout::find_installed(host, options.target);
    let version = format!(
        "The rocaml native-code compiler, version {} (OCaml {})\n",
        env!("CARGO_PKG_VERSION"),
        config::OCAML_VERSION
    );
    let library = format!("{}\n", layout.library().display());
    match query {
        Query::Help => host.print(&args::help(program)),
        Query::Version | Query::VersionNumber => host.print(&format!("{}\n", config::OCAML_VERSION)),
        Query::VersionAndLibrary => host.print(&format!("{version}Standard library directory: {library}")),
        Query::Where => host.print(&library),
        Query::Config => host.print(&config::text(&layout, options)),
        Query::ConfigVariable(name) => match config::values(&layout, options).iter().find(|(key, _)| key == name) {
            Some((_, value)) => host.print(value),
            None => return 2,
        },
        Query::Targets { json: true } => host.print(&rocaml_target::print_json(options.target)),
        Query::Targets { json: false } => host.print(&rocaml_target::print_table(options.target)),
        Query::MisplacedDepend => {
            host.print_error("Fatal error: argument -depend must be used as first argument.\n");
            return 2;
        }
        Query::WarnHelp => host.print(&rocaml_diag::warning::help()),
    }
    0
}

/// The text of an input or output error, as upstream's `Sys_error` has it.
pub fn io_error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    // The C library's words; Rust adds the number of the error.
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// What the command line's files come to.
#[derive(Default)]
struct Plan {
    link: Vec<LinkInput>,
    units: Vec<PathBuf>,
    /// The source that was compiled last, which upstream names in errors of the link.
    last_source: Option<String>,
}

fn complain<T>(host: HostRef, text: &str) -> Result<T, Failed> {
    host.print_error(&format!("{text}\n"));
    Err(Failed)
}

/// Reports what is wrong with the files of a link.
fn link_error<T>(host: HostRef, options: &Options, plan: &Plan, error: &LinkError) -> Result<T, Failed> {
    if let Ok(console) = reporting::Console::new(host, options) {
        console.print(&error.report(plan.last_source.as_deref()));
    }
    Err(Failed)
}

fn build(program: &str, host: HostRef, options: &Options, timings: &Timings) -> Result<(), Failed> {
    if let Some(refusal) = options.target.refusal() {
        return complain(host, &format!("{program}: {refusal}"));
    }
    reporting::advise_on_specifications(host, options);
    match options.output {
        Output::Shared => return complain(host, &format!("{program}: -shared is not supported yet")),
        Output::Object | Output::CompleteObject => {
            let output = options.output_name.clone().unwrap_or_default();
            match output.extension().and_then(|e| e.to_str()) {
                Some("o") => {}
                Some("so") => {
                    return complain(host, &format!("{program}: -output-obj of a shared library is not supported yet"));
                }
                _ if options.output_name.is_none() => {
                    return complain(host, "Please specify the name of the output file, using option -o");
                }
                _ => return complain(host, "The extension of the output file must be .o or .so"),
            }
        }
        _ => {}
    }
    if options.stops_after_several {
        return complain(host, "Please specify at most one -stop-after <pass>.");
    }
    if options.modes.len() > 1 {
        return complain(
            host,
            &match options.stop_after {
                None => "Please specify at most one of -pack, -a, -shared, -c, -output-obj".to_owned(),
                Some(_) => "Options -i and -stop-after (parsing|typing|lambda|scheduling|emit) \
                            are  incompatible with -pack, -a, -shared, -output-obj"
                    .to_owned(),
            },
        );
    }
    reporting::tell_environment_mistakes(host, options);
    let is_c = |input: &Input| matches!(input, Input::File(path) if path.extension().is_some_and(|e| e == "c"));
    let is_source = |input: &&Input| source_kind(options, input).is_some() || is_c(input);
    let sources = options.inputs.iter().filter(is_source).count();
    if options.output == Output::Objects && options.output_name.is_some() && sources > 1 {
        return complain(host, "Options -c -o are incompatible with compiling multiple files");
    }
    if options.output == Output::Pack && options.output_name.is_none() {
        return complain(host, "Please specify the name of the output file, using option -o");
    }
    if options.output == Output::Library {
        if options.output_name.is_none() {
            return complain(host, "Please specify the name of the output file, using option -o");
        }
        if options
            .inputs
            .iter()
            .any(|input| matches!(input, Input::File(path) if path.extension().is_some_and(|e| e == "cmxa")))
        {
            return complain(host, "Option -a cannot be used with .cmxa input files.");
        }
    } else if options.inputs.iter().all(|input| matches!(input, Input::CcLib(_))) {
        return complain(host, "No input files");
    }
    let layout = Layout::find_installed(host, options.target);
    let mut plan = Plan::default();
    let last = options.inputs.iter().rposition(|input| source_kind(options, input).is_some());
    for (at, input) in options.inputs.iter().enumerate() {
        process(program, host, &layout, options, timings, (input, Some(at) == last), &mut plan)?;
    }
    if options.stop_after.is_some() {
        return Ok(());
    }
    let result = match options.output {
        Output::Library => {
            let output = options.output_name.clone().unwrap_or_default();
            library::create(host, options, &plan.units, &output)
        }
        Output::Executable | Output::Object | Output::CompleteObject if !plan.link.is_empty() => {
            let default = if options.target.os.is_windows() { "camlprog.exe" } else { "a.out" };
            let output = options.output_name.clone().unwrap_or_else(|| PathBuf::from(default));
            timings.time("link", || link::link(host, &layout, options, &plan.link, &output))
        }
        Output::Pack => {
            let output = options.output_name.clone().unwrap_or_default();
            return compile::pack(host, &layout, options, &output, &plan.units, timings);
        }
        _ => Ok(()),
    };
    result.or_else(|error| link_error(host, options, &plan, &error))
}

/// Whether an input is a source, and whether an interface.
fn source_kind(options: &Options, input: &Input) -> Option<bool> {
    match input {
        Input::Implementation(_) => Some(false),
        Input::Interface(_) => Some(true),
        Input::File(path) => {
            let name = path.to_string_lossy();
            if name.ends_with(&options.interface_suffix) {
                Some(true)
            } else {
                [".ml", ".mlt"].iter().any(|e| name.ends_with(e)).then_some(false)
            }
        }
        Input::CcLib(_) => None,
    }
}

fn process(
    program: &str,
    host: HostRef,
    layout: &Layout,
    options: &Options,
    timings: &Timings,
    (input, is_last): (&Input, bool),
    plan: &mut Plan,
) -> Result<(), Failed> {
    let (Input::File(path) | Input::Implementation(path) | Input::Interface(path)) = input else { return Ok(()) };
    if let Some(is_interface) = source_kind(options, input) {
        let output = options.output_name.as_deref().filter(|_| options.output == Output::Objects);
        let file = SourceFile::new(path, output, is_interface, is_last);
        plan.last_source = Some(path.display().to_string());
        compile::compile(host, layout, options, &file, timings)?;
        if !is_interface && options.output != Output::PrintInterface {
            let cmx = file.output("cmx");
            plan.units.push(cmx.clone());
            plan.link.push(LinkInput::Unit(cmx));
        }
        return Ok(());
    }
    let extension = path.extension().and_then(|e| e.to_str());
    if extension == Some("c") {
        plan.link.push(LinkInput::Foreign(compile_c(host, layout, options, path)?));
        return Ok(());
    }
    // A file that is not here stands on the search path, or nowhere.
    let found = if host.exists(path) { Some(path.clone()) } else { layout.find(&path.display().to_string(), options) };
    let existing = |plan: &Plan| match &found {
        Some(found) => Ok(found.clone()),
        None => {
            let name = path.display().to_string();
            let is_member = options.output == Output::Pack;
            let error = if is_member { LinkError::MemberNotFound(name) } else { LinkError::FileNotFound(name) };
            link_error(host, options, plan, &error)
        }
    };
    match extension {
        Some("cmx") => {
            let unit = existing(plan)?;
            plan.units.push(unit.clone());
            plan.link.push(LinkInput::Unit(unit));
        }
        Some(ir_file::EXTENSION) => {
            let output = options.output_name.as_deref().filter(|_| options.output == Output::Objects);
            let file = SourceFile::new(path, output, false, is_last);
            plan.last_source = Some(path.display().to_string());
            compile::compile_saved(host, layout, options, &file, timings)?;
            plan.units.push(file.output("cmx"));
            plan.link.push(LinkInput::Unit(file.output("cmx")));
        }
        Some("cmxa") => plan.link.push(LinkInput::Library(existing(plan)?)),
        Some("o" | "a" | "so" | "obj" | "lib" | "dylib") => plan.link.push(LinkInput::Foreign(existing(plan)?)),
        // A module of a pack that has no code.
        Some("cmi") if options.output == Output::Pack => plan.units.push(existing(plan)?),
        // Of no use here, and found for the current unit on the path.
        Some("cmi") if options.output == Output::Library => {}
        _ => {
            return complain(
                host,
                &format!(
                    "Don't know what to do with {}\nUsage: {program} <options> <files>\nTry '{program} --help' for more information.",
                    path.display()
                ),
            );
        }
    }
    Ok(())
}

/// Compiles a C source with the host's C compiler, for users who have one.
fn compile_c(host: HostRef, layout: &Layout, options: &Options, source: &Path) -> Result<PathBuf, Failed> {
    let beside = || source.file_name().map_or(source, Path::new).with_extension("o");
    let chosen = options.output_name.clone().filter(|_| options.output == Output::Objects);
    let object = chosen.unwrap_or_else(beside);
    let is_host = options.target.name == rocaml_target::Target::host().name;
    let Some(cc) = options.cc.clone().or_else(|| is_host.then(|| "cc".to_owned())) else {
        return complain(
            host,
            &format!(
                "rocamlopt: {} is a C source, and there is no C compiler for {}: name one with -cc",
                source.display(),
                options.target.name
            ),
        );
    };
    let mut words = cc.split_whitespace().map(str::to_owned);
    let Some(command) = words.next() else { return complain(host, "rocamlopt: -cc needs a command") };
    let mut args: Vec<std::ffi::OsString> = words.map(Into::into).collect();
    args.extend(["-c", "-O2", "-fPIC"].map(Into::into));
    args.extend(options.debug.then(|| "-g".into()));
    args.push("-I".into());
    args.push(layout.library().into());
    args.extend(options.ccopts.iter().flat_map(|opts| opts.split_whitespace()).map(Into::into));
    args.extend([source.into(), "-o".into(), object.clone().into()]);
    if options.verbose {
        let words: Vec<String> = args.iter().map(|arg| link::quoted(&arg.to_string_lossy())).collect();
        host.print_error(&format!("+ {command} {}\n", words.join(" ")));
    }
    match host.run(Path::new(&command), &args) {
        Ok(0) => Ok(object),
        // It has said what is wrong.
        Ok(_) => Err(Failed),
        Err(error) => {
            complain(host, &format!("rocamlopt: cannot run the C compiler {command}: {}", io_error_text(&error)))
        }
    }
}
