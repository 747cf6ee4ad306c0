(* Every kind of root while each allocation collects, whole cycles follow one another, and blocks move.
   env: OCAMLRUNPARAM=V=1,G=3,b=1
   flags: -g -runtime-variant d *)

open Effect
open Effect.Deep

type tree = Leaf | Node of tree * string * float * tree

let rec insert x = function
  | Leaf -> Node (Leaf, string_of_int x, float_of_int x, Leaf)
  | Node (l, s, f, r) as t ->
      let y = int_of_string s in
      if x = y then t else if x < y then Node (insert x l, s, f, r) else Node (l, s, f +. 1., insert x r)

let rec sum = function Leaf -> 0. | Node (l, s, f, r) -> sum l +. f +. float_of_string s +. sum r

(* Registers and stack slots across calls, closures, partial applications. *)
let trees seed =
  let t = ref Leaf and x = ref seed in
  for _ = 1 to 60 do
    x := ((!x * 1103515245) + 12345) land 0xffff;
    t := insert !x !t
  done;
  let adders = List.init 10 (fun i -> ( + ) i) in
  sum !t +. float_of_int (List.fold_left (fun acc f -> f acc) 0 adders)

(* Exceptions and their traces. *)
exception Found of (int * string) list

let rec search n acc = if n = 0 then raise (Found acc) else 1 + search (n - 1) ((n, String.make n 'x') :: acc)

let exceptions () =
  match search 30 [] with
  | _ -> assert false
  | exception Found l ->
      let trace = Printexc.get_backtrace () in
      List.length l + Bool.to_int (trace <> "")

(* Continuations: suspended, resumed later, dropped. *)
type _ Effect.t += Yield : int * string -> string Effect.t

let effects () =
  let queue = Queue.create () and out = Buffer.create 100 in
  let rec depth n = if n = 0 then perform (Yield (n, "leaf")) else String.concat "" [ depth (n - 1); string_of_int n ] in
  let worker i =
    match_with
      (fun () -> depth (i mod 7))
      ()
      { retc = (fun s -> Buffer.add_string out s);
        exnc = raise;
        effc =
          (fun (type a) (e : a Effect.t) ->
            match e with
            | Yield (n, s) ->
                Some
                  (fun (k : (a, _) continuation) ->
                    if i mod 5 = 4 then Buffer.add_char out '-' (* never resumed *)
                    else Queue.add (fun () -> continue k (s ^ string_of_int (n + i))) queue)
            | _ -> None) }
  in
  for i = 1 to 15 do worker i done;
  while not (Queue.is_empty queue) do (Queue.pop queue) () done;
  Buffer.contents out

(* Weak pointers, ephemerons, finalisers, lazy values, marshalled data. *)
let weak () =
  let w = Weak.create 10 and finalised = ref 0 in
  for i = 0 to 9 do
    let r = ref i in
    Gc.finalise (fun r -> finalised := !finalised + !r) r;
    Weak.set w i (Some r)
  done;
  Gc.full_major ();
  Gc.full_major ();
  let e = Ephemeron.K1.make (ref 1) [ "data" ] in
  let l = lazy (List.init 20 string_of_int) in
  let copy : string list = Marshal.from_string (Marshal.to_string (Lazy.force l) []) 0 in
  (!finalised, Weak.check w 3, copy = Lazy.force l, Ephemeron.K1.query e (ref 1))

(* Allocation beside other domains, blocks that they share. *)
let domains () =
  let shared = Atomic.make [] and m = Mutex.create () and table = Hashtbl.create 8 in
  let rec push x =
    let l = Atomic.get shared in
    if not (Atomic.compare_and_set shared l (x :: l)) then push x
  in
  let work d () =
    for i = 1 to 40 do
      push (Printf.sprintf "%d-%d" d i);
      Mutex.protect m (fun () -> Hashtbl.replace table (d, i) (trees (d + i) > 0.))
    done;
    trees d
  in
  let others = List.map (fun d -> Domain.spawn (work d)) [ 1; 2 ] in
  let mine = work 0 () in
  let total = List.fold_left (fun acc d -> acc +. Domain.join d) mine others in
  (total, List.length (List.sort_uniq compare (Atomic.get shared)), Hashtbl.length table)

let () =
  Printf.printf "%.1f %d\n%!" (trees 7) (exceptions ());
  print_endline (effects ());
  let finalised, dead, same, data = weak () in
  Printf.printf "%d %b %b %b\n%!" finalised dead same (data = None);
  let total, pushed, entries = domains () in
  Printf.printf "%.1f %d %d\n" total pushed entries
