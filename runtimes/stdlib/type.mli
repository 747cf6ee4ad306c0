(** Types as values. Since 5.1. *)

(** A proof that two types are equal. *)
type (_, _) eq = Equal: ('a, 'a) eq

(** Identifiers of types. *)
module Id : sig
  (** An identifier of a type. *)
  type !'a t

  (** A new identifier, different from others. *)
  val make : unit -> 'a t

  (** Its number. *)
  val uid : 'a t -> int

  (** A proof that the types are equal if the identifiers are the same. *)
  val provably_equal : 'a t -> 'b t -> ('a, 'b) eq option
end
