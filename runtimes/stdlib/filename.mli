(** File names, according to the system's conventions. *)

(** The current directory, ["."]. *)
val current_dir_name : string

(** Its parent, [".."]. *)
val parent_dir_name : string

(** What separates directories. Since 3.11. *)
val dir_sep : string

(** A file in a directory. *)
val concat : string -> string -> string

(** Whether it is relative to the current directory. *)
val is_relative : string -> bool

(** Whether it is relative and does not say so by its first part. *)
val is_implicit : string -> bool

(** Whether it ends so. *)
val check_suffix : string -> string -> bool

(** Without the suffix. Raises [Invalid_argument]. *)
val chop_suffix : string -> string -> string

(** The same, as an option. Since 4.08. *)
val chop_suffix_opt : suffix:string -> string -> string option

(** The shortest suffix of the base name that begins with a dot, and is not
    all that follows leading dots. Since 4.04. *)
val extension : string -> string

(** Without it. Since 4.04. *)
val remove_extension : string -> string

(** Without it. Raises [Invalid_argument] if there is none. *)
val chop_extension : string -> string

(** The last part. *)
val basename : string -> string

(** What is before it. *)
val dirname : string -> string

(** A file that is always empty. Since 4.10. *)
val null : string

(** Create an empty file with a fresh name. Raises [Sys_error]. *)
val temp_file : ?temp_dir: string -> string -> string -> string

(** The same, open. *)
val open_temp_file : ?mode: open_flag list -> ?perms: int ->
    ?temp_dir: string -> string -> string -> string * out_channel

(** Create a directory with a fresh name. Since 5.1. *)
val temp_dir : ?temp_dir: string -> ?perms:int -> string -> string -> string

(** Where these are by default. Since 4.00. *)
val get_temp_dir_name : unit -> string

(** Change that, for the current domain. Since 4.00. *)
val set_temp_dir_name : string -> unit

(** Quote for the shell. *)
val quote : string -> string

(** A command line for {!Sys.command}, with redirections. Raises [Failure] for
    what cannot be quoted. Since 4.10. *)
val quote_command : string -> ?stdin:string -> ?stdout:string ->
    ?stderr:string -> string list -> string
