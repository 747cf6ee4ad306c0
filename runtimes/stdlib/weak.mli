(** Weak pointers, and sets of them. A weak pointer does not keep its value
    alive. *)

(** An array of weak pointers. *)
type !'a t

(** An array of empty pointers. *)
val create : int -> 'a t

(** The number of pointers. *)
val length : 'a t -> int

(** Change a pointer. Functions raise [Invalid_argument] for what is out of
    bounds. *)
val set : 'a t -> int -> 'a option -> unit

(** The value, unless it was collected. *)
val get : 'a t -> int -> 'a option

(** A shallow copy of the value, which does not keep the value alive. *)
val get_copy : 'a t -> int -> 'a option

(** Whether there is a value. *)
val check : 'a t -> int -> bool

(** Set a range. *)
val fill : 'a t -> int -> int -> 'a option -> unit

(** Copy a range. *)
val blit : 'a t -> int -> 'a t -> int -> int -> unit

(** Hash sets whose elements are weak. *)
module type S = sig
  type data

  type t

  (** An empty set. *)
  val create : int -> t
  val clear : t -> unit

  (** An element equal to the value, which is added if there is none. *)
  val merge : t -> data -> data

  (** Add a value, in any case. *)
  val add : t -> data -> unit

  (** Remove one equal element. *)
  val remove : t -> data -> unit

  (** An equal element. Raises [Not_found]. *)
  val find : t -> data -> data

  (** The same, as an option. Since 4.05. *)
  val find_opt : t -> data -> data option

  (** All equal elements. *)
  val find_all : t -> data -> data list
  val mem : t -> data -> bool
  val iter : (data -> unit) -> t -> unit
  val fold : (data -> 'acc -> 'acc) -> t -> 'acc -> 'acc

  (** The number of elements. *)
  val count : t -> int

  (** Number of buckets, of elements, sum of bucket lengths, the smallest, the
      median and the greatest. *)
  val stats : t -> int * int * int * int * int * int
end

(** Sets for an equality and a hash function. *)
module Make (H : Hashtbl.HashedType) : S with type data = H.t
