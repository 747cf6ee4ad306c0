(* The run-time library of parsers made by ocamlyacc.  The automaton is in the
   runtime; it returns here for everything that needs OCaml code. *)

open Lexing

(* Shared with the runtime: fields in this order. *)
type parser_env =
  { mutable s_stack : int array;  (* states *)
    mutable v_stack : Obj.t array;  (* semantic values *)
    mutable symb_start_stack : position array;
    mutable symb_end_stack : position array;
    mutable stacksize : int;
    mutable stackbase : int;  (* where the current parse begins *)
    mutable curr_char : int;  (* code of the last token read *)
    mutable lval : Obj.t;  (* its value *)
    mutable symb_start : position;
    mutable symb_end : position;
    mutable asp : int;  (* top of the stacks for semantic actions *)
    mutable rule_len : int;
    mutable rule_number : int;
    mutable sp : int;
    mutable state : int;
    mutable errflag : int }
[@@warning "-unused-field"]

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
exception Parse_error

(* What the automaton is told, and what it asks for. *)
type answer =
  | Start
  | Token_read
  | Stacks_grown_1
  | Stacks_grown_2
  | Semantic_action_computed
  | Error_detected

type[@warning "-37"] request =
  | Read_token
  | Raise_parse_error
  | Grow_stacks_1
  | Grow_stacks_2
  | Compute_semantic_action
  | Call_error_function

external step : parse_tables -> parser_env -> answer -> Obj.t -> request
  = "caml_parse_engine"
external set_trace : bool -> bool = "caml_set_parser_trace"

let unit = Obj.repr ()

let env =
  let size = 100 in
  { s_stack = Array.make size 0;
    v_stack = Array.make size unit;
    symb_start_stack = Array.make size dummy_pos;
    symb_end_stack = Array.make size dummy_pos;
    stacksize = size;
    stackbase = 0;
    curr_char = 0;
    lval = unit;
    symb_start = dummy_pos;
    symb_end = dummy_pos;
    asp = 0;
    rule_len = 0;
    rule_number = 0;
    sp = 0;
    state = 0;
    errflag = 0 }

let grow_stacks () =
  let size = env.stacksize in
  let grown stack filler = Array.append stack (Array.make size filler) in
  env.s_stack <- grown env.s_stack 0;
  env.v_stack <- grown env.v_stack unit;
  env.symb_start_stack <- grown env.symb_start_stack dummy_pos;
  env.symb_end_stack <- grown env.symb_end_stack dummy_pos;
  env.stacksize <- 2 * size

let clear_parser () =
  Array.fill env.v_stack 0 env.stacksize unit;
  env.lval <- unit

(* Whether a token is the one at which the last parse failed. *)
let current_lookahead : (Obj.t -> bool) ref = ref (fun _ -> false)
let is_current_lookahead token = !current_lookahead (Obj.repr token)

let rec run tables lexer lexbuf answer value =
  let continue answer value = run tables lexer lexbuf answer value in
  match step tables env answer value with
  | Read_token ->
      let token = Obj.repr (lexer lexbuf) in
      env.symb_start <- lexbuf.lex_start_p;
      env.symb_end <- lexbuf.lex_curr_p;
      continue Token_read token
  | Compute_semantic_action ->
      begin match tables.actions.(env.rule_number) env with
      | value -> continue Semantic_action_computed value
      | exception Parse_error -> continue Error_detected unit
      end
  | Grow_stacks_1 -> grow_stacks (); continue Stacks_grown_1 unit
  | Grow_stacks_2 -> grow_stacks (); continue Stacks_grown_2 unit
  | Call_error_function ->
      tables.error_function "syntax error";
      continue Error_detected unit
  | Raise_parse_error -> raise Parse_error

(* A semantic action may run another parser: the state of this one is saved
   around it. *)
let yyparse tables start lexer lexbuf =
  let { asp; sp; stackbase; state; curr_char; lval; errflag; _ } = env in
  let restore () =
    env.asp <- asp;
    env.sp <- sp;
    env.stackbase <- stackbase;
    env.state <- state;
    env.curr_char <- curr_char;
    env.lval <- lval;
    env.errflag <- errflag
  in
  env.stackbase <- sp + 1;
  env.curr_char <- start;
  env.symb_end <- lexbuf.lex_curr_p;
  (* The automaton ends by an exception always. *)
  try run tables lexer lexbuf Start unit
  with exn ->
    let failed_at = env.curr_char in
    restore ();
    match exn with
    | YYexit v -> Obj.obj v
    | _ ->
        current_lookahead :=
          (fun token ->
            let code =
              if Obj.is_int token then tables.transl_const.(Obj.obj token)
              else tables.transl_block.(Obj.tag token)
            in
            code = failed_at);
        raise exn

let peek_val env n = Obj.obj env.v_stack.(env.asp - n)

let index_of n = env.asp - (env.rule_len - n)
let rhs_start_pos n = env.symb_start_stack.(index_of n)
let rhs_end_pos n = env.symb_end_stack.(index_of n)
let symbol_end_pos () = env.symb_end_stack.(env.asp)

(* The first symbol that is not empty gives the start. *)
let symbol_start_pos () =
  let rec from n =
    if n > env.rule_len then symbol_end_pos ()
    else
      let start = rhs_start_pos n in
      if start <> rhs_end_pos n then start else from (n + 1)
  in
  from 1

let symbol_start () = (symbol_start_pos ()).pos_cnum
let symbol_end () = (symbol_end_pos ()).pos_cnum
let rhs_start n = (rhs_start_pos n).pos_cnum
let rhs_end n = (rhs_end_pos n).pos_cnum

let parse_error (_ : string) = ()
