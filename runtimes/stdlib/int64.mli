(** 64-bit integers, modulo [2{^64}]. *)

val zero : int64
val one : int64
val minus_one : int64
external neg : int64 -> int64 = "%int64_neg"
external add : int64 -> int64 -> int64 = "%int64_add"
external sub : int64 -> int64 -> int64 = "%int64_sub"
external mul : int64 -> int64 -> int64 = "%int64_mul"

(** Quotient, rounded towards 0. Raises [Division_by_zero]. *)
external div : int64 -> int64 -> int64 = "%int64_div"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_div : int64 -> int64 -> int64

(** Remainder, of the sign of the first number. *)
external rem : int64 -> int64 -> int64 = "%int64_mod"

(** The same for unsigned integers. Since 4.08. *)
val unsigned_rem : int64 -> int64 -> int64
val succ : int64 -> int64
val pred : int64 -> int64
val abs : int64 -> int64
val max_int : int64
val min_int : int64
external logand : int64 -> int64 -> int64 = "%int64_and"
external logor : int64 -> int64 -> int64 = "%int64_or"
external logxor : int64 -> int64 -> int64 = "%int64_xor"

(** All bits inverted. *)
val lognot : int64 -> int64
external shift_left : int64 -> int -> int64 = "%int64_lsl"

(** To the right, the sign being kept. *)
external shift_right : int64 -> int -> int64 = "%int64_asr"

(** To the right, zeros coming in. *)
external shift_right_logical : int64 -> int -> int64 = "%int64_lsr"
external of_int : int -> int64 = "%int64_of_int"

(** The number modulo the range of integers. *)
external to_int : int64 -> int = "%int64_to_int"

(** The unsigned number, if it is in the range of integers. Since 4.08. *)
val unsigned_to_int : int64 -> int option

(** The integral part. *)
external of_float : float -> int64
  = "caml_int64_of_float" "caml_int64_of_float_unboxed" [@@unboxed] [@@noalloc]
external to_float : int64 -> float
  = "caml_int64_to_float" "caml_int64_to_float_unboxed" [@@unboxed] [@@noalloc]
external of_int32 : int32 -> int64 = "%int64_of_int32"
external to_int32 : int64 -> int32 = "%int64_to_int32"
external of_nativeint : nativeint -> int64 = "%int64_of_nativeint"
external to_nativeint : int64 -> nativeint = "%int64_to_nativeint"

(** Read a number. Raises [Failure]. *)
external of_string : string -> int64 = "caml_int64_of_string"
val of_string_opt : string -> int64 option

(** In decimal. *)
val to_string : int64 -> string

(** The bits of the number. *)
external bits_of_float : float -> int64
  = "caml_int64_bits_of_float" "caml_int64_bits_of_float_unboxed"
  [@@unboxed] [@@noalloc]

(** The number of bits. *)
external float_of_bits : int64 -> float
  = "caml_int64_float_of_bits" "caml_int64_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

type t = int64

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
