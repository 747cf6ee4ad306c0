(** Strings: immutable byte sequences. Functions on segments raise
    [Invalid_argument] when they are not within the string. *)

(** The type of strings. *)
type t = string

(** [n] times a character. *)
val make : int -> char -> string

(** [f 0] to [f (n - 1)]. Since 4.02. *)
val init : int -> (int -> char) -> string

(** No character. Since 4.13. *)
val empty : string

(** The number of bytes. *)
external length : string -> int = "%string_length"

(** A byte. Raises [Invalid_argument] if the index is out of bounds. *)
external get : string -> int -> char = "%string_safe_get"

(** A copy of bytes. Since 4.13. *)
val of_bytes : bytes -> string

(** A copy as bytes. Since 4.13. *)
val to_bytes : string -> bytes

(** Copy a segment to bytes. *)
val blit : string -> int -> bytes -> int -> int -> unit

(** All strings, separated. *)
val concat : string -> string list -> string

(** Both strings. Since 4.13. *)
val cat : string -> string -> string

(** Equality. Since 4.03. *)
val equal : t -> t -> bool

(** The lexicographic order. *)
val compare : t -> t -> int

(** Whether it begins so. Since 4.13. *)
val starts_with : prefix :string -> string -> bool

(** Whether it ends so. Since 4.13. *)
val ends_with : suffix :string -> string -> bool

(** Whether a character occurs from an index on. *)
val contains_from : string -> int -> char -> bool

(** Whether it occurs up to an index. *)
val rcontains_from : string -> int -> char -> bool

(** Whether a character occurs. *)
val contains : string -> char -> bool

(** [len] characters from [pos]. *)
val sub : string -> int -> int -> string

(** The parts between the occurrences of a character. Since 4.04. *)
val split_on_char : char -> string -> string list

(** The results of a function. *)
val map : (char -> char) -> string -> string

(** The same with the index. *)
val mapi : (int -> char -> char) -> string -> string

(** Combine the characters, from the left. Since 4.13. *)
val fold_left : ('acc -> char -> 'acc) -> 'acc -> string -> 'acc

(** Combine the characters, from the right. Since 4.13. *)
val fold_right : (char -> 'acc -> 'acc) -> string -> 'acc -> 'acc

(** Whether all characters satisfy a predicate. Since 4.13. *)
val for_all : (char -> bool) -> string -> bool

(** Whether a character satisfies a predicate. Since 4.13. *)
val exists : (char -> bool) -> string -> bool

(** Without spaces at both ends. *)
val trim : string -> string

(** With the escape sequences of the lexical syntax. *)
val escaped : string -> string

(** ASCII letters in upper case. Since 4.03. *)
val uppercase_ascii : string -> string

(** ASCII letters in lower case. Since 4.03. *)
val lowercase_ascii : string -> string

(** The first character in upper case. Since 4.03. *)
val capitalize_ascii : string -> string

(** The first character in lower case. Since 4.03. *)
val uncapitalize_ascii : string -> string

(** Call a function on each character. *)
val iter : (char -> unit) -> string -> unit

(** The same with the index. *)
val iteri : (int -> char -> unit) -> string -> unit

(** The index of the first occurrence from an index on. Raises
    [Not_found]. *)
val index_from : string -> int -> char -> int

(** The same, as an option. Since 4.05. *)
val index_from_opt : string -> int -> char -> int option

(** The index of the last occurrence up to an index. Raises [Not_found]. *)
val rindex_from : string -> int -> char -> int

(** The same, as an option. Since 4.05. *)
val rindex_from_opt : string -> int -> char -> int option

(** The index of the first occurrence. Raises [Not_found]. *)
val index : string -> char -> int

(** The same, as an option. Since 4.05. *)
val index_opt : string -> char -> int option

(** The index of the last occurrence. Raises [Not_found]. *)
val rindex : string -> char -> int

(** The same, as an option. Since 4.05. *)
val rindex_opt : string -> char -> int option

(** The sequence of the characters. Since 4.07. *)
val to_seq : t -> char Seq.t

(** The same with the index. Since 4.07. *)
val to_seqi : t -> (int * char) Seq.t

(** The characters of a sequence. Since 4.07. *)
val of_seq : char Seq.t -> t

(** Decode a character at an index. Since 4.14. *)
val get_utf_8_uchar : t -> int -> Uchar.utf_decode

(** Whether all is valid. Since 4.14. *)
val is_valid_utf_8 : t -> bool
val get_utf_16be_uchar : t -> int -> Uchar.utf_decode
val is_valid_utf_16be : t -> bool
val get_utf_16le_uchar : t -> int -> Uchar.utf_decode
val is_valid_utf_16le : t -> bool

(** How many insertions, deletions, replacements and exchanges of
    neighbouring characters lead from one string to the other; [limit] if not
    less. Strings are taken for UTF-8. Since 5.4. *)
val edit_distance : ?limit:int -> t -> t -> int

(** The words of a dictionary, given by its iterator, that are the least
    distant from one, and at most by [max_dist]. Since 5.4. *)
val spellcheck : ?max_dist:(string -> int) -> ((string -> unit) -> unit) ->
    string -> string list

(** Integers of bytes at an index: see {!Bytes}. Since 4.13. *)
val get_uint8 : string -> int -> int
val get_int8 : string -> int -> int
val get_uint16_ne : string -> int -> int
val get_uint16_be : string -> int -> int
val get_uint16_le : string -> int -> int
val get_int16_ne : string -> int -> int
val get_int16_be : string -> int -> int
val get_int16_le : string -> int -> int
val get_int32_ne : string -> int -> int32

(** A hash. Since 5.0. *)
val hash : t -> int

(** A hash with a seed. Since 5.0. *)
val seeded_hash : int -> t -> int
val get_int32_be : string -> int -> int32
val get_int32_le : string -> int -> int32
val get_int64_ne : string -> int -> int64
val get_int64_be : string -> int -> int64
val get_int64_le : string -> int -> int64

(** Not part of the interface: access without checks. *)
external unsafe_get : string -> int -> char = "%string_unsafe_get"
external unsafe_blit : string -> int -> bytes -> int -> int -> unit
  = "caml_blit_string" [@@noalloc]
