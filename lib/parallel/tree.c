#include "parallel/tree.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <assert.h>

/* Floats of a task; they are added on the pool's threads alone, so that denormal numbers are treated alike whoever adds
 * (core/tasks.h). */
enum { BLOCK = 16384 };

typedef struct {
  float *to;
  const float *from;
  size_t n;
} span;

static void add_block(void *context, size_t block, void *scratch) {
  const span *s = context;
  const size_t begin = block * BLOCK, end = begin + pm_smaller(s->n - begin, BLOCK);
  (void)scratch;
  for (size_t i = begin; i < end; i++)
    s->to[i] += s->from[i];
}

static void add(float *to, const float *from, size_t n) {
  span s = {.to = to, .from = from, .n = n};
  pm_parallel_for(pm_pieces(n, BLOCK), 0, add_block, &s);
}

pm_tree pm_tree_new(pm_arena *arena, size_t count) {
  return (pm_tree){.arena = arena, .count = count};
}

static void grow(pm_tree *t) {
  const size_t had = t->sum_capacity;
  t->sum = pm_grow(t->arena, t->sum, &t->sum_capacity, t->sums + 1, sizeof *t->sum);
  t->height = pm_grow(t->arena, t->height, &t->height_capacity, t->sum_capacity, sizeof *t->height);
  for (size_t i = had; i < t->sum_capacity; i++)
    t->sum[i] = NULL;
}

void pm_tree_sum_into(pm_tree *t, float *sum) {
  assert(t->sums == 0);
  if (!t->sum_capacity)
    grow(t);
  t->sum[0] = sum;
}

float *pm_tree_room(pm_tree *t) {
  if (t->sums == t->sum_capacity)
    grow(t);
  if (!t->sum[t->sums])
    t->sum[t->sums] = pm_alloc(t->arena, t->count, sizeof(float));
  return t->sum[t->sums];
}

/* The newest sum joins the one before it. */
static void merge(pm_tree *t) {
  add(t->sum[t->sums - 2], t->sum[t->sums - 1], t->count);
  t->sums--;
}

void pm_tree_add(pm_tree *t) {
  t->height[t->sums++] = 0;
  while (t->sums > 1 && t->height[t->sums - 2] == t->height[t->sums - 1]) {
    merge(t);
    t->height[t->sums - 1]++;
  }
}

float *pm_tree_sum(pm_tree *t) {
  while (t->sums > 1)
    merge(t);
  t->sums = 0;
  return t->sum[0];
}

typedef struct {
  float *const *part;
  size_t count;
} parts_on_host;

static void add_on_host(void *context, size_t to, size_t from) {
  const parts_on_host *p = context;
  add(p->part[to], p->part[from], p->count);
}

void pm_sum_parts(float *const *part, size_t n, size_t count) {
  parts_on_host p = {part, count};
  pm_sum_in_order(0, n, add_on_host, &p);
}
