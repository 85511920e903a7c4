/* Wu and He, "Group Normalization", 2018: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance of
 * each sample's groups of channels over all its pixels. */
#include "nn/ops/elementwise.h"

typedef struct {
  size_t N, pixels, C, G, width; /* width: channels of a group */
  double epsilon;
} groupnorm_sizes;

static groupnorm_sizes groupnorm_sizes_of(const pm_node *node, const pm_value *x) {
  const pm_groupnorm_attributes *a = node->attributes;
  size_t N = x->shape.dim[0], C = pm_columns(x);
  return (groupnorm_sizes){N, pm_rows(x) / N, C, a->groups, C / a->groups, a->epsilon};
}

static void groupnorm_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_GROUPNORM_X];
  const pm_groupnorm_attributes *a = node->attributes;
  size_t N = x->shape.dim[0], C = pm_columns(x);
  assert(x->shape.rank >= 2 && a->groups >= 1 && C % a->groups == 0);
  assert(pm_count(node->in[PM_GROUPNORM_GAMMA]) == C && pm_count(node->in[PM_GROUPNORM_BETA]) == C);
  (void)C;
  node->out[PM_GROUPNORM_Y] = pm_new_value(g, PM_F32, x->shape);
  node->out[PM_GROUPNORM_MEAN] = pm_new_value(g, PM_F32, pm_shape_of(2, N, a->groups));
  node->out[PM_GROUPNORM_VARIANCE] = pm_new_value(g, PM_F32, pm_shape_of(2, N, a->groups));
  node->outs = 3;
}

static void groupnorm_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  assert(!dout[PM_GROUPNORM_MEAN] && !dout[PM_GROUPNORM_VARIANCE]);
  din[PM_GROUPNORM_X] = PM_APPLY(g, groupnorm_grad, node->attributes, sizeof(pm_groupnorm_attributes),
                                 node->in[PM_GROUPNORM_X], node->in[PM_GROUPNORM_GAMMA], node->in[PM_GROUPNORM_BETA],
                                 node->out[PM_GROUPNORM_MEAN], node->out[PM_GROUPNORM_VARIANCE], dout[PM_GROUPNORM_Y]);
  din[PM_GROUPNORM_GAMMA] = pm_output_of(din[PM_GROUPNORM_X], PM_GROUPNORM_GRAD_DGAMMA);
  din[PM_GROUPNORM_BETA] = pm_output_of(din[PM_GROUPNORM_X], PM_GROUPNORM_GRAD_DBETA);
}

static void groupnorm_reference(const pm_call *call) {
  groupnorm_sizes s = groupnorm_sizes_of(call->node, call->node->in[PM_GROUPNORM_X]);
  const real *gamma = call->in[PM_GROUPNORM_GAMMA], *beta = call->in[PM_GROUPNORM_BETA];
  for (size_t k = 0; k < s.N * s.G; k++) {
    size_t from = k / s.G * s.pixels * s.C, c0 = k % s.G * s.width, count = s.pixels * s.width;
    const real *x = (const real *)call->in[PM_GROUPNORM_X] + from;
    real *y = (real *)call->out[PM_GROUPNORM_Y] + from;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
      sum += x[i / s.width * s.C + c0 + i % s.width];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
      double d = x[i / s.width * s.C + c0 + i % s.width] - mean;
      squares += d * d;
    }
    double variance = squares / (double)count, scale = 1 / sqrt(variance + s.epsilon);
    for (size_t i = 0; i < count; i++) {
      size_t c = c0 + i % s.width, at = i / s.width * s.C + c;
      y[at] = (real)(gamma[c] * (x[at] - mean) * scale + beta[c]);
    }
    ((real *)call->out[PM_GROUPNORM_MEAN])[k] = (real)mean;
    ((real *)call->out[PM_GROUPNORM_VARIANCE])[k] = (real)variance;
  }
}

static void groupnorm_grad_infer(pm_graph *g, pm_node *node) {
  const pm_value *gamma = node->in[PM_GROUPNORM_GRAD_GAMMA];
  node->out[PM_GROUPNORM_GRAD_DX] = pm_new_value(g, PM_F32, node->in[PM_GROUPNORM_GRAD_X]->shape);
  node->out[PM_GROUPNORM_GRAD_DGAMMA] = pm_new_value(g, PM_F32, gamma->shape);
  node->out[PM_GROUPNORM_GRAD_DBETA] = pm_new_value(g, PM_F32, gamma->shape);
  node->outs = 3;
}

/* With s = 1 / sqrt(variance + epsilon), xhat = (x - mean) s and means over the group:
 * dx = s (gamma dy - mean(gamma dy) - xhat mean(gamma dy xhat)). dx may lie where dy does. */
static void groupnorm_grad_reference(const pm_call *call) {
  const groupnorm_sizes s = groupnorm_sizes_of(call->node, call->node->in[PM_GROUPNORM_GRAD_X]);
  const real *x = call->in[PM_GROUPNORM_GRAD_X], *gamma = call->in[PM_GROUPNORM_GRAD_GAMMA],
             *mean = call->in[PM_GROUPNORM_GRAD_MEAN], *variance = call->in[PM_GROUPNORM_GRAD_VARIANCE],
             *dy = call->in[PM_GROUPNORM_GRAD_DY];
  real *dx = call->out[PM_GROUPNORM_GRAD_DX], *dgamma = call->out[PM_GROUPNORM_GRAD_DGAMMA],
       *dbeta = call->out[PM_GROUPNORM_GRAD_DBETA];
  for (size_t c = 0; c < s.C; c++) {
    double sum = 0, products = 0;
    for (size_t i = 0; i < s.N * s.pixels; i++) {
      size_t group = i / s.pixels * s.G + c / s.width, at = i * s.C + c;
      sum += dy[at];
      products += dy[at] * (x[at] - (double)mean[group]) / sqrt(variance[group] + s.epsilon);
    }
    dgamma[c] = (real)products;
    dbeta[c] = (real)sum;
  }
  for (size_t k = 0; k < s.N * s.G; k++) {
    size_t from = k / s.G * s.pixels * s.C, c0 = k % s.G * s.width, count = s.pixels * s.width;
    double scale = 1 / sqrt(variance[k] + s.epsilon), sum = 0, products = 0;
    for (size_t i = 0; i < count; i++) {
      size_t c = c0 + i % s.width, at = from + i / s.width * s.C + c;
      sum += (double)gamma[c] * dy[at];
      products += (double)gamma[c] * dy[at] * (x[at] - (double)mean[k]) * scale;
    }
    for (size_t i = 0; i < count; i++) {
      size_t c = c0 + i % s.width, at = from + i / s.width * s.C + c;
      double xhat = (x[at] - (double)mean[k]) * scale, d = (double)gamma[c] * dy[at];
      dx[at] = (real)(scale * (d - sum / (double)count - xhat * products / (double)count));
    }
  }
}

const pm_op PM_OP(groupnorm) = {"groupnorm",         groupnorm_infer,    groupnorm_gradient,
                                groupnorm_reference, 1 + PM_GROUPNORM_X, NULL};
const pm_op PM_OP(groupnorm_grad) = {"groupnorm_grad",         groupnorm_grad_infer,     NULL,
                                     groupnorm_grad_reference, 1 + PM_GROUPNORM_GRAD_DY, NULL};
