(* Multi-dimensional numerical arrays outside the heap.

   The runtime knows the constructors of kinds and layouts by their order. *)

type float16_elt = Float16_elt
type float32_elt = Float32_elt
type float64_elt = Float64_elt
type int8_signed_elt = Int8_signed_elt
type int8_unsigned_elt = Int8_unsigned_elt
type int16_signed_elt = Int16_signed_elt
type int16_unsigned_elt = Int16_unsigned_elt
type int32_elt = Int32_elt
type int64_elt = Int64_elt
type int_elt = Int_elt
type nativeint_elt = Nativeint_elt
type complex32_elt = Complex32_elt
type complex64_elt = Complex64_elt

type ('a, 'b) kind =
  | Float32 : (float, float32_elt) kind
  | Float64 : (float, float64_elt) kind
  | Int8_signed : (int, int8_signed_elt) kind
  | Int8_unsigned : (int, int8_unsigned_elt) kind
  | Int16_signed : (int, int16_signed_elt) kind
  | Int16_unsigned : (int, int16_unsigned_elt) kind
  | Int32 : (int32, int32_elt) kind
  | Int64 : (int64, int64_elt) kind
  | Int : (int, int_elt) kind
  | Nativeint : (nativeint, nativeint_elt) kind
  | Complex32 : (Complex.t, complex32_elt) kind
  | Complex64 : (Complex.t, complex64_elt) kind
  | Char : (char, int8_unsigned_elt) kind
  | Float16 : (float, float16_elt) kind

type c_layout = C_layout_typ
type fortran_layout = Fortran_layout_typ

type 'a layout =
  | C_layout : c_layout layout
  | Fortran_layout : fortran_layout layout

let float16 = Float16
let float32 = Float32
let float64 = Float64
let int8_signed = Int8_signed
let int8_unsigned = Int8_unsigned
let int16_signed = Int16_signed
let int16_unsigned = Int16_unsigned
let int32 = Int32
let int64 = Int64
let int = Int
let nativeint = Nativeint
let complex32 = Complex32
let complex64 = Complex64
let char = Char

let c_layout = C_layout
let fortran_layout = Fortran_layout

let kind_size_in_bytes : type a b. (a, b) kind -> int = function
  | Int8_signed | Int8_unsigned | Char -> 1
  | Int16_signed | Int16_unsigned | Float16 -> 2
  | Int32 | Float32 -> 4
  | Int64 | Float64 | Complex32 -> 8
  | Complex64 -> 16
  | Int | Nativeint -> Sys.word_size / 8

(* The index of the first element in each dimension. *)
let first_index : type l. l layout -> int = function
  | C_layout -> 0
  | Fortran_layout -> 1

module Genarray = struct
  type (!'a, !'b, !'c) t

  external create : ('a, 'b) kind -> 'c layout -> int array -> ('a, 'b, 'c) t
    = "caml_ba_create"
  external get : ('a, 'b, 'c) t -> int array -> 'a = "caml_ba_get_generic"
  external set : ('a, 'b, 'c) t -> int array -> 'a -> unit
    = "caml_ba_set_generic"
  external num_dims : ('a, 'b, 'c) t -> int = "caml_ba_num_dims"
  external nth_dim : ('a, 'b, 'c) t -> int -> int = "caml_ba_dim"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"
  external sub_left :
    ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"
  external sub_right :
    ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"
  external slice_left :
    ('a, 'b, c_layout) t -> int array -> ('a, 'b, c_layout) t
    = "caml_ba_slice"
  external slice_right :
    ('a, 'b, fortran_layout) t -> int array -> ('a, 'b, fortran_layout) t
    = "caml_ba_slice"
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  let dims a = Array.init (num_dims a) (nth_dim a)

  let size_in_bytes a =
    Array.fold_left ( * ) (kind_size_in_bytes (kind a)) (dims a)

  (* Elements are computed in the order in which they lie in memory: the
     dimension that varies fastest is the last one in C, the first one in
     Fortran.  The array of indices is given to [f], and reused. *)

  let rec init_c a f dims index d =
    if d = Array.length dims then set a index (f index)
    else
      for i = 0 to dims.(d) - 1 do
        index.(d) <- i;
        init_c a f dims index (d + 1)
      done

  let rec init_fortran a f dims index d =
    if d < 0 then set a index (f index)
    else
      for i = 1 to dims.(d) do
        index.(d) <- i;
        init_fortran a f dims index (d - 1)
      done

  let init (type l) kind (layout : l layout) dims f =
    let a = create kind layout dims in
    let n = Array.length dims in
    let index = Array.make n (first_index layout) in
    begin match layout with
    | C_layout -> init_c a f dims index 0
    | Fortran_layout -> init_fortran a f dims index (n - 1)
    end;
    a
end

module Array0 = struct
  type (!'a, !'b, !'c) t = ('a, 'b, 'c) Genarray.t

  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  let create kind layout = Genarray.create kind layout [||]
  let get a = Genarray.get a [||]
  let set a x = Genarray.set a [||] x
  let size_in_bytes a = kind_size_in_bytes (kind a)

  let of_value kind layout x =
    let a = create kind layout in
    set a x;
    a

  let init = of_value
end

module Array1 = struct
  type (!'a, !'b, !'c) t = ('a, 'b, 'c) Genarray.t

  external get : ('a, 'b, 'c) t -> int -> 'a = "%caml_ba_ref_1"
  external set : ('a, 'b, 'c) t -> int -> 'a -> unit = "%caml_ba_set_1"
  external unsafe_get : ('a, 'b, 'c) t -> int -> 'a = "%caml_ba_unsafe_ref_1"
  external unsafe_set : ('a, 'b, 'c) t -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_1"
  external dim : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"
  external sub : ('a, 'b, 'c) t -> int -> int -> ('a, 'b, 'c) t = "caml_ba_sub"
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  let create kind layout dim = Genarray.create kind layout [| dim |]
  let size_in_bytes a = kind_size_in_bytes (kind a) * dim a

  let slice (type l) (a : (_, _, l) t) i : (_, _, l) Array0.t =
    match layout a with
    | C_layout -> Genarray.slice_left a [| i |]
    | Fortran_layout -> Genarray.slice_right a [| i |]

  let init kind layout dim f =
    let a = create kind layout dim in
    let first = first_index layout in
    for i = first to first + dim - 1 do unsafe_set a i (f i) done;
    a

  let of_array kind layout data =
    let a = create kind layout (Array.length data) in
    let first = first_index layout in
    for i = 0 to Array.length data - 1 do
      unsafe_set a (first + i) (Array.unsafe_get data i)
    done;
    a
end

module Array2 = struct
  type (!'a, !'b, !'c) t = ('a, 'b, 'c) Genarray.t

  external get : ('a, 'b, 'c) t -> int -> int -> 'a = "%caml_ba_ref_2"
  external set : ('a, 'b, 'c) t -> int -> int -> 'a -> unit = "%caml_ba_set_2"
  external unsafe_get : ('a, 'b, 'c) t -> int -> int -> 'a
    = "%caml_ba_unsafe_ref_2"
  external unsafe_set : ('a, 'b, 'c) t -> int -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_2"
  external dim1 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external dim2 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_2"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"
  external sub_left :
    ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"
  external sub_right :
    ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  let create kind layout dim1 dim2 =
    Genarray.create kind layout [| dim1; dim2 |]

  let size_in_bytes a = kind_size_in_bytes (kind a) * dim1 a * dim2 a
  let slice_left a i = Genarray.slice_left a [| i |]
  let slice_right a j = Genarray.slice_right a [| j |]

  let init (type l) kind (layout : l layout) dim1 dim2 f =
    let a = create kind layout dim1 dim2 in
    begin match layout with
    | C_layout ->
      for i = 0 to dim1 - 1 do
        for j = 0 to dim2 - 1 do unsafe_set a i j (f i j) done
      done
    | Fortran_layout ->
      for j = 1 to dim2 do
        for i = 1 to dim1 do unsafe_set a i j (f i j) done
      done
    end;
    a

  let of_array kind layout data =
    let dim1 = Array.length data in
    let dim2 = if dim1 = 0 then 0 else Array.length data.(0) in
    let a = create kind layout dim1 dim2 in
    let first = first_index layout in
    for i = 0 to dim1 - 1 do
      let row = data.(i) in
      if Array.length row <> dim2 then
        invalid_arg "Bigarray.Array2.of_array: non-rectangular data";
      for j = 0 to dim2 - 1 do
        unsafe_set a (first + i) (first + j) row.(j)
      done
    done;
    a
end

module Array3 = struct
  type (!'a, !'b, !'c) t = ('a, 'b, 'c) Genarray.t

  external get : ('a, 'b, 'c) t -> int -> int -> int -> 'a = "%caml_ba_ref_3"
  external set : ('a, 'b, 'c) t -> int -> int -> int -> 'a -> unit
    = "%caml_ba_set_3"
  external unsafe_get : ('a, 'b, 'c) t -> int -> int -> int -> 'a
    = "%caml_ba_unsafe_ref_3"
  external unsafe_set : ('a, 'b, 'c) t -> int -> int -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_3"
  external dim1 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external dim2 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_2"
  external dim3 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_3"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"
  external sub_left :
    ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"
  external sub_right :
    ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  let create kind layout dim1 dim2 dim3 =
    Genarray.create kind layout [| dim1; dim2; dim3 |]

  let size_in_bytes a =
    kind_size_in_bytes (kind a) * dim1 a * dim2 a * dim3 a

  let slice_left_1 a i j = Genarray.slice_left a [| i; j |]
  let slice_right_1 a j k = Genarray.slice_right a [| j; k |]
  let slice_left_2 a i = Genarray.slice_left a [| i |]
  let slice_right_2 a k = Genarray.slice_right a [| k |]

  let init (type l) kind (layout : l layout) dim1 dim2 dim3 f =
    let a = create kind layout dim1 dim2 dim3 in
    begin match layout with
    | C_layout ->
      for i = 0 to dim1 - 1 do
        for j = 0 to dim2 - 1 do
          for k = 0 to dim3 - 1 do unsafe_set a i j k (f i j k) done
        done
      done
    | Fortran_layout ->
      for k = 1 to dim3 do
        for j = 1 to dim2 do
          for i = 1 to dim1 do unsafe_set a i j k (f i j k) done
        done
      done
    end;
    a

  let check_length a n =
    if Array.length a <> n then
      invalid_arg "Bigarray.Array3.of_array: non-cubic data"

  let of_array kind layout data =
    let dim1 = Array.length data in
    let dim2 = if dim1 = 0 then 0 else Array.length data.(0) in
    let dim3 = if dim2 = 0 then 0 else Array.length data.(0).(0) in
    let a = create kind layout dim1 dim2 dim3 in
    let first = first_index layout in
    for i = 0 to dim1 - 1 do
      check_length data.(i) dim2;
      for j = 0 to dim2 - 1 do
        let line = data.(i).(j) in
        check_length line dim3;
        for k = 0 to dim3 - 1 do
          unsafe_set a (first + i) (first + j) (first + k) line.(k)
        done
      done
    done;
    a
end

(* All are of the same representation. *)

external genarray_of_array0 : ('a, 'b, 'c) Array0.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array1 : ('a, 'b, 'c) Array1.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array2 : ('a, 'b, 'c) Array2.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array3 : ('a, 'b, 'c) Array3.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"

let of_genarray a n function_name =
  if Genarray.num_dims a = n then a else invalid_arg function_name

let array0_of_genarray a = of_genarray a 0 "Bigarray.array0_of_genarray"
let array1_of_genarray a = of_genarray a 1 "Bigarray.array1_of_genarray"
let array2_of_genarray a = of_genarray a 2 "Bigarray.array2_of_genarray"
let array3_of_genarray a = of_genarray a 3 "Bigarray.array3_of_genarray"

external reshape :
  ('a, 'b, 'c) Genarray.t -> int array -> ('a, 'b, 'c) Genarray.t
  = "caml_ba_reshape"

let reshape_0 a = reshape a [||]
let reshape_1 a dim1 = reshape a [| dim1 |]
let reshape_2 a dim1 dim2 = reshape a [| dim1; dim2 |]
let reshape_3 a dim1 dim2 dim3 = reshape a [| dim1; dim2; dim3 |]

(* The primitives that accesses of unknown kind or layout become must be linked
   with any program that uses this module; nothing here would refer to them. *)
let _ = Genarray.get
let _ = Array1.get
let _ = Array2.get
let _ = Array3.get

[@@@ocaml.warning "-32"]

external get_1 : unit -> unit = "caml_ba_get_1"
external get_2 : unit -> unit = "caml_ba_get_2"
external get_3 : unit -> unit = "caml_ba_get_3"
external set_1 : unit -> unit = "caml_ba_set_1"
external set_2 : unit -> unit = "caml_ba_set_2"
external set_3 : unit -> unit = "caml_ba_set_3"
