(** Operations on the representation of values. Unsafe: for the library and
    the compiler. *)

(** Any value. *)
type t

type raw_data = nativeint

(** The representation of a value. *)
external repr : 'a -> t = "%identity"

(** The value of a representation, of any type. *)
external obj : t -> 'a = "%identity"

(** Change the type of a value. *)
external magic : 'a -> 'b = "%identity"

(** Whether it is a block, and not an immediate integer. *)
val is_block : t -> bool
external is_int : t -> bool = "%obj_is_int"

(** The tag, [int_tag] for an immediate. *)
external tag : t -> int = "caml_obj_tag" [@@noalloc]

(** The number of fields. *)
external size : t -> int = "%obj_size"

(** The words of all blocks reachable from it, headers included. *)
external reachable_words : t -> int = "caml_obj_reachable_words"

(** A field. Not for arrays of floats. *)
external field : t -> int -> t = "%obj_field"

(** Change a field. Not for arrays of floats. *)
external set_field : t -> int -> t -> unit = "%obj_set_field"

(** An element of an array of floats. *)
val double_field : t -> int -> float

(** Change an element of an array of floats. *)
val set_double_field : t -> int -> float -> unit

(** The bits of a field. *)
external raw_field : t -> int -> raw_data = "caml_obj_raw_field"

(** Change the bits of a field. *)
external set_raw_field : t -> int -> raw_data -> unit = "caml_obj_set_raw_field"

(** [new_block tag size]: a new block, initialised. *)
external new_block : int -> int -> t = "caml_obj_block"

(** A shallow copy. *)
external dup : t -> t = "caml_obj_dup"

(** Pointer arithmetic. *)
external add_offset : t -> Int32.t -> t = "caml_obj_add_offset"

(** A shallow copy with another tag. Since 4.09. *)
external with_tag : int -> t -> t = "caml_obj_with_tag"

(** Tags. See the runtime's headers. *)
val first_non_constant_constructor_tag : int
val last_non_constant_constructor_tag : int
val forcing_tag : int
val cont_tag : int
val lazy_tag : int
val closure_tag : int
val object_tag : int
val infix_tag : int
val forward_tag : int
val no_scan_tag : int
val abstract_tag : int
val string_tag : int
val double_tag : int
val double_array_tag : int
val custom_tag : int
val int_tag : int
val out_of_heap_tag : int
val unaligned_tag : int

(** Constructors of extensible types. *)
module Extension_constructor :
sig
  type t = extension_constructor
  val of_val : 'a -> t
  val name : t -> string
  val id : t -> int
end

(** Untyped ephemerons, under {!Stdlib.Ephemeron} and {!Stdlib.Weak}. All
    functions raise [Invalid_argument] for indices out of bounds. *)
module Ephemeron: sig
  type obj_t = t

  type t

  (** An ephemeron with a number of keys, all unset. *)
  val create : int -> t
  val length : t -> int
  val get_key : t -> int -> obj_t option

  (** Like {!get_key}, with a shallow copy, which does not make the key live
      on. *)
  val get_key_copy : t -> int -> obj_t option
  val set_key : t -> int -> obj_t -> unit
  val unset_key : t -> int -> unit

  (** Whether the key is set and alive. *)
  val check_key : t -> int -> bool

  (** Copy keys: source and index, destination and index, number. *)
  val blit_key : t -> int -> t -> int -> int -> unit
  val get_data : t -> obj_t option
  val get_data_copy : t -> obj_t option
  val set_data : t -> obj_t -> unit
  val unset_data : t -> unit
  val check_data : t -> bool
  val blit_data : t -> t -> unit
  val max_ephe_length : int
end
