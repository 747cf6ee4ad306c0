(** Buffers that grow as characters are added. Functions on segments raise
    [Invalid_argument] when they are not within. *)

[@@@alert unsynchronized_access
    "Unsynchronized accesses to buffers are a programming error." ]

(** A buffer. *)
type t

(** An empty buffer, with room for a number of characters. *)
val create : int -> t

(** All characters. *)
val contents : t -> string

(** The same as bytes. Since 4.02. *)
val to_bytes : t -> bytes

(** [len] characters from [off]. *)
val sub : t -> int -> int -> string
val blit : t -> int -> bytes -> int -> int -> unit

(** The character at an index. Raises [Invalid_argument]. *)
val nth : t -> int -> char

(** The number of characters. *)
val length : t -> int

(** Remove all characters. *)
val clear : t -> unit

(** The same, and release the memory. *)
val reset : t -> unit

(** Write all to a channel. *)
val output_buffer : out_channel -> t -> unit

(** Keep the first [len] characters. *)
val truncate : t -> int -> unit

(** Add a character. *)
val add_char : t -> char -> unit

(** Add a Unicode character in UTF-8. Since 4.06. *)
val add_utf_8_uchar : t -> Uchar.t -> unit

(** Add a Unicode character in UTF-16, little-endian. Since 4.06. *)
val add_utf_16le_uchar : t -> Uchar.t -> unit

(** Add a Unicode character in UTF-16, big-endian. Since 4.06. *)
val add_utf_16be_uchar : t -> Uchar.t -> unit

(** Add a string. *)
val add_string : t -> string -> unit
val add_bytes : t -> bytes -> unit
val add_substring : t -> string -> int -> int -> unit
val add_subbytes : t -> bytes -> int -> int -> unit

(** Add a string in which [$name], [$(name)] and [${name}] are replaced by
    results on the name. A backslash protects a dollar; a dollar that no name
    follows is kept. *)
val add_substitute : t -> (string -> string) -> string -> unit

(** Add the characters of a buffer. *)
val add_buffer : t -> t -> unit

(** Add [n] characters from a channel. Raises [End_of_file] if there are
    fewer, which are added. *)
val add_channel : t -> in_channel -> int -> unit

(** The sequence of the characters. Since 4.07. *)
val to_seq : t -> char Seq.t

(** The same with the index. Since 4.07. *)
val to_seqi : t -> (int * char) Seq.t

(** Add all characters. Since 4.07. *)
val add_seq : t -> char Seq.t -> unit
val of_seq : char Seq.t -> t

(** Integers of bytes; [be], [le] and [ne] are for big-, little- and
    native-endian ones. Since 4.08. *)
val add_uint8 : t -> int -> unit
val add_int8 : t -> int -> unit
val add_uint16_ne : t -> int -> unit
val add_uint16_be : t -> int -> unit
val add_uint16_le : t -> int -> unit
val add_int16_ne : t -> int -> unit
val add_int16_be : t -> int -> unit
val add_int16_le : t -> int -> unit
val add_int32_ne : t -> int32 -> unit
val add_int32_be : t -> int32 -> unit
val add_int32_le : t -> int32 -> unit
val add_int64_ne : t -> int64 -> unit
val add_int64_be : t -> int64 -> unit
val add_int64_le : t -> int64 -> unit
