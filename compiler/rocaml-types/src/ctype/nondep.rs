//! Types without given idents: what an expression may have as type outside of a local module.

use super::instance::map_class_signature;
use super::levels::normalize_package_path;
use super::{NondepCannotErase, try_expand_safe, try_expand_safe_opt};
use crate::Ident;
use crate::btype::{self, TypeMap};
use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::store::GENERIC_LEVEL;
use crate::types::*;
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

type Erased<T> = Result<T, NondepCannotErase>;

/// The first of `ids` that a path mentions.
pub fn find_free(ids: &[Ident], path: &Path) -> Option<Ident> {
    match path {
        Path::Ident(id) => ids.contains(id).then_some(*id),
        Path::Dot(prefix, _) | Path::ExtraTy(prefix, _) => find_free(ids, prefix),
        Path::Apply(f, arg) => find_free(ids, f).or_else(|| find_free(ids, arg)),
    }
}
fn exists_free(ids: &[Ident], path: &Path) -> bool {
    find_free(ids, path).is_some()
}

struct Nondep<'a> {
    cx: &'a Context,
    env: &'a Env,
    ids: &'a [Ident],
    done: TypeMap<TypeId>,
    variants: TypeMap<TypeId>,
    /// The first ident that could not be erased, noticed by copies that cannot fail.
    failure: Option<NondepCannotErase>,
}

impl<'a> Nondep<'a> {
    fn new(cx: &'a Context, env: &'a Env, ids: &'a [Ident]) -> Nondep<'a> {
        Nondep { cx, env, ids, done: TypeMap::default(), variants: TypeMap::default(), failure: None }
    }

    /// Runs a copy and gives the failure within it.
    fn run<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> Erased<T> {
        let outer = self.failure.take();
        let result = f(self);
        match std::mem::replace(&mut self.failure, outer) {
            Some(failure) => Err(failure),
            None => Ok(result),
        }
    }
    fn try_ty(&mut self, ty: TypeId) -> Erased<TypeId> {
        self.run(|n| n.ty(ty))
    }
    fn list(&mut self, tys: &[TypeId]) -> Vec<TypeId> {
        tys.iter().map(|ty| self.ty(*ty)).collect()
    }

    fn ty(&mut self, ty: TypeId) -> TypeId {
        self.ty_with(false, ty)
    }
    fn ty_with(&mut self, expand_private: bool, ty: TypeId) -> TypeId {
        let cx = self.cx;
        let ty = cx.repr(ty);
        if matches!(cx.desc(ty), TypeDesc::Var(_) | TypeDesc::Univar(_)) || self.failure.is_some() {
            return ty;
        }
        if let Some(copy) = self.done.get(&ty) {
            return *copy;
        }
        let stub = cx.create(TypeDesc::Var(None), GENERIC_LEVEL, cx.scope(ty));
        self.done.insert(ty, stub);
        let desc = self.desc(expand_private, ty, stub);
        if self.failure.is_some() {
            self.done.remove(&ty);
            return ty;
        }
        cx.set_stub(stub, desc);
        stub
    }

    fn desc(&mut self, expand_private: bool, ty: TypeId, stub: TypeId) -> TypeDesc {
        let cx = self.cx;
        match cx.desc(ty) {
            TypeDesc::Constr(path, args, memo) => {
                let kept = match find_free(self.ids, &path) {
                    Some(id) => Err(NondepCannotErase(id)),
                    None => self.run(|n| n.list(&args)),
                };
                match kept {
                    Ok(args) => TypeDesc::Constr(path, args.into(), cx.new_memo()),
                    Err(failure) => {
                        // The expansion may do without. It keeps the memo: a recursive type is met again.
                        let node = cx.new_node(TypeDesc::Constr(path, args, memo), cx.level(ty));
                        let expansion = if expand_private {
                            try_expand_safe_opt(cx, self.env, node)
                        } else {
                            try_expand_safe(cx, self.env, node)
                        };
                        match expansion {
                            Ok(expansion) => TypeDesc::Link(self.ty_with(expand_private, expansion)),
                            Err(_) => {
                                self.failure.get_or_insert(failure);
                                TypeDesc::Var(None)
                            }
                        }
                    }
                }
            }
            TypeDesc::Package(package) if exists_free(self.ids, &package.path) => {
                let path = normalize_package_path(cx, self.env, &package.path);
                if let Some(id) = find_free(self.ids, &path) {
                    self.failure.get_or_insert(NondepCannotErase(id));
                }
                let constraints = package.constraints.iter().map(|(names, ty)| (names.clone(), self.ty(*ty))).collect();
                TypeDesc::Package(PackageType { path, constraints })
            }
            TypeDesc::Object(fields, name) => {
                let fields = self.ty(fields);
                let name = cx.object_name(name).filter(|(path, _)| !exists_free(self.ids, path));
                let name = name.map(|(path, args)| (path, self.list(&args).into()));
                TypeDesc::Object(fields, cx.new_object_name(name))
            }
            TypeDesc::Variant(row) => {
                let more = cx.repr(btype::row_more(cx, &row));
                if let Some(done) = self.variants.get(&more) {
                    self.done.insert(ty, *done);
                    return TypeDesc::Link(*done);
                }
                self.variants.insert(more, stub);
                let new_more =
                    if btype::static_row(cx, &row) { btype::newgenty(cx, TypeDesc::Nil) } else { self.ty(more) };
                let mut row = btype::copy_row(cx, &mut |child| self.ty(child), true, &row, true, new_more);
                row.name = row.name.filter(|(path, _)| !exists_free(self.ids, path));
                TypeDesc::Variant(row)
            }
            desc => btype::copy_type_desc(cx, false, &desc, &mut |child| self.ty(child)),
        }
    }

    fn type_decl(&mut self, is_covariant: bool, decl: &TypeDeclaration) -> Erased<TypeDeclaration> {
        let params = self.run(|n| n.list(&decl.params))?;
        let kind = match self.run(|n| btype::map_type_kind(&decl.kind, &mut |ty| n.ty(ty))) {
            Ok(kind) => kind,
            Err(_) if is_covariant => TypeKind::Abstract(AbstractOrigin::Definition),
            Err(failure) => return Err(failure),
        };
        let (manifest, private) = match decl.manifest.map(|ty| (ty, self.try_ty(ty))) {
            None => (None, decl.private),
            Some((_, Ok(ty))) => (Some(ty), decl.private),
            Some((ty, Err(_))) if is_covariant => {
                self.done.clear();
                self.variants.clear();
                match self.run(|n| n.ty_with(true, ty)) {
                    Ok(ty) => (Some(ty), PrivateFlag::Private),
                    Err(_) => (None, decl.private),
                }
            }
            Some((_, Err(failure))) => return Err(failure),
        };
        let has_row = manifest.is_some_and(|ty| btype::has_constr_row(self.cx, ty));
        Ok(TypeDeclaration {
            params,
            kind,
            manifest,
            private: if has_row { PrivateFlag::Private } else { private },
            is_newtype: false,
            expansion_scope: 0,
            ..decl.clone()
        })
    }

    fn class_type(&mut self, cty: &ClassType) -> ClassType {
        match cty {
            ClassType::Constr(path, _, inner) if exists_free(self.ids, path) => self.class_type(inner),
            ClassType::Constr(path, args, inner) => {
                let args = self.list(args);
                ClassType::Constr(path.clone(), args, Rc::new(self.class_type(inner)))
            }
            ClassType::Signature(sign) => {
                ClassType::Signature(Rc::new(map_class_signature(sign, &mut |ty| self.ty(ty))))
            }
            ClassType::Arrow(label, ty, inner) => {
                let ty = self.ty(*ty);
                ClassType::Arrow(*label, ty, Rc::new(self.class_type(inner)))
            }
        }
    }
}

/// An equal type that does not mention the idents.
pub fn nondep_type(cx: &Context, env: &Env, ids: &[Ident], ty: TypeId) -> Erased<TypeId> {
    Nondep::new(cx, env, ids).try_ty(ty)
}
/// A declaration that does not mention the idents; where `is_covariant`, less may be said.
pub fn nondep_type_decl(
    cx: &Context,
    env: &Env,
    ids: &[Ident],
    is_covariant: bool,
    decl: &TypeDeclaration,
) -> Erased<TypeDeclaration> {
    Nondep::new(cx, env, ids).type_decl(is_covariant, decl)
}
pub fn nondep_extension_constructor(
    cx: &Context,
    env: &Env,
    ids: &[Ident],
    ext: &ExtensionConstructor,
) -> Erased<ExtensionConstructor> {
    let mut nondep = Nondep::new(cx, env, ids);
    let (type_path, type_params) = match find_free(ids, &ext.type_path) {
        None => (ext.type_path.clone(), nondep.run(|n| n.list(&ext.type_params))?),
        Some(id) => {
            let desc = TypeDesc::Constr(ext.type_path.clone(), ext.type_params.clone().into(), cx.new_memo());
            let ty = nondep.try_ty(btype::newgenty(cx, desc))?;
            match cx.desc(ty) {
                TypeDesc::Constr(path, args, _) => (path, args.to_vec()),
                _ => return Err(NondepCannotErase(id)),
            }
        }
    };
    let args = nondep.run(|n| btype::map_cstr_args(&ext.args, &mut |ty| n.ty(ty)))?;
    let ret_type = match ext.ret_type {
        Some(ty) => Some(nondep.try_ty(ty)?),
        None => None,
    };
    Ok(ExtensionConstructor { type_path, type_params, args, ret_type, ..ext.clone() })
}
pub fn nondep_class_declaration(
    cx: &Context,
    env: &Env,
    ids: &[Ident],
    decl: &ClassDeclaration,
) -> Erased<ClassDeclaration> {
    Nondep::new(cx, env, ids).run(|n| ClassDeclaration {
        params: n.list(&decl.params),
        type_: n.class_type(&decl.type_),
        new: decl.new.map(|ty| n.ty(ty)),
        ..decl.clone()
    })
}
pub fn nondep_cltype_declaration(
    cx: &Context,
    env: &Env,
    ids: &[Ident],
    decl: &ClassTypeDeclaration,
) -> Erased<ClassTypeDeclaration> {
    let mut nondep = Nondep::new(cx, env, ids);
    let (params, type_) = nondep.run(|n| (n.list(&decl.params), n.class_type(&decl.type_)))?;
    let hash_type = Rc::new(nondep.type_decl(false, &decl.hash_type)?);
    Ok(ClassTypeDeclaration { params, type_, hash_type, ..decl.clone() })
}
