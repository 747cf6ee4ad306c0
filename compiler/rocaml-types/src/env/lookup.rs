//! Lookup by long identifier: errors, uses and alerts.

use super::components::*;
use super::error::{EnvError, LookupError, UnboundValueHint};
use super::table::{Found, Namespace};
use super::usage::{self, alerts_of_attributes};
use super::{Candidate, ConstructorUsage, Env, LabelUsage, Lookup, ModuleUnboundReason, TypeDescriptions};
use crate::Ident;
use crate::context::{Context, FunctorApplication};
use crate::path::Path;
use crate::types::*;
use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast::Attributes;
use rocaml_syntax::asttypes::MutableFlag;
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

/// Makes the error of a failed lookup.
pub fn lookup_error<T>(loc: Location, env: &Env, error: LookupError) -> Lookup<T> {
    Err(Box::new(EnvError::LookupError(loc, env.clone(), error)))
}

/// How a lookup is to be done.
#[derive(Clone, Copy)]
struct Mode {
    errors: bool,
    use_: bool,
}
const QUIET: Mode = Mode { errors: false, use_: false };

/// A long identifier cannot be an application here; the parser lets none through.
fn application(loc: Location, env: &Env, lid: &Longident) -> LookupError {
    let _ = (loc, env);
    LookupError::UnboundModule(lid.clone())
}

impl Env {
    fn fail<T>(&self, mode: Mode, loc: Location, error: impl FnOnce() -> LookupError) -> Lookup<T> {
        // Quiet lookups drop the error: do not build its data.
        let error = if mode.errors { error() } else { LookupError::UnboundInstanceVariable(Name::new("")) };
        lookup_error(loc, self, error)
    }

    fn find_visible<T: Namespace>(
        &self,
        cx: &Context,
        mode: Mode,
        table: &super::table::Table<T>,
        name: Name,
    ) -> Option<Found<T>> {
        let found = table.find_name(name)?;
        if mode.use_ {
            found.mark_open(cx, self, name);
        }
        Some(found)
    }

    fn alerts(&self, cx: &Context, loc: Location, attributes: &Attributes, name: &str) {
        for (kind, message) in alerts_of_attributes(attributes) {
            cx.alert(&kind, loc, None, &usage::alert_text(name, &message));
        }
    }

    // -----------------------------------------------------------------------------------------
    // Modules

    fn use_module(&self, cx: &Context, mode: Mode, loc: Location, path: &Path, data: &ModuleData) {
        if !mode.use_ {
            return;
        }
        usage::mark_module_used(cx, data.uid());
        let alert = |kind: &str, message: &str| {
            cx.alert(kind, loc, None, &usage::alert_text(&format!("module {path}"), message));
        };
        // Those of a unit stand in its interface, those of another module in its declaration.
        data.alerts.iter().for_each(|(kind, message)| alert(kind, message));
        alerts_of_attributes(data.attributes()).iter().for_each(|(kind, message)| alert(kind, message));
    }

    fn ident_module(&self, cx: &Context, mode: Mode, loc: Location, name: Name) -> Lookup<(Path, Rc<ModuleData>)> {
        let unbound = || LookupError::UnboundModule(Longident::Lident(name));
        let (path, entry) = match self.find_visible(cx, mode, &self.0.modules, name) {
            Some(found) => (found.path, found.data),
            None if cx.current_unit() == Some(name) => return self.fail(mode, loc, unbound),
            None => (Path::Ident(Ident::global(name)), ModuleEntry::Persistent),
        };
        let data = match entry {
            ModuleEntry::Local(data) => data,
            ModuleEntry::Persistent => match cx.load_visible_unit(name) {
                Ok(data) => data,
                Err(super::persistent::PersistentError::NotFound) => return self.fail(mode, loc, unbound),
                Err(error) => return Err(Box::new(EnvError::Persistent(loc, error))),
            },
            ModuleEntry::Unbound(ModuleUnboundReason::IllegalRecursion { container, unbound }) => {
                return self.fail(mode, loc, || LookupError::IllegalReferenceToRecursiveModule { container, unbound });
            }
        };
        self.use_module(cx, mode, loc, &path, &data);
        Ok((path, data))
    }

    fn module_data(&self, cx: &Context, mode: Mode, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ModuleData>)> {
        match lid {
            Longident::Lident(name) => self.ident_module(cx, mode, loc, *name),
            Longident::Ldot(prefix, name) => {
                let (prefix_path, comps) = self.structure(cx, mode, prefix)?;
                let Some(data) = comps.modules.get(&name.txt) else {
                    return self.fail(mode, loc, || LookupError::UnboundModule(lid.clone()));
                };
                let path = prefix_path.dot(name.txt);
                self.use_module(cx, mode, loc, &path, data);
                Ok((path, data.clone()))
            }
            Longident::Lapply(..) => self.apply(cx, mode, loc, lid),
        }
    }

    fn structure(&self, cx: &Context, mode: Mode, lid: &Loc<Longident>) -> Lookup<(Path, Rc<StructureComps>)> {
        let (path, data) = self.module_data(cx, mode, lid.loc, &lid.txt)?;
        match &*data.comps.get(cx) {
            Comps::Structure(comps) => Ok((path, comps.clone())),
            Comps::Functor(_) => self.fail(mode, lid.loc, || LookupError::FunctorUsedAsStructure(lid.txt.clone())),
            Comps::Abstract => self.fail(mode, lid.loc, || LookupError::AbstractUsedAsStructure(lid.txt.clone())),
            Comps::Alias(p) => self.fail(mode, lid.loc, || LookupError::CannotScrapeAlias(lid.txt.clone(), p.clone())),
        }
    }

    fn functor(
        &self,
        cx: &Context,
        mode: Mode,
        lid: &Loc<Longident>,
        data: &ModuleData,
    ) -> Lookup<(Rc<FunctorComps>, ModuleType)> {
        match &*data.comps.get(cx) {
            Comps::Functor(comps) => match &comps.param {
                FunctorParameter::Unit => {
                    self.fail(mode, lid.loc, || LookupError::GenerativeUsedAsApplicative(lid.txt.clone()))
                }
                FunctorParameter::Named(_, param) => Ok((comps.clone(), (**param).clone())),
            },
            Comps::Structure(_) => self.fail(mode, lid.loc, || LookupError::StructureUsedAsFunctor(lid.txt.clone())),
            Comps::Abstract => self.fail(mode, lid.loc, || LookupError::AbstractUsedAsFunctor(lid.txt.clone())),
            Comps::Alias(p) => self.fail(mode, lid.loc, || LookupError::CannotScrapeAlias(lid.txt.clone(), p.clone())),
        }
    }

    /// `F(X)(Y)`: the arguments are looked up first, then applied from the left.
    fn apply(&self, cx: &Context, mode: Mode, loc: Location, lid0: &Longident) -> Lookup<(Path, Rc<ModuleData>)> {
        let mut args = Vec::new();
        let mut head = lid0;
        while let Longident::Lapply(f, arg) = head {
            let (path, data) = self.module_data(cx, mode, arg.loc, &arg.txt)?;
            args.push((f, path, data.decl(cx).type_.clone()));
            head = &f.txt;
        }
        args.reverse();
        let for_errors: Vec<(Path, ModuleType)> = args.iter().map(|(_, p, mty)| (p.clone(), mty.clone())).collect();
        let (f0_path, mut data) = self.module_data(cx, mode, loc, head)?;
        let mut path = f0_path.clone();
        for (f_lid, arg_path, arg_mty) in &args {
            let (functor, param_mty) = self.functor(cx, mode, f_lid, &data)?;
            let application = FunctorApplication {
                errors: mode.errors,
                loc,
                lid_whole_app: lid0,
                f0_path: &f0_path,
                args: &for_errors,
                arg_path,
                arg_mty,
                param_mty: &param_mty,
            };
            self.check_functor_application(cx, &functor, application)?;
            data = self.functor_application(cx, loc, &path, &functor, arg_path)?;
            path = Path::Apply(Rc::new(path), Rc::new(arg_path.clone()));
        }
        Ok((path, data))
    }

    pub fn lookup_module(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ModuleDeclaration>)> {
        let (path, data) = self.module_data(cx, Mode { errors: true, use_ }, loc, lid)?;
        let decl = data.decl(cx);
        Ok((path, decl))
    }
    /// The path only; a unit behind an alias need not be read unless `load`.
    pub fn lookup_module_path(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        load: bool,
        lid: &Longident,
    ) -> Lookup<Path> {
        let mode = Mode { errors: true, use_ };
        if let Longident::Lident(name) = lid
            && cx.options.transparent_modules
            && !load
            && self.0.modules.find_name(*name).is_none()
            && cx.current_unit() != Some(*name)
        {
            cx.check_unit(loc, *name);
            return Ok(Path::Ident(Ident::global(*name)));
        }
        Ok(self.module_data(cx, mode, loc, lid)?.0)
    }

    // -----------------------------------------------------------------------------------------
    // Values, types, module types, classes

    /// Finds by table or among a module's components.
    #[allow(clippy::too_many_arguments)]
    fn generic<T: Namespace>(
        &self,
        cx: &Context,
        mode: Mode,
        loc: Location,
        lid: &Longident,
        table: impl FnOnce(&super::Data) -> &super::table::Table<T>,
        unbound: impl FnOnce(Longident) -> LookupError,
    ) -> Lookup<(Path, T)> {
        let found = match lid {
            Longident::Lident(name) => {
                self.find_visible(cx, mode, table(&self.0), *name).map(|found| (found.path, found.data))
            }
            Longident::Ldot(prefix, name) => {
                let (path, comps) = self.structure(cx, mode, prefix)?;
                T::components(&comps, name.txt).into_iter().next().map(|data| (path.dot(name.txt), data))
            }
            Longident::Lapply(..) => return self.fail(mode, loc, || application(loc, self, lid)),
        };
        match found {
            Some(found) => Ok(found),
            None => self.fail(mode, loc, || unbound(lid.clone())),
        }
    }

    fn value(&self, cx: &Context, mode: Mode, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ValueDescription>)> {
        let unbound = |lid| LookupError::UnboundValue(lid, UnboundValueHint::NoHint);
        let (path, entry) = self.generic(cx, mode, loc, lid, |d| &d.values, unbound)?;
        match entry {
            ValueEntry::Bound(data) => {
                let decl = data.decl(cx);
                if mode.use_ {
                    usage::mark_value_used(cx, decl.uid);
                    self.alerts(cx, loc, &decl.attributes, &path.name());
                }
                Ok((path, decl))
            }
            ValueEntry::Unbound(reason) => self.fail(mode, loc, || match reason {
                ValueUnboundReason::InstanceVariable => LookupError::MaskedInstanceVariable(lid.clone()),
                ValueUnboundReason::Self_ => LookupError::MaskedSelfVariable(lid.clone()),
                ValueUnboundReason::Ancestor => LookupError::MaskedAncestorVariable(lid.clone()),
                ValueUnboundReason::GhostRecursive(place) => {
                    let hint = if loc.ghost || place.ghost {
                        UnboundValueHint::NoHint
                    } else {
                        UnboundValueHint::MissingRec(place)
                    };
                    LookupError::UnboundValue(lid.clone(), hint)
                }
            }),
        }
    }
    pub fn lookup_value(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ValueDescription>)> {
        if let Some(name) = lid.last() {
            self.check_value_name(name, loc)?;
        }
        self.value(cx, Mode { errors: true, use_ }, loc, lid)
    }

    fn type_(&self, cx: &Context, mode: Mode, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<TypeDeclaration>)> {
        let (path, data) = self.generic(cx, mode, loc, lid, |d| &d.types, LookupError::UnboundType)?;
        let decl = data.decl(cx);
        if mode.use_ {
            usage::mark_type_used(cx, decl.uid);
            self.alerts(cx, loc, &decl.attributes, &path.name());
        }
        Ok((path, decl))
    }
    pub fn lookup_type(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<TypeDeclaration>)> {
        self.type_(cx, Mode { errors: true, use_ }, loc, lid)
    }

    fn modtype(&self, cx: &Context, mode: Mode, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ModtypeData>)> {
        let (path, data) = self.generic(cx, mode, loc, lid, |d| &d.modtypes, LookupError::UnboundModtype)?;
        if mode.use_ {
            usage::mark_module_used(cx, data.decl.raw().uid);
            self.alerts(cx, loc, &data.decl.raw().attributes, &path.name());
        }
        Ok((path, data))
    }
    pub fn lookup_modtype(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ModtypeDeclaration>)> {
        let (path, data) = self.modtype(cx, Mode { errors: true, use_ }, loc, lid)?;
        let decl = data.decl(cx);
        Ok((path, decl))
    }
    pub fn lookup_modtype_path(&self, cx: &Context, use_: bool, loc: Location, lid: &Longident) -> Lookup<Path> {
        Ok(self.modtype(cx, Mode { errors: true, use_ }, loc, lid)?.0)
    }

    fn class(&self, cx: &Context, mode: Mode, loc: Location, lid: &Longident) -> Lookup<(Path, Rc<ClassDeclaration>)> {
        let (path, data) = self.generic(cx, mode, loc, lid, |d| &d.classes, LookupError::UnboundClass)?;
        let decl = data.decl(cx);
        if mode.use_ {
            usage::mark_type_used(cx, decl.uid);
            self.alerts(cx, loc, &decl.attributes, &path.name());
        }
        Ok((path, decl))
    }
    pub fn lookup_class(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ClassDeclaration>)> {
        self.class(cx, Mode { errors: true, use_ }, loc, lid)
    }
    fn cltype(
        &self,
        cx: &Context,
        mode: Mode,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ClassTypeDeclaration>)> {
        let (path, data) = self.generic(cx, mode, loc, lid, |d| &d.cltypes, LookupError::UnboundCltype)?;
        let decl = data.decl(cx);
        if mode.use_ {
            usage::mark_type_used(cx, decl.uid);
            self.alerts(cx, loc, &decl.attributes, &path.name());
        }
        Ok((path, decl))
    }
    pub fn lookup_cltype(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        lid: &Longident,
    ) -> Lookup<(Path, Rc<ClassTypeDeclaration>)> {
        self.cltype(cx, Mode { errors: true, use_ }, loc, lid)
    }

    // -----------------------------------------------------------------------------------------
    // Constructors and labels

    fn members<T: Namespace>(
        &self,
        cx: &Context,
        mode: Mode,
        loc: Location,
        lid: &Longident,
        table: impl FnOnce(&super::Data) -> &super::table::Table<T>,
        unbound: impl FnOnce(Longident) -> LookupError,
    ) -> Lookup<Vec<Found<T>>> {
        let found = match lid {
            Longident::Lident(name) => table(&self.0).find_all(*name),
            // Default arguments are compiled with a constructor that nothing can shadow.
            Longident::Ldot(prefix, name) if matches!(&prefix.txt, Longident::Lident(p) if *p == "*predef*") => {
                table(&cx.initial_env().0).find_all(name.txt)
            }
            Longident::Ldot(prefix, name) => {
                let (path, comps) = self.structure(cx, mode, prefix)?;
                let path = path.dot(name.txt);
                T::components(&comps, name.txt)
                    .into_iter()
                    .map(|data| Found { path: path.clone(), data, using: None })
                    .collect()
            }
            Longident::Lapply(..) => return self.fail(mode, loc, || application(loc, self, lid)),
        };
        if found.is_empty() { self.fail(mode, loc, || unbound(lid.clone())) } else { Ok(found) }
    }

    fn constructor_candidate(
        &self,
        use_: bool,
        loc: Location,
        usage: ConstructorUsage,
        descr: Rc<ConstructorDescription>,
        open: Option<Found<ConstructorData>>,
    ) -> Candidate<ConstructorDescription> {
        let (env, used) = (self.clone(), descr.clone());
        let mark = move |cx: &Context| {
            if use_ {
                usage::mark_constructor_description_used(cx, &env, usage, &used);
                env.alerts(cx, loc, &used.attributes, used.name.as_str());
                if let Some(found) = &open {
                    found.mark_open(cx, &env, used.name);
                }
            }
        };
        Candidate { descr, mark: Rc::new(mark) }
    }
    fn constructors(
        &self,
        cx: &Context,
        mode: Mode,
        loc: Location,
        usage: ConstructorUsage,
        lid: &Longident,
    ) -> Lookup<Vec<Candidate<ConstructorDescription>>> {
        let found = self.members(cx, mode, loc, lid, |d| &d.constrs, LookupError::UnboundConstructor)?;
        let candidates = found.into_iter().filter_map(|found| {
            let descr = found.data.descr(cx)?;
            Some(self.constructor_candidate(mode.use_, loc, usage, descr, Some(found)))
        });
        Ok(candidates.collect())
    }
    pub fn lookup_all_constructors(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: ConstructorUsage,
        lid: &Longident,
    ) -> Lookup<Vec<Candidate<ConstructorDescription>>> {
        self.constructors(cx, Mode { errors: true, use_ }, loc, usage, lid)
    }
    pub fn lookup_constructor(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: ConstructorUsage,
        lid: &Longident,
    ) -> Lookup<Rc<ConstructorDescription>> {
        let candidates = self.lookup_all_constructors(cx, use_, loc, usage, lid)?;
        match candidates.first() {
            Some(candidate) => {
                candidate.use_(cx);
                Ok(candidate.descr.clone())
            }
            None => lookup_error(loc, self, LookupError::UnboundConstructor(lid.clone())),
        }
    }
    pub fn lookup_all_constructors_from_type(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: ConstructorUsage,
        path: &Path,
    ) -> Vec<Candidate<ConstructorDescription>> {
        match self.find_type_descrs(cx, path) {
            Some(TypeDescriptions::Variant(cstrs, _)) => {
                cstrs.iter().map(|c| self.constructor_candidate(use_, loc, usage, c.clone(), None)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn label_candidate(
        &self,
        use_: bool,
        loc: Location,
        usage: LabelUsage,
        descr: Rc<LabelDescription>,
        open: Option<Found<LabelData>>,
    ) -> Candidate<LabelDescription> {
        let (env, used) = (self.clone(), descr.clone());
        let mark = move |cx: &Context| {
            if use_ {
                usage::mark_label_description_used(cx, &env, usage, &used);
                env.alerts(cx, loc, &used.attributes, used.name.as_str());
                if usage == LabelUsage::Mutation
                    && let Some(message) = usage::deprecated_mutable(&used.attributes)
                {
                    cx.alert(
                        "deprecated",
                        loc,
                        None,
                        &usage::alert_text(&format!("mutating field {}", used.name), &message),
                    );
                }
                if let Some(found) = &open {
                    found.mark_open(cx, &env, used.name);
                }
            }
        };
        Candidate { descr, mark: Rc::new(mark) }
    }
    fn labels(
        &self,
        cx: &Context,
        mode: Mode,
        loc: Location,
        usage: LabelUsage,
        lid: &Longident,
    ) -> Lookup<Vec<Candidate<LabelDescription>>> {
        let found = self.members(cx, mode, loc, lid, |d| &d.labels, LookupError::UnboundLabel)?;
        let candidates = found.into_iter().filter_map(|found| {
            let descr = found.data.descr(cx)?;
            Some(self.label_candidate(mode.use_, loc, usage, descr, Some(found)))
        });
        Ok(candidates.collect())
    }
    pub fn lookup_all_labels(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: LabelUsage,
        lid: &Longident,
    ) -> Lookup<Vec<Candidate<LabelDescription>>> {
        self.labels(cx, Mode { errors: true, use_ }, loc, usage, lid)
    }
    pub fn lookup_label(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: LabelUsage,
        lid: &Longident,
    ) -> Lookup<Rc<LabelDescription>> {
        let candidates = self.lookup_all_labels(cx, use_, loc, usage, lid)?;
        match candidates.first() {
            Some(candidate) => {
                candidate.use_(cx);
                Ok(candidate.descr.clone())
            }
            None => lookup_error(loc, self, LookupError::UnboundLabel(lid.clone())),
        }
    }
    pub fn lookup_all_labels_from_type(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        usage: LabelUsage,
        path: &Path,
    ) -> Vec<Candidate<LabelDescription>> {
        match self.find_type_descrs(cx, path) {
            Some(TypeDescriptions::Record(labels, _)) => {
                labels.iter().map(|l| self.label_candidate(use_, loc, usage, l.clone(), None)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Path of the variable, mutability, class number, type.
    pub fn lookup_instance_variable(
        &self,
        cx: &Context,
        use_: bool,
        loc: Location,
        name: Name,
    ) -> Lookup<(Path, MutableFlag, Name, TypeId)> {
        let mode = Mode { errors: true, use_ };
        let error = match self.find_visible(cx, mode, &self.0.values, name) {
            Some(Found { path, data: ValueEntry::Bound(data), .. }) => {
                let decl = data.decl(cx);
                if let ValueKind::Ivar(mutable, class_num) = decl.kind {
                    if use_ {
                        usage::mark_value_used(cx, decl.uid);
                        self.alerts(cx, loc, &decl.attributes, &path.name());
                    }
                    return Ok((path, mutable, class_num, decl.type_));
                }
                LookupError::NotAnInstanceVariable(name)
            }
            Some(Found { data: ValueEntry::Unbound(ValueUnboundReason::InstanceVariable), .. }) => {
                LookupError::MaskedInstanceVariable(Longident::Lident(name))
            }
            Some(Found {
                data: ValueEntry::Unbound(ValueUnboundReason::Self_ | ValueUnboundReason::Ancestor), ..
            }) => LookupError::NotAnInstanceVariable(name),
            Some(_) | None => LookupError::UnboundInstanceVariable(name),
        };
        lookup_error(loc, self, error)
    }

    // -----------------------------------------------------------------------------------------
    // Quiet lookups

    pub fn find_value_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ValueDescription>)> {
        self.value(cx, QUIET, Location::none(), lid).ok()
    }
    pub fn find_type_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<TypeDeclaration>)> {
        self.type_(cx, QUIET, Location::none(), lid).ok()
    }
    pub fn find_module_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ModuleDeclaration>)> {
        let (path, data) = self.module_data(cx, QUIET, Location::none(), lid).ok()?;
        let decl = data.decl(cx);
        Some((path, decl))
    }
    pub fn find_modtype_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ModtypeDeclaration>)> {
        let (path, data) = self.modtype(cx, QUIET, Location::none(), lid).ok()?;
        let decl = data.decl(cx);
        Some((path, decl))
    }
    pub fn find_class_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ClassDeclaration>)> {
        self.class(cx, QUIET, Location::none(), lid).ok()
    }
    pub fn find_cltype_by_name(&self, cx: &Context, lid: &Longident) -> Option<(Path, Rc<ClassTypeDeclaration>)> {
        self.cltype(cx, QUIET, Location::none(), lid).ok()
    }
    pub fn find_constructor_by_name(&self, cx: &Context, lid: &Longident) -> Option<Rc<ConstructorDescription>> {
        Some(
            self.constructors(cx, QUIET, Location::none(), ConstructorUsage::Positive, lid)
                .ok()?
                .first()?
                .descr
                .clone(),
        )
    }
    pub fn find_label_by_name(&self, cx: &Context, lid: &Longident) -> Option<Rc<LabelDescription>> {
        Some(self.labels(cx, QUIET, Location::none(), LabelUsage::Projection, lid).ok()?.first()?.descr.clone())
    }

    // -----------------------------------------------------------------------------------------
    // Folds over what is visible, or over the components of a module

    fn fold<T: Namespace>(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        table: &super::table::Table<T>,
        f: &mut dyn FnMut(Name, Path, &T),
    ) {
        let Some(lid) = lid else { return table.for_each_visible(f) };
        let Ok((path, comps)) = self.structure(cx, QUIET, &Loc::none(lid.clone())) else { return };
        let mut all = T::all(&comps);
        all.sort_by_key(|(name, _)| *name);
        all.iter().for_each(|(name, data)| f(*name, path.dot(*name), data));
    }
    pub fn fold_values(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<ValueDescription>),
    ) {
        self.fold(cx, lid, &self.0.values, &mut |name, path, entry| {
            if let ValueEntry::Bound(data) = entry {
                f(name, &path, &data.decl(cx));
            }
        });
    }
    pub fn fold_types(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<TypeDeclaration>),
    ) {
        self.fold(cx, lid, &self.0.types, &mut |name, path, data| f(name, &path, &data.decl(cx)));
    }
    pub fn fold_constructors(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(&Rc<ConstructorDescription>),
    ) {
        self.fold(cx, lid, &self.0.constrs, &mut |_, _, data| {
            if let Some(descr) = data.descr(cx) {
                f(&descr);
            }
        });
    }
    pub fn fold_labels(&self, cx: &Context, lid: Option<&Longident>, f: &mut dyn FnMut(&Rc<LabelDescription>)) {
        self.fold(cx, lid, &self.0.labels, &mut |_, _, data| {
            if let Some(descr) = data.descr(cx) {
                f(&descr);
            }
        });
    }
    /// Units are listed only if they are already loaded.
    pub fn fold_modules(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<ModuleDeclaration>),
    ) {
        self.fold(cx, lid, &self.0.modules, &mut |name, path, entry| {
            let data = match entry {
                ModuleEntry::Local(data) => Some(data.clone()),
                ModuleEntry::Persistent => cx.persistent.loaded(name),
                ModuleEntry::Unbound(_) => None,
            };
            if let Some(data) = data {
                f(name, &path, &data.decl(cx));
            }
        });
    }
    pub fn fold_modtypes(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<ModtypeDeclaration>),
    ) {
        self.fold(cx, lid, &self.0.modtypes, &mut |name, path, data| f(name, &path, &data.decl(cx)));
    }
    pub fn fold_classes(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<ClassDeclaration>),
    ) {
        self.fold(cx, lid, &self.0.classes, &mut |name, path, data| f(name, &path, &data.decl(cx)));
    }
    pub fn fold_cltypes(
        &self,
        cx: &Context,
        lid: Option<&Longident>,
        f: &mut dyn FnMut(Name, &Path, &Rc<ClassTypeDeclaration>),
    ) {
        self.fold(cx, lid, &self.0.cltypes, &mut |name, path, data| f(name, &path, &data.decl(cx)));
    }
    /// The names of all visible modules, and of the units read so far.
    pub(super) fn module_names(&self, cx: &Context) -> Vec<Name> {
        let loaded = cx.persistent.all_loaded().into_iter().map(|(name, _)| name);
        let mut names: Vec<Name> = loaded.filter(|name| !cx.persistent.is_hidden(*name)).collect();
        self.0.modules.for_each_visible(&mut |name, _, _| names.push(name));
        names
    }
    /// The names of the modules within another.
    pub(super) fn module_names_in(&self, cx: &Context, lid: &Longident) -> Vec<Name> {
        match self.structure(cx, QUIET, &Loc::none(lid.clone())) {
            Ok((_, comps)) => comps.modules.keys().copied().collect(),
            Err(_) => Vec::new(),
        }
    }
}
