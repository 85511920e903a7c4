#include "train/dataset.h"

#include "eval/mirroring.h"
#include "nn/ops.h"
#include "pixels/canonical.h"
#include "pixels/extract.h"
#include "pixels/indices.h"
#include "pixels/labels.h"
#include "train/model_file.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Copies the sprites whose flag is `flag` into memory of their own. */
static unsigned char *copy_part(pm_arena *arena, const pm_sprites *s, const bool *held, bool flag, size_t n) {
  size_t pixels = s->height * s->width, channels = (size_t)s->channels, at = 0;
  size_t bytes = s->index ? pixels : pixels * channels;
  unsigned char *out = pm_alloc(arena, n, bytes);
  for (size_t i = 0; i < s->count; i++) {
    if (held[i] != flag)
      continue;
    if (s->index)
      memcpy(out + at * bytes, s->index + i * pixels, bytes);
    else
      for (size_t p = 0; p < pixels; p++)
        memcpy(out + at * bytes + p * channels, s->rgba + 4 * (i * pixels + p), channels);
    at++;
  }
  return out;
}

static int most_frequent(const pm_sprites *s, size_t colours) {
  size_t count[PM_MAX_COLOURS] = {0}, best = 0;
  for (size_t i = 0; i < s->count * s->height * s->width; i++)
    count[s->index[i]]++;
  for (size_t c = 1; c < colours; c++)
    if (count[c] > count[best])
      best = c;
  return (int)best;
}

/* Where every colour of the sprites is in the palette, their indices become the palette's. */
static bool adopt_palette(pm_sprites *s, const pm_palette *palette) {
  unsigned char map[PM_MAX_COLOURS];
  for (size_t c = 0; c < s->colours; c++) {
    size_t k = pm_palette_find(palette, s->palette[c]);
    if (k == palette->count)
      return false;
    map[c] = (unsigned char)k;
  }
  for (size_t i = 0; i < s->count * s->height * s->width; i++)
    s->index[i] = map[s->index[i]];
  return true;
}

static void set_colours(pm_arena *arena, pm_dataset *d, const unsigned char (*rgba)[4], size_t n) {
  d->colours = n;
  d->table = pm_colours_as_floats(arena, rgba, n, d->format.channels);
}

static void read_palette(pm_arena *arena, pm_dataset *d, pm_sprites *s, const char *palette) {
  pm_extract_report report;
  d->palette = palette ? pm_palette_read(arena, palette) : pm_extract_palette(arena, s, 0, 1, d->place, &report);
  if (!d->indexed)
    return;
  if (adopt_palette(s, &d->palette)) {
    set_colours(arena, d, (const unsigned char(*)[4])d->palette.rgba, d->palette.count);
    d->format.colours = d->colours;
    d->format.table = d->table;
  } else {
    set_colours(arena, d, (const unsigned char(*)[4])s->palette, s->colours);
  }
  d->background = most_frequent(s, d->colours);
}

static void read_labels(pm_arena *arena, pm_dataset *d, const char *path, size_t count, const bool *held) {
  pm_labels labels = pm_labels_read(arena, path, count, d->place);
  d->format.classes = labels.classes;
  d->train_labels = pm_alloc(arena, d->train, sizeof *d->train_labels);
  d->held_labels = pm_alloc(arena, d->held, sizeof *d->held_labels);
  size_t train = 0, kept = 0;
  for (size_t i = 0; i < count; i++)
    if (held[i])
      d->held_labels[kept++] = labels.label[i];
    else
      d->train_labels[train++] = labels.label[i];
}

/* Classes whose every sprite was held out, and numbers that no sprite has. */
static void say_unlearned(pm_arena *arena, const pm_dataset *d, const char *path) {
  bool *seen = pm_alloc(arena, d->format.classes, sizeof *seen);
  size_t missing = 0, first = 0;
  for (size_t i = 0; i < d->train; i++)
    seen[d->train_labels[i]] = true;
  for (size_t c = d->format.classes; c-- > 0;)
    if (!seen[c]) {
      missing++;
      first = c;
    }
  if (missing)
    pm_warn(path, "%zu of %s ha%s no sprite to train on (the first is %zu); nothing is learned of %s", missing,
            pm_counted(arena, d->format.classes, "class"), missing == 1 ? "s" : "ve", first,
            missing == 1 ? "it" : "them");
}

/* Of the training sprites: how often each palette index and each label occurs. */
static void count(pm_arena *arena, pm_dataset *d) {
  pm_sprite_format *f = &d->format;
  if (f->colours) {
    uint64_t *pixels = pm_alloc(arena, f->colours, sizeof *pixels);
    for (size_t i = 0; i < d->train * f->height * f->width; i++)
      pixels[d->train_pixels[i]]++;
    d->colour_counts = pixels;
  }
  if (f->classes) {
    uint64_t *sprites = pm_alloc(arena, f->classes, sizeof *sprites);
    for (size_t i = 0; i < d->train; i++)
      sprites[d->train_labels[i]]++;
    d->class_counts = sprites;
  }
  f->colour_shares = pm_shares(arena, d->colour_counts, f->colours);
  f->class_shares = pm_shares(arena, d->class_counts, f->classes);
}

static void hash_beside(pm_arena *arena, pm_dataset *d) {
  char palette[65], train[65], held[65];
  pm_sha256(d->palette.rgba, d->palette.count * sizeof *d->palette.rgba, palette);
  pm_sha256(d->train_labels, d->train_labels ? d->train * sizeof *d->train_labels : 0, train);
  pm_sha256(d->held_labels, d->held_labels ? d->held * sizeof *d->held_labels : 0, held);
  const char *names = d->class_names ? pm_class_names_text(arena, d->class_names, d->format.classes) : "";
  const char *text = pm_format(arena, "%s %s %s%s%s", palette, train, held, *names ? "\n" : "", names);
  pm_sha256(text, strlen(text), d->hash_beside);
}

pm_dataset pm_dataset_read(pm_arena *arena, const char *path, const char *palette, const char *labels,
                           const char *class_names, const pm_train_settings *settings) {
  pm_sprites s = pm_sprites_read(arena, path);
  pm_dataset d = {.place = pm_path_name(path),
                  .format = {.height = s.height, .width = s.width, .channels = (size_t)s.channels},
                  .indexed = s.index != NULL};
  const bool *held = pm_held_out_flags(arena, &s, settings->held_out, &d.held);
  pm_sprites_hash(&s, d.hash);
  d.train = s.count - d.held;
  if (d.train < (size_t)settings->batch)
    pm_fail(PM_BAD_INPUT, d.place, "%s to train on (and %zu held out); a batch (training.batch) takes %lld%s",
            pm_counted(arena, d.train, "sprite"), d.held, (long long)settings->batch, pm_uncut_hint(s.count));
  if (!d.indexed && settings->palette_swap > 0)
    pm_fail(PM_BAD_INPUT, d.place, "more than %d colours; augment.palette_swap needs a palette", PM_MAX_COLOURS);
  read_palette(arena, &d, &s, palette);
  d.train_pixels = copy_part(arena, &s, held, false, d.train);
  d.held_pixels = copy_part(arena, &s, held, true, d.held);
  if (labels) {
    read_labels(arena, &d, labels, s.count, held);
    say_unlearned(arena, &d, labels);
  }
  if (class_names)
    d.class_names = pm_class_names_read(arena, class_names, d.format.classes);
  count(arena, &d);
  hash_beside(arena, &d);
  return d;
}

const char *pm_dataset_settle_flip(pm_arena *arena, const pm_dataset *d, pm_run_settings *settings) {
  if (!isnan(settings->train.flip))
    return NULL;
  settings->train.flip = 0.5;
  if (settings->method->knows_mirrored)
    return "augment.flip: auto is 0.5: the model is conditioned on mirroring";
  pm_arena *scratch = pm_arena_new();
  const pm_sprite_format *f = &d->format;
  pm_mirroring m =
      pm_mirroring_test_pixels(scratch, d->train_pixels, d->train, f->height, f->width, d->indexed ? 1 : f->channels);
  pm_arena_free(scratch);
  if (m.differs)
    settings->train.flip = 0;
  return pm_format(arena,
                   "augment.flip: auto is %s (patterns of halves of the sprites differ by at most %.3f, by %.3f where "
                   "one is mirrored)",
                   m.differs ? "0: mirrored copies would not look like the others"
                             : "0.5: mirrored copies look like the others",
                   m.halves, m.mirrored);
}

/* [n,H,W] or [n,H,W,C] */
static pm_shape shape_of(const pm_dataset *d, size_t n) {
  return d->indexed ? pm_shape_of(3, n, d->format.height, d->format.width)
                    : pm_shape_of(4, n, d->format.height, d->format.width, d->format.channels);
}

static pm_value *resident_input(pm_graph *g, const pm_dataset *d, const char *name, size_t n) {
  return pm_graph_input(g, name, PM_U8, shape_of(d, n ? n : 1));
}

static void upload_labels(pm_store *store, const char *name, const int32_t *labels, size_t n) {
  if (labels && n)
    pm_store_write(store, pm_store_buffer(store, name, PM_INPUT, PM_I32, n), 0, labels, n);
}

static void upload_sprites(pm_store *store, const char *name, const unsigned char *pixels, size_t n) {
  if (n)
    pm_store_write(store, pm_store_buffer(store, name, PM_INPUT, PM_U8, n), 0, pixels, n);
}

void pm_dataset_upload(const pm_dataset *d, pm_store *store) {
  upload_sprites(store, "training sprites", d->train_pixels, pm_shape_count(shape_of(d, d->train)));
  upload_sprites(store, "held-out sprites", d->held_pixels, pm_shape_count(shape_of(d, d->held)));
  upload_labels(store, "training labels", d->train_labels, d->train);
  upload_labels(store, "held-out labels", d->held_labels, d->held);
}

/* Items `index` of a set: pixels, and labels where there are any. */
static void take_items(pm_graph *g, const pm_dataset *d, const char *sprites, const char *labels, size_t n,
                       pm_value *index, pm_batch *batch) {
  batch->pixels = pm_gather(g, resident_input(g, d, sprites, n), index);
  if (d->format.classes)
    batch->labels = pm_gather(g, pm_graph_input(g, labels, PM_I32, pm_shape_of(1, n)), index);
}

static void make_images(pm_graph *g, const pm_dataset *d, pm_batch *batch) {
  if (d->indexed) {
    pm_shape shape = pm_shape_of(2, d->colours, d->format.channels);
    batch->images = pm_colour_lookup(g, batch->pixels, pm_graph_constant(g, "colours", shape, d->table));
  } else {
    batch->images = pm_to_unit(g, batch->pixels);
  }
  if (!d->format.colours)
    batch->pixels = NULL;
}

void pm_dataset_batch(pm_graph *g, const pm_dataset *d, const pm_train_settings *settings, size_t n, pm_batch *batch) {
  const pm_draws draws = batch->draws;
  pm_value *index = pm_shuffle(g, draws, d->train, n);
  take_items(g, d, "training sprites", "training labels", d->train, index, batch);
  assert(!isnan(settings->flip)); /* settled */
  if (settings->flip > 0) {
    batch->pixels = pm_flip(g, batch->pixels, draws, settings->flip);
    batch->mirrored = pm_output_of(batch->pixels, PM_FLIP_MIRRORED);
  }
  if (settings->shift > 0)
    batch->pixels = pm_shift(g, batch->pixels, draws, (int)settings->shift, d->background);
  if (settings->palette_swap > 0)
    batch->pixels = pm_palette_swap(g, batch->pixels, draws, settings->palette_swap, d->background);
  make_images(g, d, batch);
}

void pm_dataset_held(pm_graph *g, const pm_dataset *d, pm_value *index, pm_batch *batch) {
  take_items(g, d, "held-out sprites", "held-out labels", d->held, index, batch);
  make_images(g, d, batch);
}

static void check_format(const pm_sprites *s, const pm_sprite_format *f, const char *place) {
  if (s->height != f->height || s->width != f->width || (size_t)s->channels != f->channels)
    pm_fail(PM_BAD_INPUT, place,
            "sprites of %zu x %zu pixels with %d channels; the model was trained on %zu x %zu with %zu%s", s->width,
            s->height, s->channels, f->width, f->height, f->channels, pm_uncut_hint(s->count));
}

float *pm_sprites_as_floats(pm_arena *arena, const pm_sprites *s, const pm_sprite_format *f, const char *place) {
  check_format(s, f, place);
  size_t pixels = s->count * s->height * s->width;
  float *out = pm_alloc(arena, pixels * f->channels, sizeof *out);
  for (size_t p = 0; p < pixels; p++) {
    const unsigned char *colour = pm_sprites_pixel(s, 0, 0, p);
    for (size_t k = 0; k < f->channels; k++)
      out[p * f->channels + k] = (float)colour[k] / 255;
  }
  return out;
}

unsigned char *pm_sprites_as_indices(pm_arena *arena, const pm_sprites *s, const pm_sprite_format *f,
                                     const pm_palette *palette, const char *place) {
  check_format(s, f, place);
  size_t sprite = s->height * s->width, pixels = s->count * sprite;
  unsigned char *out = pm_alloc(arena, pixels, 1);
  size_t p = pm_sprites_index(out, s, palette, 0, 0);
  if (p < pixels) {
    const unsigned char *colour = pm_sprites_pixel(s, 0, 0, p);
    pm_fail(PM_BAD_INPUT, place,
            "sprite %zu, row %zu, column %zu: %02x%02x%02x%02x is none of the model's %zu colours; snap the sprites "
            "first",
            p / sprite, p % sprite / s->width, p % s->width, colour[0], colour[1], colour[2], colour[3],
            palette->count);
  }
  return out;
}
