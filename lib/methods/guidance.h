/* Classifier-free guidance: Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022. What a model predicts without
 * a class + scale (what it predicts with it - without), scale being the paper's 1 + w. Both come from one batch of
 * twice the size. Where no class is asked for, or scale is 1, the batch stays as it is. */
#ifndef PM_METHODS_GUIDANCE_H
#define PM_METHODS_GUIDANCE_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  bool on;
  double scale;
  pm_value *labels; /* PM_I32 [n], or [2 n]: the classes, then none; NULL for a model without classes */
} pm_guidance;

pm_guidance pm_guidance_of(const pm_sampling *sampling, double scale);
/* x[n,…] once, or twice behind one another: [2 n,…]. */
pm_value *pm_guidance_twice(pm_graph *g, const pm_guidance *guidance, pm_value *x);
/* Predictions [n,…] as they are, or of [2 n,…] the guided ones: [n,…]. */
pm_value *pm_guided(pm_graph *g, const pm_guidance *guidance, pm_value *x);

#ifdef __cplusplus
}
#endif
#endif
