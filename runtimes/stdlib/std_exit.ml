(* Linked after the modules of a program. *)

let () = do_at_exit ()
