(** 32-bit integers, modulo [2{^32}]. *)

val zero : int32
val one : int32
val minus_one : int32
external neg : int32 -> int32 = "%int32_neg"
external add : int32 -> int32 -> int32 = "%int32_add"
external sub : int32 -> int32 -> int32 = "%int32_sub"
external mul : int32 -> int32 -> int32 = "%int32_mul"

(** Quotient, rounded towards 0. Raises [Division_by_zero]. *)
external div : int32 -> int32 -> int32 = "%int32_div"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_div : int32 -> int32 -> int32

(** Remainder, of the sign of the first number. *)
external rem : int32 -> int32 -> int32 = "%int32_mod"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_rem : int32 -> int32 -> int32
val succ : int32 -> int32
val pred : int32 -> int32
val abs : int32 -> int32
val max_int : int32
val min_int : int32
external logand : int32 -> int32 -> int32 = "%int32_and"
external logor : int32 -> int32 -> int32 = "%int32_or"
external logxor : int32 -> int32 -> int32 = "%int32_xor"

(** All bits inverted. *)
val lognot : int32 -> int32
external shift_left : int32 -> int -> int32 = "%int32_lsl"

(** To the right, the sign being kept. *)
external shift_right : int32 -> int -> int32 = "%int32_asr"

(** To the right, zeros coming in. *)
external shift_right_logical : int32 -> int -> int32 = "%int32_lsr"
external of_int : int -> int32 = "%int32_of_int"

(** The number modulo the range of integers. *)
external to_int : int32 -> int = "%int32_to_int"

(** The unsigned number, if it is in the range of integers. Since 4.08. *)
val unsigned_to_int : int32 -> int option

(** The integral part. *)
external of_float : float -> int32
  = "caml_int32_of_float" "caml_int32_of_float_unboxed" [@@unboxed] [@@noalloc]
external to_float : int32 -> float
  = "caml_int32_to_float" "caml_int32_to_float_unboxed" [@@unboxed] [@@noalloc]

(** Read a number. Raises [Failure]. *)
external of_string : string -> int32 = "caml_int32_of_string"
val of_string_opt : string -> int32 option

(** In decimal. *)
val to_string : int32 -> string

(** The bits of the number in single precision. *)
external bits_of_float : float -> int32
  = "caml_int32_bits_of_float" "caml_int32_bits_of_float_unboxed"
  [@@unboxed] [@@noalloc]

(** The number in single precision of bits. *)
external float_of_bits : int32 -> float
  = "caml_int32_float_of_bits" "caml_int32_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

type t = int32

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
