(* 32-bit integers. *)

type t = int32

external neg : int32 -> int32 = "%int32_neg"
external add : int32 -> int32 -> int32 = "%int32_add"
external sub : int32 -> int32 -> int32 = "%int32_sub"
external mul : int32 -> int32 -> int32 = "%int32_mul"
external div : int32 -> int32 -> int32 = "%int32_div"
external rem : int32 -> int32 -> int32 = "%int32_mod"
external logand : int32 -> int32 -> int32 = "%int32_and"
external logor : int32 -> int32 -> int32 = "%int32_or"
external logxor : int32 -> int32 -> int32 = "%int32_xor"
external shift_left : int32 -> int -> int32 = "%int32_lsl"
external shift_right : int32 -> int -> int32 = "%int32_asr"
external shift_right_logical : int32 -> int -> int32 = "%int32_lsr"
external of_int : int -> int32 = "%int32_of_int"
external to_int : int32 -> int = "%int32_to_int"
external of_float : float -> int32
  = "caml_int32_of_float" "caml_int32_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external to_float : int32 -> float
  = "caml_int32_to_float" "caml_int32_to_float_unboxed"
  [@@unboxed] [@@noalloc]
external bits_of_float : float -> int32
  = "caml_int32_bits_of_float" "caml_int32_bits_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external float_of_bits : int32 -> float
  = "caml_int32_float_of_bits" "caml_int32_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

let zero = 0l
let one = 1l
let minus_one = -1l

let min_int = 0x80000000l
let max_int = 0x7FFFFFFFl

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

(* The mask is not a literal, which 32-bit systems would reject. *)
let unsigned_to_int =
  if Sys.int_size > 32 then
    let mask = 1 lsl 32 - 1 in
    fun n -> Some (to_int n land mask)
  else
    let max_as_int = of_int Stdlib.max_int in
    fun n -> if zero <= n && n <= max_as_int then Some (to_int n) else None

external format : string -> int32 -> string = "caml_int32_format"
let to_string n = format "%d" n

external of_string : string -> int32 = "caml_int32_of_string"

let of_string_opt s =
  match of_string s with
  | n -> Some n
  | exception Failure _ -> None

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed n = hash_param 10 100 seed n
let hash n = hash_param 10 100 0 n
