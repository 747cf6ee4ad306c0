(* Rows that name the same part differently, and names whose types say more than all rows know. *)

type flag = { flag : bool }
type item = Flag of flag | Number of int

let rows (x : flag) (y : int option) (c : bool) =
  match x, y, c with
  | { flag }, Some _, _ -> ignore flag; 1
  | { flag = unused }, _, true -> ignore unused; 2
  | { flag }, _, false -> if flag then 3 else 4

let items ((a, b) : item * item) c =
  match a, b, c with
  | Flag { flag }, Flag _, _ -> if flag then "a" else "b"
  | Flag { flag = _ }, _, true -> "c"
  | Flag { flag }, _, false -> if flag then "d" else "e"
  | Number n, _, true -> string_of_int n
  | Number n, _, false -> string_of_int (-n)

type boxed = { value : float }
type 'a side = Left of 'a | Right of boxed
type _ kind = Float : float kind | Any : 'a kind

(* The name is of a type that is known to be [float] in one alternative only. *)
let as_float (type a) (kind : a kind) (x : a side) =
  match kind, x with
  | Float, Right { value = ((2.5 : a) as v : float) } | _, Left v -> Some (Sys.opaque_identity v)
  | _, Right _ -> None

let () =
  let flag = Sys.opaque_identity { flag = true } in
  List.iter (fun (y, c) -> Printf.printf "%d " (rows flag y c)) [ (Some 1, true); (None, true); (None, false) ];
  Printf.printf "%d\n" (rows { flag = false } None false);
  List.iter
    (fun (pair, c) -> print_endline (items pair c))
    [ ((Flag flag, Flag flag), true); ((Flag flag, Number 1), true); ((Flag flag, Number 1), false);
      ((Flag { flag = false }, Number 1), false); ((Number 5, Number 1), true); ((Number 5, Flag flag), false) ];
  let show = function None -> "none" | Some f -> string_of_float f in
  print_endline (show (as_float Float (Right { value = 2.5 })));
  print_endline (show (as_float Float (Left 4.5)));
  print_endline (show (as_float Float (Right { value = 1.5 })));
  match as_float Any (Left 7) with None -> print_endline "none" | Some n -> print_endline (string_of_int n)
