(* Hashtbl: growth, shadowing, iteration, functorial interface, hash values. *)

module Key = struct
  type t = int * string

  let equal (a, s) (b, t) = a = b && String.equal s t
  let hash (a, s) = (a * 31) + Hashtbl.hash s
end

module Table = Hashtbl.Make (Key)

let sorted h = List.sort compare (Hashtbl.fold (fun k v acc -> (k, v) :: acc) h [])

let () =
  let h = Hashtbl.create 1 in
  for i = 1 to 10_000 do
    Hashtbl.replace h (i * 7919 mod 10_007) i
  done;
  Printf.printf "%d\n" (Hashtbl.length h);
  Printf.printf "%d %b\n" (Hashtbl.find h 7919) (Hashtbl.mem h 20_000);
  for i = 1 to 5_000 do
    Hashtbl.remove h (i * 7919 mod 10_007)
  done;
  Printf.printf "%d %d\n" (Hashtbl.length h) (Hashtbl.fold (fun k v acc -> (acc + (k * v)) land 0xffffff) h 0);
  let s = Hashtbl.create 8 in
  Hashtbl.add s "a" 1;
  Hashtbl.add s "a" 2;
  Hashtbl.add s "b" 3;
  Printf.printf "%d %s\n" (Hashtbl.find s "a") (String.concat "," (List.map string_of_int (Hashtbl.find_all s "a")));
  Hashtbl.remove s "a";
  Printf.printf "%d %d\n" (Hashtbl.find s "a") (Hashtbl.length s);
  Hashtbl.filter_map_inplace (fun k v -> if k = "b" then None else Some (v * 10)) s;
  List.iter (fun (k, v) -> Printf.printf "%s=%d " k v) (sorted s);
  print_newline ();
  let t = Table.create 4 in
  for i = 0 to 99 do
    Table.replace t (i mod 10, string_of_int (i mod 4)) i
  done;
  Printf.printf "%d %d\n" (Table.length t) (Table.find t (3, "3"));
  (match Table.find_opt t (3, "9") with Some _ -> print_endline "wrong" | None -> print_endline "none");
  Printf.printf "%d %d %d %d %d\n" (Hashtbl.hash 42) (Hashtbl.hash "hash") (Hashtbl.hash 3.14) (Hashtbl.hash [ 1; 2; 3 ])
    (Hashtbl.hash (Some ("a", 'b', 1L)));
  Printf.printf "%d %d\n" (Hashtbl.seeded_hash 7 "x") (Hashtbl.hash_param 2 5 [ "a"; "b"; "c" ]);
  Hashtbl.reset h;
  Printf.printf "%d\n" (Hashtbl.length h)
