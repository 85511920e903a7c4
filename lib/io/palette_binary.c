#include "io/palette_binary.h"

#include "core/file.h"
#include "io/bytes.h"

#include <math.h>
#include <string.h>

enum {
  ACT_COLOURS = 256,
  ACT_BYTES = 3 * ACT_COLOURS,
  ACT_TAIL = 4, /* how many colours, and which of them is transparent */
  RIFF_HEADER = 12,
  ASE_HEADER = 12,
  ASE_COLOUR = 1,
};

static void add(pm_bytes *c, pm_colour_list *list, const unsigned char rgb[3], unsigned char alpha) {
  list->rgba = pm_grow(c->arena, list->rgba, &list->capacity, list->count + 1, sizeof *list->rgba);
  memcpy(list->rgba[list->count], rgb, 3);
  list->rgba[list->count++][3] = alpha;
}

/* RIFF: chunks of four letters, a size and as many bytes, even; the colours are in the one called data: a version, how
 * many, and red, green, blue, flags of each. */
static void read_riff(pm_bytes *c, pm_colour_list *list) {
  pm_bytes_take(c, RIFF_HEADER, "its header");
  for (;;) {
    const unsigned char *head = pm_bytes_take(c, 8, "a chunk's header");
    size_t size = pm_little_endian(head + 4, 4);
    if (memcmp(head, "data", 4) == 0)
      break;
    pm_bytes_take(c, size + (size & 1), "a chunk");
  }
  const unsigned char *counts = pm_bytes_take(c, 4, "the colours");
  for (size_t count = pm_little_endian(counts + 2, 2); count > 0; count--)
    add(c, list, pm_bytes_take(c, 4, "the colours"), 255);
}

static bool is_act_length(size_t length) {
  return length == ACT_BYTES || length == ACT_BYTES + ACT_TAIL;
}

static void read_act(pm_bytes *c, pm_colour_list *list) {
  if (!is_act_length(c->length))
    pm_fail(PM_BAD_INPUT, c->name, "holds %zu bytes, expected the %d or %d of an Adobe colour table (.act)", c->length,
            ACT_BYTES, ACT_BYTES + ACT_TAIL);
  size_t count = ACT_COLOURS, transparent = ACT_COLOURS;
  if (c->length > ACT_BYTES) {
    size_t said = pm_big_endian(c->bytes + ACT_BYTES, 2);
    count = said >= 1 && said < count ? said : count;
    transparent = pm_big_endian(c->bytes + ACT_BYTES + 2, 2);
  }
  for (size_t i = 0; i < count; i++)
    add(c, list, pm_bytes_take(c, 3, "the colours"), i == transparent ? 0 : 255);
}

static float big_float(const unsigned char *bytes) {
  uint32_t bits = pm_big_endian(bytes, 4);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* A name of 16-bit letters, a colour model of four, numbers from 0 to 1. */
static void read_swatch(pm_bytes *c, pm_colour_list *list) {
  static const struct {
    const char *model;
    int channels;
  } models[] = {{"RGB ", 3}, {"Gray", 1}};
  pm_bytes_take(c, 2 * (size_t)pm_big_endian(pm_bytes_take(c, 2, "a colour"), 2), "a colour's name");
  size_t start = c->at;
  const unsigned char *model = pm_bytes_take(c, 4, "a colour");
  int channels = 0;
  for (size_t m = 0; m < sizeof models / sizeof *models; m++)
    if (memcmp(model, models[m].model, 4) == 0)
      channels = models[m].channels;
  if (channels == 0)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(c, start),
            "the colour is given as %.4s, expected RGB or Gray: export it in RGB", (const char *)model);
  unsigned char rgb[3];
  for (int k = 0; k < 3; k++) {
    if (k < channels) {
      float value = big_float(pm_bytes_take(c, 4, "a colour"));
      if (!(value >= 0 && value <= 1))
        pm_fail(PM_BAD_INPUT, pm_bytes_place(c, c->at - 4), "a channel is %g, expected 0 to 1", (double)value);
      rgb[k] = (unsigned char)lrintf(value * 255);
    } else {
      rgb[k] = rgb[0];
    }
  }
  add(c, list, rgb, 255);
}

/* Adobe Swatch Exchange: blocks of a type, a size and as many bytes; those that are no colours begin and end groups. */
static void read_ase(pm_bytes *c, pm_colour_list *list) {
  size_t blocks = pm_big_endian(pm_bytes_take(c, ASE_HEADER, "its header") + 8, 4);
  for (; blocks > 0; blocks--) {
    const unsigned char *head = pm_bytes_take(c, 6, "a block's header");
    size_t size = pm_big_endian(head + 2, 4);
    pm_bytes block = pm_bytes_part(c, size, "a block");
    if (pm_big_endian(head, 2) == ASE_COLOUR)
      read_swatch(&block, list);
  }
}

bool pm_palette_decode_binary(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name,
                              pm_colour_list *colours) {
  pm_bytes c = {arena, name, bytes, length, 0};
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
