/* A small picture of palette indices to draw on, with the tools of a pixel artist: shapes, templates written as text,
 * shading by ramp with the light from the top left, outlines. Whole numbers only, so that a drawing is the same on
 * every machine. What falls outside the canvas is cut off. */
#ifndef PM_ART_CANVAS_H
#define PM_ART_CANVAS_H

#include "art/palette.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_CANVAS_SIDE = 32 }; /* the largest */

typedef struct {
  int width, height;
  unsigned char pixel[PM_CANVAS_SIDE * PM_CANVAS_SIDE]; /* [height, width], of pm_colour */
} pm_canvas;

/* All background. Sides 1 … PM_CANVAS_SIDE. */
pm_canvas pm_canvas_new(int width, int height);

void pm_put(pm_canvas *c, int x, int y, int colour);
/* PM_BACKGROUND outside. */
int pm_get(const pm_canvas *c, int x, int y);
/* Only where something is drawn already. */
void pm_tint(pm_canvas *c, int x, int y, int colour);

/* Corners included. */
void pm_rectangle(pm_canvas *c, int x0, int y0, int x1, int y1, int colour);
void pm_line(pm_canvas *c, int x0, int y0, int x1, int y1, int colour);

/* Rows from `y` down, row k from (axis - width[k]) / 2 on, width[k] pixels; `axis` is 16 for the middle of a canvas of
 * 16, and one more or less moves by half a pixel. Widths of 0 leave a row out. */
void pm_lathe(pm_canvas *c, int axis, int y, const signed char *width, int rows, int colour);

/* An ellipse as a shaded ball in the box x0 … x1, y0 … y1 (included). */
void pm_ball(pm_canvas *c, int x0, int y0, int x1, int y1, pm_ramp ramp);
/* The tone 0 … 3 of the pixel (x, y) of a ball in that box. */
int pm_ball_tone(int x0, int y0, int x1, int y1, int x, int y);
/* Everything of `colour` shaded as one ball in that box. */
void pm_shade_ball(pm_canvas *c, int colour, int x0, int y0, int x1, int y1, pm_ramp ramp);
/* Everything of `colour` as a plate: light along edges to the top and left, dark along the bottom and right. */
void pm_shade_plate(pm_canvas *c, int colour, pm_ramp ramp);
/* Everything of `colour` as an upright cylinder: light at the left, dark at the right of each row. */
void pm_shade_column(pm_canvas *c, int colour, pm_ramp ramp);

/* Draws `rows` (ended by NULL) with the top left at (x, y). Letters name material and tone: abcd are dark, base, light
 * and glint of ramps[0], efgh of ramps[1], ijkl of ramps[2], mnop of ramps[3]. '#' is ink, 'W' white, '_' erases;
 * everything else leaves what is there. */
void pm_stamp(pm_canvas *c, int x, int y, const char *const *rows, const pm_ramp *ramps);

/* The same on a canvas that wraps around: whatever the place, it lies on the canvas. */
void pm_put_around(pm_canvas *c, int x, int y, int colour);
int pm_get_around(const pm_canvas *c, int x, int y);
void pm_stamp_around(pm_canvas *c, int x, int y, const char *const *rows, const pm_ramp *ramps);
/* Everything moved right and down by so many pixels, around the edges. */
void pm_roll_canvas(pm_canvas *c, int right, int down);

/* Flat colours on their own, for shading functions that work on everything of a colour: they lie beyond the palette and
 * must be gone when the drawing is finished. */
enum { PM_FLAT_A = 100, PM_FLAT_B, PM_FLAT_C };

/* Every background pixel that touches the figure by an edge becomes outline: dark of the figure's hue where the light
 * comes from, ink elsewhere. */
void pm_outline(pm_canvas *c);

/* The canvas transposed: what stood lies; the light still comes from the top left. */
pm_canvas pm_transposed(const pm_canvas *c);

/* Pixels that are not background. */
size_t pm_canvas_covered(const pm_canvas *c);

#ifdef __cplusplus
}
#endif
#endif
