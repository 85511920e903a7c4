#include "pixels/snap.h"

#include "core/tasks.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 4096 /* pixels of one task */ };

typedef struct {
  double sum, largest;
  uint64_t off;
} partial;

typedef struct {
  pm_tensor sprites;
  size_t pixels, channels;
  const pm_palette *opaque;
  unsigned char *out;
  partial *parts; /* one a task, so that sums are added in the same order at any number of threads */
} snapping;

void pm_snap_check(pm_arena *arena, const pm_tensor *sprites, const char *place) {
  const pm_shape *shape = &sprites->shape;
  if ((sprites->dtype != PM_U8 && sprites->dtype != PM_F32) || shape->rank != 4 ||
      (shape->dim[3] != 3 && shape->dim[3] != 4))
    pm_fail(PM_BAD_INPUT, place, "holds %s %s, expected sprites: u8 or f32 [N, H, W, 3 or 4]",
            pm_dtype_name(sprites->dtype), pm_shape_text(arena, *shape));
  size_t at;
  if (!pm_tensor_is_finite(sprites, &at))
    pm_fail(PM_BAD_INPUT, place, "value %zu is not a finite number, expected colours from 0 to 1", at);
}

/* Channel c of a pixel, from 0 to 255. */
static float channel(const snapping *s, size_t at) {
  if (s->sprites.dtype == PM_U8)
    return ((const unsigned char *)s->sprites.data)[at];
  float value = ((const float *)s->sprites.data)[at];
  return value > 0.0f ? (value < 1.0f ? value * 255.0f : 255.0f) : 0.0f; /* what is no number ends up as 0 */
}

/* Writes the pixel's new colour; returns the distance to it. */
static double snap_pixel(const snapping *s, const float rgba[4], unsigned char colour[4]) {
  if (rgba[3] < (float)PM_OPAQUE_FROM) {
    memset(colour, 0, 4);
    return rgba[3];
  }
  float in_rgb, lacking = 255.0f - rgba[3];
  const float opaque[4] = {rgba[0], rgba[1], rgba[2], 255.0f};
  memcpy(colour, s->opaque->rgba[pm_palette_nearest(s->opaque, opaque, &in_rgb)], 4);
  return sqrt((double)in_rgb * in_rgb + (double)lacking * lacking);
}

static void snap_chunk(void *context, size_t task, void *scratch) {
  (void)scratch;
  const snapping *s = context;
  size_t first = task * CHUNK, last = first + CHUNK < s->pixels ? first + CHUNK : s->pixels;
  partial part = {0};
  float before[4] = {-1, -1, -1, -1}, rgba[4];
  unsigned char colour[4] = {0};
  double distance = 0;
  for (size_t p = first; p < last; p++) {
    rgba[3] = 255.0f;
    for (size_t c = 0; c < s->channels; c++)
      rgba[c] = channel(s, p * s->channels + c);
    if (memcmp(rgba, before, sizeof rgba) != 0) { /* neighbours often have the same colour */
      distance = snap_pixel(s, rgba, colour);
      memcpy(before, rgba, sizeof rgba);
    }
    memcpy(s->out + p * s->channels, colour, s->channels);
    part.sum += distance;
    part.off += distance > 0.5;
    if (distance > part.largest)
      part.largest = distance;
  }
  s->parts[task] = part;
}

static pm_palette opaque_colours(const pm_palette *palette) {
  pm_palette opaque = {0};
  for (size_t i = 0; i < palette->count; i++)
    if (palette->rgba[i][3] >= PM_OPAQUE_FROM)
      memcpy(opaque.rgba[opaque.count++], palette->rgba[i], 4);
  if (opaque.count == 0)
    pm_fail(PM_BAD_INPUT, NULL, "the palette holds no opaque colour, expected at least one");
  return opaque;
}

void pm_snap(pm_tensor sprites, const pm_palette *palette, unsigned char *out, pm_snap_report *report) {
  pm_palette opaque = opaque_colours(palette);
  pm_arena *arena = pm_arena_new();
  size_t channels = sprites.shape.dim[3], pixels = pm_shape_count(sprites.shape) / channels;
  size_t tasks = (pixels + CHUNK - 1) / CHUNK;
  snapping s = {sprites, pixels, channels, &opaque, out, pm_alloc(arena, tasks, sizeof(partial))};
  pm_parallel_for(tasks, 0, snap_chunk, &s);
  pm_snap_report sum = {.pixels = pixels};
  for (size_t t = 0; t < tasks; t++) {
    sum.off += s.parts[t].off;
    sum.mean += s.parts[t].sum;
    if (s.parts[t].largest > sum.largest)
      sum.largest = s.parts[t].largest;
  }
  if (pixels)
    sum.mean /= (double)pixels;
  if (report)
    *report = sum;
  pm_arena_free(arena);
}
