(* Printf and Format: conversions, widths, precisions, %a and %t, format concatenation, boxes. *)

let () =
  Printf.printf "[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%i]\n" 42 42 42 42 42 42 42;
  Printf.printf "[%x] [%#x] [%X] [%o] [%u]\n" 255 255 255 8 7;
  Printf.printf "[%s] [%10s] [%-10s] [%c] [%b] [%B]\n" "str" "right" "left" 'c' true false;
  Printf.printf "[%*d] [%-*d] [%.*f]\n" 6 1 6 2 2 3.14159;
  Printf.printf "%% %@ %d%%\n" 50;
  Printf.printf "%a and %t\n" (fun oc (a, b) -> Printf.fprintf oc "<%d,%d>" a b) (1, 2) (fun oc -> output_string oc "thunk");
  print_endline (Printf.sprintf "%s=%d" "x" 1 ^ Printf.sprintf "%3s" "");
  let fmt = ("%d " : (_, _, _, _, _, _) format6) ^^ "%s\n" in
  Printf.printf fmt 7 "seven";
  let partial = Printf.sprintf "%d-%s-%c" 1 in
  print_endline (partial "a" 'x');
  print_endline (partial "b" 'y');
  Printf.printf "%ld %Ld %nd\n" 1l 2L 3n;
  Printf.printf "%S %C %F\n" "q\"uote" '\n' 1.;
  Printf.ksprintf (fun s -> print_endline ("<" ^ s ^ ">")) "%d %d" 1 2;
  Printf.printf "%(%d%)\n" "<%d>" 5

let rec pp_list ppf = function
  | [] -> ()
  | [ x ] -> Format.fprintf ppf "%d" x
  | x :: rest -> Format.fprintf ppf "%d;@ %a" x pp_list rest

let () =
  Format.printf "@[<hov 2>list [%a]@]@." pp_list (List.init 40 Fun.id);
  Format.printf "@[<v 2>begin@,%s@,%s@]@,end@." "one" "two";
  Format.printf "@[<h>%d@ %d@]@ %s@." 1 2 "three";
  let s = Format.asprintf "%a" (Format.pp_print_list ~pp_sep:(fun p () -> Format.fprintf p ", ") Format.pp_print_int) [ 1; 2; 3 ] in
  print_endline s;
  Format.set_margin 30;
  Format.printf "@[<b 3>%s@ %s@ %s@ %s@ %s@]@." "alpha" "beta" "gamma" "delta" "epsilon";
  Format.printf "%a@." (Format.pp_print_option Format.pp_print_string) (Some "some")
