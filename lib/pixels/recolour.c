#include "pixels/recolour.h"

#include <math.h>
#include <string.h>

/* ---- by lightness ---- */

static double linear(unsigned char channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

double pm_lightness(const unsigned char rgba[4]) {
  const double y = 0.2126 * linear(rgba[0]) + 0.7152 * linear(rgba[1]) + 0.0722 * linear(rgba[2]);
  return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27;
}

/* The opaque colours of a palette from dark to light; of equals the first first. Returns how many. */
static size_t by_lightness(const pm_palette *palette, unsigned char sorted[256][4]) {
  size_t n = 0;
  for (size_t k = 0; k < palette->count; k++) {
    size_t at = n;
    if (palette->rgba[k][3] == 0)
      continue;
    for (; at > 0 && pm_lightness(sorted[at - 1]) > pm_lightness(palette->rgba[k]); at--)
      memcpy(sorted[at], sorted[at - 1], 4);
    memcpy(sorted[at], palette->rgba[k], 4);
    n++;
  }
  return n;
}

pm_recolouring pm_recolour_ramp(const pm_palette *from, const pm_palette *to) {
  pm_recolouring how = {0};
  unsigned char target[256][4];
  const size_t n = by_lightness(from, how.from), m = by_lightness(to, target);
  how.count = m ? n : 0;
  for (size_t i = 0; i < how.count; i++)
    memcpy(how.to[i], target[n > 1 ? (2 * i * (m - 1) + (n - 1)) / (2 * (n - 1)) : (m - 1) / 2], 4);
  return how;
}

/* ---- pixels ---- */

/* What a colour becomes: itself where nothing is said of it. */
static const unsigned char *replaced(const pm_recolouring *how, const unsigned char *colour) {
  for (size_t i = 0; i < how->count; i++)
    if (memcmp(how->from[i], colour, 4) == 0)
      return how->to[i];
  return colour;
}

size_t pm_recolour(pm_arena *arena, pm_sprites *s, const pm_recolouring *how) {
  const size_t pixels = s->count * s->height * s->width;
  size_t changed = 0;
  unsigned char *rgba = pm_alloc(arena, pixels, 4);
  for (size_t i = 0; i < pixels; i++) {
    const unsigned char *before = pm_sprites_pixel(s, 0, 0, i), *after = replaced(how, before);
    changed += memcmp(before, after, 4) != 0;
    memcpy(rgba + 4 * i, after, 4);
    if (after[3] != 255)
      s->channels = 4;
  }
  s->rgba = rgba;
  s->index = NULL;
  s->palette = NULL;
  s->colours = 0;
  return changed;
}
