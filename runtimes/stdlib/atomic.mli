(** Atomic references: all domains see all operations in one order. *)

(** An atomic reference. *)
type !'a t

(** A new reference. *)
val make : 'a -> 'a t

(** A new reference, alone in its cache line. Since 5.2. *)
val make_contended : 'a -> 'a t

(** The value. *)
val get : 'a t -> 'a

(** Change the value. *)
val set : 'a t -> 'a -> unit

(** Change the value and return the former one. *)
val exchange : 'a t -> 'a -> 'a

(** [compare_and_set r seen v]: change the value to [v] if it is physically
    [seen], and say whether it was. *)
val compare_and_set : 'a t -> 'a -> 'a -> bool

(** Add to the value and return the former one. *)
val fetch_and_add : int t -> int -> int

(** Add one. *)
val incr : int t -> unit

(** Subtract one. *)
val decr : int t -> unit

(** The same on atomic fields of records, [\[%atomic.loc r.f\]]. Since 5.4. *)
module Loc : sig
  type 'a t = 'a atomic_loc
  external get : 'a t -> 'a = "%atomic_load_loc"
  val set : 'a t -> 'a -> unit
  external exchange : 'a t -> 'a -> 'a = "%atomic_exchange_loc"
  external compare_and_set : 'a t -> 'a -> 'a -> bool = "%atomic_cas_loc"
  external fetch_and_add : int t -> int -> int = "%atomic_fetch_add_loc"
  val incr : int t -> unit
  val decr : int t -> unit
end
