#include "pixels/extract.h"

#include "core/compare.h"
#include "pixels/kmeans.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 100000, ITERATIONS = 50, RESTARTS = 3 };

/* A colour as 0xRRGGBB, and how often it occurs. */
typedef struct {
  uint32_t rgb;
  double count;
} counted;

static uint32_t packed(const unsigned char rgb[3]) {
  return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

/* Every opaque pixel's colour; *transparent is set if there are others. */
static uint32_t *opaque_pixels(pm_arena *arena, const pm_sprites *s, size_t *opaque, bool *transparent) {
  size_t n = s->count * s->height * s->width;
  uint32_t *rgb = pm_alloc(arena, n, sizeof *rgb);
  *opaque = 0;
  for (size_t p = 0; p < n; p++) {
    const unsigned char *colour = s->index ? s->palette[s->index[p]] : s->rgba + 4 * p;
    if (colour[3] >= PM_OPAQUE_FROM)
      rgb[(*opaque)++] = packed(colour);
  }
  *transparent = *opaque < n;
  return rgb;
}

/* The distinct ones among n colours (which get sorted) with their numbers. */
static counted *count_colours(pm_arena *arena, uint32_t *rgb, size_t n, size_t *distinct) {
  qsort(rgb, n, sizeof *rgb, pm_compare_u32);
  *distinct = 0;
  for (size_t p = 0; p < n; p++)
    *distinct += p == 0 || rgb[p] != rgb[p - 1];
  counted *colours = pm_alloc(arena, *distinct, sizeof *colours);
  size_t at = 0;
  for (size_t p = 0; p < n; p++) {
    at += p > 0 && rgb[p] != rgb[p - 1];
    colours[at].rgb = rgb[p];
    colours[at].count++;
  }
  return colours;
}

/* The k colours that k-means finds, rounded; two that round alike become one. */
static uint32_t *reduce(pm_arena *arena, const counted *colours, size_t n, size_t k, uint64_t seed, size_t *found) {
  float *points = pm_alloc(arena, pm_multiply(NULL, n, 3), sizeof *points);
  double *weights = pm_alloc(arena, n, sizeof *weights);
  for (size_t i = 0; i < n; i++) {
    for (int c = 0; c < 3; c++)
      points[3 * i + (size_t)c] = (float)(colours[i].rgb >> (16 - 8 * c) & 255);
    weights[i] = colours[i].count;
  }
  pm_kmeans_options options = {.clusters = k, .restarts = RESTARTS, .iterations = ITERATIONS, .seed = seed};
  pm_kmeans_result result = pm_kmeans(arena, points, weights, n, 3, options);
  uint32_t *rgb = pm_alloc(arena, result.clusters, sizeof *rgb);
  for (size_t i = 0; i < result.clusters; i++)
    for (int c = 0; c < 3; c++)
      rgb[i] = rgb[i] << 8 | (uint32_t)(result.centre[3 * i + (size_t)c] + 0.5);
  qsort(rgb, result.clusters, sizeof *rgb, pm_compare_u32);
  *found = 0;
  for (size_t i = 0; i < result.clusters; i++)
    if (i == 0 || rgb[i] != rgb[*found - 1])
      rgb[(*found)++] = rgb[i];
  return rgb;
}

/* Whole thousandths, so that sorting is exact. */
static uint32_t luminance(uint32_t rgb) {
  return 299 * (rgb >> 16) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255);
}

static int compare_luminance(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  uint32_t lx = luminance(x), ly = luminance(y);
  return lx != ly ? (lx > ly) - (lx < ly) : (x > y) - (x < y);
}

pm_palette pm_extract_palette(pm_arena *arena, const pm_sprites *sprites, size_t colours, uint64_t seed,
                              const char *place, pm_extract_report *report) {
  size_t opaque, distinct;
  bool transparent;
  uint32_t *pixels = opaque_pixels(arena, sprites, &opaque, &transparent);
  if (opaque == 0 && !transparent)
    pm_fail(PM_BAD_INPUT, place, "holds no pixels, expected sprites to take colours from");
  counted *counts = count_colours(arena, pixels, opaque, &distinct);
  size_t room = transparent ? 255 : 256, wanted = colours && colours < room ? colours : room;
  *report =
      (pm_extract_report){.exact = distinct <= wanted, .distinct = distinct + transparent, .transparent = transparent};

  size_t found = distinct;
  uint32_t *rgb = pixels;
  if (report->exact)
    for (size_t i = 0; i < distinct; i++)
      rgb[i] = counts[i].rgb;
  else {
    size_t n = distinct;
    if (distinct > MAX_POINTS) {
      n = MAX_POINTS;
      for (size_t i = 0; i < n; i++) /* of the sorted pixels, so that the sample has their distribution */
        counts[i] = (counted){pixels[(size_t)((double)opaque / MAX_POINTS * ((double)i + 0.5))], 1};
    }
    rgb = reduce(arena, counts, n, wanted, seed, &found);
  }
  qsort(rgb, found, sizeof *rgb, compare_luminance);

  pm_palette palette = {.count = transparent};
  for (size_t i = 0; i < found; i++, palette.count++) {
    const unsigned char rgba[4] = {(unsigned char)(rgb[i] >> 16), (unsigned char)(rgb[i] >> 8), (unsigned char)rgb[i],
                                   255};
    memcpy(palette.rgba[palette.count], rgba, 4);
  }
  return palette;
}
