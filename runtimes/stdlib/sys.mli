(** The system: files, processes, configuration, signals. Functions raise
    [Sys_error] when the system reports an error. *)

(** The command line, the program's name first. *)
external argv : string array = "%sys_argv"

(** The file of the program. *)
val executable_name : string

(** Whether there is a file with that name. *)
external file_exists : string -> bool = "caml_sys_file_exists"

(** Whether it is a directory. Raises [Sys_error] if there is none. *)
external is_directory : string -> bool = "caml_sys_is_directory"

(** Whether it is a regular file. Since 5.1. *)
external is_regular_file : string -> bool = "caml_sys_is_regular_file"

(** Remove a file. *)
external remove : string -> unit = "caml_sys_remove"

(** [rename old new]; replaces [new] if it is a file. *)
external rename : string -> string -> unit = "caml_sys_rename"

(** The value of a variable of the environment. Raises [Not_found]. *)
external getenv : string -> string = "caml_sys_getenv"

(** The same, as an option. Since 4.05. *)
val getenv_opt : string -> string option

(** Run a command of the shell and return its exit code. *)
external command : string -> int = "caml_sys_system_command"

(** Processor time used, in seconds. *)
external time : unit -> (float [@unboxed])
    = "caml_sys_time" "caml_sys_time_unboxed" [@@noalloc]

(** Change the current directory. *)
external chdir : string -> unit = "caml_sys_chdir"

(** Create a directory with permissions. Since 4.12. *)
external mkdir : string -> int -> unit = "caml_sys_mkdir"

(** Remove an empty directory. Since 4.12. *)
external rmdir : string -> unit = "caml_sys_rmdir"

(** The current directory. *)
external getcwd : unit -> string = "caml_sys_getcwd"

(** The names in a directory, without [.] and [..]. *)
external readdir : string -> string array = "caml_sys_read_directory"

(** The size of channels' buffers. Since 5.4. *)
val io_buffer_size : int

(** Whether this is the interactive toplevel. *)
val interactive : bool ref [@@alert unsynchronized_access
    "The interactive status is a mutable global state."]

(** ["Unix"], ["Win32"] or ["Cygwin"]. *)
val os_type : string

(** What runs the program. Since 4.04. *)
type backend_type =
  | Native
  | Bytecode
  | Other of string

(** What runs the program. Since 4.04. *)
val backend_type : backend_type

(** Whether {!os_type} is ["Unix"]. Since 4.01. *)
val unix : bool

(** Whether {!os_type} is ["Win32"]. Since 4.01. *)
val win32 : bool

(** Whether {!os_type} is ["Cygwin"]. Since 4.01. *)
val cygwin : bool

(** Bits of a word. *)
val word_size : int

(** Bits of an [int]. Since 4.03. *)
val int_size : int

(** Whether the processor is big-endian. Since 4.00. *)
val big_endian : bool

(** The greatest length of strings and bytes. *)
val max_string_length : int

(** The greatest length of arrays, other than of floats. *)
val max_array_length : int

(** The greatest length of arrays of floats. *)
val max_floatarray_length : int

(** The suffix of the runtime's name: [""], ["d"], ["i"]. Since 4.03. *)
external runtime_variant : unit -> string = "caml_runtime_variant"

(** The runtime's parameters, in the syntax of [OCAMLRUNPARAM]. Since 4.03. *)
external runtime_parameters : unit -> string = "caml_runtime_parameters"

(** Run pending signal handlers, finalisers and slices of collection. Since
    5.3. *)
external poll_actions : unit -> unit = "%poll"

(** [signal n behavior] sets what a signal does and returns what it did.
    Raises [Invalid_argument], [Sys_error]. Numbers that are negative are
    portable. *)
type signal = int

(** What a signal does. *)
type signal_behavior =
    Signal_default
  | Signal_ignore
  | Signal_handle of (signal -> unit)

(** [signal n behavior] sets what a signal does and returns what it did.
    Raises [Invalid_argument], [Sys_error]. Numbers that are negative are
    portable. *)
external signal : signal -> signal_behavior -> signal_behavior
    = "caml_install_signal_handler"

(** {!signal}, without result. *)
val set_signal : signal -> signal_behavior -> unit

(** Portable numbers of signals. *)
val sigabrt : signal
val sigalrm : signal
val sigfpe : signal
val sighup : signal
val sigill : signal
val sigint : signal
val sigkill : signal
val sigpipe : signal
val sigquit : signal
val sigsegv : signal
val sigterm : signal
val sigusr1 : signal
val sigusr2 : signal
val sigchld : signal
val sigcont : signal
val sigstop : signal
val sigtstp : signal
val sigttin : signal
val sigttou : signal
val sigvtalrm : signal
val sigprof : signal
val sigbus : signal
val sigpoll : signal
val sigsys : signal
val sigtrap : signal
val sigurg : signal
val sigxcpu : signal
val sigxfsz : signal
val sigio : signal
val sigwinch : signal

(** The name of a signal. Since 5.4. *)
val signal_to_string : signal -> string

(** From the system's number. Since 5.4. *)
val signal_of_int : int -> signal

(** To the system's number. Since 5.4. *)
val signal_to_int : signal -> int

(** Raised by an interrupt once {!catch_break} is on. *)
exception Break

(** Whether an interrupt raises {!Break} or ends the program. *)
val catch_break : bool -> unit

(** The version of OCaml. *)
val ocaml_version : string

(** Whether it is not a release. Since 4.14. *)
val development_version : bool

type extra_prefix = Plus | Tilde

type extra_info = extra_prefix * string

type ocaml_release_info = {
  major : int;
  minor : int;
  patchlevel : int;
  extra : extra_info option
}

(** The version, in parts. Since 4.14. *)
val ocaml_release : ocaml_release_info

(** Whether the runtime warns about channels that are not closed. Since 4.03. *)
val enable_runtime_warnings : bool -> unit [@@alert unsynchronized_access
    "The status of runtime warnings is a mutable global state."]
val runtime_warnings_enabled : unit -> bool [@@alert unsynchronized_access
    "The status of runtime warnings is a mutable global state."]

(** The identity, of which the optimiser knows nothing. Since 4.03. *)
external opaque_identity : 'a -> 'a = "%opaque"

(** Types that are immediate on 64-bit platforms. Since 5.1. *)
module Immediate64 : sig
  module type Non_immediate = sig
    type t
  end

  module type Immediate = sig
    type t [@@immediate]
  end

  module Make(Immediate : Immediate)(Non_immediate : Non_immediate) : sig
    type t [@@immediate64]

    type 'a repr =
      | Immediate : Immediate.t repr
      | Non_immediate : Non_immediate.t repr
    val repr : t repr
  end
end
