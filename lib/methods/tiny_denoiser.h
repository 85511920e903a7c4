/* The published tilemap recipe's net, for 32 x 32 pixels: four convolutions at full size, one at half,
 * conditioned on the time once, in the middle. */
#ifndef PM_METHODS_TINY_DENOISER_H
#define PM_METHODS_TINY_DENOISER_H

#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x[N,H,W,C], H and W even, at times t[N] (NULL: not conditioned on them) -> logits [N,H,W,out] of the clean picture.
 * 229,251 parameters with 64 `hidden` channels and time. */
pm_value *pm_tiny_denoiser(pm_graph *g, pm_value *x, pm_value *t, size_t hidden, size_t out);

#ifdef __cplusplus
}
#endif
#endif
