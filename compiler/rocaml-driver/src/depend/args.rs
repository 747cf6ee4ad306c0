//! The command line of `rocamldep`.

use super::Kind;
use crate::args::set_keywords;
use crate::command_line::{self, Action, Argument, Flag, UsageError, flag};
use crate::ocamlparam;
use crate::options::Options;

/// A file of the command line.
pub enum DepArg {
    /// `-map`
    Map(String),
    /// With its kind, if `-impl` or `-intf` tells.
    Source(String, Option<Kind>),
}

/// What is to be printed instead of dependencies.
#[derive(Clone, Copy)]
pub enum Asked {
    Help,
    Version,
    VersionNumber,
}

/// A command line, understood.
#[derive(Default)]
pub struct Settings {
    /// What it has in common with a compilation.
    pub options: Options,
    pub asked: Option<Asked>,
    pub dep_args: Vec<DepArg>,
    pub ml_synonyms: Vec<String>,
    pub mli_synonyms: Vec<String>,
    /// `-modules`
    pub raw: bool,
    pub native_only: bool,
    pub bytecode_only: bool,
    pub shared: bool,
    pub sorts: bool,
    pub all: bool,
    pub one_line: bool,
    /// `-slash`
    pub slashes: bool,
    pub approximates: bool,
    /// `-as-map`
    pub aliases_are_delayed: bool,
    /// `-debug-map`
    pub shows_maps: bool,
    /// What is wrong, and does not keep the rest from being done.
    pub complaints: Vec<String>,
}

use Action::{ArgsFile, Do, IgnoreArgument, Take};

static FLAGS: &[Flag<Settings>] = &[
    flag("-absname", "", Do(|s| s.options.absolute_names = true), "Absolute file names in messages"),
    flag("-no-absname", "", Do(|s| s.options.absolute_names = false), "File names as they were given (default)"),
    flag("-all", "", Do(|s| s.all = true), "Rules for all files that a compilation makes"),
    flag("-allow-approx", "", Do(|s| s.approximates = true), "Approximate the dependencies of what does not parse"),
    flag("-as-map", "", Do(|s| s.aliases_are_delayed = true), "Module aliases alone are no dependencies"),
    flag("-debug-map", "", Do(|s| s.shows_maps = true), "Print what each map file stands for"),
    flag(
        "-I",
        "<dir>",
        Take(|s, a| {
            s.options.include_dirs.push(a.into());
            Ok(())
        }),
        "Look for units in a directory",
    ),
    flag(
        "-H",
        "<dir>",
        Take(|s, a| {
            s.options.hidden_include_dirs.push(a.into());
            Ok(())
        }),
        "Look for units in a directory, after those of -I",
    ),
    flag("-nocwd", "", Do(|s| s.options.include_cwd = false), "Do not look for units in the current directory"),
    flag(
        "-impl",
        "<file>",
        Take(|s, a| {
            s.dep_args.push(DepArg::Source(a.into(), Some(Kind::Implementation)));
            Ok(())
        }),
        "Take the file for an implementation",
    ),
    flag(
        "-intf",
        "<file>",
        Take(|s, a| {
            s.dep_args.push(DepArg::Source(a.into(), Some(Kind::Interface)));
            Ok(())
        }),
        "Take the file for an interface",
    ),
    flag("-keywords", "<spec>", Take(|s, a| set_keywords(&mut s.options, a)), "Keywords: <version>+<word>+…"),
    flag(
        "-map",
        "<file>",
        Take(|s, a| {
            s.dep_args.push(DepArg::Map(a.into()));
            Ok(())
        }),
        "Dependencies on what is aliased in the file, from the next file on",
    ),
    flag(
        "-ml-synonym",
        "<ext>",
        Take(|s, a| {
            let suffix = s.suffix(a);
            s.ml_synonyms.extend(suffix);
            Ok(())
        }),
        "One more extension of implementations",
    ),
    flag(
        "-mli-synonym",
        "<ext>",
        Take(|s, a| {
            let suffix = s.suffix(a);
            s.mli_synonyms.extend(suffix);
            Ok(())
        }),
        "One more extension of interfaces",
    ),
    flag("-modules", "", Do(|s| s.raw = true), "Names of units only, not rules for make"),
    flag("-native", "", Do(|s| s.native_only = true), "Rules for native code only"),
    flag("-bytecode", "", Do(|s| s.bytecode_only = true), "Rules for bytecode only"),
    flag("-one-line", "", Do(|s| s.one_line = true), "Each rule on one line"),
    flag(
        "-open",
        "<module>",
        Take(|s, a| {
            s.options.open_modules.push(a.into());
            Ok(())
        }),
        "Open a module before the first line",
    ),
    flag("-plugin", "<plugin>", IgnoreArgument(Argument::Any), ""),
    flag(
        "-pp",
        "<command>",
        Take(|s, a| {
            s.options.preprocessor = Some(a.into());
            Ok(())
        }),
        "Pipe sources through a command",
    ),
    flag(
        "-ppx",
        "<command>",
        Take(|s, a| {
            s.options.ppx.push(a.into());
            Ok(())
        }),
        "Transform syntax trees with a command",
    ),
    flag("-shared", "", Do(|s| s.shared = true), "Rules for plugins (.cmxs) too"),
    flag("-slash", "", Do(|s| s.slashes = true), "Slashes in paths, where the system has backslashes"),
    flag("-no-slash", "", Do(|s| s.slashes = false), "Paths as the system has them (default)"),
    flag("-sort", "", Do(|s| s.sorts = true), "The files in the order of their dependencies"),
    flag("-version", "", Do(|s| s.ask(Asked::Version)), "Print the version and stop"),
    flag("-vnum", "", Do(|s| s.ask(Asked::VersionNumber)), "Print the version number and stop"),
    flag("-args", "<file>", ArgsFile(b'\n'), "Read more arguments, one a line"),
    flag("-args0", "<file>", ArgsFile(0), "Read more arguments, separated by NUL"),
    flag("-help", "", Do(|s| s.ask(Asked::Help)), "Print this list and stop"),
    flag("--help", "", Do(|s| s.ask(Asked::Help)), ""),
];

impl Settings {
    fn ask(&mut self, what: Asked) {
        self.asked.get_or_insert(what);
    }

    fn suffix(&mut self, text: &str) -> Option<String> {
        let is_one = text.len() > 1 && text.starts_with('.');
        if !is_one {
            self.complaints.push(format!("Bad suffix: '{text}'\n"));
        }
        is_one.then(|| text.to_owned())
    }
}

/// Reads a command line, the program's name excluded. `environment` is `OCAMLPARAM`.
pub fn parse(
    program: &str,
    args: &[String],
    environment: &str,
    read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<Settings, UsageError> {
    let options = Options { tool_name: "ocamldep", ..Options::default() };
    let (ml_synonyms, mli_synonyms) = (vec![".ml".to_owned()], vec![".mli".to_owned()]);
    let mut settings = Settings { options, ml_synonyms, mli_synonyms, ..Settings::default() };
    let parameters = ocamlparam::parse(environment).unwrap_or_else(|why| {
        settings.options.environment_mistakes.push(("OCAMLPARAM".to_owned(), why));
        ocamlparam::Settings::default()
    });
    parameters.apply_before(&mut settings.options);
    settings.aliases_are_delayed = settings.options.no_alias_deps;
    let anonymous = |settings: &mut Settings, file: &str| settings.dep_args.push(DepArg::Source(file.to_owned(), None));
    match command_line::parse(program, args, FLAGS, anonymous, read, &mut settings) {
        Err(error) if settings.asked.is_none() => return Err(error),
        _ => {}
    }
    parameters.apply_after(&mut settings.options);
    Ok(settings)
}

/// The text of `-help`.
pub fn help(program: &str) -> String {
    command_line::help(program, FLAGS)
}
