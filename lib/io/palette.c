#include "io/palette.h"

#include "core/number.h"
#include "io/image.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { MAX_BYTES = 16 << 20, MAX_COLOURS = 256, MAX_LINE = 1024, GPL_COLUMNS = 8 };

static const char blanks[] = " \t\v\f";

/* ---- reading ---- */

/* A text by lines, and the palette that grows from it. */
typedef struct {
  pm_arena *arena;
  const char *name;
  char *rest;       /* what is not read yet */
  const char *line; /* the current one, without blanks at its ends */
  size_t number;    /* counted from 1 */
  pm_palette palette;
  size_t repeated;
} reader;

static const char *here(const reader *r) {
  return pm_format(r->arena, "%s:%zu", r->name, r->number);
}

/* False at the end. LF and CR LF end lines. */
static bool next_line(reader *r) {
  if (*r->rest == 0)
    return false;
  r->number++;
  char *line = r->rest, *end = line + strcspn(line, "\n");
  r->rest = *end ? end + 1 : end;
  *end = 0;
  if (end - line > MAX_LINE)
    pm_fail(PM_BAD_INPUT, here(r), "the line has more than %d characters", MAX_LINE);
  if (end > line && end[-1] == '\r')
    *--end = 0;
  while (end > line && strchr(blanks, end[-1]))
    *--end = 0;
  r->line = line + strspn(line, blanks);
  return true;
}

size_t pm_palette_find(const pm_palette *palette, const unsigned char rgba[4]) {
  size_t k = 0;
  while (k < palette->count && memcmp(palette->rgba[k], rgba, 4) != 0)
    k++;
  return k;
}

static void add_colour(reader *r, const char *place, const unsigned char rgba[4]) {
  static const unsigned char clear[4] = {0, 0, 0, 0};
  pm_palette *palette = &r->palette;
  if (rgba[3] != 0 && rgba[3] != 255)
    pm_fail(PM_BAD_INPUT, place, "a colour has alpha %u, expected 0 or 255", rgba[3]);
  const unsigned char *colour = rgba[3] ? rgba : clear;
  if (pm_palette_find(palette, colour) < palette->count) {
    r->repeated++;
    return;
  }
  if (palette->count == MAX_COLOURS)
    pm_fail(PM_BAD_INPUT, place, "the palette has more than %d colours", MAX_COLOURS);
  memcpy(palette->rgba[palette->count++], colour, 4);
}

/* `count` numbers from 0 to 255 into values; returns what follows, without blanks before it. */
static const char *take_numbers(const reader *r, const char *text, int count, unsigned char *values) {
  for (int i = 0; i < count; i++) {
    char word[4] = "";
    size_t digits = strcspn(text, blanks);
    int64_t value;
    if (digits < sizeof word)
      memcpy(word, text, digits);
    if (strspn(word, "0123456789") != strlen(word) || !pm_parse_integer(word, 0, 255, &value))
      pm_fail(PM_BAD_INPUT, here(r), "expected %s, each from 0 to 255", count == 3 ? "r g b" : "r g b a");
    values[i] = (unsigned char)value;
    text += digits;
    text += strspn(text, blanks);
  }
  return text;
}

static void read_gpl(reader *r) {
  bool alpha = false;
  while (next_line(r)) {
    unsigned char rgba[4] = {0, 0, 0, 255};
    if (r->line[0] == 0 || r->line[0] == '#')
      continue;
    if (r->palette.count == 0 && (strncmp(r->line, "Name:", 5) == 0 || strncmp(r->line, "Columns:", 8) == 0))
      continue;
    if (r->palette.count == 0 && strcmp(r->line, "Channels: RGBA") == 0) {
      alpha = true;
      continue;
    }
    const char *name = take_numbers(r, r->line, alpha ? 4 : 3, rgba);
    if (strcasecmp(name, "transparent") == 0)
      rgba[3] = 0;
    add_colour(r, here(r), rgba);
  }
}

static bool parse_hex(const char *text, unsigned char rgba[4]) {
  char part[7] = "";
  unsigned char alpha[3];
  text += *text == '#';
  size_t length = strlen(text);
  if (length != 6 && length != 8)
    return false;
  memcpy(part, text, 6);
  if (!pm_parse_colour(part, rgba))
    return false;
  rgba[3] = 255;
  if (length == 6)
    return true;
  memcpy(part, "0000", 4);
  memcpy(part + 4, text + 6, 2);
  if (!pm_parse_colour(part, alpha))
    return false;
  rgba[3] = alpha[2];
  return true;
}

/* "#ff0000" is a colour, "# by somebody" is not. */
static bool is_hex_comment(const char *line) {
  return line[0] == ';' || strncmp(line, "//", 2) == 0 || (line[0] == '#' && (line[1] == ' ' || line[1] == 0));
}

static void read_hex(reader *r) {
  do {
    unsigned char rgba[4];
    if (r->line[0] == 0 || (r->palette.count == 0 && is_hex_comment(r->line)))
      continue;
    if (!parse_hex(r->line, rgba))
      pm_fail(PM_BAD_INPUT, here(r), "expected a colour as rrggbb%s",
              r->palette.count ? "" : " (or the first line of a GIMP palette, a JASC palette or a PNG)");
    add_colour(r, here(r), rgba);
  } while (next_line(r));
}

static void read_jasc(reader *r) {
  int64_t count;
  if (!next_line(r) || strcmp(r->line, "0100") != 0)
    pm_fail(PM_BAD_INPUT, here(r), "expected the JASC version 0100");
  if (!next_line(r) || !pm_parse_integer(r->line, 1, INT32_MAX, &count))
    pm_fail(PM_BAD_INPUT, here(r), "expected the number of colours");
  for (int64_t i = 0; i < count; i++) {
    unsigned char rgba[4] = {0, 0, 0, 255};
    if (!next_line(r))
      pm_fail(PM_BAD_INPUT, here(r), "ends after %lld of %lld colours", (long long)i, (long long)count);
    const char *more = take_numbers(r, r->line, 3, rgba);
    if (strcasecmp(more, "transparent") == 0)
      rgba[3] = 0;
    else if (*more && *take_numbers(r, r->line, 4, rgba))
      pm_fail(PM_BAD_INPUT, here(r), "expected r g b, or r g b a");
    add_colour(r, here(r), rgba);
  }
  while (next_line(r))
    if (*r->line)
      pm_fail(PM_BAD_INPUT, here(r), "there is more than the %lld colours that line 3 declares", (long long)count);
}

static void read_png(reader *r, const unsigned char *bytes, size_t length) {
  pm_image image = pm_png_decode(r->arena, bytes, length, r->name);
  if (!image.colours)
    pm_fail(PM_BAD_INPUT, r->name, "the picture has more than %d colours", MAX_COLOURS);
  for (size_t i = 0; i < image.colours; i++)
    add_colour(r, r->name, image.palette[i]);
}

pm_palette pm_palette_read(pm_arena *arena, const char *path) {
  size_t length;
  unsigned char *bytes = pm_read_file(arena, path, MAX_BYTES, &length);
  reader r = {.arena = arena, .name = pm_path_name(path), .rest = (char *)bytes};
  if (pm_png_begins(bytes, length)) {
    read_png(&r, bytes, length);
  } else {
    if (memchr(bytes, 0, length))
      pm_fail(PM_BAD_INPUT, r.name, "is neither text nor a PNG, expected a palette (.gpl .hex .pal .png)");
    if (strncmp(r.rest, "\xef\xbb\xbf", 3) == 0)
      r.rest += 3;
    if (next_line(&r)) {
      if (strcmp(r.line, "GIMP Palette") == 0)
        read_gpl(&r);
      else if (strcmp(r.line, "JASC-PAL") == 0)
        read_jasc(&r);
      else
        read_hex(&r);
    }
  }
  if (r.palette.count == 0)
    pm_fail(PM_BAD_INPUT, r.name, "holds no colours, expected a palette (.gpl .hex .pal .png)");
  if (r.repeated)
    pm_warn(r.name, "%zu repeated colour%s dropped", r.repeated, r.repeated == 1 ? " is" : "s are");
  return r.palette;
}

/* ---- writing ---- */

static void write_gpl(pm_output *output, const pm_palette *palette, const char *provenance) {
  pm_output_print(output, "GIMP Palette\nName: pixelmill\nColumns: %d\n#", GPL_COLUMNS);
  if (provenance)
    pm_output_print(output, " ");
  for (const char *c = provenance; c && *c; c++)
    pm_output_print(output, "%c", *c == '\n' || *c == '\r' ? ' ' : *c);
  pm_output_print(output, "\n");
  for (size_t i = 0; i < palette->count; i++) {
    const unsigned char *c = palette->rgba[i];
    pm_output_print(output, "%3u %3u %3u\t", c[0], c[1], c[2]);
    if (c[3])
      pm_output_print(output, "#%02x%02x%02x\n", c[0], c[1], c[2]);
    else
      pm_output_print(output, "transparent\n");
  }
}

static void write_hex(pm_output *output, const pm_palette *palette) {
  for (size_t i = 0; i < palette->count; i++) {
    const unsigned char *c = palette->rgba[i];
    pm_output_print(output, "%02x%02x%02x%s\n", c[0], c[1], c[2], c[3] ? "" : "00");
  }
}

static void write_jasc(pm_output *output, const pm_palette *palette) {
  pm_output_print(output, "JASC-PAL\r\n0100\r\n%zu\r\n", palette->count);
  for (size_t i = 0; i < palette->count; i++) {
    const unsigned char *c = palette->rgba[i];
    pm_output_print(output, "%u %u %u%s\r\n", c[0], c[1], c[2], c[3] ? "" : " transparent");
  }
}

/* One row, a pixel for each colour. */
static void write_png(pm_output *output, const pm_palette *palette, const char *provenance) {
  unsigned char colours[MAX_COLOURS][4], index[MAX_COLOURS];
  memcpy(colours, palette->rgba, sizeof colours);
  for (int i = 0; i < MAX_COLOURS; i++)
    index[i] = (unsigned char)i;
  pm_image image = {
      .width = palette->count, .height = 1, .colours = palette->count, .palette = colours, .index = index};
  const char *const notes[] = {"Comment", provenance, NULL};
  pm_png_write(output, &image, provenance ? notes : NULL);
}

void pm_palette_write(pm_arena *arena, const char *path, const pm_palette *palette, const char *provenance) {
  static const char *const endings[] = {".gpl", ".hex", ".pal", ".png"};
  assert(palette->count >= 1 && palette->count <= MAX_COLOURS);
  int format = 0;
  if (path && strcmp(path, "-") != 0) {
    while (format < 4 && !pm_has_suffix(path, endings[format]))
      format++;
    if (format == 4)
      pm_fail(PM_WRONG_USAGE, path,
              "cannot tell the palette's format from its name, expected .gpl, .hex, .pal or .png");
  }
  pm_output *output = pm_output_open(arena, path, format == 3);
  switch (format) {
  case 0:
    write_gpl(output, palette, provenance);
    break;
  case 1:
    write_hex(output, palette);
    break;
  case 2:
    write_jasc(output, palette);
    break;
  default:
    write_png(output, palette, provenance);
  }
  pm_output_commit(output);
}

/* ---- use ---- */

float *pm_colours_as_floats(pm_arena *arena, const unsigned char (*rgba)[4], size_t count, size_t channels) {
  float *table = pm_alloc(arena, pm_multiply(NULL, count, channels), sizeof *table);
  for (size_t c = 0; c < count; c++)
    for (size_t k = 0; k < channels; k++)
      table[c * channels + k] = (float)rgba[c][k] / 255;
  return table;
}

size_t pm_palette_nearest(const pm_palette *palette, const float rgba[4], float *distance) {
  size_t best = 0;
  float least = INFINITY;
  bool clear = rgba[3] < 128;
  for (size_t i = 0; i < palette->count; i++) {
    const unsigned char *c = palette->rgba[i];
    if (c[3] == 0 && clear) {
      if (distance)
        *distance = rgba[3];
      return i;
    }
    if (c[3] == 0)
      continue;
    float r = rgba[0] - c[0], g = rgba[1] - c[1], b = rgba[2] - c[2];
    float square = r * r + g * g + b * b;
    if (square < least) {
      least = square;
      best = i;
    }
  }
  if (distance)
    *distance = sqrtf(least);
  return best;
}
