(** Lists. Functions are called from left to right unless said otherwise.
    All take constant stack space, but that [append], [concat], [fold_right],
    [fold_right2], [remove_assoc], [remove_assq], [split], [combine] and [merge]
    take stack in proportion to the length. *)

(** The type of lists. *)
type 'a t = 'a list = [] | (::) of 'a * 'a list

(** The number of elements. *)
val length : 'a list -> int

(** The order of lengths, without counting beyond the shorter list. Since
    4.05. *)
val compare_lengths : 'a list -> 'b list -> int

(** The order of the length and a number. Since 4.05. *)
val compare_length_with : 'a list -> int -> int

(** Whether there is no element. Since 5.1. *)
val is_empty : 'a list -> bool

(** An element before others. Since 4.03. *)
val cons : 'a -> 'a list -> 'a list

(** One element. Since 5.4. *)
val singleton : 'a -> 'a list

(** The first element. Raises [Failure] if there is none. *)
val hd : 'a list -> 'a

(** All elements but the first. Raises [Failure] if there is none. *)
val tl : 'a list -> 'a list

(** The element at an index. Raises [Failure] if there is none,
    [Invalid_argument] if the index is negative. *)
val nth : 'a list -> int -> 'a

(** The same, as an option. Since 4.05. *)
val nth_opt : 'a list -> int -> 'a option

(** The elements in reverse. *)
val rev : 'a list -> 'a list

(** [f 0] to [f (n - 1)]. Raises [Invalid_argument] if [n < 0]. Since
    4.06. *)
val init : int -> (int -> 'a) -> 'a list

(** The elements of one list, then of another. *)
val append : 'a list -> 'a list -> 'a list

(** The elements of one list in reverse, then of another. *)
val rev_append : 'a list -> 'a list -> 'a list

(** The elements of all lists. *)
val concat : 'a list list -> 'a list

(** The same as {!concat}. *)
val flatten : 'a list list -> 'a list

(** Whether two lists are of the same length with equal elements. Since
    4.12. *)
val equal : ('a -> 'a -> bool) -> 'a list -> 'a list -> bool

(** The lexicographic order. Since 4.12. *)
val compare : ('a -> 'a -> int) -> 'a list -> 'a list -> int

(** Call a function on each element. *)
val iter : ('a -> unit) -> 'a list -> unit

(** The same with the index. Since 4.00. *)
val iteri : (int -> 'a -> unit) -> 'a list -> unit

(** The results of a function. *)
val map : ('a -> 'b) -> 'a list -> 'b list

(** The same with the index. Since 4.00. *)
val mapi : (int -> 'a -> 'b) -> 'a list -> 'b list

(** The results in reverse. *)
val rev_map : ('a -> 'b) -> 'a list -> 'b list

(** The results that are not [None]. Since 4.08. *)
val filter_map : ('a -> 'b option) -> 'a list -> 'b list

(** The elements of all results. Since 4.10. *)
val concat_map : ('a -> 'b list) -> 'a list -> 'b list

(** Combine the elements from the left, and collect results. Since 4.11. *)
val fold_left_map : ('acc -> 'a -> 'acc * 'b) -> 'acc -> 'a list ->
    'acc * 'b list

(** Combine the elements, from the left. *)
val fold_left : ('acc -> 'a -> 'acc) -> 'acc -> 'a list -> 'acc

(** Combine the elements, from the right. *)
val fold_right : ('a -> 'acc -> 'acc) -> 'a list -> 'acc -> 'acc

(** Call a function on the elements of two lists. Raises [Invalid_argument]
    if their lengths differ. Likewise the next four. *)
val iter2 : ('a -> 'b -> unit) -> 'a list -> 'b list -> unit
val map2 : ('a -> 'b -> 'c) -> 'a list -> 'b list -> 'c list
val rev_map2 : ('a -> 'b -> 'c) -> 'a list -> 'b list -> 'c list
val fold_left2 : ('acc -> 'a -> 'b -> 'acc) -> 'acc -> 'a list -> 'b list ->
    'acc
val fold_right2 : ('a -> 'b -> 'acc -> 'acc) -> 'a list -> 'b list -> 'acc ->
    'acc

(** Whether all elements satisfy a predicate. *)
val for_all : ('a -> bool) -> 'a list -> bool

(** Whether an element satisfies a predicate. *)
val exists : ('a -> bool) -> 'a list -> bool

(** The same for two lists. Raises [Invalid_argument] if their lengths
    differ and nothing is decided before. Likewise [exists2]. *)
val for_all2 : ('a -> 'b -> bool) -> 'a list -> 'b list -> bool
val exists2 : ('a -> 'b -> bool) -> 'a list -> 'b list -> bool

(** Whether there is an element equal to one. *)
val mem : 'a -> 'a list -> bool

(** The same by physical equality. *)
val memq : 'a -> 'a list -> bool

(** The first element that satisfies a predicate. Raises [Not_found]. *)
val find : ('a -> bool) -> 'a list -> 'a

(** The same, as an option. Since 4.05. *)
val find_opt : ('a -> bool) -> 'a list -> 'a option

(** Its index. Since 5.1. *)
val find_index : ('a -> bool) -> 'a list -> int option

(** The first result that is not [None]. Since 4.10. *)
val find_map : ('a -> 'b option) -> 'a list -> 'b option

(** The same with the index. Since 5.1. *)
val find_mapi : (int -> 'a -> 'b option) -> 'a list -> 'b option

(** The elements that satisfy a predicate. *)
val filter : ('a -> bool) -> 'a list -> 'a list

(** The same as {!filter}. *)
val find_all : ('a -> bool) -> 'a list -> 'a list

(** The same with the index. Since 4.11. *)
val filteri : (int -> 'a -> bool) -> 'a list -> 'a list

(** The first [n] elements. Since 5.3. *)
val take : int -> 'a list -> 'a list

(** All but the first [n] elements. Since 5.3. *)
val drop : int -> 'a list -> 'a list

(** The elements before the first that does not satisfy a predicate. Since
    5.3. *)
val take_while : ('a -> bool) -> 'a list -> 'a list

(** The elements from the first that does not satisfy a predicate. Since
    5.3. *)
val drop_while : ('a -> bool) -> 'a list -> 'a list

(** The elements that satisfy a predicate, and the others. *)
val partition : ('a -> bool) -> 'a list -> 'a list * 'a list

(** The results of both sides. Since 4.12. *)
val partition_map : ('a -> ('b, 'c) Either.t) -> 'a list -> 'b list * 'c list

(** The value of a key. Raises [Not_found]. *)
val assoc : 'a -> ('a * 'b) list -> 'b

(** The same, as an option. Since 4.05. *)
val assoc_opt : 'a -> ('a * 'b) list -> 'b option

(** The value of a key, by physical equality. Raises [Not_found]. *)
val assq : 'a -> ('a * 'b) list -> 'b

(** The same, as an option. Since 4.05. *)
val assq_opt : 'a -> ('a * 'b) list -> 'b option

(** Whether there is a key. *)
val mem_assoc : 'a -> ('a * 'b) list -> bool

(** The same by physical equality. *)
val mem_assq : 'a -> ('a * 'b) list -> bool

(** All pairs but the first of a key. *)
val remove_assoc : 'a -> ('a * 'b) list -> ('a * 'b) list

(** The same by physical equality. *)
val remove_assq : 'a -> ('a * 'b) list -> ('a * 'b) list

(** Of pairs, both components. *)
val split : ('a * 'b) list -> 'a list * 'b list

(** Pairs. Raises [Invalid_argument] if the lengths differ. *)
val combine : 'a list -> 'b list -> ('a * 'b) list

(** The elements in increasing order. Equal ones keep their order. *)
val sort : ('a -> 'a -> int) -> 'a list -> 'a list

(** The same as {!sort}. *)
val stable_sort : ('a -> 'a -> int) -> 'a list -> 'a list

(** The same as {!sort}. *)
val fast_sort : ('a -> 'a -> int) -> 'a list -> 'a list

(** The same without duplicates. Since 4.02. *)
val sort_uniq : ('a -> 'a -> int) -> 'a list -> 'a list

(** Of two sorted lists, one, in which equal elements of the first come
    first. *)
val merge : ('a -> 'a -> int) -> 'a list -> 'a list -> 'a list

(** The sequence of the elements. Since 4.07. *)
val to_seq : 'a list -> 'a Seq.t

(** The elements of a sequence. Since 4.07. *)
val of_seq : 'a Seq.t -> 'a list
