(* Buffers that grow as characters are added. *)

(* Bytes and their length.  The fields being immutable, they agree even where
   domains race on a buffer: a length that has been read allows accesses to
   the bytes that were read with it. *)
type store = {
  bytes : bytes;
  size : int;
}

type t = {
  mutable store : store;
  mutable position : int;
  initial : store;
}

let create n =
  let size = Int.min (Int.max n 1) Sys.max_string_length in
  let store = { bytes = Bytes.create size; size } in
  { store; position = 0; initial = store }

let length b = b.position
let clear b = b.position <- 0

let reset b =
  b.position <- 0;
  b.store <- b.initial

let truncate b n =
  if n < 0 || n > b.position then invalid_arg "Buffer.truncate"
  else b.position <- n

(* Contents. *)

let contents b = Bytes.sub_string b.store.bytes 0 b.position
let to_bytes b = Bytes.sub b.store.bytes 0 b.position

let sub b start n =
  if start < 0 || n < 0 || start > b.position - n
  then invalid_arg "Buffer.sub"
  else Bytes.sub_string b.store.bytes start n

let blit src src_start dst dst_start n =
  if n < 0
     || src_start < 0 || src_start > src.position - n
     || dst_start < 0 || dst_start > Bytes.length dst - n
  then invalid_arg "Buffer.blit"
  else Bytes.blit src.store.bytes src_start dst dst_start n

let nth b i =
  let position = b.position in
  let { bytes; size } = b.store in
  if i < 0 || i >= position || position > size then invalid_arg "Buffer.nth"
  else Bytes.unsafe_get bytes i

let output_buffer channel b = output channel b.store.bytes 0 b.position

(* Growth. *)

let rec doubled size needed =
  if size >= needed then size else doubled (size * 2) needed

(* Make room for [more] characters after the position. *)
let[@inline never] grow b more =
  let needed = b.position + more in
  let size = doubled b.store.size needed in
  let size =
    if size <= Sys.max_string_length then size
    else if needed <= Sys.max_string_length then Sys.max_string_length
    else failwith "Buffer.add: cannot grow buffer"
  in
  let bytes = Bytes.create size in
  Bytes.blit b.store.bytes 0 bytes 0 b.position;
  b.store <- { bytes; size }

(* In what follows, what fits in the store that has been read is written
   without checks; after growth, which may race with that of another domain,
   all is checked.  Functions on single characters and integers are inlined,
   which also saves the boxes of integers. *)

let[@inline] add_char b c =
  let position = b.position in
  let { bytes; size } = b.store in
  if position < size then Bytes.unsafe_set bytes position c
  else begin
    grow b 1;
    Bytes.set b.store.bytes b.position c
  end;
  b.position <- position + 1

let add_substring b s start n =
  if start < 0 || n < 0 || start > String.length s - n
  then invalid_arg "Buffer.add_substring";
  let position = b.position in
  let { bytes; size } = b.store in
  if position + n <= size then
    Bytes.unsafe_blit_string s start bytes position n
  else begin
    grow b n;
    Bytes.blit_string s start b.store.bytes b.position n
  end;
  b.position <- position + n

let add_subbytes b s start n =
  if start < 0 || n < 0 || start > Bytes.length s - n
  then invalid_arg "Buffer.add_subbytes";
  add_substring b (Bytes.unsafe_to_string s) start n

let add_string b s = add_substring b s 0 (String.length s)
let add_bytes b s = add_subbytes b s 0 (Bytes.length s)
let add_buffer b added = add_subbytes b added.store.bytes 0 added.position

(* Read [n] characters, or up to the end of the file; the index after them. *)
let rec input_up_to channel bytes start n =
  if n > 0 then
    match input channel bytes start n with
    | 0 -> start
    | read -> input_up_to channel bytes (start + read) (n - read)
  else start

let add_channel b channel n =
  if n < 0 || n > Sys.max_string_length then invalid_arg "Buffer.add_channel";
  if b.position + n > b.store.size then grow b n;
  let wanted = b.position + n in
  b.position <- input_up_to channel b.store.bytes b.position n;
  (* What could be read is there nevertheless. *)
  if b.position < wanted then raise End_of_file

(* Unicode.  Encoders give 0 when there is no room. *)

let longest_encoding = 4

let rec add_utf_8_uchar b u =
  let position = b.position in
  if position >= b.store.size then grow b longest_encoding;
  match Bytes.set_utf_8_uchar b.store.bytes position u with
  | 0 -> grow b longest_encoding; add_utf_8_uchar b u
  | n -> b.position <- position + n

let rec add_utf_16be_uchar b u =
  let position = b.position in
  if position >= b.store.size then grow b longest_encoding;
  match Bytes.set_utf_16be_uchar b.store.bytes position u with
  | 0 -> grow b longest_encoding; add_utf_16be_uchar b u
  | n -> b.position <- position + n

let rec add_utf_16le_uchar b u =
  let position = b.position in
  if position >= b.store.size then grow b longest_encoding;
  match Bytes.set_utf_16le_uchar b.store.bytes position u with
  | 0 -> grow b longest_encoding; add_utf_16le_uchar b u
  | n -> b.position <- position + n

(* Binary integers. *)

external set_int8 : bytes -> int -> int -> unit = "%bytes_safe_set"
external set_int16 : bytes -> int -> int -> unit = "%caml_bytes_set16"
external set_int32 : bytes -> int -> int32 -> unit = "%caml_bytes_set32"
external set_int64 : bytes -> int -> int64 -> unit = "%caml_bytes_set64"
external unsafe_set_int8 : bytes -> int -> int -> unit = "%bytes_unsafe_set"
external unsafe_set_int16 : bytes -> int -> int -> unit = "%caml_bytes_set16u"
external unsafe_set_int32 : bytes -> int -> int32 -> unit
  = "%caml_bytes_set32u"
external unsafe_set_int64 : bytes -> int -> int64 -> unit
  = "%caml_bytes_set64u"
external swap16 : int -> int = "%bswap16"
external swap32 : int32 -> int32 = "%bswap_int32"
external swap64 : int64 -> int64 = "%bswap_int64"

let[@inline] add_int8 b n =
  let position = b.position in
  let { bytes; size } = b.store in
  if position + 1 <= size then unsafe_set_int8 bytes position n
  else begin
    grow b 1;
    set_int8 b.store.bytes b.position n
  end;
  b.position <- position + 1

let[@inline] add_int16_ne b n =
  let position = b.position in
  let { bytes; size } = b.store in
  if position + 2 <= size then unsafe_set_int16 bytes position n
  else begin
    grow b 2;
    set_int16 b.store.bytes b.position n
  end;
  b.position <- position + 2

let[@inline] add_int32_ne b n =
  let position = b.position in
  let { bytes; size } = b.store in
  if position + 4 <= size then unsafe_set_int32 bytes position n
  else begin
    grow b 4;
    set_int32 b.store.bytes b.position n
  end;
  b.position <- position + 4

let[@inline] add_int64_ne b n =
  let position = b.position in
  let { bytes; size } = b.store in
  if position + 8 <= size then unsafe_set_int64 bytes position n
  else begin
    grow b 8;
    set_int64 b.store.bytes b.position n
  end;
  b.position <- position + 8

let[@inline] add_int16_le b n =
  add_int16_ne b (if Sys.big_endian then swap16 n else n)

let[@inline] add_int16_be b n =
  add_int16_ne b (if Sys.big_endian then n else swap16 n)

let[@inline] add_int32_le b n =
  add_int32_ne b (if Sys.big_endian then swap32 n else n)

let[@inline] add_int32_be b n =
  add_int32_ne b (if Sys.big_endian then n else swap32 n)

let[@inline] add_int64_le b n =
  add_int64_ne b (if Sys.big_endian then swap64 n else n)

let[@inline] add_int64_be b n =
  add_int64_ne b (if Sys.big_endian then n else swap64 n)


let add_uint8 = add_int8
let add_uint16_ne = add_int16_ne
let add_uint16_le = add_int16_le
let add_uint16_be = add_int16_be

(* Substitution of [$name], [$(name)] and [${name}]. *)

(* The index of the bracket that closes those opened before [i], of which
   [depth] are nested. *)
let rec closing_index s opening closing depth i =
  if i >= String.length s then raise Not_found
  else
    let c = s.[i] in
    if c = opening then closing_index s opening closing (depth + 1) (i + 1)
    else if c <> closing then closing_index s opening closing depth (i + 1)
    else if depth = 0 then i
    else closing_index s opening closing (depth - 1) (i + 1)

let rec name_end s i =
  if i >= String.length s then i
  else match s.[i] with
    | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' -> name_end s (i + 1)
    | _ -> i

(* The name that begins at [i] and the index after it. *)
let name_at s i =
  if i >= String.length s then raise Not_found;
  let bracketed closing =
    let stop = closing_index s s.[i] closing 0 (i + 1) in
    (String.sub s (i + 1) (stop - i - 1), stop + 1)
  in
  match s.[i] with
  | '(' -> bracketed ')'
  | '{' -> bracketed '}'
  | _ ->
    let stop = name_end s i in
    if stop = i then raise Not_found;
    (String.sub s i (stop - i), stop)

(* A backslash is kept back until the next character is known, before which it
   is dropped if that is a dollar, which it protects.  Of two successive ones,
   the first is added when the second is met. *)
let add_substitute b f s =
  let rec add_from i ~backslash =
    if i >= String.length s then (if backslash then add_char b '\\')
    else match s.[i] with
      | '$' when backslash ->
        add_char b '$';
        add_from (i + 1) ~backslash:false
      | '$' ->
        begin match name_at s (i + 1) with
        | name, next ->
          add_string b (f name);
          add_from next ~backslash:false
        | exception Not_found ->
          add_char b '$';
          add_from (i + 1) ~backslash:false
        end
      | c ->
        if backslash then add_char b '\\';
        if c <> '\\' then add_char b c;
        add_from (i + 1) ~backslash:(c = '\\')
  in
  add_from 0 ~backslash:false

(* Sequences: the position is looked at each time. *)

let rec seq_from b i () =
  if i >= b.position then Seq.Nil
  else
    let c = Bytes.get b.store.bytes i in
    Seq.Cons (c, seq_from b (i + 1))

let to_seq b = seq_from b 0

let rec seqi_from b i () =
  if i >= b.position then Seq.Nil
  else
    let c = Bytes.get b.store.bytes i in
    Seq.Cons ((i, c), seqi_from b (i + 1))

let to_seqi b = seqi_from b 0

let add_seq b chars = Seq.iter (fun c -> add_char b c) chars

let of_seq chars =
  let b = create 32 in
  add_seq b chars;
  b
