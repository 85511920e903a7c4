#include "pixels/blocks.h"

#include "core/sizes.h"
#include "pixels/grid.h"

#include <string.h>

enum { LEAST_LEFT = 4 };

static bool differ(const pm_image *picture, size_t y, size_t x, size_t other_y, size_t other_x) {
  return memcmp(pm_image_pixel(picture, y, x), pm_image_pixel(picture, other_y, other_x), 4) != 0;
}

/* The side divides every place where a pixel differs from the one before. */
size_t pm_block_side(const pm_image *picture, size_t height) {
  size_t side = pm_common_divisor(picture->width, height);
  bool flat = true;
  for (size_t y = 0; y < picture->height && side > 1; y++)
    for (size_t x = 0; x < picture->width && side > 1; x++) {
      if (x % side && differ(picture, y, x, y, x - 1))
        side = pm_common_divisor(side, x);
      if (y % height % side && differ(picture, y, x, y - 1, x))
        side = pm_common_divisor(side, y % height);
      flat = flat && !differ(picture, y, x, 0, 0);
    }
  for (size_t k = side; k > 1 && !flat; k--)
    if (side % k == 0 && picture->width / k >= LEAST_LEFT && height / k >= LEAST_LEFT)
      return k;
  return 1;
}
