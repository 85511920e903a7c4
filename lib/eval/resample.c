#include "eval/resample.h"

#include "core/random.h"
#include "core/tasks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = PM_EVAL_LANES };

typedef struct {
  pm_resamples *resamples;
  uint64_t seed;
  const char *purpose;
} drawing;

static void draw(void *context, size_t task, void *scratch) {
  (void)scratch;
  const drawing *d = context;
  pm_rng rng = pm_rng_start(d->seed, d->purpose, task);
  float *times = d->resamples->times + task * d->resamples->stride;
  for (size_t i = 0; i < d->resamples->n; i++)
    times[pm_rng_below(&rng, (uint32_t)d->resamples->n)]++;
}

pm_resamples pm_resample(pm_arena *arena, size_t n, uint64_t seed, const char *purpose) {
  assert(n >= 1 && n <= UINT32_MAX);
  pm_resamples r = {.n = n, .stride = pm_eval_padded(n)};
  r.times = pm_alloc(arena, pm_multiply(NULL, PM_RESAMPLES, r.stride), sizeof *r.times);
  drawing d = {&r, seed, purpose};
  pm_parallel_for(PM_RESAMPLES, 0, draw, &d);
  return r;
}

static int compare_reals(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double cut(double x, double least, double most) {
  return x < least ? least : x > most ? most : x;
}

pm_estimate pm_estimate_from(double value, double *replicate, double least, double most) {
  enum { TAIL = PM_RESAMPLES / 40 }; /* 2.5 % at either end */
  double mean = 0;
  for (size_t b = 0; b < PM_RESAMPLES; b++)
    mean += replicate[b];
  mean /= PM_RESAMPLES;
  qsort(replicate, PM_RESAMPLES, sizeof *replicate, compare_reals);
  double low = (replicate[TAIL - 1] + replicate[TAIL]) / 2;
  double high = (replicate[PM_RESAMPLES - TAIL - 1] + replicate[PM_RESAMPLES - TAIL]) / 2;
  return (pm_estimate){value, cut(value + low - mean, least, most), cut(value + high - mean, least, most)};
}

pm_estimate pm_estimate_mean(const pm_resamples *r, const double *item, double least, double most) {
  double replicate[PM_RESAMPLES], value = 0;
  for (size_t i = 0; i < r->n; i++)
    value += item[i];
  for (size_t b = 0; b < PM_RESAMPLES; b++) {
    double sum = 0;
    for (size_t i = 0; i < r->n; i++)
      sum += (double)r->times[b * r->stride + i] * item[i];
    replicate[b] = sum / (double)r->n;
  }
  return pm_estimate_from(value / (double)r->n, replicate, least, most);
}

pm_estimate pm_estimate_share(const pm_resamples *r, const bool *item) {
  double replicate[PM_RESAMPLES];
  size_t count = 0;
  for (size_t i = 0; i < r->n; i++)
    count += item[i];
  double unseen = 1 - pow(0.025, 1 / (double)r->n); /* a share that goes unseen in n items once in 40 times */
  if (count == 0)
    return (pm_estimate){0, 0, unseen};
  if (count == r->n)
    return (pm_estimate){1, 1 - unseen, 1};
  for (size_t b = 0; b < PM_RESAMPLES; b++) {
    double sum = 0;
    for (size_t i = 0; i < r->n; i++)
      sum += item[i] ? (double)r->times[b * r->stride + i] : 0;
    replicate[b] = sum / (double)r->n;
  }
  return pm_estimate_from((double)count / (double)r->n, replicate, 0, 1);
}

/* Four vectors of four floats: registers that every x86-64 and ARM has, and so the same order of sums. */
typedef float four __attribute__((vector_size(16)));

typedef struct {
  four part[LANES / 4];
} lanes;

static inline lanes load(const float *x) {
  lanes v;
  memcpy(&v, x, sizeof v);
  return v;
}

static inline double sum_lanes(const lanes *v) {
  double sum = 0;
  for (int i = 0; i < LANES / 4; i++)
    sum += ((double)v->part[i][0] + (double)v->part[i][1]) + ((double)v->part[i][2] + (double)v->part[i][3]);
  return sum;
}

static double dot_of_run(const float *a, const float *b, size_t n) {
  lanes sum = {{{0}}};
  for (size_t i = 0; i < n; i += LANES) {
    lanes x = load(a + i), y = load(b + i);
    sum.part[0] += x.part[0] * y.part[0];
    sum.part[1] += x.part[1] * y.part[1];
    sum.part[2] += x.part[2] * y.part[2];
    sum.part[3] += x.part[3] * y.part[3];
  }
  return sum_lanes(&sum);
}

static double squares_of_run(const float *a, const float *b, size_t n) {
  lanes sum = {{{0}}};
  for (size_t i = 0; i < n; i += LANES) {
    lanes x = load(a + i), y = load(b + i);
    four d0 = x.part[0] - y.part[0], d1 = x.part[1] - y.part[1];
    four d2 = x.part[2] - y.part[2], d3 = x.part[3] - y.part[3];
    sum.part[0] += d0 * d0;
    sum.part[1] += d1 * d1;
    sum.part[2] += d2 * d2;
    sum.part[3] += d3 * d3;
  }
  return sum_lanes(&sum);
}

/* A lane of a run holds 256 squares of bytes exactly: 256 * 255^2 < 2^24. */
enum { RUN = 256 * LANES };

double pm_eval_dot(const float *a, const float *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i += RUN)
    sum += dot_of_run(a + i, b + i, n - i < RUN ? n - i : RUN);
  return sum;
}

double pm_eval_squared_distance(const float *a, const float *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i += RUN)
    sum += squares_of_run(a + i, b + i, n - i < RUN ? n - i : RUN);
  return sum;
}
