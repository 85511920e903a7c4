/* A codebook that is kept up without gradients: running averages of the vectors that chose each code, and codes that no
 * vector chooses, restarted. No gradients. */
#include "core/random.h"
#include "nn/ops/elementwise.h"

#include <string.h>

/* Below this share of a vector a code has been out of use for so long that its average says nothing more. */
static const double least_count = 1e-8;

static void codebook_average_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_CODEBOOK_AVERAGE_X];
  (void)g;
  const pm_value *codebook = node->in[PM_CODEBOOK_AVERAGE_CODEBOOK];
  assert(pm_count(node->in[PM_CODEBOOK_AVERAGE_COUNTS]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_AVERAGE_SUMS]) == pm_count(codebook));
  assert(pm_columns(x) == pm_columns(codebook) && pm_count(node->in[PM_CODEBOOK_AVERAGE_INDEX]) == pm_rows(x));
  (void)codebook;
  for (int k = PM_CODEBOOK_AVERAGE_CODEBOOK; k <= PM_CODEBOOK_AVERAGE_SUMS; k++) {
    assert(node->in[k]->buffer);
    (void)x;
    node->out[k] = node->in[k];
  }
  node->outs = 3;
}

static void put_at_means(real *codebook, const real *counts, const real *sums, size_t C, size_t K) {
  for (size_t c = 0; c < C; c++)
    for (size_t k = 0; counts[c] > least_count && k < K; k++)
      codebook[c * K + k] = sums[c * K + k] / counts[c];
}

static void codebook_average_reference(const pm_call *call) {
  const pm_codebook_average_attributes *a = call->node->attributes;
  size_t C = pm_rows(call->node->in[PM_CODEBOOK_AVERAGE_CODEBOOK]),
         K = pm_columns(call->node->in[PM_CODEBOOK_AVERAGE_CODEBOOK]),
         N = pm_rows(call->node->in[PM_CODEBOOK_AVERAGE_X]);
  real *codebook = call->out[PM_CODEBOOK_AVERAGE_CODEBOOK], *counts = call->out[PM_CODEBOOK_AVERAGE_COUNTS],
       *sums = call->out[PM_CODEBOOK_AVERAGE_SUMS];
  const real *x = call->in[PM_CODEBOOK_AVERAGE_X], decay = (real)a->decay, rest = (real)(1 - a->decay);
  const int32_t *index = call->in[PM_CODEBOOK_AVERAGE_INDEX];
  for (size_t i = 0; i < C * K; i++)
    sums[i] *= decay;
  for (size_t c = 0; c < C; c++)
    counts[c] *= decay;
  for (size_t n = 0; n < N; n++) {
    size_t c = (size_t)index[n];
    counts[c] += rest;
    for (size_t k = 0; k < K; k++)
      sums[c * K + k] += rest * x[n * K + k];
  }
  put_at_means(codebook, counts, sums, C, K);
}

static void codebook_follow_infer(pm_graph *g, pm_node *node) {
  const pm_value *codebook = node->in[PM_CODEBOOK_FOLLOW_CODEBOOK];
  (void)g, (void)codebook;
  assert(pm_count(node->in[PM_CODEBOOK_FOLLOW_COUNTS]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_FOLLOW_N]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_FOLLOW_SUMS]) == pm_count(codebook) &&
         pm_count(node->in[PM_CODEBOOK_FOLLOW_TOTAL]) == pm_count(codebook));
  for (int k = PM_CODEBOOK_FOLLOW_CODEBOOK; k <= PM_CODEBOOK_FOLLOW_SUMS; k++)
    node->out[k] = node->in[k];
  node->outs = 3;
}

static void codebook_follow_reference(const pm_call *call) {
  const pm_codebook_average_attributes *a = call->node->attributes;
  const pm_value *codebook = call->node->in[PM_CODEBOOK_FOLLOW_CODEBOOK];
  const size_t C = pm_rows(codebook), K = pm_columns(codebook);
  real *counts = call->out[PM_CODEBOOK_FOLLOW_COUNTS], *sums = call->out[PM_CODEBOOK_FOLLOW_SUMS];
  const real *n = call->in[PM_CODEBOOK_FOLLOW_N], *total = call->in[PM_CODEBOOK_FOLLOW_TOTAL];
  const real decay = (real)a->decay, rest = (real)(1 - a->decay);
  for (size_t c = 0; c < C; c++)
    counts[c] = decay * counts[c] + rest * n[c];
  for (size_t i = 0; i < C * K; i++)
    sums[i] = decay * sums[i] + rest * total[i];
  put_at_means(call->out[PM_CODEBOOK_FOLLOW_CODEBOOK], counts, sums, C, K);
}

/* Updated: codebook, idle, and counts and sums where there are any. */
static void codebook_restart_infer(pm_graph *g, pm_node *node) {
  const pm_value *codebook = node->in[PM_CODEBOOK_RESTART_CODEBOOK];
  (void)g, (void)codebook;
  assert(pm_count(node->in[PM_CODEBOOK_RESTART_IDLE]) == pm_rows(codebook) &&
         pm_columns(node->in[PM_CODEBOOK_RESTART_X]) == pm_columns(codebook));
  for (int k = PM_CODEBOOK_RESTART_CODEBOOK; k <= PM_CODEBOOK_RESTART_SUMS; k++)
    if (node->in[k])
      node->out[node->outs++] = node->in[k];
}

static void codebook_restart_reference(const pm_call *call) {
  const pm_codebook_restart_attributes *a = call->node->attributes;
  size_t C = pm_rows(call->node->in[PM_CODEBOOK_RESTART_CODEBOOK]),
         K = pm_columns(call->node->in[PM_CODEBOOK_RESTART_CODEBOOK]),
         N = pm_rows(call->node->in[PM_CODEBOOK_RESTART_X]);
  real *codebook = call->out[PM_CODEBOOK_RESTART_CODEBOOK], *idle = call->out[PM_CODEBOOK_RESTART_IDLE],
       *counts = call->out[PM_CODEBOOK_RESTART_COUNTS], *sums = call->out[PM_CODEBOOK_RESTART_SUMS];
  const real *x = call->in[PM_CODEBOOK_RESTART_X];
  const int32_t *index = call->in[PM_CODEBOOK_RESTART_INDEX];
  uint64_t seed = (uint64_t) * (const int64_t *)call->in[PM_CODEBOOK_RESTART_SEED];
  uint32_t step = (uint32_t) * (const int64_t *)call->in[PM_CODEBOOK_RESTART_STEP];
  for (size_t c = 0; c < C; c++)
    idle[c] += 1;
  for (size_t n = 0; n < N; n++)
    idle[index[n]] = 0;
  for (size_t c = 0; c < C; c++) {
    if (idle[c] < (real)a->after)
      continue;
    pm_rng rng = pm_rng_of_slot(seed, a->purpose, step, (uint32_t)c);
    const real *vector = x + pm_rng_below(&rng, (uint32_t)N) * K;
    memcpy(codebook + c * K, vector, K * sizeof *vector);
    idle[c] = 0;
    if (counts) {
      memcpy(sums + c * K, vector, K * sizeof *vector);
      counts[c] = 1;
    }
  }
}

const pm_op PM_OP(codebook_average) = {
    "codebook_average", codebook_average_infer, NULL, codebook_average_reference, 0, NULL};
const pm_op PM_OP(codebook_follow) = {
    "codebook_follow", codebook_follow_infer, NULL, codebook_follow_reference, 0, NULL};
const pm_op PM_OP(codebook_restart) = {
    "codebook_restart", codebook_restart_infer, NULL, codebook_restart_reference, 0, NULL};
