//! Local equations of GADTs: reification of variables, equations between abstract types, and the
//! compatibility of types, which tells unreachable cases.

use super::expand::{CheckOccur, expand_head_safe_opt, is_datatype};
use super::instance::{duplicate_type, empty_types, get_new_abstract_name, new_local_type};
use super::objects::{associate_fields, flatten_fields, object_row};
use super::unify::{UEnv, compatible_labels, start_tracing, stop_tracing};
use super::univar::{UnivarFailure, enter_poly, has_free_univars, has_injective_univars, occur_univar, unify_univar};
use super::{Incompatible, expand_head_opt, is_contractive, try_expand_safe};
use crate::btype::{self, TypePairs, TypeSet, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::errortrace::*;
use crate::path::Path;
use crate::predef::TypeConstr;
use crate::store::GENERIC_LEVEL;
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

pub(super) fn in_current_module(path: &Path) -> bool {
    match path {
        Path::Ident(_) => true,
        Path::Dot(..) | Path::Apply(..) => false,
        Path::ExtraTy(path, _) => in_current_module(path),
    }
}
/// Whether a type cannot be an alias of another one.
fn non_aliasable(path: &Path, decl: &TypeDeclaration) -> bool {
    in_current_module(path) && !decl.is_newtype
}
/// Whether a local equation may be given to a type.
pub(super) fn is_instantiable(cx: &Context, env: &Env, path: &Path) -> bool {
    env.find_type(cx, path).is_some_and(|decl| {
        btype::type_kind_is_abstract(&decl)
            && decl.private == PrivateFlag::Public
            && decl.arity == 0
            && decl.manifest.is_none()
            && !non_aliasable(path, &decl)
    })
}
/// The scope in which a type's manifest is known.
pub(super) fn find_expansion_scope(cx: &Context, env: &Env, path: &Path) -> i32 {
    match env.find_type(cx, path) {
        Some(decl) if decl.manifest.is_some() => decl.expansion_scope,
        _ => GENERIC_LEVEL,
    }
}
pub(super) fn expands_to_datatype(cx: &Context, env: &Env, ty: TypeId) -> bool {
    let TypeDesc::Constr(path, ..) = cx.desc(ty) else { return false };
    env.find_type(cx, &path).is_some_and(|decl| {
        is_datatype(&decl)
            || try_expand_safe(cx, env, ty).is_ok_and(|expansion| expands_to_datatype(cx, env, expansion))
    })
}

/// Replaces the variables of a type by fresh abstract types, so that equations can mention it.
pub(super) fn reify(cx: &Context, uenv: &UEnv<'_>, ty: TypeId) -> Result<(), Trace> {
    reify_rec(cx, uenv, &mut TypeSet::default(), ty)
}

fn fresh_constr(cx: &Context, uenv: &UEnv<'_>, level: i32, name: Option<Name>) -> (Path, TypeId) {
    let env = uenv.env();
    let UEnv::Pattern { penv, .. } = uenv else {
        return (Path::Ident(crate::Ident::create_local(Name::new("$"))), cx.none());
    };
    let base = name.map_or_else(|| "$".to_owned(), |name| format!("$'{name}"));
    let name = if penv.in_counterexample { Name::new(&base) } else { get_new_abstract_name(cx, &env, &base) };
    let decl = new_local_type(cx, Location::none(), None, AbstractOrigin::Definition);
    let (id, env) = env.enter_type(cx, penv.equations_scope, name, Rc::new(decl));
    penv.set_env(env);
    let path = Path::Ident(id);
    (path.clone(), cx.new_node(TypeDesc::Constr(path, empty_types(), cx.new_memo()), level))
}

fn reify_rec(cx: &Context, uenv: &UEnv<'_>, visited: &mut TypeSet, ty: TypeId) -> Result<(), Trace> {
    let ty = cx.repr(ty);
    if !visited.insert(ty) {
        return Ok(());
    }
    let scope = match uenv {
        UEnv::Pattern { penv, .. } => penv.equations_scope,
        UEnv::Expression { .. } => return Ok(()),
    };
    let check = |level: i32, path: Path| {
        if level < scope { Err(vec![Elt::Escape(Escape::new(EscapeKind::Constructor(path)))]) } else { Ok(()) }
    };
    match cx.desc(ty) {
        TypeDesc::Var(name) => {
            let level = cx.level(ty);
            let (path, constr) = fresh_constr(cx, uenv, level, name);
            cx.link(ty, constr);
            check(level, path)
        }
        TypeDesc::Variant(row) => {
            if !btype::static_row(cx, &row) {
                let repr = btype::row_repr(cx, &row);
                match cx.desc(repr.more) {
                    _ if repr.fixed.is_some() => reify_rec(cx, uenv, visited, repr.more)?,
                    TypeDesc::Var(name) => {
                        let level = cx.level(repr.more);
                        let (path, constr) = fresh_constr(cx, uenv, level, name);
                        let fixed = Some(FixedExplanation::Reified(path.clone()));
                        let rest =
                            RowDesc { fields: Rc::from([]), more: constr, fixed, name: repr.name, closed: repr.closed };
                        cx.link(repr.more, cx.new_node(TypeDesc::Variant(rest), level));
                        check(level, path)?;
                    }
                    _ => {}
                }
            }
            let mut children = Vec::new();
            btype::iter_row(cx, &row, &mut |child| children.push(child));
            children.into_iter().try_for_each(|child| reify_rec(cx, uenv, visited, child))
        }
        _ => {
            let mut children = Vec::new();
            iter_type_expr(cx, ty, &mut |child| children.push(child));
            children.into_iter().try_for_each(|child| reify_rec(cx, uenv, visited, child))
        }
    }
}

/// Whether an equation `path = ty` would be well-founded.
fn local_non_recursive(cx: &Context, uenv: &UEnv<'_>, path: &Path, ty: TypeId) -> bool {
    struct Check<'a> {
        cx: &'a Context,
        env: Env,
        path: &'a Path,
        allow_rec: bool,
    }
    impl Check<'_> {
        fn run(&self, strict: bool, visited: &mut Vec<TypeId>, ty: TypeId) -> Result<(), CheckOccur> {
            let cx = self.cx;
            let ty = cx.repr(ty);
            if visited.contains(&ty) {
                return Ok(());
            }
            match cx.desc(ty) {
                TypeDesc::Constr(other, args, _) => {
                    if other == *self.path {
                        return Err(CheckOccur);
                    }
                    if self.allow_rec && !strict && is_contractive(cx, &self.env, &other) {
                        return Ok(());
                    }
                    visited.push(ty);
                    let result = match expand_head_safe_opt(cx, &self.env, ty) {
                        Some(expansion) => self.run(strict, visited, expansion),
                        None => {
                            let decl = self.env.find_type(cx, &other);
                            args.iter().enumerate().try_for_each(|(i, arg)| {
                                let param = decl.as_ref().and_then(|d| d.params.get(i).copied()).unwrap_or(*arg);
                                self.run(strict || !cx.is_var(param), visited, *arg)
                            })
                        }
                    };
                    visited.pop();
                    result
                }
                TypeDesc::Object(..) | TypeDesc::Variant(_) if !strict => Ok(()),
                _ if strict || !self.allow_rec => {
                    visited.push(ty);
                    let mut result = Ok(());
                    iter_type_expr(cx, ty, &mut |child| {
                        if result.is_ok() {
                            result = self.run(true, visited, child);
                        }
                    });
                    visited.pop();
                    result
                }
                _ => Ok(()),
            }
        }
    }
    let env = uenv.env();
    let tracing = start_tracing(cx, &env, false);
    let allow_rec = cx.options.recursive_types || uenv.in_counterexample();
    let result = Check { cx, env, path, allow_rec }.run(false, &mut Vec::new(), ty);
    stop_tracing(cx, tracing);
    result.is_ok()
}

/// Adds the local equation `source = destination`.
pub(super) fn add_gadt_equation(
    cx: &Context,
    uenv: &UEnv<'_>,
    source: &Path,
    destination: TypeId,
) -> Result<(), Trace> {
    let UEnv::Pattern { penv, .. } = uenv else { return Ok(()) };
    let env = uenv.env();
    if has_free_univars(cx, &env, destination) {
        return occur_univar(cx, &env, true, destination).map_err(|e| vec![Elt::Escape(e)]);
    }
    if !local_non_recursive(cx, uenv, source, destination) {
        return Ok(());
    }
    let destination = duplicate_type(cx, destination);
    let expansion_scope = source.scope().max(penv.equations_scope);
    let origin = env.find_type(cx, source).map_or(AbstractOrigin::Definition, |decl| btype::type_origin(&decl));
    let decl = new_local_type(cx, Location::none(), Some((destination, expansion_scope)), origin);
    penv.set_env(env.add_local_constraint(source, Rc::new(decl)));
    cx.cleanup_abbrev();
    Ok(())
}

// ---------------------------------------------------------------------------------------------
// Compatibility

type Outcome = Result<(), Incompatible>;

/// Fails only if two types can never be equal, whatever the abstract types in them are.
pub fn mcomp(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Outcome {
    Mcomp { cx, env, pairs: TypePairs::new() }.types(t1, t2)
}
pub(super) fn mcomp_trace(cx: &Context, env: &Env, t1: TypeId, t2: TypeId) -> Result<(), Trace> {
    mcomp(cx, env, t1, t2).map_err(|Incompatible| Vec::new())
}

fn require(on: bool) -> Outcome {
    if on { Ok(()) } else { Err(Incompatible) }
}

struct Mcomp<'a> {
    cx: &'a Context,
    env: &'a Env,
    pairs: TypePairs,
}

impl Mcomp<'_> {
    fn types(&mut self, t1: TypeId, t2: TypeId) -> Outcome {
        use TypeDesc::*;
        let (cx, env) = (self.cx, self.env);
        if cx.same(t1, t2) {
            return Ok(());
        }
        match (cx.desc(t1), cx.desc(t2)) {
            (Var(_), _) | (_, Var(_)) => return Ok(()),
            (Constr(p1, args1, _), Constr(p2, args2, _)) if args1.is_empty() && args2.is_empty() && p1 == p2 => {
                return Ok(());
            }
            _ => {}
        }
        let (e1, e2) = (expand_head_opt(cx, env, t1), expand_head_opt(cx, env, t2));
        if cx.same(e1, e2) || !self.pairs.add(cx, e1, e2) {
            return Ok(());
        }
        match (cx.desc(e1), cx.desc(e2)) {
            (Var(_), _) | (_, Var(_)) | (Package(_), Package(_)) | (Nil, Nil) => Ok(()),
            (Arrow(l1, a1, r1, _), Arrow(l2, a2, r2, _)) if compatible_labels(cx, true, l1, l2) => {
                self.types(a1, a2)?;
                self.types(r1, r2)
            }
            (Tuple(items1), Tuple(items2)) => {
                require(items1.len() == items2.len())?;
                items1.iter().zip(items2.iter()).try_for_each(|((l1, t1), (l2, t2))| {
                    require(l1 == l2)?;
                    self.types(*t1, *t2)
                })
            }
            (Constr(p1, args1, _), Constr(p2, args2, _)) => self.constructors(&p1, &args1, &p2, &args2),
            (Constr(_, args, _), _) if args.is_empty() && has_injective_univars(cx, env, e2) => Err(Incompatible),
            (_, Constr(_, args, _)) if args.is_empty() && has_injective_univars(cx, env, e1) => Err(Incompatible),
            (Constr(path, ..), _) | (_, Constr(path, ..)) => {
                let rigid =
                    env.find_type(cx, &path).is_some_and(|decl| non_aliasable(&path, &decl) || is_datatype(&decl));
                require(!rigid)
            }
            (Variant(row1), Variant(row2)) => self.rows(&row1, &row2),
            (Object(f1, _), Object(f2, _)) => self.fields(f1, f2),
            (Field(..), Field(..)) => self.fields(e1, e2),
            (Poly(b1, vars1), Poly(b2, vars2)) => {
                if vars1.is_empty() && vars2.is_empty() {
                    return self.types(b1, b2);
                }
                enter_poly(cx, env, (b1, &vars1), (b2, &vars2), || self.types(b1, b2))
            }
            (Univar(_), Univar(_)) => match unify_univar(cx, e1, e2) {
                Err(UnivarFailure::Different) => Err(Incompatible),
                Ok(()) | Err(UnivarFailure::OutOfScope) => Ok(()),
            },
            _ => Err(Incompatible),
        }
    }

    fn list(&mut self, tys1: &[TypeId], tys2: &[TypeId]) -> Outcome {
        require(tys1.len() == tys2.len())?;
        tys1.iter().zip(tys2).try_for_each(|(t1, t2)| self.types(*t1, *t2))
    }

    fn fields(&mut self, ty1: TypeId, ty2: TypeId) -> Outcome {
        let cx = self.cx;
        let (fields1, rest1) = flatten_fields(cx, ty1);
        let (fields2, rest2) = flatten_fields(cx, ty2);
        let (pairs, miss1, miss2) = associate_fields(&fields1, &fields2);
        let public = |fields: &[super::Field]| fields.iter().any(|f| cx.field_kind(f.1) == FieldKind::Public);
        let closed = |ty: TypeId| matches!(cx.desc(object_row(cx, ty)), TypeDesc::Nil);
        self.types(rest1, rest2)?;
        require(!(public(&miss1) && closed(ty2) || public(&miss2) && closed(ty1)))?;
        pairs.into_iter().try_for_each(|(_, k1, t1, k2, t2)| {
            let kinds = (cx.field_kind(k1), cx.field_kind(k2));
            require(!matches!(kinds, (FieldKind::Public, FieldKind::Absent) | (FieldKind::Absent, FieldKind::Public)))?;
            self.types(t1, t2)
        })
    }

    fn rows(&mut self, row1: &RowDesc, row2: &RowDesc) -> Outcome {
        use RowField::{Absent, Either, Present};
        let cx = self.cx;
        let (row1, row2) = (btype::row_repr(cx, row1), btype::row_repr(cx, row2));
        let (only1, only2, pairs) = super::merge_row_fields(&row1.fields, &row2.fields);
        let present = |fields: &[(Name, RowField)]| fields.iter().any(|(_, f)| matches!(cx.row_field(f), Present(_)));
        require(!(row1.closed && present(&only2) || row2.closed && present(&only1)))?;
        for (_, f1, f2) in pairs {
            match (cx.row_field(&f1), cx.row_field(&f2)) {
                (Present(None), Present(Some(_)) | Absent) | (Present(Some(_)) | Absent, Present(None)) => {
                    return Err(Incompatible);
                }
                (Present(None), Either { arg_type, .. }) | (Either { arg_type, .. }, Present(None))
                    if !arg_type.is_empty() =>
                {
                    return Err(Incompatible);
                }
                (Present(Some(_)), Either { no_arg: true, .. } | Absent)
                | (Either { no_arg: true, .. } | Absent, Present(Some(_))) => return Err(Incompatible),
                (Present(Some(t1)), Present(Some(t2))) => self.types(t1, t2)?,
                (Present(Some(ty)), Either { no_arg: false, arg_type, .. })
                | (Either { no_arg: false, arg_type, .. }, Present(Some(ty))) => {
                    arg_type.iter().try_for_each(|arg| self.types(ty, *arg))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn constructors(&mut self, p1: &Path, args1: &[TypeId], p2: &Path, args2: &[TypeId]) -> Outcome {
        let (cx, env) = (self.cx, self.env);
        let (Some(d1), Some(d2)) = (env.find_type(cx, p1), env.find_type(cx, p2)) else { return Ok(()) };
        if compatible_paths(cx, p1, p2) {
            return d1
                .variance
                .iter()
                .zip(args1.iter().zip(args2))
                .filter(|(v, _)| v.mem(Variance::INJ))
                .try_for_each(|(_, (t1, t2))| self.types(*t1, *t2));
        }
        if non_aliasable(p1, &d1) && non_aliasable(p2, &d2) {
            return Err(Incompatible);
        }
        match (&d1.kind, &d2.kind) {
            (TypeKind::Record(labels1, r1), TypeKind::Record(labels2, r2)) if r1 == r2 => {
                self.list(args1, args2)?;
                self.labels(labels1, labels2)
            }
            (TypeKind::Variant(cstrs1, r1), TypeKind::Variant(cstrs2, r2)) if r1 == r2 => {
                self.list(args1, args2)?;
                self.variants(cstrs1, cstrs2)
            }
            (TypeKind::Open, TypeKind::Open) => self.list(args1, args2),
            (TypeKind::Abstract(_), TypeKind::Abstract(_)) => Ok(()),
            (TypeKind::Abstract(_), _) if !non_aliasable(p1, &d1) => Ok(()),
            (_, TypeKind::Abstract(_)) if !non_aliasable(p2, &d2) => Ok(()),
            _ => Err(Incompatible),
        }
    }

    fn variants(&mut self, cstrs1: &[ConstructorDeclaration], cstrs2: &[ConstructorDeclaration]) -> Outcome {
        for (c1, c2) in cstrs1.iter().zip(cstrs2) {
            match (c1.res, c2.res) {
                (None, None) => {}
                (Some(t1), Some(t2)) => self.types(t1, t2)?,
                _ => return Err(Incompatible),
            }
            match (&c1.args, &c2.args) {
                (ConstructorArguments::Tuple(tys1), ConstructorArguments::Tuple(tys2)) => self.list(tys1, tys2)?,
                (ConstructorArguments::Record(l1), ConstructorArguments::Record(l2)) => self.labels(l1, l2)?,
                _ => return Err(Incompatible),
            }
            require(c1.id.name() == c2.id.name())?;
        }
        require(cstrs1.len() == cstrs2.len())
    }

    fn labels(&mut self, labels1: &[LabelDeclaration], labels2: &[LabelDeclaration]) -> Outcome {
        for (l1, l2) in labels1.iter().zip(labels2) {
            self.types(l1.type_, l2.type_)?;
            require(l1.id.name() == l2.id.name() && l1.mutable == l2.mutable && l1.atomic == l2.atomic)?;
        }
        require(labels1.len() == labels2.len())
    }
}

/// `bytes` and `string` may be one type.
fn compatible_paths(cx: &Context, p1: &Path, p2: &Path) -> bool {
    let predef = |path: &Path| cx.predef().find_type_constr(path);
    p1 == p2
        || matches!(
            (predef(p1), predef(p2)),
            (Some(TypeConstr::Bytes), Some(TypeConstr::String)) | (Some(TypeConstr::String), Some(TypeConstr::Bytes))
        )
}
