//! A matrix is split along its first column into matrices in whose first column two patterns have
//! either the same head or no value in common.
//!
//! Splitting follows alternatives first, then changes between tests and variables. It is greedy:
//! rows are raised into the first matrix as long as that does not change which row matches. Rows
//! that start with an alternative are precompiled: each alternative becomes a row that raises to a
//! handler, which matches the other columns.

use super::action::Action;
use super::compile::Matcher;
use super::context::{Matrix, get_mins};
use super::default_env::DefaultEnv;
use super::rows::{Clause, bound_variables, equiv_pat, explode_or, half_simplify, has_variables, is_wild, omega_like};
use super::{Arg, PureArg};
use crate::kinds;
use crate::lambda::*;
use crate::rename::fresh_label;
use crate::translator::let_;
use rocaml_syntax::asttypes::Constant;
use rocaml_types::context::Context as Cx;
use rocaml_types::{ConstructorTag, Ident};
use rocaml_typing::parmatch::bounds::{may_compat, may_compats};
use rocaml_typing::parmatch::pat::{Head, HeadDesc, omega, omegas};
use rocaml_typing::parmatch::{Desc, PatRef, le_pats};

/// A matrix to be compiled.
#[derive(Clone)]
pub(super) struct Matching<A> {
    pub cases: Vec<Clause>,
    pub args: A,
    pub default: DefaultEnv,
}

/// The values to be matched, when the first is about to be looked at.
#[derive(Clone)]
pub(super) struct SplitArgs {
    pub first: PureArg,
    pub first_mutable: bool,
    pub rest: Vec<Arg>,
}

/// The rest of rows that start with an alternative.
pub(super) struct Handler {
    pub provenance: Matrix,
    pub exit: StaticLabel,
    pub vars: Vec<(Ident, ValueKind)>,
    pub pm: Matching<Vec<Arg>>,
}

/// A matrix after splitting.
pub(super) enum Precompiled {
    Or {
        body: Matching<SplitArgs>,
        handlers: Vec<Handler>,
        or_matrix: Matrix,
    },
    /// The first column is wild; this matches the others.
    Var(Box<Precompiled>),
    Plain(Matching<SplitArgs>),
}

/// The first of the matrices that a matrix is split into.
struct First {
    me: Precompiled,
    matrix: Matrix,
    /// Where to go on when it does not match.
    top_default: DefaultEnv,
}

/// The other matrices, with the handlers that they are the bodies of.
type Nexts = Vec<(StaticLabel, Precompiled)>;

fn as_matrix(cx: &Cx, rows: Vec<Vec<PatRef>>) -> Matrix {
    get_mins(&|a: &Vec<PatRef>, b: &Vec<PatRef>| le_pats(cx, a, b), rows)
}

fn matrix_of(cx: &Cx, clauses: &[Clause]) -> Matrix {
    as_matrix(cx, clauses.iter().map(|clause| clause.pats.clone()).collect())
}

fn add_omega_column(cx: &Cx, matrix: Matrix) -> Matrix {
    let add = |row: Vec<PatRef>| std::iter::once(omega(cx)).chain(row).collect();
    matrix.into_iter().map(add).collect()
}

fn rebuild_matrix(cx: &Cx, precompiled: &Precompiled) -> Matrix {
    match precompiled {
        Precompiled::Plain(pm) => matrix_of(cx, &pm.cases),
        Precompiled::Or { or_matrix, .. } => or_matrix.clone(),
        Precompiled::Var(inside) => add_omega_column(cx, rebuild_matrix(cx, inside)),
    }
}

fn is_or(clause: &Clause) -> bool {
    matches!(clause.pats[0].desc, Desc::Or(..))
}

/// Whether a pattern may stand in a column with a head such that equal heads and heads without
/// common values are told apart.
fn can_group(head: &Head, pat: &PatRef) -> bool {
    match (&head.desc, &pat.desc) {
        (HeadDesc::Any, _) => is_wild(pat),
        (HeadDesc::Constant(c), Desc::Constant(d)) => {
            let kind = |constant: &Constant| std::mem::discriminant(constant);
            kind(c) == kind(d)
        }
        (HeadDesc::Construct(c), Desc::Construct(d, _)) => match (&c.tag, &d.tag) {
            // Another extension constructor may be a rebinding of this one.
            (ConstructorTag::Extension(p, _), ConstructorTag::Extension(q, _)) => p == q,
            _ => true,
        },
        (HeadDesc::Tuple(_), Desc::Tuple(_)) | (HeadDesc::Record(_), Desc::Record(..)) => true,
        (HeadDesc::Tuple(_) | HeadDesc::Record(_), _) => is_wild(pat),
        (HeadDesc::Array(..), Desc::Array(..)) => true,
        (HeadDesc::Variant { .. }, Desc::Variant(..)) => true,
        (HeadDesc::Lazy, Desc::Lazy(_)) => true,
        _ => false,
    }
}

impl Matcher<'_, '_> {
    /// Whether a row may be raised over others.
    fn safe_before<'c>(&mut self, clause: &Clause, mut others: impl Iterator<Item = &'c Clause>) -> bool {
        others.all(|other| !may_compats(&clause.pats, &other.pats) || self.bodies.same(&clause.action, &other.action))
    }

    /// Splits a matrix whose first column may have alternatives.
    pub(super) fn split_half_simple(&mut self, pm: Matching<SplitArgs>) -> (Precompiled, Nexts) {
        let (first, nexts) = self.split_or(pm.cases, &pm.args, &pm.default);
        (first.me, nexts)
    }

    /// Splits a matrix whose first column has no alternatives.
    pub(super) fn split_simple(&mut self, pm: Matching<SplitArgs>) -> (Precompiled, Nexts) {
        let (first, nexts) = self.split_no_or(pm.cases, &pm.args, &pm.default, Vec::new());
        (first.me, nexts)
    }

    // -----------------------------------------------------------------------------------------
    // Alternatives

    fn split_or(&mut self, clauses: Vec<Clause>, args: &SplitArgs, def: &DefaultEnv) -> (First, Nexts) {
        let (mut before, mut ors, mut no): (Vec<Clause>, Vec<Clause>, Vec<Clause>) = Default::default();
        for clause in clauses {
            if !self.safe_before(&clause, no.iter()) {
                no.push(clause);
            } else if !is_or(&clause) && self.safe_before(&clause, ors.iter()) {
                before.push(clause);
            } else if let Some(clause) = self.insert_or_append(clause, &mut ors) {
                no.push(clause);
            }
        }
        let (def, nexts) = if no.is_empty() {
            (def.clone(), Vec::new())
        } else {
            let (next, mut nexts) = self.split_or(no, args, def);
            let label = fresh_label();
            nexts.insert(0, (label, next.me));
            (next.top_default.cons(next.matrix, label), nexts)
        };
        if ors.is_empty() {
            self.split_no_or(before, args, &def, nexts)
        } else {
            self.precompile_or(before, ors, args, &def, nexts)
        }
    }

    /// Whether a row, when it does not match beyond its first column, leaves nothing to another.
    fn safe_below(&self, above: &Clause, rest: &[PatRef]) -> bool {
        !above.action.is_guarded() && le_pats(self.cx, &above.pats[1..], rest)
    }

    /// Puts a row among the rows with alternatives, or gives it back.
    fn insert_or_append(&self, clause: Clause, ors: &mut Vec<Clause>) -> Option<Clause> {
        let cx = self.cx;
        let pat = clause.pats[0].clone();
        let rest = clause.pats[1..].to_vec();
        for at in (0..ors.len()).rev() {
            let other = &ors[at];
            let other_pat = &other.pats[0];
            if !is_or(other) || !may_compat(&pat, other_pat) {
                continue;
            }
            if !has_variables(&pat) && !has_variables(other_pat) && equiv_pat(cx, &pat, other_pat) {
                // The same alternatives: both rows go on in one handler.
                let above = ors[..at].iter().rposition(|row| !equiv_pat(cx, &pat, &row.pats[0]));
                let not_equivalent = above.map_or(&ors[..0], |last| &ors[..=last]);
                let below_or =
                    |row: &Clause| !is_or(row) || !may_compat(&row.pats[0], &pat) || self.safe_below(row, &rest);
                let safe = not_equivalent.iter().all(below_or)
                    && ors[at + 1..].iter().all(|row| !may_compat(&pat, &row.pats[0]));
                if !safe {
                    return Some(clause);
                }
                ors.insert(at + 1, clause);
                return None;
            }
            if !self.safe_below(other, &rest) {
                return Some(clause);
            }
        }
        ors.push(clause);
        None
    }

    fn precompile_or(
        &mut self,
        mut clauses: Vec<Clause>,
        ors: Vec<Clause>,
        args: &SplitArgs,
        def: &DefaultEnv,
        nexts: Nexts,
    ) -> (First, Nexts) {
        let cx = self.cx;
        let rows = clauses.iter().chain(&ors).map(|clause| clause.pats.clone()).collect();
        let matrix = as_matrix(cx, rows);
        let mut handlers = Vec::new();
        let mut ors = ors.into_iter().peekable();
        while let Some(clause) = ors.next() {
            if !is_or(&clause) {
                clauses.push(clause);
                continue;
            }
            let pat = clause.pats[0].clone();
            let width = clause.pats.len();
            let rest = |clause: Clause| Clause { pats: clause.pats[1..].to_vec(), action: clause.action };
            let mut cases = vec![rest(clause)];
            while let Some(other) = ors.next_if(|other| equiv_pat(cx, &pat, &other.pats[0])) {
                cases.push(rest(other));
            }
            let pm = Matching { cases, args: args.rest.clone(), default: def.pop_compat(&pat) };
            let vars = self.used_variables(&pat, &pm.cases);
            let exit = fresh_label();
            let ids: Vec<Ident> = vars.iter().map(|(id, _)| *id).collect();
            for alternative in explode_or(cx, &args.first, &pat, &ids) {
                let values = alternative.vars.into_iter().map(Lambda::Var).collect();
                let mut body = Lambda::StaticRaise(exit, values);
                if let Some((id, kind)) = alternative.whole {
                    body = let_(LetKind::Alias, kind, id, args.first.lambda(), body);
                }
                let mut pats = vec![alternative.pat];
                pats.extend(omegas(cx, width - 1));
                clauses.push(Clause { pats, action: self.bodies.add(body) });
            }
            handlers.push(Handler { provenance: vec![vec![pat]], exit, vars, pm });
        }
        let body = Matching { cases: clauses, args: args.clone(), default: def.clone() };
        let me = Precompiled::Or { body, handlers, or_matrix: matrix.clone() };
        (First { me, matrix, top_default: def.clone() }, nexts)
    }

    /// The variables of a pattern that the actions of rows use.
    fn used_variables(&mut self, pat: &PatRef, rows: &[Clause]) -> Vec<(Ident, ValueKind)> {
        let mut bound = Vec::new();
        bound_variables(pat, &mut bound);
        let actions: Vec<&Action> = rows.iter().map(|row| &row.action).collect();
        bound.retain(|(id, _)| actions.iter().any(|action| self.bodies.is_free(*id, action)));
        bound.into_iter().map(|(id, ty)| (id, kinds::value_kind(self.cx, &pat.env, ty))).collect()
    }

    // -----------------------------------------------------------------------------------------
    // Tests and variables

    fn split_no_or(&mut self, clauses: Vec<Clause>, args: &SplitArgs, def: &DefaultEnv, k: Nexts) -> (First, Nexts) {
        let head = clauses.first().map_or_else(|| Head::omega(self.cx), |clause| Head::deconstruct(&clause.pats[0]).0);
        // It is unlikely that a row is raised over one of an extension constructor.
        let split_at_once =
            matches!(&head.desc, HeadDesc::Construct(c) if matches!(c.tag, ConstructorTag::Extension(..)));
        let (mut yes, mut no): (Vec<Clause>, Vec<Clause>) = Default::default();
        let mut clauses = clauses.into_iter().peekable();
        while let Some(clause) = clauses.next() {
            // A last row of variables only is left alone: it becomes the one place to which what
            // does not fit jumps.
            if clauses.peek().is_none()
                && !yes.is_empty()
                && is_wild(&clause.pats[0])
                && clause.pats[1..].iter().all(omega_like)
            {
                no.push(clause);
            } else if can_group(&head, &clause.pats[0]) && self.safe_before(&clause, no.iter()) {
                yes.push(clause);
            } else {
                no.push(clause);
                if split_at_once {
                    no.extend(clauses.by_ref());
                }
            }
        }
        let (def, k) = if no.is_empty() {
            (def.clone(), k)
        } else {
            let (next, mut nexts) = self.split_no_or(no, args, def, k);
            let label = fresh_label();
            nexts.insert(0, (label, next.me));
            (next.top_default.cons(next.matrix, label), nexts)
        };
        match head.desc {
            HeadDesc::Any => self.precompile_var(yes, args, &def, k),
            _ => self.do_not_precompile(yes, args, &def, k),
        }
    }

    /// The first column is wild: splits by the second, if that is a variable already.
    fn precompile_var(&mut self, clauses: Vec<Clause>, args: &SplitArgs, def: &DefaultEnv, k: Nexts) -> (First, Nexts) {
        let cx = self.cx;
        let Some((Arg { arg: Lambda::Var(var), mutable, .. }, rest)) = args.rest.split_first() else {
            return self.do_not_precompile(clauses, args, def, k);
        };
        if clauses.len() == 1 {
            return self.do_not_precompile(clauses, args, def, k);
        }
        let first = PureArg::Var(*var);
        let rows = clauses.iter().map(|clause| {
            let row = Clause { pats: clause.pats[1..].to_vec(), action: clause.action.clone() };
            half_simplify(cx, &first, row)
        });
        let rows = rows.collect();
        let inner_args = SplitArgs { first, first_mutable: *mutable, rest: rest.to_vec() };
        let (first, nexts) = self.split_or(rows, &inner_args, &def.pop_column());
        if nexts.is_empty() {
            return self.do_not_precompile(clauses, args, def, k);
        }
        let add_default = |def: DefaultEnv, (label, next): &(StaticLabel, Precompiled)| {
            def.cons(add_omega_column(cx, rebuild_matrix(cx, next)), *label)
        };
        let top_default = nexts.iter().rev().fold(def.clone(), add_default);
        let me = Precompiled::Var(Box::new(first.me));
        let first = First { me, matrix: add_omega_column(cx, first.matrix), top_default };
        let nexts = nexts.into_iter().map(|(label, next)| (label, Precompiled::Var(Box::new(next)))).chain(k);
        (first, nexts.collect())
    }

    fn do_not_precompile(&self, clauses: Vec<Clause>, args: &SplitArgs, def: &DefaultEnv, k: Nexts) -> (First, Nexts) {
        let matrix = matrix_of(self.cx, &clauses);
        let me = Precompiled::Plain(Matching { cases: clauses, args: args.clone(), default: def.clone() });
        (First { me, matrix, top_default: def.clone() }, k)
    }
}
