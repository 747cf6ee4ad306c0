(** Functions on functions. Since 4.08. *)

(** The identity. *)
external id : 'a -> 'a = "%identity"

(** The function that always returns a value. *)
val const : 'a -> (_ -> 'a)

(** [f (g x)]. Since 5.2. *)
val compose : ('b -> 'c) -> ('a -> 'b) -> 'a -> 'c

(** The same function, with its arguments exchanged. *)
val flip : ('a -> 'b -> 'c) -> ('b -> 'a -> 'c)

(** The contrary of a predicate. *)
val negate : ('a -> bool) -> ('a -> bool)

(** Call [work], then [finally], also when [work] raises an exception, which
    is raised again. *)
val protect : finally:(unit -> unit) -> (unit -> 'a) -> 'a

(** What [finally] raised, which it must not. *)
exception Finally_raised of exn
