//! The state of a type checking session: the type store, levels, options, reports and the table
//! of compilation units. Gathers what upstream keeps in global references.
//!
//! Every function of the checker takes `cx: &Context` first. All state has interior mutability
//! and no borrow lives across a call.

use crate::env::Env;
use crate::env::persistent::{CmiLoader, PersistentTable};
use crate::env::usage::UsageTable;
use crate::errortrace::FirstClassModule;
use crate::path::Path;
use crate::predef::Predef;
use crate::store::{Level, TypeStore};
use crate::types::{ModuleType, PackageType, TypeId, Uid};
use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::longident::Longident;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// Options that change what is accepted or inferred. The defaults are upstream's.
#[derive(Clone, Debug)]
pub struct Options {
    /// `-principal`
    pub principal: bool,
    /// `-rectypes`
    pub recursive_types: bool,
    /// `-no-app-funct` clears it.
    pub applicative_functors: bool,
    /// `-nolabels`
    pub classic: bool,
    /// `-short-paths` clears it.
    pub real_paths: bool,
    /// `-i-variance`
    pub print_variance: bool,
    /// `-no-alias-deps`
    pub transparent_modules: bool,
    /// `-opaque`
    pub opaque: bool,
    /// `-strict-sequence`
    pub strict_sequence: bool,
    /// `-strict-formats`
    pub strict_formats: bool,
    /// `-unboxed-types`
    pub unboxed_types: bool,
    /// Compiling to native code.
    pub native_code: bool,
    /// Flat float arrays.
    pub flat_float_array: bool,
    /// `-nopervasives`
    pub nopervasives: bool,
    /// `-keep-locs`: interfaces keep places.
    pub keep_locs: bool,
    /// `-keep-docs`: interfaces keep documentation.
    pub keep_docs: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            principal: false,
            recursive_types: false,
            applicative_functors: true,
            classic: false,
            real_paths: true,
            print_variance: false,
            transparent_modules: false,
            opaque: false,
            strict_sequence: false,
            strict_formats: true,
            unboxed_types: false,
            native_code: true,
            flat_float_array: true,
            nopervasives: false,
            keep_locs: true,
            keep_docs: false,
        }
    }
}

/// Where warnings and alerts go. The driver implements it over the state of `-w` and attributes.
pub trait Reporter {
    /// Whether the warning of this number is to be shown here.
    fn is_active(&self, number: usize) -> bool;
    /// Reports a warning, which the reporter drops if it is not active.
    fn warn(&self, loc: Location, warning: Warning);
    /// Reports an alert of `kind`. When a signature leaves out the alert of a definition,
    /// `differing` are the places of both.
    fn alert(&self, kind: &str, loc: Location, differing: Option<(Location, Location)>, message: &str);
    /// Names the current state of warnings, so that a delayed check can return to it.
    fn backup(&self) -> usize {
        0
    }
    /// Returns to a state.
    fn restore(&self, _state: usize) {}
    /// Obeys an attribute such as `[@warning "-8"]` (or `[@alert "…"]`) until the next return.
    fn attribute(&self, _loc: Location, _kind: WarningAttribute, _spec: &str) {}
}

/// Which attribute changes the state of warnings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningAttribute {
    /// `[@warning]`
    Warning,
    /// `[@warnerror]`
    WarnError,
    /// `[@alert]`
    Alert,
}

/// A reporter that shows nothing.
pub struct Silent;
impl Reporter for Silent {
    fn is_active(&self, _number: usize) -> bool {
        false
    }
    fn warn(&self, _loc: Location, _warning: Warning) {}
    fn alert(&self, _kind: &str, _loc: Location, _differing: Option<(Location, Location)>, _message: &str) {}
}

/// Why an application of functors in a path is refused; the module checker's own error.
pub type FunctorApplicationError = Box<dyn std::any::Any>;

/// What [`Hooks::check_functor_application`] is told.
pub struct FunctorApplication<'a> {
    pub errors: bool,
    pub loc: Location,
    pub lid_whole_app: &'a Longident,
    pub f0_path: &'a Path,
    pub args: &'a [(Path, ModuleType)],
    pub arg_path: &'a Path,
    pub arg_mty: &'a ModuleType,
    pub param_mty: &'a ModuleType,
}

type Delayed = Box<dyn FnOnce(&Context)>;
type PackageSubtype = Rc<dyn Fn(&Context, &Env, &PackageType, &PackageType) -> Result<(), FirstClassModule>>;
type CheckApplication = Rc<dyn Fn(&Context, &Env, FunctorApplication<'_>) -> Result<(), FunctorApplicationError>>;
type InterfaceSize = Rc<dyn Fn(&Context, &[&ModuleType]) -> usize>;
type CheckWellFormed = Rc<dyn Fn(&Context, &Env, Location, &str, &ModuleType) -> Result<(), FunctorApplicationError>>;

/// What lower layers need from upper ones: upstream's forward references.
#[derive(Default, Clone)]
pub struct Hooks {
    /// `Includemod`'s inclusion of packages.
    pub package_subtype: Option<PackageSubtype>,
    /// `Includemod`'s check of `F(X)` in a path.
    pub check_functor_application: Option<CheckApplication>,
    /// The size of module types in a compiled interface.
    pub interface_size: Option<InterfaceSize>,
    /// `Typemod`'s check of the result type of such an application.
    pub check_well_formed_module: Option<CheckWellFormed>,
}

/// The levels of generalisation, as one value to save and restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct Levels {
    pub current: Level,
    pub nongen: Level,
}

/// The state of a session.
pub struct Context {
    pub store: TypeStore,
    pub options: Options,
    pub reporter: RefCell<Rc<dyn Reporter>>,
    pub hooks: RefCell<Hooks>,
    pub persistent: PersistentTable,
    pub usage: UsageTable,
    pub(crate) levels: Cell<Levels>,
    pub(crate) saved_levels: RefCell<Vec<Levels>>,
    pub(crate) global_level: Cell<Level>,
    pub(crate) trace_gadt_instances: Cell<bool>,
    /// The univars related by the enclosing `Poly`s being compared.
    pub(crate) univar_pairs: RefCell<crate::ctype::UnivarPairs>,
    /// Expansions of abbreviations without parameters, whatever the node.
    pub(crate) simple_abbrevs: OnceCell<crate::types::AbbrevMemo>,
    /// The environment in which the remembered expansions hold.
    pub(crate) expansion_env: RefCell<Env>,
    /// Whether unification changed something since the flag was last cleared.
    pub(crate) type_changed: Cell<bool>,
    /// Tags without conjunction are unified at once: while a class type is matched.
    pub(crate) rigid_variants: Cell<bool>,
    /// Two tags of one hash met by unification, a fatal error.
    pub(crate) tag_clash: Cell<Option<(Name, Name)>>,
    /// What occur checks visited of very deep types: too much is a fatal error.
    pub(crate) deep_visits: Cell<u64>,
    pub(crate) current_unit: Cell<Option<Name>>,
    pub(crate) in_intf: Cell<bool>,
    uid: Cell<u32>,
    predef: OnceCell<Predef>,
    initial_env: OnceCell<Env>,
    delayed: RefCell<Vec<(usize, Delayed)>>,
    pub(crate) without_cmis: Cell<bool>,
    pub(crate) required_globals: RefCell<Vec<Name>>,
    /// The ill-formed type `Ctype.none`.
    none: OnceCell<TypeId>,
    pub(crate) printing: crate::printtyp::PrintState,
    /// State of the phases above, which alone know its type.
    pub upper: OnceCell<Box<dyn std::any::Any>>,
}

impl std::ops::Deref for Context {
    type Target = TypeStore;
    fn deref(&self) -> &TypeStore {
        &self.store
    }
}

impl Context {
    /// A session; units are found by `loader`.
    pub fn new(options: Options, reporter: Rc<dyn Reporter>, loader: Rc<dyn CmiLoader>) -> Context {
        crate::ident::reinit();
        Context {
            store: TypeStore::new(),
            options,
            reporter: RefCell::new(reporter),
            hooks: RefCell::default(),
            persistent: PersistentTable::new(loader),
            usage: UsageTable::default(),
            levels: Cell::default(),
            saved_levels: RefCell::default(),
            global_level: Cell::default(),
            trace_gadt_instances: Cell::default(),
            univar_pairs: RefCell::default(),
            simple_abbrevs: OnceCell::new(),
            expansion_env: RefCell::default(),
            type_changed: Cell::default(),
            rigid_variants: Cell::default(),
            tag_clash: Cell::default(),
            deep_visits: Cell::default(),
            current_unit: Cell::default(),
            in_intf: Cell::default(),
            uid: Cell::new(0),
            predef: OnceCell::new(),
            initial_env: OnceCell::new(),
            delayed: RefCell::default(),
            without_cmis: Cell::default(),
            required_globals: RefCell::default(),
            none: OnceCell::new(),
            printing: Default::default(),
            upper: OnceCell::new(),
        }
    }

    /// A session without files and without warnings, for tests.
    pub fn for_tests() -> Context {
        Context::new(Options::default(), Rc::new(Silent), Rc::new(crate::env::persistent::NoUnits))
    }

    /// The predefined types, exceptions and their idents.
    pub fn predef(&self) -> &Predef {
        self.predef.get_or_init(|| Predef::new(&self.store))
    }

    pub(crate) fn initial_env(&self) -> Env {
        if let Some(env) = self.initial_env.get() {
            return env.clone();
        }
        let env = crate::predef::initial_env(self);
        self.initial_env.get_or_init(|| env).clone()
    }

    /// The empty tuple, an ill-formed type used where there is none.
    pub fn none(&self) -> TypeId {
        *self.none.get_or_init(|| self.store.new_node(crate::TypeDesc::Tuple(Rc::from([])), 0))
    }

    /// Names the unit being compiled and whether it is an interface.
    pub fn set_current_unit(&self, unit: Option<Name>, in_intf: bool) {
        self.current_unit.set(unit);
        self.in_intf.set(in_intf);
        self.uid.set(0);
    }
    /// The unit being compiled.
    pub fn current_unit(&self) -> Option<Name> {
        self.current_unit.get()
    }
    /// Its name, empty without one.
    pub fn current_unit_name(&self) -> Name {
        self.current_unit.get().unwrap_or_else(|| Name::new(""))
    }

    /// A fresh identity of a declaration: upstream's `Uid.mk`.
    pub fn fresh_uid(&self) -> Uid {
        let id = self.uid.get();
        self.uid.set(id + 1);
        Uid::Item { comp_unit: self.current_unit_name(), id, from_intf: self.in_intf.get() }
    }

    /// Takes identities for later, which are numbered from the result on.
    pub(crate) fn reserve_uids(&self, count: usize) -> u32 {
        self.uid.replace(self.uid.get() + count as u32)
    }

    /// A reserved identity.
    pub(crate) fn reserved_uid(&self, id: u32) -> Uid {
        Uid::Item { comp_unit: self.current_unit_name(), id, from_intf: self.in_intf.get() }
    }

    pub(crate) fn simple_abbrevs(&self) -> crate::types::AbbrevMemo {
        *self.simple_abbrevs.get_or_init(|| self.store.new_memo())
    }
    /// Two tags of polymorphic variants that share their hash, if unification met such.
    pub fn take_tag_clash(&self) -> Option<(Name, Name)> {
        self.tag_clash.take()
    }

    /// Whether the warning of this number is to be shown here.
    pub fn is_active(&self, number: usize) -> bool {
        self.reporter.borrow().is_active(number)
    }
    /// Reports a warning.
    pub fn warn(&self, loc: Location, warning: Warning) {
        let reporter = self.reporter.borrow().clone();
        reporter.warn(loc, warning);
    }
    /// Reports an alert.
    pub fn alert(&self, kind: &str, loc: Location, differing: Option<(Location, Location)>, message: &str) {
        let reporter = self.reporter.borrow().clone();
        reporter.alert(kind, loc, differing, message);
    }

    /// Puts a check off to the end of typing, with the present state of warnings.
    pub fn add_delayed_check(&self, check: impl FnOnce(&Context) + 'static) {
        let state = self.reporter.borrow().backup();
        self.delayed.borrow_mut().push((state, Box::new(check)));
    }
    /// Forgets the delayed checks.
    pub fn reset_delayed_checks(&self) {
        self.delayed.borrow_mut().clear();
    }
    /// Runs the delayed checks in the order in which they were added.
    pub fn force_delayed_checks(&self) {
        let snapshot = self.store.snapshot();
        let reporter = self.reporter.borrow().clone();
        let present = reporter.backup();
        loop {
            let checks = std::mem::take(&mut *self.delayed.borrow_mut());
            if checks.is_empty() {
                break;
            }
            for (state, check) in checks {
                reporter.restore(state);
                check(self);
            }
        }
        reporter.restore(present);
        self.store.backtrack(snapshot);
    }

    /// Whether module types are too long to be shown within an error: upstream measures them as
    /// they would be marshalled.
    pub fn is_big(&self, mtys: &[&ModuleType]) -> bool {
        const LIMIT: usize = 500;
        let size = self.hooks.borrow().interface_size.clone();
        size.is_some_and(|size| size(self, mtys) > LIMIT)
    }

    /// Runs `f`; if it fails, undoes all that it did to types.
    pub fn try_or_undo<T, E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let snapshot = self.store.snapshot();
        let result = f();
        match result {
            Ok(_) => self.store.commit(snapshot),
            Err(_) => self.store.backtrack(snapshot),
        }
        result
    }
}
