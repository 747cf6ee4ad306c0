(** Support for recursive modules, internal to the compiler. *)

(** What is in a module; a [Value] is initialised already. *)
type shape =
  | Function
  | Lazy
  | Class
  | Module of shape array
  | Value of Obj.t

(** A module whose contents fail when used. The location is that of the
    error. *)
val init_mod : string * int * int -> shape -> Obj.t

(** [update_mod shape module definition]: give it its contents. *)
val update_mod : shape -> Obj.t -> Obj.t -> unit
