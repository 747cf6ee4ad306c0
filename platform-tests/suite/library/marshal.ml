(* Marshal and structural operations: sharing, cycles, floats, custom blocks, compare and equality on all kinds. *)

type tree = Leaf | Node of { left : tree; value : float; right : tree }
type cyclic = { name : string; mutable next : cyclic option }

let rec build n = if n = 0 then Leaf else Node { left = build (n - 1); value = float_of_int n; right = build (n - 1) }
let rec total = function Leaf -> 0. | Node { left; value; right } -> total left +. value +. total right

let copy x = Marshal.from_string (Marshal.to_string x []) 0

let () =
  Printf.printf "%g\n" (total (copy (build 10)));
  let shared = [| 1; 2; 3 |] in
  let a, b = copy (shared, shared) in
  Printf.printf "%b %b\n" (a == b) (a = shared);
  let c = { name = "loop"; next = None } in
  c.next <- Some c;
  let d : cyclic = copy c in
  Printf.printf "%s %b\n" d.name (match d.next with Some e -> e == d | None -> false);
  let x = 1L, 2l, 3n, [| 1.5; 2.5 |], "string", 'c', -1, max_int, min_int in
  Printf.printf "%b\n" (copy x = x);
  Printf.printf "%s\n" (Digest.to_hex (Digest.string (Marshal.to_string (1, "two", [ 3l ]) [ Marshal.No_sharing ])));
  let unshared : 'a. 'a -> 'a = fun x -> Marshal.from_string (Marshal.to_string x [ Marshal.No_sharing ]) 0 in
  let tree = List.init 1000 (fun i -> (string_of_int i, float_of_int i, Int64.of_int i)) in
  Printf.printf "%b %b\n" (unshared tree = tree) (unshared [ "a" ] = [ "a" ]);
  let bytes = Marshal.to_bytes (List.init 300 Fun.id) [] in
  Printf.printf "%d %d\n" (Bytes.length bytes) (Marshal.total_size bytes 0);
  (match Marshal.to_string (fun x -> x + 1) [] with
  | _ -> print_endline "wrong"
  | exception Invalid_argument m -> print_endline m);
  (try ignore (Marshal.from_string "garbage, garbage, garbage" 0) with Failure m -> print_endline m);
  let signs = List.map (fun (a, b) -> compare a b) [ [ 1; 2 ], [ 1; 3 ]; [], [ 1 ]; [ 2 ], [ 1; 5 ]; [ 1 ], [ 1 ] ] in
  print_endline (String.concat " " (List.map string_of_int signs));
  Printf.printf "%b %b %b\n" (compare (Some 1) None > 0) ((1, "a") < (1, "b")) ([| 1; 2 |] < [| 3 |]);
  (match compare (fun x -> x) (fun x -> x) with
  | _ -> print_endline "wrong"
  | exception Invalid_argument m -> print_endline m);
  Printf.printf "%s %s\n" (Digest.to_hex (Digest.string "")) (Digest.to_hex (Digest.string (String.make 1000 'a')))
