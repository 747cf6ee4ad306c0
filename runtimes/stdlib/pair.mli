(** Pairs. Since 5.4. *)

(** A pair. *)
type ('a, 'b) t = 'a * 'b

(** A pair of two values. *)
val make : 'a -> 'b -> 'a * 'b

(** The first component. *)
val fst : 'a * 'b -> 'a

(** The second component. *)
val snd : 'a * 'b -> 'b

(** The components in the other order. *)
val swap : 'a * 'b -> 'b * 'a

(** The result of a function on both components. *)
val fold : ('a -> 'b -> 'c) -> 'a * 'b -> 'c

(** Apply a function to each component. *)
val map : ('a -> 'c) -> ('b -> 'd) -> 'a * 'b -> 'c * 'd

(** Call a function on the first component, then one on the second. *)
val iter : ('a -> unit) -> ('b -> unit) -> 'a * 'b -> unit

(** Apply a function to the first component. *)
val map_fst : ('a -> 'c) -> 'a * 'b -> 'c * 'b

(** Apply a function to the second component. *)
val map_snd : ('b -> 'c) -> 'a * 'b -> 'a * 'c

(** Equality, by those of the components. *)
val equal : ('a -> 'a -> bool) -> ('b -> 'b -> bool) -> 'a * 'b -> 'a * 'b ->
    bool

(** The lexicographic order. *)
val compare : ('a -> 'a -> int) -> ('b -> 'b -> int) -> 'a * 'b -> 'a * 'b ->
    int
