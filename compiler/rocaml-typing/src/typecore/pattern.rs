//! Typing of patterns, from an expected type. Unification may add equations to the environment
//! of the pattern: see [`PatternEnv`].

use std::cell::RefCell;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ClosedFlag, OverrideFlag};
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, ExistentialTreatment, PatternEnv};
use rocaml_types::env::{ConstructorUsage, Env, LabelUsage};
use rocaml_types::{ConstructorDescription, LabelDescription, RowDesc, RowField, TypeDesc, TypeId};

use super::base::{
    Extraction, check_scope_escape, constant_or_raise, extract_concrete_record, extract_concrete_variant, generalize,
    generalize_structure, instance, is_principal, mk_expected, type_constant, unify_pat_types,
    wrong_kind_sort_of_constructor,
};
use super::error::{Error, ExistentialRestriction, WrongKindContext, WrongKindSort, error};
use super::names::{disambiguate_constructor, disambiguate_labels};
use super::pattern_state::{
    AllowModules, Continuation, ModuleVariable, PatternState, PatternVariable, VariableKind, enter_orpat_variables,
};
use super::solve::{
    solve_array, solve_constraint, solve_construct, solve_lazy, solve_poly_constraint, solve_record_field, solve_tuple,
    solve_variant, unify_pat_types_penv,
};
use crate::Result;
use crate::attributes::{
    error_of_extension, explicit_arity, warn_on_literal_pattern, warning_scope, warning_scope_with,
};
use crate::rows;
use crate::saved_types::{self, BinaryPart};
use crate::typedtree::{Pattern, PatternDesc, PatternExtra, alpha_pat, as_computation_pattern};
use crate::typetexp::{self, vars::Force};

/// What a pattern is to match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    Value,
    /// Values or exceptions.
    Computation,
}

/// What typing a pattern gives.
pub struct TypedPattern {
    pub pat: Pattern,
    /// The environment, with the equations of the pattern and without its variables.
    pub env: Env,
    pub force: Vec<Force>,
    pub variables: Vec<PatternVariable>,
    pub modules: Vec<ModuleVariable>,
}

/// Types the pattern of a case at equations' scope `level`.
#[allow(clippy::too_many_arguments)]
pub fn type_pattern(
    cx: &Context,
    category: Category,
    level: i32,
    env: &Env,
    spat: &ast::Pattern,
    expected: TypeId,
    continuation: Option<&Continuation>,
    allow_modules: AllowModules,
) -> Result<TypedPattern> {
    let mut state = PatternState::new(allow_modules, continuation);
    let penv = PatternEnv::new(env.clone(), level, false);
    let pat = Typer { cx, no_existentials: None }.pattern(&mut state, category, &penv, spat, expected)?;
    let PatternState { variables, force, modules, .. } = state;
    Ok(TypedPattern { pat, env: penv.env(), force, variables, modules })
}

/// What typing the patterns of a `let` gives.
pub struct TypedPatterns {
    pub pats: Vec<Pattern>,
    pub env: Env,
    pub force: Vec<Force>,
    pub variables: Vec<PatternVariable>,
    pub modules: Vec<ModuleVariable>,
}

/// Types the patterns of a `let`, each with the attributes of its binding.
pub fn type_pattern_list(
    cx: &Context,
    no_existentials: ExistentialRestriction,
    env: &Env,
    spats: &[(&ast::Attributes, ast::Pattern)],
    expected: &[TypeId],
    allow_modules: AllowModules,
) -> Result<TypedPatterns> {
    let mut state = PatternState::new(allow_modules, None);
    let penv = PatternEnv::new(env.clone(), ctype::get_current_level(cx), false);
    let typer = Typer { cx, no_existentials: Some(no_existentials) };
    let mut pats = Vec::new();
    for ((attributes, spat), expected) in spats.iter().zip(expected) {
        pats.push(warning_scope_with(cx, attributes, false, || {
            typer.pattern(&mut state, Category::Value, &penv, spat, *expected)
        })?);
    }
    let PatternState { variables, force, modules, .. } = state;
    Ok(TypedPatterns { pats, env: penv.env(), force, variables, modules })
}

struct Typer<'a> {
    cx: &'a Context,
    no_existentials: Option<ExistentialRestriction>,
}

/// `_` that the compiler adds.
fn any_pattern() -> ast::Pattern {
    ast::Pattern { desc: ast::PatternDesc::Any, loc: Location::none(), loc_stack: Vec::new(), attributes: Vec::new() }
}

impl Typer<'_> {
    fn pattern(
        &self,
        state: &mut PatternState,
        category: Category,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        expected: TypeId,
    ) -> Result<Pattern> {
        let pattern =
            warning_scope(self.cx, &spat.attributes, || self.pattern_aux(state, category, penv, spat, expected))?;
        // What only adds to a pattern is no part of its own.
        if !matches!(spat.desc, ast::PatternDesc::Constraint(..) | ast::PatternDesc::Open(..)) {
            saved_types::add(self.cx, || BinaryPart::Pattern(pattern.clone()));
        }
        Ok(pattern)
    }

    /// A value pattern.
    fn value(
        &self,
        state: &mut PatternState,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        expected: TypeId,
    ) -> Result<Pattern> {
        self.pattern(state, Category::Value, penv, spat, expected)
    }

    fn pattern_aux(
        &self,
        state: &mut PatternState,
        category: Category,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        expected: TypeId,
    ) -> Result<Pattern> {
        let cx = self.cx;
        let loc = spat.loc;
        let pure = |pat: Pattern| match category {
            Category::Value => pat,
            Category::Computation => as_computation_pattern(pat),
        };
        let make = |desc, type_| Pattern {
            desc,
            loc,
            extra: Vec::new(),
            type_,
            env: penv.env(),
            attributes: spat.attributes.clone(),
        };
        match &spat.desc {
            ast::PatternDesc::Any => Ok(pure(make(PatternDesc::Any, instance(cx, expected)))),
            ast::PatternDesc::Var(name) => {
                let ty = instance(cx, expected);
                let (id, uid) = state.enter_variable(cx, loc, *name, ty, VariableKind::Std, &spat.attributes)?;
                Ok(pure(make(PatternDesc::Var(id, *name, uid), ty)))
            }
            ast::PatternDesc::Unpack(name) => Ok(pure(self.unpack(state, penv, spat, name, expected)?)),
            ast::PatternDesc::Constraint(inner, styp) => match (&inner.desc, &styp.desc) {
                (ast::PatternDesc::Var(name), ast::CoreTypeDesc::Poly(..)) => {
                    let (cty, ty, variable) = solve_poly_constraint(cx, state, &penv.env(), inner.loc, styp, expected)?;
                    let (id, uid) =
                        state.enter_variable(cx, inner.loc, *name, variable, VariableKind::Std, &inner.attributes)?;
                    let extra = (PatternExtra::Constraint(Box::new(cty)), loc, spat.attributes.clone());
                    let pat = make(PatternDesc::Var(id, *name, uid), ty);
                    Ok(pure(Pattern { loc: inner.loc, extra: vec![extra], attributes: Vec::new(), ..pat }))
                }
                _ => self.constraint(state, category, penv, spat, inner, styp, expected),
            },
            ast::PatternDesc::Alias(inner, name) => {
                let inner = self.value(state, penv, inner, expected)?;
                let ty = generalize(cx, || build_as_type(cx, &penv.env(), &inner))?;
                let (id, uid) = state.enter_variable(cx, name.loc, *name, ty, VariableKind::As, &spat.attributes)?;
                let inner_type = inner.type_;
                Ok(pure(make(PatternDesc::Alias(Box::new(inner), id, *name, uid, ty), inner_type)))
            }
            ast::PatternDesc::Constant(constant) => {
                let constant = constant_or_raise(&penv.env(), loc, constant)?;
                let ty = type_constant(cx, &constant);
                let pat = make(PatternDesc::Constant(constant), ty);
                Ok(pure(self.solve_expected(penv, spat, pat, expected)?))
            }
            ast::PatternDesc::Interval(first, last) => {
                let spat = self.interval(penv, loc, first, last)?;
                self.pattern(state, category, penv, &spat, expected)
            }
            ast::PatternDesc::Tuple(parts, closed) => {
                let (parts, types) = self.tuple(penv, loc, parts, *closed, expected)?;
                let mut typed = Vec::new();
                for ((label, part), ty) in parts.iter().zip(types) {
                    typed.push((*label, self.value(state, penv, part, ty)?));
                }
                let ty = TypeDesc::Tuple(typed.iter().map(|(label, part)| (*label, part.type_)).collect());
                let ty = ctype::newty(cx, ty);
                Ok(pure(make(PatternDesc::Tuple(typed), ty)))
            }
            ast::PatternDesc::Construct(lid, argument) => {
                let desc = self.construct(state, penv, spat, lid, argument.as_ref(), expected)?;
                Ok(pure(make(desc, instance(cx, expected))))
            }
            ast::PatternDesc::Variant(tag, argument) => {
                let (arg_type, row, ty) = solve_variant(cx, penv, loc, *tag, argument.is_none(), expected)?;
                let argument = match (argument, arg_type) {
                    (Some(argument), Some(ty)) => Some(Box::new(self.value(state, penv, argument, ty)?)),
                    _ => None,
                };
                let row = ctype::newty(cx, TypeDesc::Variant(row));
                Ok(pure(make(PatternDesc::Variant(*tag, argument, row), ty)))
            }
            ast::PatternDesc::Record(fields, closed) => {
                let (desc, ty) = self.record(state, penv, loc, fields, *closed, expected)?;
                let pat = make(desc, instance(cx, ty));
                Ok(pure(self.solve_expected(penv, spat, pat, expected)?))
            }
            ast::PatternDesc::Array(parts) => {
                let (element, mutable) = solve_array(cx, penv, loc, expected)?;
                let mut typed = Vec::new();
                for part in parts {
                    typed.push(self.value(state, penv, part, element)?);
                }
                Ok(pure(make(PatternDesc::Array(mutable, typed), instance(cx, expected))))
            }
            ast::PatternDesc::Or(left, right) => {
                let desc = self.or(state, category, penv, loc, left, right, expected)?;
                Ok(make(desc, instance(cx, expected)))
            }
            ast::PatternDesc::Lazy(inner) => {
                let contents = solve_lazy(cx, penv, loc, expected)?;
                let inner = self.value(state, penv, inner, contents)?;
                Ok(pure(make(PatternDesc::Lazy(Box::new(inner)), instance(cx, expected))))
            }
            ast::PatternDesc::Type(lid) => {
                let (path, mut pat) = build_or_pat(cx, &penv.env(), loc, lid)?;
                pat.extra.insert(0, (PatternExtra::Type(path, lid.clone()), loc, spat.attributes.clone()));
                Ok(pure(self.solve_expected(penv, spat, pat, expected)?))
            }
            ast::PatternDesc::Open(lid, inner) => {
                let before = penv.env();
                let (path, opened) = crate::typemod::type_open_(cx, None, OverrideFlag::Fresh, &before, loc, lid)?;
                penv.set_env(opened);
                let mut pat = self.pattern(state, category, penv, inner, expected)?;
                let opened = penv.env();
                penv.set_env(opened.without_open_over(&before));
                let extra = PatternExtra::Open(path, lid.clone(), opened);
                pat.extra.insert(0, (extra, loc, spat.attributes.clone()));
                Ok(pat)
            }
            ast::PatternDesc::Exception(inner) => {
                let inner = self.value(state, penv, inner, cx.predef().exn)?;
                match category {
                    Category::Value => error(loc, &penv.env(), Error::ExceptionPatternDisallowed),
                    Category::Computation => Ok(make(PatternDesc::Exception(Box::new(inner)), expected)),
                }
            }
            ast::PatternDesc::Effect(..) => error(loc, &penv.env(), Error::EffectPatternBelowToplevel),
            ast::PatternDesc::Extension(extension) => Err(error_of_extension(extension).into()),
        }
    }

    /// Unifies a pattern's own type with what is expected.
    fn solve_expected(
        &self,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        pat: Pattern,
        expected: TypeId,
    ) -> Result<Pattern> {
        let cx = self.cx;
        match ctype::unify(cx, &penv.env(), pat.type_, instance(cx, expected)) {
            Ok(()) => Ok(pat),
            Err(e) => error(pat.loc, &penv.env(), Error::PatternTypeClash(e, Some(Box::new(spat.desc.clone())))),
        }
    }

    fn unpack(
        &self,
        state: &mut PatternState,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        name: &Loc<Option<Name>>,
        expected: TypeId,
    ) -> Result<Pattern> {
        let cx = self.cx;
        let ty = instance(cx, expected);
        let (desc, place) = match name.txt {
            None => (PatternDesc::Any, name.loc),
            Some(txt) => {
                let name = Loc::new(txt, name.loc);
                let (id, uid) = state.enter_module(cx, spat.loc, name, ty, &spat.attributes)?;
                (PatternDesc::Var(id, name, uid), spat.loc)
            }
        };
        Ok(Pattern {
            desc,
            loc: spat.loc,
            extra: vec![(PatternExtra::Unpack, place, spat.attributes.clone())],
            type_: ty,
            env: penv.env(),
            attributes: Vec::new(),
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn constraint(
        &self,
        state: &mut PatternState,
        category: Category,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        inner: &ast::Pattern,
        styp: &ast::CoreType,
        expected: TypeId,
    ) -> Result<Pattern> {
        let (cty, ty, expected) = solve_constraint(self.cx, state, &penv.env(), spat.loc, styp, expected)?;
        let pat = self.pattern(state, category, penv, inner, expected)?;
        let extra = (PatternExtra::Constraint(Box::new(cty)), spat.loc, spat.attributes.clone());
        if let (Category::Value, PatternDesc::Var(id, name, uid)) = (category, &pat.desc) {
            let any = Pattern { desc: PatternDesc::Any, attributes: Vec::new(), ..pat.clone() };
            let desc = PatternDesc::Alias(Box::new(any), *id, *name, *uid, ty);
            return Ok(Pattern { desc, type_: ty, extra: vec![extra], ..pat });
        }
        let mut pat = Pattern { type_: ty, ..pat };
        pat.extra.insert(0, extra);
        Ok(pat)
    }

    /// `'a'..'z'` as alternatives.
    fn interval(
        &self,
        penv: &PatternEnv,
        loc: Location,
        first: &ast::Constant,
        last: &ast::Constant,
    ) -> Result<ast::Pattern> {
        let bound = |constant: &ast::Constant| match constant.desc {
            ast::ConstantDesc::Char(c) => Ok(c),
            _ => error(constant.loc, &penv.env(), Error::InvalidInterval),
        };
        let (first, last) = (bound(first)?, bound(last)?);
        let ghost = loc.ghost();
        let make = |desc| ast::Pattern { desc, loc: ghost, loc_stack: Vec::new(), attributes: Vec::new() };
        let single =
            |c| make(ast::PatternDesc::Constant(ast::Constant { desc: ast::ConstantDesc::Char(c), loc: ghost }));
        let (low, high) = (first.min(last), first.max(last));
        let alternatives = (low..high)
            .rev()
            .fold(single(high), |rest, c| make(ast::PatternDesc::Or(Box::new(single(c)), Box::new(rest))));
        Ok(ast::Pattern { loc, ..alternatives })
    }

    /// The parts of a tuple in the order of its type, and their types.
    #[allow(clippy::type_complexity)]
    fn tuple(
        &self,
        penv: &PatternEnv,
        loc: Location,
        parts: &[(Option<Name>, ast::Pattern)],
        closed: ClosedFlag,
        expected: TypeId,
    ) -> Result<(Vec<(Option<Name>, ast::Pattern)>, Vec<TypeId>)> {
        let cx = self.cx;
        let env = penv.env();
        if let Some(label) = typetexp::repeated_label(parts) {
            return error(loc, &env, Error::RepeatedTuplePatLabel(label));
        }
        let parts = match cx.desc(ctype::expand_head(cx, &env, expected)) {
            TypeDesc::Tuple(types) if is_principal(cx, expected) => {
                self.reorder(&env, loc, parts, closed, &types, expected)?
            }
            _ if closed == ClosedFlag::Open => return error(loc, &env, Error::PartialTuplePatternBadType),
            _ => parts.to_vec(),
        };
        let labels: Vec<Option<Name>> = parts.iter().map(|(label, _)| *label).collect();
        let types = solve_tuple(cx, penv, loc, &labels, expected)?;
        Ok((parts, types))
    }

    fn reorder(
        &self,
        env: &Env,
        loc: Location,
        parts: &[(Option<Name>, ast::Pattern)],
        closed: ClosedFlag,
        types: &[(Option<Name>, TypeId)],
        expected: TypeId,
    ) -> Result<Vec<(Option<Name>, ast::Pattern)>> {
        let mut remaining = parts.to_vec();
        let mut taken = Vec::new();
        for (label, _) in types {
            match remaining.iter().position(|(l, _)| l == label) {
                Some(i) => taken.push(remaining.remove(i)),
                None if closed == ClosedFlag::Open => taken.push((*label, any_pattern())),
                None => return error(loc, env, Error::MissingTupleLabel(*label, expected)),
            }
        }
        if let Some((label, _)) = remaining.first() {
            return error(loc, env, Error::ExtraTupleLabel(*label, expected));
        }
        if closed == ClosedFlag::Open && types.len() == parts.len() {
            self.cx.warn(loc, Warning::UnnecessarilyPartialTuplePattern);
        }
        Ok(taken)
    }

    fn construct(
        &self,
        state: &mut PatternState,
        penv: &PatternEnv,
        spat: &ast::Pattern,
        lid: &Loc<Longident>,
        argument: Option<&(Vec<Loc<Name>>, Box<ast::Pattern>)>,
        expected: TypeId,
    ) -> Result<PatternDesc> {
        let cx = self.cx;
        let loc = spat.loc;
        let env = penv.env();
        let path = match extract_concrete_variant(cx, &env, expected) {
            Extraction::Is(p0, p, ()) => Some((p0, p, is_principal(cx, expected))),
            Extraction::MayBe => None,
            Extraction::IsNot => {
                let sort = wrong_kind_sort_of_constructor(&lid.txt);
                return error(loc, &env, Error::WrongExpectedKind(sort, WrongKindContext::Pattern, expected));
            }
        };
        let message = "This variant pattern is expected to have";
        let usage = ConstructorUsage::Pattern;
        let constr = disambiguate_constructor(cx, &env, usage, lid, message, mk_expected(expected), &path)?;
        if let Some(restriction) = self.no_existentials
            && !constr.existentials.is_empty()
        {
            return error(loc, &env, Error::UnexpectedExistential(restriction, constr.name));
        }
        let (sargs, annotation) = self.constructor_arguments(penv, loc, &constr, argument)?;
        if warn_on_literal_pattern(&constr.attributes)
            && let Some(literal) = sargs.iter().find(|sarg| has_literal_pattern(sarg))
        {
            cx.warn(literal.loc, Warning::FragileLiteralPattern);
        }
        if sargs.len() != constr.arity {
            let e = Error::ConstructorArityMismatch(lid.txt.clone(), constr.arity, sargs.len());
            return error(loc, &env, e);
        }
        let (types, existentials) =
            solve_construct(cx, state, penv, loc, &constr, self.no_existentials, annotation, expected)?;
        if constr.inlined.is_some() {
            for sarg in &sargs {
                check_non_escaping(&penv.env(), sarg)?;
            }
            if let Some((_, sarg)) = argument {
                check_non_escaping(&penv.env(), sarg)?;
            }
        }
        let mut args = Vec::new();
        for (sarg, ty) in sargs.into_iter().zip(types) {
            args.push(self.value(state, penv, sarg, ty)?);
        }
        Ok(PatternDesc::Construct(lid.clone(), constr, args, existentials))
    }

    /// The patterns of the arguments, and the annotation of existentials.
    #[allow(clippy::type_complexity)]
    fn constructor_arguments<'p>(
        &self,
        penv: &PatternEnv,
        loc: Location,
        constr: &ConstructorDescription,
        argument: Option<&'p (Vec<Loc<Name>>, Box<ast::Pattern>)>,
    ) -> Result<(Vec<&'p ast::Pattern>, Option<(&'p [Loc<Name>], &'p ast::CoreType)>)> {
        let Some((names, argument)) = argument else { return Ok((Vec::new(), None)) };
        let (argument, annotation) = match &argument.desc {
            ast::PatternDesc::Constraint(inner, styp) if !names.is_empty() || constr.arity > 1 => {
                (&**inner, Some((names.as_slice(), &**styp)))
            }
            _ if names.is_empty() => (&**argument, None),
            _ => return error(argument.loc, &penv.env(), Error::MissingTypeConstraint),
        };
        let sargs = match &argument.desc {
            ast::PatternDesc::Tuple(parts, _) if constr.arity > 1 || explicit_arity(&argument.attributes) => {
                if parts.iter().any(|(label, _)| label.is_some()) {
                    return error(loc, &penv.env(), Error::ConstructorLabeledArg);
                }
                parts.iter().map(|(_, part)| part).collect()
            }
            ast::PatternDesc::Any if constr.arity == 0 && annotation.is_none() => {
                self.cx.warn(argument.loc, Warning::WildcardArgToConstantConstr);
                Vec::new()
            }
            ast::PatternDesc::Any if constr.arity > 1 => vec![argument; constr.arity],
            _ => vec![argument],
        };
        Ok((sargs, annotation))
    }

    fn record(
        &self,
        state: &mut PatternState,
        penv: &PatternEnv,
        loc: Location,
        fields: &[(Loc<Longident>, ast::Pattern)],
        closed: ClosedFlag,
        expected: TypeId,
    ) -> Result<(PatternDesc, TypeId)> {
        let cx = self.cx;
        let env = penv.env();
        let (path, record_ty) = match extract_concrete_record(cx, &env, expected) {
            Extraction::Is(p0, p, _) => {
                (Some((p0, p, is_principal(cx, expected))), ctype::generic_instance(cx, expected))
            }
            Extraction::MayBe => (None, ctype::newvar(cx)),
            Extraction::IsNot => {
                let e = Error::WrongExpectedKind(WrongKindSort::Record, WrongKindContext::Pattern, expected);
                return error(loc, &env, e);
            }
        };
        let message = "This record pattern is expected to have";
        let usage = LabelUsage::Projection;
        let labels = disambiguate_labels(cx, &env, loc, false, usage, message, mk_expected(expected), &path, fields)?;
        let mut typed = Vec::new();
        for (lid, label, spat) in labels {
            let ty = solve_record_field(cx, penv, loc, &label, &lid, record_ty)?;
            typed.push((lid, label, self.value(state, penv, spat, ty)?));
        }
        check_recordpat_labels(cx, loc, &typed, closed)?;
        for (lid, label, pat) in &typed {
            // A wildcard lets all fields be listed.
            if label.atomic && !matches!(pat.desc, PatternDesc::Any) {
                return error(loc, &penv.env(), Error::AtomicInPattern(lid.txt.clone()));
            }
        }
        Ok((PatternDesc::Record(typed, closed), record_ty))
    }

    #[allow(clippy::too_many_arguments)]
    fn or(
        &self,
        state: &mut PatternState,
        category: Category,
        penv: &PatternEnv,
        loc: Location,
        left: &ast::Pattern,
        right: &ast::Pattern,
        expected: TypeId,
    ) -> Result<PatternDesc> {
        let cx = self.cx;
        let mut state1 = state.fork();
        let mut state2 = state.fork();
        // One level keeps nodes from staying at intermediate levels, the other is the scope of
        // the equations of each side.
        let desc = generalize(cx, || {
            let (env1, p1, env2, p2) = ctype::with_local_level(cx, |cx| -> Result<_> {
                let penv1 = penv.copy(Some(ctype::get_current_level(cx)));
                let penv2 = penv1.copy(None);
                let p1 = self.pattern(&mut state1, category, &penv1, left, expected)?;
                let p2 = self.pattern(&mut state2, category, &penv2, right, expected)?;
                Ok((penv1.env(), p1, penv2.env(), p2))
            })?;
            // No variable may have a type that only the equations of its side explain.
            let level = ctype::get_current_level(cx);
            for variable in &state1.variables {
                check_scope_escape(cx, &env1, variable.loc, level, variable.type_)?;
            }
            for variable in &state2.variables {
                check_scope_escape(cx, &env2, variable.loc, level, variable.type_)?;
            }
            let renaming = enter_orpat_variables(cx, loc, &penv.env(), &state1.variables, &state2.variables)?;
            // Variables that both sides share were bound before.
            let kept = state1.variables.iter().filter(|v| state2.variables.iter().any(|w| w.id == v.id));
            let renaming: Vec<_> = renaming.into_iter().chain(kept.map(|v| (v.id, v.id))).collect();
            Ok(PatternDesc::Or(Box::new(p1), Box::new(alpha_pat(&renaming, p2)), None))
        })?;
        state.variables = state1.variables;
        state.modules = state1.modules;
        state.force.extend(state1.force);
        state.force.extend(state2.force);
        Ok(desc)
    }
}

fn check_non_escaping(env: &Env, spat: &ast::Pattern) -> Result<()> {
    match &spat.desc {
        ast::PatternDesc::Or(p, q) => {
            check_non_escaping(env, p)?;
            check_non_escaping(env, q)
        }
        ast::PatternDesc::Alias(p, _) => check_non_escaping(env, p),
        ast::PatternDesc::Constraint(..) => error(spat.loc, env, Error::InlinedRecordEscape),
        _ => Ok(()),
    }
}

/// No label twice; warning 9 for labels not mentioned by a closed pattern.
fn check_recordpat_labels(
    cx: &Context,
    loc: Location,
    fields: &[(Loc<Longident>, Rc<LabelDescription>, Pattern)],
    closed: ClosedFlag,
) -> Result<()> {
    for (i, (_, label, _)) in fields.iter().enumerate() {
        if fields[..i].iter().any(|(_, other, _)| other.pos == label.pos) {
            return error(loc, &Env::default(), Error::LabelMultiplyDefined(label.name));
        }
    }
    let Some((_, first, _)) = fields.first() else { return Ok(()) };
    if closed == ClosedFlag::Closed && cx.is_active(9) {
        let missing: Vec<&str> = first
            .all
            .iter()
            .filter(|label| !fields.iter().any(|(_, l, _)| l.pos == label.pos))
            .map(|label| label.name.as_str())
            .collect();
        if !missing.is_empty() {
            cx.warn(loc, Warning::MissingRecordFieldPattern(missing.join(", ")));
        }
    }
    Ok(())
}

fn has_literal_pattern(spat: &ast::Pattern) -> bool {
    matches!(spat.desc, ast::PatternDesc::Constant(_) | ast::PatternDesc::Interval(..))
        || sub_patterns(spat).into_iter().any(has_literal_pattern)
}

/// The immediate parts of a pattern as written.
pub fn sub_patterns(spat: &ast::Pattern) -> Vec<&ast::Pattern> {
    use ast::PatternDesc::*;
    match &spat.desc {
        Any
        | Var(_)
        | Constant(_)
        | Interval(..)
        | Construct(_, None)
        | Variant(_, None)
        | Extension(_)
        | Type(_)
        | Unpack(_) => Vec::new(),
        Array(parts) => parts.iter().collect(),
        Or(p, q) | Effect(p, q) => vec![p, q],
        Tuple(parts, _) => parts.iter().map(|(_, p)| p).collect(),
        Record(fields, _) => fields.iter().map(|(_, p)| p).collect(),
        Construct(_, Some((_, p))) => vec![p],
        Variant(_, Some(p)) | Exception(p) | Alias(p, _) | Open(_, p) | Constraint(p, _) | Lazy(p) => vec![p],
    }
}

/// Whether the pattern or one within it is such.
pub fn exists_ppat(spat: &ast::Pattern, f: &dyn Fn(&ast::Pattern) -> bool) -> bool {
    f(spat) || sub_patterns(spat).into_iter().any(|part| exists_ppat(part, f))
}

// ---------------------------------------------------------------------------------------------
// Types of aliases

/// The type of `p as x`: more precise than that of `p` where `p` selects tags.
pub fn build_as_type(cx: &Context, env: &Env, pat: &Pattern) -> Result<TypeId> {
    build_as_type_extra(cx, env, pat, &pat.extra)
}

fn build_as_type_extra(
    cx: &Context,
    env: &Env,
    pat: &Pattern,
    extra: &[(PatternExtra, Location, ast::Attributes)],
) -> Result<TypeId> {
    let Some(((first, ..), rest)) = extra.split_first() else { return build_as_type_aux(cx, env, pat) };
    let PatternExtra::Constraint(cty) = first else { return build_as_type_extra(cx, env, pat, rest) };
    if ctype::closed_type_expr(cx, None, cty.type_) {
        return Ok(instance(cx, cty.type_));
    }
    let inferred = build_as_type_extra(cx, env, pat, rest)?;
    let ty = generalize_structure(cx, || Ok(instance(cx, cty.type_)))?;
    // Only missing equations can make this fail.
    unify_pat_types(cx, env, pat.loc, instance(cx, inferred), instance(cx, ty))?;
    Ok(ty)
}

fn build_as_type_aux(cx: &Context, env: &Env, pat: &Pattern) -> Result<TypeId> {
    match &pat.desc {
        PatternDesc::Alias(p, ..) | PatternDesc::Value(p) => build_as_type(cx, env, p),
        PatternDesc::Tuple(parts) => {
            let mut types = Vec::new();
            for (label, part) in parts {
                types.push((*label, build_as_type(cx, env, part)?));
            }
            Ok(ctype::newty(cx, TypeDesc::Tuple(types.into())))
        }
        PatternDesc::Construct(_, constr, parts, annotation) => {
            let keep =
                constr.private == PrivateFlag::Private || !constr.existentials.is_empty() || annotation.is_some();
            if keep {
                return Ok(pat.type_);
            }
            let mut types = Vec::new();
            for part in parts {
                types.push(build_as_type(cx, env, part)?);
            }
            let (args, res, _) = ctype::instance_constructor(cx, ExistentialTreatment::KeepFlexible, constr);
            for ((part, ty), arg) in parts.iter().zip(types).zip(args) {
                unify_pat_types(cx, env, part.loc, ty, arg)?;
            }
            Ok(res)
        }
        PatternDesc::Variant(tag, argument, _) => {
            let argument = argument.as_ref().map(|p| build_as_type(cx, env, p)).transpose()?;
            let row = rows::make(vec![(*tag, RowField::Present(argument))], ctype::newvar(cx), false);
            Ok(ctype::newty(cx, TypeDesc::Variant(row)))
        }
        PatternDesc::Record(fields, _) => {
            let (_, first, _) = fields.first().expect("a record pattern has a field");
            if first.private == PrivateFlag::Private {
                Ok(pat.type_)
            } else {
                build_record_as_type(cx, env, pat, fields)
            }
        }
        PatternDesc::Or(p, q, None) => {
            let (ty1, ty2) = (build_as_type(cx, env, p)?, build_as_type(cx, env, q)?);
            unify_pat_types(cx, env, q.loc, ty2, ty1)?;
            Ok(ty1)
        }
        PatternDesc::Or(_, _, Some(row)) => {
            let row = rows::of_type(cx, *row).expect("`#t` has a row");
            let RowDesc { fields, fixed, name, .. } = rows::repr(cx, &row);
            let row = RowDesc { fields, more: ctype::newvar(cx), closed: false, fixed, name };
            Ok(ctype::newty(cx, TypeDesc::Variant(row)))
        }
        PatternDesc::Any
        | PatternDesc::Var(..)
        | PatternDesc::Constant(_)
        | PatternDesc::Array(..)
        | PatternDesc::Lazy(_)
        | PatternDesc::Exception(_) => Ok(pat.type_),
    }
}

fn build_record_as_type(
    cx: &Context,
    env: &Env,
    pat: &Pattern,
    fields: &[(Loc<Longident>, Rc<LabelDescription>, Pattern)],
) -> Result<TypeId> {
    let ty = ctype::newvar(cx);
    let all: Vec<Rc<LabelDescription>> = fields[0].1.all.to_vec();
    for label in all {
        let (_, arg, res) = ctype::instance_label(cx, false, &label);
        unify_pat_types(cx, env, pat.loc, ty, res)?;
        let field = fields.iter().find(|(_, l, _)| l.pos == label.pos).map(|(_, _, p)| p);
        let is_poly = matches!(cx.desc(label.arg), TypeDesc::Poly(..));
        match field {
            Some(field) if label.mutable == MutableFlag::Immutable && !is_poly => {
                let refined = build_as_type(cx, env, field)?;
                unify_pat_types(cx, env, field.loc, refined, arg)?;
            }
            _ => {
                let (_, same_arg, same_res) = ctype::instance_label(cx, false, &label);
                unify_pat_types(cx, env, pat.loc, arg, same_arg)?;
                unify_pat_types(cx, env, pat.loc, pat.type_, same_res)?;
            }
        }
    }
    Ok(ty)
}

/// The alternatives that `#t` stands for.
fn build_or_pat(cx: &Context, env: &Env, loc: Location, lid: &Loc<Longident>) -> Result<(rocaml_types::Path, Pattern)> {
    let (path, decl) = env.lookup_type(cx, true, lid.loc, &lid.txt)?;
    let args: Rc<[TypeId]> = decl.params.iter().map(|_| ctype::newvar(cx)).collect();
    let ty = ctype::newty(cx, TypeDesc::Constr(path.clone(), args.clone(), cx.new_memo()));
    let expanded = ctype::expand_head(cx, env, ty);
    let not_a_variant = || error(lid.loc, env, Error::NotAPolymorphicVariantType(lid.txt.clone()));
    let row0 = match rows::of_type(cx, expanded) {
        Some(row) if btype::static_row(cx, &row) => row,
        _ => return not_a_variant(),
    };
    let mut tags: Vec<(Name, Option<TypeId>)> = Vec::new();
    let mut fields = Vec::new();
    for (tag, field) in rows::fields(cx, &row0).iter() {
        if let RowField::Present(arg) = cx.row_field(field) {
            tags.push((*tag, arg));
            fields.push((*tag, btype::rf_either(cx, arg.is_none(), arg.into_iter().collect(), true)));
        }
    }
    let make_row = || {
        let name = Some((path.clone(), args.clone()));
        RowDesc { name, ..rows::make(fields.clone(), ctype::newvar(cx), false) }
    };
    let type_ = ctype::newty(cx, TypeDesc::Variant(make_row()));
    let row = ctype::newty(cx, TypeDesc::Variant(make_row()));
    let make =
        |desc, type_, loc| Pattern { desc, loc, extra: Vec::new(), type_, env: env.clone(), attributes: Vec::new() };
    let alternative = |(tag, arg): (Name, Option<TypeId>)| {
        let arg = arg.map(|ty| Box::new(make(PatternDesc::Any, ty, Location::none())));
        make(PatternDesc::Variant(tag, arg, row), type_, loc.ghost())
    };
    // Built from the last tag: the first ends up outermost.
    let joined = tags.into_iter().rev().map(alternative).reduce(|joined, pat| {
        make(PatternDesc::Or(Box::new(pat), Box::new(joined), Some(expanded)), type_, loc.ghost())
    });
    match joined {
        None => not_a_variant(),
        Some(pat) => Ok((path, Pattern { loc, ..pat })),
    }
}

// ---------------------------------------------------------------------------------------------
// Polymorphic variants in patterns

/// Whether a pattern matches tags.
pub fn has_variants(pat: &Pattern) -> bool {
    pat.exists(&|p| matches!(p.desc, PatternDesc::Variant(..)))
}

/// Makes the tags of open variants present: patterns may not create conjunctive types.
pub fn finalize_variants(cx: &Context, pat: &Pattern) -> Result<()> {
    let result = RefCell::new(Ok(()));
    pat.iter(&mut |p| {
        if result.borrow().is_ok()
            && let PatternDesc::Variant(tag, arg, row) = &p.desc
        {
            let finalized = finalize_variant(cx, p, *tag, arg.as_deref(), *row);
            *result.borrow_mut() = finalized;
        }
    });
    result.into_inner()
}

fn finalize_variant(cx: &Context, pat: &Pattern, tag: Name, arg: Option<&Pattern>, cell: TypeId) -> Result<()> {
    let row = rows::of_type(cx, ctype::expand_head(cx, &pat.env, pat.type_)).expect("a tag has a variant type");
    cx.set_desc(cell, TypeDesc::Variant(row.clone()));
    let field = btype::get_row_field(cx, tag, &row);
    let open = !rows::is_closed(cx, &row);
    match cx.row_field(&field) {
        RowField::Either { no_arg: true, arg_type, .. } if arg_type.is_empty() && open => {
            btype::link_row_field_ext(cx, &field, RowField::Present(None));
        }
        RowField::Either { no_arg: false, arg_type, .. } if !arg_type.is_empty() && open => {
            btype::link_row_field_ext(cx, &field, RowField::Present(Some(arg_type[0])));
            if let Some(arg) = arg {
                for ty in arg_type.iter() {
                    unify_pat_types(cx, &arg.env, arg.loc, arg.type_, *ty)?;
                }
            }
        }
        RowField::Either { no_arg, matched: true, .. } if !rows::has_fixed_explanation(cx, &row) => {
            btype::link_row_field_ext(cx, &field, btype::rf_either(cx, no_arg, Vec::new(), false));
        }
        _ => {}
    }
    Ok(())
}

/// Complains about a tag that the type, as it turned out, does not have.
pub fn check_absent_variant(cx: &Context, env: &Env, pat: &Pattern) -> Result<()> {
    let result = RefCell::new(Ok(()));
    pat.iter(&mut |p| {
        let PatternDesc::Variant(tag, arg, row) = &p.desc else { return };
        if result.borrow().is_err() {
            return;
        }
        let Some(row) = rows::of_type(cx, *row) else { return };
        let has_tag = rows::field(cx, *tag, &row) != RowField::Absent;
        if has_tag || !btype::is_fixed(cx, &row) && !btype::static_row(cx, &row) {
            return;
        }
        let args: Vec<TypeId> = arg.iter().map(|arg| ctype::duplicate_type(cx, arg.type_)).collect();
        let field = btype::rf_either(cx, arg.is_none(), args, true);
        let row = rows::make(vec![(*tag, field)], ctype::newvar(cx), false);
        let ty = ctype::newty(cx, TypeDesc::Variant(row));
        *result.borrow_mut() = unify_pat_types(cx, env, p.loc, ty, ctype::duplicate_type(cx, p.type_));
    });
    result.into_inner()
}

/// Unification in a pattern's environment, for counter-examples.
pub fn unify_in_pattern(cx: &Context, penv: &PatternEnv, loc: Location, a: TypeId, b: TypeId) -> Result<()> {
    unify_pat_types_penv(cx, penv, loc, a, b)
}
