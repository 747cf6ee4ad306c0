(* A calculator: a lexer by character, a parser with let-operators, matches on tuples. *)

type token = Plus | Minus | Star | Slash | Lparen | Rparen | Number of int | Ident of string | Eof

let tokens s =
  let n = String.length s in
  let rec word i p = if i < n && p s.[i] then word (i + 1) p else i in
  let is_digit c = c >= '0' && c <= '9' and is_alpha c = c >= 'a' && c <= 'z' in
  let rec go i acc =
    if i >= n then List.rev (Eof :: acc)
    else
      match s.[i] with
      | ' ' -> go (i + 1) acc
      | '+' -> go (i + 1) (Plus :: acc)
      | '-' -> go (i + 1) (Minus :: acc)
      | '*' -> go (i + 1) (Star :: acc)
      | '/' -> go (i + 1) (Slash :: acc)
      | '(' -> go (i + 1) (Lparen :: acc)
      | ')' -> go (i + 1) (Rparen :: acc)
      | '0' .. '9' ->
          let j = word i is_digit in
          go j (Number (int_of_string (String.sub s i (j - i))) :: acc)
      | 'a' .. 'z' ->
          let j = word i is_alpha in
          go j (Ident (String.sub s i (j - i)) :: acc)
      | c -> failwith (Printf.sprintf "bad character %C at %d" c i)
  in
  go 0 []

let ( let* ) = Result.bind
let ( and* ) a b = match a, b with Ok a, Ok b -> Ok (a, b) | Error e, _ | _, Error e -> Error e

let rec sum env ts =
  let* left, rest = product env ts in
  sum_rest env left rest

and sum_rest env left = function
  | Plus :: ts ->
      let* right, rest = product env ts in
      sum_rest env (left + right) rest
  | Minus :: ts ->
      let* right, rest = product env ts in
      sum_rest env (left - right) rest
  | ts -> Ok (left, ts)

and product env ts =
  let* left, rest = atom env ts in
  product_rest env left rest

and product_rest env left = function
  | Star :: ts ->
      let* right, rest = atom env ts in
      product_rest env (left * right) rest
  | Slash :: ts -> (
      let* right, rest = atom env ts in
      match right with 0 -> Error "division by zero" | _ -> product_rest env (left / right) rest)
  | ts -> Ok (left, ts)

and atom env = function
  | Number n :: ts -> Ok (n, ts)
  | Ident v :: ts -> ( match List.assoc_opt v env with Some n -> Ok (n, ts) | None -> Error ("unbound " ^ v))
  | Minus :: ts ->
      let* n, rest = atom env ts in
      Ok (-n, rest)
  | Lparen :: ts -> (
      let* n, rest = sum env ts in
      match rest with Rparen :: rest -> Ok (n, rest) | _ -> Error "expected )")
  | (Plus | Star | Slash | Rparen | Eof) :: _ | [] -> Error "expected a number"

let calculate env s =
  match sum env (tokens s) with
  | Ok (n, [ Eof ]) -> string_of_int n
  | Ok (_, _) -> "trailing tokens"
  | Error e -> "error: " ^ e
  | exception Failure e -> e

let ordering a b c =
  match a < b, b < c, a < c with
  | true, true, _ -> "abc"
  | true, false, true -> "acb"
  | false, true, true -> "bac"
  | true, false, false -> "cab"
  | false, true, false -> "bca"
  | false, false, _ -> "cba"

let () =
  let env = [ "x", 5; "yy", -3 ] in
  List.iter (fun s -> Printf.printf "%s -> %s\n" s (calculate env s))
    [ "1 + 2 * 3"; "(1 + 2) * 3"; "x * x - yy"; "10 / (x - 5)"; "z"; "(1"; "1 2"; "-(-4)"; "3 $ 4"; "100/7/2" ];
  List.iter (fun (a, b, c) -> print_string (ordering a b c ^ " "))
    [ 1, 2, 3; 1, 3, 2; 2, 1, 3; 2, 3, 1; 3, 1, 2; 3, 2, 1 ];
  print_newline ();
  let both = let* a = Ok 1 and* b = Ok 2 in Ok (a + b) in
  print_endline (match both with Ok n -> string_of_int n | Error e -> e)
