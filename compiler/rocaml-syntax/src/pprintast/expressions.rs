//! Expressions and bindings.

use super::patterns::variable;
use super::{Context, Fixity, NameKind, Printer, fixity};
use crate::ast::*;
use crate::asttypes::{ArgLabel, DirectionFlag, OverrideFlag, RecFlag};
use crate::longident::Longident;
use rocaml_base::{Loc, Name};

/// The name that an expression is.
fn simple_name(e: &Expression) -> Option<Name> {
    match &e.desc {
        ExpressionDesc::Ident(Loc { txt: Longident::Lident(name), .. }) if e.attributes.is_empty() => Some(*name),
        _ => None,
    }
}

/// How a constructor application is written.
enum View<'a> {
    /// `[]`, `()`, `true`, `false`, or another constructor without argument.
    Constant(&'a Longident),
    /// `[a; b]`
    List(Vec<&'a Expression>),
    /// `a :: b :: c`
    Cons(Vec<&'a Expression>),
    /// `C x`
    Applied,
}

fn is(lid: &Longident, text: &str) -> bool {
    matches!(lid, Longident::Lident(name) if *name == text)
}

/// The view of an expression whose own attributes do not count.
fn view(e: &Expression) -> View<'_> {
    match &e.desc {
        ExpressionDesc::Construct(lid, Some(_)) if is(&lid.txt, "::") => {
            let mut items = Vec::new();
            let mut rest = e;
            loop {
                let plain = items.is_empty() || rest.attributes.is_empty();
                match &rest.desc {
                    ExpressionDesc::Construct(lid, _) if plain && is(&lid.txt, "[]") => return View::List(items),
                    ExpressionDesc::Construct(lid, Some(arg)) if plain && is(&lid.txt, "::") => match &arg.desc {
                        ExpressionDesc::Tuple(pair) if arg.attributes.is_empty() => match pair.as_slice() {
                            [(None, head), (None, tail)] => {
                                items.push(head);
                                rest = tail;
                                continue;
                            }
                            _ => {}
                        },
                        _ => {}
                    },
                    _ => {}
                }
                items.push(rest);
                return View::Cons(items);
            }
        }
        ExpressionDesc::Construct(lid, None) => View::Constant(&lid.txt),
        ExpressionDesc::Construct(lid, Some(_)) if ["()", "true", "false", "[]"].iter().any(|c| is(&lid.txt, c)) => {
            View::Applied
        }
        _ => View::Applied,
    }
}

/// An indexed access in operator form.
struct Access<'a> {
    array: &'a Expression,
    /// The module of a user's operator.
    module: Option<&'a Longident>,
    left: String,
    right: &'static str,
    separator: &'static str,
    indices: Vec<&'a Expression>,
    /// Whether indices stand between `;` or in brackets of their own: printed without parentheses.
    wide: bool,
    value: Option<&'a Expression>,
}

/// `a.(i)`, `s.[i]`, `b.{i, j}`, the assignments to these, and users' operators of that form.
fn access<'a>(f: &'a Longident, args: &[&'a Expression]) -> Option<Access<'a>> {
    let standard = match f {
        Longident::Ldot(module, Loc { txt: name, .. }) if matches!(name.as_str(), "get" | "set") => {
            standard_access(&module.txt, *name == "set", args)
        }
        _ => None,
    };
    if standard.is_some() || matches!(f, Longident::Ldot(_, n) if matches!(n.txt.as_str(), "get" | "set")) {
        return standard;
    }
    let (module, operator) = match f {
        Longident::Lident(name) => (None, name.as_str()),
        Longident::Ldot(module, name) => (Some(&module.txt), name.txt.as_str()),
        Longident::Lapply(..) => return None,
    };
    let [array, index, rest @ ..] = args else { return None };
    if !operator.starts_with('.') {
        return None;
    }
    let several = operator.contains(';');
    let indices = match &index.desc {
        ExpressionDesc::Array(items) if several => items.iter().collect(),
        _ => vec![*index],
    };
    let assigns = operator.ends_with('-');
    let bracket = operator.trim_end_matches("<-").chars().last()?;
    let (open, right) = match bracket {
        ')' => ('(', ")"),
        ']' => ('[', "]"),
        '}' => ('{', "}"),
        _ => return None,
    };
    let left = operator[..=operator.find(open)?].to_owned();
    let value = assigned(assigns, rest)?;
    Some(Access { array, module, left, right, separator: ";", indices, wide: several, value })
}

/// The value of an assignment, the absence of one, or nothing if the arguments do not fit.
fn assigned<'a>(assigns: bool, rest: &[&'a Expression]) -> Option<Option<&'a Expression>> {
    match (assigns, rest) {
        (false, []) => Some(None),
        (true, [value]) => Some(Some(*value)),
        _ => None,
    }
}

fn standard_access<'a>(module: &Longident, assigns: bool, args: &[&'a Expression]) -> Option<Access<'a>> {
    let (array, rest) = args.split_first()?;
    let bigarray = match module {
        Longident::Ldot(prefix, name) if is(&prefix.txt, "Bigarray") => name.txt.as_str(),
        _ => "",
    };
    let (left, right, count) = match () {
        () if is(module, "Array") => (".(", ")", 1),
        () if is(module, "String") => (".[", "]", 1),
        () => match bigarray {
            "Array1" => (".{", "}", 1),
            "Array2" => (".{", "}", 2),
            "Array3" => (".{", "}", 3),
            "Genarray" => (".{", "}", 0),
            _ => return None,
        },
    };
    let (indices, rest): (Vec<&Expression>, _) = match rest.split_first() {
        Some((Expression { desc: ExpressionDesc::Array(items), attributes, .. }, rest))
            if count == 0 && attributes.is_empty() =>
        {
            (items.iter().collect(), rest)
        }
        _ if count == 0 => return None,
        _ => rest.split_at_checked(count).map(|(indices, rest)| (indices.to_vec(), rest))?,
    };
    let value = assigned(assigns, rest)?;
    let separator = if bigarray.is_empty() { "" } else { "," };
    let wide = bigarray.is_empty();
    Some(Access { array, module: None, left: left.to_owned(), right, separator, indices, wide, value })
}

impl Printer {
    pub(super) fn expression(&mut self, c: Context, e: &Expression) {
        self.under(c, |p| {
            if e.attributes.is_empty() {
                p.expression_bare(c, e);
            } else {
                p.with_attributes(&e.attributes, "@,", |p| p.expression_bare(c, e));
            }
        });
    }

    /// Whether the expression would take in what follows it.
    fn must_be_closed(c: Context, e: &Expression) -> bool {
        use ExpressionDesc as E;
        match &e.desc {
            E::Function(..) | E::Match(..) | E::Try(..) | E::NewType(..) => c.pipe || c.semi,
            E::Sequence(..) => c.pipe || c.semi || c.ifthenelse,
            E::IfThenElse(..) => c.ifthenelse,
            E::Let(..) | E::LetModule(..) | E::Open(..) | E::LetException(..) | E::LetOp(_) => c.semi,
            _ => false,
        }
    }

    fn expression_bare(&mut self, c: Context, e: &Expression) {
        use ExpressionDesc as E;
        if Self::must_be_closed(c, e) {
            let inner = Context::default();
            return self.parenthesised(|p| p.under(inner, |p| p.expression_bare(inner, e)));
        }
        match &e.desc {
            E::NewType(name, body) => {
                self.lay("@[<2>fun@;(type@;");
                self.name(name.txt);
                self.lay(")@;->@;");
                self.expression(c, body);
                self.lay("@]");
            }
            E::Function(params, constraint, body) => self.function(c, params, constraint.as_deref(), body),
            E::Match(scrutinee, cases) => {
                self.lay("@[<hv0>@[<hv0>@[<2>match ");
                self.expression(Context::default(), scrutinee);
                self.lay("@]@ with@]");
                self.cases(c, cases);
                self.lay("@]");
            }
            E::Try(body, cases) => {
                self.lay("@[<0>@[<hv2>try@ ");
                self.expression(Context::default(), body);
                self.lay("@]@ @[<0>with");
                self.cases(c, cases);
                self.lay("@]@]");
            }
            E::Let(rec, bindings, body) => {
                self.lay("@[<2>");
                self.bindings(Context::default(), *rec, bindings);
                self.lay(" in@;<1 -2>");
                self.expression(c, body);
                self.lay("@]");
            }
            E::Apply(f, args) => self.application(c, f, args),
            E::Construct(lid, Some(arg)) => match view(e) {
                View::Cons(items) => self.list(&items, "@;::@;", |p, item| p.simple_expression(c, item)),
                View::Applied => {
                    self.lay("@[<2>");
                    self.longident_of(NameKind::Constructor, &lid.txt);
                    self.lay("@;");
                    self.simple_expression(c, arg);
                    self.lay("@]");
                }
                View::List(_) | View::Constant(_) => self.simple_expression_bare(c, e),
            },
            E::SetField(record, label, value) => {
                self.lay("@[<2>");
                self.simple_expression(c, record);
                self.text(".");
                self.longident(label);
                self.lay("@ <-@ ");
                self.simple_expression(c, value);
                self.lay("@]");
            }
            E::IfThenElse(condition, yes, no) => {
                let inner = Context { ifthenelse: true, ..c };
                self.lay("@[<hv0>@[<2>if@ ");
                self.expression(inner, condition);
                self.lay("@]@;@[<2>then@ ");
                self.expression(inner, yes);
                self.lay("@]");
                if let Some(no) = no {
                    self.lay("@;@[<2>else@;");
                    self.expression(Context { semi: true, ..c }, no);
                    self.lay("@]");
                }
                self.lay("@]");
            }
            E::Sequence(first, second) => {
                let mut items = vec![&**first];
                let mut rest = &**second;
                while let (E::Sequence(first, second), true) = (&rest.desc, rest.attributes.is_empty()) {
                    items.push(first);
                    rest = second;
                }
                items.push(rest);
                self.lay("@[<hv>");
                self.list(&items, ";@;", |p, item| p.expression(Context { semi: true, ..c }, item));
                self.lay("@]");
            }
            E::New(class) => {
                self.lay("@[<hov2>new@ ");
                self.type_longident(class);
                self.lay("@]");
            }
            E::SetInstVar(name, value) => {
                self.lay("@[<hov2>");
                self.name(name.txt);
                self.lay("@ <-@ ");
                self.expression(c, value);
                self.lay("@]");
            }
            E::Override(fields) => {
                self.lay("@[<hov2>{<");
                self.list(fields, ";", |p, (name, value)| {
                    p.lay("@[<hov2>");
                    p.name(name.txt);
                    p.lay("@ =@ ");
                    p.expression(c, value);
                    p.lay("@]");
                });
                self.lay(">}@]");
            }
            E::Assert(inner) => self.keyword_expression("@[<hov2>assert@ ", c, inner),
            E::Lazy(inner) => self.keyword_expression("@[<hov2>lazy@ ", c, inner),
            E::Poly(inner, None) => self.keyword_expression("@[<hov2>!poly!@ ", c, inner),
            E::Poly(inner, Some(ty)) => {
                self.lay("@[<hov2>(!poly!@ ");
                self.simple_expression(c, inner);
                self.lay("@ : ");
                self.core_type(ty);
                self.lay(")@]");
            }
            E::LetModule(..) | E::LetException(..) | E::Open(..) | E::LetOp(_) => self.local_definition(c, e),
            E::Variant(tag, Some(arg)) => {
                self.lay("@[<2>");
                self.tag(*tag);
                self.lay("@;");
                self.simple_expression(c, arg);
                self.lay("@]");
            }
            E::Extension(extension) => self.extension(extension),
            E::Unreachable => self.text("."),
            E::Object(structure) => self.class_structure(c, structure),
            _ => self.operand_bare(c, e),
        }
    }

    fn keyword_expression(&mut self, keyword: &str, c: Context, e: &Expression) {
        self.lay(keyword);
        self.simple_expression(c, e);
        self.lay("@]");
    }

    fn local_definition(&mut self, c: Context, e: &Expression) {
        match &e.desc {
            ExpressionDesc::LetModule(name, module, body) => {
                self.lay("@[<hov2>let@ module@ ");
                self.module_name(name);
                self.lay("@ =@ ");
                self.module_expr(Context::default(), module);
                self.lay("@ in@ ");
                self.expression(c, body);
            }
            ExpressionDesc::LetException(constructor, body) => {
                self.lay("@[<hov2>let@ exception@ ");
                self.extension_constructor(constructor);
                self.lay("@ in@ ");
                self.expression(c, body);
            }
            ExpressionDesc::Open(open, body) => {
                self.lay("@[<2>let open");
                self.override_mark(open.override_);
                self.text(" ");
                self.module_expr(c, &open.expr);
                self.lay(" in@;");
                self.expression(c, body);
            }
            ExpressionDesc::LetOp(binding) => {
                self.lay("@[<2>@[<v>");
                self.binding_op(c, &binding.let_);
                self.lay("@,");
                self.list(&binding.ands, "@,", |p, and| p.binding_op(c, and));
                self.lay("@] in@;<1 -2>");
                self.expression(c, &binding.body);
            }
            _ => return,
        }
        self.lay("@]");
    }

    /// What may stand as the function of an application or as its argument without label.
    pub(super) fn operand(&mut self, c: Context, e: &Expression) {
        if e.attributes.is_empty() { self.under(c, |p| p.operand_bare(c, e)) } else { self.expression(c, e) }
    }

    fn operand_bare(&mut self, c: Context, e: &Expression) {
        match &e.desc {
            ExpressionDesc::Field(record, label) => {
                self.lay("@[<hov2>");
                self.simple_expression(c, record);
                self.text(".");
                self.longident(label);
                self.lay("@]");
            }
            ExpressionDesc::Send(object, method) => {
                self.lay("@[<hov2>");
                self.simple_expression(c, object);
                self.text("#");
                self.name(method.txt);
                self.lay("@]");
            }
            _ => self.simple_expression_bare(c, e),
        }
    }

    pub(super) fn simple_expression(&mut self, c: Context, e: &Expression) {
        if e.attributes.is_empty() { self.under(c, |p| p.simple_expression_bare(c, e)) } else { self.expression(c, e) }
    }

    fn simple_expression_bare(&mut self, c: Context, e: &Expression) {
        use ExpressionDesc as E;
        match &e.desc {
            E::Construct(..) => match view(e) {
                View::Constant(lid) => {
                    let symbolic = ["()", "[]", "true", "false"].iter().find(|text| is(lid, text));
                    match symbolic {
                        Some(text) => self.text(text),
                        None => self.longident_of(NameKind::Constructor, lid),
                    }
                }
                View::List(items) => {
                    self.lay("@[<hv0>[");
                    self.list(&items, ";@;", |p, item| p.expression(Context { semi: true, ..c }, item));
                    self.lay("]@]");
                }
                View::Cons(_) | View::Applied => self.parenthesised(|p| p.expression_bare(c, e)),
            },
            E::Ident(lid) => self.longident(lid),
            E::Constant(constant) => self.constant(constant),
            E::Pack(module, package) => {
                self.lay("(module@;");
                self.module_expr(c, module);
                if let Some(package) = package {
                    self.lay(" :@ ");
                    self.package_type(package);
                }
                self.text(")");
            }
            E::Tuple(items) => {
                self.lay("@[<hov2>(");
                self.list(items, ",@;", |p, (label, item)| p.tuple_item(c, *label, item));
                self.lay(")@]");
            }
            E::Constraint(inner, ty) => self.parenthesised(|p| {
                p.expression(c, inner);
                p.text(" : ");
                p.core_type(ty);
            }),
            E::Coerce(inner, from, to) => self.parenthesised(|p| {
                p.expression(c, inner);
                if let Some(from) = from {
                    p.text(" : ");
                    p.core_type(from);
                    p.text(" ");
                }
                p.text(" :> ");
                p.core_type(to);
            }),
            E::Variant(tag, None) => self.tag(*tag),
            E::Record(fields, base) => self.record(c, fields, base.as_deref()),
            E::Array(items) => {
                self.lay("@[<0>@[<2>[|");
                self.list(items, ";", |p, item| p.simple_expression(Context { semi: true, ..c }, item));
                self.lay("|]@]@]");
            }
            E::While(condition, body) => {
                self.lay("@[<2>while@;");
                self.expression(c, condition);
                self.lay("@;do@;");
                self.expression(c, body);
                self.lay("@;done@]");
            }
            E::For(index, from, to, direction, body) => {
                self.lay("@[<hv0>@[<hv2>@[<2>for ");
                self.pattern(index);
                self.lay(" =@;");
                self.expression(c, from);
                self.lay("@;");
                self.lay(if *direction == DirectionFlag::Upto { "to@ " } else { "downto@ " });
                self.expression(c, to);
                self.lay("@;do@]@;");
                self.expression(c, body);
                self.lay("@]@;done@]");
            }
            _ => self.parenthesised(|p| p.expression_bare(c, e)),
        }
    }

    fn record(&mut self, c: Context, fields: &[(Loc<Longident>, Expression)], base: Option<&Expression>) {
        self.lay("@[<hv0>@[<hv2>{@;");
        if let Some(base) = base {
            self.simple_expression(c, base);
            self.lay(" with@;");
        }
        self.list(fields, ";@;", |p, (label, value)| {
            p.lay("@[<hov2>");
            p.longident(label);
            let punned = value.attributes.is_empty()
                && matches!(&value.desc, ExpressionDesc::Ident(lid) if lid.txt.same(&label.txt));
            if !punned {
                p.lay("@;=@;");
                p.simple_expression(c, value);
            }
            p.lay("@]");
        });
        self.lay("@]@;}@]");
    }

    fn tuple_item(&mut self, c: Context, label: Option<Name>, item: &Expression) {
        let Some(label) = label else { return self.operand(c, item) };
        self.text("~");
        self.text(&label);
        if simple_name(item) != Some(label) {
            self.text(":");
            self.simple_expression(c, item);
        }
    }

    // -- Applications -------------------------------------------------------------------------------

    fn application(&mut self, c: Context, f: &Expression, args: &[(ArgLabel, Expression)]) {
        if self.sugared(c, f, args) {
            return;
        }
        let name = simple_name(f);
        match (name.map_or(Fixity::Normal, |name| fixity(&name)), name, args) {
            (Fixity::Infix, Some(operator), [left @ (ArgLabel::Nolabel, _), right @ (ArgLabel::Nolabel, _)]) => {
                self.lay("@[<2>");
                self.argument(Context::default(), left);
                self.lay("@;");
                self.text(&operator);
                self.lay("@;");
                self.argument(c, right);
                self.lay("@]");
            }
            (Fixity::Prefix, Some(operator), [(ArgLabel::Nolabel, operand)]) => {
                // `~- 1` must not become the literal `-1`.
                let short = matches!(operator.as_str(), "~+" | "~-" | "~+." | "~-.")
                    && !matches!(operand.desc, ExpressionDesc::Constant(_));
                self.lay("@[<2>");
                self.text(if short { &operator[1..] } else { &operator });
                self.lay("@;");
                self.simple_expression(c, operand);
                self.lay("@]");
            }
            (Fixity::Infix | Fixity::Prefix, ..) => {
                self.lay("@[<2>");
                self.simple_expression(c, f);
                self.text(" ");
                self.list(args, "@ ", |p, arg| p.argument(c, arg));
                self.lay("@]");
            }
            _ => {
                self.lay("@[<hov2>");
                self.operand(c, f);
                self.lay("@ ");
                self.list(args, "@ ", |p, arg| p.argument(Context::default(), arg));
                self.lay("@]");
            }
        }
    }

    pub(super) fn argument(&mut self, c: Context, (label, e): &(ArgLabel, Expression)) {
        let (mark, name) = match label {
            ArgLabel::Nolabel => return self.operand(c, e),
            ArgLabel::Labelled(name) => ("~", *name),
            ArgLabel::Optional(name) => ("?", *name),
        };
        self.text(mark);
        self.name(name);
        if simple_name(e) != Some(name) {
            self.text(":");
            self.simple_expression(c, e);
        }
    }

    /// Prints `!e` and indexed accesses; whether it was one of these.
    fn sugared(&mut self, c: Context, f: &Expression, args: &[(ArgLabel, Expression)]) -> bool {
        let ExpressionDesc::Ident(lid) = &f.desc else { return false };
        if !f.attributes.is_empty() || args.iter().any(|(label, _)| *label != ArgLabel::Nolabel) {
            return false;
        }
        if let (true, [(_, operand)]) = (is(&lid.txt, "!"), args) {
            self.lay("@[<hov>!");
            self.simple_expression(c, operand);
            self.lay("@]");
            return true;
        }
        let args: Vec<&Expression> = args.iter().map(|(_, arg)| arg).collect();
        let Some(access) = access(&lid.txt, &args) else { return false };
        self.lay("@[");
        self.simple_expression(c, access.array);
        if let Some(module) = access.module {
            self.text(".");
            self.longident_of(NameKind::Other, module);
        }
        self.text(&access.left);
        self.list(&access.indices, access.separator, |p, index| {
            if access.wide { p.expression(c, index) } else { p.simple_expression(c, index) }
        });
        self.text(access.right);
        if let Some(value) = access.value {
            self.lay("@ <-@;<1 2>");
            self.simple_expression(c, value);
        }
        self.lay("@]");
        true
    }

    // -- Functions and cases ------------------------------------------------------------------------

    fn function(
        &mut self,
        c: Context,
        params: &[FunctionParam],
        constraint: Option<&TypeConstraint>,
        body: &FunctionBody,
    ) {
        match (params, constraint) {
            ([], None) => {
                let closed = matches!(body, FunctionBody::Cases(..)) && c.function_body;
                let c = if closed { Context::default() } else { c };
                self.lay("@[<2>");
                self.parenthesised_if(closed, |p| p.function_body(c, body));
                self.lay("@]");
            }
            ([], Some(constraint)) => {
                self.lay("@[<2>(");
                self.function_body(c, body);
                self.lay("@;");
                self.type_constraint(constraint);
                self.lay(")@]");
            }
            _ => {
                self.lay("@[<2>fun@;");
                self.parameters_and_body(c, params, constraint, "->", body);
                self.lay("@]");
            }
        }
    }

    fn parameters_and_body(
        &mut self,
        c: Context,
        params: &[FunctionParam],
        constraint: Option<&TypeConstraint>,
        delimiter: &str,
        body: &FunctionBody,
    ) {
        for param in params {
            match &param.desc {
                FunctionParamDesc::Val(label, default, pattern) => {
                    self.parameter(c, *label, default.as_deref(), pattern);
                }
                FunctionParamDesc::Newtype(name) => {
                    self.text("(type ");
                    self.name(name.txt);
                    self.lay(")@;");
                }
            }
        }
        if let Some(constraint) = constraint {
            self.type_constraint(constraint);
        }
        self.text(delimiter);
        self.lay("@;");
        self.function_body(Context { function_body: true, ..c }, body);
    }

    fn function_body(&mut self, c: Context, body: &FunctionBody) {
        match body {
            FunctionBody::Body(e) => self.expression(c, e),
            FunctionBody::Cases(cases, _, attributes) => self.under(c, |p| {
                p.lay("@[<hv>function");
                p.item_attributes(attributes);
                p.cases(c, cases);
                p.lay("@]");
            }),
        }
    }

    fn type_constraint(&mut self, constraint: &TypeConstraint) {
        match constraint {
            TypeConstraint::Constraint(ty) => {
                self.lay(":@;");
                self.core_type(ty);
            }
            TypeConstraint::Coerce(from, to) => {
                if let Some(from) = from {
                    self.lay(":@;");
                    self.core_type(from);
                }
                self.lay(":>@;");
                self.core_type(to);
            }
        }
    }

    fn cases(&mut self, c: Context, cases: &[Case]) {
        for case in cases {
            self.lay("@;| @[<2>");
            self.pattern(&case.lhs);
            if let Some(guard) = &case.guard {
                self.lay("@;when@;");
                self.expression(c, guard);
            }
            self.lay("@;->@;");
            self.expression(Context { pipe: true, ..c }, &case.rhs);
            self.lay("@]");
        }
    }

    // -- Bindings -----------------------------------------------------------------------------------

    /// `let … and …`
    pub(super) fn bindings(&mut self, c: Context, rec: RecFlag, bindings: &[ValueBinding]) {
        self.under(c, |p| {
            p.joined("let", bindings, |p, keyword, binding| {
                p.lay("@[<2>");
                p.text(keyword);
                p.text(if keyword == "let" && rec == RecFlag::Recursive { " rec " } else { " " });
                p.binding(c, binding);
                p.lay("@]");
                p.item_attributes(&binding.attributes);
            });
        });
    }

    fn binding(&mut self, c: Context, binding: &ValueBinding) {
        match &binding.constraint {
            None => return self.unconstrained_binding(c, &binding.pat, &binding.expr),
            Some(constraint) => {
                self.simple_pattern(&binding.pat);
                self.value_constraint(constraint);
            }
        }
        self.lay("@;=@;");
        self.expression(c, &binding.expr);
    }

    fn value_constraint(&mut self, constraint: &ValueConstraint) {
        match constraint {
            ValueConstraint::Constraint { locally_abstract_univars: types, typ } => {
                if types.is_empty() {
                    self.lay("@;:@;");
                } else {
                    self.lay("@;: type@;");
                    self.list(types, "@;", |p, name| p.name(name.txt));
                    self.lay(".@;");
                }
                self.core_type(typ);
            }
            ValueConstraint::Coercion { ground, coercion } => {
                if let Some(ground) = ground {
                    self.lay("@;:");
                    self.core_type(ground);
                }
                self.lay("@;:>@;");
                self.core_type(coercion);
            }
        }
    }

    /// The binding of a variable to a function shows the parameters on the left.
    pub(super) fn unconstrained_binding(&mut self, c: Context, pattern: &Pattern, e: &Expression) {
        if variable(pattern).is_some() {
            self.simple_pattern(pattern);
            self.lay("@ ");
            self.named_function(c, e);
        } else {
            self.pattern(pattern);
            self.lay("@;=@;");
            self.expression(c, e);
        }
    }

    fn named_function(&mut self, c: Context, e: &Expression) {
        match &e.desc {
            ExpressionDesc::Function(params, constraint, body) if e.attributes.is_empty() => {
                self.parameters_and_body(c, params, constraint.as_deref(), "=", body);
            }
            ExpressionDesc::NewType(name, body) if e.attributes.is_empty() => {
                self.lay("(type@ ");
                self.name(name.txt);
                self.lay(")@ ");
                self.named_function(c, body);
            }
            _ => {
                self.lay("=@;");
                self.expression(c, e);
            }
        }
    }

    fn binding_op(&mut self, c: Context, binding: &BindingOp) {
        self.lay("@[<2>");
        self.text(&binding.op.txt);
        self.text(" ");
        match (variable(&binding.pat), simple_name(&binding.exp)) {
            (Some(name), Some(value)) if name == value => self.text(&name),
            _ => {
                self.pattern(&binding.pat);
                self.lay("@;=@;");
                self.expression(c, &binding.exp);
            }
        }
        self.lay("@]");
    }

    pub(super) fn override_mark(&mut self, flag: OverrideFlag) {
        self.text(if flag == OverrideFlag::Override { "!" } else { "" });
    }
}
