//! The core language: small programs, with the interface that is inferred or the error.
//!
//! Programs see only the predefined types, and what [`PRELUDE`] declares.

use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_diag::report::Style;
use rocaml_diag::warning::Warning;
use rocaml_syntax::parser;
use rocaml_types::context::{Context, Options, Reporter};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::NoUnits;
use rocaml_types::printtyp;
use rocaml_typing::typemod;

const PRELUDE: &str = r#"external ( + ) : int -> int -> int = "%addint"
external ( = ) : 'a -> 'a -> bool = "%equal"
external ( |> ) : 'a -> ('a -> 'b) -> 'b = "%revapply"
external ignore : 'a -> unit = "%ignore"
type 'a ref = { mutable contents : 'a }
external ref : 'a -> 'a ref = "%makemutable"
"#;

/// Notes warnings of the kinds that a test asks for.
struct Collect {
    numbers: Vec<usize>,
    lines: Rc<std::cell::RefCell<Vec<String>>>,
}

impl Reporter for Collect {
    fn is_active(&self, number: usize) -> bool {
        self.numbers.contains(&number)
    }
    fn warn(&self, loc: Location, warning: Warning) {
        if self.is_active(warning.number()) {
            let (from, to) = (loc.start.column(), loc.end.column());
            self.lines.borrow_mut().push(format!("{from}-{to}: Warning {}\n", warning.number()));
        }
    }
    fn alert(&self, _kind: &str, _loc: Location, _differing: Option<(Location, Location)>, _message: &str) {}
}

fn typed(program: &str, numbers: &[usize]) -> String {
    let file = Name::new("test.ml");
    let source = format!("{PRELUDE}# 1 \"test.ml\"\n{program}");
    let parsed = parser::parse_implementation(file, source.as_bytes(), Default::default());
    let Ok(structure) = parsed.result else { return "syntax error".to_owned() };
    let lines = Rc::new(std::cell::RefCell::new(Vec::new()));
    let reporter = Collect { numbers: numbers.to_vec(), lines: lines.clone() };
    let cx = Context::new(Options::default(), Rc::new(reporter), Rc::new(NoUnits));
    cx.set_current_unit(Some(Name::new("Test")), false);
    typemod::install_hooks(&cx);
    let env = Env::initial(&cx);
    let text = match typemod::infer_interface(&cx, &env, &structure) {
        Err(e) => Style { short: true, ..Style::default() }.render(&e.report(&cx)),
        Ok((_, signature)) => {
            let prelude = PRELUDE.lines().count();
            printtyp::printed_signature(&cx, "test.ml", &signature[prelude..]).to_text()
        }
    };
    let warnings = lines.borrow().concat();
    format!("{warnings}{text}")
}

#[track_caller]
fn check(program: &str, expected: &str) {
    assert_eq!(typed(program, &[]).trim_end(), expected, "{program}");
}

#[track_caller]
fn check_warnings(program: &str, numbers: &[usize], expected: &str) {
    let text = typed(program, numbers);
    let warnings: Vec<&str> = text.lines().filter(|line| line.contains(": Warning ")).collect();
    assert_eq!(warnings.join("\n"), expected, "{program}");
}

#[test]
fn functions_are_generalised() {
    check("let id x = x", "val id : 'a -> 'a");
    check("let compose f g x = f (g x)", "val compose : ('a -> 'b) -> ('c -> 'a) -> 'c -> 'b");
    check("let rec map f = function [] -> [] | x :: l -> f x :: map f l", "val map : ('a -> 'b) -> 'a list -> 'b list");
}

#[test]
fn labels_commute_and_optional_arguments_are_filled_in() {
    check("let f ~a ?(b = 3) c = a + b + c", "val f : a:int -> ?b:int -> int -> int");
    check(
        "let f ~a ?(b = 3) c = a + b + c let g = f ~a:1 let h = f 3 ~a:2",
        "val f : a:int -> ?b:int -> int -> int\nval g : ?b:int -> int -> int\nval h : int",
    );
}

#[test]
fn gadts_refine_types() {
    let program = "type _ e = I : int -> int e | B : bool -> bool e\n\
                   let eval : type a. a e -> a = function I n -> n | B b -> b\n\
                   let f : int e -> int = function I n -> n";
    check(program, "type _ e = I : int -> int e | B : bool -> bool e\nval eval : 'a e -> 'a\nval f : int e -> int");
    check_warnings(program, &[8], "");
}

#[test]
fn polymorphic_variants_are_closed_by_matches() {
    check("let f = function `A x -> x | `B -> 0", "val f : [< `A of int | `B ] -> int");
    check("let f = function `A | `B as x -> x | `C -> `A", "val f : [< `A | `B | `C ] -> [> `A | `B ]");
}

#[test]
fn labelled_tuples_and_let_operators() {
    check("let f (p : x:int * y:string * int) = let ~y, .. = p in y", "val f : (x:int * y:string * int) -> string");
    check(
        "let ( let* ) x f = match x with None -> None | Some x -> f x let g a = let* x = a in Some (x + 1)",
        "val ( let* ) : 'a option -> ('a -> 'b option) -> 'b option\nval g : int option -> int option",
    );
}

#[test]
fn matches_are_analysed() {
    check_warnings("let f x = match x with Some y -> y", &[8], "10-34: Warning 8");
    check_warnings("let f x = match x with 1 -> 2 | 1 -> 3 | _ -> 4", &[11], "32-33: Warning 11");
    check_warnings("let f = function None -> 1 | Some (1 | 1) -> 2 | _ -> 3", &[11, 12], "39-40: Warning 12");
    check_warnings("let f = function ((Some x, _) | (_, Some x)) when x = 1 -> 1 | _ -> 2", &[57], "17-44: Warning 57");
}

#[test]
fn discarded_and_unused_values_are_reported() {
    check_warnings("let s = 1; 2", &[10], "8-9: Warning 10");
    check_warnings("let u = let x = 1 in ()", &[26], "12-13: Warning 26");
    check_warnings("let rec f x = x", &[39], "8-9: Warning 39");
    check_warnings("let f () = for i = 0 to 3 do () done", &[35], "11-36: Warning 35");
    check_warnings("let _ = ignore ((+) 1)", &[5], "15-22: Warning 5");
}

#[test]
fn recursive_values_must_be_constructive() {
    check("let rec xs = 1 :: xs", "val xs : int list");
    check(
        "let rec x = x",
        "File \"test.ml\", line 1, characters 12-13:\nError: This kind of expression is not allowed as right-hand side of let rec",
    );
}

#[test]
fn clashes_say_what_was_expected() {
    check(
        "let x : int = \"a\"",
        "File \"test.ml\", line 1, characters 14-17:\nError: This constant has type string but an expression was expected of type\n         int",
    );
    check(
        "let i = if 1 then 2 else 3",
        "File \"test.ml\", line 1, characters 11-12:\nError: The constant 1 has type int but an expression was expected of type\n         bool\n       because it is in the condition of an if-statement",
    );
    check(
        "let h ~a b = a + b let _ = h ~c:1 2",
        "File \"test.ml\", line 1, characters 32-33:\nError: The function applied to this argument has type a:int -> int\nThis argument cannot be applied with label ~c",
    );
    check(
        "let a = 1 2",
        "File \"test.ml\", line 1, characters 8-9:\nError: This expression has type int\n       This is not a function; it cannot be applied.",
    );
    check(
        "let f : 'a. 'a -> 'a = fun x -> x + 1",
        "File \"test.ml\", line 1, characters 23-37:\nError: This definition has type int -> int which is less general than\n         'a. 'a -> 'a",
    );
}

#[test]
fn existential_types_do_not_escape() {
    check(
        "module M = struct type _ t = I : int t type _ u = B : bool u end\nlet f : type a. a M.t -> a = fun x -> match x with M.(I) -> 1",
        "module M : sig type _ t = I : int t type _ u = B : bool u end\nval f : 'a M.t -> 'a",
    );
    check(
        "type e = E : 'a -> e let f (E x) = x",
        "File \"test.ml\", line 1, characters 35-36:\nError: The value x has type $a but an expression was expected of type 'a\n       The type constructor $a would escape its scope\n       Hint: $a is an existential type bound by the constructor E.",
    );
}

#[test]
fn universal_variables_do_not_escape() {
    check(
        "let f (x : <a : 'a; b : 'a. 'a>) (y : <a : 'a; b : 'a>) = x = y",
        "File \"test.ml\", line 1, characters 62-63:\nError: The value y has type < a : 'a; b : 'a >\n       but an expression was expected of type < a : 'a; b : 'a0. 'a0 >\n       The method b has type 'a, but the expected method type was 'a0. 'a0\n       The universal variable 'a0 would escape its scope",
    );
}
