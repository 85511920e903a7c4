/* draw-tilemaps: a data set of toy scenes, each a pure function of the seed and its number. */
#include "core/options.h"
#include "io/npy.h"
#include "pixels/tilemaps.h"

typedef struct {
  int64_t count, first;
  const char *labels;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"count", 'n', PM_INTEGER, offsetof(settings, count), "2000", 1, 1000000, NULL, "N", "number of maps"},
    {"first", 0, PM_INTEGER, offsetof(settings, first), "0", 0, 1e15, NULL, "N", "number of the first map"},
    {"labels", 0, PM_TEXT, offsetof(settings, labels), NULL, 0, 0, NULL, "FILE",
     "write the themes, too: i4 [N], 0 cave, 1 island, 2 skyline"},
    {0}};

static const pm_tool tool = {
    .name = "draw-tilemaps",
    .summary = "a data set of toy tilemaps",
    .operands = "",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED,
    .common_offset = offsetof(settings, common),
    .description = "Draws scenes of 8 x 8 flat tiles, 4 x 4 pixels each, in six colours, and writes them as one .npy "
                   "array of bytes, [N, 32, 32, 3]. Map number i depends on the seed and on i alone.\n\n"
                   "Each map has one of three themes with equal chances: a cave of scattered walls with a pool, an "
                   "island around a lake with rocks, or a skyline of buildings with lights.",
    .examples = "draw-tilemaps -n 2000 -s 1 -o tilemaps.npy\n"
                "draw-tilemaps -n 64 | montage --scale 4 -o tilemaps.png",
};

static void write_array(pm_arena *arena, const char *path, const pm_tensor *tensor) {
  pm_output *output = pm_output_open(arena, path, true);
  pm_npy_write(output, tensor);
  pm_output_commit(output);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  pm_options_parse(arena, &tool, argc, argv, &s, NULL);

  size_t n = (size_t)s.count;
  pm_tensor themes = pm_tensor_new(arena, PM_I32, pm_shape_of(1, n));
  pm_sprites maps = pm_tilemaps(arena, s.common.seed, (uint64_t)s.first, n, themes.data);
  pm_tensor pixels = pm_sprites_to_tensor(arena, &maps);

  if (s.labels)
    write_array(arena, s.labels, &themes);
  write_array(arena, s.common.output, &pixels);
  pm_arena_free(arena);
  return PM_DONE;
}
