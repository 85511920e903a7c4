/* The ops as functions that append a node to a graph and return its (first) output. Shapes in brackets; N is the batch.
 * Each is defined in nn/ops/NAME.c.
 *
 * Operands have names: before each function stands an enum of the inputs of its op in their order, PM_OP_INPUT, and one
 * of the outputs where there are several; after it those of the ops of its gradient, which have no function of their
 * own. With them kernels, gradients and lowering index in[] and out[]. A single input, or output, is in[0], or out[0].
 * …_DRAWS is the first of three inputs, a pm_draws. */
#ifndef PM_NN_OPS_H
#define PM_NN_OPS_H

#include "nn/arithmetic_ops.h"
#include "nn/attention_ops.h"
#include "nn/codebook_ops.h"
#include "nn/data_ops.h"
#include "nn/hint_ops.h"
#include "nn/loss_ops.h"
#include "nn/network_ops.h"
#include "nn/patch_ops.h"
#include "nn/random_ops.h"
#include "nn/update_ops.h"

#endif
