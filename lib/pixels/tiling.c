#include "pixels/tiling.h"

#include <string.h>

void pm_roll_half(void *out, const void *in, size_t height, size_t width, size_t bytes, pm_tiling tiling, bool back) {
  const size_t right = tiling & PM_TILE_X ? width / 2 : 0, down = tiling & PM_TILE_Y ? height / 2 : 0;
  const size_t dx = back ? width - right : right, dy = back ? height - down : down;
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++)
      memcpy((char *)out + ((y + dy) % height * width + (x + dx) % width) * bytes,
             (const char *)in + (y * width + x) * bytes, bytes);
}

static bool near_middle(size_t at, size_t size, size_t reach) {
  return at + reach >= size / 2 && at < size / 2 + reach;
}

bool pm_beside_seam(size_t row, size_t column, size_t height, size_t width, size_t reach, pm_tiling tiling) {
  return (tiling & PM_TILE_X && near_middle(column, width, reach)) ||
         (tiling & PM_TILE_Y && near_middle(row, height, reach));
}
