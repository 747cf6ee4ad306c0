//! `.annot` files: the types of expressions and patterns by their places, for editors. Upstream's `Cmt2annot` and
//! `Stypes`.

use crate::iterator::{Visitor, Walk};
use rocaml_base::{Location, Name, Position};
use rocaml_types::env::Env;
use rocaml_types::{Context, Path, TypeId, printtyp};
use rocaml_typing::saved_types::BinaryPart;
use rocaml_typing::typedtree::*;
use std::cmp::Reverse;

/// The contents of the file about a structure, which stands in a file of this name.
pub fn of_structure(cx: &Context, source: &str, structure: &Structure) -> String {
    let mut notes = Notes::new(cx, source);
    Walk(&mut notes).structure(structure);
    notes.text()
}

/// The same of the parts of a structure that were typed before an error.
pub fn of_parts(cx: &Context, source: &str, parts: &[BinaryPart]) -> String {
    let mut notes = Notes::new(cx, source);
    parts.iter().for_each(|part| Walk(&mut notes).part(part));
    notes.text()
}

enum Note {
    Type(TypeId, Env),
    Definition(Name, Location),
    /// A value: its name, and where it is defined unless that is in another unit.
    Reference(String, Option<Location>),
}

struct Notes<'a> {
    cx: &'a Context,
    notes: Vec<(Location, Note)>,
    phrases: Vec<Location>,
    /// What the modules around reach over, the innermost last.
    scopes: Vec<Location>,
}

/// From a start to the end of a scope.
fn from(start: Position, scope: Location) -> Location {
    Location { start, ..scope }
}

impl<'a> Notes<'a> {
    fn new(cx: &'a Context, source: &str) -> Notes<'a> {
        let whole = Location::in_file(Name::new(source));
        Notes { cx, notes: Vec::new(), phrases: Vec::new(), scopes: vec![whole] }
    }

    fn note(&mut self, loc: Location, note: Note) {
        if !loc.ghost {
            self.notes.push((loc, note));
        }
    }

    fn define(&mut self, scope: Location, pattern: &Pattern) {
        // Patterns are told from the outside in.
        pattern.iter(&mut |p| {
            if let PatternDesc::Var(id, ..) | PatternDesc::Alias(_, id, ..) = &p.desc {
                self.note(p.loc, Note::Definition(id.name(), scope));
            }
        });
    }

    fn define_all(&mut self, scope: Location, bindings: &[ValueBinding]) {
        bindings.iter().for_each(|binding| self.define(scope, &binding.pat));
    }

    fn define_cases(&mut self, cases: &[Case]) {
        for case in cases {
            let scope = match &case.guard {
                None => case.rhs.loc,
                Some(guard) => from(guard.loc.start, case.rhs.loc),
            };
            self.define(scope, &case.lhs);
        }
    }

    fn define_module(&mut self, scope: Location, binding: &ModuleBinding) {
        self.note(binding.name.loc, Note::Definition(binding.name.txt.unwrap_or(Name::new("_")), scope));
    }

    /// The notes sorted by their ends, inner ones first.
    fn text(mut self) -> String {
        let inner_first = |loc: &Location| (loc.end.cnum, Reverse(loc.start.cnum));
        self.notes.reverse();
        self.notes.sort_by_key(|(loc, _)| inner_first(loc));
        let mut phrases = self.starts_of_phrases().into_iter().peekable();
        let mut text = String::new();
        let mut last = Location::none();
        for (loc, note) in &self.notes {
            if *loc != last {
                text.push_str(&format!("{}\n", place(loc)));
            }
            last = *loc;
            match note {
                Note::Type(ty, env) => {
                    // Variables have names of their own in each phrase.
                    while phrases.next_if(|start| *start <= loc.start.cnum).is_some() {
                        printtyp::reset(self.cx);
                    }
                    let ty =
                        printtyp::wrap_printing_env(self.cx, env, false, || printtyp::shared_type_scheme(self.cx, *ty));
                    let ty = rocaml_diag::Doc::template("  %a@.", &[ty]).to_text();
                    text.push_str(&format!("type(\n{ty})\n"));
                }
                Note::Definition(name, scope) => {
                    text.push_str(&format!("ident(\n  def {name} {}\n)\n", place(scope)));
                }
                Note::Reference(name, Some(at)) => {
                    text.push_str(&format!("ident(\n  int_ref {name} {}\n)\n", place(at)));
                }
                Note::Reference(name, None) => text.push_str(&format!("ident(\n  ext_ref {name}\n)\n")),
            }
        }
        text
    }

    /// Where phrases start that do not lie within another, in their order.
    fn starts_of_phrases(&mut self) -> Vec<i32> {
        let mut phrases = std::mem::take(&mut self.phrases);
        phrases.reverse();
        phrases.sort_by_key(|loc| (Reverse(loc.end.cnum), loc.start.cnum));
        let mut current = Location::none();
        let mut starts = Vec::new();
        for loc in phrases {
            if !(current.start.cnum <= loc.start.cnum && current.end.cnum >= loc.end.cnum) {
                starts.push(loc.start.cnum);
                current = loc;
            }
        }
        starts.reverse();
        starts
    }
}

fn position(p: &Position) -> String {
    if p.file.is_empty() && p.cnum == -1 {
        return "--".to_owned();
    }
    let file: String = rocaml_syntax::error::quoted_string(p.file.as_bytes());
    format!("{file} {} {} {}", p.line, p.bol, p.cnum)
}

fn place(loc: &Location) -> String {
    format!("{} {}", position(&loc.start), position(&loc.end))
}

impl Visitor for Notes<'_> {
    fn expr(&mut self, e: &Expression) {
        use ExpressionDesc as E;
        match &e.desc {
            E::Ident(path, ..) => {
                let declared = e.env.find_value(self.cx, path).map(|d| d.loc).filter(|loc| !loc.ghost);
                self.note(e.loc, Note::Reference(value_name(path), declared));
            }
            E::Let(rocaml_syntax::asttypes::RecFlag::Recursive, bindings, _) => self.define_all(e.loc, bindings),
            E::Let(_, bindings, body) => self.define_all(body.loc, bindings),
            E::Match(_, cases, effects, _) | E::Try(_, cases, effects) => {
                self.define_cases(cases);
                self.define_cases(effects);
            }
            E::Function(params, _) => {
                for param in params {
                    let (FunctionParamKind::Pat(p) | FunctionParamKind::OptionalDefault(p, _)) = &param.kind;
                    self.define(e.loc, p);
                }
            }
            E::LetModule(_, name, _, _, body) => {
                self.note(name.loc, Note::Definition(name.txt.unwrap_or(Name::new("_")), body.loc));
            }
            _ => {}
        }
        self.note(e.loc, Note::Type(e.type_, e.env.clone()));
    }

    fn pat(&mut self, p: &Pattern) {
        self.note(p.loc, Note::Type(p.type_, p.env.clone()));
    }

    fn module_expr(&mut self, module: &ModuleExpr) {
        self.scopes.push(module.loc);
    }

    fn leave_module_expr(&mut self) {
        self.scopes.pop();
    }

    fn structure_item(&mut self, item: &StructureItem, next: Option<&StructureItem>) {
        let scope = self.scopes.last().copied().unwrap_or_else(Location::none);
        match &item.desc {
            StructureItemDesc::Value(recursive, bindings) => {
                let start = match (recursive, next) {
                    (rocaml_syntax::asttypes::RecFlag::Recursive, _) => item.loc.start,
                    (_, None) => item.loc.end,
                    (_, Some(next)) => next.loc.start,
                };
                self.define_all(from(start, scope), bindings);
            }
            StructureItemDesc::Module(binding) => self.define_module(from(item.loc.end, scope), binding),
            StructureItemDesc::RecModule(bindings) => {
                bindings.iter().for_each(|binding| self.define_module(from(item.loc.start, scope), binding));
            }
            _ => {}
        }
        self.phrases.push(item.loc);
    }
}

/// The name of a value as it is written: keywords are marked, operators stand in parentheses after a dot.
fn value_name(path: &Path) -> String {
    let escaped = |name: &Name| {
        if rocaml_syntax::token::is_keyword(name) { format!("\\#{name}") } else { name.to_string() }
    };
    let is_identifier = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '\'');
    match path {
        Path::Ident(id) => escaped(&id.name()),
        Path::Dot(prefix, name) => {
            let (prefix, name) = (value_name(prefix), escaped(name));
            if is_identifier(&name) { format!("{prefix}.{name}") } else { format!("{prefix}.( {name} )") }
        }
        _ => path.name(),
    }
}
