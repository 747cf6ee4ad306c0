//! Typed trees as files, `.cmt` and `.cmti`: upstream's `Cmt_format`, read by editors and
//! documentation tools.
//!
//! A magic number and one marshalled record, which holds the typed tree with the summaries of its
//! environments (an interface stands before it in a `.cmti`). [`emitter`] has what the tables of
//! [`tree`] are made with; while the tree is emitted, its declarations are noted for
//! [`uid_table`]. [`shape`] tells where the parts of a module come from.

pub mod annot;
mod emitter;
mod environment;
mod iterator;
pub mod occurrences;
pub mod printtyped;
pub mod shape;
mod tree;
mod uid_table;

use emitter::{Emitter, Tree};
use occurrences::Occurrence;
use rocaml_base::{Location, Name};
use rocaml_formats::marshal::{self, Value};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::Digest;
use rocaml_types::{self as types, Context};
use rocaml_typing::saved_types::BinaryPart;
use rocaml_typing::state::typing_state;
use rocaml_typing::typedtree::{self, Signature, Structure};
use shape::Shape;
use std::rc::Rc;

/// What a file begins with, after the interface that a `.cmti` begins with.
pub const MAGIC: &[u8; 12] = b"Caml1999T036";

/// What was typed: upstream's `binary_annots`.
#[derive(Clone, Copy)]
pub enum Annotations<'a> {
    Implementation(&'a Structure),
    Interface(&'a Signature),
    /// What was typed of an implementation before an error.
    Partial(&'a [BinaryPart]),
    /// A unit made of others: its signature and their files.
    Packed(&'a types::Signature, &'a [String]),
}

/// What is said of a compilation besides its tree: upstream's `cmt_infos`.
pub struct CmtInfos<'a> {
    pub unit: Name,
    pub annotations: Annotations<'a>,
    /// Comments with their places, in the order of the text.
    pub comments: &'a [(String, Location)],
    /// The command line, the program first.
    pub args: &'a [String],
    pub source_file: Option<&'a str>,
    pub source_digest: Option<Digest>,
    pub build_dir: &'a str,
    /// The directories searched, and those searched for dependencies of dependencies only.
    pub load_path: (Vec<String>, Vec<String>),
    pub initial_env: &'a Env,
    pub imports: Vec<(Name, Option<Digest>)>,
    pub interface_digest: Option<Digest>,
    /// Where the parts of an implementation come from.
    pub shape: Option<Rc<Shape>>,
    /// Where the names in the tree were defined, the last first.
    pub occurrences: &'a [Occurrence],
}

/// The bytes from the magic number on.
pub fn write(cx: &Context, infos: &CmtInfos<'_>) -> Vec<u8> {
    let mut e = Emitter::new(cx);
    let annotations = match infos.annotations {
        Annotations::Implementation(structure) => {
            let structure = structure.emit(&mut e);
            e.block(1, vec![structure])
        }
        Annotations::Interface(signature) => {
            let signature = signature.emit(&mut e);
            e.block(2, vec![signature])
        }
        Annotations::Partial(parts) => {
            let parts = parts.iter().map(|part| part.emit(&mut e)).collect();
            let parts = e.block(0, parts);
            e.block(3, vec![parts])
        }
        Annotations::Packed(signature, files) => {
            let fields = vec![signature.emit(&mut e), e.strings(files)];
            e.block(0, fields)
        }
    };
    let shape = infos.shape.as_ref().map(|shape| shape.emit(&mut e));
    let digest = |e: &mut Emitter<'_>, digest: &Option<Digest>| {
        let digest = digest.map(|digest| e.types.w.heap.string(&digest));
        e.option(digest)
    };
    let imports = infos.imports.iter().map(|(unit, crc)| {
        let fields = vec![unit.emit(&mut e), digest(&mut e, crc)];
        e.block(0, fields)
    });
    let imports = imports.collect();
    let occurrences = e.list(infos.occurrences, |e, (lid, resolution)| {
        let fields = vec![lid.emit(e), resolution.emit(e)];
        e.block(0, fields)
    });
    let args = infos.args.iter().map(|arg| e.string(arg)).collect();
    let (visible, hidden) = &infos.load_path;
    let load_path = vec![e.strings(visible), e.strings(hidden)];
    let source_file = infos.source_file.map(|file| e.string(file));
    let dependencies = e.list(typing_state(cx).dependencies.borrow().iter().rev(), |e, dependency| {
        let kind = Value::Int(i64::from(!dependency.of_definition));
        let fields = vec![kind, dependency.from.emit(e), dependency.to.emit(e)];
        e.block(0, fields)
    });
    let use_summaries = Value::Int(1);
    let fields = vec![
        infos.unit.emit(&mut e),
        annotations,
        dependencies,
        comments(&mut e, infos.comments),
        e.block(0, args),
        e.option(source_file),
        e.string(infos.build_dir),
        e.block(0, load_path),
        digest(&mut e, &infos.source_digest),
        infos.initial_env.emit(&mut e),
        e.types.w.heap.list(imports),
        digest(&mut e, &infos.interface_digest),
        use_summaries,
        uid_table::emit(&mut e),
        e.option(shape),
        occurrences,
    ];
    let root = e.block(0, fields);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(marshal::write(&e.types.w.heap, root));
    bytes
}

impl Tree for BinaryPart {
    fn emit(&self, e: &mut Emitter<'_>) -> Value {
        let (tag, fields) = match self {
            BinaryPart::Structure(structure) => (0, vec![structure.emit(e)]),
            BinaryPart::StructureItem(item) => (1, vec![item.emit(e)]),
            BinaryPart::Expression(expression) => (2, vec![expression.emit(e)]),
            BinaryPart::Pattern(pattern) => {
                let category = Value::Int(i64::from(typedtree::is_computation(pattern)));
                (3, vec![category, pattern.emit(e)])
            }
            BinaryPart::ClassExpr(class) => (4, vec![class.emit(e)]),
            BinaryPart::Signature(signature) => (5, vec![signature.emit(e)]),
            BinaryPart::SignatureItem(item) => (6, vec![item.emit(e)]),
            BinaryPart::ModuleType(ty) => (7, vec![ty.emit(e)]),
        };
        e.block(tag, fields)
    }
}

fn comments(e: &mut Emitter<'_>, comments: &[(String, Location)]) -> Value {
    let items = comments.iter().map(|(text, loc)| {
        let fields = vec![e.string(text), loc.emit(e)];
        e.block(0, fields)
    });
    let items = items.collect();
    e.types.w.heap.list(items)
}
