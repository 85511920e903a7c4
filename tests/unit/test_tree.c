/* Sums in a fixed order: the order that the header promises, however the parts are handed in. */
#include "files.h"

#include "core/random.h"
#include "core/tasks.h"
#include "parallel/tree.h"

enum { MOST = 17, COUNT = 20000 /* more than two tasks' worth */ };

/* parts[n,COUNT] of very different sizes, so that another order gives other bits. */
static float *parts_of(size_t n) {
  float *x = pm_alloc(arena, n * COUNT, sizeof *x);
  pm_normals(x, n * COUNT, 1, pm_purpose("parts"), 0, 0);
  for (size_t i = 0; i < n * COUNT; i++)
    x[i] *= (float)(1 << (i * 7 / COUNT * 5 % 19));
  return x;
}

/* The header's words as one recursion. */
static float sum_of(const float *x, size_t n) {
  size_t first = 1;
  if (n == 1)
    return *x;
  while (first * 2 < n)
    first *= 2;
  return sum_of(x, first) + sum_of(x + first * COUNT, n - first);
}

static void expect_sum(const float *got, const float *parts, size_t n) {
  for (size_t i = 0; i < COUNT; i++)
    if (got[i] != sum_of(parts + i, n))
      fail_msg("%zu parts, item %zu: %.9g, expected %.9g", n, i, (double)got[i], (double)sum_of(parts + i, n));
}

/* Of parts[n,COUNT], into the first. */
static void sum_parts(float *parts, size_t n) {
  float **part = pm_alloc(arena, n, sizeof *part);
  for (size_t k = 0; k < n; k++)
    part[k] = parts + k * COUNT;
  pm_sum_parts(part, n, COUNT);
}

static float *tree_sum(pm_tree *tree, const float *parts, size_t n) {
  for (size_t k = 0; k < n; k++) {
    memcpy(pm_tree_room(tree), parts + k * COUNT, COUNT * sizeof *parts);
    pm_tree_add(tree);
  }
  return pm_tree_sum(tree);
}

static void parts_are_added_in_the_order_promised(void **state) {
  (void)state;
  pm_tree tree = pm_tree_new(arena, COUNT); /* one for all, as from step to step */
  for (size_t n = 1; n <= MOST; n++) {
    float *parts = parts_of(n), *copy = parts_of(n);
    float *room = pm_alloc(arena, COUNT, sizeof *room);
    pm_set_threads(1 + (int)(n % 3));
    if (n > 5)
      pm_tree_sum_into(&tree, room);
    expect_sum(tree_sum(&tree, parts, n), parts, n);
    assert_true(n <= 5 || tree.sum[0] == room);
    sum_parts(copy, n);
    expect_sum(copy, parts, n);
  }
}

/* Runs of a power of two parts, summed apart, are parts in their turn. */
static void runs_may_be_summed_apart(void **state) {
  (void)state;
  const size_t n = 24;
  float *parts = parts_of(n);
  for (size_t run = 1; run <= 8; run *= 2) {
    float *sums = pm_alloc(arena, n / run * COUNT, sizeof *sums);
    for (size_t k = 0; k < n / run; k++) {
      pm_tree tree = pm_tree_new(arena, COUNT);
      memcpy(sums + k * COUNT, tree_sum(&tree, parts + k * run * COUNT, run), COUNT * sizeof *sums);
    }
    sum_parts(sums, n / run);
    expect_sum(sums, parts, n);
  }
}

/* Else the other tests would pass with any order. */
static void the_order_matters(void **state) {
  (void)state;
  float *parts = parts_of(MOST);
  size_t other = 0;
  for (size_t i = 0; i < COUNT; i++) {
    float in_turn = 0;
    for (size_t k = 0; k < MOST; k++)
      in_turn += parts[k * COUNT + i];
    other += in_turn != sum_of(parts + i, MOST);
  }
  assert_true(other > COUNT / 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_CASE(parts_are_added_in_the_order_promised),
      FILE_CASE(runs_may_be_summed_apart),
      FILE_CASE(the_order_matters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
