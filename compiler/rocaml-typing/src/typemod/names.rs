//! Names of a signature: which may be bound again, and how what they hide is removed.

use super::{Error, fail};
use crate::error::Result;
use crate::mtype;
use rocaml_base::{Location, Name};
use rocaml_types::context::Context;
use rocaml_types::ctype::NondepCannotErase;
use rocaml_types::env::Env;
use rocaml_types::printtyp::Namespace;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::collections::HashMap;

/// Kinds of components that have names apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ComponentKind {
    Value,
    Type,
    Module,
    ModuleType,
    ExtensionConstructor,
    Class,
    ClassType,
}

impl ComponentKind {
    /// As messages call it.
    pub fn words(self) -> &'static str {
        match self {
            ComponentKind::Value => "value",
            ComponentKind::Type => "type",
            ComponentKind::Module => "module",
            ComponentKind::ModuleType => "module type",
            ComponentKind::ExtensionConstructor => "extension constructor",
            ComponentKind::Class => "class",
            ComponentKind::ClassType => "class type",
        }
    }

    /// The names that printing may have to number.
    pub fn namespace(self) -> Option<Namespace> {
        match self {
            ComponentKind::Type => Some(Namespace::Type),
            ComponentKind::Module => Some(Namespace::Module),
            ComponentKind::ModuleType => Some(Namespace::ModuleType),
            ComponentKind::Class => Some(Namespace::Class),
            ComponentKind::ClassType => Some(Namespace::ClassType),
            ComponentKind::Value | ComponentKind::ExtensionConstructor => None,
        }
    }

    fn can_appear_in_types(self) -> bool {
        !matches!(self, ComponentKind::Value | ComponentKind::ExtensionConstructor)
    }
}

/// Kind, ident and place of an item.
pub fn classify(item: &SignatureItem) -> (ComponentKind, Ident, Location) {
    match item {
        SignatureItem::Value(id, d, _) => (ComponentKind::Value, *id, d.loc),
        SignatureItem::Type(id, d, ..) => (ComponentKind::Type, *id, d.loc),
        SignatureItem::Typext(id, d, ..) => (ComponentKind::ExtensionConstructor, *id, d.loc),
        SignatureItem::Module(id, _, d, ..) => (ComponentKind::Module, *id, d.loc),
        SignatureItem::Modtype(id, d, _) => (ComponentKind::ModuleType, *id, d.loc),
        SignatureItem::Class(id, d, ..) => (ComponentKind::Class, *id, d.loc),
        SignatureItem::ClassType(id, d, ..) => (ComponentKind::ClassType, *id, d.loc),
    }
}

#[derive(Clone)]
enum Bound {
    /// Written in the signature: may not be bound again.
    Exported,
    /// May be bound again; the idents then go together.
    Shadowable(Vec<Ident>, Location),
}

#[derive(Clone, Copy)]
enum HideReason {
    FromOpen,
    ShadowedBy(Ident, Location),
}

/// How a name came to be bound.
pub enum Info {
    /// By its declaration.
    Exported,
    /// By an include, or it is a value: with the group that it belongs to.
    Shadowable(Vec<Ident>),
    /// By a local `open struct … end`: it is not exported.
    FromOpen,
    /// By a local substitution: it is replaced where it occurs.
    SubstitutedAway(Subst),
}

/// The names bound so far.
#[derive(Default)]
pub struct SignatureNames {
    bound: HashMap<(ComponentKind, Name), Bound>,
    subst: Option<Subst>,
    hidden: HashMap<Ident, (ComponentKind, Location, HideReason)>,
}

impl SignatureNames {
    /// Records a name.
    pub fn check(&mut self, cx: &Context, kind: ComponentKind, loc: Location, id: Ident, info: Info) -> Result<()> {
        let bound = match info {
            Info::SubstitutedAway(subst) => {
                self.subst = Some(match self.subst.take() {
                    None => subst,
                    Some(before) => subst
                        .try_compose(cx, &before)
                        .or_else(|failure| fail(loc, &Env::empty(), Error::NonPackableLocalModtypeSubst(failure.0)))?,
                });
                return Ok(());
            }
            Info::FromOpen => {
                self.hidden.insert(id, (kind, loc, HideReason::FromOpen));
                return Ok(());
            }
            Info::Exported => Bound::Exported,
            Info::Shadowable(group) => Bound::Shadowable(group, loc),
        };
        match self.bound.insert((kind, id.name()), bound) {
            None => Ok(()),
            Some(Bound::Shadowable(group, first_loc)) => {
                for hidden in group {
                    self.hidden.insert(hidden, (kind, first_loc, HideReason::ShadowedBy(id, loc)));
                }
                Ok(())
            }
            Some(Bound::Exported) => fail(loc, &Env::empty(), Error::RepeatedName(kind, id.name())),
        }
    }

    /// Records a value, which a later one of the name hides.
    pub fn check_value(&mut self, cx: &Context, loc: Location, id: Ident) -> Result<()> {
        self.check(cx, ComponentKind::Value, loc, id, Info::Shadowable(vec![id]))
    }

    /// Records what an include or, with `from_open`, an open brings.
    pub fn check_signature(
        &mut self,
        cx: &Context,
        loc: Location,
        sg: &[SignatureItem],
        from_open: bool,
    ) -> Result<()> {
        for group in recursive_groups(sg) {
            let idents: Vec<Ident> = group.iter().map(SignatureItem::ident).collect();
            for item in group {
                let (kind, id, _) = classify(item);
                let info = if from_open { Info::FromOpen } else { Info::Shadowable(idents.clone()) };
                self.check(cx, kind, loc, id, info)?;
            }
        }
        Ok(())
    }

    /// The signature without what was hidden or substituted.
    pub fn simplify(&self, cx: &Context, env: &Env, sg: &[SignatureItem]) -> Result<Signature> {
        let removed: Vec<Ident> =
            self.hidden.iter().filter(|(_, (kind, ..))| kind.can_appear_in_types()).map(|(id, _)| *id).collect();
        let mut simple = Vec::new();
        for item in sg {
            let (user_kind, user_id, user_loc) = classify(item);
            if self.hidden.contains_key(&user_id) {
                continue;
            }
            let mut item = item.clone();
            if let Some(subst) = &self.subst {
                item = subst
                    .try_signature_item(cx, Scoping::Keep, &item)
                    .or_else(|failure| fail(user_loc, env, Error::NonPackableLocalModtypeSubst(failure.0)))?;
            }
            if !removed.is_empty() {
                item = mtype::nondep_sig_item(cx, env, &removed, &item)
                    .or_else(|NondepCannotErase(id)| self.cannot_hide(env, id, (user_kind, user_id, user_loc)))?;
            }
            simple.push(item);
        }
        Ok(simple)
    }

    fn cannot_hide<T>(&self, env: &Env, id: Ident, user: (ComponentKind, Ident, Location)) -> Result<T> {
        let Some((kind, loc, reason)) = self.hidden.get(&id) else {
            panic!("only hidden idents are removed");
        };
        match reason {
            HideReason::FromOpen => fail(*loc, env, Error::AppearsInSignature { opened: (*kind, id), user }),
            HideReason::ShadowedBy(shadower, shadower_loc) => fail(
                *shadower_loc,
                env,
                Error::IllegalShadowing { shadowed: (*kind, id, *loc), shadower: *shadower, user },
            ),
        }
    }
}

/// Splits a signature into its recursive groups; a class goes with the types it defines.
fn recursive_groups(sg: &[SignatureItem]) -> Vec<&[SignatureItem]> {
    let continues = |items: &[SignatureItem], index: usize| match &items[index] {
        SignatureItem::Type(_, _, rs, _) | SignatureItem::Module(_, _, _, rs, _) if *rs == RecStatus::Next => true,
        SignatureItem::Class(_, _, RecStatus::Next, _) | SignatureItem::ClassType(_, _, RecStatus::Next, _) => true,
        SignatureItem::ClassType(..) => matches!(items[index - 1], SignatureItem::Class(..)),
        SignatureItem::Type(id, ..) => match &items[index - 1] {
            SignatureItem::ClassType(other, ..) => other.name() == id.name(),
            SignatureItem::Type(row, ..) => row.name().strip_suffix("#row") == Some(id.name().as_str()),
            _ => false,
        },
        _ => false,
    };
    let mut groups = Vec::new();
    let mut start = 0;
    for index in 1..=sg.len() {
        if index == sg.len() || !continues(sg, index) {
            if start < index {
                groups.push(&sg[start..index]);
            }
            start = index;
        }
    }
    groups
}
