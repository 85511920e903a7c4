/* For authors of ops. One op (with the ops of its gradient) is one file in nn/ops/: shape inference, gradient, and a
 * plain reference kernel, written once for `real` and compiled as float and as double; in double the gradients are
 * checked. Backends may bring a faster kernel; where they bring none, the reference runs. A new op = one file and one
 * line in nn/ops.def. */
#ifndef PM_NN_OP_H
#define PM_NN_OP_H

#include "nn/graph.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef PM_REAL_TYPE
#define PM_REAL_TYPE float
#endif
typedef PM_REAL_TYPE real;

/* What a kernel gets: its node (shapes, attributes) and where its operands lie. PM_F32 operands are arrays of `real`.
 */
typedef struct {
  const pm_node *node;
  const pm_value *value; /* what a backend's conversion of an operand converts; it has no node */
  const void *in[PM_MAX_IN];
  void *out[PM_MAX_OUT];
  void *workspace;      /* as large as the kernel asked for */
  const void *prepared; /* what the backend made ready for this step when it was compiled, or NULL */
  void *queue;          /* a device's, in whose order the kernel works; NULL on the host */
} pm_call;

typedef void (*pm_kernel)(const pm_call *call);

struct pm_op {
  const char *name;
  /* Checks the inputs and makes node->out[0 … outs - 1] with pm_new_value (or names existing states that are updated in
   * place). */
  void (*infer)(pm_graph *g, pm_node *node);
  /* From the gradients of the outputs (NULL where there is none) to those of the inputs: sets din[i] for each input
   * that requires one. NULL: the op has no gradient, and none flows past it. */
  void (*gradient)(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din);
  pm_kernel reference;
  int in_place; /* 1 + the number of the input whose memory output 0 may take over; 0: none */
  size_t (*workspace)(const pm_node *node); /* bytes that the reference needs for a call; NULL: none */
};

#define PM_PASTE_(a, b, c) a##b##_##c
#define PM_PASTE(a, b, c) PM_PASTE_(a, b, c)
/* The op's descriptor in this build of the file: pm_op_relu_float, pm_op_relu_double. */
#define PM_OP(name) PM_PASTE(pm_op_, name, PM_REAL_TYPE)

#define X(name) extern const pm_op pm_op_##name##_float, pm_op_##name##_double;
#include "nn/ops.def"
#undef X

/* The twin whose reference kernel works in double. */
const pm_op *pm_op_in_double(const pm_op *op);

/* For the functions in *_ops.h: PM_APPLY(g, name, attributes, size, input, …) appends the op pm_op_NAME_float on up to
 * 8 inputs. */
#define PM_APPLY(g, name, attributes, size, ...)                                                                       \
  pm_apply_to(g, &pm_op_##name##_float, attributes, size, PM_ARGUMENTS(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0),        \
              __VA_ARGS__)
/* Three of those inputs: where random numbers come from. */
#define PM_DRAWS(draws) (draws).seed, (draws).step, (draws).first
#define PM_ARGUMENTS(a, b, c, d, e, f, g, h, count, ...) count

#ifdef __cplusplus
}
#endif
#endif
