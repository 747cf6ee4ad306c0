//! The checks: is a match exhaustive, is it fragile, are there useless cases?

use std::ops::ControlFlow;

use rocaml_base::Location;
use rocaml_diag::doc::Doc;
use rocaml_diag::warning::Warning;
use rocaml_types::context::Context;
use rocaml_types::predef::TypeConstr;
use rocaml_types::{ConstructorTag, Path};

use super::Case;
use super::exhaust::exhaust;
use super::matrix::PatRow;
use super::other::{EXTENSION, get_constructor_type_path, orify_many};
use super::pat::{Desc, Pat, PatRef};
use super::print::top_pretty;
use super::useful::{Answer, UsefulnessRow, compat, do_match, every_satisfiables, get_mins, list_satisfying_vectors};
use crate::Result;
use crate::typedtree::{Partial, Pattern};

/// Types a witness: the witness with its types, or nothing if no value of the type matches it.
pub type Predicate<'a> = dyn FnMut(PatRef) -> Result<Option<PatRef>> + 'a;

fn contains_extension(pat: &PatRef) -> bool {
    match &pat.desc {
        Desc::Var(id) => id.name() == EXTENSION,
        Desc::Any | Desc::Constant(_) | Desc::Variant(_, None, _) => false,
        Desc::Alias(p, ..) | Desc::Lazy(p) | Desc::Variant(_, Some(p), _) => contains_extension(p),
        Desc::Tuple(parts) => parts.iter().any(|(_, p)| contains_extension(p)),
        Desc::Construct(_, parts) | Desc::Array(_, parts) => parts.iter().any(contains_extension),
        Desc::Record(fields, _) => fields.iter().any(|(_, p)| contains_extension(p)),
        Desc::Or(p, q) => contains_extension(p) || contains_extension(q),
    }
}

/// Whether the cases cover all values; warns about a value that is not covered (8) and about
/// matches that would remain complete if a type grew (4).
pub fn check_partial(
    cx: &Context,
    predicate: &mut Predicate<'_>,
    loc: Location,
    cases: &[Case<Pattern>],
) -> Result<Partial> {
    let row = |case: &Case<Pattern>| vec![Pat::of_typed(&case.pattern)];
    let pss: Vec<PatRow> = cases.iter().filter(|case| !case.has_guard).map(row).collect();
    let pss = get_mins(cx, pss);
    let total = do_check_partial(cx, predicate, loc, cases, &pss)?;
    if total == Partial::Total && cx.is_active(4) {
        do_check_fragile(cx, loc, cases, &pss);
    }
    Ok(total)
}

fn do_check_partial(
    cx: &Context,
    predicate: &mut Predicate<'_>,
    loc: Location,
    cases: &[Case<Pattern>],
    pss: &[PatRow],
) -> Result<Partial> {
    if pss.is_empty() {
        // Without a clause there is nothing to say; with guards only, no value is covered surely.
        if !cases.is_empty() {
            cx.warn(loc, Warning::AllClausesGuarded);
        }
        return Ok(Partial::Partial);
    }
    let mut witness: Result<Option<PatRef>> = Ok(None);
    let _ = exhaust(cx, None, pss, 1, &mut |row| {
        witness = predicate(row[0].clone());
        if matches!(witness, Ok(None)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let Some(witness) = witness? else { return Ok(Partial::Total) };
    if cx.is_active(8) {
        cx.warn(loc, Warning::PartialMatch(partial_match_message(cx, cases, &witness)));
    }
    Ok(Partial::Partial)
}

fn partial_match_message(cx: &Context, cases: &[Case<Pattern>], witness: &PatRef) -> Doc {
    let guarded: Vec<PatRow> =
        cases.iter().filter(|case| case.has_guard).map(|case| vec![Pat::of_typed(&case.pattern)]).collect();
    let mut message = Doc::template("@[<v>%a", &[Doc::tagged(rocaml_diag::doc::Tag::InlineCode, top_pretty(witness))]);
    if do_match(cx, &guarded, std::slice::from_ref(witness)) {
        message.append(Doc::template("@,(However, some guarded clause may match this value.)", &[]));
    }
    if contains_extension(witness) {
        message.append(Doc::template(
            "@,@[Matching over values of extensible variant types (the *extension* above)@,must include a wild card pattern@ in order to be exhaustive.@]",
            &[],
        ));
    }
    message.append(Doc::template("@]", &[]));
    message
}

fn collect_paths(cx: &Context, pat: &PatRef, paths: &mut Vec<Path>) {
    match &pat.desc {
        Desc::Construct(c, parts) => {
            if !matches!(c.tag, ConstructorTag::Extension(..)) {
                let path = get_constructor_type_path(cx, pat.type_, &pat.env);
                let is_closed = matches!(
                    cx.predef().find_type_constr(&path),
                    Some(TypeConstr::Bool | TypeConstr::List | TypeConstr::Unit | TypeConstr::Option)
                );
                if !is_closed && !paths.contains(&path) {
                    paths.push(path);
                }
            }
            parts.iter().for_each(|p| collect_paths(cx, p, paths));
        }
        Desc::Any | Desc::Var(_) | Desc::Constant(_) | Desc::Variant(_, None, _) => {}
        Desc::Tuple(parts) => parts.iter().for_each(|(_, p)| collect_paths(cx, p, paths)),
        Desc::Array(_, parts) => parts.iter().for_each(|p| collect_paths(cx, p, paths)),
        Desc::Record(fields, _) => fields.iter().for_each(|(_, p)| collect_paths(cx, p, paths)),
        Desc::Variant(_, Some(p), _) | Desc::Alias(p, ..) | Desc::Lazy(p) => collect_paths(cx, p, paths),
        Desc::Or(p, q) => {
            collect_paths(cx, p, paths);
            collect_paths(cx, q, paths);
        }
    }
}

/// Warns for each type that could be extended without making the match partial.
fn do_check_fragile(cx: &Context, loc: Location, cases: &[Case<Pattern>], pss: &[PatRow]) {
    let mut paths = Vec::new();
    for case in cases {
        collect_paths(cx, &Pat::of_typed(&case.pattern), &mut paths);
    }
    if pss.is_empty() {
        return;
    }
    for path in paths {
        if exhaust(cx, Some(&path), pss, 1, &mut |_| ControlFlow::Break(())).is_continue() {
            cx.warn(loc, Warning::FragileMatch(path.name()));
        }
    }
}

/// Warns about cases and alternatives that cannot be reached (11, 12, 56), and has `predicate`
/// judge the refutation cases; its first argument tells whether the case is one.
pub fn check_unused(
    cx: &Context,
    predicate: &mut dyn FnMut(bool, PatRef) -> Result<Option<PatRef>>,
    cases: &[Case<Pattern>],
) -> Result<()> {
    if !cx.is_active(11) && !cases.iter().any(|case| case.needs_refute) {
        return Ok(());
    }
    let mut previous: Vec<PatRef> = Vec::new();
    for case in cases {
        let q = Pat::of_typed(&case.pattern);
        check_case(cx, predicate, &previous, &q, case.needs_refute)?;
        if !case.has_guard {
            previous.push(q);
        }
    }
    Ok(())
}

fn check_case(
    cx: &Context,
    predicate: &mut dyn FnMut(bool, PatRef) -> Result<Option<PatRef>>,
    previous: &[PatRef],
    q: &PatRef,
    refute: bool,
) -> Result<()> {
    let compatible = previous.iter().filter(|p| compat(q, p)).map(|p| vec![p.clone()]).collect();
    let pss = get_mins(cx, compatible);
    let rows: Vec<UsefulnessRow> = pss.iter().cloned().map(UsefulnessRow::new).collect();
    let mut answer = every_satisfiables(cx, &rows, &UsefulnessRow::new(vec![q.clone()]));
    let unused = matches!(answer, Answer::Unused);
    if unused && refute {
        return Ok(());
    }
    let skip = unused || (!refute && previous.is_empty()) || !(refute || cx.is_active(56));
    if !skip {
        let vectors = list_satisfying_vectors(cx, &pss, std::slice::from_ref(q));
        if vectors.is_empty() {
            answer = Answer::Unused;
        } else {
            let all = orify_many(vectors.into_iter().map(|mut row| row.remove(0)).collect());
            let witness = std::rc::Rc::new(Pat { loc: q.loc, ..(*all).clone() });
            if predicate(refute, witness)?.is_none() && !refute {
                cx.warn(q.loc, Warning::UnreachableCase);
                answer = Answer::Used;
            }
        }
    }
    match answer {
        Answer::Used => {}
        Answer::Unused => cx.warn(q.loc, Warning::RedundantCase),
        Answer::Partial(useless) => {
            for p in useless {
                cx.warn(p.loc, Warning::RedundantSubpat);
            }
        }
    }
    Ok(())
}
