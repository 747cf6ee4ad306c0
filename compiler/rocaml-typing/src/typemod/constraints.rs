//! `with` constraints: merging one into a signature.

use super::{Error, extract_sig, fail, included, params_are_constrained};
use crate::error::Result;
use crate::includemod;
use crate::mtype;
use crate::typedecl;
use crate::typedtree::{self as tt, WithConstraint};
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::{self, CoreTypeDesc};
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{self, Env};
use rocaml_types::mtype::{freshen, strengthen_decl};
use rocaml_types::store::LOWEST_LEVEL;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::rc::Rc;

/// A constraint, its right-hand side translated where that can be done beforehand.
pub enum MergeConstraint<'a> {
    Type(&'a ast::TypeDeclaration),
    TypeSubst(&'a ast::TypeDeclaration),
    Module {
        lid: Loc<Longident>,
        path: Path,
        md: Rc<ModuleDeclaration>,
        remove_aliases: bool,
    },
    ModSubst {
        lid: Loc<Longident>,
        path: Path,
        md: Rc<ModuleDeclaration>,
    },
    Modtype(tt::ModuleType),
    ModtypeSubst(tt::ModuleType),
    /// Of a package type.
    TypePackage(TypeId),
    /// While approximating: the module type, and whether it is destructive.
    ApproxModtype(ModuleType, bool),
}

impl MergeConstraint<'_> {
    fn destructive(&self) -> bool {
        matches!(
            self,
            MergeConstraint::TypeSubst(_)
                | MergeConstraint::ModSubst { .. }
                | MergeConstraint::ModtypeSubst(_)
                | MergeConstraint::ApproxModtype(_, true)
        )
    }
}

/// What a merge yields.
pub struct Merged {
    pub path: Path,
    /// The typed constraint; none for packages and approximations.
    pub constraint: Option<WithConstraint>,
    pub signature: Signature,
}

struct Merge<'a> {
    cx: &'a Context,
    initial_env: &'a Env,
    loc: Location,
    lid: &'a Loc<Longident>,
    constraint: &'a MergeConstraint<'a>,
    /// The component that is replaced, and the paths of the modules on the way as seen from inside.
    real_paths: Vec<Path>,
}

/// An item that a constraint changed.
struct Patched {
    path: Path,
    constraint: Option<WithConstraint>,
    /// Nothing when it is removed.
    item: Option<SignatureItem>,
    /// A private row's type, to stand before it; an old one to be removed.
    new_row: Option<SignatureItem>,
    drops_row: bool,
}

impl Merge<'_> {
    fn merge_signature(
        &mut self,
        env: &Env,
        sg: &Signature,
        names: &[Name],
    ) -> Result<(Path, Option<WithConstraint>, Signature)> {
        let Some(index) = (0..sg.len()).find(|index| !is_ghost(sg, *index) && self.applies(&sg[*index], names)) else {
            return fail(self.loc, env, Error::WithNoComponent(self.lid.txt.clone()));
        };
        let sig_env = env.add_signature(self.cx, sg);
        let patched = self.patch(env, &sig_env, sg, &sg[index], names)?;
        let row = Name::new(&format!("{}#row", names[0]));
        let mut result = Signature::new();
        for (position, item) in sg.iter().enumerate() {
            let is_row = matches!(item, SignatureItem::Type(id, ..) if id.name() == row);
            if is_row && patched.drops_row {
                continue;
            }
            if position == index {
                result.extend(patched.new_row.clone());
                result.extend(patched.item.clone());
            } else {
                result.push(item.clone());
            }
        }
        if patched.item.is_none() {
            hand_on_recursion(&mut result, index, &sg[index]);
        }
        Ok((patched.path, patched.constraint, result))
    }

    fn applies(&self, item: &SignatureItem, names: &[Name]) -> bool {
        if item.ident().name() != names[0] {
            return false;
        }
        if names.len() > 1 {
            return matches!(item, SignatureItem::Module(..));
        }
        match self.constraint {
            MergeConstraint::Type(_) | MergeConstraint::TypeSubst(_) | MergeConstraint::TypePackage(_) => {
                matches!(item, SignatureItem::Type(..))
            }
            MergeConstraint::Module { .. } | MergeConstraint::ModSubst { .. } => {
                matches!(item, SignatureItem::Module(..))
            }
            MergeConstraint::Modtype(_) | MergeConstraint::ModtypeSubst(_) | MergeConstraint::ApproxModtype(..) => {
                matches!(item, SignatureItem::Modtype(..))
            }
        }
    }

    fn patch(
        &mut self,
        env: &Env,
        sig_env: &Env,
        sg: &Signature,
        item: &SignatureItem,
        names: &[Name],
    ) -> Result<Patched> {
        let (id, loc) = (item.ident(), self.loc);
        match item {
            SignatureItem::Module(_, _, md, rs, visibility) if names.len() > 1 => {
                self.patch_submodule(sig_env, item, (id, md, *rs, *visibility), &names[1..])
            }
            SignatureItem::Type(_, decl, rs, visibility) => {
                self.patch_type(env, sig_env, sg, (id, decl, *rs, *visibility))
            }
            SignatureItem::Modtype(_, mtd, visibility) => self.patch_modtype(sig_env, id, mtd, *visibility),
            SignatureItem::Module(_, presence, md, rs, visibility) => match self.constraint {
                MergeConstraint::Module { lid, path, md: replacement, remove_aliases } => {
                    let type_ = mtype::scrape_for_type_of(self.cx, sig_env, *remove_aliases, &replacement.type_);
                    let scraped = ModuleDeclaration { type_, ..(**replacement).clone() };
                    let new_md = strengthen_decl(self.cx, sig_env, false, &scraped, path);
                    self.include(includemod::modtypes(self.cx, sig_env, loc, true, &new_md.type_, &md.type_))?;
                    let constraint = WithConstraint::Module(path.clone(), lid.clone());
                    let item = SignatureItem::Module(id, *presence, Rc::new(new_md), *rs, *visibility);
                    Ok(replaced(id, Some(constraint), Some(item)))
                }
                MergeConstraint::ModSubst { lid, path, md: replacement } => {
                    let aliasable = !sig_env.is_functor_arg(path);
                    self.include(includemod::strengthened_module_decl(
                        self.cx,
                        sig_env,
                        loc,
                        aliasable,
                        replacement,
                        path,
                        md,
                    ))?;
                    self.real_paths = vec![Path::Ident(id)];
                    let constraint = WithConstraint::ModSubst(path.clone(), lid.clone());
                    Ok(replaced(id, Some(constraint), None))
                }
                _ => panic!("`applies` chose this item for the constraint"),
            },
            _ => panic!("`applies` chose this item for the constraint"),
        }
    }

    fn include<T>(&self, result: std::result::Result<T, includemod::Explanation>) -> Result<T> {
        let lid = self.lid.txt.clone();
        included(result, self.loc, self.initial_env, |explanation| Error::WithMismatch(lid, explanation))
    }

    fn patch_submodule(
        &mut self,
        sig_env: &Env,
        item: &SignatureItem,
        (id, md, rs, visibility): (Ident, &Rc<ModuleDeclaration>, RecStatus, Visibility),
        names: &[Name],
    ) -> Result<Patched> {
        let inner = extract_sig(self.cx, sig_env, self.loc, &md.type_)?;
        let (sub_path, constraint, inner) = self.merge_signature(sig_env, &inner, names)?;
        let path = prefix(id, &sub_path);
        self.real_paths.push(path.clone());
        // An alias cannot be refined: it was only checked that the constraint holds.
        let keeps_alias =
            matches!(md.type_, ModuleType::Alias(_)) && constraint.is_some() && !self.constraint.destructive();
        let item = if keeps_alias {
            item.clone()
        } else {
            let md = ModuleDeclaration { type_: ModuleType::Signature(Rc::new(inner)), ..(**md).clone() };
            SignatureItem::Module(id, ModulePresence::Present, Rc::new(md), rs, visibility)
        };
        Ok(Patched { path, constraint, item: Some(item), new_row: None, drops_row: false })
    }

    fn patch_type(
        &mut self,
        env: &Env,
        sig_env: &Env,
        sg: &Signature,
        (id, decl, rs, visibility): (Ident, &Rc<TypeDeclaration>, RecStatus, Visibility),
    ) -> Result<Patched> {
        let cx = self.cx;
        let row_name = Name::new(&format!("{}#row", id.name()));
        let old_row = sg.iter().map(SignatureItem::ident).find(|row| row.name() == row_name);
        let (sdecl, substitutes) = match self.constraint {
            MergeConstraint::Type(sdecl) => (*sdecl, false),
            MergeConstraint::TypeSubst(sdecl) => (*sdecl, true),
            MergeConstraint::TypePackage(ty) => {
                return self.patch_package_type(env, sig_env, sg, (id, decl, rs, visibility), *ty);
            }
            _ => panic!("`applies` chose this item for the constraint"),
        };
        if typedecl::is_fixed_type(sdecl) && !substitutes && matches!(sdecl.kind, ast::TypeKind::Abstract) {
            return self.patch_private_row(env, sg, sdecl, (id, decl, rs, visibility), old_row);
        }
        let tdecl = typedecl::transl_with_constraint(cx, id, None, sig_env, decl, self.initial_env, sdecl)?;
        self.check_type_decl(env, sg, sdecl.loc, id, old_row, &tdecl.decl, decl)?;
        let new_decl = tdecl.decl.clone();
        let (constraint, item) = if substitutes {
            self.real_paths = vec![Path::Ident(id)];
            (WithConstraint::TypeSubst(Box::new(tdecl)), None)
        } else {
            (WithConstraint::Type(Box::new(tdecl)), Some(SignatureItem::Type(id, new_decl, rs, visibility)))
        };
        Ok(Patched {
            path: Path::Ident(id),
            constraint: Some(constraint),
            item,
            new_row: None,
            drops_row: old_row.is_some(),
        })
    }

    /// `with type t = private [< … ]`: the row becomes a type of its own.
    fn patch_private_row(
        &mut self,
        env: &Env,
        sg: &Signature,
        sdecl: &ast::TypeDeclaration,
        (id, decl, rs, visibility): (Ident, &Rc<TypeDeclaration>, RecStatus, Visibility),
        old_row: Option<Ident>,
    ) -> Result<Patched> {
        let cx = self.cx;
        let variance = typedecl::variance::variance_of_params(&sdecl.params)
            .into_iter()
            .map(|(co, cn, injective)| {
                Variance::NULL.set(Variance::MAY_POS, !cn).set(Variance::MAY_NEG, !co).set(Variance::INJ, injective)
            })
            .collect();
        let arity = sdecl.params.len();
        let row_decl = TypeDeclaration {
            params: sdecl.params.iter().map(|_| ctype::newgenvar(cx, None)).collect(),
            arity,
            kind: TypeKind::Abstract(AbstractOrigin::Definition),
            private: PrivateFlag::Private,
            manifest: None,
            variance,
            separability: Separability::default_signature(arity),
            is_newtype: false,
            expansion_scope: LOWEST_LEVEL,
            loc: sdecl.loc,
            attributes: vec![],
            immediate: Immediacy::Unknown,
            unboxed_default: false,
            uid: cx.fresh_uid(),
        };
        let row_id = Ident::create_local(Name::new(&format!("{}#row", id.name())));
        let outer_env = self.initial_env.add_type(cx, false, row_id, Rc::new(row_decl.clone()));
        let sig_env = env.add_type(cx, false, row_id, Rc::new(row_decl.clone())).add_signature(cx, sg);
        let tdecl =
            typedecl::transl_with_constraint(cx, id, Some(&Path::Ident(row_id)), &sig_env, decl, &outer_env, sdecl)?;
        self.check_type_decl(env, sg, sdecl.loc, id, old_row, &tdecl.decl, decl)?;
        let row_decl = TypeDeclaration { params: tdecl.decl.params.clone(), ..row_decl };
        let row_status = if rs == RecStatus::First { RecStatus::Not } else { rs };
        Ok(Patched {
            path: Path::Ident(id),
            item: Some(SignatureItem::Type(id, tdecl.decl.clone(), rs, visibility)),
            new_row: Some(SignatureItem::Type(row_id, Rc::new(row_decl), row_status, visibility)),
            constraint: Some(WithConstraint::Type(Box::new(tdecl))),
            drops_row: old_row.is_some(),
        })
    }

    fn patch_package_type(
        &mut self,
        env: &Env,
        sig_env: &Env,
        sg: &Signature,
        (id, decl, rs, visibility): (Ident, &Rc<TypeDeclaration>, RecStatus, Visibility),
        ty: TypeId,
    ) -> Result<Patched> {
        if let Some(manifest) = decl.manifest {
            return fail(self.loc, env, Error::WithPackageManifest(self.lid.txt.clone(), manifest));
        }
        env::mark_type_used(self.cx, decl.uid);
        let new_decl = typedecl::transl_package_constraint(self.cx, self.loc, sig_env, ty);
        self.check_type_decl(env, sg, self.loc, id, None, &Rc::new(new_decl.clone()), decl)?;
        let new_decl = TypeDeclaration { manifest: None, ..new_decl };
        Ok(replaced(id, None, Some(SignatureItem::Type(id, Rc::new(new_decl), rs, visibility))))
    }

    fn patch_modtype(
        &mut self,
        sig_env: &Env,
        id: Ident,
        mtd: &Rc<ModtypeDeclaration>,
        visibility: Visibility,
    ) -> Result<Patched> {
        let (mty, constraint, approximate) = match self.constraint {
            MergeConstraint::Modtype(tmty) => {
                (&tmty.type_, Some(WithConstraint::Modtype(Box::new(tmty.clone()))), false)
            }
            MergeConstraint::ModtypeSubst(tmty) => {
                (&tmty.type_, Some(WithConstraint::ModtypeSubst(Box::new(tmty.clone()))), false)
            }
            MergeConstraint::ApproxModtype(mty, _) => (mty, None, true),
            _ => panic!("`applies` chose this item for the constraint"),
        };
        if let Some(previous) = mtd.type_.as_ref().filter(|_| !approximate) {
            self.include(includemod::check_modtype_equiv(self.cx, sig_env, self.loc, id, previous, mty))?;
        }
        let item = if self.constraint.destructive() {
            self.real_paths = vec![Path::Ident(id)];
            None
        } else {
            let decl = ModtypeDeclaration {
                type_: Some(mty.clone()),
                attributes: vec![],
                loc: self.loc,
                uid: self.cx.fresh_uid(),
            };
            Some(SignatureItem::Modtype(id, Rc::new(decl), visibility))
        };
        Ok(replaced(id, constraint, item))
    }

    /// The new declaration must be one that the old one allows.
    #[allow(clippy::too_many_arguments)]
    fn check_type_decl(
        &self,
        env: &Env,
        sg: &Signature,
        loc: Location,
        id: Ident,
        row_id: Option<Ident>,
        new_decl: &Rc<TypeDeclaration>,
        decl: &Rc<TypeDeclaration>,
    ) -> Result<()> {
        let cx = self.cx;
        let fresh = id.rename();
        let path = Path::Ident(fresh);
        let mut subst = Subst::identity().add_type(id, path.clone());
        if let Some(row) = row_id {
            subst = subst.add_type(row, path.clone());
        }
        let new_decl = Rc::new(subst.type_declaration(cx, new_decl));
        let decl = Rc::new(subst.type_declaration(cx, decl));
        let sg: Signature = sg.iter().map(|item| subst.signature_item(cx, Scoping::Keep, item)).collect();
        let mut env = env.add_type(cx, false, fresh, new_decl.clone());
        if let Some(row) = row_id {
            env = env.add_type(cx, false, row.rename(), new_decl.clone());
        }
        let env = env.add_signature(cx, &sg);
        self.include(includemod::type_declarations(cx, &env, loc, fresh, &new_decl, &decl))?;
        typedecl::checks::check_coherence(cx, &env, loc, &path, &new_decl)
    }
}

/// Whether an item is one that a class or a class type before it declares.
fn is_ghost(sg: &Signature, index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|index| &sg[index]) else { return false };
    matches!(
        (before, &sg[index]),
        (SignatureItem::Class(..), SignatureItem::ClassType(..))
            | (SignatureItem::ClassType(..), SignatureItem::Type(..))
    )
}

fn replaced(id: Ident, constraint: Option<WithConstraint>, item: Option<SignatureItem>) -> Patched {
    Patched { path: Path::Ident(id), constraint, item, new_row: None, drops_row: false }
}

/// `id.path`
fn prefix(id: Ident, path: &Path) -> Path {
    match path {
        Path::Ident(inner) => Path::Ident(id).dot(inner.name()),
        Path::Dot(p, name) => prefix(id, p).dot(*name),
        other => other.clone(),
    }
}

/// When the first of a recursive group is removed, the next becomes the first.
fn hand_on_recursion(sg: &mut Signature, index: usize, removed: &SignatureItem) {
    let next = match (removed, sg.get_mut(index)) {
        (SignatureItem::Type(_, _, RecStatus::First, _), Some(SignatureItem::Type(_, _, rs, _)))
        | (SignatureItem::Module(_, _, _, RecStatus::First, _), Some(SignatureItem::Module(_, _, _, rs, _))) => rs,
        _ => return,
    };
    if *next == RecStatus::Next {
        *next = RecStatus::First;
    }
}

/// `type 'a t := 'a u`: the constructor `u`, if the declaration only renames it.
fn type_decl_is_alias(sdecl: &ast::TypeDeclaration) -> Option<&Loc<Longident>> {
    let CoreTypeDesc::Constr(lid, args) = &sdecl.manifest.as_ref()?.desc else { return None };
    let same = |(arg, (param, _)): (&ast::CoreType, &ast::TypeParam)| match (&arg.desc, &param.desc) {
        (CoreTypeDesc::Var(a), CoreTypeDesc::Var(b)) => a == b,
        _ => false,
    };
    (args.len() == sdecl.params.len() && args.iter().zip(&sdecl.params).all(same)).then_some(lid)
}

/// Merges a constraint into a signature.
pub fn merge_constraint(
    cx: &Context,
    env: &Env,
    loc: Location,
    sg: &Signature,
    lid: &Loc<Longident>,
    constraint: &MergeConstraint<'_>,
) -> Result<Merged> {
    let Some(names) = lid.txt.flatten() else {
        return fail(loc, env, Error::WithNoComponent(lid.txt.clone()));
    };
    let mut merge = Merge { cx, initial_env: env, loc, lid, constraint, real_paths: vec![] };
    let (path, typed, sg) = merge.merge_signature(env, sg, &names)?;
    if constraint.destructive() {
        super::substituted::check_usage(cx, env, loc, &lid.txt, &merge.real_paths, &sg)?;
    }
    let mut subst = Subst::identity().change_locs(loc);
    let mut substituted = true;
    for real in &merge.real_paths {
        subst = match constraint {
            MergeConstraint::TypeSubst(sdecl) => match type_decl_is_alias(sdecl) {
                Some(replacement) => {
                    let (replacement, _) = env.lookup_type(cx, false, replacement.loc, &replacement.txt)?;
                    subst.add_type_path(real.clone(), replacement)
                }
                None => {
                    let Some(WithConstraint::TypeSubst(tdecl)) = &typed else {
                        panic!("a type substitution has its declaration")
                    };
                    let params = tdecl.decl.params.clone();
                    if params_are_constrained(cx, &params) {
                        return fail(loc, env, Error::WithCannotRemoveConstrainedType);
                    }
                    let body = tdecl.decl.manifest.expect("a type constraint has a manifest");
                    subst.add_type_function(real.clone(), params, body)
                }
            },
            MergeConstraint::ModSubst { path, .. } => subst.add_module_path(real.clone(), path.clone()),
            MergeConstraint::ModtypeSubst(tmty) => subst.add_modtype_path(real.clone(), tmty.type_.clone()),
            MergeConstraint::ApproxModtype(mty, true) => subst.add_modtype_path(real.clone(), mty.clone()),
            _ => {
                substituted = false;
                subst
            }
        };
    }
    let sg = if constraint.destructive() && substituted {
        subst
            .try_signature(cx, Scoping::MakeLocal, &sg)
            .or_else(|failure| fail(loc, env, Error::WithCannotRemovePackedModtype(failure.0, failure.1)))?
    } else {
        sg
    };
    let whole = ModuleType::Signature(Rc::new(sg.clone()));
    super::recursive::check_well_formed_module(cx, env, loc, "this instantiated signature", &whole)?;
    Ok(Merged { path, constraint: typed, signature: sg })
}

/// Merges an approximated constraint.
pub fn merge_constraint_approx(
    cx: &Context,
    env: &Env,
    loc: Location,
    sg: Signature,
    lid: &Loc<Longident>,
    mty: ModuleType,
    destructive: bool,
) -> Result<Signature> {
    Ok(merge_constraint(cx, env, loc, &sg, lid, &MergeConstraint::ApproxModtype(mty, destructive))?.signature)
}

/// The module type of a package type with constraints.
pub fn check_package_with_type_constraints(
    cx: &Context,
    loc: Location,
    env: &Env,
    mty: &ModuleType,
    constraints: &[(Loc<Longident>, tt::CoreType)],
) -> Result<ModuleType> {
    let mut sg = (*extract_sig(cx, env, loc, mty)?).clone();
    for (lid, cty) in constraints {
        sg = merge_constraint(cx, env, loc, &sg, lid, &MergeConstraint::TypePackage(cty.type_))?.signature;
    }
    let scope = ctype::create_scope(cx);
    Ok(freshen(cx, scope, &ModuleType::Signature(Rc::new(sg))))
}
