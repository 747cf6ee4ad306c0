(** Pseudo-random numbers. Each domain has its own generator, which is
    seeded the same way at each run unless {!self_init} is called. *)

(** Seed the generator. *)
val init : int -> unit

(** Seed the generator with several numbers. *)
val full_init : int array -> unit

(** Seed the generator with numbers of the system. *)
val self_init : unit -> unit

(** 30 random bits. *)
val bits : unit -> int

(** Below a bound, which is at most [2{^30}]. Raises [Invalid_argument] for
    others. *)
val int : int -> int

(** Below a bound, any positive number. Since 4.13. *)
val full_int : int -> int

(** Between two numbers, included. Since 5.2. *)
val int_in_range : min:int -> max:int -> int

(** Below a bound. *)
val int32 : Int32.t -> Int32.t
val int32_in_range : min:int32 -> max:int32 -> int32
val nativeint : Nativeint.t -> Nativeint.t
val nativeint_in_range : min:nativeint -> max:nativeint -> nativeint
val int64 : Int64.t -> Int64.t
val int64_in_range : min:int64 -> max:int64 -> int64

(** From 0 to a bound, or from a negative bound to 0. *)
val float : float -> float

(** [true] or [false]. *)
val bool : unit -> bool

(** 32 random bits. Since 4.14. *)
val bits32 : unit -> Int32.t

(** 64 random bits. Since 4.14. *)
val bits64 : unit -> Int64.t

(** As many bits as a word has. Since 4.14. *)
val nativebits : unit -> Nativeint.t

(** Generators as values. *)
module State : sig
  (** A generator. *)
  type t

  (** A generator with a seed. *)
  val make : int array -> t

  (** A generator with a seed of the system. *)
  val make_self_init : unit -> t

  (** A generator in the same state. *)
  val copy : t -> t
  val bits : t -> int
  val int : t -> int -> int
  val full_int : t -> int -> int
  val int_in_range : t -> min:int -> max:int -> int
  val int32 : t -> Int32.t -> Int32.t
  val int32_in_range : t -> min:int32 -> max:int32 -> int32
  val nativeint : t -> Nativeint.t -> Nativeint.t
  val nativeint_in_range : t -> min:nativeint -> max:nativeint -> nativeint
  val int64 : t -> Int64.t -> Int64.t
  val int64_in_range : t -> min:int64 -> max:int64 -> int64
  val float : t -> float -> float
  val bool : t -> bool
  val bits32 : t -> Int32.t
  val bits64 : t -> Int64.t
  val nativebits : t -> Nativeint.t

  (** A new generator, independent for practical purposes. Since 5.0. *)
  val split : t -> t

  (** The state as a string. Since 5.1. *)
  val to_binary_string : t -> string

  (** The generator of such a string. Raises [Failure]. Since 5.1. *)
  val of_binary_string : string -> t
end

(** A copy of the generator of this domain. *)
val get_state : unit -> State.t

(** Put the generator of this domain in a state. *)
val set_state : State.t -> unit

(** A new generator, split off that of this domain. Since 5.0. *)
val split : unit -> State.t
