//! Functions: curried ones with upstream's arity, and those of one tuple, which take its
//! components.

use super::apply::MAX_ARITY;
use crate::attributes::add_function_attributes;
use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::matching::MatchCase;
use crate::translator::{Translator, function};
use rocaml_base::Location;
use rocaml_types::Ident;
use rocaml_typing::parmatch::pat::omegas;
use rocaml_typing::parmatch::{Pat, PatRef};
use rocaml_typing::typedtree::*;

/// What a function is made of before it is given attributes.
struct Parts {
    kind: FunctionKind,
    params: Vec<(Ident, ValueKind)>,
    return_kind: ValueKind,
    body: Lambda,
}

impl Translator<'_> {
    pub(super) fn function_expression(
        &mut self,
        e: &Expression,
        params: &[FunctionParam],
        body: &FunctionBody,
        in_new_scope: bool,
    ) -> Result<Lambda> {
        let scopes = if in_new_scope { self.scopes.clone() } else { self.scopes.anonymous_function() };
        self.in_scopes(scopes, |this| {
            let fused = fused_method(params, body);
            let (params, body) = fused.as_ref().map_or((params, body), |(params, body)| (params.as_slice(), *body));
            let parts = this.function_parts(e.loc, params, body)?;
            let lambda = parts.into_lambda(&this.scopes.at(e.loc));
            // Attributes may stand on `fun` or on the type variables it abstracts.
            let mut attributes = e.attributes.clone();
            for (extra, _, more) in &e.extra {
                if matches!(extra, ExpressionExtra::Newtype(..)) {
                    attributes.extend(more.iter().cloned());
                }
            }
            Ok(add_function_attributes(this.cx, lambda, e.loc, &attributes))
        })
    }

    /// The function of a binding operator: one case.
    pub(super) fn one_case_function(&mut self, param: Ident, case: &Case, partial: Partial) -> Result<Lambda> {
        let loc = case.rhs.loc;
        let cases = std::slice::from_ref(case);
        let parts = match self.tupled(loc, cases, partial)? {
            Some(parts) => parts,
            None => {
                let kind = kinds::value_kind(self.cx, &case.lhs.env, case.lhs.type_);
                let return_kind = kinds::kind_of(self.cx, &case.rhs);
                let translated = self.cases(cases)?;
                let body = self.match_value(loc.ghost(), Lambda::Var(param), translated, partial)?;
                Parts { kind: FunctionKind::Curried, params: vec![(param, kind)], return_kind, body }
            }
        };
        Ok(parts.into_lambda(&self.scopes.at(loc)))
    }

    fn function_parts(&mut self, loc: Location, params: &[FunctionParam], body: &FunctionBody) -> Result<Parts> {
        if let ([], FunctionBody::Cases { cases, partial, .. }) = (params, body)
            && let Some(parts) = self.tupled(loc, cases, *partial)?
        {
            return Ok(parts);
        }
        if let ([param], FunctionBody::Body(body)) = (params, body)
            && let FunctionParamKind::Pat(pat) = &param.kind
            && matches!(pat.desc, PatternDesc::Tuple(_))
        {
            // One case, whose right-hand side is the body.
            let case = Case { lhs: pat.clone(), cont: None, guard: None, rhs: (**body).clone() };
            if let Some(parts) = self.tupled(loc, std::slice::from_ref(&case), param.partial)? {
                return Ok(parts);
            }
        }
        self.curried(loc, params, body)
    }

    /// A function of a tuple that no case names takes the components.
    fn tupled(&mut self, loc: Location, cases: &[Case], partial: Partial) -> Result<Option<Parts>> {
        let Some(PatternDesc::Tuple(first)) = cases.first().map(|case| &case.lhs.desc) else { return Ok(None) };
        let size = first.len();
        if size > MAX_ARITY || !self.cx.options.native_code {
            return Ok(None);
        }
        let mut rows: Vec<Vec<PatRef>> = Vec::new();
        for case in cases {
            match &case.lhs.desc {
                PatternDesc::Tuple(parts) => rows.push(parts.iter().map(|(_, p)| Pat::of_typed(p)).collect()),
                PatternDesc::Any => rows.push(omegas(self.cx, size)),
                _ => return Ok(None),
            }
        }
        let kind = |p: &PatRef| kinds::value_kind(self.cx, &p.env, p.type_);
        let mut kinds: Vec<ValueKind> = rows[0].iter().map(kind).collect();
        for row in &rows[1..] {
            kinds.iter_mut().zip(row).for_each(|(known, p)| *known = kinds::union(*known, kind(p)));
        }
        let params: Vec<(Ident, ValueKind)> =
            kinds.into_iter().map(|kind| (Ident::create_local("param".into()), kind)).collect();
        let return_kind = kinds::kind_of(self.cx, &cases[0].rhs);
        let mut translated = Vec::new();
        for (case, row) in cases.iter().zip(rows).filter(|(case, _)| !is_unreachable(&case.rhs)) {
            translated.push((row, self.case_of(case)?.action));
        }
        let idents = params.iter().map(|(id, _)| *id).collect();
        let body = self.match_params(loc, idents, translated, partial)?;
        Ok(Some(Parts { kind: FunctionKind::Tupled, params, return_kind, body }))
    }

    fn curried(&mut self, loc: Location, params: &[FunctionParam], body: &FunctionBody) -> Result<Parts> {
        let (mut all_params, mut lambda, return_kind) = match body {
            FunctionBody::Body(body) => (Vec::new(), self.exp(body)?, kinds::kind_of(self.cx, body)),
            FunctionBody::Cases { cases, partial, param, loc, .. } => {
                let kind = cases
                    .iter()
                    .map(|case| kinds::value_kind(self.cx, &case.lhs.env, case.lhs.type_))
                    .reduce(kinds::union)
                    .unwrap_or(ValueKind::Generic);
                let return_kind = cases.first().map_or(ValueKind::Generic, |case| kinds::kind_of(self.cx, &case.rhs));
                let translated = self.cases(cases)?;
                let body = self.match_value(*loc, Lambda::Var(*param), translated, *partial)?;
                (vec![(*param, kind)], body, return_kind)
            }
        };
        for param in params.iter().rev() {
            let kind = match &param.kind {
                FunctionParamKind::Pat(pat) => {
                    let case = MatchCase::new(pat, None, lambda);
                    lambda = self.match_value(param.loc, Lambda::Var(param.param), vec![case], param.partial)?;
                    kinds::value_kind(self.cx, &pat.env, pat.type_)
                }
                FunctionParamKind::OptionalDefault(pat, default) => {
                    let default = self.exp(default)?;
                    lambda = self.match_optional(param.loc, pat, default, param.param, lambda)?;
                    // An option.
                    ValueKind::Generic
                }
            };
            all_params.insert(0, (param.param, kind));
        }
        let place = self.scopes.at(loc);
        let mut chunks: Vec<Vec<(Ident, ValueKind)>> = all_params.chunks(MAX_ARITY).map(<[_]>::to_vec).collect();
        let params = chunks.remove(0);
        let mut return_kind = return_kind;
        for chunk in chunks.into_iter().rev() {
            lambda = function(chunk, return_kind, lambda, FunctionAttribute::default(), &place);
            return_kind = ValueKind::Generic;
        }
        Ok(Parts { kind: FunctionKind::Curried, params, return_kind, body: lambda })
    }
}

impl Parts {
    fn into_lambda(self, loc: &ScopedLocation) -> Lambda {
        Lambda::Function(Box::new(Function {
            kind: self.kind,
            params: self.params,
            return_kind: self.return_kind,
            body: self.body,
            attr: FunctionAttribute::default(),
            loc: loc.clone(),
        }))
    }
}

/// A method is a function of the object and of its parameters: upstream's `fuse_method_arity`.
fn fused_method<'e>(
    params: &[FunctionParam],
    body: &'e FunctionBody,
) -> Option<(Vec<FunctionParam>, &'e FunctionBody)> {
    let FunctionBody::Body(inner) = body else { return None };
    let ExpressionDesc::Function(more, body) = &inner.desc else { return None };
    let is_method = inner.extra.iter().any(|(extra, ..)| matches!(extra, ExpressionExtra::Poly(_)));
    is_method.then(|| (params.iter().chain(more).cloned().collect(), body))
}

/// Whether a right-hand side is `.`.
pub(super) fn is_unreachable(e: &Expression) -> bool {
    matches!(e.desc, ExpressionDesc::Unreachable)
}
