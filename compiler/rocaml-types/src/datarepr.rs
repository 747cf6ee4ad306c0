//! Descriptions of constructors and labels from type declarations: upstream's `Datarepr`.

use crate::Ident;
use crate::btype::{self, TypeSet};
use crate::context::Context;
use crate::path::{ExtraTy, Path};
use crate::types::*;
use rocaml_base::Location;
use rocaml_syntax::asttypes::PrivateFlag;
use std::rc::Rc;

fn newgenconstr(cx: &Context, path: &Path, args: &[TypeId]) -> TypeId {
    btype::newgenty(cx, TypeDesc::Constr(path.clone(), args.into(), cx.new_memo()))
}

/// The variables of types in order of creation; with `param`, open rows of variants count.
fn free_vars(cx: &Context, param: bool, tys: &[TypeId]) -> Vec<TypeId> {
    let mut visited = TypeSet::default();
    let mut vars = Vec::new();
    let mut stack = tys.to_vec();
    while let Some(ty) = stack.pop() {
        let ty = cx.repr(ty);
        if !visited.insert(ty) {
            continue;
        }
        match cx.desc(ty) {
            TypeDesc::Var(_) => vars.push(ty),
            TypeDesc::Variant(row) => {
                btype::iter_row(cx, &row, &mut |child| stack.push(child));
                if !btype::static_row(cx, &row) {
                    let more = btype::row_more(cx, &row);
                    if param && cx.is_var(more) { vars.push(ty) } else { stack.push(more) }
                }
            }
            _ => btype::iter_type_expr(cx, ty, &mut |child| stack.push(child)),
        }
    }
    vars.sort();
    vars.dedup();
    vars
}

fn arg_types(args: &ConstructorArguments) -> Vec<TypeId> {
    let mut tys = Vec::new();
    btype::iter_cstr_args(args, &mut |ty| tys.push(ty));
    tys
}

/// Types of the arguments; existentials.
pub fn constructor_existentials(
    cx: &Context,
    args: &ConstructorArguments,
    res: Option<TypeId>,
) -> (Vec<TypeId>, Vec<TypeId>) {
    let tys = arg_types(args);
    let Some(res) = res else { return (tys, Vec::new()) };
    let in_result = free_vars(cx, false, &[res]);
    let existentials = free_vars(cx, false, &tys).into_iter().filter(|var| !in_result.contains(var)).collect();
    (tys, existentials)
}

/// Existentials, arguments, declaration of the inline record.
fn constructor_args(
    cx: &Context,
    private: PrivateFlag,
    args: &ConstructorArguments,
    res: Option<TypeId>,
    path: Path,
    rep: RecordRepresentation,
    uid: u32,
) -> (Vec<TypeId>, Vec<TypeId>, Option<Rc<TypeDeclaration>>) {
    let (tys, existentials) = constructor_existentials(cx, args, res);
    let ConstructorArguments::Record(labels) = args else { return (existentials, tys, None) };
    let params = free_vars(cx, true, &tys);
    let arity = params.len();
    let arg = newgenconstr(cx, &path, &params);
    let decl = TypeDeclaration {
        params,
        arity,
        kind: TypeKind::Record(labels.clone(), rep),
        private,
        manifest: None,
        variance: Variance::unknown_signature(true, arity),
        separability: Separability::default_signature(arity),
        is_newtype: false,
        expansion_scope: 0,
        loc: Location::none(),
        attributes: Vec::new(),
        immediate: Immediacy::Unknown,
        unboxed_default: false,
        uid: cx.reserved_uid(uid),
    };
    (existentials, vec![arg], Some(Rc::new(decl)))
}

fn is_constant(args: &ConstructorArguments) -> bool {
    matches!(args, ConstructorArguments::Tuple(tys) if tys.is_empty())
}

fn is_inline_record(args: &ConstructorArguments) -> bool {
    matches!(args, ConstructorArguments::Record(_))
}

/// Takes the identities of the types of inline records. A type's descriptions are made when they are first looked at,
/// but identities count from when it is bound.
pub fn reserve_uids_of_type(cx: &Context, decl: &TypeDeclaration) -> u32 {
    let count = match &decl.kind {
        TypeKind::Variant(cstrs, _) => cstrs.iter().filter(|c| is_inline_record(&c.args)).count(),
        _ => 0,
    };
    cx.reserve_uids(count)
}

pub(crate) fn reserve_uid_of_extension(cx: &Context, ext: &ExtensionConstructor) -> u32 {
    cx.reserve_uids(usize::from(is_inline_record(&ext.args)))
}

/// Identities of inline records are numbered from `first_uid` on.
pub(crate) fn constructors_of_type(
    cx: &Context,
    path: &Path,
    decl: &TypeDeclaration,
    first_uid: u32,
) -> Vec<(Ident, Rc<ConstructorDescription>)> {
    let TypeKind::Variant(cstrs, rep) = &decl.kind else { return Vec::new() };
    let default_res = newgenconstr(cx, path, &decl.params);
    let consts = cstrs.iter().filter(|c| is_constant(&c.args)).count() as u32;
    let nonconsts = cstrs.len() as u32 - consts;
    let (mut next_const, mut next_block) = (0, 0);
    // Upstream numbers from the last constructor to the first.
    let mut uid = first_uid + cstrs.iter().filter(|c| is_inline_record(&c.args)).count() as u32;
    let describe = |c: &ConstructorDeclaration| {
        let inline_rep = match rep {
            VariantRepresentation::Unboxed => RecordRepresentation::Unboxed(true),
            VariantRepresentation::Regular => RecordRepresentation::Inlined(next_block),
        };
        let tag = match rep {
            VariantRepresentation::Unboxed => ConstructorTag::Unboxed,
            VariantRepresentation::Regular if is_constant(&c.args) => {
                next_const += 1;
                ConstructorTag::Constant(next_const - 1)
            }
            VariantRepresentation::Regular => {
                next_block += 1;
                ConstructorTag::Block(next_block - 1)
            }
        };
        let inline_path = Path::ExtraTy(Rc::new(path.clone()), ExtraTy::CstrTy(c.id.name()));
        uid -= u32::from(is_inline_record(&c.args));
        let (existentials, args, inlined) =
            constructor_args(cx, decl.private, &c.args, c.res, inline_path, inline_rep, uid);
        let description = ConstructorDescription {
            name: c.id.name(),
            res: c.res.unwrap_or(default_res),
            existentials,
            arity: args.len(),
            args,
            tag,
            consts,
            nonconsts,
            generalized: c.res.is_some(),
            private: decl.private,
            loc: c.loc,
            attributes: c.attributes.clone(),
            inlined,
            uid: c.uid,
        };
        (c.id, Rc::new(description))
    };
    cstrs.iter().map(describe).collect()
}

pub(crate) fn extension_descr(
    cx: &Context,
    path: &Path,
    ext: &ExtensionConstructor,
    uid: u32,
) -> ConstructorDescription {
    let inline_path = Path::ExtraTy(Rc::new(path.clone()), ExtraTy::ExtTy);
    let rep = RecordRepresentation::Extension(path.clone());
    let (existentials, args, inlined) =
        constructor_args(cx, ext.private, &ext.args, ext.ret_type, inline_path, rep, uid);
    ConstructorDescription {
        name: path.last(),
        res: ext.ret_type.unwrap_or_else(|| newgenconstr(cx, &ext.type_path, &ext.type_params)),
        existentials,
        arity: args.len(),
        tag: ConstructorTag::Extension(path.clone(), args.is_empty()),
        args,
        consts: 0,
        nonconsts: 0,
        generalized: ext.ret_type.is_some(),
        private: ext.private,
        loc: ext.loc,
        attributes: ext.attributes.clone(),
        inlined,
        uid: ext.uid,
    }
}

pub fn labels_of_type(cx: &Context, path: &Path, decl: &TypeDeclaration) -> Vec<(Ident, Rc<LabelDescription>)> {
    let TypeKind::Record(labels, rep) = &decl.kind else { return Vec::new() };
    let res = newgenconstr(cx, path, &decl.params);
    let all = AllLabels::default();
    let descriptions: Vec<Rc<LabelDescription>> = labels
        .iter()
        .enumerate()
        .map(|(pos, l)| {
            Rc::new(LabelDescription {
                name: l.id.name(),
                res,
                arg: l.type_,
                mutable: l.mutable,
                atomic: l.atomic,
                pos,
                all: all.clone(),
                repres: rep.clone(),
                private: decl.private,
                loc: l.loc,
                attributes: l.attributes.clone(),
                uid: l.uid,
            })
        })
        .collect();
    let idents = labels.iter().map(|l| l.id);
    let result = idents.zip(descriptions.iter().cloned()).collect();
    // The cell is fresh; the labels of a record know each other from here on.
    let _ = all.0.set(descriptions);
    result
}

/// The declaration of the constructor with a run-time tag.
pub fn find_constr_by_tag<'a>(
    tag: &ConstructorTag,
    cstrs: &'a [ConstructorDeclaration],
) -> Option<&'a ConstructorDeclaration> {
    let (constant, index) = match tag {
        ConstructorTag::Constant(n) => (true, *n as usize),
        ConstructorTag::Block(n) => (false, *n as usize),
        ConstructorTag::Unboxed => (false, 0),
        ConstructorTag::Extension(..) => return None,
    };
    cstrs.iter().filter(|c| is_constant(&c.args) == constant).nth(index)
}

fn equal_tag(t1: &ConstructorTag, t2: &ConstructorTag) -> bool {
    match (t1, t2) {
        (ConstructorTag::Extension(p1, _), ConstructorTag::Extension(p2, _)) => p1 == p2,
        _ => t1 == t2,
    }
}
/// Whether the constructors build equal values from equal arguments.
pub fn equal_constr(c1: &ConstructorDescription, c2: &ConstructorDescription) -> bool {
    equal_tag(&c1.tag, &c2.tag)
}
/// Whether they may be the same: extension constructors may be rebindings of each other.
pub fn may_equal_constr(c1: &ConstructorDescription, c2: &ConstructorDescription) -> bool {
    c1.arity == c2.arity
        && match (&c1.tag, &c2.tag) {
            (ConstructorTag::Extension(..), ConstructorTag::Extension(..)) => true,
            (t1, t2) => equal_tag(t1, t2),
        }
}
fn head_path(cx: &Context, ty: TypeId) -> Path {
    match cx.desc(ty) {
        TypeDesc::Constr(path, ..) => path,
        _ => Path::Ident(Ident::create_local(rocaml_base::Name::new("_"))),
    }
}
/// The type constructor of a constructor's result.
pub fn cstr_res_type_path(cx: &Context, cstr: &ConstructorDescription) -> Path {
    head_path(cx, cstr.res)
}
/// The type constructor of a label's record.
pub fn lbl_res_type_path(cx: &Context, label: &LabelDescription) -> Path {
    head_path(cx, label.res)
}
