(** Arrays. Functions on segments raise [Invalid_argument] when they are not
    within the array. *)

(** The type of arrays. *)
type 'a t = 'a array

(** The number of elements. *)
external length : 'a array -> int = "%array_length"

(** An element. Raises [Invalid_argument] if the index is out of bounds. *)
external get : 'a array -> int -> 'a = "%array_safe_get"

(** Change an element. Raises [Invalid_argument] if the index is out of
    bounds. *)
external set : 'a array -> int -> 'a -> unit = "%array_safe_set"

(** [n] times an element, physically the same. *)
external make : int -> 'a -> 'a array = "caml_array_make"

(** Floats that are not initialised. Since 4.03. *)
external create_float : int -> float array = "caml_array_create_float"

(** [f 0] to [f (n - 1)]. *)
val init : int -> (int -> 'a) -> 'a array

(** An array of distinct rows of an element. *)
val make_matrix : int -> int -> 'a -> 'a array array

(** An array of rows of results. Since 5.2. *)
val init_matrix : int -> int -> (int -> int -> 'a) -> 'a array array

(** The elements of one array, then of another. *)
val append : 'a array -> 'a array -> 'a array

(** The elements of all arrays. *)
val concat : 'a array list -> 'a array

(** A copy of [len] elements from [pos]. *)
val sub : 'a array -> int -> int -> 'a array

(** A shallow copy. *)
val copy : 'a array -> 'a array

(** Store an element at all indices of a segment. *)
val fill : 'a array -> int -> int -> 'a -> unit

(** Copy a segment to an array, which may be the same. *)
val blit : 'a array -> int -> 'a array -> int -> int -> unit

(** The elements. *)
val to_list : 'a array -> 'a list

(** An array of the elements. *)
val of_list : 'a list -> 'a array

(** Whether two arrays are of the same length with equal elements. Since
    5.4. *)
val equal : ('a -> 'a -> bool) -> 'a array -> 'a array -> bool

(** The order of lengths, then the lexicographic one. Since 5.4. *)
val compare : ('a -> 'a -> int) -> 'a array -> 'a array -> int

(** Call a function on each element. *)
val iter : ('a -> unit) -> 'a array -> unit

(** The same with the index. *)
val iteri : (int -> 'a -> unit) -> 'a array -> unit

(** The results of a function. *)
val map : ('a -> 'b) -> 'a array -> 'b array

(** Replace the elements by the results. Since 5.1. *)
val map_inplace : ('a -> 'a) -> 'a array -> unit

(** The same with the index. *)
val mapi : (int -> 'a -> 'b) -> 'a array -> 'b array

(** The same with the index. Since 5.1. *)
val mapi_inplace : (int -> 'a -> 'a) -> 'a array -> unit

(** Combine the elements, from the left. *)
val fold_left : ('acc -> 'a -> 'acc) -> 'acc -> 'a array -> 'acc

(** The same, and collect results. Since 4.13. *)
val fold_left_map : ('acc -> 'a -> 'acc * 'b) -> 'acc -> 'a array ->
    'acc * 'b array

(** Combine the elements, from the right. *)
val fold_right : ('a -> 'acc -> 'acc) -> 'a array -> 'acc -> 'acc

(** Call a function on the elements of two arrays. Raises [Invalid_argument]
    if their lengths differ. Since 4.03. *)
val iter2 : ('a -> 'b -> unit) -> 'a array -> 'b array -> unit

(** The results on two arrays. Raises [Invalid_argument] if their lengths
    differ. Since 4.03. *)
val map2 : ('a -> 'b -> 'c) -> 'a array -> 'b array -> 'c array

(** Whether all elements satisfy a predicate. Since 4.03. *)
val for_all : ('a -> bool) -> 'a array -> bool

(** Whether an element satisfies a predicate. Since 4.03. *)
val exists : ('a -> bool) -> 'a array -> bool

(** The same for two arrays. Raises [Invalid_argument] if their lengths
    differ. Likewise [exists2]. Since 4.11. *)
val for_all2 : ('a -> 'b -> bool) -> 'a array -> 'b array -> bool
val exists2 : ('a -> 'b -> bool) -> 'a array -> 'b array -> bool

(** Whether there is an element equal to one. Since 4.03. *)
val mem : 'a -> 'a array -> bool

(** The same by physical equality. Since 4.03. *)
val memq : 'a -> 'a array -> bool

(** The first element that satisfies a predicate. Since 4.13. *)
val find_opt : ('a -> bool) -> 'a array -> 'a option

(** Its index. Since 5.1. *)
val find_index : ('a -> bool) -> 'a array -> int option

(** The first result that is not [None]. Since 4.13. *)
val find_map : ('a -> 'b option) -> 'a array -> 'b option

(** The same with the index. Since 5.1. *)
val find_mapi : (int -> 'a -> 'b option) -> 'a array -> 'b option

(** Of pairs, both components. Since 4.13. *)
val split : ('a * 'b) array -> 'a array * 'b array

(** Pairs. Raises [Invalid_argument] if the lengths differ. Since 4.13. *)
val combine : 'a array -> 'b array -> ('a * 'b) array

(** Sort in place, in constant space; equal elements may change order. *)
val sort : ('a -> 'a -> int) -> 'a array -> unit

(** Sort in place, with space for half of the array; equal elements keep
    their order. *)
val stable_sort : ('a -> 'a -> int) -> 'a array -> unit

(** The fastest of both. *)
val fast_sort : ('a -> 'a -> int) -> 'a array -> unit

(** Permute at random, [rand n] being a random number below [n]. Since
    5.2. *)
val shuffle : rand: (int -> int) -> 'a array -> unit

(** The sequence of the elements. Changes may be seen. Since 4.07. *)
val to_seq : 'a array -> 'a Seq.t

(** The same with the index. Since 4.07. *)
val to_seqi : 'a array -> (int * 'a) Seq.t

(** The elements of a sequence. Since 4.07. *)
val of_seq : 'a Seq.t -> 'a array

(** Not part of the interface: access without checks. *)
external unsafe_get : 'a array -> int -> 'a = "%array_unsafe_get"
external unsafe_set : 'a array -> int -> 'a -> unit = "%array_unsafe_set"

(** Not part of the interface: see {!Float.Array}. *)
module Floatarray : sig
  external create : int -> floatarray = "caml_floatarray_create"
  external length : floatarray -> int = "%floatarray_length"
  external get : floatarray -> int -> float = "%floatarray_safe_get"
  external set : floatarray -> int -> float -> unit = "%floatarray_safe_set"
  external unsafe_get : floatarray -> int -> float = "%floatarray_unsafe_get"
  external unsafe_set : floatarray -> int -> float -> unit
    = "%floatarray_unsafe_set"
end
