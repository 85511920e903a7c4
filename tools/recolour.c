/* recolour: colours of sprites replaced by others. */
#include "pixels/recolour.h"
#include "core/options.h"
#include "pixels/array_file.h"
#include "pixels/colour_list.h"

#include <string.h>

typedef struct {
  const char *from, *to;
  pm_text_list map;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"from", 'f', PM_TEXT, offsetof(settings, from), NULL, 0, 0, NULL, "COLOURS",
     "the ramp (shades of one material) to replace: rrggbb divided by commas, or a palette file; default: all colours "
     "of the sprites"},
    {"to", 't', PM_TEXT, offsetof(settings, to), NULL, 0, 0, NULL, "COLOURS",
     "the ramp that takes its place, the same way"},
    {"map", 'm', PM_LIST, offsetof(settings, map), NULL, 0, 0, NULL, "OLD=NEW", "replace just this colour by that"},
    {0}};

static const pm_tool tool = {
    .name = "recolour",
    .summary = "sprites in other colours",
    .operands = "[SPRITES.npy|PICTURE.png|FOLDER]",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .max_operands = 1,
    .description =
        "Replaces the colours of one ramp by those of another by their lightness (L* of CIE 1976): the darkest becomes "
        "the darkest, the lightest the lightest, and what lies between is spread evenly, so that light and shade stay "
        "where they are. The same colour becomes the same colour everywhere, pixels in other colours and transparent "
        "ones stay as they are, and nothing is blended.\n\n"
        "Without --from all colours of the sprites are one ramp, so a whole palette takes the place of another.\n\n"
        "Writes |u1 [N,H,W,C], or with -o FILE.png a picture to look at: one sprite as it is, more enlarged 8 times "
        "with gaps "
        "(export-sprites writes a sheet to use).",
    .examples = "recolour --from 6b2a1a,b5472f,f08a5d --to 1d3557,457b9d,a8dadc sprites.npy -o blue.npy\n"
                "recolour --to gameboy.gpl sprites.npy | montage -o gameboy.png\n"
                "recolour --map ff0000=00ff00 --map 800000=008000 hero.png -o green.png",
};

/* Colours that the sprites have, in the order of their first pixels. */
static pm_palette all_colours(const pm_sprites *s, const char *place) {
  pm_palette all = {0};
  if (!s->colours)
    pm_fail(PM_BAD_INPUT, place, "more than 256 colours: too many for a ramp; name those to replace with --from");
  for (size_t k = 0; k < s->colours; k++)
    if (s->palette[k][3] != 0)
      memcpy(all.rgba[all.count++], s->palette[k], 4);
  return all;
}

static void one_colour(pm_arena *arena, const char *text, unsigned char rgba[4]) {
  const pm_palette one = pm_read_colour_list(arena, text, "--map");
  if (one.count != 1)
    pm_wrong_usage("--map: '%s' is not one colour", text);
  memcpy(rgba, one.rgba[0], 4);
}

static void add_pair(pm_arena *arena, pm_recolouring *how, const char *pair) {
  char *text = pm_copy_text(arena, pair), *equals = strchr(text, '=');
  if (!equals)
    pm_wrong_usage("--map: '%s' is not OLD=NEW, two colours", pair);
  *equals = 0;
  if (how->count == sizeof how->from / sizeof *how->from)
    pm_wrong_usage("--map: more than %zu colours to replace", how->count);
  one_colour(arena, text, how->from[how->count]);
  one_colour(arena, equals + 1, how->to[how->count]);
  for (size_t i = 0; i < how->count; i++)
    if (memcmp(how->from[i], how->from[how->count], 4) == 0)
      pm_wrong_usage("--map: '%s' is replaced twice", text);
  how->count++;
}

static pm_recolouring recolouring_of(pm_arena *arena, const settings *s, const pm_sprites *sprites, const char *place) {
  pm_recolouring how = {0};
  for (size_t i = 0; i < s->map.count; i++)
    add_pair(arena, &how, s->map.item[i]);
  if (!s->to)
    return how;
  const pm_palette from = s->from ? pm_read_colour_list(arena, s->from, "--from") : all_colours(sprites, place);
  const pm_palette to = pm_read_colour_list(arena, s->to, "--to");
  how = pm_recolour_ramp(&from, &to);
  if (!how.count)
    pm_wrong_usage("--from and --to need an opaque colour each");
  return how;
}

static void check_usage(const settings *s) {
  if (s->map.count && (s->from || s->to))
    pm_wrong_usage("--map names colours one by one, --from and --to ramps; they exclude each other");
  if (s->from && !s->to)
    pm_wrong_usage("--from needs --to: the ramp that takes its place");
  if (!s->map.count && !s->to)
    pm_wrong_usage("--to COLOURS or --map OLD=NEW is missing");
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  const char *path = *operands ? *operands : "-";
  check_usage(&s);
  pm_check_ending(s.common.output, PM_AS_ARRAY_OR_PICTURE);

  pm_sprites sprites = pm_sprites_read(arena, path);
  const pm_recolouring how = recolouring_of(arena, &s, &sprites, pm_path_name(path));
  const size_t changed = pm_recolour(arena, &sprites, &how);
  pm_say(0, "%s of %zu in another colour", pm_counted(arena, changed, "pixel"),
         sprites.count * sprites.height * sprites.width);

  const pm_tensor out = pm_sprites_to_tensor(arena, &sprites);
  pm_array_write(arena, s.common.output, &out);
  pm_arena_free(arena);
  return PM_DONE;
}
