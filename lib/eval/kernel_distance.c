#include "eval/kernel_distance.h"

#include "core/tasks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ROWS = 4 /* of one task: few enough for their kernels to stay in the nearest cache */ };

/* Pairs of one set with another, or with itself: then those above the diagonal, counted twice. */
typedef struct {
  const pm_features *a, *b;
  const pm_resamples *of_a, *of_b;
  double *part; /* [tasks, PM_RESAMPLES + 1]: sums of kernels, the last of all pairs once */
} pairing;

static double kernel(const pm_features *a, double dot) {
  double base = dot / (a->unit * a->unit * (double)a->dims) + 1;
  return base * base * base;
}

static void sum_rows(void *context, size_t task, void *scratch) {
  const pairing *p = context;
  size_t first = task * ROWS, last = first + ROWS < p->a->count ? first + ROWS : p->a->count;
  bool same = p->a == p->b;
  size_t from = same ? first / PM_EVAL_LANES * PM_EVAL_LANES : 0, n = pm_eval_padded(p->b->count) - from;
  float *row = scratch; /* [ROWS, n]: kernels with the other set from number `from` on */
  memset(row, 0, ROWS * n * sizeof *row);
  double all = 0;
  for (size_t i = first; i < last; i++)
    for (size_t j = same ? i + 1 : 0; j < p->b->count; j++) {
      double dot = pm_eval_dot(p->a->value + i * p->a->stride, p->b->value + j * p->b->stride, p->a->stride);
      double k = kernel(p->a, dot);
      row[(i - first) * n + j - from] = (float)k;
      all += k;
    }
  double *part = p->part + task * (PM_RESAMPLES + 1);
  for (size_t r = 0; r < PM_RESAMPLES; r++) {
    const float *times = p->of_a->times + r * p->of_a->stride;
    double sum = 0;
    for (size_t i = first; i < last; i++)
      if (times[i] > 0)
        sum += (double)times[i] * pm_eval_dot(row + (i - first) * n, p->of_b->times + r * p->of_b->stride + from, n);
    part[r] = sum;
  }
  part[PM_RESAMPLES] = all;
}

/* Pairs of different items in a resample (in the last one each item once), of one set with itself. */
static double pairs_inside(const pm_resamples *r, size_t resample) {
  double n = (double)r->n, squares = n;
  if (resample < PM_RESAMPLES) {
    squares = 0;
    for (size_t i = 0; i < r->n; i++)
      squares += pow((double)r->times[resample * r->stride + i], 2);
  }
  return (n * n - squares) / 2;
}

/* mean[PM_RESAMPLES + 1]: of the kernel over the pairs. A resample of one item again and again has none: 0. */
static void mean_kernels(pm_arena *arena, double *mean, const pm_features *a, const pm_features *b,
                         const pm_resamples *of_a, const pm_resamples *of_b) {
  size_t tasks = (a->count + ROWS - 1) / ROWS;
  pairing p = {a, b, of_a, of_b, pm_alloc(arena, tasks * (PM_RESAMPLES + 1), sizeof *p.part)};
  pm_parallel_for(tasks, ROWS * pm_eval_padded(b->count) * sizeof(float), sum_rows, &p);
  for (size_t r = 0; r <= PM_RESAMPLES; r++) {
    double sum = 0, pairs = a == b ? pairs_inside(of_a, r) : (double)a->count * (double)b->count;
    for (size_t t = 0; t < tasks; t++)
      sum += p.part[t * (PM_RESAMPLES + 1) + r];
    mean[r] = pairs > 0 ? sum / pairs : 0;
  }
}

pm_estimate pm_kernel_distance(pm_arena *arena, const pm_features *samples, const pm_features *real,
                               const pm_resamples *of_samples, const pm_resamples *of_real, double *error) {
  assert(samples->count >= 2 && real->count >= 2 && samples->dims == real->dims && samples != real);
  enum { SETS = 3, ALL = PM_RESAMPLES + 1 };
  double *inside = pm_alloc(arena, SETS * ALL, sizeof *inside), *outside = inside + ALL, *between = outside + ALL;
  mean_kernels(arena, inside, samples, samples, of_samples, of_samples);
  mean_kernels(arena, outside, real, real, of_real, of_real);
  mean_kernels(arena, between, samples, real, of_samples, of_real);
  double *distance = inside, mean = 0, squares = 0;
  for (size_t r = 0; r < ALL; r++)
    distance[r] = inside[r] + outside[r] - 2 * between[r];
  for (size_t r = 0; r < PM_RESAMPLES; r++)
    mean += distance[r] / PM_RESAMPLES;
  for (size_t r = 0; r < PM_RESAMPLES; r++)
    squares += pow(distance[r] - mean, 2);
  if (error)
    *error = sqrt(squares / (PM_RESAMPLES - 1));
  return pm_estimate_from(distance[PM_RESAMPLES], distance, -INFINITY, INFINITY);
}
