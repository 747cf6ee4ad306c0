(* Unicode scalar values. *)

type t = int

external unsafe_of_int : int -> t = "%identity"
external to_int : t -> int = "%identity"
external format_int : string -> int -> string = "caml_format_int"

let min = 0
let max = 0x10FFFF

(* Scalar values are the code points except the surrogates, which lie between
   these two. *)
let before_surrogates = 0xD7FF
let after_surrogates = 0xE000

let bom = 0xFEFF
let rep = 0xFFFD

let succ u =
  if u = max then invalid_arg "U+10FFFF has no successor"
  else if u = before_surrogates then after_surrogates
  else u + 1

let pred u =
  if u = min then invalid_arg "U+0000 has no predecessor"
  else if u = after_surrogates then before_surrogates
  else u - 1

let is_valid n =
  min <= n && n <= before_surrogates || after_surrogates <= n && n <= max

let of_int n =
  if is_valid n then n
  else invalid_arg (format_int "%X" n ^ " is not a Unicode scalar value")

let is_char u = u < 256
let of_char = Char.code

let to_char u =
  if is_char u then Char.unsafe_chr u
  else invalid_arg ("U+" ^ format_int "%04X" u ^ " is not a latin1 character")

let unsafe_to_char = Char.unsafe_chr

let equal (u1 : int) u2 = u1 = u2
let compare (u1 : int) u2 = Stdlib.compare u1 u2

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed u = hash_param 10 100 seed u
let hash u = hash_param 10 100 0 u

(* A decode is an integer: the scalar value in the low 24 bits, above it three
   bits for the number of bytes read, and one that is set when these were
   valid. *)
type utf_decode = int

let length_shift = 24
let valid_flag = 0b1000

let[@inline] utf_decode n u = (valid_flag lor n) lsl length_shift lor u
let[@inline] utf_decode_invalid n = n lsl length_shift lor rep
let[@inline] utf_decode_is_valid d = d lsr length_shift land valid_flag <> 0
let[@inline] utf_decode_length d = d lsr length_shift land 0b111
let[@inline] utf_decode_uchar d = d land 0xFFFFFF

let max_utf_8_decode_length = 4

let utf_8_decode_length_of_byte = function
  | '\x00' .. '\x7F' -> 1
  | '\xC2' .. '\xDF' -> 2
  | '\xE0' .. '\xEF' -> 3
  | '\xF0' .. '\xF4' -> 4
  | _ -> 0

let utf_8_byte_length u =
  assert (0 <= u && u <= max);
  if u < 0x80 then 1 else if u < 0x800 then 2 else if u < 0x10000 then 3 else 4

let utf_16_byte_length u =
  assert (0 <= u && u <= max);
  if u < 0x10000 then 2 else 4
