/* The geometry of a convolution of x[n,h,w,i] with w[kh,kw,i,o] to y[n,oh,ow,o]: for the ops in conv2d.c and for the
 * backends' kernels of them. */
#ifndef PM_NN_OPS_CONV2D_H
#define PM_NN_OPS_CONV2D_H

#include "nn/ops.h"

typedef struct {
  size_t n, h, w, i; /* input */
  size_t oh, ow, o;  /* output */
  size_t kh, kw, stride, padding;
} conv2d_sizes;

/* Of a node whose input 0 is x or y. */
static inline conv2d_sizes conv2d_sizes_of(const pm_node *node, const pm_value *weight) {
  const pm_conv2d_attributes *a = (const pm_conv2d_attributes *)node->attributes;
  const size_t *k = weight->shape.dim;
  conv2d_sizes s;
  s.n = node->in[0]->shape.dim[0];
  s.h = a->height;
  s.w = a->width;
  s.i = k[2];
  s.o = k[3];
  s.kh = k[0];
  s.kw = k[1];
  s.stride = (size_t)a->stride;
  s.padding = (size_t)a->padding;
  s.oh = (s.h + 2 * s.padding - s.kh) / s.stride + 1;
  s.ow = (s.w + 2 * s.padding - s.kw) / s.stride + 1;
  return s;
}

#endif
