//! From source to simplified Lambda: small programs with the text that `-dlambda` shows.
//!
//! Programs see only the predefined types, and what [`PRELUDE`] declares. Stamps and labels are
//! replaced by numbers in order of appearance, so that a test does not depend on others.

use rocaml_base::Name;
use rocaml_diag::report::Style;
use rocaml_lambda::print::{self, Names, Stamps};
use rocaml_lambda::{Options, prepare_native, simplify, transl_implementation};
use rocaml_syntax::parser;
use rocaml_types::context::{self, Context, Silent};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::NoUnits;
use rocaml_typing::typemod::{self, Interface};
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
    translated_for(program, false)
}

/// The Lambda of a program, as it is when native code is made of it if that is said.
fn translated_for(program: &str, native: bool) -> String {
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
            let mut program = match simplify(&cx, program) {
                Err(report) => return shown(report),
                Ok(program) => program,
            };
            if native {
                prepare_native(&mut program);
            }
            stable(&print::program(&program, &Names::new(Stamps::Canonical)))
        }
    }
}

/// Renumbers the labels of handlers by order of appearance.
fn stable(text: &str) -> String {
    let mut numbers: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, marker)) = ["(exit ", "with ("].iter().filter_map(|m| Some((rest.find(m)?, *m))).min() {
        let (before, tail) = rest.split_at(at + marker.len());
        out.push_str(before);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, tail) = tail.split_at(end);
        let number = numbers.iter().position(|known| known == digits).unwrap_or_else(|| {
            numbers.push(digits.to_owned());
            numbers.len() - 1
        });
        out.push_str(&(number + 1).to_string());
        rest = tail;
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
  (map/0
     (function f/0 param/0
       (if (isint param/0) 0
         (let (y/0 = (apply f/0 (field_imm 0 param/0)))
           (makeblock 0 y/0 (apply map/0 f/0 (field_imm 1 param/0)))))))
  (seq (setfield_ptr(root-init) 0 (global Test!) map/0) 0))
"#,
    );
}

#[test]
fn references_become_variables() {
    check(
        "let sum a n = let s = ref 0. in for i = 0 to n do s := !s +. array_get a i done; !s",
        r#"
(let
  (sum/0 =
     (function a/0 n/0[int] : float
       (let (s/0 =mut[float] 0.)
         (seq
           (for i/0 0 to n/0
             (assign s/0 (+. *s/0 (array.get[float] a/0 i/0))))
           *s/0))))
  (seq (setfield_ptr(root-init) 0 (global Test!) sum/0) 0))
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
(let
  (f/0 =
     (function a/0 b/0 : int
       (if (isint a/0) (if (isint b/0) 0 1)
         (let (x/0 =a (field_imm 0 a/0))
           (catch
             (if (isint b/0) (exit 1)
               (if (< x/0 (field_imm 0 b/0)) x/0 (exit 1)))
            with (1) 2)))))
  (seq (setfield_ptr(root-init) 0 (global Test!) f/0)
    (let
      (g/0 =
         (function (param/0[int], param/1[int]) : int (+ param/0 param/1)))
      (seq (setfield_ptr(root-init) 1 (global Test!) g/0)
        (let
          (h/0 =
             (function c/0[int] : int
               (catch
                 (if c/0 (let (b/1 = 2 a/1 = 1) (exit 2 a/1 b/1))
                   (let (b/2 = 4 a/2 = 3) (exit 2 a/2 b/2)))
                with (2 a/3[int] b/3[int]) (- a/3 b/3))))
          (seq (setfield_ptr(root-init) 2 (global Test!) h/0) 0))))))
"#,
    );
}

#[test]
fn characters_share_their_code() {
    check(
        "let kind = function 'a' .. 'z' | 'A' .. 'Z' | '_' -> 1 | '0' .. '9' -> 2 | ' ' | '\\n' -> 3 | _ -> 0",
        r#"
(let
  (kind/0 =
     (function param/0[int] : int
       (catch
         (catch
           (if (>= param/0 58)
             (let (switcher/0 =a (-91+ param/0))
               (if (isout 5 switcher/0)
                 (if (isout 57 (26+ switcher/0)) (exit 1) (exit 2))
                 (if (!= switcher/0 4) (exit 1) (exit 2))))
             (let (switcher/1 =a (-10+ param/0))
               (if (not (isout 22 switcher/1))
                 (if (isout 20 (-1+ switcher/1)) 3 (exit 1))
                 (if (>= switcher/1 38) 2 (exit 1)))))
          with (1) 0)
        with (2) 1)))
  (seq (setfield_ptr(root-init) 0 (global Test!) kind/0) 0))
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
(let
  (f/0 =
     (function param/0 : int
       (switch* param/0
        case int 0: 1
        case int 1: 2
        case tag 0: (field_imm 0 param/0)
        case tag 1: (field_int 0 param/0))))
  (seq (setfield_ptr(root-init) 0 (global Test!) f/0)
    (let
      (g/0 =
         (function param/1 : int
           (catch
             (if (isint param/1) (if (!= param/1 65) (exit 1) 1)
               (if (!= (field_imm 0 param/1) 66) (exit 1)
                 (field_imm 1 param/1)))
            with (1) 3)))
      (seq (setfield_ptr(root-init) 1 (global Test!) g/0)
        (let
          (s/0 =
             (function param/2 : int
               (catch
                 (stringswitch param/2
                  case "a": 1
                  case "bc": 2
                  default: (exit 2))
                with (2) 3)))
          (seq (setfield_ptr(root-init) 2 (global Test!) s/0)
            (let
              (k/0 =
                 (function param/3[float] : int
                   (if (!=. param/3 0.) (if (!=. param/3 1.5) 3 2) 1)))
              (seq (setfield_ptr(root-init) 3 (global Test!) k/0)
                (let
                  (p/0 =
                     (function param/4 : int
                       (catch
                         (catch
                           (switch* param/4
                            case int 0: (exit 3)
                            case int 1: (exit 3)
                            case tag 0:
                             (if (!= (field_imm 0 param/4) 1) (exit 4) 1)
                            case tag 1: (exit 4))
                          with (3) 0)
                        with (4)
                         (raise
                           (makeblock 0 (global Match_failure/0!)
                             [0: "test.ml" 6 17])))))
                  (seq (setfield_ptr(root-init) 4 (global Test!) p/0) 0))))))))))
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
(let (E/0 = (makeblock 248 "Test.E" (caml_fresh_oo_id 0)))
  (seq (setfield_ptr(root-init) 0 (global Test!) E/0)
    (let (F/0 = (makeblock 248 "Test.F" (caml_fresh_oo_id 0)))
      (seq (setfield_ptr(root-init) 1 (global Test!) F/0)
        (let
          (f/0 =
             (function g/0 : int
               (try (apply g/0 0) with exn/0
                 (if (== (field_imm 0 exn/0) E/0) (field_imm 1 exn/0)
                   (if (== exn/0 F/0) 0 (reraise exn/0))))))
          (seq (setfield_ptr(root-init) 2 (global Test!) f/0)
            (let
              (h/0 =
                 (function g/1 : int
                   (catch
                     (try (exit 1 (apply g/1 0)) with exn/1
                       (if (== (field_imm 0 exn/1) E/0) (field_imm 1 exn/1)
                         (reraise exn/1)))
                    with (1 x/0[int]) (+ x/0 1))))
              (seq (setfield_ptr(root-init) 3 (global Test!) h/0)
                (let
                  (r/0 =
                     (function g/2
                       (try (apply g/2 0) with e/0
                         (seq (ignore 1) (reraise e/0)))))
                  (seq (setfield_ptr(root-init) 4 (global Test!) r/0) 0))))))))))
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
(let
  (f/0 =
     (function *opt*/0 y/0[int] : int
       (let (x/0 =[int] (if (isint *opt*/0) 1 (field_imm 0 *opt*/0)))
         (+ x/0 y/0))))
  (seq (setfield_ptr(root-init) 0 (global Test!) f/0)
    (let (g/0 =[int] (apply f/0 0 2))
      (seq (setfield_ptr(root-init) 1 (global Test!) g/0)
        (let (h/0 = (function a/0[int] b/0[int] : int (- a/0 b/0)))
          (seq (setfield_ptr(root-init) 2 (global Test!) h/0)
            (let (k/0 = (function param/0 stub (apply h/0 param/0 1)))
              (seq (setfield_ptr(root-init) 3 (global Test!) k/0) 0))))))))
"#,
    );
}

#[test]
fn defaults_are_chosen_in_wrappers() {
    let program = "let f ?(x = 1) y = let two = 2 in x + y + two";
    let expected = r#"
(let (f_inner/0 = (function x/0[int] y/0[int] : int (+ (+ x/0 y/0) 2)))
  (seq
    (setfield_ptr(root-init) 0 (global Test!)
      (function *opt*/0 y/1[int] stub : int
        (let (x/1 =[int] (if (isint *opt*/0) 1 (field_imm 0 *opt*/0)))
          (apply f_inner/0 x/1 y/1))))
    0))
"#;
    let actual = translated_for(program, true);
    assert_eq!(actual.trim(), expected.trim(), "\n{actual}");
}

#[test]
fn nested_constructors_are_made_at_once() {
    check(
        "let[@tail_mod_cons] rec twice = function [] -> [] | x :: l -> x :: (x + 1) :: twice l",
        r#"
(letrec
  (twice/0
     (function param/0 tail_mod_cons
       (if (isint param/0) 0
         (let (x/0 =a (field_imm 0 param/0))
           (makeblock 0 (int,*) x/0
             (let (block/0 = (makemutable 0 (int,*) (+ x/0 1) 24029))
               (seq (apply twice_dps/0 block/0 1 (field_imm 1 param/0))
                 block/0))))))
    twice_dps/0
      (function dst/0 offset/0[int] param/1 tail_mod_cons
        (if (isint param/1)
          (setfield_ptr(heap-init)_computed dst/0 offset/0 0)
          (let
            (x/1 =a (field_imm 0 param/1)
             block1_arg0/0 = (+ x/1 1)
             block/1 = (makemutable 0 (int,*) block1_arg0/0 24029))
            (seq
              (setfield_ptr(heap-init)_computed dst/0 offset/0
                (makeblock 0 (int,*) x/1 block/1))
              (apply twice_dps/0 block/1 1 (field_imm 1 param/1) tailcall))))))
  (seq (setfield_ptr(root-init) 0 (global Test!) twice/0) 0))
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
(let (x/0 =[int] 1)
  (seq (setfield_ptr(root-init) 6 (global Test!) x/0)
    (let (hidden/0 = (makeblock 0 (int,*) x/0 0))
      (seq (setfield_ptr(root-init) 7 (global Test!) hidden/0)
        (setfield_ptr(root-init) 8 (global Test!) hidden/0)
        (let (M/0 = (makeblock 0 x/0 hidden/0 hidden/0))
          (seq (setfield_ptr(root-init) 0 (global Test!) M/0)
            (setfield_ptr(root-init) 1 (global Test!)
              (makeblock 0 (field_mut 2 M/0)))
            (let
              (F/0 =
                 (function X/0 Y/0 is_a_functor
                   (let (w/0 =[int] (+ (field_imm 0 X/0) (field_imm 0 M/0)))
                     (makeblock 0 w/0))))
              (seq (setfield_ptr(root-init) 2 (global Test!) F/0)
                (let
                  (R/0 =
                     (apply
                       (apply F/0
                         (let (a/0 =[int] 0 v/0 =[int] 2) (makeblock 0 v/0)))
                       (makeblock 0)))
                  (seq (setfield_ptr(root-init) 3 (global Test!) R/0)
                    (let (z/0 =[int] (field_imm 0 R/0))
                      (seq (setfield_ptr(root-init) 9 (global Test!) z/0)
                        (setfield_ptr(root-init) 4 (global Test!) z/0)
                        (let (q/0 =[int] 3)
                          (seq
                            (setfield_ptr(root-init) 10 (global Test!) q/0)
                            (setfield_ptr(root-init) 11 (global Test!) q/0)
                            (let (t/0 =[int] (+ q/0 z/0))
                              (seq
                                (setfield_ptr(root-init) 5 (global Test!)
                                  t/0)
                                0))))))))))))))))
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
(let (ones/0 = (caml_alloc_dummy 2))
  (seq (caml_update_dummy ones/0 (makeblock 0 (int,*) 1 ones/0))
    (setfield_ptr(root-init) 0 (global Test!) ones/0)
    (let (r/0 = (caml_alloc_dummy 2))
      (letrec (g/0 (function x/0[int] : int (apply (field_imm 1 r/0) x/0)))
        (seq (caml_update_dummy r/0 (makeblock 0 r/0 g/0))
          (setfield_ptr(root-init) 1 (global Test!) r/0)
          (setfield_ptr(root-init) 2 (global Test!) g/0)
          (let (letrec_function_context/0 = (caml_alloc_dummy 1))
            (letrec
              (h/0
                 (function x/1[int]
                   (let (k/0 =o (field_mut 0 letrec_function_context/0))
                     (seq (+:=1 k/0) (apply h/0 (+ x/1 (field_int 0 k/0)))))))
              (seq
                (caml_update_dummy letrec_function_context/0
                  (let (k/1 = (makemutable 0 (int) 0)) (makemutable 0 k/1)))
                (setfield_ptr(root-init) 3 (global Test!) h/0) 0))))))))
"#,
    );
}

#[test]
fn local_functions_become_handlers() {
    check(
        "let f x y = let k n = n * n + x in if x < y then k 1 else if y = 0 then k 2 else k 3",
        r#"
(let
  (f/0 =
     (function x/0[int] y/0[int] : int
       (catch
         (if (< x/0 y/0) (exit 1 1) (if (== y/0 0) (exit 1 2) (exit 1 3)))
        with (1 n/0[int]) (+ (* n/0 n/0) x/0))))
  (seq (setfield_ptr(root-init) 0 (global Test!) f/0) 0))
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
(let (E/0 = (makeblock 248 "Test.E" (caml_fresh_oo_id 0)))
  (seq (setfield_ptr(root-init) 0 (global Test!) E/0)
    (let
      (f/0 =
         (function g/0 : int
           (runstack
             (caml_alloc_stack (function x/0 x/0)
               (function exn/0 (reraise exn/0))
               (function eff/0 k/0 ktail/0
                 (if (== eff/0 E/0) 1 (reperform eff/0 k/0 ktail/0))))
             g/0 0)))
      (seq (setfield_ptr(root-init) 1 (global Test!) f/0) 0))))
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
(let (a/0 = (function x/0[int] y/0[int] : int (< x/0 y/0)))
  (seq (setfield_ptr(root-init) 0 (global Test!) a/0)
    (let
      (b/0 = (function x/1[float] y/1[float] : int (compare_floats x/1 y/1)))
      (seq (setfield_ptr(root-init) 1 (global Test!) b/0)
        (let (c/0 = (function x/2 y/2 : int (caml_string_equal x/2 y/2)))
          (seq (setfield_ptr(root-init) 2 (global Test!) c/0)
            (let (d/0 = (function x/3 y/3 : int (caml_equal x/3 y/3)))
              (seq (setfield_ptr(root-init) 3 (global Test!) d/0)
                (let
                  (e/0 =
                     (function x/4[int64] y/4[int64] : int
                       (Int64.== x/4 y/4)))
                  (seq (setfield_ptr(root-init) 4 (global Test!) e/0)
                    (let (f/0 = (function x/5 : int (== x/5 0)))
                      (seq (setfield_ptr(root-init) 5 (global Test!) f/0) 0))))))))))))
"#,
    );
}
