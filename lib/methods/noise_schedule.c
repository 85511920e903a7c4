#include "methods/noise_schedule.h"

#include <math.h>

static void linear(double *alpha_bar, size_t T, double beta_start, double beta_end) {
  double product = 1;
  for (size_t t = 0; t < T; t++) {
    double beta = T > 1 ? beta_start + (beta_end - beta_start) * (double)t / (double)(T - 1) : beta_end;
    product *= 1 - beta;
    alpha_bar[t] = product;
  }
}

/* The offset s = 0.008 keeps the first steps from being too small; betas are cut at 0.999. */
static void cosine(double *alpha_bar, size_t T) {
  const double s = 0.008, half_pi = 1.57079632679489661923;
  double product = 1, before = cos(s / (1 + s) * half_pi);
  for (size_t t = 0; t < T; t++) {
    double now = cos(((double)(t + 1) / (double)T + s) / (1 + s) * half_pi);
    double beta = 1 - now * now / (before * before);
    product *= 1 - (beta < 0.999 ? beta : 0.999);
    alpha_bar[t] = product;
    before = now;
  }
}

static void rescale(double *alpha_bar, size_t T) {
  double first = sqrt(alpha_bar[0]), last = sqrt(alpha_bar[T - 1]);
  for (size_t t = 0; t < T; t++) {
    double alpha = (sqrt(alpha_bar[t]) - last) * first / (first - last);
    alpha_bar[t] = alpha * alpha;
  }
}

void pm_noise_schedule(double *alpha_bar, size_t T, pm_schedule_kind kind, double beta_start, double beta_end,
                       bool end_in_noise) {
  if (kind == PM_SCHEDULE_COSINE)
    cosine(alpha_bar, T);
  else
    linear(alpha_bar, T, beta_start, beta_end);
  if (end_in_noise && T > 1)
    rescale(alpha_bar, T);
}
