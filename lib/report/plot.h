/* Curves over training steps, or another quantity, as a picture of pixels, or as text for a terminal. */
#ifndef PM_REPORT_PLOT_H
#define PM_REPORT_PLOT_H

#include "io/image.h"
#include "report/axes.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *label;
  const pm_series *series; /* not empty */
  size_t colour;           /* curves of one training run share it */
  bool dashed;             /* held out: a point a value, without the band */
} pm_plot_curve;

/* Curves on the same axes. */
typedef struct {
  const char *title; /* NULL: none */
  size_t curves;
  const pm_plot_curve *curve; /* [curves], one at least */
  pm_scale scale;
  const char *across; /* the quantity along the horizontal axis, a word or two; NULL: training steps */
} pm_plot_panel;

/* Panels in rows from left to right, each of this size in pixels. */
typedef struct {
  size_t width, height; /* at least PM_PLOT_LEAST a side */
  size_t columns;       /* panels in a row; at least 1 */
  bool dark;            /* light lines on a dark ground */
} pm_plot_look;

enum { PM_PLOT_LEAST = 160 };

/* A curve of more points than the picture has columns is drawn as the mean of each column's values in a band from the
 * least to the largest. Letters are those of pixels/font.h. Fails with status 3 beyond the limits of pm_png_read. */
pm_image pm_plot(pm_arena *arena, const pm_plot_panel *panels, size_t n, pm_plot_look look);

/* The panel as lines of text of at most `columns` characters (at least 40), `rows` lines of curve (at least 4): dots of
 * Braille (Unicode), four by two in a character. With colour, curves differ by it (escape sequences of ECMA-48, 256
 * colours); without, where there are several, each is drawn with a letter of its own. */
const char *pm_plot_text(pm_arena *arena, const pm_plot_panel *panel, size_t columns, size_t rows, bool colour);

/* All panels as such text, as wide as the terminal of standard output (COLUMNS, else 80, where it is none). Colours are
 * used only there, not where NO_COLOR is set or the terminal is a dumb one, and not in a file. */
const char *pm_plot_for_terminal(pm_arena *arena, const pm_plot_panel *panels, size_t n, bool in_file);

/* A picture of at most 256 colours as sixels, which some terminals show (DEC STD 070; xterm, foot, mlterm, iTerm2). */
const char *pm_sixel(pm_arena *arena, const pm_image *picture);

#ifdef __cplusplus
}
#endif
#endif
