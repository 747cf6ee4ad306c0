(* Generalised algebraic types: typed evaluation, existentials, equality witnesses, length-indexed lists. *)

type _ expr =
  | Int : int -> int expr
  | Bool : bool -> bool expr
  | Add : int expr * int expr -> int expr
  | If : bool expr * 'a expr * 'a expr -> 'a expr
  | Less : int expr * int expr -> bool expr
  | Pair : 'a expr * 'b expr -> ('a * 'b) expr
  | Fst : ('a * 'b) expr -> 'a expr

let rec eval : type a. a expr -> a = function
  | Int n -> n
  | Bool b -> b
  | Add (a, b) -> eval a + eval b
  | If (c, a, b) -> if eval c then eval a else eval b
  | Less (a, b) -> eval a < eval b
  | Pair (a, b) -> eval a, eval b
  | Fst p -> fst (eval p)

type _ ty = Tint : int ty | Tstring : string ty | Tlist : 'a ty -> 'a list ty | Tpair : 'a ty * 'b ty -> ('a * 'b) ty

let rec show : type a. a ty -> a -> string =
 fun ty x ->
  match ty with
  | Tint -> string_of_int x
  | Tstring -> "\"" ^ x ^ "\""
  | Tlist t -> "[" ^ String.concat "; " (List.map (show t) x) ^ "]"
  | Tpair (a, b) -> "(" ^ show a (fst x) ^ ", " ^ show b (snd x) ^ ")"

type (_, _) equal = Refl : ('a, 'a) equal

let rec same : type a b. a ty -> b ty -> (a, b) equal option =
 fun a b ->
  match a, b with
  | Tint, Tint -> Some Refl
  | Tstring, Tstring -> Some Refl
  | Tlist a, Tlist b -> ( match same a b with Some Refl -> Some Refl | None -> None)
  | Tpair (a, c), Tpair (b, d) -> ( match same a b, same c d with Some Refl, Some Refl -> Some Refl | _ -> None)
  | _ -> None

type dynamic = Dynamic : 'a ty * 'a -> dynamic

let to_ints (Dynamic (ty, x)) : int list = match same ty (Tlist Tint) with Some Refl -> x | None -> []

type zero = Zero
type 'n succ = Succ

type (_, _) vector = Nil : (zero, 'a) vector | Cons : 'a * ('n, 'a) vector -> ('n succ, 'a) vector

let head : type n a. (n succ, a) vector -> a = function Cons (x, _) -> x

let rec zip : type n a b. (n, a) vector -> (n, b) vector -> (n, a * b) vector =
 fun a b -> match a, b with Nil, Nil -> Nil | Cons (x, xs), Cons (y, ys) -> Cons ((x, y), zip xs ys)

let rec length : type n a. (n, a) vector -> int = function Nil -> 0 | Cons (_, rest) -> 1 + length rest

let () =
  let e = If (Less (Int 1, Add (Int 1, Int 1)), Pair (Int 10, Bool false), Pair (Int 0, Bool true)) in
  Printf.printf "%d %b\n" (eval (Fst e)) (snd (eval e));
  print_endline (show (Tlist (Tpair (Tint, Tstring))) [ 1, "one"; 2, "two" ]);
  Printf.printf "%d %d\n"
    (List.length (to_ints (Dynamic (Tlist Tint, [ 1; 2; 3 ]))))
    (List.length (to_ints (Dynamic (Tlist Tstring, [ "no" ]))));
  let v = zip (Cons (1, Cons (2, Nil))) (Cons ("a", Cons ("b", Nil))) in
  Printf.printf "%d %s %d\n" (length v) (snd (head v)) (fst (head v))
