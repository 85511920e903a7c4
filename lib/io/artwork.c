#include "io/artwork.h"

#include "io/aseprite.h"

#include <string.h>

enum { MAX_ASEPRITE = 1 << 28 };

static bool is_aseprite(pm_input *input) {
  unsigned char head[PM_ASEPRITE_MAGIC_END];
  return pm_aseprite_begins(head, pm_input_peek(input, head, sizeof head));
}

bool pm_artwork_begins(pm_input *input) {
  static const unsigned char png[PM_PNG_SIGNATURE] = "\x89PNG\r\n\x1a\n";
  unsigned char head[PM_PNG_SIGNATURE];
  size_t got = pm_input_peek(input, head, sizeof head);
  return (got > 0 && memcmp(head, png, got) == 0) || is_aseprite(input);
}

pm_image pm_artwork_read(pm_arena *arena, pm_input *input, size_t *frames) {
  *frames = 1;
  if (!is_aseprite(input))
    return pm_png_read_input(arena, input);
  const char *name = pm_input_name(input);
  size_t length;
  pm_arena **scratch = pm_scratch_new(arena);
  unsigned char *bytes = pm_input_read_all(*scratch, input, MAX_ASEPRITE, &length);
  pm_image image = pm_aseprite_decode(arena, bytes, length, name, frames);
  pm_scratch_free(scratch);
  return image;
}
