#include "train/dataset.h"

#include "nn/ops.h"
#include "pixels/canonical.h"
#include "pixels/extract.h"

#include <string.h>

/* Copies the sprites whose flag is `flag` into memory of their own. */
static unsigned char *part(pm_arena *arena, const pm_sprites *s, const bool *held, bool flag, size_t n) {
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

static int most_frequent(const pm_sprites *s) {
  size_t count[PM_MAX_COLOURS] = {0}, best = 0;
  for (size_t i = 0; i < s->count * s->height * s->width; i++)
    count[s->index[i]]++;
  for (size_t c = 1; c < s->colours; c++)
    if (count[c] > count[best])
      best = c;
  return (int)best;
}

pm_dataset pm_dataset_read(pm_arena *arena, const char *path, const char *palette, const pm_train_settings *settings) {
  pm_sprites s = pm_sprites_read(arena, path);
  pm_dataset d = {.place = strcmp(path, "-") == 0 ? "standard input" : path,
                  .format = {s.height, s.width, (size_t)s.channels},
                  .indexed = s.index != NULL,
                  .colours = s.colours};
  const bool *held = pm_held_out_flags(arena, &s, settings->held_out, &d.held);
  d.train = s.count - d.held;
  if (d.train < (size_t)settings->batch)
    pm_fail(PM_BAD_INPUT, d.place, "%zu sprites to train on (and %zu held out); a batch (training.batch) takes %lld",
            d.train, d.held, (long long)settings->batch);
  d.train_pixels = part(arena, &s, held, false, d.train);
  d.held_pixels = part(arena, &s, held, true, d.held);
  if (d.indexed) {
    d.background = most_frequent(&s);
    d.table = pm_alloc(arena, s.colours * d.format.channels, sizeof *d.table);
    for (size_t c = 0; c < s.colours; c++)
      for (size_t k = 0; k < d.format.channels; k++)
        d.table[c * d.format.channels + k] = (float)s.palette[c][k] / 255;
  } else if (settings->palette_swap > 0)
    pm_fail(PM_BAD_INPUT, d.place, "more than %d colours; augment.palette_swap needs a palette", PM_MAX_COLOURS);
  pm_extract_report report;
  d.palette = palette ? pm_palette_read(arena, palette) : pm_extract_palette(arena, &s, 0, 1, d.place, &report);
  pm_sprites_hash(&s, d.hash);
  return d;
}

/* [n,H,W] or [n,H,W,C] */
static pm_shape shape_of(const pm_dataset *d, size_t n) {
  return d->indexed ? pm_shape_of(3, n, d->format.height, d->format.width)
                    : pm_shape_of(4, n, d->format.height, d->format.width, d->format.channels);
}

static pm_value *resident(pm_graph *g, const pm_dataset *d, const char *name, size_t n) {
  return pm_graph_input(g, name, PM_U8, shape_of(d, n ? n : 1));
}

void pm_dataset_upload(const pm_dataset *d, pm_store *store, bool held_only) {
  size_t pixels = pm_shape_count(shape_of(d, d->train)), held = pm_shape_count(shape_of(d, d->held));
  if (!held_only) {
    pm_buffer *buffer = pm_store_buffer(store, "training sprites", PM_INPUT, PM_U8, pixels);
    pm_store_write(store, buffer, 0, d->train_pixels, pixels);
  }
  if (d->held) {
    pm_buffer *buffer = pm_store_buffer(store, "held-out sprites", PM_INPUT, PM_U8, held);
    pm_store_write(store, buffer, 0, d->held_pixels, held);
  }
  if (d->indexed) {
    size_t n = d->colours * d->format.channels;
    pm_buffer *buffer = pm_store_buffer(store, "colours", PM_INPUT, PM_F32, n);
    pm_store_write(store, buffer, 0, d->table, n);
  }
}

static pm_value *as_images(pm_graph *g, const pm_dataset *d, pm_value *pixels) {
  if (!d->indexed)
    return pm_to_unit(g, pixels);
  return pm_colour_lookup(g, pixels,
                          pm_graph_input(g, "colours", PM_F32, pm_shape_of(2, d->colours, d->format.channels)));
}

pm_value *pm_dataset_batch(pm_graph *g, const pm_dataset *d, const pm_train_settings *settings, pm_value *seed,
                           pm_value *step) {
  pm_value *index = pm_shuffle(g, seed, step, d->train, (size_t)settings->batch);
  pm_value *pixels = pm_gather(g, resident(g, d, "training sprites", d->train), index);
  if (settings->flip > 0)
    pixels = pm_flip(g, pixels, seed, step, settings->flip);
  if (settings->shift > 0)
    pixels = pm_shift(g, pixels, seed, step, (int)settings->shift, d->background);
  if (settings->palette_swap > 0)
    pixels = pm_palette_swap(g, pixels, seed, step, settings->palette_swap, d->background);
  return as_images(g, d, pixels);
}

pm_value *pm_dataset_held(pm_graph *g, const pm_dataset *d, pm_value *index) {
  return as_images(g, d, pm_gather(g, resident(g, d, "held-out sprites", d->held), index));
}

float *pm_sprites_as_floats(pm_arena *arena, const pm_sprites *s, const pm_sprite_format *f, const char *place) {
  if (s->height != f->height || s->width != f->width || (size_t)s->channels != f->channels)
    pm_fail(PM_BAD_INPUT, place,
            "sprites of %zu x %zu pixels with %d channels; the model was trained on %zu x %zu with %zu", s->width,
            s->height, s->channels, f->width, f->height, f->channels);
  size_t pixels = s->count * s->height * s->width;
  float *out = pm_alloc(arena, pixels * f->channels, sizeof *out);
  for (size_t p = 0; p < pixels; p++) {
    const unsigned char *colour = pm_sprites_pixel(s, 0, 0, p);
    for (size_t k = 0; k < f->channels; k++)
      out[p * f->channels + k] = (float)colour[k] / 255;
  }
  return out;
}
