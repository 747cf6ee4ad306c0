//! Common instances of patterns, for those who compile them: upstream's `lub`, and its `Compat`
//! with the equality of constructors that compilation needs.

use super::pat::{Desc, Pat, PatRef, equal_constant, equal_constr};
use rocaml_types::{ConstructorDescription, ConstructorTag, LabelDescription};
use std::rc::Rc;

/// Whether two constructors may be one: extension constructors may rebind each other.
pub fn may_equal_constr(a: &ConstructorDescription, b: &ConstructorDescription) -> bool {
    a.arity == b.arity
        && match (&a.tag, &b.tag) {
            (ConstructorTag::Extension(..), ConstructorTag::Extension(..)) => true,
            _ => equal_constr(a, b),
        }
}

/// Whether some value may match both patterns.
pub fn may_compat(p: &PatRef, q: &PatRef) -> bool {
    match (&p.desc, &q.desc) {
        (Desc::Any | Desc::Var(_), _) | (_, Desc::Any | Desc::Var(_)) => true,
        (Desc::Alias(p, ..), _) => may_compat(p, q),
        (_, Desc::Alias(q, ..)) => may_compat(p, q),
        (Desc::Or(p1, p2), _) => may_compat(p1, q) || may_compat(p2, q),
        (_, Desc::Or(q1, q2)) => may_compat(p, q1) || may_compat(p, q2),
        (Desc::Construct(c, ps), Desc::Construct(d, qs)) => may_equal_constr(c, d) && may_compats(ps, qs),
        (Desc::Variant(t, a, _), Desc::Variant(u, b, _)) => {
            t == u
                && match (a, b) {
                    (None, None) => true,
                    (Some(a), Some(b)) => may_compat(a, b),
                    _ => false,
                }
        }
        (Desc::Constant(c), Desc::Constant(d)) => equal_constant(c, d),
        (Desc::Tuple(ps), Desc::Tuple(qs)) => {
            ps.len() == qs.len() && ps.iter().zip(qs).all(|((l, p), (m, q))| l == m && may_compat(p, q))
        }
        (Desc::Lazy(p), Desc::Lazy(q)) => may_compat(p, q),
        (Desc::Record(l, _), Desc::Record(m, _)) => l
            .iter()
            .all(|(label, p)| m.iter().find(|(other, _)| other.pos == label.pos).is_none_or(|(_, q)| may_compat(p, q))),
        (Desc::Array(m, ps), Desc::Array(n, qs)) => m == n && may_compats(ps, qs),
        _ => false,
    }
}

/// [`may_compat`] for each column.
pub fn may_compats(ps: &[PatRef], qs: &[PatRef]) -> bool {
    ps.len() == qs.len() && ps.iter().zip(qs).all(|(p, q)| may_compat(p, q))
}

/// A pattern that matches all values that both patterns match; none if there are no such values.
pub fn lub(p: &PatRef, q: &PatRef) -> Option<PatRef> {
    let like = |p: &PatRef, desc: Desc| Pat::make(desc, p.type_, p.env.clone());
    match (&p.desc, &q.desc) {
        (Desc::Alias(p, ..), _) => lub(p, q),
        (_, Desc::Alias(q, ..)) => lub(p, q),
        (Desc::Any | Desc::Var(_), _) => Some(q.clone()),
        (_, Desc::Any | Desc::Var(_)) => Some(p.clone()),
        (Desc::Or(p1, p2), _) => or_lub(p1, p2, q),
        (_, Desc::Or(q1, q2)) => or_lub(q1, q2, p),
        (Desc::Constant(c), Desc::Constant(d)) => equal_constant(c, d).then(|| p.clone()),
        (Desc::Tuple(ps), Desc::Tuple(qs)) => {
            if ps.len() != qs.len() {
                return None;
            }
            let part =
                |((l, p), (m, q)): (&(_, PatRef), &(_, PatRef))| if l == m { Some((*l, lub(p, q)?)) } else { None };
            let parts = ps.iter().zip(qs).map(part).collect::<Option<Vec<_>>>()?;
            Some(like(p, Desc::Tuple(parts)))
        }
        (Desc::Lazy(a), Desc::Lazy(b)) => Some(like(p, Desc::Lazy(lub(a, b)?))),
        (Desc::Construct(c, ps), Desc::Construct(d, qs)) => {
            if !equal_constr(c, d) {
                return None;
            }
            Some(like(p, Desc::Construct(c.clone(), lubs(ps, qs)?)))
        }
        (Desc::Variant(t, a, row), Desc::Variant(u, b, _)) => match (a, b) {
            _ if t != u => None,
            (None, None) => Some(p.clone()),
            (Some(a), Some(b)) => Some(like(p, Desc::Variant(*t, Some(lub(a, b)?), *row))),
            _ => None,
        },
        (Desc::Record(l, closed), Desc::Record(m, _)) => Some(like(p, Desc::Record(record_lubs(l, m)?, *closed))),
        (Desc::Array(m, ps), Desc::Array(n, qs)) => {
            if m != n || ps.len() != qs.len() {
                return None;
            }
            Some(like(p, Desc::Array(*m, lubs(ps, qs)?)))
        }
        _ => None,
    }
}

fn or_lub(p1: &PatRef, p2: &PatRef, q: &PatRef) -> Option<PatRef> {
    match (lub(p1, q), lub(p2, q)) {
        (Some(a), Some(b)) => Some(q.with_desc(Desc::Or(a, b))),
        (one, other) => one.or(other),
    }
}

type Fields = Vec<(Rc<LabelDescription>, PatRef)>;

fn record_lubs(l: &Fields, m: &Fields) -> Option<Fields> {
    let mut fields: Fields = Vec::new();
    for (label, p) in l {
        let joined = match m.iter().find(|(other, _)| other.pos == label.pos) {
            Some((_, q)) => lub(p, q)?,
            None => p.clone(),
        };
        fields.push((label.clone(), joined));
    }
    fields.extend(m.iter().filter(|(label, _)| !l.iter().any(|(other, _)| other.pos == label.pos)).cloned());
    fields.sort_by_key(|(label, _)| label.pos);
    Some(fields)
}

/// [`lub`] for each column.
pub fn lubs(ps: &[PatRef], qs: &[PatRef]) -> Option<Vec<PatRef>> {
    ps.iter().zip(qs).map(|(p, q)| lub(p, q)).collect()
}
