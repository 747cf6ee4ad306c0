(** The engine of {!Stdlib.Printf}, {!Stdlib.Format} and {!Stdlib.Scanf}.
    Internal to the library and the compiler. *)

open CamlinternalFormatBasics

(** Character sets. *)
val is_in_char_set : char_set -> char -> bool
val rev_char_set : char_set -> char_set

type mutable_char_set = bytes
val create_char_set : unit -> mutable_char_set
val add_in_char_set : mutable_char_set -> char -> unit
val freeze_char_set : mutable_char_set -> char_set

(** A format, but for the type of its first argument. *)
type ('a, 'b, 'c, 'd, 'e, 'f) param_format_ebb = Param_format_EBB :
     ('x -> 'a, 'b, 'c, 'd, 'e, 'f) fmt ->
     ('a, 'b, 'c, 'd, 'e, 'f) param_format_ebb

(** The format that an ignored conversion ignores, before the rest. *)
val param_format_of_ignored_format : ('a, 'b, 'c, 'd, 'y, 'x) ignored ->
    ('x, 'b, 'c, 'y, 'e, 'f) fmt -> ('a, 'b, 'c, 'd, 'e, 'f) param_format_ebb

(** The description of a box or tag. *)
type ('b, 'c) acc_formatting_gen =
  | Acc_open_tag of ('b, 'c) acc
  | Acc_open_box of ('b, 'c) acc

(** What is to be printed: a list of items, last item first. *)
and ('b, 'c) acc =
  | Acc_formatting_lit of ('b, 'c) acc * formatting_lit
  | Acc_formatting_gen of ('b, 'c) acc * ('b, 'c) acc_formatting_gen
  | Acc_string_literal of ('b, 'c) acc * string
  | Acc_char_literal   of ('b, 'c) acc * char
  | Acc_data_string    of ('b, 'c) acc * string
  | Acc_data_char      of ('b, 'c) acc * char
  | Acc_delay          of ('b, 'c) acc * ('b -> 'c)
  | Acc_flush          of ('b, 'c) acc
  | Acc_invalid_arg    of ('b, 'c) acc * string
  | End_of_acc

(** A list of values of different types: ['a] is the type of a function that
    takes them and returns a ['b]. *)
type ('a, 'b) heter_list =
  | Cons : 'c * ('a, 'b) heter_list -> ('c -> 'a, 'b) heter_list
  | Nil : ('b, 'b) heter_list

(** A format of unknown arguments. *)
type ('b, 'c, 'e, 'f) fmt_ebb = Fmt_EBB :
     ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmt ->
     ('b, 'c, 'e, 'f) fmt_ebb

(** [make_printf k acc fmt]: the function that takes the arguments of [fmt],
    adds what they print to [acc] and applies [k]. *)
val make_printf : (('b, 'c) acc -> 'd) -> ('b, 'c) acc ->
    ('a, 'b, 'c, 'c, 'c, 'd) CamlinternalFormatBasics.fmt -> 'a

(** [make_iprintf k x fmt]: the function that takes the arguments of [fmt] and
    applies [k] to [x]. *)
val make_iprintf : ('s -> 'f) -> 's -> ('a, 'b, 'c, 'd, 'e, 'f) fmt -> 'a

(** Print on a channel. *)
val output_acc : out_channel -> (out_channel, unit) acc -> unit

(** Print in a buffer. *)
val bufput_acc : Buffer.t -> (Buffer.t, unit) acc -> unit

(** Print in a buffer, [%a] printers returning strings. *)
val strput_acc : Buffer.t -> (unit, string) acc -> unit

(** Give a format a type. Raises an exception if it has not that type. *)
val type_format : ('x, 'b, 'c, 't, 'u, 'v) CamlinternalFormatBasics.fmt ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmtty ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmt

(** Parse a format. Raises [Failure]. [legacy_behavior], true by default,
    accepts meaningless combinations of flags. *)
val fmt_ebb_of_string : ?legacy_behavior:bool -> string ->
    ('b, 'c, 'e, 'f) fmt_ebb

(** Parse a format of a given type. Raises [Failure]. *)
val format_of_string_fmtty : string ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmtty ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.format6

(** Parse a format of another's type. Raises [Failure]. *)
val format_of_string_format : string ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.format6 ->
    ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.format6

(** The letter of an integer conversion. *)
val char_of_iconv : CamlinternalFormatBasics.int_conv -> char

(** The text of an annotation. *)
val string_of_formatting_lit : CamlinternalFormatBasics.formatting_lit -> string

(** A format of a given type, as text. *)
val string_of_fmtty : ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmtty ->
    string

(** The text of a format. *)
val string_of_fmt : ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmt ->
    string

(** Indentation and kind of a box, from its description. Raises [Failure]. *)
val open_box_of_string : string -> int * block_type

(** Relations are symmetric. *)
val symm :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1, 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('a2, 'b2, 'c2, 'd2, 'e2, 'f2, 'a1, 'b1, 'c1, 'd1, 'e1, 'f1) fmtty_rel

(** Relations are transitive. *)
val trans :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1, 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('a2, 'b2, 'c2, 'd2, 'e2, 'f2, 'a3, 'b3, 'c3, 'd3, 'e3, 'f3) fmtty_rel ->
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1, 'a3, 'b3, 'c3, 'd3, 'e3, 'f3) fmtty_rel

(** Change the type of a format. *)
val recast : ('a1, 'b1, 'c1, 'd1, 'e1, 'f1) fmt ->
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1, 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmt
