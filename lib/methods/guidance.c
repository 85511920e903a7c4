#include "methods/guidance.h"

#include "nn/ops.h"

pm_guidance pm_guidance_of(const pm_sampling *a, double scale) {
  bool on = a->labels && scale != 1;
  return (pm_guidance){on, scale, on ? a->labels_and_none : a->labels};
}

pm_value *pm_guidance_twice(pm_graph *g, const pm_guidance *guidance, pm_value *x) {
  if (!guidance->on)
    return x;
  pm_shape shape = x->shape, row = pm_shape_of(2, (size_t)1, pm_count(x));
  shape.dim[0] *= 2;
  return pm_reshape(g, pm_concat(g, pm_reshape(g, x, row), pm_reshape(g, x, row)), shape);
}

/* Half number `k` of x[2 n,…]. */
static pm_value *half(pm_graph *g, pm_value *x, size_t k) {
  pm_shape shape = x->shape;
  size_t n = pm_count(x) / 2;
  shape.dim[0] /= 2;
  return pm_reshape(g, pm_slice_columns(g, pm_reshape(g, x, pm_shape_of(2, (size_t)1, 2 * n)), k * n, n), shape);
}

pm_value *pm_guided(pm_graph *g, const pm_guidance *guidance, pm_value *x) {
  if (!guidance->on)
    return x;
  return pm_plus(g, pm_affine(g, half(g, x, 0), guidance->scale, 0),
                 pm_affine(g, half(g, x, 1), 1 - guidance->scale, 0));
}
