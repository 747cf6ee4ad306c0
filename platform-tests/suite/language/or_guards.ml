(* A guard under alternatives sees the first that fits, and no other when it refuses. *)

type expr = Val of int | Rest
type _ gadt = I : int gadt | B : bool gadt | Other : 'a gadt

let first = function
  | ((Val x, _) | (_, Val x)) when x < 0 -> Printf.sprintf "negative %d" x
  | _, Rest -> "rest"
  | _ -> "other"

(* The head patterns are of different types: the matrix is cut between the alternatives. *)
let cut : type a. a gadt -> a gadt -> int ref -> string =
 fun x y tries ->
  match (x, y) with
  | (I, _ | _, I | B, _ | _, B) when (incr tries; false) -> "never"
  | _, Other -> "second"
  | _ -> "last"

exception A of int
exception B of int

let rebound e tries =
  match e with
  | (A n, _ | B n, _ | _, A n | _, B n) when (incr tries; n > 10) -> Printf.sprintf "large %d" n
  | A _, A _ -> "two"
  | _ -> "none"

let () =
  List.iter
    (fun pair -> print_endline (first pair))
    [ (Val (-1), Val 2); (Val 1, Val (-2)); (Rest, Val (-3)); (Val 3, Rest); (Rest, Rest); (Rest, Val 4) ];
  let tries = ref 0 in
  print_endline (cut I I tries);
  print_endline (cut B Other tries);
  print_endline (cut Other B tries);
  print_endline (cut Other Other tries);
  Printf.printf "%d guards\n" !tries;
  tries := 0;
  List.iter (fun pair -> print_endline (rebound pair tries)) [ (A 1, A 20); (B 30, A 1); (A 1, B 40); (Not_found, B 50) ];
  Printf.printf "%d guards\n" !tries
