//! Instances of type schemes: copies of what is generic.

use super::expand::expand_head;
use super::levels::{get_current_level, with_level};
use super::{ExistentialTreatment, newty, newvar};
use crate::btype::{self, IdMap, TypeMap, iter_type_expr};
use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::store::{GENERIC_LEVEL, LOWEST_LEVEL};
use crate::subst::Subst;
use crate::types::*;
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

/// A copy of a type, its variables kept.
pub fn duplicate_type(cx: &Context, ty: TypeId) -> TypeId {
    Subst::identity().type_expr(cx, ty)
}

/// The univars free in each node of a type.
type Univars = IdMap<TypeId, Vec<TypeId>>;

/// Computed once for the whole type, by propagation from the univars to their parents.
fn compute_univars(cx: &Context, ty: TypeId) -> Univars {
    let mut parents: IdMap<TypeId, Vec<TypeId>> = IdMap::default();
    let mut univars = Vec::new();
    let mut stack = vec![(None, ty)];
    while let Some((parent, node)) = stack.pop() {
        let node = cx.repr(node);
        if let Some(known) = parents.get_mut(&node) {
            known.extend(parent);
            continue;
        }
        parents.insert(node, parent.into_iter().collect());
        if btype::is_tunivar(cx, node) {
            univars.push(node);
        }
        iter_type_expr(cx, node, &mut |child| stack.push((Some(node), child)));
    }
    let mut free = Univars::default();
    for univar in univars {
        let mut work = vec![univar];
        while let Some(node) = work.pop() {
            let binds = cx.with_desc(node, |d| match d {
                TypeDesc::Poly(_, vars) => Some(vars.clone()),
                _ => None,
            });
            if binds.is_some_and(|vars| vars.iter().any(|var| cx.repr(*var) == univar)) {
                continue;
            }
            let known = free.entry(node).or_default();
            if !known.contains(&univar) {
                known.push(univar);
                work.extend_from_slice(&parents[&node]);
            }
        }
    }
    free
}

/// What to do with parts that are not generic: see [`instance_partial`].
struct Partial {
    free_univars: Univars,
    keep: bool,
}

/// One copying operation: nodes copied within it are shared.
pub(super) struct Copy<'a> {
    cx: &'a Context,
    done: TypeMap<TypeId>,
    /// Variants by their row variable: a variant copied once is not copied again.
    variants: TypeMap<TypeId>,
    partial: Option<Partial>,
    keep_names: bool,
    /// The memo of the abbreviation whose body is being copied.
    abbreviations: Option<AbbrevMemo>,
}

impl<'a> Copy<'a> {
    pub(super) fn new(cx: &'a Context) -> Copy<'a> {
        Copy {
            cx,
            done: TypeMap::default(),
            variants: TypeMap::default(),
            partial: None,
            keep_names: false,
            abbreviations: None,
        }
    }
    pub(super) fn in_abbreviation(cx: &'a Context, memo: AbbrevMemo) -> Copy<'a> {
        Copy { abbreviations: Some(memo), ..Copy::new(cx) }
    }

    pub(super) fn list(&mut self, tys: &[TypeId]) -> Vec<TypeId> {
        tys.iter().map(|ty| self.copy(*ty)).collect()
    }

    pub(super) fn copy(&mut self, ty: TypeId) -> TypeId {
        let cx = self.cx;
        let ty = cx.repr(ty);
        let level = cx.level(ty);
        if level != GENERIC_LEVEL && self.partial.is_none() {
            return ty;
        }
        if let Some(copy) = self.done.get(&ty) {
            return *copy;
        }
        if level != GENERIC_LEVEL
            && let Some(partial) = &self.partial
            && partial.free_univars.get(&ty).is_none_or(Vec::is_empty)
        {
            // Forget what is not generic and depends on no univar.
            let level = if partial.keep { level } else { get_current_level(cx) };
            return cx.new_node(TypeDesc::Var(None), level);
        }
        let copy = cx.create(TypeDesc::Var(None), get_current_level(cx), cx.scope(ty));
        self.done.insert(ty, copy);
        let desc = match cx.desc(ty) {
            TypeDesc::Constr(path, args, _) => self.copy_constr(copy, path, &args),
            TypeDesc::Variant(row) => self.copy_variant(ty, copy, &row),
            TypeDesc::Object(fields, _) if self.partial.is_some() => {
                TypeDesc::Object(self.copy(fields), cx.new_object_name(None))
            }
            desc => btype::copy_type_desc(cx, self.keep_names, &desc, &mut |child| self.copy(child)),
        };
        // A stub is fresh: no snapshot needs to know what it was.
        cx.set_stub(copy, desc);
        copy
    }

    fn copy_constr(&mut self, copy: TypeId, path: Path, args: &[TypeId]) -> TypeDesc {
        let cx = self.cx;
        let memo =
            if super::expand::uses_simple_abbrevs(cx, args) { Some(cx.simple_abbrevs()) } else { self.abbreviations };
        if let Some(abbreviated) = memo.and_then(|memo| cx.find_abbreviated(memo, &path))
            && !cx.same(abbreviated, copy)
        {
            return TypeDesc::Link(abbreviated);
        }
        let args: Rc<[TypeId]> =
            if args.is_empty() { empty_types() } else { args.iter().map(|arg| self.copy(*arg)).collect() };
        TypeDesc::Constr(path, args, cx.new_memo_in(self.abbreviations))
    }

    fn copy_variant(&mut self, ty: TypeId, copy: TypeId, row: &RowDesc) -> TypeDesc {
        let cx = self.cx;
        let more = cx.repr(btype::row_more(cx, row));
        if let Some(done) = self.variants.get(&more) {
            self.done.insert(ty, *done);
            return TypeDesc::Link(*done);
        }
        let keep = cx.level(more) != GENERIC_LEVEL && self.partial.is_none();
        let new_more = match self.done.get(&more) {
            Some(done) => *done,
            None => match cx.desc(more) {
                desc @ (TypeDesc::Var(_) | TypeDesc::Univar(_)) => {
                    if keep {
                        more
                    } else {
                        newty(cx, desc)
                    }
                }
                _ => self.copy(more),
            },
        };
        let mut row = btype::row_repr(cx, row);
        if row.fixed.is_none()
            && let TypeDesc::Constr(path, ..) = cx.desc(new_more)
        {
            row.fixed = Some(FixedExplanation::Reified(path));
        }
        let (new_more, row) = self.open_for_pattern(ty, new_more, row);
        self.done.insert(more, new_more);
        self.variants.insert(more, copy);
        TypeDesc::Variant(btype::copy_row(cx, &mut |child| self.copy(child), true, &row, keep, new_more))
    }

    /// In a partial instance for a pattern, a closed row with undecided tags is opened.
    fn open_for_pattern(&self, ty: TypeId, more: TypeId, row: RowDesc) -> (TypeId, RowDesc) {
        let Some(Partial { free_univars, keep: false }) = &self.partial else { return (more, row) };
        let decided = |field: &RowField| !matches!(self.cx.row_field(field), RowField::Either { .. });
        if !row.closed
            || row.fixed.is_some()
            || free_univars.get(&ty).is_some_and(|univars| !univars.is_empty())
            || row.fields.iter().all(|(_, field)| decided(field))
        {
            return (more, row);
        }
        let more = newvar(self.cx);
        let fields = row.fields.iter().filter(|(_, field)| decided(field)).cloned().collect();
        (more, RowDesc { fields, more, closed: false, fixed: None, name: None })
    }
}

/// The shared empty list of types.
pub(super) fn empty_types() -> Rc<[TypeId]> {
    thread_local!(static EMPTY: Rc<[TypeId]> = Rc::from([]));
    EMPTY.with(Rc::clone)
}

/// An instance of a type scheme.
pub fn instance(cx: &Context, ty: TypeId) -> TypeId {
    if cx.level(ty) != GENERIC_LEVEL {
        return ty;
    }
    Copy::new(cx).copy(ty)
}
/// An instance in which parts that are not generic become variables: at their own level if
/// `keep`, else at the current one.
pub fn instance_partial(cx: &Context, keep: bool, ty: TypeId) -> TypeId {
    let partial = Some(Partial { free_univars: compute_univars(cx, ty), keep });
    Copy { partial, ..Copy::new(cx) }.copy(ty)
}
/// An instance whose new nodes are generic.
pub fn generic_instance(cx: &Context, ty: TypeId) -> TypeId {
    with_level(cx, GENERIC_LEVEL, |cx| instance(cx, ty))
}
/// A common instance of several types.
pub fn instance_list(cx: &Context, tys: &[TypeId]) -> Vec<TypeId> {
    Copy::new(cx).list(tys)
}

/// A name for a type constructor made by the checker that no type visible here has.
pub fn get_new_abstract_name(cx: &Context, env: &Env, base: &str) -> Name {
    let candidate = |index: usize| {
        if index == 0 && !base.is_empty() && !base.ends_with('$') {
            Name::new(base)
        } else {
            Name::new(&format!("{base}{index}"))
        }
    };
    let free = |index: usize| env.find_type_by_name(cx, &Longident::Lident(candidate(index))).is_none();
    // Names are taken without gaps: the first free one is found by bisection.
    let mut high = 1;
    if free(0) {
        return candidate(0);
    }
    while !free(high) {
        high *= 2;
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if free(middle) { high = middle } else { low = middle }
    }
    candidate(high)
}

/// The declaration of a type made by the checker, with its manifest and the scope of that.
pub fn new_local_type(
    cx: &Context,
    loc: Location,
    manifest_and_scope: Option<(TypeId, i32)>,
    origin: AbstractOrigin,
) -> TypeDeclaration {
    TypeDeclaration {
        params: Vec::new(),
        arity: 0,
        kind: TypeKind::Abstract(origin),
        private: PrivateFlag::Public,
        manifest: manifest_and_scope.map(|(ty, _)| ty),
        variance: Vec::new(),
        separability: Vec::new(),
        is_newtype: true,
        expansion_scope: manifest_and_scope.map_or(LOWEST_LEVEL, |(_, scope)| scope),
        loc,
        attributes: Vec::new(),
        immediate: Immediacy::Unknown,
        unboxed_default: false,
        uid: cx.fresh_uid(),
    }
}

/// `a`, …, `z`, `a1`, …
pub(crate) fn letter_of_int(n: usize) -> String {
    let letter = char::from(b'a' + (n % 26) as u8);
    let num = n / 26;
    if num == 0 { letter.to_string() } else { format!("{letter}{num}") }
}

/// Types of the arguments, of the result, and of the existentials of a constructor.
pub fn instance_constructor(
    cx: &Context,
    treatment: ExistentialTreatment<'_>,
    cstr: &ConstructorDescription,
) -> (Vec<TypeId>, TypeId, Vec<TypeId>) {
    let mut copy = Copy::new(cx);
    let mut counter = 0;
    let existentials = cstr
        .existentials
        .iter()
        .map(|existential| {
            let var = copy.copy(*existential);
            if let ExistentialTreatment::MakeAbstract(penv) = &treatment {
                let name = match cx.desc(*existential) {
                    TypeDesc::Var(Some(name)) => format!("${name}"),
                    _ => {
                        counter += 1;
                        format!("${}", letter_of_int(counter - 1))
                    }
                };
                let env = penv.env();
                let decl = new_local_type(cx, Location::none(), None, AbstractOrigin::Existential(cstr.name));
                let name = get_new_abstract_name(cx, &env, &name);
                let (id, env) = env.enter_type(cx, penv.equations_scope, name, Rc::new(decl));
                penv.set_env(env);
                let constr = newty(cx, TypeDesc::Constr(Path::Ident(id), empty_types(), cx.new_memo()));
                cx.link(var, constr);
            }
            var
        })
        .collect();
    let res = copy.copy(cstr.res);
    (copy.list(&cstr.args), res, existentials)
}

pub fn instance_parameterized_type(
    cx: &Context,
    keep_names: bool,
    params: &[TypeId],
    ty: TypeId,
) -> (Vec<TypeId>, TypeId) {
    let mut copy = Copy { keep_names, ..Copy::new(cx) };
    let params = copy.list(params);
    copy.keep_names = false;
    (params, copy.copy(ty))
}
pub fn instance_declaration(cx: &Context, decl: &TypeDeclaration) -> TypeDeclaration {
    let mut copy = Copy::new(cx);
    TypeDeclaration {
        params: copy.list(&decl.params),
        manifest: decl.manifest.map(|ty| copy.copy(ty)),
        kind: btype::map_type_kind(&decl.kind, &mut |ty| copy.copy(ty)),
        ..decl.clone()
    }
}
pub fn generic_instance_declaration(cx: &Context, decl: &TypeDeclaration) -> TypeDeclaration {
    with_level(cx, GENERIC_LEVEL, |cx| instance_declaration(cx, decl))
}
pub fn instance_class(cx: &Context, params: &[TypeId], cty: &ClassType) -> (Vec<TypeId>, ClassType) {
    let mut copy = Copy::new(cx);
    let params = copy.list(params);
    (params, map_class_type(cty, &mut |ty| copy.copy(ty)))
}
/// A class type with its types replaced.
pub(crate) fn map_class_type(cty: &ClassType, f: &mut dyn FnMut(TypeId) -> TypeId) -> ClassType {
    match cty {
        ClassType::Constr(path, args, inner) => {
            let args = args.iter().map(|ty| f(*ty)).collect();
            ClassType::Constr(path.clone(), args, Rc::new(map_class_type(inner, f)))
        }
        ClassType::Signature(sign) => ClassType::Signature(Rc::new(map_class_signature(sign, f))),
        ClassType::Arrow(label, ty, inner) => {
            let ty = f(*ty);
            ClassType::Arrow(*label, ty, Rc::new(map_class_type(inner, f)))
        }
    }
}
pub(crate) fn map_class_signature(sign: &ClassSignature, f: &mut dyn FnMut(TypeId) -> TypeId) -> ClassSignature {
    ClassSignature {
        self_: f(sign.self_),
        self_row: std::cell::Cell::new(f(sign.self_row.get())),
        vars: std::cell::RefCell::new(
            sign.vars.borrow().iter().map(|(name, (m, v, ty))| (*name, (*m, *v, f(*ty)))).collect(),
        ),
        meths: std::cell::RefCell::new(
            sign.meths.borrow().iter().map(|(name, (p, v, ty))| (*name, (*p, *v, f(*ty)))).collect(),
        ),
    }
}

// ---------------------------------------------------------------------------------------------
// First-class polymorphism

/// Copies a type with free univars in two steps: the nodes above a free univar as a graph of
/// their own, in which the univars are replaced, and all else as an ordinary instance. A
/// recursive type thus keeps its univars where they are bound again.
struct CopySep<'c, 'a> {
    copy: &'c mut Copy<'a>,
    free: Univars,
    fixed: bool,
    visited: TypeMap<TypeId>,
    delayed: Vec<(TypeId, TypeId)>,
}

impl CopySep<'_, '_> {
    fn run(mut self, ty: TypeId) -> TypeId {
        let result = self.rec(true, ty);
        for (stub, ty) in std::mem::take(&mut self.delayed) {
            let copy = self.copy.copy(ty);
            self.copy.cx.set_stub(stub, TypeDesc::Link(copy));
        }
        result
    }

    fn stub(&self, ty: TypeId) -> TypeId {
        let cx = self.copy.cx;
        cx.create(TypeDesc::Var(None), get_current_level(cx), cx.scope(ty))
    }

    fn rec(&mut self, may_share: bool, ty: TypeId) -> TypeId {
        let cx = self.copy.cx;
        let ty = cx.repr(ty);
        if cx.is_var(ty) || may_share && self.free.get(&ty).is_none_or(Vec::is_empty) {
            if cx.level(ty) != GENERIC_LEVEL {
                return ty;
            }
            let stub = self.stub(ty);
            self.delayed.push((stub, ty));
            return stub;
        }
        if let Some(copy) = self.visited.get(&ty) {
            return *copy;
        }
        let stub = self.stub(ty);
        self.visited.insert(ty, stub);
        let desc = match cx.desc(ty) {
            TypeDesc::Variant(row) => {
                let more = btype::row_more(cx, &row);
                if cx.is_var(more) && cx.level(more) != GENERIC_LEVEL {
                    self.delayed.push((stub, ty));
                    return stub;
                }
                let new_more = self.rec(false, more);
                let fixed = self.fixed && (cx.is_var(more) || btype::is_tunivar(cx, more));
                TypeDesc::Variant(btype::copy_row(cx, &mut |child| self.rec(true, child), fixed, &row, false, new_more))
            }
            TypeDesc::Field(name, kind, field, rest) => {
                let field = self.rec(true, field);
                TypeDesc::Field(name, cx.field_kind(kind), field, self.rec(false, rest))
            }
            desc => btype::copy_type_desc(cx, false, &desc, &mut |child| self.rec(true, child)),
        };
        cx.set_stub(stub, desc);
        stub
    }
}

fn poly_in(
    copy: &mut Copy<'_>,
    keep_names: bool,
    fixed: bool,
    univars: &[TypeId],
    ty: TypeId,
) -> (Vec<TypeId>, TypeId) {
    let cx = copy.cx;
    let vars: Vec<TypeId> = univars
        .iter()
        .map(|univar| match cx.desc(*univar) {
            TypeDesc::Univar(name) if keep_names => newty(cx, TypeDesc::Var(name)),
            _ => newvar(cx),
        })
        .collect();
    let visited = univars.iter().map(|univar| cx.repr(*univar)).zip(vars.iter().copied()).collect();
    let free = compute_univars(cx, ty);
    let ty = CopySep { copy, free, fixed, visited, delayed: Vec::new() }.run(ty);
    (vars, ty)
}

/// An instance of the body of a `Poly`, the univars replaced by variables.
pub fn instance_poly(
    cx: &Context,
    keep_names: bool,
    fixed: bool,
    univars: &[TypeId],
    ty: TypeId,
) -> (Vec<TypeId>, TypeId) {
    poly_in(&mut Copy::new(cx), keep_names, fixed, univars, ty)
}
/// Variables, field type and record type of a label.
pub fn instance_label(cx: &Context, fixed: bool, label: &LabelDescription) -> (Vec<TypeId>, TypeId, TypeId) {
    let mut copy = Copy::new(cx);
    let (vars, arg) = match cx.desc(label.arg) {
        TypeDesc::Poly(body, univars) => poly_in(&mut copy, false, fixed, &univars, body),
        _ => (Vec::new(), copy.copy(label.arg)),
    };
    let res = copy.copy(label.res);
    (vars, arg, res)
}

/// Closes a type over generic variables by a `Poly`; false if some are no longer variables.
pub fn polyfy(cx: &Context, env: &Env, ty: TypeId, vars: &[TypeId]) -> (TypeId, bool) {
    let vars: Vec<TypeId> = vars.iter().map(|var| expand_head(cx, env, expand_head(cx, env, *var))).collect();
    let mut copy = Copy::new(cx);
    let mut univars = Vec::new();
    for var in &vars {
        let var = cx.repr(*var);
        if let TypeDesc::Var(name) = cx.desc(var)
            && cx.level(var) == GENERIC_LEVEL
            && !copy.done.contains_key(&var)
        {
            let univar = newty(cx, TypeDesc::Univar(name));
            copy.done.insert(var, univar);
            univars.push(univar);
        }
    }
    let body = copy.copy(ty);
    let complete = univars.len() == vars.len();
    (cx.new_node(TypeDesc::Poly(body, univars.into()), cx.level(body)), complete)
}
/// Quantifies all variables of a generic type.
pub fn reify_univars(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    let vars = super::free_variables(cx, None, ty);
    polyfy(cx, env, ty, &vars).0
}
