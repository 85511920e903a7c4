#include "io/palette_binary.h"

#include "core/file.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
  ACT_COLOURS = 256,
  ACT_BYTES = 3 * ACT_COLOURS,
  ACT_TAIL = 4, /* how many colours, and which of them is transparent */
  RIFF_HEADER = 12,
  ASE_HEADER = 12,
  ASE_COLOUR = 1,
};

/* What is left of the file. */
typedef struct {
  pm_arena *arena;
  const char *name;
  const unsigned char *bytes;
  size_t length, at;
} cursor;

static const unsigned char *take(cursor *c, size_t size, const char *what) {
  if (c->length - c->at < size)
    pm_fail(PM_BAD_INPUT, c->name, "ends at byte %zu in the middle of %s", c->length, what);
  c->at += size;
  return c->bytes + c->at - size;
}

static uint32_t big(const unsigned char *bytes, int size) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

static uint32_t little(const unsigned char *bytes, int size) {
  uint32_t value = 0;
  for (int i = size; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

static const char *at_byte(const cursor *c, size_t at) {
  return pm_format(c->arena, "%s: byte %zu", c->name, at);
}

static void add(cursor *c, pm_colour_list *list, const unsigned char rgb[3], unsigned char alpha) {
  list->rgba = pm_grow(c->arena, list->rgba, &list->capacity, list->count + 1, sizeof *list->rgba);
  memcpy(list->rgba[list->count], rgb, 3);
  list->rgba[list->count++][3] = alpha;
}

/* RIFF: chunks of four letters, a size and as many bytes, even; the colours are in the one called data: a version, how
 * many, and red, green, blue, flags of each. */
static void read_riff(cursor *c, pm_colour_list *list) {
  take(c, RIFF_HEADER, "its header");
  for (;;) {
    const unsigned char *head = take(c, 8, "a chunk's header");
    size_t size = little(head + 4, 4);
    if (memcmp(head, "data", 4) == 0)
      break;
    take(c, size + (size & 1), "a chunk");
  }
  const unsigned char *counts = take(c, 4, "the colours");
  for (size_t count = little(counts + 2, 2); count > 0; count--)
    add(c, list, take(c, 4, "the colours"), 255);
}

static bool is_act_length(size_t length) {
  return length == ACT_BYTES || length == ACT_BYTES + ACT_TAIL;
}

static void read_act(cursor *c, pm_colour_list *list) {
  if (!is_act_length(c->length))
    pm_fail(PM_BAD_INPUT, c->name, "holds %zu bytes, expected the %d or %d of an Adobe colour table (.act)", c->length,
            ACT_BYTES, ACT_BYTES + ACT_TAIL);
  size_t count = ACT_COLOURS, transparent = ACT_COLOURS;
  if (c->length > ACT_BYTES) {
    size_t said = big(c->bytes + ACT_BYTES, 2);
    count = said >= 1 && said < count ? said : count;
    transparent = big(c->bytes + ACT_BYTES + 2, 2);
  }
  for (size_t i = 0; i < count; i++)
    add(c, list, take(c, 3, "the colours"), i == transparent ? 0 : 255);
}

static float big_float(const unsigned char *bytes) {
  uint32_t bits = big(bytes, 4);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* A name of 16-bit letters, a colour model of four, numbers from 0 to 1. */
static void read_swatch(cursor *c, pm_colour_list *list) {
  static const struct {
    const char *model;
    int channels;
  } models[] = {{"RGB ", 3}, {"Gray", 1}};
  take(c, 2 * (size_t)big(take(c, 2, "a colour"), 2), "a colour's name");
  size_t start = c->at;
  const unsigned char *model = take(c, 4, "a colour");
  int channels = 0;
  for (size_t m = 0; m < sizeof models / sizeof *models; m++)
    if (memcmp(model, models[m].model, 4) == 0)
      channels = models[m].channels;
  if (channels == 0)
    pm_fail(PM_BAD_INPUT, at_byte(c, start), "the colour is given as %.4s, expected RGB or Gray: export it in RGB",
            (const char *)model);
  unsigned char rgb[3];
  for (int k = 0; k < 3; k++) {
    if (k < channels) {
      float value = big_float(take(c, 4, "a colour"));
      if (!(value >= 0 && value <= 1))
        pm_fail(PM_BAD_INPUT, at_byte(c, c->at - 4), "a channel is %g, expected 0 to 1", (double)value);
      rgb[k] = (unsigned char)lrintf(value * 255);
    } else {
      rgb[k] = rgb[0];
    }
  }
  add(c, list, rgb, 255);
}

/* Adobe Swatch Exchange: blocks of a type, a size and as many bytes; those that are no colours begin and end groups. */
static void read_ase(cursor *c, pm_colour_list *list) {
  size_t blocks = big(take(c, ASE_HEADER, "its header") + 8, 4);
  for (; blocks > 0; blocks--) {
    const unsigned char *head = take(c, 6, "a block's header");
    size_t size = big(head + 2, 4);
    cursor block = *c;
    take(c, size, "a block");
    block.length = c->at;
    if (big(head, 2) == ASE_COLOUR)
      read_swatch(&block, list);
  }
}

bool pm_palette_decode_binary(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name,
                              pm_colour_list *colours) {
  cursor c = {arena, name, bytes, length, 0};
  *colours = (pm_colour_list){0};
  if (length >= RIFF_HEADER && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "PAL ", 4) == 0)
    read_riff(&c, colours);
  else if (length >= 4 && memcmp(bytes, "ASEF", 4) == 0)
    read_ase(&c, colours);
  else if (pm_has_suffix(name, ".act") && (is_act_length(length) || memchr(bytes, 0, length)))
    read_act(&c, colours);
  else
    return false;
  return true;
}
