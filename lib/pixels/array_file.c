#include "pixels/array_file.h"

#include "core/number.h"
#include "io/npy.h"
#include "pixels/montage.h"

static bool are_sprites(const pm_tensor *t) {
  const size_t *dim = t->shape.dim;
  return (t->dtype == PM_U8 || t->dtype == PM_F32) && t->shape.rank == 4 && dim[1] > 0 && dim[2] > 0 &&
         (dim[3] == 3 || dim[3] == 4);
}

/* As montage does it, enlarged less and then in longer rows until it fits. */
static pm_image lay_out(pm_arena *arena, const pm_sprites *sprites) {
  const pm_montage_group group = {NULL, *sprites};
  pm_montage_options look = {.scale = PM_MONTAGE_SCALE, .columns = PM_MONTAGE_COLUMNS, .gap = PM_MONTAGE_GAP};
  pm_parse_colour(PM_MONTAGE_BACKGROUND, look.background);
  if (sprites->count == 1)
    look = (pm_montage_options){.scale = 1, .columns = 1, .keep_alpha = true};
  while (!pm_montage_fits(&group, 1, look) && look.scale > 1)
    look.scale /= 2;
  while (!pm_montage_fits(&group, 1, look) && look.columns < (int64_t)sprites->count)
    look.columns *= 2;
  return pm_montage(arena, &group, 1, look);
}

static void write_picture(pm_arena *arena, const char *path, const pm_tensor *tensor) {
  if (!are_sprites(tensor))
    pm_fail(PM_WRONG_USAGE, path,
            "is the name of a picture, and what goes there is no sprites: an array %s %s, expected .npy",
            pm_dtype_name(tensor->dtype), pm_shape_text(arena, tensor->shape));
  if (tensor->shape.dim[0] == 0)
    pm_fail(PM_BAD_INPUT, path, "is to be a picture of sprites, and there are none");
  pm_sprites sprites = pm_sprites_from_tensor(arena, tensor, path);
  pm_image picture = lay_out(arena, &sprites);
  pm_output *output = pm_output_open(arena, path, true);
  pm_png_write(output, &picture, NULL);
  pm_output_commit(output);
}

void pm_array_write(pm_arena *arena, const char *path, const pm_tensor *tensor) {
  if (pm_names_picture(path)) {
    write_picture(arena, path, tensor);
    return;
  }
  pm_check_ending(path, are_sprites(tensor) ? PM_AS_ARRAY_OR_PICTURE : PM_AS_ARRAY);
  pm_npy_write_file(arena, path, tensor);
}
