#include "pixels/sprites.h"

#include "io/artwork.h"
#include "io/npy.h"
#include "io/palette.h"
#include "io/wrong_kind.h"
#include "pixels/arrays.h"
#include "pixels/folder.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* `count` pictures one below the other are one picture. */
static pm_sprites from_image(const pm_image *image, size_t count, size_t height, int channels) {
  return (pm_sprites){.count = count,
                      .height = height,
                      .width = image->width,
                      .channels = channels,
                      .colours = image->colours,
                      .palette = image->palette,
                      .index = image->index,
                      .rgba = image->rgba};
}

static void check_tensor(pm_arena *arena, const pm_tensor *tensor, const char *place) {
  static const char expected[] = "expected u8 or f32 [N, H, W, C], C = 3 or 4";
  bool real = tensor->dtype == PM_F64;
  pm_shape shape = tensor->shape;
  if (tensor->dtype != PM_U8 && tensor->dtype != PM_F32)
    pm_fail(PM_BAD_INPUT, place, "holds %s %s, %s: tensor convert --to %s makes such of it",
            pm_dtype_name(tensor->dtype), pm_shape_text(arena, shape), expected, real ? "f32" : "u8");
  if (shape.rank != 4 || (shape.dim[3] != 3 && shape.dim[3] != 4))
    pm_fail(PM_BAD_INPUT, place, "is an array %s, %s", pm_shape_text(arena, shape), expected);
  if (shape.dim[1] == 0 || shape.dim[2] == 0)
    pm_fail(PM_BAD_INPUT, place, "holds sprites of no pixels: %s, %s", pm_shape_text(arena, shape), expected);
}

static unsigned char to_byte(float value) {
  return value <= 0 ? 0 : value >= 1 ? 255 : (unsigned char)lrintf(value * 255);
}

/* Any of the two types and channel counts as RGBA bytes. */
static void to_rgba(unsigned char *rgba, const pm_tensor *tensor, const char *place) {
  size_t values = pm_shape_count(tensor->shape), channels = tensor->shape.dim[3], at;
  const unsigned char *bytes = tensor->data;
  const float *reals = tensor->data;
  if (!pm_tensor_is_finite(tensor, &at))
    pm_fail(PM_BAD_INPUT, place, "value %zu is not a finite number, expected 0 to 1", at);
  for (size_t i = 0; i < values; i++) {
    rgba[i / channels * 4 + i % channels] = tensor->dtype == PM_F32 ? to_byte(reals[i]) : bytes[i];
    if (channels == 3 && i % 3 == 2)
      rgba[i / 3 * 4 + 3] = 255;
  }
}

pm_sprites pm_sprites_from_tensor(pm_arena *arena, const pm_tensor *tensor, const char *place) {
  check_tensor(arena, tensor, place);
  const size_t *dim = tensor->shape.dim;
  pm_arena **scratch = pm_scratch_new(arena);
  size_t rows = pm_multiply(place, dim[0], dim[1]);
  unsigned char *rgba = pm_alloc(*scratch, pm_multiply(place, rows, dim[2]), 4);
  to_rgba(rgba, tensor, place);
  pm_image image = pm_image_from_rgba(arena, dim[2], rows, rgba);
  pm_scratch_free(scratch);
  return from_image(&image, dim[0], dim[1], (int)dim[3]);
}

/* Whether it holds a picture; if not, it is an .npy array. */
static bool holds_picture(pm_arena *arena, pm_input *input) {
  static const unsigned char npy[6] = "\x93NUMPY";
  unsigned char head[sizeof npy];
  size_t got = pm_input_peek(input, head, sizeof head);
  if (pm_artwork_begins(input))
    return true;
  if (got == 0 || memcmp(head, npy, got) != 0)
    pm_fail_wrong_kind(arena, input, "a NumPy array (.npy), a PNG picture or an Aseprite file");
  return false;
}

static pm_sprites read_picture(pm_arena *arena, pm_input *input) {
  size_t frames;
  pm_image image = pm_artwork_read(arena, input, &frames);
  return from_image(&image, frames, image.height / frames, pm_image_opaque(&image) ? 3 : 4);
}

/* Its pictures, a sprite each. */
static pm_sprites read_folder(pm_arena *arena, const char *folder) {
  pm_text_list paths = {0};
  pm_folder_append(arena, &paths, folder);
  pm_sprites *sets = pm_alloc(arena, paths.count, sizeof *sets);
  for (size_t i = 0; i < paths.count; i++)
    sets[i] = read_picture(arena, pm_input_open(arena, paths.item[i]));
  return pm_sprites_join(arena, sets, paths.item, paths.count);
}

pm_sprites pm_sprites_read(pm_arena *arena, const char *path) {
  if (pm_is_folder(path))
    return read_folder(arena, path);
  pm_input *input = pm_input_open(arena, path);
  if (holds_picture(arena, input))
    return read_picture(arena, input);
  pm_arena **scratch = pm_scratch_new(arena);
  pm_tensor tensor = pm_npy_read_input(*scratch, input);
  pm_sprites sprites = pm_sprites_from_tensor(arena, &tensor, pm_input_name(input));
  pm_array_warn_of_range(arena, &tensor, pm_input_name(input));
  pm_scratch_free(scratch);
  return sprites;
}

pm_tensor pm_sprites_read_array(pm_arena *arena, const char *path) {
  if (pm_is_folder(path)) {
    pm_sprites sprites = read_folder(arena, path);
    return pm_sprites_to_tensor(arena, &sprites);
  }
  pm_input *input = pm_input_open(arena, path);
  if (!holds_picture(arena, input))
    return pm_npy_read_input(arena, input);
  pm_sprites picture = read_picture(arena, input);
  return pm_sprites_to_tensor(arena, &picture);
}

size_t pm_sprites_colours(const pm_sprites *sprites, bool *transparent) {
  size_t distinct = 0, pixels = sprites->count * sprites->height * sprites->width;
  *transparent = false;
  for (size_t p = 0; !sprites->index && p < pixels; p++)
    *transparent |= sprites->rgba[4 * p + 3] < PM_OPAQUE_FROM;
  for (size_t k = 0; k < sprites->colours; k++) {
    const unsigned char *colour = sprites->palette[k];
    size_t earlier = 0;
    while (earlier < k &&
           (sprites->palette[earlier][3] < PM_OPAQUE_FROM || memcmp(sprites->palette[earlier], colour, 3)))
      earlier++;
    *transparent |= colour[3] < PM_OPAQUE_FROM;
    distinct += colour[3] >= PM_OPAQUE_FROM && earlier == k;
  }
  return distinct;
}

pm_tensor pm_sprites_to_tensor(pm_arena *arena, const pm_sprites *sprites) {
  size_t channels = (size_t)sprites->channels;
  pm_tensor tensor =
      pm_tensor_new(arena, PM_U8, pm_shape_of(4, sprites->count, sprites->height, sprites->width, channels));
  size_t pixels = sprites->count * sprites->height * sprites->width;
  unsigned char *to = tensor.data;
  for (size_t i = 0; i < pixels; i++)
    memcpy(to + i * channels, sprites->index ? sprites->palette[sprites->index[i]] : sprites->rgba + 4 * i, channels);
  return tensor;
}

pm_sprites pm_sprites_read_all(pm_arena *arena, char *const *operands) {
  size_t n = 0;
  while (operands[n])
    n++;
  if (n == 0)
    return pm_sprites_read(arena, "-");
  pm_sprites *sets = pm_alloc(arena, n, sizeof *sets);
  for (size_t i = 0; i < n; i++)
    sets[i] = pm_sprites_read(arena, operands[i]);
  return pm_sprites_join(arena, sets, (const char *const *)operands, n);
}

const char *pm_uncut_hint(size_t sprites) {
  return sprites == 1 ? "; a picture counts as one sprite: cut a sheet of tiles with slice-tiles first" : "";
}

/* Those behind number `first` whose size is none of the first one's either. */
static const char *other_misfits(pm_arena *arena, const pm_sprites *sets, const char *const *places, size_t first,
                                 size_t n) {
  enum { MOST_NAMED = 8 };
  const char *list = "";
  size_t misfits = 0;
  for (size_t k = first + 1; k < n; k++)
    if ((sets[k].height != sets[0].height || sets[k].width != sets[0].width) && misfits++ < MOST_NAMED)
      list = pm_format(arena, "%s%s%s", list, misfits > 1 ? ", " : "", places[k]);
  if (misfits == 0)
    return "";
  return pm_format(arena, "; nor do these fit: %s%s", list,
                   misfits > MOST_NAMED ? pm_format(arena, " and %zu more", misfits - MOST_NAMED) : "");
}

pm_sprites pm_sprites_join(pm_arena *arena, const pm_sprites *sets, const char *const *places, size_t n) {
  assert(n > 0);
  if (n == 1)
    return sets[0];
  size_t count = 0, height = sets[0].height, width = sets[0].width;
  int channels = 3;
  for (size_t k = 0; k < n; k++) {
    if (sets[k].height != height || sets[k].width != width)
      pm_fail(PM_BAD_INPUT, places[k], "holds sprites of %zu x %zu pixels, expected %zu x %zu as in %s%s",
              sets[k].width, sets[k].height, width, height, places[0], other_misfits(arena, sets, places, k, n));
    count = pm_add(places[k], count, sets[k].count);
    if (sets[k].channels > channels)
      channels = sets[k].channels;
  }
  size_t sprite = height * width, rows = pm_multiply(NULL, count, height);
  pm_arena **scratch = pm_scratch_new(arena);
  unsigned char *rgba = pm_alloc(*scratch, pm_multiply(NULL, rows, width), 4), *to = rgba;
  for (size_t k = 0; k < n; k++) {
    const pm_sprites *set = &sets[k];
    for (size_t i = 0; i < set->count * sprite; i++, to += 4)
      memcpy(to, set->index ? set->palette[set->index[i]] : set->rgba + 4 * i, 4);
  }
  pm_image image = pm_image_from_rgba(arena, width, rows, rgba);
  pm_scratch_free(scratch);
  return from_image(&image, count, height, channels);
}
