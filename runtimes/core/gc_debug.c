/* The heap checker (OCAMLRUNPARAM=V, and always in the debug build): at the
   end of a cycle, with the world stopped and the minor heaps empty, walks all
   that is reachable and checks that every pointer leads to the start of a
   block of the heap, or to static data, and that no reachable block is
   garbage. */
#define CAML_INTERNALS

#include <stdio.h>
#include <stdlib.h>

#include "gc_cycle.h"
#include "heap_layout.h"
#include "caml/custom.h"
#include "caml/globroots.h"
#include "caml/memory.h"
#include "caml/roots.h"
#include "caml/weak.h"

/* ---- a set of blocks: open addressing; the low bit means visited ---- */

struct block_set {
  uintnat *slots;
  uintnat size;
  uintnat used;
};

static uintnat *find_slot(struct block_set *s, value v)
{
  uintnat i = ((uintnat)v >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 16;
  for (i &= s->size - 1; s->slots[i] != 0; i = (i + 1) & (s->size - 1))
    if ((s->slots[i] & ~(uintnat)1) == (uintnat)v) break;
  return &s->slots[i];
}

static void insert(struct block_set *s, value v);

static void grow_set(struct block_set *s)
{
  struct block_set old = *s;
  s->size = old.size == 0 ? 1 << 12 : old.size * 2;
  s->slots = calloc(s->size, sizeof *s->slots);
  if (s->slots == NULL) caml_fatal_error("no memory for the heap checker");
  for (uintnat i = 0; i < old.size; i++)
    if (old.slots[i] != 0) *find_slot(s, (value)old.slots[i]) = old.slots[i];
  free(old.slots);
}

static void insert(struct block_set *s, value v)
{
  if (2 * (s->used + 1) > s->size) grow_set(s);
  *find_slot(s, v) = (uintnat)v;
  s->used++;
}

/* ---- the walk ---- */

struct checker {
  struct block_set blocks; /* of all heaps */
  value *todo;
  uintnat num_todo, size_todo;
  value parent; /* that is looked at, for messages; 0: a root */
};

CAMLnoret static void bad(struct checker *c, const char *what, value v,
                          volatile value *p)
{
  fprintf(stderr, "heap check: %s: %p", what, (void *)v);
  fprintf(stderr, " at %p", (void *)(uintnat)p);
  if (c->parent != 0)
    fprintf(stderr, ", field %ld of %p (tag %u, size %lu)",
            (long)(p - (volatile value *)c->parent), (void *)c->parent,
            Tag_val(c->parent), (unsigned long)Wosize_val(c->parent));
  fprintf(stderr, "\n");
  caml_abort();
}

static void queue(struct checker *c, value v)
{
  if (c->num_todo == c->size_todo) {
    c->size_todo = c->size_todo == 0 ? 1024 : 2 * c->size_todo;
    c->todo = realloc(c->todo, c->size_todo * sizeof *c->todo);
    if (c->todo == NULL) caml_fatal_error("no memory for the heap checker");
  }
  c->todo[c->num_todo++] = v;
}

/* A scanning action. */
static void check_value(void *data, value v, volatile value *p)
{
  struct checker *c = data;
  if (v == 0) bad(c, "null word", v, p);
  if (Is_long(v)) return;
  if (v & 7) bad(c, "pointer not aligned", v, p);
  if (Is_young(v)) bad(c, "young value after a minor collection", v, p);
  header_t hd = Hd_val(v);
  if (Tag_hd(hd) == Infix_tag) {
    v -= Infix_offset_hd(hd);
    hd = Hd_val(v);
    if (Tag_hd(hd) != Closure_tag) bad(c, "infix pointer astray", v, p);
  }
  if (Color_hd(hd) == NOT_MARKABLE) return;
  uintnat *slot = find_slot(&c->blocks, v);
  if (*slot == 0) bad(c, "pointer to no block", v, p);
  if (Color_hd(hd) == caml_global_heap_state.GARBAGE)
    bad(c, "reachable block is garbage", v, p);
  if (*slot & 1) return;
  *slot |= 1;
  if (Tag_hd(hd) == Custom_tag && Custom_ops_val(v) == NULL)
    bad(c, "custom block without operations", v, p);
  if (Tag_hd(hd) < No_scan_tag) queue(c, v);
}

static void check_fields(struct checker *c, value v)
{
  header_t hd = Hd_val(v);
  mlsize_t i = 0;
  c->parent = v;
  if (Tag_hd(hd) == Closure_tag) {
    i = Start_env_closinfo(Closinfo_val(v));
    if (i > Wosize_hd(hd)) bad(c, "closure information", v, &Field(v, 1));
  }
  if (Tag_hd(hd) == Cont_tag) {
    struct stack_info *stack = Ptr_val(Field(v, 0));
    if (stack != NULL) caml_scan_stack(check_value, 0, c, stack, NULL);
    i = 1;
  }
  for (; i < Wosize_hd(hd); i++) check_value(c, Field(v, i), &Field(v, i));
}

static void note_block(value *hp, void *data)
{
  struct checker *c = data;
  header_t hd = *(header_t *)hp;
  if (Wosize_hd(hd) == 0) bad(c, "block of size 0", Val_hp(hp), hp);
  insert(&c->blocks, Val_hp(hp));
}

static void check_ephemerons(struct checker *c, value list)
{
  for (value e = list; e != 0; e = Ephe_link(e)) {
    c->parent = e;
    uintnat *slot = find_slot(&c->blocks, e);
    if (*slot == 0) bad(c, "ephemeron in no heap", e, &Ephe_link(e));
    /* Its keys and data are alive, or were dropped. */
    for (mlsize_t i = CAML_EPHE_DATA_OFFSET; i < Wosize_val(e); i++)
      check_value(c, Field(e, i), &Field(e, i));
  }
}

void caml_verify_heap_from_stw(struct stw_section *stw)
{
  struct checker c = { .parent = 0 };
  grow_set(&c.blocks);
  for (int i = 0; i < stw->num_domains; i++)
    caml_iter_heap(stw->domains[i]->shared_heap, note_block, &c);
  caml_scan_global_roots(check_value, &c);
  for (int i = 0; i < stw->num_domains; i++) {
    caml_domain_state *d = stw->domains[i];
    c.parent = 0;
    caml_do_roots(check_value, 0, &c, d, 1);
    check_ephemerons(&c, d->ephe_info->todo);
    check_ephemerons(&c, d->ephe_info->live);
  }
  while (c.num_todo > 0) check_fields(&c, c.todo[--c.num_todo]);
  free(c.blocks.slots);
  free(c.todo);
}
