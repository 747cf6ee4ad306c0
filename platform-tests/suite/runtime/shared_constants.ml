(* Equal constants of a unit are one block, also where one lies within another: marshalling shows it. *)

type 'a tree = Leaf | Node of 'a tree * 'a * 'a tree

let short = [ "c" ]
let long = [ "a"; "b"; "c" ]
let of_another_type = Node (Leaf, "c", Leaf)
let pair = ((1, 2.5), (1, 2.5))
let other_float = (1, -0.)

let rec last = function [ x ] -> x | _ :: l -> last l | [] -> ""

let () =
  let rec suffix = function [ _ ] as l -> l | _ :: l -> suffix l | [] -> [] in
  Printf.printf "%b\n" (suffix long == short);
  (match of_another_type with
  | Node (_, s, _) -> Printf.printf "%b\n" (s == last long)
  | Leaf -> print_endline "leaf");
  Printf.printf "%b\n" (fst pair == snd pair);
  Printf.printf "%b\n" (Obj.repr other_float == Obj.repr (fst pair));
  print_int (String.length (Marshal.to_string (short, long) []));
  print_newline ()
