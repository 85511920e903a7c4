/* How well a diffusion model knows a sprite: an upper bound of -log2 p(sprite), in bits a pixel, for models whose
 * pictures x0 are codes of palette indices, ±1 in each channel.
 *
 * Ho, Jain and Abbeel, "Denoising Diffusion Probabilistic Models", 2020, equation 5, in the form of Kingma, Salimans,
 * Poole and Ho, "Variational Diffusion Models", 2021, section 4 (discrete times). With x_t = alpha_t x0 + sigma_t eps,
 * SNR(t) = alpha_t^2 / sigma_t^2 and x0_hat what the model makes of (x_t, t), in nats a sprite:
 *
 *   KL(q(x_T | x0) || N(0, 1))                                          what the last time still knows of the sprite
 *   + sum over t > t0 of 1/2 (SNR(t - 1) - SNR(t)) |x0 - x0_hat|^2      the way from noise, all times of the process
 *   + -log p(x0 | x_t0)                                                 reading the indices off
 *
 * p(x0 | x_t0): pixel by pixel, each colour as likely as the normal density of x_t0 around its code says; codes that
 * stand for no colour get nothing. Any t0 gives a bound; the process below it is not needed. The expectations over
 * noise and the sum over times are estimated without bias, by one draw each for every sprite. */
#ifndef PM_METHODS_DIFFUSION_LIKELIHOOD_H
#define PM_METHODS_DIFFUSION_LIKELIHOOD_H

#include "nn/graph.h"
#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sigma / alpha at t0, at most. Below it reading costs next to nothing, while each time costs the net's last small
 * errors; above it reading by itself soon costs more than the net would. With 0.2, 0.3 and 0.4 one trained model needed
 * 0.442, 0.425 and 0.480 bits a pixel, another 1.368, 1.230 and 1.219. */
#define PM_BOUND_MOST_NOISE 0.3

/* The numbers of one process. */
typedef struct {
  size_t t0;
  double alpha, sigma;        /* at t0 */
  double prior;               /* bits a pixel of the first term */
  size_t times;               /* those behind t0; where there are none, one that weighs nothing */
  float *t, *alphas, *sigmas; /* [times] */
  float *weights;             /* [times]: bits a pixel that a mean squared error of 1 costs there, times `times` */
} pm_bound;

/* Of alpha_bar[T], falling, with 1 - alpha_bar[T - 1] > 0; `channels` of a code. Memory from the arena. */
pm_bound pm_bound_new(pm_arena *arena, const double *alpha_bar, size_t T, size_t channels);

/* One draw for each of the batch's sprites x0[N,H,W,channels]: a time and the noised sprite that the model is asked
 * about. */
typedef struct {
  pm_value *x;     /* [N,H,W,channels] */
  pm_value *t;     /* PM_F32 [N] */
  pm_value *index; /* PM_I32 [N]: where the time stands in the bound's columns */
} pm_bound_draw;
pm_bound_draw pm_bound_draw_time(pm_graph *g, const pm_bound *bound, const pm_batch *batch, pm_value *x0);

/* The draw's estimate of the bound, [N], bits a pixel. estimate: x0_hat of draw->x; codes[colours,channels]: ±1, a
 * constant. Uses the batch's pixels. */
pm_value *pm_bound_bits(pm_graph *g, const pm_bound *bound, const pm_batch *batch, const pm_bound_draw *draw,
                        pm_value *x0, pm_value *estimate, pm_value *codes);

/* Its parts, for a model that reads the indices off itself: the way from noise, [N], bits a pixel; and a draw of x_t0.
 */
pm_value *pm_bound_way(pm_graph *g, const pm_bound *bound, const pm_bound_draw *draw, pm_value *x0, pm_value *estimate);
pm_value *pm_bound_last(pm_graph *g, const pm_bound *bound, const pm_batch *batch, pm_value *x0);

#ifdef __cplusplus
}
#endif
#endif
