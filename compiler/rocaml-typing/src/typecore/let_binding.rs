//! `let` bindings.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attributes};
use rocaml_syntax::asttypes::{ClosedFlag, RecFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{self, Env};
use rocaml_types::{Path, TypeDesc, TypeId, Uid};

use super::approx::type_approx;
use super::base::{
    generalize_before, generalize_before_if, generalize_structure_if_principal, instance, mk_expected, proper_exp_loc,
    unify_exp, unify_exp_types, unify_pat,
};
use super::cases::may_contain_modules;
use super::checks::{check_partial_application, check_univars, pattern_needs_partial_application_check};
use super::counterexample::check_partial;
use super::error::{Error, ExistentialRestriction, error};
use super::expression::{Typer, type_expect};
use super::nonexpansive::is_nonexpansive;
use super::pattern::{exists_ppat, finalize_variants, has_variants, type_pattern_list};
use super::pattern_state::{
    AllowModules, ModuleVariable, PatternVariable, add_module_variables, add_pattern_variables,
    maybe_add_pattern_variables_ghost, unused_var, unused_var_strict,
};
use crate::Result;
use crate::attributes::{warning_scope, warning_scope_with};
use crate::parmatch::{self, Case as MatchCase};
use crate::rec_check;
use crate::typedtree::{
    Expression, ExpressionDesc, Pattern, PatternDesc, RecKind, ValueBinding, let_bound_idents, pat_bound_idents,
};
use crate::typetexp::vars;

/// Makes the warning of an unused variable.
pub type Check = fn(String) -> Warning;

/// Whether `let p = e` is typed as a match: the expression first.
pub fn turn_let_into_match(spat: &ast::Pattern) -> bool {
    exists_ppat(spat, &|p| match &p.desc {
        ast::PatternDesc::Construct(..) | ast::PatternDesc::Tuple(_, ClosedFlag::Open) => true,
        ast::PatternDesc::Tuple(parts, ClosedFlag::Closed) => parts.iter().any(|(label, _)| label.is_some()),
        _ => false,
    })
}

fn expression(desc: ast::ExpressionDesc, loc: Location) -> ast::Expression {
    ast::Expression { desc, loc, loc_stack: Vec::new(), attributes: Vec::new() }
}

/// The bound expression with the annotation of its binding.
pub fn vb_exp_constraint(binding: &ast::ValueBinding) -> Cow<'_, ast::Expression> {
    let expr = &binding.expr;
    let loc = expr.loc.ghost();
    let constrained = |typ: &ast::CoreType, loc| {
        expression(ast::ExpressionDesc::Constraint(Box::new(expr.clone()), Box::new(typ.clone())), loc)
    };
    match &binding.constraint {
        None => Cow::Borrowed(expr),
        Some(ast::ValueConstraint::Constraint { locally_abstract_univars, typ }) => {
            if !locally_abstract_univars.is_empty() {
                let loc = Location { start: binding.pat.loc.start, ..loc };
                return Cow::Owned(locally_abstract_univars.iter().rev().fold(constrained(typ, loc), |body, name| {
                    expression(ast::ExpressionDesc::NewType(*name, Box::new(body)), loc)
                }));
            }
            match typ.desc {
                ast::CoreTypeDesc::Poly(..) => Cow::Borrowed(expr),
                _ => Cow::Owned(constrained(typ, loc)),
            }
        }
        Some(ast::ValueConstraint::Coercion { ground, coercion }) => {
            let desc = ast::ExpressionDesc::Coerce(
                Box::new(expr.clone()),
                ground.clone().map(Box::new),
                Box::new(coercion.clone()),
            );
            Cow::Owned(expression(desc, loc))
        }
    }
}

/// The pattern with the annotation of its binding.
fn vb_pat_constraint(cx: &Context, binding: &ast::ValueBinding) -> ast::Pattern {
    let pat = &binding.pat;
    let constrain = |styp: ast::CoreType, loc: Location| ast::Pattern {
        desc: ast::PatternDesc::Constraint(Box::new(pat.clone()), Box::new(styp)),
        loc,
        loc_stack: Vec::new(),
        attributes: Vec::new(),
    };
    match (&binding.constraint, &pat.desc, &binding.expr.desc) {
        (Some(ast::ValueConstraint::Constraint { locally_abstract_univars, typ }), ..) => {
            if locally_abstract_univars.is_empty() {
                return constrain(typ.clone(), pat.loc.ghost());
            }
            let mut body = typ.clone();
            varify_constructors(locally_abstract_univars, &mut body);
            let poly = ast::CoreType {
                desc: ast::CoreTypeDesc::Poly(locally_abstract_univars.clone(), Box::new(body)),
                loc: typ.loc,
                loc_stack: Vec::new(),
                attributes: Vec::new(),
            };
            constrain(poly, Location { end: typ.loc.end, ghost: true, ..pat.loc })
        }
        (Some(ast::ValueConstraint::Coercion { coercion, .. }), ..) => constrain(coercion.clone(), pat.loc.ghost()),
        (None, ast::PatternDesc::Any | ast::PatternDesc::Constraint(..), _) => pat.clone(),
        (None, _, ast::ExpressionDesc::Coerce(_, _, styp) | ast::ExpressionDesc::Constraint(_, styp))
            if cx.options.principal =>
        {
            constrain((**styp).clone(), pat.loc.ghost())
        }
        _ => pat.clone(),
    }
}

/// Turns the local types `names` into variables.
fn varify_constructors(names: &[Loc<rocaml_base::Name>], styp: &mut ast::CoreType) {
    use ast::CoreTypeDesc::*;
    let mut go = |styp: &mut ast::CoreType| varify_constructors(names, styp);
    match &mut styp.desc {
        Constr(lid, args) => match lid.txt {
            Longident::Lident(name) if args.is_empty() && names.iter().any(|n| n.txt == name) => {
                styp.desc = Var(name);
            }
            _ => args.iter_mut().for_each(go),
        },
        Any | Var(_) | Extension(_) => {}
        Arrow(_, a, b) => {
            go(a);
            go(b);
        }
        Tuple(parts) => parts.iter_mut().for_each(|(_, part)| go(part)),
        Object(fields, _) => fields.iter_mut().for_each(|field| match &mut field.desc {
            ast::ObjectFieldDesc::Tag(_, ty) | ast::ObjectFieldDesc::Inherit(ty) => go(ty),
        }),
        Class(_, args) => args.iter_mut().for_each(go),
        Alias(body, _) | Poly(_, body) | Open(_, body) => go(body),
        Variant(fields, ..) => fields.iter_mut().for_each(|field| match &mut field.desc {
            ast::RowFieldDesc::Tag(_, _, args) => args.iter_mut().for_each(&mut go),
            ast::RowFieldDesc::Inherit(ty) => go(ty),
        }),
        Package(package) => package.cstrs.iter_mut().for_each(|(_, ty)| go(ty)),
    }
}

/// `let … in …`
pub(super) fn type_let_expression(
    typer: &Typer<'_>,
    rec_flag: RecFlag,
    sbindings: &[ast::ValueBinding],
    sbody: &ast::Expression,
) -> Result<Expression> {
    let (cx, env) = (typer.cx, typer.env);
    let restriction = if rec_flag == RecFlag::Recursive {
        ExistentialRestriction::InRec
    } else if sbindings.len() > 1 {
        ExistentialRestriction::InGroup
    } else {
        ExistentialRestriction::WithAttributes
    };
    let has_modules = sbindings.iter().any(|binding| may_contain_modules(&binding.pat));
    let outer_level = ctype::get_current_level(cx);
    let (bindings, body, _) = generalize_before_if(
        cx,
        has_modules,
        || {
            let allow_modules = if has_modules {
                AllowModules::Allowed { scope: ctype::create_scope(cx) }
            } else {
                AllowModules::Rejected
            };
            let checks = (unused_var as Check, unused_var_strict as Check);
            let (bindings, new_env) = type_let_with(cx, env, restriction, rec_flag, sbindings, allow_modules, checks)?;
            let body = type_expect(cx, &new_env, sbody, typer.expected)?;
            let bindings = match rec_flag {
                RecFlag::Recursive => annotate_recursive_bindings(cx, env, bindings)?,
                RecFlag::Nonrecursive => bindings,
            };
            // The types of a recursive module's definitions may mention it.
            if rec_flag == RecFlag::Recursive && has_modules {
                for binding in &bindings {
                    let ty = instance(cx, binding.expr.type_);
                    let outer = ctype::newvar2(cx, outer_level, None);
                    unify_exp_types(cx, &new_env, proper_exp_loc(&binding.expr), ty, outer)?;
                }
            }
            Ok((bindings, body, new_env))
        },
        |(_, body, new_env)| unify_exp(cx, new_env, typer.sexp, body, ctype::newvar(cx)),
    )?;
    let ty = body.type_;
    Ok(typer.make(ExpressionDesc::Let(rec_flag, bindings, Box::new(body)), ty))
}

/// Checks the definitions of a `let rec` and tells how each is compiled.
pub fn annotate_recursive_bindings(cx: &Context, env: &Env, bindings: Vec<ValueBinding>) -> Result<Vec<ValueBinding>> {
    let ids = let_bound_idents(&bindings);
    let annotate = |binding: ValueBinding| match rec_check::is_valid_recursive_expression(cx, &ids, &binding.expr) {
        None => error(binding.expr.loc, env, Error::IllegalLetrecExpr),
        Some(rec_kind) => Ok(ValueBinding { rec_kind, ..binding }),
    };
    bindings.into_iter().map(annotate).collect()
}

/// Whether the binding is what `?(p = e)` of a class stands for: `p` is a parameter then.
fn is_optional_default(sbindings: &[ast::ValueBinding]) -> bool {
    let is_option = |e: &ast::Expression| matches!(&e.desc, ast::ExpressionDesc::Ident(lid) if lid.txt == Longident::Lident(Name::new("*opt*")));
    matches!(sbindings, [ast::ValueBinding { expr, .. }]
        if matches!(&expr.desc, ast::ExpressionDesc::Match(scrutinee, _) if is_option(scrutinee)))
}

/// A bound expression, and the variables of its polymorphic annotation.
type BoundExpression = (Expression, Option<Vec<TypeId>>);

/// Types bindings: the typed bindings and the environment with their variables. The checks are
/// for variables none of whose pattern is used, and for others.
pub fn type_let_with(
    cx: &Context,
    env: &Env,
    restriction: ExistentialRestriction,
    rec_flag: RecFlag,
    sbindings: &[ast::ValueBinding],
    allow_modules: AllowModules,
    checks: (Check, Check),
) -> Result<(Vec<ValueBinding>, Env)> {
    let is_recursive = rec_flag == RecFlag::Recursive;
    let (pats, exps, new_env, modules) = generalize_before(
        cx,
        || {
            if restriction == ExistentialRestriction::AtToplevel {
                vars::reset(cx);
            }
            let checks = if is_optional_default(sbindings) { (checks.1, checks.1) } else { checks };
            let let_ = Let { cx, env, sbindings, is_recursive, checks };
            let_.patterns_and_expressions(restriction, allow_modules)
        },
        |(pats, exps, ..)| {
            for ((pat, _), (exp, vars)) in pats.iter().zip(exps) {
                if !is_nonexpansive(exp) {
                    ctype::lower_contravariant(cx, env, pat.type_);
                    if vars.is_some() {
                        ctype::lower_contravariant(cx, env, exp.type_);
                    }
                }
            }
            Ok(())
        },
    )?;
    for ((_, expected), (exp, vars)) in pats.iter().zip(&exps) {
        if let Some(vars) = vars {
            check_univars(cx, env, "definition", exp, *expected, vars)?;
        }
    }
    let bindings: Vec<ValueBinding> = pats
        .into_iter()
        .zip(exps)
        .zip(sbindings)
        .map(|(((pat, _), (expr, _)), sbinding)| ValueBinding {
            pat,
            expr,
            // Found later for recursive bindings.
            rec_kind: if is_recursive { RecKind::Dynamic } else { RecKind::NotRecursive },
            attributes: sbinding.attributes.clone(),
            loc: sbinding.loc,
        })
        .collect();
    for binding in &bindings {
        let is_variable = match &binding.pat.desc {
            PatternDesc::Var(..) => true,
            PatternDesc::Alias(p, ..) => matches!(p.desc, PatternDesc::Any),
            _ => false,
        };
        if is_recursive && !is_variable {
            return error(binding.pat.loc, env, Error::IllegalLetrecPat);
        }
    }
    for binding in &bindings {
        if pattern_needs_partial_application_check(&binding.pat) {
            check_partial_application(cx, false, &binding.expr);
        }
    }
    // Modules can only be unpacked once the expressions have their types.
    let new_env = add_module_variables(cx, &new_env, &modules)?;
    Ok((bindings, new_env))
}

struct Let<'a> {
    cx: &'a Context,
    env: &'a Env,
    sbindings: &'a [ast::ValueBinding],
    is_recursive: bool,
    checks: (Check, Check),
}

type TypedLet = (Vec<(Pattern, TypeId)>, Vec<BoundExpression>, Env, Vec<ModuleVariable>);

impl Let<'_> {
    fn patterns_and_expressions(
        &self,
        restriction: ExistentialRestriction,
        allow_modules: AllowModules,
    ) -> Result<TypedLet> {
        let (cx, env) = (self.cx, self.env);
        let spats: Vec<(&Attributes, ast::Pattern)> =
            self.sbindings.iter().map(|b| (&b.attributes, vb_pat_constraint(cx, b))).collect();
        let typed = generalize_structure_if_principal(cx, || {
            let vars: Vec<TypeId> = spats.iter().map(|_| ctype::newvar(cx)).collect();
            let typed = type_pattern_list(cx, restriction, env, &spats, &vars, allow_modules)?;
            if self.is_recursive {
                for (pat, binding) in typed.pats.iter().zip(self.sbindings) {
                    self.unify_with_approximation(pat, binding)?;
                }
            }
            for pat in typed.pats.iter().filter(|pat| has_variants(pat)) {
                parmatch::pressure_variants(cx, env, std::slice::from_ref(pat));
                finalize_variants(cx, pat)?;
            }
            Ok(typed)
        })?;
        let new_env = add_pattern_variables(cx, &typed.env, &typed.variables, None, None);
        let pats: Vec<(Pattern, TypeId)> = typed
            .pats
            .into_iter()
            .map(|pat| {
                let ty = pat.type_;
                (Pattern { type_: instance(cx, ty), ..pat }, ty)
            })
            .collect();
        for force in typed.force.into_iter().rev() {
            force.run(cx)?;
        }
        let exp_env = if self.is_recursive { add_module_variables(cx, &new_env, &typed.modules)? } else { env.clone() };
        let exps = self.expressions(&exp_env, &new_env, &pats, &typed.variables)?;
        for (((attributes, _), (pat, _)), (exp, _)) in spats.iter().zip(&pats).zip(&exps) {
            warning_scope_with(cx, attributes, false, || {
                let needs_refute = matches!(exp.desc, ExpressionDesc::Unreachable);
                let case = MatchCase { pattern: pat.clone(), has_guard: false, needs_refute };
                check_partial(cx, env, pat.type_, pat.loc, &[case])
            })?;
        }
        Ok((pats, exps, new_env, typed.modules))
    }

    fn unify_with_approximation(&self, pat: &Pattern, binding: &ast::ValueBinding) -> Result<()> {
        let cx = self.cx;
        let type_ = match cx.desc(pat.type_) {
            TypeDesc::Poly(body, univars) => ctype::instance_poly(cx, true, false, &univars, body).1,
            _ => pat.type_,
        };
        let approximation = type_approx(cx, self.env, &vb_exp_constraint(binding))?;
        unify_pat(cx, self.env, &Pattern { type_, ..pat.clone() }, approximation)
    }

    fn expression(&self, env: &Env, binding: &ast::ValueBinding, expected: TypeId) -> Result<BoundExpression> {
        let cx = self.cx;
        let sexp = vb_exp_constraint(binding);
        let typed = |ty| warning_scope(cx, &binding.attributes, || type_expect(cx, env, &sexp, mk_expected(ty)));
        let TypeDesc::Poly(body, univars) = cx.desc(expected) else { return Ok((typed(expected)?, None)) };
        let (vars, ty) =
            generalize_structure_if_principal(cx, || Ok(ctype::instance_poly(cx, true, true, &univars, body)))?;
        Ok((typed(ty)?, Some(vars)))
    }

    /// Types the expressions, watching the use of the variables.
    ///
    /// While a definition of a recursive group is typed, the variables it uses are noted; when
    /// one of its own variables is used later, they count as used in turn.
    fn expressions(
        &self,
        exp_env: &Env,
        new_env: &Env,
        pats: &[(Pattern, TypeId)],
        variables: &[PatternVariable],
    ) -> Result<Vec<BoundExpression>> {
        let cx = self.cx;
        let all_functions = self.sbindings.iter().all(|b| matches!(b.expr.desc, ast::ExpressionDesc::Function(..)));
        // A missing `rec` is likely when functions are defined.
        let exp_env = match self.sbindings.first() {
            Some(first) if !self.is_recursive && all_functions => {
                &maybe_add_pattern_variables_ghost(first.loc, exp_env, variables)
            }
            _ => exp_env,
        };
        let watch = Watch::default();
        let mut slots = Vec::new();
        for ((pat, _), binding) in pats.iter().zip(self.sbindings) {
            slots.push(warning_scope_with(cx, &binding.attributes, false, || self.watch(&watch, new_env, pat)));
        }
        let mut exps = Vec::new();
        for ((binding, (_, expected)), slot) in self.sbindings.iter().zip(pats).zip(slots) {
            if self.is_recursive {
                *watch.current.borrow_mut() = slot;
            }
            exps.push(self.expression(exp_env, binding, *expected)?);
        }
        *watch.current.borrow_mut() = None;
        if self.is_recursive
            && !watch.rec_needed.get()
            && let Some(first) = self.sbindings.first()
        {
            warning_scope_with(cx, &first.attributes, false, || cx.warn(first.pat.loc, Warning::UnusedRecFlag));
        }
        Ok(exps)
    }

    fn watch(&self, watch: &Watch, new_env: &Env, pat: &Pattern) -> Option<Slot> {
        let cx = self.cx;
        let (check, check_strict) = self.checks;
        let is_active = cx.is_active(check(String::new()).number())
            || cx.is_active(check_strict(String::new()).number())
            || self.is_recursive && cx.is_active(39);
        if !is_active {
            return None;
        }
        let some_used = Rc::new(Cell::new(false));
        let slot: Slot = Rc::default();
        for id in pat_bound_idents(pat) {
            let Some(desc) = new_env.find_value(cx, &Path::Ident(id)) else { continue };
            let name = id.name();
            let used = Rc::new(Cell::new(false));
            if !name.is_empty() && !name.starts_with(['_', '#']) {
                let (used, some_used, loc) = (used.clone(), some_used.clone(), desc.loc);
                cx.add_delayed_check(move |cx| {
                    if !used.get() {
                        let check = if some_used.get() { check_strict } else { check };
                        cx.warn(loc, check(name.to_string()));
                    }
                });
            }
            let (watch, slot, some_used, uid) = (watch.clone(), slot.clone(), some_used.clone(), desc.uid);
            let callback = move |cx: &Context| {
                let current = watch.current.borrow().clone();
                if let Some(current) = current {
                    current.borrow_mut().push(uid);
                    watch.rec_needed.set(true);
                } else {
                    let uids = std::mem::take(&mut *slot.borrow_mut());
                    uids.into_iter().rev().for_each(|uid| env::mark_value_used(cx, uid));
                    used.set(true);
                    some_used.set(true);
                }
            };
            env::set_value_used_callback(cx, &desc, Rc::new(callback));
        }
        Some(slot)
    }
}

/// The variables that a definition uses.
type Slot = Rc<RefCell<Vec<Uid>>>;

/// The definition being typed, and whether any used a variable of the group.
#[derive(Clone, Default)]
struct Watch {
    current: Rc<RefCell<Option<Slot>>>,
    rec_needed: Rc<Cell<bool>>,
}
