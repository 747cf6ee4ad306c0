(** Condition variables: waiting for a change of what a mutex protects. *)

(** A condition variable. *)
type t

(** A new one. *)
val create : unit -> t

(** Unlock the mutex, wait for a signal and lock it again, the first two being
    one step. May return without a signal: test what is waited for in a loop. *)
val wait : t -> Mutex.t -> unit

(** Wake one of those that wait. *)
val signal : t -> unit

(** Wake all of them. *)
val broadcast : t -> unit
