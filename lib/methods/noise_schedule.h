/* Noise schedules: how much of the picture and how much noise there is at each of T times, x_t = alpha_t x_0 + sigma_t
 * eps, with alpha^2 + sigma^2 = 1. This alpha_t is the square root of what Ho et al. call alpha_bar_t; theirs is 1 -
 * beta_t. */
#ifndef PM_METHODS_NOISE_SCHEDULE_H
#define PM_METHODS_NOISE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* linear: betas in equal steps from beta_start to beta_end (Ho, Jain, Abbeel, 2020). cosine: Nichol and Dhariwal,
 * "Improved Denoising Diffusion Probabilistic Models", 2021, equation 17. information: for codes of palette indices at
 * ±1, times at which equal steps cost a model about equally many bits; alpha / sigma falls from PM_MOST_SIGNAL, where
 * noise hides no code any more, to PM_LEAST_SIGNAL, its logarithm in straight pieces. */
typedef enum { PM_SCHEDULE_LINEAR, PM_SCHEDULE_COSINE, PM_SCHEDULE_INFORMATION } pm_schedule_kind;

#define PM_MOST_SIGNAL 3.1
#define PM_LEAST_SIGNAL 0.02

/* alpha_bar[T] = alpha^2, falling. `end_in_noise`: rescaled so that the last of several is 0 (Lin et al., "Common
 * Diffusion Noise Schedules and Sample Steps are Flawed", 2024, algorithm 1). */
void pm_noise_schedule(double *alpha_bar, size_t T, pm_schedule_kind kind, double beta_start, double beta_end,
                       bool end_in_noise);

#ifdef __cplusplus
}
#endif
#endif
