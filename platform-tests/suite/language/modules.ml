(* Modules: functors, sealed signatures, include, first-class modules, recursive modules, generative functors. *)

module type ORDER = sig
  type t

  val compare : t -> t -> int
end

module type SET = sig
  type elt
  type t

  val empty : t
  val add : elt -> t -> t
  val mem : elt -> t -> bool
  val to_list : t -> elt list
end

module Tree_set (O : ORDER) : SET with type elt = O.t = struct
  type elt = O.t
  type t = Leaf | Node of t * elt * t

  let empty = Leaf

  let rec add x = function
    | Leaf -> Node (Leaf, x, Leaf)
    | Node (l, y, r) as t -> (
        match O.compare x y with 0 -> t | c when c < 0 -> Node (add x l, y, r) | _ -> Node (l, y, add x r))

  let rec mem x = function
    | Leaf -> false
    | Node (l, y, r) -> ( match O.compare x y with 0 -> true | c when c < 0 -> mem x l | _ -> mem x r)

  let to_list t =
    let rec go acc = function Leaf -> acc | Node (l, x, r) -> go (x :: go acc r) l in
    go [] t
end

module Reverse (O : ORDER) = struct
  include O

  let compare a b = O.compare b a
end

module Ints = Tree_set (Int)
module Down = Tree_set (Reverse (Int))

module type SHOW = sig
  type t

  val show : t -> string
  val value : t
end

let show_all (modules : (module SHOW) list) = List.map (fun (module M : SHOW) -> M.show M.value) modules
let int_module n = (module struct type t = int let show = string_of_int let value = n end : SHOW)

module rec Even : sig
  val test : int -> bool
end = struct
  let test n = n = 0 || Odd.test (n - 1)
end

and Odd : sig
  val test : int -> bool
end = struct
  let test n = n <> 0 && Even.test (n - 1)
end

module Counter () = struct
  let count = ref 0
  let next () = incr count; !count
end

module Abstract : sig
  type t = private int

  val make : int -> t
end = struct
  type t = int

  let make n = abs n
end

module Outer = struct
  module Inner = struct
    let depth = 2
  end

  let depth = 1 + Inner.depth
end

let sum_with (type a) (module O : ORDER with type t = a) (zero : a) l =
  List.fold_left (fun best x -> if O.compare x best > 0 then x else best) zero l

let () =
  let show l = String.concat " " (List.map string_of_int l) in
  let add_all add empty = List.fold_left (fun s x -> add x s) empty [ 5; 1; 4; 1; 3 ] in
  print_endline (show (Ints.to_list (add_all Ints.add Ints.empty)));
  print_endline (show (Down.to_list (add_all Down.add Down.empty)));
  Printf.printf "%b %b\n" (Ints.mem 4 (add_all Ints.add Ints.empty)) (Ints.mem 2 (add_all Ints.add Ints.empty));
  let word = (module struct type t = string let show s = "<" ^ s ^ ">" let value = "word" end : SHOW) in
  print_endline (String.concat ", " (show_all [ int_module 1; word; int_module 2 ]));
  Printf.printf "%b %b\n" (Even.test 10) (Odd.test 10);
  let module A = Counter () in
  let module B = Counter () in
  ignore (A.next ());
  Printf.printf "%d %d\n" (A.next ()) (B.next ());
  Printf.printf "%d\n" (Abstract.make (-3) :> int);
  Printf.printf "%d\n" Outer.(depth + Inner.depth);
  Printf.printf "%d %s\n" (sum_with (module Int) 0 [ 3; 9; 2 ]) (sum_with (module String) "" [ "b"; "c"; "a" ])
