/* Ioffe and Szegedy, "Batch Normalization", 2015: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, for each
 * channel (the last axis) over all else. Four ops: in training by the batch's own statistics, its gradient, the running
 * averages, and in use by given statistics. */
#include "nn/ops/elementwise.h"

static void batchnorm_infer(pm_graph *g, pm_node *node) {
  pm_shape channels = pm_shape_of(1, pm_columns(node->in[0]));
  assert(pm_count(node->in[1]) == channels.dim[0] && pm_count(node->in[2]) == channels.dim[0]);
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->out[1] = pm_new_value(g, PM_F32, channels);
  node->out[2] = pm_new_value(g, PM_F32, channels);
  node->outs = 3;
}

static void batchnorm_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  assert(!dout[1] && !dout[2]);
  din[0] = PM_APPLY(g, batchnorm_grad, node->attributes, sizeof(pm_batchnorm_attributes), node->in[0], node->in[1],
                    node->out[1], node->out[2], dout[0]);
  din[1] = pm_output_of(din[0], 1);
  din[2] = pm_output_of(din[0], 2);
}

static void batchnorm_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[0], *gamma = call->in[1], *beta = call->in[2];
  real *y = call->out[0], *mean = call->out[1], *variance = call->out[2];
  size_t rows = pm_rows(call->node->in[0]), C = pm_columns(call->node->in[0]);
  for (size_t c = 0; c < C; c++) {
    double sum = 0, squares = 0;
    for (size_t r = 0; r < rows; r++)
      sum += x[r * C + c];
    double m = sum / (double)rows;
    for (size_t r = 0; r < rows; r++)
      squares += (x[r * C + c] - m) * (x[r * C + c] - m);
    double v = squares / (double)rows, scale = 1 / sqrt(v + a->epsilon);
    for (size_t r = 0; r < rows; r++)
      y[r * C + c] = (real)(gamma[c] * (x[r * C + c] - m) * scale + beta[c]);
    mean[c] = (real)m;
    variance[c] = (real)v;
  }
}

/* In: x, gamma, mean, variance, dy. Out: dx, dgamma, dbeta. */
static void batchnorm_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->out[1] = pm_new_value(g, PM_F32, node->in[1]->shape);
  node->out[2] = pm_new_value(g, PM_F32, node->in[1]->shape);
  node->outs = 3;
}

/* dx = gamma s (dy - mean(dy) - xhat mean(dy xhat)), s = 1 / sqrt(variance + epsilon), xhat = (x - mean) s. */
static void batchnorm_grad_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[0], *gamma = call->in[1], *mean = call->in[2], *variance = call->in[3], *dy = call->in[4];
  real *dx = call->out[0], *dgamma = call->out[1], *dbeta = call->out[2];
  size_t rows = pm_rows(call->node->in[0]), C = pm_columns(call->node->in[0]);
  for (size_t c = 0; c < C; c++) {
    double s = 1 / sqrt((double)variance[c] + a->epsilon), sum = 0, sum_xhat = 0;
    for (size_t r = 0; r < rows; r++) {
      sum += dy[r * C + c];
      sum_xhat += dy[r * C + c] * (x[r * C + c] - (double)mean[c]) * s;
    }
    for (size_t r = 0; r < rows; r++) {
      double xhat = (x[r * C + c] - (double)mean[c]) * s;
      dx[r * C + c] = (real)(gamma[c] * s * (dy[r * C + c] - sum / (double)rows - xhat * sum_xhat / (double)rows));
    }
    dgamma[c] = (real)sum_xhat;
    dbeta[c] = (real)sum;
  }
}

/* In: running mean, running variance, number of batches (PM_I64), mean, variance. The first three are updated. */
static void batchnorm_update_infer(pm_graph *g, pm_node *node) {
  (void)g;
  for (int k = 0; k < 3; k++) {
    assert(node->in[k]->buffer);
    node->out[k] = node->in[k];
  }
  node->outs = 3;
}

static void batchnorm_update_reference(const pm_call *call) {
  const pm_batchnorm_update_attributes *a = call->node->attributes;
  real *running_mean = call->out[0], *running_var = call->out[1], momentum = (real)a->momentum;
  const real *mean = call->in[3], *variance = call->in[4];
  real unbiased = a->rows > 1 ? (real)a->rows / (real)(a->rows - 1) : 1;
  for (size_t c = 0; c < pm_count(call->node->in[0]); c++) {
    running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean[c];
    running_var[c] = (1 - momentum) * running_var[c] + momentum * (variance[c] * unbiased);
  }
  ++*(int64_t *)call->out[2];
}

/* In: x, gamma, beta, mean, variance. */
static void batchnorm_use_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void batchnorm_use_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[0], *gamma = call->in[1], *beta = call->in[2], *mean = call->in[3], *variance = call->in[4];
  real *y = call->out[0];
  size_t rows = pm_rows(call->node->in[0]), C = pm_columns(call->node->in[0]);
  for (size_t c = 0; c < C; c++) {
    double scale = gamma[c] / sqrt((double)variance[c] + a->epsilon);
    for (size_t r = 0; r < rows; r++)
      y[r * C + c] = (real)((x[r * C + c] - (double)mean[c]) * scale + beta[c]);
  }
}

const pm_op PM_OP(batchnorm) = {"batchnorm", batchnorm_infer, batchnorm_gradient, batchnorm_reference, 0, NULL};
const pm_op PM_OP(batchnorm_grad) = {"batchnorm_grad", batchnorm_grad_infer, NULL, batchnorm_grad_reference, 0, NULL};
const pm_op PM_OP(batchnorm_update) = {
    "batchnorm_update", batchnorm_update_infer, NULL, batchnorm_update_reference, 0, NULL};
const pm_op PM_OP(batchnorm_use) = {"batchnorm_use", batchnorm_use_infer, NULL, batchnorm_use_reference, 0, NULL};
