//! Variance of type parameters: upstream's `Typedecl_variance`.

use super::errors::{VarianceContext, VarianceError, VarianceVariableError, VaryingAnonymous};
use super::{Decls, Error, fail, properties};
use crate::error::Result;
use rocaml_base::Location;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{Injectivity, MutableFlag, PrivateFlag, Variance as WrittenVariance};
use rocaml_types::btype::{self, TypeMap, TypeSet};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::*;
use std::rc::Rc;

/// As written: covariant, contravariant, injective.
pub type SurfaceVariance = (bool, bool, bool);

fn get(visited: &TypeMap<Variance>, cx: &Context, ty: TypeId) -> Variance {
    visited.get(&cx.repr(ty)).copied().unwrap_or(Variance::NULL)
}

/// Adds to `visited` the variance of each node of `ty`, which stands in a place of variance `vari`.
fn compute_variance(cx: &Context, env: &Env, visited: &mut TypeMap<Variance>, vari: Variance, ty: TypeId) {
    let known = get(visited, cx, ty);
    if vari.subset(known) {
        return;
    }
    let vari = vari.union(known);
    visited.insert(cx.repr(ty), vari);
    match cx.desc(ty) {
        TypeDesc::Arrow(_, arg, res, _) => {
            compute_variance(cx, env, visited, vari.conjugate(), arg);
            compute_variance(cx, env, visited, vari, res);
        }
        TypeDesc::Tuple(parts) => parts.iter().for_each(|(_, ty)| compute_variance(cx, env, visited, vari, *ty)),
        TypeDesc::Constr(path, args, _) if !args.is_empty() => match env.find_type(cx, &path) {
            Some(decl) => {
                for (arg, v) in args.iter().zip(&decl.variance) {
                    compute_variance(cx, env, visited, vari.compose(*v), *arg);
                }
            }
            None => args.iter().for_each(|arg| compute_variance(cx, env, visited, Variance::UNKNOWN, *arg)),
        },
        TypeDesc::Object(fields, _) => compute_variance(cx, env, visited, vari, fields),
        TypeDesc::Field(_, _, ty, rest) => {
            compute_variance(cx, env, visited, vari, ty);
            compute_variance(cx, env, visited, vari, rest);
        }
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            for (_, field) in row.fields.iter() {
                match cx.row_field(field) {
                    RowField::Present(Some(ty)) => compute_variance(cx, env, visited, vari, ty),
                    RowField::Either { arg_type, .. } => {
                        let v = vari.inter(Variance::UNKNOWN);
                        arg_type.iter().for_each(|ty| compute_variance(cx, env, visited, v, *ty));
                    }
                    _ => {}
                }
            }
            compute_variance(cx, env, visited, vari, row.more);
        }
        TypeDesc::Poly(ty, _) => compute_variance(cx, env, visited, vari, ty),
        TypeDesc::Package(package) => {
            let v = vari.compose(Variance::FULL);
            package.constraints.iter().for_each(|(_, ty)| compute_variance(cx, env, visited, v, *ty));
        }
        _ => {}
    }
}

fn make(positive: bool, negative: bool, injective: bool) -> Variance {
    Variance::NULL.set(Variance::MAY_POS, positive).set(Variance::MAY_NEG, negative).set(Variance::INJ, injective)
}

struct Check<'a> {
    context: VarianceContext,
    params: &'a [TypeId],
    loc: Location,
}

/// Variances of the parameters of `decl`, whose body holds these types (true: in a mutable place).
fn compute_variance_type(
    cx: &Context,
    env: &Env,
    check: Option<VarianceContext>,
    (required, loc): (&[SurfaceVariance], Location),
    decl: &TypeDeclaration,
    types: &[(bool, TypeId)],
) -> Result<Vec<Variance>> {
    let check_injectivity = btype::type_kind_is_abstract(decl);
    // `+` means: not May_neg; `-` means: not May_pos.
    let required: Vec<SurfaceVariance> = required.iter().map(|(c, n, i)| (!n, !c, check_injectivity && *i)).collect();
    let mut visited = TypeMap::default();
    for (mutable, ty) in types {
        let vari = if *mutable { Variance::FULL } else { Variance::COVARIANT };
        compute_variance(cx, env, &mut visited, vari, *ty);
    }
    if check_injectivity {
        infer_injectivity(cx, env, &mut visited, &decl.params);
    }
    if let Some(context) = check {
        let check = Check { context, params: &decl.params, loc };
        check_required(cx, &check, &required, &visited)?;
        check_propagation(cx, env, &check, &required, &visited, types)?;
    }
    Ok(decl
        .params
        .iter()
        .zip(&required)
        .map(|(ty, (p, n, _))| {
            let known = get(&visited, cx, *ty);
            let concrete = !btype::type_kind_is_abstract(decl);
            let is_var = btype::is_tvar(cx, *ty);
            let set = decl.private == PrivateFlag::Private || !is_var;
            let v = known.union(make(set && *p, set && *n, concrete));
            if !concrete || is_var { v } else { v.union(whole(set && *p, set && *n)) }
        })
        .collect())
}

fn whole(positive: bool, negative: bool) -> Variance {
    match (positive, negative) {
        (true, true) => Variance::FULL,
        (true, false) => Variance::COVARIANT,
        _ => Variance::CONTRAVARIANT,
    }
}

/// A constrained parameter is injective when all its variables are.
fn infer_injectivity(cx: &Context, env: &Env, visited: &mut TypeMap<Variance>, params: &[TypeId]) {
    for param in params {
        if btype::is_tvar(cx, *param) || get(visited, cx, *param).mem(Variance::INJ) {
            continue;
        }
        let mut seen = TypeSet::default();
        if all_injective(cx, env, visited, &mut seen, *param) {
            compute_variance(cx, env, visited, Variance::INJ, *param);
        }
    }
}

fn all_injective(cx: &Context, env: &Env, visited: &TypeMap<Variance>, seen: &mut TypeSet, ty: TypeId) -> bool {
    if !seen.insert(cx.repr(ty)) || get(visited, cx, ty).mem(Variance::INJ) {
        return true;
    }
    let children = |seen: &mut TypeSet| {
        let mut all = true;
        btype::iter_type_expr(cx, ty, &mut |ty| all = all && all_injective(cx, env, visited, seen, ty));
        all
    };
    match cx.desc(ty) {
        TypeDesc::Var(_) => false,
        TypeDesc::Constr(..) => {
            let before = seen.clone();
            if children(seen) {
                return true;
            }
            *seen = before;
            let expanded = ctype::expand_head_opt(cx, env, ty);
            !cx.same(expanded, ty) && all_injective(cx, env, visited, seen, expanded)
        }
        _ => children(seen),
    }
}

fn check_required(
    cx: &Context,
    check: &Check<'_>,
    required: &[SurfaceVariance],
    visited: &TypeMap<Variance>,
) -> Result<()> {
    for (index, (ty, (c, n, i))) in check.params.iter().zip(required).enumerate() {
        let found = get(visited, cx, *ty);
        let (co, cn) = found.get_upper();
        let injective = found.mem(Variance::INJ);
        if btype::is_tvar(cx, *ty) && (co && !c || cn && !n) || !injective && *i {
            let error = VarianceError::NotSatisfied(index + 1);
            return fail(check.loc, Error::BadVariance(Box::new(error), (co, cn, injective), (*c, *n, *i)));
        }
    }
    Ok(())
}

/// Variables that occur only within constrained parameters must agree with the body too.
fn check_propagation(
    cx: &Context,
    env: &Env,
    check: &Check<'_>,
    required: &[SurfaceVariance],
    visited: &TypeMap<Variance>,
    types: &[(bool, TypeId)],
) -> Result<()> {
    let mut extra = ctype::free_variables_list(cx, None, check.params);
    extra.retain(|v| !check.params.iter().any(|p| cx.same(*p, *v)));
    if extra.is_empty() {
        return Ok(());
    }
    let mut in_params = TypeMap::default();
    for (ty, (p, n, _)) in check.params.iter().zip(required) {
        if !btype::is_tvar(cx, *ty) {
            compute_variance(cx, env, &mut in_params, whole(*p, *n), *ty);
        }
    }
    let mut seen = TypeSet::default();
    let propagation = Propagation { check, extra: &extra, in_params: &in_params, visited };
    for (_, ty) in types {
        propagation.visit(cx, env, &mut seen, *ty)?;
    }
    Ok(())
}

struct Propagation<'a> {
    check: &'a Check<'a>,
    extra: &'a [TypeId],
    in_params: &'a TypeMap<Variance>,
    visited: &'a TypeMap<Variance>,
}

impl Propagation<'_> {
    fn visit(&self, cx: &Context, env: &Env, seen: &mut TypeSet, ty: TypeId) -> Result<()> {
        if !seen.insert(cx.repr(ty)) {
            return Ok(());
        }
        let v1 = get(self.visited, cx, ty);
        let snapshot = cx.snapshot();
        let mut v2 = Variance::NULL;
        for (t, vt) in self.in_params {
            if ctype::is_equal(cx, env, false, &[ty], &[*t]) {
                v2 = v2.union(*vt);
            }
        }
        cx.backtrack(snapshot);
        let ((c1, n1), (c2, n2, i2)) = (v1.get_upper(), v2.get_lower());
        if !(c1 && !c2 || n1 && !n2) {
            return Ok(());
        }
        if let Some(variable) = self.extra.iter().find(|v| cx.same(**v, ty)) {
            let error = match (i2, c2 || n2) {
                (false, _) => VarianceVariableError::NoVariable,
                (true, true) => VarianceVariableError::VarianceNotReflected,
                (true, false) => VarianceVariableError::VarianceNotDeducible,
            };
            let error = VarianceError::Variable { error, context: self.check.context.clone(), variable: *variable };
            return fail(self.check.loc, Error::BadVariance(Box::new(error), (c1, n1, false), (c2, n2, false)));
        }
        let mut children = Vec::new();
        btype::iter_type_expr(cx, ty, &mut |ty| children.push(ty));
        children.into_iter().try_for_each(|ty| self.visit(cx, env, seen, ty))
    }
}

fn for_constr(args: &ConstructorArguments) -> Vec<(bool, TypeId)> {
    match args {
        ConstructorArguments::Tuple(types) => types.iter().map(|ty| (false, *ty)).collect(),
        ConstructorArguments::Record(labels) => for_labels(labels),
    }
}

fn for_labels(labels: &[LabelDeclaration]) -> Vec<(bool, TypeId)> {
    labels.iter().map(|l| (l.mutable == MutableFlag::Mutable, l.type_)).collect()
}

/// What a constructor's variance is computed from.
struct Constructor<'a> {
    loc: Location,
    args: &'a ConstructorArguments,
    res: Option<TypeId>,
}

fn compute_variance_gadt(
    cx: &Context,
    env: &Env,
    check: Option<VarianceContext>,
    required: (&[SurfaceVariance], Location),
    decl: &TypeDeclaration,
    constructor: Constructor<'_>,
) -> Result<Vec<Variance>> {
    let types = for_constr(constructor.args);
    let private = |params: Vec<TypeId>| TypeDeclaration { params, private: PrivateFlag::Private, ..decl.clone() };
    let Some(res) = constructor.res else {
        return compute_variance_type(cx, env, check, required, &private(decl.params.clone()), &types);
    };
    let TypeDesc::Constr(_, args, _) = cx.desc(res) else {
        panic!("the result of a generalised constructor is its type");
    };
    let free: Vec<Vec<TypeId>> = args.iter().map(|ty| ctype::free_variables(cx, None, *ty)).collect();
    for (index, (ty, (c, n, _))) in args.iter().zip(required.0).enumerate() {
        if !c && !n {
            continue;
        }
        let others =
            free.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, vars)| vars.iter().copied());
        let reason = match cx.desc(*ty) {
            TypeDesc::Var(_) => {
                others.into_iter().find(|v| cx.same(*v, *ty)).map(VaryingAnonymous::VariableConstrained)
            }
            _ => Some(VaryingAnonymous::VariableInstantiated(*ty)),
        };
        if let Some(reason) = reason {
            return fail(constructor.loc, Error::VaryingAnonymous(index + 1, reason));
        }
    }
    compute_variance_type(cx, env, check, required, &private(args.to_vec()), &types)
}

/// Checks an extension constructor against the variance of its type.
pub fn check_variance_extension(
    cx: &Context,
    env: &Env,
    decl: &TypeDeclaration,
    id: Ident,
    ext: &Rc<ExtensionConstructor>,
    required: (&[SurfaceVariance], Location),
) -> Result<()> {
    let context = VarianceContext::ExtensionConstructor(id, ext.clone());
    let decl = TypeDeclaration { params: ext.type_params.clone(), ..decl.clone() };
    let constructor = Constructor { loc: ext.loc, args: &ext.args, res: ext.ret_type };
    compute_variance_gadt(cx, env, Some(context), required, &decl, constructor).map(drop)
}

/// The variance of a declaration's parameters; with an ident, what is required is checked.
pub fn compute_decl(
    cx: &Context,
    env: &Env,
    check: Option<Ident>,
    decl: &TypeDeclaration,
    required: &[SurfaceVariance],
) -> Result<Vec<Variance>> {
    let required = (required, decl.loc);
    let context = || check.map(|id| VarianceContext::TypeDeclaration(id, Rc::new(decl.clone())));
    let is_abstract = btype::type_kind_is_abstract(decl);
    if matches!(decl.kind, TypeKind::Abstract(_) | TypeKind::Open) && decl.manifest.is_none() {
        return Ok(required.0.iter().map(|(c, n, i)| make(!n, !c, !is_abstract || *i)).collect());
    }
    let mut types: Vec<(bool, TypeId)> = decl.manifest.iter().map(|ty| (false, *ty)).collect();
    let no_manifest = types.is_empty();
    let variances = match &decl.kind {
        TypeKind::Variant(constructors, _) if constructors.iter().any(|c| c.res.is_some()) => {
            compute_gadt(cx, env, check, decl, required, constructors)?
        }
        kind => {
            match kind {
                TypeKind::Variant(constructors, _) => {
                    types.extend(constructors.iter().flat_map(|c| for_constr(&c.args)))
                }
                TypeKind::Record(labels, _) => types.extend(for_labels(labels)),
                _ => {}
            }
            compute_variance_type(cx, env, context(), required, decl, &types)?
        }
    };
    Ok(if no_manifest || !is_abstract { variances.into_iter().map(Variance::strengthen).collect() } else { variances })
}

fn compute_gadt(
    cx: &Context,
    env: &Env,
    check: Option<Ident>,
    decl: &TypeDeclaration,
    required: (&[SurfaceVariance], Location),
    constructors: &[ConstructorDeclaration],
) -> Result<Vec<Variance>> {
    let mut all: Option<Vec<Variance>> = None;
    let mut add = |variances: Vec<Variance>| {
        all = Some(match all.take() {
            None => variances,
            Some(known) => known.iter().zip(&variances).map(|(a, b)| a.union(*b)).collect(),
        });
    };
    if let Some(ty) = decl.manifest {
        let context = check.map(|id| VarianceContext::TypeDeclaration(id, Rc::new(decl.clone())));
        let private = TypeDeclaration { private: PrivateFlag::Private, ..decl.clone() };
        add(compute_variance_type(cx, env, context, required, &private, &[(false, ty)])?);
    }
    for constructor in constructors {
        let context = check.map(|_| VarianceContext::GadtConstructor(Rc::new(constructor.clone())));
        let parts = Constructor { loc: constructor.loc, args: &constructor.args, res: constructor.res };
        add(compute_variance_gadt(cx, env, context, required, decl, parts)?);
    }
    Ok(all.unwrap_or_default())
}

/// The variances written on parameters.
pub fn variance_of_params(params: &[ast::TypeParam]) -> Vec<SurfaceVariance> {
    params
        .iter()
        .map(|(_, (variance, injectivity))| {
            let (co, cn) = match variance {
                WrittenVariance::Covariant => (true, false),
                WrittenVariance::Contravariant => (false, true),
                WrittenVariance::NoVariance => (false, false),
                WrittenVariance::Bivariant => (true, true),
            };
            (co, cn, *injectivity == Injectivity::Injective)
        })
        .collect()
}

/// Computes the variances of a group and checks what is written.
pub fn update_decls(cx: &Context, env: &Env, sdecls: &[ast::TypeDeclaration], decls: Decls) -> Result<Decls> {
    update_variances(cx, env, sdecls.iter().map(|sdecl| sdecl.params.as_slice()), decls)
}

/// Likewise, given the parameters as written: for the object types of classes too.
pub fn update_variances<'a>(
    cx: &Context,
    env: &Env,
    sparams: impl Iterator<Item = &'a [ast::TypeParam]>,
    decls: Decls,
) -> Result<Decls> {
    let required: Vec<Vec<SurfaceVariance>> = sparams.map(variance_of_params).collect();
    let (decls, new_env) = properties::fixpoint(
        cx,
        env,
        &decls,
        |decl| vec![Variance::NULL; decl.params.len()],
        |decl, variance| TypeDeclaration { variance, ..decl.clone() },
        |env, index, decl| compute_decl(cx, env, None, decl, &required[index]),
        |old, new| old.iter().zip(&new).map(|(a, b)| a.union(*b)).collect(),
    )?;
    for ((id, decl), required) in decls.iter().zip(&required) {
        if !id.name().starts_with('#') {
            compute_decl(cx, &new_env, Some(*id), decl, required)?;
        }
    }
    Ok(decls)
}
