(* Gc.Memprof: samples of each source, combined allocations, promotion and death, exceptions, several profiles, domains.
   flags: -g *)

module M = Gc.Memprof

let keep x = ignore (Sys.opaque_identity x)

let source = function
  | M.Normal -> "normal"
  | M.Marshal -> "marshal"
  | M.Custom -> "custom"
  | M.Map_file -> "map_file"

(* The blocks of one expression are allocated together, and reported in the order of evaluation. *)
let[@inline never] nested n = (n, (n, n, n), [| n; n; n; n |])

let every_block name f =
  let log = Buffer.create 100 in
  let note (i : M.allocation) =
    if Buffer.length log < 200 then Printf.bprintf log " %s:%d:%d" (source i.source) i.size i.n_samples;
    None
  in
  keep (M.start ~sampling_rate:1. ~callstack_size:0 { M.null_tracker with alloc_minor = note; alloc_major = note });
  f ();
  M.stop ();
  Printf.printf "%s:%s\n" name (Buffer.contents log)

let () =
  let text = Marshal.to_string [ Sys.opaque_identity 1; 2 ] [] in
  every_block "nested" (fun () -> keep (nested 1));
  every_block "large" (fun () -> keep (Array.make 1000 0));
  every_block "unmarshalled" (fun () -> keep (Marshal.from_string text 0 : int list));
  every_block "bigarray" (fun () -> keep (Bigarray.Array1.create Int C_layout 100));
  every_block "float" (fun () -> keep (Sys.opaque_identity 1. +. Sys.opaque_identity 2.))

(* Samples are as frequent as the rate says. *)
let () =
  let samples = ref 0 and words = ref 0 in
  let count (i : M.allocation) = samples := !samples + i.n_samples; None in
  keep (M.start ~sampling_rate:0.01 ~callstack_size:3 { M.null_tracker with alloc_minor = count; alloc_major = count });
  for i = 1 to 100_000 do
    keep (nested i);
    words := !words + 3 + 4 + 4 + 5 + 2
  done;
  for i = 1 to 100 do keep (Array.make (300 + i) 0); words := !words + 301 + i done;
  M.stop ();
  let expected = float_of_int (100_000 * 13 + 35_150) *. 0.01 in
  Printf.printf "rate: %b\n" (Float.abs (float_of_int !samples -. expected) < 6. *. sqrt expected)

(* What becomes of a block. *)
let () =
  let log = ref [] in
  let say event n = log := (event, n) :: !log in
  let tracker =
    { M.alloc_minor = (fun i -> if i.size = 7 then Some i.size else None);
      alloc_major = (fun i -> if i.size = 777 then Some i.size else None);
      promote = (fun n -> say "promote" n; Some (n + 1));
      dealloc_minor = say "dies young";
      dealloc_major = say "dies" }
  in
  let profile = M.start ~sampling_rate:1. tracker in
  let survivor = ref (Array.make 7 0) in
  keep (Array.make 7 1);
  let big = ref (Array.make 777 0) in
  Gc.minor ();
  M.stop ();
  keep (!survivor, !big);
  survivor := [||];
  big := [||];
  Gc.full_major ();
  List.iter (fun (event, n) -> Printf.printf "%s %d\n" event n) (List.sort compare !log);
  M.discard profile

(* An exception of a callback leaves from the allocation. *)
exception Enough of int

let () =
  let seen = ref 0 and died = ref 0 in
  let alloc_minor (i : M.allocation) = incr seen; if i.size = 3 then raise (Enough i.size) else Some () in
  keep (M.start ~sampling_rate:1. { M.null_tracker with alloc_minor; dealloc_minor = (fun () -> incr died) });
  let n = try keep (nested 5); 0 with Enough n -> n in
  M.stop ();
  Gc.minor ();
  Printf.printf "enough: %d, seen %b, died %b\n" n (!seen >= 1) (!died = !seen - 1)

(* Starting, stopping and discarding at the wrong time; inside a callback. *)
let () =
  let attempt name f = try f (); print_endline (name ^ ": accepted") with Failure m | Invalid_argument m -> print_endline m in
  attempt "stop" M.stop;
  attempt "rate" (fun () -> keep (M.start ~sampling_rate:2. M.null_tracker));
  let p = M.start ~sampling_rate:0.5 M.null_tracker in
  attempt "start" (fun () -> keep (M.start ~sampling_rate:0.5 M.null_tracker));
  attempt "discard" (fun () -> M.discard p);
  M.stop ();
  M.discard p;
  attempt "discard" (fun () -> M.discard p);
  let second = ref 0 and restarted = ref false in
  let restart _ =
    if not !restarted then begin
      restarted := true;
      M.stop ();
      keep (M.start ~sampling_rate:1. { M.null_tracker with alloc_minor = (fun _ -> incr second; None) })
    end;
    Some ()
  in
  keep (M.start ~sampling_rate:1. { M.null_tracker with alloc_minor = restart });
  keep (nested 1);
  keep (nested 2);
  M.stop ();
  Printf.printf "second profile: %b\n" (!second >= 3)

(* A domain samples for the profile of the one that made it; what it leaves is still looked after. *)
let () =
  let count = Atomic.make 0 and dead = Atomic.make 0 in
  let tracker =
    { M.null_tracker with
      alloc_minor = (fun i -> if i.size = 9 then (Atomic.incr count; Some ()) else None);
      promote = (fun () -> Some ());
      dealloc_minor = (fun () -> Atomic.incr dead);
      dealloc_major = (fun () -> Atomic.incr dead) }
  in
  keep (M.start ~sampling_rate:1. tracker);
  let result = Atomic.make [] in
  Domain.join (Domain.spawn (fun () -> Atomic.set result (List.init 100 (fun i -> Array.make 9 i))));
  M.stop ();
  Printf.printf "%d sampled, %d dead\n" (Atomic.get count) (Atomic.get dead);
  Atomic.set result [];
  Gc.full_major ();
  Gc.full_major ();
  Printf.printf "%d dead\n" (Atomic.get dead)

(* Where blocks are allocated. *)
let[@inline never] pair x = (x, x)
let[@inline never] closure x = fun () -> x
let[@inline never] two x = [ (x, x) ]

let where f =
  let trace = ref None in
  let note (i : M.allocation) = trace := Some i.callstack; None in
  keep (M.start ~sampling_rate:1. ~callstack_size:1 { M.null_tracker with alloc_minor = note });
  f ();
  M.stop ();
  Option.iter (Printexc.print_raw_backtrace stdout) !trace

let () =
  where (fun () -> keep (pair 1));
  where (fun () -> keep (closure 1));
  where (fun () -> keep (two 1))
