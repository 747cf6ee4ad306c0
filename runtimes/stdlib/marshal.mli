(** Values as sequences of bytes, to be read by any OCaml program of the
    same version. Types are not checked. *)

(** Copy shared values; allow functions, for the same program only; fail on
    integers beyond 32-bit platforms. *)
type extern_flags =
    No_sharing
  | Closures
  | Compat_32

(** Write a value. Raises [Invalid_argument] for functions and abstract
    values. *)
val to_channel : out_channel -> 'a -> extern_flags list -> unit

(** The bytes of a value. *)
external to_bytes : 'a -> extern_flags list -> bytes
    = "caml_output_value_to_bytes"

(** The same as a string. *)
external to_string : 'a -> extern_flags list -> string
    = "caml_output_value_to_string"

(** Write in a part of bytes, and return the length. Raises [Failure] if it is
    too small. *)
val to_buffer : bytes -> int -> int -> 'a -> extern_flags list -> int

(** Read a value. Raises [End_of_file], [Failure]. *)
val from_channel : in_channel -> 'a

(** Read a value that begins at an index. Raises [Invalid_argument] if it is
    truncated. *)
val from_bytes : bytes -> int -> 'a

(** The same from a string. *)
val from_string : string -> int -> 'a

(** The length of the shortest header. *)
val header_size : int

(** How many bytes follow a header of that length. Raises [Failure] if it is
    none. *)
val data_size : bytes -> int -> int

(** The length of the whole. *)
val total_size : bytes -> int -> int
