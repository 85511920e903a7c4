#include "io/animation.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum {
  MAX_COLOURS = 256,
  BLOCK = 255, /* bytes of data at most behind a byte that counts them */
  MAX_CODE_BITS = 12,
  CODES = 1 << MAX_CODE_BITS,
  PLACES = 4 * CODES, /* of the table of strings, a power of two */
};

/* ---- LZW, as GIF packs it ---- */

/* A string of pixels has a code: that of all but its last, and the last. */
typedef struct {
  uint32_t key[PLACES]; /* 1 + (code << 8 | last); 0: free */
  uint16_t code[PLACES];
  size_t next;      /* the next code to be given */
  int first_bits;   /* a pixel's, at least 2 */
  int bits;         /* of the codes that are written now */
  uint32_t waiting; /* bits that fill no byte yet */
  int waiting_bits;
  unsigned char block[1 + BLOCK];
  pm_output *output;
} packer;

static void end_block(packer *p) {
  if (p->block[0])
    pm_output_write(p->output, p->block, 1 + (size_t)p->block[0]);
  p->block[0] = 0;
}

static void put_byte(packer *p, unsigned char byte) {
  p->block[1 + p->block[0]++] = byte;
  if (p->block[0] == BLOCK)
    end_block(p);
}

static void put_code(packer *p, size_t code) {
  p->waiting |= (uint32_t)code << p->waiting_bits;
  for (p->waiting_bits += p->bits; p->waiting_bits >= 8; p->waiting_bits -= 8, p->waiting >>= 8)
    put_byte(p, (unsigned char)p->waiting);
}

static size_t clear_code(const packer *p) {
  return (size_t)1 << p->first_bits;
}

static void forget_strings(packer *p) {
  put_code(p, clear_code(p));
  memset(p->key, 0, sizeof p->key);
  p->next = clear_code(p) + 2; /* behind it is the code that ends all */
  p->bits = p->first_bits + 1;
}

/* The place of a string in the table, or the free one that it would have. */
static size_t place_of(const packer *p, uint32_t key) {
  size_t at = (key * 2654435761u) % PLACES;
  while (p->key[at] && p->key[at] != key)
    at = (at + 1) % PLACES;
  return at;
}

static void pack(packer *p, const unsigned char *pixel, size_t pixels) {
  p->bits = p->first_bits + 1;
  forget_strings(p);
  size_t code = pixel[0];
  for (size_t i = 1; i < pixels; i++) {
    uint32_t key = 1 + ((uint32_t)code << 8 | pixel[i]);
    size_t at = place_of(p, key);
    if (p->key[at]) {
      code = p->code[at];
      continue;
    }
    put_code(p, code);
    code = pixel[i];
    if (p->next == CODES) {
      forget_strings(p);
      continue;
    }
    p->key[at] = key;
    p->code[at] = (uint16_t)p->next;
    p->bits += p->next++ == (size_t)1 << p->bits;
  }
  put_code(p, code);
  put_code(p, clear_code(p) + 1);
  if (p->waiting_bits)
    put_byte(p, (unsigned char)p->waiting);
  end_block(p);
  p->waiting = 0;
  p->waiting_bits = 0;
}

/* ---- the file ---- */

static void put_little(unsigned char *to, size_t value) {
  to[0] = (unsigned char)value;
  to[1] = (unsigned char)(value >> 8);
}

/* Bits of an index, at least 1. */
static int index_bits(size_t colours) {
  int bits = 1;
  while ((size_t)1 << bits < colours)
    bits++;
  return bits;
}

static void write_head(pm_output *output, const pm_animation *a) {
  int bits = index_bits(a->frames.colours);
  unsigned char head[13] = "GIF89a", table[MAX_COLOURS][3] = {{0}};
  put_little(head + 6, a->frames.width);
  put_little(head + 8, a->frames.height / a->count);
  head[10] = (unsigned char)(0x80 | (bits - 1) << 4 | (bits - 1)); /* there is a table, and how large */
  for (size_t k = 0; k < a->frames.colours; k++)
    memcpy(table[k], a->frames.palette[k], 3);
  pm_output_write(output, head, sizeof head);
  pm_output_write(output, table, (size_t)3 << bits);
}

/* Netscape's extension counts how often all is shown again; without it all is shown once. */
static void write_plays(pm_output *output, unsigned plays) {
  unsigned char extension[] = "\x21\xff\x0bNETSCAPE2.0\3\1\0\0";
  if (plays == 1)
    return;
  put_little(extension + 16, plays ? plays - 1 : 0);
  pm_output_write(output, extension, sizeof extension);
}

static void write_comment(pm_output *output, const char *text) {
  pm_output_write(output, "\x21\xfe", 2);
  for (size_t left = strlen(text), size; left > 0; left -= size, text += size) {
    size = left < BLOCK ? left : BLOCK;
    pm_output_write(output, &(unsigned char){(unsigned char)size}, 1);
    pm_output_write(output, text, size);
  }
  pm_output_write(output, "", 1);
}

/* The index of the colour that is none; MAX_COLOURS if there is none. */
static size_t clear_index(const pm_image *image) {
  for (size_t k = 0; k < image->colours; k++)
    if (image->palette[k][3] == 0)
      return k;
  return MAX_COLOURS;
}

/* Where pixels may be transparent, the frame before is taken away first; else it is covered. */
static void write_frame(packer *p, const pm_animation *a, size_t f) {
  enum { COVER = 1 << 2, TAKE_AWAY = 2 << 2, HAS_CLEAR = 1 };
  size_t clear = clear_index(&a->frames), height = a->frames.height / a->count, pixels = height * a->frames.width;
  unsigned char head[19] = {0x21, 0xf9, 4, COVER, 0, 0, 0, 0, 0x2c};
  if (clear < MAX_COLOURS) {
    head[3] = TAKE_AWAY | HAS_CLEAR;
    head[6] = (unsigned char)clear;
  }
  put_little(head + 4, a->delay / 10);
  put_little(head + 13, a->frames.width);
  put_little(head + 15, height);
  head[18] = (unsigned char)p->first_bits;
  pm_output_write(p->output, head, sizeof head);
  pack(p, a->frames.index + f * pixels, pixels);
  pm_output_write(p->output, "", 1);
}

void pm_gif_write(pm_arena *arena, pm_output *output, const pm_animation *a) {
  assert(a->count > 0 && a->frames.height % a->count == 0 && a->delay % 10 == 0);
  assert(a->frames.colours >= 1 && a->frames.colours <= MAX_COLOURS);
  assert(a->frames.width <= UINT16_MAX && a->frames.height / a->count <= UINT16_MAX);
  packer *p = pm_alloc(arena, 1, sizeof *p);
  p->output = output;
  p->first_bits = index_bits(a->frames.colours) < 2 ? 2 : index_bits(a->frames.colours);
  write_head(output, a);
  write_plays(output, a->plays);
  for (const char *const *note = a->notes; note && note[0]; note += 2)
    write_comment(output, note[1]);
  for (size_t f = 0; f < a->count; f++)
    write_frame(p, a, f);
  pm_output_write(output, ";", 1);
}
