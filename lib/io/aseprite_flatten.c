#include "io/aseprite_parts.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { DEFLATE_RATIO = 1032 }; /* no byte of it stands for more */

/* ---- what is drawn, from back to front ---- */

static bool is_drawn(const pm_ase_sprite *s, const pm_ase_cel *cel) {
  const pm_ase_layer *layer = &s->layer[cel->layer];
  return layer->visible && !layer->reference;
}

/* The cel's layer moved by its z-index; where two meet, the z-index decides, and at last their order in the file. */
static int compare_cels(const void *a, const void *b) {
  const pm_ase_cel *p = *(pm_ase_cel *const *)a, *q = *(pm_ase_cel *const *)b;
  long before = (long)p->layer + p->z, behind = (long)q->layer + q->z;
  if (before != behind)
    return before < behind ? -1 : 1;
  return p->z != q->z ? (p->z > q->z) - (p->z < q->z) : (p > q) - (p < q);
}

static const char *blend_name(int blend) {
  static const char *const names[] = {"Normal",     "Multiply",    "Screen",     "Overlay",    "Darken",
                                      "Lighten",    "Color Dodge", "Color Burn", "Hard Light", "Soft Light",
                                      "Difference", "Exclusion",   "Hue",        "Saturation", "Color",
                                      "Luminosity", "Addition",    "Subtract",   "Divide"};
  return blend < (int)(sizeof names / sizeof *names) ? names[blend] : "an unknown mode";
}

/* Whether plain alpha blending, layer by layer, gives what Aseprite shows. */
static void check_layer(const pm_ase_sprite *s, const pm_ase_cel *cel) {
  static const char way_out[] = "flatten it in Aseprite (Layer > Flatten), or export it as PNG";
  const pm_ase_layer *layer = &s->layer[cel->layer];
  const char *place = pm_format(s->arena, "%s: byte %zu", s->name, layer->at);
  if (cel->tilemap || layer->type == PM_ASE_TILEMAP)
    pm_fail(PM_BAD_INPUT, place, "the layer '%s' is a tilemap, expected one of pixels: %s", layer->name, way_out);
  if (layer->blend)
    pm_fail(PM_BAD_INPUT, place, "the layer '%s' is blended by %s, expected Normal: %s", layer->name,
            blend_name(layer->blend), way_out);
  for (int g = layer->parent; s->group_opacity && g != PM_ASE_NONE; g = s->layer[g].parent)
    if (s->layer[g].blend || s->layer[g].opacity < 255)
      pm_fail(PM_BAD_INPUT, pm_format(s->arena, "%s: byte %zu", s->name, s->layer[g].at),
              "the group '%s' is blended as a whole (%s, opacity %d of 255), expected layers that are: %s",
              s->layer[g].name, blend_name(s->layer[g].blend), s->layer[g].opacity, way_out);
}

/* ---- pixels ---- */

/* [height, width, pixel_bytes] as they stand in the file. */
static const unsigned char *pixels_of(pm_ase_sprite *s, const pm_ase_cel *cel) {
  const pm_bytes *b = &cel->pixels;
  const unsigned char *stored = b->bytes + b->at;
  size_t stored_bytes = b->length - b->at, bytes = cel->width * cel->height * s->pixel_bytes;
  if (!cel->compressed)
    return stored;
  if (bytes / DEFLATE_RATIO > stored_bytes)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, b->at), "%zu compressed bytes hold no %zu x %zu pixels", stored_bytes,
            cel->width, cel->height);
  s->pixels = pm_grow(s->arena, s->pixels, &s->pixel_capacity, bytes, 1);
  uLongf got = bytes;
  uLong taken = stored_bytes;
  if (uncompress2(s->pixels, &got, stored, &taken) != Z_OK || got != bytes || taken != stored_bytes)
    pm_fail(PM_BAD_INPUT, pm_bytes_place(b, b->at), "the compressed pixels of a cel are damaged, or are not %zu x %zu",
            cel->width, cel->height);
  return s->pixels;
}

static void colour_of(const pm_ase_sprite *s, size_t f, const pm_ase_cel *cel, const unsigned char *pixel,
                      unsigned char rgba[4]) {
  const pm_ase_palette *palette = s->frame[f].palette;
  size_t colours = palette ? palette->count : 0;
  switch (s->pixel_bytes) {
  case 4:
    memcpy(rgba, pixel, 4);
    break;
  case 2:
    memset(rgba, pixel[0], 3);
    rgba[3] = pixel[1];
    break;
  default:
    if (pixel[0] == s->transparent && !s->layer[cel->layer].background)
      memset(rgba, 0, 4);
    else if (pixel[0] < colours)
      memcpy(rgba, palette->rgba[pixel[0]], 4);
    else
      pm_fail(PM_BAD_INPUT, pm_bytes_place(&cel->pixels, cel->pixels.at),
              "a pixel of frame %zu has the colour %u, and the palette has %zu", f, pixel[0], colours);
  }
}

/* a * b / 255, rounded. */
static int product(int a, int b) {
  int t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

/* Lays a colour over another as Aseprite's normal mode does, in whole numbers: alpha is Sa + Ba (1 - Sa), and each
 * channel is moved from the lower one by (S - B) Sa / alpha. */
static void lay_over(unsigned char below[4], const unsigned char above[4], int opacity) {
  int alpha = product(above[3], opacity);
  if (below[3] == 0) {
    memcpy(below, above, 3);
    below[3] = (unsigned char)alpha;
    return;
  }
  int whole = alpha + below[3] - product(below[3], alpha);
  for (int c = 0; c < 3; c++)
    below[c] = (unsigned char)(below[c] + (above[c] - below[c]) * alpha / whole);
  below[3] = (unsigned char)whole;
}

static void draw_cel(pm_ase_sprite *s, size_t f, const pm_ase_cel *cel, unsigned char *rgba) {
  const unsigned char *pixel = pixels_of(s, cel);
  int opacity = product(cel->opacity, s->layer[cel->layer].opacity);
  long width = (long)s->width, height = (long)s->height;
  for (long y = 0; y < (long)cel->height; y++)
    for (long x = 0; x < (long)cel->width; x++, pixel += s->pixel_bytes) {
      long to_x = cel->x + x, to_y = cel->y + y;
      if (to_x < 0 || to_x >= width || to_y < 0 || to_y >= height)
        continue;
      unsigned char colour[4];
      colour_of(s, f, cel, pixel, colour);
      lay_over(rgba + 4 * (to_y * width + to_x), colour, opacity);
    }
}

void pm_ase_flatten(pm_ase_sprite *s, size_t f, unsigned char *rgba) {
  const pm_ase_frame *frame = &s->frame[f];
  const pm_ase_cel **drawn = pm_alloc(s->arena, frame->end - frame->first, sizeof *drawn);
  size_t n = 0;
  for (size_t i = frame->first; i < frame->end; i++)
    if (is_drawn(s, &s->cel[i])) {
      check_layer(s, &s->cel[i]);
      drawn[n++] = &s->cel[i];
    }
  if (n)
    qsort(drawn, n, sizeof *drawn, compare_cels);
  for (size_t i = 0; i < n; i++)
    draw_cel(s, f, drawn[i], rgba);
}
