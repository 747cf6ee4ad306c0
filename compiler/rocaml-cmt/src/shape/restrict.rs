//! What a module type leaves of a shape: the part of upstream's `Includemod` that deals with shapes.
//!
//! The inclusion has been checked: both types are followed in parallel as the check does, and where they cannot be,
//! the shape stays.

use super::tree::Shapes;
use super::{Desc, Kind, Parts, Shape, kind_of, part_of};
use rocaml_base::Name;
use rocaml_types::btype::is_row_name;
use rocaml_types::env::Env;
use rocaml_types::mtype::strengthen;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::{FunctorParameter, Ident, ModulePresence, ModuleType, Path, SignatureItem, Uid, Visibility};
use std::collections::HashMap;
use std::rc::Rc;

impl Shapes<'_> {
    /// What is left of the shape of a module of type `mty1` once it is given the type `mty2`.
    pub(super) fn restricted(&mut self, env: &Env, mty1: &ModuleType, mty2: &ModuleType, of: Rc<Shape>) -> Rc<Shape> {
        self.modtypes(env, &Subst::identity(), mty1, mty2, of)
    }

    fn modtypes(&mut self, env: &Env, subst: &Subst, mty1: &ModuleType, mty2: &ModuleType, of: Rc<Shape>) -> Rc<Shape> {
        let cx = self.cx;
        match (mty1, mty2) {
            (ModuleType::Alias(_), ModuleType::Alias(_)) => of,
            (ModuleType::Alias(p1), _) => {
                let p1 = env.normalize_module_path(cx, None, p1).unwrap_or_else(|_| p1.clone());
                match env.find_module(cx, &p1) {
                    Some(md) => self.strengthened(env, subst, &md.type_, &p1, mty2, of),
                    None => of,
                }
            }
            (ModuleType::Ident(p1), ModuleType::Ident(p2)) => {
                let p1 = env.normalize_modtype_path(cx, p1);
                let p2 = env.normalize_modtype_path(cx, &subst.modtype_path(p2));
                if p1 == p2 {
                    return of;
                }
                match (env.find_modtype_expansion(cx, &p1), env.find_modtype_expansion(cx, &p2)) {
                    (Some(mty1), Some(mty2)) => self.modtypes(env, subst, &mty1, &mty2, of),
                    _ => of,
                }
            }
            (ModuleType::Ident(p1), _) => match env.find_modtype_expansion(cx, &env.normalize_modtype_path(cx, p1)) {
                Some(mty1) => self.modtypes(env, subst, &mty1, mty2, of),
                None => of,
            },
            (_, ModuleType::Ident(p2)) => {
                let p2 = env.normalize_modtype_path(cx, &subst.modtype_path(p2));
                match env.find_modtype_expansion(cx, &p2) {
                    Some(mty2) => self.modtypes(env, subst, mty1, &mty2, of),
                    None => of,
                }
            }
            (ModuleType::Signature(sig1), ModuleType::Signature(sig2)) => self.signatures(env, subst, sig1, sig2, of),
            (ModuleType::Functor(param1, res1), ModuleType::Functor(param2, res2)) => {
                let (env, subst) = self.parameter(env, subst, param1, param2);
                let (var, body) = match &of.desc {
                    Desc::Abs(var, body) => (*var, body.clone()),
                    _ => {
                        let var = Ident::create_local(Name::new("shape-var"));
                        let arg = self.known.table.make(Some(Uid::Internal), Desc::Var(var));
                        (var, self.known.table.app(&of, arg))
                    }
                };
                let left = self.modtypes(&env, &subst, res1, res2, body.clone());
                if Rc::ptr_eq(&left, &body) { of } else { self.known.table.make(None, Desc::Abs(var, left)) }
            }
            _ => of,
        }
    }

    fn parameter(
        &self,
        env: &Env,
        subst: &Subst,
        param1: &FunctorParameter,
        param2: &FunctorParameter,
    ) -> (Env, Subst) {
        let (FunctorParameter::Named(name1, _), FunctorParameter::Named(name2, arg2)) = (param1, param2) else {
            return (env.clone(), subst.clone());
        };
        let arg2 = subst.modtype(self.cx, Scoping::Keep, arg2);
        let add = |id: Ident| env.add_module(self.cx, false, id, ModulePresence::Present, &arg2);
        match (*name1, *name2) {
            (Some(id1), Some(id2)) => (add(id1), subst.add_module(id2, Path::Ident(id1))),
            (None, Some(id2)) => {
                let id1 = id2.rename();
                (add(id1), subst.add_module(id2, Path::Ident(id1)))
            }
            (Some(id1), None) => (add(id1), subst.clone()),
            (None, None) => (env.clone(), subst.clone()),
        }
    }

    fn strengthened(
        &mut self,
        env: &Env,
        subst: &Subst,
        mty1: &ModuleType,
        path1: &Path,
        mty2: &ModuleType,
        of: Rc<Shape>,
    ) -> Rc<Shape> {
        let cx = self.cx;
        if let (ModuleType::Ident(p1), ModuleType::Ident(p2)) = (mty1, mty2)
            && (p1 == p2
                || env.normalize_modtype_path(cx, p1) == env.normalize_modtype_path(cx, &subst.modtype_path(p2)))
        {
            return of;
        }
        let mty1 = strengthen(cx, env, true, mty1, path1);
        self.modtypes(env, subst, &mty1, mty2, of)
    }

    /// Only what `sig2` names is left.
    pub(super) fn signatures(
        &mut self,
        env: &Env,
        subst: &Subst,
        sig1: &[SignatureItem],
        sig2: &[SignatureItem],
        of: Rc<Shape>,
    ) -> Rc<Shape> {
        let is_exported = |item: &&SignatureItem| item.visibility() == Visibility::Exported;
        let known: HashMap<_, _> = sig1.iter().filter(is_exported).map(|item| (part_of(item), item)).collect();
        let (mut subst, mut paired) = (subst.clone(), Vec::new());
        for item2 in sig2 {
            let mut key = part_of(item2);
            if let SignatureItem::Type(_, decl, ..) = item2
                && decl.manifest.is_none()
                && is_row_name(&key.0)
            {
                key.0 = Name::new(key.0.strip_suffix("#row").unwrap_or(&key.0));
            }
            let Some(item1) = known.get(&key) else { continue };
            let path = Path::Ident(item1.ident());
            match item2 {
                SignatureItem::Type(id, ..) => subst = subst.add_type(*id, path),
                SignatureItem::Module(id, ..) => subst = subst.add_module(*id, path),
                SignatureItem::Modtype(id, ..) => subst = subst.add_modtype(*id, path),
                _ => {}
            }
            paired.push((*item1, item2));
        }
        // Only modules within need the environment.
        let needs_env = paired.iter().any(|(item, _)| kind_of(item) == Kind::Module);
        let env = if needs_env { env.in_signature(true).add_signature(self.cx, sig1) } else { env.clone() };
        let (mut parts, mut is_changed) = (Parts::new(), false);
        for (item1, item2) in paired {
            let part = part_of(item1);
            let whole = self.known.table.project(&of, part);
            let left = match (item1, item2) {
                (SignatureItem::Module(id, _, md1, ..), SignatureItem::Module(_, _, md2, ..)) => {
                    let path = Path::Ident(*id);
                    let left = self.strengthened(&env, &subst, &md1.type_, &path, &md2.type_, whole.clone());
                    is_changed |= !Rc::ptr_eq(&left, &whole);
                    self.known.table.with_uid(left, md1.uid)
                }
                _ => whole,
            };
            parts.insert(part, left);
        }
        if !is_changed && sig1.iter().filter(is_exported).count() == sig2.iter().filter(is_exported).count() {
            return of;
        }
        self.known.table.make(of.uid, Desc::Struct(parts))
    }
}
