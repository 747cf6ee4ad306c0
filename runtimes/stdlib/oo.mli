(** Operations on objects. *)

(** A shallow copy, with its own identity. *)
val copy : (< .. > as 'a) -> 'a [@@alert unsynchronized_access
    "Unsynchronized accesses to mutable objects are a programming error." ]

(** The identity, distinct for all objects. *)
external id : < .. > -> int = "%field1"

(** Not part of the interface. *)
val new_method : string -> CamlinternalOO.tag
val public_method_label : string -> CamlinternalOO.tag
