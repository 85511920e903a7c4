/* Ioffe and Szegedy, "Batch Normalization", 2015: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, for each
 * channel (the last axis) over all else. Four ops: in training by the batch's own statistics, its gradient, the running
 * averages, and in use by given statistics. */
#include "nn/ops/elementwise.h"

static void batchnorm_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_BATCHNORM_X];
  pm_shape channels = pm_shape_of(1, pm_columns(x));
  assert(pm_count(node->in[PM_BATCHNORM_GAMMA]) == channels.dim[0] &&
         pm_count(node->in[PM_BATCHNORM_BETA]) == channels.dim[0]);
  node->out[PM_BATCHNORM_Y] = pm_new_value(g, PM_F32, x->shape);
  node->out[PM_BATCHNORM_MEAN] = pm_new_value(g, PM_F32, channels);
  node->out[PM_BATCHNORM_VARIANCE] = pm_new_value(g, PM_F32, channels);
  node->outs = 3;
}

static void batchnorm_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  assert(!dout[PM_BATCHNORM_MEAN] && !dout[PM_BATCHNORM_VARIANCE]);
  din[PM_BATCHNORM_X] = PM_APPLY(g, batchnorm_grad, node->attributes, sizeof(pm_batchnorm_attributes),
                                 node->in[PM_BATCHNORM_X], node->in[PM_BATCHNORM_GAMMA], node->out[PM_BATCHNORM_MEAN],
                                 node->out[PM_BATCHNORM_VARIANCE], dout[PM_BATCHNORM_Y]);
  din[PM_BATCHNORM_GAMMA] = pm_output_of(din[PM_BATCHNORM_X], PM_BATCHNORM_GRAD_DGAMMA);
  din[PM_BATCHNORM_BETA] = pm_output_of(din[PM_BATCHNORM_X], PM_BATCHNORM_GRAD_DBETA);
}

static void batchnorm_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[PM_BATCHNORM_X], *gamma = call->in[PM_BATCHNORM_GAMMA], *beta = call->in[PM_BATCHNORM_BETA];
  real *y = call->out[PM_BATCHNORM_Y], *mean = call->out[PM_BATCHNORM_MEAN],
       *variance = call->out[PM_BATCHNORM_VARIANCE];
  size_t rows = pm_rows(call->node->in[PM_BATCHNORM_X]), C = pm_columns(call->node->in[PM_BATCHNORM_X]);
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

static void batchnorm_grad_infer(pm_graph *g, pm_node *node) {
  const pm_value *gamma = node->in[PM_BATCHNORM_GRAD_GAMMA];
  node->out[PM_BATCHNORM_GRAD_DX] = pm_new_value(g, PM_F32, node->in[PM_BATCHNORM_GRAD_X]->shape);
  node->out[PM_BATCHNORM_GRAD_DGAMMA] = pm_new_value(g, PM_F32, gamma->shape);
  node->out[PM_BATCHNORM_GRAD_DBETA] = pm_new_value(g, PM_F32, gamma->shape);
  node->outs = 3;
}

/* dx = gamma s (dy - mean(dy) - xhat mean(dy xhat)), s = 1 / sqrt(variance + epsilon), xhat = (x - mean) s. */
static void batchnorm_grad_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[PM_BATCHNORM_GRAD_X], *gamma = call->in[PM_BATCHNORM_GRAD_GAMMA],
             *mean = call->in[PM_BATCHNORM_GRAD_MEAN], *variance = call->in[PM_BATCHNORM_GRAD_VARIANCE],
             *dy = call->in[PM_BATCHNORM_GRAD_DY];
  real *dx = call->out[PM_BATCHNORM_GRAD_DX], *dgamma = call->out[PM_BATCHNORM_GRAD_DGAMMA],
       *dbeta = call->out[PM_BATCHNORM_GRAD_DBETA];
  size_t rows = pm_rows(call->node->in[PM_BATCHNORM_GRAD_X]), C = pm_columns(call->node->in[PM_BATCHNORM_GRAD_X]);
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

static void batchnorm_update_infer(pm_graph *g, pm_node *node) {
  (void)g;
  for (int k = PM_BATCHNORM_UPDATE_RUNNING_MEAN; k <= PM_BATCHNORM_UPDATE_BATCHES; k++) {
    assert(node->in[k]->buffer);
    node->out[k] = node->in[k];
  }
  node->outs = 3;
}

static void batchnorm_update_reference(const pm_call *call) {
  const pm_batchnorm_update_attributes *a = call->node->attributes;
  real *running_mean = call->out[PM_BATCHNORM_UPDATE_RUNNING_MEAN],
       *running_var = call->out[PM_BATCHNORM_UPDATE_RUNNING_VAR], momentum = (real)a->momentum;
  const real *mean = call->in[PM_BATCHNORM_UPDATE_MEAN], *variance = call->in[PM_BATCHNORM_UPDATE_VARIANCE];
  real unbiased = a->rows > 1 ? (real)a->rows / (real)(a->rows - 1) : 1;
  for (size_t c = 0; c < pm_count(call->node->in[PM_BATCHNORM_UPDATE_RUNNING_MEAN]); c++) {
    running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean[c];
    running_var[c] = (1 - momentum) * running_var[c] + momentum * (variance[c] * unbiased);
  }
  ++*(int64_t *)call->out[PM_BATCHNORM_UPDATE_BATCHES];
}

static void batchnorm_use_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_BATCHNORM_USE_X]->shape);
  node->outs = 1;
}

static void batchnorm_use_reference(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  const real *x = call->in[PM_BATCHNORM_USE_X], *gamma = call->in[PM_BATCHNORM_USE_GAMMA],
             *beta = call->in[PM_BATCHNORM_USE_BETA], *mean = call->in[PM_BATCHNORM_USE_MEAN],
             *variance = call->in[PM_BATCHNORM_USE_VARIANCE];
  real *y = call->out[0];
  size_t rows = pm_rows(call->node->in[PM_BATCHNORM_USE_X]), C = pm_columns(call->node->in[PM_BATCHNORM_USE_X]);
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
