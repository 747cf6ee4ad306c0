(* Signals: handlers run at safepoints, also inside loops that do not allocate, and may raise. *)

let () =
  let count = ref 0 in
  Sys.set_signal Sys.sigusr1 (Sys.Signal_handle (fun s -> if s = Sys.sigusr1 then incr count));
  ignore (Sys.command "kill -USR1 $PPID");
  while !count = 0 do () done;
  (match Sys.signal Sys.sigusr1 Sys.Signal_default with
  | Sys.Signal_handle _ -> print_endline "handler"
  | Sys.Signal_default | Sys.Signal_ignore -> print_endline "wrong");
  (match Sys.signal Sys.sigusr2 Sys.Signal_ignore with
  | Sys.Signal_default -> print_endline "default"
  | Sys.Signal_handle _ | Sys.Signal_ignore -> print_endline "wrong");
  (match Sys.signal Sys.sigusr2 Sys.Signal_default with
  | Sys.Signal_ignore -> print_endline "ignore"
  | Sys.Signal_handle _ | Sys.Signal_default -> print_endline "wrong");
  Printf.printf "%d %d %d\n" !count Sys.sigint Sys.sigsegv;
  let exception Interrupted in
  Sys.set_signal Sys.sigusr2 (Sys.Signal_handle (fun _ -> raise Interrupted));
  (match
     ignore (Sys.command "kill -USR2 $PPID");
     let n = ref 0 in
     while true do incr n done
   with
  | () -> print_endline "wrong"
  | exception Interrupted -> print_endline "interrupted");
  (try Sys.set_signal 1000 Sys.Signal_ignore with Invalid_argument m -> print_endline m | Sys_error _ -> print_endline "system error")
