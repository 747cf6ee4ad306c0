(** Exceptions as text, and backtraces. *)

(** Exceptions. *)
type t = exn = ..

(** The text of an exception: that of the printer registered last that knows
    it, or {!to_string_default}. *)
val to_string : exn -> string

(** The constructor and its arguments. Since 4.09. *)
val to_string_default : exn -> string

(** Apply a function; print an exception that it raises and raise it again. *)
val print : ('a -> 'b) -> 'a -> 'b

(** Apply a function; print an exception that it raises and exit. *)
val catch : ('a -> 'b) -> 'a -> 'b
  [@@ocaml.deprecated "This function is no longer needed."]

(** Print the backtrace of the last exception caught. *)
val print_backtrace : out_channel -> unit

(** The same as a string. *)
val get_backtrace : unit -> string

(** Whether backtraces are recorded. *)
val record_backtrace : bool -> unit

(** Whether they are. *)
val backtrace_status : unit -> bool

(** Add a printer, which returns [None] for exceptions that it does not know. *)
val register_printer : (exn -> string option) -> unit

(** The answer of the printers. Since 4.09. *)
val use_printers : exn -> string option

(** A backtrace, not yet decoded. Since 4.01. *)
type raw_backtrace

(** An element. Since 4.12. *)
type raw_backtrace_entry = private int

(** The elements, innermost first. Since 4.12. *)
val raw_backtrace_entries : raw_backtrace -> raw_backtrace_entry array

(** The backtrace of the last exception caught. Since 4.01. *)
val get_raw_backtrace : unit -> raw_backtrace

(** Print it. Since 4.01. *)
val print_raw_backtrace : out_channel -> raw_backtrace -> unit

(** Its text. Since 4.01. *)
val raw_backtrace_to_string : raw_backtrace -> string

(** Raise an exception as if it came from there. Since 4.05. *)
external raise_with_backtrace : exn -> raw_backtrace -> 'a
    = "%raise_with_backtrace"

(** The backtrace of here, at most [n] elements. Since 4.01. *)
external get_callstack : int -> raw_backtrace = "caml_get_current_callstack"

(** Print the exception and its backtrace on standard error. Since 4.11. *)
val default_uncaught_exception_handler : exn -> raw_backtrace -> unit

(** What is done with an exception that nobody catches, after the functions of
    [at_exit]. Since 4.02. *)
val set_uncaught_exception_handler : (exn -> raw_backtrace -> unit) -> unit

(** A decoded element: an inlined call has several. Since 4.02. *)
type backtrace_slot

(** The slots; [None] when the program has no debugging information. Since
    4.02. *)
val backtrace_slots : raw_backtrace -> backtrace_slot array option

(** Those of an element. Since 4.12. *)
val backtrace_slots_of_raw_entry : raw_backtrace_entry ->
    backtrace_slot array option

(** A place in a file. Since 4.02. *)
type location = {
  filename : string;
  line_number : int;
  start_char : int;
  end_char : int;
  end_line : int;
  end_col : int;
}

(** Slots. Since 4.02. *)
module Slot : sig
  type t = backtrace_slot

  (** Whether it is a raise, and not a call. *)
  val is_raise : t -> bool

  (** Whether the call was inlined. Since 4.04. *)
  val is_inline : t -> bool

  (** Where it is. *)
  val location : t -> location option

  (** The function it is in. Since 4.11. *)
  val name : t -> string option

  (** The line of a backtrace, given the index of the slot. *)
  val format : int -> t -> string option
end

(** A way of decoding step by step. Since 4.02. *)
type raw_backtrace_slot
val raw_backtrace_length : raw_backtrace -> int
val get_raw_backtrace_slot : raw_backtrace -> int -> raw_backtrace_slot
val convert_raw_backtrace_slot : raw_backtrace_slot -> backtrace_slot
val get_raw_backtrace_next_slot : raw_backtrace_slot ->
    raw_backtrace_slot option

(** The number of the exception's constructor. Since 4.02. *)
val exn_slot_id : exn -> int

(** The name of the exception's constructor. Since 4.02. *)
val exn_slot_name : exn -> string

(** For the library. *)
val string_of_extension_constructor : Obj.t -> string
