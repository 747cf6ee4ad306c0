//! Free modules of small programs.

use crate::{Analysis, Bound, Node, Outcome, approximate};
use rocaml_base::Name;
use rocaml_syntax::lexer::LexOptions;
use rocaml_syntax::{ParseOptions, parse_implementation, parse_interface, parse_simple_module_path};

fn names(names: &crate::Names) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
}

fn walk(analysis: Analysis, bound: Bound, text: &str) -> Outcome {
    let parsed = parse_implementation(Name::new("a.ml"), text.as_bytes(), ParseOptions::default());
    analysis.implementation(bound, &parsed.result.expect("it parses"))
}

fn free(text: &str) -> String {
    names(&walk(Analysis::new(false), Bound::default(), text).free)
}

#[test]
fn paths_count_unless_they_are_bound() {
    assert_eq!(free("let x = A.y + B.C.z"), "A B");
    assert_eq!(free("module A = struct let y = 1 end let x = A.y"), "");
    assert_eq!(free("let x = let module A = B in A.C.y"), "B");
    assert_eq!(free("let f (module A : S.T) = A.x"), "S");
    assert_eq!(free("let f (module A : S.T) = () let x = A.x"), "A S");
    assert_eq!(free("type t = A.t -> B.t list and u = C.(t * D.t)"), "A B C D");
    assert_eq!(free("let (let*) = F.bind let x = let* A.C = B.y in A.z"), "A B F");
    assert_eq!(free("class c = object (_ : A.t) inherit B.c val x = C.x method m = D.y end"), "A B C D");
    assert_eq!(free("let x = [%extension_constructor A.E]"), "A");
}

#[test]
fn aliases_count_when_they_are_defined_or_used() {
    assert_eq!(free("module A = B"), "B");
    assert_eq!(free("module M = struct module A = B end open M let x = A.y"), "B");
    let delayed = |text: &str| names(&walk(Analysis::new(true), Bound::default(), text).free);
    assert_eq!(delayed("module A = B"), "");
    assert_eq!(delayed("module A = B let x = A.y"), "B");
    assert_eq!(delayed("module A = B.C"), "B");
}

#[test]
fn maps_stand_for_the_units_behind_their_aliases() {
    let map = walk(Analysis::new(true), Bound::default(), "module A = LibA module B = LibB").defined;
    let mut bound = Bound::default();
    let lib = Name::new("Lib");
    bound.insert(lib, Node::of(map).weakened(&crate::Names::from([lib])));
    let mut analysis = Analysis::new(false);
    let path = parse_simple_module_path(Name::new(""), b"Lib", ParseOptions::default()).result.expect("a path");
    let bound = analysis.open(&bound, &path.txt);
    assert_eq!(names(&walk(analysis, bound, "let x = A.y + C.z").free), "C Lib LibA");
}

#[test]
fn interfaces_have_dependencies_too() {
    let text = "module A = B module M : sig module C = D end include module type of struct include M end val x : C.t";
    let parsed = parse_interface(Name::new("a.mli"), text.as_bytes(), ParseOptions::default());
    let outcome = Analysis::new(false).interface(Bound::default(), &parsed.result.expect("it parses"));
    assert_eq!(names(&outcome.free), "B D");
}

#[test]
fn errors_of_rewriters_are_found() {
    assert!(walk(Analysis::new(false), Bound::default(), "let x = [%error \"no\"]").error.is_some());
    assert!(walk(Analysis::new(false), Bound::default(), "let x = [%other]").error.is_none());
}

#[test]
fn texts_that_do_not_parse_are_approximated() {
    let options = LexOptions { hash_bang: true, docstrings: false, keywords: None };
    let names_of = |text: &str| names(&approximate(Name::new(""), text.as_bytes(), options).0);
    assert_eq!(names_of("let x = = A.B.c `D x.E.f (* G *) \"H\" I"), "A E I");
    assert_eq!(names_of("A ? \u{1} B \\ C"), "A B C");
    assert_eq!(names_of("A (* B"), "A");
    assert_eq!(names_of("\" A"), "");
}
