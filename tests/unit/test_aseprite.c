/* Aseprite files: what is read, byte by byte, and that damaged ones are refused and never believed. Files by another
 * writer are in tests/aseprite.bats. */
#include "mutate.h"

#include "io/artwork.h"
#include "io/aseprite.h"

#include <zlib.h>

/* A file as it grows; sizes are filled in when a part ends. */
typedef struct {
  unsigned char bytes[4096];
  size_t length;
} file;

static void put(file *f, size_t value, int size) {
  for (int i = 0; i < size; i++)
    f->bytes[f->length++] = (unsigned char)(value >> 8 * i);
}

static void put_bytes(file *f, const void *bytes, size_t size) {
  memcpy(f->bytes + f->length, bytes, size);
  f->length += size;
}

static void put_at(file *f, size_t at, size_t value, int size) {
  for (int i = 0; i < size; i++)
    f->bytes[at + (size_t)i] = (unsigned char)(value >> 8 * i);
}

static size_t begin(file *f, unsigned type) {
  size_t at = f->length;
  put(f, 0, 4);
  put(f, type, 2);
  return at;
}

static void end(file *f, size_t at) {
  put_at(f, at, f->length - at, 4);
}

static size_t begin_frame(file *f, size_t chunks) {
  size_t at = begin(f, 0xF1FA);
  put(f, chunks, 2);
  put(f, 100, 2);
  put(f, 0, 2);
  put(f, chunks, 4);
  return at;
}

static void put_header(file *f, size_t frames, size_t width, size_t height, size_t depth) {
  memset(f, 0, sizeof *f);
  put(f, 0, 4);
  put(f, 0xA5E0, 2);
  put(f, frames, 2);
  put(f, width, 2);
  put(f, height, 2);
  put(f, depth, 2);
  put(f, 1, 4);
  f->length = 28;
  put(f, 2, 1); /* this index is no colour */
  f->length = 128;
}

static void put_layer(file *f) {
  size_t at = begin(f, 0x2004);
  put(f, 1, 2);
  f->length += 10;
  put(f, 255, 1);
  f->length += 3;
  put(f, 3, 2);
  put_bytes(f, "one", 3);
  end(f, at);
}

/* The size is that of the pixels but in tests of sizes. */
static void put_cel(file *f, size_t layer, unsigned type, const void *pixels, size_t size, size_t width,
                    size_t height) {
  size_t at = begin(f, 0x2005);
  put(f, layer, 2);
  f->length += 4;
  put(f, 255, 1);
  put(f, type, 2);
  f->length += 7;
  put(f, width, 2);
  if (type != 1)
    put(f, height, 2);
  if (type == 2) {
    uLongf room = sizeof f->bytes - f->length;
    assert_int_equal(compress(f->bytes + f->length, &room, pixels, size), Z_OK);
    f->length += room;
  } else {
    put_bytes(f, pixels, size);
  }
  end(f, at);
}

/* Two frames of 2 x 2 indices: raw pixels, compressed ones above them, and a link. */
static void make(file *f) {
  put_header(f, 2, 2, 2, 8);
  size_t frame = begin_frame(f, 5), at = begin(f, 0x2019);
  put(f, 3, 4);
  put(f, 0, 4);
  put(f, 2, 4);
  f->length += 8;
  for (size_t i = 0; i < 3; i++) {
    put(f, i == 1, 2);
    put(f, 0xff000000 | i << 20 | 0x11 * i, 4);
    if (i == 1)
      put_bytes(f, "\3\0red", 5);
  }
  end(f, at);
  put_layer(f);
  put_cel(f, 0, 0, "\0\1\2\1", 4, 2, 2);
  put_layer(f);
  put_cel(f, 1, 2, "\2\2\2\0", 4, 2, 2);
  end(f, frame);
  frame = begin_frame(f, 1);
  put_cel(f, 0, 1, "", 0, 0, 0);
  end(f, frame);
  end(f, 0);
}

static void reads(pm_arena *own, const char *path) {
  size_t frames;
  pm_artwork_read(own, pm_input_open(own, path), &frames);
}

/* The same of a file that lies in memory. */
static const file *in_memory;

static void decodes(pm_arena *own, const char *name) {
  size_t frames;
  pm_aseprite_decode(own, in_memory->bytes, in_memory->length, name, &frames);
}

static void pixels_and_palette(void **state) {
  (void)state;
  file f;
  make(&f);
  size_t frames;
  pm_image image = pm_aseprite_decode(arena, f.bytes, f.length, "a.ase", &frames);
  assert_int_equal(frames, 2);
  assert_int_equal(image.width, 2);
  assert_int_equal(image.height, 4);
  static const unsigned char colours[3][4] = {{0, 0, 0, 255}, {0x11, 0, 0x10, 255}, {0, 0, 0, 0}};
  static const int wanted[8] = {0, 1, 2, 0, 0, 1, 2, 1};
  for (int p = 0; p < 8; p++)
    assert_memory_equal(image.palette[image.index[p]], colours[wanted[p]], 4);
  pm_colour_list palette = pm_aseprite_palette(arena, f.bytes, f.length, "a.ase");
  assert_int_equal(palette.count, 3);
  assert_memory_equal(palette.rgba[1], colours[1], 4);
  assert_int_equal(palette.rgba[2][3], 0);
}

static void cut_off(void **state) {
  (void)state;
  file f;
  make(&f);
  mutate_truncate(reads, "cut.aseprite", f.bytes, f.length);
}

static void flipped(void **state) {
  (void)state;
  file f;
  make(&f);
  in_memory = &f;
  for (size_t bit = 0; bit < 8 * f.length; bit++) {
    f.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    mutate_reads(decodes, "flipped.aseprite");
    f.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
}

/* Several bytes at once, of numbers that are sizes and counts above all. */
static void scattered(void **state) {
  (void)state;
  file f, g;
  make(&f);
  uint32_t x = 1;
  for (int round = 0; round < 4000; round++) {
    g = f;
    for (int i = 0; i < 3; i++) {
      static const unsigned char values[] = {0, 1, 2, 3, 127, 128, 254, 255};
      x = x * 1664525 + 1013904223;
      g.bytes[(x >> 8) % f.length] = values[x >> 29];
    }
    in_memory = &g;
    mutate_reads(decodes, "scattered.aseprite");
  }
}

static void refuses(file *f, size_t at, size_t value, int size, const char *says) {
  file g = *f;
  put_at(&g, at, value, size);
  size_t frames;
  PM_EXPECT_FAIL(PM_BAD_INPUT, says, pm_aseprite_decode(arena, g.bytes, g.length, "a.ase", &frames));
}

static void sizes(void **state) {
  (void)state;
  file f;
  make(&f);
  refuses(&f, 0, f.length + 1, 4, "a.ase: byte 0: it holds ");
  refuses(&f, 4, 0xA5E1, 2, "a.ase: byte 4: is no Aseprite file");
  refuses(&f, 6, 0, 2, "a.ase: byte 6: it has no frames");
  refuses(&f, 6, 1, 2, "bytes behind the last frame");
  refuses(&f, 6, 3, 2, "in the middle of a frame");
  refuses(&f, 8, 0, 2, "a.ase: byte 8: it has 0 x 2 pixels");
  refuses(&f, 8, 16385, 2, "a.ase: byte 6: it has 2 frames of 16385 x 2 pixels, expected at most 16,384 a side");
  refuses(&f, 12, 24, 2, "a.ase: byte 12: a pixel has 24 bits");
  refuses(&f, 128, 15, 4, "a.ase: byte 128: a frame has 15 bytes, expected at least 16");
  refuses(&f, 128, 0xffffffff, 4, "a.ase: byte 128: a frame has 4294967295 bytes, and only");
  refuses(&f, 132, 0, 2, "a.ase: byte 132: frame 0 does not begin with FA F1");
  refuses(&f, 140, 2, 4, "behind the last chunk of frame 0");
  refuses(&f, 140, 6, 4, "in the middle of a chunk");
  refuses(&f, 144, 5, 4, "a.ase: byte 144: a chunk has 5 bytes, expected at least 6");
  refuses(&f, 150, 0, 4, "a.ase: byte 150: a palette of 0 colours sets those from 0 to 2");
  refuses(&f, 158, 0xffffffff, 4, "a palette of 3 colours sets those from 0 to 4294967295");
}

static void huge_cels(void **state) {
  (void)state;
  file f;
  size_t frames;
  static const size_t sides[][2] = {{65535, 65535}, {0, 1}, {8192, 8192}, {3, 2}};
  static const char *const says[] = {"a cel has 65535 x 65535 pixels, expected at least one", "a cel has 0 x 1 pixels",
                                     "hold no 8192 x 8192 pixels", "are damaged, or are not 3 x 2"};
  for (int i = 0; i < 4; i++) {
    put_header(&f, 1, 2, 2, 32);
    size_t frame = begin_frame(&f, 2);
    put_layer(&f);
    put_cel(&f, 0, 2, "0123456789abcdef", 16, sides[i][0], sides[i][1]);
    end(&f, frame);
    end(&f, 0);
    PM_EXPECT_FAIL(PM_BAD_INPUT, says[i], pm_aseprite_decode(arena, f.bytes, f.length, "a.ase", &frames));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(pixels_and_palette, set_up, tear_down),
      cmocka_unit_test_setup_teardown(cut_off, set_up, tear_down),
      cmocka_unit_test_setup_teardown(flipped, set_up, tear_down),
      cmocka_unit_test_setup_teardown(scattered, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sizes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(huge_cels, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
