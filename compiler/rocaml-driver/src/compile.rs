//! Compiling one source file: the pipeline from text to interface, object and unit description.

use crate::host::HostRef;
use crate::layout::Layout;
use crate::load_path::{ExportLoader, InterfaceLoader, LoadPath};
use crate::options::{Dump, Options, Output, StopAfter};
use crate::reporting::Console;
use crate::timings::Timings;
use crate::unit_files::{self, CMX_MAGIC, UnitInfo};
use rocaml_base::{Loc, Location, Name};
use rocaml_diag::report::Report;
use rocaml_diag::{Doc, Warning};
use rocaml_lambda::lambda::Program;
use rocaml_middle::OsType;
use rocaml_syntax::{ParseOptions, Parsed, ast, attribute_use, printast};
use rocaml_target::{Endian, Os};
use rocaml_types::context::{self, Context, Reporter};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::{CmiInfos, PersistentError};
use rocaml_types::printtyp;
use rocaml_typing::typedtree::Implementation;
use rocaml_typing::typemod::{self, Interface};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Why a compilation did not succeed; it has been reported.
pub struct Failed;

type Result<T> = std::result::Result<T, Failed>;

/// A source file and the files made of it.
pub struct SourceFile {
    pub source: PathBuf,
    /// Outputs are this with an extension.
    pub prefix: PathBuf,
    pub is_interface: bool,
    /// Whether it is the last one of the command line.
    pub is_last: bool,
}

impl SourceFile {
    /// The file of this name, with outputs beside it or, with `-o`, at its place.
    pub fn new(source: &Path, output: Option<&Path>, is_interface: bool, is_last: bool) -> SourceFile {
        let prefix = output.unwrap_or(source).with_extension("");
        SourceFile { source: source.to_owned(), prefix, is_interface, is_last }
    }

    /// The name of the compilation unit.
    pub fn unit(&self) -> Name {
        let stem = self.prefix.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Up to the first dot, as `a.pp.ml` is unit `A`.
        let mut unit = stem.split('.').next().unwrap_or_default().to_owned();
        if let Some(first) = unit.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Name::new(&unit)
    }

    /// An output: the prefix may hold dots of its own.
    pub fn output(&self, extension: &str) -> PathBuf {
        let mut name = self.prefix.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }
}

/// Whether a name can be that of a module.
fn is_unit_name(unit: &str) -> bool {
    let mut chars = unit.chars();
    chars.next().is_some_and(|c| c.is_uppercase()) && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '\'')
}

/// Everything that one compilation needs.
pub struct Compilation<'a> {
    pub(crate) host: HostRef,
    layout: &'a Layout,
    pub(crate) options: &'a Options,
    pub(crate) file: &'a SourceFile,
    console: Rc<Console>,
    pub(crate) path: Rc<LoadPath>,
    timings: &'a Timings,
    text: Rc<[u8]>,
    name: String,
}

/// Compiles an implementation or an interface.
pub fn compile(host: HostRef, layout: &Layout, options: &Options, file: &SourceFile, timings: &Timings) -> Result<()> {
    let name = file.source.display().to_string();
    let console = Console::new(host, options).map_err(|why| {
        host.print_error(&format!("rocamlopt: wrong argument; {why}\n"));
        Failed
    })?;
    let text = match read_source(host, options, file) {
        Ok(text) => text,
        Err(why) => {
            let loc = Location::in_file(Name::new(&name));
            console.print(&Report::error(loc, why));
            return Err(Failed);
        }
    };
    let text: Rc<[u8]> = text.into();
    let console = console.with_source(&name, text.clone());
    let path = Rc::new(LoadPath::new(host, layout, options));
    let compilation = Compilation { host, layout, options, file, console: Rc::new(console), path, timings, text, name };
    if !is_unit_name(&file.unit()) {
        let loc = Location::in_file(Name::new(&compilation.name));
        compilation.console.warn(loc, Warning::BadModuleName(file.unit().to_string()));
    }
    let result = if file.is_interface { compilation.interface() } else { compilation.implementation() };
    result?;
    compilation.check_fatal_warnings()
}

/// Makes a unit of others: `-pack`.
pub fn pack(
    host: HostRef,
    layout: &Layout,
    options: &Options,
    output: &Path,
    units: &[PathBuf],
    timings: &Timings,
) -> Result<()> {
    let file = &SourceFile::new(output, None, false, true);
    let console = Rc::new(Console::new(host, options).map_err(|_| Failed)?);
    let path = Rc::new(LoadPath::new(host, layout, options));
    let (name, text) = (output.display().to_string(), Rc::from([]));
    let compilation = Compilation { host, layout, options, file, console, path, timings, text, name };
    crate::pack::pack(&compilation, units)
        .inspect_err(|_| ["o", "cmx"].iter().for_each(|e| host.remove(&file.output(e))))
}

/// Compiles a program that was made otherwise than from a source file to an object and a unit's description.
pub fn compile_program(
    host: HostRef,
    layout: &Layout,
    options: &Options,
    file: &SourceFile,
    cx: &Context,
    program: Program,
) -> Result<()> {
    let console = Console::new(host, options).map_err(|_| Failed)?;
    let path = Rc::new(LoadPath::new(host, layout, options));
    let name = file.source.display().to_string();
    let (timings, text) = (&Timings::default(), Rc::from([]));
    Compilation { host, layout, options, file, console: Rc::new(console), path, timings, text, name }.emit(cx, program)
}

fn read_source(host: HostRef, options: &Options, file: &SourceFile) -> std::result::Result<Vec<u8>, String> {
    let explain = |error: std::io::Error| match error.kind() {
        // It can be opened; what fails names no file any more.
        std::io::ErrorKind::IsADirectory => format!("I/O error: {}", crate::io_error_text(&error)),
        _ => format!("I/O error: {}: {}", file.source.display(), crate::io_error_text(&error)),
    };
    let Some(preprocessor) = &options.preprocessor else {
        return host.read(&file.source).map_err(explain);
    };
    if !host.exists(&file.source) {
        return host.read(&file.source).map_err(explain);
    }
    let directory = host.temporary_directory().map_err(explain)?;
    let output = directory.join("preprocessed");
    let quoted = format!("'{}'", file.source.display().to_string().replace('\'', "'\\''"));
    let command = format!("{preprocessor} {quoted}");
    let result = match host.run_shell_to(&command, &output) {
        Ok(0) => host.read(&output).map_err(explain),
        Ok(_) => {
            Err(format!("Error while running external preprocessor\nCommand line: {command} > {}\n", output.display()))
        }
        Err(error) => Err(explain(error)),
    };
    host.remove_directory(&directory);
    result
}

impl Compilation<'_> {
    fn tree<T>(&self, tree: T) -> Tree<T> {
        Tree { tree: ManuallyDrop::new(tree), is_last: self.file.is_last }
    }

    pub(crate) fn fail(&self, report: &Report) -> Failed {
        self.console.print(report);
        Failed
    }

    fn file_location(&self) -> Location {
        Location::in_file(Name::new(&self.name))
    }

    pub(crate) fn fail_text(&self, text: impl Into<String>) -> Failed {
        self.fail(&Report::error(self.file_location(), text.into()))
    }

    /// The same of a document.
    pub(crate) fn fail_doc(&self, text: Doc) -> Failed {
        self.fail(&Report::error(self.file_location(), text))
    }

    fn check_fatal_warnings(&self) -> Result<()> {
        // Each was reported as the error that it is.
        if self.console.some_fatal_warnings() { Err(Failed) } else { Ok(()) }
    }

    fn parse<T>(&self, parser: fn(Name, &[u8], ParseOptions) -> Parsed<T>) -> Result<T> {
        if !self.options.ppx.is_empty() {
            return Err(self.fail_text("-ppx is not supported yet"));
        }
        let options = ParseOptions {
            unsafe_indexing: self.options.unsafe_,
            applicative_functors: self.options.applicative_functors,
            docstrings: self.options.keep_docs,
            ..ParseOptions::default()
        };
        let parsed = self.timings.time("parsing", || parser(Name::new(&self.name), &self.text, options));
        for (loc, warning) in parsed.warnings {
            self.console.warn(loc, warning);
        }
        parsed.result.map_err(|error| self.fail(&error.report()))
    }

    fn dump(&self, dump: Dump, text: impl FnOnce() -> Vec<u8>) {
        if self.options.dumps(dump) {
            self.host.print_error(&String::from_utf8_lossy(&text()));
        }
    }

    fn stops_after(&self, phase: StopAfter) -> bool {
        self.options.stop_after.is_some_and(|last| last <= phase)
    }

    fn prints_interface(&self) -> bool {
        self.options.output == Output::PrintInterface
    }

    // -----------------------------------------------------------------------------------------
    // Typing

    pub(crate) fn context(&self) -> Context {
        let options = context::Options {
            principal: self.options.principal,
            recursive_types: self.options.recursive_types,
            applicative_functors: self.options.applicative_functors,
            classic: self.options.classic_labels,
            real_paths: !self.options.short_paths,
            print_variance: self.options.print_variance,
            transparent_modules: self.options.no_alias_deps,
            opaque: self.options.opaque,
            strict_sequence: self.options.strict_sequence,
            strict_formats: self.options.strict_formats,
            unboxed_types: self.options.unboxed_types,
            nopervasives: !self.options.open_stdlib,
            keep_locs: self.options.keep_locs,
            ..context::Options::default()
        };
        let own = self.options.cmi_file.clone().map(|path| (self.file.unit(), path));
        // The context lives no longer than this compilation, whose references these are.
        let loader = InterfaceLoader { path: self.path.clone(), own };
        let cx = Context::new(options, self.console.clone(), Rc::new(loader));
        cx.set_current_unit(Some(self.file.unit()), self.file.is_interface);
        typemod::install_hooks(&cx);
        cx.hooks.borrow_mut().interface_size = Some(Rc::new(rocaml_formats::cmi::size));
        cx
    }

    pub(crate) fn initial_env(&self, cx: &Context) -> Result<Env> {
        let stdlib = self.options.open_stdlib.then(|| Name::new("Stdlib"));
        let loc = Location::in_file(Name::new("command line"));
        typemod::initial_env(cx, loc, stdlib, &self.options.open_modules).map_err(|error| self.fail(&error.report(cx)))
    }

    fn interface(&self) -> Result<()> {
        let tree = self.tree(self.parse(rocaml_syntax::parse_interface)?);
        self.dump(Dump::Parsetree, || printast::interface(&tree));
        if self.stops_after(StopAfter::Parsing) {
            return Ok(());
        }
        let cx = self.tree(self.context());
        let env = self.initial_env(&cx)?;
        let typed = self
            .timings
            .time("typing", || typemod::type_interface(&cx, &env, &tree))
            .map_err(|error| self.fail(&error.report(&cx)))?;
        self.report_persistent_errors(&cx)?;
        if self.prints_interface() {
            self.print_signature(&cx, &env, &typed.type_);
        }
        typemod::check_interface(&cx, &env, &typed).map_err(|error| self.fail(&error.report(&cx)))?;
        let alerts = alerts_of_signature(&tree);
        if !self.prints_interface() {
            self.warn_misplaced_attributes(attribute_use::unused_in_signature(&tree));
        }
        self.check_fatal_warnings()?;
        if self.prints_interface() {
            return Ok(());
        }
        self.write_cmi(&cx, alerts, &typed.type_)
    }

    fn print_signature(&self, cx: &Context, env: &Env, sg: &rocaml_types::Signature) {
        let text =
            printtyp::wrap_printing_env(cx, env, false, || printtyp::printed_signature(cx, &self.name, sg).to_text());
        self.host.print(&text);
        if !text.ends_with('\n') {
            self.host.print("\n");
        }
    }

    fn write_cmi(&self, cx: &Context, alerts: Vec<(Name, String)>, sg: &rocaml_types::Signature) -> Result<()> {
        self.write_interface(cx, cx.make_cmi(self.file.unit(), alerts, sg))
    }

    /// Writes an interface that is complete.
    pub(crate) fn write_interface(&self, cx: &Context, cmi: CmiInfos) -> Result<()> {
        let path = self.file.output("cmi");
        let (bytes, digest) = self.timings.time("cmi", || rocaml_formats::cmi::write(cx, &cmi));
        self.write(&path, &bytes)?;
        cx.register_cmi(path.display().to_string(), digest, cmi)
            .map_err(|error| self.fail(&persistent_report(self.file_location(), &error)))
    }

    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.host
            .write(path, bytes)
            .map_err(|error| self.fail_text(format!("I/O error: {}: {}", path.display(), crate::io_error_text(&error))))
    }

    fn report_persistent_errors(&self, cx: &Context) -> Result<()> {
        match cx.persistent.take_errors().first() {
            None => Ok(()),
            Some(error) => Err(self.fail(&persistent_report(self.file_location(), error))),
        }
    }

    /// The interface that the implementation must meet.
    fn declared_interface(&self, cx: &Context) -> Result<Interface> {
        let source = self.file.source.with_extension(self.options.interface_suffix.trim_start_matches('.'));
        if self.options.cmi_file.is_none() && !self.host.exists(&source) {
            return Ok(Interface::Inferred);
        }
        let name = source.display().to_string();
        // The interface compiled beside the output comes before one of the load path.
        let beside = self.file.output("cmi");
        let read = if self.options.cmi_file.is_none() && self.host.exists(&beside) {
            self.host
                .read(&beside)
                .map_err(|_| PersistentError::NotFound)
                .and_then(|bytes| rocaml_formats::cmi::read(cx, &beside.display().to_string(), &bytes))
                .and_then(|cmi| {
                    let sign = cmi.sign.clone();
                    cx.persistent.import_crcs(&beside.display().to_string(), &cmi.crcs)?;
                    Ok(sign)
                })
        } else {
            cx.read_signature(self.file.unit())
        };
        match read {
            Ok(sg) => Ok(Interface::Compiled(sg, name)),
            Err(PersistentError::NotFound) => Ok(Interface::NotCompiled(name)),
            Err(error) => Err(self.fail(&persistent_report(self.file_location(), &error))),
        }
    }

    fn implementation(&self) -> Result<()> {
        let tree = self.tree(self.parse(rocaml_syntax::parse_implementation)?);
        self.dump(Dump::Parsetree, || printast::implementation(&tree));
        if self.stops_after(StopAfter::Parsing) {
            return Ok(());
        }
        let cx = self.tree(self.context());
        let env = self.initial_env(&cx)?;
        let report = |error: Box<rocaml_typing::Error>| self.fail(&error.report(&cx));
        if self.prints_interface() {
            // Nothing is exported yet: of what is unused, the interface to come decides.
            self.console.silence("-32-34-37-38-60");
            let sg = self.timings.time("typing", || typemod::infer_interface(&cx, &env, &tree)).map_err(report)?;
            self.report_persistent_errors(&cx)?;
            self.print_signature(&cx, &env, &sg);
            return Ok(());
        }
        let interface = self.declared_interface(&cx)?;
        let typed = self.tree(
            self.timings
                .time("typing", || typemod::type_implementation(&cx, &self.name, &env, &tree, &interface))
                .map_err(report)?,
        );
        self.report_persistent_errors(&cx)?;
        self.dump(Dump::Typedtree, || format!("{:#?}\n", typed.structure).into_bytes());
        self.check_fatal_warnings()?;
        if matches!(interface, Interface::Inferred) {
            self.write_cmi(&cx, alerts_of_structure(&tree), &typed.signature)?;
        }
        if self.stops_after(StopAfter::Typing) {
            return Ok(());
        }
        // What is left of an earlier compilation would pass for the result of this one.
        self.generate(&cx, &typed)
            .and_then(|()| {
                self.warn_misplaced_attributes(attribute_use::unused_in_structure(&tree));
                self.check_fatal_warnings()
            })
            .inspect_err(|_| ["o", "cmx"].iter().for_each(|e| self.host.remove(&self.file.output(e))))
    }

    // -----------------------------------------------------------------------------------------
    // Code

    fn generate(&self, cx: &Context, typed: &Implementation) -> Result<()> {
        let program = self.lambda(cx, typed)?;
        self.check_fatal_warnings()?;
        if self.stops_after(StopAfter::Lambda) {
            return Ok(());
        }
        self.emit(cx, program)
    }

    /// From Lambda to the object and the description of the unit.
    fn emit(&self, cx: &Context, program: Program) -> Result<()> {
        let opaque = |unit: Name| cx.persistent.is_imported_opaque(unit);
        let exports = ExportLoader::new(self.path.clone(), self.options.target.name, self.named(), opaque);
        let Some((compiled, info)) = self.machine_code(cx, program, &exports)? else { return Ok(()) };
        self.write(&self.file.output("o"), &compiled.object)?;
        self.write(&self.file.output("cmx"), &unit_files::encode(CMX_MAGIC, &info))
    }

    /// The unit and the pack that it is compiled for.
    pub(crate) fn named(&self) -> (Name, Option<String>) {
        (self.file.unit(), self.options.for_pack.clone())
    }

    /// The name of the unit in symbols.
    pub(crate) fn symbol(&self) -> Name {
        match &self.options.for_pack {
            None => self.file.unit(),
            Some(pack) => Name::new(&format!("{}__{}", pack.replace('.', "__"), self.file.unit())),
        }
    }

    /// The object of a program and what its `.cmx` says; nothing if `-stop-after` asks for less.
    pub(crate) fn machine_code(
        &self,
        cx: &Context,
        mut program: Program,
        exports: &ExportLoader<'_>,
    ) -> Result<Option<(rocaml_native::Compiled, UnitInfo)>> {
        let target = self.options.target;
        let config = rocaml_middle::Config {
            inline: self.options.inline,
            big_endian: target.endian() == Endian::Big,
            word_bits: target.word_bytes() * 8,
            debug: self.options.debug,
            os_type: match target.os {
                Os::Windows => OsType::Win32,
                Os::Cygwin => OsType::Cygwin,
                _ => OsType::Unix,
            },
        };
        let (own, symbol) = (program.unit, self.symbol());
        rocaml_lambda::rename_units(&mut program, &|unit| if unit == own { symbol } else { exports.symbol(unit) });
        let lowered = self.timings.time("middle end", || rocaml_middle::compile(&program, &config, exports));
        for unit in exports.absent() {
            self.console.warn(Location::none(), Warning::NoCmxFile(unit.to_string()));
        }
        for (loc, warning) in &lowered.warnings {
            self.console.warn(*loc, warning.clone());
        }
        if let Some(text) = &lowered.error {
            return Err(self.fail_text(text.as_str()));
        }
        if let Some(problem) = exports.problem() {
            return Err(self.fail(&Report::error(self.file_location(), problem)));
        }
        self.dump(Dump::Cmm, || format!("{}\n", lowered.unit).into_bytes());
        let options = rocaml_native::Options {
            debug: self.options.debug,
            jobs: self.options.jobs,
            dump_clif: self.options.dumps(Dump::Clif),
            dump_listing: self.options.keep_assembly,
        };
        let compiled = self
            .timings
            .time("code generation", || rocaml_native::compile_unit(target, &lowered.unit, &options))
            .map_err(|error| self.fail_text(error.to_string()))?;
        self.dump(Dump::Clif, || compiled.clif.clone().unwrap_or_default().into_bytes());
        if let Some(listing) = &compiled.listing {
            self.write(&self.file.output("s"), listing.as_bytes())?;
        }
        if self.stops_after(StopAfter::Emit) {
            return Ok(None);
        }
        let info = UnitInfo {
            name: self.file.unit().to_string(),
            symbol: symbol.to_string(),
            defines: vec![symbol.to_string()],
            target: target.name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            imports_cmi: cx.persistent.imports().into_iter().map(|(name, digest)| (name.to_string(), digest)).collect(),
            imports_cmx: exports.imports().into_iter().filter(|(name, _)| *name != *self.file.unit()).collect(),
            required: program.required_globals.iter().map(|unit| unit.to_string()).collect(),
            force_link: self.options.link_all,
            apply_arities: lowered.unit.apply_arities.clone(),
            curry_arities: lowered.unit.curry_arities.clone(),
            tuplify_arities: lowered.unit.tuplify_arities.clone(),
            export: (!self.options.opaque).then_some(lowered.export),
        };
        Ok(Some((compiled, info)))
    }

    /// Warns of attributes that stand where they mean nothing, once every phase has seen them.
    fn warn_misplaced_attributes(&self, unused: Vec<Loc<Name>>) {
        if self.options.stop_after.is_none_or(|last| last >= StopAfter::Lambda) {
            for name in unused {
                self.console.warn(name.loc, Warning::MisplacedAttribute(name.txt.to_string()));
            }
        }
    }

    fn lambda(&self, cx: &Context, typed: &Implementation) -> Result<Program> {
        let options = rocaml_lambda::Options {
            unsafe_: self.options.unsafe_,
            no_assert: self.options.no_assert,
            debug: self.options.debug,
            flat_float_array: true,
            safer_matching: self.options.safer_matching,
            pack: self.options.for_pack.as_deref().map(Name::new),
        };
        let program = self
            .timings
            .time("translation", || rocaml_lambda::transl_implementation(cx, self.file.unit(), typed, &options))
            .map_err(|error| self.fail(&error))?;
        self.dump(Dump::RawLambda, || format!("{program}\n").into_bytes());
        let program = self.timings.time("simplification", || rocaml_lambda::simplify(cx, program));
        self.dump(Dump::Lambda, || format!("{program}\n").into_bytes());
        Ok(program)
    }

    /// Where the toolchain's files are.
    pub fn layout(&self) -> &Layout {
        self.layout
    }
}

/// A tree of a unit. That of the last one stays until the process ends, as taking it apart would be in vain; those
/// of units before it make room.
struct Tree<T> {
    tree: ManuallyDrop<T>,
    is_last: bool,
}

impl<T> Deref for Tree<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.tree
    }
}

impl<T> Drop for Tree<T> {
    fn drop(&mut self) {
        if !self.is_last {
            // SAFETY: nothing uses the tree once its owner is gone.
            unsafe { ManuallyDrop::drop(&mut self.tree) };
        }
    }
}

/// The alerts of a whole unit: `[@@@alert …]` and `[@@@deprecated …]` at its beginning.
fn alerts_of_signature(items: &ast::Signature) -> Vec<(Name, String)> {
    let attributes = items.iter().map_while(|item| match &item.desc {
        ast::SignatureItemDesc::Attribute(attribute) => Some((**attribute).clone()),
        _ => None,
    });
    named_alerts(attributes.collect())
}

fn alerts_of_structure(items: &ast::Structure) -> Vec<(Name, String)> {
    let attributes = items.iter().map_while(|item| match &item.desc {
        ast::StructureItemDesc::Attribute(attribute) => Some((**attribute).clone()),
        _ => None,
    });
    named_alerts(attributes.collect())
}

fn named_alerts(attributes: ast::Attributes) -> Vec<(Name, String)> {
    attribute_use::mark_alerts(&attributes);
    rocaml_types::env::usage::alerts_of_attributes(&attributes).into_iter().collect()
}

/// What is wrong with an interface file.
fn persistent_report(loc: Location, error: &PersistentError) -> Report {
    Report::error(loc, error.doc())
}
