//! `match` and `try`: values, exceptions and effects.

use super::functions::is_unreachable;
use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::matching::{Failure, MatchCase};
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
    pub(super) fn cases(&mut self, cases: &[Case]) -> Result<Vec<MatchCase>> {
        cases.iter().filter(|case| !is_unreachable(&case.rhs)).map(|case| self.case_of(case)).collect()
    }

    pub(super) fn case_of(&mut self, case: &Case) -> Result<MatchCase> {
        self.case_with(&case.lhs, case)
    }

    /// A case with another pattern.
    fn case_with(&mut self, pattern: &Pattern, case: &Case) -> Result<MatchCase> {
        let body = self.exp(&case.rhs)?;
        let guard = case.guard.as_ref().map(|guard| self.exp(guard)).transpose()?;
        Ok(MatchCase::new(pattern, guard, body))
    }

    /// Cases of a handler: raising what the pattern names is raising it again.
    fn handler_cases<'c>(
        &mut self,
        cases: impl IntoIterator<Item = (&'c Pattern, &'c Case)>,
    ) -> Result<Vec<MatchCase>> {
        let mut translated = Vec::new();
        for (pattern, case) in cases {
            if !is_unreachable(&case.rhs) {
                translated.push(self.within_handler(pattern, |this| this.case_with(pattern, case))?);
            }
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
        let mut translated = Vec::new();
        for (case, split) in cases {
            let Some(pattern) = &split.value else { continue };
            translated.push(self.case_with(pattern, case)?);
        }
        match &arg.desc {
            ExpressionDesc::Tuple(parts) => {
                let values = self.exps(parts.iter().map(|(_, part)| part))?;
                self.match_tuple(e.loc, values, translated, partial)
            }
            _ => {
                let value = self.exp(arg)?;
                self.match_value(e.loc, value, translated, partial)
            }
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
        let (mut values, mut exceptions, mut shared) = (Vec::new(), Vec::new(), Vec::new());
        let (mut value_patterns, mut exception_patterns) = (Vec::new(), Vec::new());
        for (case, split) in cases {
            match (&split.value, &split.exception) {
                (Some(value), Some(exception)) => {
                    // What such a case does is shared: in values its variables are others.
                    let label = fresh_label();
                    let vars = self.bound_kinds(value);
                    let renaming: Vec<(Ident, Ident)> = vars.iter().map(|(id, _)| (*id, id.rename())).collect();
                    let value = alpha_pat(&renaming, value.clone());
                    // The handler's variables are the pattern's; the exception's pattern gets others.
                    let in_exception: Vec<(Ident, Ident)> = vars.iter().map(|(id, _)| (*id, id.rename())).collect();
                    let exception_pattern = alpha_pat(&in_exception, exception.clone());
                    let body = self.within_handler(exception, |this| this.exp(&case.rhs))?;
                    let raise = |renaming: &[(Ident, Ident)]| {
                        Lambda::StaticRaise(label, renaming.iter().map(|(_, id)| Lambda::Var(*id)).collect())
                    };
                    values.push(MatchCase::new(&value, None, raise(&renaming)));
                    exceptions.push(MatchCase::new(&exception_pattern, None, raise(&in_exception)));
                    value_patterns.push(value);
                    exception_patterns.push(exception_pattern);
                    shared.push((label, vars, body));
                }
                (Some(value), None) => {
                    values.push(self.case_with(value, case)?);
                    value_patterns.push(value.clone());
                }
                (None, Some(exception)) => {
                    exceptions.push(self.within_handler(exception, |this| this.case_with(exception, case))?);
                    exception_patterns.push(exception.clone());
                }
                (None, None) => {}
            }
        }
        let (vars, scrutinees, matched): (Vec<(Ident, ValueKind)>, _, _) = match &arg.desc {
            ExpressionDesc::Tuple(parts) => {
                let scrutinees = self.exps(parts.iter().map(|(_, part)| part))?;
                let var = |part: &Expression| (Ident::create_local("val".into()), kinds::kind_of(self.cx, part));
                let vars: Vec<(Ident, ValueKind)> = parts.iter().map(|(_, part)| var(part)).collect();
                let components = vars.iter().map(|(id, _)| Lambda::Var(*id)).collect();
                (vars, scrutinees, self.match_tuple(e.loc, components, values, partial)?)
            }
            _ => {
                let scrutinee = self.exp(arg)?;
                let id = name_cases("val", value_patterns.iter());
                let vars = vec![(id, kinds::kind_of(self.cx, arg))];
                (vars, vec![scrutinee], self.match_value(e.loc, Lambda::Var(id), values, partial)?)
            }
        };
        let label = fresh_label();
        let exn = name_cases("exn", exception_patterns.iter());
        let handler = self.match_exception(e.loc, exn, exceptions)?;
        let tried = Lambda::TryWith(Box::new(Lambda::StaticRaise(label, scrutinees)), exn, Box::new(handler));
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
                    translated.push(self.case_with(pattern, case)?);
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
                    part.action = let_(LetKind::Alias, ValueKind::Generic, name, Lambda::Var(cont), part.action);
                }
                translated.push(part);
            }
            let again = Failure::Reperform([effect, cont, tail]);
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
