(** First-in first-out queues. *)

[@@@alert unsynchronized_access
    "Unsynchronized accesses to queues are a programming error." ]

(** A queue. *)
type !'a t

(** The queue is empty. *)
exception Empty

val create : unit -> 'a t

(** Add an element at the end. Likewise [push]. *)
val add : 'a -> 'a t -> unit
val push : 'a -> 'a t -> unit

(** Remove the first element. Raises {!Empty}. Likewise [pop]. *)
val take : 'a t -> 'a

(** The same, as an option. Since 4.06. *)
val take_opt : 'a t -> 'a option
val pop : 'a t -> 'a

(** The first element. Raises {!Empty}. Likewise [top]. *)
val peek : 'a t -> 'a

(** The same, as an option. Since 4.06. *)
val peek_opt : 'a t -> 'a option
val top : 'a t -> 'a

(** Remove the first element. Raises {!Empty}. Since 5.3. *)
val drop : 'a t -> unit

(** Remove all elements. *)
val clear : 'a t -> unit
val copy : 'a t -> 'a t
val is_empty : 'a t -> bool
val length : 'a t -> int

(** From the first. *)
val iter : ('a -> unit) -> 'a t -> unit

(** From the first. *)
val fold : ('acc -> 'a -> 'acc) -> 'acc -> 'a t -> 'acc

(** Move all elements of the first queue to the end of the second, in
    constant time. *)
val transfer : 'a t -> 'a t -> unit

(** From the first. Since 4.07. *)
val to_seq : 'a t -> 'a Seq.t

(** Add all elements. Since 4.07. *)
val add_seq : 'a t -> 'a Seq.t -> unit
val of_seq : 'a Seq.t -> 'a t
