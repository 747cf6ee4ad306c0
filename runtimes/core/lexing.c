/* The automata of ocamllex.
 *
 * Counterpart of upstream's runtime/lexing.c.  The tables are strings of
 * little-endian 16-bit numbers.  The engine returns the number of an action, or
 * -state-1 when it needs more characters: it is then called again with that. */

#define CAML_INTERNALS

#include "caml/fail.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"

/* ORDER: the fields of [Lexing.lexbuf]. */
struct lexer_buffer {
  value refill_buff;
  value lex_buffer;
  value lex_buffer_len;
  value lex_abs_pos;
  value lex_start_pos;
  value lex_curr_pos;
  value lex_last_pos;
  value lex_last_action;
  value lex_eof_reached;
  value lex_mem;
  value lex_start_p;
  value lex_curr_p;
};

/* ORDER: the fields of [Lexing.lex_tables]. */
struct lexing_table {
  value lex_base;
  value lex_backtrk;
  value lex_default;
  value lex_trans;
  value lex_check;
  value lex_base_code;
  value lex_backtrk_code;
  value lex_default_code;
  value lex_trans_code;
  value lex_check_code;
  value lex_code;
};

/* The character after the last one. */
enum { END_OF_INPUT = 256 };

static unsigned unsigned_entry(value table, int n)
{
  const unsigned char *p = (const unsigned char *) String_val(table) + 2 * n;
  return p[0] | p[1] << 8;
}

static int entry(value table, int n)
{
  return (int16_t) unsigned_entry(table, n);
}

/* ---- Steps common to both engines ---- */

static int enter(struct lexer_buffer *lexbuf, value start_state)
{
  intnat state = Long_val(start_state);

  if (state < 0) return -state - 1;     /* after a refill */
  lexbuf->lex_last_pos = lexbuf->lex_start_pos = lexbuf->lex_curr_pos;
  lexbuf->lex_last_action = Val_int(-1);
  return state;
}

/* The next character, or -1 when the buffer must be refilled. */
static int next_char(struct lexer_buffer *lexbuf)
{
  if (lexbuf->lex_curr_pos >= lexbuf->lex_buffer_len)
    return lexbuf->lex_eof_reached == Val_false ? -1 : END_OF_INPUT;
  int c = Byte_u(lexbuf->lex_buffer, Long_val(lexbuf->lex_curr_pos));
  lexbuf->lex_curr_pos += 2;
  return c;
}

static int next_state(const struct lexing_table *tbl, int state, int base,
                      int c)
{
  return entry(tbl->lex_check, base + c) == state
    ? entry(tbl->lex_trans, base + c) : entry(tbl->lex_default, state);
}

/* No transition: back to the longest match so far. */
static value backtrack(struct lexer_buffer *lexbuf)
{
  lexbuf->lex_curr_pos = lexbuf->lex_last_pos;
  if (lexbuf->lex_last_action == Val_int(-1))
    caml_failwith("lexing: empty token");
  return lexbuf->lex_last_action;
}

/* The end of input was consumed, not only looked at: a later token may find
   more characters. */
static void consumed(struct lexer_buffer *lexbuf, int c)
{
  if (c == END_OF_INPUT) lexbuf->lex_eof_reached = Val_false;
}

CAMLprim value caml_lex_engine(value vtbl, value start_state, value vlexbuf)
{
  struct lexing_table *tbl = (struct lexing_table *) vtbl;
  struct lexer_buffer *lexbuf = (struct lexer_buffer *) vlexbuf;
  int state = enter(lexbuf, start_state);

  for (;;) {
    int base = entry(tbl->lex_base, state), action, c;
    if (base < 0) return Val_int(-base - 1);
    action = entry(tbl->lex_backtrk, state);
    if (action >= 0) {
      lexbuf->lex_last_pos = lexbuf->lex_curr_pos;
      lexbuf->lex_last_action = Val_int(action);
    }
    c = next_char(lexbuf);
    if (c < 0) return Val_int(-state - 1);
    state = next_state(tbl, state, base, c);
    if (state < 0) return backtrack(lexbuf);
    consumed(lexbuf, c);
  }
}

/* ---- Automata that remember positions, for "as" ---- */

/* Run the moves at [offset] of the code: pairs (destination, source) until a
   destination of 255.  The source 255 stands for [position]. */
static void run_moves(const struct lexing_table *tbl, unsigned offset,
                      value mem, value position)
{
  const unsigned char *pc =
    (const unsigned char *) String_val(tbl->lex_code) + offset;

  for (; pc[0] != 0xFF; pc += 2)
    Field(mem, pc[0]) = pc[1] == 0xFF ? position : Field(mem, pc[1]);
}

static unsigned transition_code(const struct lexing_table *tbl, int state,
                                int c)
{
  unsigned at = unsigned_entry(tbl->lex_base_code, state) + (unsigned) c;

  return entry(tbl->lex_check_code, at) == state
    ? unsigned_entry(tbl->lex_trans_code, at)
    : unsigned_entry(tbl->lex_default_code, state);
}

CAMLprim value caml_new_lex_engine(value vtbl, value start_state, value vlexbuf)
{
  struct lexing_table *tbl = (struct lexing_table *) vtbl;
  struct lexer_buffer *lexbuf = (struct lexer_buffer *) vlexbuf;
  int state = enter(lexbuf, start_state);

  for (;;) {
    int base = entry(tbl->lex_base, state), from = state, action, c;
    unsigned code;
    if (base < 0) {
      run_moves(tbl, unsigned_entry(tbl->lex_base_code, state),
                lexbuf->lex_mem, Val_int(-1));
      return Val_int(-base - 1);
    }
    action = entry(tbl->lex_backtrk, state);
    if (action >= 0) {
      run_moves(tbl, unsigned_entry(tbl->lex_backtrk_code, state),
                lexbuf->lex_mem, Val_int(-1));
      lexbuf->lex_last_pos = lexbuf->lex_curr_pos;
      lexbuf->lex_last_action = Val_int(action);
    }
    c = next_char(lexbuf);
    if (c < 0) return Val_int(-state - 1);
    state = next_state(tbl, state, base, c);
    if (state < 0) return backtrack(lexbuf);
    code = transition_code(tbl, from, c);
    if (code > 0) run_moves(tbl, code, lexbuf->lex_mem, lexbuf->lex_curr_pos);
    consumed(lexbuf, c);
  }
}
