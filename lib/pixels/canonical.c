#include "pixels/canonical.h"

#include "core/compare.h"
#include "core/file.h"
#include "core/tasks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLIPS = 4 };

/* One sprite, its colours as numbers 0 … colours - 1 in any order. */
typedef struct {
  size_t height, width, colours;
  uint32_t *pixel;     /* of the flip at hand */
  uint32_t *row_run;   /* [height, width]: equal pixels to the right, cyclic, at most width */
  size_t *flat_rows;   /* [height]: rows from here downwards, cyclic, that are all of one same colour */
  uint32_t *new_name;  /* [colours]: by first appearance from the candidate's corner */
  size_t *named_since; /* [colours]: number of the candidate that named it */
  size_t candidate;
} figure;

/* Numbers the colours of RGBA pixels. */
static size_t number_colours(pm_arena *arena, const unsigned char *rgba, uint32_t *pixel, size_t n) {
  uint32_t *sorted = pm_alloc(arena, n, sizeof *sorted);
  for (size_t p = 0; p < n; p++)
    memcpy(&pixel[p], rgba + 4 * p, 4);
  memcpy(sorted, pixel, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, pm_compare_u32);
  size_t colours = 0;
  for (size_t p = 0; p < n; p++)
    if (p == 0 || sorted[p] != sorted[p - 1])
      sorted[colours++] = sorted[p];
  for (size_t p = 0; p < n; p++)
    pixel[p] = (uint32_t)((uint32_t *)bsearch(&pixel[p], sorted, colours, sizeof *sorted, pm_compare_u32) - sorted);
  return colours;
}

static figure figure_of(pm_arena *arena, const pm_sprites *s, size_t i) {
  size_t n = s->height * s->width;
  figure f = {.height = s->height, .width = s->width, .colours = s->colours};
  f.pixel = pm_alloc(arena, n, sizeof *f.pixel);
  f.row_run = pm_alloc(arena, n, sizeof *f.row_run);
  f.flat_rows = pm_alloc(arena, f.height, sizeof *f.flat_rows);
  if (s->index)
    for (size_t p = 0; p < n; p++)
      f.pixel[p] = s->index[i * n + p];
  else
    f.colours = number_colours(arena, s->rgba + 4 * i * n, f.pixel, n);
  f.new_name = pm_alloc(arena, f.colours, sizeof *f.new_name);
  f.named_since = pm_alloc(arena, f.colours, sizeof *f.named_since);
  return f;
}

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t kept = *a;
  *a = *b;
  *b = kept;
}

static void flip_horizontally(figure *f) {
  for (size_t y = 0; y < f->height; y++)
    for (size_t x = 0; x < f->width / 2; x++)
      swap(&f->pixel[y * f->width + x], &f->pixel[y * f->width + f->width - 1 - x]);
}

static void flip_vertically(figure *f) {
  for (size_t y = 0; y < f->height / 2; y++)
    for (size_t x = 0; x < f->width; x++)
      swap(&f->pixel[y * f->width + x], &f->pixel[(f->height - 1 - y) * f->width + x]);
}

/* Twice round each row (and the rows) backwards, so that runs that wrap are whole. */
static void measure_runs(figure *f) {
  size_t w = f->width, h = f->height;
  for (size_t y = 0; y < h; y++) {
    const uint32_t *row = f->pixel + y * w;
    uint32_t *run = f->row_run + y * w;
    uint32_t length = 0;
    for (size_t k = 2 * w; k-- > 0;) {
      length = row[k % w] == row[(k + 1) % w] ? length + 1 : 1;
      run[k % w] = length < w ? length : (uint32_t)w;
    }
  }
  size_t rows = 0;
  for (size_t k = 2 * h; k-- > 0;) {
    size_t y = k % h, below = (k + 1) % h;
    if (f->row_run[y * w] < w)
      rows = 0;
    else
      rows = f->row_run[below * w] == w && f->pixel[y * w] == f->pixel[below * w] ? rows + 1 : 1;
    f->flat_rows[y] = rows < h ? rows : h;
  }
}

/* Equal pixels in reading order from the corner (y, x): the number of zeros that the form would begin with. */
static size_t leading_zeros(const figure *f, size_t y, size_t x) {
  size_t w = f->width, flat = f->flat_rows[y];
  if (flat == 0)
    return f->row_run[y * w + x];
  if (flat == f->height)
    return flat * w;
  size_t next = (y + flat) % f->height * w + x;
  return flat * w + (f->pixel[next] == f->pixel[y * w] ? f->row_run[next] : 0);
}

/* Puts the form from the corner (y0, x0) into `form` if it is less than what is there (or if nothing is, `first`). */
static void try_corner(figure *f, size_t y0, size_t x0, uint32_t *form, bool first) {
  uint32_t names = 0;
  size_t at = 0;
  f->candidate++;
  for (size_t y = 0; y < f->height; y++) {
    const uint32_t *row = f->pixel + (y0 + y < f->height ? y0 + y : y0 + y - f->height) * f->width;
    for (size_t x = 0; x < f->width; x++, at++) {
      uint32_t colour = row[x0 + x < f->width ? x0 + x : x0 + x - f->width];
      if (f->named_since[colour] != f->candidate) {
        f->named_since[colour] = f->candidate;
        f->new_name[colour] = names++;
      }
      uint32_t name = f->new_name[colour];
      if (!first && name > form[at])
        return;
      first |= name < form[at];
      form[at] = name; /* equal so far, or already known to be less */
    }
  }
}

size_t pm_canonical_form(pm_arena *arena, const pm_sprites *sprites, size_t i, uint32_t *form) {
  assert(i < sprites->count);
  figure f = figure_of(arena, sprites, i);
  size_t n = f.height * f.width, most = 0, colours = 0;
  /* The least form begins with the most zeros: only corners with the longest flat run need to be compared. */
  for (int flip = 0; flip < FLIPS; flip++) {
    measure_runs(&f);
    for (size_t y = 0; y < f.height; y++)
      for (size_t x = 0; x < f.width; x++) {
        size_t zeros = leading_zeros(&f, y, x);
        if (zeros < most)
          continue;
        if (zeros == n) {
          memset(form, 0, n * sizeof *form);
          return 1;
        }
        try_corner(&f, y, x, form, zeros > most);
        most = zeros;
      }
    flip_horizontally(&f);
    if (flip == 1)
      flip_vertically(&f);
  }
  for (size_t p = 0; p < n; p++)
    colours = form[p] >= colours ? form[p] + 1 : colours;
  return colours;
}

void pm_canonical_hash(const pm_sprites *sprites, size_t i, char hex[65]) {
  pm_arena *arena = pm_arena_new();
  size_t n = sprites->height * sprites->width, bytes = n;
  uint32_t *form = pm_alloc(arena, n, sizeof *form);
  unsigned char *packed = pm_alloc(arena, n, 4);
  if (pm_canonical_form(arena, sprites, i, form) <= 256) {
    for (size_t p = 0; p < n; p++)
      packed[p] = (unsigned char)form[p];
  } else {
    bytes = 4 * n;
    for (size_t b = 0; b < bytes; b++)
      packed[b] = (unsigned char)(form[b / 4] >> 8 * (b % 4));
  }
  pm_sha256(packed, bytes, hex);
  pm_arena_free(arena);
}

bool pm_held_out(const pm_sprites *sprites, size_t i, double share) {
  assert(share >= 0 && share <= 1);
  char hex[65];
  pm_canonical_hash(sprites, i, hex);
  hex[2] = 0;
  return strtol(hex, NULL, 16) < lround(256 * share);
}

typedef struct {
  const pm_sprites *sprites;
  double share;
  bool *flags;
} splitting;

static void split_one(void *context, size_t task, void *scratch) {
  (void)scratch;
  splitting *s = context;
  s->flags[task] = pm_held_out(s->sprites, task, s->share);
}

bool *pm_held_out_flags(pm_arena *arena, const pm_sprites *sprites, double share, size_t *held) {
  splitting s = {sprites, share, pm_alloc(arena, sprites->count, sizeof(bool))};
  if (lround(256 * share) > 0)
    pm_parallel_for(sprites->count, 0, split_one, &s);
  if (held) {
    *held = 0;
    for (size_t i = 0; i < sprites->count; i++)
      *held += s.flags[i];
  }
  return s.flags;
}

void pm_tensor_hash(const pm_tensor *tensor, char hex[65]) {
  pm_arena *arena = pm_arena_new();
  const char *head = pm_format(arena, "%s %s\n", pm_dtype_name(tensor->dtype), pm_shape_text(arena, tensor->shape));
  size_t length = strlen(head), bytes = pm_shape_count(tensor->shape) * pm_dtype_size(tensor->dtype);
  unsigned char *content = pm_alloc(arena, pm_add(NULL, length, bytes), 1);
  memcpy(content, head, length);
  memcpy(content + length, tensor->data, bytes);
  pm_sha256(content, length + bytes, hex);
  pm_arena_free(arena);
}

void pm_sprites_hash(const pm_sprites *sprites, char hex[65]) {
  pm_arena *arena = pm_arena_new();
  pm_tensor tensor = pm_sprites_to_tensor(arena, sprites);
  pm_tensor_hash(&tensor, hex);
  pm_arena_free(arena);
}
