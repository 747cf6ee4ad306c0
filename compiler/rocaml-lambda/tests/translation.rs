//! From source to simplified Lambda: small programs with the text that `-dlambda` shows.
//!
//! Programs see only the predefined types, and what [`PRELUDE`] declares. Stamps of idents are
//! replaced by numbers in order of appearance, so that a test does not depend on others.

use rocaml_base::Name;
use rocaml_diag::report::Style;
use rocaml_lambda::{Options, print, simplify, transl_implementation};
use rocaml_syntax::parser;
use rocaml_types::context::{self, Context, Silent};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::NoUnits;
use rocaml_typing::typemod::{self, Interface};
use std::collections::HashMap;
use std::rc::Rc;

const PRELUDE: &str = r#"external ( + ) : int -> int -> int = "%addint"
external ( - ) : int -> int -> int = "%subint"
external ( * ) : int -> int -> int = "%mulint"
external ( +. ) : float -> float -> float = "%addfloat"
external ( = ) : 'a -> 'a -> bool = "%equal"
external ( < ) : 'a -> 'a -> bool = "%lessthan"
external compare : 'a -> 'a -> int = "%compare"
external ( && ) : bool -> bool -> bool = "%sequand"
external ( |> ) : 'a -> ('a -> 'b) -> 'b = "%revapply"
external raise : exn -> 'a = "%raise"
external ignore : 'a -> unit = "%ignore"
type 'a ref = { mutable contents : 'a }
external ref : 'a -> 'a ref = "%makemutable"
external ( ! ) : 'a ref -> 'a = "%field0"
external ( := ) : 'a ref -> 'a -> unit = "%setfield0"
external incr : int ref -> unit = "%incr"
external array_get : 'a array -> int -> 'a = "%array_safe_get"
"#;

/// The simplified Lambda of a program, or the error.
fn translated(program: &str) -> String {
    let file = Name::new("test.ml");
    let source = format!("{PRELUDE}# 1 \"test.ml\"\n{program}");
    let parsed = parser::parse_implementation(file, source.as_bytes(), Default::default());
    let Ok(structure) = parsed.result else { return "syntax error".to_owned() };
    let cx = Context::new(context::Options::default(), Rc::new(Silent), Rc::new(NoUnits));
    let unit = Name::new("Test");
    cx.set_current_unit(Some(unit), false);
    typemod::install_hooks(&cx);
    let env = Env::initial(&cx);
    let shown = |report| Style { source: None, short: true, color: false }.render(&report);
    let typed = match typemod::type_implementation(&cx, "test.ml", &env, &structure, &Interface::Inferred) {
        Err(e) => return shown(e.report(&cx)),
        Ok(typed) => typed,
    };
    match transl_implementation(&cx, unit, &typed, &Options::default()) {
        Err(report) => shown(report),
        Ok(program) => {
            let program = simplify(program);
            stable(&print::lambda(&program.code))
        }
    }
}

/// Renumbers the stamps of idents (`x/1234`) and labels (`exit12`).
fn stable(text: &str) -> String {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['/', 'e']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let marker = if tail.starts_with('/') { "/" } else if tail.starts_with("exit") { "exit" } else { "" };
        let digits: String = tail[marker.len()..].chars().take_while(char::is_ascii_digit).collect();
        if marker.is_empty() || digits.is_empty() {
            out.push_str(&tail[..1]);
            rest = &tail[1..];
            continue;
        }
        let next = numbers.keys().filter(|key| key.starts_with(marker)).count() + 1;
        let number = *numbers.entry(format!("{marker}{digits}")).or_insert(next);
        out.push_str(&format!("{marker}{number}"));
        rest = &tail[marker.len() + digits.len()..];
    }
    out + rest
}

#[track_caller]
fn check(program: &str, expected: &str) {
    let actual = translated(program);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        println!("=====\n{program}\n-----\n{actual}\n");
    } else {
        assert_eq!(actual.trim(), expected.trim(), "\n{actual}");
    }
}

#[test]
fn lists_are_tested_once() {
    check("let rec map f = function [] -> [] | x :: rest -> let y = f x in y :: map f rest", "");
}

#[test]
fn references_become_variables() {
    check("let sum a n = let s = ref 0. in for i = 0 to n do s := !s +. array_get a i done; !s", "");
}

#[test]
fn pairs_are_not_made() {
    check(
        "let f a b = match a, b with
         | [], [] -> 0 | [], _ -> 1 | x :: _, y :: _ when x < y -> x | _ :: _, _ -> 2
         let g (x, y) = x + y
         let h c = let (a, b) = if c then (1, 2) else (3, 4) in a - b",
        "",
    );
}

#[test]
fn characters_share_their_code() {
    check(
        "let kind = function 'a' .. 'z' | 'A' .. 'Z' | '_' -> 1 | '0' .. '9' -> 2 | ' ' | '\\n' -> 3 | _ -> 0",
        "",
    );
}

#[test]
fn variants_strings_and_floats() {
    check(
        "type t = A | B | C of int | D of { mutable x : int; y : float }
         let f = function A -> 1 | C n -> n | D { x; _ } -> x | B -> 2
         let g = function `A -> 1 | `B n -> n | _ -> 3
         let s = function \"a\" -> 1 | \"bc\" -> 2 | _ -> 3
         let k = function 0. -> 1 | 1.5 -> 2 | _ -> 3
         let p = function A | B -> 0 | C 1 -> 1",
        "",
    );
}

#[test]
fn exceptions() {
    check(
        "exception E of int
         exception F
         let f g = try g () with E n -> n | F -> 0
         let h g = match g () with x -> x + 1 | exception (E n) -> n
         let r g = try g () with e -> ignore 1; raise e",
        "",
    );
}

#[test]
fn optional_arguments() {
    check(
        "let f ?(x = 1) y = x + y
         let g = f 2
         let h ~a ~b = a - b
         let k = h ~b:1",
        "",
    );
}

#[test]
fn modules_and_functors() {
    check(
        "module M = struct let x = 1 let hidden = [x] let y = hidden end
         module N : sig val y : int list end = M
         module F (X : sig val v : int end) (Y : sig end) = struct let w = X.v + M.x end
         module R = F (struct let a = 0 let v = 2 end) (struct end)
         include struct let z = R.w end
         open struct let q = 3 end
         let t = q + z",
        "",
    );
}

#[test]
fn recursive_values() {
    check(
        "let rec ones = 1 :: ones
         type t = { next : t; f : int -> int }
         let rec r = { next = r; f = g } and g x = r.f x
         let rec h = let k = ref 0 in fun x -> incr k; h (x + !k)",
        "",
    );
}

#[test]
fn local_functions_become_handlers() {
    check(
        "let f x y = let k n = n * n + x in if x < y then k 1 else if y = 0 then k 2 else k 3",
        "",
    );
}

#[test]
fn effects() {
    check(
        "type _ eff += E : int eff
         let f g = match g () with
         | x -> x
         | effect E, k -> 1",
        "",
    );
}

#[test]
fn classes_are_refused() {
    check("class c = object end", "");
}

#[test]
fn comparisons_know_their_types() {
    check(
        "let a (x : int) y = x < y
         let b (x : float) y = compare x y
         let c (x : string) y = x = y
         let d x y = x = y
         let e (x : int64) y = x = y
         let f x = x = None",
        "",
    );
}
