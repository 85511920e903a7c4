#include "pixels/colour_list.h"

#include "core/options.h"

#include <string.h>

/* An item of the list. */
static void read_colour(pm_arena *arena, const char *text, const char *option, unsigned char rgba[4]) {
  static const pm_option colour = {.type = PM_COLOUR};
  char problem[256];
  memcpy(rgba, (const unsigned char[4]){0, 0, 0, 255}, 4);
  if (strcmp(text, "transparent") == 0)
    rgba[3] = 0;
  else if (!pm_option_set(arena, &colour, rgba, text, problem))
    pm_wrong_usage("%s: %s; colours are divided by commas, transparent may be one, a palette file is all of its own",
                   option, problem);
}

pm_palette pm_read_colour_list(pm_arena *arena, const char *text, const char *option) {
  if (strpbrk(text, "./") || strcmp(text, "-") == 0)
    return pm_palette_read(arena, text);
  pm_palette list = {0};
  char *copy = pm_copy_text(arena, text);
  for (char *at = copy, *next; at; at = next) {
    unsigned char rgba[4];
    next = strchr(at, ',');
    if (next)
      *next++ = 0;
    read_colour(arena, at, option, rgba);
    if (pm_palette_find(&list, rgba) < list.count)
      continue;
    if (list.count == sizeof list.rgba / sizeof *list.rgba)
      pm_wrong_usage("%s: more than %zu colours", option, list.count);
    memcpy(list.rgba[list.count++], rgba, 4);
  }
  return list;
}
