(** Forcing of lazy values. Internal to the compiler and {!Stdlib.Lazy}. *)

type 'a t = 'a lazy_t

(** A lazy value was forced while being computed. *)
exception Undefined

(** Force a value whose tag is [Obj.lazy_tag] or [Obj.forcing_tag]. *)
val force_lazy_block : 'a lazy_t -> 'a

(** Force any lazy value; with [only_val], an exception leaves it undefined. *)
val force_gen : only_val:bool -> 'a lazy_t -> 'a

(** A lazy value with the same result that is not a block being forced. Since
    5.4. *)
val indirect : 'a lazy_t -> 'a lazy_t
