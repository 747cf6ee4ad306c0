(* Lists: patterns, higher-order functions, tail recursion on long lists. *)

let rec range a b = if a > b then [] else a :: range (a + 1) b

let rec merge cmp xs ys =
  match xs, ys with
  | [], l | l, [] -> l
  | x :: xt, y :: yt -> if cmp x y <= 0 then x :: merge cmp xt ys else y :: merge cmp xs yt

let rec split = function
  | [] -> [], []
  | [ x ] -> [ x ], []
  | x :: y :: rest ->
      let a, b = split rest in
      x :: a, y :: b

let rec sort cmp = function
  | ([] | [ _ ]) as l -> l
  | l ->
      let a, b = split l in
      merge cmp (sort cmp a) (sort cmp b)

let show l = "[" ^ String.concat "; " (List.map string_of_int l) ^ "]"

let () =
  let l = range 1 10 in
  print_endline (show l);
  print_endline (show (List.rev l));
  print_endline (show (List.filter (fun x -> x mod 3 = 0) l));
  print_endline (show (sort compare [ 5; 2; 8; 1; 9; 3; 3; 0; -4 ]));
  print_endline (show (List.concat_map (fun x -> [ x; x * x ]) [ 1; 2; 3 ]));
  Printf.printf "%d %d\n" (List.fold_left ( + ) 0 l) (List.fold_right (fun x acc -> x - acc) l 0);
  let evens, odds = List.partition (fun x -> x land 1 = 0) l in
  print_endline (show evens ^ " " ^ show odds);
  print_endline (show (List.sort_uniq compare [ 3; 1; 2; 3; 1 ]));
  (match List.assoc_opt "b" [ "a", 1; "b", 2 ] with Some n -> Printf.printf "b is %d\n" n | None -> print_endline "no b");
  Printf.printf "%b %b\n" (List.mem 3 l) (List.exists (fun x -> x > 10) l);
  (try ignore (List.find (fun x -> x > 10) l) with Not_found -> print_endline "not found");
  (try ignore (List.hd []) with Failure m -> print_endline m);
  (try ignore (List.combine [ 1 ] []) with Invalid_argument m -> print_endline m);
  let long = List.init 200_000 Fun.id in
  Printf.printf "%d %d\n" (List.length (List.map succ long)) (List.fold_left ( + ) 0 (List.rev_append long []))
