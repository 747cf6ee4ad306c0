//! The text form of Lambda, as `-dlambda` shows it: upstream's `Printlambda`.
//!
//! One construct per line where it has parts that are not simple, so that tests read well.

use crate::lambda::*;
use crate::map::deep;
use rocaml_syntax::asttypes::DirectionFlag;
use rocaml_types::Ident;
use std::fmt::{self, Write};

/// A term.
pub fn lambda(term: &Lambda) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, room: None };
    printer.term(term);
    printer.out
}

/// A term on one line, if it fits into so many bytes.
fn on_a_line(term: &Lambda, room: usize) -> Option<String> {
    let mut printer = Printer { out: String::new(), indent: 0, room: Some(room) };
    printer.term(term);
    (printer.out.len() <= room && !printer.out.contains('\n')).then_some(printer.out)
}

/// A unit.
pub fn program(program: &Program) -> String {
    format!(
        "{} ({} of {} fields exported)\n{}\n",
        program.unit,
        program.exported_size,
        program.module_block_size,
        lambda(&program.code)
    )
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&program(self))
    }
}

struct Printer {
    out: String,
    indent: usize,
    /// When printing is a trial whether the text fits on a line: the bytes after which it does not.
    room: Option<usize>,
}

const WIDTH: usize = 96;

impl Printer {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// `(head part part)`, on one line if it fits.
    fn form(&mut self, head: &str, parts: &[&Lambda]) {
        self.write("(");
        self.write(head);
        self.parts(parts);
        self.write(")");
    }

    fn parts(&mut self, parts: &[&Lambda]) {
        let room = self.room.map_or(WIDTH, |room| room.saturating_sub(self.out.len()));
        let texts: Option<Vec<String>> = parts.iter().map(|part| on_a_line(part, room)).collect();
        let fits =
            |texts: &Vec<String>| texts.iter().map(|text| text.len() + 1).sum::<usize>() + self.indent < WIDTH - 16;
        if let Some(texts) = texts.filter(fits) {
            for text in texts {
                self.write(" ");
                self.write(&text);
            }
            return;
        }
        if self.room.is_some() {
            // The trial has failed: printing the parts again, at each level, would take for ever.
            return self.newline();
        }
        self.indent += 2;
        for part in parts {
            self.newline();
            self.term(part);
        }
        self.indent -= 2;
    }

    fn function(&mut self, function: &Function) {
        self.write("(function");
        if function.kind == FunctionKind::Tupled {
            self.write(" tupled");
        }
        if function.attr.stub {
            self.write(" stub");
        }
        if function.attr.is_a_functor {
            self.write(" functor");
        }
        match function.attr.inline {
            InlineAttribute::Default => {}
            InlineAttribute::Always => self.write(" always_inline"),
            InlineAttribute::Never => self.write(" never_inline"),
            InlineAttribute::Hint => self.write(" hint_inline"),
            InlineAttribute::Unroll(n) => {
                let _ = write!(self.out, " unroll({n})");
            }
        }
        for (id, kind) in &function.params {
            let _ = write!(self.out, " {}{}", name(*id), suffix(*kind));
        }
        if function.return_kind != ValueKind::Generic {
            let _ = write!(self.out, " :{}", kind_name(function.return_kind));
        }
        self.parts(&[&function.body]);
        self.write(")");
    }

    fn binding(&mut self, head: &str, kind: ValueKind, id: Ident, def: &Lambda, body: &Lambda) {
        let _ = write!(self.out, "({head} {}{} =", name(id), suffix(kind));
        self.parts(&[def]);
        self.newline_term(body);
        self.write(")");
    }

    fn newline_term(&mut self, body: &Lambda) {
        self.indent += 1;
        self.newline();
        self.term(body);
        self.indent -= 1;
    }

    fn case(&mut self, key: &str, body: &Lambda) {
        self.indent += 1;
        self.newline();
        self.write(key);
        self.parts(&[body]);
        self.indent -= 1;
    }

    fn term(&mut self, term: &Lambda) {
        if self.room.is_some_and(|room| self.out.len() > room) {
            return;
        }
        deep(|| self.node(term));
    }

    fn node(&mut self, term: &Lambda) {
        match term {
            Lambda::Var(id) => self.write(&name(*id)),
            Lambda::MutVar(id) => self.write(&format!("*{}", name(*id))),
            Lambda::Const(constant) => self.write(&constant_text(constant)),
            Lambda::Apply(apply) => {
                let parts: Vec<&Lambda> = std::iter::once(&apply.func).chain(&apply.args).collect();
                self.form("apply", &parts);
            }
            Lambda::Function(function) => self.function(function),
            Lambda::Let(kind, value_kind, id, def, body) => {
                let head = match kind {
                    LetKind::Strict => "let",
                    LetKind::Alias => "let alias",
                    LetKind::StrictOpt => "let opt",
                };
                self.binding(head, *value_kind, *id, def, body);
            }
            Lambda::MutLet(kind, id, def, body) => self.binding("let mut", *kind, *id, def, body),
            Lambda::LetRec(bindings, body) => {
                self.write("(letrec");
                for binding in bindings {
                    self.indent += 1;
                    self.newline();
                    self.write(&format!("{} = ", name(binding.id)));
                    self.function(&binding.def);
                    self.indent -= 1;
                }
                self.newline_term(body);
                self.write(")");
            }
            Lambda::Prim(prim, args, _) => self.form(&primitive(prim), &args.iter().collect::<Vec<_>>()),
            Lambda::Switch(scrutinee, switch, _) => {
                self.form_open("switch", scrutinee);
                switch.consts.iter().for_each(|(n, case)| self.case(&format!("int {n}:"), case));
                switch.blocks.iter().for_each(|(n, case)| self.case(&format!("tag {n}:"), case));
                switch.failaction.iter().for_each(|case| self.case("default:", case));
                self.write(")");
            }
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                self.form_open("stringswitch", scrutinee);
                cases.iter().for_each(|(text, case)| self.case(&format!("{:?}:", String::from_utf8_lossy(text)), case));
                default.iter().for_each(|case| self.case("default:", case));
                self.write(")");
            }
            Lambda::StaticRaise(label, args) => self.form(&label.to_string(), &args.iter().collect::<Vec<_>>()),
            Lambda::StaticCatch(body, (label, vars), handler) => {
                self.write("(catch");
                self.parts(&[body]);
                self.indent += 1;
                self.newline();
                let _ = write!(self.out, "with ({label}");
                for (id, kind) in vars {
                    let _ = write!(self.out, " {}{}", name(*id), suffix(*kind));
                }
                self.write(")");
                self.parts(&[handler]);
                self.indent -= 1;
                self.write(")");
            }
            Lambda::TryWith(body, id, handler) => {
                self.write("(try");
                self.parts(&[body]);
                self.indent += 1;
                self.newline();
                self.write(&format!("with {}", name(*id)));
                self.parts(&[handler]);
                self.indent -= 1;
                self.write(")");
            }
            Lambda::IfThenElse(condition, then, otherwise) => self.form("if", &[condition, then, otherwise]),
            Lambda::Sequence(first, second) => {
                self.write("(seq");
                self.parts(&[first]);
                self.newline_term(second);
                self.write(")");
            }
            Lambda::While(condition, body) => self.form("while", &[condition, body]),
            Lambda::For(id, from, to, direction, body) => {
                let direction = if *direction == DirectionFlag::Upto { "to" } else { "downto" };
                self.form(&format!("for {} {direction}", name(*id)), &[from, to, body]);
            }
            Lambda::Assign(id, value) => self.form(&format!("assign {}", name(*id)), &[value]),
            Lambda::Send(kind, method, object, args, _) => {
                let parts: Vec<&Lambda> = [&**object, &**method].into_iter().chain(args).collect();
                self.form(&format!("send{kind:?}").to_lowercase(), &parts);
            }
        }
    }

    fn form_open(&mut self, head: &str, part: &Lambda) {
        self.write("(");
        self.write(head);
        self.parts(&[part]);
    }
}

fn name(id: Ident) -> String {
    if id.stamp() == 0 { id.name().to_string() } else { format!("{}/{}", id.name(), id.stamp()) }
}

fn kind_name(kind: ValueKind) -> String {
    match kind {
        ValueKind::Generic => "value".into(),
        ValueKind::Float => "float".into(),
        ValueKind::Int => "int".into(),
        ValueKind::BoxedInteger(kind) => format!("{kind:?}").to_lowercase(),
    }
}

fn suffix(kind: ValueKind) -> String {
    match kind {
        ValueKind::Generic => String::new(),
        kind => format!("[{}]", kind_name(kind)),
    }
}

fn constant_text(constant: &StructuredConstant) -> String {
    match constant {
        StructuredConstant::Int(n) => n.to_string(),
        StructuredConstant::Float(value) => format!("{value:?}"),
        StructuredConstant::String(text) => format!("{:?}", String::from_utf8_lossy(text)),
        StructuredConstant::Int32(n) => format!("{n}l"),
        StructuredConstant::Int64(n) => format!("{n}L"),
        StructuredConstant::Nativeint(n) => format!("{n}n"),
        StructuredConstant::Block(tag, fields) => {
            let fields: Vec<String> = fields.iter().map(constant_text).collect();
            format!("[{tag}: {}]", fields.join(" "))
        }
        StructuredConstant::FloatBlock(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            format!("[|{}|]", values.join(" "))
        }
    }
}

/// Upstream's word for a primitive where it has a short one, else ours.
fn primitive(prim: &Primitive) -> String {
    use Primitive as P;
    let symbol = |comparison: &Comparison| match comparison {
        Comparison::Eq => "==",
        Comparison::Ne => "!=",
        Comparison::Lt => "<",
        Comparison::Gt => ">",
        Comparison::Le => "<=",
        Comparison::Ge => ">=",
    };
    match prim {
        P::GetGlobal(unit) => format!("global {unit}!"),
        P::GetGlobalField(unit, n) => format!("global {unit}!.{n}"),
        P::SetGlobalField(n) => format!("setglobal {n}"),
        P::GetPredef(name) => format!("predef {name}"),
        P::MakeBlock(tag, Mutability::Immutable, _) => format!("makeblock {tag}"),
        P::MakeBlock(tag, Mutability::Mutable, _) => format!("makemutable {tag}"),
        P::Field(n, info) => {
            let int = if info.pointerness == Pointerness::Immediate { "_int" } else { "" };
            let mutable = if info.mutability == Mutability::Mutable { "_mut" } else { "" };
            format!("field{int}{mutable} {n}")
        }
        P::SetField(n, pointerness, _) => {
            let int = if *pointerness == Pointerness::Immediate { "_int" } else { "" };
            format!("setfield{int} {n}")
        }
        P::CCall(desc) => desc.native_name().to_string(),
        P::Raise(RaiseKind::Regular) => "raise".into(),
        P::Raise(RaiseKind::Reraise) => "reraise".into(),
        P::Raise(RaiseKind::Notrace) => "raise_notrace".into(),
        P::AddInt => "+".into(),
        P::SubInt => "-".into(),
        P::MulInt => "*".into(),
        P::IntComp(comparison) => symbol(comparison).into(),
        P::BintComp(kind, comparison) => format!("{kind:?}.{}", symbol(comparison)),
        P::AddFloat => "+.".into(),
        P::SubFloat => "-.".into(),
        P::MulFloat => "*.".into(),
        P::DivFloat => "/.".into(),
        P::OffsetInt(n) => format!("{n:+}"),
        P::OffsetRef(n) => format!("{n:+}:="),
        P::SequAnd => "&&".into(),
        P::SequOr => "||".into(),
        P::Not => "not".into(),
        P::IsInt => "isint".into(),
        P::IsOut => "isout".into(),
        P::Ignore => "ignore".into(),
        P::Opaque => "opaque".into(),
        other => format!("{other:?}"),
    }
}
