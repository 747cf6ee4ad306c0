//! Substitution of paths in types and declarations: upstream's `Subst`.
//!
//! A substitution is cheap to clone; building one by the `add_` methods of a unique value does
//! not copy. Substituting a module type name by a nameless signature can make a package's type
//! ill-formed: the `try_` functions report that.

use crate::Ident;
use crate::btype::{self, IdMap, TypeMap};
use crate::context::Context;
use crate::ctype;
use crate::path::{ExtraTy, Path};
use crate::store::GENERIC_LEVEL;
use crate::types::*;
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::{Attribute, Attributes};
use std::cell::RefCell;
use std::rc::Rc;

/// What a type constructor is replaced by.
#[derive(Clone, Debug)]
enum TypeReplacement {
    Path(Path),
    Function { params: Rc<[TypeId]>, body: TypeId },
}

#[derive(Clone, Debug, Default)]
struct Data {
    types: IdMap<Path, TypeReplacement>,
    modules: IdMap<Path, Path>,
    modtypes: IdMap<Path, ModuleType>,
    for_saving: bool,
    loc: Option<Location>,
}

/// A substitution. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Subst(Rc<Data>);

/// What becomes of the idents that a signature binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scoping {
    Keep,
    MakeLocal,
    Rescope(i32),
}

/// A type mentions a module type that was replaced by a signature without a name.
#[derive(Clone, Debug)]
pub struct FcmTypeSubstitutedAway(pub Path, pub ModuleType);

impl Subst {
    pub fn identity() -> Subst {
        thread_local!(static IDENTITY: Subst = Subst::default());
        IDENTITY.with(Subst::clone)
    }
    pub fn is_identity(&self) -> bool {
        self.0.types.is_empty()
            && self.0.modules.is_empty()
            && self.0.modtypes.is_empty()
            && !self.0.for_saving
            && self.0.loc.is_none()
    }
    fn edit(&self, f: impl FnOnce(&mut Data)) -> Subst {
        let mut copy = self.clone();
        copy.change(f);
        copy
    }
    /// Changes in place; copies only a shared value.
    fn change(&mut self, f: impl FnOnce(&mut Data)) {
        f(Rc::make_mut(&mut self.0));
    }
    pub(crate) fn insert_type(&mut self, id: Ident, path: Path) {
        self.change(|d| drop(d.types.insert(Path::Ident(id), TypeReplacement::Path(path))));
    }
    pub(crate) fn insert_module(&mut self, id: Ident, path: Path) {
        self.change(|d| drop(d.modules.insert(Path::Ident(id), path)));
    }
    pub(crate) fn insert_modtype(&mut self, id: Ident, path: Path) {
        self.change(|d| drop(d.modtypes.insert(Path::Ident(id), ModuleType::Ident(path))));
    }
    pub fn add_type(&self, id: Ident, path: Path) -> Subst {
        self.edit(|d| drop(d.types.insert(Path::Ident(id), TypeReplacement::Path(path))))
    }
    pub fn add_module(&self, id: Ident, path: Path) -> Subst {
        self.edit(|d| drop(d.modules.insert(Path::Ident(id), path)))
    }
    pub fn add_modtype(&self, id: Ident, path: Path) -> Subst {
        self.edit(|d| drop(d.modtypes.insert(Path::Ident(id), ModuleType::Ident(path))))
    }
    /// Unsafe: use the `try_` functions to apply the result.
    pub fn add_modtype_mty(&self, id: Ident, mty: ModuleType) -> Subst {
        self.add_modtype_path(Path::Ident(id), mty)
    }
    pub fn add_modtype_path(&self, path: Path, mty: ModuleType) -> Subst {
        self.edit(|d| drop(d.modtypes.insert(path, mty)))
    }
    pub fn add_type_path(&self, from: Path, to: Path) -> Subst {
        self.edit(|d| drop(d.types.insert(from, TypeReplacement::Path(to))))
    }
    pub fn add_type_function(&self, path: Path, params: Vec<TypeId>, body: TypeId) -> Subst {
        self.edit(|d| drop(d.types.insert(path, TypeReplacement::Function { params: params.into(), body })))
    }
    pub fn add_module_path(&self, from: Path, to: Path) -> Subst {
        self.edit(|d| drop(d.modules.insert(from, to)))
    }
    /// For what is written to a `.cmi`: locations and documentation are dropped.
    pub fn for_saving(&self) -> Subst {
        self.edit(|d| d.for_saving = true)
    }
    pub fn change_locs(&self, loc: Location) -> Subst {
        self.edit(|d| d.loc = Some(loc))
    }

    /// First `self`, then `next`.
    pub fn compose(&self, cx: &Context, next: &Subst) -> Subst {
        if self.is_identity() {
            return next.clone();
        }
        if next.is_identity() {
            return self.clone();
        }
        let mut data = (*next.0).clone();
        for (path, replacement) in &self.0.types {
            let replacement = match replacement {
                TypeReplacement::Path(to) => match next.0.types.get(to) {
                    Some(TypeReplacement::Function { params, body }) => {
                        TypeReplacement::Function { params: params.clone(), body: *body }
                    }
                    _ => TypeReplacement::Path(next.type_path(to)),
                },
                TypeReplacement::Function { params, body } => {
                    let mut copy = Copy::new(cx, next);
                    TypeReplacement::Function { params: copy.list(params).into(), body: copy.ty(*body) }
                }
            };
            data.types.insert(path.clone(), replacement);
        }
        for (path, to) in &self.0.modules {
            data.modules.insert(path.clone(), next.module_path(to));
        }
        for (path, mty) in &self.0.modtypes {
            data.modtypes.insert(path.clone(), next.modtype(cx, Scoping::Keep, mty));
        }
        data.for_saving = self.0.for_saving || next.0.for_saving;
        data.loc = next.0.loc.or(self.0.loc);
        Subst(Rc::new(data))
    }

    /// Likewise, unless a package type of `self` loses its module type.
    pub fn try_compose(&self, cx: &Context, next: &Subst) -> Result<Subst, FcmTypeSubstitutedAway> {
        Subst::checked(|| self.compose(cx, next))
    }

    // -----------------------------------------------------------------------------------------
    // Paths

    pub fn module_path(&self, path: &Path) -> Path {
        if self.0.modules.is_empty() {
            return path.clone();
        }
        if let Some(to) = self.0.modules.get(path) {
            return to.clone();
        }
        match path {
            Path::Ident(_) => path.clone(),
            Path::Dot(prefix, name) => Path::Dot(Rc::new(self.module_path(prefix)), *name),
            Path::Apply(f, arg) => Path::Apply(Rc::new(self.module_path(f)), Rc::new(self.module_path(arg))),
            Path::ExtraTy(prefix, extra) => Path::ExtraTy(Rc::new(self.module_path(prefix)), *extra),
        }
    }
    fn value_path(&self, path: &Path) -> Path {
        match path {
            Path::Dot(prefix, name) => Path::Dot(Rc::new(self.module_path(prefix)), *name),
            _ => path.clone(),
        }
    }
    /// A path replaced by a type function stays.
    pub fn type_path(&self, path: &Path) -> Path {
        if let Some(TypeReplacement::Path(to)) = self.0.types.get(path) {
            return to.clone();
        }
        match path {
            Path::Dot(prefix, name) => Path::Dot(Rc::new(self.module_path(prefix)), *name),
            Path::ExtraTy(prefix, extra @ ExtraTy::CstrTy(_)) => Path::ExtraTy(Rc::new(self.type_path(prefix)), *extra),
            Path::ExtraTy(prefix, extra @ ExtraTy::ExtTy) => Path::ExtraTy(Rc::new(self.value_path(prefix)), *extra),
            Path::Ident(_) | Path::Apply(..) => path.clone(),
        }
    }
    /// A path replaced by a signature stays.
    pub fn modtype_path(&self, path: &Path) -> Path {
        match self.0.modtypes.get(path) {
            Some(ModuleType::Ident(to)) => to.clone(),
            Some(_) => path.clone(),
            None => self.value_path(path),
        }
    }

    fn loc(&self, cx: &Context, loc: Location) -> Location {
        match self.0.loc {
            Some(loc) => loc,
            None if self.0.for_saving && !cx.options.keep_locs => Location::none(),
            None => loc,
        }
    }
    fn attributes(&self, cx: &Context, attributes: &Attributes) -> Attributes {
        let (keep_docs, keep_locs) = (cx.options.keep_docs, cx.options.keep_locs);
        let is_doc = |name: Name| matches!(name.as_str(), "ocaml.doc" | "ocaml.text" | "doc" | "text");
        if !self.0.for_saving || attributes.is_empty() {
            return attributes.clone();
        }
        let kept = attributes.iter().filter(|a| keep_docs || !is_doc(a.name.txt)).cloned();
        let without_place = |a: Attribute| Attribute { name: Loc::none(a.name.txt), loc: Location::none(), ..a };
        kept.map(|a| if keep_locs { a } else { without_place(a) }).collect()
    }

    // -----------------------------------------------------------------------------------------
    // Declarations

    pub fn type_expr(&self, cx: &Context, ty: TypeId) -> TypeId {
        Copy::new(cx, self).ty(ty)
    }
    pub fn class_type(&self, cx: &Context, cty: &ClassType) -> ClassType {
        Copy::new(cx, self).class_type(cty)
    }
    pub fn value_description(&self, cx: &Context, d: &ValueDescription) -> ValueDescription {
        ValueDescription {
            type_: self.type_expr(cx, d.type_),
            kind: d.kind.clone(),
            loc: self.loc(cx, d.loc),
            attributes: self.attributes(cx, &d.attributes),
            uid: d.uid,
        }
    }
    pub fn type_declaration(&self, cx: &Context, d: &TypeDeclaration) -> TypeDeclaration {
        Copy::new(cx, self).type_declaration(d)
    }
    pub fn extension_constructor(&self, cx: &Context, d: &ExtensionConstructor) -> ExtensionConstructor {
        let mut copy = Copy::new(cx, self);
        ExtensionConstructor {
            type_path: self.type_path(&d.type_path),
            type_params: copy.list(&d.type_params),
            args: copy.cstr_args(&d.args),
            ret_type: d.ret_type.map(|ty| copy.ty(ty)),
            private: d.private,
            loc: self.loc(cx, d.loc),
            attributes: self.attributes(cx, &d.attributes),
            uid: d.uid,
        }
    }
    pub fn class_declaration(&self, cx: &Context, d: &ClassDeclaration) -> ClassDeclaration {
        let mut copy = Copy::new(cx, self);
        ClassDeclaration {
            params: copy.list(&d.params),
            type_: copy.class_type(&d.type_),
            path: self.type_path(&d.path),
            new: d.new.map(|ty| copy.ty(ty)),
            variance: d.variance.clone(),
            loc: self.loc(cx, d.loc),
            attributes: self.attributes(cx, &d.attributes),
            uid: d.uid,
        }
    }
    pub fn cltype_declaration(&self, cx: &Context, d: &ClassTypeDeclaration) -> ClassTypeDeclaration {
        let mut copy = Copy::new(cx, self);
        ClassTypeDeclaration {
            params: copy.list(&d.params),
            type_: copy.class_type(&d.type_),
            path: self.type_path(&d.path),
            hash_type: Rc::new(copy.type_declaration(&d.hash_type)),
            variance: d.variance.clone(),
            loc: self.loc(cx, d.loc),
            attributes: self.attributes(cx, &d.attributes),
            uid: d.uid,
        }
    }
    pub fn modtype(&self, cx: &Context, scoping: Scoping, mty: &ModuleType) -> ModuleType {
        match mty {
            ModuleType::Ident(path) => match self.0.modtypes.get(path) {
                Some(mty) => mty.clone(),
                None => ModuleType::Ident(self.value_path(path)),
            },
            ModuleType::Alias(path) => ModuleType::Alias(self.module_path(path)),
            ModuleType::Signature(sg) => ModuleType::Signature(Rc::new(self.signature(cx, scoping, sg))),
            ModuleType::Functor(FunctorParameter::Unit, res) => {
                ModuleType::Functor(FunctorParameter::Unit, Rc::new(self.modtype(cx, scoping, res)))
            }
            ModuleType::Functor(FunctorParameter::Named(None, arg), res) => {
                let arg = Rc::new(self.modtype(cx, scoping, arg));
                ModuleType::Functor(FunctorParameter::Named(None, arg), Rc::new(self.modtype(cx, scoping, res)))
            }
            ModuleType::Functor(FunctorParameter::Named(Some(id), arg), res) => {
                let fresh = rename(scoping, *id);
                let arg = Rc::new(self.modtype(cx, scoping, arg));
                let res = self.add_module(*id, Path::Ident(fresh)).modtype(cx, scoping, res);
                ModuleType::Functor(FunctorParameter::Named(Some(fresh), arg), Rc::new(res))
            }
        }
    }
    /// The items with fresh idents (unless [`Scoping::Keep`]) and the substitution to them.
    fn rename_bound_idents(&self, scoping: Scoping, sg: &[SignatureItem]) -> (Vec<Ident>, Subst) {
        let mut subst = self.clone();
        let idents = sg
            .iter()
            .map(|item| {
                let id = item.ident();
                let fresh = rename(scoping, id);
                match item {
                    // Values are not mentioned by types.
                    SignatureItem::Value(..) => {}
                    SignatureItem::Module(..) => subst.insert_module(id, Path::Ident(fresh)),
                    SignatureItem::Modtype(..) => subst.insert_modtype(id, Path::Ident(fresh)),
                    SignatureItem::Type(..)
                    | SignatureItem::Class(..)
                    | SignatureItem::ClassType(..)
                    | SignatureItem::Typext(..) => {
                        subst.insert_type(id, Path::Ident(fresh));
                    }
                }
                fresh
            })
            .collect();
        (idents, subst)
    }
    pub fn signature(&self, cx: &Context, scoping: Scoping, sg: &[SignatureItem]) -> Signature {
        let (idents, subst) = self.rename_bound_idents(scoping, sg);
        sg.iter().zip(idents).map(|(item, id)| subst.item_as(cx, scoping, id, item)).collect()
    }
    /// One item; its own ident stays, so that the items beside it still mean it.
    pub fn signature_item(&self, cx: &Context, scoping: Scoping, item: &SignatureItem) -> SignatureItem {
        self.item_as(cx, scoping, item.ident(), item)
    }
    fn item_as(&self, cx: &Context, scoping: Scoping, id: Ident, item: &SignatureItem) -> SignatureItem {
        match item {
            SignatureItem::Value(_, d, v) => SignatureItem::Value(id, Rc::new(self.value_description(cx, d)), *v),
            SignatureItem::Type(_, d, r, v) => SignatureItem::Type(id, Rc::new(self.type_declaration(cx, d)), *r, *v),
            SignatureItem::Typext(_, d, s, v) => {
                SignatureItem::Typext(id, Rc::new(self.extension_constructor(cx, d)), *s, *v)
            }
            SignatureItem::Module(_, p, d, r, v) => {
                SignatureItem::Module(id, *p, Rc::new(self.module_declaration(cx, scoping, d)), *r, *v)
            }
            SignatureItem::Modtype(_, d, v) => {
                SignatureItem::Modtype(id, Rc::new(self.modtype_declaration(cx, scoping, d)), *v)
            }
            SignatureItem::Class(_, d, r, v) => {
                SignatureItem::Class(id, Rc::new(self.class_declaration(cx, d)), *r, *v)
            }
            SignatureItem::ClassType(_, d, r, v) => {
                SignatureItem::ClassType(id, Rc::new(self.cltype_declaration(cx, d)), *r, *v)
            }
        }
    }
    pub fn modtype_declaration(&self, cx: &Context, scoping: Scoping, d: &ModtypeDeclaration) -> ModtypeDeclaration {
        ModtypeDeclaration {
            type_: d.type_.as_ref().map(|mty| self.modtype(cx, scoping, mty)),
            attributes: self.attributes(cx, &d.attributes),
            loc: self.loc(cx, d.loc),
            uid: d.uid,
        }
    }
    pub fn module_declaration(&self, cx: &Context, scoping: Scoping, d: &ModuleDeclaration) -> ModuleDeclaration {
        ModuleDeclaration {
            type_: self.modtype(cx, scoping, &d.type_),
            attributes: self.attributes(cx, &d.attributes),
            loc: self.loc(cx, d.loc),
            uid: d.uid,
        }
    }

    fn checked<T>(f: impl FnOnce() -> T) -> Result<T, FcmTypeSubstitutedAway> {
        LOST_PACKAGE.with(|lost| lost.take());
        let result = f();
        match LOST_PACKAGE.with(|lost| lost.take()) {
            Some(error) => Err(error),
            None => Ok(result),
        }
    }
    pub fn try_type_declaration(
        &self,
        cx: &Context,
        d: &TypeDeclaration,
    ) -> Result<TypeDeclaration, FcmTypeSubstitutedAway> {
        Subst::checked(|| self.type_declaration(cx, d))
    }
    pub fn try_signature(
        &self,
        cx: &Context,
        scoping: Scoping,
        sg: &[SignatureItem],
    ) -> Result<Signature, FcmTypeSubstitutedAway> {
        Subst::checked(|| self.signature(cx, scoping, sg))
    }
    pub fn try_signature_item(
        &self,
        cx: &Context,
        scoping: Scoping,
        item: &SignatureItem,
    ) -> Result<SignatureItem, FcmTypeSubstitutedAway> {
        Subst::checked(|| self.signature_item(cx, scoping, item))
    }
}

thread_local! {
    /// The first package whose module type was substituted away, for the `try_` functions.
    static LOST_PACKAGE: RefCell<Option<FcmTypeSubstitutedAway>> = const { RefCell::new(None) };
}

fn rename(scoping: Scoping, id: Ident) -> Ident {
    match scoping {
        Scoping::Keep => match id {
            Ident::Scoped { name, scope, .. } => Ident::create_scoped(scope, name),
            _ => id.rename(),
        },
        Scoping::MakeLocal => Ident::create_local(id.name()),
        Scoping::Rescope(scope) => Ident::create_scoped(scope, id.name()),
    }
}

/// One substitution in types: nodes copied within it are shared.
struct Copy<'a> {
    cx: &'a Context,
    subst: &'a Subst,
    done: TypeMap<TypeId>,
    variants: TypeMap<TypeId>,
}

impl<'a> Copy<'a> {
    fn new(cx: &'a Context, subst: &'a Subst) -> Copy<'a> {
        Copy { cx, subst, done: TypeMap::default(), variants: TypeMap::default() }
    }
    fn list(&mut self, tys: &[TypeId]) -> Vec<TypeId> {
        tys.iter().map(|ty| self.ty(*ty)).collect()
    }
    fn is_function(&self, path: &Path) -> bool {
        matches!(self.subst.0.types.get(path), Some(TypeReplacement::Function { .. }))
    }

    /// Always a copy, so that levels are right; variables stay unless the type is saved.
    fn ty(&mut self, ty: TypeId) -> TypeId {
        let cx = self.cx;
        let ty = cx.repr(ty);
        if let Some(copy) = self.done.get(&ty) {
            return *copy;
        }
        let saving = self.subst.0.for_saving;
        let desc = cx.desc(ty);
        match &desc {
            TypeDesc::Var(_) | TypeDesc::Univar(_) => {
                if !saving {
                    return ty;
                }
                let copy = cx.new_node(desc, GENERIC_LEVEL);
                self.done.insert(ty, copy);
                return copy;
            }
            TypeDesc::Field(name, kind, ..)
                if !saving
                    && *name == btype::DUMMY_METHOD
                    && cx.field_kind(*kind) != FieldKind::Absent
                    && cx.level(ty) < GENERIC_LEVEL =>
            {
                // The type of self is not copied before it is generalised.
                return ty;
            }
            _ => {}
        }
        let copy = cx.create(TypeDesc::Var(None), GENERIC_LEVEL, if saving { 0 } else { cx.scope(ty) });
        self.done.insert(ty, copy);
        let desc = self.desc(ty, copy, desc);
        cx.set_stub(copy, desc);
        copy
    }

    fn desc(&mut self, ty: TypeId, copy: TypeId, desc: TypeDesc) -> TypeDesc {
        let cx = self.cx;
        if let Some(desc) = self.private_row(ty, &desc) {
            return desc;
        }
        match desc {
            TypeDesc::Constr(path, args, _) => {
                let args = self.list(&args);
                if let Some(TypeReplacement::Function { params, body }) = self.subst.0.types.get(&path) {
                    return TypeDesc::Link(apply_type_function(cx, params, &args, *body));
                }
                TypeDesc::Constr(self.subst.type_path(&path), args.into(), cx.new_memo())
            }
            TypeDesc::Package(package) => {
                if let Some(mty) = self.subst.0.modtypes.get(&package.path)
                    && !matches!(mty, ModuleType::Ident(_))
                {
                    let error = FcmTypeSubstitutedAway(package.path.clone(), mty.clone());
                    LOST_PACKAGE.with(|lost| lost.borrow_mut().get_or_insert(error).clone());
                }
                let constraints = package.constraints.iter().map(|(names, ty)| (names.clone(), self.ty(*ty))).collect();
                TypeDesc::Package(PackageType { path: self.subst.modtype_path(&package.path), constraints })
            }
            TypeDesc::Object(fields, name) => {
                let fields = self.ty(fields);
                let name = cx.object_name(name).filter(|(path, _)| !self.is_function(path));
                let name = name.map(|(path, args)| (self.subst.type_path(&path), self.list(&args).into()));
                TypeDesc::Object(fields, cx.new_object_name(name))
            }
            TypeDesc::Variant(row) => self.variant(ty, copy, &row),
            TypeDesc::Field(_, kind, _, rest) if cx.field_kind(kind) == FieldKind::Absent => {
                TypeDesc::Link(self.ty(rest))
            }
            desc => btype::copy_type_desc(cx, true, &desc, &mut |child| self.ty(child)),
        }
    }

    /// A type with a private row `M.t#row` is `M.t`.
    fn private_row(&self, ty: TypeId, desc: &TypeDesc) -> Option<TypeDesc> {
        let cx = self.cx;
        if matches!(desc, TypeDesc::Constr(..)) {
            return None;
        }
        let TypeDesc::Constr(Path::Dot(prefix, name), args, _) = cx.desc(btype::row_of_type(cx, ty)) else {
            return None;
        };
        if !btype::is_row_name(&name) {
            return None;
        }
        let name = Name::new(&name[..name.len() - "#row".len()]);
        Some(TypeDesc::Constr(self.subst.type_path(&Path::Dot(prefix, name)), args, cx.new_memo()))
    }

    fn variant(&mut self, ty: TypeId, copy: TypeId, row: &RowDesc) -> TypeDesc {
        let cx = self.cx;
        let more = cx.repr(btype::row_more(cx, row));
        if let Some(done) = self.variants.get(&more) {
            self.done.insert(ty, *done);
            return TypeDesc::Link(*done);
        }
        let saving = self.subst.0.for_saving;
        let duplicate =
            saving || cx.level(more) == GENERIC_LEVEL || btype::static_row(cx, row) || btype::is_tconstr(cx, more);
        let new_more = match self.done.get(&more) {
            Some(done) => *done,
            None => match cx.desc(more) {
                desc @ (TypeDesc::Var(_) | TypeDesc::Univar(_)) => {
                    let fresh = saving || duplicate && matches!(desc, TypeDesc::Var(_));
                    if fresh { cx.new_node(desc, GENERIC_LEVEL) } else { more }
                }
                _ => self.ty(more),
            },
        };
        self.done.insert(more, new_more);
        self.variants.insert(more, copy);
        let mut row = btype::copy_row(cx, &mut |child| self.ty(child), true, row, !duplicate, new_more);
        row.name = row
            .name
            .filter(|(path, _)| !self.is_function(path))
            .map(|(path, args)| (self.subst.type_path(&path), args));
        TypeDesc::Variant(row)
    }

    fn cstr_args(&mut self, args: &ConstructorArguments) -> ConstructorArguments {
        match args {
            ConstructorArguments::Tuple(tys) => ConstructorArguments::Tuple(self.list(tys)),
            ConstructorArguments::Record(labels) => ConstructorArguments::Record(self.labels(labels)),
        }
    }
    fn labels(&mut self, labels: &[LabelDeclaration]) -> Rc<[LabelDeclaration]> {
        labels
            .iter()
            .map(|l| LabelDeclaration {
                type_: self.ty(l.type_),
                loc: self.subst.loc(self.cx, l.loc),
                attributes: self.subst.attributes(self.cx, &l.attributes),
                ..l.clone()
            })
            .collect()
    }
    fn type_declaration(&mut self, d: &TypeDeclaration) -> TypeDeclaration {
        let (cx, subst) = (self.cx, self.subst);
        let params = self.list(&d.params);
        let kind = match &d.kind {
            TypeKind::Abstract(origin) => TypeKind::Abstract(origin.clone()),
            TypeKind::Open => TypeKind::Open,
            TypeKind::Record(labels, rep) => TypeKind::Record(self.labels(labels), rep.clone()),
            TypeKind::Variant(cstrs, rep) => {
                let cstrs = cstrs.iter().map(|c| ConstructorDeclaration {
                    id: c.id,
                    args: self.cstr_args(&c.args),
                    res: c.res.map(|ty| self.ty(ty)),
                    loc: subst.loc(cx, c.loc),
                    attributes: subst.attributes(cx, &c.attributes),
                    uid: c.uid,
                });
                TypeKind::Variant(cstrs.collect(), *rep)
            }
        };
        TypeDeclaration {
            params,
            kind,
            manifest: d.manifest.map(|ty| self.ty(ty)),
            is_newtype: false,
            expansion_scope: 0,
            loc: subst.loc(cx, d.loc),
            attributes: subst.attributes(cx, &d.attributes),
            variance: d.variance.clone(),
            separability: d.separability.clone(),
            ..*d
        }
    }
    fn class_type(&mut self, cty: &ClassType) -> ClassType {
        match cty {
            ClassType::Constr(path, args, inner) => {
                let args = self.list(args);
                ClassType::Constr(self.subst.type_path(path), args, Rc::new(self.class_type(inner)))
            }
            ClassType::Signature(sign) => {
                ClassType::Signature(Rc::new(ctype::map_class_signature(sign, &mut |ty| self.ty(ty))))
            }
            ClassType::Arrow(label, ty, inner) => {
                let ty = self.ty(*ty);
                ClassType::Arrow(*label, ty, Rc::new(self.class_type(inner)))
            }
        }
    }
}

/// The body of a type function with its parameters replaced.
fn apply_type_function(cx: &Context, params: &[TypeId], args: &[TypeId], body: TypeId) -> TypeId {
    fn copy(cx: &Context, done: &mut TypeMap<TypeId>, ty: TypeId) -> TypeId {
        let ty = cx.repr(ty);
        if let Some(copy) = done.get(&ty) {
            return *copy;
        }
        let stub = cx.create(TypeDesc::Var(None), GENERIC_LEVEL, cx.scope(ty));
        done.insert(ty, stub);
        let desc = btype::copy_type_desc(cx, false, &cx.desc(ty), &mut |child| copy(cx, done, child));
        cx.set_stub(stub, desc);
        stub
    }
    let mut done: TypeMap<TypeId> = params.iter().map(|p| cx.repr(*p)).zip(args.iter().copied()).collect();
    copy(cx, &mut done, body)
}
