/* Several linear layers side by side: y[r,g,o] = sum_i x[r,g,i] w[f+g,o,i] + b[f+g,o], f the first group, and its
 * gradients. */
#include "nn/ops/elementwise.h"

typedef struct {
  size_t rows, groups, first, I, O;
} sizes;

/* x or y of the call, and w. */
static sizes sizes_of(const pm_node *node, const pm_value *x, const pm_value *w) {
  const pm_grouped_linear_attributes *a = node->attributes;
  return (sizes){x->shape.dim[0], x->shape.dim[1], a->first, w->shape.dim[2], w->shape.dim[1]};
}

static void grouped_linear_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[0], *w = node->in[1], *b = node->in[2];
  const sizes s = sizes_of(node, x, w);
  assert(x->shape.rank == 3 && w->shape.rank == 3 && pm_columns(x) == s.I && s.first + s.groups <= w->shape.dim[0]);
  assert(!b || pm_count(b) == w->shape.dim[0] * s.O);
  (void)b;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, s.rows, s.groups, s.O));
  node->outs = 1;
}

static void grouped_linear_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_grouped_linear_attributes *a = node->attributes;
  pm_value *x = node->in[0], *w = node->in[1], *b = node->in[2];
  const sizes s = sizes_of(node, x, w);
  assert(s.first == 0 && s.groups == w->shape.dim[0]); /* a part of the layers is for use, not for training */
  if (x->wants_gradient)
    din[0] = PM_APPLY(g, grouped_linear_grad_input, a, sizeof *a, dout[0], w);
  if (w->wants_gradient)
    din[1] = PM_APPLY(g, grouped_linear_grad_weight, a, sizeof *a, x, dout[0]);
  if (b && b->wants_gradient) {
    pm_value *rows = pm_reshape(g, dout[0], pm_shape_of(2, s.rows, s.groups * s.O));
    din[2] = pm_reshape(g, pm_sum_rows(g, rows), b->shape);
  }
}

static void grouped_linear_reference(const pm_call *call) {
  const sizes s = sizes_of(call->node, call->node->in[0], call->node->in[1]);
  const real *x = call->in[0], *w = call->in[1], *b = call->in[2];
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

/* In: dy, w. */
static void grouped_linear_grad_input_infer(pm_graph *g, pm_node *node) {
  const sizes s = sizes_of(node, node->in[0], node->in[1]);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, s.rows, s.groups, s.I));
  node->outs = 1;
}

static void grouped_linear_grad_input_reference(const pm_call *call) {
  const sizes s = sizes_of(call->node, call->node->in[0], call->node->in[1]);
  const real *dy = call->in[0], *w = call->in[1];
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

/* In: x, dy. */
static void grouped_linear_grad_weight_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[0], *dy = node->in[1];
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(3, x->shape.dim[1], pm_columns(dy), pm_columns(x)));
  node->outs = 1;
}

static void grouped_linear_grad_weight_reference(const pm_call *call) {
  const sizes s = sizes_of(call->node, call->node->in[0], call->node->out[0]);
  const real *x = call->in[0], *dy = call->in[1];
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
