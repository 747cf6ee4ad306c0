(* Functions that run without allocating let the collections of another domain happen: in loops, and in endless sequences of
   tail calls of one function, of two, and of unknown ones. *)

let stop = Atomic.make false

let loop () =
  let turns = ref 0 in
  while not (Atomic.get stop) do
    for _ = 1 to 10 do incr turns done
  done;
  !turns > 0

let rec itself n = if Atomic.get stop then n > 0 else itself (n + 1)
let rec even n = if Atomic.get stop then n > 0 else odd (n + 1)
and odd n = if Atomic.get stop then n > 0 else even (n + 1)

let step = ref (fun _ -> true)
let unknown n = if Atomic.get stop then n > 0 else !step (n + 1)
let () = step := unknown

(* What is live when the collection happens is found and moved. *)
let keeps (a : string) (b : string list) =
  let rec go a b n = if Atomic.get stop then (String.concat a b, n > 0) else go a b (n + 1) in
  go a b 0

let () =
  let try_it name f show =
    Atomic.set stop false;
    let started = Atomic.make false in
    let domain = Domain.spawn (fun () -> Atomic.set started true; f ()) in
    while not (Atomic.get started) do Domain.cpu_relax () done;
    Gc.minor ();
    Gc.full_major ();
    Atomic.set stop true;
    Printf.printf "%s %s\n" name (show (Domain.join domain))
  in
  try_it "loop" loop string_of_bool;
  try_it "itself" (fun () -> itself 0) string_of_bool;
  try_it "two" (fun () -> even 0) string_of_bool;
  try_it "unknown" (fun () -> unknown 0) string_of_bool;
  try_it "keeps" (fun () -> keeps (string_of_int 12) [ string_of_int 3; string_of_int 4 ]) (fun (s, b) -> Printf.sprintf "%s %b" s b)
