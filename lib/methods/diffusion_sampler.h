/* Samplers of diffusion models as tables: one forward pass of the net, then what it predicts of the clean picture
 * (which may then be clamped) and a step towards that,
 *
 *   x0 = P x + Q out
 *   x  = A x + B x0 + C noise + D (x0 of the step before)
 *
 * with numbers that depend on the step alone. Every sampler here is of this form, so one graph serves all. */
#ifndef PM_METHODS_DIFFUSION_SAMPLER_H
#define PM_METHODS_DIFFUSION_SAMPLER_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the net was trained to say: the noise, the clean picture, or v = alpha eps - sigma x0 (Salimans and Ho,
 * "Progressive Distillation for Fast Sampling of Diffusion Models", 2022). */
typedef enum { PM_PREDICT_EPS, PM_PREDICT_X0, PM_PREDICT_V } pm_prediction;

/* ancestral: Ho et al., 2020, with the posterior's variance. ddim: Song, Meng, Ermon, "Denoising Diffusion Implicit
 * Models", 2021. dpm++2m: Lu et al., "DPM-Solver++", 2022, algorithm 2. blend: of x the share (1 - alpha_bar of the
 * next time) / (1 - alpha_bar) stays, the rest becomes x0. printed: the published tilemap recipe's listing, where that
 * share is always 1: x stays the noise that it was until the last step. */
typedef enum { PM_ANCESTRAL, PM_DDIM, PM_DPM_2M, PM_BLEND, PM_PRINTED } pm_sampler_kind;
#define PM_SAMPLER_NAMES "ancestral|ddim|dpm++2m|blend|printed"

typedef struct {
  size_t steps;
  float *t;                     /* [steps] the time that the net is conditioned on, falling */
  float *P, *Q, *A, *B, *C, *D; /* [steps] */
} pm_sampler_table;

/* For `steps` of the T times of alpha_bar[T], evenly spaced: t = T - 1, …, as T - 1 - i T / steps. eta: share of the
 * ancestral noise in ddim. 1 <= steps <= T. Memory from the arena. */
pm_sampler_table pm_sampler_table_new(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction,
                                      const double *alpha_bar, size_t T, size_t steps, double eta);
/* The same at given times[steps], falling. */
pm_sampler_table pm_sampler_table_at(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction,
                                     const double *alpha_bar, const size_t *times, size_t steps, double eta);

/* numbers[steps] at the sampling step s->step, once for each of `rows`: [rows]. */
pm_value *pm_by_step(pm_graph *g, const char *name, const float *numbers, size_t steps, const pm_sampling *s,
                     size_t rows);

/* Appends this step: the states x and before [N,…] become the next x, and x0, the estimate made of x. */
void pm_sampler_step(pm_graph *g, const pm_sampler_table *table, const pm_sampling *s, pm_value *x, pm_value *before,
                     pm_value *x0);

#ifdef __cplusplus
}
#endif
#endif
