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

/* Measured on a trained model: between two neighbouring knots the bound on the log-likelihood grows by a like share of
 * u. */
static const struct {
  double u, signal; /* alpha / sigma */
} knots[] = {{0, PM_MOST_SIGNAL}, {0.02, 1.96},  {0.19, 1.38},  {0.40, 1.0},         {0.59, 0.73},
             {0.74, 0.51},        {0.87, 0.325}, {0.96, 0.158}, {1, PM_LEAST_SIGNAL}};

static void information(double *alpha_bar, size_t T) {
  size_t k = 0;
  for (size_t t = 0; t < T; t++) {
    double u = T > 1 ? (double)t / (double)(T - 1) : 1;
    while (u > knots[k + 1].u)
      k++;
    double share = (u - knots[k].u) / (knots[k + 1].u - knots[k].u);
    double signal = exp((1 - share) * log(knots[k].signal) + share * log(knots[k + 1].signal));
    alpha_bar[t] = signal * signal / (1 + signal * signal);
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
  else if (kind == PM_SCHEDULE_INFORMATION)
    information(alpha_bar, T);
  else
    linear(alpha_bar, T, beta_start, beta_end);
  if (end_in_noise && T > 1)
    rescale(alpha_bar, T);
}
