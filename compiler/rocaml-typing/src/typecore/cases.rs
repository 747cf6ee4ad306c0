//! Cases of a match: all patterns first, then the bodies, each under the equations of its
//! pattern; then the checks of the match as a whole.

use std::cell::RefCell;
use std::rc::Rc;

use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::predef;
use rocaml_types::subst::Subst;
use rocaml_types::{AbstractOrigin, Ident, Level, RowField, TypeDesc, TypeId};

use super::base::{
    check_scope_escape, enforce_current_level, generalize, generalize_structure, generalize_structure_if_principal,
    instance, mk_expected_because, unify_exp_types, unify_pat_types,
};
use super::counterexample::{check_partial_at, check_unused};
use super::error::{Error, TypeExpected, TypeForcingContext, error};
use super::expression::type_expect;
use super::pattern::{
    Category, TypedPattern, check_absent_variant, exists_ppat, finalize_variants, has_variants, type_pattern,
};
use super::pattern_state::{
    AllowModules, Continuation, VariableKind, add_module_variables, add_pattern_variables, type_continuation_pat,
    unused_var, unused_var_strict,
};
use crate::Result;
use crate::parmatch::{self, Case as MatchCase};
use crate::rows;
use crate::typedtree::{Case, Expression, Partial, Pattern, PatternDesc, as_computation_pattern, split_pattern};

/// A case to be typed. Its parts need not stand together in a tree: trees are big, and none is copied to make a case.
#[derive(Clone, Copy)]
pub struct UntypedCase<'a> {
    pub lhs: &'a ast::Pattern,
    pub guard: Option<&'a ast::Expression>,
    pub rhs: &'a ast::Expression,
}

impl<'a> UntypedCase<'a> {
    /// The cases of a tree.
    pub fn all(cases: &'a [ast::Case]) -> Vec<UntypedCase<'a>> {
        let case = |case: &'a ast::Case| UntypedCase { lhs: &case.lhs, guard: case.guard.as_ref(), rhs: &case.rhs };
        cases.iter().map(case).collect()
    }

    fn untyped(&self) -> MatchCase<&'a ast::Pattern> {
        MatchCase {
            pattern: self.lhs,
            has_guard: self.guard.is_some(),
            needs_refute: matches!(self.rhs.desc, ast::ExpressionDesc::Unreachable),
        }
    }
}

/// A case of which the pattern is typed, as its body sees it.
pub struct HalfTyped<'a> {
    pub pat: &'a Pattern,
    /// Without the continuation: for the guard.
    pub when_env: &'a Env,
    pub ext_env: &'a Env,
    pub continuation: Option<Ident>,
    pub expected: TypeId,
    /// The type that the case is given.
    pub infer: TypeId,
    pub contains_gadt: bool,
}

fn contains_polymorphic_variant(spat: &ast::Pattern) -> bool {
    exists_ppat(spat, &|p| matches!(p.desc, ast::PatternDesc::Variant(..) | ast::PatternDesc::Type(_)))
}

/// Any constructor may be a GADT's before disambiguation.
fn may_contain_gadts(spat: &ast::Pattern) -> bool {
    exists_ppat(spat, &|p| matches!(p.desc, ast::PatternDesc::Construct(..)))
}

/// Whether a pattern binds modules.
pub fn may_contain_modules(spat: &ast::Pattern) -> bool {
    exists_ppat(spat, &|p| matches!(p.desc, ast::PatternDesc::Unpack(_)))
}

fn contains_gadt(pat: &Pattern) -> bool {
    pat.exists(&|p| matches!(&p.desc, PatternDesc::Construct(_, constr, ..) if constr.generalized))
}

fn contains_variant_either(cx: &Context, ty: TypeId) -> bool {
    let mut found = false;
    btype::iter_nodes(cx, ty, &mut btype::TypeSet::default(), &mut |ty| {
        if let TypeDesc::Variant(row) = cx.desc(ty)
            && !btype::is_fixed(cx, &row)
        {
            let fields = rows::fields(cx, &row);
            found |= fields.iter().any(|(_, f)| matches!(cx.row_field(f), RowField::Either { .. }));
        }
    });
    found
}

fn is_variable(spat: &ast::Pattern) -> bool {
    match &spat.desc {
        ast::PatternDesc::Any | ast::PatternDesc::Var(_) => true,
        ast::PatternDesc::Alias(p, _) => is_variable(p),
        _ => false,
    }
}

/// What the pattern of a case was found to be.
struct HalfCase {
    pat: Pattern,
    type_for_unif: TypeId,
    typed: TypedPattern,
    contains_gadt: bool,
}

/// Types cases with a body of any kind.
///
/// `type_body` is called for each case once all patterns are typed. `also_check` is given the
/// cases that match values, then those that match exceptions, by index.
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
pub fn map_half_typed_cases<D: Copy, R>(
    cx: &Context,
    category: Category,
    env: &Env,
    ty_arg: TypeId,
    ty_res: TypeId,
    loc: Location,
    cases: &[(MatchCase<&ast::Pattern>, D)],
    continuations: Option<&[Option<Continuation>]>,
    check_if_total: bool,
    type_body: &mut dyn FnMut(D, HalfTyped<'_>) -> Result<R>,
    also_check: &mut dyn FnMut(&[(Pattern, &R)]),
) -> Result<(Vec<R>, Partial)> {
    let patterns = || cases.iter().map(|(case, _)| case.pattern);
    let contains_polyvars = patterns().any(contains_polymorphic_variant);
    let erase_either = contains_polyvars && contains_variant_either(cx, ty_arg);
    let may_contain_gadts = patterns().any(may_contain_gadts);
    let may_contain_modules = patterns().any(may_contain_modules);
    let create_inner_level = may_contain_gadts || may_contain_modules;
    let principal = cx.options.principal;
    let ty_arg =
        if (may_contain_gadts || erase_either) && !principal { ctype::duplicate_type(cx, ty_arg) } else { ty_arg };
    let needs_exhaust_check = match cases {
        [(case, _)] => case.needs_refute || !is_variable(case.pattern),
        _ => true,
    };
    let outer_level = ctype::get_current_level(cx);
    let mut escape = Ok(());
    let typed = ctype::with_local_level_if(
        cx,
        create_inner_level,
        |cx| -> Result<(Vec<R>, Partial, TypeId)> {
            let level = ctype::get_current_level(cx);
            let allow_modules =
                if may_contain_modules { AllowModules::Allowed { scope: level } } else { AllowModules::Rejected };
            let matching = Matching { cx, category, env, level, outer_level, allow_modules, erase_either };
            let (half, ty_res, copy_types, ty_arg2) =
                generalize(cx, || matching.patterns(ty_arg, ty_res, cases, continuations))?;
            let infer = instance(cx, ty_res);
            let results = ctype::with_local_level_if_principal(
                cx,
                |_| matching.bodies(&half, cases, continuations, ty_res, infer, &copy_types, type_body),
                |_, _| {},
            )?;
            let do_init = may_contain_gadts || needs_exhaust_check;
            let ty_check = if do_init { Subst::identity().for_saving().type_expr(cx, ty_arg2) } else { ty_arg2 };
            let (values, exceptions) = matching.split(&half, cases)?;
            if values.is_empty() && !exceptions.is_empty() {
                return error(loc, env, Error::NoValueClauses);
            }
            let only = |cases: &[(MatchCase<Pattern>, usize)]| -> Vec<MatchCase<Pattern>> {
                cases.iter().map(|(case, _)| case.clone()).collect()
            };
            let (value_cases, exception_cases) = (only(&values), only(&exceptions));
            let partial = if check_if_total {
                check_partial_at(cx, level, env, ty_check, loc, &value_cases)?
            } else {
                Partial::Partial
            };
            matching.unused(&half, value_cases, exception_cases, ty_check, contains_polyvars)?;
            for split in [&values, &exceptions] {
                let with_results: Vec<(Pattern, &R)> =
                    split.iter().map(|(case, i)| (case.pattern.clone(), &results[*i])).collect();
                also_check(&with_results);
            }
            Ok((results, partial, infer))
        },
        |cx, typed| {
            // Existential types do not escape.
            if let Ok((_, _, infer)) = typed {
                escape = unify_exp_types(cx, env, loc, *infer, ctype::newvar(cx));
            }
        },
    );
    let (results, partial, _) = typed?;
    escape?;
    Ok((results, partial))
}

type CopyTypes = Option<Box<dyn Fn(&Env) -> Env>>;

struct Matching<'a> {
    cx: &'a Context,
    category: Category,
    env: &'a Env,
    level: Level,
    outer_level: Level,
    allow_modules: AllowModules,
    erase_either: bool,
}

impl Matching<'_> {
    fn continuation<'c>(continuations: Option<&'c [Option<Continuation>]>, i: usize) -> Option<&'c Continuation> {
        continuations.and_then(|all| all[i].as_ref())
    }

    fn as_computation(&self, pat: &Pattern) -> Pattern {
        match self.category {
            Category::Value => as_computation_pattern(pat.clone()),
            Category::Computation => pat.clone(),
        }
    }

    fn patterns<D>(
        &self,
        ty_arg: TypeId,
        ty_res: TypeId,
        cases: &[(MatchCase<&ast::Pattern>, D)],
        continuations: Option<&[Option<Continuation>]>,
    ) -> Result<(Vec<HalfCase>, TypeId, CopyTypes, TypeId)> {
        let (cx, env) = (self.cx, self.env);
        let mut half = Vec::new();
        let mut force = Vec::new();
        for (i, (case, _)) in cases.iter().enumerate() {
            let mut typed = self.one_pattern(case.pattern, ty_arg, Self::continuation(continuations, i))?;
            force.push(std::mem::take(&mut typed.typed.force));
            half.push(typed);
        }
        let has_gadt = half.iter().any(|case| case.contains_gadt);
        let (ty_res, copy_types): (TypeId, CopyTypes) = if has_gadt && !cx.options.principal {
            (ctype::duplicate_type(cx, ty_res), Some(env.make_copy_of_types()))
        } else {
            (ty_res, None)
        };
        // Delayed, so that the order of cases does not matter.
        let ty_arg2 = ctype::newvar(cx);
        let unify_all = |ty| -> Result<()> {
            half.iter().try_for_each(|case| unify_pat_types(cx, env, case.pat.loc, case.type_for_unif, ty))
        };
        unify_all(ty_arg2)?;
        if half.iter().any(|case| has_variants(&case.pat)) {
            let patterns: Vec<Pattern> = half.iter().map(|case| self.as_computation(&case.pat)).collect();
            parmatch::pressure_variants_in_computation_pattern(cx, env, &patterns);
            for case in &half {
                finalize_variants(cx, &case.pat)?;
            }
        }
        // From here on, unifications may reach beyond the patterns.
        for case_force in force.into_iter().rev() {
            for force in case_force.into_iter().rev() {
                force.run(cx)?;
            }
        }
        if self.erase_either {
            unify_all(instance(cx, ty_arg))?;
        }
        for case in &half {
            for variable in &case.typed.variables {
                enforce_current_level(cx, env, variable.loc, variable.type_)?;
            }
        }
        Ok((half, ty_res, copy_types, ty_arg2))
    }

    fn one_pattern(
        &self,
        spat: &ast::Pattern,
        ty_arg: TypeId,
        continuation: Option<&Continuation>,
    ) -> Result<HalfCase> {
        let (cx, env) = (self.cx, self.env);
        let (typed, ty_arg) = generalize_structure_if_principal(cx, || {
            let ty_arg = generalize_structure(cx, || {
                Ok(if self.erase_either { ctype::instance_partial(cx, false, ty_arg) } else { instance(cx, ty_arg) })
            })?;
            let (category, modules) = (self.category, self.allow_modules);
            let typed = type_pattern(cx, category, self.level, env, spat, ty_arg, continuation, modules)?;
            Ok((typed, ty_arg))
        })?;
        // No ambivalent type leaves its branch.
        check_scope_escape(cx, env, typed.pat.loc, self.outer_level, ty_arg)?;
        let pat = Pattern { type_: instance(cx, typed.pat.type_), ..typed.pat.clone() };
        Ok(HalfCase { contains_gadt: contains_gadt(&pat), pat, type_for_unif: ty_arg, typed })
    }

    #[allow(clippy::too_many_arguments)]
    fn bodies<D: Copy, R>(
        &self,
        half: &[HalfCase],
        cases: &[(MatchCase<&ast::Pattern>, D)],
        continuations: Option<&[Option<Continuation>]>,
        ty_res: TypeId,
        infer: TypeId,
        copy_types: &CopyTypes,
        type_body: &mut dyn FnMut(D, HalfTyped<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        let cx = self.cx;
        let mut results = Vec::new();
        for (i, (case, (_, data))) in half.iter().zip(cases).enumerate() {
            let branch = match copy_types {
                Some(copy) if case.contains_gadt => copy(&case.typed.env),
                _ => case.typed.env.clone(),
            };
            let (continuation, variables): (Vec<_>, Vec<_>) =
                case.typed.variables.iter().cloned().partition(|v| v.kind == VariableKind::Continuation);
            let add =
                |env: &Env, vars: &[_]| add_pattern_variables(cx, env, vars, Some(unused_var_strict), Some(unused_var));
            let when_env = add_module_variables(cx, &add(&branch, &variables), &case.typed.modules)?;
            let ext_env = add(&when_env, &continuation);
            // A generic copy lets what earlier branches told of the result through.
            let expected =
                if case.contains_gadt && !cx.options.principal { ctype::duplicate_type(cx, ty_res) } else { ty_res };
            let half = HalfTyped {
                pat: &case.pat,
                when_env: &when_env,
                ext_env: &ext_env,
                continuation: Self::continuation(continuations, i).map(|(id, _)| *id),
                expected,
                infer,
                contains_gadt: case.contains_gadt,
            };
            results.push(type_body(*data, half)?);
        }
        Ok(results)
    }

    /// The cases for values and those for exceptions, each with its index.
    #[allow(clippy::type_complexity)]
    fn split<D>(
        &self,
        half: &[HalfCase],
        cases: &[(MatchCase<&ast::Pattern>, D)],
    ) -> Result<(Vec<(MatchCase<Pattern>, usize)>, Vec<(MatchCase<Pattern>, usize)>)> {
        let (mut values, mut exceptions) = (Vec::new(), Vec::new());
        for (i, (half, (case, _))) in half.iter().zip(cases).enumerate() {
            if self.category == Category::Value {
                values.push((case.with(half.pat.clone()), i));
                continue;
            }
            let (value, exception) = split_pattern(&half.pat);
            if value.is_some() && exception.is_some() && case.has_guard {
                let e = Error::MixedValueAndExceptionPatternsUnderGuard;
                return error(half.pat.loc, self.env, e);
            }
            values.extend(value.map(|pat| (case.with(pat), i)));
            exceptions.extend(exception.map(|pat| (case.with(pat), i)));
        }
        Ok((values, exceptions))
    }

    /// Looks for useless cases: at the end, if tags may still be decided.
    fn unused(
        &self,
        half: &[HalfCase],
        values: Vec<MatchCase<Pattern>>,
        exceptions: Vec<MatchCase<Pattern>>,
        ty_check: TypeId,
        delayed: bool,
    ) -> Result<()> {
        let env = self.env.clone();
        let level = self.level;
        let patterns: Vec<(Pattern, Env)> =
            half.iter().map(|case| (case.pat.clone(), case.typed.env.clone())).collect();
        let check = move |cx: &Context| -> Result<()> {
            for (pat, branch) in &patterns {
                check_absent_variant(cx, branch, pat)?;
            }
            ctype::with_level_if(cx, delayed, level, |cx| {
                check_unused(cx, level, &env, ty_check, &values)?;
                check_unused(cx, level, &env, cx.predef().exn, &exceptions)
            })
        };
        if !delayed {
            return check(self.cx);
        }
        let failure = super::delayed_failure(self.cx);
        self.cx.add_delayed_check(move |cx| {
            if let Err(e) = check(cx) {
                failure.borrow_mut().get_or_insert(e);
            }
        });
        Ok(())
    }
}

/// Types the cases of a match; `continuations` go with effect cases.
#[allow(clippy::too_many_arguments)]
pub fn type_cases(
    cx: &Context,
    category: Category,
    env: &Env,
    ty_arg: TypeId,
    expected: TypeExpected,
    loc: Location,
    cases: &[UntypedCase<'_>],
    continuations: Option<&[Option<Continuation>]>,
    check_if_total: bool,
) -> Result<(Vec<Case>, Partial)> {
    let untyped: Vec<_> = cases.iter().map(|case| (case.untyped(), *case)).collect();
    map_half_typed_cases(
        cx,
        category,
        env,
        ty_arg,
        expected.ty,
        loc,
        &untyped,
        continuations,
        check_if_total,
        &mut |case: UntypedCase<'_>, half: HalfTyped<'_>| {
            // The guard does not see the continuation, which it might use up.
            let bool_ = mk_expected_because(cx.predef().bool, TypeForcingContext::WhenGuard);
            let guard = case.guard.map(|guard| type_expect(cx, half.when_env, guard, bool_)).transpose()?;
            let body = TypeExpected { ty: half.expected, ..expected };
            let rhs = type_expect(cx, half.ext_env, case.rhs, body)?;
            Ok(Case {
                lhs: half.pat.clone(),
                cont: half.continuation,
                guard,
                rhs: Expression { type_: half.infer, ..rhs },
            })
        },
        &mut |cases| {
            let cases: Vec<_> = cases.iter().map(|(pat, case)| (pat, case.guard.as_ref())).collect();
            parmatch::check_ambiguous_bindings(cx, &cases);
        },
    )
}

/// Types the effect cases of a handler: the effect's result is an abstract type of each.
pub fn type_effect_cases(
    cx: &Context,
    env: &Env,
    expected: TypeExpected,
    loc: Location,
    cases: &[UntypedCase<'_>],
    continuations: &[&ast::Pattern],
) -> Result<Vec<Case>> {
    ctype::with_local_level(cx, |cx| {
        let decl = ctype::new_local_type(cx, loc, None, AbstractOrigin::Definition);
        let scope = ctype::create_scope(cx);
        let name = ctype::get_new_abstract_name(cx, env, "%eff");
        let id = Ident::create_scoped(scope, name);
        let inner = env.add_type(cx, false, id, Rc::new(decl));
        let effect = TypeDesc::Constr(id.into(), [].into(), cx.new_memo());
        let effect = ctype::newgenty(cx, effect);
        let ty_arg = predef::type_eff(cx, effect);
        let ty_cont = predef::type_continuation(cx, effect, expected.ty);
        let mut typed = Vec::new();
        for continuation in continuations {
            typed.push(type_continuation_pat(cx, env, ty_cont, continuation)?);
        }
        let category = Category::Value;
        let (cases, _) = type_cases(cx, category, &inner, ty_arg, expected, loc, cases, Some(&typed), false)?;
        Ok(cases)
    })
}

/// A place for the error of a delayed check.
pub type Failure = Rc<RefCell<Option<Box<crate::Error>>>>;
