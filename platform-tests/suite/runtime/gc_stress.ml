(* The collector: short- and long-lived data, large blocks, weak pointers, ephemerons, finalisers, statistics, compaction. *)

type tree = Leaf | Node of tree * int * tree

let rec insert x = function
  | Leaf -> Node (Leaf, x, Leaf)
  | Node (l, y, r) as t -> if x = y then t else if x < y then Node (insert x l, y, r) else Node (l, y, insert x r)

let rec size = function Leaf -> 0 | Node (l, _, r) -> size l + 1 + size r

let () =
  let t = ref Leaf and seed = ref 1 in
  for _ = 1 to 20_000 do
    seed := ((!seed * 1103515245) + 12345) land 0x3fffffff;
    t := insert (!seed mod 50_000) !t
  done;
  Printf.printf "%d\n" (size !t);
  let table = Array.make 1000 "" in
  for i = 0 to 99_999 do table.(i mod 1000) <- string_of_int i ^ table.(i * 7 mod 1000 mod 3) done;
  Printf.printf "%d\n" (Array.fold_left (fun acc s -> (acc + String.length s) land 0xffff) 0 table);
  let big = List.init 50 (fun i -> Array.make 10_000 i) in
  Gc.full_major ();
  Printf.printf "%d\n" (List.fold_left (fun acc a -> acc + a.(9_999)) 0 big);
  let w = Weak.create 2 in
  let keep = ref (Some (ref 5)) in
  Weak.set w 0 !keep;
  Weak.set w 1 (Some (ref (Sys.opaque_identity 6)));
  Gc.full_major ();
  Printf.printf "%b %b\n" (Weak.check w 0) (Weak.check w 1);
  Printf.printf "%d\n" (match !keep with Some r -> !r | None -> 0);
  keep := None;
  Gc.full_major ();
  Printf.printf "%b\n" (Weak.check w 0);
  let finalised = ref 0 in
  for i = 1 to 10 do
    let r = ref i in
    Gc.finalise (fun r -> finalised := !finalised + !r) r
  done;
  Gc.full_major ();
  Gc.full_major ();
  Printf.printf "%d\n" !finalised;
  let e = Ephemeron.K1.make (ref 1) "data" in
  Gc.full_major ();
  Printf.printf "%b\n" (Ephemeron.K1.query e (ref 1) = None);
  let before = (Gc.quick_stat ()).minor_collections in
  for _ = 1 to 10 do Gc.minor () done;
  Printf.printf "%b\n" ((Gc.quick_stat ()).minor_collections - before >= 10);
  Gc.compact ();
  let stat = Gc.stat () in
  Printf.printf "%b %b\n" (stat.live_words > 0) (stat.heap_words >= stat.live_words);
  Gc.set { (Gc.get ()) with space_overhead = 200 };
  Printf.printf "%d\n" (Gc.get ()).space_overhead;
  let rec churn n acc = if n = 0 then acc else churn (n - 1) (if n mod 100 = 0 then [] else (n, float_of_int n) :: acc) in
  Printf.printf "%d\n" (List.length (churn 500_000 []));
  Printf.printf "%d\n" (size !t)
