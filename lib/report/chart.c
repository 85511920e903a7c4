#include "report/chart.h"

#include "core/sizes.h"
#include "report/html.h"

#include <math.h>
#include <string.h>

enum {
  WIDTH = 400,
  HEIGHT = 240,
  LEFT = 52,
  RIGHT = 10,
  TOP = 8,
  BOTTOM = 28,
  POINTS = 200,
  MARKS = 40,
  MOST_TICKS = 16
};
static const double LOGARITHMIC = 6;    /* from this ratio of the largest to the least value */
static const double MOST = 1e300;       /* values beyond lie on the edge: the axis' own arithmetic stays finite */
static const double TOLD_APART = 1e-12; /* of the values' size: what is nearer counts as equal */

typedef struct {
  double from, to; /* steps */
  double low, high;
  bool logarithmic;
} axes;

static double place_x(const axes *a, double step) {
  return LEFT + (step - a->from) / (a->to - a->from) * (WIDTH - LEFT - RIGHT);
}

static double bounded(double value) {
  return fmin(fmax(value, -MOST), MOST);
}

static double place_y(const axes *a, double value) {
  value = bounded(value);
  double part = a->logarithmic ? log(value / a->low) / log(a->high / a->low) : (value - a->low) / (a->high - a->low);
  return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
}

/* The largest of 1, 2 and 5 times a power of ten that is not above `wanted`. */
static double round_step(double wanted) {
  double power = pow(10, floor(log10(wanted))), times = wanted / power;
  return (times >= 5 ? 5 : times >= 2 ? 2 : 1) * power;
}

static axes axes_of(const pm_chart *c) {
  axes a = {.from = 0, .to = 1, .low = INFINITY, .high = -INFINITY};
  for (size_t k = 0; k < c->curves; k++)
    for (size_t i = 0; i < c->curve[k]->count; i++) {
      a.to = fmax(a.to, c->curve[k]->step[i]);
      a.low = fmin(a.low, bounded(c->curve[k]->value[i]));
      a.high = fmax(a.high, bounded(c->curve[k]->value[i]));
    }
  a.logarithmic = !c->linear && a.low > 0 && a.high / a.low >= LOGARITHMIC && a.high / a.low <= MOST;
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

/* ---- axes */

static void tick_y(pm_arena *arena, pm_output *out, const axes *a, double value) {
  const char *y = pm_format(arena, "%.1f", place_y(a, value));
  pm_html(out, "<path class=\"grid\" d=\"M%s %sH%s\"/>", pm_format(arena, "%d", LEFT), y,
          pm_format(arena, "%d", WIDTH - RIGHT));
  pm_html(out, "<text x=\"%s\" y=\"%s\" text-anchor=\"end\" dy=\".35em\">%s</text>\n", pm_format(arena, "%d", LEFT - 5),
          y, pm_format(arena, "%.3g", value));
}

static void ticks_y(pm_arena *arena, pm_output *out, const axes *a) {
  if (!a->logarithmic) {
    double step = round_step((a->high - a->low) / 3);
    double first = ceil(a->low / step);
    for (int k = 0; k < MOST_TICKS && (first + k) * step <= a->high; k++)
      tick_y(arena, out, a, (first + k) * step);
    return;
  }
  static const double between[] = {1, 2, 5};
  double decades = log10(a->high / a->low);
  int every = (int)fmax(1, ceil(decades / 6)), inner = decades < 2.5 ? 3 : 1;
  for (int power = (int)floor(log10(a->low)); power <= (int)floor(log10(a->high)); power += every)
    for (int k = 0; k < inner; k++) {
      double value = between[k] * pow(10, power);
      if (value >= a->low && value <= a->high)
        tick_y(arena, out, a, value);
    }
}

static void ticks_x(pm_arena *arena, pm_output *out, const axes *a) {
  double step = fmax(1, round_step((a->to - a->from) / 3));
  const char *y = pm_format(arena, "%d", HEIGHT - BOTTOM + 15);
  pm_html(out, "<path class=\"axis\" d=\"M%s %sV%sH%s\"/>\n", pm_format(arena, "%d", LEFT), pm_format(arena, "%d", TOP),
          pm_format(arena, "%d", HEIGHT - BOTTOM), pm_format(arena, "%d", WIDTH - RIGHT));
  for (double at = a->from; at <= a->to; at += step) {
    const char *label = pm_format(arena, "%.0f", at);
    double most = WIDTH - 3.7 * (double)strlen(label); /* half of its width from the edge */
    pm_html(out, "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>\n",
            pm_format(arena, "%.1f", fmin(place_x(a, at), most)), y, label);
  }
}

/* ---- curves */

/* Values [first, end) of the series that point k of n stands for. */
static void share(const pm_series *s, size_t k, size_t n, size_t *first, size_t *end) {
  *first = k * s->count / n;
  *end = (k + 1) * s->count / n;
}

/* The means, and the least and the largest value around them. */
static void first_curve(pm_arena *arena, pm_output *out, const axes *a, const pm_series *s) {
  size_t n = pm_smaller(s->count, POINTS), first, end;
  double *x = pm_alloc(arena, n, sizeof *x), *mean = pm_alloc(arena, n, sizeof *mean),
         *low = pm_alloc(arena, n, sizeof *low), *high = pm_alloc(arena, n, sizeof *high);
  for (size_t k = 0; k < n; k++) {
    share(s, k, n, &first, &end);
    low[k] = high[k] = s->value[first];
    for (size_t i = first; i < end; i++) {
      x[k] += s->step[i] / (double)(end - first);
      mean[k] += s->value[i] / (double)(end - first);
      low[k] = fmin(low[k], s->value[i]);
      high[k] = fmax(high[k], s->value[i]);
    }
  }
  if (s->count > n) {
    pm_html(out, "<path class=\"band\" d=\"");
    for (size_t k = 0; k < 2 * n; k++) { /* there along the top, back along the bottom */
      size_t at = k < n ? k : 2 * n - 1 - k;
      pm_html(out, "%s%s", k ? "L" : "M",
              pm_format(arena, "%.1f %.1f", place_x(a, x[at]), place_y(a, k < n ? high[at] : low[at])));
    }
    pm_html(out, "Z\"/>\n");
  }
  pm_html(out, "<path class=\"first\" d=\"");
  for (size_t k = 0; k < n; k++)
    pm_html(out, "%s%s", k ? "L" : "M", pm_format(arena, "%.1f %.1f", place_x(a, x[k]), place_y(a, mean[k])));
  pm_html(out, "\"/>\n");
}

static void other_curve(pm_arena *arena, pm_output *out, const axes *a, const pm_series *s, size_t number) {
  size_t n = pm_smaller(s->count, POINTS);
  const char *class = pm_format(arena, "other c%zu", number);
  pm_html(out, "<path class=\"%s\" d=\"", class);
  for (size_t k = 0; k < n; k++) { /* the last value of each share, so that the end is the end */
    size_t i = (k + 1) * s->count / n - 1;
    pm_html(out, "%s%s", k ? "L" : "M", pm_format(arena, "%.1f %.1f", place_x(a, s->step[i]), place_y(a, s->value[i])));
  }
  pm_html(out, "\"/>\n");
  for (size_t i = 0; s->count <= MARKS && i < s->count; i++)
    pm_html(out, "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"2.5\"/>", class,
            pm_format(arena, "%.1f", place_x(a, s->step[i])), pm_format(arena, "%.1f", place_y(a, s->value[i])));
}

/* ---- words */

static size_t least(const pm_series *s) {
  size_t best = 0;
  for (size_t i = 1; i < s->count; i++)
    if (s->value[i] < s->value[best])
      best = i;
  return best;
}

static const char *in_words(pm_arena *arena, const pm_chart *c, const axes *a) {
  const char *text = "";
  for (size_t k = 0; k < c->curves; k++) {
    const pm_series *s = c->curve[k];
    size_t best = least(s), last = s->count - 1;
    text = pm_format(arena, "%s%s: %.3g at step %.0f, %.3g at step %.0f; least %.3g at step %.0f. ", text, c->label[k],
                     s->value[0], s->step[0], s->value[last], s->step[last], s->value[best], s->step[best]);
  }
  return pm_format(arena, "%sThe axis of values is %s.", text, a->logarithmic ? "logarithmic" : "linear");
}

void pm_chart_write(pm_arena *arena, pm_output *out, const pm_chart *c) {
  axes a = axes_of(c);
  pm_html(out,
          "<figure class=\"chart\"><svg role=\"img\" viewBox=\"0 0 %s %s\" "
          "aria-labelledby=\"%s-title %s-words\"><title id=\"%s-title\">%s</title>\n",
          pm_format(arena, "%d", WIDTH), pm_format(arena, "%d", HEIGHT), c->id, c->id, c->id, c->title);
  pm_html(out, "<desc id=\"%s-words\">%s</desc>\n", c->id, in_words(arena, c, &a));
  ticks_y(arena, out, &a);
  ticks_x(arena, out, &a);
  first_curve(arena, out, &a, c->curve[0]);
  for (size_t k = 1; k < c->curves; k++)
    other_curve(arena, out, &a, c->curve[k], k);
  pm_html(out, "</svg>\n<figcaption><strong>%s</strong> by step", c->title);
  for (size_t k = 0; k < c->curves && c->curves > 1; k++)
    pm_html(out, "%s <span class=\"key %s\">%s</span>", k ? "," : ":", k ? pm_format(arena, "other c%zu", k) : "first",
            c->label[k]);
  pm_html(out, "%s.</figcaption></figure>\n", a.logarithmic ? "; logarithmic" : "");
}
