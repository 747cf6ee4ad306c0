(** Optional values. Since 4.08. *)

(** Nothing, or a value. *)
type 'a t = 'a option = None | Some of 'a

(** No value. *)
val none : 'a option

(** A value. *)
val some : 'a -> 'a option

(** The value, or a default. *)
val value : 'a option -> default:'a -> 'a

(** The value. Raises [Invalid_argument] if there is none. *)
val get : 'a option -> 'a

(** The result of a function on the value, if any. *)
val bind : 'a option -> ('a -> 'b option) -> 'b option

(** The inner option. *)
val join : 'a option option -> 'a option

(** Apply a function to the value, if any. *)
val map : ('a -> 'b) -> 'a option -> 'b option

(** The result of a function on the value, or a default. *)
val fold : none:'a -> some:('b -> 'a) -> 'b option -> 'a

(** Call a function on the value, if any. *)
val iter : ('a -> unit) -> 'a option -> unit
val is_none : 'a option -> bool
val is_some : 'a option -> bool

(** Equality, by that of the values. *)
val equal : ('a -> 'a -> bool) -> 'a option -> 'a option -> bool

(** Order, by that of the values; [None] comes first. *)
val compare : ('a -> 'a -> int) -> 'a option -> 'a option -> int

(** [Ok], or an error. *)
val to_result : none:'e -> 'a option -> ('a, 'e) result

(** No element, or one. *)
val to_list : 'a option -> 'a list

(** No element, or one. *)
val to_seq : 'a option -> 'a Seq.t
