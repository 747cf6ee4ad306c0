(* The smallest program. *)

let () = print_endline "hello"
