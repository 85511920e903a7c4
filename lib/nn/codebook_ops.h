/* Vector quantisation. See ops.h. */
#ifndef PM_NN_CODEBOOK_OPS_H
#define PM_NN_CODEBOOK_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- vector quantisation: van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", 2017 ----
 */

/* PM_I32 [N]: which row of codebook [C,K] is nearest to each row of x [N,K] by the squared distance, the lowest of
 * equals. No gradient. */
enum { PM_NEAREST_CODE_X, PM_NEAREST_CODE_CODEBOOK };
static inline pm_value *pm_nearest_code(pm_graph *g, pm_value *x, pm_value *codebook) {
  return PM_APPLY(g, nearest_code, NULL, 0, x, codebook);
}
/* `value`, whose gradient goes to x, of the same shape, unchanged; none to `value`. */
enum { PM_STRAIGHT_THROUGH_X, PM_STRAIGHT_THROUGH_VALUE };
static inline pm_value *pm_straight_through(pm_graph *g, pm_value *x, pm_value *value) {
  return PM_APPLY(g, straight_through, NULL, 0, x, value);
}
/* How index PM_I32 [N places], all below `codes`, spreads over the codes; of the first `count` of N only (a PM_I64
 * scalar, or NULL for all). Outputs: how often each occurs [codes], the share of the codes that occurs at all, and the
 * perplexity exp(-sum p ln p) of their frequencies. No gradient. */
typedef struct {
  size_t codes, places;
} pm_code_usage_attributes;
enum { PM_CODE_USAGE_INDEX, PM_CODE_USAGE_COUNT };
enum { PM_CODE_USAGE_TIMES, PM_CODE_USAGE_USED, PM_CODE_USAGE_PERPLEXITY }; /* outputs */
static inline pm_value *pm_code_usage(pm_graph *g, pm_value *index, size_t codes, size_t places, pm_value *count) {
  pm_code_usage_attributes a = {codes, places};
  return PM_APPLY(g, code_usage, &a, sizeof a, index, count);
}

/* A codebook that follows running averages: of how many vectors x[N,K] chose each code by index PM_I32 [N], and of
 * their sum: counts[C] = decay counts + (1 - decay) n, sums[C,K] likewise, codebook[C,K] = sums / counts (ibid.,
 * appendix A.1). All three are states, counts and sums begin at 0. A code that was never chosen stays as it is. */
typedef struct {
  double decay;
} pm_codebook_average_attributes;
/* The first three are updated: they are the outputs, too. */
enum {
  PM_CODEBOOK_AVERAGE_CODEBOOK,
  PM_CODEBOOK_AVERAGE_COUNTS,
  PM_CODEBOOK_AVERAGE_SUMS,
  PM_CODEBOOK_AVERAGE_X,
  PM_CODEBOOK_AVERAGE_INDEX
};
static inline void pm_codebook_average(pm_graph *g, pm_value *codebook, pm_value *counts, pm_value *sums, pm_value *x,
                                       pm_value *index, double decay) {
  pm_codebook_average_attributes a = {decay};
  PM_APPLY(g, codebook_average, &a, sizeof a, codebook, counts, sums, x, index);
}
/* The same where n[C] and total[C,K], how many vectors chose each code and their sum, are known already: of a batch
 * that was computed in parts. */
enum {
  PM_CODEBOOK_FOLLOW_CODEBOOK,
  PM_CODEBOOK_FOLLOW_COUNTS,
  PM_CODEBOOK_FOLLOW_SUMS,
  PM_CODEBOOK_FOLLOW_N,
  PM_CODEBOOK_FOLLOW_TOTAL
};
static inline void pm_codebook_follow(pm_graph *g, pm_value *codebook, pm_value *counts, pm_value *sums, pm_value *n,
                                      pm_value *total, double decay) {
  pm_codebook_average_attributes a = {decay};
  PM_APPLY(g, codebook_follow, &a, sizeof a, codebook, counts, sums, n, total);
}
/* Codes that no vector chose in `after` steps take the place of a vector of the batch, drawn by (seed, step, code) and
 * not by slot: Dhariwal et al., "Jukebox", 2020, section 3. idle[C], a state, counts the steps; counts and sums as
 * above or NULL. */
typedef struct {
  int64_t after;
  uint32_t purpose;
} pm_codebook_restart_attributes;
typedef struct {
  pm_value *codebook, *idle, *counts, *sums;
} pm_codebook_states;
/* The first four are updated: they are the outputs, too. */
enum {
  PM_CODEBOOK_RESTART_CODEBOOK,
  PM_CODEBOOK_RESTART_IDLE,
  PM_CODEBOOK_RESTART_COUNTS,
  PM_CODEBOOK_RESTART_SUMS,
  PM_CODEBOOK_RESTART_X,
  PM_CODEBOOK_RESTART_INDEX,
  PM_CODEBOOK_RESTART_SEED,
  PM_CODEBOOK_RESTART_STEP
};
static inline void pm_codebook_restart(pm_graph *g, pm_codebook_states s, pm_value *x, pm_value *index, pm_value *seed,
                                       pm_value *step, pm_codebook_restart_attributes a) {
  PM_APPLY(g, codebook_restart, &a, sizeof a, s.codebook, s.idle, s.counts, s.sums, x, index, seed, step);
}

/* The same of a batch in micro-batches (micro_batch.h). Each leaves, for every code, the vector [C,K] that it would
 * take, where that is one of its own: `parts` times what is x[N,K]'s share in the mean over the `parts` micro-batches,
 * 0 where another one has it. `rows` are the vectors of a slot, `first` the number of x's first slot. No gradient. */
typedef struct {
  size_t codes, parts, rows;
  uint32_t purpose;
} pm_code_candidates_attributes;
enum { PM_CODE_CANDIDATES_X, PM_CODE_CANDIDATES_SEED, PM_CODE_CANDIDATES_STEP, PM_CODE_CANDIDATES_FIRST };
static inline pm_value *pm_code_candidates(pm_graph *g, pm_value *x, pm_draws draws, pm_code_candidates_attributes a) {
  return PM_APPLY(g, code_candidates, &a, sizeof a, x, PM_DRAWS(draws));
}
/* n[C]: how many vectors of the batch chose each code; candidates [C,K]: what takes the place of one out of use. */
enum {
  PM_CODEBOOK_REPLACE_CODEBOOK,
  PM_CODEBOOK_REPLACE_IDLE,
  PM_CODEBOOK_REPLACE_COUNTS,
  PM_CODEBOOK_REPLACE_SUMS,
  PM_CODEBOOK_REPLACE_N,
  PM_CODEBOOK_REPLACE_CANDIDATES
};
static inline void pm_codebook_replace(pm_graph *g, pm_codebook_states s, pm_value *n, pm_value *candidates,
                                       int64_t after) {
  pm_codebook_restart_attributes a = {after, 0};
  PM_APPLY(g, codebook_replace, &a, sizeof a, s.codebook, s.idle, s.counts, s.sums, n, candidates);
}

#ifdef __cplusplus
}
#endif
#endif
