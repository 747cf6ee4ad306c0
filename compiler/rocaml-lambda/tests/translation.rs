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
    let shown = |report| Style { short: true, ..Style::default() }.render(&report);
    let typed = match typemod::type_implementation(&cx, "test.ml", &env, &structure, &Interface::Inferred) {
        Err(e) => return shown(e.report(&cx)),
        Ok(typed) => typed,
    };
    match transl_implementation(&cx, unit, &typed, &Options::default()) {
        Err(report) => shown(report),
        Ok(program) => {
            let program = simplify(&cx, program);
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
        let marker = if tail.starts_with('/') {
            "/"
        } else if tail.starts_with("exit") {
            "exit"
        } else {
            ""
        };
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
    check(
        "let rec map f = function [] -> [] | x :: rest -> let y = f x in y :: map f rest",
        r#"
(letrec
 map/1 = (function f/2 param/3
   (if
     param/3
     (let y/4 = (apply f/2 (field 0 param/3))
      (makeblock 0 y/4 (apply map/1 f/2 (field 1 param/3))))
     0))
 (seq (setglobal 0 map/1)
  0))
"#,
    );
}

#[test]
fn references_become_variables() {
    check(
        "let sum a n = let s = ref 0. in for i = 0 to n do s := !s +. array_get a i done; !s",
        r#"
(seq
  (setglobal 0
    (function a/1 n/2[int] :float
      (let mut s/3[float] = 0.0
       (seq
         (for i/4 to
           0
           n/2
           (assign s/3 (+. *s/3 (ArrayRef(Float, Safe) a/1 i/4))))
        *s/3))))
 0)
"#,
    );
}

#[test]
fn pairs_are_not_made() {
    check(
        "let f a b = match a, b with
         | [], [] -> 0 | [], _ -> 1 | x :: _, y :: _ when x < y -> x | _ :: _, _ -> 2
         let g (x, y) = x + y
         let h c = let (a, b) = if c then (1, 2) else (3, 4) in a - b",
        r#"
(seq
  (setglobal 0
    (function a/1 b/2 :int
      (catch
        (if
          a/1
          (let alias *match*/3 = (field 0 a/1)
           (if
             b/2
             (if (< *match*/3 (field 0 b/2)) *match*/3 (exit1))
             (exit1)))
          (if b/2 1 0))
       with (exit1) 2)))
 (seq
   (setglobal 1
     (function tupled param/4[int] param/5[int] :int (+ param/4 param/5)))
  (seq
    (setglobal 2
      (function c/6[int] :int
        (catch (if c/6 (exit2 1 2) (exit2 3 4))
         with (exit2 a/7[int] b/8[int]) (- a/7 b/8))))
   0)))
"#,
    );
}

#[test]
fn characters_share_their_code() {
    check(
        "let kind = function 'a' .. 'z' | 'A' .. 'Z' | '_' -> 1 | '0' .. '9' -> 2 | ' ' | '\\n' -> 3 | _ -> 0",
        r#"
(seq
  (setglobal 0
    (function param/1[int] :int
      (catch
        (catch
          (catch
            (if
              (< param/1 58)
              (if
                (< param/1 32)
                (if (== param/1 10) (exit1) (exit2))
                (if (< param/1 33) (exit1) (if (< param/1 48) (exit2) 2)))
              (if
                (< param/1 95)
                (if (isout 25 (-65 param/1)) (exit2) (exit3))
                (if
                  (< param/1 97)
                  (if (== param/1 96) (exit2) (exit3))
                  (if (< param/1 123) (exit3) (exit2)))))
           with (exit3) 1)
         with (exit1) 3)
       with (exit2) 0)))
 0)
"#,
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
        r#"
(seq
  (setglobal 0
    (function param/1 :int
      (switch param/1
       int 0: 1
       int 1: 2
       tag 0: (field 0 param/1)
       tag 1:
         (let opt *match*/2 = (field_mut 0 param/1)
          *match*/2))))
 (seq
   (setglobal 1
     (function param/3 :int
       (catch
         (if
           (isint param/3)
           (if (== param/3 65) 1 (exit1))
           (if (== (field_int 0 param/3) 66) (field 1 param/3) (exit1)))
        with (exit1) 3)))
  (seq
    (setglobal 2
      (function param/4 :int
        (stringswitch param/4
         "a": 1
         "bc": 2
         default: 3)))
   (seq
     (setglobal 3
       (function param/5[float] :int
         (if
           (FloatComp(Eq) param/5 0.0)
           1
           (if (FloatComp(Eq) param/5 1.5) 2 3))))
    (seq
      (setglobal 4
        (function param/6 :int
          (catch
            (catch
              (switch param/6
               int 0: (exit2)
               int 1: (exit2)
               tag 0: (if (== (field 0 param/6) 1) 1 (exit3))
               default: (exit3))
             with (exit2) 0)
           with (exit3) (raise (makeblock 0 (predef Match_failure) [0: "test.ml" 6 17])))))
     0)))))
"#,
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
        r#"
(let E/1 = (makeblock 248 "Test.E" (caml_fresh_oo_id 0))
 (seq (setglobal 0 E/1)
  (let F/2 = (makeblock 248 "Test.F" (caml_fresh_oo_id 0))
   (seq (setglobal 1 F/2)
    (seq
      (setglobal 2
        (function g/3 :int
          (try (apply g/3 0)
           with exn/4
             (if
               (== (field 0 exn/4) E/1)
               (field 1 exn/4)
               (if (== exn/4 F/2) 0 (reraise exn/4))))))
     (seq
       (setglobal 3
         (function g/5 :int
           (catch
             (try (exit1 (apply g/5 0))
              with exn/6
                (if
                  (== (field 0 exn/6) E/1)
                  (field 1 exn/6)
                  (reraise exn/6)))
            with (exit1 val/7[int]) (+ val/7 1))))
      (seq
        (setglobal 4
          (function g/8
            (try (apply g/8 0)
             with e/9
               (seq (ignore 1)
                (reraise e/9)))))
       0)))))))
"#,
    );
}

#[test]
fn optional_arguments() {
    check(
        "let f ?(x = 1) y = x + y
         let g = f 2
         let h ~a ~b = a - b
         let k = h ~b:1",
        r#"
(let f_inner/1 = (function x/2[int] y/3[int] :int (+ x/2 y/3))
 (let f/4 =
   (function stub *opt*/5 y/6[int] :int
     (let x/7[int] = (if (isint *opt*/5) 1 (field 0 *opt*/5))
      (apply f_inner/1 x/7 y/6)))
  (seq (setglobal 0 f/4)
   (let g/8[int] = (apply f/4 0 2)
    (seq (setglobal 1 g/8)
     (let h/9 = (function a/10[int] b/11[int] :int (- a/10 b/11))
      (seq (setglobal 2 h/9)
       (seq (setglobal 3 (function stub param/12 (apply h/9 param/12 1)))
        0))))))))
"#,
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
        r#"
(seq (setglobal 6 1)
 (let hidden/1 = [0: 1 0]
  (seq (setglobal 7 hidden/1)
   (seq (setglobal 8 hidden/1)
    (let M/2 = (makeblock 0 1 hidden/1 hidden/1)
     (seq (setglobal 0 M/2)
      (seq (setglobal 1 (makeblock 0 (field 2 M/2)))
       (let F/3 =
         (function functor X/4 Y/5
           (let w/6[int] = (+ (field 0 X/4) (field 0 M/2))
            (makeblock 0 w/6)))
        (seq (setglobal 2 F/3)
         (let R/7 = (apply (apply F/3 [0: 2]) [0: ])
          (seq (setglobal 3 R/7)
           (let z/8[int] = (field 0 R/7)
            (seq (setglobal 9 z/8)
             (seq (setglobal 4 z/8)
              (seq (setglobal 10 3)
               (seq (setglobal 11 3)
                (let t/9[int] = (+ 3 z/8)
                 (seq (setglobal 5 t/9)
                  0))))))))))))))))))
"#,
    );
}

#[test]
fn recursive_values() {
    check(
        "let rec ones = 1 :: ones
         type t = { next : t; f : int -> int }
         let rec r = { next = r; f = g } and g x = r.f x
         let rec h = let k = ref 0 in fun x -> incr k; h (x + !k)",
        r#"
(let ones/1 = (caml_alloc_dummy 2)
 (seq (caml_update_dummy ones/1 (makeblock 0 1 ones/1))
  (seq (setglobal 0 ones/1)
   (let r/2 = (caml_alloc_dummy 2)
    (letrec
     g/3 = (function x/4[int] :int (apply (field 1 r/2) x/4))
     (seq (caml_update_dummy r/2 (makeblock 0 r/2 g/3))
      (seq (setglobal 1 r/2)
       (seq (setglobal 2 g/3)
        (let letrec_function_context/5 = (caml_alloc_dummy 1)
         (letrec
          h/6 = (function x/7[int]
            (let opt k/8 = (field_mut 0 letrec_function_context/5)
             (seq (+1:= k/8)
              (apply h/6 (+ x/7 (field_int_mut 0 k/8))))))
          (seq
            (caml_update_dummy
              letrec_function_context/5
              (let k/9 = (makemutable 0 0)
               (makemutable 0 k/9)))
           (seq (setglobal 3 h/6)
            0))))))))))))
"#,
    );
}

#[test]
fn local_functions_become_handlers() {
    check(
        "let f x y = let k n = n * n + x in if x < y then k 1 else if y = 0 then k 2 else k 3",
        r#"
(seq
  (setglobal 0
    (function x/1[int] y/2[int] :int
      (catch (if (< x/1 y/2) (exit1 1) (if (== y/2 0) (exit1 2) (exit1 3)))
       with (exit1 n/3[int]) (+ (* n/3 n/3) x/1))))
 0)
"#,
    );
}

#[test]
fn effects() {
    check(
        "type _ eff += E : int eff
         let f g = match g () with
         | x -> x
         | effect E, k -> 1",
        r#"
(let E/1 = (makeblock 248 "Test.E" (caml_fresh_oo_id 0))
 (seq (setglobal 0 E/1)
  (seq
    (setglobal 1
      (function g/2 :int
        (RunStack
          (caml_alloc_stack
            (function x/3 x/3)
            (function exn/4 (reraise exn/4))
            (function eff/5 k/6 ktail/7 (if (== eff/5 E/1) 1 (Reperform eff/5 k/6 ktail/7))))
          g/2
          0)))
   0)))
"#,
    );
}

#[test]
fn classes_need_the_library() {
    check(
        "class c = object method x = 1 end",
        r#"
File "_none_", line 1:
Error: The interface that defines CamlinternalOO.get_method_label is not available
"#,
    );
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
        r#"
(seq (setglobal 0 (function x/1[int] y/2[int] :int (< x/1 y/2)))
 (seq
   (setglobal 1 (function x/3[float] y/4[float] :int (CompareFloats x/3 y/4)))
  (seq
    (setglobal 2 (function x/5 y/6 :int (caml_string_equal x/5 y/6)))
   (seq (setglobal 3 (function x/7 y/8 :int (caml_equal x/7 y/8)))
    (seq
      (setglobal 4 (function x/9[int64] y/10[int64] :int (Int64.== x/9 y/10)))
     (seq (setglobal 5 (function x/11 :int (== x/11 0)))
      0))))))
"#,
    );
}
