#include "train/hint_request.h"

#include "core/fail.h"
#include "core/options.h"
#include "pixels/arrays.h"
#include "pixels/colour_list.h"
#include "pixels/indices.h"
#include "pixels/sprites.h"
#include "train/likeliest_class.h"

#include <string.h>

bool pm_hints_weigh(const pm_hint_request *r) {
  return r->hints || r->from || r->silhouette;
}

bool pm_hints_asked(const pm_hint_request *r) {
  return pm_hints_weigh(r) || r->lock || r->palette_only || r->symmetric;
}

/* ---- files ---- */

/* N pictures as masks, or maps of codes, all of the model's size; `place` names the file. */
typedef struct {
  const char *place;
  size_t count;
  int32_t *pixel; /* [count,H,W] */
} maps;

static void check_size(const pm_sprite_format *f, size_t height, size_t width, const char *place) {
  if (height != f->height || width != f->width)
    pm_fail(PM_BAD_INPUT, place, "pictures of %zu x %zu pixels; the model draws %zu x %zu", width, height, f->width,
            f->height);
}

static bool whole_numbers(const pm_tensor *array) {
  return array->dtype != PM_F32 && array->shape.rank <= 3;
}

/* Whole numbers [N,H,W] or [H,W]. */
static maps numbers_as_maps(pm_arena *arena, const pm_sprite_format *f, const pm_tensor *array, const char *place) {
  const size_t rank = array->shape.rank, *d = array->shape.dim;
  if (rank < 2)
    pm_fail(PM_BAD_INPUT, place, "%s; expected [N,%zu,%zu]", pm_shape_text(arena, array->shape), f->height, f->width);
  check_size(f, d[rank - 2], d[rank - 1], place);
  pm_tensor codes = pm_array_convert(arena, array, PM_I32, false, place);
  return (maps){place, rank == 3 ? d[0] : 1, codes.data};
}

static bool has_transparency(const pm_sprites *s) {
  for (size_t i = 0; i < s->count * s->height * s->width; i++)
    if (pm_sprites_pixel(s, 0, 0, i)[3] < PM_OPAQUE_FROM)
      return true;
  return false;
}

static bool is_colour(const pm_sprites *s, size_t i, const unsigned char rgb[3]) {
  return memcmp(pm_sprites_pixel(s, 0, 0, i), rgb, 3) == 0;
}

static bool has_colour(const pm_sprites *s, const unsigned char rgb[3]) {
  for (size_t i = 0; i < s->count * s->height * s->width; i++)
    if (is_colour(s, i, rgb))
      return true;
  return false;
}

/* 1 where pictures are set, else 0: where they are opaque; those without transparency, where they are not `unset`. */
static maps pictures_as_masks(pm_arena *arena, const pm_sprites *s, const unsigned char unset[3], const char *place) {
  const bool by_alpha = has_transparency(s);
  const size_t pixels = s->count * s->height * s->width;
  maps m = {place, s->count, pm_alloc(arena, pixels, sizeof *m.pixel)};
  for (size_t i = 0; i < pixels; i++)
    m.pixel[i] = by_alpha ? pm_sprites_pixel(s, 0, 0, i)[3] >= PM_OPAQUE_FROM : !is_colour(s, i, unset);
  return m;
}

/* `background`: a colour that is not set where the pictures have it, or NULL. */
static maps read_masks(pm_arena *arena, const pm_sprite_format *f, const char *path, const unsigned char *background) {
  static const unsigned char black[3];
  const char *place = pm_path_name(path);
  const pm_tensor array = pm_sprites_read_array(arena, path);
  if (whole_numbers(&array))
    return numbers_as_maps(arena, f, &array, place);
  const pm_sprites s = pm_sprites_from_tensor(arena, &array, place);
  check_size(f, s.height, s.width, place);
  return pictures_as_masks(arena, &s, background && has_colour(&s, background) ? background : black, place);
}

/* ---- fixing pixels ---- */

typedef struct {
  pm_arena *arena;
  const pm_model_facts *model;
  const pm_sprite_format *f;
  size_t pixels; /* of a sprite */
  pm_hints hints;
} work;

PM_NORETURN static void fail_at(const work *w, const char *place, size_t map, size_t pixel, const char *what) {
  pm_fail(PM_BAD_INPUT, place, "picture %zu, row %zu, column %zu: %s", map, pixel / w->f->width, pixel % w->f->width,
          what);
}

/* The palette index of a pixel of a picture. What is transparent is background to a model without transparency. */
static int32_t index_of(const work *w, const pm_sprites *s, size_t map, size_t pixel, const char *place) {
  const unsigned char *colour = pm_sprites_pixel(s, map, 0, pixel);
  size_t k = pm_palette_find(&w->model->palette, colour);
  if (k == w->model->palette.count && colour[3] < PM_OPAQUE_FROM)
    k = (size_t)pm_background_of(w->f);
  if (k == w->model->palette.count)
    fail_at(w, place, map, pixel,
            pm_format(w->arena, "%02x%02x%02x%02x is none of the model's %zu colours; snap the picture first",
                      colour[0], colour[1], colour[2], colour[3], w->model->palette.count));
  return (int32_t)k;
}

static pm_sprites read_pictures(const work *w, const char *path) {
  pm_sprites s = pm_sprites_read(w->arena, path);
  check_size(w->f, s.height, s.width, pm_path_name(path));
  return s;
}

/* The set pixels of pictures; of each sprite's own picture and mask. */
static void lock_pixels(work *w, const pm_sprites *s, const char *place, const maps *lock) {
  for (size_t i = 0; i < w->hints.count; i++)
    for (size_t p = 0; p < w->pixels; p++)
      if (lock->pixel[i % lock->count * w->pixels + p])
        w->hints.pixel[i * w->pixels + p] = index_of(w, s, i % s->count, p, place);
}

static void take_codes(work *w, const maps *codes) {
  for (size_t i = 0; i < w->hints.count * w->pixels; i++)
    w->hints.pixel[i] = codes->pixel[i % (codes->count * w->pixels)];
}

static void take_hints(work *w, const pm_hint_request *r) {
  const char *place = pm_path_name(r->hints);
  const pm_tensor array = pm_sprites_read_array(w->arena, r->hints);
  if (whole_numbers(&array)) {
    if (r->lock)
      pm_wrong_usage("--lock says which pixels of a picture are kept; numbers in --hints say it themselves");
    maps codes = numbers_as_maps(w->arena, w->f, &array, place);
    take_codes(w, &codes);
    return;
  }
  if (!r->lock)
    pm_wrong_usage("--hints with a picture needs --lock MASK: which of its pixels are kept");
  const pm_sprites s = pm_sprites_from_tensor(w->arena, &array, place);
  check_size(w->f, s.height, s.width, place);
  maps lock = read_masks(w->arena, w->f, r->lock, NULL);
  lock_pixels(w, &s, place, &lock);
}

static void take_silhouette(work *w, const char *path) {
  const int32_t background = pm_background_of(w->f);
  const maps shape = read_masks(w->arena, w->f, path, w->model->palette.rgba[background]);
  for (size_t i = 0; i < w->hints.count; i++)
    for (size_t p = 0; p < w->pixels; p++) {
      const bool inside = shape.pixel[i % shape.count * w->pixels + p];
      int32_t *hint = w->hints.pixel + i * w->pixels + p;
      const bool clash = inside ? *hint == background || *hint == PM_HINT_BACKGROUND
                                : *hint == PM_HINT_NOT_BACKGROUND || (*hint >= 0 && *hint != background);
      if (clash)
        fail_at(w, shape.place, i % shape.count, p,
                inside ? "inside the silhouette, but fixed to the background"
                       : "outside the silhouette, but fixed to something else than the background");
      if (*hint < 0)
        *hint = pm_hint_of_shape(inside);
    }
}

/* The sprites that are varied. */
typedef struct {
  const work *work;
  const pm_sprites *sprites;
  const char *place;
} varied;

static int32_t varied_index(const void *context, size_t sprite, size_t pixel) {
  const varied *v = context;
  return index_of(v->work, v->sprites, sprite % v->sprites->count, pixel, v->place);
}

static void take_from(work *w, const pm_hint_request *r, const pm_sprites *s) {
  if (!r->lock)
    return;
  maps lock = read_masks(w->arena, w->f, r->lock, NULL);
  lock_pixels(w, s, pm_path_name(r->from), &lock);
}

/* ---- colours ---- */

static void allow_colour(work *w, const unsigned char rgba[4], const char *place) {
  size_t k = pm_palette_find(&w->model->palette, rgba);
  if (k == w->model->palette.count)
    pm_fail(PM_BAD_INPUT, place, "%02x%02x%02x%02x is none of the model's %zu colours", rgba[0], rgba[1], rgba[2],
            rgba[3], w->model->palette.count);
  w->hints.banned[k] = 0;
}

static void ban_others(work *w, const char *colours) {
  const pm_palette some = pm_read_colour_list(w->arena, colours, "--palette-only");
  w->hints.banned = pm_alloc(w->arena, w->f->colours, 1);
  memset(w->hints.banned, 1, w->f->colours);
  for (size_t k = 0; k < some.count; k++)
    allow_colour(w, some.rgba[k], "--palette-only");
}

/* ---- all of it ---- */

static void check_usage(const pm_hint_request *r) {
  if (r->hints && r->from)
    pm_wrong_usage("--hints and --from exclude each other: both say what the pixels are");
  if (r->lock && !r->hints && !r->from)
    pm_wrong_usage("--lock says which pixels are kept; of what, --from SPRITES says");
}

pm_hinted pm_hints_make(pm_arena *arena, const pm_hint_request *r, const pm_model_facts *model, size_t n,
                        uint64_t seed) {
  const pm_sprite_format *f = &model->format;
  work w = {arena, model, f, f->height * f->width, pm_hints_new(arena, f, n)};
  pm_sprites from = {0};
  check_usage(r);
  if (r->hints)
    take_hints(&w, r);
  if (r->from) {
    from = read_pictures(&w, r->from);
    take_from(&w, r, &from);
  }
  if (r->silhouette)
    take_silhouette(&w, r->silhouette);
  pm_hints_check(&w.hints, f, "hints"); /* also what numbers in a file say */
  if (r->symmetric)
    pm_hints_mirror(&w.hints, f, "--symmetric");
  pm_hints_check_unfixed(&w.hints, f);
  if (r->from)
    pm_hints_keep(&w.hints, f, r->strength, seed, 0, varied_index, &(varied){&w, &from, pm_path_name(r->from)});
  if (r->palette_only)
    ban_others(&w, r->palette_only);
  pm_hints_check(&w.hints, f, "hints");
  return (pm_hinted){w.hints, from};
}

/* ---- classes ---- */

void pm_hints_classify(pm_arena *arena, pm_hinted *hinted, const pm_model_facts *model, const pm_method *method,
                       pm_inference *inference) {
  const pm_sprites *s = &hinted->from;
  const size_t classes = model->format.classes, n = hinted->hints.count, some = s->count < n ? s->count : n;
  if (!s->count || !classes || !method->bits_are_exact)
    return;
  unsigned char *indices = pm_alloc(arena, s->count * s->height * s->width, 1);
  int32_t *likeliest = pm_alloc(arena, n, sizeof *likeliest);
  const size_t background = (size_t)pm_background_of(&model->format);
  if (pm_sprites_index(indices, s, &model->palette, PM_OPAQUE_FROM, background) < s->count * s->height * s->width)
    return;
  pm_likeliest_classes(likeliest, inference, &model->format, indices, some);
  for (size_t i = some; i < n; i++)
    likeliest[i] = likeliest[i - some];
  hinted->hints.classes = likeliest;
}
