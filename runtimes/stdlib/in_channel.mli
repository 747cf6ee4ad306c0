(** Input channels. Functions raise [Sys_error] when the system reports an
    error; the end of the input is [None]. Since 4.14. *)

(** An input channel. *)
type t = in_channel

(** See {!Stdlib.open_flag}. *)
type open_flag = Stdlib.open_flag =
  | Open_rdonly
  | Open_wronly
  | Open_append
  | Open_creat
  | Open_trunc
  | Open_excl
  | Open_binary
  | Open_text
  | Open_nonblock

(** Standard input. *)
val stdin : t

(** Open a file. *)
val open_bin : string -> t

(** The same with conversion of line ends. *)
val open_text : string -> t

(** The same with flags and permissions. *)
val open_gen : open_flag list -> int -> string -> t

(** Open a file, apply a function and close it in all cases. *)
val with_open_bin : string -> (t -> 'a) -> 'a
val with_open_text : string -> (t -> 'a) -> 'a
val with_open_gen : open_flag list -> int -> string -> (t -> 'a) -> 'a

(** Close. Closing again does nothing. *)
val close : t -> unit

(** The same, ignoring errors. *)
val close_noerr : t -> unit

(** A character. *)
val input_char : t -> char option

(** A byte. *)
val input_byte : t -> int option

(** A line, without its end. *)
val input_line : t -> string option

(** A string of a length. *)
val really_input_string : t -> int -> string option

(** All that is left. *)
val input_all : t -> string

(** All lines that are left. Since 5.1. *)
val input_lines : t -> string list

(** [input ic b pos len] reads at most [len] bytes and returns how many, 0 at
    the end only. Raises [Invalid_argument] if the part is out of bounds. *)
val input : t -> bytes -> int -> int -> int

(** The same in a bigarray. Since 5.2. *)
val input_bigarray : t ->
    (_, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t ->
    int -> int -> int

(** Exactly [len] bytes. *)
val really_input : t -> bytes -> int -> int -> unit option

(** The same in a bigarray. Since 5.2. *)
val really_input_bigarray : t ->
    (_, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t ->
    int -> int -> unit option

(** Fold over the lines that are left. Since 5.1. *)
val fold_lines : ('acc -> string -> 'acc) -> 'acc -> t -> 'acc

(** Set the position. *)
val seek : t -> int64 -> unit

(** The position. *)
val pos : t -> int64

(** The size of the file. *)
val length : t -> int64

(** Switch the conversion of line ends off or on. *)
val set_binary_mode : t -> bool -> unit

(** Whether it is off. Since 5.2. *)
val is_binary_mode : t -> bool

(** Whether it is a terminal. Since 5.1. *)
val isatty : t -> bool
