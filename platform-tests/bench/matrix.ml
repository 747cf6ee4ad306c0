(* Multiplies square matrices of floats, as arrays of arrays. *)

let create n f = Array.init n (fun i -> Array.init n (fun j -> f i j))

let multiply a b =
  let n = Array.length a in
  let product = Array.make_matrix n n 0. in
  for i = 0 to n - 1 do
    let row = a.(i) and out = product.(i) in
    for k = 0 to n - 1 do
      let x = row.(k) and other = b.(k) in
      for j = 0 to n - 1 do
        out.(j) <- out.(j) +. (x *. other.(j))
      done
    done
  done;
  product

let () =
  let n = int_of_string Sys.argv.(1) in
  let a = create n (fun i j -> float_of_int ((i * j) mod 7)) and b = create n (fun i j -> float_of_int ((i + j) mod 5)) in
  let c = multiply a (multiply b a) in
  let trace = ref 0. in
  for i = 0 to n - 1 do trace := !trace +. c.(i).(i) done;
  Printf.printf "%.1f\n" !trace
