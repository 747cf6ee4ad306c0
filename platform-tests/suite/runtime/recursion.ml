(* Deep recursion: far beyond a system stack, and still an ordinary result. *)

let rec count n = if n = 0 then 0 else 1 + count (n - 1)
let rec build n = if n = 0 then [] else n :: build (n - 1)
let rec sum = function [] -> 0 | x :: rest -> x + sum rest
let rec mutual_a n = if n = 0 then 0. else 1. +. mutual_b (n - 1)
and mutual_b n = if n = 0 then 0. else 2. +. mutual_a (n - 1)

let () =
  Printf.printf "%d\n" (count 1_000_000);
  Printf.printf "%d\n" (sum (build 500_000));
  Printf.printf "%g\n" (mutual_a 1_000_000);
  let rec fold f acc = function [] -> acc | x :: rest -> f x (fold f acc rest) in
  Printf.printf "%d\n" (fold (fun x acc -> (x + acc) land 0xffff) 0 (build 300_000));
  let rec loop n acc = if n = 0 then acc else loop (n - 1) (acc + n) in
  Printf.printf "%d\n" (loop 10_000_000 0)
