(* Output channels. *)

type t = out_channel

type open_flag = Stdlib.open_flag =
  | Open_rdonly
  | Open_wronly
  | Open_append
  | Open_creat
  | Open_trunc
  | Open_excl
  | Open_binary
  | Open_text
  | Open_nonblock

let stdout = Stdlib.stdout
let stderr = Stdlib.stderr

(* Opening and closing *)

let open_bin = Stdlib.open_out_bin
let open_text = Stdlib.open_out
let open_gen = Stdlib.open_out_gen
let close = Stdlib.close_out
let close_noerr = Stdlib.close_out_noerr

let closing_after oc f =
  Fun.protect ~finally:(fun () -> close_noerr oc) (fun () -> f oc)

let with_open_bin name f = closing_after (open_bin name) f
let with_open_text name f = closing_after (open_text name) f
let with_open_gen flags perm name f =
  closing_after (open_gen flags perm name) f

(* Writing *)

let output_char = Stdlib.output_char
let output_byte = Stdlib.output_byte
let output_string = Stdlib.output_string
let output_bytes = Stdlib.output_bytes
let output = Stdlib.output
let output_substring = Stdlib.output_substring
let flush = Stdlib.flush
let flush_all = Stdlib.flush_all

external output_raw : t -> _ Bigarray.Array1.t -> int -> int -> unit
  = "caml_ml_output_bigarray"

let output_bigarray oc a ofs len =
  if ofs < 0 || len < 0 || ofs > Bigarray.Array1.dim a - len then
    invalid_arg "output_bigarray"
  else output_raw oc a ofs len

let seek = LargeFile.seek_out
let pos = LargeFile.pos_out
let length = LargeFile.out_channel_length
let set_binary_mode = Stdlib.set_binary_mode_out
external is_binary_mode : t -> bool = "caml_ml_is_binary_mode"
external set_buffered : t -> bool -> unit = "caml_ml_set_buffered"
external is_buffered : t -> bool = "caml_ml_is_buffered"
external isatty : t -> bool = "caml_sys_isatty"
