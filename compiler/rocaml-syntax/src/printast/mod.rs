//! The parse tree as text with all its places: upstream's `-dparsetree`.
//!
//! One function per type of the tree, all of the shape `f(indentation, node)`. Upstream prints
//! some lines without their end; these quirks are kept, since tools compare this text.

mod classes;
mod modules;

use rocaml_base::{Loc, Location, Name, Position};

use crate::ast::*;
use crate::asttypes::{ArgLabel, DirectionFlag, RecFlag};
use crate::error::{quoted_string, tyvar};
use crate::longident::Longident;

/// The text of an implementation; without places if `with_locations` is not set (`-dno-locations`).
pub fn implementation(structure: &Structure, with_locations: bool) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), with_locations, with_attributes: true };
    printer.structure(0, structure);
    printer.out
}

/// The text of an interface.
pub fn interface(signature: &Signature, with_locations: bool) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), with_locations, with_attributes: true };
    printer.signature(0, signature);
    printer.out
}

/// The text of a toplevel phrase.
pub fn toplevel_phrase(phrase: &ToplevelPhrase, with_locations: bool) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), with_locations, with_attributes: true };
    printer.toplevel_phrase(phrase);
    printer.out
}

/// The text of what an attribute says, at an indentation.
pub fn payload(indentation: usize, payload: &Payload, with_locations: bool) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), with_locations, with_attributes: true };
    printer.payload(indentation, payload);
    printer.out
}

/// The text of a node without places and attributes: nodes of one text differ in nothing else.
pub fn shape(node: Node<'_>) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), with_locations: false, with_attributes: false };
    match node {
        Node::Expression(e) => printer.expression(0, e),
        Node::Pattern(p) => printer.pattern(0, p),
        Node::CoreType(t) => printer.core_type(0, t),
    }
    printer.out
}

/// A part of a tree that is text of its own.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum Node<'t> {
    Expression(&'t Expression),
    Pattern(&'t Pattern),
    CoreType(&'t CoreType),
}

struct Printer {
    out: Vec<u8>,
    with_locations: bool,
    with_attributes: bool,
}

fn position(p: &Position, with_name: bool) -> String {
    let name = if with_name { p.file.as_str() } else { "" };
    format!("{name}[{},{}+{}]", p.line, p.bol, p.column())
}

fn char_option(c: Option<char>) -> String {
    c.map_or("None".to_owned(), |c| format!("Some {c}"))
}

fn rec_flag(flag: RecFlag) -> &'static str {
    match flag {
        RecFlag::Nonrecursive => "Nonrec",
        RecFlag::Recursive => "Rec",
    }
}

fn typevars(names: &[Loc<Name>]) -> String {
    names.iter().map(|name| format!(" {}", tyvar(&name.txt))).collect()
}

impl Printer {
    fn location(&self, loc: &Location) -> String {
        if !self.with_locations {
            return String::new();
        }
        let second_name = loc.start.file != loc.end.file;
        let ghost = if loc.ghost { " ghost" } else { "" };
        format!("({}..{}){ghost}", position(&loc.start, true), position(&loc.end, second_name))
    }

    fn longident_loc(&self, path: &Loc<Longident>) -> String {
        format!("\"{}\" {}", path.txt, self.location(&path.loc))
    }

    fn string_loc(&self, name: &Loc<Name>) -> String {
        format!("\"{}\" {}", name.txt, self.location(&name.loc))
    }

    fn str_opt_loc(&self, name: &Loc<Option<Name>>) -> String {
        format!("\"{}\" {}", name.txt.as_deref().unwrap_or("_"), self.location(&name.loc))
    }

    /// Names separated by break hints. Upstream's formatter takes the lines before for one long line,
    /// so it breaks before the second name and before the last, and where the margin demands.
    fn broken_names(&self, names: &[Loc<Name>]) -> String {
        let mut text = String::new();
        let mut column = 0;
        for (n, name) in names.iter().enumerate() {
            let name = self.string_loc(name);
            if n > 0 {
                let fits = n > 1 && n + 1 < names.len() && column + 1 + name.len() <= 78;
                text.push(if fits { ' ' } else { '\n' });
                column = if fits { column + 1 } else { 0 };
            }
            column += name.len();
            text.push_str(&name);
        }
        text
    }

    /// A line with its end.
    fn line(&mut self, i: usize, text: impl AsRef<str>) {
        self.unended(i, text);
        self.out.push(b'\n');
    }

    /// A line that upstream does not end.
    fn unended(&mut self, i: usize, text: impl AsRef<str>) {
        self.out.extend(std::iter::repeat_n(b' ', (2 * i) % 72));
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

    fn constant(&mut self, i: usize, constant: &Constant) {
        self.line(i, format!("constant {}", self.location(&constant.loc)));
        let text = match &constant.desc {
            ConstantDesc::Integer(n, m) => format!("PConst_int ({n},{})", char_option(*m)),
            ConstantDesc::Char(c) => format!("PConst_char {c:02x}"),
            ConstantDesc::String(s, loc, None) => {
                format!("PConst_string({},{},None)", quoted_string(s), self.location(loc))
            }
            ConstantDesc::String(s, loc, Some(delimiter)) => {
                let delimiter = quoted_string(delimiter.as_bytes());
                format!("PConst_string ({},{},Some {delimiter})", quoted_string(s), self.location(loc))
            }
            ConstantDesc::Float(s, m) => format!("PConst_float ({s},{})", char_option(*m)),
        };
        self.line(i + 1, text);
    }

    // -- Attributes -----------------------------------------------------------------------------

    fn attribute(&mut self, i: usize, kind: &str, attribute: &Attribute) {
        self.line(i, format!("{kind} \"{}\"", attribute.name.txt));
        self.payload(i, &attribute.payload);
    }

    fn attributes(&mut self, i: usize, attributes: &[Attribute]) {
        let attributes = if self.with_attributes { attributes } else { &[] };
        for attribute in attributes {
            self.line(i + 1, format!("attribute \"{}\"", attribute.name.txt));
            self.payload(i + 2, &attribute.payload);
        }
    }

    fn payload(&mut self, i: usize, payload: &Payload) {
        match payload {
            Payload::Str(items) => self.structure(i, items),
            Payload::Sig(items) => self.signature(i, items),
            Payload::Typ(typ) => self.core_type(i, typ),
            Payload::Pat(pattern, guard) => {
                self.pattern(i, pattern);
                if let Some(guard) = guard {
                    self.line(i, "<when>");
                    self.expression(i + 1, guard);
                }
            }
        }
    }

    fn extension(&mut self, i: usize, constructor: &str, extension: &Extension) {
        self.line(i, format!("{constructor} \"{}\"", extension.name.txt));
        self.payload(i, &extension.payload);
    }

    // -- Types ----------------------------------------------------------------------------------

    fn core_type(&mut self, i: usize, typ: &CoreType) {
        self.line(i, format!("core_type {}", self.location(&typ.loc)));
        self.attributes(i, &typ.attributes);
        let i = i + 1;
        match &typ.desc {
            CoreTypeDesc::Any => self.line(i, "Ptyp_any"),
            CoreTypeDesc::Var(name) => self.line(i, format!("Ptyp_var {name}")),
            CoreTypeDesc::Arrow(label, domain, codomain) => {
                self.line(i, "Ptyp_arrow");
                self.arg_label(i, *label);
                self.core_type(i, domain);
                self.core_type(i, codomain);
            }
            CoreTypeDesc::Tuple(components) => {
                self.line(i, "Ptyp_tuple");
                self.components(i, components, Printer::core_type);
            }
            CoreTypeDesc::Constr(path, arguments) => {
                self.line(i, format!("Ptyp_constr {}", self.longident_loc(path)));
                self.list(i, arguments, Printer::core_type);
            }
            CoreTypeDesc::Variant(fields, closed, labels) => {
                self.line(i, format!("Ptyp_variant closed={closed:?}"));
                self.list(i, fields, Printer::row_field);
                self.option(i, labels.as_ref(), |p, i, labels| p.list(i, labels, Printer::string));
            }
            CoreTypeDesc::Object(fields, closed) => {
                self.line(i, format!("Ptyp_object {closed:?}"));
                for field in fields {
                    self.object_field(i + 1, field);
                }
            }
            CoreTypeDesc::Class(path, arguments) => {
                self.line(i, format!("Ptyp_class {}", self.longident_loc(path)));
                self.list(i, arguments, Printer::core_type);
            }
            CoreTypeDesc::Alias(typ, name) => {
                self.line(i, format!("Ptyp_alias \"{}\"", name.txt));
                self.core_type(i, typ);
            }
            CoreTypeDesc::Poly(names, typ) => {
                self.line(i, format!("Ptyp_poly{}", typevars(names)));
                self.core_type(i, typ);
            }
            CoreTypeDesc::Package(package) => {
                self.line(i, "Ptyp_package");
                self.package_type(i, package);
            }
            CoreTypeDesc::Open(path, typ) => {
                self.line(i, format!("Ptyp_open \"{}\"", self.longident_loc(path)));
                self.core_type(i, typ);
            }
            CoreTypeDesc::Extension(extension) => self.extension(i, "Ptyp_extension", extension),
        }
    }

    fn components<T>(&mut self, i: usize, components: &[(Option<Name>, T)], print: impl Fn(&mut Printer, usize, &T)) {
        self.list(i, components, |p, i, (label, component)| {
            p.option(i, label.as_ref(), Printer::string);
            print(p, i, component);
        });
    }

    fn object_field(&mut self, i: usize, field: &ObjectField) {
        match &field.desc {
            ObjectFieldDesc::Tag(label, typ) => {
                self.line(i, format!("method {}", label.txt));
                self.attributes(i, &field.attributes);
                self.core_type(i + 1, typ);
            }
            ObjectFieldDesc::Inherit(typ) => {
                self.line(i, "Oinherit");
                self.core_type(i + 1, typ);
            }
        }
    }

    fn row_field(&mut self, i: usize, field: &RowField) {
        match &field.desc {
            RowFieldDesc::Tag(label, constant, types) => {
                self.line(i, format!("Rtag \"{}\" {constant}", label.txt));
                self.attributes(i + 1, &field.attributes);
                self.list(i + 1, types, Printer::core_type);
            }
            RowFieldDesc::Inherit(typ) => {
                self.line(i, "Rinherit");
                self.core_type(i + 1, typ);
            }
        }
    }

    fn package_type(&mut self, i: usize, package: &PackageType) {
        let i = i + 1;
        self.line(i, format!("package_type {}", self.longident_loc(&package.path)));
        self.list(i, &package.cstrs, |p, i, (path, typ)| {
            p.line(i, format!("with type {}", p.longident_loc(path)));
            p.core_type(i, typ);
        });
        self.attributes(i, &package.attrs);
    }

    // -- Patterns -------------------------------------------------------------------------------

    fn pattern(&mut self, i: usize, pattern: &Pattern) {
        self.line(i, format!("pattern {}", self.location(&pattern.loc)));
        self.attributes(i, &pattern.attributes);
        let i = i + 1;
        match &pattern.desc {
            PatternDesc::Any => self.line(i, "Ppat_any"),
            PatternDesc::Var(name) => self.line(i, format!("Ppat_var {}", self.string_loc(name))),
            PatternDesc::Alias(p, name) => {
                self.line(i, format!("Ppat_alias {}", self.string_loc(name)));
                self.pattern(i, p);
            }
            PatternDesc::Constant(constant) => {
                self.line(i, "Ppat_constant");
                self.constant(i, constant);
            }
            PatternDesc::Interval(first, last) => {
                self.line(i, "Ppat_interval");
                self.constant(i, first);
                self.constant(i, last);
            }
            PatternDesc::Tuple(components, closed) => {
                self.line(i, "Ppat_tuple");
                self.line(0, format!(" {closed:?}"));
                self.components(i, components, Printer::pattern);
            }
            PatternDesc::Construct(path, argument) => {
                self.line(i, format!("Ppat_construct {}", self.longident_loc(path)));
                self.option(i, argument.as_ref(), |p, i, (names, argument)| {
                    p.list(i, names, |p, i, name| p.line(i, p.string_loc(name)));
                    p.pattern(i, argument);
                });
            }
            PatternDesc::Variant(label, argument) => {
                self.line(i, format!("Ppat_variant \"{label}\""));
                self.option(i, argument.as_deref(), Printer::pattern);
            }
            PatternDesc::Record(fields, closed) => {
                self.line(i, format!("Ppat_record {closed:?}"));
                self.list(i, fields, |p, i, (path, pattern)| {
                    p.line(i, p.longident_loc(path));
                    p.pattern(i + 1, pattern);
                });
            }
            PatternDesc::Array(elements) => {
                self.line(i, "Ppat_array");
                self.list(i, elements, Printer::pattern);
            }
            PatternDesc::Or(left, right) => self.two_patterns(i, "Ppat_or", left, right),
            PatternDesc::Effect(left, right) => self.two_patterns(i, "Ppat_effect", left, right),
            PatternDesc::Lazy(p) => {
                self.line(i, "Ppat_lazy");
                self.pattern(i, p);
            }
            PatternDesc::Exception(p) => {
                self.line(i, "Ppat_exception");
                self.pattern(i, p);
            }
            PatternDesc::Constraint(p, typ) => {
                self.line(i, "Ppat_constraint");
                self.pattern(i, p);
                self.core_type(i, typ);
            }
            PatternDesc::Type(path) => {
                self.line(i, "Ppat_type");
                self.line(i, self.longident_loc(path));
            }
            PatternDesc::Unpack(name) => self.line(i, format!("Ppat_unpack {}", self.str_opt_loc(name))),
            PatternDesc::Open(path, p) => {
                self.line(i, format!("Ppat_open \"{}\"", self.longident_loc(path)));
                self.pattern(i, p);
            }
            PatternDesc::Extension(extension) => self.extension(i, "Ppat_extension", extension),
        }
    }

    fn two_patterns(&mut self, i: usize, constructor: &str, left: &Pattern, right: &Pattern) {
        self.line(i, constructor);
        self.pattern(i, left);
        self.pattern(i, right);
    }

    // -- Expressions ----------------------------------------------------------------------------

    fn expressions(&mut self, i: usize, constructor: &str, expressions: &[&Expression]) {
        self.line(i, constructor);
        for e in expressions {
            self.expression(i, e);
        }
    }

    fn expression(&mut self, i: usize, e: &Expression) {
        self.line(i, format!("expression {}", self.location(&e.loc)));
        self.attributes(i, &e.attributes);
        let i = i + 1;
        match &e.desc {
            ExpressionDesc::Ident(path) => self.line(i, format!("Pexp_ident {}", self.longident_loc(path))),
            ExpressionDesc::Constant(constant) => {
                self.line(i, "Pexp_constant");
                self.constant(i, constant);
            }
            ExpressionDesc::Let(flag, bindings, body) => {
                self.line(i, format!("Pexp_let {}", rec_flag(*flag)));
                self.list(i, bindings, Printer::value_binding);
                self.expression(i, body);
            }
            ExpressionDesc::Function(params, constraint, body) => {
                self.line(i, "Pexp_function");
                self.list(i, params, Printer::function_param);
                self.option(i, constraint.as_deref(), Printer::type_constraint);
                self.function_body(i, body);
            }
            ExpressionDesc::Apply(function, arguments) => {
                self.expressions(i, "Pexp_apply", &[function]);
                self.list(i, arguments, Printer::argument);
            }
            ExpressionDesc::Match(scrutinee, cases) => {
                self.expressions(i, "Pexp_match", &[scrutinee]);
                self.list(i, cases, Printer::case);
            }
            ExpressionDesc::Try(body, cases) => {
                self.expressions(i, "Pexp_try", &[body]);
                self.list(i, cases, Printer::case);
            }
            ExpressionDesc::Tuple(components) => {
                self.line(i, "Pexp_tuple");
                self.components(i, components, Printer::expression);
            }
            ExpressionDesc::Construct(path, argument) => {
                self.line(i, format!("Pexp_construct {}", self.longident_loc(path)));
                self.option(i, argument.as_deref(), Printer::expression);
            }
            ExpressionDesc::Variant(label, argument) => {
                self.line(i, format!("Pexp_variant \"{label}\""));
                self.option(i, argument.as_deref(), Printer::expression);
            }
            ExpressionDesc::Record(fields, base) => {
                self.line(i, "Pexp_record");
                self.list(i, fields, |p, i, (path, e)| {
                    p.line(i, p.longident_loc(path));
                    p.expression(i + 1, e);
                });
                self.option(i, base.as_deref(), Printer::expression);
            }
            _ => self.other_expression(i, &e.desc),
        }
    }

    fn other_expression(&mut self, i: usize, desc: &ExpressionDesc) {
        match desc {
            ExpressionDesc::Field(e, path) => {
                self.expressions(i, "Pexp_field", &[e]);
                self.line(i, self.longident_loc(path));
            }
            ExpressionDesc::SetField(e, path, value) => {
                self.expressions(i, "Pexp_setfield", &[e]);
                self.line(i, self.longident_loc(path));
                self.expression(i, value);
            }
            ExpressionDesc::Array(elements) => {
                self.line(i, "Pexp_array");
                self.list(i, elements, Printer::expression);
            }
            ExpressionDesc::IfThenElse(condition, yes, no) => {
                self.expressions(i, "Pexp_ifthenelse", &[condition, yes]);
                self.option(i, no.as_deref(), Printer::expression);
            }
            ExpressionDesc::Sequence(first, second) => self.expressions(i, "Pexp_sequence", &[first, second]),
            ExpressionDesc::While(condition, body) => self.expressions(i, "Pexp_while", &[condition, body]),
            ExpressionDesc::For(pattern, from, to, direction, body) => {
                let direction = if *direction == DirectionFlag::Upto { "Up" } else { "Down" };
                self.line(i, format!("Pexp_for {direction}"));
                self.pattern(i, pattern);
                for e in [from, to, body] {
                    self.expression(i, e);
                }
            }
            ExpressionDesc::Constraint(e, typ) => {
                self.expressions(i, "Pexp_constraint", &[e]);
                self.core_type(i, typ);
            }
            ExpressionDesc::Coerce(e, from, to) => {
                self.expressions(i, "Pexp_coerce", &[e]);
                self.option(i, from.as_deref(), Printer::core_type);
                self.core_type(i, to);
            }
            ExpressionDesc::Send(e, name) => self.expressions(i, &format!("Pexp_send \"{}\"", name.txt), &[e]),
            ExpressionDesc::New(path) => self.line(i, format!("Pexp_new {}", self.longident_loc(path))),
            ExpressionDesc::SetInstVar(name, e) => {
                self.expressions(i, &format!("Pexp_setinstvar {}", self.string_loc(name)), &[e]);
            }
            ExpressionDesc::Override(fields) => {
                self.line(i, "Pexp_override");
                self.list(i, fields, |p, i, (name, e)| {
                    p.line(i, format!("<override> {}", p.string_loc(name)));
                    p.expression(i + 1, e);
                });
            }
            ExpressionDesc::LetModule(name, module, body) => {
                self.line(i, format!("Pexp_letmodule {}", self.str_opt_loc(name)));
                self.module_expr(i, module);
                self.expression(i, body);
            }
            ExpressionDesc::LetException(constructor, body) => {
                self.line(i, "Pexp_letexception");
                self.extension_constructor(i, constructor);
                self.expression(i, body);
            }
            ExpressionDesc::Assert(e) => self.expressions(i, "Pexp_assert", &[e]),
            ExpressionDesc::Lazy(e) => self.expressions(i, "Pexp_lazy", &[e]),
            ExpressionDesc::Poly(e, typ) => {
                self.expressions(i, "Pexp_poly", &[e]);
                self.option(i, typ.as_deref(), Printer::core_type);
            }
            ExpressionDesc::Object(structure) => {
                self.line(i, "Pexp_object");
                self.class_structure(i, structure);
            }
            ExpressionDesc::NewType(name, e) => {
                self.expressions(i, &format!("Pexp_newtype \"{}\"", name.txt), &[e]);
            }
            ExpressionDesc::Pack(module, package) => {
                self.line(i, "Pexp_pack");
                self.module_expr(i, module);
                self.option(i, package.as_deref(), Printer::package_type);
            }
            ExpressionDesc::Open(open, e) => {
                self.line(i, format!("Pexp_open {:?}", open.override_));
                self.module_expr(i, &open.expr);
                self.expression(i, e);
            }
            ExpressionDesc::LetOp(letop) => {
                self.line(i, "Pexp_letop");
                self.binding_op(i, &letop.let_);
                self.list(i, &letop.ands, Printer::binding_op);
                self.expression(i, &letop.body);
            }
            ExpressionDesc::Extension(extension) => self.extension(i, "Pexp_extension", extension),
            _ => self.unended(i, "Pexp_unreachable"),
        }
    }

    fn argument(&mut self, i: usize, (label, e): &(ArgLabel, Expression)) {
        self.line(i, "<arg>");
        self.arg_label(i, *label);
        self.expression(i + 1, e);
    }

    fn case(&mut self, i: usize, case: &Case) {
        self.line(i, "<case>");
        self.pattern(i + 1, &case.lhs);
        if let Some(guard) = &case.guard {
            self.line(i + 1, "<when>");
            self.expression(i + 2, guard);
        }
        self.expression(i + 1, &case.rhs);
    }

    fn binding_op(&mut self, i: usize, binding: &BindingOp) {
        self.unended(i, format!("<binding_op> {} {}", self.string_loc(&binding.op), self.location(&binding.loc)));
        self.pattern(i + 1, &binding.pat);
        self.expression(i + 1, &binding.exp);
    }

    fn function_param(&mut self, i: usize, param: &FunctionParam) {
        match &param.desc {
            FunctionParamDesc::Val(label, default, pattern) => {
                self.line(i, format!("Pparam_val {}", self.location(&param.loc)));
                self.arg_label(i + 1, *label);
                self.option(i + 1, default.as_deref(), Printer::expression);
                self.pattern(i + 1, pattern);
            }
            FunctionParamDesc::Newtype(name) => {
                self.line(i, format!("Pparam_newtype \"{}\" {}", name.txt, self.location(&param.loc)));
            }
        }
    }

    fn function_body(&mut self, i: usize, body: &FunctionBody) {
        match body {
            FunctionBody::Body(e) => {
                self.line(i, "Pfunction_body");
                self.expression(i + 1, e);
            }
            FunctionBody::Cases(cases, loc, attributes) => {
                self.line(i, format!("Pfunction_cases {}", self.location(loc)));
                self.attributes(i + 1, attributes);
                self.list(i + 1, cases, Printer::case);
            }
        }
    }

    fn type_constraint(&mut self, i: usize, constraint: &TypeConstraint) {
        match constraint {
            TypeConstraint::Constraint(typ) => {
                self.line(i, "Pconstraint");
                self.core_type(i + 1, typ);
            }
            TypeConstraint::Coerce(from, to) => {
                self.line(i, "Pcoerce");
                self.option(i + 1, from.as_ref(), Printer::core_type);
                self.core_type(i + 1, to);
            }
        }
    }

    fn value_binding(&mut self, i: usize, binding: &ValueBinding) {
        self.line(i, "<def>");
        let i = i + 1;
        self.attributes(i, &binding.attributes);
        self.pattern(i, &binding.pat);
        match &binding.constraint {
            None => {}
            Some(ValueConstraint::Constraint { locally_abstract_univars, typ }) => {
                if !locally_abstract_univars.is_empty() {
                    let names = self.broken_names(locally_abstract_univars);
                    self.line(i, format!("<type> {names}."));
                }
                self.core_type(i, typ);
            }
            Some(ValueConstraint::Coercion { ground, coercion }) => {
                self.line(i, "<coercion>");
                self.option(i, ground.as_ref(), Printer::core_type);
                self.core_type(i, coercion);
            }
        }
        self.expression(i, &binding.expr);
    }

    fn toplevel_phrase(&mut self, phrase: &ToplevelPhrase) {
        let directive = match phrase {
            ToplevelPhrase::Def(structure) => {
                self.line(0, "Ptop_def");
                return self.structure(1, structure);
            }
            ToplevelPhrase::Dir(directive) => directive,
        };
        self.line(0, format!("Ptop_dir \"{}\"", directive.name.txt));
        let Some(argument) = &directive.arg else { return };
        let text = match &argument.desc {
            DirectiveArgumentDesc::String(s) => format!("Pdir_string \"{}\"", String::from_utf8_lossy(s)),
            DirectiveArgumentDesc::Int(n, None) => format!("Pdir_int {n}"),
            DirectiveArgumentDesc::Int(n, Some(m)) => format!("Pdir_int {n}{m}"),
            DirectiveArgumentDesc::Ident(path) => format!("Pdir_ident \"{path}\""),
            DirectiveArgumentDesc::Bool(b) => format!("Pdir_bool {b}"),
        };
        self.line(0, text);
    }
}
