(* Closures: captured variables, partial and over-application, mutual recursion, functions of many arguments. *)

let adder n x = n + x
let compose f g x = f (g x)
let counter () =
  let n = ref 0 in
  fun () ->
    incr n;
    !n

let rec even n = n = 0 || odd (n - 1)
and odd n = n <> 0 && even (n - 1)

let many a b c d e f g h i j k l = a + (2 * b) + (3 * c) + d + e + f + g + h + i + j + k + l
let floats a b c d e f g h i j = a +. b +. c +. d +. e +. f +. g +. h +. i +. j

let twice f = compose f f
let flip f x y = f y x
let tuple (a, b) = a - b
let curried_result n = if n > 0 then fun x -> x + n else fun x -> x - n

let local_recursion base =
  let rec f n = if n = 0 then base else g (n - 1) + 1
  and g n = if n = 0 then -base else f (n - 1) * 2 in
  f 5, g 4

let () =
  let add3 = adder 3 in
  Printf.printf "%d %d\n" (add3 4) (twice (twice add3) 0);
  let c = counter () and d = counter () in
  ignore (c ());
  ignore (c ());
  Printf.printf "%d %d\n" (c ()) (d ());
  Printf.printf "%b %b\n" (even 1001) (odd 1001);
  let p = many 1 2 3 in
  let q = p 4 5 6 7 in
  Printf.printf "%d %d\n" (q 8 9 10 11 12) (many 1 1 1 1 1 1 1 1 1 1 1 1);
  Printf.printf "%g\n" (floats 1. 2. 3. 4. 5. 6. 7. 8. 9. 0.5);
  Printf.printf "%d %d\n" (flip ( - ) 1 10) (List.fold_left (fun a b -> tuple (a, b)) 100 [ 1; 2; 3 ]);
  Printf.printf "%d %d\n" (curried_result 5 1) (curried_result (-5) 1);
  let a, b = local_recursion 7 in
  Printf.printf "%d %d\n" a b;
  let fs = Array.init 5 (fun i -> fun x -> (i * x) + 1) in
  Array.iter (fun f -> Printf.printf "%d " (f 10)) fs;
  print_newline ();
  let apply : ('a -> 'b -> 'c) -> 'a -> 'b -> 'c = fun f -> f in
  Printf.printf "%d\n" (apply (fun x -> print_string "first "; fun y -> print_string "second "; x * y) 6 7);
  let rec y f x = f (y f) x in
  Printf.printf "%d\n" (y (fun self n -> if n = 0 then 1 else n * self (n - 1)) 10)
