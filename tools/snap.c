/* snap: sprites to the colours of a palette. */
#include "pixels/snap.h"
#include "core/options.h"
#include "pixels/array_file.h"
#include "pixels/arrays.h"
#include "pixels/sprites.h"

#include <string.h>

typedef struct {
  const char *palette;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"palette", 'p', PM_TEXT, offsetof(settings, palette), NULL, 0, 0, NULL, "PALETTE",
     "the colours: .gpl, .hex, .pal, .txt (paint.net), .act, .ase, .aseprite or .png; must be given"},
    {0}};

static const pm_tool tool = {
    .name = "snap",
    .summary = "sprites to the colours of a palette",
    .operands = "[SPRITES.npy|PICTURE.png|FOLDER]",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_THREADS,
    .common_offset = offsetof(settings, common),
    .max_operands = 1,
    .description =
        "Gives each pixel the palette's colour that is nearest in RGB, and writes the sprites as a .npy array of "
        "bytes, or with -o FILE.png as a picture: one sprite as it is, more as montage lays them out. Prints on "
        "standard error how far the pixels were from the palette: the share that was off it (by more than half a "
        "level of 255), the mean and the largest distance.\n\n"
        "Pixels with alpha below 128 become fully transparent, all others opaque.",
    .examples = "snap --palette palette.gpl samples.npy -o snapped.npy\n"
                "sample model.safetensors -n 64 | snap --palette palette.gpl | montage -o grid.png",
};

/* Floats stay as they are, so that the report sees them before they are rounded. */
static pm_tensor read_sprites(pm_arena *arena, const char *path) {
  pm_tensor tensor = pm_sprites_read_array(arena, path);
  pm_snap_check(arena, &tensor, path);
  pm_array_warn_of_range(arena, &tensor, pm_path_name(path));
  return tensor;
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  const char *path = *operands ? *operands : "-";
  if (!s.palette)
    pm_wrong_usage("--palette FILE is missing");
  if (strcmp(path, "-") == 0 && strcmp(s.palette, "-") == 0)
    pm_wrong_usage("sprites and palette cannot both come from standard input");

  pm_check_ending(s.common.output, PM_AS_ARRAY_OR_PICTURE);

  pm_palette palette = pm_palette_read(arena, s.palette);
  pm_tensor sprites = read_sprites(arena, path);

  pm_tensor snapped = pm_tensor_new(arena, PM_U8, sprites.shape);
  pm_snap_report r;
  pm_snap(sprites, &palette, snapped.data, &r);
  pm_say(0, "%s: %.2f %% off the palette, mean distance %.3f, largest %.3f", pm_counted(arena, r.pixels, "pixel"),
         r.pixels ? 100.0 * (double)r.off / (double)r.pixels : 0.0, r.mean, r.largest);

  pm_array_write(arena, s.common.output, &snapped);
  pm_arena_free(arena);
  return PM_DONE;
}
