(* Floats: printing in all formats, special values, rounding, conversion, classification, float arrays. *)

let values = [ 0.; -0.; 1.; -1.5; 0.1; 1e10; 1e22; 1e23; 123456.789; 1e-5; 5e-324; max_float; infinity; neg_infinity; nan ]

let () =
  List.iter (fun x -> Printf.printf "%g %f %e %s %h\n" x x x (string_of_float x) x)
    (List.filter (fun x -> Float.abs x < 1e30) values);
  List.iter (fun x -> Printf.printf "%g %.3e %.17g %F\n" x x x x) values;
  Printf.printf "[%8.3f] [%-8.2f] [%+.1f] [%08.2f] [% .1f] [%#g]\n" 3.14159 2.5 1. (-2.5) 7. 1.

let () =
  Printf.printf "%d %d %d\n" (truncate 2.9) (truncate (-2.9)) (int_of_float 1e15);
  Printf.printf "%g %g %g %g\n" (floor (-1.5)) (ceil (-1.5)) (Float.round 2.5) (Float.round (-0.4));
  Printf.printf "%g %g %g\n" (Float.trunc 1.7) (Float.rem 7. 2.5) (mod_float (-7.) 2.5);
  Printf.printf "%b %b %b %b\n" (nan = nan) (nan <> nan) (compare nan nan = 0) (compare nan 1. < 0);
  Printf.printf "%b %b %b\n" (0. = -0.) (1. /. -0. = neg_infinity) (Float.sign_bit (-0.));
  Printf.printf "%g %g %g\n" (min 1. nan) (Float.min 1. nan) (Float.max_num 1. nan);
  Printf.printf "%.15g %.15g %.15g\n" (sqrt 2.) (exp 1.) (log 10.);
  Printf.printf "%.12g %.12g %.12g %.12g\n" (sin 1.) (cos 1.) (atan2 1. (-1.)) (2. ** 0.5);
  Printf.printf "%g %d\n" (fst (Float.frexp 12.)) (snd (Float.frexp 12.));
  Printf.printf "%g %g %g\n" (Float.ldexp 0.75 4) (fst (Float.modf 3.25)) (snd (Float.modf 3.25));
  Printf.printf "%.17g %.17g\n" (Float.fma 0.1 10. (-1.)) ((0.1 *. 10.) -. 1.);
  Printf.printf "%.17g %.17g\n" (Float.succ 1.) (Float.pred 1.);
  List.iter (fun s -> match float_of_string_opt s with Some f -> Printf.printf "%g " f | None -> print_string "none ")
    [ "1.5"; "1e3"; "0x1.8p1"; "nan"; "-inf"; "1_000.5"; "abc"; ""; "1e400"; ".5" ];
  print_newline ();
  let kind x = match Float.classify_float x with
    | FP_normal -> "normal" | FP_subnormal -> "subnormal" | FP_zero -> "zero" | FP_infinite -> "infinite" | FP_nan -> "nan" in
  print_endline (String.concat " " (List.map kind [ 1.; 5e-324; 0.; infinity; nan ]))

let () =
  let a = Array.init 10 (fun i -> float_of_int i /. 4.) in
  let sum = ref 0. in
  Array.iter (fun x -> sum := !sum +. x) a;
  Printf.printf "%g %g\n" !sum (Array.fold_left Float.max neg_infinity a);
  let b = Array.map (fun x -> x *. x) a in
  Printf.printf "%s\n" (String.concat " " (Array.to_list (Array.map string_of_float b)));
  let c = Float.Array.make 3 1.5 in
  Float.Array.set c 1 2.5;
  Printf.printf "%g\n" (Float.Array.fold_left ( +. ) 0. c);
  let rec newton x n = if n = 0 then x else newton ((x +. (2. /. x)) /. 2.) (n - 1) in
  Printf.printf "%.15f\n" (newton 1. 20);
  let harmonic = ref 0. in
  for i = 1 to 100_000 do harmonic := !harmonic +. (1. /. float_of_int i) done;
  Printf.printf "%.12f\n" !harmonic
