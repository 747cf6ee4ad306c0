//! Typed trees as files, `.cmt` and `.cmti`: upstream's `Cmt_format`, read by editors and
//! documentation tools.
//!
//! A magic number and one marshalled record, which holds the typed tree with the summaries of its
//! environments (an interface stands before it in a `.cmti`). [`emitter`] has what the tables of
//! [`tree`] are made with; while the tree is emitted, its declarations are noted for
//! [`uid_table`]. [`shape`] tells where the parts of a module come from.

mod emitter;
mod environment;
mod shape;
mod tree;
mod uid_table;

use emitter::{Emitter, Tree};
use rocaml_base::{Location, Name};
use rocaml_formats::marshal::{self, Value};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::Digest;
use rocaml_types::{self as types, Context, ModuleType, SignatureItem, Uid};
use rocaml_typing::typedtree::{Signature, Structure};
use std::collections::HashMap;

/// What a file begins with, after the interface that a `.cmti` begins with.
pub const MAGIC: &[u8; 12] = b"Caml1999T036";

/// What was typed: upstream's `binary_annots`.
pub enum Annotations<'a> {
    Implementation(&'a Structure),
    Interface(&'a Signature),
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
    /// The interface that an implementation was checked against.
    pub declared: Option<&'a types::Signature>,
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
    };
    let shape = match infos.annotations {
        Annotations::Implementation(structure) => Some(shape::of_unit(cx, infos.unit, structure).emit(&mut e)),
        Annotations::Interface(_) => None,
    };
    let digest = |e: &mut Emitter<'_>, digest: &Option<Digest>| {
        let digest = digest.map(|digest| e.types.w.heap.string(&digest));
        e.option(digest)
    };
    let imports = infos.imports.iter().map(|(unit, crc)| {
        let fields = vec![unit.emit(&mut e), digest(&mut e, crc)];
        e.block(0, fields)
    });
    let imports = imports.collect();
    let args = infos.args.iter().map(|arg| e.string(arg)).collect();
    let (visible, hidden) = &infos.load_path;
    let load_path = vec![e.strings(visible), e.strings(hidden)];
    let source_file = infos.source_file.map(|file| e.string(file));
    let dependencies = match (&infos.annotations, infos.declared) {
        (Annotations::Implementation(structure), Some(declared)) => {
            let mut pairs = Vec::new();
            pair_declarations(&structure.type_, declared, &mut pairs);
            e.list(pairs, |e, (definition, declaration)| {
                let fields = vec![DEFINITION_TO_DECLARATION, definition.emit(e), declaration.emit(e)];
                e.block(0, fields)
            })
        }
        _ => Value::Int(0),
    };
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
        // The occurrences of names, which are indexed on demand only.
        Value::Int(0),
    ];
    let root = e.block(0, fields);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(marshal::write(&e.types.w.heap, root));
    bytes
}

const DEFINITION_TO_DECLARATION: Value = Value::Int(0);

/// The identities of what is defined, each with that of what it was declared as.
fn pair_declarations(defined: &types::Signature, declared: &types::Signature, pairs: &mut Vec<(Uid, Uid)>) {
    let by_part: HashMap<_, _> = defined.iter().map(|item| (shape::part_of(item), item)).collect();
    for declaration in declared {
        let Some(definition) = by_part.get(&shape::part_of(declaration)) else { continue };
        let (from, to) = (shape::uid_of(definition), shape::uid_of(declaration));
        if from != to {
            pairs.push((from, to));
        }
        if let (SignatureItem::Module(_, _, a, ..), SignatureItem::Module(_, _, b, ..)) = (definition, declaration)
            && let (ModuleType::Signature(a), ModuleType::Signature(b)) = (&a.type_, &b.type_)
        {
            pair_declarations(a, b, pairs);
        }
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
