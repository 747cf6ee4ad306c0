(* Characters.  [String] and [Bytes] depend on this module, so that it makes
   its few strings itself. *)

type t = char

external code : char -> int = "%identity"
external unsafe_chr : int -> char = "%identity"

external bytes_create : int -> bytes = "caml_create_bytes"
external bytes_set : bytes -> int -> char -> unit = "%bytes_unsafe_set"
external string_of_bytes : bytes -> string = "%bytes_to_string"

let chr n =
  if n < 0 || n > 255 then invalid_arg "Char.chr" else unsafe_chr n

let plain c =
  let b = bytes_create 1 in
  bytes_set b 0 c;
  string_of_bytes b

(* A backslash and three decimal digits. *)
let numeric c =
  let n = code c in
  let digit d = unsafe_chr (code '0' + d mod 10) in
  let b = bytes_create 4 in
  bytes_set b 0 '\\';
  bytes_set b 1 (digit (n / 100));
  bytes_set b 2 (digit (n / 10));
  bytes_set b 3 (digit n);
  string_of_bytes b

let escaped = function
  | '\'' -> "\\'"
  | '\\' -> "\\\\"
  | '\b' -> "\\b"
  | '\n' -> "\\n"
  | '\r' -> "\\r"
  | '\t' -> "\\t"
  | ' ' .. '~' as c -> plain c
  | c -> numeric c

let case_distance = code 'a' - code 'A'

let lowercase_ascii c =
  match c with
  | 'A' .. 'Z' -> unsafe_chr (code c + case_distance)
  | _ -> c

let uppercase_ascii c =
  match c with
  | 'a' .. 'z' -> unsafe_chr (code c - case_distance)
  | _ -> c

let compare c1 c2 = code c1 - code c2
let equal (c1 : char) c2 = c1 = c2

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed c = hash_param 10 100 seed c
let hash c = hash_param 10 100 0 c

module Ascii = struct
  let min = '\000'
  let max = '\127'

  let is_valid c = c <= max
  let is_upper = function 'A' .. 'Z' -> true | _ -> false
  let is_lower = function 'a' .. 'z' -> true | _ -> false
  let is_letter = function 'a' .. 'z' | 'A' .. 'Z' -> true | _ -> false
  let is_digit = function '0' .. '9' -> true | _ -> false

  let is_alphanum = function
    | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' -> true
    | _ -> false

  let is_hex_digit = function
    | '0' .. '9' | 'a' .. 'f' | 'A' .. 'F' -> true
    | _ -> false

  let is_white = function '\t' .. '\r' | ' ' -> true | _ -> false
  let is_blank = function '\t' | ' ' -> true | _ -> false
  let is_graphic = function '!' .. '~' -> true | _ -> false
  let is_print = function ' ' .. '~' -> true | _ -> false
  let is_control = function '\000' .. '\031' | '\127' -> true | _ -> false

  let digit_to_int c =
    match c with
    | '0' .. '9' -> code c - code '0'
    | _ -> invalid_arg (escaped c ^ ": not a decimal digit")

  let hex_digit_to_int c =
    match c with
    | '0' .. '9' -> code c - code '0'
    | 'a' .. 'f' -> code c - code 'a' + 10
    | 'A' .. 'F' -> code c - code 'A' + 10
    | _ -> invalid_arg (escaped c ^ ": not a hexadecimal digit")

  (* The digit is that of the absolute value. *)
  let digit_of_int n = unsafe_chr (code '0' + abs (n mod 10))

  let hex_digit_of_int ten n =
    let d = abs (n mod 16) in
    unsafe_chr (if d < 10 then code '0' + d else code ten + d - 10)

  let lower_hex_digit_of_int n = hex_digit_of_int 'a' n
  let upper_hex_digit_of_int n = hex_digit_of_int 'A' n

  let lowercase = lowercase_ascii
  let uppercase = uppercase_ascii
end
