(** Multi-dimensional numerical arrays outside the heap, which C and Fortran
    can share.. Functions raise [Invalid_argument] for indices out of bounds. *)

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

(** The type of elements in programs and in memory. *)
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

val float16 : (float, float16_elt) kind
val float32 : (float, float32_elt) kind
val float64 : (float, float64_elt) kind
val complex32 : (Complex.t, complex32_elt) kind
val complex64 : (Complex.t, complex64_elt) kind
val int8_signed : (int, int8_signed_elt) kind
val int8_unsigned : (int, int8_unsigned_elt) kind
val int16_signed : (int, int16_signed_elt) kind
val int16_unsigned : (int, int16_unsigned_elt) kind
val int : (int, int_elt) kind
val int32 : (int32, int32_elt) kind
val int64 : (int64, int64_elt) kind
val nativeint : (nativeint, nativeint_elt) kind
val char : (char, int8_unsigned_elt) kind

(** The size of an element. Since 4.03. *)
val kind_size_in_bytes : ('a, 'b) kind -> int

(** Rows first, indices from 0. *)
type c_layout = C_layout_typ

(** Columns first, indices from 1. *)
type fortran_layout = Fortran_layout_typ

(** How elements lie in memory. *)
type 'a layout =
  C_layout: c_layout layout
  | Fortran_layout: fortran_layout layout

(** Rows first, indices from 0. *)
val c_layout : c_layout layout

(** Columns first, indices from 1. *)
val fortran_layout : fortran_layout layout

(** Arrays of any number of dimensions. *)
module Genarray : sig
  type (!'a, !'b, !'c) t

  (** An array that is not initialised. *)
  external create : ('a, 'b) kind -> 'c layout -> int array -> ('a, 'b, 'c) t
    = "caml_ba_create"

  (** An array of results, computed in the order in memory. Since 4.12. *)
  val init : ('a, 'b) kind -> 'c layout -> int array -> (int array -> 'a) ->
      ('a, 'b, 'c) t
  external num_dims : ('a, 'b, 'c) t -> int = "caml_ba_num_dims"
  val dims : ('a, 'b, 'c) t -> int array
  external nth_dim : ('a, 'b, 'c) t -> int -> int = "caml_ba_dim"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"

  (** The same elements in the other layout, dimensions and indices being
      reversed. *)
  external change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t
    = "caml_ba_change_layout"

  (** The size of the elements. *)
  val size_in_bytes : ('a, 'b, 'c) t -> int
  external get : ('a, 'b, 'c) t -> int array -> 'a = "caml_ba_get_generic"
  external set : ('a, 'b, 'c) t -> int array -> 'a -> unit
    = "caml_ba_set_generic"

  (** A part of the first dimension, sharing elements. *)
  external sub_left : ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"

  (** A part of the last dimension, sharing elements. *)
  external sub_right :
      ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"

  (** What is at indices of the first dimensions, sharing elements. *)
  external slice_left :
      ('a, 'b, c_layout) t -> int array -> ('a, 'b, c_layout) t
    = "caml_ba_slice"

  (** What is at indices of the last dimensions, sharing elements. *)
  external slice_right :
      ('a, 'b, fortran_layout) t -> int array -> ('a, 'b, fortran_layout) t
    = "caml_ba_slice"

  (** Copy all elements of the first array to the second, of the same
      dimensions. *)
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"

  (** Store an element everywhere. *)
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"
end

(** Single elements, as arrays without dimensions. Since 4.05. *)
module Array0 : sig
  type (!'a, !'b, !'c) t

  (** An array that is not initialised. *)
  val create : ('a, 'b) kind -> 'c layout -> ('a, 'b, 'c) t

  (** An array of results, computed in the order in memory. Since 4.12. *)
  val init : ('a, 'b) kind -> 'c layout -> 'a -> ('a, 'b, 'c) t
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"

  (** The same elements in the other layout, dimensions and indices being
      reversed. *)
  val change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t

  (** The size of the elements. *)
  val size_in_bytes : ('a, 'b, 'c) t -> int
  val get : ('a, 'b, 'c) t -> 'a
  val set : ('a, 'b, 'c) t -> 'a -> unit

  (** Copy all elements of the first array to the second, of the same
      dimensions. *)
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"

  (** Store an element everywhere. *)
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  (** An array of a value. *)
  val of_value : ('a, 'b) kind -> 'c layout -> 'a -> ('a, 'b, 'c) t
end

(** Arrays of one dimension. *)
module Array1 : sig
  type (!'a, !'b, !'c) t

  (** An array that is not initialised. *)
  val create : ('a, 'b) kind -> 'c layout -> int -> ('a, 'b, 'c) t

  (** An array of results, computed in the order in memory. Since 4.12. *)
  val init : ('a, 'b) kind -> 'c layout -> int -> (int -> 'a) -> ('a, 'b, 'c) t
  external dim : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"

  (** The same elements in the other layout, dimensions and indices being
      reversed. *)
  val change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t

  (** The size of the elements. *)
  val size_in_bytes : ('a, 'b, 'c) t -> int
  external get : ('a, 'b, 'c) t -> int -> 'a = "%caml_ba_ref_1"
  external set : ('a, 'b, 'c) t -> int -> 'a -> unit = "%caml_ba_set_1"

  (** A part, sharing elements. *)
  external sub : ('a, 'b, 'c) t -> int -> int -> ('a, 'b, 'c) t = "caml_ba_sub"

  (** An element, shared. *)
  val slice : ('a, 'b, 'c) t -> int -> ('a, 'b, 'c) Array0.t

  (** Copy all elements of the first array to the second, of the same
      dimensions. *)
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"

  (** Store an element everywhere. *)
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  (** An array of the elements of arrays. *)
  val of_array : ('a, 'b) kind -> 'c layout -> 'a array -> ('a, 'b, 'c) t

  (** An element, without checks. *)
  external unsafe_get : ('a, 'b, 'c) t -> int -> 'a = "%caml_ba_unsafe_ref_1"
  external unsafe_set : ('a, 'b, 'c) t -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_1"
end

(** Arrays of two dimensions. *)
module Array2 : sig
  type (!'a, !'b, !'c) t

  (** An array that is not initialised. *)
  val create : ('a, 'b) kind -> 'c layout -> int -> int -> ('a, 'b, 'c) t

  (** An array of results, computed in the order in memory. Since 4.12. *)
  val init : ('a, 'b) kind -> 'c layout -> int -> int -> (int -> int -> 'a) ->
      ('a, 'b, 'c) t
  external dim1 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external dim2 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_2"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"

  (** The same elements in the other layout, dimensions and indices being
      reversed. *)
  val change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t

  (** The size of the elements. *)
  val size_in_bytes : ('a, 'b, 'c) t -> int
  external get : ('a, 'b, 'c) t -> int -> int -> 'a = "%caml_ba_ref_2"
  external set : ('a, 'b, 'c) t -> int -> int -> 'a -> unit = "%caml_ba_set_2"

  (** A part of the first dimension, sharing elements. *)
  external sub_left : ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"

  (** A part of the last dimension, sharing elements. *)
  external sub_right :
      ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"

  (** What is at indices of the first dimensions, sharing elements. *)
  val slice_left : ('a, 'b, c_layout) t -> int -> ('a, 'b, c_layout) Array1.t

  (** What is at indices of the last dimensions, sharing elements. *)
  val slice_right : ('a, 'b, fortran_layout) t -> int ->
      ('a, 'b, fortran_layout) Array1.t

  (** Copy all elements of the first array to the second, of the same
      dimensions. *)
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"

  (** Store an element everywhere. *)
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  (** An array of the elements of arrays. *)
  val of_array : ('a, 'b) kind -> 'c layout -> 'a array array -> ('a, 'b, 'c) t

  (** An element, without checks. *)
  external unsafe_get : ('a, 'b, 'c) t -> int -> int -> 'a
    = "%caml_ba_unsafe_ref_2"
  external unsafe_set : ('a, 'b, 'c) t -> int -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_2"
end

(** Arrays of three dimensions. *)
module Array3 : sig
  type (!'a, !'b, !'c) t

  (** An array that is not initialised. *)
  val create : ('a, 'b) kind -> 'c layout -> int -> int -> int -> ('a, 'b, 'c) t

  (** An array of results, computed in the order in memory. Since 4.12. *)
  val init : ('a, 'b) kind -> 'c layout -> int -> int -> int ->
      (int -> int -> int -> 'a) -> ('a, 'b, 'c) t
  external dim1 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_1"
  external dim2 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_2"
  external dim3 : ('a, 'b, 'c) t -> int = "%caml_ba_dim_3"
  external kind : ('a, 'b, 'c) t -> ('a, 'b) kind = "caml_ba_kind"
  external layout : ('a, 'b, 'c) t -> 'c layout = "caml_ba_layout"

  (** The same elements in the other layout, dimensions and indices being
      reversed. *)
  val change_layout : ('a, 'b, 'c) t -> 'd layout -> ('a, 'b, 'd) t

  (** The size of the elements. *)
  val size_in_bytes : ('a, 'b, 'c) t -> int
  external get : ('a, 'b, 'c) t -> int -> int -> int -> 'a = "%caml_ba_ref_3"
  external set : ('a, 'b, 'c) t -> int -> int -> int -> 'a -> unit
    = "%caml_ba_set_3"

  (** A part of the first dimension, sharing elements. *)
  external sub_left : ('a, 'b, c_layout) t -> int -> int -> ('a, 'b, c_layout) t
    = "caml_ba_sub"

  (** A part of the last dimension, sharing elements. *)
  external sub_right :
      ('a, 'b, fortran_layout) t -> int -> int -> ('a, 'b, fortran_layout) t
    = "caml_ba_sub"
  val slice_left_1 : ('a, 'b, c_layout) t -> int -> int ->
      ('a, 'b, c_layout) Array1.t
  val slice_right_1 : ('a, 'b, fortran_layout) t -> int -> int ->
      ('a, 'b, fortran_layout) Array1.t
  val slice_left_2 : ('a, 'b, c_layout) t -> int -> ('a, 'b, c_layout) Array2.t
  val slice_right_2 : ('a, 'b, fortran_layout) t -> int ->
      ('a, 'b, fortran_layout) Array2.t

  (** Copy all elements of the first array to the second, of the same
      dimensions. *)
  external blit : ('a, 'b, 'c) t -> ('a, 'b, 'c) t -> unit = "caml_ba_blit"

  (** Store an element everywhere. *)
  external fill : ('a, 'b, 'c) t -> 'a -> unit = "caml_ba_fill"

  (** An array of the elements of arrays. *)
  val of_array : ('a, 'b) kind -> 'c layout -> 'a array array array ->
      ('a, 'b, 'c) t

  (** An element, without checks. *)
  external unsafe_get : ('a, 'b, 'c) t -> int -> int -> int -> 'a
    = "%caml_ba_unsafe_ref_3"
  external unsafe_set : ('a, 'b, 'c) t -> int -> int -> int -> 'a -> unit
    = "%caml_ba_unsafe_set_3"
end

(** Any array is a general one. *)
external genarray_of_array0 : ('a, 'b, 'c) Array0.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array1 : ('a, 'b, 'c) Array1.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array2 : ('a, 'b, 'c) Array2.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"
external genarray_of_array3 : ('a, 'b, 'c) Array3.t -> ('a, 'b, 'c) Genarray.t
  = "%identity"

(** The same array. Raises [Invalid_argument] if the number of dimensions
    differs. *)
val array0_of_genarray : ('a, 'b, 'c) Genarray.t -> ('a, 'b, 'c) Array0.t
val array1_of_genarray : ('a, 'b, 'c) Genarray.t -> ('a, 'b, 'c) Array1.t
val array2_of_genarray : ('a, 'b, 'c) Genarray.t -> ('a, 'b, 'c) Array2.t
val array3_of_genarray : ('a, 'b, 'c) Genarray.t -> ('a, 'b, 'c) Array3.t

(** The same elements with other dimensions, of which the product must be
    the same. *)
val reshape : ('a, 'b, 'c) Genarray.t -> int array -> ('a, 'b, 'c) Genarray.t
val reshape_0 : ('a, 'b, 'c) Genarray.t -> ('a, 'b, 'c) Array0.t
val reshape_1 : ('a, 'b, 'c) Genarray.t -> int -> ('a, 'b, 'c) Array1.t
val reshape_2 : ('a, 'b, 'c) Genarray.t -> int -> int -> ('a, 'b, 'c) Array2.t
val reshape_3 : ('a, 'b, 'c) Genarray.t -> int -> int -> int ->
    ('a, 'b, 'c) Array3.t
