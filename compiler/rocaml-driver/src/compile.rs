//! Compiling one source file: the pipeline from text to interface, object and unit description.

mod annotations;

use crate::host::HostRef;
use crate::ir_file::{self, SavedUnit};
use crate::layout::Layout;
use crate::load_path::{ExportLoader, InterfaceLoader, LoadPath};
use crate::open_modules;
use crate::options::{Dump, Options, Output, StopAfter};
use crate::pparse::{self, SourceText, UnitTree};
use crate::reporting::Console;
use crate::timings::Timings;
use crate::unit_files::{self, CMX_MAGIC, UnitInfo};
use rocaml_base::{Loc, Location, Name};
use rocaml_cmt::shape::{Known, Shapes};
use rocaml_cmt::{Annotations, printtyped};
use rocaml_diag::report::{Report, location_text};
use rocaml_diag::{Doc, Warning};
use rocaml_lambda::lambda::Program;
use rocaml_lambda::print;
use rocaml_middle::{OsType, cmm};
use rocaml_syntax::{ParseOptions, ast, attribute_use, pprintast, printast, utf8_lexeme};
use rocaml_target::{Endian, Os};
use rocaml_types::context::{self, Context, Reporter};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::{CmiInfos, Digest, PersistentError};
use rocaml_types::printtyp;
use rocaml_typing::typedtree::Implementation;
use rocaml_typing::typemod::{self, Interface};
use std::cell::RefCell;
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
        Name::new(&utf8_lexeme::capitalize(stem.split('.').next().unwrap_or_default()))
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
    source: SourceText,
    name: String,
    /// Dumps that go to a file.
    dumped: RefCell<Vec<u8>>,
    /// The places of comments.
    comments: RefCell<Vec<Location>>,
}

/// Compiles an implementation or an interface.
pub fn compile(host: HostRef, layout: &Layout, options: &Options, file: &SourceFile, timings: &Timings) -> Result<()> {
    let name = file.source.display().to_string();
    let console = Console::new(host, options).map_err(|why| {
        host.print_error(&format!("rocamlopt: wrong argument; {why}\n"));
        Failed
    })?;
    let source = match pparse::read(host, options, &file.source, file.is_interface) {
        Ok(source) => source,
        Err(why) => {
            let loc = Location::in_file(Name::new(&name));
            console.print(&Report::error(loc, why));
            return Err(Failed);
        }
    };
    let compilation = Compilation::new(host, layout, options, file, source, timings)?;
    if !is_unit_name(&file.unit()) {
        let loc = Location::in_file(Name::new(&compilation.name));
        compilation.console.warn(loc, Warning::BadModuleName(file.unit().to_string()));
    }
    let result = if file.is_interface { compilation.interface() } else { compilation.implementation() };
    compilation.write_dumps();
    let result = result.and_then(|()| compilation.check_fatal_warnings());
    if result.is_err() && !file.is_interface {
        // What is left of an earlier compilation would pass for the result of this one.
        ["o", "cmx"].iter().for_each(|extension| host.remove(&file.output(extension)));
    }
    result
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
    let source = SourceText::none(output);
    let compilation = Compilation::new(host, layout, options, file, source, timings)?;
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
    let timings = &Timings::default();
    let source = SourceText::none(&file.source);
    let compilation = Compilation::new(host, layout, options, file, source, timings)?;
    compilation.emit(cx, program)
}

/// Compiles a unit that was saved before code was emitted.
pub fn compile_saved(
    host: HostRef,
    layout: &Layout,
    options: &Options,
    file: &SourceFile,
    timings: &Timings,
) -> Result<()> {
    let compilation = Compilation::new(host, layout, options, file, SourceText::none(&file.source), timings)?;
    let result = compilation.saved();
    if result.is_err() {
        host.remove(&file.output("o"));
    }
    result
}

impl<'a> Compilation<'a> {
    fn new(
        host: HostRef,
        layout: &'a Layout,
        options: &'a Options,
        file: &'a SourceFile,
        source: SourceText,
        timings: &'a Timings,
    ) -> Result<Compilation<'a>> {
        let name = source.name.clone();
        let console = Console::new(host, options).map_err(|_| Failed)?.with_source(&name, source.text.clone());
        let path = Rc::new(LoadPath::new(host, layout, options));
        let (console, dumped, comments) = (Rc::new(console), RefCell::default(), RefCell::default());
        Ok(Compilation { host, layout, options, file, console, path, timings, source, name, dumped, comments })
    }
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

    fn parse<T: UnitTree>(&self) -> Result<T> {
        let tree = match &self.source.tree {
            Some(bytes) => {
                if self.options.unsafe_ {
                    self.console.warn(self.file_location(), Warning::UnsafeArraySyntaxWithoutParsing);
                }
                self.timings
                    .time("parsing", || pparse::decode(&self.source, bytes))
                    .map_err(|why| self.fail_text(why))?
            }
            None => self.parse_text()?,
        };
        if self.options.checks_ghost_locations {
            self.tell_ghost_locations(&tree);
        }
        if self.source.tree.is_none() && self.options.ppx.is_empty() {
            return Ok(tree);
        }
        let rewrite = || pparse::rewrite(self.host, self.layout, self.options, &self.name, tree);
        let tree: T = self.timings.time("ppx", rewrite).map_err(|why| self.fail_text(why))?;
        match tree.check() {
            Ok(()) => Ok(tree),
            Err((loc, what)) => Err(self.fail(&Report::error(loc, format!("broken invariant in parsetree: {what}")))),
        }
    }

    /// `-dparsetree-loc-ghost-invariants`
    fn tell_ghost_locations<T: UnitTree>(&self, tree: &T) {
        for (loc, what) in tree.ghost_locations(&self.source.text, self.options.parsing()) {
            self.host.print_error(&format!("{}: {what}\n", location_text(&loc)));
        }
    }

    fn parse_text<T: UnitTree>(&self) -> Result<T> {
        let options = ParseOptions { docstrings: self.needs_docstrings(), ..self.options.parsing() };
        let parsed = self.timings.time("parsing", || T::parse(Name::new(&self.name), &self.source.text, options));
        for (loc, warning) in parsed.warnings {
            self.console.warn(loc, warning);
        }
        self.comments.replace(parsed.comments);
        parsed.result.map_err(|error| self.fail(&error.report()))
    }

    /// Whether somebody will look at documentation comments, or at where they stand.
    fn needs_docstrings(&self) -> bool {
        const UNEXPECTED_DOCSTRING: usize = 50;
        let options = self.options;
        options.keep_docs
            || options.bin_annot
            || !options.ppx.is_empty()
            || options.dumps(Dump::Parsetree)
            || options.dumps(Dump::Typedtree)
            || options.dumps(Dump::Source)
            || self.console.is_active(UNEXPECTED_DOCSTRING)
    }

    fn dump(&self, dump: Dump, text: impl FnOnce() -> Vec<u8>) {
        if !self.options.dumps(dump) {
            return;
        }
        let text = text();
        if self.options.dump_into_file || self.options.dump_dir.is_some() {
            self.dumped.borrow_mut().extend(text);
        } else {
            self.host.print_error(&String::from_utf8_lossy(&text));
        }
    }

    fn typed_tree_options(&self) -> printtyped::Options {
        printtyped::Options { unique_ids: self.options.unique_ids, locations: self.options.dump_locations }
    }

    /// Writes what was dumped, if it goes to a file.
    fn write_dumps(&self) {
        let dumped = self.dumped.take();
        let extension = if self.file.is_interface { "cmi.dump" } else { "cmx.dump" };
        let path = match &self.options.dump_dir {
            None if !self.options.dump_into_file => return,
            None => self.file.output(extension),
            Some(directory) => {
                let output = self.file.output(extension);
                self.host.new_name(&directory.join(output.strip_prefix("/").unwrap_or(&output)))
            }
        };
        if let Err(error) = self.host.write(&path, &dumped) {
            let why = format!("I/O error: {}: {}", path.display(), crate::io_error_text(&error));
            self.console.print(&Report::error(self.file_location(), why));
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
            keep_docs: self.options.keep_docs,
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
        open_modules::paths(self.options).map_err(|report| self.fail(&report))?;
        typemod::initial_env(cx, loc, stdlib, &self.options.open_modules).map_err(|error| self.fail(&error.report(cx)))
    }

    fn interface(&self) -> Result<()> {
        let tree = self.tree(self.parse::<ast::Signature>()?);
        self.dump(Dump::Parsetree, || followed_by_empty_line(printast::interface(&tree, self.options.dump_locations)));
        self.dump(Dump::Source, || pprintast::signature(&tree).into_bytes());
        if self.stops_after(StopAfter::Parsing) {
            return Ok(());
        }
        let cx = self.tree(self.context());
        let env = self.initial_env(&cx)?;
        let typed = self
            .timings
            .time("typing", || typemod::type_interface(&cx, &env, &tree))
            .map_err(|error| self.typing_error(&cx, &error))?;
        self.report_persistent_errors(&cx)?;
        let shown = self.typed_tree_options();
        self.dump(Dump::Typedtree, || followed_by_empty_line(printtyped::interface(&typed, shown)));
        if self.prints_interface() {
            self.print_signature(&cx, &env, &typed.type_);
        }
        typemod::check_interface(&cx, &env, &typed).map_err(|error| self.typing_error(&cx, &error))?;
        let alerts = alerts_of_signature(&tree);
        if !self.prints_interface() {
            self.warn_misplaced_attributes(attribute_use::unused_in_signature(&tree));
        }
        self.check_fatal_warnings()?;
        if self.prints_interface() {
            return Ok(());
        }
        let cmi = self.write_cmi(&cx, alerts, &typed.type_)?;
        let mut known = Known::default();
        let shapes = &mut Shapes::new(&cx, &mut known);
        self.write_annotations(shapes, &env, Annotations::Interface(&typed), Some(cmi), None)
    }

    fn print_signature(&self, cx: &Context, env: &Env, sg: &rocaml_types::Signature) {
        let text =
            printtyp::wrap_printing_env(cx, env, false, || printtyp::printed_signature(cx, &self.name, sg).to_text());
        self.host.print(&text);
        if !text.ends_with('\n') {
            self.host.print("\n");
        }
    }

    fn write_cmi(
        &self,
        cx: &Context,
        alerts: Vec<(Name, String)>,
        sg: &rocaml_types::Signature,
    ) -> Result<(Vec<u8>, Digest)> {
        self.write_interface(cx, cx.make_cmi(self.file.unit(), alerts, sg))
    }

    /// Writes an interface that is complete: its bytes and its digest.
    pub(crate) fn write_interface(&self, cx: &Context, cmi: CmiInfos) -> Result<(Vec<u8>, Digest)> {
        let path = self.file.output("cmi");
        let (bytes, digest) = self.timings.time("cmi", || rocaml_formats::cmi::write(cx, &cmi));
        self.write(&path, &bytes)?;
        cx.register_cmi(path.display().to_string(), digest, cmi)
            .map_err(|error| self.fail(&persistent_report(self.file_location(), &error)))?;
        Ok((bytes, digest))
    }

    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.host
            .write(path, bytes)
            .map_err(|error| self.fail_text(format!("I/O error: {}: {}", path.display(), crate::io_error_text(&error))))
    }

    /// An error of typing; that of an interface which was read before it was found comes first.
    fn typing_error(&self, cx: &Context, error: &rocaml_typing::Error) -> Failed {
        match self.report_persistent_errors(cx) {
            Err(failed) => failed,
            Ok(()) => self.fail(&error.report(cx)),
        }
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
        if let Some(path) = &self.options.cmi_file
            && let Err(error) = self.host.read(path)
        {
            return Err(self.fail_text(format!("I/O error: {}: {}", path.display(), crate::io_error_text(&error))));
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
        let tree = self.tree(self.parse::<ast::Structure>()?);
        self.dump(Dump::Parsetree, || {
            followed_by_empty_line(printast::implementation(&tree, self.options.dump_locations))
        });
        self.dump(Dump::Source, || pprintast::structure(&tree).into_bytes());
        if self.stops_after(StopAfter::Parsing) {
            return Ok(());
        }
        let cx = self.tree(self.context());
        let env = self.initial_env(&cx)?;
        let report = |error: Box<rocaml_typing::Error>| {
            let failed = self.typing_error(&cx, &error);
            self.annotate_failure(&tree);
            failed
        };
        if self.prints_interface() {
            // Nothing is exported yet: of what is unused, the interface to come decides.
            self.console.silence("-32-34-37-38-60");
            let (structure, sg) =
                self.timings.time("typing", || typemod::infer_interface(&cx, &env, &tree)).map_err(report)?;
            self.report_persistent_errors(&cx)?;
            self.print_signature(&cx, &env, &sg);
            return self.write_annot(&cx, &Annotations::Implementation(&structure));
        }
        let interface = self.declared_interface(&cx)?;
        let typed = self.tree(
            self.timings
                .time("typing", || typemod::type_implementation(&cx, &self.name, &env, &tree, &interface))
                .map_err(report)?,
        );
        self.report_persistent_errors(&cx)?;
        let shown = self.typed_tree_options();
        self.dump(Dump::Typedtree, || followed_by_empty_line(printtyped::implementation(&typed.structure, shown)));
        let mut known = Known::default();
        let mut shapes = Shapes::new(&cx, &mut known);
        let needs_shape = self.options.bin_annot || self.options.dumps(Dump::Shape);
        let shape = needs_shape.then(|| shapes.unit(&env, self.file.unit(), &typed.structure, &typed.signature));
        if let Some(shape) = &shape {
            self.dump(Dump::Shape, || Doc::template("%a@;@.", &[shape.doc()]).to_text().into_bytes());
        }
        // A warning that is fatal is so only when all has been said; the interface is there then.
        let cmi = match interface {
            Interface::Inferred => Some(self.write_cmi(&cx, alerts_of_structure(&tree), &typed.signature)?),
            _ => None,
        };
        self.write_annotations(&mut shapes, &env, Annotations::Implementation(&typed.structure), cmi, shape)?;
        if !self.stops_after(StopAfter::Typing) {
            self.generate(&cx, &typed)?;
        }
        self.warn_misplaced_attributes(attribute_use::unused_in_structure(&tree));
        Ok(())
    }

    // -----------------------------------------------------------------------------------------
    // Code

    fn generate(&self, cx: &Context, typed: &Implementation) -> Result<()> {
        let program = self.lambda(cx, typed)?;
        // What is fatal is so in the end, when all has been said.
        if self.stops_after(StopAfter::Lambda) || self.console.some_fatal_warnings() {
            return Ok(());
        }
        self.emit(cx, program)
    }

    /// From Lambda to the object and the description of the unit.
    fn emit(&self, cx: &Context, program: Program) -> Result<()> {
        let opaque = |unit: Name| cx.persistent.is_imported_opaque(unit);
        let exports = ExportLoader::new(self.path.clone(), self.options.target.name, self.named(), opaque);
        let (compiled, info) = self.machine_code(cx, program, &exports)?;
        self.write_unit(compiled.as_ref(), &info)
    }

    fn write_unit(&self, compiled: Option<&rocaml_native::Compiled>, info: &UnitInfo) -> Result<()> {
        if let Some(compiled) = compiled {
            self.write(&self.file.output("o"), &compiled.object)?;
        }
        self.write(&self.file.output("cmx"), &unit_files::encode(CMX_MAGIC, info))
    }

    /// From a saved unit to its object.
    fn saved(&self) -> Result<()> {
        let saved = ir_file::read(self.host, &self.file.source).map_err(|why| self.fail_doc(why))?;
        if saved.for_pack != self.options.for_pack {
            let (wanted, made) = (self.options.for_pack.as_deref(), saved.for_pack.as_deref());
            return Err(self.fail_doc(ir_file::mismatched_for_pack(wanted, made)));
        }
        let target = self.options.target.name;
        if saved.info.target != target {
            let template = "@[<hov>File %a@ was compiled for %s,@ and this is for %s@]";
            let names = [Doc::code(self.file.source.display()), Doc::from(saved.info.target.as_str()), target.into()];
            return Err(self.fail_doc(Doc::template(template, &names)));
        }
        let compiled = self.object(&saved.unit)?;
        self.write_unit(compiled.as_ref(), &saved.info)
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

    /// The object of a program, unless `-stop-after` asks for less, and what its `.cmx` says.
    pub(crate) fn machine_code(
        &self,
        cx: &Context,
        mut program: Program,
        exports: &ExportLoader<'_>,
    ) -> Result<(Option<rocaml_native::Compiled>, UnitInfo)> {
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
        rocaml_lambda::prepare_native(&mut program);
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
        if self.options.saves_ir {
            let saved = SavedUnit { unit: lowered.unit, info, for_pack: self.options.for_pack.clone() };
            self.write(&self.file.output(ir_file::EXTENSION), &ir_file::encode(&saved))?;
            return Ok((self.object(&saved.unit)?, saved.info));
        }
        Ok((self.object(&lowered.unit)?, info))
    }

    /// The object of a unit, unless `-stop-after` asks for less.
    fn object(&self, unit: &cmm::Unit) -> Result<Option<rocaml_native::Compiled>> {
        if self.stops_after(StopAfter::Scheduling) {
            return Ok(None);
        }
        let target = self.options.target;
        let options = rocaml_native::Options {
            debug: self.options.debug,
            jobs: self.options.jobs,
            dump_clif: self.options.dumps(Dump::Clif),
            dump_listing: self.options.keep_assembly,
        };
        let compiled = self
            .timings
            .time("code generation", || rocaml_native::compile_unit(target, unit, &options))
            .map_err(|error| self.fail_text(error.to_string()))?;
        self.dump(Dump::Clif, || compiled.clif.clone().unwrap_or_default().into_bytes());
        if let Some(listing) = &compiled.listing {
            self.write(&self.file.output("s"), listing.as_bytes())?;
        }
        Ok(Some(compiled))
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
        let names = print::Names::new(self.options.stamps());
        let dumped = |program: &Program| format!("{}\n", print::program(program, &names)).into_bytes();
        self.dump(Dump::RawLambda, || dumped(&program));
        let program = self
            .timings
            .time("simplification", || rocaml_lambda::simplify(cx, program))
            .map_err(|error| self.fail(&error))?;
        self.dump(Dump::Lambda, || dumped(&program));
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

/// A dumped tree as upstream's compilers show it.
fn followed_by_empty_line(mut dump: Vec<u8>) -> Vec<u8> {
    dump.push(b'\n');
    dump
}
