(* Bigarrays: kinds, layouts, dimensions, slices, bounds, blits. *)

open Bigarray

let () =
  let a = Array1.create float64 c_layout 1000 in
  for i = 0 to 999 do a.{i} <- float_of_int i *. 0.5 done;
  let sum = ref 0. in
  for i = 0 to Array1.dim a - 1 do sum := !sum +. a.{i} done;
  Printf.printf "%g\n" !sum;
  let s = Array1.sub a 10 5 in
  s.{0} <- -1.;
  Printf.printf "%g %d\n" a.{10} (Array1.dim s);
  (try a.{1000} <- 0. with Invalid_argument m -> print_endline m);
  let m = Array2.create int32 fortran_layout 3 4 in
  for i = 1 to 3 do for j = 1 to 4 do m.{i, j} <- Int32.of_int ((10 * i) + j) done done;
  Printf.printf "%ld %ld %d %d\n" m.{1, 1} m.{3, 4} (Array2.dim1 m) (Array2.dim2 m);
  let column = Array2.slice_right m 2 in
  Printf.printf "%ld %d\n" column.{3} (Array1.dim column);
  let bytes = Array1.create int8_unsigned c_layout 4 in
  bytes.{0} <- 300;
  bytes.{1} <- -1;
  Printf.printf "%d %d\n" bytes.{0} bytes.{1};
  let signed = Array1.create int16_signed c_layout 2 in
  signed.{0} <- 40000;
  Printf.printf "%d\n" signed.{0};
  let longs = Array1.of_array int64 c_layout [| 1L; Int64.max_int; -5L |] in
  Printf.printf "%Ld %Ld\n" longs.{1} longs.{2};
  let singles = Array1.create float32 c_layout 1 in
  singles.{0} <- 0.1;
  Printf.printf "%.9g\n" singles.{0};
  let complexes = Array1.create complex64 c_layout 2 in
  complexes.{1} <- { Complex.re = 1.; im = -2. };
  Printf.printf "%g\n" (Complex.norm complexes.{1});
  let cube = Array3.create int c_layout 2 3 4 in
  Array3.fill cube 0;
  cube.{1, 2, 3} <- 42;
  Printf.printf "%d %d\n" cube.{1, 2, 3} (Array3.dim3 cube);
  let g = genarray_of_array3 cube in
  Printf.printf "%d %d\n" (Genarray.num_dims g) (Genarray.get g [| 1; 2; 3 |]);
  let copy = Array1.create float64 c_layout 1000 in
  Array1.blit a copy;
  Printf.printf "%b %g\n" (a = copy) copy.{999};
  let reshaped = array2_of_genarray (reshape (genarray_of_array1 copy) [| 10; 100 |]) in
  Printf.printf "%g %d\n" reshaped.{9, 99} (Array2.size_in_bytes reshaped)
