/* The pushdown automata of ocamlyacc.
 *
 * Counterpart of upstream's runtime/parsing.c.  The engine is a coroutine of
 * the OCaml code of Parsing: it returns what it wants done, and is called again
 * with the outcome.  Between calls its state is kept in the environment. */

#define CAML_INTERNALS

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/startup_aux.h"

/* The pseudo-token "error". */
#define ERROR_TOKEN 256

/* ORDER: the fields of [Parsing.parse_tables]. */
struct parser_tables {
  value actions;
  value transl_const;
  value transl_block;
  value lhs;
  value len;
  value defred;
  value dgoto;
  value sindex;
  value rindex;
  value gindex;
  value tablesize;
  value table;
  value check;
  value error_function;
  value names_const;
  value names_block;
};

/* ORDER: the fields of [Parsing.parser_env]. */
struct parser_env {
  value s_stack;
  value v_stack;
  value symb_start_stack;
  value symb_end_stack;
  value stacksize;
  value stackbase;
  value curr_char;
  value lval;
  value symb_start;
  value symb_end;
  value asp;
  value rule_len;
  value rule_number;
  value sp;
  value state;
  value errflag;
};

/* ORDER: the constructors of [Parsing.parser_input]. */
enum input { START, TOKEN_READ, STACKS_GROWN_1, STACKS_GROWN_2,
             SEMANTIC_ACTION_COMPUTED, ERROR_DETECTED };

/* ORDER: the constructors of [Parsing.parser_output]. */
enum output { READ_TOKEN, RAISE_PARSE_ERROR, GROW_STACKS_1, GROW_STACKS_2,
              COMPUTE_SEMANTIC_ACTION, CALL_ERROR_FUNCTION };

/* The engine while it runs. */
struct parser {
  const struct parser_tables *tables;
  struct parser_env *env;
  int state;
  intnat sp;
  int errflag;                  /* tokens to shift before errors count again */
};

/* What to do next inside the engine. */
enum goal { LOOP, TEST_SHIFT, PUSH, RECOVER, SEMANTIC_ACTION, STOP };

/* Tables are strings of little-endian signed 16-bit numbers. */
static int entry(value table, intnat n)
{
  const unsigned char *p = (const unsigned char *) String_val(table) + 2 * n;
  return (int16_t) (p[0] | p[1] << 8);
}

/* The place in the table of [symbol] in the row that [index] gives to [state],
   or -1. */
static intnat lookup(const struct parser *p, value index, int state, int symbol)
{
  int row = entry(index, state);
  intnat at = (intnat) row + symbol;

  if (row == 0 || at < 0 || at > Long_val(p->tables->tablesize)
      || entry(p->tables->check, at) != symbol)
    return -1;
  return at;
}

/* ---- Traces ---- */

static bool tracing(void)
{
  return caml_params->parser_trace || Caml_state->parser_trace;
}

static void print_trace(const char *format, ...)
{
  va_list args;

  if (!tracing()) return;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fflush(stderr);
}

/* The names are one string, each followed by a NUL. */
static const char *token_name(value vnames, int number)
{
  const char *names = String_val(vnames);

  for (; number > 0; number--) {
    if (*names == 0) return "<unknown token>";
    names += strlen(names) + 1;
  }
  return names;
}

static void print_argument(value v)
{
  if (Is_long(v)) fprintf(stderr, "%lld", (long long) Long_val(v));
  else if (Tag_val(v) == String_tag) fprintf(stderr, "%s", String_val(v));
  else if (Tag_val(v) == Double_tag) fprintf(stderr, "%g", Double_val(v));
  else fprintf(stderr, "_");
}

static void print_token(const struct parser *p, value token)
{
  if (!tracing()) return;
  if (Is_long(token)) {
    fprintf(stderr, "State %d: read token %s\n", p->state,
            token_name(p->tables->names_const, Int_val(token)));
  } else {
    fprintf(stderr, "State %d: read token %s(", p->state,
            token_name(p->tables->names_block, Tag_val(token)));
    print_argument(Field(token, 0));
    fprintf(stderr, ")\n");
  }
  fflush(stderr);
}

/* ---- Moves of the automaton ---- */

static enum goal stop(enum output wanted, enum output *res)
{
  *res = wanted;
  return STOP;
}

static void read_token(struct parser *p, value token)
{
  const struct parser_tables *t = p->tables;
  bool constant = Is_long(token);

  p->env->curr_char = constant ? Field(t->transl_const, Long_val(token))
                               : Field(t->transl_block, Tag_val(token));
  caml_modify(&p->env->lval, constant ? Val_long(0) : Field(token, 0));
  print_token(p, token);
}

static enum goal shift_to(struct parser *p, intnat at, enum output *res)
{
  int target = entry(p->tables->table, at);

  print_trace("State %d: shift to state %d\n", p->state, target);
  p->state = target;
  p->sp++;
  return p->sp < Long_val(p->env->stacksize) ? PUSH : stop(GROW_STACKS_1, res);
}

static enum goal push(struct parser *p)
{
  struct parser_env *env = p->env;

  Field(env->s_stack, p->sp) = Val_int(p->state);
  caml_modify(&Field(env->v_stack, p->sp), env->lval);
  caml_modify(&Field(env->symb_start_stack, p->sp), env->symb_start);
  caml_modify(&Field(env->symb_end_stack, p->sp), env->symb_end);
  return LOOP;
}

static enum goal reduce(struct parser *p, int rule, enum output *res)
{
  struct parser_env *env = p->env;
  int len = entry(p->tables->len, rule), lhs = entry(p->tables->lhs, rule);
  int below;
  intnat at;

  print_trace("State %d: reduce by rule %d\n", p->state, rule);
  env->asp = Val_long(p->sp);
  env->rule_number = Val_int(rule);
  env->rule_len = Val_int(len);
  p->sp = p->sp - len + 1;
  below = Int_val(Field(env->s_stack, p->sp - 1));
  at = lookup(p, p->tables->gindex, lhs, below);
  p->state = at >= 0 ? entry(p->tables->table, at)
                     : entry(p->tables->dgoto, lhs);
  return p->sp < Long_val(env->stacksize) ? SEMANTIC_ACTION
                                          : stop(GROW_STACKS_2, res);
}

static void push_reduction(struct parser *p, value result)
{
  struct parser_env *env = p->env;
  intnat asp = Long_val(env->asp);
  value end = Field(env->symb_end_stack, asp);

  Field(env->s_stack, p->sp) = Val_int(p->state);
  caml_modify(&Field(env->v_stack, p->sp), result);
  caml_modify(&Field(env->symb_end_stack, p->sp), end);
  /* An empty production starts where it ends. */
  if (p->sp > asp) caml_modify(&Field(env->symb_start_stack, p->sp), end);
}

static enum goal look_ahead(struct parser *p, enum output *res)
{
  int rule = entry(p->tables->defred, p->state);

  if (rule != 0) return reduce(p, rule, res);
  if (Int_val(p->env->curr_char) >= 0) return TEST_SHIFT;
  return stop(READ_TOKEN, res);
}

static enum goal test_shift(struct parser *p, enum output *res)
{
  int token = Int_val(p->env->curr_char);
  intnat at = lookup(p, p->tables->sindex, p->state, token);

  if (at >= 0) {
    p->env->curr_char = Val_int(-1);
    if (p->errflag > 0) p->errflag--;
    return shift_to(p, at, res);
  }
  at = lookup(p, p->tables->rindex, p->state, token);
  if (at >= 0) return reduce(p, entry(p->tables->table, at), res);
  return p->errflag > 0 ? RECOVER : stop(CALL_ERROR_FUNCTION, res);
}

/* Pop states until one can shift "error"; when an error came right after
   another, drop the token instead. */
static enum goal recover(struct parser *p, enum output *res)
{
  if (p->errflag >= 3) {
    if (Int_val(p->env->curr_char) == 0) return stop(RAISE_PARSE_ERROR, res);
    print_trace("Discarding last token read\n");
    p->env->curr_char = Val_int(-1);
    return LOOP;
  }
  p->errflag = 3;
  for (;; p->sp--) {
    int state = Int_val(Field(p->env->s_stack, p->sp));
    intnat at = lookup(p, p->tables->sindex, state, ERROR_TOKEN);
    if (at >= 0) {
      print_trace("Recovering in state %d\n", state);
      return shift_to(p, at, res);
    }
    print_trace("Discarding state %d\n", state);
    if (p->sp <= Long_val(p->env->stackbase)) {
      print_trace("No more states to discard\n");
      return stop(RAISE_PARSE_ERROR, res);
    }
  }
}

/* ---- The engine ---- */

static void restore(struct parser *p)
{
  p->sp = Long_val(p->env->sp);
  p->state = Int_val(p->env->state);
  p->errflag = Int_val(p->env->errflag);
}

static void save(const struct parser *p)
{
  p->env->sp = Val_long(p->sp);
  p->env->state = Val_int(p->state);
  p->env->errflag = Val_int(p->errflag);
}

static enum goal resume(struct parser *p, enum input input, value arg)
{
  restore(p);
  switch (input) {
  case START: p->state = 0; p->errflag = 0; return LOOP;
  case TOKEN_READ: read_token(p, arg); return TEST_SHIFT;
  case STACKS_GROWN_1: return PUSH;
  case STACKS_GROWN_2: return SEMANTIC_ACTION;
  case SEMANTIC_ACTION_COMPUTED: push_reduction(p, arg); return LOOP;
  case ERROR_DETECTED: return RECOVER;
  }
  CAMLunreachable();
}

CAMLprim value caml_parse_engine(value vtables, value venv, value cmd,
                                 value arg)
{
  struct parser p;
  enum output res = READ_TOKEN;
  enum goal goal;

  p.tables = (struct parser_tables *) vtables;
  p.env = (struct parser_env *) venv;
  goal = resume(&p, (enum input) Int_val(cmd), arg);
  while (goal != STOP) {
    switch (goal) {
    case LOOP: goal = look_ahead(&p, &res); break;
    case TEST_SHIFT: goal = test_shift(&p, &res); break;
    case PUSH: goal = push(&p); break;
    case RECOVER: goal = recover(&p, &res); break;
    case SEMANTIC_ACTION: goal = stop(COMPUTE_SEMANTIC_ACTION, &res); break;
    case STOP: break;
    }
  }
  /* The OCaml code does not come back after a syntax error. */
  if (res != RAISE_PARSE_ERROR) save(&p);
  return Val_int(res);
}

CAMLprim value caml_set_parser_trace(value flag)
{
  value old = Val_bool(tracing());

  Caml_state->parser_trace = Bool_val(flag);
  return old;
}
