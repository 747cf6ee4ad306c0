//! `match` and `try`: values, exceptions and effects.

use super::functions::is_unreachable;
use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::matching::TranslatedCase;
use crate::rename::fresh_label;
use crate::translator::{Translator, function, let_};
use rocaml_types::Ident;
use rocaml_typing::typedtree::*;

/// A case with its pattern split into values and exceptions.
struct Split {
    value: Option<Pattern>,
    exception: Option<Pattern>,
}

impl Translator<'_> {
    /// Cases that can be reached, translated.
    pub(super) fn cases<'c>(&mut self, cases: &'c [Case]) -> Result<Vec<TranslatedCase<'c>>> {
        cases.iter().filter(|case| !is_unreachable(&case.rhs)).map(|case| self.case_of(case)).collect()
    }

    pub(super) fn case_of<'c>(&mut self, case: &'c Case) -> Result<TranslatedCase<'c>> {
        let guard = case.guard.as_ref().map(|guard| self.exp(guard)).transpose()?;
        Ok(TranslatedCase { lhs: &case.lhs, guard, body: self.exp(&case.rhs)? })
    }

    /// Cases of a handler: raising what the pattern names is raising it again.
    fn handler_cases<'c>(
        &mut self,
        cases: impl IntoIterator<Item = (&'c Pattern, &'c Case)>,
    ) -> Result<Vec<TranslatedCase<'c>>> {
        let mut translated = Vec::new();
        for (pattern, case) in cases {
            if is_unreachable(&case.rhs) {
                continue;
            }
            let part = self.within_handler(pattern, |this| this.case_of(case))?;
            translated.push(TranslatedCase { lhs: pattern, ..part });
        }
        Ok(translated)
    }

    fn within_handler<T>(&mut self, pattern: &Pattern, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let names = outer_names(pattern);
        self.caught.extend(names.iter().copied());
        let result = f(self);
        names.iter().for_each(|id| {
            self.caught.remove(id);
        });
        result
    }

    // -----------------------------------------------------------------------------------------
    // `try`

    pub(super) fn try_expression(
        &mut self,
        e: &Expression,
        body: &Expression,
        cases: &[Case],
        effects: &[Case],
    ) -> Result<Lambda> {
        if !effects.is_empty() {
            let exceptions: Vec<(&Pattern, &Case)> = cases.iter().map(|case| (&case.lhs, case)).collect();
            return self.handler(e, body, None, &exceptions, effects);
        }
        let exn = name_cases("exn", cases.iter().map(|case| &case.lhs));
        let body = self.exp(body)?;
        let translated = self.handler_cases(cases.iter().map(|case| (&case.lhs, case)))?;
        let handler = self.match_exception(e.loc, exn, translated)?;
        Ok(Lambda::TryWith(Box::new(body), exn, Box::new(handler)))
    }

    // -----------------------------------------------------------------------------------------
    // `match`

    pub(super) fn match_expression(
        &mut self,
        e: &Expression,
        arg: &Expression,
        cases: &[Case],
        effects: &[Case],
        partial: Partial,
    ) -> Result<Lambda> {
        let splits: Vec<Split> = cases
            .iter()
            .map(|case| {
                let (value, exception) = split_pattern(&case.lhs);
                Split { value, exception }
            })
            .collect();
        let reachable: Vec<(&Case, &Split)> =
            cases.iter().zip(&splits).filter(|(case, _)| !is_unreachable(&case.rhs)).collect();
        if !effects.is_empty() {
            let values: Vec<(&Pattern, &Case)> =
                reachable.iter().filter_map(|(case, split)| split.value.as_ref().map(|p| (p, *case))).collect();
            let exceptions: Vec<(&Pattern, &Case)> =
                reachable.iter().filter_map(|(case, split)| split.exception.as_ref().map(|p| (p, *case))).collect();
            return self.handler(e, arg, Some((&values, partial)), &exceptions, effects);
        }
        if reachable.iter().all(|(_, split)| split.exception.is_none()) {
            return self.match_values(e, arg, &reachable, partial);
        }
        self.match_with_exceptions(e, arg, &reachable, partial)
    }

    fn match_values(
        &mut self,
        e: &Expression,
        arg: &Expression,
        cases: &[(&Case, &Split)],
        partial: Partial,
    ) -> Result<Lambda> {
        let scrutinee = self.scrutinee(arg)?;
        let mut translated = Vec::new();
        for (case, split) in cases {
            let Some(pattern) = &split.value else { continue };
            translated.push(TranslatedCase { lhs: pattern, ..self.case_of(case)? });
        }
        match scrutinee {
            Scrutinee::Tuple(values) => self.match_tuple(e.loc, values, translated, partial),
            Scrutinee::Value(value, _) => self.match_value(e.loc, value, translated, partial),
        }
    }

    fn scrutinee(&mut self, arg: &Expression) -> Result<Scrutinee> {
        match &arg.desc {
            ExpressionDesc::Tuple(parts) => {
                let mut values = Vec::new();
                for (_, part) in parts {
                    values.push((self.exp(part)?, kinds::kind_of(self.cx, part)));
                }
                Ok(Scrutinee::Tuple(values))
            }
            _ => Ok(Scrutinee::Value(self.exp(arg)?, kinds::kind_of(self.cx, arg))),
        }
    }

    /// The value leaves the `try` by a static raise, so that what is done with it is not within.
    fn match_with_exceptions(
        &mut self,
        e: &Expression,
        arg: &Expression,
        cases: &[(&Case, &Split)],
        partial: Partial,
    ) -> Result<Lambda> {
        let (mut values, mut exceptions) = (Vec::new(), Vec::new());
        // Patterns of cases that match both, renamed in values; what such cases do is shared.
        let mut renamed = Vec::new();
        for (case, split) in cases {
            let (Some(value), Some(_)) = (&split.value, &split.exception) else {
                renamed.push(None);
                continue;
            };
            let renaming: Vec<(Ident, Ident)> =
                pat_bound_idents(value).into_iter().map(|id| (id, id.rename())).collect();
            renamed.push(Some((alpha_pat(&renaming, value.clone()), renaming, case)));
        }
        let mut shared = Vec::new();
        for ((case, split), renamed) in cases.iter().zip(&renamed) {
            match (&split.value, &split.exception, renamed) {
                (Some(value), Some(exception), Some((value_pattern, renaming, _))) => {
                    let label = fresh_label();
                    let vars = self.bound_kinds(value);
                    let body = self.within_handler(exception, |this| this.exp(&case.rhs))?;
                    let renamed_var =
                        |id: Ident| renaming.iter().find(|(old, _)| *old == id).map_or(id, |(_, new)| *new);
                    let by_value = vars.iter().map(|(id, _)| Lambda::Var(renamed_var(*id))).collect();
                    // The handler's variables are the pattern's; the exception's pattern gets others.
                    let by_exception: Vec<(Ident, Ident)> = vars.iter().map(|(id, _)| (*id, id.rename())).collect();
                    values.push((value_pattern.clone(), None, Lambda::StaticRaise(label, by_value)));
                    let raise = by_exception.iter().map(|(_, new)| Lambda::Var(*new)).collect();
                    exceptions.push((
                        alpha_pat(&by_exception, exception.clone()),
                        None,
                        Lambda::StaticRaise(label, raise),
                    ));
                    shared.push((label, vars, body));
                }
                (Some(value), None, _) => {
                    let part = self.case_of(case)?;
                    values.push((value.clone(), part.guard, part.body));
                }
                (None, Some(exception), _) => {
                    let part = self.within_handler(exception, |this| this.case_of(case))?;
                    exceptions.push((exception.clone(), part.guard, part.body));
                }
                _ => {}
            }
        }
        let scrutinee = self.scrutinee(arg)?;
        let label = fresh_label();
        let name = |name: &str| Ident::create_local(name.into());
        let (vars, scrutinees): (Vec<_>, Vec<_>) = match scrutinee {
            Scrutinee::Tuple(parts) => parts.into_iter().map(|(value, kind)| ((name("val"), kind), value)).unzip(),
            Scrutinee::Value(value, kind) => vec![((name("val"), kind), value)].into_iter().unzip(),
        };
        let exn = name("exn");
        let exception_cases = exceptions.iter_mut().map(translated_case).collect();
        let handler = self.match_exception(e.loc, exn, exception_cases)?;
        let tried = Lambda::TryWith(Box::new(Lambda::StaticRaise(label, scrutinees)), exn, Box::new(handler));
        let value_cases = values.iter_mut().map(translated_case).collect();
        let matched = if let ExpressionDesc::Tuple(_) = arg.desc {
            let parts = vars.iter().map(|(id, kind)| (Lambda::Var(*id), *kind)).collect();
            self.match_tuple(e.loc, parts, value_cases, partial)?
        } else {
            self.match_value(e.loc, Lambda::Var(vars[0].0), value_cases, partial)?
        };
        let whole = Lambda::StaticCatch(Box::new(tried), (label, vars), Box::new(matched));
        Ok(shared.into_iter().fold(whole, |whole, (label, vars, body)| {
            Lambda::StaticCatch(Box::new(whole), (label, vars), Box::new(body))
        }))
    }

    // -----------------------------------------------------------------------------------------
    // Effects

    /// A computation in a fiber of its own: functions for its value, its exceptions, its effects.
    fn handler(
        &mut self,
        e: &Expression,
        body: &Expression,
        values: Option<(&[(&Pattern, &Case)], Partial)>,
        exceptions: &[(&Pattern, &Case)],
        effects: &[Case],
    ) -> Result<Lambda> {
        let none = ScopedLocation::none();
        let make = |params: &[Ident], body: Lambda| {
            let params = params.iter().map(|id| (*id, ValueKind::Generic)).collect();
            function(params, ValueKind::Generic, body, FunctionAttribute::default(), &none)
        };
        let value_function = match values {
            None => {
                let param = Ident::create_local("param".into());
                make(&[param], Lambda::Var(param))
            }
            Some((cases, partial)) => {
                let param = name_cases("param", cases.iter().map(|(p, _)| *p));
                let mut translated = Vec::new();
                for (pattern, case) in cases {
                    translated.push(TranslatedCase { lhs: pattern, ..self.case_of(case)? });
                }
                make(&[param], self.match_value(e.loc, Lambda::Var(param), translated, partial)?)
            }
        };
        let exn = name_cases("exn", exceptions.iter().map(|(p, _)| *p));
        let exception_cases = self.handler_cases(exceptions.iter().map(|(p, case)| (*p, *case)))?;
        let exception_function = make(&[exn], self.match_exception(e.loc, exn, exception_cases)?);
        let effect_function = {
            let effect = name_cases("eff", effects.iter().map(|case| &case.lhs));
            let (cont, tail) = (Ident::create_local("k".into()), Ident::create_local("ktail".into()));
            let mut translated = Vec::new();
            for case in effects.iter().filter(|case| !is_unreachable(&case.rhs)) {
                let mut part = self.case_of(case)?;
                if let Some(name) = case.cont {
                    // Bound around the guard too, under another name there.
                    part.body = let_(LetKind::Alias, ValueKind::Generic, name, Lambda::Var(cont), part.body);
                    part.guard = part.guard.map(|guard| crate::rename::copy_with(&guard, [(name, cont)]));
                }
                translated.push(part);
            }
            let args = [effect, cont, tail].map(Lambda::Var).to_vec();
            let again = Lambda::Prim(Primitive::Reperform, args, none.clone());
            let body = self.match_or(e.loc, Lambda::Var(effect), translated, Partial::Partial, again)?;
            make(&[effect, cont, tail], body)
        };
        let (body_function, arg) = match self.exp(body)? {
            Lambda::Apply(mut apply)
                if apply.func.is_evaluated() && apply.args.len() == 1 && apply.args[0].is_evaluated() =>
            {
                let arg = apply.args.remove(0);
                (apply.func, arg)
            }
            body => (make(&[Ident::create_local("param".into())], body), Lambda::unit()),
        };
        let alloc_stack = crate::translprim::c_call("caml_alloc_stack", 3, true);
        let stack = Lambda::Prim(alloc_stack, vec![value_function, exception_function, effect_function], none.clone());
        Ok(Lambda::Prim(Primitive::RunStack, vec![stack, body_function, arg], self.scopes.at(e.loc)))
    }
}

enum Scrutinee {
    Tuple(Vec<(Lambda, ValueKind)>),
    Value(Lambda, ValueKind),
}

fn translated_case(case: &mut (Pattern, Option<Lambda>, Lambda)) -> TranslatedCase<'_> {
    let (pattern, guard, body) = case;
    TranslatedCase { lhs: pattern, guard: guard.take(), body: body.take() }
}

/// The idents that name the whole of what a pattern matches.
fn outer_names(pattern: &Pattern) -> Vec<Ident> {
    match &pattern.desc {
        PatternDesc::Var(id, ..) => vec![*id],
        PatternDesc::Alias(inner, id, ..) => {
            let mut names = outer_names(inner);
            names.push(*id);
            names
        }
        PatternDesc::Exception(inner) | PatternDesc::Value(inner) => outer_names(inner),
        _ => Vec::new(),
    }
}

/// The ident of the first pattern that names its value, or a new one: upstream's `name_cases`.
fn name_cases<'p>(default: &str, patterns: impl Iterator<Item = &'p Pattern>) -> Ident {
    for pattern in patterns {
        if let PatternDesc::Var(id, ..) | PatternDesc::Alias(_, id, ..) = &pattern.desc {
            return *id;
        }
    }
    Ident::create_local(default.into())
}
