(** Message digests. Those not in a submodule are MD5, which is not secure. *)

(** A digest, as bytes. *)
type t = string

(** An order. *)
val compare : t -> t -> int

(** Equality. *)
val equal : t -> t -> bool

(** Of a string. *)
val string : string -> t

(** Of bytes. *)
val bytes : bytes -> t

(** Of a part. Raises [Invalid_argument] if it is out of bounds. *)
val substring : string -> int -> int -> t
val subbytes : bytes -> int -> int -> t

(** Of the next [n] bytes, or of all that is left if [n] is negative. Raises
    [End_of_file]. *)
val channel : in_channel -> int -> t

(** Of a file. *)
val file : string -> t

(** Write a digest. *)
val output : out_channel -> t -> unit

(** Read a digest. *)
val input : in_channel -> t

(** In hexadecimal. *)
val to_hex : t -> string

(** From hexadecimal. Raises [Invalid_argument]. Since 5.2. *)
val of_hex : string -> t

(** The same. Since 4.00. *)
val from_hex : string -> t

(** An algorithm. Since 5.2. *)
module type S = sig
  type t = string
  val hash_length : int
  val compare : t -> t -> int
  val equal : t -> t -> bool
  val string : string -> t
  val bytes : bytes -> t
  val substring : string -> int -> int -> t
  val subbytes : bytes -> int -> int -> t
  val channel : in_channel -> int -> t
  val file : string -> t
  val output : out_channel -> t -> unit
  val input : in_channel -> t
  val to_hex : t -> string
  val of_hex : string -> t
end

(** BLAKE2b with 128 bits. Since 5.2. *)
module BLAKE128 : S

(** BLAKE2b with 256 bits. Since 5.2. *)
module BLAKE256 : S

(** BLAKE2b with 512 bits. Since 5.2. *)
module BLAKE512 : S

(** MD5. Since 5.2. *)
module MD5 : S
