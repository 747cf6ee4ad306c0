(** Sequences: lists whose elements are computed when they are asked for,
    each time that they are. Since 4.07. Functions that return sequences compute
    nothing before their result is forced. *)

(** A sequence. *)
type 'a t = unit -> 'a node

(** The first element and the sequence of the others, if there are any. *)
and +'a node = | Nil | Cons of 'a * 'a t

(** Whether there is no element. Forces the first node. *)
val is_empty : 'a t -> bool

(** The first element and the others. *)
val uncons : 'a t -> ('a * 'a t) option

(** The number of elements. *)
val length : 'a t -> int

(** Call a function on each element. *)
val iter : ('a -> unit) -> 'a t -> unit

(** Combine the elements, from the left. *)
val fold_left : ('acc -> 'a -> 'acc) -> 'acc -> 'a t -> 'acc

(** The same with the index. *)
val iteri : (int -> 'a -> unit) -> 'a t -> unit

(** The same with the index. *)
val fold_lefti : ('acc -> int -> 'a -> 'acc) -> 'acc -> 'a t -> 'acc

(** Whether all elements satisfy a predicate. *)
val for_all : ('a -> bool) -> 'a t -> bool

(** Whether an element satisfies a predicate. *)
val exists : ('a -> bool) -> 'a t -> bool

(** The first element that satisfies a predicate. *)
val find : ('a -> bool) -> 'a t -> 'a option

(** Its index. Since 5.1. *)
val find_index : ('a -> bool) -> 'a t -> int option

(** The first result that is not [None]. *)
val find_map : ('a -> 'b option) -> 'a t -> 'b option

(** The same with the index. Since 5.1. *)
val find_mapi : (int -> 'a -> 'b option) -> 'a t -> 'b option

(** Call a function on the elements of two sequences, until the shorter
    ends. Likewise the next three. *)
val iter2 : ('a -> 'b -> unit) -> 'a t -> 'b t -> unit
val fold_left2 : ('acc -> 'a -> 'b -> 'acc) -> 'acc -> 'a t -> 'b t -> 'acc
val for_all2 : ('a -> 'b -> bool) -> 'a t -> 'b t -> bool
val exists2 : ('a -> 'b -> bool) -> 'a t -> 'b t -> bool

(** Whether two sequences are of the same length with equal elements. *)
val equal : ('a -> 'b -> bool) -> 'a t -> 'b t -> bool

(** The lexicographic order. *)
val compare : ('a -> 'b -> int) -> 'a t -> 'b t -> int

(** No element. *)
val empty : 'a t

(** One element. Likewise [singleton]. *)
val return : 'a -> 'a t

(** An element before others. *)
val cons : 'a -> 'a t -> 'a t
val singleton : 'a -> 'a t

(** [f 0] to [f (n - 1)]. Raises [Invalid_argument] if [n < 0]. *)
val init : int -> (int -> 'a) -> 'a t

(** The elements that a function makes of a state, until it returns
    [None]. *)
val unfold : ('b -> ('a * 'b) option) -> 'b -> 'a t

(** One element without end. *)
val repeat : 'a -> 'a t

(** The results of a function, called each time that one is forced. *)
val forever : (unit -> 'a) -> 'a t

(** A sequence repeated without end, unless it is empty. *)
val cycle : 'a t -> 'a t

(** [x], [f x], [f (f x)] and so on. *)
val iterate : ('a -> 'a) -> 'a -> 'a t

(** The results of a function. *)
val map : ('a -> 'b) -> 'a t -> 'b t

(** The same with the index. *)
val mapi : (int -> 'a -> 'b) -> 'a t -> 'b t

(** The elements that satisfy a predicate. *)
val filter : ('a -> bool) -> 'a t -> 'a t

(** The same with the index. Since 5.4. *)
val filteri : (int -> 'a -> bool) -> 'a t -> 'a t

(** The results that are not [None]. *)
val filter_map : ('a -> 'b option) -> 'a t -> 'b t

(** The states of [fold_left], the first one included. *)
val scan : ('b -> 'a -> 'b) -> 'b -> 'a t -> 'b t

(** The first [n] elements. Raises [Invalid_argument] if [n < 0]. *)
val take : int -> 'a t -> 'a t

(** What follows the first [n] elements. Raises [Invalid_argument] if [n <
    0]. *)
val drop : int -> 'a t -> 'a t

(** The elements before the first that does not satisfy a predicate. *)
val take_while : ('a -> bool) -> 'a t -> 'a t

(** The elements from the first that does not satisfy a predicate. *)
val drop_while : ('a -> bool) -> 'a t -> 'a t

(** The runs of elements that are equal to their first one. *)
val group : ('a -> 'a -> bool) -> 'a t -> 'a t t

(** The same elements, computed once. *)
val memoize : 'a t -> 'a t

(** A node of a sequence made by {!once} was forced again. *)
exception Forced_twice

(** The same elements, each of which can be forced only once. *)
val once : 'a t -> 'a t

(** The columns of a sequence of rows. Rows are forced more than once. *)
val transpose : 'a t t -> 'a t t

(** The elements of one sequence, then of another. *)
val append : 'a t -> 'a t -> 'a t

(** The elements of all sequences. *)
val concat : 'a t t -> 'a t

(** The elements of all results. Likewise [concat_map]. *)
val flat_map : ('a -> 'b t) -> 'a t -> 'b t
val concat_map : ('a -> 'b t) -> 'a t -> 'b t

(** Pairs, until the shorter sequence ends. *)
val zip : 'a t -> 'b t -> ('a * 'b) t

(** The results on two sequences, until the shorter ends. *)
val map2 : ('a -> 'b -> 'c) -> 'a t -> 'b t -> 'c t

(** Elements of one sequence and of another in turn; then the others of the
    longer. *)
val interleave : 'a t -> 'a t -> 'a t

(** Of two sorted sequences, one. *)
val sorted_merge : ('a -> 'a -> int) -> 'a t -> 'a t -> 'a t

(** All pairs, in an order that reaches each of them after finitely many
    others. *)
val product : 'a t -> 'b t -> ('a * 'b) t

(** The results on all pairs, in the same order. *)
val map_product : ('a -> 'b -> 'c) -> 'a t -> 'b t -> 'c t

(** Of pairs, both components. Likewise [split]. *)
val unzip : ('a * 'b) t -> 'a t * 'b t
val split : ('a * 'b) t -> 'a t * 'b t

(** The results of both sides. The function is called for each of them. *)
val partition_map : ('a -> ('b, 'c) Either.t) -> 'a t -> 'b t * 'c t

(** The elements that satisfy a predicate, and the others. *)
val partition : ('a -> bool) -> 'a t -> 'a t * 'a t

(** The results of a function until [None]; to be forced only once. *)
val of_dispenser : (unit -> 'a option) -> 'a t

(** A function that returns the next element at each call. *)
val to_dispenser : 'a t -> (unit -> 'a option)

(** The integers from one on. *)
val ints : int -> int t
