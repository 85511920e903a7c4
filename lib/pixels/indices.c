#include "pixels/indices.h"

#include <string.h>

size_t pm_sprites_index(unsigned char *index, const pm_sprites *s, const pm_palette *palette, unsigned below,
                        size_t other) {
  const size_t pixels = s->count * s->height * s->width;
  const unsigned char *before = NULL;
  for (size_t p = 0; p < pixels; p++) {
    const unsigned char *colour = pm_sprites_pixel(s, 0, 0, p);
    if (before && memcmp(before, colour, 4) == 0) { /* neighbours often have the same colour */
      index[p] = index[p - 1];
      continue;
    }
    size_t k = pm_palette_find(palette, colour);
    if (k == palette->count) {
      if (colour[3] >= below)
        return p;
      k = other;
    }
    index[p] = (unsigned char)k;
    before = colour;
  }
  return pixels;
}
