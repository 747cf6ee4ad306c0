(* Arguments and exit codes.
   args: one two
   exit: 7 *)

let () =
  Array.iteri (fun i a -> if i > 0 then print_endline a) Sys.argv;
  at_exit (fun () -> print_endline "first registered");
  at_exit (fun () -> print_endline "last registered");
  exit (Array.length Sys.argv + 4)
