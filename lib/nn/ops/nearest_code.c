/* Vector quantisation: which row of a codebook is nearest, and how much of the codebook a batch uses. */
#include "nn/ops/elementwise.h"

static void nearest_code_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[0], *codebook = node->in[1];
  assert(x->shape.rank == 2 && codebook->shape.rank == 2 && pm_columns(x) == pm_columns(codebook));
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, x->shape.dim[0]));
  node->outs = 1;
}

static void nearest_code_reference(const pm_call *call) {
  size_t N = pm_rows(call->node->in[0]), K = pm_columns(call->node->in[0]), C = pm_rows(call->node->in[1]);
  int32_t *index = call->out[0];
  for (size_t n = 0; n < N; n++) {
    const real *x = (const real *)call->in[0] + n * K;
    real least = (real)INFINITY;
    index[n] = 0;
    for (size_t c = 0; c < C; c++) {
      const real *code = (const real *)call->in[1] + c * K;
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

/* In: index, count or NULL. */
static void code_usage_infer(pm_graph *g, pm_node *node) {
  const pm_code_usage_attributes *a = node->attributes;
  assert(node->in[0]->dtype == PM_I32 && a->codes >= 1 && pm_count(node->in[0]) % a->places == 0);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, a->codes));
  node->out[1] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->out[2] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->outs = 3;
}

static void code_usage_reference(const pm_call *call) {
  const pm_code_usage_attributes *a = call->node->attributes;
  const int32_t *index = call->in[0];
  real *times = call->out[0];
  bool all = call->node->ins < 2 || !call->node->in[1];
  size_t n = all ? pm_count(call->node->in[0]) : (size_t) * (const int64_t *)call->in[1] * a->places;
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
  *(real *)call->out[1] = (real)(used / (double)a->codes);
  *(real *)call->out[2] = (real)exp(entropy);
}

const pm_op PM_OP(nearest_code) = {"nearest_code", nearest_code_infer, NULL, nearest_code_reference, 0, NULL};
const pm_op PM_OP(code_usage) = {"code_usage", code_usage_infer, NULL, code_usage_reference, 0, NULL};
