(** Integers of the size of machine words. *)

val zero : nativeint
val one : nativeint
val minus_one : nativeint
external neg : nativeint -> nativeint = "%nativeint_neg"
external add : nativeint -> nativeint -> nativeint = "%nativeint_add"
external sub : nativeint -> nativeint -> nativeint = "%nativeint_sub"
external mul : nativeint -> nativeint -> nativeint = "%nativeint_mul"

(** Quotient, rounded towards 0. Raises [Division_by_zero]. *)
external div : nativeint -> nativeint -> nativeint = "%nativeint_div"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_div : nativeint -> nativeint -> nativeint

(** Remainder, of the sign of the first number. *)
external rem : nativeint -> nativeint -> nativeint = "%nativeint_mod"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_rem : nativeint -> nativeint -> nativeint
val succ : nativeint -> nativeint
val pred : nativeint -> nativeint
val abs : nativeint -> nativeint

(** The number of bits. *)
val size : int
val max_int : nativeint
val min_int : nativeint
external logand : nativeint -> nativeint -> nativeint = "%nativeint_and"
external logor : nativeint -> nativeint -> nativeint = "%nativeint_or"
external logxor : nativeint -> nativeint -> nativeint = "%nativeint_xor"

(** All bits inverted. *)
val lognot : nativeint -> nativeint
external shift_left : nativeint -> int -> nativeint = "%nativeint_lsl"

(** To the right, the sign being kept. *)
external shift_right : nativeint -> int -> nativeint = "%nativeint_asr"

(** To the right, zeros coming in. *)
external shift_right_logical : nativeint -> int -> nativeint = "%nativeint_lsr"
external of_int : int -> nativeint = "%nativeint_of_int"

(** The number modulo the range of integers. *)
external to_int : nativeint -> int = "%nativeint_to_int"

(** The unsigned number, if it is in the range of integers. Since 4.08. *)
val unsigned_to_int : nativeint -> int option

(** The integral part. *)
external of_float : float -> nativeint
  = "caml_nativeint_of_float" "caml_nativeint_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external to_float : nativeint -> float
  = "caml_nativeint_to_float" "caml_nativeint_to_float_unboxed"
  [@@unboxed] [@@noalloc]
external of_int32 : int32 -> nativeint = "%nativeint_of_int32"
external to_int32 : nativeint -> int32 = "%nativeint_to_int32"

(** Read a number. Raises [Failure]. *)
external of_string : string -> nativeint = "caml_nativeint_of_string"
val of_string_opt : string -> nativeint option

(** In decimal. *)
val to_string : nativeint -> string

type t = nativeint

val compare : t -> t -> int

(** The order of unsigned integers. Since 4.08. *)
val unsigned_compare : t -> t -> int
val equal : t -> t -> bool
val min : t -> t -> t
val max : t -> t -> t

(** A hash with a seed. Since 5.1. *)
val seeded_hash : int -> t -> int

(** A hash. Since 5.1. *)
val hash : t -> int
