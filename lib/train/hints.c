#include "train/hints.h"

#include <string.h>

pm_hints pm_hints_new(pm_arena *arena, const pm_sprite_format *f, size_t count) {
  const size_t pixels = count * f->height * f->width;
  pm_hints hints = {.count = count, .pixel = pm_alloc(arena, pixels, sizeof *hints.pixel)};
  for (size_t i = 0; i < pixels; i++)
    hints.pixel[i] = PM_HINT_UNKNOWN;
  return hints;
}

int32_t pm_background_of(const pm_sprite_format *f) {
  int32_t most = 0;
  for (size_t k = 0; f->colour_shares && k < f->colours; k++)
    if (f->colour_shares[k] > f->colour_shares[most])
      most = (int32_t)k;
  return most;
}

/* How many colours may be drawn at all, and whether the background is one of them. */
static size_t drawable(const pm_hints *hints, const pm_sprite_format *f, bool *background) {
  size_t n = 0;
  for (size_t k = 0; k < f->colours; k++)
    n += !(hints->banned && hints->banned[k]);
  *background = !(hints->banned && hints->banned[pm_background_of(f)]);
  return n;
}

const char *pm_hints_problem(pm_arena *arena, const pm_hints *hints, const pm_sprite_format *f) {
  bool background;
  const size_t colours = drawable(hints, f, &background), others = colours - (background ? 1 : 0);
  for (size_t i = 0; i < hints->count * f->height * f->width; i++) {
    const int32_t hint = hints->pixel[i];
    const char *what =
        hint >= (int32_t)f->colours || hint < PM_HINT_MIRRORED              ? "no colour of the model's palette"
        : (hint == PM_HINT_UNKNOWN || hint == PM_HINT_MIRRORED) && !colours ? "to be drawn, and every colour is banned"
        : hint == PM_HINT_BACKGROUND && !background                         ? "to be background, which is banned"
        : hint == PM_HINT_NOT_BACKGROUND && !others ? "not to be background, and every other colour is banned"
                                                    : NULL;
    if (what)
      return pm_format(arena, "pixel (%zu, %zu) of hint map %zu is %s", i % f->width, i / f->width % f->height,
                       i / (f->height * f->width), what);
  }
  return NULL;
}
