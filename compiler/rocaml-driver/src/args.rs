//! The command line of `rocamlopt`: upstream's `Main_args`, as one table.
//!
//! To add an option, add a line to [`FLAGS`]; the help text, the parser and the errors follow.

use crate::ocamlparam;
use crate::options::{Color, Dump, Input, Mode, Options, Output, StopAfter, WarningFlag};
use linkers::LinkerChoice;
use rocaml_target::Target;
use std::path::PathBuf;

/// What the command line asks to print instead of compiling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Query {
    Help,
    Version,
    VersionNumber,
    /// `-v`
    VersionAndLibrary,
    Where,
    Config,
    ConfigVariable(String),
    Targets {
        json: bool,
    },
    WarnHelp,
}

/// A command line, understood.
#[derive(Debug)]
pub enum Command {
    Compile(Box<Options>),
    Print(Query, Box<Options>),
}

/// A command line that makes no sense; the text is complete, for standard error.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// How an option takes its argument and what it does.
enum Action {
    Do(fn(&mut Options)),
    Take(fn(&mut Options, &str) -> Result<(), String>),
    /// `-target`
    ChooseTarget,
    Ask(fn() -> Query),
    AskAbout(fn(&str) -> Query),
    /// Accepted for compatibility; without effect on what is generated here.
    Ignore,
    IgnoreArgument,
    /// Known upstream, not supported here.
    Refuse,
    /// `-args` and `-args0`: more arguments in a file, separated by the byte.
    ArgsFile(u8),
}

struct Flag {
    name: &'static str,
    /// Name of the argument in the help text.
    argument: &'static str,
    action: Action,
    help: &'static str,
}

const fn flag(name: &'static str, argument: &'static str, action: Action, help: &'static str) -> Flag {
    Flag { name, argument, action, help }
}

use Action::{ArgsFile, Ask, AskAbout, ChooseTarget, Do, Ignore, IgnoreArgument, Refuse, Take};

/// Every option. Undocumented ones have an empty help text.
static FLAGS: &[Flag] = &[
    flag("-target", "<row>", ChooseTarget, "Compile for this target (-print-targets lists them)"),
    flag(
        "-print-targets",
        "",
        Ask(|| Query::Targets { json: false }),
        "List the targets and what is missing for each; with -json as JSON",
    ),
    flag("-json", "", Ignore, "With -print-targets: machine-readable output"),
    flag(
        "-linker",
        "<lld|cc|path>",
        Take(|o, a| {
            o.linker = LinkerChoice::parse(a);
            Ok(())
        }),
        "Link with the bundled LLD (default), the C compiler, or another linker",
    ),
    flag("-jobs", "<n>", Take(set_jobs), "Number of threads that generate code (default: one per processor)"),
    flag("-a", "", Do(|o| o.choose(Output::Library)), "Make a library (.cmxa) of the units"),
    flag("-absname", "", Do(|o| o.absolute_names = true), "Absolute file names in messages"),
    flag("-no-absname", "", Do(|o| o.absolute_names = false), "File names in messages as they were given (default)"),
    flag("-afl-instrument", "", Refuse, ""),
    flag("-afl-inst-ratio", "<n>", IgnoreArgument, ""),
    flag(
        "-alert",
        "<list>",
        Take(|o, a| {
            o.warnings.push((WarningFlag::Alert, a.into()));
            Ok(())
        }),
        "Enable (+name), disable (-name) or make fatal (++name) alerts",
    ),
    flag("-annot", "", Do(|o| o.annot = true), ""),
    flag("-dtypes", "", Ignore, ""),
    flag("-app-funct", "", Do(|o| o.applicative_functors = true), "Applicative functors (default)"),
    flag("-no-app-funct", "", Do(|o| o.applicative_functors = false), "Generative functors only"),
    flag("-bin-annot", "", Do(|o| o.bin_annot = true), "Keep the typed tree in a .cmt file"),
    flag("-bin-annot-occurrences", "", Do(|o| o.store_occurrences = true), ""),
    flag(
        "-c",
        "",
        // An interface that is asked for is printed all the same.
        Do(|o| {
            if o.output != Output::PrintInterface {
                o.choose(Output::Objects);
            }
        }),
        "Compile without linking",
    ),
    flag(
        "-cc",
        "<command>",
        Take(|o, a| {
            o.cc = Some(a.into());
            Ok(())
        }),
        "C compiler for .c files and for -linker cc",
    ),
    flag(
        "-cclib",
        "<opt>",
        Take(|o, a| {
            o.inputs.push(Input::CcLib(a.into()));
            Ok(())
        }),
        "Pass an option or library to the linker",
    ),
    flag(
        "-ccopt",
        "<opt>",
        Take(|o, a| {
            o.ccopts.push(a.into());
            Ok(())
        }),
        "Pass an option to the C compiler and the linker",
    ),
    flag(
        "-cmi-file",
        "<file>",
        Take(|o, a| {
            o.cmi_file = Some(a.into());
            Ok(())
        }),
        "Check against this compiled interface",
    ),
    flag("-color", "{auto|always|never}", Take(set_color), "Color messages"),
    flag("-compact", "", Ignore, "Prefer small code"),
    flag("-config", "", Ask(|| Query::Config), "Print the configuration and stop"),
    flag(
        "-config-var",
        "<name>",
        AskAbout(|a| Query::ConfigVariable(a.into())),
        "Print one value of the configuration and stop",
    ),
    flag(
        "-error-style",
        "{contextual|short}",
        Take(set_error_style),
        "Show the source under an error, or only its place",
    ),
    flag("-fPIC", "", Ignore, "Position-independent code (always so)"),
    flag("-fno-PIC", "", Ignore, ""),
    flag(
        "-for-pack",
        "<module>",
        Take(|o, a| {
            o.for_pack = Some(a.into());
            Ok(())
        }),
        "Compile for a later -pack into the module",
    ),
    flag("-function-sections", "", Ignore, ""),
    flag("-g", "", Do(|o| o.debug = true), "Debug information: backtraces and line numbers"),
    flag("-no-g", "", Do(|o| o.debug = false), "No debug information (default)"),
    flag(
        "-H",
        "<dir>",
        Take(|o, a| {
            o.hidden_include_dirs.push(a.into());
            Ok(())
        }),
        "Search a directory for dependencies of dependencies only",
    ),
    flag(
        "-I",
        "<dir>",
        Take(|o, a| {
            o.include_dirs.push(a.into());
            Ok(())
        }),
        "Search a directory for compiled interfaces and units",
    ),
    flag("-i", "", Do(|o| o.choose(Output::PrintInterface)), "Print the inferred interface"),
    flag(
        "-i-variance",
        "",
        Do(|o| o.print_variance = true),
        "Print the variance of type parameters where types are printed",
    ),
    flag(
        "-impl",
        "<file>",
        Take(|o, a| {
            o.inputs.push(Input::Implementation(a.into()));
            Ok(())
        }),
        "Compile the file as an implementation",
    ),
    flag(
        "-intf",
        "<file>",
        Take(|o, a| {
            o.inputs.push(Input::Interface(a.into()));
            Ok(())
        }),
        "Compile the file as an interface",
    ),
    flag(
        "-intf-suffix",
        "<suffix>",
        Take(|o, a| {
            o.interface_suffix = a.into();
            Ok(())
        }),
        "Suffix of interface files (default .mli)",
    ),
    flag(
        "-intf_suffix",
        "<suffix>",
        Take(|o, a| {
            o.interface_suffix = a.into();
            Ok(())
        }),
        "",
    ),
    flag("-inline", "<n>", Take(set_inline), "How eagerly to inline (default 10)"),
    flag("-inline-branch-factor", "<n>", IgnoreArgument, ""),
    flag("-inline-toplevel", "<n>", IgnoreArgument, ""),
    flag("-inline-alloc-cost", "<n>", IgnoreArgument, ""),
    flag("-inline-branch-cost", "<n>", IgnoreArgument, ""),
    flag("-inline-call-cost", "<n>", IgnoreArgument, ""),
    flag("-inline-prim-cost", "<n>", IgnoreArgument, ""),
    flag("-inline-indirect-cost", "<n>", IgnoreArgument, ""),
    flag("-inline-lifting-benefit", "<n>", IgnoreArgument, ""),
    flag("-inline-max-depth", "<n>", IgnoreArgument, ""),
    flag("-inline-max-unroll", "<n>", IgnoreArgument, ""),
    flag("-inlining-report", "", Ignore, ""),
    flag("-insn-sched", "", Ignore, ""),
    flag("-no-insn-sched", "", Ignore, ""),
    flag("-keep-docs", "", Do(|o| o.keep_docs = true), "Keep documentation comments in .cmi files"),
    flag("-no-keep-docs", "", Do(|o| o.keep_docs = false), ""),
    flag("-keep-locs", "", Do(|o| o.keep_locs = true), "Keep locations in .cmi files (default)"),
    flag("-no-keep-locs", "", Do(|o| o.keep_locs = false), ""),
    flag("-keywords", "<spec>", Refuse, ""),
    flag("-labels", "", Do(|o| o.classic_labels = false), "Labels commute (default)"),
    flag("-nolabels", "", Do(|o| o.classic_labels = true), "Ignore labels in types, optional ones excepted"),
    flag("-linkall", "", Do(|o| o.link_all = true), "Link every unit of the libraries"),
    flag("-linscan", "", Ignore, ""),
    flag("-alias-deps", "", Do(|o| o.no_alias_deps = false), ""),
    flag("-no-alias-deps", "", Do(|o| o.no_alias_deps = true), "A module alias alone makes no dependency"),
    flag("-match-context-rows", "<n>", IgnoreArgument, ""),
    flag("-no-float-const-prop", "", Ignore, ""),
    flag("-noassert", "", Do(|o| o.no_assert = true), "Leave out assertions"),
    flag("-noautolink", "", Do(|o| o.auto_link = false), "Ignore the linker options recorded in libraries"),
    flag("-nocwd", "", Do(|o| o.include_cwd = false), "Do not search the current directory"),
    flag("-nodynlink", "", Ignore, ""),
    flag("-nopervasives", "", Do(|o| o.open_stdlib = false), "Do not open Stdlib"),
    flag("-nostdlib", "", Do(|o| o.include_stdlib = false), "Do not search the standard library's directory"),
    flag(
        "-o",
        "<file>",
        Take(|o, a| {
            o.output_name = Some(a.into());
            Ok(())
        }),
        "Name of the output",
    ),
    flag("-O2", "", Ignore, ""),
    flag("-O3", "", Ignore, ""),
    flag("-Oclassic", "", Ignore, ""),
    flag("-opaque", "", Do(|o| o.opaque = true), "Keep nothing for optimisation in other units"),
    flag(
        "-open",
        "<module>",
        Take(|o, a| {
            o.open_modules.push(a.into());
            Ok(())
        }),
        "Open a module before the first line",
    ),
    flag("-output-obj", "", Do(|o| o.choose(Output::Object)), "Link into one object file without the runtime"),
    flag(
        "-output-complete-obj",
        "",
        Do(|o| o.choose(Output::CompleteObject)),
        "Link into one object file with the runtime",
    ),
    flag("-p", "", Refuse, ""),
    flag("-pack", "", Do(|o| o.choose(Output::Pack)), ""),
    flag("-plugin", "<file>", IgnoreArgument, ""),
    flag(
        "-pp",
        "<command>",
        Take(|o, a| {
            o.preprocessor = Some(a.into());
            Ok(())
        }),
        "Pipe sources through a command",
    ),
    flag(
        "-ppx",
        "<command>",
        Take(|o, a| {
            o.ppx.push(a.into());
            Ok(())
        }),
        "Transform syntax trees with a command",
    ),
    flag("-principal", "", Do(|o| o.principal = true), "Check that inference is principal"),
    flag("-no-principal", "", Do(|o| o.principal = false), ""),
    flag("-rectypes", "", Do(|o| o.recursive_types = true), "Allow recursive types everywhere"),
    flag("-no-rectypes", "", Do(|o| o.recursive_types = false), ""),
    flag("-remove-unused-arguments", "", Ignore, ""),
    flag("-rounds", "<n>", IgnoreArgument, ""),
    flag(
        "-runtime-variant",
        "<suffix>",
        Take(|o, a| {
            o.runtime_variant = a.into();
            Ok(())
        }),
        "Link this variant of the runtime (d: debug)",
    ),
    flag("-with-runtime", "", Do(|o| o.with_runtime = true), ""),
    flag("-without-runtime", "", Do(|o| o.with_runtime = false), ""),
    flag("-S", "", Do(|o| o.keep_assembly = true), "Keep a listing of the generated code (.s)"),
    flag("-safe-string", "", Ignore, ""),
    flag("-safer-matching", "", Do(|o| o.safer_matching = true), "Do not rely on types in pattern matching"),
    flag("-save-ir-after", "<pass>", Refuse, ""),
    flag("-shared", "", Do(|o| o.choose(Output::Shared)), ""),
    flag("-short-paths", "", Do(|o| o.short_paths = true), "Print the shortest path of a type"),
    flag("-stop-after", "<phase>", Take(set_stop_after), "Stop after parsing, typing, lambda, scheduling or emit"),
    flag("-strict-formats", "", Do(|o| o.strict_formats = true), ""),
    flag("-no-strict-formats", "", Do(|o| o.strict_formats = false), ""),
    flag("-strict-sequence", "", Do(|o| o.strict_sequence = true), "The left of a sequence must be of type unit"),
    flag("-no-strict-sequence", "", Do(|o| o.strict_sequence = false), ""),
    flag("-thread", "", Do(|o| o.include_dirs.push("+threads".into())), ""),
    flag("-unbox-closures", "", Ignore, ""),
    flag("-unbox-closures-factor", "<n>", IgnoreArgument, ""),
    flag("-no-unbox-free-vars-of-closures", "", Ignore, ""),
    flag("-no-unbox-specialised-args", "", Ignore, ""),
    flag("-unboxed-types", "", Do(|o| o.unboxed_types = true), ""),
    flag("-no-unboxed-types", "", Do(|o| o.unboxed_types = false), ""),
    flag("-unsafe", "", Do(|o| o.unsafe_ = true), "No bounds checks"),
    flag("-unsafe-string", "", Refuse, ""),
    flag("-v", "", Ask(|| Query::VersionAndLibrary), "Print the version and the library's place, and stop"),
    flag("-verbose", "", Do(|o| o.verbose = true), "Print the commands that are run"),
    flag("-version", "", Ask(|| Query::Version), "Print the version and stop"),
    flag("--version", "", Ask(|| Query::Version), ""),
    flag("-vnum", "", Ask(|| Query::VersionNumber), "Print the version number and stop"),
    flag(
        "-w",
        "<list>",
        Take(|o, a| {
            o.warnings.push((WarningFlag::Warn, a.into()));
            Ok(())
        }),
        "Enable (+), disable (-) or make fatal (@) warnings",
    ),
    flag(
        "-warn-error",
        "<list>",
        Take(|o, a| {
            o.warnings.push((WarningFlag::WarnError, a.into()));
            Ok(())
        }),
        "Make warnings fatal (+) or not (-)",
    ),
    flag("-warn-help", "", Ask(|| Query::WarnHelp), "Describe the warnings and stop"),
    flag("-where", "", Ask(|| Query::Where), "Print the standard library's directory and stop"),
    flag(
        "-",
        "<file>",
        Take(|o, a| {
            o.inputs.push(Input::File(a.into()));
            Ok(())
        }),
        "Take what follows as a file name",
    ),
    flag("-args", "<file>", ArgsFile(b'\n'), "Read more arguments, one a line"),
    flag("-args0", "<file>", ArgsFile(0), "Read more arguments, separated by NUL"),
    flag("-dcanonical-ids", "", Do(|o| o.canonical_ids = true), ""),
    flag("-dno-canonical-ids", "", Do(|o| o.canonical_ids = false), ""),
    flag("-dunique-ids", "", Do(|o| o.unique_ids = true), ""),
    flag("-dno-unique-ids", "", Do(|o| o.unique_ids = false), ""),
    flag("-dlocations", "", Do(|o| o.dump_locations = true), ""),
    flag("-dno-locations", "", Do(|o| o.dump_locations = false), ""),
    flag("-dsource", "", Do(|o| o.dumps.push(Dump::Source)), ""),
    flag("-dparsetree", "", Do(|o| o.dumps.push(Dump::Parsetree)), ""),
    flag("-dtypedtree", "", Do(|o| o.dumps.push(Dump::Typedtree)), ""),
    flag("-dshape", "", Do(|o| o.dumps.push(Dump::Shape)), ""),
    flag("-drawlambda", "", Do(|o| o.dumps.push(Dump::RawLambda)), ""),
    flag("-dlambda", "", Do(|o| o.dumps.push(Dump::Lambda)), ""),
    flag("-drawclambda", "", Refuse, ""),
    flag("-dclambda", "", Refuse, ""),
    flag("-dcmm", "", Do(|o| o.dumps.push(Dump::Cmm)), ""),
    flag("-dclif", "", Do(|o| o.dumps.push(Dump::Clif)), ""),
    flag("-dstartup", "", Refuse, ""),
    flag("-dump-into-file", "", Do(|o| o.dump_into_file = true), ""),
    flag(
        "-dump-dir",
        "<dir>",
        Take(|o, a| {
            o.dump_dir = Some(a.into());
            Ok(())
        }),
        "",
    ),
    flag("-dparsetree-loc-ghost-invariants", "", Refuse, ""),
    flag("-dmatchcomp", "", Refuse, ""),
    // Of upstream's phases that have no counterpart here.
    flag("-clambda-checks", "", Ignore, ""),
    flag("-dcmm-invariants", "", Ignore, ""),
    flag("-dflambda", "", Refuse, ""),
    flag("-drawflambda", "", Refuse, ""),
    flag("-dflambda-invariants", "", Ignore, ""),
    flag("-dflambda-no-invariants", "", Ignore, ""),
    flag("-dflambda-let", "<stamp>", IgnoreArgument, ""),
    flag("-dflambda-verbose", "", Refuse, ""),
    flag("-dsel", "", Refuse, ""),
    flag("-dcombine", "", Refuse, ""),
    flag("-dcse", "", Refuse, ""),
    flag("-dlive", "", Refuse, ""),
    flag("-dspill", "", Refuse, ""),
    flag("-dsplit", "", Refuse, ""),
    flag("-dinterf", "", Refuse, ""),
    flag("-dprefer", "", Refuse, ""),
    flag("-dalloc", "", Refuse, ""),
    flag("-dreload", "", Refuse, ""),
    flag("-dscheduling", "", Refuse, ""),
    flag("-dlinear", "", Refuse, ""),
    flag("-dinterval", "", Refuse, ""),
    flag("-dprofile", "", Do(|o| o.dumps.push(Dump::Timings)), ""),
    flag("-dump-pass", "<pass>", Refuse, ""),
    flag("-depend", "", Refuse, ""),
    flag("-dtimings", "", Do(|o| o.dumps.push(Dump::Timings)), ""),
    flag("-help", "", Ask(|| Query::Help), "Print this list and stop"),
    flag("--help", "", Ask(|| Query::Help), ""),
];

fn set_jobs(options: &mut Options, text: &str) -> Result<(), String> {
    options.jobs = text.parse().ok().filter(|n| *n > 0).ok_or("a positive number")?;
    Ok(())
}

fn set_color(options: &mut Options, text: &str) -> Result<(), String> {
    options.color = Some(Color::parse(text).ok_or_else(|| one_of("auto always never"))?);
    Ok(())
}

fn set_error_style(options: &mut Options, text: &str) -> Result<(), String> {
    options.short_errors = Some(match text {
        "contextual" => false,
        "short" => true,
        _ => return Err(one_of("contextual short")),
    });
    Ok(())
}

fn set_inline(options: &mut Options, text: &str) -> Result<(), String> {
    // Upstream also takes `round=n` lists; the last plain number counts here.
    let number = text.rsplit([',', '=']).next().unwrap_or(text);
    let value: f64 = number.parse().map_err(|_| "a number".to_owned())?;
    options.inline = value.clamp(0.0, 1e6) as u32;
    Ok(())
}

fn set_stop_after(options: &mut Options, text: &str) -> Result<(), String> {
    let phase = match text {
        "parsing" => StopAfter::Parsing,
        "typing" => StopAfter::Typing,
        "lambda" => StopAfter::Lambda,
        "scheduling" => StopAfter::Scheduling,
        "emit" => StopAfter::Emit,
        _ => return Err(one_of("parsing typing lambda scheduling emit")),
    };
    options.stops_after_several |= options.stop_after.is_some_and(|other| other != phase);
    options.stop_after = Some(phase);
    options.add_mode(Mode::StopEarly);
    Ok(())
}

fn one_of(words: &str) -> String {
    format!("one of: {words}")
}

/// Reads a command line, the program's name excluded. `environment` is `OCAMLPARAM`.
pub fn parse(
    program: &str,
    args: &[String],
    environment: &str,
    read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<Command, UsageError> {
    let mut options = Options { command_line: command_line(program, args), ..Options::default() };
    let settings = ocamlparam::parse(environment).unwrap_or_else(|why| {
        options.environment_mistakes.push(("OCAMLPARAM".to_owned(), why));
        ocamlparam::Settings::default()
    });
    settings.apply_before(&mut options);
    let mut query = None;
    let mut pending: Vec<String> = args.iter().rev().cloned().collect();
    let fail = |text: String| UsageError(format!("{program}: {text}\n{}", usage(program)));
    while let Some(arg) = pending.pop() {
        let (name, inline) = split_equals(&arg);
        let Some(flag) = FLAGS.iter().find(|f| f.name == name) else {
            if arg.starts_with('-') {
                return Err(fail(format!("unknown option '{arg}'.")));
            }
            options.inputs.push(Input::File(PathBuf::from(arg)));
            continue;
        };
        let mut argument = || {
            inline
                .map(str::to_owned)
                .or_else(|| pending.pop())
                .ok_or_else(|| fail(format!("option '{name}' needs an argument.")))
        };
        match flag.action {
            Do(set) => set(&mut options),
            Take(set) => {
                let argument = argument()?;
                set(&mut options, &argument)
                    .map_err(|why| fail(format!("wrong argument '{argument}'; option '{name}' expects {why}.")))?;
            }
            // The suggestions are what helps here, not the list of options.
            ChooseTarget => {
                options.target =
                    Target::lookup(&argument()?).map_err(|unknown| UsageError(format!("{program}: {unknown}\n")))?;
            }
            Ask(ask) => query = query.or(Some(ask())),
            AskAbout(ask) => query = Some(ask(&argument()?)),
            Ignore => {}
            IgnoreArgument => drop(argument()?),
            Refuse => return Err(fail(format!("option '{name}' is not supported."))),
            ArgsFile(separator) => {
                let file = argument()?;
                let bytes = read(&file).map_err(|error| {
                    let text = crate::io_error_text(&error);
                    UsageError(format!("File \"_none_\", line 1:\nError: I/O error: {file}: {text}\n"))
                })?;
                pending.extend(split_args(&bytes, separator).into_iter().rev());
            }
        }
    }
    settings.apply_after(&mut options);
    if let Some(Query::Targets { json }) = &mut query {
        *json = args.iter().any(|a| a == "-json");
    }
    Ok(match query {
        Some(query) => Command::Print(query, Box::new(options)),
        None => Command::Compile(Box::new(options)),
    })
}

fn command_line(program: &str, args: &[String]) -> Vec<String> {
    std::iter::once(program.to_owned()).chain(args.iter().cloned()).collect()
}

/// `-target=row`: only long options of ours take their argument that way, upstream's never do.
fn split_equals(arg: &str) -> (&str, Option<&str>) {
    match arg.split_once('=') {
        Some((name @ ("-target" | "-linker" | "-jobs"), value)) => (name, Some(value)),
        _ => (arg, None),
    }
}

fn split_args(bytes: &[u8], separator: u8) -> Vec<String> {
    let mut words: Vec<String> = bytes
        .split(|b| *b == separator)
        .map(|w| String::from_utf8_lossy(w).trim_end_matches('\r').to_owned())
        .collect();
    if words.last().is_some_and(String::is_empty) {
        words.pop();
    }
    words
}

fn usage(program: &str) -> String {
    format!("Usage: {program} <options> <files>\nTry '{program} --help' for more information.\n")
}

/// The text of `-help`.
pub fn help(program: &str) -> String {
    let mut text = format!("Usage: {program} <options> <files>\nOptions are:\n");
    for flag in FLAGS.iter().filter(|f| !f.help.is_empty()) {
        let head = format!("  {} {}", flag.name, flag.argument);
        text.push_str(&format!("{:<32}  {}\n", head.trim_end(), flag.help));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> Result<Command, UsageError> {
        let args: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        parse("rocamlopt", &args, "", &|_| Ok(b"-g\nb.ml\n".to_vec()))
    }

    #[test]
    fn flags_are_unique() {
        for (i, flag) in FLAGS.iter().enumerate() {
            assert!(FLAGS[..i].iter().all(|f| f.name != flag.name), "{}", flag.name);
        }
    }

    #[test]
    fn order_of_inputs_is_kept() {
        let Ok(Command::Compile(o)) = parse_words("a.ml -cclib -lm -args more c.cmx -o out") else { panic!() };
        let names: Vec<String> = o.inputs.iter().map(|i| format!("{i:?}")).collect();
        assert_eq!(names, ["File(\"a.ml\")", "CcLib(\"-lm\")", "File(\"b.ml\")", "File(\"c.cmx\")"]);
        assert!(o.debug && o.output_name == Some("out".into()));
    }

    #[test]
    fn mistakes_are_explained() {
        for (words, text) in [
            ("-foo", "rocamlopt: unknown option '-foo'."),
            ("-o", "rocamlopt: option '-o' needs an argument."),
            ("-color red", "rocamlopt: wrong argument 'red'; option '-color' expects one of: auto always never."),
        ] {
            let error = parse_words(words).expect_err("a mistake");
            assert!(error.0.starts_with(text), "{}", error.0);
        }
        assert!(parse_words("-target riscv65-linux").is_err());
    }
}
