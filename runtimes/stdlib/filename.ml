(* File names.  What depends on the system is in one module per system, chosen
   when the program starts. *)

module type System = sig
  val null : string
  val current_dir_name : string
  val parent_dir_name : string
  val dir_sep : string
  val is_dir_sep : string -> int -> bool
  val is_relative : string -> bool
  val is_implicit : string -> bool
  val check_suffix : string -> string -> bool
  val chop_suffix_opt : suffix:string -> string -> string option
  val temp_dir_name : string
  val quote : string -> string
  val quote_command :
    string -> ?stdin:string -> ?stdout:string -> ?stderr:string ->
    string list -> string
  val basename : string -> string
  val dirname : string -> string
end

let starts_with_any prefixes name =
  List.exists (fun prefix -> String.starts_with ~prefix name) prefixes

let chop name suffix =
  String.sub name 0 (String.length name - String.length suffix)

(* Base and directory names.  [last accept i]: the index of the last character
   at or before [i] that [accept] accepts, -1 if there is none. *)

let rec last accept i = if i < 0 || accept i then i else last accept (i - 1)

let generic_basename is_dir_sep current name =
  if name = "" then current
  else begin
    let sep i = is_dir_sep name i in
    match last (fun i -> not (sep i)) (String.length name - 1) with
    | -1 -> String.sub name 0 1
    | stop ->
        let start = last sep stop + 1 in
        String.sub name start (stop + 1 - start)
  end

let generic_dirname is_dir_sep current name =
  let sep i = is_dir_sep name i in
  let not_sep i = not (sep i) in
  if name = "" then current
  else
    match last not_sep (String.length name - 1) with
    | -1 -> String.sub name 0 1
    | stop ->
        match last sep stop with
        | -1 -> current
        | stop ->
            match last not_sep stop with
            | -1 -> String.sub name 0 1
            | stop -> String.sub name 0 (stop + 1)

(* Redirections, given how a file name is quoted. *)
let redirections quote stdin stdout stderr =
  let redirect operator = function
    | None -> ""
    | Some file -> operator ^ quote file
  in
  redirect " <" stdin
  ^ redirect " >" stdout
  ^ (if stderr <> None && stderr = stdout then " 2>&1"
     else redirect " 2>" stderr)

module Unix : System = struct
  let null = "/dev/null"
  let current_dir_name = "."
  let parent_dir_name = ".."
  let dir_sep = "/"
  let is_dir_sep name i = name.[i] = '/'
  let is_relative name = not (String.starts_with ~prefix:"/" name)

  let is_implicit name =
    is_relative name && not (starts_with_any ["./"; "../"] name)

  let check_suffix name suffix = String.ends_with ~suffix name

  let chop_suffix_opt ~suffix name =
    if check_suffix name suffix then Some (chop name suffix) else None

  let temp_dir_name = Option.value (Sys.getenv_opt "TMPDIR") ~default:"/tmp"

  (* Within single quotes only the single quote has to be escaped. *)
  let quote s = "'" ^ String.concat "'\\''" (String.split_on_char '\'' s) ^ "'"

  let quote_command command ?stdin ?stdout ?stderr arguments =
    String.concat " " (List.map quote (command :: arguments))
    ^ redirections quote stdin stdout stderr

  let basename = generic_basename is_dir_sep current_dir_name
  let dirname = generic_dirname is_dir_sep current_dir_name
end

module Win32 : System = struct
  let null = "NUL"
  let current_dir_name = "."
  let parent_dir_name = ".."
  let dir_sep = "\\"

  let is_dir_sep name i =
    match name.[i] with '/' | '\\' | ':' -> true | _ -> false

  let is_relative name =
    not (starts_with_any ["/"; "\\"] name)
    && not (String.length name >= 2 && name.[1] = ':')

  let is_implicit name =
    is_relative name
    && not (starts_with_any ["./"; ".\\"; "../"; "..\\"] name)

  let check_suffix name suffix =
    String.ends_with ~suffix:(String.lowercase_ascii suffix)
      (String.lowercase_ascii name)

  let chop_suffix_opt ~suffix name =
    if check_suffix name suffix then Some (chop name suffix) else None

  external get_temp_dir_name : unit -> string = "caml_sys_temp_dir_name"
  let temp_dir_name = get_temp_dir_name ()

  (* The rules by which C programs split their command line: backslashes are
     doubled where a double quote follows them, and the quote is escaped. *)
  let quote s =
    let b = Buffer.create (String.length s + 20) in
    let add_backslashes n = Buffer.add_string b (String.make n '\\') in
    let pending = ref 0 in
    Buffer.add_char b '"';
    String.iter
      (function
        | '\\' -> incr pending
        | '"' ->
            add_backslashes (2 * !pending + 1);
            pending := 0;
            Buffer.add_char b '"'
        | c ->
            add_backslashes !pending;
            pending := 0;
            Buffer.add_char b c)
      s;
    (* After the closing quote the last ones need no doubling. *)
    Buffer.add_char b '"';
    add_backslashes !pending;
    Buffer.contents b

  (* cmd.exe interprets the line before the program's own rules apply: its
     special characters get a caret. *)
  let escape_for_cmd s =
    let b = Buffer.create (String.length s + 20) in
    String.iter
      (fun c ->
        (match c with
         | '(' | ')' | '!' | '^' | '%' | '"' | '<' | '>' | '&' | '|' ->
             Buffer.add_char b '^'
         | _ -> ());
        Buffer.add_char b c)
      s;
    Buffer.contents b

  (* The command and the files of redirections are read by cmd.exe alone, for
     which a slash begins an option. *)
  let quote_file_for_cmd file =
    let file = String.map (function '/' -> '\\' | c -> c) file in
    if String.contains file '"' || String.contains file '%' then
      failwith ("Filename.quote_command: bad file name " ^ file)
    else if String.contains file ' ' then "\"" ^ file ^ "\""
    else file

  (* cmd.exe strips the outer quotes, and only those. *)
  let quote_command command ?stdin ?stdout ?stderr arguments =
    let arguments = String.concat " " (List.map quote arguments) in
    "\"" ^ quote_file_for_cmd command ^ " " ^ escape_for_cmd arguments
    ^ redirections quote_file_for_cmd stdin stdout stderr ^ "\""

  let split_drive name =
    let is_letter = function 'A' .. 'Z' | 'a' .. 'z' -> true | _ -> false in
    if String.length name >= 2 && is_letter name.[0] && name.[1] = ':' then
      (String.sub name 0 2, String.sub name 2 (String.length name - 2))
    else ("", name)

  let basename name =
    let _, path = split_drive name in
    generic_basename is_dir_sep current_dir_name path

  let dirname name =
    let drive, path = split_drive name in
    drive ^ generic_dirname is_dir_sep current_dir_name path
end

(* Windows' names with a Unix shell and separator. *)
module Cygwin : System = struct
  include Unix

  let is_dir_sep = Win32.is_dir_sep
  let is_relative = Win32.is_relative
  let is_implicit = Win32.is_implicit
  let check_suffix = Win32.check_suffix
  let chop_suffix_opt = Win32.chop_suffix_opt
  let basename = generic_basename is_dir_sep current_dir_name
  let dirname = generic_dirname is_dir_sep current_dir_name
end

include
  (val match Sys.os_type with
       | "Win32" -> (module Win32 : System)
       | "Cygwin" -> (module Cygwin : System)
       | _ -> (module Unix : System))

let concat dir name =
  let len = String.length dir in
  if len = 0 || is_dir_sep dir (len - 1) then dir ^ name
  else dir ^ dir_sep ^ name

let chop_suffix name suffix =
  if check_suffix name suffix then chop name suffix
  else invalid_arg "Filename.chop_suffix"

(* Extensions.  A dot begins one unless there are only dots between it and the
   beginning of the base name. *)
let extension_start name =
  let stop = String.length name in
  let rec only_dots i =
    i < 0 || is_dir_sep name i || (name.[i] = '.' && only_dots (i - 1))
  in
  let rec search i =
    if i < 0 || is_dir_sep name i then stop
    else if name.[i] <> '.' then search (i - 1)
    else if only_dots (i - 1) then stop
    else i
  in
  search (stop - 1)

let remove_extension name = String.sub name 0 (extension_start name)

let extension name =
  let start = extension_start name in
  String.sub name start (String.length name - start)

let chop_extension name =
  if extension name = "" then invalid_arg "Filename.chop_extension"
  else remove_extension name

(* Temporary files *)

external open_desc : string -> open_flag list -> int -> int = "caml_sys_open"
external close_desc : int -> unit = "caml_sys_close"

let random_state = Domain.DLS.new_key Random.State.make_self_init

let default_temp_dir =
  Domain.DLS.new_key ~split_from_parent:Fun.id (fun () -> temp_dir_name)

let set_temp_dir_name dir = Domain.DLS.set default_temp_dir dir
let get_temp_dir_name () = Domain.DLS.get default_temp_dir

(* Pass fresh names to [create] until it succeeds, 21 times at most. *)
let with_fresh_name temp_dir prefix suffix create =
  let dir =
    match temp_dir with Some dir -> dir | None -> get_temp_dir_name ()
  in
  let rec attempt failures =
    let bits = Random.State.bits (Domain.DLS.get random_state) in
    let name = Printf.sprintf "%s%06x%s" prefix (bits land 0xFFFFFF) suffix in
    let path = concat dir name in
    match create path with
    | result -> result
    | exception (Sys_error _ as exn) ->
        if failures >= 20 then raise exn else attempt (failures + 1)
  in
  attempt 0

let temp_file ?temp_dir prefix suffix =
  with_fresh_name temp_dir prefix suffix (fun path ->
    close_desc (open_desc path [Open_wronly; Open_creat; Open_excl] 0o600);
    path)

let open_temp_file ?(mode = [Open_text]) ?(perms = 0o600) ?temp_dir prefix
    suffix =
  let flags = Open_wronly :: Open_creat :: Open_excl :: mode in
  with_fresh_name temp_dir prefix suffix (fun path ->
    (path, open_out_gen flags perms path))

let temp_dir ?temp_dir ?(perms = 0o700) prefix suffix =
  with_fresh_name temp_dir prefix suffix (fun path ->
    Sys.mkdir path perms;
    path)
