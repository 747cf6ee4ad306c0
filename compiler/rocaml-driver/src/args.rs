//! The command line of `rocamlopt`: upstream's `Main_args`, as one table.
//!
//! To add an option, add a line to [`FLAGS`]; the help text, the parser and the errors follow.

use crate::command_line::{self, Action, Argument, Flag, Mistake, UsageError, flag};
use crate::ocamlparam;
use crate::options::{Color, Dump, Input, Mode, Options, Output, StopAfter, WarningFlag};
use linkers::LinkerChoice;
use rocaml_diag::WarningState;
use rocaml_syntax::keywords::Edition;
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
    /// `-depend` somewhere else than in front: an error.
    MisplacedDepend,
}

/// A command line, understood.
#[derive(Debug)]
pub enum Command {
    Compile(Box<Options>),
    Print(Query, Box<Options>),
}

use Action::{ArgsFile, Do, Fail, Ignore, IgnoreArgument, Refuse, Take};

/// Every option. Undocumented ones have an empty help text.
static FLAGS: &[Flag<Options>] = &[
    flag("-target", "<row>", Take(choose_target), "Compile for this target (-print-targets lists them)"),
    flag(
        "-print-targets",
        "",
        Do(|o| o.ask(Query::Targets { json: false })),
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
    flag("-afl-inst-ratio", "<n>", IgnoreArgument(Argument::Integer), ""),
    flag(
        "-alert",
        "<list>",
        Take(|o, a| add_warnings(o, WarningFlag::Alert, a)),
        "Enable (+name), disable (-name) or make fatal (++name) alerts",
    ),
    flag("-annot", "", Do(|o| o.annot = true), ""),
    flag("-dtypes", "", Do(|o| o.annot = true), ""),
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
    flag("-config", "", Do(|o| o.ask(Query::Config)), "Print the configuration and stop"),
    flag(
        "-config-var",
        "<name>",
        Take(|o, a| {
            o.ask(Query::ConfigVariable(a.into()));
            Ok(())
        }),
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
    flag("-inline-branch-factor", "<n>", IgnoreArgument(Argument::FloatByRound), ""),
    flag("-inline-toplevel", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-alloc-cost", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-branch-cost", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-call-cost", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-prim-cost", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-indirect-cost", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-lifting-benefit", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-max-depth", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inline-max-unroll", "<n>", IgnoreArgument(Argument::IntegerByRound), ""),
    flag("-inlining-report", "", Ignore, ""),
    flag("-insn-sched", "", Ignore, ""),
    flag("-no-insn-sched", "", Ignore, ""),
    flag("-keep-docs", "", Do(|o| o.keep_docs = true), "Keep documentation comments in .cmi files"),
    flag("-no-keep-docs", "", Do(|o| o.keep_docs = false), ""),
    flag("-keep-locs", "", Do(|o| o.keep_locs = true), "Keep locations in .cmi files (default)"),
    flag("-no-keep-locs", "", Do(|o| o.keep_locs = false), ""),
    flag("-keywords", "<spec>", Take(set_keywords), "Keywords: <version>+<word>+… (default: all that there are)"),
    flag("-labels", "", Do(|o| o.classic_labels = false), "Labels commute (default)"),
    flag("-nolabels", "", Do(|o| o.classic_labels = true), "Ignore labels in types, optional ones excepted"),
    flag("-linkall", "", Do(|o| o.link_all = true), "Link every unit of the libraries"),
    flag("-linscan", "", Ignore, ""),
    flag("-alias-deps", "", Do(|o| o.no_alias_deps = false), ""),
    flag("-no-alias-deps", "", Do(|o| o.no_alias_deps = true), "A module alias alone makes no dependency"),
    flag("-match-context-rows", "<n>", IgnoreArgument(Argument::Integer), ""),
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
    flag("-p", "", Fail(|| unsupported_since("Profiling with \"gprof\" (option `-p')")), ""),
    flag("-pack", "", Do(|o| o.choose(Output::Pack)), ""),
    flag("-plugin", "<file>", Take(|_, _| Err(unsupported_since("-plugin"))), ""),
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
    flag("-rounds", "<n>", IgnoreArgument(Argument::Integer), ""),
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
    flag("-save-ir-after", "<pass>", Take(set_save_ir_after), "Keep the unit before code is emitted (.cmir-linear)"),
    flag("-shared", "", Do(|o| o.choose(Output::Shared)), ""),
    flag("-short-paths", "", Do(|o| o.short_paths = true), "Print the shortest path of a type"),
    flag("-stop-after", "<phase>", Take(set_stop_after), "Stop after parsing, typing, lambda, scheduling or emit"),
    flag("-strict-formats", "", Do(|o| o.strict_formats = true), ""),
    flag("-no-strict-formats", "", Do(|o| o.strict_formats = false), ""),
    flag("-strict-sequence", "", Do(|o| o.strict_sequence = true), "The left of a sequence must be of type unit"),
    flag("-no-strict-sequence", "", Do(|o| o.strict_sequence = false), ""),
    flag("-thread", "", Do(|o| o.include_dirs.push("+threads".into())), ""),
    flag("-unbox-closures", "", Ignore, ""),
    flag("-unbox-closures-factor", "<n>", IgnoreArgument(Argument::Integer), ""),
    flag("-no-unbox-free-vars-of-closures", "", Ignore, ""),
    flag("-no-unbox-specialised-args", "", Ignore, ""),
    flag("-unboxed-types", "", Do(|o| o.unboxed_types = true), ""),
    flag("-no-unboxed-types", "", Do(|o| o.unboxed_types = false), ""),
    flag("-unsafe", "", Do(|o| o.unsafe_ = true), "No bounds checks"),
    flag(
        "-unsafe-string",
        "",
        Fail(|| Mistake::Named("-unsafe-string is not available since OCaml 5.0".to_owned())),
        "",
    ),
    flag("-v", "", Do(|o| o.ask(Query::VersionAndLibrary)), "Print the version and the library's place, and stop"),
    flag("-verbose", "", Do(|o| o.verbose = true), "Print the commands that are run"),
    flag("-version", "", Do(|o| o.ask(Query::Version)), "Print the version and stop"),
    flag("--version", "", Do(|o| o.ask(Query::Version)), ""),
    flag("-vnum", "", Do(|o| o.ask(Query::VersionNumber)), "Print the version number and stop"),
    flag(
        "-w",
        "<list>",
        Take(|o, a| add_warnings(o, WarningFlag::Warn, a)),
        "Enable (+), disable (-) or make fatal (@) warnings",
    ),
    flag(
        "-warn-error",
        "<list>",
        Take(|o, a| add_warnings(o, WarningFlag::WarnError, a)),
        "Make warnings fatal (+) or not (-)",
    ),
    flag("-warn-help", "", Do(|o| o.ask(Query::WarnHelp)), "Describe the warnings and stop"),
    flag("-where", "", Do(|o| o.ask(Query::Where)), "Print the standard library's directory and stop"),
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
    flag("-dparsetree-loc-ghost-invariants", "", Do(|o| o.checks_ghost_locations = true), ""),
    flag("-dmatchcomp", "", Refuse, ""),
    // Of upstream's phases that have no counterpart here.
    flag("-clambda-checks", "", Ignore, ""),
    flag("-dcmm-invariants", "", Ignore, ""),
    flag("-dflambda", "", Refuse, ""),
    flag("-drawflambda", "", Refuse, ""),
    flag("-dflambda-invariants", "", Ignore, ""),
    flag("-dflambda-no-invariants", "", Ignore, ""),
    flag("-dflambda-let", "<stamp>", IgnoreArgument(Argument::Integer), ""),
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
    flag("-dump-pass", "<pass>", IgnoreArgument(Argument::Any), ""),
    flag(
        "-depend",
        "<options>",
        // Where it stands first it is another program.
        Do(|o| o.ask(Query::MisplacedDepend)),
        "Compute dependencies (-depend -help tells more)",
    ),
    flag("-dtimings", "", Do(|o| o.dumps.push(Dump::Timings)), ""),
    flag("-help", "", Do(|o| o.ask(Query::Help)), "Print this list and stop"),
    flag("--help", "", Do(|o| o.ask(Query::Help)), ""),
];

fn set_jobs(options: &mut Options, text: &str) -> Result<(), Mistake> {
    options.jobs = text.parse().ok().filter(|n| *n > 0).ok_or_else(|| Mistake::expected("a positive number"))?;
    Ok(())
}

fn add_warnings(options: &mut Options, flag: WarningFlag, spec: &str) -> Result<(), Mistake> {
    let mut state = WarningState::default();
    let result = match flag {
        WarningFlag::Warn => state.parse_options(false, spec).map(drop),
        WarningFlag::WarnError => state.parse_options(true, spec).map(drop),
        WarningFlag::Alert => state.parse_alert_option(spec),
    };
    result.map_err(|why| Mistake::Named(why.trim_end_matches('.').to_owned()))?;
    options.warnings.push((flag, spec.to_owned()));
    Ok(())
}

/// What was given up long ago.
fn unsupported_since(what: &str) -> Mistake {
    Mistake::Alone(format!("{what} is only supported up to OCaml 4.08.0"))
}

fn set_color(options: &mut Options, text: &str) -> Result<(), Mistake> {
    options.color = Some(Color::parse(text).ok_or_else(|| one_of("auto always never"))?);
    Ok(())
}

fn set_error_style(options: &mut Options, text: &str) -> Result<(), Mistake> {
    options.short_errors = Some(match text {
        "contextual" => false,
        "short" => true,
        _ => return Err(one_of("contextual short")),
    });
    Ok(())
}

fn set_inline(options: &mut Options, text: &str) -> Result<(), Mistake> {
    Argument::FloatByRound.check("-inline", text)?;
    // Upstream also takes `round=n` lists; the last plain number counts here.
    let number = text.rsplit([',', '=']).next().unwrap_or(text);
    let value: f64 = number.parse().unwrap_or(10.0);
    options.inline = value.clamp(0.0, 1e6) as u32;
    Ok(())
}

/// `-keywords`
pub(crate) fn set_keywords(options: &mut Options, text: &str) -> Result<(), Mistake> {
    Edition::parse(text).map_err(|why| Mistake::Said(why.to_owned()))?;
    options.keywords = Some(text.to_owned());
    Ok(())
}

fn set_stop_after(options: &mut Options, text: &str) -> Result<(), Mistake> {
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

fn set_save_ir_after(options: &mut Options, text: &str) -> Result<(), Mistake> {
    options.saves_ir = true;
    if text == "scheduling" { Ok(()) } else { Err(one_of("scheduling")) }
}

fn choose_target(options: &mut Options, text: &str) -> Result<(), Mistake> {
    // The suggestions are what helps here, not the list of options.
    options.target = Target::lookup(text).map_err(|unknown| Mistake::Whole(unknown.to_string()))?;
    Ok(())
}

fn one_of(words: &str) -> Mistake {
    Mistake::expected(format!("one of: {words}"))
}

/// Reads a command line, the program's name excluded. `environment` is `OCAMLPARAM`.
///
/// # Errors
/// When it makes no sense.
pub fn parse(
    program: &str,
    args: &[String],
    environment: &str,
    read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<Command, UsageError> {
    let command_line = std::iter::once(program.to_owned()).chain(args.iter().cloned()).collect();
    let mut options = Options { command_line, ..Options::default() };
    let settings = ocamlparam::parse(environment).unwrap_or_else(|why| {
        options.environment_mistakes.push(("OCAMLPARAM".to_owned(), why));
        ocamlparam::Settings::default()
    });
    settings.apply_before(&mut options);
    let anonymous = |options: &mut Options, file: &str| options.inputs.push(Input::File(PathBuf::from(file)));
    match command_line::parse(program, args, FLAGS, anonymous, read, &mut options) {
        // What stands behind a question does not keep it from being answered.
        Err(error) if options.query.is_none() => return Err(error),
        _ => {}
    }
    settings.apply_after(&mut options);
    let mut query = options.query.take();
    if let Some(Query::Targets { json }) = &mut query {
        *json = args.iter().any(|a| a == "-json");
    }
    Ok(match query {
        Some(query) => Command::Print(query, Box::new(options)),
        None => Command::Compile(Box::new(options)),
    })
}

/// The text of `-help`.
pub fn help(program: &str) -> String {
    command_line::help(program, FLAGS)
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
