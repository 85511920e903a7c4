/* Mean over a row's pixels of log sum exp(logits) - logits[index]; dlogits = (softmax - one_hot) / pixels. */
#include "nn/ops/rowwise_loss.h"

static void cross_entropy_infer(pm_graph *g, pm_node *node) {
  const pm_value *logits = node->in[0], *index = node->in[1];
  assert((index->dtype == PM_U8 || index->dtype == PM_I32) && pm_count(index) == pm_rows(logits) &&
         index->shape.dim[0] == logits->shape.dim[0]);
  (void)index;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, logits->shape.dim[0]));
  node->outs = 1;
}

static void cross_entropy_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, cross_entropy_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
}

static size_t index_at(const pm_call *call, size_t row) {
  return call->node->in[1]->dtype == PM_U8 ? ((const unsigned char *)call->in[1])[row]
                                           : (size_t)((const int32_t *)call->in[1])[row];
}

/* log sum exp without overflow. */
static double log_sum(const real *x, size_t K) {
  double top = x[0], sum = 0;
  for (size_t k = 1; k < K; k++)
    top = x[k] > top ? x[k] : top;
  for (size_t k = 0; k < K; k++)
    sum += exp(x[k] - top);
  return top + log(sum);
}

static void cross_entropy_reference(const pm_call *call) {
  size_t K = pm_columns(call->node->in[0]), N = pm_count(call->node->out[0]), pixels = pm_rows(call->node->in[0]) / N;
  const real *x = call->in[0];
  for (size_t n = 0; n < N; n++) {
    double sum = 0;
    for (size_t r = n * pixels; r < (n + 1) * pixels; r++) {
      size_t k = index_at(call, r);
      assert(k < K);
      sum += log_sum(x + r * K, K) - x[r * K + k];
    }
    ((real *)call->out[0])[n] = (real)(sum / (double)pixels);
  }
}

/* In: logits, index, dloss[N]. */
static void cross_entropy_grad_reference(const pm_call *call) {
  size_t K = pm_columns(call->node->in[0]), rows = pm_rows(call->node->in[0]);
  size_t pixels = rows / call->node->in[0]->shape.dim[0];
  const real *x = call->in[0], *dloss = call->in[2];
  real *dx = call->out[0];
  for (size_t r = 0; r < rows; r++) {
    double total = log_sum(x + r * K, K), d = dloss[r / pixels] / (double)pixels;
    for (size_t k = 0; k < K; k++)
      dx[r * K + k] = (real)(d * (exp(x[r * K + k] - total) - (k == index_at(call, r))));
  }
}

const pm_op PM_OP(cross_entropy) = {
    "cross_entropy", cross_entropy_infer, cross_entropy_gradient, cross_entropy_reference, 0, NULL};
const pm_op PM_OP(cross_entropy_grad) = {
    "cross_entropy_grad", infer_loss_grad, NULL, cross_entropy_grad_reference, 0, NULL};
