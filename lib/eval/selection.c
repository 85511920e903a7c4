#include "eval/selection.h"

#include <assert.h>
#include <math.h>

static double *bits_of(pm_arena *arena, const pm_score_reference *r, const pm_indexed *sprites) {
  double *bits = pm_alloc(arena, sprites->count, sizeof *bits);
  pm_context_code_bits(r->code, sprites, NULL, bits);
  return bits;
}

static void mean_and_deviation(const double *x, size_t n, double *mean, double *deviation) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++)
    sum += x[i];
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; i++)
    squares += pow(x[i] - *mean, 2);
  *deviation = fmax(sqrt(squares / (double)n), 1e-6);
}

/* How typical each is, 0 to 1. */
static double *typical_of(pm_arena *arena, const pm_score_reference *r, const pm_indexed *samples, bool *by_held) {
  const double *bits = bits_of(arena, r, samples), *of = bits;
  size_t n = samples->count;
  double mean, deviation, *typical = pm_alloc(arena, n, sizeof *typical);
  *by_held = r->held.sprites.count >= PM_SCORE_LEAST;
  if (*by_held) {
    pm_indexed held = pm_score_indexed(arena, &r->held, &r->palette);
    of = bits_of(arena, r, &held), n = held.count;
  }
  mean_and_deviation(of, n, &mean, &deviation);
  for (size_t i = 0; i < samples->count; i++)
    typical[i] = 1 / (1 + pow((bits[i] - mean) / deviation, 2));
  return typical;
}

/* Which samples may be chosen. */
static bool *allowed_of(pm_arena *arena, const pm_score_set *samples, const pm_score_reference *r,
                        const pm_indexed *indexed, pm_selection *selection) {
  bool *allowed = pm_alloc(arena, indexed->count, sizeof *allowed);
  const pm_nearest *nearest = pm_score_nearest(arena, samples, r);
  const int32_t *called = NULL;
  if (samples->label && r->training.label)
    called = pm_context_code_classify(arena, r->code, indexed);
  for (size_t i = 0; i < indexed->count; i++) {
    bool copy = pm_is_copy(&nearest[i]), strange = called && called[i] != samples->label[i];
    allowed[i] = !copy && !strange;
    selection->copies += copy;
    selection->strange += !copy && strange;
  }
  return allowed;
}

bool *pm_select_best(pm_arena *arena, const pm_score_set *samples, const pm_score_reference *reference, size_t n,
                     pm_selection *selection) {
  assert(reference->code);
  *selection = (pm_selection){0};
  pm_indexed indexed = pm_score_indexed(arena, samples, &reference->palette);
  size_t count = indexed.count;
  const bool *allowed = allowed_of(arena, samples, reference, &indexed, selection);
  const double *typical = typical_of(arena, reference, &indexed, &selection->by_held);
  const pm_figures *figures = pm_figures_new(arena, &indexed);
  bool *chosen = pm_alloc(arena, count, sizeof *chosen);
  double *near = pm_alloc(arena, count, sizeof *near), *distance = pm_alloc(arena, count, sizeof *distance);
  for (size_t i = 0; i < count; i++)
    near[i] = 1; /* to the nearest chosen one, of which there is none */
  while (selection->selected < n) {
    size_t best = count;
    for (size_t i = 0; i < count; i++)
      if (allowed[i] && near[i] > 0 && (best == count || near[i] * typical[i] > near[best] * typical[best]))
        best = i;
    if (best == count)
      break;
    chosen[best] = true;
    selection->selected++;
    pm_figure_distances(figures, best, figures, distance);
    for (size_t i = 0; i < count; i++)
      near[i] = fmin(near[i], distance[i]);
    near[best] = 0;
  }
  return chosen;
}
