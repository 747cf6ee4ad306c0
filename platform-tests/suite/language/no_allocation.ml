(* Values that need no block: tuples that a match takes apart, also out of a handler, optional arguments, blocks that
   get another tag at once.
   flags: -g *)

let allocates f =
  let words = Gc.minor_words () in
  f ();
  let between = Gc.minor_words () in
  Gc.minor_words () -. between <> between -. words

let[@inline never] tuples () =
  let r = ref 0 in
  for i = 1 to 20 do
    let x, y =
      try if i mod 2 = 0 then (1, i * 2) else if i mod 5 = 0 then raise Exit else (-1, i * 3)
      with Exit -> (1, -1)
    in
    r := (!r * x) + y
  done;
  assert (!r = 82)

(* What leaves the body of a [try] early is still under no handler there. *)
let[@inline never] left n =
  let x, y = try if n > 0 then (n, 1) else raise Not_found with Not_found -> (0, n) in
  if x = 3 then raise Not_found else x + y

let rec sum ?(negate = false) ?(acc = 0) = function
  | [] -> if negate then -acc else acc
  | x :: rest -> sum ~negate ~acc:(acc + x) rest

let numbers = [ 1; 2; 3; 4; 5 ]
let[@inline never] optional () = for _ = 1 to 100 do assert (sum numbers = 15) done

let[@inline never] tagged () = ignore (Sys.opaque_identity (Obj.with_tag 7 (Obj.repr ("one", 2.))))

let () =
  Printf.printf "%b %b %b\n" (allocates tuples) (allocates optional) (allocates tagged);
  Printf.printf "%d\n" (Obj.tag (Obj.with_tag 7 (Obj.repr ("one", Sys.opaque_identity 2.))));
  Printf.printf "%d %d %s\n" (left 2) (left (-1)) (try string_of_int (left 3) with Not_found -> "not found");
  Printf.printf "%d %d\n" (sum ~negate:true numbers) (sum ~acc:10 numbers)
