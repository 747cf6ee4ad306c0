//! Recursive definitions of classes and class types.
//!
//! A class declares four things of its name: the class, its class type, the type of its objects
//! and the type `#c` of all objects that have its methods. While the definitions of a group are
//! typed, each name stands for temporary abbreviations ([`Draft`]); classes themselves cannot be
//! inherited from before they are complete.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, PrivateFlag, VirtualFlag};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::store::LOWEST_LEVEL;
use rocaml_types::subst::Subst;
use rocaml_types::*;

use super::class_type::class_type;
use super::error::{Error, Kind, error};
use super::members::{complete_class_type, constructor_type};
use super::structure::Place;
use super::{ClassInfo, next_class_number};
use crate::Result;
use crate::attributes::warning_scope;
use crate::state::typing_state;
use crate::typecore;
use crate::typedecl;
use crate::typedtree as tt;
use crate::typetexp::{self, transl_type_param, vars};

/// The ident of the object type of a class that is being typed.
const UNBOUND_CLASS: &str = "*undef*";

/// Whether a class with this object type is still being typed.
pub(super) fn is_unbound_class(path: &Path) -> bool {
    matches!(path, Path::Ident(id) if id.name() == UNBOUND_CLASS)
}

/// What tells class definitions from class types: the syntax of their bodies, and whether they
/// define classes.
trait Flavor {
    type Source;
    type Typed;
    const DEFINES_CLASS: bool;
    /// The type of the constructor as far as its parameters tell, for recursive uses.
    fn approximate(cx: &Context, source: &Self::Source) -> TypeId;
    fn type_body(cx: &Context, env: &Env, virt: VirtualFlag, source: &Self::Source)
    -> Result<(Self::Typed, ClassType)>;
}

fn approximate_arrow(cx: &Context, label: ArgLabel, result: impl FnOnce() -> TypeId) -> TypeId {
    let arg = ctype::newvar(cx);
    let arg = if btype::is_optional(label) {
        ctype::newconstr(cx, &cx.predef().path(TypeConstr::Option), &[arg])
    } else {
        arg
    };
    ctype::newty(cx, TypeDesc::Arrow(label, arg, result(), Commutable::Ok))
}

/// `class`
struct Definition;

impl Flavor for Definition {
    type Source = ast::ClassExpr;
    type Typed = tt::ClassExpr;
    const DEFINES_CLASS: bool = true;

    fn approximate(cx: &Context, scl: &ast::ClassExpr) -> TypeId {
        match &scl.desc {
            ast::ClassExprDesc::Fun(label, _, _, body) => approximate_arrow(cx, *label, || Self::approximate(cx, body)),
            ast::ClassExprDesc::Let(_, _, body) | ast::ClassExprDesc::Constraint(body, _) => {
                Self::approximate(cx, body)
            }
            _ => ctype::newvar(cx),
        }
    }

    fn type_body(
        cx: &Context,
        env: &Env,
        virt: VirtualFlag,
        scl: &ast::ClassExpr,
    ) -> Result<(tt::ClassExpr, ClassType)> {
        let self_scope = ctype::get_current_level(cx);
        let place = Place { cx, class_num: next_class_number(cx), virt, self_scope };
        let class = place.class_expr(env, env, scl)?;
        complete_class_type(cx, class.loc, env, virt, Kind::Class, &class.type_)?;
        let type_ = class.type_.clone();
        Ok((class, type_))
    }
}

fn approximate_class_type(cx: &Context, scty: &ast::ClassType) -> TypeId {
    match &scty.desc {
        ast::ClassTypeDesc::Arrow(label, _, inner) => {
            approximate_arrow(cx, *label, || approximate_class_type(cx, inner))
        }
        _ => ctype::newvar(cx),
    }
}

fn type_class_type(
    cx: &Context,
    env: &Env,
    virt: VirtualFlag,
    scty: &ast::ClassType,
) -> Result<(tt::ClassType, ClassType)> {
    let self_scope = ctype::get_current_level(cx);
    let cty = class_type(cx, env, virt, self_scope, scty)?;
    complete_class_type(cx, cty.loc, env, virt, Kind::ClassType, &cty.type_)?;
    let type_ = cty.type_.clone();
    Ok((cty, type_))
}

/// `class` in a signature.
type Description = OfClassType<true>;

/// `class type`
type TypeDefinition = OfClassType<false>;

/// What is given by a class type, with or without a class.
struct OfClassType<const DEFINES_CLASS: bool>;

impl<const DEFINES_CLASS: bool> Flavor for OfClassType<DEFINES_CLASS> {
    type Source = ast::ClassType;
    type Typed = tt::ClassType;
    const DEFINES_CLASS: bool = DEFINES_CLASS;
    fn approximate(cx: &Context, scty: &ast::ClassType) -> TypeId {
        approximate_class_type(cx, scty)
    }
    fn type_body(
        cx: &Context,
        env: &Env,
        virt: VirtualFlag,
        scty: &ast::ClassType,
    ) -> Result<(tt::ClassType, ClassType)> {
        type_class_type(cx, env, virt, scty)
    }
}

type Source<F> = ast::ClassInfos<<F as Flavor>::Source>;

/// Types the class definitions of a group.
pub fn class_declarations(
    cx: &Context,
    env: &Env,
    sdecls: &[ast::ClassDeclaration],
) -> Result<(Vec<ClassInfo<tt::ClassExpr>>, Env)> {
    let (classes, env) = type_classes::<Definition>(cx, env, sdecls)?;
    let ids: Vec<Ident> = classes.iter().map(|class| class.id).collect();
    for class in &classes {
        if !crate::rec_check::is_valid_class_expr(cx, &ids, &class.info.expr) {
            return typecore::error::error(class.info.expr.loc, &env, typecore::Error::IllegalClassExpr);
        }
    }
    Ok((classes, env))
}

/// Types the class descriptions of a signature.
pub fn class_descriptions(
    cx: &Context,
    env: &Env,
    sdecls: &[ast::ClassDescription],
) -> Result<(Vec<ClassInfo<tt::ClassType>>, Env)> {
    type_classes::<Description>(cx, env, sdecls)
}

/// Types class type definitions.
pub fn class_type_declarations(
    cx: &Context,
    env: &Env,
    sdecls: &[ast::ClassTypeDeclaration],
) -> Result<(Vec<ClassInfo<tt::ClassType>>, Env)> {
    type_classes::<TypeDefinition>(cx, env, sdecls)
}

fn type_classes<F: Flavor>(cx: &Context, env: &Env, sdecls: &[Source<F>]) -> Result<(Vec<ClassInfo<F::Typed>>, Env)> {
    let scope = ctype::create_scope(cx);
    let ids: Vec<Ids> = sdecls.iter().map(|sdecl| Ids::new(cx, scope, sdecl.name.txt)).collect();
    let (classes, env) = ctype::with_local_level_generalize_for_class(cx, |cx| -> Result<_> {
        let mut env = env.clone();
        let mut drafts = Vec::new();
        for (sdecl, ids) in sdecls.iter().zip(&ids) {
            drafts.push(Draft::enter::<F>(cx, &mut env, sdecl, *ids));
        }
        let mut classes = Vec::new();
        for (sdecl, draft) in sdecls.iter().zip(drafts) {
            let class = warning_scope(cx, &sdecl.attributes, || class_infos::<F>(cx, &mut env, sdecl, draft))?;
            classes.push(class);
        }
        for class in classes.iter().rev() {
            if let Err(trace) = ctype::collapse_conj_params(cx, &env, &class.clty.params) {
                let shown = printtyp::wrap_printing_env(cx, &env, true, || {
                    printtyp::class_declaration(cx, class.ids.class, &class.clty)
                });
                let e = Error::NonCollapsableConjunction(shown, trace);
                return error(class.loc, &env, e);
            }
        }
        Ok((classes, env))
    })?;
    for class in classes.iter().rev() {
        check_closed::<F>(cx, &env, class)?;
    }
    let classes = with_variances(cx, &env, sdecls.iter().map(|sdecl| sdecl.params.as_slice()), classes)?;
    let env = classes.iter().fold(env, |env, class| final_env::<F>(cx, &env, class));
    let mut infos = Vec::new();
    for (sdecl, class) in sdecls.iter().zip(classes) {
        check_coercions(cx, &env, &class)?;
        infos.push(class_info(sdecl, class));
    }
    Ok((infos, env))
}

/// The idents that a class binds.
#[derive(Clone, Copy)]
struct Ids {
    class: Ident,
    class_type: Ident,
    object: Ident,
    uid: Uid,
}

impl Ids {
    fn new(cx: &Context, scope: i32, name: Name) -> Ids {
        let fresh = || Ident::create_scoped(scope, name);
        Ids { class: fresh(), class_type: fresh(), object: fresh(), uid: cx.fresh_uid() }
    }
}

// ---------------------------------------------------------------------------------------------
// Before the bodies are typed

/// What a name of the group stands for while the bodies are typed.
struct Draft {
    ids: Ids,
    obj_params: Vec<TypeId>,
    obj_ty: TypeId,
    cl_params: Vec<TypeId>,
    cl_ty: TypeId,
    cl_td: TypeDeclaration,
    constr_type: TypeId,
}

/// A type abbreviation of a class, as yet without variance.
fn abbreviation(params: Vec<TypeId>, manifest: TypeId, loc: Location, uid: Uid) -> TypeDeclaration {
    let arity = params.len();
    TypeDeclaration {
        params,
        arity,
        kind: TypeKind::Abstract(AbstractOrigin::Definition),
        private: PrivateFlag::Public,
        manifest: Some(manifest),
        variance: Variance::unknown_signature(false, arity),
        separability: Separability::default_signature(arity),
        is_newtype: false,
        expansion_scope: LOWEST_LEVEL,
        loc,
        attributes: Vec::new(),
        immediate: Immediacy::Unknown,
        unboxed_default: false,
        uid,
    }
}

fn temp_abbrev(cx: &Context, loc: Location, arity: usize, uid: Uid) -> (Vec<TypeId>, TypeId, TypeDeclaration) {
    let params: Vec<TypeId> = (0..arity).map(|_| ctype::newvar(cx)).collect();
    let row = ctype::newvar(cx);
    let ty = ctype::newobj(cx, row);
    (params.clone(), ty, abbreviation(params, ty, loc, uid))
}

impl Draft {
    fn enter<F: Flavor>(cx: &Context, env: &mut Env, sdecl: &Source<F>, ids: Ids) -> Draft {
        let arity = sdecl.params.len();
        let (obj_params, obj_ty, obj_td) = temp_abbrev(cx, sdecl.loc, arity, ids.uid);
        *env = env.add_type(cx, true, ids.object, Rc::new(obj_td));
        let (cl_params, cl_ty, cl_td) = temp_abbrev(cx, sdecl.loc, arity, ids.uid);
        let approximate = |cx: &Context| Ok::<_, Infallible>(F::approximate(cx, &sdecl.expr));
        let Ok(constr_type) = ctype::with_local_level_generalize_structure_if_principal(cx, approximate);
        let path = Path::Ident(Ident::create_local(Name::new(UNBOUND_CLASS)));
        let type_ = ClassType::Signature(Rc::new(ctype::new_class_signature(cx)));
        if F::DEFINES_CLASS {
            let decl = ClassDeclaration {
                params: Vec::new(),
                type_: type_.clone(),
                path: path.clone(),
                new: (sdecl.virt == VirtualFlag::Concrete).then_some(constr_type),
                variance: Vec::new(),
                loc: Location::none(),
                attributes: Vec::new(),
                uid: ids.uid,
            };
            *env = env.add_class(cx, ids.class, Rc::new(decl));
        }
        let cltype = ClassTypeDeclaration {
            params: Vec::new(),
            type_,
            path,
            hash_type: Rc::new(cl_td.clone()),
            variance: Vec::new(),
            loc: Location::none(),
            attributes: Vec::new(),
            uid: ids.uid,
        };
        *env = env.add_cltype(cx, ids.class_type, Rc::new(cltype));
        Draft { ids, obj_params, obj_ty, cl_params, cl_ty, cl_td, constr_type }
    }
}

// ---------------------------------------------------------------------------------------------
// The bodies

/// A class whose body is typed.
struct TypedClass<T> {
    ids: Ids,
    loc: Location,
    clty: Rc<ClassDeclaration>,
    cltydef: Rc<ClassTypeDeclaration>,
    obj_abbr: Rc<TypeDeclaration>,
    params: Vec<tt::CoreType>,
    pub_meths: Vec<Name>,
    /// Coercions of self to the type of the class.
    coercions: Vec<Location>,
    expr: T,
}

/// The parameters as written, and the body with its type.
struct TypedBody<T> {
    sparams: Vec<tt::CoreType>,
    params: Vec<TypeId>,
    coercions: Vec<Location>,
    expr: T,
    type_: ClassType,
}

fn class_params(cx: &Context, env: &Env, sparams: &[ast::TypeParam]) -> Result<Vec<tt::CoreType>> {
    let mut params = Vec::new();
    for (styp, _) in sparams {
        params.push(transl_type_param(cx, env, styp).or_else(|e| match *e {
            crate::Error::TypeExpr(_, _, typetexp::Error::AlreadyBound) => {
                error(styp.loc, env, Error::RepeatedParameter)
            }
            _ => Err(e),
        })?);
    }
    Ok(params)
}

fn type_body<F: Flavor>(cx: &Context, env: &Env, sdecl: &Source<F>, object: Ident) -> Result<TypedBody<F::Typed>> {
    let post = |cx: &Context, body: &Result<TypedBody<F::Typed>>| {
        if let Ok(body) = body {
            // The row variable is generic wherever it occurs.
            let row = btype::self_type_row(&body.type_);
            body.params.iter().for_each(|param| ctype::limited_generalize(cx, row, *param));
            ctype::limited_generalize_class_type(cx, row, &body.type_);
        }
    };
    ctype::with_local_level_for_class(
        cx,
        |cx| {
            vars::reset(cx);
            let sparams = class_params(cx, env, &sdecl.params)?;
            let params = sparams.iter().map(|param| param.type_).collect();
            let coercions = Rc::new(RefCell::new(Vec::new()));
            let enclosing = &typing_state(cx).self_coercion;
            enclosing.borrow_mut().push((Path::Ident(object), coercions.clone()));
            let typed = F::type_body(cx, env, sdecl.virt, &sdecl.expr);
            enclosing.borrow_mut().pop();
            let (expr, type_) = typed?;
            let coercions = coercions.take();
            Ok(TypedBody { sparams, params, coercions, expr, type_ })
        },
        post,
    )
}

fn unify_all(cx: &Context, env: &Env, tys1: &[TypeId], tys2: &[TypeId]) -> bool {
    tys1.iter().zip(tys2).all(|(ty1, ty2)| ctype::unify(cx, env, *ty1, *ty2).is_ok())
}

/// The temporary abbreviation of the object type becomes the type of the objects. Returns that
/// type's instance, and the abbreviation applied to the parameters.
fn check_object_abbreviation<T>(
    cx: &Context,
    env: &Env,
    loc: Location,
    draft: &Draft,
    body: &TypedBody<T>,
) -> Result<(ClassType, TypeId)> {
    let id = draft.ids.object;
    let (params, obj_type) = ctype::instance_class(cx, &body.params, &body.type_);
    let constr = ctype::newconstr(cx, &Path::Ident(id), &draft.obj_params);
    let nil = ctype::newty(cx, TypeDesc::Nil);
    // The row of a class that is not closed is a variable.
    let _ = ctype::unify(cx, env, btype::self_type_row(&obj_type), nil);
    if !unify_all(cx, env, &draft.obj_params, &params) {
        return error(loc, env, Error::BadParameters(id, draft.obj_params.clone(), params));
    }
    let ty = btype::self_type(&obj_type);
    if ctype::unify(cx, env, ty, constr).is_err() {
        let expansion = ctype::expand_head(cx, env, constr);
        return error(loc, env, Error::AbbrevTypeClash(constr, ty, expansion));
    }
    Ok((obj_type, constr))
}

/// The temporary abbreviation `#c` becomes the type of self.
fn check_hash_abbreviation<T>(
    cx: &Context,
    env: &Env,
    loc: Location,
    draft: &Draft,
    body: &TypedBody<T>,
) -> Result<()> {
    let (params, cl_type) = ctype::instance_class(cx, &body.params, &body.type_);
    let ty = btype::self_type(&cl_type);
    if !unify_all(cx, env, &draft.cl_params, &params) {
        let e = Error::BadClassTypeParameters(draft.ids.class_type, draft.cl_params.clone(), params);
        return error(loc, env, e);
    }
    if ctype::unify(cx, env, ty, draft.cl_ty).is_err() {
        return error(loc, env, Error::AbbrevTypeClash(ty, ctype::object_fields(cx, ty), draft.cl_ty));
    }
    Ok(())
}

/// Types a class. Afterwards the environment has it as far as the others of the group may use it.
fn class_infos<F: Flavor>(
    cx: &Context,
    env: &mut Env,
    sdecl: &Source<F>,
    draft: Draft,
) -> Result<TypedClass<F::Typed>> {
    let (loc, ids) = (sdecl.loc, draft.ids);
    let body = type_body::<F>(cx, env, sdecl, ids.object)?;
    let (obj_type, object) = check_object_abbreviation(cx, env, loc, &draft, &body)?;
    let self_type = btype::self_type(&body.type_);
    ctype::set_object_name(cx, ids.object, &body.params, self_type);
    check_hash_abbreviation(cx, env, loc, &draft, &body)?;
    let constructor = constructor_type(cx, object, &obj_type);
    if let Err(trace) = ctype::unify(cx, env, constructor, ctype::instance(cx, draft.constr_type)) {
        return error(loc, env, Error::ConstructorTypeMismatch(sdecl.name.txt, trace));
    }

    let declare = |params: &[TypeId], type_: &ClassType, hash_type: TypeDeclaration, new: TypeId| {
        let variance = Variance::unknown_signature(false, params.len());
        let path = Path::Ident(ids.object);
        let attributes = sdecl.attributes.clone();
        let class_type = ClassTypeDeclaration {
            params: params.to_vec(),
            type_: btype::class_body(type_).clone(),
            path: path.clone(),
            hash_type: Rc::new(hash_type),
            variance: variance.clone(),
            loc,
            attributes: attributes.clone(),
            uid: ids.uid,
        };
        let class = ClassDeclaration {
            params: params.to_vec(),
            type_: type_.clone(),
            path,
            new: (sdecl.virt == VirtualFlag::Concrete).then_some(new),
            variance,
            loc,
            attributes,
            uid: ids.uid,
        };
        (Rc::new(class), Rc::new(class_type))
    };
    let (class, class_type) = declare(&body.params, &body.type_, draft.cl_td.clone(), draft.constr_type);
    if F::DEFINES_CLASS {
        *env = env.add_class(cx, ids.class, class);
    }
    *env = env.add_cltype(cx, ids.class_type, class_type);

    let (params, type_) = ctype::instance_class(cx, &body.params, &body.type_);
    let obj_abbr = abbreviation(draft.obj_params, draft.obj_ty, loc, ids.uid);
    let (cl_params, cl_ty) = ctype::instance_parameterized_type(cx, false, &body.params, self_type);
    ctype::set_object_name(cx, ids.object, &cl_params, cl_ty);
    let cl_abbr = TypeDeclaration { params: cl_params, manifest: Some(cl_ty), ..draft.cl_td };
    let (clty, cltydef) = declare(&params, &type_, cl_abbr, ctype::instance(cx, draft.constr_type));
    let pub_meths = btype::public_methods(btype::signature_of_class_type(&body.type_));
    let TypedBody { sparams, coercions, expr, .. } = body;
    Ok(TypedClass { ids, loc, clty, cltydef, obj_abbr: Rc::new(obj_abbr), params: sparams, pub_meths, coercions, expr })
}

// ---------------------------------------------------------------------------------------------
// After the bodies are typed

/// A class has no variables but its parameters.
fn check_closed<F: Flavor>(cx: &Context, env: &Env, class: &TypedClass<F::Typed>) -> Result<()> {
    let clty = &class.clty;
    if let Some(nongen_vars) = ctype::nongen_vars_in_class_declaration(cx, clty) {
        let e = Error::NonGeneralizableClass { id: class.ids.class, clty: clty.clone(), nongen_vars };
        return error(class.loc, env, e);
    }
    let sign = btype::signature_of_class_type(&clty.type_);
    if let Some(reason) = ctype::closed_class(cx, &clty.params, sign) {
        let declaration = if F::DEFINES_CLASS {
            printtyp::class_declaration(cx, class.ids.class, clty)
        } else {
            printtyp::cltype_declaration(cx, class.ids.class, &class.cltydef)
        };
        return error(class.loc, env, Error::UnboundTypeVar(declaration, reason));
    }
    Ok(())
}

/// Computes the variances of parameters, and checks those written.
fn with_variances<'a, T>(
    cx: &Context,
    env: &Env,
    sparams: impl Iterator<Item = &'a [ast::TypeParam]>,
    classes: Vec<TypedClass<T>>,
) -> Result<Vec<TypedClass<T>>> {
    let decls = classes.iter().map(|class| (class.ids.object, class.obj_abbr.clone())).collect();
    let decls = typedecl::update_variances(cx, env, sparams, decls)?;
    let with_variance = |class: TypedClass<T>, obj_abbr: Rc<TypeDeclaration>| {
        let variance = obj_abbr.variance.clone();
        let hash_type = TypeDeclaration { variance: variance.clone(), ..(*class.cltydef.hash_type).clone() };
        TypedClass {
            clty: Rc::new(ClassDeclaration { variance: variance.clone(), ..(*class.clty).clone() }),
            cltydef: Rc::new(ClassTypeDeclaration {
                variance,
                hash_type: Rc::new(hash_type),
                ..(*class.cltydef).clone()
            }),
            obj_abbr,
            ..class
        }
    };
    Ok(classes.into_iter().zip(decls).map(|(class, (_, obj_abbr))| with_variance(class, obj_abbr)).collect())
}

/// The environment with the class as others see it from now on.
fn final_env<F: Flavor>(cx: &Context, env: &Env, class: &TypedClass<F::Typed>) -> Env {
    let clean = Subst::identity();
    let mut env = env.clone();
    if F::DEFINES_CLASS {
        env = env.add_class(cx, class.ids.class, Rc::new(clean.class_declaration(cx, &class.clty)));
    }
    env = env.add_cltype(cx, class.ids.class_type, Rc::new(clean.cltype_declaration(cx, &class.cltydef)));
    env.add_type(cx, true, class.ids.object, Rc::new(clean.type_declaration(cx, &class.obj_abbr)))
}

/// If self was coerced to the type of the class, all objects of its subclasses must be.
fn check_coercions<T>(cx: &Context, env: &Env, class: &TypedClass<T>) -> Result<()> {
    let Some(loc) = class.coercions.first() else { return Ok(()) };
    let instance = |decl: &TypeDeclaration| {
        let manifest = decl.manifest.expect("the types of a class are abbreviations");
        ctype::instance_parameterized_type(cx, false, &decl.params, manifest)
    };
    let (cl_params, cl_ty) = instance(&class.cltydef.hash_type);
    let (obj_params, obj_ty) = instance(&class.obj_abbr);
    // They are parameters of one class.
    unify_all(cx, env, &cl_params, &obj_params);
    let subtype = ctype::subtype(cx, env, cl_ty, obj_ty).and_then(|enforce| enforce(cx));
    if let Err(trace) = subtype {
        return typecore::error::error(*loc, env, typecore::Error::NotSubtype(trace));
    }
    if !ctype::opened_object(cx, cl_ty) {
        return error(*loc, env, Error::CannotCoerceSelf(obj_ty));
    }
    Ok(())
}

fn class_info<S, T>(sdecl: &ast::ClassInfos<S>, class: TypedClass<T>) -> ClassInfo<T> {
    let TypedClass { ids, clty, cltydef, obj_abbr, params, pub_meths, expr, .. } = class;
    let id_loc: Loc<Name> = sdecl.name;
    let info = tt::ClassInfos {
        virt: sdecl.virt,
        params,
        variances: sdecl.params.iter().map(|(_, annotations)| *annotations).collect(),
        id_name: id_loc,
        id_class: ids.class,
        id_class_type: ids.class_type,
        id_object: ids.object,
        expr,
        decl: clty.clone(),
        type_decl: cltydef.clone(),
        loc: sdecl.loc,
        attributes: sdecl.attributes.clone(),
    };
    ClassInfo {
        id: ids.class,
        id_loc,
        decl: clty,
        ty_id: ids.class_type,
        ty_decl: cltydef,
        obj_id: ids.object,
        obj_abbr,
        pub_methods: pub_meths,
        info,
    }
}
