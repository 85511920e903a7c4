#include "eval/mirroring.h"

#include "core/random.h"
#include "io/palette.h"

#include <string.h>

enum {
  HALVINGS = 10,
  LEAST = 20, /* fewer sprites decide nothing */
  MOST_WINDOWS = 1 << 21
};

/* Measured (the mirrored mean, the largest of the halves): the built-in set, lit from the left, 0.151 and 0.028, and of
 * 60 of its sprites 0.25 and 0.16; Kenney's 1-Bit Pack 0.003 and 0.006, and of 60 of it 0.03 and 0.04. Less than FLOOR
 * does not matter: a training set that is half mirrored has patterns about a quarter of that away from its own. */
static const double FACTOR = 1.5, FLOOR = 0.01;

/* Opaque colours by their two highest bits, all transparent ones alike. */
static unsigned char coarse(const unsigned char *colour, size_t channels) {
  if (channels == 4 && colour[3] < PM_OPAQUE_FROM)
    return 64;
  return (unsigned char)(colour[0] >> 6 << 4 | colour[1] >> 6 << 2 | colour[2] >> 6);
}

/* 0 … n - 1 */
static uint32_t *numbers(pm_arena *arena, size_t n) {
  uint32_t *list = pm_alloc(arena, n, sizeof *list);
  for (size_t i = 0; i < n; i++)
    list[i] = (uint32_t)i;
  return list;
}

static unsigned char *mirror_images(pm_arena *arena, const pm_indexed *s) {
  unsigned char *out = pm_alloc(arena, s->count * s->height, s->width);
  for (size_t row = 0; row < s->count * s->height; row++)
    for (size_t x = 0; x < s->width; x++)
      out[row * s->width + x] = s->index[row * s->width + s->width - 1 - x];
  return out;
}

/* So many of the set that they have at most MOST_WINDOWS windows, drawn at random if that is not all. */
static pm_indexed part_of(pm_arena *arena, const pm_indexed *s) {
  const size_t sprite = s->height * s->width, most = MOST_WINDOWS / sprite + 1;
  if (s->count <= most)
    return *s;
  uint32_t *order = numbers(arena, s->count);
  pm_rng rng = pm_rng_start(1, "mirroring", 0);
  pm_rng_shuffle(&rng, order, s->count);
  unsigned char *index = pm_alloc(arena, most, sprite);
  for (size_t i = 0; i < most; i++)
    memcpy(index + i * sprite, s->index + order[i] * sprite, sprite);
  return (pm_indexed){most, s->height, s->width, index};
}

static void add(float *times, const pm_pattern_list *list, int set, const uint32_t *sprite, size_t n) {
  memset(times, 0, list->patterns * sizeof *times);
  for (size_t i = 0; i < n; i++)
    for (size_t w = 0; w < list->windows; w++)
      times[list->number[set][sprite[i] * list->windows + w]]++;
}

static pm_mirroring halve(pm_arena *arena, const pm_indexed *all) {
  pm_indexed plain = part_of(arena, all), mirrored = plain;
  const size_t n = plain.count, half = n / 2;
  mirrored.index = mirror_images(arena, &plain);
  pm_pattern_list list = pm_pattern_list_of(arena, &plain, &mirrored, 2);
  pm_mirroring m = {0};
  if (!list.windows || n < LEAST)
    return m;
  float *times[3];
  for (int k = 0; k < 3; k++)
    times[k] = pm_alloc(arena, list.patterns, sizeof(float));
  const double totals[2] = {(double)(half * list.windows), (double)((n - half) * list.windows)};
  for (uint64_t h = 0; h < HALVINGS; h++) {
    pm_rng rng = pm_rng_start(1, "halving", h);
    uint32_t *order = numbers(arena, n);
    pm_rng_shuffle(&rng, order, n);
    add(times[0], &list, 0, order, half);
    add(times[1], &list, 0, order + half, n - half);
    add(times[2], &list, 1, order + half, n - half);
    double halves = pm_divergence(times[0], times[1], list.patterns, totals[0], totals[1]);
    m.halves = halves > m.halves ? halves : m.halves;
    m.mirrored += pm_divergence(times[0], times[2], list.patterns, totals[0], totals[1]) / HALVINGS;
  }
  m.differs = m.mirrored > FLOOR && m.mirrored > FACTOR * m.halves;
  return m;
}

pm_mirroring pm_mirroring_test_pixels(pm_arena *arena, const unsigned char *pixels, size_t count, size_t height,
                                      size_t width, size_t channels) {
  const size_t n = count * height * width;
  unsigned char *index = channels == 1 ? NULL : pm_alloc(arena, n, 1);
  for (size_t p = 0; index && p < n; p++)
    index[p] = coarse(pixels + p * channels, channels);
  return halve(arena, &(pm_indexed){count, height, width, index ? index : pixels});
}

pm_mirroring pm_mirroring_test(pm_arena *arena, const pm_sprites *s, const bool *out) {
  const size_t sprite = s->height * s->width, channels = s->index ? 1 : 4;
  unsigned char *pixels = pm_alloc(arena, s->count * sprite, channels);
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (!out || !out[i])
      memcpy(pixels + channels * sprite * kept++, (s->index ? s->index : s->rgba) + channels * sprite * i,
             channels * sprite);
  return pm_mirroring_test_pixels(arena, pixels, kept, s->height, s->width, channels);
}
