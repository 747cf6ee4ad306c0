(* System interface: configuration constants, files and processes, signals. *)

type backend_type =
  | Native
  | Bytecode
  | Other of string

(* Configuration.  The [%] primitives are constants of the target, folded by
   the compiler; the others ask the runtime. *)

external argv : string array = "%sys_argv"
external get_executable_name : unit -> string = "caml_sys_executable_name"
external get_config : unit -> string * int * bool = "caml_sys_get_config"
external get_backend_type : unit -> backend_type = "%backend_type"
external get_unix : unit -> bool = "%ostype_unix"
external get_win32 : unit -> bool = "%ostype_win32"
external get_cygwin : unit -> bool = "%ostype_cygwin"
external get_word_size : unit -> int = "%word_size"
external get_int_size : unit -> int = "%int_size"
external get_big_endian : unit -> bool = "%big_endian"
external get_max_wosize : unit -> int = "%max_wosize"
external get_io_buffer_size : unit -> int = "caml_sys_io_buffer_size"

let executable_name = get_executable_name ()
let os_type = let name, _, _ = get_config () in name
let backend_type = get_backend_type ()
let unix = get_unix ()
let win32 = get_win32 ()
let cygwin = get_cygwin ()
let word_size = get_word_size ()
let int_size = get_int_size ()
let big_endian = get_big_endian ()
let io_buffer_size = get_io_buffer_size ()

(* A float takes one word or two, and a string keeps one byte for padding. *)
let max_array_length = get_max_wosize ()
let max_floatarray_length = max_array_length * word_size / 64
let max_string_length = max_array_length * (word_size / 8) - 1

let interactive = ref false

external runtime_variant : unit -> string = "caml_runtime_variant"
external runtime_parameters : unit -> string = "caml_runtime_parameters"
external poll_actions : unit -> unit = "%poll"
external opaque_identity : 'a -> 'a = "%opaque"

external enable_runtime_warnings : bool -> unit
  = "caml_ml_enable_runtime_warnings"
external runtime_warnings_enabled : unit -> bool
  = "caml_ml_runtime_warnings_enabled"

(* Files and processes *)

external file_exists : string -> bool = "caml_sys_file_exists"
external is_directory : string -> bool = "caml_sys_is_directory"
external is_regular_file : string -> bool = "caml_sys_is_regular_file"
external remove : string -> unit = "caml_sys_remove"
external rename : string -> string -> unit = "caml_sys_rename"
external getenv : string -> string = "caml_sys_getenv"
external getenv_opt : string -> string option = "caml_sys_getenv_opt"
external command : string -> int = "caml_sys_system_command"
external time : unit -> (float [@unboxed])
  = "caml_sys_time" "caml_sys_time_unboxed" [@@noalloc]
external chdir : string -> unit = "caml_sys_chdir"
external mkdir : string -> int -> unit = "caml_sys_mkdir"
external rmdir : string -> unit = "caml_sys_rmdir"
external getcwd : unit -> string = "caml_sys_getcwd"
external readdir : string -> string array = "caml_sys_read_directory"

(* Signals.  The numbers below are portable; the runtime translates them. *)

type signal = int

type signal_behavior =
    Signal_default
  | Signal_ignore
  | Signal_handle of (signal -> unit)

external signal : signal -> signal_behavior -> signal_behavior
  = "caml_install_signal_handler"

let set_signal number behavior = ignore (signal number behavior)

let sigabrt = -1
let sigalrm = -2
let sigfpe = -3
let sighup = -4
let sigill = -5
let sigint = -6
let sigkill = -7
let sigpipe = -8
let sigquit = -9
let sigsegv = -10
let sigterm = -11
let sigusr1 = -12
let sigusr2 = -13
let sigchld = -14
let sigcont = -15
let sigstop = -16
let sigtstp = -17
let sigttin = -18
let sigttou = -19
let sigvtalrm = -20
let sigprof = -21
let sigbus = -22
let sigpoll = -23
let sigsys = -24
let sigtrap = -25
let sigurg = -26
let sigxcpu = -27
let sigxfsz = -28
let sigio = -29
let sigwinch = -30

let signal_to_string = function
  | -1 -> "SIGABRT"
  | -2 -> "SIGALRM"
  | -3 -> "SIGFPE"
  | -4 -> "SIGHUP"
  | -5 -> "SIGILL"
  | -6 -> "SIGINT"
  | -7 -> "SIGKILL"
  | -8 -> "SIGPIPE"
  | -9 -> "SIGQUIT"
  | -10 -> "SIGSEGV"
  | -11 -> "SIGTERM"
  | -12 -> "SIGUSR1"
  | -13 -> "SIGUSR2"
  | -14 -> "SIGCHLD"
  | -15 -> "SIGCONT"
  | -16 -> "SIGSTOP"
  | -17 -> "SIGTSTP"
  | -18 -> "SIGTTIN"
  | -19 -> "SIGTTOU"
  | -20 -> "SIGVTALRM"
  | -21 -> "SIGPROF"
  | -22 -> "SIGBUS"
  | -23 -> "SIGPOLL"
  | -24 -> "SIGSYS"
  | -25 -> "SIGTRAP"
  | -26 -> "SIGURG"
  | -27 -> "SIGXCPU"
  | -28 -> "SIGXFSZ"
  | -29 -> "SIGIO"
  | -30 -> "SIGWINCH"
  | n when n < sigwinch -> invalid_arg "Sys.signal_to_string"
  | n -> "SIG(" ^ string_of_int n ^ ")"

external signal_of_system : int -> int = "caml_sys_rev_convert_signal_number"
external signal_to_system : int -> int = "caml_sys_convert_signal_number"

let signal_of_int n =
  if n < 0 then invalid_arg "Sys.signal_of_int" else signal_of_system n

let signal_to_int n =
  if n < sigwinch then invalid_arg "Sys.signal_to_int" else signal_to_system n

exception Break

let catch_break on =
  set_signal sigint
    (if on then Signal_handle (fun _ -> raise Break) else Signal_default)

(* Version *)

type extra_prefix = Plus | Tilde
type extra_info = extra_prefix * string

type ocaml_release_info = {
  major : int;
  minor : int;
  patchlevel : int;
  extra : extra_info option
}

let ocaml_version = "5.4.1"
let development_version = false
let ocaml_release = { major = 5; minor = 4; patchlevel = 1; extra = None }

module Immediate64 = struct
  module type Non_immediate = sig type t end
  module type Immediate = sig type t [@@immediate] end

  module Make (Immediate : Immediate) (Non_immediate : Non_immediate) = struct
    type t [@@immediate64]

    type 'a repr =
      | Immediate : Immediate.t repr
      | Non_immediate : Non_immediate.t repr

    external assume : _ repr -> t repr = "%identity"

    let repr =
      if word_size = 64 then assume Immediate else assume Non_immediate
  end
end
