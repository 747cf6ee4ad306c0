(* Counts words of generated text in a hash table and sorts them: strings, hashing, comparison. *)

let word seed = String.init (2 + (seed mod 3)) (fun i -> Char.chr (97 + ((seed lsr (3 * i)) land 7)))

let () =
  let n = int_of_string Sys.argv.(1) in
  let counts = Hashtbl.create 64 and seed = ref 7 in
  for _ = 1 to n do
    seed := ((!seed * 1103515245) + 12345) land 0x3fffffff;
    let w = word (!seed lsr 8) in
    match Hashtbl.find_opt counts w with Some r -> incr r | None -> Hashtbl.add counts w (ref 1)
  done;
  let all = Hashtbl.fold (fun w r acc -> (w, !r) :: acc) counts [] in
  let sorted = List.sort (fun (w, a) (v, b) -> match compare b a with 0 -> String.compare w v | c -> c) all in
  Printf.printf "%d\n" (List.length sorted);
  List.iteri (fun i (w, c) -> if i < 10 then Printf.printf "%s %d\n" w c) sorted
