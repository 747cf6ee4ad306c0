//! Programs that are very deep or very long in one way.

type Shape = fn(usize) -> String;

/// `n` openings, something, `n` closings.
fn nest(open: &str, inner: &str, close: &str, n: usize) -> String {
    [&open.repeat(n), inner, &close.repeat(n)].concat()
}

/// `n` parts that name their number.
fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

/// The shapes and their names.
pub const SHAPES: &[(&str, Shape)] = &[
    // Expressions.
    ("parentheses", |n| format!("let x = {}", nest("(", "1", ")", n))),
    ("begin end", |n| format!("let x = {}", nest("begin ", "1", " end", n))),
    ("nested lists", |n| format!("let x = {}", nest("[", "", "]", n))),
    ("long list", |n| format!("let x = [{}]", "1;".repeat(n))),
    ("long array", |n| format!("let x = [|{}|]", "1;".repeat(n))),
    ("cons chain", |n| format!("let f y = {}[]", "y :: ".repeat(n))),
    ("nested tuples", |n| format!("let f y = {}", nest("(y, ", "y", ")", n))),
    ("long tuple", |n| format!("let f y = (y{})", ", y".repeat(n))),
    ("nested constructors", |n| format!("let x = {}", nest("Some (", "1", ")", n))),
    ("nested tags", |n| format!("let x = {}", nest("`A (", "1", ")", n))),
    ("lets", |n| format!("let f x = {}x", "let x = x in ".repeat(n))),
    ("lets of calls", |n| format!("let f g x = {}x", "let x = g x in ".repeat(n))),
    ("lets in lets", |n| format!("let f x = {}", nest("let x = ", "x", " in x", n))),
    ("local functions", |n| format!("let f x = {}", nest("let g y = ", "x", " in g x", n))),
    ("functions", |n| format!("let f = {}1", "fun _ -> ".repeat(n))),
    ("parameters", |n| format!("let f {}= 1", "_ ".repeat(n))),
    ("nested calls", |n| format!("let g f x = {}", nest("f (", "x", ")", n))),
    ("arguments", |n| format!("let g f = f {}", "1 ".repeat(n))),
    ("sequence", |n| format!("let f g = {}()", "g (); ".repeat(n))),
    ("sums", |n| format!("let f x = x{}", " + x".repeat(n))),
    ("concatenations", |n| format!("let f x = x{}", " ^ x".repeat(n))),
    ("conjunctions", |n| format!("let f x = x{}", " && x".repeat(n))),
    ("negations", |n| format!("let f x = {}x", "- ".repeat(n))),
    ("nots", |n| format!("let f x = {}", nest("not (", "x", ")", n))),
    ("ifs", |n| format!("let f x = {}x", "if x = 1 then x else ".repeat(n))),
    ("nested ifs", |n| format!("let f x = {}x{}", "if x then ".repeat(n), " else x".repeat(n))),
    ("nested matches", |n| format!("let f x = {}x", "match x with 0 -> 1 | x -> ".repeat(n))),
    ("nested tries", |n| format!("let f x = {}", nest("(try ", "x ()", " with Not_found -> x ())", n))),
    ("nested loops", |n| format!("let f x = {}", nest("while x () do ", "x ()", " done", n))),
    ("nested lazies", |n| format!("let x = {}", nest("lazy (", "1", ")", n))),
    ("nested records", |n| format!("type 'a r = {{ l : 'a }} let x = {}", nest("{ l = ", "1", " }", n))),
    ("fields", |n| format!("type t = {{ l : t }} let f x = x{}", ".l".repeat(n))),
    ("sends", |n| format!("let f x = x{}", "#m".repeat(n))),
    ("nested objects", |n| format!("let x = {}", nest("object method m = ", "1", " end", n))),
    ("local opens", |n| format!("let x = {}", nest("List.(", "1", ")", n))),
    ("attributes", |n| format!("let x = 1 {}", "[@a]".repeat(n))),
    ("nested attributes", |n| format!("let x = 1 {}", nest("[@a 1 ", "", "]", n))),
    ("long string", |n| format!("let x = \"{}\"", "\\n".repeat(n))),
    ("format", |n| format!("let f = Printf.sprintf \"{}\"", "%d".repeat(n))),
    // Patterns.
    ("nested patterns", |n| format!("let f = function {} -> 1 | _ -> 0", nest("Some (", "_", ")", n))),
    ("parenthesized pattern", |n| format!("let f {} = 1", nest("(", "_", ")", n))),
    ("cons pattern", |n| format!("let f = function {}[] -> 1 | _ -> 0", "_ :: ".repeat(n))),
    ("or pattern", |n| format!("let f = function 0 {}-> 1 | _ -> 0", "| 1 ".repeat(n))),
    ("aliases", |n| format!("let f {}_{} = 1", "(".repeat(n), each(n, |i| format!(" as x{i})")))),
    ("cases", |n| format!("let f = function {}_ -> 0", each(n, |i| format!("{i} -> {i} | ")))),
    ("string cases", |n| format!("let f = function {}_ -> 0", each(n, |i| format!("\"{i}\" -> {i} | ")))),
    // Types.
    ("list types", |n| format!("type t = int{}", " list".repeat(n))),
    ("arrow types", |n| format!("type t = {}int", "int -> ".repeat(n))),
    ("parenthesized type", |n| format!("type t = {}", nest("(", "int", ")", n))),
    ("tuple types", |n| format!("type t = {}", nest("(int * ", "int", ")", n))),
    ("object types", |n| format!("type t = {}", nest("< m : ", "int", " >", n))),
    ("variant types", |n| format!("type t = {}", nest("[ `A of ", "int", " ]", n))),
    ("constructors", |n| format!("type t = {} let f = A1", each(n, |i| format!("| A{i} ")))),
    ("fields of a record", |n| format!("type t = {{ {} }} let f x = x.f1", each(n, |i| format!("f{i} : int; ")))),
    ("type variables", |n| format!("type ({}'a) t = A", each(n, |i| format!("'a{i}, ")))),
    // Modules.
    ("modules", |n| nest("module M = struct ", "let x = 1", " end", n)),
    ("signatures", |n| nest("module type S = sig ", "val x : int", " end", n)),
    ("functors", |n| format!("module F {} = struct end", "(X : sig type t end)".repeat(n))),
    ("functor applications", |n| {
        format!("module F (X : sig end) = struct end module M = struct end module N = {}", nest("F (", "M", ")", n))
    }),
    ("paths", |n| format!("let x = {}x", "M.".repeat(n))),
    ("functor paths", |n| format!("type t = {}.t", nest("F (", "M", ")", n))),
    ("constrained modules", |n| format!("module M = {}", nest("(", "struct end", " : sig end)", n))),
    ("local modules", |n| format!("let x = {}1", "let module M = struct end in ".repeat(n))),
    ("items", |n| each(n, |i| format!("let x{i} = {i}\n"))),
    ("item functions", |n| each(n, |i| format!("let f{i} x = x + {i}\n"))),
    ("type items", |n| each(n, |i| format!("type t{i} = A of int\n"))),
    ("opens", |n| "open List\n".repeat(n)),
    ("includes", |n| nest("include struct ", "let x = 1", " end", n)),
    ("withs", |n| format!("module type S = sig type t end module type T = S {}", "with type t = int ".repeat(n))),
    ("classes", |n| each(n.min(20_000), |i| format!("class c{i} = object method m = {i} end\n"))),
    // Texts.
    ("comments", |n| nest("(* ", "", " *)", n) + "let x = 1"),
    ("comment openings", |n| "(* ".repeat(n)),
    ("openings", |n| "(".repeat(n)),
    ("strings in comment", |n| format!("(* {} *)", "\"a\" ".repeat(n))),
    ("closings", |n| format!("let x = 1 {}", ")".repeat(n))),
    ("operators", |n| format!("let x = {} 1", "!".repeat(n))),
    ("digits", |n| format!("let x = {}", "1".repeat(n))),
    ("long name", |n| format!("let {} = 1", "x".repeat(n))),
];
