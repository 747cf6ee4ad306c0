//! What a command line asks for: upstream's `Clflags`, as one plain value.

use crate::args::Query;
use linkers::LinkerChoice;
use rocaml_base::Name;
use rocaml_lambda::print::Stamps;
use rocaml_syntax::ParseOptions;
use rocaml_target::Target;
use std::path::PathBuf;

/// What is made from the files of the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Output {
    /// An executable (or, with no file to link, nothing).
    #[default]
    Executable,
    /// `-c`: object files only.
    Objects,
    /// `-a`: a library.
    Library,
    /// `-i`: inferred interfaces, on standard output.
    PrintInterface,
    /// `-output-obj`: one object without the runtime.
    Object,
    /// `-output-complete-obj`: one object with the runtime.
    CompleteObject,
    /// `-pack`
    Pack,
    /// `-shared`
    Shared,
}

/// Kinds of results that exclude one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Pack,
    Archive,
    Shared,
    /// `-c`, `-i`, `-stop-after`
    StopEarly,
    Object,
}

/// The phase after which compilation stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StopAfter {
    Parsing,
    Typing,
    Lambda,
    Scheduling,
    Emit,
}

/// Intermediate forms printed on standard error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dump {
    Parsetree,
    /// The parse tree as source text.
    Source,
    Typedtree,
    Shape,
    RawLambda,
    Lambda,
    Cmm,
    /// Cranelift's IR.
    Clif,
    Timings,
}

/// When messages are colored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// What the choices are, as messages say it.
    pub const USAGE: &'static str = "expected \"auto\", \"always\" or \"never\"";

    pub fn parse(text: &str) -> Option<Color> {
        match text {
            "auto" => Some(Color::Auto),
            "always" => Some(Color::Always),
            "never" => Some(Color::Never),
            _ => None,
        }
    }
}

/// A file or library to process, in the order of the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// By its extension.
    File(PathBuf),
    /// `-impl`
    Implementation(PathBuf),
    /// `-intf`
    Interface(PathBuf),
    /// `-cclib`
    CcLib(String),
}

/// A whole command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name by which rewriters of trees know the program.
    pub tool_name: &'static str,
    pub target: &'static Target,
    pub inputs: Vec<Input>,
    pub output: Output,
    pub output_name: Option<PathBuf>,
    pub include_dirs: Vec<PathBuf>,
    pub hidden_include_dirs: Vec<PathBuf>,
    /// `-nocwd` clears it.
    pub include_cwd: bool,
    /// `-nostdlib` clears it.
    pub include_stdlib: bool,
    /// `-nopervasives` clears it.
    pub open_stdlib: bool,
    pub open_modules: Vec<String>,
    /// `-w`, `-warn-error` and `-alert` in order, as (flag, specification).
    pub warnings: Vec<(WarningFlag, String)>,
    pub stop_after: Option<StopAfter>,
    /// `-stop-after` was given with different phases.
    pub stops_after_several: bool,
    /// `-dparsetree-loc-ghost-invariants`
    pub checks_ghost_locations: bool,
    /// `-save-ir-after scheduling`
    pub saves_ir: bool,
    pub dumps: Vec<Dump>,
    /// Idents are dumped with their stamps.
    pub unique_ids: bool,
    /// Stamps are dumped by order of appearance.
    pub canonical_ids: bool,
    /// `-dno-locations` clears it.
    pub dump_locations: bool,
    /// `-dump-into-file`: dumps go to a file beside the outputs.
    pub dump_into_file: bool,
    /// `-dump-dir`: dumps go to new files of this directory.
    pub dump_dir: Option<PathBuf>,
    /// What is to be printed instead of compiling.
    pub query: Option<Query>,
    /// The whole command line, the program first.
    pub command_line: Vec<String>,
    pub debug: bool,
    pub verbose: bool,
    pub opaque: bool,
    pub link_all: bool,
    /// `-inline`; scaled as upstream (10 is the default).
    pub inline: u32,
    pub unsafe_: bool,
    pub no_assert: bool,
    pub keep_assembly: bool,
    pub absolute_names: bool,
    /// Of the command line; the environment has a say without it.
    pub color: Option<Color>,
    pub short_errors: Option<bool>,
    /// Mistakes in environment variables: the variable and what is wrong.
    pub environment_mistakes: Vec<(String, String)>,
    /// Names that `OCAMLPARAM` may use without meaning anything.
    pub discardable: Vec<String>,
    /// What the command line asks to make, each kind once.
    pub modes: Vec<Mode>,
    pub principal: bool,
    pub recursive_types: bool,
    pub strict_sequence: bool,
    pub classic_labels: bool,
    pub applicative_functors: bool,
    pub strict_formats: bool,
    pub no_alias_deps: bool,
    pub short_paths: bool,
    pub print_variance: bool,
    pub safer_matching: bool,
    pub unboxed_types: bool,
    pub keep_docs: bool,
    pub keep_locs: bool,
    pub bin_annot: bool,
    /// Whether the typed tree comes with where the names in it were defined.
    pub store_occurrences: bool,
    /// Types and definitions by places, for editors: `.annot`.
    pub annot: bool,
    pub for_pack: Option<String>,
    pub interface_suffix: String,
    pub cmi_file: Option<PathBuf>,
    /// `-keywords`
    pub keywords: Option<String>,
    pub preprocessor: Option<String>,
    pub ppx: Vec<String>,
    pub cc: Option<String>,
    pub ccopts: Vec<String>,
    pub linker: LinkerChoice,
    pub runtime_variant: String,
    pub with_runtime: bool,
    pub auto_link: bool,
    /// Number of threads that generate code.
    pub jobs: usize,
}

/// Which setting of warnings an option changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningFlag {
    Warn,
    WarnError,
    Alert,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            tool_name: "ocamlopt",
            target: Target::host(),
            inputs: Vec::new(),
            output: Output::default(),
            output_name: None,
            include_dirs: Vec::new(),
            hidden_include_dirs: Vec::new(),
            include_cwd: true,
            include_stdlib: true,
            open_stdlib: true,
            open_modules: Vec::new(),
            warnings: Vec::new(),
            stop_after: None,
            stops_after_several: false,
            checks_ghost_locations: false,
            saves_ir: false,
            dumps: Vec::new(),
            unique_ids: true,
            canonical_ids: false,
            dump_locations: true,
            dump_into_file: false,
            dump_dir: None,
            query: None,
            command_line: Vec::new(),
            debug: false,
            verbose: false,
            opaque: false,
            link_all: false,
            inline: 10,
            unsafe_: false,
            no_assert: false,
            keep_assembly: false,
            absolute_names: false,
            color: None,
            short_errors: None,
            environment_mistakes: Vec::new(),
            discardable: Vec::new(),
            modes: Vec::new(),
            principal: false,
            recursive_types: false,
            strict_sequence: false,
            classic_labels: false,
            applicative_functors: true,
            strict_formats: true,
            no_alias_deps: false,
            short_paths: false,
            print_variance: false,
            safer_matching: false,
            unboxed_types: false,
            keep_docs: false,
            keep_locs: true,
            bin_annot: false,
            store_occurrences: false,
            annot: false,
            for_pack: None,
            interface_suffix: ".mli".to_owned(),
            cmi_file: None,
            keywords: None,
            preprocessor: None,
            ppx: Vec::new(),
            cc: None,
            ccopts: Vec::new(),
            linker: LinkerChoice::parse("lld"),
            runtime_variant: String::new(),
            with_runtime: true,
            auto_link: true,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl Options {
    /// Chooses what is made.
    pub fn choose(&mut self, output: Output) {
        self.output = output;
        let mode = match output {
            Output::Executable => return,
            Output::Objects | Output::PrintInterface => Mode::StopEarly,
            Output::Library => Mode::Archive,
            Output::Object | Output::CompleteObject => Mode::Object,
            Output::Pack => Mode::Pack,
            Output::Shared => Mode::Shared,
        };
        self.add_mode(mode);
    }
    /// Asks to print something instead of compiling; the first question is answered.
    pub fn ask(&mut self, query: Query) {
        self.query.get_or_insert(query);
    }
    pub fn add_mode(&mut self, mode: Mode) {
        if !self.modes.contains(&mode) {
            self.modes.push(mode);
        }
    }
    /// How sources are to be parsed, as far as options tell.
    pub fn parsing(&self) -> ParseOptions {
        ParseOptions {
            unsafe_indexing: self.unsafe_,
            applicative_functors: self.applicative_functors,
            keywords: self.keywords.as_deref().map(Name::new),
            ..ParseOptions::default()
        }
    }
    /// Whether a dump was asked for.
    pub fn dumps(&self, dump: Dump) -> bool {
        self.dumps.contains(&dump)
    }

    /// How dumps tell idents apart.
    pub fn stamps(&self) -> Stamps {
        match (self.unique_ids, self.canonical_ids) {
            (false, _) => Stamps::Hidden,
            (true, false) => Stamps::Shown,
            (true, true) => Stamps::Canonical,
        }
    }
}
