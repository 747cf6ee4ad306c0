(* Integers of the size of machine words. *)

type t = nativeint

external neg : nativeint -> nativeint = "%nativeint_neg"
external add : nativeint -> nativeint -> nativeint = "%nativeint_add"
external sub : nativeint -> nativeint -> nativeint = "%nativeint_sub"
external mul : nativeint -> nativeint -> nativeint = "%nativeint_mul"
external div : nativeint -> nativeint -> nativeint = "%nativeint_div"
external rem : nativeint -> nativeint -> nativeint = "%nativeint_mod"
external logand : nativeint -> nativeint -> nativeint = "%nativeint_and"
external logor : nativeint -> nativeint -> nativeint = "%nativeint_or"
external logxor : nativeint -> nativeint -> nativeint = "%nativeint_xor"
external shift_left : nativeint -> int -> nativeint = "%nativeint_lsl"
external shift_right : nativeint -> int -> nativeint = "%nativeint_asr"
external shift_right_logical : nativeint -> int -> nativeint = "%nativeint_lsr"
external of_int : int -> nativeint = "%nativeint_of_int"
external to_int : nativeint -> int = "%nativeint_to_int"
external of_float : float -> nativeint
  = "caml_nativeint_of_float" "caml_nativeint_of_float_unboxed"
  [@@unboxed] [@@noalloc]
external to_float : nativeint -> float
  = "caml_nativeint_to_float" "caml_nativeint_to_float_unboxed"
  [@@unboxed] [@@noalloc]
external of_int32 : int32 -> nativeint = "%nativeint_of_int32"
external to_int32 : nativeint -> int32 = "%nativeint_to_int32"

let zero = 0n
let one = 1n
let minus_one = -1n

let size = Sys.word_size
let min_int = shift_left one (size - 1)
let max_int = sub min_int one

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

external format : string -> nativeint -> string = "caml_nativeint_format"
let to_string n = format "%d" n

external of_string : string -> nativeint = "caml_nativeint_of_string"

let of_string_opt s =
  match of_string s with
  | n -> Some n
  | exception Failure _ -> None

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed n = hash_param 10 100 seed n
let hash n = hash_param 10 100 0 n
