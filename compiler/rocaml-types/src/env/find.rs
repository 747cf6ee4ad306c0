//! Lookup by path.

use super::components::*;
use super::error::EnvError;
use super::{Address, Env, Lookup, TypeDescriptions};
use crate::Ident;
use crate::btype;
use crate::context::{Context, FunctorApplication};
use crate::datarepr;
use crate::path::{ExtraTy, Path};
use crate::subst::{Scoping, Subst};
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

/// What [`Env::find_type_expansion`] answers: parameters, body, scope of the equation.
pub type Expansion = (Vec<TypeId>, TypeId, i32);

impl Env {
    pub(super) fn find_ident_module(&self, cx: &Context, id: Ident) -> Option<Rc<ModuleData>> {
        match self.0.modules.find_same(id) {
            Some(ModuleEntry::Local(data)) => Some(data),
            Some(ModuleEntry::Unbound(_)) => None,
            Some(ModuleEntry::Persistent) => cx.find_unit(id.name()),
            None => match id {
                Ident::Global(name) if cx.current_unit() != Some(name) => cx.find_unit(name),
                _ => None,
            },
        }
    }

    pub(super) fn find_module_data(&self, cx: &Context, path: &Path) -> Option<Rc<ModuleData>> {
        match path {
            Path::Ident(id) => self.find_ident_module(cx, *id),
            Path::Dot(prefix, name) => self.find_structure(cx, prefix)?.modules.get(name).cloned(),
            Path::Apply(f, arg) => {
                let functor = self.find_functor(cx, f)?;
                self.functor_application(cx, Location::none(), f, &functor, arg).ok()
            }
            Path::ExtraTy(..) => None,
        }
    }
    pub(super) fn find_structure(&self, cx: &Context, path: &Path) -> Option<Rc<StructureComps>> {
        match &*self.find_module_data(cx, path)?.comps.get(cx) {
            Comps::Structure(comps) => Some(comps.clone()),
            _ => None,
        }
    }
    fn find_functor(&self, cx: &Context, path: &Path) -> Option<Rc<FunctorComps>> {
        match &*self.find_module_data(cx, path)?.comps.get(cx) {
            Comps::Functor(comps) => Some(comps.clone()),
            _ => None,
        }
    }

    /// The module `F(X)`, made once per argument.
    pub(super) fn functor_application(
        &self,
        cx: &Context,
        loc: Location,
        f: &Path,
        functor: &FunctorComps,
        arg: &Path,
    ) -> Lookup<Rc<ModuleData>> {
        if let Some(known) = functor.applications.borrow().get(arg) {
            return Ok(known.clone());
        }
        let path = Path::Apply(Rc::new(f.clone()), Rc::new(arg.clone()));
        let mty = match &functor.param {
            FunctorParameter::Named(Some(param), _) => {
                let subst = Subst::identity().add_module(*param, arg.clone());
                subst.modtype(cx, Scoping::Rescope(path.scope()), &functor.res)
            }
            _ if matches!(functor.res, ModuleType::Alias(_)) => functor.res.clone(),
            _ => Subst::identity().modtype(cx, Scoping::Rescope(path.scope()), &functor.res),
        };
        let check = cx.hooks.borrow().check_well_formed_module.clone();
        if let Some(check) = check {
            check(cx, self, loc, &format!("the signature of {path}"), &mty)
                .map_err(|e| Box::new(EnvError::FunctorApplication(loc, e)))?;
        }
        let comps =
            ModuleComponents::new(self.clone(), Subst::identity(), path.clone(), LazyAddress::None, mty.clone());
        let decl = Prefixed::new(Rc::new(module_decl(mty)), None);
        let data = Rc::new(ModuleData::new(decl, 0, comps, LazyAddress::None));
        functor.applications.borrow_mut().insert(arg.clone(), data.clone());
        Ok(data)
    }

    /// Checks an application, unless it was made before.
    pub(super) fn check_functor_application(
        &self,
        cx: &Context,
        functor: &FunctorComps,
        application: FunctorApplication<'_>,
    ) -> Lookup<()> {
        if functor.applications.borrow().contains_key(application.arg_path) {
            return Ok(());
        }
        let hook = cx.hooks.borrow().check_functor_application.clone();
        let loc = application.loc;
        match hook {
            Some(check) => check(cx, self, application).map_err(|e| Box::new(EnvError::FunctorApplication(loc, e))),
            None => Ok(()),
        }
    }

    pub fn find_module(&self, cx: &Context, path: &Path) -> Option<Rc<ModuleDeclaration>> {
        Some(self.find_module_data(cx, path)?.decl(cx))
    }
    pub fn find_strengthened_module(&self, cx: &Context, aliasable: bool, path: &Path) -> Option<ModuleType> {
        let decl = self.find_module(cx, path)?;
        Some(crate::mtype::strengthen(cx, self, aliasable, &decl.type_, path))
    }
    fn find_value_data(&self, cx: &Context, path: &Path) -> Option<Rc<ValueData>> {
        match path {
            Path::Ident(id) => match self.0.values.find_same(*id)? {
                ValueEntry::Bound(data) => Some(data),
                ValueEntry::Unbound(_) => None,
            },
            Path::Dot(prefix, name) => self.find_structure(cx, prefix)?.values.get(name).cloned(),
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    pub fn find_value(&self, cx: &Context, path: &Path) -> Option<Rc<ValueDescription>> {
        Some(self.find_value_data(cx, path)?.decl(cx))
    }

    fn find_extension(&self, cx: &Context, path: &Path) -> Option<ConstructorData> {
        match path {
            Path::Ident(id) => self.0.constrs.find_same(*id),
            Path::Dot(prefix, name) => {
                let comps = self.find_structure(cx, prefix)?;
                comps.constrs.get(name)?.iter().find(|c| c.is_extension()).cloned()
            }
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    fn local_constraint(&self, path: &Path) -> Option<&Rc<TypeDeclaration>> {
        let mut constraint = self.0.local_constraints.as_ref();
        while let Some(c) = constraint {
            if c.path == *path {
                return Some(&c.decl);
            }
            constraint = c.rest.as_ref();
        }
        None
    }
    fn find_type_data(&self, cx: &Context, path: &Path) -> Option<Rc<TypeData>> {
        match path {
            Path::Ident(id) => self.0.types.find_same(*id).or_else(|| {
                // Types read from files mention predefined ones wherever they are looked at.
                if id.is_predef() { cx.initial_env().0.types.find_same(*id) } else { None }
            }),
            Path::Dot(prefix, name) => self.find_structure(cx, prefix)?.types.get(name).cloned(),
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    /// The declaration of a constructor's inline record.
    fn find_inline_record(&self, cx: &Context, path: &Path, extra: ExtraTy) -> Option<Rc<TypeDeclaration>> {
        match extra {
            ExtraTy::CstrTy(name) => match self.find_type_data(cx, path)?.descrs(cx) {
                TypeDescriptions::Variant(cstrs, _) => cstrs.iter().find(|c| c.name == name)?.inlined.clone(),
                _ => None,
            },
            ExtraTy::ExtTy => self.find_extension(cx, path)?.descr(cx)?.inlined.clone(),
        }
    }
    pub fn find_type(&self, cx: &Context, path: &Path) -> Option<Rc<TypeDeclaration>> {
        if let Some(decl) = self.local_constraint(path) {
            return Some(decl.clone());
        }
        match path {
            Path::ExtraTy(prefix, extra) => self.find_inline_record(cx, prefix, *extra),
            _ => Some(self.find_type_data(cx, path)?.decl(cx)),
        }
    }
    pub fn find_type_descrs(&self, cx: &Context, path: &Path) -> Option<TypeDescriptions> {
        if let Some(decl) = self.local_constraint(path) {
            return Some(TypeDescriptions::Abstract(btype::type_origin(decl)));
        }
        let Path::ExtraTy(prefix, extra) = path else { return Some(self.find_type_data(cx, path)?.descrs(cx)) };
        let decl = self.find_inline_record(cx, prefix, *extra)?;
        let labels = datarepr::labels_of_type(cx, path, &decl).into_iter().map(|(_, l)| l).collect();
        match &decl.kind {
            TypeKind::Record(_, rep) => Some(TypeDescriptions::Record(labels, rep.clone())),
            _ => None,
        }
    }
    pub fn find_type_expansion(&self, cx: &Context, path: &Path) -> Option<Expansion> {
        let decl = self.find_type(cx, path)?;
        let body = decl.manifest?;
        // The manifest of a private abstract type is known only through its row.
        let known = decl.private == PrivateFlag::Public
            || !btype::type_kind_is_abstract(&decl)
            || btype::has_constr_row(cx, body);
        known.then(|| (decl.params.clone(), body, decl.expansion_scope))
    }
    /// Likewise, through private abbreviations.
    pub fn find_type_expansion_opt(&self, cx: &Context, path: &Path) -> Option<Expansion> {
        let decl = self.find_type(cx, path)?;
        Some((decl.params.clone(), decl.manifest?, decl.expansion_scope))
    }

    fn find_modtype_data(&self, cx: &Context, path: &Path) -> Option<Rc<ModtypeData>> {
        match path {
            Path::Ident(id) => self.0.modtypes.find_same(*id),
            Path::Dot(prefix, name) => self.find_structure(cx, prefix)?.modtypes.get(name).cloned(),
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    pub fn find_modtype(&self, cx: &Context, path: &Path) -> Option<Rc<ModtypeDeclaration>> {
        Some(self.find_modtype_data(cx, path)?.decl(cx))
    }
    pub fn find_modtype_expansion(&self, cx: &Context, path: &Path) -> Option<ModuleType> {
        self.find_modtype(cx, path)?.type_.clone()
    }
    fn find_class_data(&self, cx: &Context, path: &Path) -> Option<Rc<ClassData>> {
        match path {
            Path::Ident(id) => self.0.classes.find_same(*id),
            Path::Dot(prefix, name) => self.find_structure(cx, prefix)?.classes.get(name).cloned(),
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    pub fn find_class(&self, cx: &Context, path: &Path) -> Option<Rc<ClassDeclaration>> {
        Some(self.find_class_data(cx, path)?.decl(cx))
    }
    pub fn find_cltype(&self, cx: &Context, path: &Path) -> Option<Rc<ClassTypeDeclaration>> {
        match path {
            Path::Ident(id) => Some(self.0.cltypes.find_same(*id)?.decl(cx)),
            Path::Dot(prefix, name) => Some(self.find_structure(cx, prefix)?.cltypes.get(name)?.decl(cx)),
            Path::Apply(..) | Path::ExtraTy(..) => None,
        }
    }
    /// The `#t` type of a class type.
    pub fn find_hash_type(&self, cx: &Context, path: &Path) -> Option<Rc<TypeDeclaration>> {
        let decl = match path {
            Path::Ident(id) => self.0.cltypes.find_name(id.name())?.data.decl(cx),
            _ => self.find_cltype(cx, path)?,
        };
        Some(decl.hash_type.clone())
    }
    /// The type that an ident is bound to, whatever is known of it here.
    pub fn find_ident_type(&self, cx: &Context, id: Ident) -> Option<Rc<TypeDeclaration>> {
        Some(self.find_type_data(cx, &Path::Ident(id))?.decl(cx))
    }
    pub fn find_ident_constructor(&self, cx: &Context, id: Ident) -> Option<Rc<ConstructorDescription>> {
        self.0.constrs.find_same(id)?.descr(cx)
    }
    pub fn find_ident_label(&self, cx: &Context, id: Ident) -> Option<Rc<LabelDescription>> {
        self.0.labels.find_same(id)?.descr(cx)
    }

    /// Whether an ident is that of a value, module, class or exception of this environment.
    pub fn binds(&self, id: Ident) -> bool {
        let env = &self.0;
        env.values.find_same(id).is_some()
            || env.modules.find_same(id).is_some()
            || env.classes.find_same(id).is_some()
            || env.constrs.find_same(id).is_some()
    }

    pub fn find_value_address(&self, cx: &Context, path: &Path) -> Option<Address> {
        self.find_value_data(cx, path)?.address.force(cx)
    }
    pub fn find_module_address(&self, cx: &Context, path: &Path) -> Option<Address> {
        match path {
            Path::Apply(..) => None,
            _ => self.find_module_data(cx, path)?.address.force(cx),
        }
    }
    pub fn find_class_address(&self, cx: &Context, path: &Path) -> Option<Address> {
        self.find_class_data(cx, path)?.address.force(cx)
    }
    pub fn find_constructor_address(&self, cx: &Context, path: &Path) -> Option<Address> {
        self.find_extension(cx, path)?.address()?.force(cx)
    }

    pub fn is_functor_arg(&self, path: &Path) -> bool {
        match path {
            Path::Ident(id) => {
                let mut arg = self.0.functor_args.as_ref();
                while let Some(a) = arg {
                    if a.id == *id {
                        return true;
                    }
                    arg = a.rest.as_ref();
                }
                false
            }
            Path::Dot(prefix, _) | Path::ExtraTy(prefix, _) => self.is_functor_arg(prefix),
            Path::Apply(..) => true,
        }
    }

    // -----------------------------------------------------------------------------------------
    // Normal forms

    /// Follows module aliases. With a place, a missing unit is an error; else a path to it is
    /// returned as it is.
    pub fn normalize_module_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> {
        match self.normalize(cx, loc.is_none(), path) {
            Ok(normal) => Ok(normal),
            Err(Missing) => {
                let target = self.normalize(cx, true, path).unwrap_or_else(|_| path.clone());
                Err(Box::new(EnvError::MissingModule(loc.unwrap_or_else(Location::none), path.clone(), target)))
            }
        }
    }
    fn normalize(&self, cx: &Context, lax: bool, path: &Path) -> Result<Path, Missing> {
        match path {
            Path::Ident(id) if lax && id.is_global() => Ok(path.clone()),
            Path::Ident(_) | Path::ExtraTy(..) => self.expand_module_path(cx, lax, path),
            Path::Dot(prefix, name) => {
                let normal = self.normalize(cx, lax, prefix)?;
                self.expand_module_path(cx, lax, &if normal == **prefix { path.clone() } else { normal.dot(*name) })
            }
            Path::Apply(f, arg) => {
                let path = Path::Apply(Rc::new(self.normalize(cx, lax, f)?), Rc::new(self.normalize(cx, true, arg)?));
                self.expand_module_path(cx, lax, &path)
            }
        }
    }
    fn expand_module_path(&self, cx: &Context, lax: bool, path: &Path) -> Result<Path, Missing> {
        let Some(data) = self.find_module_data(cx, path) else {
            let is_unit = matches!(path, Path::Ident(id) if id.is_global());
            return if lax || !is_unit { Ok(path.clone()) } else { Err(Missing) };
        };
        let Some(target) = data.alias() else { return Ok(path.clone()) };
        let normal = self.normalize(cx, lax, &target)?;
        if !lax && !cx.options.transparent_modules && path.head().is_global() && path.head() != normal.head() {
            add_required_global(cx, path.head().name());
        }
        Ok(normal)
    }
    fn normalize_prefix(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> {
        Ok(match path {
            Path::Dot(prefix, name) => self.normalize_module_path(cx, loc, prefix)?.dot(*name),
            Path::ExtraTy(prefix, extra) => Path::ExtraTy(Rc::new(self.normalize_prefix(cx, loc, prefix)?), *extra),
            Path::Ident(_) | Path::Apply(..) => path.clone(),
        })
    }
    pub fn normalize_type_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> {
        self.normalize_prefix(cx, loc, path)
    }
    pub fn normalize_value_path(&self, cx: &Context, loc: Option<Location>, path: &Path) -> Lookup<Path> {
        self.normalize_prefix(cx, loc, path)
    }
    pub fn normalize_modtype_path(&self, cx: &Context, path: &Path) -> Path {
        let path = self.normalize_prefix(cx, None, path).unwrap_or_else(|_| path.clone());
        match self.find_modtype_expansion(cx, &path) {
            Some(ModuleType::Ident(next)) => self.normalize_modtype_path(cx, &next),
            _ => path,
        }
    }

    /// Follows names and aliases at the head of a module type; what an alias leads to is
    /// strengthened by the module's path.
    pub fn scrape_alias(&self, cx: &Context, mty: &ModuleType) -> ModuleType {
        let mut mty = mty.clone();
        let mut path = None;
        loop {
            let next = match &mty {
                ModuleType::Ident(name) => self.find_modtype_expansion(cx, name),
                ModuleType::Alias(target) => self.find_module(cx, target).map(|decl| {
                    path = Some(target.clone());
                    decl.type_.clone()
                }),
                _ => None,
            };
            match next {
                Some(next) => mty = next,
                None => break,
            }
        }
        match path {
            Some(path) if !matches!(mty, ModuleType::Ident(_) | ModuleType::Alias(_)) => {
                crate::mtype::strengthen(cx, self, true, &mty, &path)
            }
            _ => mty,
        }
    }

    pub fn find_type_index(&self, id: Ident) -> Option<usize> {
        self.0.types.index_of(id)
    }
    pub fn find_module_index(&self, id: Ident) -> Option<usize> {
        // Units lie below all that is bound.
        let unit = || matches!(id, Ident::Global(_)).then(|| self.0.modules.find_all(id.name()).len());
        self.0.modules.index_of(id).or_else(unit)
    }
    pub fn find_modtype_index(&self, id: Ident) -> Option<usize> {
        self.0.modtypes.index_of(id)
    }
    pub fn find_class_index(&self, id: Ident) -> Option<usize> {
        self.0.classes.index_of(id)
    }
    pub fn find_cltype_index(&self, id: Ident) -> Option<usize> {
        self.0.cltypes.index_of(id)
    }
    pub fn find_value_index(&self, id: Ident) -> Option<usize> {
        self.0.values.index_of(id)
    }
    pub fn bound_value(&self, name: Name) -> bool {
        self.0.values.find_name(name).is_some()
    }
    pub fn bound_module(&self, cx: &Context, name: Name) -> bool {
        let is_unit = || !cx.persistent.is_hidden(name) && cx.find_unit(name).is_some();
        self.0.modules.find_name(name).is_some() || cx.current_unit() != Some(name) && is_unit()
    }
    pub fn bound_type(&self, name: Name) -> bool {
        self.0.types.find_name(name).is_some()
    }
    pub fn bound_modtype(&self, name: Name) -> bool {
        self.0.modtypes.find_name(name).is_some()
    }
    pub fn bound_class(&self, name: Name) -> bool {
        self.0.classes.find_name(name).is_some()
    }
    pub fn bound_cltype(&self, name: Name) -> bool {
        self.0.cltypes.find_name(name).is_some()
    }
}

/// A unit could not be found.
struct Missing;

pub fn reset_required_globals(cx: &Context) {
    cx.required_globals.borrow_mut().clear();
}
pub fn get_required_globals(cx: &Context) -> Vec<Name> {
    cx.required_globals.borrow().clone()
}
/// Records that a unit must be linked although only its aliases are used.
pub fn add_required_global(cx: &Context, unit: Name) {
    let mut globals = cx.required_globals.borrow_mut();
    if !cx.options.transparent_modules && !globals.contains(&unit) {
        globals.insert(0, unit);
    }
}
