(** Formatted input.

    A function like [bscanf ic format f] reads what the format describes and
    applies [f] to the values read. In the format a space stands for any
    blanks, and a newline for an end of line; other text stands for itself.

    Conversions are [%\[_\]\[width\]\[.precision\]letter]; [_] reads and
    drops. Letters are those of {!Printf}, with: [s] up to a blank, or up to
    [c] in [%s@c]; [\[range\]] characters of a set; [r] the next reader; [l
    n N L] the line, the position and the tokens so far; [0c] the next
    character, not consumed; [!] the end of the input. *)

[@@@alert unsynchronized_access
    "Unsynchronized accesses to Scanning.in_channel are a programming error."
]

(** Sources of characters, with one character of lookahead. *)
module Scanning : sig
(** A source. *)
type in_channel

type scanbuf = in_channel

(** Standard input. *)
val stdin : in_channel

type file_name = string

(** A file; ["-"] is standard input. Raises [Sys_error]. *)
val open_in : file_name -> in_channel
val open_in_bin : file_name -> in_channel

(** Close the file or channel. *)
val close_in : in_channel -> unit

(** Former names. *)
val from_file : file_name -> in_channel
val from_file_bin : string -> in_channel

(** The characters of a string. *)
val from_string : string -> in_channel

(** Those that a function returns, until it raises [End_of_file]. *)
val from_function : (unit -> char) -> in_channel

(** Those of a channel, which is read ahead. *)
val from_channel : Stdlib.in_channel -> in_channel

(** Whether nothing is left. *)
val end_of_input : in_channel -> bool

(** Whether nothing was read. *)
val beginning_of_input : in_channel -> bool

(** A name for messages. *)
val name_of_input : in_channel -> string
end

(** The type of scanning functions. *)
type ('a, 'b, 'c, 'd) scanner =
     ('a, Scanning.in_channel, 'b, 'c, 'a -> 'd, 'd) format6 -> 'c

(** Those that return [None] when they fail. Since 5.0. *)
type ('a, 'b, 'c, 'd) scanner_opt =
     ('a, Scanning.in_channel, 'b, 'c, 'a -> 'd option, 'd) format6 -> 'c

(** The input does not fit the format. *)
exception Scan_failure of string

(** Read from a source. Raises {!Scan_failure}, [Failure], [End_of_file], and
    [Invalid_argument] for meaningless formats. *)
val bscanf : Scanning.in_channel -> ('a, 'b, 'c, 'd) scanner

(** The same, as an option. Since 5.0. *)
val bscanf_opt : Scanning.in_channel -> ('a, 'b, 'c, 'd) scanner_opt

(** Read from a string. *)
val sscanf : string -> ('a, 'b, 'c, 'd) scanner
val sscanf_opt : string -> ('a, 'b, 'c, 'd) scanner_opt

(** Read from standard input. *)
val scanf : ('a, 'b, 'c, 'd) scanner
val scanf_opt : ('a, 'b, 'c, 'd) scanner_opt

(** Read from a source; errors go to a function. *)
val kscanf : Scanning.in_channel -> (Scanning.in_channel -> exn -> 'd) ->
    ('a, 'b, 'c, 'd) scanner

(** The same from a string. *)
val ksscanf : string -> (Scanning.in_channel -> exn -> 'd) ->
    ('a, 'b, 'c, 'd) scanner

(** Read a format, in quotes, of the type of another. *)
val bscanf_format : Scanning.in_channel -> ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    (('a, 'b, 'c, 'd, 'e, 'f) format6 -> 'g) -> 'g

(** The same from a string. *)
val sscanf_format : string -> ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    (('a, 'b, 'c, 'd, 'e, 'f) format6 -> 'g) -> 'g

(** A format of the type of another, from its text. Raises {!Scan_failure}. *)
val format_from_string : string -> ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    ('a, 'b, 'c, 'd, 'e, 'f) format6

(** Replace the escapes of OCaml strings. Raises {!Scan_failure}. Since 4.00. *)
val unescaped : string -> string
