//! A session: an environment that grows phrase by phrase, and what is said of each phrase.
//!
//! Counterpart of upstream's `Topcommon` and `Topeval`. What is said goes to the host of the session's console, in
//! upstream's words and layout.

use crate::directives;
use crate::heap::{Ending, Outcome, Value};
use crate::printval;
use rocaml_base::{Loc, Location, Name};
use rocaml_cmt::{printtyped, shape};
use rocaml_diag::Doc;
use rocaml_diag::report::Report;
use rocaml_driver::host::HostRef;
use rocaml_driver::layout::Layout;
use rocaml_driver::load_path::{InterfaceLoader, LoadPath};
use rocaml_driver::open_modules;
use rocaml_driver::options::{Dump, Options};
use rocaml_driver::reporting::{self, Console};
use rocaml_lambda::lambda::Program;
use rocaml_lambda::print;
use rocaml_lambda::{Phrase, PhraseResult, only_expression};
use rocaml_syntax::ast::{self, ToplevelPhrase};
use rocaml_syntax::{ParseOptions, parse_use_file, pprintast, printast};
use rocaml_types::context::{self, Context, Reporter};
use rocaml_types::env::persistent::{CmiLoader, LoadedUnit, PersistentError};
use rocaml_types::env::{self, Env};
use rocaml_types::{Ident, Signature, SignatureItem, ValueKind};
use rocaml_types::{ident, printtyp};
use rocaml_typing::typecore;
use rocaml_typing::typedtree::Structure;
use rocaml_typing::typemod::structure::type_structure_in;
use rocaml_typing::{includemod, typemod};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

/// The unit that phrases belong to, where a name is needed.
pub const UNIT: &str = "Rocaml_phrases";

/// A session with the toplevel.
pub struct Session {
    pub cx: Context,
    env: Env,
    pub console: Rc<Console>,
    /// What is known of how phrases end, by their numbers.
    outcomes: BTreeMap<usize, Outcome>,
    /// The phrases accepted so far.
    accepted: Vec<Phrase>,
    lambda_options: rocaml_lambda::Options,
    /// The identities of extension constructors that phrases have defined.
    constructors: HashMap<Ident, i64>,
    shapes: shape::Known,
    shows_shapes: bool,
    shows_trees: Option<printtyped::Options>,
    host: HostRef,
    loader: Rc<Loaders>,
    /// What is printed of each phrase before its answer.
    dumps: Vec<Dump>,
    dumps_locations: bool,
    /// Of idents in dumps.
    names: print::Names,
    parsing: ParseOptions,
}

/// The directories of the command line, then those of directives.
struct Loaders {
    all: RefCell<Vec<InterfaceLoader>>,
    host: HostRef,
    layout: Layout,
}

impl Loaders {
    fn add(&self, dir: &Path) {
        let mut options = Options { include_cwd: false, include_stdlib: false, ..Options::default() };
        options.include_dirs.push(dir.to_path_buf());
        let path = Rc::new(LoadPath::new(self.host, &self.layout, &options));
        self.all.borrow_mut().push(InterfaceLoader { path, own: None });
    }
}

impl CmiLoader for Loaders {
    fn load(&self, cx: &Context, unit: Name) -> Result<LoadedUnit, PersistentError> {
        let all = self.all.borrow();
        let visible = all.iter().find(|loader| loader.exists(unit));
        let found = visible.or_else(|| all.iter().find(|loader| loader.is_hidden(unit)));
        found.ok_or(PersistentError::NotFound)?.load(cx, unit)
    }

    fn exists(&self, unit: Name) -> bool {
        self.all.borrow().iter().any(|loader| loader.exists(unit))
    }

    fn is_hidden(&self, unit: Name) -> bool {
        !self.exists(unit) && self.all.borrow().iter().any(|loader| loader.is_hidden(unit))
    }
}

/// Where upstream's formatter opens no more boxes.
const MAX_INDENT: usize = 68;

/// Numbers of the phrases of a file that a phrase uses start from its own times this.
const USED_PHRASES: usize = 100_000;

/// A phrase that was not executed to its end: why, if it was not said yet.
enum Stopped {
    Error(Box<Report>),
    /// A warning was an error, and was printed as such.
    FatalWarning,
}

type Executed<T> = Result<T, Stopped>;

impl From<Box<rocaml_typing::Error>> for Unreported {
    fn from(error: Box<rocaml_typing::Error>) -> Unreported {
        Unreported(error)
    }
}

/// A typing error that needs the context to be worded.
struct Unreported(Box<rocaml_typing::Error>);

/// A phrase whose types are known.
struct Typed {
    structure: Structure,
    /// What it defines, without what it hides itself.
    signature: Signature,
    env: Env,
}

impl Session {
    /// Starts a session. Excerpts are taken from `source`.
    ///
    /// # Errors
    /// What is wrong with the options, or with the standard library; in words.
    pub fn new(host: HostRef, layout: &Layout, options: &Options, source: &[u8]) -> Result<Session, String> {
        let console = Console::new(host, options)?.with_source("", source.into()).with_quotes();
        let console = Rc::new(console);
        let first = InterfaceLoader { path: Rc::new(LoadPath::new(host, layout, options)), own: None };
        let loader = Rc::new(Loaders { all: RefCell::new(vec![first]), host, layout: layout.clone() });
        let cx = Context::new(type_options(options), console.clone(), loader.clone());
        cx.set_current_unit(None, false);
        typemod::install_hooks(&cx);
        let stdlib = options.open_stdlib.then(|| Name::new("Stdlib"));
        let loc = Location::in_file(Name::new("command line"));
        open_modules::paths(options).map_err(|report| {
            console.print(&report);
            "an argument of -open is no path of modules"
        })?;
        let env = typemod::initial_env(&cx, loc, stdlib, &options.open_modules).map_err(|error| {
            console.print(&error.report(&cx));
            "the initial environment cannot be made".to_owned()
        })?;
        ident::begin_session();
        rocaml_lambda::restart_labels();
        let lambda_options = rocaml_lambda::Options {
            unsafe_: options.unsafe_,
            no_assert: options.no_assert,
            debug: options.debug,
            flat_float_array: true,
            safer_matching: options.safer_matching,
            pack: None,
        };
        let (outcomes, accepted, constructors) = (BTreeMap::new(), Vec::new(), HashMap::new());
        let (shapes, shows_shapes) = (shape::Known::default(), options.dumps(Dump::Shape));
        let dumped = printtyped::Options { unique_ids: options.unique_ids, locations: options.dump_locations };
        let shows_trees = options.dumps(Dump::Typedtree).then_some(dumped);
        Ok(Session {
            cx,
            env,
            console,
            outcomes,
            accepted,
            lambda_options,
            constructors,
            shapes,
            shows_shapes,
            shows_trees,
            host,
            loader,
            dumps: options.dumps.clone(),
            dumps_locations: options.dump_locations,
            names: print::Names::new(options.stamps()),
            parsing: options.parsing(),
        })
    }

    /// Says how phrases end, as an evaluation has shown.
    pub fn with_outcomes(self, outcomes: BTreeMap<usize, Outcome>) -> Session {
        Session { outcomes, ..self }
    }

    /// Leaves long module types out of errors, as compilers do.
    pub fn with_short_errors(self) -> Session {
        self.cx.hooks.borrow_mut().interface_size = Some(Rc::new(rocaml_formats::cmi::size));
        self
    }

    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The phrases accepted so far, for an evaluation.
    pub fn accepted(&self) -> &[Phrase] {
        &self.accepted
    }

    pub fn lambda_options(&self) -> &rocaml_lambda::Options {
        &self.lambda_options
    }

    /// Executes a phrase; false if the phrases that were given with it are not to be executed.
    pub fn execute(&mut self, number: usize, phrase: &ToplevelPhrase) -> bool {
        // Each phrase starts a batch of messages of its own.
        reporting::start_run();
        self.dump_phrase(phrase);
        let snapshot = self.cx.store.snapshot();
        let result = match phrase {
            ToplevelPhrase::Def(items) => self.definition(number, items),
            ToplevelPhrase::Dir(directive) => Ok(directives::run(self, number, directive)),
        };
        match result {
            Ok(goes_on) => {
                self.cx.store.commit(snapshot);
                goes_on
            }
            Err(stopped) => {
                if let Stopped::Error(report) = stopped {
                    self.console.print(&report);
                }
                self.console.take_fatal_warnings();
                self.cx.store.backtrack(snapshot);
                false
            }
        }
    }

    /// `-dparsetree` and `-dsource`
    fn dump_phrase(&self, phrase: &ToplevelPhrase) {
        if self.dumps.contains(&Dump::Parsetree) {
            let text = printast::toplevel_phrase(phrase, self.dumps_locations);
            self.console.host_text(&String::from_utf8_lossy(&text));
        }
        if self.dumps.contains(&Dump::Source) {
            let text = pprintast::toplevel_phrase(phrase);
            self.console.host_text(&format!("\n{};;\n", text.trim_end_matches('\n')));
        }
    }

    fn dump_program(&self, dump: Dump, program: &Program) {
        if self.dumps.contains(&dump) {
            self.console.host_text(&format!("{}\n", print::lambda(&program.code, &self.names)));
        }
    }

    fn definition(&mut self, number: usize, items: &ast::Structure) -> Executed<bool> {
        let old_env = self.env.clone();
        let typed = self.typed(&old_env, items)?;
        self.dump(&typed.structure);
        let program = rocaml_lambda::transl_phrase(&self.cx, Name::new(UNIT), &typed.structure, &self.lambda_options)
            .map_err(|report| Stopped::Error(Box::new(report)))?;
        if self.console.take_fatal_warnings() {
            return Err(Stopped::FatalWarning);
        }
        self.dump_program(Dump::RawLambda, &program);
        // It warns of tail calls.
        let program = rocaml_lambda::simplify(&self.cx, program).map_err(|report| Stopped::Error(Box::new(report)))?;
        self.dump_program(Dump::Lambda, &program);
        let outcome = self.outcomes.get(&number).cloned();
        self.accept(number, &typed, outcome.as_ref());
        if let Some(outcome) = &outcome {
            self.console.host_text(&String::from_utf8_lossy(&outcome.printed));
        }
        if let Some(Outcome { ending: Ending::Raised(exn, words), .. }) = &outcome {
            self.console.print_text(&self.exception_text(&old_env, exn, words.as_deref()));
            return Ok(false);
        }
        let values = match outcome {
            Some(Outcome { ending: Ending::Finished(values), .. }) => values,
            _ => Vec::new(),
        };
        self.note_constructors(&typed.signature, &values);
        let text = printtyp::wrap_printing_env(&self.cx, &old_env, false, || self.answer(&typed, &values));
        self.env = typed.env;
        if !text.is_empty() {
            self.console.print_text(&text);
        }
        Ok(true)
    }

    /// Shows what the options ask for.
    fn dump(&mut self, structure: &Structure) {
        if let Some(options) = self.shows_trees {
            let text = printtyped::implementation(structure, options);
            self.console.host_text(&String::from_utf8_lossy(&text));
            // What comes next opens a box, which upstream's formatter does not do so far to the right.
            if text.len() > MAX_INDENT {
                self.console.host_text("\n");
            }
        }
        if self.shows_shapes {
            let shape = shape::Shapes::new(&self.cx, &mut self.shapes).phrase(structure);
            self.console.host_text(&Doc::template("%a@.", &[shape.doc()]).to_text());
        }
    }

    /// `#directory`: units are looked for there as well.
    pub fn add_directory(&mut self, dir: &str) {
        self.loader.add(Path::new(dir));
    }

    /// `#use` and `#mod_use`: the phrases of a file.
    pub fn use_file(&mut self, number: usize, name: &str, as_module: bool) {
        match self.host.read(Path::new(name)) {
            Ok(text) => {
                let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
                self.use_text(number, name, &text, stem.filter(|_| as_module));
            }
            Err(_) => self.console.host_text(&format!("Cannot find file {name}.\n")),
        }
    }

    /// `#use_output`: the phrases that a command prints.
    pub fn use_output(&mut self, number: usize, command: &str) {
        let Ok(folder) = self.host.temporary_directory() else { return };
        let file = folder.join("output");
        match self.host.run_shell_to(command, &file) {
            Ok(0) => {
                let text = self.host.read(&file).unwrap_or_default();
                self.use_text(number, "(command-output)", &text, None);
            }
            Ok(code) => self.console.host_text(&format!("Command exited with code {code}.\n")),
            Err(error) => self.console.host_text(&format!("{error}\n")),
        }
        self.host.remove_directory(&folder);
    }

    /// Executes phrases of another source until one fails, within a module if that is named.
    fn use_text(&mut self, number: usize, name: &str, text: &[u8], module: Option<String>) {
        let before = self.console.set_source(Some((name.to_owned(), text.into())));
        let parsed = parse_use_file(Name::new(name), text, self.parsing);
        match parsed.result {
            Err(error) => self.console.print(&error.report()),
            Ok(phrases) => {
                let phrases = match module {
                    Some(stem) => vec![as_module(&stem, phrases)],
                    None => phrases,
                };
                for (index, phrase) in phrases.iter().enumerate() {
                    if !self.execute(number * USED_PHRASES + index, phrase) {
                        break;
                    }
                }
            }
        }
        self.console.set_source(before);
    }

    fn typed(&self, env: &Env, items: &ast::Structure) -> Executed<Typed> {
        let checked = self.check(env, items);
        match self.cx.persistent.take_errors().first() {
            None => checked.map_err(|error| Stopped::Error(Box::new(error.0.report(&self.cx)))),
            Some(error) => Err(Stopped::Error(Box::new(Report::error(Location::none(), error.doc())))),
        }
    }

    fn check(&self, env: &Env, items: &ast::Structure) -> Result<Typed, Unreported> {
        let cx = &self.cx;
        typecore::reset_delayed_checks(cx);
        env::reset_required_globals(cx);
        let typed = type_structure_in(cx, env, &Default::default(), true, items)?;
        let signature = typed.names.simplify(cx, &typed.final_env, &typed.signature)?;
        includemod::check_implementation(cx, env, &typed.signature, &signature).map_err(|explanation| {
            let source = Location::in_file(Name::new(""));
            Unreported(Box::new(rocaml_typing::Error::Inclusion(source, Box::new(explanation))))
        })?;
        typecore::force_delayed_checks(cx)?;
        Ok(Typed { structure: typed.structure, signature, env: typed.final_env })
    }

    /// Notes the phrase for the next evaluation.
    fn accept(&mut self, number: usize, typed: &Typed, outcome: Option<&Outcome>) {
        let raises = matches!(outcome, Some(Outcome { ending: Ending::Raised(..), .. }));
        let result = if only_expression(&typed.structure).is_some() {
            PhraseResult::Expression
        } else if raises {
            PhraseResult::Exception
        } else {
            PhraseResult::Values(values_of(&typed.signature))
        };
        self.accepted.push(Phrase { number, structure: typed.structure.clone(), result });
    }

    /// What is said of an accepted phrase.
    fn answer(&self, typed: &Typed, values: &[Value]) -> String {
        let cx = &self.cx;
        let shown = |index: usize, ty| {
            printval::value(cx, &typed.env, &self.constructors, values.get(index).unwrap_or(&Value::Unknown), ty)
        };
        if let Some(expression) = only_expression(&typed.structure) {
            let value = shown(0, expression.type_);
            printtyp::prepare_for_printing(cx, &[expression.type_]);
            let ty = printtyp::prepared_type_scheme(cx, expression.type_);
            return Doc::template("@[- : %a@ =@ %a@]@.", &[ty, printtyp::out_value(&value)]).to_text();
        }
        if typed.signature.is_empty() {
            return String::new();
        }
        let ids = values_of(&typed.signature);
        let items = printtyp::toplevel_items(cx, &typed.signature, |item| match item {
            SignatureItem::Value(id, desc, _) if matches!(desc.kind, ValueKind::Reg) => {
                Some(shown(ids.iter().position(|other| other == id).unwrap_or(usize::MAX), desc.type_))
            }
            _ => None,
        });
        Doc::template("%a@.", &[items]).to_text()
    }

    /// Remembers which constructors the names of a phrase mean, to tell them from others of these names.
    fn note_constructors(&mut self, signature: &Signature, values: &[Value]) {
        let ids = values_of(signature);
        for item in signature {
            if let SignatureItem::Typext(id, ..) = item
                && let Some(value) = ids.iter().position(|other| other == id).and_then(|at| values.get(at))
                && let Some(identity) = printval::extension_identity(value)
            {
                self.constructors.insert(*id, identity);
            }
        }
    }

    fn exception_text(&self, env: &Env, exn: &Value, words: Option<&str>) -> String {
        if let Some(words) = words {
            return Doc::template("@[Exception:@ %a@]@.", &[words.into()]).to_text();
        }
        match printval::extension_name(exn).as_ref().map(|(name, _)| name.as_str()) {
            Some("Stdlib.Sys.Break" | "Sys.Break") => "Interrupted.\n".to_owned(),
            Some("Out_of_memory") => "Out of memory during evaluation.\n".to_owned(),
            Some("Stack_overflow") => "Stack overflow during evaluation (looping recursion?).\n".to_owned(),
            _ => {
                let value = printtyp::wrap_printing_env(&self.cx, env, false, || {
                    printtyp::out_value(&printval::exception(&self.cx, env, &self.constructors, exn))
                });
                Doc::template("@[Exception:@ %a.@]@.", &[value]).to_text()
            }
        }
    }
}

/// The idents of the values and extension constructors that a phrase defines.
fn values_of(signature: &Signature) -> Vec<Ident> {
    let values = signature.iter().filter_map(|item| match item {
        SignatureItem::Value(id, desc, _) if matches!(desc.kind, ValueKind::Reg) => Some(*id),
        SignatureItem::Typext(id, ..) => Some(*id),
        _ => None,
    });
    values.collect()
}

/// The definitions of a file as those of a module.
fn as_module(stem: &str, phrases: Vec<ToplevelPhrase>) -> ToplevelPhrase {
    let mut name = stem.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let items = phrases.into_iter().flat_map(|phrase| match phrase {
        ToplevelPhrase::Def(items) => items,
        ToplevelPhrase::Dir(_) => Vec::new(),
    });
    let loc = Location::none();
    let expr =
        ast::ModuleExpr { desc: ast::ModuleExprDesc::Structure(items.collect()), loc, attributes: Default::default() };
    let binding =
        ast::ModuleBinding { name: Loc::new(Some(Name::new(&name)), loc), expr, loc, attributes: Default::default() };
    let desc = ast::StructureItemDesc::Module(Box::new(binding));
    ToplevelPhrase::Def(vec![ast::StructureItem { desc, loc }])
}

fn type_options(options: &Options) -> context::Options {
    context::Options {
        principal: options.principal,
        recursive_types: options.recursive_types,
        applicative_functors: options.applicative_functors,
        classic: options.classic_labels,
        real_paths: !options.short_paths,
        print_variance: options.print_variance,
        transparent_modules: options.no_alias_deps,
        opaque: options.opaque,
        strict_sequence: options.strict_sequence,
        strict_formats: options.strict_formats,
        unboxed_types: options.unboxed_types,
        nopervasives: !options.open_stdlib,
        keep_locs: options.keep_locs,
        native_code: false,
        ..context::Options::default()
    }
}

/// Changes the state of warnings as an attribute would; the complaint, if the specification is ill formed.
pub fn set_warnings(session: &Session, loc: Location, errors: bool, spec: &str) {
    let kind = if errors { context::WarningAttribute::WarnError } else { context::WarningAttribute::Warning };
    session.console.attribute(loc, kind, spec);
}
