//! Checks of type declarations: constraints, re-exports, cycles and regularity.

use super::{Decls, Error, fail};
use crate::error::Result;
use crate::includecore;
use rocaml_base::{Location, Name};
use rocaml_syntax::ast;
use rocaml_types::btype::{self, TypeMap, TypeSet};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::subst::Subst;
use rocaml_types::*;

/// A step from a type to one that it leads to, for messages.
#[derive(Clone, Copy, Debug)]
pub enum ReachingStep {
    ExpandsTo(TypeId, TypeId),
    Contains(TypeId, TypeId),
}

/// Cycles and regularity of a whole group. `abs_env` has its abbreviations abstract.
pub fn check_group(
    cx: &Context,
    abs_env: &Env,
    env: &Env,
    sdecls: &[ast::TypeDeclaration],
    decls: &Decls,
) -> Result<()> {
    let places = || decls.iter().zip(sdecls.iter().map(|s| s.loc));
    let in_group = |path: &Path| matches!(path, Path::Ident(id) if decls.iter().any(|(other, _)| other == id));
    for ((id, decl), loc) in places() {
        let path = Path::Ident(*id);
        if decl.manifest.is_some() {
            let args: Vec<TypeId> = decl.params.iter().map(|_| ctype::newvar(cx)).collect();
            let own = |p: &Path| *p == path;
            let walk = WellFounded { abs_env, env, loc, path: &path, to_check: &own };
            walk.check(cx, &mut TypeMap::default(), ctype::newconstr(cx, &path, &args))?;
        }
    }
    for ((id, decl), loc) in places() {
        check_well_founded_decl(cx, abs_env, env, loc, &Path::Ident(*id), decl, &in_group)?;
    }
    for ((id, decl), loc) in places() {
        check_regularity(cx, abs_env, env, loc, &Path::Ident(*id), decl, &in_group)?;
    }
    Ok(())
}

/// Checks of a type of a recursive module, against the idents of the modules.
pub fn check_recmod_typedecl(
    cx: &Context,
    env: &Env,
    loc: Location,
    recmod_ids: &[Ident],
    path: &Path,
    decl: &TypeDeclaration,
) -> Result<()> {
    fn mentions(ids: &[Ident], path: &Path) -> bool {
        match path {
            Path::Ident(id) => ids.contains(id),
            Path::Dot(p, _) | Path::ExtraTy(p, _) => mentions(ids, p),
            Path::Apply(p, q) => mentions(ids, p) || mentions(ids, q),
        }
    }
    let to_check = |path: &Path| mentions(recmod_ids, path);
    check_well_founded_decl(cx, env, env, loc, path, decl, &to_check)?;
    check_regularity(cx, env, env, loc, path, decl, &to_check)?;
    check_coherence(cx, env, loc, path, decl)
}

// ---------------------------------------------------------------------------------------------
// Constraints of the types that a declaration mentions

/// Each instance of a type in the declaration must satisfy the constraints of that type.
pub fn check_constraints(cx: &Context, env: &Env, sdecl: &ast::TypeDeclaration, decl: &TypeDeclaration) -> Result<()> {
    let mut visited = TypeSet::default();
    let mut check = |loc, ty| check_constraints_rec(cx, env, loc, &mut visited, ty);
    for ((sty, _), ty) in sdecl.params.iter().zip(&decl.params) {
        check(sty.loc, *ty)?;
    }
    let label_loc = |labels: &[ast::LabelDeclaration], name: Name| {
        labels.iter().find(|l| l.name.txt == name).map_or(sdecl.loc, |l| l.type_.loc)
    };
    match (&decl.kind, &sdecl.kind) {
        (TypeKind::Variant(constructors, _), ast::TypeKind::Variant(written)) => {
            for (cstr, scstr) in constructors.iter().zip(written) {
                match (&cstr.args, &scstr.args) {
                    (ConstructorArguments::Tuple(types), ast::ConstructorArguments::Tuple(stys)) => {
                        types.iter().zip(stys).try_for_each(|(ty, sty)| check(sty.loc, *ty))?;
                    }
                    (ConstructorArguments::Record(labels), ast::ConstructorArguments::Record(written)) => {
                        labels.iter().try_for_each(|l| check(label_loc(written, l.id.name()), l.type_))?;
                    }
                    _ => {}
                }
                if let (Some(res), Some(sres)) = (cstr.res, &scstr.res) {
                    check(sres.loc, res)?;
                }
            }
        }
        (TypeKind::Record(labels, _), ast::TypeKind::Record(written)) => {
            labels.iter().try_for_each(|l| check(label_loc(written, l.id.name()), l.type_))?;
        }
        _ => {}
    }
    match (decl.manifest, &sdecl.manifest) {
        (Some(ty), Some(sty)) => check(sty.loc, ty),
        _ => Ok(()),
    }
}

fn check_constraints_rec(cx: &Context, env: &Env, loc: Location, visited: &mut TypeSet, ty: TypeId) -> Result<()> {
    if !visited.insert(cx.repr(ty)) {
        return Ok(());
    }
    match cx.desc(ty) {
        TypeDesc::Constr(path, args, _) => {
            let Some(decl) = env.find_type(cx, &path) else {
                return fail(loc, Error::UnavailableTypeConstructor(path));
            };
            let mut distinct = TypeSet::default();
            if !decl.params.iter().all(|p| btype::is_tvar(cx, *p) && distinct.insert(cx.repr(*p))) {
                let general = ctype::newconstr(cx, &path, &ctype::instance_list(cx, &decl.params));
                // The unexpanded types are what is wrong: expansion would only repeat it.
                if let Err(ctype::MatchesFailure(env, error)) = ctype::matches(cx, false, env, ty, general) {
                    return fail(loc, Error::ConstraintFailed(env, error));
                }
            }
            args.iter().try_for_each(|arg| check_constraints_rec(cx, env, loc, visited, *arg))
        }
        TypeDesc::Poly(body, univars) => {
            let (_, body) = ctype::instance_poly(cx, false, false, &univars, body);
            check_constraints_rec(cx, env, loc, visited, body)
        }
        _ => {
            let mut children = Vec::new();
            btype::iter_type_expr(cx, ty, &mut |ty| children.push(ty));
            children.into_iter().try_for_each(|ty| check_constraints_rec(cx, env, loc, visited, ty))
        }
    }
}

// ---------------------------------------------------------------------------------------------
// `type t = u = A | B`

/// A variant or record that is also an equation must agree with the type it equals.
pub fn check_coherence(cx: &Context, env: &Env, loc: Location, dpath: &Path, decl: &TypeDeclaration) -> Result<()> {
    let Some(ty) = decl.manifest.filter(|_| !btype::type_kind_is_abstract(decl)) else {
        return Ok(());
    };
    let mismatch = |error| fail(loc, Error::DefinitionMismatch(ty, env.clone(), error));
    let TypeDesc::Constr(path, args, _) = cx.desc(ty) else { return mismatch(None) };
    let Some(original) = env.find_type(cx, &path) else {
        return fail(loc, Error::UnavailableTypeConstructor(path));
    };
    if args.len() != decl.params.len() {
        return mismatch(Some(includecore::TypeMismatch::Arity));
    }
    if let Err(error) = ctype::equal(cx, env, false, &args, &decl.params) {
        return mismatch(Some(includecore::TypeMismatch::Constraint(error)));
    }
    let subst = Subst::identity().add_type_path(dpath.clone(), path.clone());
    let renamed = subst.type_declaration(cx, decl);
    match includecore::type_declarations(cx, env, Some(loc), true, true, path.last(), &original, dpath, &renamed) {
        None => Ok(()),
        error => mismatch(error),
    }
}

// ---------------------------------------------------------------------------------------------
// Cycles

struct WellFounded<'a> {
    abs_env: &'a Env,
    env: &'a Env,
    loc: Location,
    path: &'a Path,
    /// Constructors whose arguments are looked at before they are expanded.
    to_check: &'a dyn Fn(&Path) -> bool,
}

type Parents = std::rc::Rc<TypeSet>;

impl WellFounded<'_> {
    /// Refuses types that reach themselves without an object, a polymorphic variant or, with
    /// `-rectypes`, a contractive constructor in between. `visited` has, for each node, the
    /// parents under which it was already checked.
    ///
    /// Uses of equations are traced for the whole walk: to start tracing later, within an
    /// expansion, would forget the expansions that close a cycle.
    fn check(&self, cx: &Context, visited: &mut TypeMap<Parents>, ty: TypeId) -> Result<()> {
        ctype::wrap_trace_gadt_instances(cx, self.env, || {
            self.visit(cx, visited, &Parents::default(), &mut Vec::new(), ty)
        })
    }

    fn visit(
        &self,
        cx: &Context,
        visited: &mut TypeMap<Parents>,
        parents: &Parents,
        trace: &mut Vec<ReachingStep>,
        ty: TypeId,
    ) -> Result<()> {
        let node = cx.repr(ty);
        if parents.contains(&node) {
            return self.cycle(cx, trace);
        }
        let parents = match visited.get(&node) {
            Some(known) if parents.is_subset(known) => return Ok(()),
            Some(known) => Parents::new(known.union(parents).copied().collect()),
            None => parents.clone(),
        };
        visited.insert(node, parents.clone());
        let desc = cx.desc(ty);
        let guarded = match &desc {
            TypeDesc::Constr(path, ..) => cx.options.recursive_types && ctype::is_contractive(cx, self.env, path),
            TypeDesc::Object(..) | TypeDesc::Variant(_) => true,
            _ => cx.options.recursive_types,
        };
        if guarded {
            return Ok(());
        }
        let mut inner = (*parents).clone();
        inner.insert(node);
        let parents = Parents::new(inner);
        let mut children = Vec::new();
        let mut visit_all = |walk: &Self, children: &[TypeId], trace: &mut Vec<ReachingStep>| {
            children.iter().try_for_each(|child| {
                trace.push(ReachingStep::Contains(ty, *child));
                walk.visit(cx, visited, &parents, trace, *child)?;
                trace.pop();
                Ok(())
            })
        };
        let TypeDesc::Constr(path, args, _) = desc else {
            btype::iter_type_expr(cx, ty, &mut |ty| children.push(ty));
            return visit_all(self, &children, trace);
        };
        let first = (self.to_check)(&path);
        if first {
            visit_all(self, &args, trace)?;
        }
        match ctype::try_expand_once_opt(cx, self.env, ty) {
            Ok(expanded) => {
                trace.push(ReachingStep::ExpandsTo(ty, expanded));
                self.visit(cx, visited, &parents, trace, expanded)?;
                trace.pop();
                Ok(())
            }
            Err(_) if first => Ok(()),
            Err(_) => visit_all(self, &args, trace),
        }
    }

    fn cycle(&self, cx: &Context, trace: &[ReachingStep]) -> Result<()> {
        let own = |ty| matches!(cx.desc(ty), TypeDesc::Constr(path, ..) if path == *self.path);
        // A cycle that closes by expanding the type itself is told up to there.
        let (steps, abbreviation) = match trace.split_last() {
            Some((ReachingStep::ExpandsTo(ty, _), rest)) if own(*ty) => (rest, true),
            _ => (trace, false),
        };
        let (env, steps) = (self.abs_env.clone(), steps.to_vec());
        let error = if abbreviation {
            Error::RecursiveAbbrev(self.path.name(), env, steps)
        } else {
            Error::CycleInDef(self.path.name(), env, steps)
        };
        fail(self.loc, error)
    }
}

fn check_well_founded_decl(
    cx: &Context,
    abs_env: &Env,
    env: &Env,
    loc: Location,
    path: &Path,
    decl: &TypeDeclaration,
    to_check: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    let decl = ctype::generic_instance_declaration(cx, decl);
    let mut nodes = Vec::new();
    let mut seen = TypeSet::default();
    let mut collect = |ty| btype::iter_nodes(cx, ty, &mut seen, &mut |ty| nodes.push(ty));
    decl.params.iter().for_each(|ty| collect(*ty));
    decl.manifest.iter().for_each(|ty| collect(*ty));
    btype::iter_type_kind(&decl.kind, &mut collect);
    let walk = WellFounded { abs_env, env, loc, path, to_check };
    let mut visited = TypeMap::default();
    nodes.into_iter().try_for_each(|ty| walk.check(cx, &mut visited, ty))
}

// ---------------------------------------------------------------------------------------------
// Regularity

/// An abbreviation must use itself with its own parameters only.
fn check_regularity(
    cx: &Context,
    abs_env: &Env,
    env: &Env,
    loc: Location,
    path: &Path,
    decl: &TypeDeclaration,
    to_check: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    let Some(body) = decl.manifest.filter(|_| !decl.params.is_empty()) else { return Ok(()) };
    let (args, body) = ctype::instance_parameterized_type(cx, true, &decl.params, body);
    let walk = Regularity { abs_env, env, loc, path, args: &args, to_check };
    let mut visited = TypeSet::default();
    for ty in args.iter().chain([&body]) {
        walk.visit(cx, &mut visited, &mut Vec::new(), &mut Vec::new(), *ty)?;
    }
    Ok(())
}

struct Regularity<'a> {
    abs_env: &'a Env,
    env: &'a Env,
    loc: Location,
    path: &'a Path,
    args: &'a [TypeId],
    to_check: &'a dyn Fn(&Path) -> bool,
}

impl Regularity<'_> {
    fn visit(
        &self,
        cx: &Context,
        visited: &mut TypeSet,
        expanded: &mut Vec<Path>,
        trace: &mut Vec<ReachingStep>,
        ty: TypeId,
    ) -> Result<()> {
        if !visited.insert(cx.repr(ty)) {
            return Ok(());
        }
        match cx.desc(ty) {
            TypeDesc::Constr(path, args, _) => {
                if path == *self.path {
                    if !ctype::is_equal(cx, self.abs_env, false, self.args, &args) {
                        return fail(
                            self.loc,
                            Error::NonRegular {
                                definition: self.path.clone(),
                                used_as: ty,
                                defined_as: ctype::newconstr(cx, self.path, self.args),
                                reaching_path: trace.clone(),
                            },
                        );
                    }
                } else if (self.to_check)(&path) && !expanded.contains(&path) {
                    self.expand(cx, visited, expanded, trace, ty, &path, &args)?;
                }
                args.iter().try_for_each(|arg| self.child(cx, visited, expanded, trace, ty, *arg))
            }
            TypeDesc::Poly(body, univars) => {
                let (_, body) = ctype::instance_poly(cx, true, false, &univars, body);
                self.visit(cx, visited, expanded, trace, body)
            }
            _ => {
                let mut children = Vec::new();
                btype::iter_type_expr(cx, ty, &mut |ty| children.push(ty));
                children.into_iter().try_for_each(|child| self.child(cx, visited, expanded, trace, ty, child))
            }
        }
    }

    fn child(
        &self,
        cx: &Context,
        visited: &mut TypeSet,
        expanded: &mut Vec<Path>,
        trace: &mut Vec<ReachingStep>,
        outer: TypeId,
        inner: TypeId,
    ) -> Result<()> {
        trace.push(ReachingStep::Contains(outer, inner));
        self.visit(cx, visited, expanded, trace, inner)?;
        trace.pop();
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn expand(
        &self,
        cx: &Context,
        visited: &mut TypeSet,
        expanded: &mut Vec<Path>,
        trace: &mut Vec<ReachingStep>,
        ty: TypeId,
        path: &Path,
        args: &[TypeId],
    ) -> Result<()> {
        let Some((params, body, _)) = self.env.find_type_expansion(cx, path) else { return Ok(()) };
        let (params, body) = ctype::instance_parameterized_type(cx, false, &params, body);
        for (arg, param) in args.iter().zip(&params) {
            if let Err(error) = ctype::unify(cx, self.abs_env, *arg, *param) {
                return fail(self.loc, Error::ConstraintFailed(self.abs_env.clone(), error));
            }
        }
        expanded.push(path.clone());
        trace.push(ReachingStep::ExpandsTo(ty, body));
        self.visit(cx, visited, expanded, trace, body)?;
        trace.pop();
        expanded.pop();
        Ok(())
    }
}
