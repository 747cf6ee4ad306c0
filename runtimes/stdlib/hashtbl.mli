(** Hash tables. Several bindings of a key may be in a table, of which the
    latest hides the others. *)

[@@@warning "-53"]

[@@@alert unsynchronized_access
    "Unsynchronized accesses to hash tables are a programming error." ]

[@@@warning "+53"]

(** A table. *)
type (!'a, !'b) t

(** An empty table, with a number of buckets that grows. If [random], the
    hash function is randomised. *)
val create : ?random: bool -> int -> ('a, 'b) t

(** Remove all bindings. *)
val clear : ('a, 'b) t -> unit

(** The same, and shrink to the initial size. Since 4.00. *)
val reset : ('a, 'b) t -> unit

(** A copy of the table. *)
val copy : ('a, 'b) t -> ('a, 'b) t

(** Bind a key, hiding its earlier bindings. *)
val add : ('a, 'b) t -> 'a -> 'b -> unit

(** The latest binding of a key. Raises [Not_found]. *)
val find : ('a, 'b) t -> 'a -> 'b

(** The same, as an option. Since 4.05. *)
val find_opt : ('a, 'b) t -> 'a -> 'b option

(** All bindings of a key, from the latest. *)
val find_all : ('a, 'b) t -> 'a -> 'b list

(** Whether a key is bound. *)
val mem : ('a, 'b) t -> 'a -> bool

(** Remove the latest binding of a key. *)
val remove : ('a, 'b) t -> 'a -> unit

(** Bind a key instead of its latest binding. *)
val replace : ('a, 'b) t -> 'a -> 'b -> unit

(** All bindings, in no given order but from the latest for a key. The table
    must not be changed meanwhile. *)
val iter : ('a -> 'b -> unit) -> ('a, 'b) t -> unit

(** Replace bindings by the results on them. Since 4.03. *)
val filter_map_inplace : ('a -> 'b -> 'b option) -> ('a, 'b) t -> unit

(** All bindings, in the order of {!iter}. *)
val fold : ('a -> 'b -> 'acc -> 'acc) -> ('a, 'b) t -> 'acc -> 'acc

(** The number of bindings, hidden ones included. *)
val length : ('a, 'b) t -> int

(** Make tables randomised by default. Since 4.00. *)
val randomize : unit -> unit

(** Whether they are. Since 4.03. *)
val is_randomized : unit -> bool

(** A copy with the right number of buckets, hashed again. Since 4.12. *)
val rebuild : ?random :bool -> ('a, 'b) t -> ('a, 'b) t

(** Sizes of tables and buckets; entry [i] of the histogram is the number of
    buckets of length [i]. Since 4.00. *)
type statistics = {
  num_bindings: int;
  num_buckets: int;
  max_bucket_length: int;
  bucket_histogram: int array
}

val stats : ('a, 'b) t -> statistics

(** All bindings, in the order of {!iter}. Since 4.07. *)
val to_seq : ('a,'b) t -> ('a * 'b) Seq.t

(** The keys. Since 4.07. *)
val to_seq_keys : ('a,_) t -> 'a Seq.t

(** The values. Since 4.07. *)
val to_seq_values : (_,'b) t -> 'b Seq.t

(** {!add} all bindings. Since 4.07. *)
val add_seq : ('a,'b) t -> ('a * 'b) Seq.t -> unit

(** {!replace} all bindings. Since 4.07. *)
val replace_seq : ('a,'b) t -> ('a * 'b) Seq.t -> unit

(** A table of the bindings, by {!replace}. Since 4.07. *)
val of_seq : ('a * 'b) Seq.t -> ('a, 'b) t

(** The type of keys, its equality, and a hash function that agrees with
    it. *)
module type HashedType = sig
  type t

  val equal : t -> t -> bool
  val hash : t -> int
end

(** The operations on tables of given keys. *)
module type S = sig
  type key
  type !'a t

  val create : int -> 'a t
  val clear : 'a t -> unit
  val reset : 'a t -> unit
  val copy : 'a t -> 'a t
  val add : 'a t -> key -> 'a -> unit
  val remove : 'a t -> key -> unit
  val find : 'a t -> key -> 'a
  val find_opt : 'a t -> key -> 'a option
  val find_all : 'a t -> key -> 'a list
  val replace : 'a t -> key -> 'a -> unit
  val mem : 'a t -> key -> bool
  val iter : (key -> 'a -> unit) -> 'a t -> unit
  val filter_map_inplace : (key -> 'a -> 'a option) -> 'a t -> unit
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
  val length : 'a t -> int
  val stats : 'a t -> statistics
  val to_seq : 'a t -> (key * 'a) Seq.t
  val to_seq_keys : _ t -> key Seq.t
  val to_seq_values : 'a t -> 'a Seq.t
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
end

(** Tables with a hash function. *)
module Make (H : HashedType) : S with type key = H.t

(** The same with a hash function that takes a seed. *)
module type SeededHashedType = sig
  type t

  val equal : t -> t -> bool
  val seeded_hash : int -> t -> int
end

(** The same with randomisation. *)
module type SeededS = sig
  type key
  type !'a t

  val create : ?random :bool -> int -> 'a t
  val clear : 'a t -> unit
  val reset : 'a t -> unit
  val copy : 'a t -> 'a t
  val add : 'a t -> key -> 'a -> unit
  val remove : 'a t -> key -> unit
  val find : 'a t -> key -> 'a
  val find_opt : 'a t -> key -> 'a option
  val find_all : 'a t -> key -> 'a list
  val replace : 'a t -> key -> 'a -> unit
  val mem : 'a t -> key -> bool
  val iter : (key -> 'a -> unit) -> 'a t -> unit
  val filter_map_inplace : (key -> 'a -> 'a option) -> 'a t -> unit
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
  val length : 'a t -> int
  val stats : 'a t -> statistics
  val to_seq : 'a t -> (key * 'a) Seq.t
  val to_seq_keys : _ t -> key Seq.t
  val to_seq_values : 'a t -> 'a Seq.t
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
end

(** Tables with a hash function that takes a seed. *)
module MakeSeeded (H : SeededHashedType) : SeededS with type key = H.t

(** The polymorphic hash function, which agrees with structural equality. *)
val hash : 'a -> int

(** The same with a seed. Since 4.00. *)
val seeded_hash : int -> 'a -> int

(** The same with the number of meaningful values, and of all values, that
    are looked at. *)
val hash_param : int -> int -> 'a -> int

(** The same with a seed. Since 4.00. *)
val seeded_hash_param : int -> int -> int -> 'a -> int
