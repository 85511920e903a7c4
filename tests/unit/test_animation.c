/* GIF and APNG as they are written, read by a decoder of this test's own. Pillow reads them in
 * tests/export-sprites.bats. */
#include "files.h"

#include "io/animation.h"

#include <zlib.h>

/* `count` frames of width x height one below the other; colours [colours] of their own, at random or runs of one. */
static pm_image frames_of(size_t width, size_t height, size_t count, size_t colours, bool runs) {
  pm_image image = {.width = width, .height = height * count, .colours = colours};
  image.palette = pm_alloc(arena, colours, 4);
  for (size_t k = 0; k < colours; k++) {
    const unsigned char rgba[4] = {(unsigned char)k, (unsigned char)(3 * k), 7, k == 1 && colours > 2 ? 0 : 255};
    memcpy(image.palette[k], rgba, 4);
  }
  image.index = pm_alloc(arena, width * image.height, 1);
  uint32_t x = 1;
  for (size_t p = 0; p < width * image.height; p++) {
    x = x * 1664525 + 1013904223;
    image.index[p] = (unsigned char)((runs ? p / 100 : x >> 8) % colours);
  }
  return image;
}

static unsigned char *written(void (*write)(pm_arena *, pm_output *, const pm_animation *), const pm_animation *a,
                              size_t *length) {
  const char *path = check_path("animation");
  pm_output *output = pm_output_open(arena, path, true);
  write(arena, output, a);
  pm_output_commit(output);
  return (unsigned char *)check_bytes(path, length);
}

/* ---- GIF ---- */

typedef struct {
  const unsigned char *at; /* in the sub-blocks, behind the count of the current one */
  size_t block_left;
  uint32_t bits;
  int count;
} bit_reader;

static unsigned take_bits(bit_reader *r, int wanted) {
  while (r->count < wanted) {
    if (r->block_left == 0)
      r->block_left = *r->at++;
    assert_true(r->block_left > 0);
    r->bits |= (uint32_t)*r->at++ << r->count;
    r->count += 8;
    r->block_left--;
  }
  unsigned value = r->bits & ((1u << wanted) - 1);
  r->bits >>= wanted;
  r->count -= wanted;
  return value;
}

/* The pixels of one image by the specification's decoder; returns what follows its blocks. */
static const unsigned char *unpack(const unsigned char *at, unsigned char *pixel, size_t pixels) {
  static unsigned char string[4096][4096];
  static size_t length[4096];
  int first = *at++, width = first + 1;
  unsigned clear = 1u << first, next = clear + 2, before = clear;
  bit_reader r = {.at = at};
  size_t got = 0;
  for (unsigned code; (code = take_bits(&r, width)) != clear + 1;) {
    if (code == clear) {
      for (unsigned c = 0; c < clear; c++) {
        string[c][0] = (unsigned char)c;
        length[c] = 1;
      }
      width = first + 1;
      next = clear + 2;
      before = clear;
      continue;
    }
    assert_true(code < next || (code == next && before != clear));
    if (before != clear && next < 4096) {
      const unsigned char *source = code == next ? string[before] : string[code];
      memcpy(string[next], string[before], length[before]);
      string[next][length[before]] = source[0];
      length[next] = length[before] + 1;
      next++;
      if (next == 1u << width && width < 12)
        width++;
    }
    assert_true(got + length[code] <= pixels);
    memcpy(pixel + got, string[code], length[code]);
    got += length[code];
    before = code;
  }
  assert_int_equal(got, pixels);
  assert_int_equal(r.block_left, 0);
  assert_int_equal(*r.at, 0);
  return r.at + 1;
}

static void check_gif(size_t width, size_t height, size_t count, size_t colours, bool runs) {
  pm_animation a = {.frames = frames_of(width, height, count, colours, runs), .count = count, .delay = 70, .plays = 5};
  size_t length, bits = 1;
  while (1u << bits < colours)
    bits++;
  unsigned char *bytes = written(pm_gif_write, &a, &length);
  assert_memory_equal(bytes, "GIF89a", 6);
  assert_int_equal(bytes[6] | bytes[7] << 8, width);
  assert_int_equal(bytes[8] | bytes[9] << 8, height);
  assert_int_equal(bytes[10], 0x80 | (bits - 1) * 0x11);
  for (size_t k = 0; k < colours; k++)
    assert_memory_equal(bytes + 13 + 3 * k, a.frames.palette[k], 3);
  const unsigned char *at = bytes + 13 + (3u << bits);
  assert_memory_equal(at, "\x21\xff\x0bNETSCAPE2.0\3\1\4\0", 19);
  at += 19;
  unsigned char *pixel = malloc(width * height);
  for (size_t f = 0; f < count; f++) {
    const unsigned char control[8] = {0x21, 0xf9, 4, colours > 2 ? 9 : 4, 7, 0, colours > 2 ? 1 : 0, 0};
    assert_memory_equal(at, control, 8);
    const unsigned char place[10] = {0x2c,
                                     0,
                                     0,
                                     0,
                                     0,
                                     (unsigned char)width,
                                     (unsigned char)(width >> 8),
                                     (unsigned char)height,
                                     (unsigned char)(height >> 8)};
    assert_memory_equal(at + 8, place, 10);
    at = unpack(at + 18, pixel, width * height);
    assert_memory_equal(pixel, a.frames.index + f * width * height, width * height);
  }
  assert_int_equal(*at, ';');
  assert_ptr_equal(at + 1, bytes + length);
  free(pixel);
  free(bytes);
}

static void gif(void **state) {
  (void)state;
  static const size_t colours[] = {1, 2, 3, 4, 5, 16, 17, 128, 129, 256};
  for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
    check_gif(1, 1, 2, colours[i], false);
    check_gif(7, 5, 3, colours[i], false);
    check_gif(161, 100, 2, colours[i], false); /* codes run out */
    check_gif(300, 70, 1, colours[i], true);
  }
  check_gif(1, 300, 1, 2, false);
}

static void gif_comments_and_plays(void **state) {
  (void)state;
  char text[600];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  const char *const notes[] = {"Comment", text, NULL};
  pm_animation a = {.frames = frames_of(1, 1, 1, 2, false), .count = 1, .delay = 10, .plays = 1, .notes = notes};
  size_t length;
  unsigned char *bytes = written(pm_gif_write, &a, &length);
  /* No extension where all is shown once; then 255 + 255 + 89 letters. */
  assert_memory_equal(bytes + 19, "\x21\xfe\xff", 3);
  assert_int_equal(bytes[19 + 2 + 256], 255);
  assert_int_equal(bytes[19 + 2 + 512], 89);
  assert_int_equal(bytes[19 + 2 + 512 + 90], 0);
  assert_memory_equal(bytes + 19 + 2 + 512 + 91, "\x21\xf9", 2);
  free(bytes);
}

/* ---- APNG ---- */

static uint32_t big(const unsigned char *bytes, int size) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

/* One frame's rows, all of filter `none`, as 8-bit indices. */
static void check_rows(const unsigned char *data, size_t length, const unsigned char *index, size_t width,
                       size_t height) {
  unsigned char *rows = malloc((width + 1) * height);
  uLongf got = (width + 1) * height;
  assert_int_equal(uncompress(rows, &got, data, length), Z_OK);
  assert_int_equal(got, (width + 1) * height);
  for (size_t y = 0; y < height; y++) {
    assert_int_equal(rows[y * (width + 1)], 0);
    assert_memory_equal(rows + y * (width + 1) + 1, index + y * width, width);
  }
  free(rows);
}

static void apng(void **state) {
  (void)state;
  enum { WIDTH = 33, HEIGHT = 21, FRAMES = 4 };
  pm_animation a = {.frames = frames_of(WIDTH, HEIGHT, FRAMES, 200, false), .count = FRAMES, .delay = 45, .plays = 3};
  size_t length, frame = 0, sequence = 0;
  unsigned char *bytes = written(pm_apng_write, &a, &length);
  char order[512] = "";
  for (size_t at = 8; at < length;) {
    size_t size = big(bytes + at, 4);
    const unsigned char *name = bytes + at + 4, *content = bytes + at + 8;
    assert_int_equal(big(content + size, 4), crc32(0, name, (uInt)size + 4));
    snprintf(order + strlen(order), 6, "%.4s ", (const char *)name);
    if (memcmp(name, "acTL", 4) == 0)
      assert_memory_equal(content, "\0\0\0\4\0\0\0\3", 8);
    if (memcmp(name, "fcTL", 4) == 0) {
      assert_int_equal(big(content, 4), sequence++);
      assert_memory_equal(content + 4, "\0\0\0\x21\0\0\0\x15\0\0\0\0\0\0\0\0\0\x2d\3\xe8\0\0", 22);
    }
    size_t head = memcmp(name, "fdAT", 4) == 0 ? 4 : 0;
    if (head)
      assert_int_equal(big(content, 4), sequence++);
    if (head || memcmp(name, "IDAT", 4) == 0)
      check_rows(content + head, size - head, a.frames.index + frame++ * WIDTH * HEIGHT, WIDTH, HEIGHT);
    at += size + 12;
  }
  assert_string_equal(order, "IHDR PLTE tRNS acTL fcTL IDAT fcTL fdAT fcTL fdAT fcTL fdAT IEND ");
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {FILE_CASE(gif), FILE_CASE(gif_comments_and_plays), FILE_CASE(apng)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
