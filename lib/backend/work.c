#include "backend/work.h"

#include "nn/ops.h"

/* Each result of a convolution is a sum over all taps and input channels. */
static double convolution_flops(const pm_value *y, const pm_value *weight) {
  const size_t *k = weight->shape.dim;
  return 2.0 * (double)pm_rows(y) * (double)(k[0] * k[1] * k[2] * k[3]);
}

/* dy has as many pixels as the convolution had results. */
static double of_convolutions(const pm_node *n) {
  return n->op == &pm_op_conv2d_float ? convolution_flops(n->out[0], n->in[PM_CONV2D_W])
         : n->op == &pm_op_conv2d_grad_input_float
             ? convolution_flops(n->in[PM_CONV2D_GRAD_INPUT_DY], n->in[PM_CONV2D_GRAD_INPUT_W])
         : n->op == &pm_op_conv2d_grad_weight_float
             ? convolution_flops(n->in[PM_CONV2D_GRAD_WEIGHT_DY], n->in[PM_CONV2D_GRAD_WEIGHT_W])
             : 0;
}

/* Each number of the one meets each of a row of the other: x and y, or x and dy. */
static double linear_flops(const pm_value *one, const pm_value *other) {
  return 2.0 * (double)pm_count(one) * (double)pm_columns(other);
}

static double of_linears(const pm_node *n) {
  return n->op == &pm_op_linear_float              ? linear_flops(n->in[PM_LINEAR_X], n->out[0])
         : n->op == &pm_op_linear_grad_input_float ? linear_flops(n->in[PM_LINEAR_GRAD_INPUT_DY], n->out[0])
         : n->op == &pm_op_linear_grad_weight_float
             ? linear_flops(n->in[PM_LINEAR_GRAD_WEIGHT_X], n->in[PM_LINEAR_GRAD_WEIGHT_DY])
         : n->op == &pm_op_grouped_linear_float ? linear_flops(n->in[PM_GROUPED_LINEAR_X], n->out[0])
         : n->op == &pm_op_grouped_linear_grad_input_float
             ? linear_flops(n->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY], n->out[0])
         : n->op == &pm_op_grouped_linear_grad_weight_float
             ? linear_flops(n->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X], n->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_DY])
             : 0;
}

/* Scores and their product with the values; three more products of that size on the way back. */
static double of_attention(const pm_node *n) {
  const bool forward = n->op == &pm_op_attention_float;
  if (!forward && n->op != &pm_op_attention_grad_float)
    return 0;
  const size_t *d = n->in[forward ? PM_ATTENTION_QKV : PM_ATTENTION_GRAD_QKV]->shape.dim;
  return (forward ? 4.0 : 10.0) * (double)(d[0] * d[1]) * (double)(d[1] * d[2] / 3);
}

double pm_node_flops(const pm_node *node) {
  return node ? of_convolutions(node) + of_linears(node) + of_attention(node) : 0;
}
