(* Requests that no machine grants raise exceptions and leave the program running. *)

let attempt name f =
  match f () with
  | () -> Printf.printf "%s: granted\n" name
  | exception Out_of_memory -> Printf.printf "%s: out of memory\n" name
  | exception Invalid_argument m -> Printf.printf "%s: %s\n" name m

let huge = Sys.opaque_identity (1 lsl 50)

let () =
  attempt "array" (fun () -> ignore (Sys.opaque_identity (Array.make huge 0)));
  attempt "bytes" (fun () -> ignore (Sys.opaque_identity (Bytes.create (huge * 8))));
  attempt "too large an array" (fun () -> ignore (Sys.opaque_identity (Array.make max_int 0)));
  attempt "too large a string" (fun () -> ignore (Sys.opaque_identity (String.make max_int 'x')));
  attempt "bigarray" (fun () -> ignore (Sys.opaque_identity (Bigarray.Array1.create Bigarray.char Bigarray.c_layout (1 lsl 60))));
  attempt "small" (fun () -> ignore (Sys.opaque_identity (Array.make 10 0)));
  print_endline "still running"
