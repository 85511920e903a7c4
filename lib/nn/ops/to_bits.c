/* Palette indices as ±1 bits (Chen, Zhang and Hinton, "Analog Bits", 2023), and back to the nearest index. */
#include "nn/ops/indices.h"

static void to_bits_infer(pm_graph *g, pm_node *node) {
  const pm_bits_attributes *a = node->attributes;
  assert(a->bits >= 1 && a->bits <= 8);
  infer_planes(g, node, a->bits);
}

static void to_bits_reference(const pm_call *call) {
  const pm_bits_attributes *a = call->node->attributes;
  const unsigned char *index = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++)
    for (size_t b = 0; b < a->bits; b++)
      out[i * a->bits + b] = (index[i] >> b & 1) ? 1 : -1;
}

static void from_bits_infer(pm_graph *g, pm_node *node) {
  const pm_bits_attributes *a = node->attributes;
  assert(a->bits >= 1 && a->bits <= 8 && a->K >= 1 && a->K <= (size_t)1 << a->bits);
  (void)a;
  infer_indices(g, node);
}

static void from_bits_reference(const pm_call *call) {
  const pm_bits_attributes *a = call->node->attributes;
  unsigned char *out = call->out[0];
  for (size_t i = 0; i < pm_count(call->node->out[0]); i++)
    out[i] = (unsigned char)index_of_bits((const real *)call->in[0] + i * a->bits, a->bits, a->K);
}

const pm_op PM_OP(to_bits) = {"to_bits", to_bits_infer, NULL, to_bits_reference, 0, NULL};
const pm_op PM_OP(from_bits) = {"from_bits", from_bits_infer, NULL, from_bits_reference, 0, NULL};
