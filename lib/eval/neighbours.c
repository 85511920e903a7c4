#include "eval/neighbours.h"

#include "core/tasks.h"

#include <assert.h>
#include <math.h>

enum { WORD = 64 };

typedef struct {
  size_t rows, words;
  uint64_t *bit; /* [rows, words] */
} bits;

static bits new_bits(pm_arena *arena, size_t rows, size_t columns) {
  bits b = {rows, (columns + WORD - 1) / WORD, NULL};
  b.bit = pm_alloc(arena, pm_multiply(NULL, rows, b.words), sizeof *b.bit);
  return b;
}

static void set_bit(bits *b, size_t row, size_t column) {
  b->bit[row * b->words + column / WORD] |= (uint64_t)1 << column % WORD;
}

static bits transpose(pm_arena *arena, const bits *b, size_t columns) {
  bits t = new_bits(arena, columns, b->rows);
  for (size_t r = 0; r < b->rows; r++)
    for (size_t c = 0; c < columns; c++)
      if (b->bit[r * b->words + c / WORD] >> c % WORD & 1)
        set_bit(&t, c, r);
  return t;
}

/* ---- balls ---- */

typedef struct {
  const pm_features *set;
  size_t k;
  double *radius; /* [count], squared */
} balls;

static void measure_ball(void *context, size_t task, void *scratch) {
  const balls *b = context;
  const float *own = b->set->value + task * b->set->stride;
  double *nearest = scratch; /* rising */
  for (size_t i = 0; i < b->k; i++)
    nearest[i] = INFINITY;
  for (size_t other = 0; other < b->set->count; other++) {
    if (other == task)
      continue;
    double d = pm_eval_squared_distance(own, b->set->value + other * b->set->stride, b->set->stride);
    if (!(d < nearest[b->k - 1]))
      continue;
    size_t at = b->k - 1;
    for (; at > 0 && nearest[at - 1] > d; at--)
      nearest[at] = nearest[at - 1];
    nearest[at] = d;
  }
  b->radius[task] = nearest[b->k - 1];
}

static const double *radii(pm_arena *arena, const pm_features *set, size_t k) {
  balls b = {set, k, pm_alloc(arena, set->count, sizeof(double))};
  pm_parallel_for(set->count, k * sizeof(double), measure_ball, &b);
  return b.radius;
}

/* Rows are samples, columns real ones. */
typedef struct {
  const pm_features *samples, *real;
  const double *sample_radius, *real_radius;
  bits in_real, real_in; /* the sample in the real one's ball; the real one in the sample's */
} meeting;

static void meet(void *context, size_t task, void *scratch) {
  (void)scratch;
  meeting *m = context;
  const float *own = m->samples->value + task * m->samples->stride;
  for (size_t j = 0; j < m->real->count; j++) {
    double d = pm_eval_squared_distance(own, m->real->value + j * m->real->stride, m->real->stride);
    if (d <= m->real_radius[j])
      set_bit(&m->in_real, task, j);
    if (d <= m->sample_radius[task])
      set_bit(&m->real_in, task, j);
  }
}

/* ---- scores, of all or of a resample ---- */

typedef struct {
  const bits *in_real, *of_real, *real_in; /* rows: samples; real ones; real ones */
  const pm_resamples *samples, *real;
  size_t k;
  double *precision, *recall, *density, *coverage; /* [PM_RESAMPLES + 1], the last of all items as they are */
} counting;

static double times_of(const pm_resamples *r, size_t task, size_t i) {
  return task == PM_RESAMPLES ? 1.0 : (double)r->times[task * r->stride + i];
}

/* Which items there are at all in a resample, as bits. */
static void mark_drawn(uint64_t *drawn, const pm_resamples *r, size_t task) {
  for (size_t w = 0; w < (r->n + WORD - 1) / WORD; w++)
    drawn[w] = 0;
  for (size_t i = 0; i < r->n; i++)
    drawn[i / WORD] |= (uint64_t)(times_of(r, task, i) > 0) << i % WORD;
}

/* Share of the rows, as often as they were drawn, that have a bit among the columns drawn. */
static double share_met(const bits *b, const pm_resamples *rows, size_t task, const uint64_t *columns) {
  double met = 0;
  for (size_t r = 0; r < b->rows; r++) {
    uint64_t any = 0;
    for (size_t w = 0; w < b->words; w++)
      any |= b->bit[r * b->words + w] & columns[w];
    if (any)
      met += times_of(rows, task, r);
  }
  return met / (double)b->rows;
}

static double mean_density(const counting *c, size_t task) {
  double sum = 0;
  for (size_t r = 0; r < c->in_real->rows; r++) {
    double times = times_of(c->samples, task, r), balls_met = 0;
    for (size_t w = 0; w < c->in_real->words && times > 0; w++)
      for (uint64_t left = c->in_real->bit[r * c->in_real->words + w]; left; left &= left - 1)
        balls_met += times_of(c->real, task, w * WORD + (size_t)__builtin_ctzll(left));
    sum += times * balls_met;
  }
  return sum / (double)c->in_real->rows / (double)c->k;
}

static void count_one(void *context, size_t task, void *scratch) {
  const counting *c = context;
  uint64_t *samples = scratch, *real = samples + (c->samples->n + WORD - 1) / WORD;
  mark_drawn(samples, c->samples, task);
  mark_drawn(real, c->real, task);
  c->precision[task] = share_met(c->in_real, c->samples, task, real);
  c->recall[task] = share_met(c->real_in, c->real, task, samples);
  c->coverage[task] = share_met(c->of_real, c->real, task, samples);
  c->density[task] = mean_density(c, task);
}

pm_neighbour_scores pm_neighbours_score(pm_arena *arena, const pm_features *samples, const pm_features *real, size_t k,
                                        const pm_resamples *of_samples, const pm_resamples *of_real) {
  size_t n = samples->count, m = real->count;
  assert(n > k && m > k && k > 0 && samples->dims == real->dims && of_samples->n == n && of_real->n == m);
  meeting all = {
      samples, real, radii(arena, samples, k), radii(arena, real, k), new_bits(arena, n, m), new_bits(arena, n, m)};
  pm_parallel_for(n, 0, meet, &all);
  bits of_real_balls = transpose(arena, &all.in_real, m), real_in = transpose(arena, &all.real_in, m);

  double *replicate = pm_alloc(arena, 4 * (PM_RESAMPLES + 1), sizeof *replicate);
  counting c = {.in_real = &all.in_real,
                .of_real = &of_real_balls,
                .real_in = &real_in,
                .samples = of_samples,
                .real = of_real,
                .k = k,
                .precision = replicate,
                .recall = replicate + (PM_RESAMPLES + 1),
                .density = replicate + 2 * (PM_RESAMPLES + 1),
                .coverage = replicate + 3 * (PM_RESAMPLES + 1)};
  pm_parallel_for(PM_RESAMPLES + 1, (n / WORD + m / WORD + 2) * sizeof(uint64_t), count_one, &c);
  return (pm_neighbour_scores){
      .precision = pm_estimate_from(c.precision[PM_RESAMPLES], c.precision, 0, 1),
      .recall = pm_estimate_from(c.recall[PM_RESAMPLES], c.recall, 0, 1),
      .density = pm_estimate_from(c.density[PM_RESAMPLES], c.density, 0, INFINITY),
      .coverage = pm_estimate_from(c.coverage[PM_RESAMPLES], c.coverage, 0, 1),
  };
}
