(* Exceptions: arguments, nesting, reraising, finalisation, matching on exceptions, raising out of loops and callbacks. *)

exception Simple
exception With_argument of int * string
exception With_record of { code : int; text : string }
exception Alias = With_argument

let describe = function
  | Simple -> "simple"
  | With_argument (n, s) -> Printf.sprintf "argument %d %s" n s
  | With_record { code; text } -> Printf.sprintf "record %d %s" code text
  | Failure m -> "failure " ^ m
  | Invalid_argument m -> "invalid " ^ m
  | Not_found -> "not found"
  | Division_by_zero -> "division by zero"
  | End_of_file -> "end of file"
  | e -> "other " ^ Printexc.to_string e

let attempt f = print_endline (try f () with e -> describe e)

let find_first p a =
  let exception Found of int in
  try
    Array.iteri (fun i x -> if p x then raise (Found i)) a;
    -1
  with Found i -> i

let rec deep n = if n = 0 then raise (With_argument (n, "bottom")) else 1 + deep (n - 1)

let protect f =
  Fun.protect ~finally:(fun () -> print_string "[finally] ") f

let zero = ref 0

let () =
  attempt (fun () -> raise Simple);
  attempt (fun () -> raise (With_argument (1, "one")));
  attempt (fun () -> raise (Alias (2, "two")));
  attempt (fun () -> raise (With_record { code = 7; text = "seven" }));
  attempt (fun () -> failwith "message");
  attempt (fun () -> string_of_int (1 / !zero));
  attempt (fun () -> string_of_int (1 mod !zero));
  attempt (fun () -> String.make 1 "abc".[!zero + 3]);
  attempt (fun () -> string_of_int [| 1; 2 |].(!zero - 1));
  attempt (fun () -> string_of_int (int_of_string "12x"));
  attempt (fun () -> string_of_int (deep 10000));
  attempt (fun () -> try raise Simple with Not_found -> "wrong");
  attempt (fun () -> try (try raise Not_found with Not_found -> raise Simple) with Simple -> "inner to outer");
  attempt (fun () -> match List.find (fun x -> x > 5) [ 1; 7 ] with n -> string_of_int n | exception Not_found -> "none");
  attempt (fun () -> match List.find (fun x -> x > 9) [ 1; 7 ] with n -> string_of_int n | exception Not_found -> "none");
  attempt (fun () -> protect (fun () -> "value"));
  attempt (fun () -> protect (fun () -> raise Simple));
  attempt (fun () -> assert (!zero = 1); "");
  attempt (fun () -> Hashtbl.find (Hashtbl.create 1) "missing");
  Printf.printf "%d %d\n" (find_first (fun x -> x > 2) [| 1; 2; 3; 4 |]) (find_first (fun x -> x > 9) [| 1 |]);
  let total = ref 0 in
  for i = 1 to 100_000 do
    try if i land 1 = 0 then raise Simple else incr total with Simple -> total := !total + 2
  done;
  Printf.printf "%d\n" !total;
  let log = Buffer.create 10 in
  (try
     try
       Buffer.add_string log "a";
       ignore (List.map (fun x -> if x = 2 then raise Exit else Buffer.add_string log (string_of_int x)) [ 1; 2; 3 ])
     with Not_found -> Buffer.add_string log "wrong"
   with Exit -> Buffer.add_string log "exit");
  print_endline (Buffer.contents log);
  print_endline (Printexc.to_string (With_argument (3, "x")));
  print_endline (Printexc.to_string (With_record { code = 1; text = "t" }));
  print_endline (Printexc.to_string (Failure "f"))
