(** Unicode characters, which are scalar values: code points but surrogates.
    Since 4.03. *)

type t [@@immediate]

(** U+0000. *)
val min : t

(** U+10FFFF. *)
val max : t

(** U+FEFF, the byte order mark. Since 4.06. *)
val bom : t

(** U+FFFD, the replacement character. Since 4.06. *)
val rep : t

(** The next one. Raises [Invalid_argument] after the last. *)
val succ : t -> t

(** The one before. Raises [Invalid_argument] before the first. *)
val pred : t -> t

(** Whether a number is a scalar value. *)
val is_valid : int -> bool

(** The character of a scalar value. Raises [Invalid_argument] on other
    numbers. *)
val of_int : int -> t
val unsafe_of_int : int -> t

(** The scalar value. *)
val to_int : t -> int

(** Whether it is of Latin-1. *)
val is_char : t -> bool

(** The character of Latin-1. *)
val of_char : char -> t

(** The same backwards. Raises [Invalid_argument] if it is not of
    Latin-1. *)
val to_char : t -> char
val unsafe_to_char : t -> char
val equal : t -> t -> bool
val compare : t -> t -> int

(** A hash with a seed. Since 5.3. *)
val seeded_hash : int -> t -> int

(** A hash. *)
val hash : t -> int

type utf_decode [@@immediate]

(** Whether the bytes were valid. *)
val utf_decode_is_valid : utf_decode -> bool

(** The character, {!rep} if they were not. *)
val utf_decode_uchar : utf_decode -> t

(** The number of bytes read. *)
val utf_decode_length : utf_decode -> int

(** What a decoder found. Since 4.14. *)
val utf_decode : int -> t -> utf_decode

(** An invalid decode of a number of bytes. *)
val utf_decode_invalid : int -> utf_decode

(** The length of an encoding, from its first byte; 0 if it cannot begin
    one. Since 5.4. *)
val utf_8_decode_length_of_byte : char -> int

(** The greatest such length. Since 5.4. *)
val max_utf_8_decode_length : int

(** The number of bytes in UTF-8. *)
val utf_8_byte_length : t -> int

(** The number of bytes in UTF-16. *)
val utf_16_byte_length : t -> int
