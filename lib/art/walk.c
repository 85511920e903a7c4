#include "art/walk.h"

#include <assert.h>

enum { FOOT = 2 }; /* rows of the figure that are feet */

/* The last row with anything in it; -1 for an empty canvas. */
static int lowest_row(const pm_canvas *c) {
  for (int y = c->height - 1; y >= 0; y--)
    for (int x = 0; x < c->width; x++)
      if (pm_get(c, x, y) != PM_BACKGROUND)
        return y;
  return -1;
}

static bool row_is_empty(const pm_canvas *c, int y) {
  for (int x = 0; x < c->width; x++)
    if (pm_get(c, x, y) != PM_BACKGROUND)
      return false;
  return true;
}

/* Rows y0 … y1 of columns x0 … x1 - 1 a pixel higher; the lowest of them becomes background. */
static void lift(pm_canvas *c, int x0, int x1, int y0, int y1) {
  for (int x = x0; x < x1; x++) {
    for (int y = y0; y <= y1; y++)
      pm_put(c, x, y - 1, pm_get(c, x, y));
    pm_put(c, x, y1, PM_BACKGROUND);
  }
}

void pm_walk(pm_canvas *c, int frame, int frames) {
  assert(frames == 1 || frames == 2 || frames == 4);
  const bool stands = frames == 1 || (frames == 4 && frame % 2 == 0);
  const int bottom = lowest_row(c), middle = c->width / 2;
  if (stands || bottom < FOOT)
    return;
  const bool left = frames == 2 ? frame == 0 : frame == 1;
  const int x0 = left ? 0 : middle, x1 = left ? middle : c->width, foot = bottom - FOOT + 1;
  if (!row_is_empty(c, 0)) { /* no room above: the foot alone */
    lift(c, x0, x1, bottom, bottom);
    return;
  }
  /* Everything above the feet goes up, and so does one foot; the other stays, and what it stood under is repeated. */
  for (int x = 0; x < c->width; x++) {
    const int above = pm_get(c, x, foot - 1);
    const bool lifted = x >= x0 && x < x1;
    lift(c, x, x + 1, 1, lifted ? bottom : foot - 1);
    if (!lifted)
      pm_put(c, x, foot - 1, above);
  }
}
