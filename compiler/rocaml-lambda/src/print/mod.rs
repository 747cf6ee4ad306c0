//! The text form of Lambda, as `-dlambda` shows it: upstream's `Printlambda`.

mod primitives;

use crate::lambda::*;
use crate::map::deep;
use primitives::boxed;
use rocaml_base::Name;
use rocaml_diag::format::{BoxKind, Formatter};
use rocaml_syntax::asttypes::DirectionFlag;
use rocaml_types::Ident;
use std::cell::RefCell;
use std::collections::HashMap;

/// How idents of the same name are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// Not at all: `-dno-unique-ids`.
    Hidden,
    /// By their stamps.
    #[default]
    Shown,
    /// By their order of appearance among idents of the name: `-dcanonical-ids`.
    Canonical,
}

/// The names of idents in texts that belong together.
#[derive(Debug, Default)]
pub struct Names {
    stamps: Stamps,
    canonical: RefCell<Canonical>,
}

#[derive(Debug, Default)]
struct Canonical {
    known: HashMap<(Name, u32), usize>,
    next: HashMap<Name, usize>,
}

impl Names {
    pub fn new(stamps: Stamps) -> Names {
        Names { stamps, ..Names::default() }
    }

    fn stamped(&self, name: Name, stamp: u32) -> String {
        match self.stamps {
            Stamps::Hidden => name.to_string(),
            Stamps::Shown => format!("{name}/{stamp}"),
            Stamps::Canonical => {
                let mut canonical = self.canonical.borrow_mut();
                let Canonical { known, next } = &mut *canonical;
                let number = known.entry((name, stamp)).or_insert_with(|| {
                    let next = next.entry(name).or_default();
                    *next += 1;
                    *next - 1
                });
                format!("{name}/{number}")
            }
        }
    }

    fn ident(&self, id: Ident) -> String {
        match id {
            Ident::Global(name) => format!("{name}!"),
            Ident::Predef { name, stamp } => format!("{}!", self.stamped(name, stamp)),
            Ident::Local { name, stamp } | Ident::Scoped { name, stamp, .. } => self.stamped(name, stamp),
        }
    }
}

/// A term.
pub fn lambda(term: &Lambda, names: &Names) -> String {
    print(term, names, None)
}

/// A unit.
pub fn program(program: &Program, names: &Names) -> String {
    print(&program.code, names, Some(program.unit))
}

fn print(term: &Lambda, names: &Names, unit: Option<Name>) -> String {
    let mut printer = Printer { names, unit, out: Formatter::new() };
    printer.term(term);
    printer.out.finish()
}

struct Printer<'n> {
    names: &'n Names,
    /// The unit whose fields are set.
    unit: Option<Name>,
    out: Formatter,
}

impl Printer<'_> {
    fn write(&mut self, text: &str) {
        self.out.print_string(text);
    }

    fn ident(&mut self, id: Ident) {
        let text = self.names.ident(id);
        self.write(&text);
    }

    fn predef(&self, name: Name) -> String {
        let stamp = rocaml_types::predef::stamp(name.as_str());
        self.names.stamped(name, stamp)
    }

    /// A box that indents what does not fit on its first line.
    fn boxed(&mut self, indent: i32, f: impl FnOnce(&mut Self)) {
        self.in_box(BoxKind::Box, indent, f);
    }

    fn in_box(&mut self, kind: BoxKind, indent: i32, f: impl FnOnce(&mut Self)) {
        self.out.open_box(kind, indent);
        f(self);
        self.out.close_box();
    }

    fn spaced<'l>(&mut self, terms: impl IntoIterator<Item = &'l Lambda>) {
        for term in terms {
            self.out.space();
            self.term(term);
        }
    }

    /// `(head part part)`
    fn form<'l>(&mut self, head: &str, parts: impl IntoIterator<Item = &'l Lambda>) {
        self.boxed(2, |this| {
            this.write("(");
            this.write(head);
            this.spaced(parts);
            this.write(")");
        });
    }

    fn kind(&mut self, kind: ValueKind) {
        match kind {
            ValueKind::Generic => {}
            ValueKind::Int => self.write("[int]"),
            ValueKind::Float => self.write("[float]"),
            ValueKind::BoxedInteger(kind) => self.write(&format!("[{}]", boxed(kind))),
        }
    }

    fn term(&mut self, term: &Lambda) {
        deep(|| self.node(term));
    }

    fn node(&mut self, term: &Lambda) {
        match term {
            Lambda::Var(id) => self.ident(*id),
            Lambda::MutVar(id) => {
                self.write("*");
                self.ident(*id);
            }
            Lambda::Const(constant) => self.constant(constant),
            Lambda::Apply(apply) => self.apply(apply),
            Lambda::Function(function) => self.function(function),
            Lambda::Let(..) | Lambda::MutLet(..) => self.bindings(term),
            Lambda::LetRec(bindings, body) => self.boxed(2, |this| {
                this.write("(letrec");
                this.out.space();
                this.write("(");
                this.in_box(BoxKind::Hv, 1, |this| {
                    for (index, binding) in bindings.iter().enumerate() {
                        if index > 0 {
                            this.out.space();
                        }
                        this.boxed(2, |this| {
                            this.ident(binding.id);
                            this.out.space();
                            this.function(&binding.def);
                        });
                    }
                });
                this.write(")");
                this.spaced([&**body]);
                this.write(")");
            }),
            Lambda::Prim(Primitive::SetGlobalField(n), args, _) => {
                self.boxed(2, |this| {
                    let unit = this.unit.map_or_else(String::new, |unit| unit.to_string());
                    this.write(&format!("(setfield_ptr(root-init) {n}"));
                    this.out.space();
                    this.form(&format!("global {unit}!"), []);
                    this.spaced(args);
                    this.write(")");
                });
            }
            Lambda::Prim(Primitive::GetGlobalField(unit, n), ..) => self.boxed(2, |this| {
                this.write(&format!("(field_imm {n}"));
                this.out.space();
                this.form(&format!("global {unit}!"), []);
                this.write(")");
            }),
            Lambda::Prim(prim, args, _) => {
                let head = self.primitive(prim);
                self.form(&head, args);
            }
            Lambda::Switch(scrutinee, switch, _) => self.switch(scrutinee, switch),
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                let cases = cases.iter().map(|(text, case)| (format!("case \"{}\":", escaped(text)), case));
                let default = default.iter().map(|case| ("default:".to_owned(), &**case));
                self.cases("stringswitch", scrutinee, cases.chain(default));
            }
            Lambda::StaticRaise(label, args) => self.boxed(2, |this| {
                this.write("(exit");
                this.out.space();
                this.write(&label.0.to_string());
                this.spaced(args);
                this.write(")");
            }),
            Lambda::StaticCatch(body, (label, vars), handler) => self.boxed(2, |this| {
                this.write("(catch");
                this.spaced([&**body]);
                this.out.print_break(1, -1);
                this.write(&format!("with ({}", label.0));
                for (id, kind) in vars {
                    this.write(" ");
                    this.ident(*id);
                    this.kind(*kind);
                }
                this.write(")");
                this.spaced([&**handler]);
                this.write(")");
            }),
            Lambda::TryWith(body, id, handler) => self.boxed(2, |this| {
                this.write("(try");
                this.spaced([&**body]);
                this.out.print_break(1, -1);
                this.write("with ");
                this.ident(*id);
                this.spaced([&**handler]);
                this.write(")");
            }),
            Lambda::IfThenElse(condition, then, otherwise) => {
                self.form("if", [&**condition, &**then, &**otherwise]);
            }
            Lambda::Sequence(first, second) => self.boxed(2, |this| {
                this.write("(seq");
                this.spaced([&**first]);
                this.out.space();
                this.sequence(second);
                this.write(")");
            }),
            Lambda::While(condition, body) => self.form("while", [&**condition, &**body]),
            Lambda::For(id, from, to, direction, body) => self.boxed(2, |this| {
                this.write("(for ");
                this.ident(*id);
                this.spaced([&**from]);
                this.out.space();
                this.write(if *direction == DirectionFlag::Upto { "to" } else { "downto" });
                this.spaced([&**to, &**body]);
                this.write(")");
            }),
            Lambda::Assign(id, value) => self.boxed(2, |this| {
                this.write("(assign");
                this.out.space();
                this.ident(*id);
                this.spaced([&**value]);
                this.write(")");
            }),
            Lambda::Send(kind, method, object, args, _) => {
                let head = match kind {
                    MethodKind::Self_ => "sendself",
                    MethodKind::Public => "send",
                    MethodKind::Cached => "sendcache",
                };
                self.form(head, [&**object, &**method].into_iter().chain(args));
            }
        }
    }

    fn sequence(&mut self, term: &Lambda) {
        deep(|| match term {
            Lambda::Sequence(first, second) => {
                self.sequence(first);
                self.out.space();
                self.sequence(second);
            }
            other => self.term(other),
        });
    }

    fn apply(&mut self, apply: &Apply) {
        self.boxed(2, |this| {
            this.write("(apply");
            this.spaced(std::iter::once(&apply.func).chain(&apply.args));
            match apply.tailcall {
                TailcallAttribute::Default => {}
                TailcallAttribute::Expect(true) => this.write(" tailcall"),
                TailcallAttribute::Expect(false) => this.write(" tailcall(false)"),
            }
            match apply.inlined {
                InlineAttribute::Default => {}
                InlineAttribute::Always => this.write(" always_inline"),
                InlineAttribute::Never => this.write(" never_inline"),
                InlineAttribute::Hint => this.write(" hint_inline"),
                InlineAttribute::Unroll(n) => this.write(&format!(" never_inline({n})")),
            }
            this.write(")");
        });
    }

    fn binding(&mut self, how: &str, kind: ValueKind, id: Ident, def: &Lambda) {
        self.boxed(2, |this| {
            this.ident(id);
            this.write(&format!(" ={how}"));
            this.kind(kind);
            this.spaced([def]);
        });
    }

    /// Bindings one within the other are one list.
    fn bindings(&mut self, term: &Lambda) {
        self.boxed(2, |this| {
            this.write("(let");
            this.out.space();
            let mut rest = term;
            this.in_box(BoxKind::Hv, 1, |this| {
                this.write("(");
                let mut first = true;
                loop {
                    let (how, kind, id, def, body) = match rest {
                        Lambda::Let(LetKind::Strict, kind, id, def, body) => ("", kind, id, def, body),
                        Lambda::Let(LetKind::Alias, kind, id, def, body) => ("a", kind, id, def, body),
                        Lambda::Let(LetKind::StrictOpt, kind, id, def, body) => ("o", kind, id, def, body),
                        Lambda::MutLet(kind, id, def, body) => ("mut", kind, id, def, body),
                        _ => break,
                    };
                    if !std::mem::take(&mut first) {
                        this.out.space();
                    }
                    this.binding(how, *kind, *id, def);
                    rest = body;
                }
                this.write(")");
            });
            this.spaced([rest]);
            this.write(")");
        });
    }

    fn function(&mut self, function: &Function) {
        self.boxed(2, |this| {
            this.write("(function");
            match function.kind {
                FunctionKind::Curried => {
                    for (id, kind) in &function.params {
                        this.out.space();
                        this.ident(*id);
                        this.kind(*kind);
                    }
                }
                FunctionKind::Tupled => {
                    this.write(" (");
                    for (index, (id, kind)) in function.params.iter().enumerate() {
                        if index > 0 {
                            this.write(",");
                            this.out.space();
                        }
                        this.ident(*id);
                        this.kind(*kind);
                    }
                    this.write(")");
                }
            }
            this.out.space();
            for word in attributes(&function.attr) {
                this.write(&word);
                this.out.space();
            }
            let kind = match function.return_kind {
                ValueKind::Generic => None,
                ValueKind::Int => Some("int"),
                ValueKind::Float => Some("float"),
                ValueKind::BoxedInteger(kind) => Some(boxed(kind)),
            };
            if let Some(kind) = kind {
                this.write(&format!(": {kind}"));
                this.out.space();
            }
            this.term(&function.body);
            this.write(")");
        });
    }

    fn switch(&mut self, scrutinee: &Lambda, switch: &Switch) {
        let head = if switch.failaction.is_some() { "switch" } else { "switch*" };
        let consts = switch.consts.iter().map(|(n, case)| (format!("case int {n}:"), case));
        let blocks = switch.blocks.iter().map(|(n, case)| (format!("case tag {n}:"), case));
        let default = switch.failaction.iter().map(|case| ("default:".to_owned(), case));
        self.cases(head, scrutinee, consts.chain(blocks).chain(default));
    }

    fn cases<'l>(&mut self, head: &str, scrutinee: &Lambda, cases: impl Iterator<Item = (String, &'l Lambda)>) {
        self.boxed(1, |this| {
            this.write(&format!("({head} "));
            this.term(scrutinee);
            this.out.space();
            this.in_box(BoxKind::V, 0, |this| {
                for (index, (label, case)) in cases.enumerate() {
                    if index > 0 {
                        this.out.space();
                    }
                    this.in_box(BoxKind::Hv, 1, |this| {
                        this.write(&label);
                        this.spaced([case]);
                    });
                }
            });
            this.write(")");
        });
    }

    fn constant(&mut self, constant: &StructuredConstant) {
        match constant {
            StructuredConstant::Int(n) => self.write(&n.to_string()),
            StructuredConstant::Float(value) => self.write(&float(*value)),
            StructuredConstant::String(text) => self.write(&format!("\"{}\"", escaped(text))),
            StructuredConstant::Int32(n) => self.write(&format!("{n}l")),
            StructuredConstant::Int64(n) => self.write(&format!("{n}L")),
            StructuredConstant::Nativeint(n) => self.write(&format!("{n}n")),
            StructuredConstant::Block(tag, fields) => match fields.split_first() {
                None => self.write(&format!("[{tag}]")),
                Some((first, rest)) => self.boxed(1, |this| {
                    this.write(&format!("[{tag}:"));
                    this.out.space();
                    this.boxed(0, |this| {
                        this.constant(first);
                        for field in rest {
                            this.out.space();
                            this.constant(field);
                        }
                    });
                    this.write("]");
                }),
            },
            StructuredConstant::FloatBlock(values) if values.is_empty() => self.write("[| |]"),
            StructuredConstant::FloatBlock(values) => self.boxed(1, |this| {
                this.write("[|");
                this.boxed(0, |this| {
                    for (index, value) in values.iter().enumerate() {
                        if index > 0 {
                            this.out.space();
                        }
                        this.write(&float(*value));
                    }
                });
                this.write("|]");
            }),
        }
    }
}

fn attributes(attr: &FunctionAttribute) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = |present: bool, text: &str| {
        if present {
            words.push(text.to_owned());
        }
    };
    word(attr.is_a_functor, "is_a_functor");
    word(attr.stub, "stub");
    match attr.inline {
        InlineAttribute::Default => {}
        InlineAttribute::Always => word(true, "always_inline"),
        InlineAttribute::Never => word(true, "never_inline"),
        InlineAttribute::Hint => word(true, "hint_inline"),
        InlineAttribute::Unroll(n) => word(true, &format!("unroll({n})")),
    }
    word(attr.local == LocalAttribute::Always, "always_local");
    word(attr.local == LocalAttribute::Never, "never_local");
    word(attr.tmc_candidate, "tail_mod_cons");
    word(attr.poll_error, "error_poll");
    words
}

/// A float as the source may write it.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.strip_suffix(".0") {
        Some(whole) => format!("{whole}."),
        None => text,
    }
}

/// The inside of a string literal.
fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for byte in text {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            8 => out.push_str("\\b"),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\{other:03}")),
        }
    }
    out
}
