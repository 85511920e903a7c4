/* Vector quantisation: which row of a codebook is nearest, and how much of the codebook a batch uses. */
#include "nn/ops/elementwise.h"

static void nearest_code_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_NEAREST_CODE_X], *codebook = node->in[PM_NEAREST_CODE_CODEBOOK];
  assert(x->shape.rank == 2 && codebook->shape.rank == 2 && pm_columns(x) == pm_columns(codebook));
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, x->shape.dim[0]));
  node->outs = 1;
}

static void nearest_code_reference(const pm_call *call) {
  size_t N = pm_rows(call->node->in[PM_NEAREST_CODE_X]), K = pm_columns(call->node->in[PM_NEAREST_CODE_X]),
         C = pm_rows(call->node->in[PM_NEAREST_CODE_CODEBOOK]);
  int32_t *index = call->out[0];
  for (size_t n = 0; n < N; n++) {
    const real *x = (const real *)call->in[PM_NEAREST_CODE_X] + n * K;
    real least = (real)INFINITY;
    index[n] = 0;
    for (size_t c = 0; c < C; c++) {
      const real *code = (const real *)call->in[PM_NEAREST_CODE_CODEBOOK] + c * K;
      real distance = 0;
      for (size_t k = 0; k < K; k++)
        distance += (x[k] - code[k]) * (x[k] - code[k]);
      if (distance < least) {
        least = distance;
        index[n] = (int32_t)c;
      }
    }
  }
}

static void code_usage_infer(pm_graph *g, pm_node *node) {
  const pm_value *index = node->in[PM_CODE_USAGE_INDEX];
  const pm_code_usage_attributes *a = node->attributes;
  assert(index->dtype == PM_I32 && a->codes >= 1 && pm_count(index) % a->places == 0);
  (void)index;
  node->out[PM_CODE_USAGE_TIMES] = pm_new_value(g, PM_F32, pm_shape_of(1, a->codes));
  node->out[PM_CODE_USAGE_USED] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->out[PM_CODE_USAGE_PERPLEXITY] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->outs = 3;
}

static void code_usage_reference(const pm_call *call) {
  const pm_code_usage_attributes *a = call->node->attributes;
  const int32_t *index = call->in[PM_CODE_USAGE_INDEX];
  real *times = call->out[PM_CODE_USAGE_TIMES];
  const int64_t *count = call->in[PM_CODE_USAGE_COUNT];
  size_t n = !count ? pm_count(call->node->in[PM_CODE_USAGE_INDEX]) : (size_t)*count * a->places;
  for (size_t c = 0; c < a->codes; c++)
    times[c] = 0;
  for (size_t i = 0; i < n; i++)
    times[index[i]]++;
  double used = 0, entropy = 0;
  for (size_t c = 0; c < a->codes; c++)
    if (times[c] > 0) {
      double share = (double)times[c] / (double)n;
      used++;
      entropy -= share * log(share);
    }
  *(real *)call->out[PM_CODE_USAGE_USED] = (real)(used / (double)a->codes);
  *(real *)call->out[PM_CODE_USAGE_PERPLEXITY] = (real)exp(entropy);
}

const pm_op PM_OP(nearest_code) = {"nearest_code", nearest_code_infer, NULL, nearest_code_reference, 0, NULL};
const pm_op PM_OP(code_usage) = {"code_usage", code_usage_infer, NULL, code_usage_reference, 0, NULL};
