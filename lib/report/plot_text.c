/* Curves in a terminal: Braille and sixels. */
#include "core/sizes.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- a text that grows */

typedef struct {
  pm_arena *arena;
  char *bytes;
  size_t length, capacity;
} builder;

static void add_bytes(builder *b, const char *bytes, size_t length) {
  b->bytes = pm_grow(b->arena, b->bytes, &b->capacity, b->length + length + 1, 1);
  memcpy(b->bytes + b->length, bytes, length);
  b->length += length;
  b->bytes[b->length] = 0;
}

static void add_text(builder *b, const char *text) {
  add_bytes(b, text, strlen(text));
}

/* ---- Braille */

enum { DOTS_X = 2, DOTS_Y = 4, LABEL = 9, HUES = 8 };

/* Of the 256 colours of terminals, readable on light and dark; one for each curve, since dots show no dashes. */
static const int hues[HUES] = {33, 166, 29, 133, 136, 67, 244, 160};

typedef struct {
  unsigned char dots;  /* of U+2800 */
  unsigned char curve; /* number of the last one here, from 1; 0: none */
} cell;

typedef struct {
  size_t columns, rows;
  cell *cell;
} raster;

static void set_dot(raster *r, long x, long y, size_t curve) {
  static const unsigned char bit[DOTS_Y][DOTS_X] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  if (x < 0 || y < 0 || x >= (long)(r->columns * DOTS_X) || y >= (long)(r->rows * DOTS_Y))
    return;
  cell *c = &r->cell[(size_t)y / DOTS_Y * r->columns + (size_t)x / DOTS_X];
  c->dots |= bit[y % DOTS_Y][x % DOTS_X];
  c->curve = (unsigned char)(curve + 1);
}

static void draw(raster *r, const pm_axes *a, const pm_plot_curve *c, size_t number) {
  size_t n = pm_smaller(c->series->count, r->columns * DOTS_X);
  double x = 0, y = 0;
  for (size_t k = 0; k < n; k++) {
    pm_curve_point p = pm_curve_share(c->series, k, n);
    double next_x = pm_axes_x(a, p.step) * (double)(r->columns * DOTS_X - 1),
           next_y = (1 - pm_axes_y(a, p.value)) * (double)(r->rows * DOTS_Y - 1);
    long steps = k ? (long)fmax(1, ceil(fmax(fabs(next_x - x), fabs(next_y - y)))) : 1;
    for (long i = k ? 0 : 1; i <= steps; i++) {
      double part = k ? (double)i / (double)steps : 1;
      set_dot(r, lround(x + part * (next_x - x)), lround(y + part * (next_y - y)), number);
    }
    x = next_x;
    y = next_y;
  }
}

/* The colour of a curve from here on; 0 for the terminal's own. */
static void add_hue(builder *b, size_t curve) {
  add_text(b, curve ? pm_format(b->arena, "\033[38;5;%dm", hues[(curve - 1) % HUES]) : "\033[0m");
}

/* One character, in the colour that is set. */
static void add_cell(builder *b, cell c, bool letters) {
  if (!c.dots)
    add_text(b, " ");
  else if (letters)
    add_bytes(b, &"abcdefghijklmnopqrstuvwxyz"[(c.curve - 1) % 26], 1);
  else
    add_bytes(b, (char[3]){(char)0xe2, (char)(0xa0 | c.dots >> 6), (char)(0x80 | (c.dots & 0x3f))}, 3);
}

/* A row as far as there is something in it. */
static void add_row(builder *b, const cell *row, size_t columns, bool colour, bool letters) {
  size_t hue = 0;
  while (columns > 0 && !row[columns - 1].dots)
    columns--;
  for (size_t x = 0; x < columns; x++) {
    if (colour && row[x].dots && row[x].curve != hue)
      add_hue(b, hue = row[x].curve);
    add_cell(b, row[x], letters);
  }
  if (hue)
    add_hue(b, 0);
  add_text(b, "\n");
}

/* What stands at each row of the axis of values; "" for nothing. */
static const char **labels_of(pm_arena *arena, const pm_axes *a, size_t rows) {
  double tick[PM_MOST_TICKS];
  const char **label = pm_alloc(arena, rows, sizeof *label);
  for (size_t i = 0; i < rows; i++)
    label[i] = "";
  for (size_t i = 0, n = pm_ticks_y(a, tick); i < n; i++)
    label[pm_smaller(rows - 1, (size_t)((1 - pm_axes_y(a, tick[i])) * (double)rows))] =
        pm_format(arena, "%.3g", tick[i]);
  return label;
}

/* The line below: steps, or shares of other quantities, each beginning below its place where there is room. */
static void add_steps(builder *b, const pm_axes *a, size_t columns) {
  double tick[PM_MOST_TICKS];
  size_t n = pm_ticks_x(a, tick), at = 0;
  add_text(b, pm_format(b->arena, "%*s", LABEL + 1, ""));
  for (size_t i = 0; i < n; i++) {
    const char *label = pm_format(b->arena, "%.10g", tick[i]);
    size_t place = (size_t)(pm_axes_x(a, tick[i]) * (double)(columns - 1));
    place = pm_smaller(place, columns - pm_smaller(columns, strlen(label)));
    if (i && place <= at)
      continue;
    add_text(b, pm_format(b->arena, "%*s%s", (int)(place - at), "", label));
    at = place + strlen(label);
  }
  add_text(b, "\n");
}

static void add_legend(builder *b, const pm_plot_panel *panel, bool colour) {
  for (size_t k = 0; k < panel->curves; k++) {
    const pm_plot_curve *c = &panel->curve[k];
    const pm_series *s = c->series;
    add_text(b, pm_format(b->arena, "%*s ", LABEL, ""));
    if (colour)
      add_hue(b, k + 1);
    add_text(b, !colour && panel->curves > 1 ? pm_format(b->arena, "%c", (char)('a' + k % 26)) : "--");
    if (colour)
      add_hue(b, 0);
    add_text(b, pm_format(b->arena, " %s", c->label));
    if (!panel->across)
      add_text(b, pm_format(b->arena, ": %.4g at step %.0f", s->value[s->count - 1], s->step[s->count - 1]));
    add_text(b, "\n");
  }
}

const char *pm_plot_text(pm_arena *arena, const pm_plot_panel *panel, size_t columns, size_t rows, bool colour) {
  builder b = {.arena = arena};
  const pm_series **series = pm_alloc(arena, panel->curves, sizeof *series);
  for (size_t k = 0; k < panel->curves; k++)
    series[k] = panel->curve[k].series;
  pm_axes a = pm_axes_of(series, panel->curves, panel->scale);
  raster r = {.columns = columns - LABEL - 1, .rows = rows};
  r.cell = pm_alloc(arena, r.columns * r.rows, sizeof *r.cell);
  for (size_t k = 0; k < panel->curves; k++)
    draw(&r, &a, &panel->curve[k], k);
  const char **label = labels_of(arena, &a, rows);
  if (panel->title)
    add_text(&b, pm_format(arena, "%s%s\n", panel->title, a.logarithmic ? " (logarithmic)" : ""));
  for (size_t y = 0; y < rows; y++) {
    add_text(&b, pm_format(arena, "%*s|", LABEL, label[y]));
    add_row(&b, r.cell + y * r.columns, r.columns, colour, !colour && panel->curves > 1);
  }
  add_steps(&b, &a, r.columns);
  if (panel->across)
    add_text(&b, pm_format(arena, "%*s%s\n", LABEL + 1, "", panel->across));
  add_legend(&b, panel, colour);
  return b.bytes;
}

/* ---- the terminal that there is */

/* Columns of the terminal; COLUMNS, else 80, where it is none. */
static size_t terminal_width(void) {
  enum { USUAL = 80, LEAST = 40, MOST = 1000 };
  struct winsize size;
  const char *text = getenv("COLUMNS");
  long width = text ? strtol(text, NULL, 10) : 0;
  if (width <= 0)
    width = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL;
  return width < LEAST ? LEAST : width > MOST ? MOST : (size_t)width;
}

static bool wants_colour(void) {
  const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
  return isatty(STDOUT_FILENO) && !(no && *no) && !(terminal && strcmp(terminal, "dumb") == 0);
}

const char *pm_plot_for_terminal(pm_arena *arena, const pm_plot_panel *panels, size_t n, bool in_file) {
  enum { ROWS = 14 };
  builder b = {.arena = arena};
  for (size_t i = 0; i < n; i++) {
    add_text(&b, i ? "\n" : "");
    add_text(&b, pm_plot_text(arena, &panels[i], terminal_width(), ROWS, !in_file && wants_colour()));
  }
  return b.bytes;
}

/* ---- sixels */

/* The columns of a band of six rows that have a colour, as sixels with runs counted. */
static void add_sixels(builder *b, const unsigned char *sixel, size_t width) {
  for (size_t x = 0, run; x < width; x += run) {
    char sign = (char)('?' + sixel[x]);
    for (run = 1; x + run < width && sixel[x + run] == sixel[x]; run++)
      ;
    if (run > 3)
      add_text(b, pm_format(b->arena, "!%zu%c", run, sign));
    else
      for (size_t i = 0; i < run; i++)
        add_bytes(b, &sign, 1);
  }
}

const char *pm_sixel(pm_arena *arena, const pm_image *picture) {
  enum { BAND = 6 };
  builder b = {.arena = arena};
  size_t width = picture->width;
  unsigned char *sixel = pm_alloc(arena, width, 1);
  add_text(&b, pm_format(arena, "\033Pq\"1;1;%zu;%zu", width, picture->height));
  for (size_t c = 0; c < picture->colours; c++) {
    const unsigned char *rgba = picture->palette[c];
    add_text(&b, pm_format(arena, "#%zu;2;%d;%d;%d", c, (rgba[0] * 100 + 127) / 255, (rgba[1] * 100 + 127) / 255,
                           (rgba[2] * 100 + 127) / 255));
  }
  for (size_t top = 0; top < picture->height; top += BAND) {
    size_t rows = pm_smaller(BAND, picture->height - top);
    for (size_t c = 0; c < picture->colours; c++) {
      bool any = false;
      for (size_t x = 0; x < width; x++) {
        sixel[x] = 0;
        for (size_t y = 0; y < rows; y++)
          sixel[x] |= (unsigned char)((picture->index[(top + y) * width + x] == c) << y);
        any |= sixel[x] != 0;
      }
      if (!any)
        continue;
      add_text(&b, pm_format(arena, "#%zu", c));
      add_sixels(&b, sixel, width);
      add_text(&b, "$");
    }
    add_text(&b, "-");
  }
  add_text(&b, "\033\\\n");
  return b.bytes;
}
