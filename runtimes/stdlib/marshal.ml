(* Marshaling: the checks of ranges; the runtime does the rest. *)

type extern_flags =
    No_sharing
  | Closures
  | Compat_32

external to_channel : out_channel -> 'a -> extern_flags list -> unit
  = "caml_output_value"
external to_bytes : 'a -> extern_flags list -> bytes
  = "caml_output_value_to_bytes"
external to_string : 'a -> extern_flags list -> string
  = "caml_output_value_to_string"
external write : bytes -> int -> int -> 'a -> extern_flags list -> int
  = "caml_output_value_to_buffer"
external from_channel : in_channel -> 'a = "caml_input_value"
external read : bytes -> int -> 'a = "caml_input_value_from_bytes"
external body_size : bytes -> int -> int = "caml_marshal_data_size"

(* The shortest header; a header's true length is known to the runtime, and is
   counted in [data_size] where it is longer. *)
let header_size = 16

let to_buffer b ofs len v flags =
  if ofs < 0 || len < 0 || ofs > Bytes.length b - len then
    invalid_arg "Marshal.to_buffer: substring out of bounds"
  else write b ofs len v flags

let data_size b ofs =
  if ofs < 0 || ofs > Bytes.length b - header_size then
    invalid_arg "Marshal.data_size"
  else body_size b ofs

let total_size b ofs = header_size + data_size b ofs

let from_bytes b ofs =
  if ofs < 0 || ofs > Bytes.length b - header_size then
    invalid_arg "Marshal.from_bytes"
  else if ofs > Bytes.length b - total_size b ofs then
    invalid_arg "Marshal.from_bytes"
  else read b ofs

(* [read] does not write. *)
let from_string s ofs = from_bytes (Bytes.unsafe_of_string s) ofs
