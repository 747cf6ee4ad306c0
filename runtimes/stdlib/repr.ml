(* Comparisons that depend on the representation of values. *)

external phys_equal : 'a -> 'a -> bool = "%eq"
external equal : 'a -> 'a -> bool = "%equal"
external compare : 'a -> 'a -> int = "%compare"

let min = Stdlib.min
let max = Stdlib.max
