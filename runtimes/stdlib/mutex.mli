(** Locks: at most one thread holds a mutex. *)

(** A mutex. *)
type t

(** A new mutex, not locked. *)
val create : unit -> t

(** Wait until it is not locked, and lock it. Raises [Sys_error] if the caller
    holds it. *)
val lock : t -> unit

(** Lock it if it is not locked, and say so. *)
val try_lock : t -> bool

(** Unlock it. Raises [Sys_error] unless the caller holds it. *)
val unlock : t -> unit

(** Apply a function while holding it, unlocking it in all cases. Since 5.1. *)
val protect : t -> (unit -> 'a) -> 'a
