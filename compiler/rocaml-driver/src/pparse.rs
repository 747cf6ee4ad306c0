//! From a source file to a parse tree, through preprocessors: upstream's `Pparse`.
//!
//! `-pp` makes one file of another; what either holds is a source text or a binary syntax tree.
//! Each `-ppx` reads such a tree from one file and writes another.

use crate::host::HostRef;
use crate::layout::Layout;
use crate::options::Options;
use rocaml_base::{Loc, Location, Name};
use rocaml_formats::ast_file::{self, Contents, IMPLEMENTATION_MAGIC, INTERFACE_MAGIC};
use rocaml_formats::codec::Codec;
use rocaml_syntax::ast::{
    Attribute, Constant, ConstantDesc, Expression, ExpressionDesc, Payload, Signature, SignatureItem,
    SignatureItemDesc, Structure, StructureItem, StructureItemDesc,
};
use rocaml_syntax::longident::Longident;
use rocaml_syntax::{ParseOptions, Parsed, ghost_locations, invariants, parse_implementation, parse_interface};
use std::path::Path;
use std::rc::Rc;

/// What there is in a source file.
pub struct SourceText {
    /// The name of the source in locations.
    pub name: String,
    /// The text, for excerpts; empty where there is only a tree.
    pub text: Rc<[u8]>,
    /// The file was a binary syntax tree: its bytes.
    pub tree: Option<Vec<u8>>,
}

impl SourceText {
    /// What is made otherwise than from a text.
    pub fn none(output: &Path) -> SourceText {
        SourceText { name: output.display().to_string(), text: Rc::from([]), tree: None }
    }
}

/// A kind of tree that is a compilation unit.
pub trait UnitTree: Codec {
    const MAGIC: &'static [u8; 12];
    fn parse(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Self>;
    /// What is broken of the parser's invariants.
    fn check(&self) -> Result<(), (Location, &'static str)>;
    /// What is wrong with its places, if it was parsed from this text.
    fn ghost_locations(&self, source: &[u8], options: ParseOptions) -> Vec<(Location, &'static str)>;
    /// Puts a floating attribute in front.
    fn with_first(self, attribute: Attribute) -> Self;
    /// Without the attribute of this name in front.
    fn without_first(self, name: &str) -> Self;
}

impl UnitTree for Structure {
    const MAGIC: &'static [u8; 12] = IMPLEMENTATION_MAGIC;
    fn parse(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Structure> {
        parse_implementation(file, source, options)
    }
    fn check(&self) -> Result<(), (Location, &'static str)> {
        invariants::check_structure(self)
    }
    fn ghost_locations(&self, source: &[u8], options: ParseOptions) -> Vec<(Location, &'static str)> {
        ghost_locations::check_structure(self, source, options)
    }
    fn with_first(mut self, attribute: Attribute) -> Structure {
        let desc = StructureItemDesc::Attribute(Box::new(attribute));
        self.insert(0, StructureItem { desc, loc: Location::none() });
        self
    }
    fn without_first(mut self, name: &str) -> Structure {
        if let Some(StructureItem { desc: StructureItemDesc::Attribute(a), .. }) = self.first()
            && *a.name.txt == *name
        {
            self.remove(0);
        }
        self
    }
}

impl UnitTree for Signature {
    const MAGIC: &'static [u8; 12] = INTERFACE_MAGIC;
    fn parse(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Signature> {
        parse_interface(file, source, options)
    }
    fn check(&self) -> Result<(), (Location, &'static str)> {
        invariants::check_signature(self)
    }
    fn ghost_locations(&self, source: &[u8], options: ParseOptions) -> Vec<(Location, &'static str)> {
        ghost_locations::check_signature(self, source, options)
    }
    fn with_first(mut self, attribute: Attribute) -> Signature {
        let desc = SignatureItemDesc::Attribute(Box::new(attribute));
        self.insert(0, SignatureItem { desc, loc: Location::none() });
        self
    }
    fn without_first(mut self, name: &str) -> Signature {
        if let Some(SignatureItem { desc: SignatureItemDesc::Attribute(a), .. }) = self.first()
            && *a.name.txt == *name
        {
            self.remove(0);
        }
        self
    }
}

/// Reads a source file, through `-pp` if there is one. The error is that of the file's first line.
pub fn read(host: HostRef, options: &Options, source: &Path, is_interface: bool) -> Result<SourceText, String> {
    let name = source.display().to_string();
    let bytes = preprocessed(host, options, source)?;
    let magic = if is_interface { INTERFACE_MAGIC } else { IMPLEMENTATION_MAGIC };
    match ast_file::contents(magic, &bytes) {
        Contents::Source => Ok(SourceText { name, text: bytes.into(), tree: None }),
        Contents::OtherVersion => Err("OCaml and preprocessor have incompatible versions".to_owned()),
        Contents::Tree => {
            let (name, _) = ast_file::read_name(&bytes).map_err(|_| invalid_tree(&name))?;
            // The source may be gone; then messages have no excerpts.
            let text = host.read(Path::new(&name)).unwrap_or_default();
            Ok(SourceText { name, text: text.into(), tree: Some(bytes) })
        }
    }
}

fn invalid_tree(file: &str) -> String {
    format!("{file} is not a valid syntax tree")
}

fn preprocessed(host: HostRef, options: &Options, source: &Path) -> Result<Vec<u8>, String> {
    let explain = |error: std::io::Error| match error.kind() {
        // It can be opened; what fails names no file any more.
        std::io::ErrorKind::IsADirectory => format!("I/O error: {}", crate::io_error_text(&error)),
        _ => format!("I/O error: {}: {}", source.display(), crate::io_error_text(&error)),
    };
    let Some(preprocessor) = &options.preprocessor else { return host.read(source).map_err(explain) };
    if !host.exists(source) {
        return host.read(source).map_err(explain);
    }
    let directory = host.temporary_directory().map_err(explain)?;
    let output = directory.join("preprocessed");
    let command = format!("{preprocessor} {} > {}", quoted(source), output.display());
    let result = run(host, options, &command).and_then(|()| host.read(&output).map_err(explain));
    host.remove_directory(&directory);
    result
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn run(host: HostRef, options: &Options, command: &str) -> Result<(), String> {
    /// The shell's code for a command that it did not find.
    const NOT_FOUND: i32 = 127;
    if options.verbose {
        host.print_error(&format!("+ {command}\n"));
    }
    match host.run_shell(command) {
        Ok(0) => Ok(()),
        Ok(NOT_FOUND) => Err(format!("I/O error: {command}")),
        _ => Err(format!("Error while running external preprocessor\nCommand line: {command}\n")),
    }
}

/// The tree of a file that was one.
pub fn decode<T: UnitTree>(source: &SourceText, bytes: &[u8]) -> Result<T, String> {
    ast_file::read(bytes).map(|(_, tree)| tree).map_err(|_| invalid_tree(&source.name))
}

/// Applies the `-ppx` rewriters in order.
pub fn rewrite<T: UnitTree>(
    host: HostRef,
    layout: &Layout,
    options: &Options,
    source: &str,
    tree: T,
) -> Result<T, String> {
    if options.ppx.is_empty() {
        return Ok(tree);
    }
    let explain = |error: std::io::Error| format!("I/O error: {}", crate::io_error_text(&error));
    let directory = host.temporary_directory().map_err(explain)?;
    let bytes = ast_file::write(T::MAGIC, source, &tree.with_first(context(layout, options)));
    let result = rewrite_file::<T>(host, options, &directory, &bytes);
    host.remove_directory(&directory);
    let tree: T = result?;
    Ok(tree.without_first(CONTEXT))
}

fn rewrite_file<T: UnitTree>(host: HostRef, options: &Options, directory: &Path, bytes: &[u8]) -> Result<T, String> {
    let explain = |error: std::io::Error| format!("I/O error: {}", crate::io_error_text(&error));
    let mut input = directory.join("camlppx0");
    host.write(&input, bytes).map_err(explain)?;
    let mut result = Vec::new();
    for (i, ppx) in options.ppx.iter().enumerate() {
        let output = directory.join(format!("camlppx{}", i + 1));
        let command = format!("{ppx} {} {}", quoted(&input), quoted(&output));
        run(host, options, &command)?;
        result = host.read(&output).unwrap_or_default();
        let is_tree = ast_file::contents(T::MAGIC, &result) == Contents::Tree;
        if !is_tree || (i + 1 == options.ppx.len() && ast_file::read::<T>(&result).is_err()) {
            return Err(format!("External preprocessor does not produce a valid file\nCommand line: {command}\n"));
        }
        input = output;
    }
    ast_file::read(&result).map(|(_, tree)| tree).map_err(|error| error.to_string())
}

// ---------------------------------------------------------------------------------------------
// What rewriters are told of the compilation

const CONTEXT: &str = "ocaml.ppx.context";

fn expression(desc: ExpressionDesc) -> Expression {
    Expression { desc, loc: Location::none(), loc_stack: Vec::new(), attributes: Vec::new() }
}

fn lident(name: &str) -> Loc<Longident> {
    Loc::none(Longident::Lident(Name::new(name)))
}

fn string(text: &str) -> Expression {
    let desc = ConstantDesc::String(text.as_bytes().into(), Location::none(), None);
    expression(ExpressionDesc::Constant(Constant { desc, loc: Location::none() }))
}

fn construct(name: &str, arg: Option<Expression>) -> Expression {
    expression(ExpressionDesc::Construct(lident(name), arg.map(Box::new)))
}

fn boolean(value: bool) -> Expression {
    construct(if value { "true" } else { "false" }, None)
}

fn pair(first: Expression, second: Expression) -> Expression {
    expression(ExpressionDesc::Tuple(vec![(None, first), (None, second)]))
}

fn strings<T: AsRef<Path>>(items: &[T]) -> Expression {
    items.iter().rev().fold(construct("[]", None), |tail, item| {
        construct("::", Some(pair(string(&item.as_ref().display().to_string()), tail)))
    })
}

/// `[@@@ocaml.ppx.context { … }]`: the options that matter to rewriters.
fn context(layout: &Layout, options: &Options) -> Attribute {
    let reversed = |dirs: &[std::path::PathBuf]| strings(&dirs.iter().rev().collect::<Vec<_>>());
    let hidden: Vec<_> = options.hidden_include_dirs.iter().map(|dir| layout.expand(dir)).collect();
    let uses_threads = options.include_dirs.iter().any(|dir| *dir == *Path::new("+threads"));
    let package =
        options.for_pack.as_ref().map_or(construct("None", None), |name| construct("Some", Some(string(name))));
    let fields = [
        ("tool_name", string(options.tool_name)),
        ("include_dirs", reversed(&options.include_dirs)),
        ("hidden_include_dirs", reversed(&options.hidden_include_dirs)),
        ("load_path", pair(strings(&layout.search_path(options)), strings(&hidden))),
        ("open_modules", strings(&options.open_modules.iter().rev().collect::<Vec<_>>())),
        ("for_package", package),
        ("debug", boolean(options.debug)),
        ("use_threads", boolean(uses_threads)),
        ("use_vmthreads", boolean(false)),
        ("recursive_types", boolean(options.recursive_types)),
        ("principal", boolean(options.principal)),
        ("no_alias_deps", boolean(options.no_alias_deps)),
        ("unboxed_types", boolean(options.unboxed_types)),
        ("unsafe_string", boolean(false)),
        ("cookies", construct("[]", None)),
    ];
    let record = ExpressionDesc::Record(fields.into_iter().map(|(name, e)| (lident(name), e)).collect(), None);
    let desc = StructureItemDesc::Eval(Box::new(expression(record)), Vec::new());
    let payload = Payload::Str(vec![StructureItem { desc, loc: Location::none() }]);
    Attribute { name: Loc::none(Name::new(CONTEXT)), payload, loc: Location::none() }
}
