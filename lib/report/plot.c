#include "report/plot.h"

#include "core/sizes.h"
#include "pixels/font.h"

#include <math.h>
#include <string.h>

/* Pixels of the picture: letters are two of them a dot, lines two thick. */
enum {
  TEXT = 2,
  LINE = 2,
  SPACE = 8,
  LETTER = (PM_FONT_WIDTH + PM_FONT_SPACING) * TEXT,
  TEXT_HEIGHT = PM_FONT_HEIGHT * TEXT,
  DASH = 6,
  MARKS = 40, /* a curve of so few values shows each */
  HUES = 8,
};

typedef unsigned char rgb[3];

/* Told apart by eyes that see no red and green, too (Okabe and Ito, 2008; darker on a light ground). */
static const rgb hues[2][HUES] = {
    {{0, 95, 160}, {190, 75, 0}, {0, 125, 90}, {160, 60, 125}, {120, 95, 0}, {60, 130, 180}, {90, 90, 90}, {150, 0, 0}},
    {{86, 180, 233},
     {240, 140, 60},
     {60, 190, 140},
     {220, 140, 190},
     {230, 200, 70},
     {120, 150, 255},
     {180, 180, 180},
     {255, 110, 110}}};
static const rgb grounds[2] = {{251, 250, 247}, {23, 22, 27}}, inks[2] = {{60, 58, 66}, {200, 196, 188}},
                 grids[2] = {{222, 218, 208}, {58, 56, 64}};

typedef struct {
  size_t width, height;
  unsigned char *rgba;
  bool dark;
} surface;

typedef struct {
  double x, y, width, height; /* of the place where curves are, in pixels */
} frame;

static void dot(surface *s, long x, long y, const rgb colour) {
  if (x < 0 || y < 0 || (size_t)x >= s->width || (size_t)y >= s->height)
    return;
  memcpy(s->rgba + 4 * ((size_t)y * s->width + (size_t)x), (unsigned char[4]){colour[0], colour[1], colour[2], 255}, 4);
}

static void fill_box(surface *s, long x, long y, long width, long height, const rgb colour) {
  for (long j = y; j < y + height; j++)
    for (long i = x; i < x + width; i++)
      dot(s, i, j, colour);
}

static void text(surface *s, long x, long y, const char *words, const rgb colour) {
  for (unsigned code; (code = pm_font_next(&words));) {
    pm_glyph glyph = pm_font_glyph(code);
    for (int row = 0; row < PM_FONT_HEIGHT; row++)
      for (int column = 0; column < glyph.width; column++)
        if (glyph.row[row] >> column & 1)
          fill_box(s, x + column * TEXT, y + row * TEXT, TEXT, TEXT, colour);
    x += (glyph.width + PM_FONT_SPACING) * TEXT;
  }
}

static long text_width(const char *words) {
  return (long)pm_font_measure(words, strlen(words)) * TEXT;
}

/* From point to point, evenly; `pen` counts the pixels so far, which dashes go by. */
static void line(surface *s, double x0, double y0, double x1, double y1, const rgb colour, bool dashed, size_t *pen) {
  long steps = (long)fmax(1, ceil(fmax(fabs(x1 - x0), fabs(y1 - y0))));
  for (long i = 0; i <= steps; i++) {
    double part = (double)i / (double)steps;
    if (!dashed || (*pen)++ / DASH % 2 == 0)
      fill_box(s, lround(x0 + part * (x1 - x0)) - LINE / 2, lround(y0 + part * (y1 - y0)) - LINE / 2, LINE, LINE,
               colour);
  }
}

/* A quarter of the colour over the ground. */
static void blend(const surface *s, const rgb colour, rgb blended) {
  for (int k = 0; k < 3; k++)
    blended[k] = (unsigned char)((colour[k] + 3 * grounds[s->dark][k]) / 4);
}

static double at_x(const frame *f, const pm_axes *a, double step) {
  return f->x + pm_axes_x(a, step) * f->width;
}

static double at_y(const frame *f, const pm_axes *a, double value) {
  return f->y + (1 - pm_axes_y(a, value)) * f->height;
}

/* How many points stand for a curve. */
static size_t points_of(const pm_plot_curve *c, const frame *f) {
  return c->dashed ? c->series->count : pm_smaller(c->series->count, (size_t)f->width / LINE);
}

static void draw_band(surface *s, const frame *f, const pm_axes *a, const pm_plot_curve *c) {
  size_t n = points_of(c, f);
  rgb pale;
  blend(s, hues[s->dark][c->colour % HUES], pale);
  for (size_t k = 0; k < n && n < c->series->count; k++) {
    pm_curve_point p = pm_curve_share(c->series, k, n);
    long top = lround(at_y(f, a, p.high)), bottom = lround(at_y(f, a, p.low));
    fill_box(s, lround(at_x(f, a, p.step)) - LINE / 2, top, LINE + 1, bottom - top + 1, pale);
  }
}

static void draw_curve(surface *s, const frame *f, const pm_axes *a, const pm_plot_curve *c) {
  const unsigned char *colour = hues[s->dark][c->colour % HUES];
  size_t n = points_of(c, f), pen = 0;
  double x = 0, y = 0;
  for (size_t k = 0; k < n; k++) {
    pm_curve_point p = pm_curve_share(c->series, k, n);
    double next_x = at_x(f, a, p.step), next_y = at_y(f, a, p.value);
    if (k)
      line(s, x, y, next_x, next_y, colour, c->dashed, &pen);
    if (c->series->count == 1 || (c->dashed && c->series->count <= MARKS))
      fill_box(s, lround(next_x) - LINE, lround(next_y) - LINE, 2 * LINE + 1, 2 * LINE + 1, colour);
    x = next_x;
    y = next_y;
  }
}

static void draw_axes(pm_arena *arena, surface *s, const frame *f, const pm_axes *a) {
  double tick[PM_MOST_TICKS];
  const unsigned char *ink = inks[s->dark], *grid = grids[s->dark];
  size_t n = pm_ticks_y(a, tick);
  double free_below = INFINITY;
  for (size_t i = 0; i < n; i++) {
    double y = at_y(f, a, tick[i]);
    fill_box(s, (long)f->x, lround(y), (long)f->width, 1, grid);
    if (y + TEXT_HEIGHT > free_below) /* would lie on the one below */
      continue;
    const char *label = pm_format(arena, "%.3g", tick[i]);
    text(s, (long)f->x - SPACE / 2 - text_width(label), lround(y) - PM_FONT_BASELINE * TEXT / 2, label, ink);
    free_below = y;
  }
  n = pm_ticks_x(a, tick);
  for (size_t i = 0; i < n; i++) {
    const char *label = pm_format(arena, "%.10g", tick[i]);
    double x = at_x(f, a, tick[i]), most = f->x + f->width - (double)text_width(label);
    fill_box(s, lround(x), (long)(f->y + f->height), 1, SPACE / 2, ink);
    text(s, (long)fmin(x - (double)text_width(label) / 2, most), (long)(f->y + f->height) + SPACE, label, ink);
  }
  fill_box(s, (long)f->x, (long)f->y, 1, (long)f->height, ink);
  fill_box(s, (long)f->x, (long)(f->y + f->height), (long)f->width, 1, ink);
}

/* ---- legend */

enum { KEY = 3 * DASH };

static long entry_width(const pm_plot_curve *c) {
  return KEY + SPACE + text_width(c->label) + 2 * SPACE;
}

/* Lines that the legend takes at this width; draws it at (x, y) unless s is NULL. */
static size_t legend(surface *s, const pm_plot_panel *panel, long x, long y, long width) {
  long at = 0;
  size_t lines = 1;
  for (size_t k = 0; k < panel->curves; k++) {
    const pm_plot_curve *c = &panel->curve[k];
    if (at > 0 && at + entry_width(c) > width) {
      lines++;
      at = 0;
    }
    if (s) {
      long top = y + (long)(lines - 1) * (TEXT_HEIGHT + TEXT);
      size_t pen = 0;
      line(s, (double)(x + at), (double)(top + TEXT_HEIGHT / 2 - TEXT), (double)(x + at + KEY - 1),
           (double)(top + TEXT_HEIGHT / 2 - TEXT), hues[s->dark][c->colour % HUES], c->dashed, &pen);
      text(s, x + at + KEY + SPACE, top, c->label, inks[s->dark]);
    }
    at += entry_width(c);
  }
  return lines;
}

static void draw_panel(pm_arena *arena, surface *s, long x, long y, const pm_plot_panel *panel, pm_plot_look look) {
  const pm_series **series = pm_alloc(arena, panel->curves, sizeof *series);
  for (size_t k = 0; k < panel->curves; k++)
    series[k] = panel->curve[k].series;
  pm_axes a = pm_axes_of(series, panel->curves, panel->scale);
  const char *title = panel->title ? panel->title : "", *more = a.logarithmic ? "logarithmic" : "",
             *across = panel->across ? panel->across : "";
  long left = 8 * LETTER, line_height = TEXT_HEIGHT + TEXT, inner = (long)look.width - left - 2 * SPACE;
  long top = SPACE + (*title || *more ? line_height : 0);
  size_t lines = legend(NULL, panel, 0, 0, (long)look.width - 2 * SPACE);
  long bottom = (*across ? 3 : 2) * line_height + (long)lines * line_height;
  frame f = {(double)(x + left), (double)(y + top + SPACE), (double)inner,
             fmax((double)((long)look.height - top - bottom - SPACE), 8)};
  text(s, x + SPACE, y + SPACE, title, inks[s->dark]);
  text(s, x + (long)look.width - SPACE - text_width(more), y + SPACE, more, inks[s->dark]);
  for (size_t k = 0; k < panel->curves; k++)
    if (!panel->curve[k].dashed)
      draw_band(s, &f, &a, &panel->curve[k]);
  draw_axes(arena, s, &f, &a);
  for (size_t k = 0; k < panel->curves; k++)
    draw_curve(s, &f, &a, &panel->curve[k]);
  text(s, (long)(f.x + (f.width - (double)text_width(across)) / 2), (long)(f.y + f.height) + SPACE + line_height,
       across, inks[s->dark]);
  legend(s, panel, x + SPACE, y + (long)look.height - (long)lines * line_height - SPACE / 2,
         (long)look.width - 2 * SPACE);
}

pm_image pm_plot(pm_arena *arena, const pm_plot_panel *panels, size_t n, pm_plot_look look) {
  size_t columns = pm_smaller(n, look.columns), rows = pm_pieces(n, columns);
  surface s = {.width = columns * look.width, .height = rows * look.height, .dark = look.dark};
  if (s.width > PM_IMAGE_MOST_SIDE || s.height > PM_IMAGE_MOST_SIDE || s.width * s.height > PM_IMAGE_MOST_PIXELS)
    pm_fail(PM_BAD_INPUT, NULL, "a picture of %zu x %zu pixels, expected at most %d a side and %d in all", s.width,
            s.height, PM_IMAGE_MOST_SIDE, PM_IMAGE_MOST_PIXELS);
  s.rgba = pm_alloc(arena, s.width * s.height, 4);
  fill_box(&s, 0, 0, (long)s.width, (long)s.height, grounds[s.dark]);
  for (size_t i = 0; i < n; i++)
    draw_panel(arena, &s, (long)(i % columns * look.width), (long)(i / columns * look.height), &panels[i], look);
  return pm_image_from_rgba(arena, s.width, s.height, s.rgba);
}
