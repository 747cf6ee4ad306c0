//! The first difference in the run-time layout of two module types, in words: upstream's
//! `Runtime_coercion`.

use super::errors::{Position, context_aside};
use super::*;
use rocaml_diag::Tag;
use rocaml_diag::doc::Doc;
use rocaml_types::printtyp;

/// A step from a module type to a part of it, by run-time positions.
#[derive(Clone, Copy)]
enum Step {
    Item(usize),
    InArgument,
    InBody,
}

enum Change {
    /// What is expected at the first position is at the second.
    Transposition(usize, usize),
    Primitive(Name),
    Alias(Path),
}

fn first_change(steps: &mut Vec<Step>, coercion: &ModuleCoercion) -> Option<(Vec<Step>, Change)> {
    let mut within = |step: Step, inner: &ModuleCoercion| {
        steps.push(step);
        let change = first_change(steps, inner);
        steps.pop();
        change
    };
    match coercion {
        ModuleCoercion::Functor(arg, res) => within(Step::InArgument, arg).or_else(|| within(Step::InBody, res)),
        ModuleCoercion::Structure(items, _) => {
            // A negative position tells that the kind of the component changes.
            let moved =
                items.iter().enumerate().find(|(index, (position, _))| *position >= 0 && *position != *index as i32);
            if let Some((index, (position, _))) = moved {
                return Some((steps.clone(), Change::Transposition(index, *position as usize)));
            }
            items.iter().enumerate().find_map(|(index, (_, inner))| match inner {
                ModuleCoercion::None => None,
                ModuleCoercion::Alias(_, path, _) => Some((steps.clone(), Change::Alias(path.clone()))),
                ModuleCoercion::Primitive(primitive) => Some((steps.clone(), Change::Primitive(primitive.desc.name))),
                inner => {
                    steps.push(Step::Item(index));
                    let change = first_change(steps, inner);
                    steps.pop();
                    change
                }
            })
        }
        _ => None,
    }
}

fn runtime_item(sg: &[SignatureItem], index: usize) -> Option<&SignatureItem> {
    sg.iter().filter(|item| item.is_runtime_value()).nth(index)
}

/// The signature that the steps lead to, and where it stands.
fn find(cx: &Context, env: &Env, steps: &[Step], mty: &ModuleType) -> Option<(Vec<Position>, Rc<Signature>)> {
    let mut positions = Vec::new();
    let mut steps = steps.iter();
    let mut current = mty.clone();
    loop {
        current = match current {
            ModuleType::Ident(path) | ModuleType::Alias(path) => env.find_modtype(cx, &path)?.type_.clone()?,
            ModuleType::Signature(sg) => match steps.next() {
                None => return Some((positions, sg)),
                Some(Step::Item(index)) => {
                    let SignatureItem::Module(id, _, md, ..) = runtime_item(&sg, *index)? else { return None };
                    positions.push(Position::Module(*id));
                    md.type_.clone()
                }
                Some(_) => return None,
            },
            ModuleType::Functor(param, res) => match (steps.next()?, &param) {
                (Step::InArgument, FunctorParameter::Named(_, mty)) => {
                    let mty = (**mty).clone();
                    positions.push(Position::Arg(param));
                    mty
                }
                (Step::InBody, _) => {
                    positions.push(Position::Body(param));
                    (*res).clone()
                }
                _ => return None,
            },
        };
    }
}

fn item_doc(sg: &[SignatureItem], index: usize) -> Option<Doc> {
    let (id, _, kind) = item_ident_name(runtime_item(sg, index)?);
    Some(Doc::template("%s %a", &[Doc::from(kind.words()), Doc::code(id.name())]))
}

/// That components of equivalent module types do not come in the same order.
pub(super) fn illegal_permutation(cx: &Context, env: &Env, mty: &ModuleType, coercion: &ModuleCoercion) -> Doc {
    let example = || {
        let (steps, Change::Transposition(k, l)) = first_change(&mut Vec::new(), coercion)? else { return None };
        let (positions, sg) = find(cx, env, &steps, mty)?;
        Some(Doc::template(
            "@[<hv 2>Illegal permutation of runtime components in a module type.@ @[For example%a,@]@ @[the %a@ and the %a are not in the same order@ in the expected and actual module types.@]@]",
            &[context_aside(cx, &positions), item_doc(&sg, k)?, item_doc(&sg, l)?],
        ))
    };
    example().unwrap_or_else(|| Doc::from("Illegal permutation of runtime components in a module type."))
}

/// Why two packages that include each other still differ.
pub fn in_package_subtype(cx: &Context, env: &Env, mty: &ModuleType, coercion: &ModuleCoercion) -> Doc {
    let Some((steps, change)) = first_change(&mut Vec::new(), coercion) else {
        return Doc::from("The two first-class module types differ by their runtime size.");
    };
    let explain = || {
        let (positions, sg) = find(cx, env, &steps, mty)?;
        let aside = context_aside(cx, &positions);
        Some(match &change {
            Change::Primitive(name) => Doc::template(
                "@[The two first-class module types differ by a coercion of@ the primitive %a@ to a value%a.@]",
                &[Doc::code(name), aside],
            ),
            Change::Alias(path) => Doc::template(
                "@[The two first-class module types differ by a coercion of@ a module alias %a@ to a module%a.@]",
                &[Doc::tagged(Tag::InlineCode, printtyp::path(cx, path)), aside],
            ),
            Change::Transposition(k, l) => Doc::template(
                "@[@[The two first-class module types do not share@ the same positions for runtime components.@]@ @[For example,%a@ the %a@ occurs at the expected position of@ the %a.@]@]",
                &[aside, item_doc(&sg, *k)?, item_doc(&sg, *l)?],
            ),
        })
    };
    explain().unwrap_or_else(|| {
        Doc::template("@[The two packages types do not share@ the@ same@ positions@ for@ runtime@ components.@]", &[])
    })
}
