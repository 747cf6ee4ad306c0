//! Compilation of pattern matching: upstream's `Matching`.
//!
//! A match is a matrix: one row per case (or alternative of a case), one column per value. The
//! compiler tests the first column that the first row needs and goes on with the rows that
//! remain, so that no path tests a thing twice: a decision tree. What the cases do is placed once,
//! behind static handlers whose variables are those of the pattern; [`crate::simplif`] puts a
//! handler that is used once in place.
//!
//! A decision tree may repeat rows that are wild in a tested column. Once a match has spent its
//! budget, its matrices are cut instead where a wild row begins: the rows before raise to a
//! handler that matches the rest, and no row is repeated.
//!
//! Fields are read once per path, immutable ones as [`LetKind::Alias`], so that they may move to
//! where they are used; mutable ones where the match reads them, so that a guard which changes
//! them cannot make the tests contradict each other.

mod compile;
mod pattern;
mod tests_on_values;

pub(crate) use compile::{Case, Match};

use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::map::deep;
use crate::rename::fresh_label;
use crate::translator::{Translator, let_, string_constant};
use rocaml_base::Location;
use rocaml_types::env::Env;
use rocaml_types::{Ident, TypeId};
use rocaml_typing::typedtree::{Partial, Pattern, PatternDesc, pat_bound_idents_full};
use std::rc::Rc;

/// A case whose parts are translated.
pub(crate) struct TranslatedCase<'p> {
    pub lhs: &'p Pattern,
    pub guard: Option<Lambda>,
    pub body: Lambda,
}

impl Translator<'_> {
    /// The variables of a pattern with what is known of their values.
    pub(crate) fn bound_kinds(&self, pattern: &Pattern) -> Vec<(Ident, ValueKind)> {
        let kind = |env: &Env, ty: TypeId| kinds::value_kind(self.cx, env, ty);
        pat_bound_idents_full(pattern).into_iter().map(|(id, _, ty, _)| (id, kind(&pattern.env, ty))).collect()
    }

    fn case(&mut self, case: TranslatedCase<'_>) -> Result<Case> {
        let pat = self.pattern(case.lhs)?;
        let vars = self.bound_kinds(case.lhs);
        Ok(Case { alternatives: vec![vec![pat]], vars, guard: case.guard, body: case.body })
    }

    /// The cases with tuples taken apart; the cases themselves if that cannot be.
    fn flat_cases(
        &mut self,
        size: usize,
        cases: Vec<TranslatedCase<'_>>,
    ) -> Result<std::result::Result<Vec<Case>, Vec<Case>>> {
        let mut cases = cases.into_iter().map(|case| self.case(case)).collect::<Result<Vec<_>>>()?;
        let flattened: Option<Vec<_>> = cases.iter().map(|case| case.alternatives[0][0].flatten(size)).collect();
        let Some(flattened) = flattened else { return Ok(Err(cases)) };
        for (case, alternatives) in cases.iter_mut().zip(flattened) {
            case.alternatives = alternatives;
        }
        Ok(Ok(cases))
    }

    /// Whether patterns are all of tuples that need not be made.
    pub(crate) fn flattens(&mut self, size: usize, patterns: &[&Pattern]) -> Result<bool> {
        for pattern in patterns {
            if self.pattern(pattern)?.flatten(size).is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `raise (Match_failure (file, line, column))`
    pub(crate) fn match_failure(&self, loc: Location) -> Lambda {
        let place = self.scopes.at(loc);
        let slot = Lambda::Prim(Primitive::GetPredef("Match_failure".into()), vec![], place.clone());
        let exn = Lambda::Prim(
            Primitive::MakeBlock(0, Mutability::Immutable, None),
            vec![slot, Lambda::Const(position_constant(loc))],
            place.clone(),
        );
        Lambda::Prim(Primitive::Raise(RaiseKind::Regular), vec![exn], place)
    }

    /// Matches one value: upstream's `for_function`.
    pub(crate) fn match_value(
        &mut self,
        loc: Location,
        value: Lambda,
        cases: Vec<TranslatedCase<'_>>,
        partial: Partial,
    ) -> Result<Lambda> {
        let failure = self.match_failure(loc);
        self.match_or(loc, value, cases, partial, failure)
    }

    /// Matches an exception; others are raised again: upstream's `for_trywith`.
    pub(crate) fn match_exception(
        &mut self,
        loc: Location,
        exn: Ident,
        cases: Vec<TranslatedCase<'_>>,
    ) -> Result<Lambda> {
        let again = Lambda::Prim(Primitive::Raise(RaiseKind::Reraise), vec![Lambda::Var(exn)], ScopedLocation::none());
        self.match_or(loc, Lambda::Var(exn), cases, Partial::Partial, again)
    }

    /// Matches a value with what to do if nothing fits.
    pub(crate) fn match_or(
        &mut self,
        loc: Location,
        value: Lambda,
        cases: Vec<TranslatedCase<'_>>,
        partial: Partial,
        failure: Lambda,
    ) -> Result<Lambda> {
        let cases = cases.into_iter().map(|case| self.case(case)).collect::<Result<Vec<_>>>()?;
        let (id, binding) = name_value(value, "match");
        let body = self.run_match(loc, vec![id], cases, partial, failure);
        Ok(bind_value(binding, body))
    }

    /// Matches a tuple given by its components, which is made only if a pattern names it.
    pub(crate) fn match_tuple(
        &mut self,
        loc: Location,
        values: Vec<(Lambda, ValueKind)>,
        cases: Vec<TranslatedCase<'_>>,
        partial: Partial,
    ) -> Result<Lambda> {
        let failure = self.match_failure(loc);
        let (mut ids, mut shape, mut bindings) = (Vec::new(), Vec::new(), Vec::new());
        for (value, kind) in values {
            let (id, binding) = name_value(value, "match");
            ids.push(id);
            shape.push(kind);
            bindings.extend(binding.map(|(id, value)| (id, kind, value)));
        }
        let body = match self.flat_cases(ids.len(), cases)? {
            Ok(cases) => self.run_match(loc, ids, cases, partial, failure),
            Err(cases) => {
                let make = Primitive::MakeBlock(0, Mutability::Immutable, Some(shape.into()));
                let parts = ids.into_iter().map(Lambda::Var).collect();
                let (id, binding) = name_value(Lambda::Prim(make, parts, self.scopes.at(loc)), "match");
                bind_value(binding, self.run_match(loc, vec![id], cases, partial, failure))
            }
        };
        // Components are evaluated from left to right, unlike those of a tuple that is made.
        Ok(bindings
            .into_iter()
            .rev()
            .fold(body, |body, (id, kind, value)| let_(LetKind::Strict, kind, id, value, body)))
    }

    /// Matches the parameters of a tupled function.
    pub(crate) fn match_params(
        &mut self,
        loc: Location,
        params: Vec<Ident>,
        cases: Vec<TranslatedCase<'_>>,
        partial: Partial,
    ) -> Result<Option<Lambda>> {
        let failure = self.match_failure(loc);
        match self.flat_cases(params.len(), cases)? {
            Ok(cases) => Ok(Some(self.run_match(loc, params, cases, partial, failure))),
            Err(_) => Ok(None),
        }
    }

    fn run_match(
        &mut self,
        loc: Location,
        values: Vec<Ident>,
        cases: Vec<Case>,
        partial: Partial,
        failure: Lambda,
    ) -> Lambda {
        let place = self.scopes.at(loc);
        // The unit that forces is looked for only where something is forced.
        let lazy = cases.iter().flat_map(|case| &case.alternatives).flatten().any(|p| p.has_lazy());
        let force = if lazy { self.lazy_force_function() } else { Lambda::unit() };
        let partial = if self.options.safer_matching { Partial::Partial } else { partial };
        Match::new(place, force).run(values, cases, partial, failure)
    }

    /// Binds a pattern: upstream's `for_let`.
    pub(crate) fn match_let(
        &mut self,
        loc: Location,
        value: Lambda,
        pattern: &Pattern,
        body: Lambda,
    ) -> Result<Lambda> {
        match &pattern.desc {
            PatternDesc::Any => {
                let ignored = Lambda::Prim(Primitive::Ignore, vec![value], self.scopes.at(loc));
                return Ok(Lambda::Sequence(Box::new(ignored), Box::new(body)));
            }
            PatternDesc::Var(id, ..) => {
                let kind = kinds::value_kind(self.cx, &pattern.env, pattern.type_);
                return Ok(let_(LetKind::Strict, kind, *id, value, body));
            }
            PatternDesc::Alias(inner, id, ..) if matches!(inner.desc, PatternDesc::Any) => {
                let kind = kinds::value_kind(self.cx, &pattern.env, pattern.type_);
                return Ok(let_(LetKind::Strict, kind, *id, value, body));
            }
            _ => {}
        }
        if let PatternDesc::Tuple(parts) = &pattern.desc
            && let Some(vars) = self.plain_variables(parts)
        {
            return Ok(self.let_tuple(loc, value, &vars, body));
        }
        let case = TranslatedCase { lhs: pattern, guard: None, body };
        // The checker reports what a `let` does not match; it raises all the same.
        self.match_value(loc, value, vec![case], Partial::Partial)
    }

    /// The variables of a tuple pattern made of nothing else.
    fn plain_variables(&self, parts: &[(Option<rocaml_base::Name>, Pattern)]) -> Option<Vec<(Ident, ValueKind)>> {
        parts
            .iter()
            .map(|(_, p)| match &p.desc {
                PatternDesc::Var(id, ..) => Some((*id, kinds::value_kind(self.cx, &p.env, p.type_))),
                PatternDesc::Any => Some((Ident::create_local("_any".into()), ValueKind::Generic)),
                _ => None,
            })
            .collect()
    }

    /// `let (x, y) = …`: branches that end in a tuple give its components to a handler, without
    /// making the tuple.
    fn let_tuple(&mut self, loc: Location, mut value: Lambda, vars: &[(Ident, ValueKind)], body: Lambda) -> Lambda {
        let place = self.scopes.at(loc);
        if let Lambda::Prim(Primitive::MakeBlock(0, Mutability::Immutable, _), parts, _) = &mut value
            && parts.len() == vars.len()
        {
            let parts = std::mem::take(parts);
            // Right to left: the first component's binding is the innermost.
            return vars
                .iter()
                .zip(parts)
                .fold(body, |body, ((id, kind), part)| let_(LetKind::Strict, *kind, *id, part, body));
        }
        let label = fresh_label();
        let mut found = false;
        find_tuple_return(&value, vars.len(), &mut found);
        if found && !matches!(value, Lambda::Var(_)) {
            replace_returns(&mut value, label, vars.len(), &place);
            return Lambda::StaticCatch(Box::new(value), (label, vars.to_vec()), Box::new(body));
        }
        let (tuple, binding) = name_value(value, "match");
        let body = vars.iter().enumerate().rev().fold(body, |body, (i, (id, kind))| {
            let_(LetKind::Alias, *kind, *id, field(i, Lambda::Var(tuple), &place), body)
        });
        bind_value(binding, body)
    }

    /// `let p = match param with None -> default | Some x -> x`: upstream's
    /// `for_optional_arg_default`.
    pub(crate) fn match_optional(
        &mut self,
        loc: Location,
        pattern: &Pattern,
        default: Lambda,
        param: Ident,
        body: Lambda,
    ) -> Result<Lambda> {
        let place = ScopedLocation::none();
        let supplied = field(0, Lambda::Var(param), &place);
        let is_none = Lambda::Prim(Primitive::IsInt, vec![Lambda::Var(param)], place);
        let value = Lambda::IfThenElse(Box::new(is_none), Box::new(default), Box::new(supplied));
        self.match_let(loc, value, pattern, body)
    }

    /// Forces a value: the start of `Lazy.force` in place, which calls only for a suspension.
    pub(crate) fn inline_lazy_force(&mut self, value: Lambda, loc: &ScopedLocation) -> Lambda {
        let force = self.lazy_force_function();
        lazy_force(value, &force, loc)
    }
}

/// `(file, line, column)` of a place's start.
pub(crate) fn position_constant(loc: Location) -> StructuredConstant {
    let start = loc.start;
    let number = |n: i64| StructuredConstant::Int(n);
    StructuredConstant::Block(
        0,
        Rc::from([string_constant(&start.file), number(i64::from(start.line)), number(i64::from(start.column()))]),
    )
}

pub(crate) const IMMUTABLE_FIELD: FieldInfo =
    FieldInfo { mutability: Mutability::Immutable, pointerness: Pointerness::Pointer };

/// An immutable field.
pub(crate) fn field(index: usize, block: Lambda, loc: &ScopedLocation) -> Lambda {
    Lambda::Prim(Primitive::Field(index, IMMUTABLE_FIELD), vec![block], loc.clone())
}

/// A variable that holds a value, with its binding if it needs one.
fn name_value(value: Lambda, name: &str) -> (Ident, Option<(Ident, Lambda)>) {
    match value {
        Lambda::Var(id) => (id, None),
        value => {
            let id = Ident::create_local(format!("*{name}*").as_str().into());
            (id, Some((id, value)))
        }
    }
}

fn bind_value(binding: Option<(Ident, Lambda)>, body: Lambda) -> Lambda {
    match binding {
        Some((id, value)) => let_(LetKind::Strict, ValueKind::Generic, id, value, body),
        None => body,
    }
}

/// Where the value of a term is made: calls `f` on each place that returns it.
fn returns(lambda: &mut Lambda, f: &mut dyn FnMut(&mut Lambda)) {
    deep(|| match lambda {
        Lambda::Let(_, _, _, _, body)
        | Lambda::MutLet(_, _, _, body)
        | Lambda::LetRec(_, body)
        | Lambda::Sequence(_, body) => returns(body, f),
        Lambda::IfThenElse(_, then, otherwise) => {
            returns(then, f);
            returns(otherwise, f);
        }
        Lambda::Switch(_, switch, _) => {
            switch.consts.iter_mut().for_each(|(_, case)| returns(case, f));
            switch.blocks.iter_mut().for_each(|(_, case)| returns(case, f));
            switch.failaction.iter_mut().for_each(|case| returns(case, f));
        }
        Lambda::StringSwitch(_, cases, default, _) => {
            cases.iter_mut().for_each(|(_, case)| returns(case, f));
            default.iter_mut().for_each(|case| returns(case, f));
        }
        Lambda::StaticCatch(body, _, handler) => {
            returns(body, f);
            returns(handler, f);
        }
        // A static raise may leave a `try`.
        Lambda::TryWith(body, _, handler) => {
            returns(body, f);
            returns(handler, f);
        }
        Lambda::StaticRaise(..) | Lambda::Prim(Primitive::Raise(_), ..) => {}
        other => f(other),
    });
}

fn is_tuple(lambda: &Lambda, size: usize) -> bool {
    match lambda {
        Lambda::Prim(Primitive::MakeBlock(0, Mutability::Immutable, _), parts, _) => parts.len() == size,
        Lambda::Const(StructuredConstant::Block(0, parts)) => parts.len() == size,
        _ => false,
    }
}

fn find_tuple_return(lambda: &Lambda, size: usize, found: &mut bool) {
    deep(|| {
        *found |= is_tuple(lambda, size);
        if let Lambda::TryWith(body, ..) = lambda {
            find_tuple_return(body, size, found);
        }
        if !*found {
            lambda.parts(&mut |position, part| {
                if position == crate::map::Position::Tail {
                    find_tuple_return(part, size, found);
                }
            });
        }
    });
}

fn replace_returns(lambda: &mut Lambda, label: StaticLabel, size: usize, loc: &ScopedLocation) {
    returns(lambda, &mut |place| {
        let value = place.take();
        *place = match value {
            Lambda::Prim(Primitive::MakeBlock(0, Mutability::Immutable, _), parts, _) if parts.len() == size => {
                Lambda::StaticRaise(label, parts)
            }
            Lambda::Const(StructuredConstant::Block(0, parts)) if parts.len() == size => {
                Lambda::StaticRaise(label, parts.iter().map(|part| Lambda::Const(part.clone())).collect())
            }
            value => {
                let (id, binding) = name_value(value, "tuple");
                let parts = (0..size).map(|i| field(i, Lambda::Var(id), loc)).collect();
                bind_value(binding, Lambda::StaticRaise(label, parts))
            }
        };
    });
}

/// See [`Translator::inline_lazy_force`].
pub(crate) fn lazy_force(value: Lambda, force_function: &Lambda, loc: &ScopedLocation) -> Lambda {
    const FORCING_TAG: i64 = 244;
    const LAZY_TAG: i64 = 246;
    const FORWARD_TAG: i64 = 250;
    let id = Ident::create_local("lzarg".into());
    let var = || Lambda::Var(id);
    let call = || {
        Lambda::Apply(Box::new(Apply {
            func: force_function.clone(),
            args: vec![Lambda::Prim(Primitive::Opaque, vec![var()], loc.clone())],
            loc: loc.clone(),
            tailcall: TailcallAttribute::Default,
            inlined: InlineAttribute::Default,
        }))
    };
    let mutable = FieldInfo { mutability: Mutability::Mutable, pointerness: Pointerness::Pointer };
    let forwarded = Lambda::Prim(Primitive::Field(0, mutable), vec![var()], loc.clone());
    let obj_tag = crate::translprim::c_call("caml_obj_tag", 1, false);
    let tag = Lambda::Prim(obj_tag, vec![var()], loc.clone());
    let switch = Switch {
        num_consts: 256,
        consts: vec![(FORCING_TAG, call()), (LAZY_TAG, call()), (FORWARD_TAG, forwarded)],
        num_blocks: 0,
        blocks: vec![],
        failaction: Some(var()),
    };
    let is_int = Lambda::Prim(Primitive::IsInt, vec![var()], loc.clone());
    let by_tag = Lambda::Switch(Box::new(tag), Box::new(switch), loc.clone());
    let body = Lambda::IfThenElse(Box::new(is_int), Box::new(var()), Box::new(by_tag));
    let_(LetKind::Strict, ValueKind::Generic, id, value, body)
}
