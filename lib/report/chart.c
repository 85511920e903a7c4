#include "report/chart.h"

#include "core/sizes.h"
#include "report/axes.h"
#include "report/html.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 400, HEIGHT = 240, LEFT = 52, RIGHT = 10, TOP = 8, BOTTOM = 28, POINTS = 200, MARKS = 40 };

static double place_x(const pm_axes *a, double step) {
  return LEFT + pm_axes_x(a, step) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const pm_axes *a, double value) {
  return HEIGHT - BOTTOM - pm_axes_y(a, value) * (HEIGHT - TOP - BOTTOM);
}

/* ---- axes */

static void tick_y(pm_arena *arena, pm_output *out, const pm_axes *a, double value) {
  const char *y = pm_format(arena, "%.1f", place_y(a, value));
  pm_html(out, "<path class=\"grid\" d=\"M%s %sH%s\"/>", pm_format(arena, "%d", LEFT), y,
          pm_format(arena, "%d", WIDTH - RIGHT));
  pm_html(out, "<text x=\"%s\" y=\"%s\" text-anchor=\"end\" dy=\".35em\">%s</text>\n", pm_format(arena, "%d", LEFT - 5),
          y, pm_format(arena, "%.3g", value));
}

static void ticks_y(pm_arena *arena, pm_output *out, const pm_axes *a) {
  double tick[PM_MOST_TICKS];
  size_t n = pm_ticks_y(a, tick);
  for (size_t i = 0; i < n; i++)
    tick_y(arena, out, a, tick[i]);
}

static void ticks_x(pm_arena *arena, pm_output *out, const pm_axes *a) {
  double tick[PM_MOST_TICKS];
  size_t n = pm_ticks_x(a, tick);
  const char *y = pm_format(arena, "%d", HEIGHT - BOTTOM + 15);
  pm_html(out, "<path class=\"axis\" d=\"M%s %sV%sH%s\"/>\n", pm_format(arena, "%d", LEFT), pm_format(arena, "%d", TOP),
          pm_format(arena, "%d", HEIGHT - BOTTOM), pm_format(arena, "%d", WIDTH - RIGHT));
  for (size_t i = 0; i < n; i++) {
    const char *label = pm_format(arena, "%.0f", tick[i]);
    double most = WIDTH - 3.7 * (double)strlen(label); /* half of its width from the edge */
    pm_html(out, "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>\n",
            pm_format(arena, "%.1f", fmin(place_x(a, tick[i]), most)), y, label);
  }
}

/* ---- curves */

/* The means, and the least and the largest value around them. */
static void first_curve(pm_arena *arena, pm_output *out, const pm_axes *a, const pm_series *s) {
  size_t n = pm_smaller(s->count, POINTS);
  pm_curve_point *p = pm_alloc(arena, n, sizeof *p);
  for (size_t k = 0; k < n; k++)
    p[k] = pm_curve_share(s, k, n);
  if (s->count > n) {
    pm_html(out, "<path class=\"band\" d=\"");
    for (size_t k = 0; k < 2 * n; k++) { /* there along the top, back along the bottom */
      size_t at = k < n ? k : 2 * n - 1 - k;
      pm_html(out, "%s%s", k ? "L" : "M",
              pm_format(arena, "%.1f %.1f", place_x(a, p[at].step), place_y(a, k < n ? p[at].high : p[at].low)));
    }
    pm_html(out, "Z\"/>\n");
  }
  pm_html(out, "<path class=\"first\" d=\"");
  for (size_t k = 0; k < n; k++)
    pm_html(out, "%s%s", k ? "L" : "M", pm_format(arena, "%.1f %.1f", place_x(a, p[k].step), place_y(a, p[k].value)));
  pm_html(out, "\"/>\n");
}

static void other_curve(pm_arena *arena, pm_output *out, const pm_axes *a, const pm_series *s, size_t number) {
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

static const char *in_words(pm_arena *arena, const pm_chart *c, const pm_axes *a) {
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
  pm_axes a = pm_axes_of(c->curve, c->curves, c->linear ? PM_SCALE_LINEAR : PM_SCALE_AUTO);
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
