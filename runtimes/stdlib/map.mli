(** Maps from ordered types: balanced trees. Most operations take time
    logarithmic in the size. *)

(** The type of keys and its total order. *)
module type OrderedType = sig
  type t

  val compare : t -> t -> int
end

(** The operations. *)
module type S = sig
  (** The type of keys. *)
  type key

  (** A map. *)
  type !+'a t

  val empty : 'a t

  (** Bind a key, instead of any earlier binding. Physically the same map if
      it is bound to the same value. *)
  val add : key -> 'a -> 'a t -> 'a t

  (** Prepend to the list that a key is bound to. Since 5.1. *)
  val add_to_list : key -> 'a -> 'a list t -> 'a list t

  (** Replace the binding of a key by the result on it. Since 4.06. *)
  val update : key -> ('a option -> 'a option) -> 'a t -> 'a t
  val singleton : key -> 'a -> 'a t

  (** Physically the same map if the key is not bound. *)
  val remove : key -> 'a t -> 'a t

  (** The results for all keys bound in either map. *)
  val merge : (key -> 'a option -> 'b option -> 'c option) -> 'a t -> 'b t ->
      'c t

  (** All bindings; the results for keys bound in both maps. Since 4.03. *)
  val union : (key -> 'a -> 'a -> 'a option) -> 'a t -> 'a t -> 'a t

  (** The number of bindings. *)
  val cardinal : 'a t -> int

  (** In increasing order of keys. *)
  val bindings : 'a t -> (key * 'a) list

  (** That of the least key. Raises [Not_found] if there is none. *)
  val min_binding : 'a t -> (key * 'a)
  val min_binding_opt : 'a t -> (key * 'a) option

  (** That of the greatest key. Raises [Not_found] if there is none. *)
  val max_binding : 'a t -> (key * 'a)
  val max_binding_opt : 'a t -> (key * 'a) option

  (** A binding, the same for equal maps. Raises [Not_found] if there is
      none. *)
  val choose : 'a t -> (key * 'a)
  val choose_opt : 'a t -> (key * 'a) option

  (** The value of a key. Raises [Not_found]. *)
  val find : key -> 'a t -> 'a
  val find_opt : key -> 'a t -> 'a option

  (** The binding of the least key that satisfies an increasing predicate.
      Raises [Not_found]. Since 4.05. *)
  val find_first : (key -> bool) -> 'a t -> key * 'a
  val find_first_opt : (key -> bool) -> 'a t -> (key * 'a) option

  (** The binding of the greatest key that satisfies a decreasing predicate.
      Raises [Not_found]. Since 4.05. *)
  val find_last : (key -> bool) -> 'a t -> key * 'a
  val find_last_opt : (key -> bool) -> 'a t -> (key * 'a) option

  (** In increasing order of keys. *)
  val iter : (key -> 'a -> unit) -> 'a t -> unit

  (** In increasing order of keys. *)
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc

  (** Results are computed in increasing order of keys. *)
  val map : ('a -> 'b) -> 'a t -> 'b t
  val mapi : (key -> 'a -> 'b) -> 'a t -> 'b t

  (** Physically the same map if all bindings satisfy the predicate. *)
  val filter : (key -> 'a -> bool) -> 'a t -> 'a t

  (** The results that are not [None]. Since 4.11. *)
  val filter_map : (key -> 'a -> 'b option) -> 'a t -> 'b t

  (** The bindings that satisfy a predicate, and the others. *)
  val partition : (key -> 'a -> bool) -> 'a t -> 'a t * 'a t

  (** The bindings below a key, its value, and those above. *)
  val split : key -> 'a t -> 'a t * 'a option * 'a t
  val is_empty : 'a t -> bool
  val mem : key -> 'a t -> bool

  (** Whether keys are the same with equal values. *)
  val equal : ('a -> 'a -> bool) -> 'a t -> 'a t -> bool

  (** A total order, by one of values. *)
  val compare : ('a -> 'a -> int) -> 'a t -> 'a t -> int
  val for_all : (key -> 'a -> bool) -> 'a t -> bool
  val exists : (key -> 'a -> bool) -> 'a t -> bool
  val to_list : 'a t -> (key * 'a) list
  val of_list : (key * 'a) list -> 'a t

  (** In increasing order of keys. Since 4.07. *)
  val to_seq : 'a t -> (key * 'a) Seq.t

  (** In decreasing order of keys. Since 4.12. *)
  val to_rev_seq : 'a t -> (key * 'a) Seq.t

  (** The bindings from a key on. Since 4.07. *)
  val to_seq_from : key -> 'a t -> (key * 'a) Seq.t
  val add_seq : (key * 'a) Seq.t -> 'a t -> 'a t
  val of_seq : (key * 'a) Seq.t -> 'a t
end

(** Maps from an ordered type. *)
module Make (Ord : OrderedType) : S with type key = Ord.t
