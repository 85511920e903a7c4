/* What draws random numbers: noise and dropout. See ops.h. */
#ifndef PM_NN_RANDOM_OPS_H
#define PM_NN_RANDOM_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- draws for each slot of the batch ---- */

/* PM_I32 [n,width], uniform on 0 … below - 1. */
typedef struct {
  size_t n, width, below;
  uint32_t purpose;
} pm_random_index_rows_attributes;
static inline pm_value *pm_random_index_rows(pm_graph *g, pm_draws draws, pm_random_index_rows_attributes a) {
  return PM_APPLY(g, random_index_rows, &a, sizeof a, PM_DRAWS(draws));
}
typedef struct {
  size_t n, strata; /* strata: 0, or slot first + i = k, modulo strata, within (k, k + 1) / strata */
  uint32_t purpose;
} pm_random_uniform_attributes;
/* [n], uniform on (0, 1); `stratified`: one in each of draws.whole equal parts of it, in order of the slots. */
static inline pm_value *pm_random_uniform(pm_graph *g, pm_draws draws, size_t n, bool stratified, uint32_t purpose) {
  assert(!stratified || draws.whole);
  pm_random_uniform_attributes a = {n, stratified ? draws.whole : 0, purpose};
  return PM_APPLY(g, random_uniform, &a, sizeof a, PM_DRAWS(draws));
}
/* PM_I32 [N]: each label kept, or `null` instead of it with probability p. */
typedef struct {
  double p;
  int32_t null;
} pm_drop_labels_attributes;
enum { PM_DROP_LABELS_LABELS, PM_DROP_LABELS_DRAWS };
static inline pm_value *pm_drop_labels(pm_graph *g, pm_value *labels, pm_draws draws, double p, int32_t null) {
  pm_drop_labels_attributes a = {p, null};
  return PM_APPLY(g, drop_labels, &a, sizeof a, labels, PM_DRAWS(draws));
}
/* Of all that drops items: with which probability, and what for (pm_purpose). */
typedef struct {
  double p;
  uint32_t purpose;
} pm_dropout_attributes;
/* x[N,…] with each item 0 with probability p and else divided by 1 - p: Srivastava et al., "Dropout", 2014. The
 * gradient drops the same. */
enum { PM_DROPOUT_X, PM_DROPOUT_DRAWS };
static inline pm_value *pm_dropout(pm_graph *g, pm_value *x, pm_draws draws, double p, uint32_t purpose) {
  pm_dropout_attributes a = {p, purpose};
  return PM_APPLY(g, dropout, &a, sizeof a, x, PM_DRAWS(draws));
}
/* Dropout on multi-hot vectors that are lists as pm_embedding_sum takes them, PM_I32 [N,…,room]: each entry is left out
 * with probability p. (What is left is not scaled; the caller divides sums by 1 - p.) */
enum { PM_DROP_LISTED_LIST, PM_DROP_LISTED_DRAWS };
static inline pm_value *pm_drop_listed(pm_graph *g, pm_value *list, pm_draws draws, double p, uint32_t purpose) {
  pm_dropout_attributes a = {p, purpose};
  return PM_APPLY(g, drop_listed, &a, sizeof a, list, PM_DRAWS(draws));
}

/* [N,…] of standard normal numbers. */
typedef struct {
  pm_shape shape;
  uint32_t purpose;
} pm_normal_attributes;
static inline pm_value *pm_normal(pm_graph *g, pm_shape shape, pm_draws draws, uint32_t purpose) {
  pm_normal_attributes a = {shape, purpose};
  return PM_APPLY(g, normal, &a, sizeof a, PM_DRAWS(draws));
}

#ifdef __cplusplus
}
#endif
#endif
