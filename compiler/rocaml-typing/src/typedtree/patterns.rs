//! Operations on typed patterns: what they bind, their parts, their values and exceptions.

use rocaml_base::{Loc, Name};
use rocaml_types::{Ident, TypeId, Uid};

use super::{Pattern, PatternDesc, ValueBinding};

impl Pattern {
    /// The same pattern with another shape.
    pub fn with_desc(self, desc: PatternDesc) -> Pattern {
        Pattern { desc, ..self }
    }

    /// The immediate parts.
    pub fn parts(&self) -> Vec<&Pattern> {
        match &self.desc {
            PatternDesc::Any | PatternDesc::Var(..) | PatternDesc::Constant(_) | PatternDesc::Variant(_, None, _) => {
                Vec::new()
            }
            PatternDesc::Alias(p, ..)
            | PatternDesc::Lazy(p)
            | PatternDesc::Value(p)
            | PatternDesc::Exception(p)
            | PatternDesc::Variant(_, Some(p), _) => vec![p],
            PatternDesc::Tuple(parts) => parts.iter().map(|(_, p)| p).collect(),
            PatternDesc::Construct(_, _, parts, _) | PatternDesc::Array(_, parts) => parts.iter().collect(),
            PatternDesc::Record(fields, _) => fields.iter().map(|(_, _, p)| p).collect(),
            PatternDesc::Or(p, q, _) => vec![p, q],
        }
    }

    /// Applies `f` to the pattern and all within it, outermost first.
    pub fn iter(&self, f: &mut dyn FnMut(&Pattern)) {
        f(self);
        for part in self.parts() {
            part.iter(f);
        }
    }

    /// Whether the pattern or one within it is such.
    pub fn exists(&self, f: &dyn Fn(&Pattern) -> bool) -> bool {
        f(self) || self.parts().into_iter().any(|part| part.exists(f))
    }
}

/// A variable bound by a pattern: ident, name as written, type, identity.
pub type BoundIdent = (Ident, Loc<Name>, TypeId, Uid);

fn add_bound(pattern: &Pattern, bound: &mut Vec<BoundIdent>) {
    match &pattern.desc {
        PatternDesc::Var(id, name, uid) => bound.push((*id, *name, pattern.type_, *uid)),
        PatternDesc::Alias(p, id, name, uid, ty) => {
            add_bound(p, bound);
            bound.push((*id, *name, *ty, *uid));
        }
        // Both alternatives bind the same variables.
        PatternDesc::Or(p, _, _) => add_bound(p, bound),
        _ => pattern.parts().into_iter().for_each(|part| add_bound(part, bound)),
    }
}

/// What a pattern binds, in order.
pub fn pat_bound_idents_full(pattern: &Pattern) -> Vec<BoundIdent> {
    let mut bound = Vec::new();
    add_bound(pattern, &mut bound);
    bound
}

/// The idents that a pattern binds, in order.
pub fn pat_bound_idents(pattern: &Pattern) -> Vec<Ident> {
    pat_bound_idents_full(pattern).into_iter().map(|(id, ..)| id).collect()
}

/// What bindings bind, in order.
pub fn let_bound_idents_full(bindings: &[ValueBinding]) -> Vec<BoundIdent> {
    let mut bound = Vec::new();
    bindings.iter().for_each(|binding| add_bound(&binding.pat, &mut bound));
    bound
}

/// The idents that bindings bind, in order.
pub fn let_bound_idents(bindings: &[ValueBinding]) -> Vec<Ident> {
    let_bound_idents_full(bindings).into_iter().map(|(id, ..)| id).collect()
}

/// Renames the variables of a pattern; what is not renamed is no longer bound.
pub fn alpha_pat(renaming: &[(Ident, Ident)], pattern: Pattern) -> Pattern {
    let rename = |id: Ident| renaming.iter().find(|(from, _)| *from == id).map(|(_, to)| *to);
    let alpha = |p: Box<Pattern>| Box::new(alpha_pat(renaming, *p));
    let desc = match pattern.desc {
        PatternDesc::Var(id, name, uid) => match rename(id) {
            Some(id) => PatternDesc::Var(id, name, uid),
            None => PatternDesc::Any,
        },
        PatternDesc::Alias(p, id, name, uid, ty) => match rename(id) {
            Some(id) => PatternDesc::Alias(alpha(p), id, name, uid, ty),
            None => return alpha_pat(renaming, *p),
        },
        PatternDesc::Any | PatternDesc::Constant(_) => pattern.desc,
        PatternDesc::Tuple(parts) => {
            PatternDesc::Tuple(parts.into_iter().map(|(label, p)| (label, alpha_pat(renaming, p))).collect())
        }
        PatternDesc::Construct(lid, constr, parts, annotation) => {
            let parts = parts.into_iter().map(|p| alpha_pat(renaming, p)).collect();
            PatternDesc::Construct(lid, constr, parts, annotation)
        }
        PatternDesc::Variant(tag, arg, row) => PatternDesc::Variant(tag, arg.map(alpha), row),
        PatternDesc::Record(fields, closed) => {
            let fields = fields.into_iter().map(|(lid, label, p)| (lid, label, alpha_pat(renaming, p))).collect();
            PatternDesc::Record(fields, closed)
        }
        PatternDesc::Array(mutable, parts) => {
            PatternDesc::Array(mutable, parts.into_iter().map(|p| alpha_pat(renaming, p)).collect())
        }
        PatternDesc::Lazy(p) => PatternDesc::Lazy(alpha(p)),
        PatternDesc::Value(p) => PatternDesc::Value(alpha(p)),
        PatternDesc::Exception(p) => PatternDesc::Exception(alpha(p)),
        PatternDesc::Or(p, q, row) => PatternDesc::Or(alpha(p), alpha(q), row),
    };
    Pattern { desc, ..pattern }
}

/// A value pattern where a computation is matched.
pub fn as_computation_pattern(pattern: Pattern) -> Pattern {
    Pattern {
        loc: pattern.loc,
        extra: Vec::new(),
        type_: pattern.type_,
        env: pattern.env.clone(),
        attributes: Vec::new(),
        desc: PatternDesc::Value(Box::new(pattern)),
    }
}

/// The part of a computation pattern that matches values, and the part that matches exceptions.
pub fn split_pattern(pattern: &Pattern) -> (Option<Pattern>, Option<Pattern>) {
    let join = |a: Option<Pattern>, b: Option<Pattern>| match (a, b) {
        (Some(a), Some(b)) => {
            let desc = PatternDesc::Or(Box::new(a), Box::new(b), None);
            Some(Pattern { desc, ..pattern.clone() })
        }
        (a, b) => a.or(b),
    };
    match &pattern.desc {
        PatternDesc::Value(p) => (Some((**p).clone()), None),
        PatternDesc::Exception(p) => (None, Some((**p).clone())),
        PatternDesc::Or(p, q, _) if is_computation(pattern) => {
            let ((values1, exceptions1), (values2, exceptions2)) = (split_pattern(p), split_pattern(q));
            (join(values1, values2), join(exceptions1, exceptions2))
        }
        _ => (Some(pattern.clone()), None),
    }
}

/// Whether a pattern matches computations.
pub fn is_computation(pattern: &Pattern) -> bool {
    match &pattern.desc {
        PatternDesc::Value(_) | PatternDesc::Exception(_) => true,
        PatternDesc::Or(p, _, _) => is_computation(p),
        _ => false,
    }
}
