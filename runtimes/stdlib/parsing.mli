(** The run-time library of parsers made by ocamlyacc. *)

(** In an action: the offset of the left-hand side. *)
val symbol_start : unit -> int

(** The offset after it. *)
val symbol_end : unit -> int

(** The offset of the nth symbol of the right-hand side. *)
val rhs_start : int -> int

(** The offset after it. *)
val rhs_end : int -> int

(** The same as positions. *)
val symbol_start_pos : unit -> Lexing.position
val symbol_end_pos : unit -> Lexing.position
val rhs_start_pos : int -> Lexing.position
val rhs_end_pos : int -> Lexing.position

(** Empty the stack, so that its values are not kept alive. *)
val clear_parser : unit -> unit

(** The input does not follow the grammar. May be raised by actions. *)
exception Parse_error

(** Whether the automaton is traced. Returns the former setting. Since 3.11. *)
val set_trace : bool -> bool

(** What follows is for the code that ocamlyacc makes. *)
type parser_env

type parse_tables =
  { actions : (parser_env -> Obj.t) array;
    transl_const : int array;
    transl_block : int array;
    lhs : string;
    len : string;
    defred : string;
    dgoto : string;
    sindex : string;
    rindex : string;
    gindex : string;
    tablesize : int;
    table : string;
    check : string;
    error_function : string -> unit;
    names_const : string;
    names_block : string }

exception YYexit of Obj.t
val yyparse : parse_tables -> int -> (Lexing.lexbuf -> 'a) -> Lexing.lexbuf ->
    'b
val peek_val : parser_env -> int -> 'a
val is_current_lookahead : 'a -> bool
val parse_error : string -> unit
