(* Input channels. *)

type t = in_channel

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

let stdin = Stdlib.stdin

(* Opening and closing *)

let open_bin = Stdlib.open_in_bin
let open_text = Stdlib.open_in
let open_gen = Stdlib.open_in_gen
let close = Stdlib.close_in
let close_noerr = Stdlib.close_in_noerr

let closing_after ic f =
  Fun.protect ~finally:(fun () -> close_noerr ic) (fun () -> f ic)

let with_open_bin name f = closing_after (open_bin name) f
let with_open_text name f = closing_after (open_text name) f
let with_open_gen flags perm name f =
  closing_after (open_gen flags perm name) f

let seek = LargeFile.seek_in
let pos = LargeFile.pos_in
let length = LargeFile.in_channel_length
let set_binary_mode = Stdlib.set_binary_mode_in
external is_binary_mode : t -> bool = "caml_ml_is_binary_mode"
external isatty : t -> bool = "caml_sys_isatty"

(* Reading: the end of the file is [None]. *)

let input_char ic =
  match Stdlib.input_char ic with
  | c -> Some c
  | exception End_of_file -> None

let input_byte ic =
  match Stdlib.input_byte ic with
  | byte -> Some byte
  | exception End_of_file -> None

let input_line ic =
  match Stdlib.input_line ic with
  | line -> Some line
  | exception End_of_file -> None

let input = Stdlib.input

let really_input ic b ofs len =
  match Stdlib.really_input ic b ofs len with
  | () -> Some ()
  | exception End_of_file -> None

let really_input_string ic len =
  match Stdlib.really_input_string ic len with
  | s -> Some s
  | exception End_of_file -> None

let[@tail_mod_cons] rec input_lines ic =
  match Stdlib.input_line ic with
  | line -> line :: input_lines ic
  | exception End_of_file -> []

let rec fold_lines f acc ic =
  match Stdlib.input_line ic with
  | line -> fold_lines f (f acc line) ic
  | exception End_of_file -> acc

(* Bigarrays *)

external input_raw : t -> _ Bigarray.Array1.t -> int -> int -> int
  = "caml_ml_input_bigarray"

let check_range a ofs len caller =
  if ofs < 0 || len < 0 || ofs > Bigarray.Array1.dim a - len then
    invalid_arg caller

let input_bigarray ic a ofs len =
  check_range a ofs len "input_bigarray";
  input_raw ic a ofs len

let really_input_bigarray ic a ofs len =
  let rec fill ofs len =
    if len = 0 then Some ()
    else
      match input_raw ic a ofs len with
      | 0 -> None
      | n -> fill (ofs + n) (len - n)
  in
  check_range a ofs len "really_input_bigarray";
  fill ofs len

(* The whole rest of a channel *)

(* Read until [b] is full or the file ends; return the new fill. *)
let rec fill ic b used =
  let room = Bytes.length b - used in
  if room = 0 then used
  else
    match Stdlib.input ic b used room with
    | 0 -> used
    | n -> fill ic b (used + n)

let grow b used =
  let capacity = Bytes.length b in
  if capacity >= Sys.max_string_length then
    failwith
      "In_channel.input_all: channel content is larger than maximum string \
       length";
  let capacity =
    Int.min Sys.max_string_length
      (Int.max (2 * capacity + 1) (capacity + Sys.io_buffer_size))
  in
  let grown = Bytes.create capacity in
  Bytes.blit b 0 grown 0 used;
  grown

let input_all ic =
  (* The size of a regular file is the right first guess; a pipe has none, and
     a special file may state 0. *)
  let expected =
    match Stdlib.in_channel_length ic - Stdlib.pos_in ic with
    | n when n >= 0 -> Int.min n Sys.max_string_length
    | _ -> Sys.io_buffer_size
    | exception Sys_error _ -> Sys.io_buffer_size
  in
  let rec read b used =
    let used = fill ic b used in
    if used < Bytes.length b then Bytes.sub_string b 0 used
    else
      match Stdlib.input_char ic with
      | exception End_of_file -> Bytes.unsafe_to_string b
      | c ->
          let b = grow b used in
          Bytes.set b used c;
          read b (used + 1)
  in
  read (Bytes.create expected) 0
