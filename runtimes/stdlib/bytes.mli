(** Byte sequences: strings that can be changed. Since 4.02. Functions on
    segments raise [Invalid_argument] when they are not within the sequence. *)

(** The number of bytes. *)
external length : bytes -> int = "%bytes_length"

(** A byte. Raises [Invalid_argument] if the index is out of bounds. *)
external get : bytes -> int -> char = "%bytes_safe_get"

(** Change a byte. Raises [Invalid_argument] if the index is out of
    bounds. *)
external set : bytes -> int -> char -> unit = "%bytes_safe_set"

(** Bytes that are not initialised. *)
external create : int -> bytes = "caml_create_bytes"

(** [n] times a byte. *)
val make : int -> char -> bytes

(** [f 0] to [f (n - 1)]. *)
val init : int -> (int -> char) -> bytes

(** No byte. *)
val empty : bytes

(** A copy. *)
val copy : bytes -> bytes

(** A copy of a string. *)
val of_string : string -> bytes

(** A copy as a string. *)
val to_string : bytes -> string

(** A copy of [len] bytes from [pos]. *)
val sub : bytes -> int -> int -> bytes

(** The same as a string. *)
val sub_string : bytes -> int -> int -> string

(** A copy with more bytes, not initialised, on the left and on the right;
    or fewer, for negative numbers. Since 4.05. *)
val extend : bytes -> int -> int -> bytes

(** Store a byte at all indices of a segment. *)
val fill : bytes -> int -> int -> char -> unit

(** Copy a segment to a sequence, which may be the same. *)
val blit : bytes -> int -> bytes -> int -> int -> unit

(** Copy a segment of a string. Since 4.05. *)
val blit_string : string -> int -> bytes -> int -> int -> unit

(** All sequences, separated. *)
val concat : bytes -> bytes list -> bytes

(** Both sequences. *)
val cat : bytes -> bytes -> bytes

(** Call a function on each byte. *)
val iter : (char -> unit) -> bytes -> unit

(** The same with the index. *)
val iteri : (int -> char -> unit) -> bytes -> unit

(** The results of a function. *)
val map : (char -> char) -> bytes -> bytes

(** The same with the index. *)
val mapi : (int -> char -> char) -> bytes -> bytes

(** Combine the bytes, from the left. Since 4.13. *)
val fold_left : ('acc -> char -> 'acc) -> 'acc -> bytes -> 'acc

(** Combine the bytes, from the right. Since 4.13. *)
val fold_right : (char -> 'acc -> 'acc) -> bytes -> 'acc -> 'acc

(** Whether all bytes satisfy a predicate. Since 4.13. *)
val for_all : (char -> bool) -> bytes -> bool

(** Whether a byte satisfies a predicate. Since 4.13. *)
val exists : (char -> bool) -> bytes -> bool

(** Without spaces at both ends. *)
val trim : bytes -> bytes

(** With the escape sequences of the lexical syntax. *)
val escaped : bytes -> bytes

(** The index of the first occurrence. Raises [Not_found]. *)
val index : bytes -> char -> int

(** The same, as an option. Since 4.05. *)
val index_opt : bytes -> char -> int option

(** The index of the last occurrence. Raises [Not_found]. *)
val rindex : bytes -> char -> int

(** The same, as an option. Since 4.05. *)
val rindex_opt : bytes -> char -> int option

(** The index of the first occurrence from an index on. Raises
    [Not_found]. *)
val index_from : bytes -> int -> char -> int
val index_from_opt : bytes -> int -> char -> int option

(** The index of the last occurrence up to an index. Raises [Not_found]. *)
val rindex_from : bytes -> int -> char -> int
val rindex_from_opt : bytes -> int -> char -> int option

(** Whether a byte occurs. *)
val contains : bytes -> char -> bool

(** Whether it occurs from an index on. *)
val contains_from : bytes -> int -> char -> bool

(** Whether it occurs up to an index. *)
val rcontains_from : bytes -> int -> char -> bool

(** ASCII letters in upper case. Since 4.03. *)
val uppercase_ascii : bytes -> bytes

(** ASCII letters in lower case. Since 4.03. *)
val lowercase_ascii : bytes -> bytes

(** The first byte in upper case. Since 4.03. *)
val capitalize_ascii : bytes -> bytes

(** The first byte in lower case. Since 4.03. *)
val uncapitalize_ascii : bytes -> bytes

(** The type of byte sequences. *)
type t = bytes

(** The lexicographic order. *)
val compare : t -> t -> int
val equal : t -> t -> bool

(** Whether it begins so. Since 4.13. *)
val starts_with : prefix :bytes -> bytes -> bool

(** Whether it ends so. Since 4.13. *)
val ends_with : suffix :bytes -> bytes -> bool

(** The same bytes as a string. They must not be changed any more. *)
val unsafe_to_string : bytes -> string

(** The bytes of a string. They must not be changed. *)
val unsafe_of_string : string -> bytes

(** The parts between the occurrences of a byte. Since 4.13. *)
val split_on_char : char -> bytes -> bytes list

(** The sequence of the bytes. Since 4.07. *)
val to_seq : t -> char Seq.t

(** The same with the index. Since 4.07. *)
val to_seqi : t -> (int * char) Seq.t

(** The bytes of a sequence. Since 4.07. *)
val of_seq : char Seq.t -> t

(** Decode a character at an index. Since 4.14. *)
val get_utf_8_uchar : t -> int -> Uchar.utf_decode

(** Encode a character at an index: the number of bytes, 0 if there is no
    room. Since 4.14. *)
val set_utf_8_uchar : t -> int -> Uchar.t -> int

(** Whether all is valid. Since 4.14. *)
val is_valid_utf_8 : t -> bool

(** The same in UTF-16, big-endian. Since 4.14. *)
val get_utf_16be_uchar : t -> int -> Uchar.utf_decode
val set_utf_16be_uchar : t -> int -> Uchar.t -> int
val is_valid_utf_16be : t -> bool

(** The same in UTF-16, little-endian. Since 4.14. *)
val get_utf_16le_uchar : t -> int -> Uchar.utf_decode
val set_utf_16le_uchar : t -> int -> Uchar.t -> int
val is_valid_utf_16le : t -> bool

(** Integers of bytes at an index; [be], [le] and [ne] are for big-, little-
    and native-endian ones. Raise [Invalid_argument] if not all bytes are there.
    Since 4.08. *)
val get_uint8 : bytes -> int -> int
val get_int8 : bytes -> int -> int
val get_uint16_ne : bytes -> int -> int
val get_uint16_be : bytes -> int -> int
val get_uint16_le : bytes -> int -> int
val get_int16_ne : bytes -> int -> int
val get_int16_be : bytes -> int -> int
val get_int16_le : bytes -> int -> int
val get_int32_ne : bytes -> int -> int32
val get_int32_be : bytes -> int -> int32
val get_int32_le : bytes -> int -> int32
val get_int64_ne : bytes -> int -> int64
val get_int64_be : bytes -> int -> int64
val get_int64_le : bytes -> int -> int64

(** Store an integer, of which other bits are ignored. Since 4.08. *)
val set_uint8 : bytes -> int -> int -> unit
val set_int8 : bytes -> int -> int -> unit
val set_uint16_ne : bytes -> int -> int -> unit
val set_uint16_be : bytes -> int -> int -> unit
val set_uint16_le : bytes -> int -> int -> unit
val set_int16_ne : bytes -> int -> int -> unit
val set_int16_be : bytes -> int -> int -> unit
val set_int16_le : bytes -> int -> int -> unit
val set_int32_ne : bytes -> int -> int32 -> unit
val set_int32_be : bytes -> int -> int32 -> unit
val set_int32_le : bytes -> int -> int32 -> unit
val set_int64_ne : bytes -> int -> int64 -> unit
val set_int64_be : bytes -> int -> int64 -> unit
val set_int64_le : bytes -> int -> int64 -> unit

(** Not part of the interface: access without checks. *)
external unsafe_get : bytes -> int -> char = "%bytes_unsafe_get"
external unsafe_set : bytes -> int -> char -> unit = "%bytes_unsafe_set"
external unsafe_blit : bytes -> int -> bytes -> int -> int -> unit
  = "caml_blit_bytes" [@@noalloc]
external unsafe_blit_string : string -> int -> bytes -> int -> int -> unit
  = "caml_blit_string" [@@noalloc]
external unsafe_fill : bytes -> int -> int -> char -> unit
  = "caml_fill_bytes" [@@noalloc]

(** Not part of the interface: what needs no escape is not copied. *)
val unsafe_escape : bytes -> bytes
