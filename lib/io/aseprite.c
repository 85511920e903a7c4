#include "io/aseprite.h"

#include "io/aseprite_parts.h"

#include <string.h>

enum {
  HEADER = 128,
  FRAME_HEADER = 16,
  CHUNK_HEADER = 6,
  FILE_MAGIC = 0xA5E0,
  FRAME_MAGIC = 0xF1FA,
};

/* Types of chunks. All others hold what pixels do not need. */
enum {
  OLD_PALETTE = 0x0004,
  OLDER_PALETTE = 0x0011, /* its channels go to 63 */
  LAYER = 0x2004,
  CEL = 0x2005,
  PALETTE = 0x2019,
};

enum { RAW_CEL, LINKED_CEL, COMPRESSED_CEL, TILEMAP_CEL };

/* The file as far as it was read. */
typedef struct {
  pm_ase_sprite sprite;
  pm_ase_palette *palette; /* what the next frame begins with */
  bool new_palette;        /* from then on old palettes only repeat it */
} reader;

bool pm_aseprite_begins(const unsigned char *bytes, size_t length) {
  return length >= PM_ASEPRITE_MAGIC_END && pm_little_endian(bytes + 4, 2) == FILE_MAGIC;
}

static int take_signed(pm_bytes *b, const char *what) {
  return (int16_t)pm_bytes_little(b, 2, what);
}

static size_t take_size(pm_bytes *b, int bytes, const char *what) {
  return pm_bytes_little(b, bytes, what);
}

/* ---- palettes ---- */

/* A copy of its own for this frame, so that earlier frames keep theirs. */
static pm_ase_palette *change_palette(reader *r, pm_ase_frame *frame) {
  pm_ase_palette *changed = pm_alloc(r->sprite.arena, 1, sizeof *changed);
  if (r->palette)
    *changed = *r->palette;
  r->palette = changed;
  frame->palette = changed;
  return changed;
}

static void read_palette(reader *r, pm_bytes *b, pm_ase_frame *frame) {
  static const char what[] = "a palette";
  pm_ase_palette *p = change_palette(r, frame);
  r->new_palette = true;
  size_t at = b->at, count = take_size(b, 4, what), first = take_size(b, 4, what), last = take_size(b, 4, what);
  pm_bytes_take(b, 8, what);
  if (first > last || last >= count)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at), "a palette of %zu colours sets those from %zu to %zu", count, first,
            last);
  p->count = count;
  for (size_t i = first; i <= last; i++) {
    bool named = pm_bytes_little(b, 2, what) & 1;
    const unsigned char *rgba = pm_bytes_take(b, 4, what);
    if (i < PM_ASE_COLOURS)
      memcpy(p->rgba[i], rgba, 4);
    if (named)
      pm_bytes_take(b, take_size(b, 2, what), what);
  }
}

static unsigned char from_six_bits(pm_bytes *b, unsigned char value) {
  if (value > 63)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, b->at - 3),
            "a colour of an old palette has the channel %u, expected 0 to 63", value);
  return (unsigned char)(value << 2 | value >> 4);
}

/* Packets of colours, each with how many entries are passed over before it. */
static void read_old_palette(reader *r, pm_bytes *b, pm_ase_frame *frame, bool six_bits) {
  static const char what[] = "an old palette";
  if (r->new_palette)
    return;
  pm_ase_palette *p = change_palette(r, frame);
  size_t index = 0;
  for (size_t packets = take_size(b, 2, what); packets > 0; packets--) {
    index += take_size(b, 1, what);
    size_t count = take_size(b, 1, what);
    for (count = count ? count : PM_ASE_COLOURS; count > 0; count--, index++) {
      const unsigned char *rgb = pm_bytes_take(b, 3, what);
      if (index >= PM_ASE_COLOURS)
        pm_fail(PM_BAD_INPUT, pm_bytes_place(b, b->at - 3), "an old palette has more than %d colours", PM_ASE_COLOURS);
      for (int c = 0; c < 3; c++)
        p->rgba[index][c] = six_bits ? from_six_bits(b, rgb[c]) : rgb[c];
      p->rgba[index][3] = 255;
      p->count = index >= p->count ? index + 1 : p->count;
    }
  }
}

/* ---- layers and cels ---- */

static void read_layer(reader *r, pm_bytes *b) {
  static const char what[] = "a layer";
  pm_ase_sprite *s = &r->sprite;
  size_t at = b->at;
  unsigned flags = pm_bytes_little(b, 2, what);
  pm_ase_layer l = {.at = at, .background = flags & 8, .reference = flags & 64, .parent = (int)s->layers - 1};
  l.type = (int)pm_bytes_little(b, 2, what);
  l.level = (int)pm_bytes_little(b, 2, what);
  pm_bytes_take(b, 4, what); /* sizes that nobody uses */
  l.blend = (int)pm_bytes_little(b, 2, what);
  l.opacity = (int)pm_bytes_little(b, 1, what);
  if (!s->layer_opacity)
    l.opacity = 255;
  pm_bytes_take(b, 3, what);
  size_t letters = take_size(b, 2, what);
  l.name = pm_format(s->arena, "%.*s", (int)letters, (const char *)pm_bytes_take(b, letters, what));
  if (l.type > PM_ASE_TILEMAP)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at + 2), "a layer has the type %d, expected 0 to 2", l.type);
  while (l.parent != PM_ASE_NONE && s->layer[l.parent].level >= l.level)
    l.parent = s->layer[l.parent].parent;
  const pm_ase_layer *parent = l.parent == PM_ASE_NONE ? NULL : &s->layer[l.parent];
  if (l.level != (parent ? parent->level + 1 : 0))
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at + 4), "a layer lies %d groups deep, and there is no group for it",
            l.level);
  l.visible = (flags & 1) && (!parent || parent->visible);
  s->layer = pm_grow(s->arena, s->layer, &s->layer_capacity, s->layers + 1, sizeof *s->layer);
  s->layer[s->layers++] = l;
}

/* The pixels of that layer's cel in an earlier frame. */
static void link_cel(const reader *r, pm_ase_cel *cel, size_t frame, size_t now, const char *place) {
  const pm_ase_sprite *s = &r->sprite;
  if (frame >= now)
    pm_fail(PM_BAD_INPUT, place, "a cel of frame %zu is linked with frame %zu, expected an earlier one", now, frame);
  for (size_t i = s->frame[frame].first; i < s->frame[frame].end; i++)
    if (s->cel[i].layer == cel->layer) {
      const pm_ase_cel *other = &s->cel[i];
      cel->tilemap = other->tilemap;
      cel->compressed = other->compressed;
      cel->width = other->width;
      cel->height = other->height;
      cel->pixels = other->pixels;
      return;
    }
  pm_fail(PM_BAD_INPUT, place, "a cel of frame %zu is linked with frame %zu, where its layer has none", now, frame);
}

static void read_cel_size(const reader *r, pm_ase_cel *cel, pm_bytes *b) {
  size_t at = b->at;
  cel->width = take_size(b, 2, "a cel");
  cel->height = take_size(b, 2, "a cel");
  if (cel->width == 0 || cel->height == 0 || cel->width * cel->height > PM_IMAGE_MOST_PIXELS)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at), "a cel has %zu x %zu pixels, expected at least one and at most %d",
            cel->width, cel->height, PM_IMAGE_MOST_PIXELS);
  size_t bytes = cel->width * cel->height * r->sprite.pixel_bytes;
  if (!cel->compressed && b->length - b->at != bytes)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, b->at), "a raw cel holds %zu bytes, expected %zu for %zu x %zu pixels",
            b->length - b->at, bytes, cel->width, cel->height);
  cel->pixels = *b;
}

static void read_cel(reader *r, pm_bytes *b, size_t frame) {
  static const char what[] = "a cel";
  pm_ase_sprite *s = &r->sprite;
  size_t at = b->at;
  pm_ase_cel cel = {.layer = take_size(b, 2, what)};
  cel.x = take_signed(b, what);
  cel.y = take_signed(b, what);
  cel.opacity = (int)pm_bytes_little(b, 1, what);
  unsigned type = pm_bytes_little(b, 2, what);
  cel.z = take_signed(b, what);
  pm_bytes_take(b, 5, what);
  if (cel.layer >= s->layers)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at), "a cel is of layer %zu, and there are %zu so far", cel.layer,
            s->layers);
  if (type > TILEMAP_CEL)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at + 7), "a cel has the type %u, expected 0 to 3", type);
  cel.tilemap = type == TILEMAP_CEL;
  cel.compressed = type == COMPRESSED_CEL;
  if (type == LINKED_CEL)
    link_cel(r, &cel, take_size(b, 2, what), frame, pm_bytes_place(b, at));
  else if (type != TILEMAP_CEL)
    read_cel_size(r, &cel, b);
  s->cel = pm_grow(s->arena, s->cel, &s->cel_capacity, s->cels + 1, sizeof *s->cel);
  s->cel[s->cels++] = cel;
}

/* ---- the file ---- */

static void read_chunk(reader *r, pm_bytes *b, size_t frame, unsigned type) {
  switch (type) {
  case PALETTE:
    read_palette(r, b, &r->sprite.frame[frame]);
    break;
  case OLD_PALETTE:
  case OLDER_PALETTE:
    read_old_palette(r, b, &r->sprite.frame[frame], type == OLDER_PALETTE);
    break;
  case LAYER:
    read_layer(r, b);
    break;
  case CEL:
    read_cel(r, b, frame);
    break;
  default:
    break;
  }
}

/* The next part of the file, which tells its own size; `least` bytes of it are its header. */
static pm_bytes take_part(pm_bytes *b, size_t least, const char *what) {
  size_t at = b->at, size = take_size(b, 4, what);
  if (size < least)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at), "%s has %zu bytes, expected at least %zu", what, size, least);
  if (size - 4 > b->length - b->at)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, at), "%s has %zu bytes, and only %zu are left", what, size, b->length - at);
  return pm_bytes_part(b, size - 4, what);
}

static void read_frame(reader *r, pm_bytes *file, size_t f) {
  size_t start = file->at;
  pm_bytes b = take_part(file, FRAME_HEADER, "a frame");
  pm_ase_frame *frame = &r->sprite.frame[f];
  frame->first = r->sprite.cels;
  frame->palette = r->palette;
  if (pm_bytes_little(&b, 2, "a frame") != FRAME_MAGIC)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(&b, start + 4), "frame %zu does not begin with FA F1, as a frame does", f);
  size_t chunks = take_size(&b, 2, "a frame");
  pm_bytes_take(&b, 4, "a frame"); /* how long it is shown, and nothing */
  size_t more = take_size(&b, 4, "a frame");
  for (chunks = more ? more : chunks; chunks > 0; chunks--) {
    pm_bytes chunk = take_part(&b, CHUNK_HEADER, "a chunk");
    read_chunk(r, &chunk, f, pm_bytes_little(&chunk, 2, "a chunk"));
  }
  if (b.at < b.length)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(&b, b.at), "there are %zu bytes behind the last chunk of frame %zu",
            b.length - b.at, f);
  frame->end = r->sprite.cels;
}

static void check_size(const pm_ase_sprite *s, pm_bytes *b) {
  if (s->frames == 0)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 6), "it has no frames, expected at least one");
  if (s->width == 0 || s->height == 0)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 8), "it has %zu x %zu pixels, expected at least one", s->width, s->height);
  if (s->width > PM_IMAGE_MOST_SIDE || s->height > PM_IMAGE_MOST_SIDE ||
      s->width * s->height > PM_IMAGE_MOST_PIXELS / s->frames)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 6),
            "it has %zu frames of %zu x %zu pixels, expected at most 16,384 a side and 2^26 in all", s->frames,
            s->width, s->height);
}

static void read_header(pm_ase_sprite *s, pm_bytes *b) {
  static const char what[] = "its header";
  size_t size = take_size(b, 4, what);
  if (pm_bytes_little(b, 2, what) != FILE_MAGIC)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 4), "is no Aseprite file, which has E0 A5 there");
  s->frames = take_size(b, 2, what);
  s->width = take_size(b, 2, what);
  s->height = take_size(b, 2, what);
  unsigned depth = pm_bytes_little(b, 2, what), flags = pm_bytes_little(b, 4, what);
  s->layer_opacity = flags & 1;
  s->group_opacity = flags & 2;
  pm_bytes_take(b, 10, what); /* an old time between frames, and nothing */
  s->transparent = (int)pm_bytes_little(b, 1, what);
  pm_bytes_take(b, HEADER - 29, what);
  if (size != b->length)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 0), "it holds %zu bytes, and its header says %zu", b->length, size);
  if (depth != 32 && depth != 16 && depth != 8)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, 12), "a pixel has %u bits, expected 32 (RGBA), 16 (grey) or 8 (indices)",
            depth);
  s->pixel_bytes = depth / 8;
  check_size(s, b);
}

static pm_ase_sprite read_file(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name) {
  pm_bytes b = {arena, name, bytes, length, 0};
  reader r = {.sprite = {.arena = arena, .name = name}};
  read_header(&r.sprite, &b);
  r.sprite.frame = pm_alloc(arena, r.sprite.frames, sizeof *r.sprite.frame);
  for (size_t f = 0; f < r.sprite.frames; f++)
    read_frame(&r, &b, f);
  if (b.at < b.length)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(&b, b.at), "there are %zu bytes behind the last frame", b.length - b.at);
  return r.sprite;
}

pm_image pm_aseprite_decode(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name,
                            size_t *frames) {
  pm_arena **scratch = pm_scratch_new(arena);
  pm_ase_sprite s = read_file(*scratch, bytes, length, name);
  size_t frame_bytes = 4 * s.width * s.height;
  unsigned char *rgba = pm_alloc(*scratch, s.frames, frame_bytes);
  for (size_t f = 0; f < s.frames; f++)
    pm_ase_flatten(&s, f, rgba + f * frame_bytes);
  pm_image image = pm_image_from_rgba(arena, s.width, s.frames * s.height, rgba);
  *frames = s.frames;
  pm_scratch_free(scratch);
  return image;
}

static bool has_background(const pm_ase_sprite *s) {
  for (size_t l = 0; l < s->layers; l++)
    if (s->layer[l].background)
      return true;
  return false;
}

pm_colour_list pm_aseprite_palette(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name) {
  pm_arena **scratch = pm_scratch_new(arena);
  pm_ase_sprite s = read_file(*scratch, bytes, length, name);
  const pm_ase_palette *p = s.frame[0].palette;
  pm_colour_list list = {.count = p ? p->count : 0};
  if (list.count > PM_ASE_COLOURS)
    pm_fail(PM_BAD_INPUT, name, "has a palette of %zu colours, expected at most %d", list.count, PM_ASE_COLOURS);
  list.rgba = pm_alloc(arena, PM_ASE_COLOURS, sizeof *list.rgba);
  if (p)
    memcpy(list.rgba, p->rgba, sizeof p->rgba);
  if (s.pixel_bytes == 1 && !has_background(&s))
    list.rgba[s.transparent][3] = 0;
  pm_scratch_free(scratch);
  return list;
}
