/* Sprites and sheets drawn in text, for the unit tests of the pixel library. */
#ifndef PM_TESTS_DRAWN_H
#define PM_TESTS_DRAWN_H

#include "io/image.h"
#include "pixels/sprites.h"

#include <string.h>

/* The colour that a letter stands for: '.' nothing at all, ' ' black, 'w' white, capitals half transparent reds, other
 * letters opaque colours of their own. */
__attribute__((unused)) static void drawn_colour(char letter, unsigned char rgba[4]) {
  unsigned char code = (unsigned char)letter;
  const unsigned char other[4] = {(unsigned char)(code * 7), (unsigned char)(code * 13 + 20),
                                  (unsigned char)(255 - code), 255};
  memcpy(rgba, other, 4);
  if (letter == '.')
    memset(rgba, 0, 4);
  else if (letter == ' ')
    memset(rgba, 0, 3);
  else if (letter == 'w')
    memset(rgba, 255, 3);
  else if (letter >= 'A' && letter <= 'Z') {
    const unsigned char half[4] = {200, (unsigned char)(code - 'A'), 0, 128};
    memcpy(rgba, half, 4);
  }
}

/* Rows of equal length, each ended by '/'. */
__attribute__((unused)) static pm_image drawn_image(pm_arena *arena, const char *art) {
  size_t width = strcspn(art, "/"), height = strlen(art) / (width + 1);
  unsigned char *rgba = pm_alloc(arena, width * height, 4);
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++)
      drawn_colour(art[y * (width + 1) + x], rgba + 4 * (y * width + x));
  return pm_image_from_rgba(arena, width, height, rgba);
}

/* `count` sprites one below the other. */
__attribute__((unused)) static pm_sprites drawn_sprites(pm_arena *arena, size_t count, const char *art) {
  pm_image image = drawn_image(arena, art);
  return (pm_sprites){.count = count,
                      .height = image.height / count,
                      .width = image.width,
                      .channels = strchr(art, '.') ? 4 : 3,
                      .colours = image.colours,
                      .palette = image.palette,
                      .index = image.index,
                      .rgba = image.rgba};
}

#endif
