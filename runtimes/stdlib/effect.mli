(** Effect handlers.

    Performing an effect suspends the computation up to the handler, which
    is given the continuation. A continuation is resumed once at most. Since
    5.0. *)

[@@@alert unstable
    "The Effect interface may change in incompatible ways in the future."
]

(** Effects, by the type of their result: add constructors to it. *)
type 'a t = 'a eff = ..

(** No handler knows the effect. *)
exception Unhandled : 'a t -> exn

(** A continuation was resumed twice. *)
exception Continuation_already_resumed

(** Perform an effect. Raises {!Unhandled}. *)
external perform : 'a t -> 'a = "%perform"

(** Handlers that stay around the computation when it is resumed. *)
module Deep : sig
  type nonrec ('a,'b) continuation = ('a,'b) continuation

  (** Resume with a value. *)
  val continue : ('a, 'b) continuation -> 'a -> 'b

  (** Resume by raising an exception. *)
  val discontinue : ('a, 'b) continuation -> exn -> 'b

  (** The same with a backtrace. *)
  val discontinue_with_backtrace : ('a, 'b) continuation -> exn ->
      Printexc.raw_backtrace -> 'b

  (** What to do with the result, with an exception, and with an effect,
      [None] passing it on. *)
  type ('a,'b) handler =
    { retc: 'a -> 'b;
      exnc: exn -> 'b;
      effc: 'c.'c t -> (('c,'b) continuation -> 'b) option }

  (** Apply a function under a handler. *)
  val match_with : ('c -> 'a) -> 'c -> ('a,'b) handler -> 'b

  (** A handler of effects only. *)
  type 'a effect_handler =
    { effc: 'b. 'b t -> (('b, 'a) continuation -> 'a) option }

  (** Apply a function under it. *)
  val try_with : ('b -> 'a) -> 'b -> 'a effect_handler -> 'a

  (** The backtrace of a continuation. *)
  external get_callstack : ('a,'b) continuation -> int -> Printexc.raw_backtrace
      = "caml_get_continuation_callstack"
end

(** Handlers of one effect: each resumption gives the next. *)
module Shallow : sig
  type ('a,'b) continuation

  (** A continuation that applies a function. *)
  val fiber : ('a -> 'b) -> ('a, 'b) continuation

  type ('a,'b) handler =
    { retc: 'a -> 'b;
      exnc: exn -> 'b;
      effc: 'c.'c t -> (('c,'a) continuation -> 'b) option }

  (** Resume with a value, under a handler. *)
  val continue_with : ('c,'a) continuation -> 'c -> ('a,'b) handler -> 'b

  (** Resume by raising an exception, under a handler. *)
  val discontinue_with : ('c,'a) continuation -> exn -> ('a,'b) handler -> 'b
  val discontinue_with_backtrace : ('a,'b) continuation -> exn ->
      Printexc.raw_backtrace -> ('b,'c) handler -> 'c

  (** The backtrace of a continuation. *)
  external get_callstack : ('a,'b) continuation -> int -> Printexc.raw_backtrace
      = "caml_get_continuation_callstack"
end
