#include "train/hints.h"

#include "core/fail.h"
#include "core/random.h"

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

bool pm_hint_allows(int32_t hint, int32_t background, int32_t colour) {
  return hint == PM_HINT_UNKNOWN || hint == colour || (hint == PM_HINT_BACKGROUND && colour == background) ||
         (hint == PM_HINT_NOT_BACKGROUND && colour != background);
}

/* False where the two are fixed to different things. */
static bool mirror_pair(int32_t *left, int32_t *right, int32_t background) {
  const int32_t fixed = *left >= 0 ? *left : *right >= 0 ? *right : PM_HINT_UNKNOWN;
  if (*right == PM_HINT_MIRRORED)
    *right = PM_HINT_UNKNOWN;
  const bool fits = fixed >= 0 ? pm_hint_allows(*left, background, fixed) && pm_hint_allows(*right, background, fixed)
                               : *left == PM_HINT_UNKNOWN || *right == PM_HINT_UNKNOWN || *left == *right;
  *left = fixed >= 0 ? fixed : *left == PM_HINT_UNKNOWN ? *right : *left;
  *right = PM_HINT_MIRRORED;
  return fits;
}

void pm_hints_mirror(pm_hints *hints, const pm_sprite_format *f, const char *place) {
  const size_t W = f->width;
  const int32_t background = pm_background_of(f);
  for (size_t row = 0; row < hints->count * f->height; row++)
    for (size_t x = 0; x < W / 2; x++) {
      int32_t *at = hints->pixel + row * W;
      if (!mirror_pair(at + x, at + W - 1 - x, background))
        pm_fail(PM_BAD_INPUT, place, "picture %zu, row %zu, column %zu: fixed to another colour than its mirror image",
                row / f->height, row % f->height, x);
    }
}

void pm_hints_check_unfixed(const pm_hints *hints, const pm_sprite_format *f) {
  const size_t pixels = f->height * f->width;
  for (size_t i = 0; i < hints->count; i++) {
    size_t fixed = 0;
    for (size_t p = 0; p < pixels; p++)
      fixed += hints->pixel[i * pixels + p] >= 0 || hints->pixel[i * pixels + p] == PM_HINT_MIRRORED;
    if (fixed == pixels)
      pm_fail(PM_BAD_INPUT, "hints", "every pixel of sprite %zu is fixed, so nothing is left to draw", i);
  }
}

void pm_hints_check(const pm_hints *hints, const pm_sprite_format *f, const char *place) {
  pm_arena *scratch = pm_arena_new();
  const char *problem = pm_hints_problem(scratch, hints, f);
  if (problem)
    pm_fail(PM_BAD_INPUT, place, "%s", problem);
  pm_arena_free(scratch);
}

int32_t pm_hint_of_shape(bool inside) {
  return inside ? PM_HINT_NOT_BACKGROUND : PM_HINT_BACKGROUND;
}

void pm_hints_keep(pm_hints *hints, const pm_sprite_format *f, double strength, uint64_t seed, uint64_t first,
                   pm_hint_picture picture, const void *context) {
  const size_t pixels = f->height * f->width;
  const int32_t background = pm_background_of(f);
  for (size_t k = 0; k < hints->count; k++) {
    pm_rng rng = pm_rng_start(seed, "keep pixels", first + k);
    for (size_t p = 0; p < pixels; p++) {
      int32_t *hint = hints->pixel + k * pixels + p;
      const bool kept = pm_rng_unit(&rng) >= strength;
      if (!kept || *hint == PM_HINT_MIRRORED)
        continue;
      const int32_t colour = picture(context, k, p);
      if (pm_hint_allows(*hint, background, colour))
        *hint = colour;
    }
  }
}
