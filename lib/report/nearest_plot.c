#include "report/nearest_plot.h"

#include <stdlib.h>

typedef double value_of(const pm_nearest *nearest);

static double distance_of(const pm_nearest *nearest) {
  return nearest->distance;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Stairs: for each value that occurs, the share below it and the share up to it. */
static const pm_series *cumulative(pm_arena *arena, const double *value, size_t n) {
  pm_series *s = pm_alloc(arena, 1, sizeof *s);
  *s = (pm_series){.step = pm_alloc(arena, 2 * n, sizeof *s->step), .value = pm_alloc(arena, 2 * n, sizeof *s->value)};
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && value[end] <= value[first];)
      end++;
    for (int k = 0; k < 2; k++) {
      s->step[s->count] = value[first];
      s->value[s->count++] = (double)(k ? end : first) / (double)n;
    }
  }
  return s;
}

static pm_plot_curve curve_of(pm_arena *arena, const pm_nearest *nearest, size_t n, value_of *of, const char *what,
                              size_t colour) {
  double *value = pm_alloc(arena, n, sizeof *value);
  for (size_t i = 0; i < n; i++)
    value[i] = of(&nearest[i]);
  qsort(value, n, sizeof *value, ascending);
  double median = (value[(n - 1) / 2] + value[n / 2]) / 2;
  return (pm_plot_curve){.label = pm_format(arena, "%s, median %.3g", pm_counted(arena, n, what), median),
                         .series = cumulative(arena, value, n),
                         .colour = colour,
                         .dashed = colour > 0};
}

static pm_plot_curve line_at(pm_arena *arena, double place, const char *label) {
  enum { GREY = 6 };
  pm_series *s = pm_alloc(arena, 1, sizeof *s);
  *s = (pm_series){
      .count = 2, .step = pm_alloc(arena, 2, sizeof *s->step), .value = pm_alloc(arena, 2, sizeof *s->value)};
  s->step[0] = s->step[1] = place;
  s->value[1] = 1;
  return (pm_plot_curve){.label = label, .series = s, .colour = GREY};
}

pm_plot_panel *pm_nearest_panels(pm_arena *arena, const pm_nearest *sample, size_t samples, const pm_nearest *held,
                                 size_t held_out) {
  value_of *const of[PM_NEAREST_PANELS] = {distance_of, pm_nearest_ratio};
  static const char *const title[PM_NEAREST_PANELS] = {"cumulative distribution of nearest-distance",
                                                       "cumulative distribution of nearest-ratio"},
                           *const across[PM_NEAREST_PANELS] = {"pixels that differ from the nearest training sprite",
                                                               "distance to the nearest over that to the second"};
  pm_plot_panel *panel = pm_alloc(arena, PM_NEAREST_PANELS, sizeof *panel);
  for (size_t i = 0; i < PM_NEAREST_PANELS; i++) {
    pm_plot_curve *curve = pm_alloc(arena, 3, sizeof *curve);
    size_t n = 0;
    curve[n++] = curve_of(arena, sample, samples, of[i], "sample", 0);
    if (held_out)
      curve[n++] = curve_of(arena, held, held_out, of[i], "held-out sprite", 1);
    if (of[i] == pm_nearest_ratio)
      curve[n++] = line_at(arena, PM_COPY_RATIO, "a third: copies are left of it");
    panel[i] = (pm_plot_panel){title[i], n, curve, PM_SCALE_LINEAR, across[i]};
  }
  return panel;
}
