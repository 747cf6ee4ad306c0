(* Exceptions: their text, their backtraces, and what happens to those that
   nobody catches. *)

type t = exn = ..

(* Text of exceptions *)

let printers : (exn -> string option) list Atomic.t = Atomic.make []

let rec register_printer printer =
  let known = Atomic.get printers in
  if not (Atomic.compare_and_set printers known (printer :: known)) then
    register_printer printer

(* A printer that fails is taken as one that does not know the exception. *)
let use_printers exn =
  List.find_map (fun printer -> try printer exn with _ -> None)
    (Atomic.get printers)

let string_of_argument v =
  if Obj.is_int v then string_of_int (Obj.obj v : int)
  else
    match Obj.tag v with
    | tag when tag = Obj.string_tag -> Printf.sprintf "%S" (Obj.obj v : string)
    | tag when tag = Obj.double_tag -> string_of_float (Obj.obj v : float)
    | _ -> "_"

(* A constant constructor is an object block; another is field 0 of a block
   that holds its arguments. *)
let constructor_of v = if Obj.tag v = 0 then Obj.field v 0 else v
let constructor_name v : string = Obj.obj (Obj.field (constructor_of v) 0)

let string_of_extension_constructor v =
  let name = constructor_name v in
  if Obj.tag v <> 0 || Obj.size v < 2 then name
  else
    let argument i = string_of_argument (Obj.field v (i + 1)) in
    let arguments = List.init (Obj.size v - 1) argument in
    Printf.sprintf "%s(%s)" name (String.concat ", " arguments)

let at_location (file, line, column) width what =
  Printf.sprintf "File \"%s\", line %d, characters %d-%d: %s"
    file line column (column + width) what

let to_string_default = function
  | Out_of_memory -> "Out of memory"
  | Stack_overflow -> "Stack overflow"
  | Match_failure loc -> at_location loc 5 "Pattern matching failed"
  | Assert_failure loc -> at_location loc 6 "Assertion failed"
  | Undefined_recursive_module loc ->
      at_location loc 6 "Undefined recursive module"
  | exn -> string_of_extension_constructor (Obj.repr exn)

let to_string exn =
  match use_printers exn with
  | Some text -> text
  | None -> to_string_default exn

let exn_slot_id exn : int =
  Obj.obj (Obj.field (constructor_of (Obj.repr exn)) 1)

let exn_slot_name exn = constructor_name (Obj.repr exn)

let print f x =
  try f x
  with exn ->
    Printf.eprintf "Uncaught exception: %s\n%!" (to_string exn);
    raise exn

let catch f x =
  try f x
  with exn ->
    flush stdout;
    Printf.eprintf "Uncaught exception: %s\n" (to_string exn);
    exit 2

(* Backtraces.  A raw one is made of code addresses (or positions in the
   bytecode), which the runtime turns into locations on demand. *)

type raw_backtrace_slot
type raw_backtrace_entry = private int
type raw_backtrace = raw_backtrace_entry array

external record_backtrace : bool -> unit = "caml_record_backtrace"
external backtrace_status : unit -> bool = "caml_backtrace_status"
external get_raw_backtrace : unit -> raw_backtrace
  = "caml_get_exception_raw_backtrace"
external get_callstack : int -> raw_backtrace = "caml_get_current_callstack"
external raise_with_backtrace : exn -> raw_backtrace -> 'a
  = "%raise_with_backtrace"
external get_raw_backtrace_slot : raw_backtrace -> int -> raw_backtrace_slot
  = "caml_raw_backtrace_slot"
external get_raw_backtrace_next_slot :
  raw_backtrace_slot -> raw_backtrace_slot option
  = "caml_raw_backtrace_next_slot"

let raw_backtrace_entries trace = trace
let raw_backtrace_length trace = Array.length trace

(* Built by the runtime: the order of fields is part of the interface. *)
type[@warning "-37"] backtrace_slot =
  | Known_location of {
      is_raise : bool;
      filename : string;
      start_line : int;
      start_column : int;
      end_offset : int;  (* from the beginning of the first line *)
      end_line : int;
      end_column : int;
      is_inline : bool;
      definition : string;
    }
  | Unknown_location of { is_raise : bool }

external convert_raw_backtrace_slot : raw_backtrace_slot -> backtrace_slot
  = "caml_convert_raw_backtrace_slot"
external convert_raw_backtrace : raw_backtrace -> backtrace_slot array
  = "caml_convert_raw_backtrace"

(* [None]: the program has no debugging information. *)
let converted trace =
  match convert_raw_backtrace trace with
  | slots -> Some slots
  | exception Failure _ -> None

type location = {
  filename : string;
  line_number : int;
  start_char : int;
  end_char : int;
  end_line : int;
  end_col : int;
}

module Slot = struct
  type t = backtrace_slot

  let is_raise = function
    | Known_location { is_raise; _ } | Unknown_location { is_raise } -> is_raise

  let is_inline = function
    | Known_location { is_inline; _ } -> is_inline
    | Unknown_location _ -> false

  let location = function
    | Unknown_location _ -> None
    | Known_location slot ->
        Some {
          filename = slot.filename;
          line_number = slot.start_line;
          start_char = slot.start_column;
          end_char = slot.end_offset;
          end_line = slot.end_line;
          end_col = slot.end_column;
        }

  let name = function
    | Known_location { definition; _ } when definition <> "" -> Some definition
    | Known_location _ | Unknown_location _ -> None

  (* [i]: the rank of the slot in its trace. *)
  let format i slot =
    let event =
      match is_raise slot, i with
      | true, 0 -> "Raised at"
      | true, _ -> "Re-raised at"
      | false, 0 -> "Raised by primitive operation at"
      | false, _ -> "Called from"
    in
    match slot with
    | Unknown_location { is_raise = true } -> None
    | Unknown_location _ -> Some (event ^ " unknown location")
    | Known_location s ->
        let lines =
          if s.start_line = s.end_line then Printf.sprintf " %d" s.start_line
          else Printf.sprintf "s %d-%d" s.start_line s.end_line
        in
        Some
          (Printf.sprintf "%s %s in file \"%s\"%s, line%s, characters %d-%d"
             event s.definition s.filename
             (if s.is_inline then " (inlined)" else "")
             lines s.start_column s.end_column)
end

let backtrace_slots trace =
  let known = function Known_location _ -> true | Unknown_location _ -> false in
  match converted trace with
  | Some slots when Array.exists known slots -> Some slots
  | _ -> None

let backtrace_slots_of_raw_entry entry = backtrace_slots [| entry |]

let iter_lines f trace =
  match converted trace with
  | None -> f "(Program not linked with -g, cannot print stack backtrace)"
  | Some slots ->
      Array.iteri (fun i slot -> Option.iter f (Slot.format i slot)) slots

let print_raw_backtrace oc trace =
  iter_lines (fun line -> output_string oc line; output_char oc '\n') trace

let raw_backtrace_to_string trace =
  let b = Buffer.create 1024 in
  iter_lines (fun line -> Buffer.add_string b line; Buffer.add_char b '\n')
    trace;
  Buffer.contents b

let print_backtrace oc = print_raw_backtrace oc (get_raw_backtrace ())
let get_backtrace () = raw_backtrace_to_string (get_raw_backtrace ())

(* Uncaught exceptions *)

external debug_info_status : unit -> int = "caml_ml_debug_info_status"

(* Why bytecode has no locations: the runtime's negative status codes. *)
let debug_info_problem = function
  | -1 ->
      Some "(Cannot print locations:\n \
            bytecode executable program file not found)"
  | -2 ->
      Some "(Cannot print locations:\n \
            bytecode executable program file appears to be corrupt)"
  | -3 ->
      Some "(Cannot print locations:\n \
            bytecode executable program file has wrong magic number)"
  | -4 ->
      Some "(Cannot print locations:\n \
            bytecode executable program file cannot be opened;\n \
            -- too many open files. Try running with OCAMLRUNPARAM=b=2)"
  | _ -> None

let report prefix exn trace =
  Printf.eprintf "%s: exception %s\n" prefix (to_string exn);
  print_raw_backtrace stderr trace

let default_uncaught_exception_handler exn trace =
  report "Fatal error" exn trace;
  Option.iter prerr_endline (debug_info_problem (debug_info_status ()));
  flush stderr

let handler = ref default_uncaught_exception_handler
let set_uncaught_exception_handler f = handler := f

let current_backtrace () = try get_raw_backtrace () with _ -> [||]

let handle_uncaught exn debugged =
  (* Before the functions of [at_exit], which may raise and catch. *)
  let trace = if debugged then [||] else current_backtrace () in
  (try Stdlib.do_at_exit () with _ -> ());
  try !handler exn trace
  with second ->
    let second_trace = current_backtrace () in
    report "Fatal error" exn trace;
    report "Fatal error in uncaught exception handler" second second_trace;
    flush stderr

(* Called by the runtime, which expects that it returns. *)
let handle_uncaught_exception exn debugged =
  try handle_uncaught exn debugged with
  | Out_of_memory ->
      (try
         prerr_endline
           "Fatal error: out of memory in uncaught exception handler"
       with _ -> ())
  | _ -> ()

external register_named_value : string -> 'a -> unit
  = "caml_register_named_value"

let () =
  register_named_value "Printexc.handle_uncaught_exception"
    handle_uncaught_exception
