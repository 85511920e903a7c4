/* A codebook that is kept up without gradients: running averages of the vectors that chose each code, and codes that
 * nobody chooses begun again. No gradients. */
#include "core/random.h"
#include "nn/ops/elementwise.h"

#include <string.h>

/* Below this share of a vector a code has been out of use for so long that its average says nothing more. */
static const double least_count = 1e-8;

/* In: codebook[C,K], counts[C], sums[C,K], x[N,K], index[N]; the first three are updated. */
static void codebook_average_infer(pm_graph *g, pm_node *node) {
  (void)g;
  const pm_value *codebook = node->in[0];
  assert(pm_count(node->in[1]) == pm_rows(codebook) && pm_count(node->in[2]) == pm_count(codebook));
  assert(pm_columns(node->in[3]) == pm_columns(codebook) && pm_count(node->in[4]) == pm_rows(node->in[3]));
  (void)codebook;
  for (int k = 0; k < 3; k++) {
    assert(node->in[k]->buffer);
    node->out[k] = node->in[k];
  }
  node->outs = 3;
}

static void codebook_average_reference(const pm_call *call) {
  const pm_codebook_average_attributes *a = call->node->attributes;
  size_t C = pm_rows(call->node->in[0]), K = pm_columns(call->node->in[0]), N = pm_rows(call->node->in[3]);
  real *codebook = call->out[0], *counts = call->out[1], *sums = call->out[2];
  const real *x = call->in[3], decay = (real)a->decay, rest = (real)(1 - a->decay);
  const int32_t *index = call->in[4];
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
  for (size_t c = 0; c < C; c++)
    for (size_t k = 0; counts[c] > least_count && k < K; k++)
      codebook[c * K + k] = sums[c * K + k] / counts[c];
}

/* In: codebook[C,K], idle[C], x[N,K], index[N], seed, step, and counts[C] and sums[C,K] or NULL. Updated: codebook,
 * idle, counts and sums. */
static void codebook_restart_infer(pm_graph *g, pm_node *node) {
  static const int updated[] = {0, 1, 6, 7};
  (void)g;
  assert(pm_count(node->in[1]) == pm_rows(node->in[0]) && pm_columns(node->in[2]) == pm_columns(node->in[0]));
  for (int k = 0; k < 4; k++)
    if (updated[k] < node->ins && node->in[updated[k]])
      node->out[node->outs++] = node->in[updated[k]];
}

static void codebook_restart_reference(const pm_call *call) {
  const pm_codebook_restart_attributes *a = call->node->attributes;
  size_t C = pm_rows(call->node->in[0]), K = pm_columns(call->node->in[0]), N = pm_rows(call->node->in[2]);
  real *codebook = call->out[0], *idle = call->out[1], *counts = call->out[2], *sums = call->out[3];
  const real *x = call->in[2];
  const int32_t *index = call->in[3];
  uint64_t seed = (uint64_t) * (const int64_t *)call->in[4];
  uint32_t step = (uint32_t) * (const int64_t *)call->in[5];
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
const pm_op PM_OP(codebook_restart) = {
    "codebook_restart", codebook_restart_infer, NULL, codebook_restart_reference, 0, NULL};
