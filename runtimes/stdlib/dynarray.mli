(** Resizable arrays: access by index, and addition and removal at the end
    in constant amortised time. Since 5.2.

    Operations raise [Invalid_argument] for indices out of bounds, and when
    they notice that the length changes while they iterate. *)

[@@@alert unsynchronized_access
    "Unsynchronized accesses to dynamic arrays are a programming error."
]

(** A dynamic array. *)
type !'a t

(** A new empty array. *)
val create : unit -> 'a t

(** [n] times a value. *)
val make : int -> 'a -> 'a t

(** [f 0] to [f (n - 1)]. *)
val init : int -> (int -> 'a) -> 'a t

(** An element. *)
val get : 'a t -> int -> 'a

(** Change an element. *)
val set : 'a t -> int -> 'a -> unit

(** The number of elements. *)
val length : 'a t -> int
val is_empty : 'a t -> bool

(** The last element. Raises [Invalid_argument] if there is none. *)
val get_last : 'a t -> 'a

(** The last element. *)
val find_last : 'a t -> 'a option

(** A shallow copy. *)
val copy : 'a t -> 'a t

(** Add an element. *)
val add_last : 'a t -> 'a -> unit

(** Add all elements. Likewise for lists, dynamic arrays, sequences and
    iterators. *)
val append_array : 'a t -> 'a array -> unit
val append_list : 'a t -> 'a list -> unit

(** Add the elements of the second. Raises [Invalid_argument] if they are the
    same array. *)
val append : 'a t -> 'a t -> unit
val append_seq : 'a t -> 'a Seq.t -> unit
val append_iter : 'a t -> (('a -> unit) -> 'x -> unit) -> 'x -> unit

(** Copy elements, extending the destination as needed. Since 5.3. *)
val blit : src:'a t -> src_pos:int -> dst:'a t -> dst_pos:int -> len:int -> unit

(** Remove the last element. *)
val pop_last_opt : 'a t -> 'a option

(** The same. Raises [Not_found]. *)
val pop_last : 'a t -> 'a

(** The same, without result, if there is one. *)
val remove_last : 'a t -> unit

(** Keep the first [n] elements. *)
val truncate : 'a t -> int -> unit

(** Keep none. *)
val clear : 'a t -> unit

(** Iteration, as for arrays. *)
val iter : ('a -> unit) -> 'a t -> unit
val iteri : (int -> 'a -> unit) -> 'a t -> unit
val map : ('a -> 'b) -> 'a t -> 'b t
val mapi : (int -> 'a -> 'b) -> 'a t -> 'b t
val fold_left : ('acc -> 'a -> 'acc) -> 'acc -> 'a t -> 'acc
val fold_right : ('a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
val filter : ('a -> bool) -> 'a t -> 'a t
val filter_map : ('a -> 'b option) -> 'a t -> 'b t
val exists : ('a -> bool) -> 'a t -> bool
val for_all : ('a -> bool) -> 'a t -> bool

(** Raises [Invalid_argument] if the lengths differ. Since 5.4. *)
val exists2 : ('a -> 'b -> bool) -> 'a t -> 'b t -> bool
val for_all2 : ('a -> 'b -> bool) -> 'a t -> 'b t -> bool

(** Membership for structural equality. Since 5.3. *)
val mem : 'a -> 'a t -> bool

(** Membership for physical equality. Since 5.3. *)
val memq : 'a -> 'a t -> bool

(** The first that satisfies a predicate. Since 5.3. *)
val find_opt : ('a -> bool) -> 'a t -> 'a option
val find_index : ('a -> bool) -> 'a t -> int option

(** The first [Some]. Since 5.3. *)
val find_map : ('a -> 'b option) -> 'a t -> 'b option
val find_mapi : (int -> 'a -> 'b option) -> 'a t -> 'b option

(** Equality of lengths and elements. Since 5.3. *)
val equal : ('a -> 'a -> bool) -> 'a t -> 'a t -> bool

(** Shorter arrays come first. Since 5.3. *)
val compare : ('a -> 'a -> int) -> 'a t -> 'a t -> int

(** Conversions, in linear time. *)
val of_array : 'a array -> 'a t
val to_array : 'a t -> 'a array
val of_list : 'a list -> 'a t
val to_list : 'a t -> 'a list
val of_seq : 'a Seq.t -> 'a t

(** A sequence that raises [Invalid_argument] if the length changes; the
    reentrant ones follow changes. *)
val to_seq : 'a t -> 'a Seq.t
val to_seq_reentrant : 'a t -> 'a Seq.t
val to_seq_rev : 'a t -> 'a Seq.t
val to_seq_rev_reentrant : 'a t -> 'a Seq.t

(** The number of elements for which there is room. *)
val capacity : 'a t -> int

(** Make room for [n] elements. *)
val ensure_capacity : 'a t -> int -> unit

(** Make room for [n] more. *)
val ensure_extra_capacity : 'a t -> int -> unit

(** Make room for no more. *)
val fit_capacity : 'a t -> unit

(** Make room for exactly [n], removing others. *)
val set_capacity : 'a t -> int -> unit

(** {!clear} and free the room. *)
val reset : 'a t -> unit

(** The array that a function fills, without copy if possible. Unsafe if other
    domains change it. Since 5.4. *)
val unsafe_to_iarray : capacity:int -> ('a t -> unit) -> 'a iarray
