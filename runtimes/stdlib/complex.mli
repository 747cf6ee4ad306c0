(** Complex numbers. *)

(** Real and imaginary parts. *)
type t = { re: float; im: float }

val zero : t
val one : t

(** The imaginary unit. *)
val i : t
val neg : t -> t

(** The conjugate. *)
val conj : t -> t
val add : t -> t -> t
val sub : t -> t -> t
val mul : t -> t -> t

(** The inverse. *)
val inv : t -> t
val div : t -> t -> t

(** The root of non-negative real part. *)
val sqrt : t -> t

(** The square of the norm. *)
val norm2 : t -> float

(** The norm. *)
val norm : t -> float

(** The argument, from -pi to pi. *)
val arg : t -> float

(** The number of a norm and an argument. *)
val polar : float -> float -> t

(** Exponential. *)
val exp : t -> t

(** Natural logarithm. *)
val log : t -> t

(** The first number to the power of the second. *)
val pow : t -> t -> t
