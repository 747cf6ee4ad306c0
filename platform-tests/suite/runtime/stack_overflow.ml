(* Infinite recursion raises Stack_overflow, which a program may catch, again and again.
   env: OCAMLRUNPARAM=l=1M *)

let rec forever n = 1 + forever (n + 1)

let () =
  for i = 1 to 3 do
    match forever 0 with
    | n -> Printf.printf "wrong %d\n" n
    | exception Stack_overflow -> Printf.printf "overflow %d\n" i
  done;
  (match List.fold_right ( + ) (List.init 100 Fun.id) 0 with n -> Printf.printf "%d\n" n);
  let in_closure = ref (fun x -> x) in
  (in_closure := fun x -> 1 + !in_closure (x + 1));
  match !in_closure 0 with _ -> print_endline "wrong" | exception Stack_overflow -> print_endline "overflow in a closure"
