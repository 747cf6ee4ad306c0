(* Calls under constructors that take no stack. *)

type natural = Zero | Next of natural
type tree = Leaf of int | Node of tree * tree

let[@tail_mod_cons] rec map f = function
  | [] -> []
  | x :: rest -> let y = f x in y :: map f rest

(* Two cells at a time, and a result that is not fresh. *)
let[@tail_mod_cons] rec append l r =
  match l with
  | x :: y :: rest -> x :: y :: append rest r
  | [x] -> x :: r
  | [] -> r

let[@tail_mod_cons] rec of_pair (f, l) =
  match l with [] -> [] | x :: rest -> f x :: of_pair (f, rest)

let[@tail_mod_cons] rec natural n = if n = 0 then Zero else Next (natural (n - 1))

(* Two functions that pass the destination on. *)
let[@tail_mod_cons] rec flat_map f = function
  | [] -> []
  | x :: rest -> before f (f x) rest

and[@tail_mod_cons] before f results rest =
  match results with
  | [] -> flat_map f rest
  | result :: results -> result :: before f results rest

(* Only one of the calls can be a tail call: the one that asks for it. *)
let[@tail_mod_cons] rec map_tree f = function
  | Leaf n -> Leaf (f n)
  | Node (l, r) -> Node (map_tree f l, (map_tree [@tailcall]) f r)

(* Exceptions and branches beside the call. *)
let[@tail_mod_cons] rec checked f = function
  | [] -> []
  | x :: rest ->
    (try f x with Not_found -> 0)
    :: (match rest with
        | [] -> [-1]
        | 1 :: rest -> 100 :: checked f rest
        | _ -> checked f rest)

let rec count n = function Zero -> n | Next rest -> count (n + 1) rest
let rec leaves n = function Leaf x -> n + x | Node (l, r) -> leaves (leaves n l) r
let sum = List.fold_left ( + ) 0

let () =
  let n = 300_000 in
  let numbers = List.init n Fun.id in
  Printf.printf "map %d\n" (sum (map succ numbers));
  Printf.printf "append %d\n" (sum (append numbers (append numbers [1])));
  Printf.printf "tuple %d\n" (sum (of_pair (succ, numbers)));
  Printf.printf "natural %d\n" (count 0 (natural n));
  Printf.printf "flat_map %d\n" (List.length (flat_map (fun x -> [x; x]) numbers));
  let comb = List.fold_left (fun tree x -> Node (Leaf x, tree)) (Leaf 0) numbers in
  Printf.printf "tree %d\n" (leaves 0 (map_tree succ comb));
  let check x = if x = 2 then raise Not_found else x in
  print_endline (String.concat " " (List.map string_of_int (checked check [1; 2; 3; 1; 5; 2; 1; 7])));
  Printf.printf "library %d\n" (List.length (List.map succ (numbers @ numbers)))
