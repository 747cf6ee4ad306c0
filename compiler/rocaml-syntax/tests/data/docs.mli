(** The module. *)

(** Before [x]. *)
val x : int
(** After [x]. *)

(** Floating. *)

type t = A (** first *) | B of int (** second *)
and u = { f : int; (** field *) g : int (** last *) }

val y : int (** Ambiguous? *)
val z : (** argument *) int -> int

(*) odd *)

(**/**)

val hidden : int
(** The end. *)
