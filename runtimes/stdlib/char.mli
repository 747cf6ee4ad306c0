(** Characters: bytes, printed as Latin-1 where they are not of ASCII. *)

(** The type of characters. *)
type t = char

(** The code of a character. *)
external code : char -> int = "%identity"

(** The character of a code. Raises [Invalid_argument] if there is none. *)
val chr : int -> char

(** The escape sequence of a character in the lexical syntax, if it needs
    one. *)
val escaped : char -> string

(** The order of codes. *)
val compare : t -> t -> int
val equal : t -> t -> bool

(** ASCII characters. Predicates are false on all others. Since 5.4. *)
module Ascii : sig
  (** The first. *)
  val min : char

  (** The last. *)
  val max : char
  val is_valid : char -> bool
  val is_upper : char -> bool
  val is_lower : char -> bool
  val is_letter : char -> bool
  val is_alphanum : char -> bool

  (** Spaces, tabs, and what ends lines or pages. *)
  val is_white : char -> bool

  (** Spaces and tabs. *)
  val is_blank : char -> bool

  (** What is printed, but for spaces. *)
  val is_graphic : char -> bool

  (** What is printed, spaces included. *)
  val is_print : char -> bool
  val is_control : char -> bool
  val is_digit : char -> bool

  (** The value of a decimal digit. Raises [Invalid_argument]. *)
  val digit_to_int : char -> int

  (** The digit of a number, modulo 10. *)
  val digit_of_int : int -> char
  val is_hex_digit : char -> bool

  (** The value of a hexadecimal digit. Raises [Invalid_argument]. *)
  val hex_digit_to_int : char -> int

  (** The digit of a number, modulo 16. *)
  val lower_hex_digit_of_int : int -> char

  (** The same in upper case. *)
  val upper_hex_digit_of_int : int -> char
  val uppercase : char -> char
  val lowercase : char -> char
end

(** The lower case of an ASCII letter. Since 4.03. *)
val lowercase_ascii : char -> char

(** The upper case of an ASCII letter. Since 4.03. *)
val uppercase_ascii : char -> char

(** A hash with a seed. Since 5.1. *)
val seeded_hash : int -> t -> int

(** A hash. Since 5.1. *)
val hash : t -> int

(** Not part of the interface: [chr] without its check. *)
external unsafe_chr : int -> char = "%identity"
