(* Integers: overflow, shifts, division of negatives, bases, Int32, Int64 and Nativeint. *)

let () =
  Printf.printf "%d %d\n" max_int min_int;
  Printf.printf "%b %b\n" (max_int + 1 = min_int) (min_int - 1 = max_int);
  Printf.printf "%d %d %d %d\n" (7 / 2) (-7 / 2) (7 mod -2) (-7 mod 2);
  Printf.printf "%d %d %d\n" (min_int / -1) (min_int mod -1) (abs min_int);
  Printf.printf "%d %d %d\n" (-1 lsr 1) (-8 asr 1) (1 lsl 62);
  Printf.printf "%d %d %d %d\n" (12 land 10) (12 lor 10) (12 lxor 10) (lnot 12);
  Printf.printf "%d %d %d %d\n" 0xff 0o17 0b1011 1_000_000;
  Printf.printf "%x %X %o %u\n" 255 255 8 42;
  Printf.printf "%d %d\n" (int_of_string "-0x10") (int_of_string "0u123");
  List.iter (fun s -> print_endline (match int_of_string_opt s with Some n -> string_of_int n | None -> "none"))
    [ "12"; ""; "4611686018427387904"; "-4611686018427387904"; "0b12"; "1_2" ];
  let rec power b n = if n = 0 then 1 else b * power b (n - 1) in
  Printf.printf "%d %d\n" (power 3 40) (power (-7) 30)

let () =
  let open Int32 in
  Printf.printf "%ld %ld %ld\n" max_int min_int (add max_int 1l);
  Printf.printf "%ld %ld %ld\n" (mul 123456789l 987654321l) (div min_int (-1l)) (rem (-7l) 3l);
  Printf.printf "%ld %ld %ld\n" (shift_left 1l 31) (shift_right (-16l) 2) (shift_right_logical (-1l) 28);
  Printf.printf "%lx %ld %d\n" (-1l) (of_string "0xdeadbeef") (to_int (of_int 0x1_0000_0005));
  Printf.printf "%g %ld\n" (to_float (-5l)) (of_float 3.99);
  Printf.printf "%b %d\n" (equal 3l 3l) (compare 1l 2l);
  Printf.printf "%ld %ld\n" (bits_of_float 1.5) (unsigned_div (-1l) 16l)

let () =
  let open Int64 in
  Printf.printf "%Ld %Ld %Ld\n" max_int min_int (succ max_int);
  Printf.printf "%Ld %Ld %Ld\n" (mul 0x123456789abcdefL 0xfedcba9L) (div min_int (-1L)) (rem (-7L) 3L);
  Printf.printf "%Lx %Ld\n" (logxor (-1L) 0xffL) (shift_right_logical (-1L) 60);
  Printf.printf "%Lx %g\n" (bits_of_float (-2.5)) (float_of_bits 0x4009_21fb_5444_2d18L);
  Printf.printf "%s %Ld\n" (to_string (of_string "-9223372036854775808")) (of_int (-3));
  let rec hash h n = if n = 0 then h else hash (add (mul h 6364136223846793005L) 1442695040888963407L) (n - 1) in
  Printf.printf "%Lx\n" (hash 42L 1000);
  (try ignore (div 1L (of_int 0)) with Division_by_zero -> print_endline "division by zero");
  Printf.printf "%Ld %b\n" (unsigned_rem (-1L) 10L) (unsigned_compare (-1L) 1L > 0);
  Printf.printf "%nd %nx\n" (Nativeint.mul 3n 7n) (Nativeint.shift_left 1n 40)
