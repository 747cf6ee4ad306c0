(** Parsing of command lines: options are described by a list of keyword,
    action and documentation; the rest goes to a function.

    An option's argument is the next word, or what follows an equal sign.
    [-help] and [--help] are understood. *)

[@@@alert unsynchronized_access
    "The Arg module relies on a mutable global state, parsing functions should \
     only be called from a single domain."
]

(** What an option does; its argument is of the type named. [Tuple] performs
    several, [Symbol] takes one of a list, [Rest] and [Rest_all] all that
    follows, [Expand] replaces itself by a list of arguments. *)
type spec =
  | Unit of (unit -> unit)
  | Bool of (bool -> unit)
  | Set of bool ref
  | Clear of bool ref
  | String of (string -> unit)
  | Set_string of string ref
  | Int of (int -> unit)
  | Set_int of int ref
  | Float of (float -> unit)
  | Set_float of float ref
  | Tuple of spec list
  | Symbol of string list * (string -> unit)
  | Rest of (string -> unit)
  | Rest_all of (string list -> unit)
  | Expand of (string -> string array)

type key = string

type doc = string

type usage_msg = string

type anon_fun = (string -> unit)

(** Parse {!Sys.argv}, print errors or help and exit on them. *)
val parse : (key * spec * doc) list -> anon_fun -> usage_msg -> unit

(** The same; actions may change the options. Since 4.01. *)
val parse_dynamic : (key * spec * doc) list ref -> anon_fun -> usage_msg -> unit

(** Parse an array, from after [current]. Raises {!Bad}, {!Help}. *)
val parse_argv : ?current: int ref -> string array -> (key * spec * doc) list ->
    anon_fun -> usage_msg -> unit

(** The same; actions may change the options. Since 4.01. *)
val parse_argv_dynamic : ?current:int ref -> string array ->
    (key * spec * doc) list ref -> anon_fun -> string -> unit

(** The same; [Expand] is allowed. Since 4.05. *)
val parse_and_expand_argv_dynamic : int ref -> string array ref ->
    (key * spec * doc) list ref -> anon_fun -> string -> unit

(** {!parse} with [Expand]. Since 4.05. *)
val parse_expand : (key * spec * doc) list -> anon_fun -> usage_msg -> unit

(** Help was asked for; the argument is the text. *)
exception Help of string

(** Raised by actions to reject an argument, and by parsing functions with the
    message to print. *)
exception Bad of string

(** Print the documentation on standard error. *)
val usage : (key * spec * doc) list -> usage_msg -> unit

(** The documentation. *)
val usage_string : (key * spec * doc) list -> usage_msg -> string

(** Put documentations in a column, after their first word. *)
val align : ?limit: int -> (key * spec * doc) list -> (key * spec * doc) list

(** Where the parser is in {!Sys.argv}. *)
val current : int ref

(** The arguments in a file, one per line. Since 4.05. *)
val read_arg : string -> string array

(** The same, each ended by a null character. Since 4.05. *)
val read_arg0 : string -> string array

(** Write such a file. Since 4.05. *)
val write_arg : string -> string array -> unit
val write_arg0 : string -> string array -> unit
