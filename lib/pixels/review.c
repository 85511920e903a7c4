#include "pixels/review.h"

#include "core/file.h"
#include "core/tasks.h"
#include "io/palette.h"
#include "pixels/blocks.h"
#include "pixels/canonical.h"

#include <stdlib.h>
#include <string.h>

enum { HASH = 65 };

/* ---- colours ---- */

static int compare_rgb(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Keeps the list of the rarest in order. */
static void note_rare(pm_review *r, pm_rare_colour colour) {
  size_t at = r->rare < PM_RARE_LISTED ? r->rare : PM_RARE_LISTED;
  r->rare++;
  while (at > 0 && r->rare_first[at - 1].pixels > colour.pixels) {
    if (at < PM_RARE_LISTED)
      r->rare_first[at] = r->rare_first[at - 1];
    at--;
  }
  if (at < PM_RARE_LISTED)
    r->rare_first[at] = colour;
}

static void review_colours(pm_arena *arena, const pm_sprites *s, pm_review *r) {
  size_t pixels = s->count * s->height * s->width, opaque = 0;
  uint32_t *rgb = pm_alloc(arena, pixels, sizeof *rgb);
  for (size_t p = 0; p < pixels; p++) {
    const unsigned char *colour = pm_sprites_pixel(s, 0, 0, p);
    r->half_transparent += colour[3] > 0 && colour[3] < 255;
    if (colour[3] >= PM_OPAQUE_FROM)
      rgb[opaque++] = (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2];
  }
  r->transparent = opaque < pixels;
  qsort(rgb, opaque, sizeof *rgb, compare_rgb);
  for (size_t p = 0, next; p < opaque; p = next) {
    for (next = p + 1; next < opaque && rgb[next] == rgb[p];)
      next++;
    r->colours++;
    if (next - p <= PM_RARE_PIXELS)
      note_rare(r, (pm_rare_colour){rgb[p], next - p});
  }
}

static size_t count_empty(const pm_sprites *s) {
  size_t pixels = s->height * s->width, empty = 0;
  for (size_t i = 0; i < s->count; i++) {
    size_t p = 0;
    while (p < pixels && pm_sprites_pixel(s, i, 0, p)[3] < PM_OPAQUE_FROM)
      p++;
    empty += p == pixels;
  }
  return empty;
}

static size_t block_side(const pm_sprites *s) {
  const pm_image all = {.width = s->width,
                        .height = s->count * s->height,
                        .colours = s->colours,
                        .palette = s->palette,
                        .index = s->index,
                        .rgba = s->rgba};
  return pm_block_side(&all, s->height);
}

/* ---- sprites that go with others: equal hashes, of the pixels or of the canonical form ---- */

typedef struct {
  char hash[HASH];
  size_t sprite;
} hashed;

static int compare_hashed(const void *a, const void *b) {
  const hashed *x = a, *y = b;
  int order = strcmp(x->hash, y->hash);
  return order ? order : (x->sprite > y->sprite) - (x->sprite < y->sprite);
}

typedef struct {
  const pm_sprites *sprites;
  hashed *exact, *canonical;
} hashing;

static void hash_one(void *context, size_t task, void *scratch) {
  (void)scratch;
  hashing *h = context;
  const pm_sprites *s = h->sprites;
  size_t pixels = s->height * s->width;
  h->exact[task].sprite = h->canonical[task].sprite = task;
  if (s->index)
    pm_sha256(s->index + task * pixels, pixels, h->exact[task].hash);
  else
    pm_sha256(s->rgba + 4 * task * pixels, 4 * pixels, h->exact[task].hash);
  pm_canonical_hash(s, task, h->canonical[task].hash);
}

/* first[i]: the first sprite with sprite i's hash. Sorts the list. */
static size_t *first_of_each(pm_arena *arena, hashed *list, size_t n) {
  size_t *first = pm_alloc(arena, n, sizeof *first);
  if (n)
    qsort(list, n, sizeof *list, compare_hashed);
  for (size_t k = 0; k < n; k++) {
    bool again = k > 0 && strcmp(list[k].hash, list[k - 1].hash) == 0;
    first[list[k].sprite] = again ? first[list[k - 1].sprite] : list[k].sprite;
  }
  return first;
}

static void review_likeness(pm_arena *arena, const pm_sprites *s, pm_review *r) {
  hashing h = {s, pm_alloc(arena, s->count, sizeof(hashed)), pm_alloc(arena, s->count, sizeof(hashed))};
  pm_parallel_for(s->count, 0, hash_one, &h);
  const size_t *equal = first_of_each(arena, h.exact, s->count), *like = first_of_each(arena, h.canonical, s->count);
  for (size_t i = 0; i < s->count; i++) {
    if (equal[i] != i) {
      if (r->copies++ == 0)
        r->copy = (pm_sprite_pair){i, equal[i]};
    } else if (like[i] != i) {
      if (r->alike++ == 0)
        r->likeness = (pm_sprite_pair){i, like[i]};
    }
  }
}

pm_review pm_sprites_review(pm_arena *arena, const pm_sprites *sprites) {
  pm_review r = {.empty = count_empty(sprites), .block = block_side(sprites)};
  review_colours(arena, sprites, &r);
  review_likeness(arena, sprites, &r);
  return r;
}
