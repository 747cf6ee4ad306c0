(** Deferred computations.

    [lazy e] has type [e]'s type [Lazy.t]; [e] is computed when it is first
    forced, once. A value may not be forced by two domains or threads at a
    time. *)

(** Lazy values. *)
type 'a t = 'a CamlinternalLazy.t

(** A lazy value was forced while being computed, by itself or by another
    domain. *)
exception Undefined

(** The value, computed if need be. The exception of the computation, if it
    raises one, is raised again by later calls. *)
external force : 'a t -> 'a = "%lazy_force"

(** [map f x] is [lazy (f (force x))]. Since 4.13. *)
val map : ('a -> 'b) -> 'a t -> 'b t

(** Whether it was computed, without exception. Since 4.00. *)
val is_val : 'a t -> bool

(** An already computed value. Since 4.00. *)
val from_val : 'a -> 'a t

(** Like {!map}, but applies the function now if the argument was computed.
    Since 4.13. *)
val map_val : ('a -> 'b) -> 'a t -> 'b t

(** [from_fun f] is [lazy (f ())]. Since 4.00. *)
val from_fun : (unit -> 'a) -> 'a t

(** Like {!force}, but after an exception the value is {!Undefined}. *)
val force_val : 'a t -> 'a
