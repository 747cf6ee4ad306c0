(** The unit type. Since 4.08. *)

(** Its only value. *)
type t = unit = ()

(** Always [true]. *)
val equal : t -> t -> bool

(** Always 0. *)
val compare : t -> t -> int

(** ["()"]. *)
val to_string : t -> string
