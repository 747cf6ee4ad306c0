/* Tests of the heaps and collectors: graphs that are built, changed and
   collected by one or more domains, with the heap checker on.

   gc_test            all tests
   gc_test trees N    binary trees of depth N, as a benchmark

   Built from the files of SOURCES, fake_native.c and this one; with -DDEBUG
   for assertions and poisoned memory, and well with -fsanitize=address,undefined.
   GC_TEST_STRESS=1 collects at every allocation. */
#define _DEFAULT_SOURCE
#define CAML_INTERNALS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_native.h"
#include "caml/alloc.h"
#include "caml/custom.h"
#include "caml/domain.h"
#include "caml/finalise.h"
#include "caml/gc_ctrl.h"
#include "caml/major_gc.h"
#include "caml/memory.h"
#include "caml/minor_gc.h"
#include "caml/shared_heap.h"
#include "caml/signals.h"
#include "caml/startup_aux.h"
#include "caml/sync.h"
#include "caml/weak.h"

extern value caml_domain_spawn(value, value);
extern value caml_ml_mutex_new(value), caml_ml_condition_new(value);
extern value caml_ml_condition_wait(value, value);
extern value caml_ephe_create(value), caml_ephe_set_key(value, value, value);
extern value caml_ephe_get_key(value, value), caml_ephe_set_data(value, value);
extern value caml_ephe_get_data(value), caml_ephe_check_key(value, value);
extern value caml_ephe_get_key_copy(value, value);
extern value caml_final_register(value, value);
extern value caml_final_register_called_without_value(value, value);
extern value caml_gc_compaction(value), caml_gc_quick_stat(value);
extern value caml_atomic_make_contended(value);
extern value caml_atomic_fetch_add(value, value);
extern value caml_atomic_exchange(value, value);

static const char *current_test;

#define CHECK(x) \
  do { \
    if (!(x)) { \
      fprintf(stderr, "%s: %s:%d: failed: %s\n", current_test, __FILE__, \
              __LINE__, #x); \
      abort(); \
    } \
  } while (0)

/* Calls are outside OCaml code: what is pending runs here. */
static void safe_point(void) { caml_process_pending_actions_res(); }

static uint32_t next_random(uint32_t *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 8;
}

/* A closure without environment whose code is a C function. */
static value make_closure(value (*code)(value, value))
{
  value c = caml_alloc_small(2, Closure_tag);
  Field(c, 0) = (value)code;
  Field(c, 1) = Make_closinfo(1, 2);
  return c;
}

/* ---- trees ---- */

static value make_tree(int depth)
{
  CAMLparam0();
  CAMLlocal2(l, r);
  if (depth == 0) CAMLreturn(caml_alloc_2(0, Val_unit, Val_unit));
  l = make_tree(depth - 1);
  r = make_tree(depth - 1);
  value t = caml_alloc_small(2, 0);
  Field(t, 0) = l;
  Field(t, 1) = r;
  CAMLreturn(t);
}

static intnat count_tree(value t)
{
  if (Is_long(t)) return 0;
  return 1 + count_tree(Field(t, 0)) + count_tree(Field(t, 1));
}

extern value caml_gc_stat(value);

static intnat live_words(void)
{
  return Long_val(Field(caml_gc_stat(Val_unit), 7));
}

static void test_trees(void)
{
  CAMLparam0();
  CAMLlocal1(kept);
  intnat before = live_words();
  kept = make_tree(14);
  intnat grown = live_words() - before;
  CHECK(grown >= 3 * 32767 && grown < 3 * 32767 + 1000);
  for (int i = 0; i < 60; i++) {
    value t = make_tree(10);
    CHECK(count_tree(t) == 2047);
  }
  CHECK(count_tree(kept) == 32767);
  caml_gc_full_major(Val_unit);
  CHECK(count_tree(kept) == 32767);
  CAMLreturn0;
}

/* ---- a mutable graph, with blocks of all sizes and kinds ---- */

enum { GRAPH_NODES = 2000 };

/* Node: [ id | edge | edge | payload ], payload a string that tells the id. */
static value make_node(intnat id, uint32_t *seed)
{
  CAMLparam0();
  CAMLlocal2(s, n);
  intnat len = next_random(seed) % 64 == 0 ? 5000 : next_random(seed) % 900;
  s = caml_alloc_string(len + 8);
  memcpy(Bytes_val(s), &id, 8);
  mlsize_t wosize = 4 + next_random(seed) % 40;
  if (next_random(seed) % 50 == 0) wosize = 300;
  n = caml_alloc(wosize, 0);
  Store_field(n, 0, Val_long(id));
  Store_field(n, 3, s);
  CAMLreturn(n);
}

static void check_node(value n, intnat id)
{
  intnat stored;
  CHECK(Is_block(n) && Long_val(Field(n, 0)) == id);
  memcpy(&stored, String_val(Field(n, 3)), 8);
  CHECK(stored == id);
}

static void churn_graph(int rounds, uint32_t seed)
{
  CAMLparam0();
  CAMLlocal2(nodes, n);
  nodes = caml_alloc(GRAPH_NODES, 0);
  for (intnat i = 0; i < GRAPH_NODES; i++) {
    n = make_node(i, &seed);
    Store_field(nodes, i, n);
  }
  for (int r = 0; r < rounds; r++) {
    intnat i = next_random(&seed) % GRAPH_NODES;
    intnat j = next_random(&seed) % GRAPH_NODES;
    check_node(Field(nodes, i), i);
    if (next_random(&seed) % 3 == 0) {
      n = make_node(i, &seed);
      Store_field(n, 1, Field(Field(nodes, i), 1));
      Store_field(nodes, i, n);
    } else {
      n = Field(nodes, i);
      Store_field(n, 1 + next_random(&seed) % 2, Field(nodes, j));
    }
    if (r % 16 == 0) safe_point();
  }
  caml_finish_major_cycle(0);
  for (intnat i = 0; i < GRAPH_NODES; i++) check_node(Field(nodes, i), i);
  CAMLreturn0;
}

static int rounds(int n) { return caml_params->stress ? n / 100 + 1 : n; }

static void test_graph(void) { churn_graph(rounds(40000), 1); }

/* ---- weak pointers and ephemerons ---- */

static value pair(intnat a, intnat b)
{
  return caml_alloc_2(0, Val_long(a), Val_long(b));
}

static void test_ephemerons(void)
{
  CAMLparam0();
  CAMLlocal5(e, key, dead, data, copy);
  e = caml_ephe_create(Val_int(3));
  key = pair(1, 2);
  caml_ephe_set_key(e, Val_int(0), key);
  dead = pair(3, 4);
  caml_ephe_set_key(e, Val_int(1), dead);
  CHECK(caml_ephe_get_key(e, Val_int(2)) == Val_none);
  copy = caml_ephe_get_key_copy(e, Val_int(0));
  CHECK(Some_val(copy) != key && Field(Some_val(copy), 1) == Val_int(2));
  caml_gc_full_major(Val_unit);
  CHECK(Some_val(caml_ephe_get_key(e, Val_int(0))) == key);
  CHECK(caml_ephe_check_key(e, Val_int(1)) == Val_true);
  dead = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(caml_ephe_check_key(e, Val_int(0)) == Val_true);
  CHECK(caml_ephe_check_key(e, Val_int(1)) == Val_false);

  /* The data leads to its own key: that keeps neither. */
  e = caml_ephe_create(Val_int(1));
  key = pair(5, 6);
  data = caml_alloc_1(0, key);
  caml_ephe_set_key(e, Val_int(0), key);
  caml_ephe_set_data(e, data);
  data = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(Field(Some_val(caml_ephe_get_data(e)), 0) == key);
  key = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(caml_ephe_get_data(e) == Val_none);
  CHECK(caml_ephe_check_key(e, Val_int(0)) == Val_false);

  /* A chain: the data of one is the key of the next. */
  data = caml_alloc(50, 0);
  key = pair(0, 0);
  dead = key;
  for (int i = 0; i < 50; i++) {
    e = caml_ephe_create(Val_int(1));
    Store_field(data, i, e);
    caml_ephe_set_key(e, Val_int(0), dead);
    dead = pair(i, i);
    caml_ephe_set_data(e, dead);
  }
  dead = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(Field(Some_val(caml_ephe_get_data(Field(data, 49))), 0) == Val_int(49));
  key = Val_unit;
  caml_gc_full_major(Val_unit);
  for (int i = 0; i < 50; i++)
    CHECK(caml_ephe_get_data(Field(data, i)) == Val_none);
  CAMLreturn0;
}

/* ---- finalisers ---- */

static intnat finalised_sum, finalised_last;

static value on_finalise(value v, value closure)
{
  (void)closure;
  finalised_sum += Long_val(Field(v, 0));
  return Val_unit;
}

static value on_finalise_last(value v, value closure)
{
  (void)closure;
  CHECK(v == Val_unit);
  finalised_last++;
  return Val_unit;
}

static intnat freed_customs;
static void free_custom(value v) { freed_customs += Long_val(Field(v, 1)); }
static const struct custom_operations test_ops = { .identifier = "_test",
                                                   .finalize = free_custom };

static void test_finalisers(void)
{
  CAMLparam0();
  CAMLlocal3(f, g, kept);
  f = make_closure(on_finalise);
  g = make_closure(on_finalise_last);
  finalised_sum = finalised_last = 0;
  for (int i = 1; i <= 100; i++) {
    value v = pair(i, 0);
    caml_final_register(f, v);
    v = pair(i, 0);
    caml_final_register_called_without_value(g, v);
  }
  kept = pair(1000, 0);
  caml_final_register(f, kept);
  caml_final_register_called_without_value(g, kept);
  caml_gc_full_major(Val_unit);
  safe_point();
  CHECK(finalised_sum == 5050 && finalised_last == 100);
  CHECK(Field(kept, 0) == Val_int(1000));
  kept = Val_unit;
  /* The first finds it for [f], which makes it reachable again. */
  caml_gc_full_major(Val_unit);
  safe_point();
  caml_gc_full_major(Val_unit);
  safe_point();
  CHECK(finalised_sum == 6050 && finalised_last == 101);

  freed_customs = 0;
  for (int i = 0; i < 100; i++) {
    value c = caml_alloc_custom_mem(&test_ops, 8, 100);
    Field(c, 1) = Val_long(1);
    if (i == 50) kept = c;
    if (i % 10 == 0) caml_minor_collection();
  }
  kept = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(freed_customs == 100);
  CAMLreturn0;
}

/* ---- global roots, closures, lazy and continuation blocks ---- */

static value plain_root, generational_root;

static void test_roots(void)
{
  CAMLparam0();
  CAMLlocal3(c, k, forward);
  plain_root = pair(7, 8);
  caml_register_global_root(&plain_root);
  generational_root = pair(9, 10);
  caml_register_generational_global_root(&generational_root);
  caml_gc_full_major(Val_unit);
  CHECK(!Is_young(plain_root) && Field(plain_root, 1) == Val_int(8));
  CHECK(Field(generational_root, 1) == Val_int(10));
  caml_modify_generational_global_root(&generational_root, pair(11, 12));
  caml_minor_collection();
  CHECK(Field(generational_root, 0) == Val_int(11));
  caml_remove_global_root(&plain_root);
  caml_remove_generational_global_root(&generational_root);

  /* Two functions and one variable; a pointer to the second is infix. */
  k = pair(1, 1);
  value b = caml_alloc_small(6, Closure_tag);
  Field(b, 0) = (value)on_finalise;
  Field(b, 1) = Make_closinfo(1, 5);
  Field(b, 2) = (value)((3ul << HEADER_WOSIZE_SHIFT) + Infix_tag);
  Field(b, 3) = (value)on_finalise;
  Field(b, 4) = Make_closinfo(1, 2);
  Field(b, 5) = k;
  c = b + 3 * sizeof(value);
  caml_gc_full_major(Val_unit);
  CHECK(!Is_young(c) && Tag_val(c) == Infix_tag && Field(c, 2) == k);

  forward = caml_alloc_1(Forward_tag, pair(2, 3));
  c = caml_alloc_1(0, forward);
  forward = Val_unit;
  caml_gc_full_major(Val_unit);
  CHECK(Tag_val(Field(c, 0)) == 0 || Tag_val(Field(c, 0)) == Forward_tag);

  struct fake_fiber fiber = { 2, { Val_unit, Val_unit } };
  k = caml_alloc_small(2, Cont_tag);
  Field(k, 0) = Val_ptr(&fiber);
  Field(k, 1) = Val_ptr(&fiber);
  fiber.values[0] = pair(21, 22);
  caml_remember_cont(k);
  caml_minor_collection();
  CHECK(!Is_young(fiber.values[0]));
  fiber.values[1] = pair(23, 24);
  caml_remember_cont(k);
  caml_gc_full_major(Val_unit);
  CHECK(Field(fiber.values[0], 1) == Val_int(22));
  CHECK(Field(fiber.values[1], 1) == Val_int(24));
  Field(k, 0) = Val_ptr(NULL);
  CAMLreturn0;
}

/* ---- compaction and sizes ---- */

static void test_compaction(void)
{
  CAMLparam0();
  CAMLlocal2(kept, e);
  enum { N = 20000 };
  kept = caml_alloc(N / 10, 0);
  e = caml_ephe_create(Val_int(1));
  for (int i = 0; i < N; i++) {
    value v = caml_alloc(2 + i % 7, 0);
    Field(v, 0) = Val_long(i);
    if (i % 10 == 0) Store_field(kept, i / 10, v);
  }
  caml_ephe_set_key(e, Val_int(0), Field(kept, 3));
  caml_gc_compaction(Val_unit);
  for (int i = 0; i < N; i += 10)
    CHECK(Field(Field(kept, i / 10), 0) == Val_long(i));
  CHECK(Some_val(caml_ephe_get_key(e, Val_int(0))) == Field(kept, 3));
  churn_graph(rounds(2000), 5);
  caml_gc_compaction(Val_unit);
  for (int i = 0; i < N; i += 10)
    CHECK(Field(Field(kept, i / 10), 0) == Val_long(i));

  value s = caml_gc_quick_stat(Val_unit);
  CHECK(Wosize_val(s) == 17 && Double_val(Field(s, 0)) > 0);
  caml_set_minor_heap_size(caml_norm_minor_heap_size(8192));
  caml_update_minor_heap_max(1 << 20);
  caml_set_minor_heap_size(1 << 20);
  test_trees();
  CAMLreturn0;
}

/* ---- domains ---- */

static value shared_counter; /* a contended atomic */
static value shared_slots;   /* where domains put what others read */

static value domain_body(value unit, value closure)
{
  CAMLparam2(unit, closure);
  CAMLlocal1(v);
  uint32_t seed = 17 * (uint32_t)Caml_state->unique_id;
  int n = rounds(300);
  for (int i = 0; i < n; i++) {
    v = make_tree(8);
    CHECK(count_tree(v) == 511);
    caml_atomic_fetch_add(shared_counter, Val_int(1));
    Store_field(shared_slots, next_random(&seed) % 64, v);
    v = Field(shared_slots, next_random(&seed) % 64);
    if (Is_block(v)) CHECK(count_tree(v) == 511);
    safe_point();
  }
  churn_graph(rounds(4000), seed);
  CAMLreturn(Val_long(n));
}

static value spawn(value (*body)(value, value))
{
  CAMLparam0();
  CAMLlocal4(sync, m, c, f);
  m = caml_ml_mutex_new(Val_unit);
  c = caml_ml_condition_new(Val_unit);
  sync = caml_alloc_3(0, Val_int(0), m, c);
  f = make_closure(body);
  caml_domain_spawn(f, sync);
  CAMLreturn(sync);
}

static intnat join(value sync)
{
  CAMLparam1(sync);
  caml_ml_mutex_lock(Field(sync, 1));
  while (Is_long(Field(sync, 0)))
    caml_ml_condition_wait(Field(sync, 2), Field(sync, 1));
  caml_ml_mutex_unlock(Field(sync, 1));
  value result = Field(Field(sync, 0), 0);
  CHECK(Tag_val(result) == 0);
  CAMLreturnT(intnat, Long_val(Field(result, 0)));
}

static void test_domains(void)
{
  CAMLparam0();
  CAMLlocal2(d1, d2);
  shared_counter = caml_atomic_make_contended(Val_int(0));
  caml_register_generational_global_root(&shared_counter);
  shared_slots = caml_alloc_shr(64, 0);
  for (int i = 0; i < 64; i++) Field(shared_slots, i) = Val_unit;
  caml_register_generational_global_root(&shared_slots);
  intnat expected = 0;
  for (int i = 0; i < 3; i++) {
    d1 = spawn(domain_body);
    d2 = spawn(domain_body);
    expected += Long_val(domain_body(Val_unit, Val_unit));
    expected += join(d1);
    expected += join(d2);
    caml_gc_full_major(Val_unit);
    CHECK(Long_val(Field(shared_counter, 0)) == expected);
  }
  /* One domain works while the other waits in a blocking section. */
  d1 = spawn(domain_body);
  expected += join(d1);
  CHECK(Long_val(Field(shared_counter, 0)) == expected);
  caml_gc_compaction(Val_unit);
  CAMLreturn0;
}

/* ---- benchmark ---- */

static void bench_trees(int depth)
{
  CAMLparam0();
  CAMLlocal1(kept);
  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  kept = make_tree(depth);
  for (int d = 4; d <= depth; d += 4) {
    intnat n = (intnat)1 << (depth - d + 4), sum = 0;
    for (intnat i = 0; i < n; i++) sum += count_tree(make_tree(d));
    printf("%ld trees of depth %d: %ld\n", (long)n, d, (long)sum);
  }
  printf("kept: %ld\n", (long)count_tree(kept));
  clock_gettime(CLOCK_MONOTONIC, &t1);
  value s = caml_gc_quick_stat(Val_unit);
  printf("%.3f s, minor %ld, major %ld, promoted %.0f, top heap %ld words\n",
         (t1.tv_sec - t0.tv_sec) + (t1.tv_nsec - t0.tv_nsec) * 1e-9,
         Long_val(Field(s, 3)), Long_val(Field(s, 4)),
         Double_val(Field(s, 1)), Long_val(Field(s, 14)));
  CAMLreturn0;
}

static void run(const char *name, void (*test)(void))
{
  current_test = name;
  test();
  printf("%s ok\n", name);
  fflush(stdout);
}

int main(int argc, char **argv)
{
  fake_start();
  if (argc == 3 && strcmp(argv[1], "trees") == 0) {
    bench_trees(atoi(argv[2]));
    return 0;
  }
  run("trees", test_trees);
  run("graph", test_graph);
  run("ephemerons", test_ephemerons);
  run("finalisers", test_finalisers);
  run("roots", test_roots);
  run("compaction", test_compaction);
  run("domains", test_domains);
  printf("%lu minor, %lu major collections\n",
         (unsigned long)atomic_load(&caml_minor_collections_count),
         (unsigned long)caml_major_cycles_completed);
  return 0;
}
