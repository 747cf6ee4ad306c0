//! Short names for long module types in lists of functor parameters: `$S1` for what is given at
//! the first place, `$T1` for what is expected there. They are defined where the place is
//! explained.

use super::functor_diff::{Argument, ParamSymptom};
use super::*;
use crate::diffing::variadic::Edit;
use rocaml_diag::doc::Doc;
use rocaml_types::printtyp;

/// A parameter or argument with the short name it may have.
#[derive(Clone)]
pub(super) struct Named<'a, T> {
    pub(super) item: &'a T,
    name: String,
}

/// A step of a patch with such names.
pub(super) type Step<'a, L> = Edit<Named<'a, L>, Named<'a, FunctorParameter>, &'a ParamSymptom>;

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Arguments: what fits, or is superfluous, is written out elsewhere.
    Application,
    Inclusion,
}

/// The steps with their numbers and short names.
pub(super) fn named<'a, L>(
    patch: &'a [Rc<Edit<L, FunctorParameter, ParamSymptom>>],
    kind: Kind,
) -> Vec<(usize, Step<'a, L>)> {
    let step = |(index, edit): (usize, &'a Rc<Edit<L, FunctorParameter, ParamSymptom>>)| {
        let number = index + 1;
        let (got, expected) = (format!("$S{number}"), format!("$T{number}"));
        let unless_applied = |name: String| if kind == Kind::Application { "...".to_owned() } else { name };
        let edit = match &**edit {
            Edit::Insert(item) => Edit::Insert(Named { item, name: expected }),
            Edit::Delete(item) => Edit::Delete(Named { item, name: unless_applied(got) }),
            Edit::Change(left, right, symptom) => {
                Edit::Change(Named { item: left, name: got }, Named { item: right, name: expected }, symptom)
            }
            Edit::Keep(left, right) => {
                Edit::Keep(Named { item: left, name: got }, Named { item: right, name: unless_applied(expected) })
            }
        };
        (number, edit)
    };
    patch.iter().enumerate().map(step).collect()
}

/// Whether a module type is long enough for a name of its own.
fn is_long(mty: &ModuleType) -> bool {
    match mty {
        ModuleType::Ident(_) | ModuleType::Alias(_) => false,
        ModuleType::Signature(sg) => !sg.is_empty(),
        ModuleType::Functor(..) => true,
    }
}
fn short_type(cx: &Context, name: &str, mty: &ModuleType) -> Doc {
    if is_long(mty) { Doc::from(name) } else { printtyp::modtype(cx, mty) }
}
fn defined_type(cx: &Context, name: &str, relation: &str, mty: &ModuleType) -> Doc {
    let doc = printtyp::modtype(cx, mty);
    if is_long(mty) { Doc::template(&format!("%s@ {relation}@ %a"), &[Doc::from(name), doc]) } else { doc }
}

/// The module type of a parameter with its definition.
pub(super) fn definition(cx: &Context, param: &Named<'_, FunctorParameter>) -> Doc {
    match param.item {
        FunctorParameter::Unit => Doc::from("()"),
        FunctorParameter::Named(_, mty) => defined_type(cx, &param.name, "=", mty),
    }
}
/// The same without the definition.
pub(super) fn param(cx: &Context, param: &Named<'_, FunctorParameter>) -> Doc {
    match param.item {
        FunctorParameter::Unit => Doc::from("()"),
        FunctorParameter::Named(_, mty) => short_type(cx, &param.name, mty),
    }
}
/// The module type of a parameter, if it is short as written.
pub(super) fn written_type(cx: &Context, param: &FunctorParameter) -> Option<Doc> {
    match param {
        FunctorParameter::Named(_, mty) if !is_long(mty) => Some(printtyp::modtype(cx, mty)),
        _ => None,
    }
}
fn qualified(cx: &Context, param: &Named<'_, FunctorParameter>) -> Doc {
    match param.item {
        FunctorParameter::Unit => Doc::from("()"),
        FunctorParameter::Named(None, mty) if matches!(&**mty, ModuleType::Signature(sg) if sg.is_empty()) => {
            Doc::from("(sig end)")
        }
        FunctorParameter::Named(None, mty) => short_type(cx, &param.name, mty),
        FunctorParameter::Named(Some(id), mty) => {
            Doc::template("(%s : %a)", &[Doc::from(id.name().as_str()), short_type(cx, &param.name, mty)])
        }
    }
}

/// An argument as it was written.
pub(super) fn argument(cx: &Context, arg: &Named<'_, Argument>) -> Doc {
    let (argument, mty) = arg.item;
    match argument {
        FunctorArgument::Unit => Doc::from("()"),
        FunctorArgument::EmptyStruct => Doc::from("(struct end)"),
        FunctorArgument::Named(path) => printtyp::path(cx, path),
        FunctorArgument::Anonymous => short_type(cx, &arg.name, mty),
    }
}
/// An argument with its module type.
pub(super) fn argument_definition(cx: &Context, arg: &Named<'_, Argument>) -> Doc {
    let (argument, mty) = arg.item;
    match argument {
        FunctorArgument::Unit => Doc::from("()"),
        FunctorArgument::EmptyStruct => Doc::from("(struct end)"),
        FunctorArgument::Named(path) => {
            Doc::template("%a@ :@ %a", &[printtyp::path(cx, path), printtyp::modtype(cx, mty)])
        }
        FunctorArgument::Anonymous => defined_type(cx, &arg.name, ":", mty),
    }
}

/// A list of parameters. A name bound by one is not numbered in the later ones: which definition
/// it stands for there is not to be tracked.
fn params<'a>(cx: &Context, items: impl Iterator<Item = &'a Named<'a, FunctorParameter>>) -> Doc {
    let mut bound = Vec::new();
    let docs: Vec<Doc> = items
        .map(|item| {
            let doc = printtyp::with_fuzzy(cx, &bound, || qualified(cx, item));
            if let FunctorParameter::Named(Some(id), _) = item.item {
                bound.push(id.name());
            }
            doc
        })
        .collect();
    Doc::separated(docs, |doc| {
        doc.space();
    })
}
/// The parameters that are there.
pub(super) fn got_params(cx: &Context, patch: &[(usize, Step<'_, FunctorParameter>)]) -> Doc {
    params(
        cx,
        patch.iter().filter_map(|(_, edit)| match edit {
            Edit::Delete(got) | Edit::Keep(got, _) | Edit::Change(got, ..) => Some(got),
            Edit::Insert(_) => None,
        }),
    )
}
/// The parameters that are expected.
pub(super) fn expected_params<L>(cx: &Context, patch: &[(usize, Step<'_, L>)]) -> Doc {
    params(
        cx,
        patch.iter().filter_map(|(_, edit)| match edit {
            Edit::Insert(expected) | Edit::Keep(_, expected) | Edit::Change(_, expected, _) => Some(expected),
            Edit::Delete(_) => None,
        }),
    )
}
/// The arguments that are there.
pub(super) fn arguments(cx: &Context, patch: &[(usize, Step<'_, Argument>)]) -> Doc {
    let docs = patch.iter().filter_map(|(_, edit)| match edit {
        Edit::Delete(got) | Edit::Keep(got, _) | Edit::Change(got, ..) => Some(argument(cx, got)),
        Edit::Insert(_) => None,
    });
    Doc::separated(docs.collect::<Vec<_>>(), |doc| {
        doc.space();
    })
}
