#include "methods/diffusion_likelihood.h"

#include "core/random.h"
#include "nn/ops.h"

#include <math.h>

static const double LN_2 = 0.69314718055994530942;

static double snr(double alpha_bar) {
  return alpha_bar / (1 - alpha_bar);
}

/* The last time whose noise is at most PM_BOUND_MOST_NOISE; never one without any, whose SNR has no bound. */
static size_t reading_time(const double *alpha_bar, size_t T) {
  size_t t0 = 0;
  while (t0 + 1 < T && !(alpha_bar[t0] < 1))
    t0++;
  while (t0 + 1 < T && snr(alpha_bar[t0 + 1]) >= 1 / (PM_BOUND_MOST_NOISE * PM_BOUND_MOST_NOISE))
    t0++;
  return t0;
}

/* KL of N(alpha x, sigma^2) from N(0, 1) is 1/2 (alpha^2 x^2 + sigma^2 - 1) - log sigma, and x^2 = 1. */
static double prior_nats(double alpha_bar) {
  return -0.5 * log1p(-alpha_bar);
}

pm_bound pm_bound_new(pm_arena *arena, const double *alpha_bar, size_t T, size_t channels) {
  const double bits = (double)channels / LN_2;
  size_t t0 = reading_time(alpha_bar, T), times = T - 1 - t0;
  pm_bound b = {.t0 = t0,
                .alpha = sqrt(alpha_bar[t0]),
                .sigma = sqrt(1 - alpha_bar[t0]),
                .prior = bits * prior_nats(alpha_bar[T - 1]),
                .times = times ? times : 1};
  float **column[] = {&b.t, &b.alphas, &b.sigmas, &b.weights};
  for (size_t i = 0; i < sizeof column / sizeof *column; i++)
    *column[i] = pm_alloc(arena, b.times, sizeof(float));
  for (size_t i = 0; i < times; i++) {
    size_t t = t0 + 1 + i;
    b.t[i] = (float)t;
    b.alphas[i] = (float)sqrt(alpha_bar[t]);
    b.sigmas[i] = (float)sqrt(1 - alpha_bar[t]);
    b.weights[i] = (float)((double)times * bits * 0.5 * (snr(alpha_bar[t - 1]) - snr(alpha_bar[t])));
  }
  return b;
}

static pm_value *row(pm_graph *g, const char *name, const float *numbers, size_t n, pm_value *index) {
  return pm_lookup_rows(g, pm_graph_constant(g, name, pm_shape_of(1, n), numbers), index);
}

pm_bound_draw pm_bound_draw_time(pm_graph *g, const pm_bound *b, const pm_batch *batch, pm_value *x0) {
  const size_t n = x0->shape.dim[0];
  pm_value *index =
      pm_random_index_rows(g, batch->draws, (pm_random_index_rows_attributes){n, 1, b->times, pm_purpose("bits time")});
  index = pm_reshape(g, index, pm_shape_of(1, n));
  pm_value *noise = pm_normal(g, x0->shape, batch->draws, pm_purpose("bits noise"));
  pm_value *x = pm_combine_rows(g, x0, noise, row(g, "bits alpha", b->alphas, b->times, index),
                                row(g, "bits sigma", b->sigmas, b->times, index));
  return (pm_bound_draw){x, row(g, "bits t", b->t, b->times, index), index};
}

pm_value *pm_bound_way(pm_graph *g, const pm_bound *b, const pm_bound_draw *draw, pm_value *x0, pm_value *estimate) {
  return pm_times(g, pm_squared_error(g, estimate, x0), row(g, "bits weight", b->weights, b->times, draw->index));
}

pm_value *pm_bound_last(pm_graph *g, const pm_bound *b, const pm_batch *batch, pm_value *x0) {
  pm_value *noise = pm_normal(g, x0->shape, batch->draws, pm_purpose("bits reading"));
  return pm_plus(g, pm_affine(g, x0, b->alpha, 0), pm_affine(g, noise, b->sigma, 0));
}

/* Nats a pixel. All codes are as long, so that of |x - alpha code|^2 / 2 sigma^2 only the products tell colours apart.
 */
static pm_value *reading(pm_graph *g, const pm_bound *b, const pm_batch *batch, pm_value *x0, pm_value *codes) {
  pm_value *x = pm_bound_last(g, b, batch, x0);
  pm_value *logits = pm_affine(g, pm_linear(g, x, codes, NULL), b->alpha / (b->sigma * b->sigma), 0);
  return pm_cross_entropy(g, logits, batch->pixels);
}

pm_value *pm_bound_bits(pm_graph *g, const pm_bound *b, const pm_batch *batch, const pm_bound_draw *draw, pm_value *x0,
                        pm_value *estimate, pm_value *codes) {
  pm_value *way = pm_bound_way(g, b, draw, x0, estimate);
  pm_value *read = pm_affine(g, reading(g, b, batch, x0, codes), 1 / LN_2, b->prior);
  return pm_plus(g, way, read);
}
