//! Mutations: small changes of tokens, exchanges of subtrees, parts of one program in another.

use crate::corpus::{Corpus, SORTS, Sort, Source};
use crate::random::Random;
use std::ops::Range;
use std::path::PathBuf;

/// A changed program.
pub struct Mutant {
    pub text: Vec<u8>,
    pub is_interface: bool,
    pub source: PathBuf,
}

/// Texts that stand in for a node of a sort: rare constructs that a program may not have itself.
fn rare(sort: Sort) -> &'static [&'static str] {
    match sort {
        Sort::Expression => &[
            "(assert false)",
            "(Obj.magic 0)",
            "(fun (type a) (x : a) -> x)",
            "(object (self) method m = self#m end)",
            "(let rec x = x in x)",
            "(let rec f x = g x and g x = f x in f)",
            "(module struct let x = 1 end : S)",
            "(lazy (raise Exit))",
            "(function `A -> 1 | `B x -> x)",
            "(let module M = struct type t = A end in M.A)",
            "(let exception E of int in raise (E 1))",
            "(let* x = 1 in x)",
            "{ contents = 1 }",
            "[| 1.; 2. |]",
            "(fun ?(x = 1) ~y () -> x + y)",
            "(while true do () done)",
            "(function _ -> .)",
            "\"%d %s%!\"",
            "(new c)",
            "[%ext]",
            "(let open struct let x = 1 end in x)",
            "(match () with exception Not_found -> 1 | effect E, k -> 2 | () -> 3)",
        ],
        Sort::Pattern => &[
            "_",
            "(_ as x)",
            "(`A | `B)",
            "(module M)",
            "(lazy _)",
            "{ contents }",
            "[| _; x |]",
            "'a'..'z'",
            "(exception _)",
            "(x, y)",
            "(Some x | None as x)",
            "(type a) ((module M) : (module S with type t = a))",
            "(x : 'a. 'a -> 'a)",
            "#t",
            "~x",
        ],
        Sort::CoreType => &[
            "'a",
            "_",
            "('a as 'a)",
            "('a list as 'a)",
            "(int * 'a)",
            "[> `A | `B of int ]",
            "[< `A | `B > `A ]",
            "< m : 'a. 'a -> 'a; .. >",
            "(module S)",
            "('a. 'a -> 'a)",
            "(?x:int -> y:int -> unit)",
            "#c",
            "M.(t)",
            "t",
            "exn",
        ],
        Sort::ModuleExpr => &[
            "struct end",
            "(functor (X : sig type t end) -> X)",
            "(val x)",
            "(struct type t = A end : sig type t end)",
            "F(X)",
        ],
        Sort::ModuleType => &[
            "sig end",
            "(module type of List)",
            "(sig type t end with type t = int)",
            "(sig type t end with type t := int)",
            "(functor () -> sig end)",
            "sig module rec M : sig type t = N.t end and N : sig type t = M.t end end",
        ],
        Sort::ClassExpr => &["object end", "(fun x -> object method m = x end)", "(let x = 1 in object val v = x end)"],
        Sort::Item => &[
            "type t = t",
            "type t = d * d",
            "type 'a t = 'b constraint 'a = 'b list",
            "type _ t = A : int t | B : 'a t -> ('a * 'a) t",
            "module rec M : S = M",
            "exception E = F",
            "type t += A | B of int",
            "external f : int -> int = \"%identity\"",
            "class c = object (self : 'a) method m : 'a = self end",
            "include struct end",
            "open List",
            "let rec x = 1 :: x",
            "module type S = S",
            "[@@@warning \"+a\"]",
        ],
        Sort::Path => &["M.t", "x", "List.map", "F(X).t", "Stdlib.List.t", "t", "self"],
        Sort::TypeDeclaration => &["t = A | B of t", "'a t = 'a", "t = { mutable x : int; y : 'a. 'a }", "t = .."],
    }
}

/// A program made from one source by up to four changes.
pub fn program(random: &mut Random, corpus: &Corpus) -> Mutant {
    let source = corpus.source(random.below(corpus.len()));
    let mut edits: Vec<Edit> = Vec::new();
    for _ in 0..1 + random.below(4).min(random.below(4)) {
        let new = change(random, &source, corpus);
        // Changes are of the source as it was: none may lie in another.
        if new.iter().all(|edit| edits.iter().all(|old| old.is_apart(edit))) {
            edits.extend(new);
        }
    }
    let mut text = apply(&source.text, edits);
    if random.one_in(40) {
        flip_bytes(random, &mut text);
    }
    Mutant { text, is_interface: source.is_interface, source: source.path.clone() }
}

/// A range of the source that gives way to a text.
struct Edit {
    range: Range<usize>,
    text: Vec<u8>,
}

impl Edit {
    fn is_apart(&self, other: &Edit) -> bool {
        self.range.end <= other.range.start || other.range.end <= self.range.start
    }
}

fn apply(text: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let (mut result, mut at) = (Vec::with_capacity(text.len() + 100), 0);
    for edit in edits {
        result.extend_from_slice(&text[at..edit.range.start]);
        result.push(b' ');
        result.extend_from_slice(&edit.text);
        result.push(b' ');
        at = edit.range.end;
    }
    result.extend_from_slice(&text[at..]);
    result
}

/// The edits of one change: none where the source has no place for it.
fn change(random: &mut Random, source: &Source, corpus: &Corpus) -> Vec<Edit> {
    match random.below(10) {
        0..3 => token_change(random, source).unwrap_or_default(),
        _ => tree_change(random, source, corpus).unwrap_or_default(),
    }
}

fn token_change(random: &mut Random, source: &Source) -> Option<Vec<Edit>> {
    let tokens = &source.tokens;
    let at = random.below(tokens.len());
    let token = tokens.get(at)?.clone();
    let text = |range: &Range<usize>| source.text[range.clone()].to_vec();
    let near = tokens.get(at + 1 + random.below(4))?.clone();
    let any = random.choose(tokens).clone();
    Some(match random.below(6) {
        0 => vec![Edit { range: token, text: Vec::new() }],
        1 => vec![Edit { range: token.end..token.end, text: text(&token) }],
        2 => vec![Edit { range: token.clone(), text: text(&near) }, Edit { range: near, text: text(&token) }],
        3 => vec![Edit { range: token.start..near.end, text: Vec::new() }],
        4 => vec![Edit { range: token.start..token.start, text: text(&any) }],
        _ => vec![Edit { range: token, text: text(&any) }],
    })
}

fn tree_change(random: &mut Random, source: &Source, corpus: &Corpus) -> Option<Vec<Edit>> {
    let sort = *random.choose(&SORTS);
    let nodes = source.nodes(sort);
    let node = nodes.get(random.below(nodes.len()))?.clone();
    let text = |range: &Range<usize>| source.text[range.clone()].to_vec();
    let other = random.choose(nodes).clone();
    Some(match random.below(8) {
        // Exchanges.
        0 => {
            let edits = vec![
                Edit { range: node.clone(), text: wrapped(random, sort, text(&other)) },
                Edit { range: other.clone(), text: wrapped(random, sort, text(&node)) },
            ];
            if edits[0].is_apart(&edits[1]) { edits } else { vec![Edit { range: node, text: text(&other) }] }
        }
        // Copies within the program.
        1..4 => vec![Edit { range: node, text: wrapped(random, sort, text(&other)) }],
        // Copies from another program.
        4..6 => {
            let foreign = corpus.source(random.below(corpus.len()));
            let nodes = foreign.nodes(sort);
            let from = nodes.get(random.below(nodes.len()))?;
            let copy = foreign.text[from.clone()].to_vec();
            let range = if sort == Sort::Item && random.one_in(2) { node.start..node.start } else { node };
            vec![Edit { range, text: wrapped(random, sort, copy) }]
        }
        // A rare construct in its place.
        6 => vec![Edit { range: node, text: random.choose(rare(sort)).as_bytes().to_vec() }],
        // Something around it.
        _ => {
            let (before, after) = random.choose(around(sort));
            vec![Edit { text: [before.as_bytes(), &text(&node), after.as_bytes()].concat(), range: node }]
        }
    })
}

/// A node's text, in parentheses now and then, where its sort has them.
fn wrapped(random: &mut Random, sort: Sort, text: Vec<u8>) -> Vec<u8> {
    let has_parentheses = !matches!(sort, Sort::Item | Sort::Path | Sort::TypeDeclaration);
    if has_parentheses && random.one_in(2) { [b"(", text.as_slice(), b")"].concat() } else { text }
}

/// What can stand around a node.
fn around(sort: Sort) -> &'static [(&'static str, &'static str)] {
    match sort {
        Sort::Expression => &[
            ("(lazy (", "))"),
            ("(fun x -> ", ")"),
            ("(fun (type a) -> ", ")"),
            ("(object method m = ", " end)"),
            ("(", " :> 'a)"),
            ("(", " : 'a. 'a -> 'a)"),
            ("(", " : int)"),
            ("(let rec x = ", " in x)"),
            ("(try ", " with _ -> raise Exit)"),
            ("(match ", " with `A -> 1)"),
            ("[", "]"),
            ("(`A (", "))"),
            ("(let module M = struct let x = ", " end in M.x)"),
            ("((", ") [@tailcall] [@inlined])"),
            ("(Some (", "))"),
            ("(!(", "))"),
        ],
        Sort::Pattern => &[
            ("(", " as x)"),
            ("(", " | _)"),
            ("(lazy (", "))"),
            ("(Some (", "))"),
            ("[", "]"),
            ("(exception (", "))"),
            ("(", " : 'a)"),
            ("List.(", ")"),
        ],
        Sort::CoreType => &[
            ("(", " as 'a)"),
            ("(", " list)"),
            ("(", " -> 'a)"),
            ("('a. ", ")"),
            ("[ `A of ", " ]"),
            ("< m : ", " >"),
            ("(", " t)"),
            ("(x:", " -> int)"),
        ],
        Sort::ModuleExpr => {
            &[("(functor (X : sig type t end) -> ", ")"), ("(", " : sig end)"), ("struct include ", " end")]
        }
        Sort::ModuleType => {
            &[("(functor (X : ", ") -> sig end)"), ("(", " with type t = int)"), ("sig include ", " end")]
        }
        Sort::ClassExpr => &[("(fun x -> ", ")"), ("object inherit ", " end"), ("(let y = 1 in ", ")")],
        Sort::Item => &[
            ("module M = struct ", " end"),
            ("include struct ", " end"),
            ("module rec M : sig end = struct ", " end"),
            ("", " [@@ocaml.warning \"+a\"]"),
        ],
        Sort::Path => &[("M.", ""), ("F(", ").t"), ("Stdlib.", "")],
        Sort::TypeDeclaration => &[("", " [@@unboxed]"), ("", " [@@immediate]"), ("", " constraint 'a = int")],
    }
}

fn flip_bytes(random: &mut Random, text: &mut [u8]) {
    for _ in 0..1 + random.below(3) {
        let at = random.below(text.len());
        if let Some(byte) = text.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
}
