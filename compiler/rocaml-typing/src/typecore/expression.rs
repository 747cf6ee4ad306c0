//! Typing of expressions with an expected type: upstream's `type_expect`.
//!
//! The expected type guides disambiguation and improves messages; the type of the result is
//! unified with it. In principal mode its structure may be generic.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, Constant, MutableFlag, RecFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{ConstructorUsage, Env, LabelUsage};
use rocaml_types::predef;
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::{
    ConstructorTag, Ident, ModuleDeclaration, ModulePresence, ModuleType, Path, TypeDesc, TypeId, ValueKind,
};

use super::application::type_application;
use super::base::*;
use super::cases::{UntypedCase, type_cases, type_effect_cases};
use super::checks::{check_partial_application, final_subexpression, is_prim, pattern_needs_partial_application_check};
use super::coercion::{type_coerce_expression, type_constraint};
use super::constructor::{type_construct, type_variant};
use super::error::{Error, TypeExpected, TypeForcingContext, error};
use super::format_tree;
use super::function::{type_function_expression, type_newtype};
use super::let_binding::{turn_let_into_match, type_let_expression, vb_exp_constraint};
use super::letop::type_letop;
use super::nonexpansive::is_nonexpansive;
use super::object;
use super::pattern::Category;
use super::pattern_state::regular_value;
use super::record::{solve_field, type_record, type_setfield};
use crate::Result;
use crate::attributes::{error_of_extension, warning_scope};
use crate::saved_types::{self, BinaryPart};
use crate::typedtree::{
    BindingOp, Case, Expression, ExpressionDesc, ExpressionExtra, FunctionBody, Partial, Pattern, PatternDesc, RecKind,
    ValueBinding,
};
use crate::typetexp::{self, vars};

/// Types an expression without expectation.
pub fn type_exp(cx: &Context, env: &Env, sexp: &ast::Expression) -> Result<Expression> {
    type_expect(cx, env, sexp, mk_expected(ctype::newvar(cx)))
}

/// Types an expression of which the type is expected.
pub fn type_expect(cx: &Context, env: &Env, sexp: &ast::Expression, expected: TypeExpected) -> Result<Expression> {
    type_expect_recarg(cx, env, Recarg::Rejected, sexp, expected)
}

/// [`type_exp`] where the record of a constructor may be meant.
pub fn type_exp_recarg(cx: &Context, env: &Env, recarg: Recarg, sexp: &ast::Expression) -> Result<Expression> {
    type_expect_recarg(cx, env, recarg, sexp, mk_expected(ctype::newvar(cx)))
}

/// [`type_expect`] where the record of a constructor may be meant.
pub fn type_expect_recarg(
    cx: &Context,
    env: &Env,
    recarg: Recarg,
    sexp: &ast::Expression,
    expected: TypeExpected,
) -> Result<Expression> {
    let mark = saved_types::mark(cx);
    let exp = warning_scope(cx, &sexp.attributes, || Typer { cx, env, sexp, expected }.expect(recarg))?;
    saved_types::replace(cx, mark, || BinaryPart::Expression(exp.clone()));
    Ok(exp)
}

/// One expression being typed.
pub(super) struct Typer<'a> {
    pub cx: &'a Context,
    pub env: &'a Env,
    pub sexp: &'a ast::Expression,
    pub expected: TypeExpected,
}

impl<'a> Typer<'a> {
    pub fn make(&self, desc: ExpressionDesc, type_: TypeId) -> Expression {
        Expression {
            desc,
            loc: self.sexp.loc,
            extra: Vec::new(),
            type_,
            env: self.env.clone(),
            attributes: self.sexp.attributes.clone(),
        }
    }

    /// An instance of the expected type.
    pub fn expected_instance(&self) -> TypeId {
        instance(self.cx, self.expected.ty)
    }

    /// Unifies the type of the result with the expected one.
    pub fn unified(&self, exp: Expression) -> Result<Expression> {
        saved_types::add(self.cx, || BinaryPart::Expression(exp.clone()));
        let result = unify_exp(self.cx, self.env, self.sexp, &exp, self.expected_instance());
        with_explanation(self.expected.explanation, result)?;
        Ok(exp)
    }

    /// Unifies a type with the expected one, generic structure included.
    pub fn unify_generic(&self, ty: TypeId) -> Result<()> {
        let expected = ctype::generic_instance(self.cx, self.expected.ty);
        let result = unify_exp_types(self.cx, self.env, self.sexp.loc, ty, expected);
        with_explanation(self.expected.explanation, result)
    }

    fn sub(&self, sexp: &ast::Expression, ty: TypeId) -> Result<Expression> {
        type_expect(self.cx, self.env, sexp, mk_expected(ty))
    }

    fn sub_because(&self, sexp: &ast::Expression, ty: TypeId, why: TypeForcingContext) -> Result<Expression> {
        type_expect(self.cx, self.env, sexp, mk_expected_because(ty, why))
    }

    fn unit(&self) -> TypeId {
        instance(self.cx, self.cx.predef().unit)
    }

    fn expect(&self, recarg: Recarg) -> Result<Expression> {
        use ast::ExpressionDesc::*;
        let (cx, env, sexp) = (self.cx, self.env, self.sexp);
        match &sexp.desc {
            Ident(lid) => self.ident(recarg, lid),
            Constant(constant) => self.constant(constant),
            Let(RecFlag::Nonrecursive, bindings, body) if matches!(bindings.as_slice(), [b] if b.attributes.is_empty() && turn_let_into_match(&b.pat)) =>
            {
                let binding = &bindings[0];
                let case = UntypedCase { lhs: &binding.pat, guard: None, rhs: body };
                self.match_(&vb_exp_constraint(binding), &[case])
            }
            Let(rec_flag, bindings, body) => type_let_expression(self, *rec_flag, bindings, body),
            Function(params, constraint, body) => type_function_expression(self, params, constraint.as_deref(), body),
            Apply(function, args) => self.apply(function, args),
            Match(scrutinee, cases) => self.match_(scrutinee, &UntypedCase::all(cases)),
            Try(body, cases) => self.try_(body, &UntypedCase::all(cases)),
            Tuple(parts) => self.tuple(parts),
            Construct(lid, argument) => type_construct(self, lid, argument.as_deref()),
            Variant(tag, argument) => type_variant(self, *tag, argument.as_deref()),
            Record(fields, extended) => type_record(self, recarg, fields, extended.as_deref()),
            Field(record, lid) => {
                let (record, label, ty) = solve_field(cx, env, LabelUsage::Projection, sexp, record, lid)?;
                self.unified(self.make(ExpressionDesc::Field(Box::new(record), lid.clone(), label), ty))
            }
            SetField(record, lid, value) => type_setfield(self, record, lid, value),
            Array(parts) => self.array(parts),
            IfThenElse(condition, yes, no) => self.if_then_else(condition, yes, no.as_deref()),
            Sequence(first, second) => {
                let first = type_statement(cx, env, first, TypeForcingContext::SequenceLeftHandSide)?;
                let second = type_expect(cx, env, second, self.expected)?;
                let ty = second.type_;
                Ok(self.make(ExpressionDesc::Sequence(Box::new(first), Box::new(second)), ty))
            }
            While(condition, body) => self.while_(condition, body),
            For(param, low, high, direction, body) => {
                let int = cx.predef().int;
                let low = self.sub_because(low, int, TypeForcingContext::ForLoopStartIndex)?;
                let high = self.sub_because(high, int, TypeForcingContext::ForLoopStopIndex)?;
                let (id, inner) = self.for_index(param)?;
                let body = type_statement(cx, &inner, body, TypeForcingContext::ForLoopBody)?;
                let desc =
                    ExpressionDesc::For(id, param.clone(), Box::new(low), Box::new(high), *direction, Box::new(body));
                self.unified(self.make(desc, self.unit()))
            }
            Constraint(inner, styp) => {
                let (ty, extra) = type_constraint(cx, env, styp)?;
                let arg = type_argument(cx, env, inner, ty, instance(cx, ty))?;
                self.unified(self.annotated(arg, instance(cx, ty), extra))
            }
            Coerce(inner, from, to) => {
                let (arg, ty, extra) = type_coerce_expression(cx, env, sexp.loc, inner, from.as_deref(), to)?;
                self.unified(self.annotated(arg, ty, extra))
            }
            Send(inner, method) => object::type_send_expression(self, inner, method),
            New(lid) => object::type_new(self, lid),
            SetInstVar(name, value) => object::type_setinstvar(self, name, value),
            Override(fields) => object::type_override(self, fields),
            LetModule(name, module, body) => self.let_module(name, module, body),
            LetException(constructor, body) => {
                let (constructor, inner) = crate::typedecl::transl_exception(cx, env, constructor)?;
                let body = type_expect(cx, &inner, body, self.expected)?;
                let ty = body.type_;
                Ok(self.make(ExpressionDesc::LetException(Box::new(constructor), Box::new(body)), ty))
            }
            Assert(inner) => self.assert(inner),
            Lazy(inner) => {
                let contents = ctype::newgenvar(cx, None);
                self.unify_generic(predef::type_lazy_t(cx, contents))?;
                let inner = self.sub(inner, contents)?;
                Ok(self.make(ExpressionDesc::Lazy(Box::new(inner)), self.expected_instance()))
            }
            Object(class) => object::type_object(self, class),
            Poly(body, styp) => object::type_poly(self, body, styp.as_deref()),
            NewType(name, body) => {
                let (body, ty) = type_newtype(cx, env, name, |env| {
                    let body = type_exp(cx, env, body)?;
                    let ty = body.type_;
                    Ok((body, ty))
                })?;
                let mut exp = Expression { loc: sexp.loc, type_: ty, ..body };
                // The declaration's ident is not kept by upstream either: only its name.
                let id = rocaml_types::Ident::create_local(name.txt);
                let extra = (ExpressionExtra::Newtype(id, *name), sexp.loc, sexp.attributes.clone());
                exp.extra.insert(0, extra);
                self.unified(exp)
            }
            Pack(module, package) => self.pack(module, package.as_deref()),
            Open(open, body) => {
                let var = ctype::newvar(cx);
                let (open, _, inner) = crate::typemod::type_open_decl(cx, None, env, open)?;
                let body = type_expect(cx, &inner, body, self.expected)?;
                // The type must make sense outside.
                if let Err(e) = ctype::unify_var(cx, &inner, var, body.type_) {
                    return error(sexp.loc, env, Error::ExprTypeClash(e, None, None));
                }
                let ty = body.type_;
                Ok(self.make(ExpressionDesc::Open(Box::new(open), Box::new(body)), ty))
            }
            LetOp(letop) => type_letop(self, letop),
            Extension(extension) => self.extension(extension),
            Unreachable => Ok(self.make(ExpressionDesc::Unreachable, self.expected_instance())),
        }
    }

    /// A typed expression with one more annotation, which is what this expression is.
    pub fn annotated(&self, arg: Expression, type_: TypeId, extra: ExpressionExtra) -> Expression {
        let mut exp = Expression { type_, env: self.env.clone(), ..arg };
        exp.extra.insert(0, (extra, self.sexp.loc, self.sexp.attributes.clone()));
        exp
    }

    fn ident(&self, recarg: Recarg, lid: &Loc<Longident>) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let (path, desc) = type_ident(cx, env, recarg, lid)?;
        let ty = instance(cx, desc.type_);
        let desc = match &desc.kind {
            ValueKind::Ivar(_, class) => {
                let name = lid.txt.last().expect("an instance variable has a name");
                ExpressionDesc::InstVar(self_path(cx, env, *class), path, Loc::new(name, lid.loc))
            }
            ValueKind::SelfVal(self_) => ExpressionDesc::Ident(self_path(cx, env, self_.class_num), lid.clone(), desc),
            _ => ExpressionDesc::Ident(path, lid.clone(), desc),
        };
        self.unified(self.make(desc, ty))
    }

    fn constant(&self, sconstant: &ast::Constant) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let constant = constant_or_raise(env, self.sexp.loc, sconstant)?;
        if let Constant::String(text, ..) = &constant
            && self.is_format_expected()
        {
            return match format_tree::type_format(self.sexp.loc, text, !cx.options.strict_formats) {
                Err(message) => error(self.sexp.loc.ghost(), env, Error::InvalidFormat(message)),
                Ok(tree) => {
                    let sexp = ast::Expression { loc: self.sexp.loc, ..tree };
                    type_expect(cx, env, &sexp, self.expected)
                }
            };
        }
        let ty = type_constant(cx, &constant);
        self.unified(self.make(ExpressionDesc::Constant(constant), ty))
    }

    fn is_format_expected(&self) -> bool {
        let cx = self.cx;
        let ty = ctype::expand_head(cx, self.env, protect_expansion(cx, self.env, self.expected.ty));
        let TypeDesc::Constr(Path::Dot(module, name), ..) = cx.desc(ty) else { return false };
        let is_format = name == "format6"
            && matches!(&*module, Path::Ident(id) if id.is_global() && id.name() == "CamlinternalFormatBasics");
        if is_format && cx.options.principal && cx.level(ty) != GENERIC_LEVEL {
            warn_not_principal(cx, self.sexp.loc, "this coercion to format6");
        }
        is_format
    }

    fn apply(&self, sfunct: &ast::Expression, sargs: &[(ArgLabel, ast::Expression)]) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let outer_level = ctype::get_current_level(cx);
        // One more level to notice functions that do not return.
        generalize(cx, || {
            let type_sfunct = |sfunct: &ast::Expression| -> Result<Expression> {
                let funct = generalize_structure_if_principal(cx, || type_exp(cx, env, sfunct))?;
                let ty = instance(cx, funct.type_);
                ctype::wrap_trace_gadt_instances(cx, env, || lower_args(cx, env, outer_level, ty));
                Ok(funct)
            };
            let funct = type_sfunct(sfunct)?;
            // `x |> f` and `f @@ x` are typed as `f x`.
            let (sfunct, funct, sargs) = match sargs {
                [(ArgLabel::Nolabel, sarg), (ArgLabel::Nolabel, actual)]
                    if is_prim("%revapply", &funct)
                        && is_inferred(actual)
                        && is_apply_type(cx, &funct, ApplyPrim::Revapply) =>
                {
                    (actual, type_sfunct(actual)?, Cow::Owned(vec![(ArgLabel::Nolabel, sarg.clone())]))
                }
                [(ArgLabel::Nolabel, actual), (ArgLabel::Nolabel, sarg)]
                    if is_prim("%apply", &funct) && is_apply_type(cx, &funct, ApplyPrim::Apply) =>
                {
                    (actual, type_sfunct(actual)?, Cow::Owned(vec![(ArgLabel::Nolabel, sarg.clone())]))
                }
                _ => (sfunct, funct, Cow::Borrowed(sargs)),
            };
            let (args, ty) = type_application(cx, env, sfunct, &funct, &sargs)?;
            self.unified(self.make(ExpressionDesc::Apply(Box::new(funct), args), ty))
        })
    }

    fn match_(&self, scrutinee: &ast::Expression, cases: &[UntypedCase<'_>]) -> Result<Expression> {
        let (cx, env, loc) = (self.cx, self.env, self.sexp.loc);
        let arg = generalize_before(
            cx,
            || type_exp(cx, env, scrutinee),
            |arg| {
                may_lower_contravariant(cx, env, arg);
                Ok(())
            },
        )?;
        let (values, effects, continuations) = split_effect_cases(cases);
        if values.is_empty() && !effects.is_empty() {
            return error(loc, env, Error::NoValueClauses);
        }
        let (values, partial) =
            type_cases(cx, Category::Computation, env, arg.type_, self.expected, loc, &values, None, true)?;
        let effects = self.effects(&effects, &continuations)?;
        if values.iter().all(|case| pattern_needs_partial_application_check(&case.lhs)) {
            check_partial_application(cx, false, &arg);
        }
        let desc = ExpressionDesc::Match(Box::new(arg), values, effects, partial);
        Ok(self.make(desc, self.expected_instance()))
    }

    fn try_(&self, body: &ast::Expression, cases: &[UntypedCase<'_>]) -> Result<Expression> {
        let (cx, env, loc) = (self.cx, self.env, self.sexp.loc);
        let body = type_expect(cx, env, body, self.expected)?;
        let (exceptions, effects, continuations) = split_effect_cases(cases);
        let exn = cx.predef().exn;
        let (exceptions, _) = type_cases(cx, Category::Value, env, exn, self.expected, loc, &exceptions, None, false)?;
        let effects = self.effects(&effects, &continuations)?;
        let ty = body.type_;
        Ok(self.make(ExpressionDesc::Try(Box::new(body), exceptions, effects), ty))
    }

    fn effects(&self, cases: &[UntypedCase<'_>], continuations: &[&ast::Pattern]) -> Result<Vec<Case>> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        type_effect_cases(self.cx, self.env, self.expected, self.sexp.loc, cases, continuations)
    }

    fn tuple(&self, parts: &[(Option<Name>, ast::Expression)]) -> Result<Expression> {
        let cx = self.cx;
        if let Some(label) = typetexp::repeated_label(parts) {
            return error(self.sexp.loc, self.env, Error::RepeatedTupleExpLabel(label));
        }
        let types: Vec<(Option<Name>, TypeId)> =
            parts.iter().map(|(label, _)| (*label, ctype::newgenvar(cx, None))).collect();
        self.unify_generic(ctype::newgenty(cx, TypeDesc::Tuple(types.clone().into())))?;
        let mut typed = Vec::new();
        for ((label, part), (_, ty)) in parts.iter().zip(types) {
            typed.push((*label, self.sub(part, ty)?));
        }
        let ty = TypeDesc::Tuple(typed.iter().map(|(label, part)| (*label, part.type_)).collect());
        let ty = ctype::newty(cx, ty);
        Ok(self.make(ExpressionDesc::Tuple(typed), ty))
    }

    fn array(&self, parts: &[ast::Expression]) -> Result<Expression> {
        let cx = self.cx;
        let expected = ctype::generic_instance(cx, self.expected.ty);
        let (element, mutable) = disambiguate_array_literal(cx, self.env, self.sexp.loc, expected);
        let element = match element {
            Some(element) => element,
            None => {
                let element = ctype::newgenvar(cx, None);
                let array = match mutable {
                    MutableFlag::Mutable => predef::type_array(cx, element),
                    MutableFlag::Immutable => predef::type_iarray(cx, element),
                };
                let result = unify_exp_types(cx, self.env, self.sexp.loc, array, expected);
                with_explanation(self.expected.explanation, result)?;
                element
            }
        };
        let mut typed = Vec::new();
        for part in parts {
            typed.push(self.sub(part, element)?);
        }
        Ok(self.make(ExpressionDesc::Array(mutable, typed), self.expected_instance()))
    }

    fn if_then_else(
        &self,
        condition: &ast::Expression,
        yes: &ast::Expression,
        no: Option<&ast::Expression>,
    ) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let condition = self.sub_because(condition, cx.predef().bool, TypeForcingContext::IfConditional)?;
        let Some(no) = no else {
            let yes = self.sub_because(yes, cx.predef().unit, TypeForcingContext::IfNoElseBranch)?;
            let ty = yes.type_;
            let desc = ExpressionDesc::IfThenElse(Box::new(condition), Box::new(yes), None);
            return self.unified(self.make(desc, ty));
        };
        let yes = type_expect(cx, env, yes, self.expected)?;
        let no = type_expect(cx, env, no, self.expected)?;
        unify_exp(cx, env, self.sexp, &no, yes.type_)?;
        let ty = yes.type_;
        let desc = ExpressionDesc::IfThenElse(Box::new(condition), Box::new(yes), Some(Box::new(no)));
        Ok(self.make(desc, ty))
    }

    fn while_(&self, condition: &ast::Expression, body: &ast::Expression) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let bool_ = cx.predef().bool;
        let condition = self.sub_because(condition, bool_, TypeForcingContext::WhileLoopConditional)?;
        // `while true` does not return.
        let ty = if is_constructor(&condition, "true") { self.expected_instance() } else { self.unit() };
        let body = type_statement(cx, env, body, TypeForcingContext::WhileLoopBody)?;
        self.unified(self.make(ExpressionDesc::While(Box::new(condition), Box::new(body)), ty))
    }

    fn for_index(&self, param: &ast::Pattern) -> Result<(Ident, Env)> {
        let cx = self.cx;
        match &param.desc {
            ast::PatternDesc::Any => Ok((Ident::create_local(Name::new("_for")), self.env.clone())),
            ast::PatternDesc::Var(name) => {
                let desc = regular_value(cx, instance(cx, cx.predef().int), self.sexp.loc);
                let check: fn(String) -> Warning = Warning::UnusedForIndex;
                Ok(self.env.enter_value(cx, Some(check), name.txt, Rc::new(desc)))
            }
            _ => error(param.loc, self.env, Error::InvalidForLoopIndex),
        }
    }

    fn assert(&self, inner: &ast::Expression) -> Result<Expression> {
        let bool_ = self.cx.predef().bool;
        let condition = self.sub_because(inner, bool_, TypeForcingContext::AssertCondition)?;
        let ty = if is_constructor(&condition, "false") { self.expected_instance() } else { self.unit() };
        let innermost = self.sexp.loc_stack.last().copied().unwrap_or(self.sexp.loc);
        self.unified(self.make(ExpressionDesc::Assert(Box::new(condition), innermost), ty))
    }

    fn let_module(
        &self,
        name: &Loc<Option<Name>>,
        smodule: &ast::ModuleExpr,
        sbody: &ast::Expression,
    ) -> Result<Expression> {
        let (cx, env) = (self.cx, self.env);
        let level = ctype::get_current_level(cx);
        let (id, presence, module, _, body) = generalize_before(
            cx,
            || {
                let (module, presence, id, inner) = vars::with_local_scope(cx, || -> Result<_> {
                    let module = crate::typemod::type_module(cx, env, smodule)?;
                    crate::mtype::lower_nongen(cx, level, &module.type_);
                    let presence = match module.type_ {
                        ModuleType::Alias(_) => ModulePresence::Absent,
                        _ => ModulePresence::Present,
                    };
                    let scope = ctype::create_scope(cx);
                    let declaration = ModuleDeclaration {
                        type_: module.type_.clone(),
                        attributes: Vec::new(),
                        loc: name.loc,
                        uid: cx.fresh_uid(),
                    };
                    let (id, inner) = match name.txt {
                        None => (None, env.clone()),
                        Some(name) => {
                            let (id, inner) =
                                env.enter_module_declaration(cx, scope, false, name, presence, Rc::new(declaration));
                            (Some(id), inner)
                        }
                    };
                    Ok((module, presence, id, inner))
                })?;
                let body = type_expect(cx, &inner, sbody, self.expected)?;
                Ok((id, presence, module, inner, body))
            },
            // Local definitions do not leak.
            |(_, _, _, inner, body)| enforce_current_level(cx, inner, body.loc, body.type_),
        )?;
        let ty = body.type_;
        let desc = ExpressionDesc::LetModule(id, *name, presence, Box::new(module), Box::new(body));
        Ok(self.make(desc, ty))
    }

    fn pack(&self, smodule: &ast::ModuleExpr, package: Option<&ast::PackageType>) -> Result<Expression> {
        let (cx, env, loc) = (self.cx, self.env, self.sexp.loc);
        if let Some(package) = package {
            let styp = ast::CoreType {
                desc: ast::CoreTypeDesc::Package(Box::new(package.clone())),
                loc: package.loc,
                loc_stack: Vec::new(),
                attributes: Vec::new(),
            };
            let (ty, extra) = type_constraint(cx, env, &styp)?;
            let TypeDesc::Package(pack) = cx.desc(instance(cx, ty)) else {
                unreachable!("a package type is translated to one")
            };
            let (module, pack) = crate::typemod::type_package(cx, env, smodule, &pack)?;
            let packed = ctype::newty(cx, TypeDesc::Package(pack));
            unify_exp_types(cx, env, smodule.loc, instance(cx, ty), packed)?;
            let mut exp = self.make(ExpressionDesc::Pack(Box::new(module)), instance(cx, ty));
            exp.extra.push((extra, loc, Vec::new()));
            return self.unified(exp);
        }
        let pack = match cx.desc(ctype::expand_head(cx, env, self.expected_instance())) {
            TypeDesc::Package(pack) => pack,
            TypeDesc::Var(_) => return error(loc, env, Error::CannotInferSignature),
            _ => return error(loc, env, Error::NotAPackedModule(self.expected.ty)),
        };
        if cx.options.principal {
            let ty = ctype::expand_head(cx, env, protect_expansion(cx, env, self.expected.ty));
            if cx.level(ty) < GENERIC_LEVEL {
                warn_not_principal(cx, loc, "this module packing");
            }
        }
        let (module, pack) = crate::typemod::type_package(cx, env, smodule, &pack)?;
        let ty = ctype::newty(cx, TypeDesc::Package(pack));
        self.unified(self.make(ExpressionDesc::Pack(Box::new(module)), ty))
    }

    fn extension(&self, extension: &ast::Extension) -> Result<Expression> {
        let (cx, env, loc) = (self.cx, self.env, self.sexp.loc);
        let name = extension.name.txt.as_str();
        let argument = single_expression(&extension.payload);
        match name.strip_prefix("ocaml.").unwrap_or(name) {
            "extension_constructor" => match argument.map(|e| &e.desc) {
                Some(ast::ExpressionDesc::Construct(lid, None)) => {
                    let constr = env.lookup_constructor(cx, true, lid.loc, ConstructorUsage::Positive, &lid.txt)?;
                    let ConstructorTag::Extension(path, _) = &constr.tag else {
                        return error(lid.loc, env, Error::NotAnExtensionConstructor);
                    };
                    let ty = instance(cx, cx.predef().extension_constructor);
                    let desc = ExpressionDesc::ExtensionConstructor(lid.clone(), path.clone());
                    self.unified(self.make(desc, ty))
                }
                _ => error(loc, env, Error::InvalidExtensionConstructorPayload),
            },
            "atomic.loc" => match argument {
                Some(field @ ast::Expression { desc: ast::ExpressionDesc::Field(record, lid), .. }) => {
                    let (record, label, ty) = solve_field(cx, env, LabelUsage::Mutation, field, record, lid)?;
                    rocaml_types::env::mark_label_used(cx, LabelUsage::Projection, label.uid);
                    if !label.atomic {
                        return error(loc, env, Error::LabelNotAtomic(lid.txt.clone()));
                    }
                    let ty = instance(cx, predef::type_atomic_loc(cx, ty));
                    let desc = ExpressionDesc::AtomicLoc(Box::new(record), lid.clone(), label);
                    self.unified(self.make(desc, ty))
                }
                _ => error(loc, env, Error::InvalidAtomicLocPayload),
            },
            _ => Err(error_of_extension(extension).into()),
        }
    }
}

/// The expression that is all of a payload.
fn single_expression(payload: &ast::Payload) -> Option<&ast::Expression> {
    match payload {
        ast::Payload::Str(items) => match items.as_slice() {
            [ast::StructureItem { desc: ast::StructureItemDesc::Eval(e, _), .. }] => Some(e),
            _ => None,
        },
        _ => None,
    }
}

fn is_constructor(exp: &Expression, name: &str) -> bool {
    matches!(&exp.desc, ExpressionDesc::Construct(_, constr, _) if constr.name == name)
}

/// The path of self in a class.
pub(super) fn self_path(cx: &Context, env: &Env, class: Name) -> Path {
    let name = Longident::Lident(Name::new(&format!("self-{class}")));
    env.find_value_by_name(cx, &name).expect("self is bound in its class").0
}

/// Lowers the types of a function's parameters.
fn lower_args(cx: &Context, env: &Env, level: i32, ty: TypeId) {
    let mut seen = HashSet::new();
    let mut ty = ctype::expand_head(cx, env, ty);
    while seen.insert(cx.repr(ty))
        && let TypeDesc::Arrow(_, arg, res, _) = cx.desc(ty)
    {
        // A variable takes any type.
        let _ = ctype::unify_var(cx, env, ctype::newvar2(cx, level, None), arg);
        ty = ctype::expand_head(cx, env, res);
    }
}

/// Whether the expression is typed without using what is expected.
fn is_inferred(sexp: &ast::Expression) -> bool {
    use ast::ExpressionDesc::*;
    match &sexp.desc {
        Ident(_) | Apply(..) | Field(..) | Constraint(..) | Coerce(..) | Send(..) | New(_) | Pack(_, Some(_)) => true,
        Sequence(_, e) | Open(_, e) => is_inferred(e),
        IfThenElse(_, yes, Some(no)) => is_inferred(yes) && is_inferred(no),
        _ => false,
    }
}

#[derive(Clone, Copy)]
enum ApplyPrim {
    Apply,
    Revapply,
}

/// Whether the primitive was declared with the type that its special typing assumes.
fn is_apply_type(cx: &Context, funct: &Expression, prim: ApplyPrim) -> bool {
    let ExpressionDesc::Ident(_, _, desc) = &funct.desc else { return false };
    let plain = |ty| match cx.desc(ty) {
        TypeDesc::Arrow(ArgLabel::Nolabel, arg, res, _) => Some((arg, res)),
        _ => None,
    };
    let Some((a, b)) = plain(desc.type_) else { return false };
    let Some((c, res)) = plain(b) else { return false };
    let (f, x) = match prim {
        ApplyPrim::Apply => (a, c),
        ApplyPrim::Revapply => (c, a),
    };
    let Some((arg, fres)) = plain(f) else { return false };
    [arg, fres, x, res].into_iter().all(|ty| btype::is_tvar(cx, ty)) && cx.same(arg, x) && cx.same(fres, res)
}

/// The cases of values or exceptions, those of effects, and the continuations of the latter.
#[allow(clippy::type_complexity)]
fn split_effect_cases<'a>(
    cases: &[UntypedCase<'a>],
) -> (Vec<UntypedCase<'a>>, Vec<UntypedCase<'a>>, Vec<&'a ast::Pattern>) {
    let (mut others, mut effects, mut continuations) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases {
        match &case.lhs.desc {
            ast::PatternDesc::Effect(effect, continuation) => {
                effects.push(UntypedCase { lhs: effect, ..*case });
                continuations.push(&**continuation);
            }
            _ => others.push(*case),
        }
    }
    (others, effects, continuations)
}

/// Lowers the contravariant variables of an expression that may not be generalised.
pub(super) fn may_lower_contravariant(cx: &Context, env: &Env, exp: &Expression) {
    if !is_nonexpansive(exp) {
        ctype::lower_contravariant(cx, env, exp.type_);
    }
}

/// Looks up a value.
pub fn type_ident(
    cx: &Context,
    env: &Env,
    recarg: Recarg,
    lid: &Loc<Longident>,
) -> Result<(Path, Rc<rocaml_types::ValueDescription>)> {
    let (path, desc) = env.lookup_value(cx, true, lid.loc, &lid.txt)?;
    let ty = cx.desc(desc.type_);
    let is_recarg = matches!(&ty, TypeDesc::Constr(Path::ExtraTy(..), ..));
    let escapes = match (is_recarg, recarg) {
        (_, Recarg::Allowed) | (true, Recarg::Required) | (false, Recarg::Rejected) => false,
        (true, Recarg::Rejected) => true,
        // Other types fail later.
        (false, Recarg::Required) => matches!(ty, TypeDesc::Var(_) | TypeDesc::Constr(..)),
    };
    if escapes {
        return error(lid.loc, env, Error::InlinedRecordEscape);
    }
    Ok((path, desc))
}

/// Types an expression whose value is discarded.
pub fn type_statement(
    cx: &Context,
    env: &Env,
    sexp: &ast::Expression,
    explanation: TypeForcingContext,
) -> Result<Expression> {
    // One more level to notice expressions that do not return.
    generalize_before(
        cx,
        || type_exp(cx, env, sexp),
        |exp| {
            let last = final_subexpression(exp);
            let ty = ctype::expand_head(cx, env, exp.type_);
            let is_loop = matches!(last.desc, ExpressionDesc::While(..));
            if btype::is_tvar(cx, ty) && cx.level(ty) > ctype::get_current_level(cx) && !is_loop {
                cx.warn(last.loc, Warning::NonreturningStatement);
            }
            if cx.options.strict_sequence {
                let unit = instance(cx, cx.predef().unit);
                return with_explanation(Some(explanation), unify_exp(cx, env, sexp, exp, unit));
            }
            check_partial_application(cx, true, exp);
            enforce_current_level(cx, env, exp.loc, ty)
        },
    )
}

// ---------------------------------------------------------------------------------------------
// Arguments

/// Types an argument: a function with optional arguments may stand for one without.
/// `expected` may be generic, `expected0` is an instance of it.
pub fn type_argument(
    cx: &Context,
    env: &Env,
    sarg: &ast::Expression,
    expected: TypeId,
    expected0: TypeId,
) -> Result<Expression> {
    type_argument_recarg(cx, env, Recarg::Rejected, sarg, expected, expected0)
}

fn no_labels(cx: &Context, env: &Env, ty: TypeId) -> bool {
    let (labels, variable) = super::application::list_labels(cx, env, ty);
    !variable && labels.iter().all(|label| *label == ArgLabel::Nolabel)
}

/// [`type_argument`] of a constructor with an inline record.
pub fn type_argument_recarg(
    cx: &Context,
    env: &Env,
    recarg: Recarg,
    sarg: &ast::Expression,
    expected: TypeId,
    expected0: TypeId,
) -> Result<Expression> {
    let may_coerce = if is_inferred(sarg) {
        // Local equations must not be expanded for good here.
        let snapshot = env.has_local_constraints().then(|| cx.snapshot());
        let head = ctype::expand_head(cx, env, expected);
        let result = match cx.desc(head) {
            TypeDesc::Arrow(ArgLabel::Nolabel, _, res, _) => Some((no_labels(cx, env, res), cx.level(head))),
            _ => None,
        };
        if let Some(snapshot) = snapshot {
            cx.backtrack(snapshot);
        }
        result
    } else {
        None
    };
    let Some((safe_expect, level)) = may_coerce else {
        let exp = type_expect_recarg(cx, env, recarg, sarg, mk_expected(expected))?;
        unify_exp(cx, env, sarg, &exp, expected0)?;
        return Ok(exp);
    };
    let exp = generalize_structure_if_principal(cx, || type_exp(cx, env, sarg))?;
    let (args, ty_fun, simple_res) = eliminated_arguments(cx, env, sarg.loc, exp.type_);
    let exp = Expression { type_: instance(cx, exp.type_), ..exp };
    if !(simple_res || safe_expect) {
        unify_exp(cx, env, sarg, &exp, expected0)?;
        return Ok(exp);
    }
    let warn = cx.options.principal && (level != GENERIC_LEVEL || cx.level(ty_fun) != GENERIC_LEVEL);
    let ty_fun = instance(cx, ty_fun);
    let (arg, res) = match cx.desc(ctype::expand_head(cx, env, expected0)) {
        TypeDesc::Arrow(ArgLabel::Nolabel, arg, res, _) => (arg, res),
        other => unreachable!("a function was expected, not {other:?}"),
    };
    unify_exp(cx, env, sarg, &Expression { type_: ty_fun, ..exp.clone() }, expected0)?;
    if args.is_empty() {
        return Ok(exp);
    }
    cx.warn(exp.loc, Warning::EliminatedOptionalArguments(args.iter().map(|(label, _)| label.to_text()).collect()));
    if warn {
        cx.warn(exp.loc, Warning::NonPrincipalLabels("eliminated optional argument".to_owned()));
    }
    Ok(eta_expand(cx, env, exp, args, ty_fun, arg, res))
}

type EliminatedArgs = Vec<(ArgLabel, Option<Expression>)>;

/// `None` for each leading optional argument, the type that is left, and whether its result has
/// no label.
fn eliminated_arguments(cx: &Context, env: &Env, loc: Location, ty: TypeId) -> (EliminatedArgs, TypeId, bool) {
    let mut args = Vec::new();
    let mut ty_fun = ty;
    loop {
        match cx.desc(ctype::expand_head(cx, env, ty_fun)) {
            TypeDesc::Arrow(label @ ArgLabel::Optional(_), arg, res, _) => {
                args.push((label, Some(option_none(cx, env, instance(cx, arg), loc))));
                ty_fun = res;
            }
            TypeDesc::Arrow(label, _, res, _) if label == ArgLabel::Nolabel || cx.options.classic => {
                return (args, ty_fun, no_labels(cx, env, res));
            }
            TypeDesc::Var(_) => return (args, ty_fun, false),
            _ => return (Vec::new(), ty, false),
        }
    }
}

/// `let arg = exp in fun eta -> arg ?l:None eta`: effects of `exp` happen once.
fn eta_expand(
    cx: &Context,
    env: &Env,
    exp: Expression,
    mut args: EliminatedArgs,
    ty_fun: TypeId,
    arg: TypeId,
    res: TypeId,
) -> Expression {
    let variable = |name: &str, ty: TypeId| {
        let name = Name::new(name);
        let id = rocaml_types::Ident::create_local(name);
        let desc = Rc::new(regular_value(cx, ty, Location::none()));
        let inner = env.add_value(cx, None, id, desc.clone());
        let pat = Pattern {
            desc: PatternDesc::Var(id, Loc::none(name), desc.uid),
            loc: Location::none(),
            extra: Vec::new(),
            type_: ty,
            env: env.clone(),
            attributes: Vec::new(),
        };
        let lid = Loc::none(Longident::Lident(name));
        (pat, mkexp(ExpressionDesc::Ident(id.into(), lid, desc), ty, Location::none(), &inner))
    };
    let (eta_pat, eta) = variable("eta", arg);
    let (let_pat, let_var) = variable("arg", exp.type_);
    args.push((ArgLabel::Nolabel, Some(eta)));
    let application =
        Expression { type_: res, desc: ExpressionDesc::Apply(Box::new(let_var.clone()), args), ..let_var.clone() };
    let param = match &eta_pat.desc {
        PatternDesc::Var(id, ..) => *id,
        _ => unreachable!("made above"),
    };
    let body = FunctionBody::Cases {
        cases: vec![Case { lhs: eta_pat, cont: None, guard: None, rhs: application }],
        partial: Partial::Total,
        param,
        loc: let_var.loc.ghost(),
        exp_extra: None,
        attributes: Vec::new(),
    };
    let function = Expression { type_: ty_fun, desc: ExpressionDesc::Function(Vec::new(), body), ..let_var };
    let binding = ValueBinding {
        pat: let_pat,
        expr: exp.clone(),
        rec_kind: RecKind::Dynamic,
        attributes: Vec::new(),
        loc: Location::none(),
    };
    Expression {
        type_: ty_fun,
        desc: ExpressionDesc::Let(RecFlag::Nonrecursive, vec![binding], Box::new(function)),
        ..exp
    }
}

/// The operator of a binding: kept here for [`type_letop`].
pub(super) fn binding_op(
    op_path: Path,
    op_name: Loc<Name>,
    op_val: Rc<rocaml_types::ValueDescription>,
    op_type: TypeId,
    exp: Expression,
    loc: Location,
) -> BindingOp {
    BindingOp { op_path, op_name, op_val, op_type, exp, loc }
}
