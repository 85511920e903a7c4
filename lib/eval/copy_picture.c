#include "eval/copy_picture.h"

#include "pixels/montage.h"

#include <stdlib.h>
#include <string.h>

enum {
  BESIDE = PM_COPY_PICTURE_BESIDE,
  BLOCK = BESIDE + 3, /* a sample, a gap, its neighbours, a gap */
  BLOCKS = 3,         /* in a row */
  LEAST_SIDE = 128,   /* of a sprite in the picture, about */
};

typedef struct {
  size_t index;
  double distance;
  bool copy;
} ranked;

static int by_nearness(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  int order = y->copy - x->copy;
  if (order == 0)
    order = (x->distance > y->distance) - (x->distance < y->distance);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static void put(unsigned char *rgba, size_t place, const pm_sprites *sprites, size_t i) {
  size_t pixels = sprites->height * sprites->width;
  for (size_t p = 0; p < pixels; p++)
    memcpy(rgba + 4 * (place * pixels + p), pm_sprites_pixel(sprites, i, 0, p), 4);
}

/* Places of `n` blocks, without the gap that would end each row. */
static pm_sprites lay_out(pm_arena *arena, const ranked *rank, size_t n, const pm_score_set *samples,
                          const pm_score_reference *reference, const pm_figures *figures) {
  const pm_sprites *training = &reference->training.sprites;
  size_t columns = BLOCK * BLOCKS - 1, places = n ? (n - 1) / BLOCKS * columns + ((n - 1) % BLOCKS + 1) * BLOCK - 1 : 0;
  pm_tensor cells = pm_tensor_new(arena, PM_U8, pm_shape_of(4, places, training->height, training->width, (size_t)4));
  double *distance = pm_alloc(arena, training->count, sizeof *distance);
  ranked *near = pm_alloc(arena, training->count, sizeof *near);
  for (size_t k = 0; k < n; k++) {
    size_t place = k / BLOCKS * columns + k % BLOCKS * BLOCK;
    put(cells.data, place, &samples->sprites, rank[k].index);
    pm_figure_distances(figures, rank[k].index, reference->figures, distance);
    for (size_t t = 0; t < training->count; t++)
      near[t] = (ranked){t, distance[t], false};
    qsort(near, training->count, sizeof *near, by_nearness);
    for (size_t b = 0; b < BESIDE && b < training->count; b++)
      put(cells.data, place + 2 + b, training, near[b].index);
  }
  return pm_sprites_from_tensor(arena, &cells, samples->place);
}

pm_image pm_copy_picture(pm_arena *arena, const pm_score_set *samples, const pm_score_reference *reference,
                         const pm_nearest *nearest, size_t wanted) {
  size_t n = samples->sprites.count, copies = 0;
  ranked *rank = pm_alloc(arena, n, sizeof *rank);
  for (size_t i = 0; i < n; i++)
    rank[i] = (ranked){i, nearest[i].distance, pm_is_copy(&nearest[i])};
  qsort(rank, n, sizeof *rank, by_nearness);
  wanted = wanted < n ? wanted : n;
  while (copies < wanted && rank[copies].copy)
    copies++;
  pm_indexed indexed = pm_score_indexed(arena, samples, &reference->palette);
  const pm_figures *figures = pm_figures_new(arena, &indexed);

  const char *intro = "Each sample, and beside it the three training sprites nearest to it, whichever way round and in "
                      "whatever colours. ";
  pm_montage_group group[2] = {
      {pm_format(arena, "%sCopies: %zu of %zu", intro, copies, wanted),
       lay_out(arena, rank, copies, samples, reference, figures)},
      {pm_format(arena, "%sNo copies: %zu of %zu, the nearest first", copies ? "" : intro, wanted - copies, wanted),
       lay_out(arena, rank + copies, wanted - copies, samples, reference, figures)}};
  size_t first = copies ? 0 : 1, groups = wanted > copies ? 2 - first : 1;
  size_t side = samples->sprites.height > samples->sprites.width ? samples->sprites.height : samples->sprites.width;
  pm_montage_options look = {.scale = side < LEAST_SIDE / 2 ? (int64_t)(LEAST_SIDE / 2 / side) : 1,
                             .columns = BLOCK * BLOCKS - 1,
                             .gap = 1,
                             .background = {0x3a, 0x3a, 0x44}};
  return pm_montage(arena, group + first, groups, look);
}
