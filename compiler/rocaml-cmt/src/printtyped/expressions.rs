//! Expressions.

use super::{Printer, direction_flag, longident, partiality, rec_flag};
use rocaml_base::Location;
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::{ArgLabel, RecFlag};
use rocaml_typing::typedtree::*;

impl Printer {
    fn expression_extra(&mut self, i: usize, extra: &ExpressionExtra, loc: &Location, attributes: &Attributes) {
        self.line(i, format!("extra {}", self.location(loc)));
        let i = i + 1;
        match extra {
            ExpressionExtra::Constraint(ty) => {
                self.line(i, "Texp_constraint");
                self.attributes(i, attributes);
                self.core_type(i, ty);
            }
            ExpressionExtra::Coerce(from, to) => {
                self.line(i, "Texp_coerce");
                self.attributes(i, attributes);
                self.option(i, from.as_deref(), Printer::core_type);
                self.core_type(i, to);
            }
            ExpressionExtra::Poly(ty) => {
                self.line(i, "Texp_poly");
                self.attributes(i, attributes);
                self.option(i, ty.as_deref(), Printer::core_type);
            }
            ExpressionExtra::Newtype(_, name) => {
                self.line(i, format!("Texp_newtype \"{}\"", name.txt));
                self.attributes(i, attributes);
            }
        }
    }

    pub(super) fn expression(&mut self, i: usize, e: &Expression) {
        use ExpressionDesc as E;
        self.line(i, format!("expression {}", self.location(&e.loc)));
        self.attributes(i, &e.attributes);
        let i = i + 1;
        for (extra, loc, attributes) in &e.extra {
            self.expression_extra(i, extra, loc, attributes);
        }
        match &e.desc {
            E::Ident(path, ..) => self.line(i, format!("Texp_ident {}", self.path(path))),
            E::InstVar(_, path, _) => self.line(i, format!("Texp_instvar {}", self.path(path))),
            E::Constant(constant) => self.line(i, format!("Texp_constant {}", self.constant(constant))),
            E::Let(flag, bindings, body) => {
                self.line(i, format!("Texp_let {}", rec_flag(*flag)));
                self.value_bindings(i, *flag, bindings);
                self.expression(i, body);
            }
            E::Function(params, body) => {
                self.line(i, "Texp_function");
                self.list(i, params, Printer::function_param);
                self.function_body(i, body);
            }
            E::Apply(f, args) => {
                self.line(i, "Texp_apply");
                self.expression(i, f);
                self.list(i, args, Printer::argument);
            }
            E::Match(scrutinee, cases, effects, partial) => {
                self.line(i, format!("Texp_match{}", partiality(*partial)));
                self.expression(i, scrutinee);
                self.list(i, cases, Printer::case);
                self.list(i, effects, Printer::case);
            }
            E::Try(body, cases, effects) => {
                self.line(i, "Texp_try");
                self.expression(i, body);
                self.list(i, cases, Printer::case);
                self.list(i, effects, Printer::case);
            }
            E::Tuple(components) => {
                self.line(i, "Texp_tuple");
                self.components(i, components, |p, i, e| p.expression(i + 1, e));
            }
            E::Construct(lid, _, args) => {
                self.line(i, format!("Texp_construct {}", longident(lid)));
                self.list(i, args, Printer::expression);
            }
            E::Variant(tag, arg) => {
                self.line(i, format!("Texp_variant \"{tag}\""));
                self.option(i, arg.as_deref(), Printer::expression);
            }
            E::Record { fields, representation, extended_expression } => {
                self.line(i, "Texp_record");
                let i = i + 1;
                self.line(i, "fields =");
                self.list(i + 1, fields, |p, i, (_, definition)| match definition {
                    RecordLabelDefinition::Overridden(lid, value) => {
                        p.line(i, longident(lid));
                        p.expression(i + 1, value);
                    }
                    RecordLabelDefinition::Kept(..) => p.unended(i, "<kept>"),
                });
                self.line(i, "representation =");
                self.record_representation(i + 1, representation);
                self.line(i, "extended_expression =");
                self.option(i + 1, extended_expression.as_deref(), Printer::expression);
            }
            E::Field(record, lid, _) => {
                self.line(i, "Texp_field");
                self.expression(i, record);
                self.line(i, longident(lid));
            }
            E::SetField(record, lid, _, value) => {
                self.line(i, "Texp_setfield");
                self.expression(i, record);
                self.line(i, longident(lid));
                self.expression(i, value);
            }
            E::AtomicLoc(record, lid, _) => {
                self.line(i, "Texp_atomic_loc");
                self.expression(i, record);
                self.line(i, longident(lid));
            }
            E::Array(mutable, items) => {
                self.line(i, format!("Texp_array {mutable:?}"));
                self.list(i, items, Printer::expression);
            }
            E::IfThenElse(condition, yes, no) => {
                self.line(i, "Texp_ifthenelse");
                self.expression(i, condition);
                self.expression(i, yes);
                self.option(i, no.as_deref(), Printer::expression);
            }
            E::Sequence(first, second) => {
                self.line(i, "Texp_sequence");
                self.expression(i, first);
                self.expression(i, second);
            }
            E::While(condition, body) => {
                self.line(i, "Texp_while");
                self.expression(i, condition);
                self.expression(i, body);
            }
            E::For(id, _, from, to, direction, body) => {
                self.line(i, format!("Texp_for \"{}\" {}", self.ident(*id), direction_flag(*direction)));
                self.expression(i, from);
                self.expression(i, to);
                self.expression(i, body);
            }
            E::Send(object, method) => {
                let name = match method {
                    Method::Name(name) => name.to_string(),
                    Method::Val(id) | Method::Ancestor(id, _) => self.ident(*id),
                };
                self.line(i, format!("Texp_send \"{name}\""));
                self.expression(i, object);
            }
            E::New(path, ..) => self.line(i, format!("Texp_new {}", self.path(path))),
            E::SetInstVar(_, path, _, value) => {
                self.line(i, format!("Texp_setinstvar {}", self.path(path)));
                self.expression(i, value);
            }
            E::Override(_, fields) => {
                self.line(i, "Texp_override");
                self.list(i, fields, |p, i, (id, _, value)| {
                    p.line(i, format!("<override> \"{}\"", p.ident(*id)));
                    p.expression(i + 1, value);
                });
            }
            E::LetModule(id, _, _, module, body) => {
                self.line(i, format!("Texp_letmodule \"{}\"", self.module_name(*id)));
                self.module_expr(i, module);
                self.expression(i, body);
            }
            E::LetException(constructor, body) => {
                self.line(i, "Texp_letexception");
                self.extension_constructor(i, constructor);
                self.expression(i, body);
            }
            E::Assert(condition, _) => {
                self.unended(i, "Texp_assert");
                self.expression(i, condition);
            }
            E::Lazy(inner) => {
                self.unended(i, "Texp_lazy");
                self.expression(i, inner);
            }
            E::Object(structure, _) => {
                self.unended(i, "Texp_object");
                self.class_structure(i, structure);
            }
            E::Pack(module) => {
                self.unended(i, "Texp_pack");
                self.module_expr(i, module);
            }
            E::LetOp { let_, ands, body, partial, .. } => {
                self.unended(i, format!("Texp_letop{}", partiality(*partial)));
                self.binding_op(i + 1, let_);
                self.list(i + 1, ands, Printer::binding_op);
                self.case(i, body);
            }
            E::Unreachable => self.unended(i, "Texp_unreachable"),
            E::ExtensionConstructor(lid, _) => {
                self.unended(i, format!("Texp_extension_constructor {}", longident(lid)));
            }
            E::Open(open, body) => {
                self.line(i, format!("Texp_open {:?}", open.override_));
                self.module_expr(i, &open.expr);
                self.attributes(i, &open.attributes);
                self.expression(i, body);
            }
        }
    }

    fn binding_op(&mut self, i: usize, op: &BindingOp) {
        self.line(i, format!("binding_op {} {}", self.path(&op.op_path), self.location(&op.loc)));
        self.expression(i, &op.exp);
    }

    fn function_param(&mut self, i: usize, param: &FunctionParam) {
        self.arg_label(i, param.arg_label);
        let partial = partiality(param.partial);
        match &param.kind {
            FunctionParamKind::Pat(pattern) => {
                self.line(i, format!("Param_pat{partial}"));
                self.pattern(i + 1, pattern);
            }
            FunctionParamKind::OptionalDefault(pattern, default) => {
                self.line(i, format!("Param_optional_default{partial}"));
                self.pattern(i + 1, pattern);
                self.expression(i + 1, default);
            }
        }
    }

    fn function_body(&mut self, i: usize, body: &FunctionBody) {
        match body {
            FunctionBody::Body(body) => {
                self.line(i, "Tfunction_body");
                self.expression(i + 1, body);
            }
            FunctionBody::Cases { cases, partial, loc, exp_extra, attributes, .. } => {
                self.line(i, format!("Tfunction_cases{} {}", partiality(*partial), self.location(loc)));
                let i = i + 1;
                self.attributes(i, attributes);
                if let Some(extra) = exp_extra {
                    self.expression_extra(i, extra, loc, &Vec::new());
                }
                self.list(i, cases, Printer::case);
            }
        }
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

    pub(super) fn value_bindings(&mut self, i: usize, flag: RecFlag, bindings: &[ValueBinding]) {
        self.list(i, bindings, |p, i, binding| {
            let text = match (flag, binding.rec_kind) {
                (RecFlag::Nonrecursive, _) => "<def>",
                (RecFlag::Recursive, RecKind::Static) => "<def_rec>",
                (RecFlag::Recursive, _) => "<def_rec_dynamic>",
            };
            p.line(i, text);
            p.attributes(i + 1, &binding.attributes);
            p.pattern(i + 1, &binding.pat);
            p.expression(i + 1, &binding.expr);
        });
    }

    pub(super) fn argument(&mut self, i: usize, (label, arg): &(ArgLabel, Option<Expression>)) {
        self.line(i, "<arg>");
        self.arg_label(i + 1, *label);
        if let Some(arg) = arg {
            self.expression(i + 1, arg);
        }
    }
}
