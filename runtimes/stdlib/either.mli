(** Values of one of two types. Since 4.12. *)

(** A value of the first or of the second type. *)
type ('a, 'b) t = Left of 'a | Right of 'b

val left : 'a -> ('a, 'b) t
val right : 'b -> ('a, 'b) t
val is_left : ('a, 'b) t -> bool
val is_right : ('a, 'b) t -> bool

(** The value of [Left]. Raises [Invalid_argument] on [Right]. Since 5.4. *)
val get_left : ('a, 'b) t -> 'a

(** The value of [Right]. Raises [Invalid_argument] on [Left]. Since 5.4. *)
val get_right : ('a, 'b) t -> 'b

(** The value of [Left], if it is one. *)
val find_left : ('a, 'b) t -> 'a option

(** The value of [Right], if it is one. *)
val find_right : ('a, 'b) t -> 'b option

(** Apply a function to the value of [Left]. *)
val map_left : ('a1 -> 'a2) -> ('a1, 'b) t -> ('a2, 'b) t

(** Apply a function to the value of [Right]. *)
val map_right : ('b1 -> 'b2) -> ('a, 'b1) t -> ('a, 'b2) t

(** Apply the function for the side that it is. *)
val map : left:('a1 -> 'a2) -> right:('b1 -> 'b2) -> ('a1, 'b1) t ->
    ('a2, 'b2) t

(** The result of the function for the side that it is. *)
val fold : left:('a -> 'c) -> right:('b -> 'c) -> ('a, 'b) t -> 'c

(** The value, whichever the side. Since 5.4. *)
val retract : ('a, 'a) t -> 'a

(** Call the function for the side that it is. *)
val iter : left:('a -> unit) -> right:('b -> unit) -> ('a, 'b) t -> unit

(** Whether the predicate for the side that it is holds. *)
val for_all : left:('a -> bool) -> right:('b -> bool) -> ('a, 'b) t -> bool

(** Equality, by those of the two sides. *)
val equal : left:('a -> 'a -> bool) -> right:('b -> 'b -> bool) -> ('a, 'b) t ->
    ('a, 'b) t -> bool

(** Order, by those of the two sides; [Left] comes first. *)
val compare : left:('a -> 'a -> int) -> right:('b -> 'b -> int) -> ('a, 'b) t ->
    ('a, 'b) t -> int
