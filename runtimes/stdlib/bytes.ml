(* Byte sequences.  [String] shares most of this: what does not write is safe
   on the bytes of strings. *)

type t = bytes

external length : bytes -> int = "%bytes_length"
external get : bytes -> int -> char = "%bytes_safe_get"
external set : bytes -> int -> char -> unit = "%bytes_safe_set"
external unsafe_get : bytes -> int -> char = "%bytes_unsafe_get"
external unsafe_set : bytes -> int -> char -> unit = "%bytes_unsafe_set"
external create : int -> bytes = "caml_create_bytes"
external unsafe_fill : bytes -> int -> int -> char -> unit
  = "caml_fill_bytes" [@@noalloc]
external unsafe_blit : bytes -> int -> bytes -> int -> int -> unit
  = "caml_blit_bytes" [@@noalloc]
external unsafe_blit_string : string -> int -> bytes -> int -> int -> unit
  = "caml_blit_string" [@@noalloc]
external unsafe_to_string : bytes -> string = "%bytes_to_string"
external unsafe_of_string : string -> bytes = "%bytes_of_string"
external string_length : string -> int = "%string_length"

(* Creation. *)

let empty = create 0

let make n c =
  let b = create n in
  unsafe_fill b 0 n c;
  b

let init n f =
  let b = create n in
  for i = 0 to n - 1 do unsafe_set b i (f i) done;
  b

let[@inline] unsafe_sub b start n =
  let part = create n in
  unsafe_blit b start part 0 n;
  part

let copy b = unsafe_sub b 0 (length b)
let to_string b = unsafe_to_string (copy b)
let of_string s = copy (unsafe_of_string s)

(* Segments. *)

let[@inline] is_segment size start n =
  n >= 0 && start >= 0 && start <= size - n

let sub b start n =
  if is_segment (length b) start n then unsafe_sub b start n
  else invalid_arg "String.sub / Bytes.sub"

let sub_string b start n = unsafe_to_string (sub b start n)

let fill b start n c =
  if is_segment (length b) start n then unsafe_fill b start n c
  else invalid_arg "String.fill / Bytes.fill"

let blit src src_start dst dst_start n =
  if is_segment (length src) src_start n && is_segment (length dst) dst_start n
  then unsafe_blit src src_start dst dst_start n
  else invalid_arg "Bytes.blit"

let blit_string src src_start dst dst_start n =
  if is_segment (string_length src) src_start n
     && is_segment (length dst) dst_start n
  then unsafe_blit_string src src_start dst dst_start n
  else invalid_arg "String.blit / Bytes.blit_string"

let checked_sum n1 n2 =
  let sum = n1 + n2 in
  (* There is an overflow if the sum has the sign of none. *)
  if (n1 lxor sum) land (n2 lxor sum) < 0 then invalid_arg "Bytes.extend"
  else sum

let extend b left right =
  let size = checked_sum (checked_sum (length b) left) right in
  let extended = create size in
  let src_start = Int.max 0 (-left) and dst_start = Int.max 0 left in
  let n = Int.min (length b - src_start) (size - dst_start) in
  if n > 0 then unsafe_blit b src_start extended dst_start n;
  extended

(* Concatenation. *)

let cat b1 b2 =
  let n1 = length b1 and n2 = length b2 in
  let both = create (n1 + n2) in
  unsafe_blit b1 0 both 0 n1;
  unsafe_blit b2 0 both n1 n2;
  both

let rec concat_length total separator = function
  | [] -> total
  | [b] -> total + length b
  | b :: rest ->
    let sum = total + length b + separator in
    if sum < total then invalid_arg "Bytes.concat"
    else concat_length sum separator rest

let rec blit_all dst start separator = function
  | [] -> ()
  | b :: rest ->
    let n = length b in
    unsafe_blit b 0 dst start n;
    match rest with
    | [] -> ()
    | _ :: _ ->
      let n_separator = length separator in
      unsafe_blit separator 0 dst (start + n) n_separator;
      blit_all dst (start + n + n_separator) separator rest

let concat separator = function
  | [] -> empty
  | l ->
    let b = create (concat_length 0 (length separator) l) in
    blit_all b 0 separator l;
    b

(* Traversal. *)

let iter f b =
  for i = 0 to length b - 1 do f (unsafe_get b i) done

let iteri f b =
  for i = 0 to length b - 1 do f i (unsafe_get b i) done

let map f b =
  let n = length b in
  if n = 0 then b
  else begin
    let mapped = create n in
    for i = 0 to n - 1 do unsafe_set mapped i (f (unsafe_get b i)) done;
    mapped
  end

let mapi f b =
  let n = length b in
  if n = 0 then b
  else begin
    let mapped = create n in
    for i = 0 to n - 1 do unsafe_set mapped i (f i (unsafe_get b i)) done;
    mapped
  end

let fold_left f init b =
  let acc = ref init in
  for i = 0 to length b - 1 do acc := f !acc (unsafe_get b i) done;
  !acc

let fold_right f b init =
  let acc = ref init in
  for i = length b - 1 downto 0 do acc := f (unsafe_get b i) !acc done;
  !acc

let rec exists_from i p b =
  i < length b && (p (unsafe_get b i) || exists_from (i + 1) p b)

let exists p b = exists_from 0 p b

let rec for_all_from i p b =
  i >= length b || p (unsafe_get b i) && for_all_from (i + 1) p b

let for_all p b = for_all_from 0 p b

(* Spaces, escapes and case. *)

let is_space = function
  | ' ' | '\t' | '\n' | '\012' | '\r' -> true
  | _ -> false

let trim b =
  let first = ref 0 and last = ref (length b - 1) in
  while !first <= !last && is_space (unsafe_get b !first) do incr first done;
  while !first <= !last && is_space (unsafe_get b !last) do decr last done;
  if !first > !last then empty else unsafe_sub b !first (!last - !first + 1)

let escaped_length b =
  let total = ref 0 in
  for i = 0 to length b - 1 do
    total := !total +
      (match unsafe_get b i with
       | '"' | '\\' | '\n' | '\t' | '\r' | '\b' -> 2
       | ' ' .. '~' -> 1
       | _ -> 4)
  done;
  !total

(* Write at [i] a backslash and a letter, or three digits; the index after
   them. *)

let put_letter dst i c =
  unsafe_set dst i '\\';
  unsafe_set dst (i + 1) c;
  i + 2

let[@inline] digit n = Char.unsafe_chr (Char.code '0' + n mod 10)

let put_code dst i code =
  unsafe_set dst i '\\';
  unsafe_set dst (i + 1) (digit (code / 100));
  unsafe_set dst (i + 2) (digit (code / 10));
  unsafe_set dst (i + 3) (digit code);
  i + 4

let[@inline] put_escaped dst i c =
  match c with
  | '"' | '\\' -> put_letter dst i c
  | '\n' -> put_letter dst i 'n'
  | '\t' -> put_letter dst i 't'
  | '\r' -> put_letter dst i 'r'
  | '\b' -> put_letter dst i 'b'
  | ' ' .. '~' ->
    unsafe_set dst i c;
    i + 1
  | _ -> put_code dst i (Char.code c)

(* The bytes must not change meanwhile: those of a string, or that nobody else
   knows of.  They are returned when there is nothing to escape. *)
let unsafe_escape b =
  let n = escaped_length b in
  if n = length b then b
  else begin
    let escaped = create n in
    let i = ref 0 in
    for j = 0 to length b - 1 do
      i := put_escaped escaped !i (unsafe_get b j)
    done;
    escaped
  end

let escaped b = unsafe_escape (copy b)

let uppercase_ascii b = map Char.uppercase_ascii b
let lowercase_ascii b = map Char.lowercase_ascii b

let map_first f b =
  if length b = 0 then b
  else begin
    let mapped = copy b in
    unsafe_set mapped 0 (f (unsafe_get b 0));
    mapped
  end

let capitalize_ascii b = map_first Char.uppercase_ascii b
let uncapitalize_ascii b = map_first Char.lowercase_ascii b

(* Searching.  The following give -1 where there is nothing. *)

let rec next_index b i limit c =
  if i >= limit then -1
  else if unsafe_get b i = c then i
  else next_index b (i + 1) limit c

let rec previous_index b i c =
  if i < 0 then -1
  else if unsafe_get b i = c then i
  else previous_index b (i - 1) c

let[@inline] found i = if i < 0 then raise Not_found else i
let[@inline] found_opt i = if i < 0 then None else Some i

let index b c = found (next_index b 0 (length b) c)
let index_opt b c = found_opt (next_index b 0 (length b) c)
let rindex b c = found (previous_index b (length b - 1) c)
let rindex_opt b c = found_opt (previous_index b (length b - 1) c)

let index_from b i c =
  if i < 0 || i > length b
  then invalid_arg "String.index_from / Bytes.index_from"
  else found (next_index b i (length b) c)

let index_from_opt b i c =
  if i < 0 || i > length b
  then invalid_arg "String.index_from_opt / Bytes.index_from_opt"
  else found_opt (next_index b i (length b) c)

let rindex_from b i c =
  if i < -1 || i >= length b
  then invalid_arg "String.rindex_from / Bytes.rindex_from"
  else found (previous_index b i c)

let rindex_from_opt b i c =
  if i < -1 || i >= length b
  then invalid_arg "String.rindex_from_opt / Bytes.rindex_from_opt"
  else found_opt (previous_index b i c)

let contains_from b i c =
  if i < 0 || i > length b
  then invalid_arg "String.contains_from / Bytes.contains_from"
  else next_index b i (length b) c >= 0

let contains b c = next_index b 0 (length b) c >= 0

let rcontains_from b i c =
  if i < 0 || i >= length b
  then invalid_arg "String.rcontains_from / Bytes.rcontains_from"
  else previous_index b i c >= 0

(* Whether the [n] last bytes of [part] but for the first [i] are in [b] from
   [start + i]. *)
let rec is_at b start part i n =
  i >= n
  || unsafe_get b (start + i) = unsafe_get part i
     && is_at b start part (i + 1) n

let starts_with ~prefix b =
  let n = length prefix in
  n <= length b && is_at b 0 prefix 0 n

let ends_with ~suffix b =
  let n = length suffix in
  n <= length b && is_at b (length b - n) suffix 0 n

(* The parts up to [i], the last of which ends at [stop]. *)
let rec split_before b separator i stop parts =
  if i < 0 then unsafe_sub b 0 stop :: parts
  else if unsafe_get b i = separator then
    let part = unsafe_sub b (i + 1) (stop - i - 1) in
    split_before b separator (i - 1) i (part :: parts)
  else split_before b separator (i - 1) stop parts

let split_on_char separator b =
  split_before b separator (length b - 1) (length b) []

(* Comparison. *)

let compare (b1 : bytes) b2 = Stdlib.compare b1 b2
external equal : t -> t -> bool = "caml_bytes_equal" [@@noalloc]

(* Sequences. *)

let rec seq_from b i () =
  if i >= length b then Seq.Nil
  else Seq.Cons (unsafe_get b i, seq_from b (i + 1))

let to_seq b = seq_from b 0

let rec seqi_from b i () =
  if i >= length b then Seq.Nil
  else Seq.Cons ((i, unsafe_get b i), seqi_from b (i + 1))

let to_seqi b = seqi_from b 0

let grown b =
  let size = Int.min (length b * 2) Sys.max_string_length in
  if size = length b then failwith "Bytes.of_seq: cannot grow bytes"
  else extend b 0 (size - length b)

let of_seq chars =
  let b = ref (create 256) and n = ref 0 in
  Seq.iter
    (fun c ->
      if !n = length !b then b := grown !b;
      unsafe_set !b !n c;
      incr n)
    chars;
  sub !b 0 !n

(* Binary integers. *)

external get_uint8 : bytes -> int -> int = "%bytes_safe_get"
external get_uint16_ne : bytes -> int -> int = "%caml_bytes_get16"
external get_int32_ne : bytes -> int -> int32 = "%caml_bytes_get32"
external get_int64_ne : bytes -> int -> int64 = "%caml_bytes_get64"
external set_int8 : bytes -> int -> int -> unit = "%bytes_safe_set"
external set_int16_ne : bytes -> int -> int -> unit = "%caml_bytes_set16"
external set_int32_ne : bytes -> int -> int32 -> unit = "%caml_bytes_set32"
external set_int64_ne : bytes -> int -> int64 -> unit = "%caml_bytes_set64"
external unsafe_get_uint8 : bytes -> int -> int = "%bytes_unsafe_get"
external unsafe_set_uint8 : bytes -> int -> int -> unit = "%bytes_unsafe_set"
external unsafe_get_uint16 : bytes -> int -> int = "%caml_bytes_get16u"
external unsafe_set_uint16 : bytes -> int -> int -> unit
  = "%caml_bytes_set16u"
external swap16 : int -> int = "%bswap16"
external swap32 : int32 -> int32 = "%bswap_int32"
external swap64 : int64 -> int64 = "%bswap_int64"

(* Conversions from and to the native order, and of signs. *)

let[@inline] le16 n = if Sys.big_endian then swap16 n else n
let[@inline] be16 n = if Sys.big_endian then n else swap16 n
let[@inline] le32 n = if Sys.big_endian then swap32 n else n
let[@inline] be32 n = if Sys.big_endian then n else swap32 n
let[@inline] le64 n = if Sys.big_endian then swap64 n else n
let[@inline] be64 n = if Sys.big_endian then n else swap64 n

let[@inline] signed bits n =
  let unused = Sys.int_size - bits in
  (n lsl unused) asr unused

let get_int8 b i = signed 8 (get_uint8 b i)
let get_uint16_le b i = le16 (get_uint16_ne b i)
let get_uint16_be b i = be16 (get_uint16_ne b i)
let get_int16_ne b i = signed 16 (get_uint16_ne b i)
let get_int16_le b i = signed 16 (get_uint16_le b i)
let get_int16_be b i = signed 16 (get_uint16_be b i)
let get_int32_le b i = le32 (get_int32_ne b i)
let get_int32_be b i = be32 (get_int32_ne b i)
let get_int64_le b i = le64 (get_int64_ne b i)
let get_int64_be b i = be64 (get_int64_ne b i)

let set_int16_le b i n = set_int16_ne b i (le16 n)
let set_int16_be b i n = set_int16_ne b i (be16 n)
let set_int32_le b i n = set_int32_ne b i (le32 n)
let set_int32_be b i n = set_int32_ne b i (be32 n)
let set_int64_le b i n = set_int64_ne b i (le64 n)
let set_int64_be b i n = set_int64_ne b i (be64 n)

let set_uint8 = set_int8
let set_uint16_ne = set_int16_ne
let set_uint16_le = set_int16_le
let set_uint16_be = set_int16_be

(* UTF-8, by table 3-7 of the Unicode standard.  Of invalid input a decode
   takes the longest prefix of a valid encoding, or one byte. *)

let invalid = Uchar.utf_decode_invalid
let[@inline] valid n u = Uchar.utf_decode n (Uchar.unsafe_of_int u)

let[@inline] is_continuation byte = byte lsr 6 = 0b10

(* The first byte may narrow the range of the second one: no longer encodings
   than needed, no surrogates, nothing above U+10FFFF. *)
let[@inline] may_follow first second =
  match first with
  | 0xE0 -> second lsr 5 = 0b101
  | 0xED -> second lsr 5 = 0b100
  | 0xF0 -> 0x90 <= second && second <= 0xBF
  | 0xF4 -> second lsr 4 = 0b1000
  | _ -> is_continuation second

let[@inline] append_bits u byte = u lsl 6 lor (byte land 0x3F)

let[@inline] byte_after b i k = unsafe_get_uint8 b (i + k)

let decode_long_utf_8 b i first =
  let last = length b - 1 in
  if first < 0xC2 || first > 0xF4 || i + 1 > last
     || not (may_follow first (byte_after b i 1))
  then invalid 1
  else
    let second = byte_after b i 1 in
    if first < 0xE0 then valid 2 (append_bits (first land 0x1F) second)
    else if i + 2 > last || not (is_continuation (byte_after b i 2))
    then invalid 2
    else
      let third = byte_after b i 2 in
      if first < 0xF0 then
        valid 3 (append_bits (append_bits (first land 0x0F) second) third)
      else if i + 3 > last || not (is_continuation (byte_after b i 3))
      then invalid 3
      else
        let u = append_bits (append_bits (first land 0x07) second) third in
        valid 4 (append_bits u (byte_after b i 3))

let get_utf_8_uchar b i =
  let first = get_uint8 b i in
  if first < 0x80 then valid 1 first else decode_long_utf_8 b i first

let rec is_valid_utf_8_from b i last =
  if i > last then true
  else
    let first = unsafe_get_uint8 b i in
    if first < 0x80 then is_valid_utf_8_from b (i + 1) last
    else if first < 0xC2 || first > 0xF4 then false
    else if first < 0xE0 then
      i + 1 <= last
      && is_continuation (byte_after b i 1)
      && is_valid_utf_8_from b (i + 2) last
    else if first < 0xF0 then
      i + 2 <= last
      && may_follow first (byte_after b i 1)
      && is_continuation (byte_after b i 2)
      && is_valid_utf_8_from b (i + 3) last
    else
      i + 3 <= last
      && may_follow first (byte_after b i 1)
      && is_continuation (byte_after b i 2)
      && is_continuation (byte_after b i 3)
      && is_valid_utf_8_from b (i + 4) last

let is_valid_utf_8 b = is_valid_utf_8_from b 0 (length b - 1)

let[@inline] continuation u shift = 0x80 lor (u lsr shift land 0x3F)

(* Encoders give the number of bytes, which is 0 when they do not fit.  The
   first write is checked. *)
let set_utf_8_uchar b i u =
  let u = Uchar.to_int u and last = length b - 1 in
  if u < 0x80 then begin
    set_uint8 b i u;
    1
  end
  else if u < 0x800 then
    if i + 1 > last then 0
    else begin
      set_uint8 b i (0xC0 lor (u lsr 6));
      unsafe_set_uint8 b (i + 1) (continuation u 0);
      2
    end
  else if u < 0x10000 then
    if i + 2 > last then 0
    else begin
      set_uint8 b i (0xE0 lor (u lsr 12));
      unsafe_set_uint8 b (i + 1) (continuation u 6);
      unsafe_set_uint8 b (i + 2) (continuation u 0);
      3
    end
  else if i + 3 > last then 0
  else begin
    set_uint8 b i (0xF0 lor (u lsr 18));
    unsafe_set_uint8 b (i + 1) (continuation u 12);
    unsafe_set_uint8 b (i + 2) (continuation u 6);
    unsafe_set_uint8 b (i + 3) (continuation u 0);
    4
  end

(* UTF-16, in either order, of which [unit] and [set_unit] make the native
   one. *)

let check_index b i =
  if i < 0 || i >= length b then invalid_arg "index out of bounds"

let[@inline] is_high_surrogate unit = unit lsr 10 = 0x36
let[@inline] is_low_surrogate unit = unit lsr 10 = 0x37

let[@inline] pair high low =
  0x10000 + ((high land 0x3FF) lsl 10 lor (low land 0x3FF))

let[@inline] get_utf_16 unit b i =
  let left = length b - i in
  if left < 2 then invalid 1
  else
    let first = unit (unsafe_get_uint16 b i) in
    if is_low_surrogate first then invalid 2
    else if not (is_high_surrogate first) then valid 2 first
    else if left < 4 then invalid left
    else
      let second = unit (unsafe_get_uint16 b (i + 2)) in
      if is_low_surrogate second then valid 4 (pair first second)
      else invalid 2

let get_utf_16be_uchar b i =
  check_index b i;
  get_utf_16 be16 b i

let get_utf_16le_uchar b i =
  check_index b i;
  get_utf_16 le16 b i

let[@inline] set_utf_16 unit b i u =
  let u = Uchar.to_int u and left = length b - i in
  if u < 0x10000 then
    if left < 2 then 0
    else begin
      unsafe_set_uint16 b i (unit u);
      2
    end
  else if left < 4 then 0
  else begin
    let bits = u - 0x10000 in
    unsafe_set_uint16 b i (unit (0xD800 lor (bits lsr 10)));
    unsafe_set_uint16 b (i + 2) (unit (0xDC00 lor (bits land 0x3FF)));
    4
  end

let set_utf_16be_uchar b i u =
  check_index b i;
  set_utf_16 be16 b i u

let set_utf_16le_uchar b i u =
  check_index b i;
  set_utf_16 le16 b i u

let rec is_valid_utf_16be_from b i =
  i >= length b
  || let decode = get_utf_16 be16 b i in
     Uchar.utf_decode_is_valid decode
     && is_valid_utf_16be_from b (i + Uchar.utf_decode_length decode)

let is_valid_utf_16be b = is_valid_utf_16be_from b 0

let rec is_valid_utf_16le_from b i =
  i >= length b
  || let decode = get_utf_16 le16 b i in
     Uchar.utf_decode_is_valid decode
     && is_valid_utf_16le_from b (i + Uchar.utf_decode_length decode)

let is_valid_utf_16le b = is_valid_utf_16le_from b 0
