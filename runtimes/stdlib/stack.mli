(** Last-in first-out stacks. *)

[@@@alert unsynchronized_access
    "Unsynchronized accesses to stacks are a programming error." ]

(** A stack. *)
type !'a t

(** The stack is empty. *)
exception Empty

val create : unit -> 'a t

(** Add an element at the top. *)
val push : 'a -> 'a t -> unit

(** Remove the element at the top. Raises {!Empty}. *)
val pop : 'a t -> 'a

(** The same, as an option. Since 4.06. *)
val pop_opt : 'a t -> 'a option

(** Remove the element at the top. Raises {!Empty}. Since 5.1. *)
val drop : 'a t -> unit

(** The element at the top. Raises {!Empty}. *)
val top : 'a t -> 'a

(** The same, as an option. Since 4.06. *)
val top_opt : 'a t -> 'a option

(** Remove all elements. *)
val clear : 'a t -> unit
val copy : 'a t -> 'a t
val is_empty : 'a t -> bool
val length : 'a t -> int

(** From the top. *)
val iter : ('a -> unit) -> 'a t -> unit

(** From the top. Since 4.03. *)
val fold : ('acc -> 'a -> 'acc) -> 'acc -> 'a t -> 'acc

(** From the top. Since 4.07. *)
val to_seq : 'a t -> 'a Seq.t

(** Push all elements. Since 4.07. *)
val add_seq : 'a t -> 'a Seq.t -> unit
val of_seq : 'a Seq.t -> 'a t
