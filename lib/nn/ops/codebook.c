/* A codebook that is kept up without gradients: running averages of the vectors that chose each code, and codes that no
 * vector chooses, restarted. No gradients. */
#include "core/random.h"
#include "nn/ops/elementwise.h"

#include <string.h>

/* Below this share of a vector a code has been out of use for so long that its average says nothing more. */
static const double least_count = 1e-8;

static void codebook_average_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_CODEBOOK_AVERAGE_X], *codebook = node->in[PM_CODEBOOK_AVERAGE_CODEBOOK];
  (void)g, (void)x, (void)codebook;
  assert(pm_count(node->in[PM_CODEBOOK_AVERAGE_COUNTS]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_AVERAGE_SUMS]) == pm_count(codebook));
  assert(pm_columns(x) == pm_columns(codebook) && pm_count(node->in[PM_CODEBOOK_AVERAGE_INDEX]) == pm_rows(x));
  for (int k = PM_CODEBOOK_AVERAGE_CODEBOOK; k <= PM_CODEBOOK_AVERAGE_SUMS; k++) {
    assert(node->in[k]->buffer);
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

/* What a restarted code begins with again; the inputs of both ops lie alike. */
typedef struct {
  size_t C, K;
  real *codebook, *idle, *counts, *sums;
} restarted;

static restarted restarted_of(const pm_call *call) {
  const pm_value *codebook = call->node->in[PM_CODEBOOK_RESTART_CODEBOOK];
  return (restarted){.C = pm_rows(codebook),
                     .K = pm_columns(codebook),
                     .codebook = call->out[PM_CODEBOOK_RESTART_CODEBOOK],
                     .idle = call->out[PM_CODEBOOK_RESTART_IDLE],
                     .counts = call->out[PM_CODEBOOK_RESTART_COUNTS],
                     .sums = call->out[PM_CODEBOOK_RESTART_SUMS]};
}

static void restart(const restarted *s, size_t c, const real *vector) {
  memcpy(s->codebook + c * s->K, vector, s->K * sizeof *vector);
  s->idle[c] = 0;
  if (s->counts) {
    memcpy(s->sums + c * s->K, vector, s->K * sizeof *vector);
    s->counts[c] = 1;
  }
}

static void codebook_restart_reference(const pm_call *call) {
  const pm_codebook_restart_attributes *a = call->node->attributes;
  const restarted s = restarted_of(call);
  const size_t N = pm_rows(call->node->in[PM_CODEBOOK_RESTART_X]), K = s.K;
  const real *x = call->in[PM_CODEBOOK_RESTART_X];
  const int32_t *index = call->in[PM_CODEBOOK_RESTART_INDEX];
  uint64_t seed = (uint64_t) * (const int64_t *)call->in[PM_CODEBOOK_RESTART_SEED];
  uint32_t step = (uint32_t) * (const int64_t *)call->in[PM_CODEBOOK_RESTART_STEP];
  for (size_t c = 0; c < s.C; c++)
    s.idle[c] += 1;
  for (size_t n = 0; n < N; n++)
    s.idle[index[n]] = 0;
  for (size_t c = 0; c < s.C; c++) {
    if (s.idle[c] < (real)a->after)
      continue;
    pm_rng rng = pm_rng_of_slot(seed, a->purpose, step, (uint32_t)c);
    restart(&s, c, x + pm_rng_below(&rng, (uint32_t)N) * K);
  }
}

static void codebook_replace_infer(pm_graph *g, pm_node *node) {
  const pm_value *codebook = node->in[PM_CODEBOOK_REPLACE_CODEBOOK];
  (void)g, (void)codebook;
  assert(pm_count(node->in[PM_CODEBOOK_REPLACE_IDLE]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_REPLACE_N]) == pm_rows(codebook) &&
         pm_count(node->in[PM_CODEBOOK_REPLACE_CANDIDATES]) == pm_count(codebook));
  for (int k = PM_CODEBOOK_REPLACE_CODEBOOK; k <= PM_CODEBOOK_REPLACE_SUMS; k++)
    if (node->in[k])
      node->out[node->outs++] = node->in[k];
}

static void codebook_replace_reference(const pm_call *call) {
  const pm_codebook_restart_attributes *a = call->node->attributes;
  const restarted s = restarted_of(call);
  const real *n = call->in[PM_CODEBOOK_REPLACE_N], *candidates = call->in[PM_CODEBOOK_REPLACE_CANDIDATES];
  for (size_t c = 0; c < s.C; c++) {
    s.idle[c] = n[c] > 0 ? 0 : s.idle[c] + 1;
    if (s.idle[c] >= (real)a->after)
      restart(&s, c, candidates + c * s.K);
  }
}

static void code_candidates_infer(pm_graph *g, pm_node *node) {
  const pm_code_candidates_attributes *a = node->attributes;
  const pm_value *x = node->in[PM_CODE_CANDIDATES_X];
  assert(x->shape.rank == 2 && pm_rows(x) % a->rows == 0);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(2, a->codes, pm_columns(x)));
  node->outs = 1;
}

static void code_candidates_reference(const pm_call *call) {
  const pm_code_candidates_attributes *a = call->node->attributes;
  const size_t N = pm_rows(call->node->in[PM_CODE_CANDIDATES_X]), K = pm_columns(call->node->out[0]);
  const real *x = call->in[PM_CODE_CANDIDATES_X];
  real *out = call->out[0];
  const uint64_t seed = (uint64_t) * (const int64_t *)call->in[PM_CODE_CANDIDATES_SEED];
  const uint32_t step = (uint32_t) * (const int64_t *)call->in[PM_CODE_CANDIDATES_STEP];
  const size_t begin = (size_t) * (const int64_t *)call->in[PM_CODE_CANDIDATES_FIRST] * a->rows;
  for (size_t c = 0; c < a->codes; c++) {
    pm_rng rng = pm_rng_of_slot(seed, a->purpose, step, (uint32_t)c);
    const size_t row = pm_rng_below(&rng, (uint32_t)(N * a->parts));
    const bool own = row >= begin && row < begin + N;
    for (size_t k = 0; k < K; k++)
      out[c * K + k] = own ? (real)a->parts * x[(row - begin) * K + k] : 0;
  }
}

const pm_op PM_OP(codebook_average) = {
    "codebook_average", codebook_average_infer, NULL, codebook_average_reference, 0, NULL};
const pm_op PM_OP(codebook_follow) = {
    "codebook_follow", codebook_follow_infer, NULL, codebook_follow_reference, 0, NULL};
const pm_op PM_OP(codebook_restart) = {
    "codebook_restart", codebook_restart_infer, NULL, codebook_restart_reference, 0, NULL};
const pm_op PM_OP(codebook_replace) = {
    "codebook_replace", codebook_replace_infer, NULL, codebook_replace_reference, 0, NULL};
const pm_op PM_OP(code_candidates) = {
    "code_candidates", code_candidates_infer, NULL, code_candidates_reference, 0, NULL};
