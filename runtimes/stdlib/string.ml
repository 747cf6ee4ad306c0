(* Strings, by the operations on their bytes, which are not written to once
   they belong to a string. *)

type t = string

external length : string -> int = "%string_length"
external get : string -> int -> char = "%string_safe_get"
external unsafe_get : string -> int -> char = "%string_unsafe_get"
external unsafe_blit : string -> int -> bytes -> int -> int -> unit
  = "caml_blit_string" [@@noalloc]

external bytes : string -> bytes = "%bytes_of_string"
external string : bytes -> string = "%bytes_to_string"

let empty = ""
let make n c = string (Bytes.make n c)
let init n f = string (Bytes.init n f)
let of_bytes = Bytes.to_string
let to_bytes = Bytes.of_string
let blit = Bytes.blit_string

let sub s start n =
  if start = 0 && n = length s then s else string (Bytes.sub (bytes s) start n)

(* Concatenation. *)

let cat = ( ^ )

let rec concat_length total separator = function
  | [] -> total
  | [s] -> total + length s
  | s :: rest ->
    let sum = total + length s + separator in
    if sum < total then invalid_arg "String.concat"
    else concat_length sum separator rest

let rec blit_all dst start separator = function
  | [] -> ()
  | s :: rest ->
    let n = length s in
    unsafe_blit s 0 dst start n;
    match rest with
    | [] -> ()
    | _ :: _ ->
      let n_separator = length separator in
      unsafe_blit separator 0 dst (start + n) n_separator;
      blit_all dst (start + n + n_separator) separator rest

let concat separator = function
  | [] -> ""
  | [s] -> s
  | l ->
    let b = Bytes.create (concat_length 0 (length separator) l) in
    blit_all b 0 separator l;
    string b

(* Traversal. *)

let iter f s =
  for i = 0 to length s - 1 do f (unsafe_get s i) done

let iteri f s =
  for i = 0 to length s - 1 do f i (unsafe_get s i) done

let map f s = string (Bytes.map f (bytes s))
let mapi f s = string (Bytes.mapi f (bytes s))
let fold_left f init s = Bytes.fold_left f init (bytes s)
let fold_right f s init = Bytes.fold_right f (bytes s) init
let exists p s = Bytes.exists p (bytes s)
let for_all p s = Bytes.for_all p (bytes s)

(* Spaces, escapes and case.  No copy where nothing changes. *)

let is_space = function
  | ' ' | '\t' | '\n' | '\012' | '\r' -> true
  | _ -> false

let trim s =
  let n = length s in
  if n > 0 && (is_space (unsafe_get s 0) || is_space (unsafe_get s (n - 1)))
  then string (Bytes.trim (bytes s))
  else s

let escaped s = string (Bytes.unsafe_escape (bytes s))
let uppercase_ascii s = string (Bytes.uppercase_ascii (bytes s))
let lowercase_ascii s = string (Bytes.lowercase_ascii (bytes s))
let capitalize_ascii s = string (Bytes.capitalize_ascii (bytes s))
let uncapitalize_ascii s = string (Bytes.uncapitalize_ascii (bytes s))

(* Searching. *)

let index s c = Bytes.index (bytes s) c
let index_opt s c = Bytes.index_opt (bytes s) c
let index_from s i c = Bytes.index_from (bytes s) i c
let index_from_opt s i c = Bytes.index_from_opt (bytes s) i c
let rindex s c = Bytes.rindex (bytes s) c
let rindex_opt s c = Bytes.rindex_opt (bytes s) c
let rindex_from s i c = Bytes.rindex_from (bytes s) i c
let rindex_from_opt s i c = Bytes.rindex_from_opt (bytes s) i c
let contains s c = Bytes.contains (bytes s) c
let contains_from s i c = Bytes.contains_from (bytes s) i c
let rcontains_from s i c = Bytes.rcontains_from (bytes s) i c
let starts_with ~prefix s = Bytes.starts_with ~prefix:(bytes prefix) (bytes s)
let ends_with ~suffix s = Bytes.ends_with ~suffix:(bytes suffix) (bytes s)

(* As that of [Bytes], but that a string without separators is not copied. *)
let rec split_before s separator i stop parts =
  if i < 0 then sub s 0 stop :: parts
  else if unsafe_get s i = separator then
    let part = sub s (i + 1) (stop - i - 1) in
    split_before s separator (i - 1) i (part :: parts)
  else split_before s separator (i - 1) stop parts

let split_on_char separator s =
  split_before s separator (length s - 1) (length s) []

(* Comparison and hashing. *)

let compare (s1 : string) s2 = Stdlib.compare s1 s2
external equal : string -> string -> bool = "caml_string_equal" [@@noalloc]
external seeded_hash : int -> string -> int = "caml_string_hash" [@@noalloc]
let hash s = seeded_hash 0 s

(* Sequences. *)

let to_seq s = Bytes.to_seq (bytes s)
let to_seqi s = Bytes.to_seqi (bytes s)
let of_seq chars = string (Bytes.of_seq chars)

(* Unicode. *)

let get_utf_8_uchar s i = Bytes.get_utf_8_uchar (bytes s) i
let get_utf_16be_uchar s i = Bytes.get_utf_16be_uchar (bytes s) i
let get_utf_16le_uchar s i = Bytes.get_utf_16le_uchar (bytes s) i
let is_valid_utf_8 s = Bytes.is_valid_utf_8 (bytes s)
let is_valid_utf_16be s = Bytes.is_valid_utf_16be (bytes s)
let is_valid_utf_16le s = Bytes.is_valid_utf_16le (bytes s)

(* Binary integers. *)

external get_uint8 : string -> int -> int = "%string_safe_get"
external get_uint16_ne : string -> int -> int = "%caml_string_get16"
external get_int32_ne : string -> int -> int32 = "%caml_string_get32"
external get_int64_ne : string -> int -> int64 = "%caml_string_get64"

let get_int8 s i = Bytes.get_int8 (bytes s) i
let get_uint16_le s i = Bytes.get_uint16_le (bytes s) i
let get_uint16_be s i = Bytes.get_uint16_be (bytes s) i
let get_int16_ne s i = Bytes.get_int16_ne (bytes s) i
let get_int16_le s i = Bytes.get_int16_le (bytes s) i
let get_int16_be s i = Bytes.get_int16_be (bytes s) i
let get_int32_le s i = Bytes.get_int32_le (bytes s) i
let get_int32_be s i = Bytes.get_int32_be (bytes s) i
let get_int64_le s i = Bytes.get_int64_le (bytes s) i
let get_int64_be s i = Bytes.get_int64_be (bytes s) i

(* Spelling. *)

(* Invalid bytes count as one replacement character for each decode. *)
let uchars s =
  let a = Array.make (length s) Uchar.min in
  let rec decode_from i n =
    if i >= length s then Array.sub a 0 n
    else begin
      let decode = get_utf_8_uchar s i in
      a.(n) <- Uchar.utf_decode_uchar decode;
      decode_from (i + Uchar.utf_decode_length decode) (n + 1)
    end
  in
  decode_from 0 0

(* The number of characters told by first bytes alone. *)
let rec count_uchars s i n =
  if i >= length s then n
  else
    let bytes = Uchar.utf_8_decode_length_of_byte (unsafe_get s i) in
    count_uchars s (i + Int.max 1 bytes) (n + 1)

(* One row of the matrix of distances between prefixes (optimal string
   alignment): that of the prefix of [u] of length [i], from the two rows
   before, [before] and [above].  Only cells less than [limit] away from the
   diagonal may hold less than [limit]; those next to them are set to it, which
   the next rows look at.  The result is the least distance in the row. *)
let fill_row u v limit i ~before ~above ~row =
  let n = Array.length v in
  let first = Int.max 1 (i - limit + 1) and last = Int.min n (i + limit - 1) in
  row.(first - 1) <- (if first = 1 then Int.min i limit else limit);
  let least = ref row.(first - 1) in
  for j = first to last do
    let cost = if Uchar.equal u.(i - 1) v.(j - 1) then 0 else 1 in
    let d = above.(j - 1) + cost in
    let d = Int.min d (above.(j) + 1) in
    let d = Int.min d (row.(j - 1) + 1) in
    let d =
      if i > 1 && j > 1
         && Uchar.equal u.(i - 1) v.(j - 2)
         && Uchar.equal u.(i - 2) v.(j - 1)
      then Int.min d (before.(j - 2) + cost)
      else d
    in
    row.(j) <- d;
    least := Int.min !least d
  done;
  if last < n then row.(last + 1) <- limit;
  !least

let bounded_distance limit u v =
  let m = Array.length u and n = Array.length v in
  (* No distance is above the greater length. *)
  let limit = Int.min limit (Int.max m n) in
  if Int.abs (m - n) >= limit then limit
  else begin
    let rec rows i before above row =
      if i > m then Int.min limit above.(n)
      else if fill_row u v limit i ~before ~above ~row >= limit then limit
      else rows (i + 1) above row before
    in
    let above = Array.init (n + 1) (fun j -> Int.min j limit) in
    rows 1 (Array.make (n + 1) limit) above (Array.make (n + 1) limit)
  end

let edit_distance ?(limit = Int.max_int) s1 s2 =
  if limit <= 1 then (if equal s1 s2 then 0 else limit)
  else bounded_distance limit (uchars s1) (uchars s2)

let default_max_dist s =
  match count_uchars s 0 0 with
  | 0 | 1 | 2 -> 0
  | 3 | 4 -> 1
  | _ -> 2

let spellcheck ?(max_dist = default_max_dist) iter_dictionary s =
  let least = ref (max_dist s) and words = ref [] in
  let us = uchars s in
  let examine word =
    let limit = !least + 1 in
    let d =
      if limit <= 1 then (if equal s word then 0 else limit)
      else bounded_distance limit us (uchars word)
    in
    if d < !least then begin
      least := d;
      words := [word]
    end
    else if d = !least then words := word :: !words
  in
  iter_dictionary examine;
  List.rev !words
