//! `#show` and its kin: what a name in scope stands for, as items of a signature.

use crate::session::Session;
use rocaml_base::{Loc, Location, Name};
use rocaml_diag::Doc;
use rocaml_syntax::ast::{Attribute, Payload};
use rocaml_syntax::asttypes::PrivateFlag;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::*;
use rocaml_types::{datarepr, printtyp};
use std::rc::Rc;

type Show = fn(&Context, &Env, Ident, &Longident) -> Option<Vec<SignatureItem>>;

/// The directives, each with what it looks for; `#show` asks them all.
const KINDS: [(&str, Show); 8] = [
    ("show_val", value),
    ("show_type", type_),
    ("show_constructor", constructor),
    ("show_exception", exception),
    ("show_module", module),
    ("show_module_type", module_type),
    ("show_class", class),
    ("show_class_type", class_type),
];

/// Whether a directive shows something.
pub fn is_directive(name: &str) -> bool {
    name == "show" || KINDS.iter().any(|(known, _)| *known == name)
}

/// The names of these directives.
pub fn directives() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(["show"])
}

/// What a directive says of a name.
pub fn text(session: &Session, directive: &str, lid: &Longident) -> String {
    let (cx, env) = (&session.cx, session.env());
    let Some(name) = lid.last() else {
        return Doc::template("Invalid path %a@.", &[printtyp::longident(lid)]).to_text();
    };
    let id = Ident::global(name);
    let mut items = Vec::new();
    for (_, show) in KINDS.iter().filter(|(known, _)| directive == "show" || *known == directive) {
        items.extend(show(cx, env, id, lid).unwrap_or_default());
    }
    if items.is_empty() {
        return "Unknown element.\n".to_owned();
    }
    printtyp::wrap_printing_env(cx, env, false, || {
        Doc::template("@[%a@]@.", &[printtyp::signature(cx, &items)]).to_text()
    })
}

fn exported(item: SignatureItem) -> Option<Vec<SignatureItem>> {
    Some(vec![item])
}

fn value(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (_, desc) = env.find_value_by_name(cx, lid)?;
    exported(SignatureItem::Value(id, desc, Visibility::Exported))
}

fn type_(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (path, decl) = env.find_type_by_name(cx, lid)?;
    let (id, status) = match path {
        Path::Ident(own) if is_nonrec(cx, own, &decl) => (own, RecStatus::Not),
        Path::Ident(own) => (own, RecStatus::First),
        _ => (id, RecStatus::First),
    };
    exported(SignatureItem::Type(id, decl, status, Visibility::Exported))
}

/// Whether a declaration uses another type of its name, and not itself.
fn is_nonrec(cx: &Context, id: Ident, decl: &TypeDeclaration) -> bool {
    let (mut itself, mut another) = (false, false);
    let mut seen = Vec::new();
    let mut pending: Vec<TypeId> = decl.manifest.into_iter().collect();
    match &decl.kind {
        TypeKind::Record(labels, _) => pending.extend(labels.iter().map(|label| label.type_)),
        TypeKind::Variant(constructors, _) => {
            for constructor in constructors.iter() {
                match &constructor.args {
                    ConstructorArguments::Tuple(tys) => pending.extend(tys),
                    ConstructorArguments::Record(labels) => pending.extend(labels.iter().map(|label| label.type_)),
                }
                pending.extend(constructor.res);
            }
        }
        TypeKind::Abstract(_) | TypeKind::Open => {}
    }
    while let Some(ty) = pending.pop() {
        let ty = cx.repr(ty);
        if seen.contains(&ty) {
            continue;
        }
        seen.push(ty);
        if let TypeDesc::Constr(Path::Ident(used), ..) = cx.desc(ty)
            && used.name() == id.name()
        {
            itself |= used == id;
            another |= used != id;
        }
        btype::iter_type_expr(cx, ty, &mut |part| pending.push(part));
    }
    another && !itself
}

fn is_exception(cx: &Context, constructor: &ConstructorDescription) -> bool {
    let path = datarepr::cstr_res_type_path(cx, constructor);
    cx.predef().find_type_constr(&path) == Some(TypeConstr::Exn)
}

fn extension(path: Path, params: Vec<TypeId>, of: &ConstructorDescription) -> ExtensionConstructor {
    ExtensionConstructor {
        type_path: path,
        type_params: params,
        args: ConstructorArguments::Tuple(of.args.clone()),
        ret_type: of.generalized.then_some(of.res),
        private: PrivateFlag::Public,
        loc: of.loc,
        attributes: of.attributes.clone(),
        uid: of.uid.clone(),
    }
}

fn constructor(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let desc = env.find_constructor_by_name(cx, lid)?;
    if is_exception(cx, &desc) {
        return None;
    }
    let path = datarepr::cstr_res_type_path(cx, &desc);
    let decl = env.find_type(cx, &path)?;
    if matches!(desc.tag, ConstructorTag::Extension(..)) {
        let ext = Rc::new(extension(path, decl.params.clone(), &desc));
        return exported(SignatureItem::Typext(id, ext, ExtStatus::First, Visibility::Exported));
    }
    let id = Ident::global(Name::new(&path.name()));
    exported(SignatureItem::Type(id, decl, RecStatus::First, Visibility::Exported))
}

fn exception(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let desc = env.find_constructor_by_name(cx, lid)?;
    if !is_exception(cx, &desc) {
        return None;
    }
    let ext = Rc::new(extension(cx.predef().path(TypeConstr::Exn), Vec::new(), &desc));
    exported(SignatureItem::Typext(id, ext, ExtStatus::Exception, Visibility::Exported))
}

fn module(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (mut path, mut decl) = env.find_module_by_name(cx, lid)?;
    let id = if let Path::Ident(own) = path { own } else { id };
    let mut items = Vec::new();
    loop {
        let shown = ModuleDeclaration { type_: trimmed(&decl.type_), ..(*decl).clone() };
        let item =
            SignatureItem::Module(id, ModulePresence::Present, Rc::new(shown), RecStatus::Not, Visibility::Exported);
        let ModuleType::Alias(next) = decl.type_.clone() else {
            items.push(item);
            return Some(items);
        };
        if !is_secretly_same(cx, &path, &next) {
            items.push(item);
        }
        decl = env.find_module(cx, &next)?;
        path = next;
    }
}

/// A signature whose modules are shown by their names alone.
fn trimmed(mty: &ModuleType) -> ModuleType {
    let ModuleType::Signature(sg) = mty else { return mty.clone() };
    let dots = || {
        let none = Location::none();
        Attribute { name: Loc::new(Name::new("..."), none), payload: Payload::Str(Vec::new()), loc: none }
    };
    let items = sg.iter().map(|item| match item {
        SignatureItem::Module(id, presence, decl, status, visibility) => {
            let mut decl = (**decl).clone();
            let mut attributes = vec![dots()];
            attributes.extend(decl.attributes.iter().cloned());
            decl.attributes = attributes.into();
            SignatureItem::Module(*id, *presence, Rc::new(decl), *status, *visibility)
        }
        item => item.clone(),
    });
    ModuleType::Signature(Rc::new(items.collect()))
}

fn is_secretly_same(cx: &Context, a: &Path, b: &Path) -> bool {
    printtyp::shorten(cx, a) == printtyp::shorten(cx, b)
}

fn module_type(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (mut path, mut decl) = env.find_modtype_by_name(cx, lid)?;
    let id = if let Path::Ident(own) = path { own } else { id };
    let mut items = Vec::new();
    loop {
        let item = SignatureItem::Modtype(id, decl.clone(), Visibility::Exported);
        let Some(ModuleType::Ident(next)) = decl.type_.clone() else {
            items.push(item);
            return Some(items);
        };
        if !is_secretly_same(cx, &path, &next) {
            items.push(item);
        }
        decl = env.find_modtype(cx, &next)?;
        path = next;
    }
}

fn class(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (_, decl) = env.find_class_by_name(cx, lid)?;
    let mut items = vec![SignatureItem::Class(id, decl, RecStatus::Not, Visibility::Exported)];
    items.extend(class_type(cx, env, id, lid)?);
    Some(items)
}

fn class_type(cx: &Context, env: &Env, id: Ident, lid: &Longident) -> Option<Vec<SignatureItem>> {
    let (_, decl) = env.find_cltype_by_name(cx, lid)?;
    let (_, type_decl) = env.find_type_by_name(cx, lid)?;
    Some(vec![
        SignatureItem::ClassType(id, decl, RecStatus::Not, Visibility::Exported),
        SignatureItem::Type(id, type_decl, RecStatus::Not, Visibility::Exported),
    ])
}
