(** Integers of [Sys.int_size] bits, modulo a power of two. Since 4.08. *)

(** The type of integers. *)
type t = int

val zero : int
val one : int
val minus_one : int
external neg : int -> int = "%negint"
external add : int -> int -> int = "%addint"
external sub : int -> int -> int = "%subint"
external mul : int -> int -> int = "%mulint"

(** Quotient, rounded towards 0. Raises [Division_by_zero]. *)
external div : int -> int -> int = "%divint"

(** Remainder, of the sign of the first number. Raises
    [Division_by_zero]. *)
external rem : int -> int -> int = "%modint"
external succ : int -> int = "%succint"
external pred : int -> int = "%predint"

(** The absolute value, but for {!min_int}. *)
val abs : int -> int

(** The greatest. *)
val max_int : int

(** The least. *)
val min_int : int
external logand : int -> int -> int = "%andint"
external logor : int -> int -> int = "%orint"
external logxor : int -> int -> int = "%xorint"

(** All bits inverted. *)
val lognot : int -> int
external shift_left : int -> int -> int = "%lslint"

(** To the right, the sign being kept. *)
external shift_right : int -> int -> int = "%asrint"

(** To the right, zeros coming in. *)
external shift_right_logical : int -> int -> int = "%lsrint"
val equal : int -> int -> bool
val compare : int -> int -> int

(** The lesser. Since 4.13. *)
val min : int -> int -> int

(** The greater. Since 4.13. *)
val max : int -> int -> int
external to_float : int -> float = "%floatofint"

(** The integral part. *)
external of_float : float -> int = "%intoffloat"

(** In decimal. *)
val to_string : int -> string

(** A hash with a seed. Since 5.1. *)
val seeded_hash : int -> int -> int

(** A hash. Since 5.1. *)
val hash : int -> int
