(** Booleans. Since 4.08. *)

(** The two booleans. *)
type t = bool = false | true

(** Negation. *)
val not : bool -> bool

(** Conjunction: the second argument is computed only if the first is
    [true]. *)
external ( && ) : bool -> bool -> bool = "%sequand"

(** Disjunction: the second argument is computed only if the first is
    [false]. *)
external ( || ) : bool -> bool -> bool = "%sequor"

(** Conjunction of two values. Since 5.4. *)
val logand : bool -> bool -> bool

(** Disjunction of two values. Since 5.4. *)
val logor : bool -> bool -> bool

(** Whether they differ. Since 5.4. *)
val logxor : bool -> bool -> bool
val equal : bool -> bool -> bool

(** [false] comes first. *)
val compare : bool -> bool -> int

(** 0 or 1. *)
val to_int : bool -> int

(** 0. or 1. *)
val to_float : bool -> float

(** ["false"] or ["true"]. *)
val to_string : bool -> string

(** A hash with a seed, as [Hashtbl.MakeSeeded] wants. Since 5.1. *)
val seeded_hash : int -> bool -> int

(** A hash. Since 5.1. *)
val hash : bool -> int
