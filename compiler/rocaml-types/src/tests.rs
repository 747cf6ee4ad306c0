//! Types built by hand, unified, generalised and printed.

use crate::ctype::*;
use crate::predef::*;
use crate::printtyp;
use crate::types::*;
use crate::{Context, Env};
use rocaml_base::{Location, Name};
use rocaml_syntax::asttypes::{ArgLabel, PrivateFlag};
use rocaml_syntax::longident::Longident;
use std::rc::Rc;

fn show(cx: &Context, ty: TypeId) -> String {
    printtyp::type_scheme(cx, ty).to_text()
}
fn arrow(cx: &Context, a: TypeId, b: TypeId) -> TypeId {
    newty(cx, TypeDesc::Arrow(ArgLabel::Nolabel, a, b, Commutable::Ok))
}

#[test]
fn generalised_functions_have_fresh_instances() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let id = with_local_level_generalize_always(cx, |cx| {
        let a = newvar(cx);
        arrow(cx, a, a)
    });
    assert_eq!(show(cx, id), "'a -> 'a");
    let use_ = instance(cx, id);
    let expected = arrow(cx, cx.predef().int, newvar(cx));
    unify(cx, &env, use_, expected).unwrap();
    assert_eq!(show(cx, use_), "int -> int");
    assert_eq!(show(cx, id), "'a -> 'a");
}

#[test]
fn weak_variables_and_structures_print_as_upstream() {
    let cx = &Context::for_tests();
    let weak = with_local_level(cx, |cx| type_list(cx, newvar(cx)));
    assert_eq!(show(cx, weak), "'_weak1 list");
    let pair =
        newgenty(cx, TypeDesc::Tuple([cx.predef().int, type_list(cx, cx.predef().string)].map(|t| (None, t)).into()));
    let f = newgenty(
        cx,
        TypeDesc::Arrow(ArgLabel::Optional(Name::new("l")), type_option(cx, pair), cx.predef().unit, Commutable::Ok),
    );
    assert_eq!(show(cx, f), "?l:int * string list -> unit");
}

#[test]
fn recursive_types_are_refused() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let a = newvar(cx);
    let list = type_list(cx, a);
    let error = unify(cx, &env, a, list).unwrap_err();
    assert!(matches!(error.trace.last(), Some(crate::errortrace::Elt::RecOccur(..))));
}

fn abbreviation(cx: &Context, params: Vec<TypeId>, body: TypeId) -> TypeDeclaration {
    TypeDeclaration {
        arity: params.len(),
        variance: vec![Variance::COVARIANT; params.len()],
        separability: vec![Separability::Ind; params.len()],
        params,
        kind: TypeKind::Abstract(AbstractOrigin::Definition),
        private: PrivateFlag::Public,
        manifest: Some(body),
        is_newtype: false,
        expansion_scope: 0,
        loc: Location::none(),
        attributes: Vec::new(),
        immediate: Immediacy::Unknown,
        unboxed_default: false,
        uid: cx.fresh_uid(),
    }
}

#[test]
fn abbreviations_expand_in_unification() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let a = newgenvar(cx, None);
    let pair = newgenty(cx, TypeDesc::Tuple([(None, a), (None, a)].into()));
    let decl = abbreviation(cx, vec![a], pair);
    let (id, env) = env.enter_type(cx, 0, Name::new("pair"), Rc::new(decl));
    let path = crate::Path::Ident(id);
    let t1 = newconstr(cx, &path, &[cx.predef().int]);
    let (x, y) = (newvar(cx), newvar(cx));
    let t2 = newty(cx, TypeDesc::Tuple([(None, x), (None, y)].into()));
    unify(cx, &env, t1, t2).unwrap();
    assert_eq!((show(cx, x), show(cx, y), show(cx, t1)), ("int".into(), "int".into(), "int pair".into()));
    let decl = env.find_type(cx, &path).unwrap();
    let text = printtyp::type_declaration(cx, id, &decl).to_text();
    assert_eq!(text, "type 'a pair = 'a * 'a");
}

#[test]
fn clashes_are_explained() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let (int, string) = (cx.predef().int, cx.predef().string);
    let error = unify(cx, &env, type_list(cx, int), type_list(cx, string)).unwrap_err();
    let text = printtyp::report_unification_error(
        cx,
        &env,
        &error,
        None,
        "This expression has type".into(),
        "but an expression was expected of type".into(),
    );
    let text = text.to_text();
    assert!(text.starts_with("This expression has type"), "{text}");
    assert!(text.contains("is not compatible with type"), "{text}");
}

#[test]
fn modules_have_components_and_open() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let t = crate::Ident::create_local(Name::new("t"));
    let int = cx.predef().int;
    let x = crate::Ident::create_local(Name::new("x"));
    let t_type = newgenty(cx, TypeDesc::Constr(crate::Path::Ident(t), [].into(), cx.new_memo()));
    let value = ValueDescription {
        type_: t_type,
        kind: ValueKind::Reg,
        loc: Location::none(),
        attributes: Vec::new(),
        uid: cx.fresh_uid(),
    };
    let sg = vec![
        SignatureItem::Type(t, Rc::new(abbreviation(cx, vec![], int)), RecStatus::First, Visibility::Exported),
        SignatureItem::Value(x, Rc::new(value), Visibility::Exported),
    ];
    let text = printtyp::signature(cx, &sg).to_text();
    assert_eq!(text, "type t = int\nval x : t");
    let (m, env) =
        env.enter_module(cx, 0, false, Name::new("M"), ModulePresence::Present, &ModuleType::Signature(Rc::new(sg)));
    let lid = Longident::parse("M.x");
    let (path, decl) = env.lookup_value(cx, true, Location::none(), &lid).unwrap();
    assert_eq!((path.name(), show(cx, decl.type_)), ("M.x".into(), "M.t".into()));
    unify(cx, &env, instance(cx, decl.type_), instance(cx, int)).unwrap();
    let opened = env
        .open_signature(cx, None, None, false, rocaml_syntax::asttypes::OverrideFlag::Fresh, &crate::Path::Ident(m))
        .ok()
        .unwrap();
    assert!(opened.find_value_by_name(cx, &Longident::parse("x")).is_some());
    let strong = env.find_strengthened_module(cx, true, &crate::Path::Ident(m)).unwrap();
    assert_eq!(printtyp::modtype(cx, &strong).to_text(), "sig type t = int val x : t end");
    let error = env.lookup_value(cx, true, Location::none(), &Longident::parse("M.y")).unwrap_err();
    assert!(error.report(cx).main.txt.to_text().contains("Unbound value"));
}

#[test]
fn generality_and_equality() {
    let cx = &Context::for_tests();
    let env = Env::initial(cx);
    let poly = with_local_level_generalize_always(cx, |cx| {
        let a = newvar(cx);
        arrow(cx, a, a)
    });
    let mono = newgenty(cx, TypeDesc::Arrow(ArgLabel::Nolabel, cx.predef().int, cx.predef().int, Commutable::Ok));
    assert!(is_moregeneral(cx, &env, false, poly, mono));
    assert!(!is_moregeneral(cx, &env, false, mono, poly));
    assert!(is_equal(cx, &env, true, &[poly], &[generic_instance(cx, poly)]));
    assert!(!is_equal(cx, &env, true, &[poly], &[mono]));
}
