/* Categorical sampling: an index drawn by its logits. Shared by the ops that draw one. */
#ifndef PM_NN_OPS_CATEGORICAL_H
#define PM_NN_OPS_CATEGORICAL_H

#include "nn/ops/elementwise.h"

/* In a heap of n, whose parents are no larger than their children but perhaps at `at`: puts that one in its place. */
static inline void sink(double *heap, size_t at, size_t n) {
  for (size_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && heap[child + 1] < heap[child])
      child++;
    if (heap[at] <= heap[child])
      return;
    double x = heap[at];
    heap[at] = heap[child];
    heap[child] = x;
  }
}

/* By falling size, in place: qsort may allocate. */
static inline void sort_falling(double *x, size_t n) {
  for (size_t at = n / 2; at-- > 0;)
    sink(x, at, n);
  for (size_t end = n; end-- > 1;) {
    double least = x[0];
    x[0] = x[end];
    x[end] = least;
    sink(x, 0, end);
  }
}

/* The smallest logit that may still be drawn; sorted[K] is scratch. */
static inline double least_allowed_logit(const real *logits, size_t K, const pm_draw_index_attributes *a,
                                         double *sorted) {
  const bool some_k = a->top && a->top<K, some_p = a->top_p> 0 && a->top_p < 1;
  size_t allowed = some_k ? a->top : K, kept = 1;
  if (!some_k && !some_p)
    return -INFINITY;
  for (size_t k = 0; k < K; k++)
    sorted[k] = logits[k];
  sort_falling(sorted, K);
  if (!some_p)
    return sorted[allowed - 1];
  double total = 0, sum = 1; /* in units of the likeliest's probability, which is kept */
  for (size_t k = 0; k < allowed; k++)
    total += exp((sorted[k] - sorted[0]) / a->temperature);
  for (; kept < allowed && sum < a->top_p * total; kept++)
    sum += exp((sorted[kept] - sorted[0]) / a->temperature);
  return sorted[kept - 1];
}

/* The index at which the running sum of the weights passes u of their total. */
static inline int32_t draw_category(const real *logits, size_t K, double least, double temperature, double u) {
  double top = logits[0], total = 0, sum = 0;
  int32_t last = 0;
  for (size_t k = 1; k < K; k++)
    top = logits[k] > top ? logits[k] : top;
  for (size_t k = 0; k < K; k++)
    total += logits[k] >= least ? exp((logits[k] - top) / temperature) : 0;
  for (size_t k = 0; k < K; k++) {
    if (logits[k] < least)
      continue;
    sum += exp((logits[k] - top) / temperature);
    last = (int32_t)k;
    if (u * total < sum)
      break;
  }
  return last;
}

#endif
