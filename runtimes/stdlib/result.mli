(** Results of computations that may fail. Since 4.08. *)

(** A value, or an error. *)
type ('a, 'e) t = ('a, 'e) result = Ok of 'a | Error of 'e

val ok : 'a -> ('a, 'e) result
val error : 'e -> ('a, 'e) result

(** The value, or a default. *)
val value : ('a, 'e) result -> default:'a -> 'a

(** The value. Raises [Invalid_argument] on an error. *)
val get_ok : ('a, 'e) result -> 'a

(** The value. Raises [Invalid_argument] with the error as its message.
    Since 5.4. *)
val get_ok' : ('a, string) result -> 'a

(** The error. Raises [Invalid_argument] if there is none. *)
val get_error : ('a, 'e) result -> 'e

(** The value. Raises [Failure] with the error as its message. Since 5.4. *)
val error_to_failure : ('a, string) result -> 'a

(** The result of a function on the value. *)
val bind : ('a, 'e) result -> ('a -> ('b, 'e) result) -> ('b, 'e) result

(** The inner result. *)
val join : (('a, 'e) result, 'e) result -> ('a, 'e) result

(** Apply a function to the value. *)
val map : ('a -> 'b) -> ('a, 'e) result -> ('b, 'e) result

(** Both values, or the first error. Since 5.4. *)
val product : ('a, 'e) result -> ('b, 'e) result -> ('a * 'b, 'e) result

(** Apply a function to the error. *)
val map_error : ('e -> 'f) -> ('a, 'e) result -> ('a, 'f) result

(** The result of the function for what it is. *)
val fold : ok:('a -> 'c) -> error:('e -> 'c) -> ('a, 'e) result -> 'c

(** The value or the error. Since 5.4. *)
val retract : ('a, 'a) result -> 'a

(** Call a function on the value. *)
val iter : ('a -> unit) -> ('a, 'e) result -> unit

(** Call a function on the error. *)
val iter_error : ('e -> unit) -> ('a, 'e) result -> unit
val is_ok : ('a, 'e) result -> bool
val is_error : ('a, 'e) result -> bool

(** Equality, by those of values and errors. *)
val equal : ok:('a -> 'a -> bool) -> error:('e -> 'e -> bool) ->
    ('a, 'e) result -> ('a, 'e) result -> bool

(** Order, by those of values and errors; values come first. *)
val compare : ok:('a -> 'a -> int) -> error:('e -> 'e -> int) ->
    ('a, 'e) result -> ('a, 'e) result -> int

(** The value, if it is one. *)
val to_option : ('a, 'e) result -> 'a option

(** No element, or the value. *)
val to_list : ('a, 'e) result -> 'a list

(** No element, or the value. *)
val to_seq : ('a, 'e) result -> 'a Seq.t

(** Binding operators. Since 5.4. *)
module Syntax : sig
  val ( let* ) : ('a, 'e) result -> ('a -> ('b, 'e) result) -> ('b, 'e) result
  val ( and* ) : ('a, 'e) result -> ('b, 'e) result -> ('a * 'b, 'e) result
  val ( let+ ) : ('a, 'e) result -> ('a -> 'b) -> ('b, 'e) result
  val ( and+ ) : ('a, 'e) result -> ('b, 'e) result -> ('a * 'b, 'e) result
end
