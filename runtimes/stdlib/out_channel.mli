(** Output channels. Functions raise [Sys_error] when the system reports an
    error. Since 4.14. *)

(** An output channel. *)
type t = out_channel

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

(** Standard output. *)
val stdout : t

(** Standard error. *)
val stderr : t

(** Open a file, emptied or created. *)
val open_bin : string -> t

(** The same with conversion of line ends. *)
val open_text : string -> t

(** The same with flags and permissions. *)
val open_gen : open_flag list -> int -> string -> t

(** Open a file, apply a function and close it in all cases. *)
val with_open_bin : string -> (t -> 'a) -> 'a
val with_open_text : string -> (t -> 'a) -> 'a
val with_open_gen : open_flag list -> int -> string -> (t -> 'a) -> 'a

(** Flush and close. Closing again does nothing. *)
val close : t -> unit

(** The same, ignoring errors. *)
val close_noerr : t -> unit

(** A character. *)
val output_char : t -> char -> unit

(** A byte, modulo 256. *)
val output_byte : t -> int -> unit

(** A string. *)
val output_string : t -> string -> unit

(** Bytes. *)
val output_bytes : t -> bytes -> unit

(** A part of bytes. Raises [Invalid_argument] if it is out of bounds. *)
val output : t -> bytes -> int -> int -> unit

(** A part of a string. *)
val output_substring : t -> string -> int -> int -> unit

(** A part of a bigarray. Since 5.2. *)
val output_bigarray : t ->
    (_, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t ->
    int -> int -> unit

(** Write what is in the buffer. *)
val flush : t -> unit

(** Flush all open channels, ignoring errors. *)
val flush_all : unit -> unit

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

(** Whether output waits in the buffer until it is full or flushed. *)
val set_buffered : t -> bool -> unit

(** Whether it does. *)
val is_buffered : t -> bool

(** Whether it is a terminal. Since 5.1. *)
val isatty : t -> bool
