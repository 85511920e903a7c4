#include "eval/patterns.h"

#include "core/compare.h"
#include "core/tasks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which patterns a sprite has, and how often. */
typedef struct {
  uint32_t pattern, times;
} pattern_count;

typedef struct {
  size_t count;
  pattern_count *entry;
  size_t *first; /* [count + 1]: sprite i has the entries first[i] … first[i + 1] - 1 */
} census;

static size_t windows_of(const pm_indexed *s, size_t side) {
  return s->height < side || s->width < side ? 0 : (s->height - side + 1) * (s->width - side + 1);
}

/* Each window's pixels as one number, sprite by sprite. */
static uint32_t *list_windows(pm_arena *arena, const pm_indexed *s, size_t side) {
  uint32_t *code = pm_alloc(arena, pm_multiply(NULL, s->count, windows_of(s, side)), sizeof *code), *to = code;
  for (size_t i = 0; i < s->count; i++)
    for (size_t y = 0; y + side <= s->height; y++)
      for (size_t x = 0; x + side <= s->width; x++, to++)
        for (size_t p = 0; p < side * side; p++)
          *to = *to << 8 | s->index[(i * s->height + y + p / side) * s->width + x + p % side];
  return code;
}

/* Numbers the patterns 0, 1, … in place of their codes; returns how many there are. */
static size_t number_patterns(pm_arena *arena, uint32_t *const code[2], const size_t n[2]) {
  size_t total = n[0] + n[1], distinct = 0;
  uint32_t *known = pm_alloc(arena, total, sizeof *known);
  memcpy(known, code[0], n[0] * sizeof *known);
  memcpy(known + n[0], code[1], n[1] * sizeof *known);
  qsort(known, total, sizeof *known, pm_compare_u32);
  for (size_t i = 0; i < total; i++)
    if (i == 0 || known[i] != known[i - 1])
      known[distinct++] = known[i];
  for (int set = 0; set < 2; set++)
    for (size_t i = 0; i < n[set]; i++) {
      const uint32_t *found = bsearch(&code[set][i], known, distinct, sizeof *known, pm_compare_u32);
      code[set][i] = (uint32_t)(found - known);
    }
  return distinct;
}

pm_pattern_list pm_pattern_list_of(pm_arena *arena, const pm_indexed *a, const pm_indexed *b, size_t side) {
  pm_pattern_list list = {.windows = windows_of(a, side)};
  if (list.windows == 0)
    return list;
  list.number[0] = list_windows(arena, a, side);
  list.number[1] = list_windows(arena, b, side);
  list.patterns =
      number_patterns(arena, list.number, (const size_t[]){a->count * list.windows, b->count * list.windows});
  return list;
}

static census count_patterns(pm_arena *arena, uint32_t *code, size_t count, size_t windows) {
  census c = {count, pm_alloc(arena, count * windows, sizeof(pattern_count)),
              pm_alloc(arena, count + 1, sizeof(size_t))};
  size_t entries = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t *own = code + i * windows;
    c.first[i] = entries;
    qsort(own, windows, sizeof *own, pm_compare_u32);
    for (size_t w = 0; w < windows; w++)
      if (w > 0 && own[w] == own[w - 1])
        c.entry[entries - 1].times++;
      else
        c.entry[entries++] = (pattern_count){own[w], 1};
  }
  c.first[count] = entries;
  return c;
}

typedef struct {
  census set[2];
  const pm_resamples *resamples[2];
  size_t patterns, windows;
  double *divergence; /* [PM_RESAMPLES + 1], the last of the sets as they are */
} comparison;

/* Sum of p log(p / middle) + q log(q / middle), halved. */
double pm_divergence(const float *p, const float *q, size_t n, double p_total, double q_total) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double a = (double)p[i] / p_total, b = (double)q[i] / q_total, middle = (a + b) / 2;
    sum += (a > 0 ? a * log(a / middle) : 0) + (b > 0 ? b * log(b / middle) : 0);
  }
  return sum > 0 ? sum / 2 : 0;
}

static void compare_one(void *context, size_t task, void *scratch) {
  const comparison *c = context;
  float *times[2] = {scratch, (float *)scratch + c->patterns}; /* whole numbers, exact up to 2^24 */
  memset(scratch, 0, 2 * c->patterns * sizeof(float));
  for (int set = 0; set < 2; set++)
    for (size_t i = 0; i < c->set[set].count; i++) {
      const pm_resamples *r = c->resamples[set];
      float drawn = task == PM_RESAMPLES ? 1 : r->times[task * r->stride + i];
      for (size_t e = c->set[set].first[i]; drawn > 0 && e < c->set[set].first[i + 1]; e++)
        times[set][c->set[set].entry[e].pattern] += drawn * (float)c->set[set].entry[e].times;
    }
  c->divergence[task] = pm_divergence(times[0], times[1], c->patterns, (double)(c->set[0].count * c->windows),
                                      (double)(c->set[1].count * c->windows));
}

pm_estimate pm_pattern_divergence(pm_arena *arena, const pm_indexed *samples, const pm_indexed *real, size_t side,
                                  const pm_resamples *of_samples, const pm_resamples *of_real) {
  assert((side == 1 || side == 2) && samples->height == real->height && samples->width == real->width);
  size_t windows = windows_of(samples, side);
  if (windows == 0 || samples->count == 0 || real->count == 0)
    return (pm_estimate){0, 0, 0};
  pm_pattern_list list = pm_pattern_list_of(arena, samples, real, side);
  comparison c = {.resamples = {of_samples, of_real},
                  .patterns = list.patterns,
                  .windows = windows,
                  .divergence = pm_alloc(arena, PM_RESAMPLES + 1, sizeof(double))};
  c.set[0] = count_patterns(arena, list.number[0], samples->count, windows);
  c.set[1] = count_patterns(arena, list.number[1], real->count, windows);
  pm_parallel_for(PM_RESAMPLES + 1, 2 * c.patterns * sizeof(float), compare_one, &c);
  return pm_estimate_from(c.divergence[PM_RESAMPLES], c.divergence, 0, log(2));
}
