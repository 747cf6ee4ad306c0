(* The run-time library of lexers made by ocamllex.  The automaton runs in the
   runtime; here are its buffer and the positions. *)

type position = {
  pos_fname : string;
  pos_lnum : int;
  pos_bol : int;
  pos_cnum : int;
}

(* Compared physically: in a buffer it says that positions are not kept. *)
let dummy_pos = { pos_fname = ""; pos_lnum = 0; pos_bol = 0; pos_cnum = -1 }
let initial_pos = { pos_fname = ""; pos_lnum = 1; pos_bol = 0; pos_cnum = 0 }

type lexbuf =
  { refill_buff : lexbuf -> unit;
    mutable lex_buffer : bytes;
    mutable lex_buffer_len : int;
    mutable lex_abs_pos : int;
    mutable lex_start_pos : int;
    mutable lex_curr_pos : int;
    mutable lex_last_pos : int;
    mutable lex_last_action : int;
    mutable lex_eof_reached : bool;
    mutable lex_mem : int array;
    mutable lex_start_p : position;
    mutable lex_curr_p : position;
  }

type lex_tables =
  { lex_base : string;
    lex_backtrk : string;
    lex_default : string;
    lex_trans : string;
    lex_check : string;
    lex_base_code : string;
    lex_backtrk_code : string;
    lex_default_code : string;
    lex_trans_code : string;
    lex_check_code : string;
    lex_code: string;}

(* Positions *)

let with_positions lexbuf = lexbuf.lex_curr_p != dummy_pos

let new_line lexbuf =
  if with_positions lexbuf then begin
    let p = lexbuf.lex_curr_p in
    lexbuf.lex_curr_p <-
      { p with pos_lnum = p.pos_lnum + 1; pos_bol = p.pos_cnum }
  end

let set_position lexbuf p =
  lexbuf.lex_curr_p <- { p with pos_fname = lexbuf.lex_curr_p.pos_fname };
  lexbuf.lex_abs_pos <- p.pos_cnum

let set_filename lexbuf name =
  lexbuf.lex_curr_p <- { lexbuf.lex_curr_p with pos_fname = name }

(* The automaton.  A negative result asks for more input: the token is not
   complete and the positions stay. *)

external run : lex_tables -> int -> lexbuf -> int = "caml_lex_engine"
external run_with_memory : lex_tables -> int -> lexbuf -> int
  = "caml_new_lex_engine"

let advance lexbuf action =
  if action >= 0 && with_positions lexbuf then begin
    let p = lexbuf.lex_curr_p in
    lexbuf.lex_start_p <- p;
    lexbuf.lex_curr_p <-
      { p with pos_cnum = lexbuf.lex_abs_pos + lexbuf.lex_curr_pos }
  end;
  action

let engine tables state lexbuf = advance lexbuf (run tables state lexbuf)
let new_engine tables state lexbuf =
  advance lexbuf (run_with_memory tables state lexbuf)

(* The buffer *)

(* Make room for [extra] bytes: drop what comes before the current token, and
   double the buffer when that is not enough. *)
let make_room lexbuf extra =
  let start = lexbuf.lex_start_pos in
  let kept = lexbuf.lex_buffer_len - start in
  let capacity = Bytes.length lexbuf.lex_buffer in
  let target =
    if kept + extra <= capacity then lexbuf.lex_buffer
    else begin
      let capacity = Int.min (2 * capacity) Sys.max_string_length in
      if kept + extra > capacity then
        failwith "Lexing.lex_refill: cannot grow buffer";
      Bytes.create capacity
    end
  in
  Bytes.blit lexbuf.lex_buffer start target 0 kept;
  lexbuf.lex_buffer <- target;
  lexbuf.lex_buffer_len <- kept;
  lexbuf.lex_abs_pos <- lexbuf.lex_abs_pos + start;
  lexbuf.lex_start_pos <- 0;
  lexbuf.lex_curr_pos <- lexbuf.lex_curr_pos - start;
  lexbuf.lex_last_pos <- lexbuf.lex_last_pos - start;
  (* Negative: a position not set. *)
  let mem = lexbuf.lex_mem in
  Array.iteri (fun i pos -> if pos >= 0 then mem.(i) <- pos - start) mem

let refill read chunk lexbuf =
  let n = Int.max 0 (read chunk (Bytes.length chunk)) in
  if n = 0 then lexbuf.lex_eof_reached <- true;
  if lexbuf.lex_buffer_len + n > Bytes.length lexbuf.lex_buffer then
    make_room lexbuf n;
  Bytes.blit chunk 0 lexbuf.lex_buffer lexbuf.lex_buffer_len n;
  lexbuf.lex_buffer_len <- lexbuf.lex_buffer_len + n

let make ~with_positions ~complete refill_buff buffer len =
  let position = if with_positions then initial_pos else dummy_pos in
  { refill_buff;
    lex_buffer = buffer;
    lex_buffer_len = len;
    lex_abs_pos = 0;
    lex_start_pos = 0;
    lex_curr_pos = 0;
    lex_last_pos = 0;
    lex_last_action = 0;
    lex_eof_reached = complete;
    lex_mem = [||];
    lex_start_p = position;
    lex_curr_p = position }

let from_function ?(with_positions = true) read =
  make ~with_positions ~complete:false (refill read (Bytes.create 512))
    (Bytes.create 1024) 0

let from_channel ?with_positions ic =
  from_function ?with_positions (fun b len -> input ic b 0 len)

let from_string ?(with_positions = true) s =
  make ~with_positions ~complete:true
    (fun lexbuf -> lexbuf.lex_eof_reached <- true)
    (Bytes.of_string s) (String.length s)

let flush_input lexbuf =
  lexbuf.lex_curr_pos <- 0;
  lexbuf.lex_abs_pos <- 0;
  if with_positions lexbuf then
    lexbuf.lex_curr_p <-
      { initial_pos with pos_fname = lexbuf.lex_curr_p.pos_fname };
  lexbuf.lex_buffer_len <- 0

(* The current token *)

let sub_lexeme lexbuf start stop =
  Bytes.sub_string lexbuf.lex_buffer start (stop - start)

let sub_lexeme_opt lexbuf start stop =
  if start < 0 then None else Some (sub_lexeme lexbuf start stop)

let sub_lexeme_char lexbuf pos = Bytes.get lexbuf.lex_buffer pos

let sub_lexeme_char_opt lexbuf pos =
  if pos < 0 then None else Some (sub_lexeme_char lexbuf pos)

let lexeme lexbuf = sub_lexeme lexbuf lexbuf.lex_start_pos lexbuf.lex_curr_pos
let lexeme_char lexbuf i = sub_lexeme_char lexbuf (lexbuf.lex_start_pos + i)
let lexeme_start_p lexbuf = lexbuf.lex_start_p
let lexeme_end_p lexbuf = lexbuf.lex_curr_p
let lexeme_start lexbuf = lexbuf.lex_start_p.pos_cnum
let lexeme_end lexbuf = lexbuf.lex_curr_p.pos_cnum
