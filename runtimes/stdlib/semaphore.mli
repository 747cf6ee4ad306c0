(** Semaphores. Since 4.12. *)

(** Semaphores whose value is any count. *)
module Counting : sig
type t

(** A semaphore with a value. Raises [Invalid_argument] if it is negative. *)
val make : int -> t

(** Add one, and wake one of those that wait. Raises [Sys_error] on overflow. *)
val release : t -> unit

(** Wait until the value is positive, and subtract one. *)
val acquire : t -> unit

(** Subtract one if the value is positive, and say so. *)
val try_acquire : t -> bool

(** The value, which may change at any time. *)
val get_value : t -> int
end

(** Semaphores whose value is 0 or 1. *)
module Binary : sig
type t

(** A semaphore with value 1 if the argument is true. *)
val make : bool -> t

(** Set it to 1. *)
val release : t -> unit

(** Wait until it is 1, and set it to 0. *)
val acquire : t -> unit

(** Set it to 0 if it is 1, and say so. *)
val try_acquire : t -> bool
end
