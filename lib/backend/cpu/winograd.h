/* Convolutions of 3 x 3 taps with fewer multiplications: Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks", 2016, arXiv:1509.09308). A row of results is a product of two
 * polynomials, so it can be taken from their values at six points: 36 multiplications give 4 x 4 results, of which each
 * takes 9 otherwise. Windows of 6 x 6 pixels and the taps are transformed; at each of 36 positions the channels are one
 * matrix product; its results are transformed back.
 *
 * The points are 0, sqrt(1/2), -sqrt(1/2), sqrt(2), -sqrt(2) and infinity. They are close to 1 and each other's
 * inverses, so the rounding error is about twice that of a plain sum, a third of that at the usual points 0, ±1, ±2
 * (Barabasz, Anderson, Soodhalter and Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for
 * Deep Neural Networks", 2020, arXiv:1803.10986, on the choice of points).
 *
 * A result depends on its own picture and the weights alone. */
#ifndef PM_BACKEND_CPU_WINOGRAD_H
#define PM_BACKEND_CPU_WINOGRAD_H

#include "backend/cpu/conv2d.h"
#include "backend/cpu/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PM_WINDOW = 6,         /* pixels along an axis that … */
  PM_WINDOW_RESULTS = 4, /* … so many results need, of … */
  PM_WINDOW_TAPS = 3,    /* … so many taps */
  PM_WINDOW_PIXELS = PM_WINDOW * PM_WINDOW,
  PM_RESULT_PIXELS = PM_WINDOW_RESULTS * PM_WINDOW_RESULTS,
};

/* The transforms, by row and then by column, of C (or n) channels, a multiple of 16, at a time. Of what is transformed
 * the numbers of one position lie `plane` apart from those of the next; a pixel's channels lie anywhere. */
struct pm_winograd {
  void (*window)(float *v, size_t plane, const float *const pixel[PM_WINDOW_PIXELS], size_t C);
  /* results, + bias */
  void (*results)(float *const pixel[PM_RESULT_PIXELS], const float *m, size_t plane, const float *bias, size_t C);
  /* the transpose of `results`, of their gradients */
  void (*gradients)(float *q, size_t plane, const float *const pixel[PM_RESULT_PIXELS], size_t C);
  /* of 3 x 3 taps that lie `tap` apart */
  void (*taps)(float *u, size_t plane, const float *w, size_t tap, size_t n);
  /* the transpose of `taps` */
  void (*taps_gradient)(float *dw, size_t tap, const float *s, size_t plane, size_t n);
};

/* ---- implementations ---- */

/* Whether a convolution, or one of its gradients, of such shapes has less work so than tap by tap, where the latter
 * does `rate` multiplications in the time that one takes here. */
bool pm_winograd_pays(const conv2d_sizes *c, double rate);
bool pm_winograd_conv2d_fits(const pm_node *node); /* and its input's gradient */
bool pm_winograd_conv2d_grad_weight_fits(const pm_node *node);

void pm_winograd_conv2d(const pm_call *call);
void pm_winograd_conv2d_grad_input(const pm_call *call);
void pm_winograd_conv2d_grad_weight(const pm_call *call);
size_t pm_winograd_conv2d_scratch(const pm_node *node); /* and of the input's gradient */
size_t pm_winograd_conv2d_grad_weight_scratch(const pm_node *node);
size_t pm_winograd_conv2d_grad_weight_workspace(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
