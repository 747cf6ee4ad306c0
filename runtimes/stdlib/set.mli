(** Sets over ordered types: balanced trees. Most operations take time
    logarithmic in the size. *)

(** The type of elements and its total order. *)
module type OrderedType = sig
  type t

  val compare : t -> t -> int
end

(** The operations. *)
module type S = sig
  (** The type of elements. *)
  type elt

  (** A set. *)
  type t

  val empty : t

  (** Physically the same set if the element is in it. *)
  val add : elt -> t -> t
  val singleton : elt -> t

  (** Physically the same set if the element is not in it. *)
  val remove : elt -> t -> t
  val union : t -> t -> t
  val inter : t -> t -> t

  (** Whether they have no common element. Since 4.08. *)
  val disjoint : t -> t -> bool
  val diff : t -> t -> t

  (** The number of elements. *)
  val cardinal : t -> int

  (** In increasing order. *)
  val elements : t -> elt list

  (** The least element. Raises [Not_found] if there is none. *)
  val min_elt : t -> elt
  val min_elt_opt : t -> elt option

  (** The greatest element. Raises [Not_found] if there is none. *)
  val max_elt : t -> elt
  val max_elt_opt : t -> elt option

  (** An element, the same for equal sets. Raises [Not_found] if there is
      none. *)
  val choose : t -> elt
  val choose_opt : t -> elt option

  (** The element equal to one. Raises [Not_found]. Since 4.01. *)
  val find : elt -> t -> elt
  val find_opt : elt -> t -> elt option

  (** The least element that satisfies an increasing predicate. Raises
      [Not_found]. Since 4.05. *)
  val find_first : (elt -> bool) -> t -> elt
  val find_first_opt : (elt -> bool) -> t -> elt option

  (** The greatest element that satisfies a decreasing predicate. Raises
      [Not_found]. Since 4.05. *)
  val find_last : (elt -> bool) -> t -> elt
  val find_last_opt : (elt -> bool) -> t -> elt option

  (** In increasing order. *)
  val iter : (elt -> unit) -> t -> unit

  (** In increasing order. *)
  val fold : (elt -> 'acc -> 'acc) -> t -> 'acc -> 'acc

  (** The set of results, computed in increasing order. Since 4.04. *)
  val map : (elt -> elt) -> t -> t

  (** Physically the same set if all elements satisfy the predicate. *)
  val filter : (elt -> bool) -> t -> t

  (** The set of results that are not [None]. Since 4.11. *)
  val filter_map : (elt -> elt option) -> t -> t

  (** The elements that satisfy a predicate, and the others. *)
  val partition : (elt -> bool) -> t -> t * t

  (** The elements below one, whether it is there, and those above. *)
  val split : elt -> t -> t * bool * t
  val is_empty : t -> bool
  val mem : elt -> t -> bool
  val equal : t -> t -> bool

  (** A total order, by which sets can be elements. *)
  val compare : t -> t -> int

  (** Whether the first is included in the second. *)
  val subset : t -> t -> bool
  val for_all : (elt -> bool) -> t -> bool
  val exists : (elt -> bool) -> t -> bool
  val to_list : t -> elt list
  val of_list : elt list -> t

  (** The elements from one on, in increasing order. Since 4.07. *)
  val to_seq_from : elt -> t -> elt Seq.t

  (** In increasing order. Since 4.07. *)
  val to_seq : t -> elt Seq.t

  (** In decreasing order. Since 4.12. *)
  val to_rev_seq : t -> elt Seq.t
  val add_seq : elt Seq.t -> t -> t
  val of_seq : elt Seq.t -> t
end

(** Sets over an ordered type. *)
module Make (Ord : OrderedType) : S with type elt = Ord.t
