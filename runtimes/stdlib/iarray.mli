(** Immutable arrays: see {!Array} for what functions do. Since 5.4. *)

open! Stdlib

(** The type of immutable arrays. *)
type +'a t = 'a iarray

(** The number of elements. *)
external length : 'a iarray -> int = "%array_length"

(** An element. Raises [Invalid_argument] if the index is out of bounds. *)
external get : 'a iarray -> int -> 'a = "%array_safe_get"
val init : int -> (int -> 'a) -> 'a iarray
val append : 'a iarray -> 'a iarray -> 'a iarray
val concat : 'a iarray list -> 'a iarray
val sub : 'a iarray -> pos:int -> len:int -> 'a iarray
val to_list : 'a iarray -> 'a list
val of_list : 'a list -> 'a iarray

(** A mutable copy. *)
val to_array : 'a iarray -> 'a array

(** An immutable copy. *)
val of_array : 'a array -> 'a iarray
val equal : ('a -> 'a -> bool) -> 'a iarray -> 'a iarray -> bool

(** The order of lengths, then the lexicographic one. *)
val compare : ('a -> 'a -> int) -> 'a iarray -> 'a iarray -> int
val iter : ('a -> unit) -> 'a iarray -> unit
val iteri : (int -> 'a -> unit) -> 'a iarray -> unit
val map : ('a -> 'b) -> 'a iarray -> 'b iarray
val mapi : (int -> 'a -> 'b) -> 'a iarray -> 'b iarray
val fold_left : ('a -> 'b -> 'a) -> 'a -> 'b iarray -> 'a
val fold_left_map : ('a -> 'b -> 'a * 'c) -> 'a -> 'b iarray -> 'a * 'c iarray
val fold_right : ('b -> 'a -> 'a) -> 'b iarray -> 'a -> 'a
val iter2 : ('a -> 'b -> unit) -> 'a iarray -> 'b iarray -> unit
val map2 : ('a -> 'b -> 'c) -> 'a iarray -> 'b iarray -> 'c iarray
val for_all : ('a -> bool) -> 'a iarray -> bool
val exists : ('a -> bool) -> 'a iarray -> bool
val for_all2 : ('a -> 'b -> bool) -> 'a iarray -> 'b iarray -> bool
val exists2 : ('a -> 'b -> bool) -> 'a iarray -> 'b iarray -> bool
val mem : 'a -> 'a iarray -> bool
val memq : 'a -> 'a iarray -> bool
val find_opt : ('a -> bool) -> 'a iarray -> 'a option
val find_index : ('a -> bool) -> 'a iarray -> int option
val find_map : ('a -> 'b option) -> 'a iarray -> 'b option
val find_mapi : (int -> 'a -> 'b option) -> 'a iarray -> 'b option
val split : ('a * 'b) iarray -> 'a iarray * 'b iarray
val combine : 'a iarray -> 'b iarray -> ('a * 'b) iarray

(** A sorted copy; equal elements may change order. *)
val sort : ('a -> 'a -> int) -> 'a iarray -> 'a iarray

(** A sorted copy; equal elements keep their order. *)
val stable_sort : ('a -> 'a -> int) -> 'a iarray -> 'a iarray
val fast_sort : ('a -> 'a -> int) -> 'a iarray -> 'a iarray
val to_seq : 'a iarray -> 'a Seq.t
val to_seqi : 'a iarray -> (int * 'a) Seq.t
val of_seq : 'a Seq.t -> 'a iarray

(** Not part of the interface: access without checks. *)
external unsafe_get : 'a iarray -> int -> 'a = "%array_unsafe_get"
