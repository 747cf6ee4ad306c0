(* Booleans. *)

type t = bool = false | true

external not : bool -> bool = "%boolnot"
external ( && ) : bool -> bool -> bool = "%sequand"
external ( || ) : bool -> bool -> bool = "%sequor"
external logand : bool -> bool -> bool = "%andint"
external logor : bool -> bool -> bool = "%orint"
external logxor : bool -> bool -> bool = "%xorint"

(* Typed, so that the comparisons are of integers. *)
let equal (b1 : bool) b2 = b1 = b2
let compare (b1 : bool) b2 = Stdlib.compare b1 b2

external to_int : bool -> int = "%identity"
let to_float b = if b then 1. else 0.
let to_string b = if b then "true" else "false"

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed b = hash_param 10 100 seed b
let hash b = hash_param 10 100 0 b
