//! Inclusion between module types, and the coercion it takes: upstream's `Includemod`.

mod errors;
mod functor_diff;
mod runtime_coercion;
mod shorthand;

pub use errors::{explanation_text, report_apply_error, report_error};

pub use runtime_coercion::in_package_subtype;

use self::functor_diff::ParamSymptom;
use crate::includeclass;
use crate::includecore;
use crate::state::{Dependency, typing_state};
use crate::typedtree::ModuleCoercion;
use rocaml_base::{Location, Name};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype::ClassMatchFailure;
use rocaml_types::env::{self, Env};
use rocaml_types::mtype;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::collections::HashMap;
use std::rc::Rc;

/// Two things that do not fit, and why.
#[derive(Clone, Debug)]
pub struct Diff<T, S> {
    pub got: T,
    pub expected: T,
    pub symptom: S,
}

fn diff<T: Clone, S>(got: &T, expected: &T, symptom: S) -> Diff<T, S> {
    Diff { got: got.clone(), expected: expected.clone(), symptom }
}

/// What a functor is applied to.
#[derive(Clone, Debug)]
pub enum FunctorArgument {
    Anonymous,
    Named(Path),
    Unit,
    /// `struct end`, for either kind of parameter.
    EmptyStruct,
}

pub enum CoreItemSymptom {
    Value(Diff<Rc<ValueDescription>, includecore::ValueMismatch>),
    Type(Diff<Rc<TypeDeclaration>, includecore::TypeMismatch>),
    Extension(Diff<Rc<ExtensionConstructor>, includecore::ExtensionConstructorMismatch>),
    ClassType(Diff<Rc<ClassTypeDeclaration>, Vec<ClassMatchFailure>>),
    Class(Diff<Rc<ClassDeclaration>, Vec<ClassMatchFailure>>),
}

#[derive(Clone, Debug)]
pub enum CoreModuleTypeSymptom {
    NotAnAlias,
    NotAnIdentifier,
    IncompatibleAliases,
    AbstractModuleType,
    UnboundModulePath(Path),
}

pub enum ModuleTypeSymptom {
    Core(CoreModuleTypeSymptom),
    Signature(SignatureSymptom),
    FunctorParams(Diff<FunctorParams, ()>),
    FunctorResult(Box<ModuleTypeDiff>),
    InvalidModuleAlias(Path),
    AfterAliasExpansion(Box<ModuleTypeDiff>),
}

pub type ModuleTypeDiff = Diff<ModuleType, Box<ModuleTypeSymptom>>;

/// Parameters of a functor, and its result.
#[derive(Clone, Debug)]
pub struct FunctorParams {
    pub params: Vec<FunctorParameter>,
    pub res: ModuleType,
}

impl FunctorParams {
    /// These, with another one before them.
    fn after(mut self, first: &FunctorParameter) -> FunctorParams {
        self.params.insert(0, first.clone());
        self
    }
}

pub struct SignatureSymptom {
    pub env: Env,
    pub subst: Subst,
    pub missings: Vec<SignatureItem>,
    pub incompatibles: Vec<(Ident, ItemSymptom)>,
}

pub enum ItemSymptom {
    Core(CoreItemSymptom),
    ModuleTypeDeclaration(Diff<Rc<ModtypeDeclaration>, ModtypeSymptom>),
    ModuleType(ModuleTypeDiff),
}

pub enum ModtypeSymptom {
    IllegalPermutation(ModuleCoercion),
    NotGreaterThan(ModuleTypeDiff),
    NotLessThan(ModuleTypeDiff),
    Incomparable { less_than: ModuleTypeDiff, greater_than: ModuleTypeDiff },
}

/// Why an inclusion fails.
pub enum All {
    InCompilationUnit(Diff<String, SignatureSymptom>),
    InSignature(SignatureSymptom),
    InModuleType(ModuleTypeDiff),
    InModuleTypeSubstitution(Ident, Diff<ModuleType, ModtypeSymptom>),
    InTypeDeclaration(Ident, CoreItemSymptom),
    InExpansion(CoreModuleTypeSymptom),
}

/// An inclusion error, with the environment in which it is to be shown.
pub struct Explanation {
    pub env: Env,
    pub error: All,
}

/// How an application that fails is named.
#[derive(Clone, Debug)]
pub enum ApplicationName {
    AnonymousFunctor,
    FullApplicationPath(Longident),
    NamedLeftmostFunctor(Longident),
}

/// An ill-typed functor application.
pub struct ApplyError {
    pub loc: Location,
    pub env: Env,
    pub app_name: ApplicationName,
    pub mty_f: ModuleType,
    pub args: Vec<(FunctorArgument, ModuleType)>,
}

type Incl<T> = Result<ModuleCoercion, T>;

/// Names of the same kind in a signature are distinct, of different kinds are not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FieldKind {
    Value,
    Type,
    Exception,
    Typext,
    Module,
    Modtype,
    Class,
    ClassType,
}

impl FieldKind {
    /// As messages call it.
    pub fn words(self) -> &'static str {
        match self {
            FieldKind::Value => "value",
            FieldKind::Type => "type",
            FieldKind::Exception => "exception",
            FieldKind::Typext => "extension constructor",
            FieldKind::Module => "module",
            FieldKind::Modtype => "module type",
            FieldKind::Class => "class",
            FieldKind::ClassType => "class type",
        }
    }
}

/// Ident, place and kind of an item.
pub fn item_ident_name(item: &SignatureItem) -> (Ident, Location, FieldKind) {
    match item {
        SignatureItem::Value(id, d, _) => (*id, d.loc, FieldKind::Value),
        SignatureItem::Type(id, d, ..) => (*id, d.loc, FieldKind::Type),
        SignatureItem::Typext(id, d, ..) => {
            let is_exn = matches!(&d.type_path, Path::Ident(ty) if ty.is_predef() && ty.name() == "exn");
            (*id, d.loc, if is_exn { FieldKind::Exception } else { FieldKind::Typext })
        }
        SignatureItem::Module(id, _, d, ..) => (*id, d.loc, FieldKind::Module),
        SignatureItem::Modtype(id, d, _) => (*id, d.loc, FieldKind::Modtype),
        SignatureItem::Class(id, d, ..) => (*id, d.loc, FieldKind::Class),
        SignatureItem::ClassType(id, d, ..) => (*id, d.loc, FieldKind::ClassType),
    }
}

fn table_key(item: &SignatureItem) -> (Name, FieldKind) {
    let (id, _, kind) = item_ident_name(item);
    // An exception may be specified as an extension constructor and conversely.
    (id.name(), if kind == FieldKind::Exception { FieldKind::Typext } else { kind })
}

/// Which of the definitions that are compared count as used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Those of the left side, in arguments of functors as well: no side is the implementation.
    Both,
    /// Those of the implementation only.
    Positive,
    Neither,
}

/// Where the relation is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// A definition is compared with its declaration.
    StrictlyPositive,
    Positive,
    /// In an argument of a functor, where the sides are exchanged.
    Negative,
}

/// Whether the relation counts as a use, and how deep in an equivalence it is checked.
#[derive(Clone, Copy)]
struct Mode {
    mark: Mark,
    position: Position,
    in_eq: bool,
    /// Kinds only: see [`modtypes_consistency`].
    consistency: bool,
}

impl Mode {
    fn marks(&self) -> bool {
        match self.mark {
            Mark::Both => true,
            Mark::Positive => self.position != Position::Negative,
            Mark::Neither => false,
        }
    }
    fn negated(self) -> Mode {
        let position = match self.position {
            Position::Negative => Position::Positive,
            Position::Positive | Position::StrictlyPositive => Position::Negative,
        };
        Mode { position, ..self }
    }
    fn within_equivalence(self) -> Mode {
        let position = match self.position {
            Position::StrictlyPositive => Position::Positive,
            other => other,
        };
        Mode { in_eq: true, position, ..self }
    }
}

struct Checker<'a> {
    cx: &'a Context,
    loc: Location,
    mode: Mode,
}

// ---------------------------------------------------------------------------------------------
// Paths

fn equal_module_paths(cx: &Context, env: &Env, p1: &Path, subst: &Subst, p2: &Path) -> bool {
    let normalize = |p: &Path| env.normalize_module_path(cx, None, p).unwrap_or_else(|_| p.clone());
    p1 == p2 || normalize(p1) == normalize(&subst.module_path(p2))
}

fn equal_modtype_paths(cx: &Context, env: &Env, p1: &Path, subst: &Subst, p2: &Path) -> bool {
    p1 == p2 || env.normalize_modtype_path(cx, p1) == env.normalize_modtype_path(cx, &subst.modtype_path(p2))
}

fn expand_modtype_path(cx: &Context, env: &Env, path: &Path) -> Option<ModuleType> {
    env.find_modtype_expansion(cx, path)
}

fn expand_module_alias(
    cx: &Context,
    env: &Env,
    path: &Path,
    strengthened: bool,
) -> Result<ModuleType, CoreModuleTypeSymptom> {
    let unbound = || CoreModuleTypeSymptom::UnboundModulePath(path.clone());
    if strengthened {
        env.find_strengthened_module(cx, true, path).ok_or_else(unbound)
    } else {
        env.find_module(cx, path).map(|md| md.type_.clone()).ok_or_else(unbound)
    }
}

/// The type behind a module alias; an error if it cannot be found.
pub fn expand_alias(cx: &Context, env: &Env, path: &Path) -> Result<ModuleType, Explanation> {
    expand_module_alias(cx, env, path, true)
        .map_err(|error| Explanation { env: env.clone(), error: All::InExpansion(error) })
}

fn retrieve_functor_params(cx: &Context, env: &Env, mty: &ModuleType) -> FunctorParams {
    let mut params = Vec::new();
    let mut current = mty.clone();
    loop {
        let next = match &current {
            ModuleType::Ident(path) => expand_modtype_path(cx, env, path),
            ModuleType::Alias(path) => expand_module_alias(cx, env, path, false).ok(),
            ModuleType::Functor(param, result) => {
                params.push(param.clone());
                Some((**result).clone())
            }
            ModuleType::Signature(_) => None,
        };
        match next {
            Some(next) => current = next,
            None => return FunctorParams { params, res: current },
        }
    }
}

/// Whether a module at this path may be aliased.
pub fn can_alias(env: &Env, path: &Path) -> bool {
    fn no_apply(path: &Path) -> bool {
        match path {
            Path::Ident(_) => true,
            Path::Dot(p, _) | Path::ExtraTy(p, _) => no_apply(p),
            Path::Apply(..) => false,
        }
    }
    no_apply(path) && !env.is_functor_arg(path)
}

fn simplify_structure_coercion(
    fields: Vec<(i32, ModuleCoercion)>,
    ids: Vec<(Ident, i32, ModuleCoercion)>,
) -> ModuleCoercion {
    let identity = fields.iter().enumerate().all(|(i, (pos, c))| *pos == i as i32 && matches!(c, ModuleCoercion::None));
    if identity { ModuleCoercion::None } else { ModuleCoercion::Structure(fields, ids) }
}

/// Binds one parameter for both names that two functors give it.
fn equate_param(
    cx: &Context,
    env: &Env,
    subst: &Subst,
    arg: &ModuleType,
    name1: Option<Ident>,
    name2: Option<Ident>,
) -> (Env, Subst) {
    let add = |id: Ident| env.add_module(cx, false, id, ModulePresence::Present, arg);
    match (name1, name2) {
        (Some(id1), Some(id2)) => (add(id1), subst.add_module(id2, Path::Ident(id1))),
        (None, Some(id2)) => {
            let id1 = id2.rename();
            (add(id1), subst.add_module(id2, Path::Ident(id1)))
        }
        (Some(id1), None) => (add(id1), subst.clone()),
        (None, None) => (env.clone(), subst.clone()),
    }
}

// ---------------------------------------------------------------------------------------------
// Inclusion

impl Checker<'_> {
    fn with(&self, mode: Mode) -> Checker<'_> {
        Checker { cx: self.cx, loc: self.loc, mode }
    }

    fn modtypes(&self, env: &Env, subst: &Subst, mty1: &ModuleType, mty2: &ModuleType) -> Incl<ModuleTypeDiff> {
        self.try_modtypes(env, subst, mty1, mty2).map_err(|symptom| {
            let mty2 = subst.modtype(self.cx, Scoping::MakeLocal, mty2);
            diff(mty1, &mty2, Box::new(symptom))
        })
    }

    fn try_modtypes(&self, env: &Env, subst: &Subst, mty1: &ModuleType, mty2: &ModuleType) -> Incl<ModuleTypeSymptom> {
        use CoreModuleTypeSymptom as C;
        use ModuleTypeSymptom as S;
        let cx = self.cx;
        match (mty1, mty2) {
            (ModuleType::Alias(p1), ModuleType::Alias(p2)) => {
                if env.is_functor_arg(p2) {
                    Err(S::InvalidModuleAlias(p2.clone()))
                } else if !equal_module_paths(cx, env, p1, subst, p2) {
                    Err(S::Core(C::IncompatibleAliases))
                } else {
                    Ok(ModuleCoercion::None)
                }
            }
            (ModuleType::Alias(p1), _) => {
                let p1 = env
                    .normalize_module_path(cx, Some(Location::none()), p1)
                    .map_err(|_| S::Core(C::UnboundModulePath(p1.clone())))?;
                let mty1 = expand_module_alias(cx, env, &p1, false).map_err(S::Core)?;
                self.strengthened_modtypes(env, true, subst, &mty1, &p1, mty2)
                    .map_err(|d| S::AfterAliasExpansion(Box::new(d)))
            }
            (ModuleType::Ident(p1), ModuleType::Ident(p2)) => {
                let p1 = env.normalize_modtype_path(cx, p1);
                let p2 = env.normalize_modtype_path(cx, &subst.modtype_path(p2));
                if p1 == p2 {
                    return Ok(ModuleCoercion::None);
                }
                match (expand_modtype_path(cx, env, &p1), expand_modtype_path(cx, env, &p2)) {
                    (Some(mty1), Some(mty2)) => self.try_modtypes(env, subst, &mty1, &mty2),
                    _ => Err(S::Core(C::AbstractModuleType)),
                }
            }
            (ModuleType::Ident(p1), _) => {
                let p1 = env.normalize_modtype_path(cx, p1);
                match expand_modtype_path(cx, env, &p1) {
                    Some(mty1) => self.try_modtypes(env, subst, &mty1, mty2),
                    None => Err(S::Core(C::AbstractModuleType)),
                }
            }
            (_, ModuleType::Ident(p2)) => {
                let p2 = env.normalize_modtype_path(cx, &subst.modtype_path(p2));
                match expand_modtype_path(cx, env, &p2) {
                    Some(mty2) => self.try_modtypes(env, subst, mty1, &mty2),
                    None if matches!(mty1, ModuleType::Functor(..)) => {
                        let expected = FunctorParams { params: vec![], res: mty2.clone() };
                        Err(S::FunctorParams(Diff {
                            got: retrieve_functor_params(cx, env, mty1),
                            expected,
                            symptom: (),
                        }))
                    }
                    None => Err(S::Core(C::NotAnIdentifier)),
                }
            }
            (ModuleType::Signature(sig1), ModuleType::Signature(sig2)) => {
                self.signatures(env, subst, sig1, sig2).map_err(S::Signature)
            }
            (ModuleType::Functor(param1, res1), ModuleType::Functor(param2, res2)) => {
                self.functors(env, subst, (param1, res1), (param2, res2))
            }
            (ModuleType::Functor(..), _) | (_, ModuleType::Functor(..)) => {
                Err(self.functor_params_diff(env, mty1, mty2))
            }
            (_, ModuleType::Alias(_)) => Err(S::Core(C::NotAnAlias)),
        }
    }

    fn functor_params_diff(&self, env: &Env, mty1: &ModuleType, mty2: &ModuleType) -> ModuleTypeSymptom {
        let params = |mty| retrieve_functor_params(self.cx, env, mty);
        ModuleTypeSymptom::FunctorParams(Diff { got: params(mty1), expected: params(mty2), symptom: () })
    }

    fn functors(
        &self,
        env: &Env,
        subst: &Subst,
        (param1, res1): (&FunctorParameter, &ModuleType),
        (param2, res2): (&FunctorParameter, &ModuleType),
    ) -> Incl<ModuleTypeSymptom> {
        let contravariant = self.with(self.mode.negated());
        let (arg, inner_env, inner_subst) = contravariant.functor_param(env, subst, param1, param2);
        let result = self.modtypes(&inner_env, &inner_subst, res1, res2);
        // What follows may depend on the parameter.
        let params = |param, res| retrieve_functor_params(self.cx, &inner_env, res).after(param);
        let whole = || {
            let (got, expected) = (params(param1, res1), params(param2, res2));
            ModuleTypeSymptom::FunctorParams(Diff { got, expected, symptom: () })
        };
        match (arg, result) {
            (Ok(ModuleCoercion::None), Ok(ModuleCoercion::None)) => Ok(ModuleCoercion::None),
            (Ok(arg), Ok(result)) => Ok(ModuleCoercion::Functor(Box::new(arg), Box::new(result))),
            (arg, Err(diff)) => match *diff.symptom {
                ModuleTypeSymptom::FunctorParams(inner) => {
                    let (got, expected) = (inner.got.after(param1), inner.expected.after(param2));
                    Err(ModuleTypeSymptom::FunctorParams(Diff { got, expected, symptom: () }))
                }
                symptom => match arg {
                    Ok(_) => {
                        Err(ModuleTypeSymptom::FunctorResult(Box::new(Diff { symptom: Box::new(symptom), ..diff })))
                    }
                    Err(_) => Err(whole()),
                },
            },
            (Err(_), Ok(_)) => Err(whole()),
        }
    }

    fn functor_param(
        &self,
        env: &Env,
        subst: &Subst,
        param1: &FunctorParameter,
        param2: &FunctorParameter,
    ) -> (Incl<ParamSymptom>, Env, Subst) {
        match (param1, param2) {
            (FunctorParameter::Unit, FunctorParameter::Unit) => (Ok(ModuleCoercion::None), env.clone(), subst.clone()),
            (FunctorParameter::Named(name1, arg1), FunctorParameter::Named(name2, arg2)) => {
                let arg2 = subst.modtype(self.cx, Scoping::Keep, arg2);
                let arg = self.modtypes(env, &Subst::identity(), &arg2, arg1).map_err(ParamSymptom::Mismatch);
                let (env, subst) = equate_param(self.cx, env, subst, &arg2, *name1, *name2);
                (arg, env, subst)
            }
            _ => (Err(ParamSymptom::Incompatible), env.clone(), subst.clone()),
        }
    }

    fn strengthened_modtypes(
        &self,
        env: &Env,
        aliasable: bool,
        subst: &Subst,
        mty1: &ModuleType,
        path1: &Path,
        mty2: &ModuleType,
    ) -> Incl<ModuleTypeDiff> {
        if let (ModuleType::Ident(p1), ModuleType::Ident(p2)) = (mty1, mty2)
            && equal_modtype_paths(self.cx, env, p1, subst, p2)
        {
            return Ok(ModuleCoercion::None);
        }
        let mty1 = mtype::strengthen(self.cx, env, aliasable, mty1, path1);
        self.modtypes(env, subst, &mty1, mty2)
    }

    fn signatures(
        &self,
        env: &Env,
        subst: &Subst,
        sig1: &[SignatureItem],
        sig2: &[SignatureItem],
    ) -> Incl<SignatureSymptom> {
        let cx = self.cx;
        let new_env = env.in_signature(true).add_signature(cx, sig1);
        let mut components: HashMap<(Name, FieldKind), (Ident, &SignatureItem, i32)> = HashMap::new();
        let mut module_positions = Vec::new();
        let mut position = 0;
        for item in sig1 {
            if let SignatureItem::Module(id, ModulePresence::Present, ..) = item {
                module_positions.push((*id, position, ModuleCoercion::None));
            }
            let own = if item.is_runtime_value() { position } else { -1 };
            position += i32::from(item.is_runtime_value());
            if item.visibility() == Visibility::Exported {
                components.insert(table_key(item), (item.ident(), item, own));
            }
        }
        module_positions.reverse();
        let runtime_size2 = sig2.iter().filter(|item| item.is_runtime_value()).count() as i32;
        let mut subst = subst.clone();
        let (mut paired, mut missings) = (Vec::new(), Vec::new());
        for item2 in sig2 {
            let mut key = table_key(item2);
            let mut report = true;
            if let SignatureItem::Type(_, decl, ..) = item2
                && decl.manifest.is_none()
                && let Some(base) = key.0.strip_suffix("#row")
            {
                // If it is missing, the main type is reported.
                key.0 = Name::new(base);
                report = false;
            }
            match components.get(&key) {
                Some((id1, item1, position)) => {
                    let path = Path::Ident(*id1);
                    match item2 {
                        SignatureItem::Type(id2, ..) => subst = subst.add_type(*id2, path),
                        SignatureItem::Module(id2, ..) => subst = subst.add_module(*id2, path),
                        SignatureItem::Modtype(id2, ..) => subst = subst.add_modtype(*id2, path),
                        _ => {}
                    }
                    paired.push((*item1, item2, *position));
                }
                None if report => missings.push(item2.clone()),
                None => {}
            }
        }
        let (fields, incompatibles) = self.signature_components(&new_env, &subst, &paired);
        if !missings.is_empty() || !incompatibles.is_empty() {
            return Err(SignatureSymptom { env: new_env, subst, missings, incompatibles });
        }
        Ok(if position == runtime_size2 {
            simplify_structure_coercion(fields, module_positions)
        } else {
            ModuleCoercion::Structure(fields, module_positions)
        })
    }

    /// The coercions of the run-time components, and what does not fit. A type that does not fit
    /// makes the rest meaningless.
    fn signature_components(
        &self,
        env: &Env,
        subst: &Subst,
        paired: &[(&SignatureItem, &SignatureItem, i32)],
    ) -> (Vec<(i32, ModuleCoercion)>, Vec<(Ident, ItemSymptom)>) {
        let (mut fields, mut errors) = (Vec::new(), Vec::new());
        for (item1, item2, position) in paired {
            let recoverable = matches!(item1, SignatureItem::Value(..));
            let (coercion, present) = self.component(env, subst, item1, item2);
            if coercion.is_ok() {
                self.note_dependency(item1.uid(), item2.uid());
            }
            match coercion {
                Ok(coercion) if present => fields.push((*position, coercion)),
                Ok(_) => {}
                Err(symptom) => {
                    errors.push((item1.ident(), symptom));
                    if !recoverable {
                        break;
                    }
                }
            }
        }
        (fields, errors)
    }

    /// Notes that two declarations are of one thing.
    fn note_dependency(&self, uid1: Uid, uid2: Uid) {
        let is_reverse = self.mode.in_eq && self.mode.position == Position::Negative;
        if is_reverse || self.mode.mark == Mark::Neither || uid1 == uid2 {
            return;
        }
        let dependency = match self.mode.position {
            Position::StrictlyPositive => Dependency { of_definition: true, from: uid1, to: uid2 },
            Position::Positive => Dependency { of_definition: false, from: uid1, to: uid2 },
            Position::Negative => Dependency { of_definition: false, from: uid2, to: uid1 },
        };
        typing_state(self.cx).dependencies.borrow_mut().push(dependency);
    }

    /// The coercion of a component, and whether it is there at run time.
    fn component(
        &self,
        env: &Env,
        subst: &Subst,
        item1: &SignatureItem,
        item2: &SignatureItem,
    ) -> (Incl<ItemSymptom>, bool) {
        use SignatureItem as I;
        let cx = self.cx;
        match (item1, item2) {
            (I::Value(id, d1, _), I::Value(_, d2, _)) => {
                (self.values(env, subst, *id, d1, d2), !matches!(d2.kind, ValueKind::Prim(_)))
            }
            (I::Type(id, d1, ..), I::Type(_, d2, ..)) => (self.types(env, subst, *id, d1, d2), false),
            (I::Typext(id, d1, ..), I::Typext(_, d2, ..)) => (self.extensions(env, subst, *id, d1, d2), true),
            (I::Module(id, presence1, md1, ..), I::Module(_, presence2, md2, ..)) => {
                let coercion = self.module_declarations(env, subst, *id, md1, md2).map_err(ItemSymptom::ModuleType);
                match (presence1, presence2, &md1.type_) {
                    (_, ModulePresence::Absent, _) => (coercion, false),
                    (ModulePresence::Absent, ModulePresence::Present, ModuleType::Alias(path)) => {
                        let alias = |inner| ModuleCoercion::Alias(env.clone(), path.clone(), Box::new(inner));
                        (coercion.map(alias), true)
                    }
                    _ => (coercion, true),
                }
            }
            (I::Modtype(id, d1, _), I::Modtype(_, d2, _)) => (self.modtype_infos(env, subst, *id, d1, d2), false),
            (I::Class(_, d1, ..), I::Class(_, d2, ..)) => {
                let d2 = Rc::new(subst.class_declaration(cx, d2));
                let failures = includeclass::class_declarations(cx, env, d1, &d2);
                (fits(failures, |f| ItemSymptom::Core(CoreItemSymptom::Class(diff(d1, &d2, f)))), true)
            }
            (I::ClassType(_, d1, ..), I::ClassType(_, d2, ..)) => {
                let d2 = Rc::new(subst.cltype_declaration(cx, d2));
                let failures = includeclass::class_type_declarations(cx, env, self.loc, d1, &d2);
                (fits(failures, |f| ItemSymptom::Core(CoreItemSymptom::ClassType(diff(d1, &d2, f)))), false)
            }
            _ => panic!("paired components are of one kind"),
        }
    }

    fn values(
        &self,
        env: &Env,
        subst: &Subst,
        id: Ident,
        d1: &Rc<ValueDescription>,
        d2: &Rc<ValueDescription>,
    ) -> Incl<ItemSymptom> {
        if self.mode.marks() {
            env::mark_value_used(self.cx, d1.uid);
        }
        let result = if self.mode.consistency {
            includecore::value_descriptions_consistency(env, d1, d2)
        } else {
            let d2 = subst.value_description(self.cx, d2);
            includecore::value_descriptions(self.cx, env, self.loc, id.name(), d1, &d2)
        };
        result.map_err(|mismatch| {
            let d2 = Rc::new(subst.value_description(self.cx, d2));
            ItemSymptom::Core(CoreItemSymptom::Value(diff(d1, &d2, mismatch)))
        })
    }

    fn types(
        &self,
        env: &Env,
        subst: &Subst,
        id: Ident,
        d1: &Rc<TypeDeclaration>,
        d2: &Rc<TypeDeclaration>,
    ) -> Incl<ItemSymptom> {
        if self.mode.marks() {
            env::mark_type_used(self.cx, d1.uid);
        }
        let d2 = Rc::new(subst.type_declaration(self.cx, d2));
        let mismatch = if self.mode.consistency {
            includecore::type_declarations_consistency(self.cx, env, d1, &d2)
        } else {
            let path = Path::Ident(id);
            includecore::type_declarations(
                self.cx,
                env,
                Some(self.loc),
                false,
                self.mode.marks(),
                id.name(),
                d1,
                &path,
                &d2,
            )
        };
        match mismatch {
            None => Ok(ModuleCoercion::None),
            Some(mismatch) => Err(ItemSymptom::Core(CoreItemSymptom::Type(diff(d1, &d2, mismatch)))),
        }
    }

    fn extensions(
        &self,
        env: &Env,
        subst: &Subst,
        id: Ident,
        d1: &Rc<ExtensionConstructor>,
        d2: &Rc<ExtensionConstructor>,
    ) -> Incl<ItemSymptom> {
        if self.mode.consistency {
            return Ok(ModuleCoercion::None);
        }
        let d2 = Rc::new(subst.extension_constructor(self.cx, d2));
        match includecore::extension_constructors(self.cx, env, self.mode.marks(), id, d1, &d2) {
            None => Ok(ModuleCoercion::None),
            Some(mismatch) => Err(ItemSymptom::Core(CoreItemSymptom::Extension(diff(d1, &d2, mismatch)))),
        }
    }

    fn module_declarations(
        &self,
        env: &Env,
        subst: &Subst,
        id: Ident,
        md1: &ModuleDeclaration,
        md2: &ModuleDeclaration,
    ) -> Incl<ModuleTypeDiff> {
        let places = (md1.loc, md2.loc, Some(self.loc));
        includecore::check_alerts_inclusion(self.cx, places, &md1.attributes, &md2.attributes, &id.name());
        if self.mode.marks() {
            env::mark_module_used(self.cx, md1.uid);
        }
        self.strengthened_modtypes(env, true, subst, &md1.type_, &Path::Ident(id), &md2.type_)
    }

    fn modtype_infos(
        &self,
        env: &Env,
        subst: &Subst,
        id: Ident,
        d1: &Rc<ModtypeDeclaration>,
        d2: &Rc<ModtypeDeclaration>,
    ) -> Incl<ItemSymptom> {
        let places = (d1.loc, d2.loc, Some(self.loc));
        includecore::check_alerts_inclusion(self.cx, places, &d1.attributes, &d2.attributes, &id.name());
        let d2 = Rc::new(subst.modtype_declaration(self.cx, Scoping::Keep, d2));
        let result = match (&d1.type_, &d2.type_) {
            (_, None) => Ok(ModuleCoercion::None),
            (Some(mty1), Some(mty2)) => self.check_modtype_equiv(env, mty1, mty2),
            (None, Some(mty2)) => self.check_modtype_equiv(env, &ModuleType::Ident(Path::Ident(id)), mty2),
        };
        result.map_err(|symptom| ItemSymptom::ModuleTypeDeclaration(diff(d1, &d2, symptom)))
    }

    fn check_modtype_equiv(&self, env: &Env, mty1: &ModuleType, mty2: &ModuleType) -> Incl<ModtypeSymptom> {
        let nested = self.mode.in_eq;
        let checker = self.with(self.mode.within_equivalence());
        let less = checker.modtypes(env, &Subst::identity(), mty1, mty2);
        // Within an equivalence, the outer one checks the other side.
        let reverse = checker.with(checker.mode.negated());
        let greater = (!nested).then(|| reverse.modtypes(env, &Subst::identity(), mty2, mty1));
        match (less, greater) {
            (Ok(ModuleCoercion::None), None | Some(Ok(ModuleCoercion::None))) => Ok(ModuleCoercion::None),
            (Ok(coercion), None | Some(Ok(_))) => Err(ModtypeSymptom::IllegalPermutation(coercion)),
            (Ok(_), Some(Err(diff))) => Err(ModtypeSymptom::NotGreaterThan(diff)),
            (Err(diff), None | Some(Ok(_))) => Err(ModtypeSymptom::NotLessThan(diff)),
            (Err(less_than), Some(Err(greater_than))) => Err(ModtypeSymptom::Incomparable { less_than, greater_than }),
        }
    }
}

fn fits(
    failures: Vec<ClassMatchFailure>,
    symptom: impl FnOnce(Vec<ClassMatchFailure>) -> ItemSymptom,
) -> Incl<ItemSymptom> {
    if failures.is_empty() { Ok(ModuleCoercion::None) } else { Err(symptom(failures)) }
}

fn checker(cx: &Context, loc: Location, mark: bool) -> Checker<'_> {
    let mark = if mark { Mark::Both } else { Mark::Neither };
    Checker { cx, loc, mode: Mode { mark, position: Position::Positive, in_eq: false, consistency: false } }
}

/// A checker of definitions against their declarations.
fn strict_checker(cx: &Context, loc: Location, mark: Mark) -> Checker<'_> {
    let mode = Mode { mark, position: Position::StrictlyPositive, in_eq: false, consistency: false };
    Checker { cx, loc, mode }
}

// ---------------------------------------------------------------------------------------------
// Entry points

/// The coercion of a module of type `mty1` to `mty2`.
pub fn modtypes(
    cx: &Context,
    env: &Env,
    loc: Location,
    mark: bool,
    mty1: &ModuleType,
    mty2: &ModuleType,
) -> Result<ModuleCoercion, Explanation> {
    checker(cx, loc, mark)
        .modtypes(env, &Subst::identity(), mty1, mty2)
        .map_err(|diff| Explanation { env: env.clone(), error: All::InModuleType(diff) })
}

/// The same of the definition of a module, of which `mty2` is what is declared.
pub fn modtypes_constraint(
    cx: &Context,
    env: &Env,
    loc: Location,
    mark: bool,
    mty1: &ModuleType,
    mty2: &ModuleType,
) -> Result<ModuleCoercion, Explanation> {
    strict_checker(cx, loc, if mark { Mark::Both } else { Mark::Neither })
        .modtypes(env, &Subst::identity(), mty1, mty2)
        .map_err(|diff| Explanation { env: env.clone(), error: All::InModuleType(diff) })
}

/// Whether the shapes of two module types agree.
pub fn modtypes_consistency(
    cx: &Context,
    env: &Env,
    loc: Location,
    mty1: &ModuleType,
    mty2: &ModuleType,
) -> Result<(), Explanation> {
    let checker = Checker { cx, loc, mode: Mode { consistency: true, ..checker(cx, loc, false).mode } };
    checker
        .modtypes(env, &Subst::identity(), mty1, mty2)
        .map(drop)
        .map_err(|diff| Explanation { env: env.clone(), error: All::InModuleType(diff) })
}

/// The coercion of the module `path1`, of type `mty1`, to `mty2`.
pub fn check_modtype_inclusion(
    cx: &Context,
    env: &Env,
    loc: Location,
    mty1: &ModuleType,
    path1: &Path,
    mty2: &ModuleType,
) -> Result<ModuleCoercion, Explanation> {
    checker(cx, loc, true)
        .strengthened_modtypes(env, can_alias(env, path1), &Subst::identity(), mty1, path1, mty2)
        .map_err(|diff| Explanation { env: env.clone(), error: All::InModuleType(diff) })
}

/// The same for a declaration, whose aliases count.
pub fn strengthened_module_decl(
    cx: &Context,
    env: &Env,
    loc: Location,
    aliasable: bool,
    md1: &ModuleDeclaration,
    path1: &Path,
    md2: &ModuleDeclaration,
) -> Result<ModuleCoercion, Explanation> {
    let explain = |diff| Explanation { env: env.clone(), error: All::InModuleType(diff) };
    if let (ModuleType::Ident(p1), ModuleType::Ident(p2)) = (&md1.type_, &md2.type_)
        && equal_modtype_paths(cx, env, p1, &Subst::identity(), p2)
    {
        return Ok(ModuleCoercion::None);
    }
    let md1 = mtype::strengthen_decl(cx, env, aliasable, md1, path1);
    checker(cx, loc, true).modtypes(env, &Subst::identity(), &md1.type_, &md2.type_).map_err(explain)
}

/// The coercion of a structure of signature `sig1` to `sig2`.
pub fn signatures(
    cx: &Context,
    env: &Env,
    loc: Location,
    mark: bool,
    sig1: &[SignatureItem],
    sig2: &[SignatureItem],
) -> Result<ModuleCoercion, Explanation> {
    checker(cx, loc, mark)
        .signatures(env, &Subst::identity(), sig1, sig2)
        .map_err(|symptom| Explanation { env: env.clone(), error: All::InSignature(symptom) })
}

/// Whether what a phrase of the toplevel defines fits what it shows of that.
pub fn check_implementation(
    cx: &Context,
    env: &Env,
    implementation: &[SignatureItem],
    interface: &[SignatureItem],
) -> Result<(), Explanation> {
    let checker = checker(cx, Location::none(), true);
    let checker = checker.with(Mode { mark: Mark::Positive, ..checker.mode });
    let checked = checker.signatures(env, &Subst::identity(), implementation, interface);
    checked.map(drop).map_err(|symptom| Explanation { env: env.clone(), error: All::InSignature(symptom) })
}

/// The coercion of an implementation to its interface.
pub fn compunit(
    cx: &Context,
    env: &Env,
    impl_name: &str,
    impl_sig: &[SignatureItem],
    intf_name: &str,
    intf_sig: &[SignatureItem],
) -> Result<ModuleCoercion, Explanation> {
    let loc = Location::in_file(Name::new(impl_name));
    strict_checker(cx, loc, Mark::Positive).signatures(env, &Subst::identity(), impl_sig, intf_sig).map_err(|symptom| {
        Explanation {
            env: env.clone(),
            error: All::InCompilationUnit(Diff { got: impl_name.to_owned(), expected: intf_name.to_owned(), symptom }),
        }
    })
}

/// Whether the declaration of a type in a signature can be replaced.
pub fn type_declarations(
    cx: &Context,
    env: &Env,
    loc: Location,
    id: Ident,
    decl1: &Rc<TypeDeclaration>,
    decl2: &Rc<TypeDeclaration>,
) -> Result<(), Explanation> {
    checker(cx, loc, true).types(env, &Subst::identity(), id, decl1, decl2).map(drop).map_err(|symptom| match symptom {
        ItemSymptom::Core(core) => Explanation { env: env.clone(), error: All::InTypeDeclaration(id, core) },
        _ => panic!("comparing types yields differences of types"),
    })
}

/// Whether a module type of a signature can be replaced.
pub fn check_modtype_equiv(
    cx: &Context,
    env: &Env,
    loc: Location,
    id: Ident,
    mty1: &ModuleType,
    mty2: &ModuleType,
) -> Result<(), Explanation> {
    checker(cx, loc, true).check_modtype_equiv(env, mty1, mty2).map(drop).map_err(|symptom| Explanation {
        env: env.clone(),
        error: All::InModuleTypeSubstitution(id, diff(mty1, mty2, symptom)),
    })
}

/// Whether the package's types agree with what is wanted, row names aside.
pub fn is_row(item: &SignatureItem) -> bool {
    matches!(item, SignatureItem::Type(id, ..) if btype::is_row_name(&id.name()))
}
