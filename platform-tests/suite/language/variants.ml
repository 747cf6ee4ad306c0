(* Variants and matching: constant and other constructors, or-patterns, guards, nested, strings, polymorphic variants. *)

type expr =
  | Num of int
  | Var of string
  | Add of expr * expr
  | Mul of expr * expr
  | Neg of expr
  | Let of string * expr * expr

let rec eval env = function
  | Num n -> n
  | Var v -> List.assoc v env
  | Add (a, b) -> eval env a + eval env b
  | Mul (a, b) -> eval env a * eval env b
  | Neg e -> -eval env e
  | Let (v, e, body) -> eval ((v, eval env e) :: env) body

let rec simplify = function
  | Add (Num 0, e) | Add (e, Num 0) | Mul (Num 1, e) | Mul (e, Num 1) -> simplify e
  | Mul (Num 0, _) | Mul (_, Num 0) -> Num 0
  | Neg (Neg e) -> simplify e
  | Add (a, b) -> Add (simplify a, simplify b)
  | Mul (a, b) -> Mul (simplify a, simplify b)
  | (Num _ | Var _ | Neg _ | Let _) as e -> e

let rec show = function
  | Num n when n < 0 -> Printf.sprintf "(%d)" n
  | Num n -> string_of_int n
  | Var v -> v
  | Add (a, b) -> Printf.sprintf "(%s + %s)" (show a) (show b)
  | Mul (a, b) -> Printf.sprintf "%s * %s" (show a) (show b)
  | Neg e -> "-" ^ show e
  | Let (v, e, b) -> Printf.sprintf "let %s = %s in %s" v (show e) (show b)

type day = Mon | Tue | Wed | Thu | Fri | Sat | Sun

let name = function Mon -> "Mon" | Tue -> "Tue" | Wed -> "Wed" | Thu -> "Thu" | Fri -> "Fri" | Sat -> "Sat" | Sun -> "Sun"
let is_weekend = function Sat | Sun -> true | Mon | Tue | Wed | Thu | Fri -> false

let keyword = function
  | "let" | "in" -> "binding"
  | "match" | "with" | "function" -> "matching"
  | "a rather long string, beyond two words" -> "long"
  | "" -> "empty"
  | s when s.[0] = '_' -> "hidden"
  | _ -> "other"

let classify = function
  | 0 -> "zero"
  | n when n < 0 -> "negative"
  | 1 | 2 | 3 -> "small"
  | 10 | 20 | 30 | 40 -> "round"
  | max when max = max_int -> "largest"
  | _ -> "some"

let char_class = function 'a' .. 'z' -> 'l' | 'A' .. 'Z' -> 'u' | '0' .. '9' -> 'd' | ' ' | '\t' -> 's' | _ -> '?'

let poly = function `Int n -> n | `Pair (a, b) -> a + b | `None -> 0 | `String s -> String.length s
let extended = function `Big -> 1000 | (`Int _ | `None) as x -> poly x

let array_pattern = function [||] -> "none" | [| x |] -> "one " ^ x | [| x; y |] -> x ^ y | _ -> "more"

let () =
  let e = Let ("x", Add (Num 3, Num 4), Mul (Var "x", Neg (Add (Var "x", Num (-2))))) in
  Printf.printf "%s = %d\n" (show e) (eval [] e);
  print_endline (show (simplify (Add (Num 0, Mul (Num 1, Neg (Neg (Var "y")))))));
  List.iter (fun d -> Printf.printf "%s:%b " (name d) (is_weekend d)) [ Mon; Wed; Sat; Sun ];
  print_newline ();
  List.iter (fun s -> Printf.printf "%s " (keyword s))
    [ "let"; "with"; ""; "_x"; "nothing"; "a rather long string, beyond two words" ];
  print_newline ();
  List.iter (fun n -> Printf.printf "%s " (classify n)) [ 0; -5; 2; 30; max_int; 99 ];
  print_newline ();
  String.iter (fun c -> print_char (char_class c)) "Hello 42, \tworld!";
  print_newline ();
  Printf.printf "%d %d %d %d\n" (poly (`Pair (1, 2))) (poly (`String "four")) (extended `Big) (extended (`Int 9));
  List.iter (fun a -> print_endline (array_pattern a)) [ [||]; [| "x" |]; [| "x"; "y" |]; [| "x"; "y"; "z" |] ];
  (try ignore (eval [] (Var "free")) with Not_found -> print_endline "free variable");
  (match Some (Some (3, [ 1; 2 ])) with
  | Some (Some (n, first :: _)) when n > first -> Printf.printf "%d > %d\n" n first
  | Some (Some _) | Some None | None -> print_endline "no");
  match "x", 1 with ("y", _ | _, 2) -> print_endline "wrong" | _, _ -> print_endline "last"
