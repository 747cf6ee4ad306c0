(* Backtraces: an uncaught exception names its frames, innermost first.
   env: OCAMLRUNPARAM=b
   flags: -g -inline 0
   exit: 2 *)

exception Too_large of int

let[@inline never] inner x = if x > 3 then raise (Too_large x) else x

let[@inline never] middle x =
  let y = inner (x + 1) in
  y + 1

let[@inline never] rec outer = function
  | [] -> []
  | x :: rest ->
      let y = middle x in
      y :: outer rest

let[@inline never] again l =
  try outer l
  with Too_large n as e ->
    Printf.printf "reraising %d\n%!" n;
    raise e

let () =
  (try ignore (outer [ 1; 2; 3 ])
   with Too_large n ->
     Printf.printf "caught %d\n" n;
     print_string (Printexc.get_backtrace ()));
  (try ignore (again [ 3 ])
   with Too_large _ -> print_string (Printexc.get_backtrace ()));
  flush stdout;
  ignore (Sys.opaque_identity (middle 10));
  print_endline "not reached"
