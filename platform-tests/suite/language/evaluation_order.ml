(* The order in which operands are evaluated: from right to left, functions
   after their arguments, the bounds of a loop in the order of the source. *)

let trace = Buffer.create 64

let step name value =
  Buffer.add_string trace name;
  Buffer.add_char trace ' ';
  value

let show what =
  Printf.printf "%-12s %s\n" what (Buffer.contents trace);
  Buffer.clear trace

type pair = { left : int; mutable right : float }

let[@inline never] kept a b = a + b
let[@inline always] copied a b = a + b

let functions () =
  ignore ((let () = step "function" () in kept) (step "a" 1) (step "b" 2));
  show "closed";
  ignore ((let () = step "function" () in copied) (step "a" 1) (step "b" 2));
  show "inlined";
  let offset = String.length (Sys.opaque_identity "three") in
  let[@inline never] captures a b = a + b + offset in
  ignore ((let () = step "function" () in captures) (step "a" 1) (step "b" 2));
  show "closure";
  let curried a = step "body" (fun b -> a + b) in
  ignore (curried (step "a" 1) (step "b" 2));
  show "curried";
  let labelled ~x ?(y = step "default" 2) z = x + y + z in
  ignore (labelled (step "z" 1) ~x:(step "x" 2));
  show "labels";
  ignore (step "argument" 1 |> step "function" succ);
  show "pipe"

let data () =
  ignore { left = step "left" 1; right = step "right" 2. };
  show "record";
  ignore (step "a" 1, step "b" 2, step "c" 3);
  show "tuple";
  ignore (step "head" 1 :: step "tail" []);
  show "list";
  let r = { left = 1; right = 2. } in
  ignore { r with left = step "left" 2 };
  (step "record" r).right <- step "value" 3.;
  show "store";
  let a = [| 1; 2; 3 |] in
  (step "array" a).(step "index" 0) <- step "value" 4;
  show "array";
  match (step "array" a).(step "index" 7) + step "right" 1 with
  | _ -> print_endline "in bounds"
  | exception Invalid_argument text -> print_endline text

let control () =
  show "bounds";
  for i = step "first" 1 to step "last" 2 do step (string_of_int i) () done;
  show "upto";
  for i = step "first" 0 downto step "last" 1 do step (string_of_int i) () done;
  show "downto";
  (match step "value" (Some 3) with
   | Some n when step "first" (n > 5) -> ()
   | Some n when step "second" (n = 3) -> ()
   | _ -> assert false);
  show "guards";
  ignore ((step "a" true && step "b" false) || step "c" true);
  show "booleans"

let () =
  functions ();
  data ();
  control ()
