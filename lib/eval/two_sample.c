#include "eval/two_sample.h"

#include "core/random.h"
#include "core/tasks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { FOLDS = 10, FACTS = PM_TWO_SAMPLE_FACTS };

static const double PENALTY = 0.3;   /* of the squared weights, where the mean of the squared inputs is 1 */
static const double FACT_WEIGHT = 3; /* a fact counts for as many features, squared: these are hundreds */

/* ---- facts ---- */

static void write_facts(double *fact, const pm_indexed *s, size_t i, double bits, unsigned char background) {
  size_t height = s->height, width = s->width, pixels = height * width, times[256] = {0}, colours = 0, second = 0;
  size_t right = 0, below = 0, mirrored = 0, alone = 0;
  const unsigned char *at = s->index + i * pixels;
  for (size_t p = 0; p < pixels; p++) {
    size_t y = p / width, x = p % width;
    times[at[p]]++;
    bool differs[4] = {x + 1 == width || at[p] != at[p + 1], y + 1 == height || at[p] != at[p + width],
                       x == 0 || at[p] != at[p - 1], y == 0 || at[p] != at[p - width]};
    right += x + 1 < width && differs[0];
    below += y + 1 < height && differs[1];
    alone += differs[0] && differs[1] && differs[2] && differs[3];
    mirrored += at[p] != at[y * width + width - 1 - x];
  }
  for (size_t k = 0; k < 256; k++) {
    colours += times[k] > 0;
    second = k != background && times[k] > second ? times[k] : second;
  }
  const size_t counts[] = {times[background], right, below, mirrored, alone, second};
  fact[0] = bits, fact[1] = bits * bits, fact[2] = (double)colours;
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    fact[3 + k] = (double)counts[k] / (double)pixels;
}

double *pm_two_sample_facts(pm_arena *arena, const pm_indexed *sprites, const double *bits, unsigned char background) {
  double *fact = pm_alloc(arena, pm_multiply(NULL, sprites->count, FACTS), sizeof *fact);
  for (size_t i = 0; i < sprites->count; i++)
    write_facts(fact + i * FACTS, sprites, i, bits[i], background);
  return fact;
}

/* ---- the classifier ---- */

typedef struct {
  size_t n, samples, dims; /* dims: with a constant at the end */
  double *input;           /* [n, dims]: the samples, then the real ones */
  double *all;             /* [dims, dims + 1]: sums over all of weight * input * (inputs, target) */
  uint32_t *fold;          /* [n] */
  bool *right;             /* [n] */
} test;

static double weight_of(const test *t, size_t i) {
  return 0.5 / (double)(i < t->samples ? t->samples : t->n - t->samples);
}

/* Deals sprites first … first + n - 1 into folds of one size. */
static void deal(const test *t, uint32_t *order, size_t first, size_t n, uint64_t seed, uint64_t kind) {
  pm_rng rng = pm_rng_start(seed, "two-sample folds", kind);
  pm_rng_shuffle(&rng, order, n);
  for (size_t i = 0; i < n; i++)
    t->fold[first + i] = order[i] % FOLDS;
}

/* Adds `sign` times what sprite i is to rows from … to - 1 of the sums, their lower half and the target's column. */
static void add_sprite(const test *t, double *sums, size_t i, double sign, size_t from, size_t to) {
  const double *x = t->input + i * t->dims;
  for (size_t a = from; a < to; a++) {
    double *row = sums + a * (t->dims + 1), scaled = sign * weight_of(t, i) * x[a];
    for (size_t b = 0; b <= a; b++)
      row[b] += scaled * x[b];
    row[t->dims] += i < t->samples ? scaled : -scaled;
  }
}

static void sum_row(void *context, size_t task, void *scratch) {
  (void)scratch;
  const test *t = context;
  for (size_t i = 0; i < t->n; i++)
    add_sprite(t, t->all, i, 1, task, task + 1);
}

/* Solves for the weights by Cholesky's decomposition, in place; they come in the last column. */
static void solve(double *sums, size_t n) {
  size_t stride = n + 1;
  for (size_t a = 0; a < n; a++) {
    double *row = sums + a * stride;
    for (size_t b = 0; b <= a; b++) {
      const double *other = sums + b * stride;
      double sum = row[b];
      for (size_t k = 0; k < b; k++)
        sum -= row[k] * other[k];
      row[b] = a == b ? sqrt(sum) : sum / other[b];
    }
    for (size_t k = 0; k < a; k++)
      row[n] -= row[k] * sums[k * stride + n];
    row[n] /= row[a];
  }
  for (size_t a = n; a-- > 0;) {
    double *last = sums + a * stride + n;
    *last /= sums[a * stride + a];
    for (size_t k = 0; k < a; k++)
      sums[k * stride + n] -= sums[a * stride + k] * *last;
  }
}

static void judge_fold(void *context, size_t task, void *scratch) {
  const test *t = context;
  size_t stride = t->dims + 1;
  double *sums = scratch;
  memcpy(sums, t->all, t->dims * stride * sizeof *sums);
  for (size_t i = 0; i < t->n; i++)
    if (t->fold[i] == task)
      add_sprite(t, sums, i, -1, 0, t->dims);
  for (size_t a = 0; a < t->dims; a++)
    sums[a * stride + a] += PENALTY * (a + 1 < t->dims ? 1 : 1e-6);
  solve(sums, t->dims);
  for (size_t i = 0; i < t->n; i++) {
    double guess = 0;
    if (t->fold[i] != task)
      continue;
    for (size_t a = 0; a < t->dims; a++)
      guess += t->input[i * t->dims + a] * sums[a * stride + t->dims];
    t->right[i] = (guess > 0) == (i < t->samples);
  }
}

/* Each input with mean 0 and deviation `spread` over both kinds, as if there were as many of one as of the other. */
static void standardise(const test *t, size_t d, double spread) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < t->n; i++)
    mean += weight_of(t, i) * t->input[i * t->dims + d];
  for (size_t i = 0; i < t->n; i++)
    square += weight_of(t, i) * pow(t->input[i * t->dims + d] - mean, 2);
  for (size_t i = 0; i < t->n; i++) {
    double *x = &t->input[i * t->dims + d];
    *x = square > 1e-18 ? (*x - mean) * spread / sqrt(square) : 0;
  }
}

static void fill(const test *t, const pm_features *features, const double *facts, size_t first) {
  for (size_t i = 0; i < features->count; i++) {
    double *x = t->input + (first + i) * t->dims;
    for (size_t d = 0; d < features->dims; d++)
      x[d] = (double)features->value[i * features->stride + d];
    memcpy(x + features->dims, facts + i * FACTS, FACTS * sizeof *x);
    x[t->dims - 1] = 1;
  }
}

pm_estimate pm_two_sample_test(pm_arena *arena, const pm_features *samples, const double *sample_facts,
                               const pm_features *real, const double *real_facts, const pm_resamples *of_samples,
                               const pm_resamples *of_real, uint64_t seed) {
  assert(samples->count >= PM_TWO_SAMPLE_LEAST && real->count >= PM_TWO_SAMPLE_LEAST && samples->dims == real->dims);
  test t = {.n = samples->count + real->count, .samples = samples->count, .dims = samples->dims + FACTS + 1};
  t.input = pm_alloc(arena, pm_multiply(NULL, t.n, t.dims), sizeof *t.input);
  t.all = pm_alloc(arena, pm_multiply(NULL, t.dims, t.dims + 1), sizeof *t.all);
  t.right = pm_alloc(arena, t.n, sizeof *t.right);
  t.fold = pm_alloc(arena, t.n, sizeof *t.fold);
  uint32_t *order = pm_alloc(arena, t.n, sizeof *order);
  deal(&t, order, 0, t.samples, seed, 0);
  deal(&t, order, t.samples, t.n - t.samples, seed, 1);
  fill(&t, samples, sample_facts, 0);
  fill(&t, real, real_facts, samples->count);
  for (size_t d = 0; d + 1 < t.dims; d++)
    standardise(&t, d, d < samples->dims ? 1 / sqrt((double)samples->dims) : FACT_WEIGHT / sqrt((double)FACTS));
  pm_parallel_for(t.dims, 0, sum_row, &t);
  pm_parallel_for(FOLDS, t.dims * (t.dims + 1) * sizeof(double), judge_fold, &t);

  double replicate[PM_RESAMPLES], known[2] = {0, 0};
  for (size_t i = 0; i < t.n; i++)
    known[i >= t.samples] += t.right[i];
  for (size_t b = 0; b < PM_RESAMPLES; b++) {
    double drawn[2] = {0, 0};
    for (size_t i = 0; i < t.n; i++)
      if (t.right[i])
        drawn[i >= t.samples] += (double)(i < t.samples ? of_samples->times[b * of_samples->stride + i]
                                                        : of_real->times[b * of_real->stride + i - t.samples]);
    replicate[b] = (drawn[0] / (double)samples->count + drawn[1] / (double)real->count) / 2;
  }
  return pm_estimate_from((known[0] / (double)samples->count + known[1] / (double)real->count) / 2, replicate, 0, 1);
}
