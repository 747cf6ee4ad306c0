(** The run-time library of lexers made by ocamllex. *)

(** A point in a file: its name, the line, the offset of the line's beginning
    and that of the point. *)
type position = {
  pos_fname : string;
  pos_lnum : int;
  pos_bol : int;
  pos_cnum : int;
}

(** A position that is nowhere. *)
val dummy_pos : position

(** The state of a lexer: its buffer, and the positions of the current token. *)
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

(** Read from a channel. Without positions [lex_start_p] and [lex_curr_p] are
    not kept. *)
val from_channel : ?with_positions:bool -> in_channel -> lexbuf

(** Read a string. *)
val from_string : ?with_positions:bool -> string -> lexbuf

(** Read with a function that puts at most [n] bytes in a buffer, and returns
    how many; 0 is the end. *)
val from_function : ?with_positions:bool -> (bytes -> int -> int) -> lexbuf

(** Set the position, but for the file. Since 4.11. *)
val set_position : lexbuf -> position -> unit

(** Set the file. Since 4.11. *)
val set_filename : lexbuf -> string -> unit

(** Whether positions are kept. Since 4.08. *)
val with_positions : lexbuf -> bool

(** The current token. *)
val lexeme : lexbuf -> string

(** A character of it. *)
val lexeme_char : lexbuf -> int -> char

(** Its offset. *)
val lexeme_start : lexbuf -> int

(** The offset after it. *)
val lexeme_end : lexbuf -> int

(** Its position. *)
val lexeme_start_p : lexbuf -> position

(** The position after it. *)
val lexeme_end_p : lexbuf -> position

(** Count a line; to be called by actions. *)
val new_line : lexbuf -> unit

(** Forget what was read ahead. *)
val flush_input : lexbuf -> unit

(** What follows is for the code that ocamllex makes. *)
val sub_lexeme : lexbuf -> int -> int -> string
val sub_lexeme_opt : lexbuf -> int -> int -> string option
val sub_lexeme_char : lexbuf -> int -> char
val sub_lexeme_char_opt : lexbuf -> int -> char option

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
val engine : lex_tables -> int -> lexbuf -> int
val new_engine : lex_tables -> int -> lexbuf -> int
