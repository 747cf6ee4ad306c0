(* Labelled and optional arguments: order, defaults, partial application, forwarding. *)

let f ~a ~b c = Printf.sprintf "a=%d b=%d c=%d" a b c
let greet ?(greeting = "Hello") ?name () = greeting ^ ", " ^ Option.value name ~default:"world" ^ "!"
let forward ?greeting ?name () = greet ?greeting ?name ()
let area ~width:w ?(height : int option) () = w * match height with Some h -> h | None -> w
let apply g = g ~a:1 ~b:2
let effects ~x ~y = x - y

let () =
  print_endline (f ~b:2 ~a:1 3);
  print_endline (f 3 ~a:1 ~b:2);
  let g = f ~b:20 in
  print_endline (g ~a:10 30);
  print_endline (apply f 3);
  print_endline (greet ());
  print_endline (greet ~name:"Ann" ());
  print_endline (forward ~greeting:"Bye" ());
  print_endline (forward ?name:(Some "Bob") ());
  Printf.printf "%d %d\n" (area ~width:3 ()) (area ~height:5 ~width:3 ());
  let y = 5 in
  Printf.printf "%d %d\n" (effects ~y ~x:10) (effects ~x:1 ~y);
  Printf.printf "%d\n" (List.fold_left (fun acc f -> f ~x:acc ~y:1) 10 [ effects; (fun ~x ~y -> x * (y + 1)) ]);
  print_endline (String.concat "," (ListLabels.map [ 1; 2; 3 ] ~f:string_of_int))
