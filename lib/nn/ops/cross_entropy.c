/* Mean over a row's pixels of log sum exp(logits) - logits[index]; dlogits = (softmax - one_hot) / pixels. */
#include "nn/ops/rowwise_loss.h"

static void cross_entropy_infer(pm_graph *g, pm_node *node) {
  const pm_value *logits = node->in[PM_CROSS_ENTROPY_LOGITS], *index = node->in[PM_CROSS_ENTROPY_INDEX];
  assert((index->dtype == PM_U8 || index->dtype == PM_I32) && pm_count(index) == pm_rows(logits) &&
         index->shape.dim[0] == logits->shape.dim[0]);
  (void)index;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, logits->shape.dim[0]));
  node->outs = 1;
}

static void cross_entropy_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_CROSS_ENTROPY_LOGITS] = PM_APPLY(g, cross_entropy_grad, NULL, 0, node->in[PM_CROSS_ENTROPY_LOGITS],
                                          node->in[PM_CROSS_ENTROPY_INDEX], dout[0]);
}

/* The index of a row, of PM_U8 or PM_I32; `index` is the number of the input. */
static size_t index_at(const pm_call *call, int index, size_t row) {
  return call->node->in[index]->dtype == PM_U8 ? ((const unsigned char *)call->in[index])[row]
                                               : (size_t)((const int32_t *)call->in[index])[row];
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
  const pm_value *logits = call->node->in[PM_CROSS_ENTROPY_LOGITS];
  size_t K = pm_columns(logits), N = pm_count(call->node->out[0]), pixels = pm_rows(logits) / N;
  const real *x = call->in[PM_CROSS_ENTROPY_LOGITS];
  for (size_t n = 0; n < N; n++) {
    double sum = 0;
    for (size_t r = n * pixels; r < (n + 1) * pixels; r++) {
      size_t k = index_at(call, PM_CROSS_ENTROPY_INDEX, r);
      assert(k < K);
      sum += log_sum(x + r * K, K) - x[r * K + k];
    }
    ((real *)call->out[0])[n] = (real)(sum / (double)pixels);
  }
}

static void cross_entropy_grad_reference(const pm_call *call) {
  const pm_value *logits = call->node->in[PM_CROSS_ENTROPY_GRAD_LOGITS];
  size_t K = pm_columns(logits), rows = pm_rows(logits), pixels = rows / logits->shape.dim[0];
  const real *x = call->in[PM_CROSS_ENTROPY_GRAD_LOGITS], *dloss = call->in[PM_CROSS_ENTROPY_GRAD_DLOSS];
  real *dx = call->out[0];
  for (size_t r = 0; r < rows; r++) {
    size_t label = index_at(call, PM_CROSS_ENTROPY_GRAD_INDEX, r);
    double total = log_sum(x + r * K, K), d = dloss[r / pixels] / (double)pixels;
    for (size_t k = 0; k < K; k++)
      dx[r * K + k] = (real)(d * (exp(x[r * K + k] - total) - (k == label)));
  }
}

const pm_op PM_OP(cross_entropy) = {
    "cross_entropy", cross_entropy_infer, cross_entropy_gradient, cross_entropy_reference, 0, NULL};
const pm_op PM_OP(cross_entropy_grad) = {
    "cross_entropy_grad", infer_loss_grad, NULL, cross_entropy_grad_reference, 0, NULL};
