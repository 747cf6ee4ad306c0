//! The typed tree as text: upstream's `Printtyped`, for `-dtypedtree`.
//!
//! One function per type of the tree, all of the shape `f(indentation, node)`. Upstream does not end some lines;
//! these quirks are kept, since tools compare this text.

mod classes;
mod expressions;
mod modules;
mod types;

use rocaml_base::{Loc, Location, Name, Position};
use rocaml_syntax::ast::{Attribute, Payload};
use rocaml_syntax::asttypes::{ArgLabel, Constant, DirectionFlag, RecFlag};
use rocaml_syntax::error::{quoted_string, tyvar};
use rocaml_syntax::longident::Longident;
use rocaml_syntax::printast;
use rocaml_types::path::ExtraTy;
use rocaml_types::{Ident, ModulePresence, Path, RecordRepresentation};
use rocaml_typing::typedtree::{Partial, Signature, Structure};

/// What is told besides the tree.
#[derive(Clone, Copy)]
pub struct Options {
    /// The numbers of idents.
    pub unique_ids: bool,
    pub locations: bool,
}

/// The text of an implementation.
pub fn implementation(structure: &Structure, options: Options) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), options };
    printer.structure(0, structure);
    printer.out
}

/// The text of an interface.
pub fn interface(signature: &Signature, options: Options) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), options };
    printer.signature(0, signature);
    printer.out
}

struct Printer {
    out: Vec<u8>,
    options: Options,
}

fn position(p: &Position) -> String {
    format!("{}[{},{}+{}]", p.file, p.line, p.bol, p.column())
}

fn longident(lid: &Loc<Longident>) -> String {
    format!("\"{}\"", lid.txt)
}

fn rec_flag(flag: RecFlag) -> &'static str {
    match flag {
        RecFlag::Nonrecursive => "Nonrec",
        RecFlag::Recursive => "Rec",
    }
}

fn direction_flag(flag: DirectionFlag) -> &'static str {
    match flag {
        DirectionFlag::Upto => "Up",
        DirectionFlag::Downto => "Down",
    }
}

fn partiality(partial: Partial) -> &'static str {
    match partial {
        Partial::Total => "",
        Partial::Partial => " (Partial)",
    }
}

fn presence(presence: ModulePresence) -> &'static str {
    match presence {
        ModulePresence::Present => "(Present)",
        ModulePresence::Absent => "(Absent)",
    }
}

fn typevars(names: &[Loc<Name>]) -> String {
    names.iter().map(|name| format!(" {}", tyvar(&name.txt))).collect()
}

impl Printer {
    /// A line with its end.
    fn line(&mut self, i: usize, text: impl AsRef<str>) {
        self.unended(i, text);
        self.out.push(b'\n');
    }

    /// A line that upstream does not end.
    fn unended(&mut self, i: usize, text: impl AsRef<str>) {
        self.out.extend(std::iter::repeat_n(b' ', 2 * i));
        self.out.extend_from_slice(text.as_ref().as_bytes());
    }

    fn list<T>(&mut self, i: usize, items: &[T], print: impl Fn(&mut Printer, usize, &T)) {
        if items.is_empty() {
            return self.line(i, "[]");
        }
        self.line(i, "[");
        for item in items {
            print(self, i + 1, item);
        }
        self.line(i, "]");
    }

    fn option<T>(&mut self, i: usize, item: Option<&T>, print: impl Fn(&mut Printer, usize, &T)) {
        match item {
            None => self.line(i, "None"),
            Some(item) => {
                self.line(i, "Some");
                print(self, i + 1, item);
            }
        }
    }

    fn location(&self, loc: &Location) -> String {
        if !self.options.locations {
            return String::new();
        }
        let ghost = if loc.ghost { " ghost" } else { "" };
        format!("({}..{}){ghost}", position(&loc.start), position(&loc.end))
    }

    fn ident(&self, id: Ident) -> String {
        let number = || if self.options.unique_ids { format!("/{}", id.stamp()) } else { String::new() };
        match id {
            Ident::Global(name) => format!("{name}!"),
            Ident::Predef { name, .. } => format!("{name}{}!", number()),
            Ident::Local { name, .. } | Ident::Scoped { name, .. } => format!("{name}{}", number()),
        }
    }

    fn module_name(&self, id: Option<Ident>) -> String {
        id.map_or("_".to_owned(), |id| self.ident(id))
    }

    fn path_text(&self, path: &Path) -> String {
        match path {
            Path::Ident(id) => self.ident(*id),
            Path::Dot(prefix, name) | Path::ExtraTy(prefix, ExtraTy::CstrTy(name)) => {
                format!("{}.{name}", self.path_text(prefix))
            }
            Path::Apply(f, arg) => format!("{}({})", self.path_text(f), self.path_text(arg)),
            Path::ExtraTy(prefix, ExtraTy::ExtTy) => self.path_text(prefix),
        }
    }

    fn path(&self, path: &Path) -> String {
        format!("\"{}\"", self.path_text(path))
    }

    fn constant(&self, constant: &Constant) -> String {
        match constant {
            Constant::Int(n) => format!("Const_int {n}"),
            Constant::Char(c) => format!("Const_char {c:02x}"),
            Constant::String(s, loc, None) => {
                format!("Const_string({},{},None)", quoted_string(s), self.location(loc))
            }
            Constant::String(s, loc, Some(delimiter)) => {
                let delimiter = quoted_string(delimiter.as_bytes());
                format!("Const_string ({},{},Some {delimiter})", quoted_string(s), self.location(loc))
            }
            Constant::Float(text) => format!("Const_float {text}"),
            Constant::Int32(n) => format!("Const_int32 {n}"),
            Constant::Int64(n) => format!("Const_int64 {n}"),
            Constant::Nativeint(n) => format!("Const_nativeint {n}"),
        }
    }

    fn string(&mut self, i: usize, name: &Name) {
        self.line(i, format!("\"{name}\""));
    }

    fn arg_label(&mut self, i: usize, label: ArgLabel) {
        match label {
            ArgLabel::Nolabel => self.line(i, "Nolabel"),
            ArgLabel::Optional(name) => self.line(i, format!("Optional \"{name}\"")),
            ArgLabel::Labelled(name) => self.line(i, format!("Labelled \"{name}\"")),
        }
    }

    /// Components of a tuple with their labels.
    fn components<T>(&mut self, i: usize, components: &[(Option<Name>, T)], print: impl Fn(&mut Printer, usize, &T)) {
        self.list(i, components, |p, i, (label, component)| {
            match label {
                None => p.line(i, "Label: None"),
                Some(name) => p.line(i, format!("Label: Some \"{name}\"")),
            }
            print(p, i, component);
        });
    }

    fn record_representation(&mut self, i: usize, representation: &RecordRepresentation) {
        let text = match representation {
            RecordRepresentation::Regular => "Record_regular".to_owned(),
            RecordRepresentation::Float => "Record_float".to_owned(),
            RecordRepresentation::Unboxed(inlined) => format!("Record_unboxed {inlined}"),
            RecordRepresentation::Inlined(tag) => format!("Record_inlined {tag}"),
            RecordRepresentation::Extension(path) => format!("Record_extension {}", self.path(path)),
        };
        self.line(i, text);
    }

    fn payload(&mut self, i: usize, payload: &Payload) {
        self.out.extend(printast::payload(i, payload, self.options.locations));
    }

    fn attribute(&mut self, i: usize, kind: &str, attribute: &Attribute) {
        self.line(i, format!("{kind} \"{}\"", attribute.name.txt));
        self.payload(i, &attribute.payload);
    }

    fn attributes(&mut self, i: usize, attributes: &[Attribute]) {
        for attribute in attributes {
            self.line(i + 1, format!("attribute \"{}\"", attribute.name.txt));
            self.payload(i + 2, &attribute.payload);
        }
    }
}
