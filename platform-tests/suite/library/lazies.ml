(* Lazy values: once only, exceptions, streams, forced values of all kinds, recursion through itself. *)

let forced = ref 0

let tick x =
  incr forced;
  x

type 'a stream = Cons of 'a * 'a stream Lazy.t

let rec from n = Cons (n, lazy (from (tick (n + 1))))
let rec take n (Cons (x, rest)) = if n = 0 then [] else x :: take (n - 1) (Lazy.force rest)
let rec sieve (Cons (p, rest)) = Cons (p, lazy (sieve (filter (fun n -> n mod p <> 0) (Lazy.force rest))))
and filter keep (Cons (x, rest)) = if keep x then Cons (x, lazy (filter keep (Lazy.force rest))) else filter keep (Lazy.force rest)

let () =
  let v = lazy (tick (6 * 7)) in
  Printf.printf "%b " (Lazy.is_val v);
  Printf.printf "%d %d %d %b\n" (Lazy.force v) (Lazy.force v) !forced (Lazy.is_val v);
  let f = lazy (tick 1.5) and s = lazy (tick "text") and c = lazy 3 in
  Printf.printf "%g %s %d\n" (Lazy.force f +. Lazy.force f) (Lazy.force s) (Lazy.force c);
  let bad = lazy (ignore (tick 0); failwith "bad") in
  for _ = 1 to 2 do
    try Lazy.force bad with Failure m -> Printf.printf "%s %d\n" m !forced
  done;
  let rec self = lazy (1 + Lazy.force self) in
  (try ignore (Lazy.force self) with Lazy.Undefined -> print_endline "undefined");
  print_endline (String.concat " " (List.map string_of_int (take 10 (from 5))));
  print_endline (String.concat " " (List.map string_of_int (take 20 (sieve (from 2)))));
  let (lazy n) = lazy (tick 9) in
  Printf.printf "%d\n" n;
  Printf.printf "%d\n" (Lazy.force (Lazy.map succ (Lazy.from_val 1)));
  let pair = lazy (tick 1, tick 2) in
  (match pair with lazy (a, b) -> Printf.printf "%d %d\n" a b)
