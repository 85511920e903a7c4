/* y[r,o] = sum_i x[r,i] w[o,i] + b[o], and its gradients. */
#include "nn/ops/elementwise.h"

static void linear_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_LINEAR_X], *w = node->in[PM_LINEAR_W], *b = node->in[PM_LINEAR_B];
  assert(w->shape.rank == 2 && w->shape.dim[1] == pm_columns(x));
  assert(!b || pm_count(b) == w->shape.dim[0]);
  (void)b;
  pm_shape shape = x->shape;
  shape.dim[shape.rank - 1] = w->shape.dim[0];
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void linear_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  pm_value *x = node->in[PM_LINEAR_X], *w = node->in[PM_LINEAR_W], *b = node->in[PM_LINEAR_B];
  if (x->requires_gradient)
    din[PM_LINEAR_X] = PM_APPLY(g, linear_grad_input, NULL, 0, dout[0], w);
  if (w->requires_gradient)
    din[PM_LINEAR_W] = PM_APPLY(g, linear_grad_weight, NULL, 0, x, dout[0]);
  if (b && b->requires_gradient)
    din[PM_LINEAR_B] = pm_sum_rows(g, dout[0]);
}

static void linear_reference(const pm_call *call) {
  const real *x = call->in[PM_LINEAR_X], *w = call->in[PM_LINEAR_W], *b = call->in[PM_LINEAR_B];
  real *y = call->out[0];
  size_t rows = pm_rows(call->node->in[PM_LINEAR_X]), I = pm_columns(call->node->in[PM_LINEAR_X]),
         O = pm_columns(call->node->out[0]);
  for (size_t r = 0; r < rows; r++)
    for (size_t o = 0; o < O; o++) {
      real sum = b ? b[o] : 0;
      for (size_t i = 0; i < I; i++)
        sum += x[r * I + i] * w[o * I + i];
      y[r * O + o] = sum;
    }
}

static void linear_grad_input_infer(pm_graph *g, pm_node *node) {
  pm_shape shape = node->in[PM_LINEAR_GRAD_INPUT_DY]->shape;
  shape.dim[shape.rank - 1] = node->in[PM_LINEAR_GRAD_INPUT_W]->shape.dim[1];
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void linear_grad_input_reference(const pm_call *call) {
  const real *dy = call->in[PM_LINEAR_GRAD_INPUT_DY], *w = call->in[PM_LINEAR_GRAD_INPUT_W];
  real *dx = call->out[0];
  size_t rows = pm_rows(call->node->in[PM_LINEAR_GRAD_INPUT_DY]),
         O = pm_columns(call->node->in[PM_LINEAR_GRAD_INPUT_DY]), I = pm_columns(call->node->out[0]);
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < I; i++) {
      real sum = 0;
      for (size_t o = 0; o < O; o++)
        sum += dy[r * O + o] * w[o * I + i];
      dx[r * I + i] = sum;
    }
}

static void linear_grad_weight_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(
      g, PM_F32,
      pm_shape_of(2, pm_columns(node->in[PM_LINEAR_GRAD_WEIGHT_DY]), pm_columns(node->in[PM_LINEAR_GRAD_WEIGHT_X])));
  node->outs = 1;
}

static void linear_grad_weight_reference(const pm_call *call) {
  const real *x = call->in[PM_LINEAR_GRAD_WEIGHT_X], *dy = call->in[PM_LINEAR_GRAD_WEIGHT_DY];
  real *dw = call->out[0];
  size_t rows = pm_rows(call->node->in[PM_LINEAR_GRAD_WEIGHT_X]),
         I = pm_columns(call->node->in[PM_LINEAR_GRAD_WEIGHT_X]),
         O = pm_columns(call->node->in[PM_LINEAR_GRAD_WEIGHT_DY]);
  for (size_t o = 0; o < O; o++)
    for (size_t i = 0; i < I; i++) {
      real sum = 0;
      for (size_t r = 0; r < rows; r++)
        sum += dy[r * O + o] * x[r * I + i];
      dw[o * I + i] = sum;
    }
}

const pm_op PM_OP(linear) = {"linear", linear_infer, linear_gradient, linear_reference, 0, NULL};
const pm_op PM_OP(linear_grad_input) = {
    "linear_grad_input", linear_grad_input_infer, NULL, linear_grad_input_reference, 0, NULL};
const pm_op PM_OP(linear_grad_weight) = {
    "linear_grad_weight", linear_grad_weight_infer, NULL, linear_grad_weight_reference, 0, NULL};
