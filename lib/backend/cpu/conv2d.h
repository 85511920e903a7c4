/* What the convolutions of the cpu backend share. */
#ifndef PM_BACKEND_CPU_CONV2D_H
#define PM_BACKEND_CPU_CONV2D_H

#include "nn/ops/conv2d.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The pixels of `pictures` pictures that tap (ky, kx) brings together: pixel in[k] of x and pixel out[k] of y. Returns
 * how many; in and out have room for as many as y has pixels. conv2d_tiles.c */
size_t pm_conv2d_meet(const conv2d_sizes *c, size_t ky, size_t kx, size_t pictures, uint32_t *in, uint32_t *out);

/* Pictures of a task, where `blocks` tasks lie side by side over the columns of the result: as many as make a packed
 * piece of the weights worth its packing, but some tasks for every thread. */
size_t pm_conv2d_pictures(const conv2d_sizes *c, size_t blocks);

/* sum[n] = the sum of parts[count,n] in their order, count >= 2; sum may be the first of them. On all threads. */
void pm_conv2d_add_parts(float *sum, const float *parts, size_t count, size_t n);

#ifdef __cplusplus
}
#endif
#endif
