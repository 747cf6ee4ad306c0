//! Errors about types in words: upstream's `Errortrace_report`.

use super::names::{self, Conflict, Namespace};
use super::{TypeOrScheme, prepare_expansion, tree, type_expansion, type_expr_with_reserved_names, wrap_printing_env};
use crate::btype;
use crate::context::Context;
use crate::ctype;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::predef::TypeConstr;
use crate::types::*;
use rocaml_base::Name;
use rocaml_diag::{Doc, Tag};
use rocaml_syntax::asttypes::ArgLabel;

fn t(template: &str, args: &[Doc]) -> Doc {
    Doc::template(template, args)
}
fn quoted_type(cx: &Context, ty: TypeId) -> Doc {
    Doc::tagged(Tag::InlineCode, type_expr_with_reserved_names(cx, ty))
}
fn quoted_path(cx: &Context, path: &Path) -> Doc {
    Doc::tagged(Tag::InlineCode, super::path(cx, path))
}
fn side(s: Side) -> Doc {
    Doc::from(match s {
        Side::First => "first",
        Side::Second => "second",
    })
}
fn tag(name: Name) -> Doc {
    Doc::code(format!("`{name}"))
}
fn tags(names: impl IntoIterator<Item = Name>) -> Doc {
    Doc::comma_list(names.into_iter().map(tag))
}

/// What becomes of a step when a trace is printed.
#[derive(PartialEq)]
enum Status {
    Discard,
    Keep,
    /// Only as the last one, if nothing else explains the error.
    OptionalRefinement,
}

fn diff_status(cx: &Context, d: &Diff<ExpandedType>) -> Status {
    if btype::is_constr_row(cx, true, d.got.expanded) || btype::is_constr_row(cx, true, d.expected.expanded) {
        Status::Discard
    } else if tree::same_path(cx, d.got.ty, d.got.expanded) && tree::same_path(cx, d.expected.ty, d.expected.expanded) {
        Status::OptionalRefinement
    } else {
        Status::Keep
    }
}
fn status(cx: &Context, elt: &Elt<ExpandedType>) -> Status {
    match elt {
        Elt::Diff(d) => diff_status(cx, d),
        _ => Status::Keep,
    }
}

/// The first step, then those that may be printed.
fn prepare_trace(cx: &Context, f: impl Fn(ExpandedType) -> ExpandedType, trace: &[Elt<ExpandedType>]) -> ErrorTrace {
    let trace: ErrorTrace = trace.iter().map(|elt| elt.clone().map(&f)).collect();
    let Some((first, rest)) = trace.split_first() else { return trace };
    let mut kept: ErrorTrace = Vec::new();
    for elt in rest.iter().rev() {
        match status(cx, elt) {
            Status::Keep => kept.push(elt.clone()),
            Status::OptionalRefinement if kept.is_empty() => kept.push(elt.clone()),
            Status::OptionalRefinement | Status::Discard => {}
        }
    }
    kept.push(first.clone());
    kept.reverse();
    kept
}

type TypeDiff = Diff<ExpandedType>;

/// The steps with types, a last refinement apart.
fn filter_trace(cx: &Context, trace: &[Elt<ExpandedType>]) -> (Vec<TypeDiff>, Option<TypeDiff>) {
    let mut diffs: Vec<TypeDiff> = Vec::new();
    for (i, elt) in trace.iter().enumerate() {
        if let Elt::Diff(d) = elt {
            if i + 1 == trace.len() && diff_status(cx, d) == Status::OptionalRefinement {
                return (diffs, Some(*d));
            }
            diffs.push(*d);
        }
    }
    (diffs, None)
}

fn diff_doc(cx: &Context, mode: TypeOrScheme, phrase: &str, d: TypeDiff) -> Doc {
    let got = type_expansion(cx, mode, d.got);
    let expected = type_expansion(cx, mode, d.expected);
    t("@[Type@;<1 2>%a@ %s@;<1 2>%a@]", &[got, Doc::from(phrase), expected])
}
fn trace_doc(cx: &Context, mode: TypeOrScheme, phrase: &str, diffs: &[TypeDiff], first: bool) -> Doc {
    let mut doc = Doc::new();
    for (i, d) in diffs.iter().enumerate() {
        if i > 0 || !first {
            doc.cut();
        }
        doc.append(diff_doc(cx, mode, phrase, *d));
    }
    doc
}

// ---------------------------------------------------------------------------------------------
// Explanations

fn is_unit(cx: &Context, env: &Env, ty: TypeId) -> bool {
    let unit = cx.predef().path(TypeConstr::Unit);
    matches!(cx.desc(ctype::expand_head(cx, env, ty)), TypeDesc::Constr(path, ..) if path == unit)
}
fn unifiable(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> bool {
    let snapshot = cx.snapshot();
    let result = ctype::unify(cx, env, t1, t2).is_ok();
    cx.backtrack(snapshot);
    result
}
fn explain_diff(cx: &Context, env: &Env, got: TypeId, expected: TypeId) -> Option<Doc> {
    match (cx.desc(got), cx.desc(expected)) {
        (TypeDesc::Arrow(_, param, result, _), _)
            if is_unit(cx, env, param) && unifiable(cx, env, result, expected) =>
        {
            Some(t("@,@[@{<hint>Hint@}: Did you forget to provide %a as argument?@]", &[Doc::code("()")]))
        }
        (_, TypeDesc::Arrow(_, param, result, _)) if is_unit(cx, env, param) && unifiable(cx, env, got, result) => {
            Some(t("@,@[@{<hint>Hint@}: Did you forget to wrap the expression using %a?@]", &[Doc::code("fun () ->")]))
        }
        _ => None,
    }
}

fn explain_variant(cx: &Context, v: &VariantElt) -> Option<Doc> {
    Some(match v {
        VariantElt::IncompatibleTypesFor(name) => t("@,Types for tag %a are incompatible", &[tag(*name)]),
        VariantElt::NoIntersection => t("@,These two variant types have no intersection", &[]),
        VariantElt::NoTags(s, fields) => t(
            "@,@[The %a variant type does not allow tag(s)@ @[<hov>%a@]@]",
            &[side(*s), tags(fields.iter().map(|(name, _)| *name))],
        ),
        VariantElt::FixedRow(_, _, FixedExplanation::Rigid) => return None,
        VariantElt::FixedRow(s, case, why) => {
            let why = match why {
                FixedExplanation::FixedPrivate => t("The %a variant type is private", &[side(*s)]),
                FixedExplanation::Univar(ty) => {
                    names::reserve(cx, *ty);
                    t(
                        "The %a variant type is bound to the universal type variable %a",
                        &[side(*s), quoted_type(cx, *ty)],
                    )
                }
                FixedExplanation::Reified(path) => {
                    names::note_internal_name(cx, path);
                    let name = Doc::tagged(Tag::InlineCode, super::type_path(cx, path));
                    t("The %a variant type is bound to %a", &[side(*s), name])
                }
                FixedExplanation::Rigid => Doc::new(),
            };
            let case = match case {
                FixedRowCase::CannotBeClosed => Doc::from("it cannot be closed"),
                FixedRowCase::CannotAddTags(names) => {
                    t("it may not allow the tag(s) %a", &[tags(names.iter().copied())])
                }
            };
            t("@,@[%a,@ %a@]", &[why, case])
        }
        VariantElt::PresenceNotGuaranteedFor(s, name) => t(
            "@,@[The tag %a is guaranteed to be present in the %a variant type,@ but not in the %a@]",
            &[tag(*name), side(s.swap()), side(*s)],
        ),
        VariantElt::Openness(s) => t("@,The %a variant type is open and the %a is not", &[side(*s), side(s.swap())]),
    })
}

fn explain_object(o: &ObjElt) -> Doc {
    match o {
        ObjElt::MissingField(s, name) => t("@,@[The %a object type has no method %a@]", &[side(*s), Doc::code(name)]),
        ObjElt::AbstractRow(s) => t("@,@[The %a object type has an abstract row, it cannot be closed@]", &[side(*s)]),
        ObjElt::SelfCannotBeClosed => t("@,Self type cannot be unified with a closed object type", &[]),
    }
}

fn explain_fields(cx: &Context, name: Name, diff: Diff<TypeId>) -> Doc {
    names::reserve(cx, diff.got);
    names::reserve(cx, diff.expected);
    t(
        "@,@[The method %a has type@ %a,@ but the expected method type was@ %a@]",
        &[Doc::code(name), quoted_type(cx, diff.got), quoted_type(cx, diff.expected)],
    )
}

fn explain_escape(cx: &Context, before: Doc, kind: &EscapeKind<ExpandedType>) -> Option<Doc> {
    Some(match kind {
        EscapeKind::Univ(ty) => {
            names::reserve(cx, *ty);
            t("%a@,The universal variable %a would escape its scope", &[before, quoted_type(cx, *ty)])
        }
        EscapeKind::Constructor(path) => {
            t("%a@,@[The type constructor@;<1 2>%a@ would escape its scope@]", &[before, quoted_path(cx, path)])
        }
        EscapeKind::ModuleType(path) => {
            t("%a@,@[The module type@;<1 2>%a@ would escape its scope@]", &[before, quoted_path(cx, path)])
        }
        EscapeKind::Equation(ty) => {
            names::reserve(cx, ty.expanded);
            t(
                "%a@ @[<hov>This instance of %a is ambiguous:@ it would escape the scope of its equation@]",
                &[before, quoted_type(cx, ty.expanded)],
            )
        }
        EscapeKind::SelfType => t("%a@,Self type cannot escape its class", &[before]),
        EscapeKind::Constraint => return None,
    })
}

fn explain_label(missing: &str, got: ArgLabel, expected: ArgLabel) -> Option<Doc> {
    let quote = |label: ArgLabel| Doc::code(label.to_text());
    Some(match (got, expected) {
        (ArgLabel::Nolabel, ArgLabel::Nolabel) => return None,
        (ArgLabel::Nolabel, _) => t("@,@[A label@ %a@ was expected@]", &[quote(expected)]),
        (_, ArgLabel::Nolabel) => t(missing, &[quote(got)]),
        (ArgLabel::Labelled(a), ArgLabel::Optional(b)) if a == b => {
            t("@,@[The label@ %a@ was expected to be optional@]", &[quote(got)])
        }
        (ArgLabel::Optional(a), ArgLabel::Labelled(b)) if a == b => {
            t("@,@[The label@ %a@ was expected to not be optional@]", &[quote(got)])
        }
        _ => t("@,@[Labels %a@ and@ %a do not match@]", &[quote(got), quote(expected)]),
    })
}

fn explanation(
    cx: &Context,
    env: &Env,
    intro: &Doc,
    prev: Option<&Elt<ExpandedType>>,
    elt: &Elt<ExpandedType>,
) -> Option<Doc> {
    match elt {
        Elt::Diff(d) => explain_diff(cx, env, d.got.expanded, d.expected.expanded),
        Elt::Escape(Escape { kind, context }) => {
            let before = match (context, kind, prev) {
                (Some(ty), _, _) => {
                    names::reserve(cx, *ty);
                    t("@[%a@;<1 2>%a@]", &[intro.clone(), quoted_type(cx, *ty)])
                }
                (None, EscapeKind::Univ(_), Some(Elt::IncompatibleFields { name, diff })) => {
                    explain_fields(cx, *name, *diff)
                }
                _ => Doc::new(),
            };
            explain_escape(cx, before, kind)
        }
        Elt::IncompatibleFields { name, diff } => Some(explain_fields(cx, *name, *diff)),
        Elt::FunctionLabelMismatch(d) => explain_label(
            "@,@[The first argument is labeled@ %a,@ but an unlabeled argument was expected@]",
            d.got,
            d.expected,
        ),
        Elt::TupleLabelMismatch(d) => {
            let label = |l: Option<Name>| l.map_or(ArgLabel::Nolabel, ArgLabel::Labelled);
            explain_label(
                "@,@[The first tuple element is labeled@ %a,@ but an unlabeled element was expected@]",
                label(d.got),
                label(d.expected),
            )
        }
        Elt::Variant(v) => explain_variant(cx, v),
        Elt::Obj(o) => Some(explain_object(o)),
        Elt::FirstClassModule(FirstClassModule::CannotScrape(path)) => {
            Some(t("@,@[The module alias %a could not be expanded@]", &[quoted_path(cx, path)]))
        }
        Elt::FirstClassModule(FirstClassModule::Inclusion(text) | FirstClassModule::Coercion(text)) => {
            Some(t("@,@[%a@]", &[text.clone()]))
        }
        Elt::RecOccur(x, y) => {
            tree::prepare_type(cx, *x);
            tree::prepare_type(cx, *y);
            if !matches!(cx.desc(*x), TypeDesc::Var(_) | TypeDesc::Univar(_)) {
                return Some(Doc::new());
            }
            let quote = |ty| Doc::tagged(Tag::InlineCode, super::prepared_type_expr(cx, ty));
            let (x, y) = (quote(*x), quote(*y));
            Some(t("@,@[<hov>The type variable %a occurs inside@ %a@]", &[x, y]))
        }
    }
}

fn warn_on_missing_def(cx: &Context, env: &Env, ty: TypeId) -> Doc {
    let TypeDesc::Constr(path, ..) = cx.desc(ty) else { return Doc::new() };
    match env.find_type(cx, &path) {
        None => t(
            "@,@[<hov>Type %a is abstract because@ no corresponding@ cmi file@ was found@ in path.@]",
            &[quoted_path(cx, &path)],
        ),
        Some(decl) if decl.manifest.is_none() && btype::type_origin(&decl) == AbstractOrigin::RecCheckRegularity => t(
            "@,@[<hov>Type %a was considered abstract@ when checking@ constraints@ in this@ recursive type definition.@]",
            &[quoted_path(cx, &path)],
        ),
        Some(_) => Doc::new(),
    }
}

fn existentials_doc(cx: &Context, env: &Env) -> Doc {
    let mut doc = Doc::new();
    for (cstr, ids) in names::printed_existentials(cx, env) {
        let quoted: Vec<Doc> = ids.iter().map(Doc::code).collect();
        doc.append(match quoted.split_last() {
            Some((only, [])) => t(
                "@ @[<2>@{<hint>Hint@}:@ %a@ is an existential type@ bound by the constructor@ %a.@]",
                &[only.clone(), Doc::code(cstr)],
            ),
            Some((last, others)) => t(
                "@ @[<2>@{<hint>Hint@}:@ %a@ and %a@ are existential types@ bound by the constructor@ %a.@]",
                &[Doc::comma_list(others.to_vec()), last.clone(), Doc::code(cstr)],
            ),
            None => Doc::new(),
        });
    }
    doc
}

/// Where the definitions behind numbered names stand.
pub fn conflicts_doc(conflicts: &[Conflict]) -> Doc {
    let docs = conflicts.iter().map(|c| {
        let place = Doc::from(rocaml_diag::location_text(&c.location));
        t("@[<v 2>%a:@,Definition of %s %a@]", &[place, Doc::from(c.kind), Doc::code(&c.name)])
    });
    let list = Doc::separated(docs, |doc| {
        doc.cut();
    });
    t("@[<v>%a@]", &[list])
}
/// The same for what was printed since the last call, if any name was numbered.
pub fn conflicts_message(cx: &Context) -> Option<Doc> {
    let conflicts = names::list_conflicts(cx);
    (!conflicts.is_empty()).then(|| conflicts_doc(&conflicts))
}

// ---------------------------------------------------------------------------------------------
// Whole errors

struct Texts<'a> {
    phrase: &'a str,
    mode: TypeOrScheme,
    txt1: Doc,
    txt2: Doc,
    type_expected_explanation: Option<Doc>,
}

fn error(cx: &Context, env: &Env, trace: &[Elt<ExpandedType>], subst: &[(TypeId, TypeId)], texts: Texts<'_>) -> Doc {
    names::reset(cx);
    let swapped: Vec<(TypeId, TypeId)> = subst.iter().map(|(a, b)| (*b, *a)).collect();
    names::add_subst(cx, &swapped);
    let hide = |ty: ExpandedType| ExpandedType { expanded: tree::hide_variant_name(cx, ty.expanded), ..ty };
    let full = prepare_trace(cx, hide, trace);
    let Some((first, rest)) = full.split_first() else { return Doc::new() };
    let (diffs, last) = filter_trace(cx, rest);
    let compact = diffs.is_empty() && last.is_none();
    let prepare_head = |ty: ExpandedType| {
        if compact && matches!(cx.desc(ty.expanded), TypeDesc::Variant(_) | TypeDesc::Object(..)) {
            names::reserve(cx, ty.ty);
            ExpandedType::trivial(ty.ty)
        } else {
            prepare_expansion(cx, ty)
        }
    };
    let head = match first {
        Elt::Diff(d) => Some(d.map(prepare_head)),
        _ => None,
    };
    let diffs: Vec<TypeDiff> = diffs.into_iter().map(|d| d.map(|ty| prepare_expansion(cx, ty))).collect();
    let last = last.map(|d| d.map(|ty| prepare_expansion(cx, ty)));
    let head_doc = match head {
        None => Doc::new(),
        Some(d) => {
            let got = type_expansion(cx, texts.mode, d.got);
            let expected = type_expansion(cx, texts.mode, d.expected);
            t("%a@;<1 2>%a@ %a@;<1 2>%a", &[texts.txt1.clone(), got, texts.txt2, expected])
        }
    };
    let mut trace_text = trace_doc(cx, texts.mode, texts.phrase, &diffs, false);
    let last_doc = last.map(|d| trace_doc(cx, texts.mode, texts.phrase, &[d], false));
    let why = explain(&full, |prev, elt| explanation(cx, env, &texts.txt1, prev, elt));
    if why.is_none() {
        trace_text.append(last_doc.unwrap_or_default());
    }
    let explained = texts.type_expected_explanation.unwrap_or_default();
    let mut doc = t("@[<v>@[%a%a@]%a%a@]", &[head_doc, explained, trace_text, why.unwrap_or_default()]);
    if let Some(d) = head
        && !env.is_empty()
    {
        doc.append(warn_on_missing_def(cx, env, d.got.ty));
        doc.append(warn_on_missing_def(cx, env, d.expected.ty));
    }
    doc.append(existentials_doc(cx, env));
    if let Some(conflicts) = conflicts_message(cx) {
        doc.cut().append(conflicts);
    }
    doc
}

fn report(cx: &Context, env: &Env, trace: &[Elt<ExpandedType>], subst: &[(TypeId, TypeId)], texts: Texts<'_>) -> Doc {
    let labels = cx.printing.print_labels.replace(!cx.options.classic);
    let doc = wrap_printing_env(cx, env, true, || error(cx, env, trace, subst, texts));
    cx.printing.print_labels.set(labels);
    doc
}

/// A whole error: `txt1 <type> txt2 <type>` and the explanation. `type_expected_explanation`
/// tells where the expected type comes from.
pub fn report_unification_error(
    cx: &Context,
    env: &Env,
    error: &UnifyError,
    type_expected_explanation: Option<Doc>,
    txt1: Doc,
    txt2: Doc,
) -> Doc {
    let texts = Texts {
        phrase: "is not compatible with type",
        mode: TypeOrScheme::Type,
        txt1,
        txt2,
        type_expected_explanation,
    };
    report(cx, env, &error.trace, &[], texts)
}
pub fn report_equality_error(
    cx: &Context,
    env: &Env,
    mode: TypeOrScheme,
    error: &EqualityError,
    txt1: Doc,
    txt2: Doc,
) -> Doc {
    let texts = Texts { phrase: "is not equal to type", mode, txt1, txt2, type_expected_explanation: None };
    report(cx, env, &error.trace, &error.subst, texts)
}
pub fn report_moregen_error(
    cx: &Context,
    env: &Env,
    mode: TypeOrScheme,
    error: &MoregenError,
    txt1: Doc,
    txt2: Doc,
) -> Doc {
    let texts = Texts { phrase: "is not compatible with type", mode, txt1, txt2, type_expected_explanation: None };
    report(cx, env, &error.trace, &[], texts)
}
pub fn report_comparison_error(
    cx: &Context,
    env: &Env,
    mode: TypeOrScheme,
    error: &ComparisonError,
    txt1: Doc,
    txt2: Doc,
) -> Doc {
    match error {
        ComparisonError::Equality(error) => report_equality_error(cx, env, mode, error, txt1, txt2),
        ComparisonError::Moregen(error) => report_moregen_error(cx, env, mode, error, txt1, txt2),
    }
}

/// `Type <t1> txt1 <t2>`, then why.
pub fn report_subtype_error(cx: &Context, env: &Env, error: &SubtypeError, txt1: &str) -> Doc {
    wrap_printing_env(cx, env, true, || {
        names::reset(cx);
        let mode = TypeOrScheme::Type;
        let prepare = |ty: ExpandedType| prepare_expansion(cx, ty);
        let sub: ErrorTrace = error.trace.iter().map(|d| Elt::Diff(*d)).collect();
        let sub = prepare_trace(cx, prepare, &sub);
        let unif = prepare_trace(cx, prepare, &error.unification_trace);
        let keep_first = unif.is_empty() || matches!(unif.as_slice(), [Elt::Obj(_) | Elt::Variant(_) | Elt::Escape(_)]);
        let body = |trace: &[Elt<ExpandedType>], phrase: &str, first: bool, keep_last: bool| {
            let Some((head, rest)) = trace.split_first() else { return Doc::new() };
            let (mut diffs, last) = filter_trace(cx, rest);
            if keep_last {
                diffs.extend(last);
            }
            if first && let Elt::Diff(d) = head {
                diffs.insert(0, *d);
            }
            trace_doc(cx, mode, phrase, &diffs, first)
        };
        let head = body(&sub, txt1, true, keep_first);
        if unif.is_empty() {
            return t("@[<v>%a@]", &[head]);
        }
        let why = explain(&unif, |prev, elt| explanation(cx, env, &Doc::from("Within this type"), prev, elt));
        let rest = body(&unif, "is not compatible with type", false, why.is_none());
        let mut conflicts = Doc::new();
        if let Some(doc) = conflicts_message(cx) {
            conflicts.cut().append(doc);
        }
        t("@[<v>%a%a%a%t@]", &[head, rest, why.unwrap_or_default(), conflicts])
    })
}

/// For ambiguous types: a constructor's or label's type against those that were possible.
pub fn report_ambiguous_type_error(
    cx: &Context,
    env: &Env,
    typath: (Path, Path),
    others: &[(Path, Path)],
    txt1: Doc,
    txt2: Doc,
    txt3: Doc,
) -> Doc {
    wrap_printing_env(cx, env, true, || {
        names::reset(cx);
        let quote = |path: &Path| Doc::tagged(Tag::InlineCode, super::namespaced_path(cx, Namespace::Type, path));
        let show = |(p, q): &(Path, Path)| if p == q { quote(p) } else { t("@[<2>%a@ =@ %a@]", &[quote(p), quote(p)]) };
        let expected = show(&typath);
        match others {
            [only] => t("@[%a@;<1 2>%a@ %a@;<1 2>%a@]", &[txt1, show(only), txt3, expected]),
            many => {
                let list = Doc::separated(many.iter().map(show), |doc| {
                    doc.break_(2, 0);
                });
                t("@[%a@;<1 2>@[<hv>%a@]@ %a@;<1 2>%a@]", &[txt2, list, txt3, expected])
            }
        }
    })
}
