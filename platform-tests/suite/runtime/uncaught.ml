(* An uncaught exception without backtrace: message, exit code, at_exit functions, flushed output.
   exit: 2 *)

exception Custom of int * string

let () =
  at_exit (fun () -> print_endline "at exit");
  print_string "before ";
  raise (Custom (3, "three"))
