//! Rows of matrices: heads of patterns, and what can be done with a row before its column is
//! looked at: upstream's `Half_simple` and `Simple`.

use super::action::Action;
use super::context::Matrix;
use crate::kinds;
use crate::lambda::ValueKind;
use rocaml_syntax::asttypes::ClosedFlag;
use rocaml_types::context::Context as Cx;
use rocaml_types::{Ident, LabelDescription, TypeId};
use rocaml_typing::parmatch::bounds::may_equal_constr;
use rocaml_typing::parmatch::pat::{Head, HeadDesc, equal_constant, omega, omegas};
use rocaml_typing::parmatch::{Desc, Pat, PatRef, le_pat};
use std::rc::Rc;

/// Patterns by column, and what to do when they fit.
#[derive(Clone)]
pub(super) struct Clause {
    pub pats: Vec<PatRef>,
    pub action: Action,
}

/// A record pattern with all its labels.
pub(super) fn expand_record(cx: &Cx, pat: &PatRef) -> PatRef {
    let Desc::Record(fields, _) = &pat.desc else { return pat.clone() };
    let Some((label, _)) = fields.first() else { return pat.clone() };
    if fields.len() == label.all.len() {
        return pat.clone();
    }
    let mut all: Vec<(Rc<LabelDescription>, PatRef)> = label.all.iter().map(|l| (l.clone(), omega(cx))).collect();
    for (label, p) in fields {
        all[label.pos] = (label.clone(), p.clone());
    }
    pat.with_desc(Desc::Record(all, ClosedFlag::Closed))
}

/// The head of a record with all its labels.
pub(super) fn expand_record_head(head: &Head) -> Head {
    match &head.desc {
        HeadDesc::Record(labels) if labels.first().is_some_and(|label| label.all.len() != labels.len()) => {
            Head { desc: HeadDesc::Record(labels[0].all.to_vec()), ..head.clone() }
        }
        _ => head.clone(),
    }
}

/// The parts of a pattern, if it may match values of this head.
pub(super) fn matcher(cx: &Cx, head: &Head, pat: &PatRef) -> Option<Vec<PatRef>> {
    if head.is_any() {
        return Some(Vec::new());
    }
    let (other, args) = Head::deconstruct(pat);
    let fits = match (&head.desc, &other.desc) {
        (_, HeadDesc::Any) => return Some(omegas(cx, head.arity())),
        (HeadDesc::Constant(c), HeadDesc::Constant(d)) => equal_constant(c, d),
        (HeadDesc::Construct(c), HeadDesc::Construct(d)) => may_equal_constr(c, d),
        (HeadDesc::Variant { tag, has_arg, .. }, HeadDesc::Variant { tag: other_tag, has_arg: other_has_arg, .. }) => {
            tag == other_tag && has_arg == other_has_arg
        }
        (HeadDesc::Array(m, n), HeadDesc::Array(other_m, other_n)) => m == other_m && n == other_n,
        (HeadDesc::Tuple(n), HeadDesc::Tuple(m)) => n.len() == m.len(),
        (HeadDesc::Record(l), HeadDesc::Record(m)) => l.len() == m.len(),
        (HeadDesc::Lazy, HeadDesc::Lazy) => true,
        _ => false,
    };
    fits.then_some(args)
}

/// Whether a pattern, which is neither an alias nor an alternative, is wild.
pub(super) fn is_wild(pat: &Pat) -> bool {
    matches!(pat.desc, Desc::Any | Desc::Var(_))
}

/// Whether a pattern has an alternative that is wild.
pub(super) fn omega_like(pat: &PatRef) -> bool {
    match &pat.desc {
        Desc::Any | Desc::Var(_) => true,
        Desc::Alias(p, ..) => omega_like(p),
        Desc::Or(p, q) => omega_like(p) || omega_like(q),
        _ => false,
    }
}

/// Whether patterns match the same values.
pub(super) fn equiv_pat(cx: &Cx, p: &PatRef, q: &PatRef) -> bool {
    le_pat(cx, p, q) && le_pat(cx, q, p)
}

/// An alternative without what its left side subsumes.
fn simplify_under_or(cx: &Cx, pat: &PatRef) -> PatRef {
    match &pat.desc {
        Desc::Alias(p, id, ty) => pat.with_desc(Desc::Alias(simplify_under_or(cx, p), *id, *ty)),
        Desc::Or(p, q) => {
            let (p, q) = (simplify_under_or(cx, p), simplify_under_or(cx, q));
            if le_pat(cx, &p, &q) { p } else { pat.with_desc(Desc::Or(p, q)) }
        }
        Desc::Record(..) => expand_record(cx, pat),
        _ => pat.clone(),
    }
}

/// Turns names at the head of a row into bindings of its action.
pub(super) fn half_simplify(cx: &Cx, arg: &super::PureArg, mut clause: Clause) -> Clause {
    loop {
        let first = clause.pats[0].clone();
        let (id, inner) = match &first.desc {
            Desc::Var(id) => (*id, omega(cx)),
            Desc::Alias(p, id, _) => (*id, p.clone()),
            Desc::Or(..) => {
                let simplified = simplify_under_or(cx, &first);
                let done = matches!(simplified.desc, Desc::Or(..));
                clause.pats[0] = simplified;
                if done {
                    return clause;
                }
                continue;
            }
            Desc::Record(..) => {
                clause.pats[0] = expand_record(cx, &first);
                return clause;
            }
            _ => return clause,
        };
        let kind = match &first.desc {
            Desc::Alias(p, ..) => kinds::value_kind(cx, &p.env, p.type_),
            _ => ValueKind::Generic,
        };
        clause.action.bind(id, kind, arg);
        clause.pats[0] = inner;
    }
}

/// A variable of a pattern with its type.
pub(super) type BoundVariable = (Ident, TypeId);

/// The variables of a pattern, in order.
pub(super) fn bound_variables(pat: &PatRef, bound: &mut Vec<BoundVariable>) {
    match &pat.desc {
        Desc::Any | Desc::Constant(_) | Desc::Variant(_, None, _) => {}
        Desc::Var(id) => bound.push((*id, pat.type_)),
        Desc::Alias(p, id, ty) => {
            bound_variables(p, bound);
            bound.push((*id, *ty));
        }
        Desc::Tuple(parts) => parts.iter().for_each(|(_, p)| bound_variables(p, bound)),
        Desc::Construct(_, parts) | Desc::Array(_, parts) => parts.iter().for_each(|p| bound_variables(p, bound)),
        Desc::Variant(_, Some(p), _) | Desc::Lazy(p) => bound_variables(p, bound),
        Desc::Record(fields, _) => fields.iter().for_each(|(_, p)| bound_variables(p, bound)),
        Desc::Or(p, _) => bound_variables(p, bound),
    }
}

/// Whether a pattern nests more than so many levels; alternatives in a row and names are no levels.
pub(super) fn is_deeper(pat: &PatRef, levels: usize) -> bool {
    let Some(inner) = levels.checked_sub(1) else { return true };
    let mut pat = pat;
    loop {
        match &pat.desc {
            // A row of alternatives leans to the left.
            Desc::Or(_, q) if is_deeper(q, levels) => return true,
            Desc::Or(p, _) | Desc::Alias(p, ..) => pat = p,
            _ => break,
        }
    }
    match &pat.desc {
        Desc::Any | Desc::Constant(_) | Desc::Variant(_, None, _) | Desc::Var(_) => false,
        Desc::Or(..) | Desc::Alias(..) => false,
        Desc::Variant(_, Some(p), _) | Desc::Lazy(p) => is_deeper(p, inner),
        Desc::Tuple(parts) => parts.iter().any(|(_, p)| is_deeper(p, inner)),
        Desc::Construct(_, parts) | Desc::Array(_, parts) => parts.iter().any(|p| is_deeper(p, inner)),
        Desc::Record(fields, _) => fields.iter().any(|(_, p)| is_deeper(p, inner)),
    }
}

/// Whether a pattern has variables.
pub(super) fn has_variables(pat: &PatRef) -> bool {
    match &pat.desc {
        Desc::Any | Desc::Constant(_) | Desc::Variant(_, None, _) => false,
        Desc::Var(_) | Desc::Alias(..) => true,
        Desc::Tuple(parts) => parts.iter().any(|(_, p)| has_variables(p)),
        Desc::Construct(_, parts) | Desc::Array(_, parts) => parts.iter().any(has_variables),
        Desc::Variant(_, Some(p), _) | Desc::Lazy(p) => has_variables(p),
        Desc::Record(fields, _) => fields.iter().any(|(_, p)| has_variables(p)),
        Desc::Or(p, _) => has_variables(p),
    }
}

/// Renames the variables of a pattern; what is not renamed is no longer bound.
pub(super) fn alpha(cx: &Cx, renaming: &[(Ident, Ident)], pat: &PatRef) -> PatRef {
    let renamed = |id: &Ident| renaming.iter().find(|(old, _)| old == id).map(|(_, new)| *new);
    let part = |p: &PatRef| alpha(cx, renaming, p);
    let parts = |ps: &[PatRef]| ps.iter().map(part).collect();
    let desc = match &pat.desc {
        Desc::Any | Desc::Constant(_) | Desc::Variant(_, None, _) => return pat.clone(),
        Desc::Var(id) => renamed(id).map_or(Desc::Any, Desc::Var),
        Desc::Alias(p, id, ty) => match renamed(id) {
            Some(id) => Desc::Alias(part(p), id, *ty),
            None => return part(p),
        },
        Desc::Tuple(ps) => Desc::Tuple(ps.iter().map(|(label, p)| (*label, part(p))).collect()),
        Desc::Construct(constr, ps) => Desc::Construct(constr.clone(), parts(ps)),
        Desc::Variant(tag, Some(p), row) => Desc::Variant(*tag, Some(part(p)), *row),
        Desc::Record(fields, closed) => {
            Desc::Record(fields.iter().map(|(label, p)| (label.clone(), part(p))).collect(), *closed)
        }
        Desc::Array(flag, ps) => Desc::Array(*flag, parts(ps)),
        Desc::Lazy(p) => Desc::Lazy(part(p)),
        Desc::Or(p, q) => Desc::Or(part(p), part(q)),
    };
    pat.with_desc(desc)
}

/// An alternative of a pattern by itself, for a row of its own.
pub(super) struct Alternative {
    pub pat: PatRef,
    /// What holds the values of the variables that were asked for.
    pub vars: Vec<Ident>,
    /// A variable for the whole value, if it is needed and has none.
    pub whole: Option<(Ident, ValueKind)>,
}

/// The alternatives of a pattern, each with fresh variables for those of `vars`.
pub(super) fn explode_or(cx: &Cx, arg: &super::PureArg, pat: &PatRef, vars: &[Ident]) -> Vec<Alternative> {
    let mut alternatives = Vec::new();
    explode(cx, arg, pat, &mut Vec::new(), vars, &mut alternatives);
    alternatives
}

fn explode(
    cx: &Cx,
    arg: &super::PureArg,
    pat: &PatRef,
    aliases: &mut Vec<Ident>,
    vars: &[Ident],
    alternatives: &mut Vec<Alternative>,
) {
    let wild;
    let (depth, mut inner) = (aliases.len(), pat);
    let whole_pat = loop {
        match &inner.desc {
            Desc::Or(p, q) => {
                explode(cx, arg, p, aliases, vars, alternatives);
                explode(cx, arg, q, aliases, vars, alternatives);
                aliases.truncate(depth);
                return;
            }
            Desc::Alias(p, id, _) => {
                aliases.push(*id);
                inner = p;
            }
            Desc::Var(id) => {
                aliases.push(*id);
                wild = omega(cx);
                break &wild;
            }
            _ => break inner,
        }
    };
    let mut whole = None;
    let mut renaming = Vec::new();
    let mut values = Vec::new();
    for var in vars {
        if !aliases.contains(var) {
            let fresh = var.rename();
            renaming.push((*var, fresh));
            values.push(fresh);
            continue;
        }
        let value = match arg {
            super::PureArg::Var(id) => *id,
            super::PureArg::Tuple(_) => {
                let kind = kinds::value_kind(cx, &whole_pat.env, whole_pat.type_);
                whole.get_or_insert_with(|| (var.rename(), kind)).0
            }
        };
        values.push(value);
    }
    aliases.truncate(depth);
    alternatives.push(Alternative { pat: alpha(cx, &renaming, whole_pat), vars: values, whole });
}

/// The rows of a matrix of one column as rows of the components of its tuples.
pub(super) fn flatten_matrix(cx: &Cx, size: usize, matrix: &Matrix) -> Matrix {
    let mut rows = Vec::new();
    for row in matrix {
        if let [pat] = row.as_slice() {
            flatten_row(cx, size, pat, &mut rows);
        }
    }
    rows
}

fn flatten_row(cx: &Cx, size: usize, pat: &PatRef, rows: &mut Matrix) {
    match &pat.desc {
        Desc::Tuple(parts) => rows.push(parts.iter().map(|(_, p)| p.clone()).collect()),
        Desc::Or(p, q) => {
            flatten_row(cx, size, p, rows);
            flatten_row(cx, size, q, rows);
        }
        Desc::Alias(p, ..) => flatten_row(cx, size, p, rows),
        _ => rows.push(omegas(cx, size)),
    }
}
