(* Integers. *)

type t = int

let zero = 0
let one = 1
let minus_one = -1

external neg : int -> int = "%negint"
external add : int -> int -> int = "%addint"
external sub : int -> int -> int = "%subint"
external mul : int -> int -> int = "%mulint"
external div : int -> int -> int = "%divint"
external rem : int -> int -> int = "%modint"
external succ : int -> int = "%succint"
external pred : int -> int = "%predint"
external logand : int -> int -> int = "%andint"
external logor : int -> int -> int = "%orint"
external logxor : int -> int -> int = "%xorint"
external shift_left : int -> int -> int = "%lslint"
external shift_right : int -> int -> int = "%asrint"
external shift_right_logical : int -> int -> int = "%lsrint"
external to_float : int -> float = "%floatofint"
external of_float : float -> int = "%intoffloat"

let abs n = if n < 0 then -n else n
let lognot n = n lxor minus_one

(* All bits but the sign. *)
let max_int = minus_one lsr 1
let min_int = -max_int - 1

let equal (n1 : int) n2 = n1 = n2
let compare (n1 : int) n2 = Stdlib.compare n1 n2
let min (n1 : int) n2 = if n1 <= n2 then n1 else n2
let max (n1 : int) n2 = if n1 >= n2 then n1 else n2

external format : string -> int -> string = "caml_format_int"
let to_string n = format "%d" n

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed n = hash_param 10 100 seed n
let hash n = hash_param 10 100 0 n
