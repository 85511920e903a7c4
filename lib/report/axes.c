#include "report/axes.h"

#include <math.h>

static const double LOGARITHMIC = 6;    /* from this ratio of the largest to the least value */
static const double MOST = 1e300;       /* values beyond lie on the edge: the axis' own arithmetic stays finite */
static const double TOLD_APART = 1e-12; /* of the values' size: what is nearer counts as equal */

static double bounded(double value) {
  return fmin(fmax(value, -MOST), MOST);
}

/* The largest of 1, 2 and 5 times a power of ten that is not above `wanted`. */
static double round_step(double wanted) {
  double power = pow(10, floor(log10(wanted))), times = wanted / power;
  return (times >= 5 ? 5 : times >= 2 ? 2 : 1) * power;
}

pm_axes pm_axes_of(const pm_series *const *series, size_t n, pm_scale scale) {
  pm_axes a = {.from = 0, .to = 0, .whole = true, .low = INFINITY, .high = -INFINITY};
  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < series[k]->count; i++) {
      a.to = fmax(a.to, series[k]->step[i]);
      a.whole &= series[k]->step[i] == floor(series[k]->step[i]);
      a.low = fmin(a.low, bounded(series[k]->value[i]));
      a.high = fmax(a.high, bounded(series[k]->value[i]));
    }
  if (a.to <= a.from)
    a.to = a.from + 1;
  bool wanted = scale == PM_SCALE_LOGARITHMIC || (scale == PM_SCALE_AUTO && a.high / a.low >= LOGARITHMIC);
  a.logarithmic = wanted && a.low > 0 && a.high / a.low <= MOST;
  if (a.logarithmic) /* a little room on both sides */
    a.low /= 1.05, a.high *= 1.05;
  else {
    double size = fmax(fabs(a.low), fabs(a.high));
    bool apart = a.high - a.low > fmax(TOLD_APART * size, 1 / MOST);
    double room = apart ? (a.high - a.low) * 0.05 : fmax(size * 0.05, 1e-12);
    a.low = a.low >= 0 && a.low < room * 5 ? 0 : a.low - room;
    a.high += room;
  }
  return a;
}

double pm_axes_x(const pm_axes *a, double step) {
  return (step - a->from) / (a->to - a->from);
}

double pm_axes_y(const pm_axes *a, double value) {
  value = bounded(value);
  return a->logarithmic ? log(value / a->low) / log(a->high / a->low) : (value - a->low) / (a->high - a->low);
}

size_t pm_ticks_x(const pm_axes *a, double tick[PM_MOST_TICKS]) {
  double step = round_step((a->to - a->from) / 3);
  size_t n = 0;
  if (a->whole)
    step = fmax(1, step);
  for (; a->from + (double)n * step <= a->to && n < PM_MOST_TICKS; n++)
    tick[n] = a->from + (double)n * step;
  return n;
}

size_t pm_ticks_y(const pm_axes *a, double tick[PM_MOST_TICKS]) {
  enum { MOST_LINEAR = 16 };
  static const double between[] = {1, 2, 5};
  size_t n = 0;
  if (!a->logarithmic) {
    double step = round_step((a->high - a->low) / 3), first = ceil(a->low / step);
    for (; n < MOST_LINEAR && (first + (double)n) * step <= a->high; n++)
      tick[n] = (first + (double)n) * step;
    return n;
  }
  double decades = log10(a->high / a->low);
  int every = (int)fmax(1, ceil(decades / 6)), inner = decades < 2.5 ? 3 : 1;
  for (int power = (int)floor(log10(a->low)); power <= (int)floor(log10(a->high)); power += every)
    for (int k = 0; k < inner && n < PM_MOST_TICKS; k++) {
      double value = between[k] * pow(10, power);
      if (value >= a->low && value <= a->high)
        tick[n++] = value;
    }
  return n;
}

pm_curve_point pm_curve_share(const pm_series *s, size_t k, size_t n) {
  size_t first = k * s->count / n, end = (k + 1) * s->count / n;
  pm_curve_point p = {.low = s->value[first], .high = s->value[first]};
  for (size_t i = first; i < end; i++) {
    p.step += s->step[i] / (double)(end - first);
    p.value += s->value[i] / (double)(end - first);
    p.low = fmin(p.low, s->value[i]);
    p.high = fmax(p.high, s->value[i]);
  }
  return p;
}
