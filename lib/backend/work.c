#include "backend/work.h"

#include "nn/ops.h"

/* Each result of a convolution is a sum over all taps and input channels. */
static double convolution(const pm_value *y, const pm_value *weight) {
  const size_t *k = weight->shape.dim;
  return 2.0 * (double)pm_rows(y) * (double)(k[0] * k[1] * k[2] * k[3]);
}

/* dy has as many pixels as the convolution had results. */
static double of_convolutions(const pm_node *n) {
  return n->op == &pm_op_conv2d_float               ? convolution(n->out[0], n->in[1])
         : n->op == &pm_op_conv2d_grad_input_float  ? convolution(n->in[0], n->in[1])
         : n->op == &pm_op_conv2d_grad_weight_float ? convolution(n->in[1], n->in[2])
                                                    : 0;
}

static double of_linears(const pm_node *n) {
  const bool weight = n->op == &pm_op_linear_grad_weight_float || n->op == &pm_op_grouped_linear_grad_weight_float;
  if (weight || n->op == &pm_op_linear_float || n->op == &pm_op_linear_grad_input_float ||
      n->op == &pm_op_grouped_linear_float || n->op == &pm_op_grouped_linear_grad_input_float)
    return 2.0 * (double)pm_count(n->in[0]) * (double)pm_columns(weight ? n->in[1] : n->out[0]);
  return 0;
}

/* Scores and their product with the values; three more products of that size on the way back. */
static double of_attention(const pm_node *n) {
  const bool forward = n->op == &pm_op_attention_float;
  if (!forward && n->op != &pm_op_attention_grad_float)
    return 0;
  const size_t *d = n->in[0]->shape.dim;
  return (forward ? 4.0 : 10.0) * (double)(d[0] * d[1]) * (double)(d[1] * d[2] / 3);
}

double pm_node_flops(const pm_node *node) {
  return node ? of_convolutions(node) + of_linears(node) + of_attention(node) : 0;
}
