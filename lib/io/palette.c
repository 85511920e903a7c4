#include "io/palette.h"

#include "core/number.h"
#include "io/aseprite.h"
#include "io/file_kind.h"
#include "io/image.h"
#include "io/palette_binary.h"
#include "io/utf8.h"
#include "io/wrong_kind.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { MAX_BYTES = 16 << 20, MAX_COLOURS = 256, MAX_LINE = 1024, GPL_COLUMNS = 8 };

#define KINDS ".gpl .hex .txt .pal .act .ase .aseprite .png"

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

/* ---- one colour a line in hexadecimal digits ---- */

/* A line's colour; its digits may mean rrggbbaa or aarrggbb, so it is judged with all others. */
typedef struct {
  unsigned char channel[4];
  bool eight; /* digits */
  size_t line;
} hex_colour;

typedef struct {
  hex_colour *item;
  size_t count, capacity;
} hex_list;

/* "#ff0000" is a colour, "# by somebody" is not. */
static bool is_hex_comment(const char *line) {
  return line[0] == ';' || strncmp(line, "//", 2) == 0 || (line[0] == '#' && (line[1] == ' ' || line[1] == 0));
}

/* Comments tell that colours are aarrggbb: ";paint.net Palette File" as Lospec begins them, or paint.net's own three
 * lines, whose third says so. */
static bool tells_alpha_first(const char *comment) {
  return strcasestr(comment, "paint.net palette") || strcasestr(comment, "aarrggbb");
}

static hex_list parse_hex(reader *r, bool *alpha_first) {
  hex_list list = {0};
  *alpha_first = false;
  do {
    if (r->line[0] == 0)
      continue;
    if ((list.count == 0 && is_hex_comment(r->line)) || (*alpha_first && r->line[0] == ';')) {
      *alpha_first = *alpha_first || tells_alpha_first(r->line);
      continue;
    }
    hex_colour colour = {.channel = {0, 0, 0, 255}, .line = r->number};
    int channels = pm_parse_channels(r->line, colour.channel);
    if (channels == 0)
      pm_fail(PM_BAD_INPUT, here(r), "expected a colour as rrggbb%s",
              list.count ? "" : " (or the first line of a GIMP palette, a JASC palette or a PNG)");
    colour.eight = channels == 4;
    list.item = pm_grow(r->arena, list.item, &list.capacity, list.count + 1, sizeof *list.item);
    list.item[list.count++] = colour;
  } while (next_line(r));
  return list;
}

/* Whether the channel that stands at `at` (0 or 3) can be alpha: 0 or 255, and 0 of at most one colour; *clear is how
 * many have 0. */
static bool can_be_alpha(const hex_list *list, int at, size_t *clear) {
  *clear = 0;
  for (size_t i = 0; i < list->count; i++) {
    const hex_colour *c = &list->item[i];
    if (c->channel[at] != 0 && c->channel[at] != 255)
      return false;
    *clear += c->channel[at] == 0;
  }
  return *clear <= 1;
}

/* Eight digits a line that make sense as aarrggbb and not as rrggbbaa: what stands in front is always ff, or what
 * stands behind is no alpha. */
static bool looks_alpha_first(const hex_list *list) {
  for (size_t i = 0; i < list->count; i++)
    if (!list->item[i].eight)
      return false;
  size_t clear_first, clear_last;
  bool first = can_be_alpha(list, 0, &clear_first), last = can_be_alpha(list, 3, &clear_last);
  return first && (!last || (clear_first == 0 && clear_last > 0));
}

static void read_hex(reader *r) {
  bool alpha_first;
  hex_list list = parse_hex(r, &alpha_first);
  if (!alpha_first && list.count && looks_alpha_first(&list)) {
    r->number = list.item[0].line;
    pm_fail(PM_BAD_INPUT, here(r),
            "these colours look like aarrggbb, as paint.net writes them, expected rrggbb or rrggbbaa: if they are, put "
            "the line \";paint.net Palette File\" before them; if not, leave the alpha out");
  }
  for (size_t i = 0; i < list.count; i++) {
    const unsigned char *c = list.item[i].channel;
    const unsigned char turned[4] = {c[1], c[2], c[3], c[0]};
    r->number = list.item[i].line;
    add_colour(r, here(r), alpha_first && list.item[i].eight ? turned : c);
  }
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
      pm_fail(PM_BAD_INPUT, here(r), "ends after %lld of %s", (long long)i,
              pm_counted(r->arena, (size_t)count, "colour"));
    const char *more = take_numbers(r, r->line, 3, rgba);
    if (strcasecmp(more, "transparent") == 0)
      rgba[3] = 0;
    else if (*more && *take_numbers(r, r->line, 4, rgba))
      pm_fail(PM_BAD_INPUT, here(r), "expected r g b, or r g b a");
    add_colour(r, here(r), rgba);
  }
  while (next_line(r))
    if (*r->line)
      pm_fail(PM_BAD_INPUT, here(r), "there is more than the %s that line 3 declares",
              pm_counted(r->arena, (size_t)count, "colour"));
}

static void read_png(reader *r, pm_input *input) {
  pm_image image = pm_png_read_input(r->arena, input);
  if (!image.colours)
    pm_fail(PM_BAD_INPUT, r->name,
            "the picture has more than %d colours, and a palette holds as many: extract-palette finds fewer that stand "
            "for them",
            MAX_COLOURS);
  for (size_t i = 0; i < image.colours; i++)
    add_colour(r, r->name, image.palette[i]);
}

static void read_text(reader *r) {
  if (strncmp(r->rest, "\xef\xbb\xbf", 3) == 0)
    r->rest += 3;
  if (!next_line(r))
    return;
  if (strcmp(r->line, "GIMP Palette") == 0)
    read_gpl(r);
  else if (strcmp(r->line, "JASC-PAL") == 0)
    read_jasc(r);
  else
    read_hex(r);
}

PM_NORETURN static void refuse_kind(const reader *r, const unsigned char *bytes, size_t length) {
  const pm_file_kind *kind = pm_file_kind_of(bytes, length);
  if (kind)
    pm_fail(PM_BAD_INPUT, r->name, "is %s, expected a palette (" KINDS "): a PNG picture is taken, too; %s", kind->what,
            kind->way_out);
  if (pm_utf16_begins(bytes, length))
    pm_fail(PM_BAD_INPUT, r->name,
            "is text in UTF-16, expected a palette (" KINDS "); its editor can save it as UTF-8");
  pm_fail(PM_BAD_INPUT, r->name, "is neither text nor a PNG, expected a palette (" KINDS ")%s",
          pm_has_suffix(r->name, ".aco")   ? "; save Photoshop's swatches for exchange, as .ase"
          : length == 768 || length == 772 ? "; if it is an Adobe colour table, give it a name that ends in .act"
                                           : "");
}

static void read_file(reader *r, pm_input *input) {
  size_t length;
  pm_colour_list list;
  unsigned char *bytes = pm_input_read_all(r->arena, input, MAX_BYTES, &length);
  bool aseprite = pm_aseprite_begins(bytes, length);
  if (aseprite)
    list = pm_aseprite_palette(r->arena, bytes, length, r->name);
  if (aseprite || pm_palette_decode_binary(r->arena, bytes, length, r->name, &list))
    for (size_t i = 0; i < list.count; i++)
      add_colour(r, r->name, list.rgba[i]);
  else if (pm_is_no_text(bytes, length))
    refuse_kind(r, bytes, length);
  else {
    r->rest = (char *)bytes;
    read_text(r);
  }
}

pm_palette pm_palette_read(pm_arena *arena, const char *path) {
  unsigned char head[PM_PNG_SIGNATURE];
  pm_input *input = pm_input_open(arena, path);
  reader r = {.arena = arena, .name = pm_input_name(input)};
  if (pm_png_begins(head, pm_input_peek(input, head, sizeof head)))
    read_png(&r, input);
  else
    read_file(&r, input);
  if (r.palette.count == 0)
    pm_fail(PM_BAD_INPUT, r.name, "holds no colours, expected a palette (" KINDS ")");
  if (r.repeated)
    pm_warn(r.name, "%s %s dropped", pm_counted(arena, r.repeated, "repeated colour"), r.repeated == 1 ? "is" : "are");
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
  bool clear = rgba[3] < PM_OPAQUE_FROM;
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
