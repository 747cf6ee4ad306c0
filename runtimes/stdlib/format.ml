(* Pretty-printing, after Oppen's algorithm.

   What is printed goes to a queue, until it is known whether the boxes it is
   in fit on the line.  The size of a break or of the opening of a box is the
   width up to the next break of the same box or up to its closing; until that
   is reached it is unknown, and the entry is on the scan stack.  Output
   starts from the head of the queue when the size of the head is known, or
   when more is pending than there is room on the line: then it does not fit,
   whatever its size.

   Widths are counted from the beginning of the stream by two totals: that of
   what was queued, [right_total], and that of what was output, [left_total].
   An unknown size is [- right_total] at the time of queueing, so that adding
   [right_total] at the end gives the width in between. *)

type box_type = CamlinternalFormatBasics.block_type =
  | Pp_hbox | Pp_vbox | Pp_hvbox | Pp_hovbox | Pp_box | Pp_fits

type stag = ..
type tag = string
type stag += String_tag of tag

type token =
  | Text of string
  | Substring of { source : string; pos : int; len : int }
  | Break of { width : int; offset : int }
  | Custom_break of {
      fits : string * int * string;
      breaks : string * int * string;
    }
  | Newline
  | If_newline
  | Open_box of { indent : int; kind : box_type }
  | Close_box
  | Open_tbox
  | Close_tbox
  | Set_tab
  | Tab_break of { width : int; offset : int }
  | Open_tag of stag
  | Close_tag

(* An element of the queue, which is a linked list. *)
type entry = {
  mutable size : int;  (* negative: unknown *)
  token : token;
  length : int;  (* what it adds to the totals *)
  mutable next : entry;
}

let rec nil = { size = 0; token = Close_box; length = 0; next = nil }

(* An entry of unknown size. [total]: [right_total] after it was queued; when
   [left_total] is beyond, the entry has been output. *)
type pending = { total : int; entry : entry }

(* A box whose opening was output. [kind] is [Pp_fits] if all of it fits on
   the line, and [room] is the room left on the line at its indentation. *)
type open_box = { kind : box_type; room : int }

type formatter_out_functions = {
  out_string : string -> int -> int -> unit;
  out_width: string -> pos:int -> len:int -> int;
  out_flush : unit -> unit;
  out_newline : unit -> unit;
  out_spaces : int -> unit;
  out_indent : int -> unit;
}

type formatter_stag_functions = {
  mark_open_stag : stag -> string;
  mark_close_stag : stag -> string;
  print_open_stag : stag -> unit;
  print_close_stag : stag -> unit;
}

type formatter = {
  (* Queue *)
  mutable head : entry;
  mutable tail : entry;
  mutable scan_stack : pending list;
  mutable left_total : int;
  mutable right_total : int;
  (* What was output *)
  mutable boxes : open_box list;
  mutable tboxes : int list ref list;  (* the tabs of each, ascending *)
  mutable marked_tags : stag list;
  mutable room : int;  (* on the current line *)
  mutable current_indent : int;
  mutable at_line_start : bool;
  (* What was queued *)
  mutable depth : int;
  mutable printed_tags : stag list;
  (* Settings *)
  mutable margin : int;
  mutable min_room : int;  (* margin - max_indent *)
  mutable max_indent : int;
  mutable max_boxes : int;
  mutable ellipsis : string;
  mutable print_tags : bool;
  mutable mark_tags : bool;
  mutable out : formatter_out_functions;
  mutable stag_functions : formatter_stag_functions;
}

let pp_infinity = 1_000_000_010

(* Widths *)

let utf_8_scalar_width s ~pos ~len =
  let stop = pos + len in
  let rec count n i =
    if i >= stop then n
    else if s.[i] < '\x80' then count (n + 1) (i + 1)
    else
      let decode = String.get_utf_8_uchar s i in
      count (n + 1) (i + Uchar.utf_decode_length decode)
  in
  count 0 pos

let ascii_width _ ~pos:_ ~len = len

let width_of ppf s =
  if s = "" then 0 else ppf.out.out_width s ~pos:0 ~len:(String.length s)

(* Output *)

let put ppf s = ppf.out.out_string s 0 (String.length s)

let output_text ppf width s =
  ppf.room <- ppf.room - width;
  put ppf s;
  ppf.at_line_start <- false

let output_string_part ppf s =
  if s <> "" then output_text ppf (width_of ppf s) s

(* Go to a new line, indented by [offset] from the box that has [room]. *)
let break_line ppf room offset =
  ppf.out.out_newline ();
  ppf.at_line_start <- true;
  let indent = Int.min ppf.max_indent (ppf.margin - room + offset) in
  ppf.current_indent <- indent;
  ppf.room <- ppf.margin - indent;
  ppf.out.out_indent indent

let break_with ppf room (before, offset, after) =
  output_string_part ppf before;
  break_line ppf room offset;
  output_string_part ppf after

let stay_on_line ppf width =
  ppf.room <- ppf.room - width;
  ppf.out.out_spaces width

let stay_with ppf (before, width, after) =
  output_string_part ppf before;
  stay_on_line ppf width;
  output_string_part ppf after

(* Whether a break in the innermost box goes to a new line.  [size]: the width
   up to the next break, [offset]: the indentation that it asks for. *)
let must_break ppf { kind; room } size offset =
  match kind with
  | Pp_fits | Pp_hbox -> false
  | Pp_vbox | Pp_hvbox -> true
  | Pp_hovbox -> size > ppf.room
  | Pp_box ->
      not ppf.at_line_start
      && (size > ppf.room
          (* A line that ends left of where the next would begin. *)
          || ppf.current_indent > ppf.margin - room + offset)

let output_open_box ppf size indent kind =
  (* Too far to the right: begin a line, unless the enclosing box forbids. *)
  if ppf.margin - ppf.room > ppf.max_indent then begin
    match ppf.boxes with
    | [] -> ppf.out.out_newline ()
    | { kind = (Pp_vbox | Pp_hvbox | Pp_hovbox | Pp_box); room } :: _
      when room > ppf.room ->
        break_line ppf room 0
    | _ -> ()
  end;
  let kind = if kind <> Pp_vbox && size <= ppf.room then Pp_fits else kind in
  ppf.boxes <- { kind; room = ppf.room - indent } :: ppf.boxes

let output_tab_break ppf width offset =
  match ppf.tboxes with
  | [] -> ()
  | tabs :: _ ->
      let column = ppf.margin - ppf.room in
      let tab =
        match List.find_opt (fun tab -> tab >= column) !tabs, !tabs with
        | Some tab, _ -> tab
        | None, first :: _ -> first
        | None, [] -> column
      in
      if tab >= column then stay_on_line ppf (tab - column + width)
      else break_line ppf ppf.margin (tab + offset)

let set_tab ppf =
  match ppf.tboxes with
  | [] -> ()
  | tabs :: _ ->
      let column = ppf.margin - ppf.room in
      let before, after = List.partition (fun tab -> tab <= column) !tabs in
      tabs := before @ column :: after

let drop_first = function [] -> [] | _ :: rest -> rest

let dequeue ppf =
  let entry = ppf.head in
  ppf.head <- entry.next;
  if entry.next == nil then ppf.tail <- nil;
  entry

let output_token ppf size token =
  match token with
  | Text s -> output_text ppf size s
  | Substring { source; pos; len } ->
      ppf.room <- ppf.room - size;
      ppf.out.out_string source pos len;
      ppf.at_line_start <- false
  | Break { width; offset } ->
      begin match ppf.boxes with
      | [] -> ()
      | box :: _ ->
          if must_break ppf box size offset then break_line ppf box.room offset
          else stay_on_line ppf width
      end
  | Custom_break { fits; breaks = (before, offset, _) as breaks } ->
      begin match ppf.boxes with
      | [] -> ()
      | box :: _ ->
          let size = size + width_of ppf before in
          if must_break ppf box size offset then break_with ppf box.room breaks
          else stay_with ppf fits
      end
  | Newline ->
      begin match ppf.boxes with
      | [] -> ppf.out.out_newline ()
      | { room; _ } :: _ -> break_line ppf room 0
      end
  | If_newline ->
      (* Unless the line has just begun, the next token is dropped. *)
      if ppf.current_indent <> ppf.margin - ppf.room && ppf.head != nil
      then begin
        let { size; length; _ } = dequeue ppf in
        ppf.left_total <- ppf.left_total - length;
        ppf.room <- ppf.room + size
      end
  | Open_box { indent; kind } -> output_open_box ppf size indent kind
  | Close_box -> ppf.boxes <- drop_first ppf.boxes
  | Open_tbox -> ppf.tboxes <- ref [] :: ppf.tboxes
  | Close_tbox -> ppf.tboxes <- drop_first ppf.tboxes
  | Set_tab -> set_tab ppf
  | Tab_break { width; offset } -> output_tab_break ppf width offset
  | Open_tag tag ->
      put ppf (ppf.stag_functions.mark_open_stag tag);
      ppf.marked_tags <- tag :: ppf.marked_tags
  | Close_tag ->
      begin match ppf.marked_tags with
      | [] -> ()
      | tag :: outer ->
          ppf.marked_tags <- outer;
          put ppf (ppf.stag_functions.mark_close_stag tag)
      end

(* Output from the head of the queue as far as possible. *)
let rec advance ppf =
  let { size; token; length; _ } as entry = ppf.head in
  if entry != nil
     && (size >= 0 || ppf.right_total - ppf.left_total >= ppf.room)
  then begin
    ignore (dequeue ppf);
    output_token ppf (if size < 0 then pp_infinity else size) token;
    ppf.left_total <- ppf.left_total + length;
    advance ppf
  end

(* Queueing *)

let enqueue ppf entry =
  ppf.right_total <- ppf.right_total + entry.length;
  if ppf.tail == nil then ppf.head <- entry else ppf.tail.next <- entry;
  ppf.tail <- entry

let enqueue_known ppf size token =
  enqueue ppf { size; token; length = size; next = nil }

let enqueue_and_advance ppf size token =
  enqueue_known ppf size token;
  advance ppf

(* The size of the last pending entry becomes known, if it is of the kind that
   ends here: a break before a break or a closing, an opening at a closing. *)
let settle ppf ~break =
  match ppf.scan_stack with
  | [] -> ()
  | { total; _ } :: _ when total < ppf.left_total -> ppf.scan_stack <- []
  | { entry; _ } :: rest ->
      let is_break =
        match entry.token with
        | Break _ | Custom_break _ | Tab_break _ -> true
        | _ -> false
      in
      if is_break = break then begin
        entry.size <- entry.size + ppf.right_total;
        ppf.scan_stack <- rest
      end

let enqueue_pending ppf token length =
  let entry = { size = - ppf.right_total; token; length; next = nil } in
  enqueue ppf entry;
  entry

let push_pending ppf entry =
  ppf.scan_stack <- { total = ppf.right_total; entry } :: ppf.scan_stack

let enqueue_break ppf token length =
  let entry = enqueue_pending ppf token length in
  settle ppf ~break:true;
  push_pending ppf entry

(* Nothing is printed in boxes nested too deep. *)
let visible ppf = ppf.depth < ppf.max_boxes

(* Text *)

let pp_print_as ppf width s =
  if visible ppf then enqueue_and_advance ppf width (Text s)

let pp_print_string ppf s =
  if visible ppf then enqueue_and_advance ppf (width_of ppf s) (Text s)

let pp_print_substring_as ~pos ~len ppf width source =
  if visible ppf then
    enqueue_and_advance ppf width (Substring { source; pos; len })

let pp_print_substring ~pos ~len ppf s =
  pp_print_substring_as ~pos ~len ppf (ppf.out.out_width s ~pos ~len) s

let pp_print_bytes ppf b = pp_print_as ppf (Bytes.length b) (Bytes.to_string b)
let pp_print_int ppf n = pp_print_string ppf (string_of_int n)
let pp_print_float ppf x = pp_print_string ppf (string_of_float x)
let pp_print_bool ppf b = pp_print_string ppf (string_of_bool b)
let pp_print_char ppf c = pp_print_as ppf 1 (String.make 1 c)
let pp_print_nothing _ () = ()

(* Boxes *)

let open_box_of_kind ppf indent kind =
  ppf.depth <- ppf.depth + 1;
  if visible ppf then
    push_pending ppf (enqueue_pending ppf (Open_box { indent; kind }) 0)
  else if ppf.depth = ppf.max_boxes then
    enqueue_and_advance ppf (width_of ppf ppf.ellipsis) (Text ppf.ellipsis)

let pp_open_box ppf indent = open_box_of_kind ppf indent Pp_box
let pp_open_hbox ppf () = open_box_of_kind ppf 0 Pp_hbox
let pp_open_vbox ppf indent = open_box_of_kind ppf indent Pp_vbox
let pp_open_hvbox ppf indent = open_box_of_kind ppf indent Pp_hvbox
let pp_open_hovbox ppf indent = open_box_of_kind ppf indent Pp_hovbox

(* The outermost box is the formatter's own. *)
let pp_close_box ppf () =
  if ppf.depth > 1 then begin
    if visible ppf then begin
      enqueue_known ppf 0 Close_box;
      settle ppf ~break:true;
      settle ppf ~break:false
    end;
    ppf.depth <- ppf.depth - 1
  end

let pp_open_tbox ppf () =
  ppf.depth <- ppf.depth + 1;
  if visible ppf then enqueue_and_advance ppf 0 Open_tbox

let pp_close_tbox ppf () =
  if ppf.depth > 1 && visible ppf then begin
    enqueue_and_advance ppf 0 Close_tbox;
    ppf.depth <- ppf.depth - 1
  end

(* Breaks *)

let pp_print_break ppf width offset =
  if visible ppf then enqueue_break ppf (Break { width; offset }) width

let pp_print_space ppf () = pp_print_break ppf 1 0
let pp_print_cut ppf () = pp_print_break ppf 0 0

let pp_print_custom_break ppf ~fits ~breaks =
  if visible ppf then begin
    let before, width, after = fits in
    let length = width_of ppf before + width + width_of ppf after in
    enqueue_break ppf (Custom_break { fits; breaks }) length
  end

let pp_force_newline ppf () =
  if visible ppf then enqueue_and_advance ppf 0 Newline

let pp_print_if_newline ppf () =
  if visible ppf then enqueue_and_advance ppf 0 If_newline

let pp_print_tbreak ppf width offset =
  if visible ppf then enqueue_break ppf (Tab_break { width; offset }) width

let pp_print_tab ppf () = pp_print_tbreak ppf 0 0
let pp_set_tab ppf () = if visible ppf then enqueue_and_advance ppf 0 Set_tab

(* Semantic tags *)

let pp_open_stag ppf tag =
  if ppf.print_tags then begin
    ppf.printed_tags <- tag :: ppf.printed_tags;
    ppf.stag_functions.print_open_stag tag
  end;
  if ppf.mark_tags then enqueue_known ppf 0 (Open_tag tag)

let pp_close_stag ppf () =
  if ppf.mark_tags then enqueue_known ppf 0 Close_tag;
  if ppf.print_tags then
    match ppf.printed_tags with
    | [] -> ()
    | tag :: outer ->
        ppf.printed_tags <- outer;
        ppf.stag_functions.print_close_stag tag

let pp_set_print_tags ppf on = ppf.print_tags <- on
let pp_set_mark_tags ppf on = ppf.mark_tags <- on
let pp_get_print_tags ppf () = ppf.print_tags
let pp_get_mark_tags ppf () = ppf.mark_tags

let pp_set_tags ppf on =
  pp_set_print_tags ppf on;
  pp_set_mark_tags ppf on

let pp_set_formatter_stag_functions ppf functions =
  ppf.stag_functions <- functions

let pp_get_formatter_stag_functions ppf () = ppf.stag_functions

(* Beginning and end *)

let reset ppf =
  ppf.head <- nil;
  ppf.tail <- nil;
  ppf.scan_stack <- [];
  ppf.left_total <- 1;
  ppf.right_total <- 1;
  ppf.boxes <- [];
  ppf.tboxes <- [];
  ppf.marked_tags <- [];
  ppf.printed_tags <- [];
  ppf.room <- ppf.margin;
  ppf.current_indent <- 0;
  ppf.depth <- 0;
  open_box_of_kind ppf 0 Pp_hovbox

(* Close everything and output it all. *)
let finish ppf ~newline =
  List.iter (fun _ -> pp_close_stag ppf ()) ppf.printed_tags;
  while ppf.depth > 1 do pp_close_box ppf () done;
  ppf.right_total <- pp_infinity;
  advance ppf;
  if newline then ppf.out.out_newline ();
  reset ppf

let pp_print_newline ppf () =
  finish ppf ~newline:true;
  ppf.out.out_flush ()

let pp_print_flush ppf () =
  finish ppf ~newline:false;
  ppf.out.out_flush ()

(* Geometry.  Changing it discards what is in the queue. *)

let pp_set_max_boxes ppf n = if n > 1 then ppf.max_boxes <- n
let pp_get_max_boxes ppf () = ppf.max_boxes
let pp_over_max_boxes ppf () = ppf.depth = ppf.max_boxes
let pp_set_ellipsis_text ppf s = ppf.ellipsis <- s
let pp_get_ellipsis_text ppf () = ppf.ellipsis

let below_infinity n = Int.min n (pp_infinity - 1)

let pp_set_max_indent ppf n =
  let min_room = ppf.margin - n in
  if n > 1 && min_room >= 1 then begin
    ppf.min_room <- below_infinity min_room;
    ppf.max_indent <- ppf.margin - ppf.min_room;
    reset ppf
  end

let pp_get_max_indent ppf () = ppf.max_indent

let pp_set_margin ppf n =
  if n >= 1 then begin
    let margin = below_infinity n in
    ppf.margin <- margin;
    (* Too large an indentation keeps its distance to the margin, or half the
       line. *)
    pp_set_max_indent ppf
      (if ppf.max_indent <= margin then ppf.max_indent
       else Int.max 1 (Int.max (margin - ppf.min_room) (margin / 2)))
  end

let pp_get_margin ppf () = ppf.margin

type geometry = { max_indent:int; margin: int}

let geometry_error { max_indent; margin } =
  if max_indent < 2 then Some "max_indent < 2"
  else if margin <= max_indent then Some "margin <= max_indent"
  else if margin >= pp_infinity then Some "margin >= pp_infinity"
  else None

let check_geometry geometry = geometry_error geometry = None

let apply_geometry ppf { max_indent; margin } =
  pp_set_margin ppf margin;
  pp_set_max_indent ppf max_indent

let pp_set_geometry ppf ~max_indent ~margin =
  let geometry = { max_indent; margin } in
  match geometry_error geometry with
  | Some msg -> invalid_arg ("Format.pp_set_geometry: " ^ msg)
  | None -> apply_geometry ppf geometry

let pp_safe_set_geometry ppf ~max_indent ~margin =
  let geometry = { max_indent; margin } in
  if check_geometry geometry then apply_geometry ppf geometry

let pp_get_geometry (ppf : formatter) () =
  { max_indent = ppf.max_indent; margin = ppf.margin }

let pp_update_geometry ppf update =
  apply_geometry ppf (update (pp_get_geometry ppf ()))

(* Output functions *)

let pp_set_formatter_out_functions ppf functions = ppf.out <- functions
let pp_get_formatter_out_functions ppf () = ppf.out

let pp_set_formatter_output_functions ppf out_string out_flush =
  ppf.out <- { ppf.out with out_string; out_flush }

let pp_get_formatter_output_functions ppf () =
  (ppf.out.out_string, ppf.out.out_flush)

let blanks = String.make 80 ' '

(* These follow later changes of [out_string]. *)
let output_newline ppf () = ppf.out.out_string "\n" 0 1

let rec output_blanks ppf n =
  if n > 0 then begin
    let len = Int.min n (String.length blanks) in
    ppf.out.out_string blanks 0 len;
    output_blanks ppf (n - len)
  end

let with_plain_layout ppf out_string out_flush =
  ppf.out <-
    { ppf.out with
      out_string;
      out_flush;
      out_newline = output_newline ppf;
      out_spaces = output_blanks ppf;
      out_indent = output_blanks ppf }

let pp_set_formatter_out_channel ppf oc =
  with_plain_layout ppf (output_substring oc) (fun () -> flush oc)

(* Making formatters *)

let default_stag_functions = {
  mark_open_stag =
    (function String_tag name -> "<" ^ name ^ ">" | _ -> "");
  mark_close_stag =
    (function String_tag name -> "</" ^ name ^ ">" | _ -> "");
  print_open_stag = ignore;
  print_close_stag = ignore;
}

let default_margin = 78
let default_min_room = 10

let formatter_of_out_functions out =
  let ppf = {
    head = nil;
    tail = nil;
    scan_stack = [];
    left_total = 1;
    right_total = 1;
    boxes = [];
    tboxes = [];
    marked_tags = [];
    room = default_margin;
    current_indent = 0;
    at_line_start = true;
    depth = 0;
    printed_tags = [];
    margin = default_margin;
    min_room = default_min_room;
    max_indent = default_margin - default_min_room;
    max_boxes = max_int;
    ellipsis = ".";
    print_tags = false;
    mark_tags = false;
    out = { out with out_width = utf_8_scalar_width };
    stag_functions = default_stag_functions;
  } in
  open_box_of_kind ppf 0 Pp_hovbox;
  ppf

let make_formatter out_string out_flush =
  let ppf =
    formatter_of_out_functions
      { out_string;
        out_flush;
        out_width = utf_8_scalar_width;
        out_newline = ignore;
        out_spaces = ignore;
        out_indent = ignore }
  in
  with_plain_layout ppf out_string out_flush;
  ppf

let formatter_of_out_channel oc =
  make_formatter (output_substring oc) (fun () -> flush oc)

let formatter_of_buffer b = make_formatter (Buffer.add_substring b) ignore

(* Symbolic output *)

type symbolic_output_item =
  | Output_flush
  | Output_newline
  | Output_string of string
  | Output_spaces of int
  | Output_indent of int

type symbolic_output_buffer = { mutable items : symbolic_output_item list }

let make_symbolic_output_buffer () = { items = [] }
let clear_symbolic_output_buffer b = b.items <- []
let get_symbolic_output_buffer b = List.rev b.items
let add_symbolic_output_item b item = b.items <- item :: b.items

let flush_symbolic_output_buffer b =
  let items = get_symbolic_output_buffer b in
  clear_symbolic_output_buffer b;
  items

let formatter_of_symbolic_output_buffer b =
  let add = add_symbolic_output_item b in
  formatter_of_out_functions
    { out_string =
        (fun s pos len -> add (Output_string (String.sub s pos len)));
      out_width = utf_8_scalar_width;
      out_flush = (fun () -> add Output_flush);
      out_newline = (fun () -> add Output_newline);
      out_spaces = (fun n -> add (Output_spaces n));
      out_indent = (fun n -> add (Output_indent n)) }

(* The standard formatters.  Each domain has its own; those of domains other
   than the first write to a buffer of theirs, and to the channel when they
   are flushed.  So does the first domain's when there are other domains. *)

module DLS = Domain.DLS

let buffer_size = 512
let make_buffer () = Buffer.create buffer_size

let stdbuf = make_buffer ()
let std_formatter = formatter_of_out_channel Stdlib.stdout
let err_formatter = formatter_of_out_channel Stdlib.stderr
let str_formatter = formatter_of_buffer stdbuf

(* A key with [first] as its value in this domain. *)
let key_with first make =
  let key = DLS.new_key make in
  DLS.set key first;
  key

let stdbuf_key = key_with stdbuf make_buffer

let str_formatter_key =
  key_with str_formatter (fun () -> formatter_of_buffer (DLS.get stdbuf_key))

let add_to_buffer_of key s pos len =
  Buffer.add_substring (DLS.get key) s pos len

let flush_buffer_of key oc () =
  let b = DLS.get key in
  Buffer.output_buffer oc b;
  Buffer.clear b;
  flush oc

let channel_formatter_key first buffer_key oc =
  key_with first (fun () ->
    let ppf =
      make_formatter (add_to_buffer_of buffer_key)
        (flush_buffer_of buffer_key oc)
    in
    Domain.at_exit (pp_print_flush ppf);
    ppf)

let std_buffer_key = DLS.new_key make_buffer
let err_buffer_key = DLS.new_key make_buffer

let std_formatter_key =
  channel_formatter_key std_formatter std_buffer_key Stdlib.stdout

let err_formatter_key =
  channel_formatter_key err_formatter err_buffer_key Stdlib.stderr

let get_std_formatter () = DLS.get std_formatter_key
let get_err_formatter () = DLS.get err_formatter_key
let get_str_formatter () = DLS.get str_formatter_key
let get_stdbuf () = DLS.get stdbuf_key

let take_contents b ppf =
  finish ppf ~newline:false;
  let s = Buffer.contents b in
  Buffer.reset b;
  s

let flush_str_formatter () =
  take_contents (get_stdbuf ()) (get_str_formatter ())

let make_synchronized_formatter output flush =
  DLS.new_key (fun () ->
    let b = make_buffer () in
    let flush_all () =
      let s = Buffer.contents b in
      output s 0 (String.length s);
      Buffer.clear b;
      flush ()
    in
    make_formatter (Buffer.add_substring b) flush_all)

let synchronized_formatter_of_out_channel oc =
  make_synchronized_formatter (output_substring oc) (fun () -> flush oc)

let flush_standard_formatters () =
  pp_print_flush (get_std_formatter ()) ();
  pp_print_flush (get_err_formatter ()) ()

let () = at_exit flush_standard_formatters

let () =
  Domain.before_first_spawn (fun () ->
    flush_standard_formatters ();
    let redirect ppf key oc =
      pp_set_formatter_output_functions ppf (add_to_buffer_of key)
        (flush_buffer_of key oc)
    in
    redirect std_formatter std_buffer_key Stdlib.stdout;
    redirect err_formatter err_buffer_key Stdlib.stderr)

(* The operations above on the standard formatter of the domain *)

let std = get_std_formatter

let open_box v = pp_open_box (std ()) v
let open_hbox v = pp_open_hbox (std ()) v
let open_vbox v = pp_open_vbox (std ()) v
let open_hvbox v = pp_open_hvbox (std ()) v
let open_hovbox v = pp_open_hovbox (std ()) v
let close_box v = pp_close_box (std ()) v
let open_stag v = pp_open_stag (std ()) v
let close_stag v = pp_close_stag (std ()) v
let print_string v = pp_print_string (std ()) v
let print_bytes v = pp_print_bytes (std ()) v
let print_int v = pp_print_int (std ()) v
let print_float v = pp_print_float (std ()) v
let print_char v = pp_print_char (std ()) v
let print_bool v = pp_print_bool (std ()) v
let print_cut v = pp_print_cut (std ()) v
let print_space v = pp_print_space (std ()) v
let force_newline v = pp_force_newline (std ()) v
let print_flush v = pp_print_flush (std ()) v
let print_newline v = pp_print_newline (std ()) v
let print_if_newline v = pp_print_if_newline (std ()) v
let open_tbox v = pp_open_tbox (std ()) v
let close_tbox v = pp_close_tbox (std ()) v
let set_tab v = pp_set_tab (std ()) v
let print_tab v = pp_print_tab (std ()) v
let set_margin v = pp_set_margin (std ()) v
let get_margin v = pp_get_margin (std ()) v
let set_max_indent v = pp_set_max_indent (std ()) v
let get_max_indent v = pp_get_max_indent (std ()) v
let get_geometry v = pp_get_geometry (std ()) v
let update_geometry v = pp_update_geometry (std ()) v
let set_max_boxes v = pp_set_max_boxes (std ()) v
let get_max_boxes v = pp_get_max_boxes (std ()) v
let over_max_boxes v = pp_over_max_boxes (std ()) v
let set_ellipsis_text v = pp_set_ellipsis_text (std ()) v
let get_ellipsis_text v = pp_get_ellipsis_text (std ()) v
let set_formatter_out_channel v = pp_set_formatter_out_channel (std ()) v
let set_formatter_out_functions v = pp_set_formatter_out_functions (std ()) v
let get_formatter_out_functions v = pp_get_formatter_out_functions (std ()) v
let get_formatter_output_functions v =
  pp_get_formatter_output_functions (std ()) v
let set_formatter_stag_functions v = pp_set_formatter_stag_functions (std ()) v
let get_formatter_stag_functions v = pp_get_formatter_stag_functions (std ()) v
let set_print_tags v = pp_set_print_tags (std ()) v
let get_print_tags v = pp_get_print_tags (std ()) v
let set_mark_tags v = pp_set_mark_tags (std ()) v
let get_mark_tags v = pp_get_mark_tags (std ()) v
let set_tags v = pp_set_tags (std ()) v
let print_as v w = pp_print_as (std ()) v w
let print_break v w = pp_print_break (std ()) v w
let print_tbreak v w = pp_print_tbreak (std ()) v w
let set_formatter_output_functions v w =
  pp_set_formatter_output_functions (std ()) v w

let print_substring ~pos ~len s = pp_print_substring ~pos ~len (std ()) s

let print_substring_as ~pos ~len width s =
  pp_print_substring_as ~pos ~len (std ()) width s

let set_geometry ~max_indent ~margin =
  pp_set_geometry (std ()) ~max_indent ~margin

let safe_set_geometry ~max_indent ~margin =
  pp_safe_set_geometry (std ()) ~max_indent ~margin

(* Printers of collections *)

let pp_print_iter ?(pp_sep = pp_print_cut) iter pp_v ppf v =
  let first = ref true in
  iter
    (fun v ->
      if !first then first := false else pp_sep ppf ();
      pp_v ppf v)
    v

let pp_print_list ?(pp_sep = pp_print_cut) pp_v ppf l =
  let rec print_rest = function
    | [] -> ()
    | v :: rest ->
        pp_sep ppf ();
        pp_v ppf v;
        print_rest rest
  in
  match l with
  | [] -> ()
  | v :: rest -> pp_v ppf v; print_rest rest

let pp_print_array ?pp_sep pp_v ppf a =
  pp_print_iter ?pp_sep Array.iter pp_v ppf a

let pp_print_seq ?pp_sep pp_v ppf seq =
  pp_print_iter ?pp_sep Seq.iter pp_v ppf seq

let pp_print_option ?(none = pp_print_nothing) pp_v ppf = function
  | None -> none ppf ()
  | Some v -> pp_v ppf v

let pp_print_result ~ok ~error ppf = function
  | Ok v -> ok ppf v
  | Error e -> error ppf e

let pp_print_either ~left ~right ppf = function
  | Either.Left v -> left ppf v
  | Either.Right v -> right ppf v

(* Spaces as breaks, newlines as forced ones. *)
let pp_print_text ppf s =
  let len = String.length s in
  let print_word start stop =
    pp_print_substring ~pos:start ~len:(stop - start) ppf s
  in
  let rec scan start i =
    if i = len then (if start < len then print_word start len)
    else
      match s.[i] with
      | ' ' -> print_word start i; pp_print_space ppf (); scan (i + 1) (i + 1)
      | '\n' ->
          print_word start i;
          pp_force_newline ppf ();
          scan (i + 1) (i + 1)
      | _ -> scan start (i + 1)
  in
  scan 0 0

open CamlinternalFormatBasics
open CamlinternalFormat

(* The same for the literal text of a format: a run of blanks is one break as
   wide as its spaces or, with two newlines or more, as many forced ones. *)
let format_text (Format (fmt, _)) =
  let is_blank c = c = ' ' || c = '\n' in
  let split : type a b c d e f .
      string -> (a, b, c, d, e, f) fmt -> (a, b, c, d, e, f) fmt =
    fun s rest ->
    let len = String.length s in
    let rec stop accept i =
      if i < len && accept s.[i] then stop accept (i + 1) else i
    in
    let rec repeat n lit rest =
      if n = 0 then rest else Formatting_lit (lit, repeat (n - 1) lit rest)
    in
    let rec from start =
      if start >= len then rest
      else begin
        let word_end = stop (fun c -> not (is_blank c)) start in
        let word = String.sub s start (word_end - start) in
        if word_end = len then String_literal (word, rest)
        else begin
          let next = stop is_blank word_end in
          let blanks = String.sub s word_end (next - word_end) in
          let count c =
            String.fold_left (fun n x -> if x = c then n + 1 else n) 0 blanks
          in
          let newlines = count '\n' in
          let rest = from next in
          String_literal (word,
            if newlines <= 1 then
              Formatting_lit (Break ("", Int.max 1 (count ' '), 0), rest)
            else repeat newlines Force_newline rest)
        end
      end
    in
    from 0
  in
  let f : type a b c d e f .
      [ `String of string | `Char of char ] -> (a, b, c, d, e, f) fmt ->
      (a, b, c, d, e, f) fmt =
    fun literal rest -> match literal with
    | `Char c when is_blank c -> Formatting_lit (Break ("", 1, 0), rest)
    | `Char c -> Char_literal (c, rest)
    | `String s -> split s rest
  in
  let fmt = string_concat_map { f } fmt in
  Format (fmt, string_of_fmt fmt)

(* Formats *)

let print_formatting_lit ppf = function
  | Close_box -> pp_close_box ppf ()
  | Close_tag -> pp_close_stag ppf ()
  | Break (_, width, offset) -> pp_print_break ppf width offset
  | FFlush -> pp_print_flush ppf ()
  | Force_newline -> pp_force_newline ppf ()
  | Flush_newline -> pp_print_newline ppf ()
  | Magic_size _ -> ()
  | Escaped_at -> pp_print_char ppf '@'
  | Escaped_percent -> pp_print_char ppf '%'
  | Scan_indic c -> pp_print_char ppf '@'; pp_print_char ppf c

(* Print an accumulator, its first item first.  [call] runs the printers of
   [%a]; what it returns, if anything, is printed: the printers of [sprintf]
   return strings, the others print. *)
let rec print_acc : type b c .
    (formatter -> (b -> c) -> string option) -> formatter -> (b, c) acc ->
    unit =
  fun call ppf acc -> match acc with
  | End_of_acc -> ()
  (* [@<n>] gives the width of what follows it. *)
  | Acc_string_literal (Acc_formatting_lit (before, Magic_size (_, width)), s)
  | Acc_data_string (Acc_formatting_lit (before, Magic_size (_, width)), s) ->
      print_acc call ppf before;
      pp_print_as ppf width s
  | Acc_char_literal (Acc_formatting_lit (before, Magic_size (_, width)), c)
  | Acc_data_char (Acc_formatting_lit (before, Magic_size (_, width)), c) ->
      print_acc call ppf before;
      pp_print_as ppf width (String.make 1 c)
  | Acc_delay (Acc_formatting_lit (before, Magic_size (_, width)), print) ->
      print_acc call ppf before;
      Option.iter (pp_print_as ppf width) (call ppf print)
  | Acc_string_literal (before, s) | Acc_data_string (before, s) ->
      print_acc call ppf before;
      pp_print_string ppf s
  | Acc_char_literal (before, c) | Acc_data_char (before, c) ->
      print_acc call ppf before;
      pp_print_char ppf c
  | Acc_delay (before, print) ->
      print_acc call ppf before;
      begin match call ppf print with
      | None -> ()
      | Some s -> pp_print_string ppf s
      end
  | Acc_flush before ->
      print_acc call ppf before;
      pp_print_flush ppf ()
  | Acc_formatting_lit (before, lit) ->
      print_acc call ppf before;
      print_formatting_lit ppf lit
  | Acc_formatting_gen (before, Acc_open_tag inner) ->
      print_acc call ppf before;
      pp_open_stag ppf (String_tag (description call inner))
  | Acc_formatting_gen (before, Acc_open_box inner) ->
      print_acc call ppf before;
      let indent, kind = open_box_of_string (description call inner) in
      open_box_of_kind ppf indent kind
  | Acc_invalid_arg (before, msg) ->
      print_acc call ppf before;
      invalid_arg msg

(* What is printed for the description of a box or tag, without its angle
   brackets. *)
and description : type b c .
    (formatter -> (b -> c) -> string option) -> (b, c) acc -> string =
  fun call acc ->
  let text =
    match acc with
    | End_of_acc -> ""
    | Acc_string_literal (End_of_acc, s) -> s
    | _ ->
        let b = Buffer.create 16 in
        let ppf = formatter_of_buffer b in
        print_acc call ppf acc;
        pp_print_flush ppf ();
        Buffer.contents b
  in
  let len = String.length text in
  if len < 2 then text else String.sub text 1 (len - 2)

let output_acc ppf acc =
  print_acc (fun ppf print -> print ppf; None) ppf acc

let strput_acc ppf acc = print_acc (fun _ print -> Some (print ())) ppf acc

let kfprintf k ppf (Format (fmt, _)) =
  make_printf (fun acc -> output_acc ppf acc; k ppf) End_of_acc fmt

let ikfprintf k ppf (Format (fmt, _)) = make_iprintf k ppf fmt
let ifprintf _ (Format (fmt, _)) = make_iprintf ignore () fmt

let fprintf ppf (Format (fmt, _)) =
  make_printf (fun acc -> output_acc ppf acc) End_of_acc fmt

(* The formatter is that of the domain that passes the last argument. *)
let printf (Format (fmt, _)) =
  make_printf (fun acc -> output_acc (get_std_formatter ()) acc) End_of_acc fmt

let eprintf (Format (fmt, _)) =
  make_printf (fun acc -> output_acc (get_err_formatter ()) acc) End_of_acc fmt

let kdprintf k (Format (fmt, _)) =
  make_printf (fun acc -> k (fun ppf -> output_acc ppf acc)) End_of_acc fmt

let dprintf format = kdprintf Fun.id format

(* To a string: each call has its own buffer. *)

let to_string k print acc =
  let b = make_buffer () in
  let ppf = formatter_of_buffer b in
  print ppf acc;
  k (take_contents b ppf)

let ksprintf k (Format (fmt, _)) =
  make_printf (fun acc -> to_string k strput_acc acc) End_of_acc fmt

let kasprintf k (Format (fmt, _)) =
  make_printf (fun acc -> to_string k output_acc acc) End_of_acc fmt

let sprintf format = ksprintf Fun.id format
let asprintf format = kasprintf Fun.id format
