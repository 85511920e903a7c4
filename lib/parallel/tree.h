/* Sums of arrays in a fixed order: floating-point addition is not associative, so equal bytes need one order, whoever
 * adds. The sum of n parts is the sum of the first 2^k, the largest power of two below n, plus the sum of the others,
 * each made likewise:
 *
 *   1: a   2: a+b   3: (a+b)+c   4: (a+b)+(c+d)   5: ((a+b)+(c+d))+e   6: ((a+b)+(c+d))+(e+f)
 *
 * So the sums of runs of 2^j parts each (a run begins at a multiple of 2^j) may be made apart, by other processes, and
 * summed as parts in their turn: the result has the same bits. */
#ifndef PM_PARALLEL_TREE_H
#define PM_PARALLEL_TREE_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The sum of parts that come one after the other; keeps the sums that are still to be added, about log2 of their
 * number. */
typedef struct {
  pm_arena *arena;
  size_t count; /* floats of each */
  float **sum;  /* of runs, the longest first; sum[sums] is room for the next part */
  int *height;  /* sum[i] is of 2^height[i] parts */
  size_t sums, sum_capacity, height_capacity;
} pm_tree;

pm_tree pm_tree_new(pm_arena *arena, size_t count);
/* Where the next part is to be written, [count]. */
float *pm_tree_room(pm_tree *tree);
/* The caller's own memory [count] for the first part, and so for the sum; while the tree holds none. */
void pm_tree_sum_into(pm_tree *tree, float *sum);
/* Takes in what was written there. */
void pm_tree_add(pm_tree *tree);
/* The sum of all parts, at least one, since the last call; [count], until the next part is written. */
float *pm_tree_sum(pm_tree *tree);

/* The sum of n parts of count floats that are all there, in part[0]; what is in the others is lost. */
void pm_sum_parts(float *const *part, size_t n, size_t count);

/* The order alone, of parts first … first + n - 1 that lie anywhere: add_one adds part `from` to part `to`, and in the
 * end part `first` is the sum. Here, and not in tree.c, for plugins, which find in a program only what that uses. */
static inline void pm_sum_in_order(size_t first, size_t n, void (*add_one)(void *context, size_t to, size_t from),
                                   void *context) {
  size_t left = 1;
  if (n < 2)
    return;
  while (2 * left < n)
    left *= 2;
  pm_sum_in_order(first, left, add_one, context);
  pm_sum_in_order(first + left, n - left, add_one, context);
  add_one(context, first, first + left);
}

#ifdef __cplusplus
}
#endif
#endif
