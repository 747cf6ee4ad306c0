(* Message digests: MD5 and BLAKE2, computed by the runtime. *)

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

(* Hexadecimal *)

let encode_hex s =
  let digit n = "0123456789abcdef".[n] in
  String.init (2 * String.length s) (fun i ->
    let byte = Char.code s.[i / 2] in
    digit (if i land 1 = 0 then byte lsr 4 else byte land 15))

let decode_hex s =
  let value i =
    match s.[i] with
    | '0' .. '9' as c -> Char.code c - Char.code '0'
    | 'a' .. 'f' as c -> Char.code c - Char.code 'a' + 10
    | 'A' .. 'F' as c -> Char.code c - Char.code 'A' + 10
    | _ -> invalid_arg "Digest.of_hex"
  in
  String.init (String.length s / 2) (fun i ->
    Char.chr (16 * value (2 * i) + value (2 * i + 1)))

(* What an algorithm provides: the digest of a range that is in bounds, and
   of the next bytes of a channel (up to its end if the count is negative). *)
module type Algorithm = sig
  val hash_length : int
  val hash_substring : string -> int -> int -> string
  val hash_channel : in_channel -> int -> string

  (* The name under which [of_hex] reports a wrong length. *)
  val of_hex_name : string
end

module Make (A : Algorithm) : S = struct
  type t = string

  let hash_length = A.hash_length
  let compare = String.compare
  let equal = String.equal

  let string s = A.hash_substring s 0 (String.length s)

  (* Hashing does not write. *)
  let bytes b = string (Bytes.unsafe_to_string b)

  let check_range total ofs len caller =
    if ofs < 0 || len < 0 || ofs > total - len then invalid_arg caller

  let substring s ofs len =
    check_range (String.length s) ofs len "Digest.substring";
    A.hash_substring s ofs len

  let subbytes b ofs len =
    check_range (Bytes.length b) ofs len "Digest.subbytes";
    A.hash_substring (Bytes.unsafe_to_string b) ofs len

  let channel = A.hash_channel
  let file name = In_channel.with_open_bin name (fun ic -> channel ic (-1))
  let output oc digest = output_string oc digest
  let input ic = really_input_string ic hash_length

  let to_hex digest =
    if String.length digest <> hash_length then invalid_arg "Digest.to_hex";
    encode_hex digest

  let of_hex s =
    if String.length s <> 2 * hash_length then invalid_arg A.of_hex_name;
    decode_hex s
end

module Blake2 (Length : sig val hash_length : int end) = Make (struct
  let hash_length = Length.hash_length

  type state
  external create : int -> string -> state = "caml_blake2_create"
  external update : state -> bytes -> int -> int -> unit
    = "caml_blake2_update"
  external final : state -> int -> string = "caml_blake2_final"
  external hash : int -> string -> string -> int -> int -> string
    = "caml_blake2_string"

  let no_key = ""
  let hash_substring s ofs len = hash hash_length no_key s ofs len

  let hash_channel ic count =
    let buffer = Bytes.create 4096 in
    let state = create hash_length no_key in
    (* [left]: negative when all is to be read. *)
    let rec read left =
      let wanted =
        if left < 0 then Bytes.length buffer
        else Int.min left (Bytes.length buffer)
      in
      if wanted > 0 then begin
        let n = input ic buffer 0 wanted in
        if n > 0 then begin
          update state buffer 0 n;
          read (if left < 0 then left else left - n)
        end
        else if left > 0 then raise End_of_file
      end
    in
    read count;
    final state hash_length

  let of_hex_name = "Digest.of_hex"
end)

module BLAKE128 = Blake2 (struct let hash_length = 16 end)
module BLAKE256 = Blake2 (struct let hash_length = 32 end)
module BLAKE512 = Blake2 (struct let hash_length = 64 end)

module MD5 = Make (struct
  let hash_length = 16

  external hash_substring : string -> int -> int -> string
    = "caml_md5_string"
  external hash_channel : in_channel -> int -> string = "caml_md5_chan"

  let of_hex_name = "Digest.from_hex"
end)

include MD5

let from_hex = of_hex
