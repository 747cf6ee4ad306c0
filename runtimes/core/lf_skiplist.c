/* Skip lists without locks, after Herlihy and Shavit, "The Art of
   Multiprocessor Programming", chapter 14.

   Counterpart of upstream's runtime/lf_skiplist.c. A cell is in the list while
   its lowest link is not marked. Who removes it marks its links from the top
   down, and who marks the lowest one is the one who removed it; then searches
   take the cell out of each level. Cells stay readable until
   [caml_lf_skiplist_free_garbage]. */

#define CAML_INTERNALS

#include "caml/lf_skiplist.h"

#include "caml/memory.h"
#include "caml/misc.h"

/* The last cell before a key at each level, and the one after that. */
struct place {
  struct lf_skipcell *before[NUM_LEVELS];
  struct lf_skipcell *after[NUM_LEVELS];
};

static struct lf_skipcell *alloc_cell(uintnat key, uintnat data, int top_level)
{
  struct lf_skipcell *cell = caml_stat_alloc(
    sizeof *cell + (top_level + 1) * sizeof cell->forward[0]);
  cell->key = key;
  atomic_store_relaxed(&cell->data, data);
  cell->top_level = top_level;
  atomic_store_relaxed(&cell->garbage_next, NULL);
  return cell;
}

void caml_lf_skiplist_init(struct lf_skiplist *sk)
{
  sk->tail = alloc_cell(CAML_UINTNAT_MAX, 0, NUM_LEVELS - 1);
  sk->head = alloc_cell(0, 0, NUM_LEVELS - 1);
  for (int level = 0; level < NUM_LEVELS; level++) {
    atomic_store_relaxed(&sk->tail->forward[level], NULL);
    atomic_store_relaxed(&sk->head->forward[level], sk->tail);
  }
  atomic_store(&sk->search_level, 0);
  atomic_store(&sk->garbage_head, sk->head);
}

/* Half of the keys reach level 1, a quarter level 2, and so on. Which ones is
   decided by the key alone, so that domains share no generator. */
static int level_of_key(uintnat key)
{
  uint64_t hash = (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15);
  int level = 0;
  hash ^= hash >> 32;
  while ((hash >> level & 1) != 0 && level < NUM_LEVELS - 1) level++;
  return level;
}

/* ---- searching ---- */

static int replace_link(struct lf_skipcell *cell, int level,
                        struct lf_skipcell *from, struct lf_skipcell *to)
{
  return atomic_compare_exchange_strong(&cell->forward[level], &from, to);
}

/* Finds where [key] belongs at one level, beginning at a cell before it, and
   takes removed cells out on the way. 0: a link changed meanwhile. */
static int search_level(struct lf_skipcell *from, uintnat key, int level,
                        struct place *p)
{
  struct lf_skipcell *before = from;
  struct lf_skipcell *cell = LF_SK_UNMARK(atomic_load(&from->forward[level]));
  for (;;) {
    struct lf_skipcell *next = atomic_load(&cell->forward[level]);
    if (LF_SK_IS_MARKED(next)) {
      next = LF_SK_UNMARK(next);
      if (!replace_link(before, level, cell, next)) return 0;
    } else if (cell->key < key) {
      before = cell;
    } else {
      p->before[level] = before;
      p->after[level] = cell;
      return 1;
    }
    cell = next;
  }
}

/* The place of a key, removed cells being out of its way at all levels;
   whether the key is there. */
static int search(struct lf_skiplist *sk, uintnat key, struct place *p)
{
  int level;
  do {
    struct lf_skipcell *from = sk->head;
    level = (int)atomic_load(&sk->search_level);
    while (level >= 0 && search_level(from, key, level, p))
      from = p->before[level--];
  } while (level >= 0);
  return p->after[0]->key == key;
}

/* Changes nothing, and so never begins again. Removed cells are passed over:
   what comes after one that is out already may be new since then. */
int caml_lf_skiplist_find(struct lf_skiplist *sk, uintnat key, uintnat *data)
{
  struct lf_skipcell *before = sk->head, *cell = sk->tail;
  for (int level = (int)atomic_load(&sk->search_level); level >= 0; level--) {
    cell = LF_SK_UNMARK(atomic_load(&before->forward[level]));
    for (;;) {
      struct lf_skipcell *next = atomic_load(&cell->forward[level]);
      if (LF_SK_IS_MARKED(next)) {
        cell = LF_SK_UNMARK(next);
      } else if (cell->key < key) {
        before = cell;
        cell = next;
      } else {
        break;
      }
    }
  }
  if (cell->key != key) return 0;
  *data = atomic_load(&cell->data);
  return 1;
}

int caml_lf_skiplist_find_below(struct lf_skiplist *sk, uintnat k,
                                uintnat *key, uintnat *data)
{
  struct place p;
  struct lf_skipcell *cell = search(sk, k, &p) ? p.after[0] : p.before[0];
  if (cell == sk->head) return 0;
  *key = cell->key;
  *data = atomic_load(&cell->data);
  return 1;
}

/* ---- changes ---- */

static void raise_search_level(struct lf_skiplist *sk, uintnat level)
{
  uintnat known = atomic_load(&sk->search_level);
  while (known < level
         && !atomic_compare_exchange_strong(&sk->search_level, &known, level))
    ;
}

/* Links a cell at one more level; 0 if it was removed meanwhile. Who removes
   it may have marked this link before the cell could be found there, and then
   does not take it out: so this side looks at the mark once more. */
static int link_above(struct lf_skiplist *sk, struct lf_skipcell *cell,
                      int level, struct place *p)
{
  for (;;) {
    struct lf_skipcell *after = atomic_load(&cell->forward[level]);
    if (LF_SK_IS_MARKED(after)) return 0;
    if (after != p->after[level]
        && !replace_link(cell, level, after, p->after[level]))
      return 0;
    if (replace_link(p->before[level], level, p->after[level], cell)) break;
    if (!search(sk, cell->key, p) || p->after[0] != cell) return 0;
  }
  if (!LF_SK_IS_MARKED(atomic_load(&cell->forward[level]))) return 1;
  search(sk, cell->key, p);
  return 0;
}

int caml_lf_skiplist_insert(struct lf_skiplist *sk, uintnat key, uintnat data)
{
  struct place p;
  struct lf_skipcell *cell = NULL;
  int top_level = level_of_key(key);
  CAMLassert(key > 0 && key < CAML_UINTNAT_MAX);
  raise_search_level(sk, top_level);
  do {
    if (search(sk, key, &p)) {
      atomic_store(&p.after[0]->data, data);
      if (cell != NULL) caml_stat_free(cell);
      return 1;
    }
    if (cell == NULL) cell = alloc_cell(key, data, top_level);
    for (int level = 0; level <= top_level; level++)
      atomic_store_relaxed(&cell->forward[level], p.after[level]);
  } while (!replace_link(p.before[0], 0, p.after[0], cell));
  for (int level = 1; level <= top_level; level++)
    if (!link_above(sk, cell, level, &p)) break;
  return 1;
}

/* Marks a link; whether it was this call that did. */
static int mark(struct lf_skipcell *cell, int level)
{
  struct lf_skipcell *next = atomic_load(&cell->forward[level]);
  while (!LF_SK_IS_MARKED(next))
    if (atomic_compare_exchange_strong(&cell->forward[level], &next,
                                       LF_SK_MARKED(next)))
      return 1;
  return 0;
}

static void add_to_garbage(struct lf_skiplist *sk, struct lf_skipcell *cell)
{
  struct lf_skipcell *first = atomic_load(&sk->garbage_head);
  do {
    atomic_store(&cell->garbage_next, first);
  } while (!atomic_compare_exchange_strong(&sk->garbage_head, &first, cell));
}

int caml_lf_skiplist_remove(struct lf_skiplist *sk, uintnat key)
{
  struct place p;
  if (!search(sk, key, &p)) return 0;
  struct lf_skipcell *cell = p.after[0];
  for (int level = (int)cell->top_level; level >= 1; level--) mark(cell, level);
  if (!mark(cell, 0)) return 0;
  search(sk, key, &p);
  add_to_garbage(sk, cell);
  return 1;
}

void caml_lf_skiplist_free_garbage(struct lf_skiplist *sk)
{
  struct lf_skipcell *cell = atomic_load(&sk->garbage_head), *next;
  for (; cell != sk->head; cell = next) {
    next = atomic_load(&cell->garbage_next);
    caml_stat_free(cell);
  }
  atomic_store(&sk->garbage_head, sk->head);
}
