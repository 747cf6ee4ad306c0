(* Effects: deep and shallow handlers, generators, a scheduler, exceptions through handlers, many fibers. *)

open Effect
open Effect.Deep

type _ Effect.t += Get : int Effect.t | Put : int -> unit Effect.t | Yield : unit Effect.t | Fork : (unit -> unit) -> unit Effect.t

let run_state init f =
  let handler =
    {
      retc = (fun x -> fun s -> x, s);
      exnc = raise;
      effc =
        (fun (type a) (e : a Effect.t) ->
          match e with
          | Get -> Some (fun (k : (a, _) continuation) -> fun (s : int) -> continue k s s)
          | Put s -> Some (fun (k : (a, _) continuation) -> fun _ -> continue k () s)
          | _ -> None);
    }
  in
  match_with f () handler init

let schedule main =
  let queue = Queue.create () in
  let next () = if Queue.is_empty queue then () else (Queue.pop queue) () in
  let rec spawn f =
    match_with f ()
      {
        retc = next;
        exnc = (fun e -> Printf.printf "task failed: %s\n" (Printexc.to_string e); next ());
        effc =
          (fun (type a) (e : a Effect.t) ->
            match e with
            | Yield -> Some (fun (k : (a, _) continuation) -> Queue.push (fun () -> continue k ()) queue; next ())
            | Fork f -> Some (fun (k : (a, _) continuation) -> Queue.push (fun () -> continue k ()) queue; spawn f)
            | _ -> None);
      }
  in
  spawn main

type _ Effect.t += Emit : int -> unit Effect.t

let generator iter =
  let module S = Effect.Shallow in
  let current = ref (S.fiber (fun () -> iter (fun x -> perform (Emit x)); None)) in
  fun () ->
    S.continue_with !current (Obj.magic ())
      {
        retc = (fun _ -> None);
        exnc = raise;
        effc =
          (fun (type a) (e : a Effect.t) ->
            match e with Emit x -> Some (fun (k : (a, _) S.continuation) -> current := Obj.magic k; Some x) | _ -> None);
      }

let () =
  let result, state = run_state 10 (fun () -> for _ = 1 to 5 do perform (Put (perform Get * 2)) done; "done") in
  Printf.printf "%s %d\n" result state;
  schedule (fun () ->
      for i = 1 to 3 do
        perform (Fork (fun () ->
            for j = 1 to 3 do
              Printf.printf "(%d,%d) " i j;
              if i = 2 && j = 3 then failwith "two";
              perform Yield
            done))
      done;
      print_newline ());
  print_newline ();
  let next = generator (fun f -> List.iter f [ 1; 2; 3 ]) in
  List.iter (fun () -> print_string (match next () with Some n -> string_of_int n ^ " " | None -> "end ")) [ (); (); (); () ];
  print_newline ();
  (match perform Yield with () -> () | exception Unhandled Yield -> print_endline "unhandled");
  let discontinued =
    match_with
      (fun () -> try perform Yield; "resumed" with Exit -> "discontinued")
      ()
      { retc = Fun.id; exnc = raise;
        effc = (fun (type a) (e : a Effect.t) -> match e with Yield -> Some (fun (k : (a, _) continuation) -> discontinue k Exit) | _ -> None) }
  in
  print_endline discontinued;
  (match
     match_with (fun () -> perform Yield) ()
       { retc = Fun.id; exnc = raise;
         effc = (fun (type a) (e : a Effect.t) -> match e with Yield -> Some (fun (k : (a, _) continuation) -> continue k (); continue k ()) | _ -> None) }
   with
  | () -> print_endline "wrong"
  | exception Continuation_already_resumed -> print_endline "already resumed");
  let rec nest n = if n = 0 then perform Get else match_with nest (n - 1) { retc = (fun x -> x + 1); exnc = raise; effc = (fun _ -> None) } in
  Printf.printf "%d\n" (fst (run_state 5 (fun () -> nest 100)));
  let rec deep n = if n = 0 then (perform Yield; 0) else 1 + deep (n - 1) in
  let sum = ref 0 in
  for _ = 1 to 20 do
    sum := !sum + match_with deep 5000
      { retc = Fun.id; exnc = raise;
        effc = (fun (type a) (e : a Effect.t) -> match e with Yield -> Some (fun (k : (a, _) continuation) -> Gc.minor (); continue k ()) | _ -> None) }
  done;
  Printf.printf "%d\n" !sum;
  try try_with (fun () -> raise Exit) () { effc = (fun _ -> None) } with Exit -> print_endline "exit"
