(** Pretty-printing: text with boxes and breaks, laid out on lines of
    bounded width.

    A break is a place where a line may end. It belongs to the innermost
    box, whose kind says when it does: never (h), always (v), all or none of
    them (hv), when there is no more room (hov), and also where that keeps
    the structure visible (b, the default). New lines are indented from the
    box's position.

    Each function [pp_f] takes a formatter; [f] is the same on the standard
    formatter of the current domain.

    In formats: [@\[<kind indent>] opens a box and [@\]] closes it; [@,] is
    a cut, [@ ] a space, [@;<width offset>] a break; [@\n] a forced newline,
    [@.] ends and flushes, [@?] flushes; [@{<tag>] and [@}] are a semantic
    tag; [@<n>] gives the width of what follows; [@@] is [@]. *)

(** Where text goes, and the state of its layout. *)
type formatter

(** Open a box of the default kind, with an indentation. *)
val pp_open_box : formatter -> int -> unit
val open_box : int -> unit

(** Close the innermost box. *)
val pp_close_box : formatter -> unit -> unit
val close_box : unit -> unit

(** Open a box whose breaks are spaces. *)
val pp_open_hbox : formatter -> unit -> unit
val open_hbox : unit -> unit

(** Open a box whose breaks are newlines. *)
val pp_open_vbox : formatter -> int -> unit
val open_vbox : int -> unit

(** Open a box whose breaks are all spaces, if it fits on the line, or all
    newlines. *)
val pp_open_hvbox : formatter -> int -> unit
val open_hvbox : int -> unit

(** Open a box whose breaks are newlines where the line is full. *)
val pp_open_hovbox : formatter -> int -> unit
val open_hovbox : int -> unit

(** Print a string. Its width is given by [out_width]. *)
val pp_print_string : formatter -> string -> unit
val print_string : string -> unit

(** Print a part of a string. Since 5.1. *)
val pp_print_substring : pos:int -> len:int -> formatter -> string -> unit
val print_substring : pos:int -> len:int -> string -> unit

(** Print bytes. Since 4.13. *)
val pp_print_bytes : formatter -> bytes -> unit
val print_bytes : bytes -> unit

(** Print a string as if it had the given width. *)
val pp_print_as : formatter -> int -> string -> unit
val print_as : int -> string -> unit

(** The same for a part of a string. Since 5.1. *)
val pp_print_substring_as : pos:int -> len:int -> formatter -> int -> string ->
    unit
val print_substring_as : pos:int -> len:int -> int -> string -> unit
val pp_print_int : formatter -> int -> unit
val print_int : int -> unit
val pp_print_float : formatter -> float -> unit
val print_float : float -> unit
val pp_print_char : formatter -> char -> unit
val print_char : char -> unit
val pp_print_bool : formatter -> bool -> unit
val print_bool : bool -> unit

(** Print nothing. Since 5.2. *)
val pp_print_nothing : formatter -> unit -> unit

(** A break: one space, or a new line. *)
val pp_print_space : formatter -> unit -> unit
val print_space : unit -> unit

(** A break: nothing, or a new line. *)
val pp_print_cut : formatter -> unit -> unit
val print_cut : unit -> unit

(** [pp_print_break ppf width offset]: spaces, or a new line with more
    indentation. *)
val pp_print_break : formatter -> int -> int -> unit
val print_break : int -> int -> unit

(** A break in general: text, spaces and text on the line, or text, a new line
    with more indentation and text. Since 4.08. *)
val pp_print_custom_break : formatter -> fits:(string * int * string) ->
    breaks:(string * int * string) -> unit

(** A new line in the current box. *)
val pp_force_newline : formatter -> unit -> unit
val force_newline : unit -> unit

(** What follows is printed only at the beginning of a line. *)
val pp_print_if_newline : formatter -> unit -> unit
val print_if_newline : unit -> unit

(** Close all boxes and flush. *)
val pp_print_flush : formatter -> unit -> unit
val print_flush : unit -> unit

(** Close all boxes, end the line and flush. *)
val pp_print_newline : formatter -> unit -> unit
val print_newline : unit -> unit

(** The bound of widths. Since 5.2. *)
val pp_infinity : int

(** The width of lines. Resets the formatter. *)
val pp_set_margin : formatter -> int -> unit
val set_margin : int -> unit
val pp_get_margin : formatter -> unit -> int
val get_margin : unit -> int

(** The greatest indentation. Resets the formatter. *)
val pp_set_max_indent : formatter -> int -> unit
val set_max_indent : int -> unit
val pp_get_max_indent : formatter -> unit -> int
val get_max_indent : unit -> int

(** Both. Since 4.08. *)
type geometry = { max_indent:int; margin: int}

(** Whether [1 < max_indent < margin < pp_infinity]. Since 4.08. *)
val check_geometry : geometry -> bool

(** Set both. Raises [Invalid_argument] unless {!check_geometry}; the safe
    version does nothing. Since 4.08. *)
val pp_set_geometry : formatter -> max_indent:int -> margin:int -> unit
val set_geometry : max_indent:int -> margin:int -> unit
val pp_safe_set_geometry : formatter -> max_indent:int -> margin:int -> unit
val safe_set_geometry : max_indent:int -> margin:int -> unit

(** Change both. Since 4.11. *)
val pp_update_geometry : formatter -> (geometry -> geometry) -> unit
val update_geometry : (geometry -> geometry) -> unit
val pp_get_geometry : formatter -> unit -> geometry
val get_geometry : unit -> geometry

(** The greatest depth of boxes that are printed. *)
val pp_set_max_boxes : formatter -> int -> unit
val set_max_boxes : int -> unit
val pp_get_max_boxes : formatter -> unit -> int
val get_max_boxes : unit -> int

(** Whether that depth is reached. *)
val pp_over_max_boxes : formatter -> unit -> bool
val over_max_boxes : unit -> bool

(** Open a tabulation box. *)
val pp_open_tbox : formatter -> unit -> unit
val open_tbox : unit -> unit
val pp_close_tbox : formatter -> unit -> unit
val close_tbox : unit -> unit

(** Set a tab at the current column. *)
val pp_set_tab : formatter -> unit -> unit
val set_tab : unit -> unit

(** Go to the next tab. *)
val pp_print_tab : formatter -> unit -> unit
val print_tab : unit -> unit

(** Go to the next tab, with more spaces, or with an offset on a new line. *)
val pp_print_tbreak : formatter -> int -> int -> unit
val print_tbreak : int -> int -> unit

(** What stands for boxes that are too deep. *)
val pp_set_ellipsis_text : formatter -> string -> unit
val set_ellipsis_text : string -> unit
val pp_get_ellipsis_text : formatter -> unit -> string
val get_ellipsis_text : unit -> string

(** Semantic tags. Since 4.08. *)
type stag = ..

type tag = string

(** Semantic tags. Since 4.08. *)
type stag += String_tag of tag

(** Open a tag. Since 4.08. *)
val pp_open_stag : formatter -> stag -> unit
val open_stag : stag -> unit

(** Close the innermost tag. Since 4.08. *)
val pp_close_stag : formatter -> unit -> unit
val close_stag : unit -> unit

(** Whether tags are printed and marked. *)
val pp_set_tags : formatter -> bool -> unit
val set_tags : bool -> unit

(** Whether tags call the functions of printing. *)
val pp_set_print_tags : formatter -> bool -> unit
val set_print_tags : bool -> unit

(** Whether tags put markers, of no width, in the output. *)
val pp_set_mark_tags : formatter -> bool -> unit
val set_mark_tags : bool -> unit
val pp_get_print_tags : formatter -> unit -> bool
val get_print_tags : unit -> bool
val pp_get_mark_tags : formatter -> unit -> bool
val get_mark_tags : unit -> bool

(** Where the output goes: a channel. *)
val pp_set_formatter_out_channel : formatter -> Stdlib.out_channel -> unit
val set_formatter_out_channel : Stdlib.out_channel -> unit

(** The functions that output a substring and flush. *)
val pp_set_formatter_output_functions : formatter ->
    (string -> int -> int -> unit) -> (unit -> unit) -> unit
val set_formatter_output_functions : (string -> int -> int -> unit) ->
    (unit -> unit) -> unit
val pp_get_formatter_output_functions : formatter -> unit ->
    (string -> int -> int -> unit) * (unit -> unit)
val get_formatter_output_functions : unit ->
    (string -> int -> int -> unit) * (unit -> unit)

(** All output functions. Since 4.01. *)
type formatter_out_functions = {
  out_string : string -> int -> int -> unit;
  out_width: string -> pos:int -> len:int -> int;
  out_flush : unit -> unit;
  out_newline : unit -> unit;
  out_spaces : int -> unit;
  out_indent : int -> unit;
}
val pp_set_formatter_out_functions : formatter -> formatter_out_functions ->
    unit
val set_formatter_out_functions : formatter_out_functions -> unit
val pp_get_formatter_out_functions : formatter -> unit ->
    formatter_out_functions
val get_formatter_out_functions : unit -> formatter_out_functions

(** The number of characters of UTF-8 text: the default [out_width]. Since
    5.4. *)
val utf_8_scalar_width : string -> pos:int -> len:int -> int

(** The number of bytes. Since 5.4. *)
val ascii_width : string -> pos:int -> len:int -> int

(** What is done at tags. Since 4.08. *)
type formatter_stag_functions = {
  mark_open_stag : stag -> string;
  mark_close_stag : stag -> string;
  print_open_stag : stag -> unit;
  print_close_stag : stag -> unit;
}
val pp_set_formatter_stag_functions : formatter -> formatter_stag_functions ->
    unit
val set_formatter_stag_functions : formatter_stag_functions -> unit
val pp_get_formatter_stag_functions : formatter -> unit ->
    formatter_stag_functions
val get_formatter_stag_functions : unit -> formatter_stag_functions

(** A formatter that writes on a channel. *)
val formatter_of_out_channel : out_channel -> formatter

(** The same, one per domain, each writing when it is flushed. Since 5.0. *)
val synchronized_formatter_of_out_channel : out_channel ->
    formatter Domain.DLS.key [@@alert unstable][@@alert "-unstable"]

(** Standard output. *)
val std_formatter : formatter

(** The current domain's. Since 5.0. *)
val get_std_formatter : unit -> formatter

(** Standard error. *)
val err_formatter : formatter
val get_err_formatter : unit -> formatter

(** A formatter that adds to a buffer. *)
val formatter_of_buffer : Buffer.t -> formatter

(** The buffer of {!str_formatter}. *)
val stdbuf : Buffer.t
val get_stdbuf : unit -> Buffer.t

(** A formatter for {!flush_str_formatter}. *)
val str_formatter : formatter
val get_str_formatter : unit -> formatter

(** Flush {!str_formatter} and return what was printed. *)
val flush_str_formatter : unit -> string

(** A formatter with functions that output a substring and flush. *)
val make_formatter : (string -> int -> int -> unit) -> (unit -> unit) ->
    formatter

(** The same, one per domain, each writing when it is flushed. Since 5.0. *)
val make_synchronized_formatter : (string -> int -> int -> unit) ->
    (unit -> unit) -> formatter Domain.DLS.key [@@alert unstable]
  [@@alert "-unstable"]

(** A formatter with all output functions; its [out_width] is the default.
    Since 4.06. *)
val formatter_of_out_functions : formatter_out_functions -> formatter

(** What is output, in symbols. Since 4.06. *)
type symbolic_output_item =
  | Output_flush
  | Output_newline
  | Output_string of string
  | Output_spaces of int
  | Output_indent of int

(** A list of them. Since 4.06. *)
type symbolic_output_buffer
val make_symbolic_output_buffer : unit -> symbolic_output_buffer
val clear_symbolic_output_buffer : symbolic_output_buffer -> unit

(** The items, in order. *)
val get_symbolic_output_buffer : symbolic_output_buffer ->
    symbolic_output_item list

(** The items, which are removed. *)
val flush_symbolic_output_buffer : symbolic_output_buffer ->
    symbolic_output_item list
val add_symbolic_output_item : symbolic_output_buffer -> symbolic_output_item ->
    unit
val formatter_of_symbolic_output_buffer : symbolic_output_buffer -> formatter

(** Print the elements that an iterator gives, separated by [pp_sep], a cut by
    default. Since 5.1. *)
val pp_print_iter : ?pp_sep:(formatter -> unit -> unit) ->
    (('a -> unit) -> 'b -> unit) -> (formatter -> 'a -> unit) -> formatter ->
    'b -> unit

(** Print the elements of a list. Since 4.02. *)
val pp_print_list : ?pp_sep:(formatter -> unit -> unit) ->
    (formatter -> 'a -> unit) -> (formatter -> 'a list -> unit)

(** Print the elements of an array. Since 5.1. *)
val pp_print_array : ?pp_sep:(formatter -> unit -> unit) ->
    (formatter -> 'a -> unit) -> (formatter -> 'a array -> unit)

(** Print the elements of a sequence. Since 4.12. *)
val pp_print_seq : ?pp_sep:(formatter -> unit -> unit) ->
    (formatter -> 'a -> unit) -> (formatter -> 'a Seq.t -> unit)

(** Print a string, with breaks for spaces and forced newlines for newlines.
    Since 4.02. *)
val pp_print_text : formatter -> string -> unit

(** The same for the text of a format. Since 5.4. *)
val format_text : ('a,'b,'c,'d,'e,'f) format6 -> ('a,'b,'c,'d,'e,'f) format6

(** Print a value, or with [none]. Since 4.08. *)
val pp_print_option : ?none:(formatter -> unit -> unit) ->
    (formatter -> 'a -> unit) -> (formatter -> 'a option -> unit)

(** Print either. Since 4.08. *)
val pp_print_result : ok:(formatter -> 'a -> unit) ->
    error:(formatter -> 'e -> unit) -> formatter -> ('a, 'e) result -> unit

(** Print either. Since 4.13. *)
val pp_print_either : left:(formatter -> 'a -> unit) ->
    right:(formatter -> 'b -> unit) -> formatter -> ('a, 'b) Either.t -> unit

(** Formatted output on a formatter. *)
val fprintf : formatter -> ('a, formatter, unit) format -> 'a
val printf : ('a, formatter, unit) format -> 'a
val eprintf : ('a, formatter, unit) format -> 'a

(** The result as a string. [%a] printers return strings. *)
val sprintf : ('a, unit, string) format -> 'a

(** The result as a string. [%a] printers take a formatter. Since 4.01. *)
val asprintf : ('a, formatter, unit, string) format4 -> 'a

(** The result as a function that prints it. Since 4.08. *)
val dprintf : ('a, formatter, unit, formatter -> unit) format4 -> 'a

(** Print nothing. *)
val ifprintf : formatter -> ('a, formatter, unit) format -> 'a

(** {!fprintf}, then apply a function to the formatter. *)
val kfprintf : (formatter -> 'a) -> formatter ->
    ('b, formatter, unit, 'a) format4 -> 'b

(** {!dprintf}, then apply a function to the result. Since 4.08. *)
val kdprintf : ((formatter -> unit) -> 'a) ->
    ('b, formatter, unit, 'a) format4 -> 'b

(** Print nothing and apply a function. *)
val ikfprintf : (formatter -> 'a) -> formatter ->
    ('b, formatter, unit, 'a) format4 -> 'b

(** {!sprintf}, then apply a function to the result. *)
val ksprintf : (string -> 'a) -> ('b, unit, string, 'a) format4 -> 'b

(** {!asprintf}, then apply a function to the result. Since 4.03. *)
val kasprintf : (string -> 'a) -> ('b, formatter, unit, 'a) format4 -> 'b
