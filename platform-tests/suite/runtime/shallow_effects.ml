(* Shallow handlers: state threaded through a handler that changes at every
   effect, with collections at every point of a fiber's life. *)

open Effect
open Effect.Shallow

type _ Effect.t += Get : int t | Put : int -> unit t

let rec run : type a. int -> (a, unit) continuation -> a -> int = fun state k x ->
  continue_with k x
    { retc = (fun () -> state);
      exnc = raise;
      effc = (fun (type b) (eff : b Effect.t) ->
        match eff with
        | Get -> Some (fun (k : (b, unit) continuation) -> run state k state)
        | Put n -> Some (fun (k : (b, unit) continuation) -> run n k ())
        | _ -> None) }

let add_all numbers () =
  List.iter (fun n -> perform (Put (perform Get + n))) numbers

let () =
  let control = Gc.get () in
  Gc.set { control with minor_heap_size = 256 };
  let total = ref 0 in
  for i = 1 to 2000 do
    (* Each round begins elsewhere in the minor heap. *)
    ignore (Sys.opaque_identity (Array.make (i land 31) i));
    total := !total + run i (fiber (add_all [i; 2; 3])) ()
  done;
  Gc.set control;
  Printf.printf "%d\n" !total;
  match run 0 (fiber (fun () -> perform (Put 7); failwith "stopped")) () with
  | n -> Printf.printf "%d\n" n
  | exception Failure text -> print_endline text
