#include "pixels/strip.h"

#include "pixels/indices.h"

#include <string.h>

static const unsigned char clear_colour[4] = {0, 0, 0, 0};

static pm_strip strip_of(const pm_sprites *s, const char *place) {
  if (s->count == 0)
    pm_fail(PM_BAD_INPUT, place, "holds no sprites, expected at least one");
  return (pm_strip){.image = {.width = s->width, .height = pm_multiply(place, s->count, s->height)},
                    .count = s->count,
                    .width = s->width,
                    .height = s->height};
}

static size_t pixels_of(const pm_strip *strip) {
  return strip->image.width * strip->image.height;
}

static bool is_key(const unsigned char rgba[4], const unsigned char *key) {
  return key && rgba[3] == 255 && memcmp(rgba, key, 3) == 0;
}

/* "sprite 3, x 5, y 2" of a pixel of the strip. */
static const char *where(pm_arena *arena, const pm_strip *strip, size_t pixel) {
  size_t sprite = strip->width * strip->height, p = pixel % sprite;
  return pm_format(arena, "sprite %zu, x %zu, y %zu", pixel / sprite, p % strip->width, p / strip->width);
}

static const char *colour_text(pm_arena *arena, const unsigned char c[4]) {
  return pm_format(arena, c[3] == 255 ? "%02x%02x%02x" : "%02x%02x%02x%02x", c[0], c[1], c[2], c[3]);
}

static void warn_of_key(const unsigned char key[3]) {
  pm_warn(NULL, "--transparent %02x%02x%02x matches no pixel", key[0], key[1], key[2]);
}

pm_strip pm_strip_rgba(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key, const char *place) {
  pm_strip strip = strip_of(sprites, place);
  size_t matched = 0;
  strip.image.rgba = pm_alloc(arena, pixels_of(&strip), 4);
  for (size_t p = 0; p < pixels_of(&strip); p++) {
    const unsigned char *colour = pm_sprites_pixel(sprites, 0, 0, p);
    bool keyed = is_key(colour, key);
    matched += keyed;
    memcpy(strip.image.rgba + 4 * p, keyed || colour[3] == 0 ? clear_colour : colour, 4);
  }
  if (key && !matched)
    warn_of_key(key);
  return strip;
}

/* ---- a palette as colour table ---- */

static size_t find_clear(const pm_palette *palette) {
  return pm_palette_find(palette, clear_colour);
}

/* The entry of the key, which keeps its colour and becomes transparent. */
static size_t key_entry(const pm_palette *palette, const unsigned char key[3]) {
  const unsigned char rgba[4] = {key[0], key[1], key[2], 255};
  size_t entry = pm_palette_find(palette, rgba);
  if (entry == palette->count)
    pm_fail(PM_BAD_INPUT, NULL, "--transparent %02x%02x%02x is not in the palette, expected one of its %zu colours",
            key[0], key[1], key[2], palette->count);
  if (find_clear(palette) < palette->count)
    pm_fail(PM_BAD_INPUT, NULL,
            "--transparent %02x%02x%02x: the palette has a transparent colour already, expected one", key[0], key[1],
            key[2]);
  return entry;
}

static PM_NORETURN void refuse_colour(pm_arena *arena, const pm_strip *strip, const pm_sprites *sprites,
                                      const pm_palette *palette, size_t pixel, const char *place) {
  size_t others = 0;
  for (size_t p = pixel; p < pixels_of(strip); p++) {
    const unsigned char *c = pm_sprites_pixel(sprites, 0, 0, p);
    others += c[3] && pm_palette_find(palette, c) == palette->count;
  }
  pm_fail(PM_BAD_INPUT, place,
          "%s: the colour %s is not in the palette of %zu, and %s not: snap --palette brings sprites to it",
          where(arena, strip, pixel), colour_text(arena, pm_sprites_pixel(sprites, 0, 0, pixel)), palette->count,
          others == 1 ? "this pixel alone is" : pm_format(arena, "in all %zu pixels are", others));
}

/* The indices; true if some pixels are transparent. */
static bool look_up(pm_arena *arena, pm_strip *strip, const pm_sprites *sprites, const pm_palette *palette,
                    size_t clear, const char *place) {
  const bool has_index = clear < PM_MAX_COLOURS;
  unsigned char *index = strip->image.index;
  const size_t p = pm_sprites_index(index, sprites, palette, has_index ? 1 : 0, clear), pixels = pixels_of(strip);
  if (p == pixels)
    return has_index && memchr(index, (int)clear, pixels);
  if (pm_sprites_pixel(sprites, 0, 0, p)[3])
    refuse_colour(arena, strip, sprites, palette, p, place);
  return true;
}

pm_strip pm_strip_in_palette(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key,
                             const pm_palette *palette, bool gaps, const char *place) {
  pm_strip strip = strip_of(sprites, place);
  size_t clear = key ? key_entry(palette, key) : find_clear(palette);
  strip.image.index = pm_alloc(arena, pixels_of(&strip), 1);
  strip.image.palette = pm_alloc(arena, PM_MAX_COLOURS, 4);
  strip.image.colours = palette->count;
  memcpy(strip.image.palette, palette->rgba, 4 * palette->count);
  bool used = look_up(arena, &strip, sprites, palette, clear, place);
  if (key)
    strip.image.palette[clear][3] = 0;
  if (clear == palette->count && (used || gaps)) {
    if (clear == PM_MAX_COLOURS)
      pm_fail(
          PM_BAD_INPUT, place,
          "%s transparent, and the palette has %d colours and no transparent one: --transparent COLOUR makes one of "
          "them so",
          used ? "some pixels are" : "what lies between the tiles is", PM_MAX_COLOURS);
    strip.image.colours++;
    pm_say(0, "the palette has no transparent colour: one stands behind its %zu", clear);
  }
  strip.clear = clear;
  return strip;
}

/* ---- their own colours as colour table ---- */

pm_strip pm_strip_in_own_colours(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key,
                                 const char *place, const char *format) {
  pm_strip strip = strip_of(sprites, place);
  if (sprites->colours == 0)
    pm_fail(PM_BAD_INPUT, place,
            "the sprites have more than %d colours, and %s has at most as many: write it as .apng, or bring them to a "
            "palette first (extract-palette -k 255, snap)",
            PM_MAX_COLOURS, format);
  pm_palette palette = {.count = 0};
  for (size_t k = 0; k < sprites->colours; k++) {
    const unsigned char *colour = sprites->palette[k];
    if (colour[3] != 0 && colour[3] != 255) {
      size_t p = 0;
      while (sprites->index[p] != k)
        p++;
      pm_fail(PM_BAD_INPUT, place,
              "%s: the colour %s is half transparent, and %s knows none: write it as .apng, or snap "
              "--palette makes it one or the other",
              where(arena, &strip, p), colour_text(arena, colour), format);
    }
    if (!is_key(colour, key))
      memcpy(palette.rgba[palette.count++], colour, 4);
  }
  if (!key)
    return pm_strip_in_palette(arena, sprites, NULL, &palette, false, place);
  if (palette.count == sprites->colours)
    warn_of_key(key);
  pm_sprites keyed = *sprites;
  keyed.palette = pm_alloc(arena, sprites->colours, 4);
  for (size_t k = 0; k < sprites->colours; k++)
    memcpy(keyed.palette[k], is_key(sprites->palette[k], key) ? clear_colour : sprites->palette[k], 4);
  if (palette.count < sprites->colours && find_clear(&palette) == palette.count)
    memcpy(palette.rgba[palette.count++], clear_colour, 4);
  return pm_strip_in_palette(arena, &keyed, NULL, &palette, false, place);
}

/* ---- pixels ---- */

size_t pm_image_pixel_bytes(const pm_image *image) {
  return image->index ? 1 : 4;
}

unsigned char *pm_image_pixels(const pm_image *image) {
  return image->index ? image->index : image->rgba;
}

pm_strip pm_strip_without_table(pm_arena *arena, const pm_strip *strip) {
  pm_strip plain = *strip;
  plain.image = (pm_image){.width = strip->image.width, .height = strip->image.height};
  plain.image.rgba = pm_alloc(arena, pixels_of(strip), 4);
  plain.clear = 0;
  for (size_t p = 0; p < pixels_of(strip); p++) {
    const unsigned char *colour = strip->image.palette[strip->image.index[p]];
    memcpy(plain.image.rgba + 4 * p, colour[3] ? colour : clear_colour, 4);
  }
  return plain;
}

pm_image pm_strip_enlarge(pm_arena *arena, const pm_strip *strip, size_t first, size_t count, size_t scale) {
  size_t bytes = pm_image_pixel_bytes(&strip->image), width = strip->width * scale, height = strip->height * scale;
  if (width > PM_IMAGE_MOST_SIDE || height > PM_IMAGE_MOST_SIDE || width * height > PM_IMAGE_MOST_PIXELS / count)
    pm_fail(
        PM_BAD_INPUT, NULL,
        "there would be %zu pictures of %zu x %zu pixels, expected at most %d a side and %d in all: choose a smaller "
        "scale or fewer sprites",
        count, width, height, PM_IMAGE_MOST_SIDE, PM_IMAGE_MOST_PIXELS);
  pm_image out = {
      .width = width, .height = height * count, .colours = strip->image.colours, .palette = strip->image.palette};
  unsigned char *to = pm_alloc(arena, pm_multiply(NULL, width, out.height), bytes);
  const unsigned char *from = pm_image_pixels(&strip->image) + first * strip->height * strip->width * bytes;
  if (strip->image.index)
    out.index = to;
  else
    out.rgba = to;
  for (size_t y = 0; y < out.height; y++)
    for (size_t x = 0; x < width; x++, to += bytes)
      memcpy(to, from + (y / scale * strip->width + x / scale) * bytes, bytes);
  return out;
}
