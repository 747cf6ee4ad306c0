(* The order in which the components of what is matched are evaluated. *)

let say s x = print_string s; x
let a () = let (x, y) = (say "a" 1, say "b" 2) in x + y
let b () = let (x, y) as p = (say "a" 1, say "b" 2) in x + y + fst p
let c () = match say "a" 1, say "b" 2 with (x, y) as p -> x + y + fst p
let d () = match say "a" 1, say "b" 2 with p -> fst p
let e () = match say "a" 1, say "b" 2, say "c" 3 with exception Not_found -> 1 | (1, x, y) -> x + y | (x, _, _) -> x
let f () = (fun (x, y) -> x + y) (say "a" 1, say "b" 2)
let g () = let rec h (x, y) = if x = 0 then y else h (x - 1, say "z" y) in h (say "a" 1, say "b" 2)
let h () = let x = say "a" 1 and y = say "b" 2 in x + y
let i () = match (say "a" 1, say "b" 2), say "c" 3 with ((1, x), y) -> x + y | ((x, _), _) -> x
let j () = try (match say "a" 1, say "b" 2 with 1, y -> y | x, _ -> x) with Not_found -> 1
let k () = match say "a" [1], (say "b" 2 : int) with [x], _ -> x | _, y -> y
let l () = let (x, y) : int * int = if true then (say "a" 1, say "b" 2) else (1, 2) in x + y
let () = List.iter (fun f -> ignore (f ()); print_newline ()) [a; b; c; d; e; f; g; h; i; j; k; l]
