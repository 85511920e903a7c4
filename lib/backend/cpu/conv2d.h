/* Convolutions of the cpu backend: by tiles in registers where the processor and the shape allow (conv2d_tiles.c), else
 * by OpenBLAS (conv2d_gemm.c). Shape and tier alone decide. */
#ifndef PM_BACKEND_CPU_CONV2D_H
#define PM_BACKEND_CPU_CONV2D_H

#include "backend/cpu/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const pm_call *call;
  size_t n, h, w, i, oh, ow, o, kh, kw;
  int stride, padding;
} pm_conv;

/* Of a node with x or dy [N,…] as its first input, and of a call. */
pm_conv pm_conv_of(const pm_node *node, const pm_value *weight);
/* The pixels of `pictures` pictures that tap (ky, kx) brings together; returns how many. */
size_t pm_conv_meet(const pm_conv *c, size_t ky, size_t kx, size_t pictures, uint32_t *in, uint32_t *out);

/* Whether results of so many columns come in whole tiles. */
bool pm_conv_tiles_fit(size_t columns);
void pm_conv_tiles_forward(const pm_conv *c);
void pm_conv_tiles_grad_input(const pm_conv *c);
/* Needs a workspace of as many weights as there are parts, if these are more than one. */
void pm_conv_tiles_grad_weight(const pm_conv *c);
size_t pm_conv_tiles_parts(const pm_conv *c);

#ifdef __cplusplus
}
#endif
#endif
