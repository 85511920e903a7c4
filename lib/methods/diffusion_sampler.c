#include "methods/diffusion_sampler.h"

#include "core/random.h"
#include "nn/ops.h"

#include <math.h>

/* One step: from alpha, sigma to those of the next time (1 and 0 at the end). */
typedef struct {
  double alpha, sigma, next_alpha, next_sigma;
  bool last;
} move;

typedef struct {
  double A, B, C, D;
} step_weights;

/* x = next_alpha x0 + sqrt(next_sigma^2 - noise^2) eps + noise with eps = (x - alpha x0) / sigma: that of the clamped
 * x0, not the net's own. Where guidance drives x0 out of range, its own would take away what the clamp left. */
static step_weights ddim(move m, double eta) {
  double ratio = m.next_alpha > 0 ? m.alpha * m.alpha / (m.next_alpha * m.next_alpha) : 1;
  double noise = m.last ? 0 : eta * m.next_sigma / m.sigma * sqrt(1 - ratio);
  double eps = sqrt(fmax(0, m.next_sigma * m.next_sigma - noise * noise));
  return (step_weights){.A = eps / m.sigma, .B = m.next_alpha - eps * m.alpha / m.sigma, .C = noise};
}

/* x = next_sigma/sigma x - next_alpha (exp(-h) - 1) D, D = (1 + 1/2r) x0 - 1/2r (x0 before), h the step in log(alpha /
 * sigma), r the step before over it. First order at both ends, where there is no step before, a step is infinite, or
 * the one before led nowhere: the last times of a very long process are all the same noise. */
static step_weights dpm_2m(move m, const move *before) {
  step_weights w = {.A = m.next_sigma / m.sigma, .B = m.next_alpha - m.alpha * m.next_sigma / m.sigma};
  if (m.last || !before || before->alpha == 0 || m.next_sigma == 0)
    return w;
  double h = log(m.next_alpha / m.next_sigma) - log(m.alpha / m.sigma);
  double h_before = log(m.alpha / m.sigma) - log(before->alpha / before->sigma);
  if (!(h_before > 0))
    return w;
  double half = h / (2 * h_before); /* 1 / 2r */
  w.D = -half * w.B;
  w.B *= 1 + half;
  return w;
}

static step_weights blend(move m) {
  double keep = m.next_sigma * m.next_sigma / (m.sigma * m.sigma);
  return (step_weights){.A = keep, .B = 1 - keep};
}

static step_weights weights_of(pm_sampler_kind kind, double eta, move m, const move *before) {
  if (m.last)
    return (step_weights){.B = 1};
  switch (kind) {
  case PM_DDIM:
    return ddim(m, eta);
  case PM_DPM_2M:
    return dpm_2m(m, before);
  case PM_BLEND:
    return blend(m);
  case PM_PRINTED:
    return (step_weights){.A = 1};
  default:
    return ddim(m, 1);
  }
}

/* x0 = P x + Q out */
static void clean_estimate(pm_prediction prediction, move m, float *P, float *Q) {
  switch (prediction) {
  case PM_PREDICT_EPS:
    *P = (float)(1 / m.alpha);
    *Q = (float)(-m.sigma / m.alpha);
    break;
  case PM_PREDICT_V:
    *P = (float)m.alpha;
    *Q = (float)-m.sigma;
    break;
  default:
    *P = 0;
    *Q = 1;
  }
}

pm_sampler_table pm_sampler_table_at(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction,
                                     const double *alpha_bar, const size_t *times, size_t steps, double eta) {
  pm_sampler_table table = {.steps = steps};
  float **column[] = {&table.t, &table.P, &table.Q, &table.A, &table.B, &table.C, &table.D};
  for (size_t i = 0; i < sizeof column / sizeof *column; i++)
    *column[i] = pm_alloc(arena, steps, sizeof(float));
  move before = {0};
  for (size_t i = 0; i < steps; i++) {
    size_t t = times[i];
    move m = {.alpha = sqrt(alpha_bar[t]), .sigma = sqrt(1 - alpha_bar[t]), .next_alpha = 1, .last = i + 1 == steps};
    if (!m.last) {
      double next = alpha_bar[times[i + 1]];
      m.next_alpha = sqrt(next);
      m.next_sigma = sqrt(1 - next);
    }
    step_weights w = weights_of(kind, eta, m, i ? &before : NULL);
    table.t[i] = (float)t;
    clean_estimate(prediction, m, &table.P[i], &table.Q[i]);
    table.A[i] = (float)w.A;
    table.B[i] = (float)w.B;
    table.C[i] = (float)w.C;
    table.D[i] = (float)w.D;
    before = m;
  }
  return table;
}

pm_sampler_table pm_sampler_table_new(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction,
                                      const double *alpha_bar, size_t T, size_t steps, double eta) {
  assert(steps >= 1 && steps <= T);
  size_t *times = pm_alloc(arena, steps, sizeof *times);
  for (size_t i = 0; i < steps; i++)
    times[i] = T - 1 - i * T / steps;
  return pm_sampler_table_at(arena, kind, prediction, alpha_bar, times, steps, eta);
}

pm_value *pm_by_step(pm_graph *g, const char *name, const float *numbers, size_t steps, const pm_sampling *s,
                     size_t rows) {
  pm_value *table = pm_graph_constant(g, name, pm_shape_of(1, steps), numbers);
  return pm_lookup_rows(g, table, pm_fill_index(g, s->step, rows));
}

void pm_sampler_step(pm_graph *g, const pm_sampler_table *table, const pm_sampling *s, pm_value *x, pm_value *before,
                     pm_value *x0) {
#define BY_STEP(column) pm_by_step(g, "sampling step " #column, table->column, table->steps, s, s->n)
  pm_value *noise = pm_normal(g, x->shape, pm_sampling_draws(s), pm_purpose("sample step"));
  pm_value *next = pm_combine_rows(g, x, x0, BY_STEP(A), BY_STEP(B));
  next = pm_plus(g, next, pm_combine_rows(g, noise, before, BY_STEP(C), BY_STEP(D)));
  pm_assign(g, before, x0);
  pm_assign(g, x, next);
}
