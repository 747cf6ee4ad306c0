(* The initial module.  It is compiled without itself opened, so that it may
   use nothing but primitives: the few string and bytes operations it needs
   are declared here, not taken from [Stdlib__Bytes]. *)

(* Exceptions *)

external raise : exn -> 'a = "%raise"
external raise_notrace : exn -> 'a = "%raise_notrace"

exception Match_failure = Match_failure
exception Assert_failure = Assert_failure
exception Invalid_argument = Invalid_argument
exception Failure = Failure
exception Not_found = Not_found
exception Out_of_memory = Out_of_memory
exception Stack_overflow = Stack_overflow
exception Sys_error = Sys_error
exception End_of_file = End_of_file
exception Division_by_zero = Division_by_zero
exception Sys_blocked_io = Sys_blocked_io
exception Undefined_recursive_module = Undefined_recursive_module

let failwith msg = raise (Failure msg)
let invalid_arg msg = raise (Invalid_argument msg)

exception Exit

(* How the runtime finds values of the library. *)
external register_named_value : string -> 'a -> unit
  = "caml_register_named_value"

let () =
  register_named_value "Pervasives.array_bound_error"
    (Invalid_argument "index out of bounds")

(* Debugging and composition *)

external __LOC__ : string = "%loc_LOC"
external __FILE__ : string = "%loc_FILE"
external __LINE__ : int = "%loc_LINE"
external __MODULE__ : string = "%loc_MODULE"
external __POS__ : string * int * int * int = "%loc_POS"
external __FUNCTION__ : string = "%loc_FUNCTION"
external __LOC_OF__ : 'a -> string * 'a = "%loc_LOC"
external __LINE_OF__ : 'a -> int * 'a = "%loc_LINE"
external __POS_OF__ : 'a -> (string * int * int * int) * 'a = "%loc_POS"
external ( |> ) : 'a -> ('a -> 'b) -> 'b = "%revapply"
external ( @@ ) : ('a -> 'b) -> 'a -> 'b = "%apply"

(* Comparisons *)

external ( = ) : 'a -> 'a -> bool = "%equal"
external ( <> ) : 'a -> 'a -> bool = "%notequal"
external ( < ) : 'a -> 'a -> bool = "%lessthan"
external ( > ) : 'a -> 'a -> bool = "%greaterthan"
external ( <= ) : 'a -> 'a -> bool = "%lessequal"
external ( >= ) : 'a -> 'a -> bool = "%greaterequal"
external compare : 'a -> 'a -> int = "%compare"
external ( == ) : 'a -> 'a -> bool = "%eq"
external ( != ) : 'a -> 'a -> bool = "%noteq"

let min x y = if x <= y then x else y
let max x y = if x >= y then x else y

(* Booleans *)

external not : bool -> bool = "%boolnot"
external ( && ) : bool -> bool -> bool = "%sequand"
external ( || ) : bool -> bool -> bool = "%sequor"

(* Integers *)

external ( ~- ) : int -> int = "%negint"
external ( ~+ ) : int -> int = "%identity"
external succ : int -> int = "%succint"
external pred : int -> int = "%predint"
external ( + ) : int -> int -> int = "%addint"
external ( - ) : int -> int -> int = "%subint"
external ( * ) : int -> int -> int = "%mulint"
external ( / ) : int -> int -> int = "%divint"
external ( mod ) : int -> int -> int = "%modint"
external ( land ) : int -> int -> int = "%andint"
external ( lor ) : int -> int -> int = "%orint"
external ( lxor ) : int -> int -> int = "%xorint"
external ( lsl ) : int -> int -> int = "%lslint"
external ( lsr ) : int -> int -> int = "%lsrint"
external ( asr ) : int -> int -> int = "%asrint"

let abs n = if n < 0 then -n else n
let lnot n = n lxor -1
let max_int = -1 lsr 1
let min_int = max_int + 1

(* Floating-point numbers *)

external ( ~-. ) : float -> float = "%negfloat"
external ( ~+. ) : float -> float = "%identity"
external ( +. ) : float -> float -> float = "%addfloat"
external ( -. ) : float -> float -> float = "%subfloat"
external ( *. ) : float -> float -> float = "%mulfloat"
external ( /. ) : float -> float -> float = "%divfloat"
external ( ** ) : float -> float -> float = "caml_power_float" "pow" [@@unboxed]
  [@@noalloc]
external sqrt : float -> float = "caml_sqrt_float" "sqrt" [@@unboxed]
  [@@noalloc]
external exp : float -> float = "caml_exp_float" "exp" [@@unboxed] [@@noalloc]
external log : float -> float = "caml_log_float" "log" [@@unboxed] [@@noalloc]
external log10 : float -> float = "caml_log10_float" "log10" [@@unboxed]
  [@@noalloc]
external expm1 : float -> float = "caml_expm1_float" "caml_expm1" [@@unboxed]
  [@@noalloc]
external log1p : float -> float = "caml_log1p_float" "caml_log1p" [@@unboxed]
  [@@noalloc]
external cos : float -> float = "caml_cos_float" "cos" [@@unboxed] [@@noalloc]
external sin : float -> float = "caml_sin_float" "sin" [@@unboxed] [@@noalloc]
external tan : float -> float = "caml_tan_float" "tan" [@@unboxed] [@@noalloc]
external acos : float -> float = "caml_acos_float" "acos" [@@unboxed]
  [@@noalloc]
external asin : float -> float = "caml_asin_float" "asin" [@@unboxed]
  [@@noalloc]
external atan : float -> float = "caml_atan_float" "atan" [@@unboxed]
  [@@noalloc]
external atan2 : float -> float -> float = "caml_atan2_float" "atan2"
  [@@unboxed] [@@noalloc]
external hypot : float -> float -> float = "caml_hypot_float" "caml_hypot"
  [@@unboxed] [@@noalloc]
external cosh : float -> float = "caml_cosh_float" "cosh" [@@unboxed]
  [@@noalloc]
external sinh : float -> float = "caml_sinh_float" "sinh" [@@unboxed]
  [@@noalloc]
external tanh : float -> float = "caml_tanh_float" "tanh" [@@unboxed]
  [@@noalloc]
external acosh : float -> float = "caml_acosh_float" "caml_acosh" [@@unboxed]
  [@@noalloc]
external asinh : float -> float = "caml_asinh_float" "caml_asinh" [@@unboxed]
  [@@noalloc]
external atanh : float -> float = "caml_atanh_float" "caml_atanh" [@@unboxed]
  [@@noalloc]
external ceil : float -> float = "caml_ceil_float" "ceil" [@@unboxed]
  [@@noalloc]
external floor : float -> float = "caml_floor_float" "floor" [@@unboxed]
  [@@noalloc]
external abs_float : float -> float = "%absfloat"
external copysign : float -> float -> float
    = "caml_copysign_float" "caml_copysign" [@@unboxed] [@@noalloc]
external mod_float : float -> float -> float = "caml_fmod_float" "fmod"
  [@@unboxed] [@@noalloc]
external frexp : float -> float * int = "caml_frexp_float"
external ldexp : (float [@unboxed]) -> (int [@untagged]) -> (float [@unboxed])
    = "caml_ldexp_float" "caml_ldexp_float_unboxed" [@@noalloc]
external modf : float -> float * float = "caml_modf_float"
external float : int -> float = "%floatofint"
external float_of_int : int -> float = "%floatofint"
external truncate : float -> int = "%intoffloat"
external int_of_float : float -> int = "%intoffloat"

external float_of_bits : int64 -> float
  = "caml_int64_float_of_bits" "caml_int64_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

(* Bit patterns, because some of these have no decimal notation. *)
let infinity = float_of_bits 0x7FF0_0000_0000_0000L
let neg_infinity = float_of_bits 0xFFF0_0000_0000_0000L
let nan = float_of_bits 0x7FF8_0000_0000_0001L
let max_float = float_of_bits 0x7FEF_FFFF_FFFF_FFFFL
let min_float = float_of_bits 0x0010_0000_0000_0000L
let epsilon_float = float_of_bits 0x3CB0_0000_0000_0000L

type fpclass =
    FP_normal
  | FP_subnormal
  | FP_zero
  | FP_infinite
  | FP_nan
external classify_float : (float [@unboxed]) -> fpclass
  = "caml_classify_float" "caml_classify_float_unboxed" [@@noalloc]

(* Strings and bytes *)

external string_length : string -> int = "%string_length"
external bytes_length : bytes -> int = "%bytes_length"
external bytes_create : int -> bytes = "caml_create_bytes"
external unsafe_get : string -> int -> char = "%string_unsafe_get"
external unsafe_blit_string : string -> int -> bytes -> int -> int -> unit
  = "caml_blit_string" [@@noalloc]
external unsafe_blit : bytes -> int -> bytes -> int -> int -> unit
  = "caml_blit_bytes" [@@noalloc]
external freeze : bytes -> string = "%bytes_to_string"

let ( ^ ) left right =
  let n = string_length left and m = string_length right in
  let joined = bytes_create (n + m) in
  unsafe_blit_string left 0 joined 0 n;
  unsafe_blit_string right 0 joined n m;
  freeze joined

(* Characters *)

external int_of_char : char -> int = "%identity"
external char_of_code : int -> char = "%identity"

let char_of_int code =
  if code land 0xFF <> code then invalid_arg "char_of_int"
  else char_of_code code

external ignore : 'a -> unit = "%ignore"

(* Pairs *)

external fst : 'a * 'b -> 'a = "%field0"
external snd : 'a * 'b -> 'b = "%field1"

(* References *)

type 'a ref = { mutable contents : 'a }
external ref : 'a -> 'a ref = "%makemutable"
external ( ! ) : 'a ref -> 'a = "%field0"
external ( := ) : 'a ref -> 'a -> unit = "%setfield0"
external incr : int ref -> unit = "%incr"
external decr : int ref -> unit = "%decr"

type ('a, 'b) result = Ok of 'a | Error of 'b

(* Conversions to and from strings *)

external format_int : string -> int -> string = "caml_format_int"
external format_float : string -> float -> string = "caml_format_float"
external int_of_string : string -> int = "caml_int_of_string"
external float_of_string : string -> float = "caml_float_of_string"

let string_of_bool b = if b then "true" else "false"

let bool_of_string_opt = function
  | "true" -> Some true
  | "false" -> Some false
  | _ -> None

let bool_of_string = function
  | "true" -> true
  | "false" -> false
  | _ -> invalid_arg "bool_of_string"

let string_of_int n = format_int "%d" n

let int_of_string_opt s =
  match int_of_string s with n -> Some n | exception Failure _ -> None

let float_of_string_opt s =
  match float_of_string s with x -> Some x | exception Failure _ -> None

(* A decimal rendering made of digits and a sign only would read back as an
   integer: it gets a final point. *)
let valid_float_lexem s =
  let rec scan i =
    if i >= string_length s then s ^ "."
    else match unsafe_get s i with
      | '0' .. '9' | '-' -> scan (i + 1)
      | _ -> s
  in
  scan 0

let string_of_float x = valid_float_lexem (format_float "%.12g" x)

(* Lists *)

let[@tail_mod_cons] rec ( @ ) left right =
  match left with
  | [] -> right
  | [x] -> x :: right
  | x :: y :: rest -> x :: y :: (rest @ right)

(* Channels.  The primitives lock the channel; checks of ranges are here. *)

type in_channel
type out_channel

external open_descriptor_in : int -> in_channel = "caml_ml_open_descriptor_in"
external open_descriptor_out : int -> out_channel
  = "caml_ml_open_descriptor_out"

let stdin = open_descriptor_in 0
let stdout = open_descriptor_out 1
let stderr = open_descriptor_out 2

type open_flag =
    Open_rdonly
  | Open_wronly
  | Open_append
  | Open_creat
  | Open_trunc
  | Open_excl
  | Open_binary
  | Open_text
  | Open_nonblock

external open_desc : string -> open_flag list -> int -> int = "caml_sys_open"
external set_in_channel_name : in_channel -> string -> unit
  = "caml_ml_set_channel_name"
external set_out_channel_name : out_channel -> string -> unit
  = "caml_ml_set_channel_name"

let outside total ofs len = ofs < 0 || len < 0 || ofs > total - len

(* Output channels *)

let open_out_gen flags perm name =
  let oc = open_descriptor_out (open_desc name flags perm) in
  set_out_channel_name oc name;
  oc

let open_out name =
  open_out_gen [Open_wronly; Open_creat; Open_trunc; Open_text] 0o666 name
let open_out_bin name =
  open_out_gen [Open_wronly; Open_creat; Open_trunc; Open_binary] 0o666 name

external flush : out_channel -> unit = "caml_ml_flush"
external out_channels : unit -> out_channel list
  = "caml_ml_out_channels_list"

(* One channel that cannot be written must not keep the others unflushed. *)
let flush_all () =
  let rec each = function
    | [] -> ()
    | oc :: rest ->
        (try flush oc with Sys_error _ -> ());
        each rest
  in
  each (out_channels ())

external output_raw : out_channel -> bytes -> int -> int -> unit
  = "caml_ml_output_bytes"
external output_string_raw : out_channel -> string -> int -> int -> unit
  = "caml_ml_output"
external output_char : out_channel -> char -> unit = "caml_ml_output_char"
external output_byte : out_channel -> int -> unit = "caml_ml_output_char"
external output_binary_int : out_channel -> int -> unit = "caml_ml_output_int"
external marshal : out_channel -> 'a -> unit list -> unit
  = "caml_output_value"
external seek_out : out_channel -> int -> unit = "caml_ml_seek_out"
external pos_out : out_channel -> int = "caml_ml_pos_out"
external out_channel_length : out_channel -> int = "caml_ml_channel_size"
external close_out_raw : out_channel -> unit = "caml_ml_close_channel"
external set_binary_mode_out : out_channel -> bool -> unit
  = "caml_ml_set_binary_mode"

let output_string oc s = output_string_raw oc s 0 (string_length s)
let output_bytes oc b = output_raw oc b 0 (bytes_length b)

let output oc b ofs len =
  if outside (bytes_length b) ofs len then invalid_arg "output"
  else output_raw oc b ofs len

let output_substring oc s ofs len =
  if outside (string_length s) ofs len then invalid_arg "output_substring"
  else output_string_raw oc s ofs len

let output_value oc v = marshal oc v []

let close_out oc = flush oc; close_out_raw oc

let close_out_noerr oc =
  (try flush oc with _ -> ());
  (try close_out_raw oc with _ -> ())

(* Input channels *)

let open_in_gen flags perm name =
  let ic = open_descriptor_in (open_desc name flags perm) in
  set_in_channel_name ic name;
  ic

let open_in name = open_in_gen [Open_rdonly; Open_text] 0 name
let open_in_bin name = open_in_gen [Open_rdonly; Open_binary] 0 name

external input_char : in_channel -> char = "caml_ml_input_char"
external input_raw : in_channel -> bytes -> int -> int -> int
  = "caml_ml_input"
external input_scan_line : in_channel -> int = "caml_ml_input_scan_line"
external input_byte : in_channel -> int = "caml_ml_input_char"
external input_binary_int : in_channel -> int = "caml_ml_input_int"
external input_value : in_channel -> 'a = "caml_input_value"
external seek_in : in_channel -> int -> unit = "caml_ml_seek_in"
external pos_in : in_channel -> int = "caml_ml_pos_in"
external in_channel_length : in_channel -> int = "caml_ml_channel_size"
external close_in : in_channel -> unit = "caml_ml_close_channel"
external set_binary_mode_in : in_channel -> bool -> unit
  = "caml_ml_set_binary_mode"

let close_in_noerr ic = try close_in ic with _ -> ()

let input ic b ofs len =
  if outside (bytes_length b) ofs len then invalid_arg "input"
  else input_raw ic b ofs len

let rec unsafe_really_input ic b ofs len =
  if len > 0 then
    match input_raw ic b ofs len with
    | 0 -> raise End_of_file
    | n -> unsafe_really_input ic b (ofs + n) (len - n)

let really_input ic b ofs len =
  if outside (bytes_length b) ofs len then invalid_arg "really_input"
  else unsafe_really_input ic b ofs len

let really_input_string ic len =
  let b = bytes_create len in
  really_input ic b 0 len;
  freeze b

(* [input_scan_line] answers [n > 0] when a line of [n] bytes, newline
   included, is in the channel's buffer, [-n] when the buffer is full with [n]
   bytes and no newline (or the file ends so), [0] at the end of the file. *)
let input_line ic =
  let take n =
    let part = bytes_create n in
    ignore (input_raw ic part 0 n);
    part
  in
  (* [parts]: what was read, last part first; [total]: their length. *)
  let join parts total =
    let line = bytes_create total in
    let rec fill stop = function
      | [] -> line
      | part :: earlier ->
          let n = bytes_length part in
          unsafe_blit part 0 line (stop - n) n;
          fill (stop - n) earlier
    in
    fill total parts
  in
  let rec go parts total =
    let n = input_scan_line ic in
    if n < 0 then go (take (-n) :: parts) (total - n)
    else if n = 0 then
      if total = 0 then raise End_of_file else join parts total
    else begin
      let last = take (n - 1) in
      ignore (input_char ic);
      if total = 0 then last else join (last :: parts) (total + n - 1)
    end
  in
  freeze (go [] 0)

(* Standard channels *)

let print_char c = output_char stdout c
let print_string s = output_string stdout s
let print_bytes b = output_bytes stdout b
let print_int n = print_string (string_of_int n)
let print_float x = print_string (string_of_float x)
let print_newline () = print_char '\n'; flush stdout
let print_endline s = print_string s; print_newline ()

let prerr_char c = output_char stderr c
let prerr_string s = output_string stderr s
let prerr_bytes b = output_bytes stderr b
let prerr_int n = prerr_string (string_of_int n)
let prerr_float x = prerr_string (string_of_float x)
let prerr_newline () = prerr_char '\n'; flush stderr
let prerr_endline s = prerr_string s; prerr_newline ()

let read_line () = flush stdout; input_line stdin
let read_int () = int_of_string (read_line ())
let read_int_opt () = int_of_string_opt (read_line ())
let read_float () = float_of_string (read_line ())
let read_float_opt () = float_of_string_opt (read_line ())

module LargeFile = struct
  external seek_out : out_channel -> int64 -> unit = "caml_ml_seek_out_64"
  external pos_out : out_channel -> int64 = "caml_ml_pos_out_64"
  external out_channel_length : out_channel -> int64
    = "caml_ml_channel_size_64"
  external seek_in : in_channel -> int64 -> unit = "caml_ml_seek_in_64"
  external pos_in : in_channel -> int64 = "caml_ml_pos_in_64"
  external in_channel_length : in_channel -> int64 = "caml_ml_channel_size_64"
end

(* Formats *)

type ('a, 'b, 'c, 'd, 'e, 'f) format6 =
  ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.format6 =
  | Format of ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.fmt * string

type ('a, 'b, 'c, 'd) format4 = ('a, 'b, 'c, 'c, 'c, 'd) format6
type ('a, 'b, 'c) format = ('a, 'b, 'c, 'c) format4

let string_of_format (Format (_, text)) = text

external format_of_string :
  ('a, 'b, 'c, 'd, 'e, 'f) format6 -> ('a, 'b, 'c, 'd, 'e, 'f) format6
  = "%identity"

(* [%,] keeps a conversion at the end of the first text from running into the
   beginning of the second. *)
let ( ^^ ) (Format (left, left_text)) (Format (right, right_text)) =
  Format (CamlinternalFormatBasics.concat_fmt left right,
          left_text ^ "%," ^ right_text)

(* Exit *)

external sys_exit : int -> 'a = "caml_sys_exit"

type 'a atomic
external atomic_make : 'a -> 'a atomic = "%makemutable"
external atomic_get : 'a atomic -> 'a = "%atomic_load"
external atomic_cas : 'a atomic -> 'a -> 'a -> bool = "%atomic_cas"

(* What runs at exit, the function registered last being the first to run.
   Any domain may register. *)
let exit_chain = atomic_make flush_all

let rec at_exit f =
  let earlier = atomic_get exit_chain in
  (* [f] may call [exit], or raise and have the chain run again: it is
     started once at most. *)
  let pending = atomic_make true in
  let run () =
    if atomic_cas pending true false then f ();
    earlier ()
  in
  if not (atomic_cas exit_chain earlier run) then at_exit f

(* Set by [Domain]. *)
let do_domain_local_at_exit = ref (fun () -> ())

let do_at_exit () =
  !do_domain_local_at_exit ();
  (atomic_get exit_chain) ()

let exit code =
  do_at_exit ();
  sys_exit code

let () = register_named_value "Pervasives.do_at_exit" do_at_exit

(* The library.  With [-no-alias-deps] an alias links nothing by itself. *)

module Arg = Stdlib__Arg
module Array = Stdlib__Array
module ArrayLabels = Stdlib__ArrayLabels
module Atomic = Stdlib__Atomic
module Bigarray = Stdlib__Bigarray
module Bool = Stdlib__Bool
module Buffer = Stdlib__Buffer
module Bytes = Stdlib__Bytes
module BytesLabels = Stdlib__BytesLabels
module Callback = Stdlib__Callback
module Char = Stdlib__Char
module Complex = Stdlib__Complex
module Condition = Stdlib__Condition
module Digest = Stdlib__Digest
module Domain = Stdlib__Domain
module Dynarray = Stdlib__Dynarray
module Pqueue = Stdlib__Pqueue
module Effect = Stdlib__Effect
module Either = Stdlib__Either
module Ephemeron = Stdlib__Ephemeron
module Filename = Stdlib__Filename
module Float = Stdlib__Float
module Format = Stdlib__Format
module Fun = Stdlib__Fun
module Gc = Stdlib__Gc
module Hashtbl = Stdlib__Hashtbl
module Iarray = Stdlib__Iarray
module In_channel = Stdlib__In_channel
module Int = Stdlib__Int
module Int32 = Stdlib__Int32
module Int64 = Stdlib__Int64
module Lazy = Stdlib__Lazy
module Lexing = Stdlib__Lexing
module List = Stdlib__List
module ListLabels = Stdlib__ListLabels
module Map = Stdlib__Map
module Marshal = Stdlib__Marshal
module MoreLabels = Stdlib__MoreLabels
module Mutex = Stdlib__Mutex
module Nativeint = Stdlib__Nativeint
module Obj = Stdlib__Obj
module Oo = Stdlib__Oo
module Option = Stdlib__Option
module Out_channel = Stdlib__Out_channel
module Pair = Stdlib__Pair
module Parsing = Stdlib__Parsing
module Printexc = Stdlib__Printexc
module Printf = Stdlib__Printf
module Queue = Stdlib__Queue
module Random = Stdlib__Random
module Result = Stdlib__Result
module Repr = Stdlib__Repr
module Scanf = Stdlib__Scanf
module Semaphore = Stdlib__Semaphore
module Seq = Stdlib__Seq
module Set = Stdlib__Set
module Stack = Stdlib__Stack
module StdLabels = Stdlib__StdLabels
module String = Stdlib__String
module StringLabels = Stdlib__StringLabels
module Sys = Stdlib__Sys
module Type = Stdlib__Type
module Uchar = Stdlib__Uchar
module Unit = Stdlib__Unit
module Weak = Stdlib__Weak
