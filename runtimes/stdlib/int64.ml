(* 64-bit integers. *)

type t = int64

external neg : int64 -> int64 = "%int64_neg"
external add : int64 -> int64 -> int64 = "%int64_add"
external sub : int64 -> int64 -> int64 = "%int64_sub"
external mul : int64 -> int64 -> int64 = "%int64_mul"
external div : int64 -> int64 -> int64 = "%int64_div"
external rem : int64 -> int64 -> int64 = "%int64_mod"
external logand : int64 -> int64 -> int64 = "%int64_and"
external logor : int64 -> int64 -> int64 = "%int64_or"
external logxor : int64 -> int64 -> int64 = "%int64_xor"
external shift_left : int64 -> int -> int64 = "%int64_lsl"
external shift_right : int64 -> int -> int64 = "%int64_asr"
external shift_right_logical : int64 -> int -> int64 = "%int64_lsr"
external of_int : int -> int64 = "%int64_of_int"
external to_int : int64 -> int = "%int64_to_int"
external of_float : float -> int64
  = "caml_int64_of_float" "caml_int64_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external to_float : int64 -> float
  = "caml_int64_to_float" "caml_int64_to_float_unboxed"
  [@@unboxed] [@@noalloc]
external of_int32 : int32 -> int64 = "%int64_of_int32"
external to_int32 : int64 -> int32 = "%int64_to_int32"
external of_nativeint : nativeint -> int64 = "%int64_of_nativeint"
external to_nativeint : int64 -> nativeint = "%int64_to_nativeint"
external bits_of_float : float -> int64
  = "caml_int64_bits_of_float" "caml_int64_bits_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external float_of_bits : int64 -> float
  = "caml_int64_float_of_bits" "caml_int64_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

let zero = 0L
let one = 1L
let minus_one = -1L

let min_int = 0x8000000000000000L
let max_int = 0x7FFFFFFFFFFFFFFFL

let succ n = add n one
let pred n = sub n one
let abs n = if n < zero then neg n else n
let lognot n = logxor n minus_one

let compare (n1 : t) n2 = Stdlib.compare n1 n2
let equal (n1 : t) n2 = n1 = n2
let min (n1 : t) n2 = if n1 <= n2 then n1 else n2
let max (n1 : t) n2 = if n1 >= n2 then n1 else n2

(* Unsigned: the order is that of the numbers moved by half of their range. *)

let[@inline] moved n = sub n min_int
let unsigned_compare n1 n2 = compare (moved n1) (moved n2)
let[@inline] unsigned_less (n1 : t) n2 = moved n1 < moved n2

(* A divisor above the greatest signed number goes at most once.  Otherwise
   half of the dividend is a signed number, and twice its quotient is right or
   one too small. *)
let unsigned_div n d =
  if d < zero then (if unsigned_less n d then zero else one)
  else
    let q = shift_left (div (shift_right_logical n 1) d) 1 in
    let r = sub n (mul q d) in
    if unsigned_less r d then q else succ q

let unsigned_rem n d = sub n (mul (unsigned_div n d) d)

let max_as_int = of_int Stdlib.max_int

let unsigned_to_int n =
  if zero <= n && n <= max_as_int then Some (to_int n) else None

external format : string -> int64 -> string = "caml_int64_format"
let to_string n = format "%d" n

external of_string : string -> int64 = "caml_int64_of_string"

let of_string_opt s =
  match of_string s with
  | n -> Some n
  | exception Failure _ -> None

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed n = hash_param 10 100 seed n
let hash n = hash_param 10 100 0 n
