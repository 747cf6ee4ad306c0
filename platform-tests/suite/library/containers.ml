(* Map, Set, Queue, Stack, Seq, Array and their kin. *)

module Int_map = Map.Make (Int)
module String_set = Set.Make (String)

let () =
  let m = List.fold_left (fun m (k, v) -> Int_map.add k v m) Int_map.empty (List.init 100 (fun i -> i * 37 mod 101, i)) in
  Printf.printf "%d %d %b\n" (Int_map.cardinal m) (Int_map.find 37 m) (Int_map.mem 64 m);
  Printf.printf "%d %d\n" (fst (Int_map.min_binding m)) (fst (Int_map.max_binding m));
  let even, odd = Int_map.partition (fun k _ -> k land 1 = 0) m in
  Printf.printf "%d %d\n" (Int_map.cardinal even) (Int_map.cardinal odd);
  let joined = Int_map.union (fun _ a b -> Some (a + b)) even (Int_map.map (fun v -> v * 2) m) in
  Printf.printf "%d\n" (Int_map.fold (fun k v acc -> (k * v) + acc) joined 0);
  let m = Int_map.update 5 (function Some v -> Some (v + 1000) | None -> None) m in
  Printf.printf "%d\n" (Int_map.find 5 m);
  let l, present, r = Int_map.split 50 m in
  Printf.printf "%d %b %d\n" (Int_map.cardinal l) (present <> None) (Int_map.cardinal r);
  let words = String_set.of_list (String.split_on_char ' ' "the cat and the dog and the bird") in
  print_endline (String.concat " " (String_set.elements words));
  let other = String_set.of_list [ "cat"; "fish" ] in
  print_endline (String.concat " " (String_set.elements (String_set.union words other)));
  print_endline (String.concat " " (String_set.elements (String_set.diff words other)));
  Printf.printf "%b %b\n" (String_set.subset (String_set.singleton "cat") words) (String_set.equal words other)

let () =
  let q = Queue.create () in
  for i = 1 to 5 do Queue.add i q done;
  Printf.printf "%d %d %d\n" (Queue.pop q) (Queue.peek q) (Queue.length q);
  Queue.iter (Printf.printf "%d ") q;
  print_newline ();
  let s = Stack.create () in
  List.iter (fun x -> Stack.push x s) [ 1; 2; 3 ];
  Printf.printf "%d %d\n" (Stack.pop s) (Stack.length s);
  (try Queue.clear q; ignore (Queue.take q) with Queue.Empty -> print_endline "empty queue");
  let rec from n () = Seq.Cons (n, from (n + 1)) in
  let primes = Seq.filter (fun n -> let rec go d = d * d > n || (n mod d <> 0 && go (d + 1)) in go 2) (from 2) in
  print_endline (String.concat " " (List.map string_of_int (List.of_seq (Seq.take 15 primes))));
  Printf.printf "%d\n" (Seq.fold_left ( + ) 0 (Seq.map (fun x -> x * x) (Seq.init 10 Fun.id)))

let () =
  let a = Array.init 20 (fun i -> (i * 13 + 7) mod 20) in
  Array.sort compare a;
  Printf.printf "%d %d %d\n" a.(0) a.(19) (Array.fold_left ( + ) 0 a);
  let m = Array.make_matrix 3 4 0 in
  for i = 0 to 2 do for j = 0 to 3 do m.(i).(j) <- i * j done done;
  print_endline (String.concat ";" (Array.to_list (Array.map (fun r -> String.concat "," (Array.to_list (Array.map string_of_int r))) m)));
  let b = Array.append (Array.sub a 0 3) [| 100; 200 |] in
  Array.blit b 0 b 1 4;
  Array.iter (Printf.printf "%d ") b;
  print_newline ();
  let words = [| "pear"; "fig"; "banana"; "kiwi" |] in
  Array.stable_sort (fun x y -> compare (String.length x) (String.length y)) words;
  print_endline (String.concat " " (Array.to_list words));
  Printf.printf "%b %b\n" (Array.exists (fun x -> x > 18) a) (Array.for_all (fun x -> x >= 0) a);
  (try ignore (Array.make (-1) 0) with Invalid_argument m -> print_endline m);
  (try ignore (Array.sub a 15 10) with Invalid_argument m -> print_endline m);
  print_endline (match Option.map succ (Some 1) with Some n -> string_of_int n | None -> "none");
  print_endline (match Result.map_error String.length (Error "four") with Ok () -> "ok" | Error n -> string_of_int n);
  print_endline (Either.fold ~left:string_of_int ~right:Fun.id (Either.Left 3))
