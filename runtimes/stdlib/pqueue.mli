(** Priority queues: binary heaps. Since 5.4. Adding and removing take time
    logarithmic in the size. *)

(** The type of elements and its total order. *)
module type OrderedType = sig
  type t

  val compare : t -> t -> int
end

(** Queues whose first element is the least. *)
module type Min = sig
  type t
  type elt

  val create : unit -> t
  val length : t -> int
  val is_empty : t -> bool
  val add : t -> elt -> unit

  (** Add what an iterator gives. *)
  val add_iter : t -> ((elt -> unit) -> 'x -> unit) -> 'x -> unit

  (** The least element, if any. *)
  val min_elt : t -> elt option

  (** The least element. Raises [Invalid_argument] if there is none. *)
  val get_min_elt : t -> elt

  (** Remove the least element, if any, and return it. *)
  val pop_min : t -> elt option

  (** Remove the least element, if any. *)
  val remove_min : t -> unit
  val clear : t -> unit
  val copy : t -> t

  (** A queue of the elements, in linear time. Likewise for lists and
      iterators. *)
  val of_array : elt array -> t
  val of_list : elt list -> t
  val of_iter : ((elt -> unit) -> 'x -> unit) -> 'x -> t

  (** In no given order. *)
  val iter_unordered : (elt -> unit) -> t -> unit

  (** In no given order. *)
  val fold_unordered : ('acc -> elt -> 'acc) -> 'acc -> t -> 'acc
end

(** Queues of an ordered type. *)
module MakeMin(E: OrderedType) : Min with type elt := E.t

(** Queues whose first element is the greatest. *)
module type Max = sig
  type t
  type elt

  val create : unit -> t
  val length : t -> int
  val is_empty : t -> bool
  val add : t -> elt -> unit

  (** Add what an iterator gives. *)
  val add_iter : t -> ((elt -> unit) -> 'x -> unit) -> 'x -> unit

  (** The greatest element, if any. *)
  val max_elt : t -> elt option

  (** The greatest element. Raises [Invalid_argument] if there is none. *)
  val get_max_elt : t -> elt

  (** Remove the greatest element, if any, and return it. *)
  val pop_max : t -> elt option

  (** Remove the greatest element, if any. *)
  val remove_max : t -> unit
  val clear : t -> unit
  val copy : t -> t

  (** A queue of the elements, in linear time. Likewise for lists and
      iterators. *)
  val of_array : elt array -> t
  val of_list : elt list -> t
  val of_iter : ((elt -> unit) -> 'x -> unit) -> 'x -> t

  (** In no given order. *)
  val iter_unordered : (elt -> unit) -> t -> unit

  (** In no given order. *)
  val fold_unordered : ('acc -> elt -> 'acc) -> 'acc -> t -> 'acc
end

(** The same. *)
module MakeMax(E: OrderedType) : Max with type elt := E.t

(** The same for a polymorphic type. *)
module type OrderedPolyType = sig
  type 'a t

  val compare : 'a t -> 'b t -> int
end

(** The same for polymorphic elements. *)
module type MinPoly = sig
  type 'a t
  type 'a elt

  val create : unit ->'a t
  val length : 'a t -> int
  val is_empty : 'a t -> bool
  val add : 'a t -> 'a elt -> unit

  (** Add what an iterator gives. *)
  val add_iter : 'a t -> (('a elt -> unit) -> 'x -> unit) -> 'x -> unit

  (** The least element, if any. *)
  val min_elt : 'a t -> 'a elt option

  (** The least element. Raises [Invalid_argument] if there is none. *)
  val get_min_elt : 'a t -> 'a elt

  (** Remove the least element, if any, and return it. *)
  val pop_min : 'a t -> 'a elt option

  (** Remove the least element, if any. *)
  val remove_min : 'a t -> unit
  val clear : 'a t -> unit
  val copy : 'a t -> 'a t

  (** A queue of the elements, in linear time. Likewise for lists and
      iterators. *)
  val of_array : 'a elt array -> 'a t
  val of_list : 'a elt list -> 'a t
  val of_iter : (('a elt -> unit) -> 'x -> unit) -> 'x -> 'a t

  (** In no given order. *)
  val iter_unordered : ('a elt -> unit) -> 'a t -> unit

  (** In no given order. *)
  val fold_unordered : ('acc -> 'a elt -> 'acc) -> 'acc -> 'a t -> 'acc
end

(** The same. *)
module MakeMinPoly (E : OrderedPolyType) : MinPoly with type 'a elt := 'a E.t

(** The same for polymorphic elements. *)
module type MaxPoly = sig
  type 'a t
  type 'a elt

  val create : unit -> 'a t
  val length : 'a t -> int
  val is_empty : 'a t -> bool
  val add : 'a t -> 'a elt -> unit

  (** Add what an iterator gives. *)
  val add_iter : 'a t -> (('a elt -> unit) -> 'x -> unit) -> 'x -> unit

  (** The greatest element, if any. *)
  val max_elt : 'a t -> 'a elt option

  (** The greatest element. Raises [Invalid_argument] if there is none. *)
  val get_max_elt : 'a t -> 'a elt

  (** Remove the greatest element, if any, and return it. *)
  val pop_max : 'a t -> 'a elt option

  (** Remove the greatest element, if any. *)
  val remove_max : 'a t -> unit
  val clear : 'a t -> unit
  val copy : 'a t -> 'a t

  (** A queue of the elements, in linear time. Likewise for lists and
      iterators. *)
  val of_array : 'a elt array -> 'a t
  val of_list : 'a elt list -> 'a t
  val of_iter : (('a elt -> unit) -> 'x -> unit) -> 'x -> 'a t

  (** In no given order. *)
  val iter_unordered : ('a elt -> unit) -> 'a t -> unit

  (** In no given order. *)
  val fold_unordered : ('acc -> 'a elt -> 'acc) -> 'acc -> 'a t -> 'acc
end

(** The same. *)
module MakeMaxPoly (E : OrderedPolyType) : MaxPoly with type 'a elt := 'a E.t
