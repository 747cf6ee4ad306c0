(* Parsing of command lines. *)

type key = string
type doc = string
type usage_msg = string
type anon_fun = (string -> unit)

type spec =
  | Unit of (unit -> unit)
  | Bool of (bool -> unit)
  | Set of bool ref
  | Clear of bool ref
  | String of (string -> unit)
  | Set_string of string ref
  | Int of (int -> unit)
  | Set_int of int ref
  | Float of (float -> unit)
  | Set_float of float ref
  | Tuple of spec list
  | Symbol of string list * (string -> unit)
  | Rest of (string -> unit)
  | Rest_all of (string list -> unit)
  | Expand of (string -> string array)

exception Bad of string
exception Help of string

(* Why parsing stops. *)
type problem =
  | Help_wanted
  | Unknown of string
  | Wrong of { option : string; given : string; expected : string }
  | Missing of string
  | Message of string

exception Stop of problem

(* Usage *)

let find_option key specs =
  List.find_map (fun (k, spec, _) -> if k = key then Some spec else None) specs

(* [-help] and [--help], unless the program defines its own. *)
let with_help specs =
  let help = Unit (fun () -> raise (Stop Help_wanted)) in
  let missing key = find_option key specs = None in
  let entry key = (key, help, " Display this list of options") in
  specs @ List.map entry (List.filter missing ["-help"; "--help"])

let symbols_or_none sep = function
  | [] -> "<none>"
  | symbols -> String.concat sep symbols

let add_usage b specs message =
  let add_option = function
    | _, _, "" -> ()
    | key, Symbol ([], _), doc -> Printf.bprintf b "  %s <none>%s\n" key doc
    | key, Symbol (symbols, _), doc ->
        Printf.bprintf b "  %s {%s}%s\n" key (String.concat "|" symbols) doc
    | key, _, doc -> Printf.bprintf b "  %s %s\n" key doc
  in
  Printf.bprintf b "%s\n" message;
  List.iter add_option (with_help specs)

let usage_string specs message =
  let b = Buffer.create 200 in
  add_usage b specs message;
  Buffer.contents b

let usage specs message = prerr_string (usage_string specs message)

(* Parsing *)

let current = ref 0

let exception_of_problem program specs message problem =
  let b = Buffer.create 200 in
  let line format = Printf.bprintf b ("%s: " ^^ format ^^ ".\n") program in
  begin match problem with
  | Help_wanted -> ()
  | Unknown option -> line "unknown option '%s'" option
  | Missing option -> line "option '%s' needs an argument" option
  | Wrong { option; given; expected } ->
      line "wrong argument '%s'; option '%s' expects %s" given option expected
  | Message text -> line "%s" text
  end;
  add_usage b specs message;
  let text = Buffer.contents b in
  if problem = Help_wanted then Help text else Bad text

(* Where the parser is; actions may change the three references. *)
type state = {
  position : int ref;
  arguments : string array ref;
  specs : (key * spec * doc) list ref;
  may_expand : bool;
}

let split_at_equal text =
  match String.index_opt text '=' with
  | None -> None
  | Some i ->
      Some (String.sub text 0 i,
            String.sub text (i + 1) (String.length text - i - 1))

(* The action of an option and what follows its equal sign, if any. *)
let lookup st text =
  match find_option text !(st.specs) with
  | Some spec -> (spec, None)
  | None ->
      let found =
        Option.bind (split_at_equal text) (fun (key, value) ->
          Option.map (fun spec -> (spec, Some value))
            (find_option key !(st.specs)))
      in
      match found with
      | Some result -> result
      | None ->
          (* Not listed, but understood. *)
          if text = "-help" || text = "--help" then raise (Stop Help_wanted)
          else raise (Stop (Unknown text))

let rec perform st option attached spec =
  let no_argument () =
    Option.iter
      (fun given ->
        raise (Stop (Wrong { option; given; expected = "no argument" })))
      attached
  in
  let next_argument () =
    match attached with
    | Some value -> value
    | None ->
        let next = !(st.position) + 1 in
        if next < Array.length !(st.arguments) then !(st.arguments).(next)
        else raise (Stop (Missing option))
  in
  let consume () = if attached = None then incr st.position in
  let with_value convert expected f =
    let given = next_argument () in
    match convert given with
    | None -> raise (Stop (Wrong { option; given; expected }))
    | Some value -> f value; consume ()
  in
  (* The arguments left, each consumed as it is passed to [f]. *)
  let each_of_the_rest f =
    no_argument ();
    while !(st.position) < Array.length !(st.arguments) - 1 do
      f !(st.arguments).(!(st.position) + 1);
      consume ()
    done
  in
  match spec with
  | Unit f -> no_argument (); f ()
  | Set r -> no_argument (); r := true
  | Clear r -> no_argument (); r := false
  | Bool f -> with_value bool_of_string_opt "a boolean" f
  | String f -> with_value Option.some "" f
  | Set_string r -> with_value Option.some "" (fun s -> r := s)
  | Int f -> with_value int_of_string_opt "an integer" f
  | Set_int r -> with_value int_of_string_opt "an integer" (fun n -> r := n)
  | Float f -> with_value float_of_string_opt "a float" f
  | Set_float r -> with_value float_of_string_opt "a float" (fun x -> r := x)
  | Symbol (symbols, f) ->
      let accept s = if List.mem s symbols then Some s else None in
      with_value accept ("one of: " ^ symbols_or_none " " symbols) f
  | Tuple specs ->
      no_argument ();
      List.iter (perform st option attached) specs
  | Rest f -> each_of_the_rest f
  | Rest_all f ->
      let rest = ref [] in
      each_of_the_rest (fun argument -> rest := argument :: !rest);
      f (List.rev !rest)
  | Expand f ->
      if not st.may_expand then
        invalid_arg "Arg.Expand is is only allowed with \
                     Arg.parse_and_expand_argv_dynamic";
      let inserted = f (next_argument ()) in
      consume ();
      let arguments = !(st.arguments) in
      let next = !(st.position) + 1 in
      let before = Array.sub arguments 0 next in
      let after = Array.sub arguments next (Array.length arguments - next) in
      st.arguments := Array.concat [before; inserted; after]

let run st anonymous message =
  let start = !(st.position) in
  let fail problem =
    let program =
      if start < Array.length !(st.arguments) then !(st.arguments).(start)
      else "(?)"
    in
    raise (exception_of_problem program !(st.specs) message problem)
  in
  incr st.position;
  while !(st.position) < Array.length !(st.arguments) do
    let text = !(st.arguments).(!(st.position)) in
    begin try
      if String.starts_with ~prefix:"-" text then
        let spec, attached = lookup st text in
        perform st text attached spec
      else anonymous text
    with
    | Stop problem -> fail problem
    | Bad text -> fail (Message text)
    end;
    incr st.position
  done

let parse_and_expand_argv_dynamic position arguments specs anonymous message =
  run { position; arguments; specs; may_expand = true } anonymous message

let parse_argv_dynamic ?(current = current) argv specs anonymous message =
  run { position = current; arguments = ref argv; specs; may_expand = false }
    anonymous message

let parse_argv ?current argv specs anonymous message =
  parse_argv_dynamic ?current argv (ref specs) anonymous message

let or_exit parse =
  try parse () with
  | Bad text -> prerr_string text; exit 2
  | Help text -> print_string text; exit 0

let parse specs anonymous message =
  or_exit (fun () -> parse_argv Sys.argv specs anonymous message)

let parse_dynamic specs anonymous message =
  or_exit (fun () -> parse_argv_dynamic Sys.argv specs anonymous message)

let parse_expand specs anonymous message =
  or_exit (fun () ->
    parse_and_expand_argv_dynamic (ref !current) (ref Sys.argv) (ref specs)
      anonymous message)

(* Alignment.  A documentation string has its own first word, up to a tab or
   else to the first space, beside the option; the rest is the column. *)

let column_start doc =
  let len = String.length doc in
  let rec skip_spaces i =
    if i < len && doc.[i] = ' ' then skip_spaces (i + 1) else i
  in
  let after separator =
    Option.map (fun i -> skip_spaces (i + 1)) (String.index_opt doc separator)
  in
  match after '\t' with
  | Some start -> start
  | None -> Option.value (after ' ') ~default:len

let width_of (key, spec, doc) =
  match spec with
  | Symbol _ -> String.length key
  | _ -> String.length key + column_start doc

(* The first tab becomes a space. *)
let without_tab doc =
  match String.index_opt doc '\t' with
  | None -> doc
  | Some tab -> String.mapi (fun i c -> if i = tab then ' ' else c) doc

let pad_to width (key, spec, doc as entry) =
  if doc = "" then entry
  else begin
    let start = column_start doc in
    match spec with
    | Symbol _ ->
        let spaces = String.make (Int.max 0 (width - start) + 3) ' ' in
        (key, spec, "\n" ^ spaces ^ without_tab doc)
    | _ ->
        let spaces = Int.max 0 (width - String.length key - start) in
        let doc' = without_tab doc in
        let text = String.sub doc start (String.length doc - start) in
        (key, spec,
         if spaces = 0 then doc'
         else String.sub doc' 0 start ^ String.make spaces ' ' ^ text)
  end

let align ?(limit = max_int) specs =
  let specs = with_help specs in
  let widest = List.fold_left (fun w s -> Int.max w (width_of s)) 0 specs in
  List.map (pad_to (Int.min widest limit)) specs

(* Files of arguments: one per line, or ended by null characters. *)

let read_terminated ~terminator ~clean file =
  let text = In_channel.with_open_bin file In_channel.input_all in
  match List.rev (String.split_on_char terminator text) with
  (* What follows the last terminator is an argument if it is not empty. *)
  | "" :: arguments -> Array.of_list (List.rev_map clean arguments)
  | arguments -> Array.of_list (List.rev_map clean arguments)

let without_cr word =
  if String.ends_with ~suffix:"\r" word then
    String.sub word 0 (String.length word - 1)
  else word

let read_arg file = read_terminated ~terminator:'\n' ~clean:without_cr file
let read_arg0 file = read_terminated ~terminator:'\000' ~clean:Fun.id file

let write_terminated terminator file arguments =
  let oc = open_out_bin file in
  Array.iter (fun a -> output_string oc a; output_char oc terminator) arguments;
  close_out oc

let write_arg file arguments = write_terminated '\n' file arguments
let write_arg0 file arguments = write_terminated '\000' file arguments
