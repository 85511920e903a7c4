/* Several linear layers side by side: y[r,g,o] = sum_i x[r,g,i] w[f+g,o,i] + b[f+g,o], f the first group, and its
 * gradients. */
#include "nn/ops/elementwise.h"

typedef struct {
  size_t rows, groups, first, I, O;
} grouped_sizes;

/* x or y of the call, and w. */
static grouped_sizes grouped_sizes_of(const pm_node *node, const pm_value *x, const pm_value *w) {
  const pm_grouped_linear_attributes *a = node->attributes;
  return (grouped_sizes){x->shape.dim[0], x->shape.dim[1], a->first, w->shape.dim[2], w->shape.dim[1]};
}

static void grouped_linear_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_GROUPED_LINEAR_X], *w = node->in[PM_GROUPED_LINEAR_W],
                 *b = node->in[PM_GROUPED_LINEAR_B];
  const grouped_sizes s = grouped_sizes_of(node, x, w);
  assert(x->shape.rank == 3 && w->shape.rank == 3 && pm_columns(x) == s.I && s.first + s.groups <= w->shape.dim[0]);
  assert(!b || pm_count(b) == w->shape.dim[0] * s.O);
  (void)b;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, s.rows, s.groups, s.O));
  node->outs = 1;
}

static void grouped_linear_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_grouped_linear_attributes *a = node->attributes;
  pm_value *x = node->in[PM_GROUPED_LINEAR_X], *w = node->in[PM_GROUPED_LINEAR_W], *b = node->in[PM_GROUPED_LINEAR_B];
  const grouped_sizes s = grouped_sizes_of(node, x, w);
  assert(s.first == 0 && s.groups == w->shape.dim[0]); /* a part of the layers is for use, not for training */
  if (x->requires_gradient)
    din[PM_GROUPED_LINEAR_X] = PM_APPLY(g, grouped_linear_grad_input, a, sizeof *a, dout[0], w);
  if (w->requires_gradient)
    din[PM_GROUPED_LINEAR_W] = PM_APPLY(g, grouped_linear_grad_weight, a, sizeof *a, x, dout[0]);
  if (b && b->requires_gradient) {
    pm_value *rows = pm_reshape(g, dout[0], pm_shape_of(2, s.rows, s.groups * s.O));
    din[PM_GROUPED_LINEAR_B] = pm_reshape(g, pm_sum_rows(g, rows), b->shape);
  }
}

static void grouped_linear_reference(const pm_call *call) {
  const grouped_sizes s =
      grouped_sizes_of(call->node, call->node->in[PM_GROUPED_LINEAR_X], call->node->in[PM_GROUPED_LINEAR_W]);
  const real *x = call->in[PM_GROUPED_LINEAR_X], *w = call->in[PM_GROUPED_LINEAR_W], *b = call->in[PM_GROUPED_LINEAR_B];
  real *y = call->out[0];
  for (size_t r = 0; r < s.rows; r++)
    for (size_t k = 0; k < s.groups; k++)
      for (size_t o = 0; o < s.O; o++) {
        size_t row = (s.first + k) * s.O + o;
        real sum = b ? b[row] : 0;
        for (size_t i = 0; i < s.I; i++)
          sum += x[(r * s.groups + k) * s.I + i] * w[row * s.I + i];
        y[(r * s.groups + k) * s.O + o] = sum;
      }
}

static void grouped_linear_grad_input_infer(pm_graph *g, pm_node *node) {
  const grouped_sizes s =
      grouped_sizes_of(node, node->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY], node->in[PM_GROUPED_LINEAR_GRAD_INPUT_W]);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, s.rows, s.groups, s.I));
  node->outs = 1;
}

static void grouped_linear_grad_input_reference(const pm_call *call) {
  const grouped_sizes s = grouped_sizes_of(call->node, call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY],
                                           call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_W]);
  const real *dy = call->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY], *w = call->in[PM_GROUPED_LINEAR_GRAD_INPUT_W];
  real *dx = call->out[0];
  for (size_t r = 0; r < s.rows; r++)
    for (size_t k = 0; k < s.groups; k++)
      for (size_t i = 0; i < s.I; i++) {
        real sum = 0;
        for (size_t o = 0; o < s.O; o++)
          sum += dy[(r * s.groups + k) * s.O + o] * w[((s.first + k) * s.O + o) * s.I + i];
        dx[(r * s.groups + k) * s.I + i] = sum;
      }
}

static void grouped_linear_grad_weight_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X], *dy = node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_DY];
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, x->shape.dim[1], pm_columns(dy), pm_columns(x)));
  node->outs = 1;
}

static void grouped_linear_grad_weight_reference(const pm_call *call) {
  const grouped_sizes s =
      grouped_sizes_of(call->node, call->node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X], call->node->out[0]);
  const real *x = call->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X], *dy = call->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_DY];
  real *dw = call->out[0];
  for (size_t k = 0; k < s.groups; k++)
    for (size_t o = 0; o < s.O; o++)
      for (size_t i = 0; i < s.I; i++) {
        real sum = 0;
        for (size_t r = 0; r < s.rows; r++)
          sum += dy[(r * s.groups + k) * s.O + o] * x[(r * s.groups + k) * s.I + i];
        dw[(k * s.O + o) * s.I + i] = sum;
      }
}

const pm_op PM_OP(grouped_linear) = {
    "grouped_linear", grouped_linear_infer, grouped_linear_gradient, grouped_linear_reference, 0, NULL};
const pm_op PM_OP(grouped_linear_grad_input) = {
    "grouped_linear_grad_input", grouped_linear_grad_input_infer, NULL, grouped_linear_grad_input_reference, 0, NULL};
const pm_op PM_OP(grouped_linear_grad_weight) = {"grouped_linear_grad_weight",
                                                 grouped_linear_grad_weight_infer,
                                                 NULL,
                                                 grouped_linear_grad_weight_reference,
                                                 0,
                                                 NULL};
