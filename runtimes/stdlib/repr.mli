(** Comparisons that depend on the representation of values. Since 5.4. *)

(** {!Stdlib.( == )}. *)
external phys_equal : 'a -> 'a -> bool = "%eq"

(** {!Stdlib.( = )}. *)
external equal : 'a -> 'a -> bool = "%equal"

(** {!Stdlib.compare}. *)
external compare : 'a -> 'a -> int = "%compare"
val min : 'a -> 'a -> 'a
val max : 'a -> 'a -> 'a
