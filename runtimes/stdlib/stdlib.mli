(** The initial module, opened in every compilation unit: what a program can
    use without naming a module. The modules of the standard library are its
    submodules. *)

(** Raise an exception. *)
external raise : exn -> 'a = "%raise"

(** Like {!raise}, without recording the backtrace: faster where exceptions
    are control flow. *)
external raise_notrace : exn -> 'a = "%raise_notrace"

(** Raise [Invalid_argument] with the given text. *)
val invalid_arg : string -> 'a

(** Raise [Failure] with the given text. *)
val failwith : string -> 'a

(** For programs' own use: nothing in the library raises it. *)
exception Exit

(** No case of a pattern matching applies. Arguments: file, line, column. *)
exception Match_failure of (string * int * int)
  [@ocaml.warn_on_literal_pattern]

(** An [assert] failed. Arguments: file, line, column. *)
exception Assert_failure of (string * int * int)
  [@ocaml.warn_on_literal_pattern]

(** A function was given arguments that make no sense. *)
exception Invalid_argument of string
  [@ocaml.warn_on_literal_pattern]

(** A function is not defined on its arguments. *)
exception Failure of string
  [@ocaml.warn_on_literal_pattern]

(** A search found nothing. *)
exception Not_found

(** The heap cannot grow. *)
exception Out_of_memory

(** The stack cannot grow. *)
exception Stack_overflow

(** The system reported an error, described by the argument. *)
exception Sys_error of string
  [@ocaml.warn_on_literal_pattern]

(** The end of a file came too early. *)
exception End_of_file

(** An integer division by zero. *)
exception Division_by_zero

(** An operation would block on a channel that is in non-blocking mode. *)
exception Sys_blocked_io

(** A recursive module was used before it was initialised. *)
exception Undefined_recursive_module of (string * int * int)
  [@ocaml.warn_on_literal_pattern]

(** Structural equality. Raises [Invalid_argument] on functions; may loop on
    cyclic values. [nan] is not equal to itself. *)
external ( = ) : 'a -> 'a -> bool = "%equal"

(** The negation of [( = )]. *)
external ( <> ) : 'a -> 'a -> bool = "%notequal"

(** Structural ordering, compatible with {!compare} except on [nan]. *)
external ( < ) : 'a -> 'a -> bool = "%lessthan"

(** See [( < )]. *)
external ( > ) : 'a -> 'a -> bool = "%greaterthan"

(** See [( < )]. *)
external ( <= ) : 'a -> 'a -> bool = "%lessequal"

(** See [( < )]. *)
external ( >= ) : 'a -> 'a -> bool = "%greaterequal"

(** A total order on values of one type: negative, zero or positive. [nan] is
    equal to itself and less than other floats. Raises [Invalid_argument] on
    functions. *)
external compare : 'a -> 'a -> int = "%compare"

(** The smaller argument; the first if they are equal. *)
val min : 'a -> 'a -> 'a

(** The greater argument; the first if they are equal. *)
val max : 'a -> 'a -> 'a

(** Physical equality: the same integer or the same block. *)
external ( == ) : 'a -> 'a -> bool = "%eq"

(** The negation of [( == )]. *)
external ( != ) : 'a -> 'a -> bool = "%noteq"

(** Negation. *)
external not : bool -> bool = "%boolnot"

(** And: the right operand is evaluated only if the left one is true. *)
external ( && ) : bool -> bool -> bool = "%sequand"

(** Or: the right operand is evaluated only if the left one is false. *)
external ( || ) : bool -> bool -> bool = "%sequor"

(** Where it stands in the source, as printed in error messages. *)
external __LOC__ : string = "%loc_LOC"

(** The name of the file it stands in. *)
external __FILE__ : string = "%loc_FILE"

(** The line it stands on. *)
external __LINE__ : int = "%loc_LINE"

(** The module it stands in. *)
external __MODULE__ : string = "%loc_MODULE"

(** File, line, first and last column of where it stands. *)
external __POS__ : string * int * int * int = "%loc_POS"

(** The function it stands in, with its modules. Since 4.12. *)
external __FUNCTION__ : string = "%loc_FUNCTION"

(** The location of an expression, with its value. *)
external __LOC_OF__ : 'a -> string * 'a = "%loc_LOC"

(** The line of an expression, with its value. *)
external __LINE_OF__ : 'a -> int * 'a = "%loc_LINE"

(** The position of an expression, with its value. *)
external __POS_OF__ : 'a -> (string * int * int * int) * 'a = "%loc_POS"

(** Reverse application: [x |> f] is [f x]. *)
external ( |> ) : 'a -> ('a -> 'b) -> 'b = "%revapply"

(** Application: [f @@ x] is [f x], with a low priority. *)
external ( @@ ) : ('a -> 'b) -> 'a -> 'b = "%apply"

(** Negation of integers. Integers have {!Sys.int_size} bits; all operations
    are modulo that. *)
external ( ~- ) : int -> int = "%negint"

(** The identity on integers. *)
external ( ~+ ) : int -> int = "%identity"

(** The integer plus one. *)
external succ : int -> int = "%succint"

(** The integer minus one. *)
external pred : int -> int = "%predint"

(** Addition. *)
external ( + ) : int -> int -> int = "%addint"

(** Subtraction. *)
external ( - ) : int -> int -> int = "%subint"

(** Multiplication. *)
external ( * ) : int -> int -> int = "%mulint"

(** Division, rounded towards zero. Raises [Division_by_zero]. *)
external ( / ) : int -> int -> int = "%divint"

(** Remainder, with the sign of the dividend. Raises [Division_by_zero]. *)
external ( mod ) : int -> int -> int = "%modint"

(** Absolute value; that of {!min_int} is itself. *)
val abs : int -> int

(** The greatest integer. *)
val max_int : int

(** The least integer. *)
val min_int : int

(** Bitwise and. *)
external ( land ) : int -> int -> int = "%andint"

(** Bitwise or. *)
external ( lor ) : int -> int -> int = "%orint"

(** Bitwise exclusive or. *)
external ( lxor ) : int -> int -> int = "%xorint"

(** Bitwise negation. *)
val lnot : int -> int

(** Shift to the left. Like the other shifts, unspecified unless the count is
    between 0 and {!Sys.int_size}. *)
external ( lsl ) : int -> int -> int = "%lslint"

(** Shift to the right, inserting zeros. *)
external ( lsr ) : int -> int -> int = "%lsrint"

(** Shift to the right, keeping the sign. *)
external ( asr ) : int -> int -> int = "%asrint"

(** Negation of floats. Floats are IEEE 754 doubles; no operation on them
    raises. *)
external ( ~-. ) : float -> float = "%negfloat"

(** The identity on floats. *)
external ( ~+. ) : float -> float = "%identity"

(** Addition of floats. *)
external ( +. ) : float -> float -> float = "%addfloat"

(** Subtraction of floats. *)
external ( -. ) : float -> float -> float = "%subfloat"

(** Multiplication of floats. *)
external ( *. ) : float -> float -> float = "%mulfloat"

(** Division of floats. *)
external ( /. ) : float -> float -> float = "%divfloat"

(** Power. *)
external ( ** ) : float -> float -> float = "caml_power_float" "pow" [@@unboxed]
  [@@noalloc]

(** Square root. *)
external sqrt : float -> float = "caml_sqrt_float" "sqrt" [@@unboxed]
  [@@noalloc]

(** Exponential. *)
external exp : float -> float = "caml_exp_float" "exp" [@@unboxed] [@@noalloc]

(** Natural logarithm. *)
external log : float -> float = "caml_log_float" "log" [@@unboxed] [@@noalloc]

(** Logarithm to base 10. *)
external log10 : float -> float = "caml_log10_float" "log10" [@@unboxed]
  [@@noalloc]

(** [exp x -. 1.], exact for small [x]. *)
external expm1 : float -> float = "caml_expm1_float" "caml_expm1" [@@unboxed]
  [@@noalloc]

(** [log (1. +. x)], exact for small [x]. *)
external log1p : float -> float = "caml_log1p_float" "caml_log1p" [@@unboxed]
  [@@noalloc]

(** Cosine; angles are in radians. *)
external cos : float -> float = "caml_cos_float" "cos" [@@unboxed] [@@noalloc]

(** Sine. *)
external sin : float -> float = "caml_sin_float" "sin" [@@unboxed] [@@noalloc]

(** Tangent. *)
external tan : float -> float = "caml_tan_float" "tan" [@@unboxed] [@@noalloc]

(** Arc cosine, in [[0; pi]]. *)
external acos : float -> float = "caml_acos_float" "acos" [@@unboxed]
  [@@noalloc]

(** Arc sine, in [[-pi/2; pi/2]]. *)
external asin : float -> float = "caml_asin_float" "asin" [@@unboxed]
  [@@noalloc]

(** Arc tangent, in [[-pi/2; pi/2]]. *)
external atan : float -> float = "caml_atan_float" "atan" [@@unboxed]
  [@@noalloc]

(** [atan2 y x]: the angle of the point [(x, y)], in [[-pi; pi]]. *)
external atan2 : float -> float -> float = "caml_atan2_float" "atan2"
  [@@unboxed] [@@noalloc]

(** [hypot x y]: [sqrt (x *. x +. y *. y)] without overflow in between. *)
external hypot : float -> float -> float = "caml_hypot_float" "caml_hypot"
  [@@unboxed] [@@noalloc]

(** Hyperbolic cosine. *)
external cosh : float -> float = "caml_cosh_float" "cosh" [@@unboxed]
  [@@noalloc]

(** Hyperbolic sine. *)
external sinh : float -> float = "caml_sinh_float" "sinh" [@@unboxed]
  [@@noalloc]

(** Hyperbolic tangent. *)
external tanh : float -> float = "caml_tanh_float" "tanh" [@@unboxed]
  [@@noalloc]

(** Inverse of {!cosh}. Since 4.13. *)
external acosh : float -> float = "caml_acosh_float" "caml_acosh" [@@unboxed]
  [@@noalloc]

(** Inverse of {!sinh}. Since 4.13. *)
external asinh : float -> float = "caml_asinh_float" "caml_asinh" [@@unboxed]
  [@@noalloc]

(** Inverse of {!tanh}. Since 4.13. *)
external atanh : float -> float = "caml_atanh_float" "caml_atanh" [@@unboxed]
  [@@noalloc]

(** The least integral float that is not less. *)
external ceil : float -> float = "caml_ceil_float" "ceil" [@@unboxed]
  [@@noalloc]

(** The greatest integral float that is not greater. *)
external floor : float -> float = "caml_floor_float" "floor" [@@unboxed]
  [@@noalloc]

(** Absolute value. *)
external abs_float : float -> float = "%absfloat"

(** The absolute value of the first argument with the sign of the second. *)
external copysign : float -> float -> float
    = "caml_copysign_float" "caml_copysign" [@@unboxed] [@@noalloc]

(** Remainder of the division rounded towards zero. *)
external mod_float : float -> float -> float = "caml_fmod_float" "fmod"
  [@@unboxed] [@@noalloc]

(** Mantissa, between 0.5 and 1, and exponent. *)
external frexp : float -> float * int = "caml_frexp_float"

(** [ldexp x n] is [x *. 2 ** n]. *)
external ldexp : (float [@unboxed]) -> (int [@untagged]) -> (float [@unboxed])
    = "caml_ldexp_float" "caml_ldexp_float_unboxed" [@@noalloc]

(** Fractional and integral part. *)
external modf : float -> float * float = "caml_modf_float"

(** Same as {!float_of_int}. *)
external float : int -> float = "%floatofint"

(** The float nearest to an integer. *)
external float_of_int : int -> float = "%floatofint"

(** Same as {!int_of_float}. *)
external truncate : float -> int = "%intoffloat"

(** Round towards zero. Unspecified on [nan] and out of range. *)
external int_of_float : float -> int = "%intoffloat"

(** Positive infinity. *)
val infinity : float

(** Negative infinity. *)
val neg_infinity : float

(** A quiet "not a number". *)
val nan : float

(** The greatest finite float. *)
val max_float : float

(** The least positive normalised float. *)
val min_float : float

(** The difference between 1.0 and the next float. *)
val epsilon_float : float

(** Kinds of floats. *)
type fpclass =
    FP_normal
  | FP_subnormal
  | FP_zero
  | FP_infinite
  | FP_nan

(** The kind of a float. *)
external classify_float : (float [@unboxed]) -> fpclass
    = "caml_classify_float" "caml_classify_float_unboxed" [@@noalloc]

(** Concatenation of strings. *)
val ( ^ ) : string -> string -> string

(** The code of a character. *)
external int_of_char : char -> int = "%identity"

(** The character with a code. Raises [Invalid_argument] unless it is between
    0 and 255. *)
val char_of_int : int -> char

(** Discard a value. *)
external ignore : 'a -> unit = "%ignore"

(** ["true"] or ["false"]. *)
val string_of_bool : bool -> string

(** Inverse of {!string_of_bool}. Since 4.05. *)
val bool_of_string_opt : string -> bool option

(** Inverse of {!string_of_bool}. Raises [Invalid_argument]. *)
val bool_of_string : string -> bool

(** Decimal representation. *)
val string_of_int : int -> string

(** Like {!int_of_string}, with [None] instead of an exception. Since 4.05. *)
val int_of_string_opt : string -> int option

(** Read a decimal, [0x], [0o], [0b] or [0u] literal. Raises [Failure]. *)
external int_of_string : string -> int = "caml_int_of_string"

(** A representation with up to 12 significant digits. *)
val string_of_float : float -> string

(** Like {!float_of_string}, with [None] instead of an exception. Since 4.05. *)
val float_of_string_opt : string -> float option

(** Read a decimal or hexadecimal literal. Raises [Failure]. *)
external float_of_string : string -> float = "caml_float_of_string"

(** First component. *)
external fst : 'a * 'b -> 'a = "%field0"

(** Second component. *)
external snd : 'a * 'b -> 'b = "%field1"

(** Concatenation of lists: time proportional to the first, constant stack. *)
val ( @ ) : 'a list -> 'a list -> 'a list

(** A buffered source of bytes. *)
type in_channel

(** A buffered sink of bytes. *)
type out_channel

(** Standard input. *)
val stdin : in_channel

(** Standard output. *)
val stdout : out_channel

(** Standard error. *)
val stderr : out_channel

(** Print on standard output. *)
val print_char : char -> unit
val print_string : string -> unit
val print_bytes : bytes -> unit
val print_int : int -> unit
val print_float : float -> unit

(** Print a line on standard output and flush it. *)
val print_endline : string -> unit

(** End the line on standard output and flush it. *)
val print_newline : unit -> unit

(** Print on standard error. *)
val prerr_char : char -> unit
val prerr_string : string -> unit
val prerr_bytes : bytes -> unit
val prerr_int : int -> unit
val prerr_float : float -> unit

(** Print a line on standard error and flush it. *)
val prerr_endline : string -> unit

(** End the line on standard error and flush it. *)
val prerr_newline : unit -> unit

(** Flush standard output and read a line of standard input, without its end.
    Raises [End_of_file]. *)
val read_line : unit -> string

(** Read a line and convert it. Since 4.05. *)
val read_int_opt : unit -> int option

(** Read a line and convert it. Raises [Failure]. *)
val read_int : unit -> int

(** Read a line and convert it. Since 4.05. *)
val read_float_opt : unit -> float option

(** Read a line and convert it. Raises [Failure]. *)
val read_float : unit -> float

(** Ways to open a file: for reading or writing, at the end, created if
    absent, emptied, refused if present, without or with conversion of line
    ends, non-blocking. *)
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

(** Open a file for writing, emptied or created. Raises [Sys_error]. *)
val open_out : string -> out_channel

(** The same without conversion of line ends. *)
val open_out_bin : string -> out_channel

(** The same with flags and permissions. *)
val open_out_gen : open_flag list -> int -> string -> out_channel

(** Write what is in the buffer. *)
val flush : out_channel -> unit

(** Flush every open output channel, ignoring errors. *)
val flush_all : unit -> unit

(** Write a character. Raises [Sys_error], as all output does. *)
val output_char : out_channel -> char -> unit

(** Write a string. *)
val output_string : out_channel -> string -> unit

(** Write a sequence of bytes. *)
val output_bytes : out_channel -> bytes -> unit

(** [output oc b pos len] writes a part of [b]. Raises [Invalid_argument] if
    it is out of bounds. *)
val output : out_channel -> bytes -> int -> int -> unit

(** The same for a string. Since 4.02. *)
val output_substring : out_channel -> string -> int -> int -> unit

(** Write the byte with the given code, modulo 256. *)
val output_byte : out_channel -> int -> unit

(** Write 4 bytes, most significant first. *)
val output_binary_int : out_channel -> int -> unit

(** Write the marshaled representation of a value. *)
val output_value : out_channel -> 'a -> unit

(** Set the position. Works on regular files. *)
val seek_out : out_channel -> int -> unit

(** The current position. *)
val pos_out : out_channel -> int

(** The size of the file. *)
val out_channel_length : out_channel -> int

(** Flush and close. Closing again does nothing. *)
val close_out : out_channel -> unit

(** The same, ignoring errors. *)
val close_out_noerr : out_channel -> unit

(** Switch the conversion of line ends off or on. It does nothing on Unix. *)
val set_binary_mode_out : out_channel -> bool -> unit

(** Open a file for reading. Raises [Sys_error]. *)
val open_in : string -> in_channel

(** The same without conversion of line ends. *)
val open_in_bin : string -> in_channel

(** The same with flags and permissions. *)
val open_in_gen : open_flag list -> int -> string -> in_channel

(** Read a character. Raises [End_of_file]. *)
val input_char : in_channel -> char

(** Read up to the end of the line, which is dropped. Raises [End_of_file]
    when nothing is left. *)
val input_line : in_channel -> string

(** [input ic b pos len] reads at most [len] bytes into [b] and returns how
    many, 0 at the end of the file only. Raises [Invalid_argument] if the part
    is out of bounds. *)
val input : in_channel -> bytes -> int -> int -> int

(** Read exactly [len] bytes. Raises [End_of_file], [Invalid_argument]. *)
val really_input : in_channel -> bytes -> int -> int -> unit

(** The same to a new string. Since 4.02. *)
val really_input_string : in_channel -> int -> string

(** Read a byte as its code. Raises [End_of_file]. *)
val input_byte : in_channel -> int

(** Read what {!output_binary_int} wrote. Raises [End_of_file]. *)
val input_binary_int : in_channel -> int

(** Read a marshaled value. Its type is not checked. *)
val input_value : in_channel -> 'a

(** Set the position. Works on regular files. *)
val seek_in : in_channel -> int -> unit

(** The current position. *)
val pos_in : in_channel -> int

(** The size of the file. *)
val in_channel_length : in_channel -> int

(** Close. Closing again does nothing. *)
val close_in : in_channel -> unit

(** The same, ignoring errors. *)
val close_in_noerr : in_channel -> unit

(** Switch the conversion of line ends off or on. It does nothing on Unix. *)
val set_binary_mode_in : in_channel -> bool -> unit

(** Positions and sizes beyond the range of [int]. *)
module LargeFile :
  sig
    val seek_out : out_channel -> int64 -> unit
    val pos_out : out_channel -> int64
    val out_channel_length : out_channel -> int64
    val seek_in : in_channel -> int64 -> unit
    val pos_in : in_channel -> int64
    val in_channel_length : in_channel -> int64
  end

(** References: mutable cells. *)
type 'a ref = { mutable contents : 'a }

(** References: mutable cells. *)
external ref : 'a -> 'a ref = "%makemutable"

(** The contents. *)
external ( ! ) : 'a ref -> 'a = "%field0"

(** Change the contents. *)
external ( := ) : 'a ref -> 'a -> unit = "%setfield0"

(** Add one. *)
external incr : int ref -> unit = "%incr"

(** Subtract one. *)
external decr : int ref -> unit = "%decr"

(** A result or an error. Since 4.03. *)
type ('a,'b) result = Ok of 'a | Error of 'b

(** Formats: ['a] is the type of the function that takes the arguments, ['b]
    that of the channel, ['c] the result of [%a] printers, ['d] and ['e] the
    readers before and after, ['f] the result. *)
type ('a, 'b, 'c, 'd, 'e, 'f) format6 =
  ('a, 'b, 'c, 'd, 'e, 'f) CamlinternalFormatBasics.format6

(** A format without readers. *)
type ('a, 'b, 'c, 'd) format4 = ('a, 'b, 'c, 'c, 'c, 'd) format6

(** A format whose printers and result have one type. *)
type ('a, 'b, 'c) format = ('a, 'b, 'c, 'c) format4

(** The text of a format. *)
val string_of_format : ('a, 'b, 'c, 'd, 'e, 'f) format6 -> string

(** Give a literal the type of a format. *)
external format_of_string : ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    ('a, 'b, 'c, 'd, 'e, 'f) format6 = "%identity"

(** Concatenation of formats. *)
val ( ^^ ) : ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    ('f, 'b, 'c, 'e, 'g, 'h) format6 -> ('a, 'b, 'c, 'd, 'g, 'h) format6

(** Run the functions of {!at_exit}, flush the channels and end the process
    with a code. *)
val exit : int -> 'a

(** Register a function to run when the program ends; the last registered runs
    first. *)
val at_exit : (unit -> unit) -> unit

(** For the library: add a point to what would read back as an integer. *)
val valid_float_lexem : string -> string

(** For the library: {!really_input} without checks. *)
val unsafe_really_input : in_channel -> bytes -> int -> int -> unit

(** For the library: run what {!at_exit} registered. *)
val do_at_exit : unit -> unit

(** For the library: what each domain runs at its end. *)
val do_domain_local_at_exit : (unit -> unit) ref

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
[@@alert "-unstable"]
[@@alert unstable
    "The Domain interface may change in incompatible ways in the future."
]

module Dynarray = Stdlib__Dynarray

module Pqueue = Stdlib__Pqueue

module Effect = Stdlib__Effect
[@@alert "-unstable"]
[@@alert unstable
    "The Effect interface may change in incompatible ways in the future."
]

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
