(** Values and exceptions that C code finds by name. *)

(** Give a value a name. *)
val register : string -> 'a -> unit

(** Give the constructor of an exception a name. *)
val register_exception : string -> exn -> unit
