#include "mutate.h"

#include "io/image.h"

#include <png.h>

static void reads(pm_arena *in, const char *path) {
  pm_png_read(in, path);
}

static uint32_t noise(uint32_t i) {
  i = (i ^ 0x9e3779b9u) * 2654435761u;
  i ^= i >> 15;
  i *= 2246822519u;
  return i ^ i >> 13;
}

/* ---- pictures of every kind, made sample by sample ---- */

typedef struct {
  int type, depth, interlace;
  bool transparent; /* has a tRNS chunk */
  int colours;      /* of the table */
  unsigned width, height;
  unsigned samples[40 * 40][4]; /* as stored */
} picture;

static int channels_of(int type) {
  return type == PNG_COLOR_TYPE_GRAY || type == PNG_COLOR_TYPE_PALETTE ? 1
         : type == PNG_COLOR_TYPE_GRAY_ALPHA                           ? 2
         : type == PNG_COLOR_TYPE_RGB                                  ? 3
                                                                       : 4;
}

static png_color table_colour(unsigned i) {
  return (png_color){(png_byte)(i * 5), (png_byte)(255 - i), (png_byte)(i * i)};
}

static png_byte table_alpha(unsigned i) {
  return (png_byte)(i % 3 == 0 ? 0 : i % 3 == 1 ? 100 + i % 100 : 255);
}

/* Few different samples, so that the transparent one is met. */
static void fill(picture *p) {
  int channels = channels_of(p->type);
  for (unsigned i = 0; i < p->width * p->height; i++)
    for (int c = 0; c < channels; c++) {
      unsigned r = noise(i * 4 + (unsigned)c);
      p->samples[i][c] = p->type == PNG_COLOR_TYPE_PALETTE ? r % (unsigned)p->colours
                         : r % 3 == 0                      ? (0x1234u * (1u + (unsigned)c)) & ((1u << p->depth) - 1)
                                                           : (r >> 8) & ((1u << p->depth) - 1);
    }
  if (p->type == PNG_COLOR_TYPE_RGB)
    for (unsigned c = 0; c < 3; c++)
      p->samples[p->width * p->height / 2][c] = p->samples[0][c];
}

static void put_rows(png_structp png, const picture *p) {
  int channels = channels_of(p->type);
  static unsigned char bytes[40][40 * 8];
  png_bytep rows[40];
  for (unsigned y = 0; y < p->height; y++) {
    unsigned char *to = rows[y] = bytes[y];
    for (unsigned x = 0; x < p->width; x++)
      for (int c = 0; c < channels; c++) {
        unsigned sample = p->samples[y * p->width + x][c];
        if (p->depth == 16)
          *to++ = (unsigned char)(sample >> 8);
        *to++ = (unsigned char)sample;
      }
  }
  png_set_packing(png);
  png_write_image(png, rows);
}

static const char *write_picture(const picture *p, const char *name) {
  const char *path = check_path(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_benign_errors(png, 1);
  png_set_check_for_invalid_index(png, 0);
  png_set_IHDR(png, info, p->width, p->height, p->depth, p->type, p->interlace, 0, 0);
  png_color table[256];
  png_byte alpha[256];
  for (int i = 0; i < p->colours; i++) {
    table[i] = table_colour((unsigned)i);
    alpha[i] = table_alpha((unsigned)i);
  }
  const unsigned *key = p->samples[0];
  png_color_16 clear = {0, (png_uint_16)key[0], (png_uint_16)key[1], (png_uint_16)key[2], (png_uint_16)key[0]};
  if (p->colours)
    png_set_PLTE(png, info, table, p->colours);
  if (p->transparent)
    png_set_tRNS(png, info, p->colours ? alpha : NULL, p->colours ? (p->colours + 1) / 2 : 0,
                 p->colours ? NULL : &clear);
  png_write_info(png, info);
  put_rows(png, p);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  fclose(file);
  return path;
}

/* What the PNG specification says of a pixel, by the formulas rather than by libpng. */
static void expected_pixel(const picture *p, unsigned i, unsigned char rgba[4]) {
  const unsigned *s = p->samples[i], *key = p->samples[0];
  unsigned most = (1u << p->depth) - 1;
  unsigned char v[4];
  for (int c = 0; c < 4; c++)
    v[c] = (unsigned char)((s[c] * 255u + most / 2) / most);
  rgba[3] = 255;
  if (p->type == PNG_COLOR_TYPE_PALETTE) {
    png_color colour = table_colour(s[0]);
    memcpy(rgba, (unsigned char[3]){colour.red, colour.green, colour.blue}, 3);
    if (p->transparent && s[0] < (unsigned)(p->colours + 1) / 2)
      rgba[3] = table_alpha(s[0]);
  } else if (p->type == PNG_COLOR_TYPE_GRAY || p->type == PNG_COLOR_TYPE_GRAY_ALPHA) {
    memset(rgba, v[0], 3);
    if (p->type == PNG_COLOR_TYPE_GRAY_ALPHA)
      rgba[3] = v[1];
    else if (p->transparent && s[0] == key[0])
      rgba[3] = 0;
  } else {
    memcpy(rgba, v, 3);
    if (p->type == PNG_COLOR_TYPE_RGB_ALPHA)
      rgba[3] = v[3];
    else if (p->transparent && s[0] == key[0] && s[1] == key[1] && s[2] == key[2])
      rgba[3] = 0;
  }
  if (rgba[3] == 0)
    memset(rgba, 0, 4);
}

static const unsigned char *pixel(const pm_image *image, size_t i) {
  return image->colours ? image->palette[image->index[i]] : image->rgba + 4 * i;
}

static void check_picture(picture *p) {
  fill(p);
  pm_image image = pm_png_read(arena, write_picture(p, "kind.png"));
  assert_int_equal(image.width, p->width);
  assert_int_equal(image.height, p->height);
  for (unsigned i = 0; i < p->width * p->height; i++) {
    unsigned char expected[4];
    expected_pixel(p, i, expected);
    if (memcmp(pixel(&image, i), expected, 4) != 0)
      fail_msg("type %d, depth %d, interlace %d, tRNS %d, %u x %u: pixel %u is %u %u %u %u, expected %u %u %u %u",
               p->type, p->depth, p->interlace, p->transparent, p->width, p->height, i, pixel(&image, i)[0],
               pixel(&image, i)[1], pixel(&image, i)[2], pixel(&image, i)[3], expected[0], expected[1], expected[2],
               expected[3]);
  }
}

static void every_kind(void **state) {
  (void)state;
  static const struct {
    int type, depth, colours;
  } kinds[] = {{PNG_COLOR_TYPE_GRAY, 1, 0},       {PNG_COLOR_TYPE_GRAY, 2, 0},        {PNG_COLOR_TYPE_GRAY, 4, 0},
               {PNG_COLOR_TYPE_GRAY, 8, 0},       {PNG_COLOR_TYPE_GRAY, 16, 0},       {PNG_COLOR_TYPE_RGB, 8, 0},
               {PNG_COLOR_TYPE_RGB, 16, 0},       {PNG_COLOR_TYPE_PALETTE, 1, 2},     {PNG_COLOR_TYPE_PALETTE, 1, 1},
               {PNG_COLOR_TYPE_PALETTE, 2, 4},    {PNG_COLOR_TYPE_PALETTE, 2, 3},     {PNG_COLOR_TYPE_PALETTE, 4, 16},
               {PNG_COLOR_TYPE_PALETTE, 4, 11},   {PNG_COLOR_TYPE_PALETTE, 8, 256},   {PNG_COLOR_TYPE_PALETTE, 8, 77},
               {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0}, {PNG_COLOR_TYPE_GRAY_ALPHA, 16, 0}, {PNG_COLOR_TYPE_RGB_ALPHA, 8, 0},
               {PNG_COLOR_TYPE_RGB_ALPHA, 16, 0}};
  static const unsigned sizes[][2] = {{1, 1}, {7, 5}, {32, 32}, {3, 33}, {37, 2}, {1, 40}};
  static picture p;
  int pictures = 0;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (int variant = 0; variant < 4; variant++) {
        p.type = kinds[k].type;
        p.depth = kinds[k].depth;
        p.colours = kinds[k].colours;
        p.interlace = variant & 1;
        p.transparent = variant & 2 && !(p.type & PNG_COLOR_MASK_ALPHA);
        p.width = sizes[s][0];
        p.height = sizes[s][1];
        check_picture(&p);
        pictures++;
      }
  assert_int_equal(pictures, 19 * 6 * 4);
}

/* ---- tables ---- */

static void table_in_order(void **state) {
  (void)state;
  static const unsigned char rgba[] = {9, 9, 9, 255, 1, 2, 3, 0, 8, 8, 8, 255, 4, 5, 6, 0, 9, 9, 9, 255, 9, 9, 9, 128};
  pm_image image = pm_image_from_rgba(arena, 3, 2, rgba);
  static const unsigned char table[] = {9, 9, 9, 255, 0, 0, 0, 0, 8, 8, 8, 255, 9, 9, 9, 128};
  assert_int_equal(image.colours, 4);
  assert_memory_equal(image.palette, table, sizeof table);
  assert_memory_equal(image.index, ((unsigned char[]){0, 1, 2, 1, 0, 3}), 6);
  assert_null(image.rgba);
}

/* n pixels of as many colours; those from `clear` on are half transparent. */
static unsigned char *many_colours(size_t n, size_t clear) {
  unsigned char *rgba = pm_alloc(arena, n, 4);
  for (size_t i = 0; i < n; i++)
    memcpy(rgba + 4 * i, (unsigned char[]){(unsigned char)(i * 7), (unsigned char)(i / 37), 200, i < clear ? 255 : 128},
           4);
  return rgba;
}

static void table_full(void **state) {
  (void)state;
  pm_image image = pm_image_from_rgba(arena, 256, 1, many_colours(256, 256));
  assert_int_equal(image.colours, 256);
  unsigned char *more = many_colours(257, 257);
  more[4 * 100 + 3] = 0;
  image = pm_image_from_rgba(arena, 257, 1, more);
  assert_int_equal(image.colours, 0);
  assert_null(image.index);
  assert_memory_equal(image.rgba + 4 * 99, more + 4 * 99, 4);
  assert_memory_equal(image.rgba + 4 * 100, "\0\0\0\0", 4);
}

/* ---- writing ---- */

static char *written(const pm_image *image, const char *const *notes, size_t *length) {
  const char *path = check_path("written.png");
  pm_output *output = pm_output_open(arena, path, true);
  pm_png_write(output, image, notes);
  pm_output_commit(output);
  return check_bytes(path, length);
}

static bool holds(const char *bytes, size_t length, const char *text, size_t size) {
  return memmem(bytes, length, text, size) != NULL;
}

static void kinds_written(void **state) {
  (void)state;
  static const struct {
    size_t colours, clear;
    int depth, type;
    bool trns;
  } kinds[] = {{1, 1, 1, 3, false},    {2, 2, 1, 3, false},     {2, 1, 1, 3, true},     {3, 3, 2, 3, false},
               {4, 0, 2, 3, true},     {5, 5, 4, 3, false},     {16, 16, 4, 3, false},  {17, 17, 8, 3, false},
               {256, 255, 8, 3, true}, {300, 300, 8, 2, false}, {300, 299, 8, 6, false}};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    size_t n = kinds[k].colours, length, again;
    unsigned char *rgba = many_colours(2 * n, kinds[k].clear);
    memcpy(rgba + 4 * n, rgba, 4 * n);
    pm_image image = pm_image_from_rgba(arena, n, 2, rgba);
    char *bytes = written(&image, NULL, &length), *same = written(&image, NULL, &again);
    assert_int_equal(bytes[24], kinds[k].depth);
    assert_int_equal(bytes[25], kinds[k].type);
    assert_int_equal(bytes[28], 0);
    assert_int_equal(holds(bytes, length, "tRNS", 4), kinds[k].trns);
    assert_false(holds(bytes, length, "tIME", 4));
    assert_int_equal(length, again);
    assert_memory_equal(bytes, same, length);
    pm_image back = pm_png_read(arena, check_path("written.png"));
    assert_int_equal(back.colours, image.colours);
    assert_int_equal(back.width, n);
    for (size_t i = 0; i < 2 * n; i++)
      assert_memory_equal(pixel(&back, i), rgba + 4 * i, 4);
    free(bytes);
    free(same);
  }
}

/* A table may hold more than the pixels use; it is kept in its order, and tRNS ends with the last that needs it. */
static void table_kept(void **state) {
  (void)state;
  unsigned char table[4][4] = {{1, 1, 1, 255}, {0, 0, 0, 0}, {2, 2, 2, 255}, {3, 3, 3, 255}}, index[2] = {3, 2};
  pm_image image = {.width = 2, .height = 1, .colours = 4, .palette = table, .index = index};
  size_t length;
  char *bytes = written(&image, NULL, &length);
  assert_true(holds(bytes, length, "\0\0\0\x0cPLTE\1\1\1\0\0\0\2\2\2\3\3\3", 20));
  assert_true(holds(bytes, length, "\0\0\0\2tRNS\xff\0", 10));
  free(bytes);
}

static void notes_written(void **state) {
  (void)state;
  unsigned char rgba[4] = {1, 2, 3, 255};
  pm_image image = pm_image_from_rgba(arena, 1, 1, rgba);
  const char *const notes[] = {"Software", "pixelmill", "Comment", "sch\xc3\xb6n", NULL};
  size_t length;
  char *bytes = written(&image, notes, &length);
  assert_true(holds(bytes, length, "\0\0\0\x12tEXtSoftware\0pixelmill", 26));
  assert_true(holds(bytes, length, "iTXtComment\0\0\0\0\0sch\xc3\xb6n", 22));
  free(bytes);
  pm_png_read(arena, check_path("written.png"));
}

static void write_fails(void **state) {
  (void)state;
  pm_image image = pm_image_from_rgba(arena, 300, 1, many_colours(300, 300));
  PM_EXPECT_FAIL(PM_FAILED, "", {
    pm_output *output = pm_output_open(arena, check_path("full.png"), true);
    pm_fail_write(1);
    pm_png_write(output, &image, NULL);
    pm_output_commit(output);
  });
  pm_fail_write(0);
  assert_int_equal(access(check_path("full.png"), F_OK), -1);
  for (size_t n = 1; n <= 4; n++)
    PM_EXPECT_FAIL(PM_FAILED, "out of memory", {
      pm_output *output = pm_output_open(arena, check_path("full.png"), true);
      pm_fail_allocation(n);
      pm_png_write(output, &image, NULL);
    });
  pm_fail_allocation(0);
  size_t length;
  free(written(&image, NULL, &length));
}

/* ---- damage ---- */

static uint32_t crc(const unsigned char *bytes, size_t length) {
  uint32_t c = 0xffffffffu;
  for (size_t i = 0; i < length; i++) {
    c ^= bytes[i];
    for (int k = 0; k < 8; k++)
      c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
  }
  return ~c;
}

static void put_big(unsigned char *to, uint32_t value) {
  for (int i = 0; i < 4; i++)
    to[i] = (unsigned char)(value >> (24 - 8 * i));
}

static size_t put_chunk(unsigned char *to, const char *type, const void *data, size_t size) {
  put_big(to, (uint32_t)size);
  memcpy(to + 4, type, 4);
  memcpy(to + 8, data, size);
  put_big(to + 8 + size, crc(to + 4, size + 4));
  return size + 12;
}

enum { AFTER_IHDR = 33 };

/* A small grey picture with a chunk of `size` bytes put in at `at` bytes. */
static const char *with_chunk(size_t at, const char *type, const void *data, size_t size) {
  static picture p = {.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 4, .height = 4};
  fill(&p);
  size_t length;
  unsigned char *bytes = (unsigned char *)check_bytes(write_picture(&p, "small.png"), &length);
  unsigned char *more = calloc(1, length + size + 12);
  if (at > length)
    at = length;
  memcpy(more, bytes, at);
  size_t chunk = put_chunk(more + at, type, data, size);
  memcpy(more + at + chunk, bytes + at, length - at);
  const char *path = check_file("chunk.png", more, length + chunk);
  free(bytes);
  free(more);
  return path;
}

static void foreign_chunks(void **state) {
  (void)state;
  static unsigned char big[(1 << 20) + 1];
  pm_image image = pm_png_read(arena, with_chunk(AFTER_IHDR, "prIv", "anything", 8));
  assert_int_equal(image.width, 4);
  pm_png_read(arena, with_chunk(AFTER_IHDR, "iCCP", "no profile", 10));
  pm_png_read(arena, with_chunk(AFTER_IHDR, "zTXt", "x\0\0nonsense", 11));
  pm_png_read(arena, with_chunk(AFTER_IHDR, "gAMA", "\0\0\0\0", 4));
  pm_png_read(arena, with_chunk(AFTER_IHDR, "sBIT", "\1", 1));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "damaged or beyond", pm_png_read(arena, with_chunk(AFTER_IHDR, "CriT", "x", 1)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "damaged or beyond",
                 pm_png_read(arena, with_chunk(AFTER_IHDR, "prIv", big, sizeof big)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "damaged or beyond", pm_png_read(arena, with_chunk(AFTER_IHDR, "tRNS", "\1", 1)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "damaged or beyond", pm_png_read(arena, with_chunk(AFTER_IHDR, "IEND", "", 0)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "damaged or beyond",
                 pm_png_read(arena, with_chunk(AFTER_IHDR, "IHDR", "\0\0\0\1\0\0\0\1\10\0\0\0\0", 13)));
}

/* The header with its check sum right, and the beginning of the picture's data. */
static const char *with_size(uint32_t width, uint32_t height, const char *rest) {
  unsigned char file[64] = "\x89PNG\r\n\x1a\n", data[13] = {0};
  put_big(data, width);
  put_big(data + 4, height);
  memcpy(data + 8, rest, 5);
  size_t length = 8 + put_chunk(file + 8, "IHDR", data, sizeof data);
  length += put_chunk(file + length, "IDAT", "\x78\x9c", 2);
  return check_file("size.png", file, length);
}

static void sizes_refused(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "width", pm_png_read(arena, with_size(0, 1, "\10\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "height", pm_png_read(arena, with_size(1, 0, "\10\0\0\0\0")));
  /* The size that there is, the limit, and a way out. */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "it has 16385 x 1 pixels, expected at most 16,384 a side and 2^26 in all: cut it",
                 pm_png_read(arena, with_size(16385, 1, "\10\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "it has 1 x 16385 pixels", pm_png_read(arena, with_size(1, 16385, "\10\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "it has 2147483647 x 1 pixels",
                 pm_png_read(arena, with_size(0x7fffffff, 1, "\1\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "it has 16384 x 8192 pixels", pm_png_read(arena, with_size(16384, 8192, "\1\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "out of range", pm_png_read(arena, with_size(0xffffffffu, 0xffffffffu, "\10\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\3\0\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\10\1\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\20\3\0\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\10\0\1\0\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\10\0\0\1\0")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "IHDR", pm_png_read(arena, with_size(1, 1, "\10\0\0\0\2")));
}

/* Read with a warning from a file; what the child prints is the width. */
static void read_in_child(void *context) {
  pm_arena *own = pm_arena_new();
  printf("%zu", pm_png_read(own, context).width);
  pm_arena_free(own);
}

static void warned(const char *path, const char *says) {
  check_output output;
  assert_int_equal(check_child(read_in_child, (void *)(size_t)path, "", &output), 0);
  assert_string_equal(output.out, "4");
  if (says && !strstr(output.err, says))
    fail_msg("this should warn of \"%s\": %s", says, output.err);
  if (!says)
    assert_string_equal(output.err, "");
}

/* with_chunk, and then its check sum is another. */
static const char *with_wrong_sum(const char *type, const void *data, size_t size) {
  size_t length;
  unsigned char *bytes = (unsigned char *)check_bytes(with_chunk(AFTER_IHDR, type, data, size), &length);
  bytes[AFTER_IHDR + 8 + size] ^= 1;
  const char *path = check_file("sum.png", bytes, length);
  free(bytes);
  return path;
}

static void passed_over(void **state) {
  (void)state;
  warned(with_chunk(AFTER_IHDR, "tEXt", "Comment\0x", 9), NULL);
  warned(with_chunk(SIZE_MAX, "prIv", "", 0), "chunk.png: byte 86: 12 bytes behind the end of the PNG picture");
  /* Wrong check sums, of chunks that libpng knows and of others; not of one that pixels are made with. */
  warned(with_wrong_sum("tEXt", "Comment\0x", 9), "1 chunk with a wrong check sum (tEXt) passed over");
  warned(with_wrong_sum("iCCP", "no profile", 10), "(iCCP)");
  warned(with_wrong_sum("prIv", "x", 1), "(prIv)");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "tRNS: CRC error", pm_png_read(arena, with_wrong_sum("tRNS", "\0\1", 2)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "CRC error", pm_png_read(arena, with_wrong_sum("PLTE", "\0\1\2", 3)));
  /* An animation's first frame. */
  warned(with_chunk(AFTER_IHDR, "acTL", "\0\0\0\7\0\0\0\0", 8), "is an animation (APNG) of 7 frames");
  warned(with_chunk(AFTER_IHDR, "acTL", "\0\0\0\1\0\0\0\0", 8), NULL);
  warned(with_chunk(AFTER_IHDR, "acTL", "\0\0\0\7", 4), NULL);
}

/* Each is named, with what helps. */
static void other_kinds(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t length;
    const char *says;
  } kinds[] = {
      {"\xff\xd8\xff\xe0\0\20JFIF", 10, "is a JPEG picture, expected a PNG picture: export the original as PNG"},
      {"GIF89a\1\0", 8, "is a GIF picture"},
      {"RIFF\x20\0\0\0WEBPVP8 ", 16, "is a WebP picture"},
      {"\x80\0\0\0\xe0\xa5\1\0", 8, "is an Aseprite file, expected a PNG picture: Aseprite exports one"},
      {"BM\x36\0\0\0\0\0", 8, "is a BMP picture"},
      {"8BPS\0\1\0\0", 8, "is a Photoshop file"},
      {"gimp xcf v011", 13, "is a GIMP file"},
      {"PK\3\4\0\0\0\0", 8, "is a ZIP archive"},
      {"<?xml version=\"1.0\"?>", 21, "is an XML file"},
      {"{\"frames\": []}", 14, "is a JSON file"},
      {"\x93NUMPY\1\0", 8, "is an .npy array"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, kinds[i].says,
                   pm_png_read(arena, check_file("other.png", kinds[i].bytes, kinds[i].length)));
}

static void no_png(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is empty", pm_png_read(arena, check_file("empty.png", "", 0)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is no PNG", pm_png_read(arena, check_file("text.png", "hello, world", 12)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is no PNG", pm_png_read(arena, check_file("part.png", "\x89PNG", 4)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "", pm_png_read(arena, check_path("missing.png")));
}

static void index_beyond_table(void **state) {
  (void)state;
  for (int interlace = 0; interlace < 2; interlace++) {
    picture p = {.type = PNG_COLOR_TYPE_PALETTE, .depth = 8, .colours = 5, .width = 6, .height = 6};
    p.interlace = interlace;
    fill(&p);
    p.samples[35][0] = 5;
    PM_EXPECT_FAIL(PM_BAD_INPUT, "beyond the colour table", pm_png_read(arena, write_picture(&p, "beyond.png")));
  }
}

static void damaged(void **state) {
  (void)state;
  static const int types[] = {PNG_COLOR_TYPE_PALETTE, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB_ALPHA};
  for (int t = 0; t < 3; t++) {
    picture p = {.type = types[t], .depth = t == 0 ? 2 : 8, .colours = t == 0 ? 4 : 0, .width = 5, .height = 4};
    p.interlace = t == 0;
    p.transparent = t < 2;
    fill(&p);
    size_t length;
    char *bytes = check_bytes(write_picture(&p, "whole.png"), &length);
    mutate_truncate(reads, "short.png", bytes, length);
    assert_int_equal(mutate_flip(reads, "flipped.png", bytes, length, length), 0); /* each chunk has a check sum */
    free(bytes);
  }
}

/* Damage behind right check sums: the decompressor and libpng's own checks are all there is. */
static void damaged_data(void **state) {
  (void)state;
  picture p = {.type = PNG_COLOR_TYPE_PALETTE, .depth = 4, .colours = 16, .width = 9, .height = 9, .transparent = true};
  fill(&p);
  size_t length;
  unsigned char *bytes = (unsigned char *)check_bytes(write_picture(&p, "whole.png"), &length);
  for (size_t at = 8; at + 12 <= length;) {
    size_t size = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    for (size_t bit = 0; bit < 8 * (size + 4); bit++) {
      bytes[at + 4 + bit / 8] ^= (unsigned char)(1u << bit % 8);
      put_big(bytes + at + 8 + size, crc(bytes + at + 4, size + 4));
      mutate_reads(reads, check_file("damaged.png", bytes, length));
      bytes[at + 4 + bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    put_big(bytes + at + 8 + size, crc(bytes + at + 4, size + 4));
    at += size + 12;
  }
  assert_true(mutate_reads(reads, check_file("whole.png", bytes, length)));
  free(bytes);
}

static void from_pipes_and_memory(void **state) {
  (void)state;
  static picture p = {.type = PNG_COLOR_TYPE_RGB, .depth = 16, .width = 40, .height = 40, .interlace = 1};
  fill(&p);
  size_t length;
  char *bytes = check_bytes(write_picture(&p, "whole.png"), &length);
  mutate_pipe pipe;
  pm_image a = pm_png_read(arena, check_path("whole.png"));
  pm_image b = pm_png_read(arena, mutate_pipe_open(&pipe, bytes, length));
  mutate_pipe_close(&pipe);
  pm_image c = pm_png_decode(arena, (unsigned char *)bytes, length, "memory");
  assert_non_null(a.rgba);
  assert_memory_equal(a.rgba, b.rgba, 4 * 1600);
  assert_memory_equal(a.rgba, c.rgba, 4 * 1600);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "memory: byte", pm_png_decode(arena, (unsigned char *)bytes, length - 1, "memory"));
  const char *longer = mutate_pipe_open(&pipe, bytes, length + 1);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "bytes behind the end", pm_png_read(arena, longer));
  mutate_pipe_close(&pipe);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_kind, set_up, tear_down),
      cmocka_unit_test_setup_teardown(table_in_order, set_up, tear_down),
      cmocka_unit_test_setup_teardown(table_full, set_up, tear_down),
      cmocka_unit_test_setup_teardown(kinds_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(table_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(notes_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(write_fails, set_up, tear_down),
      cmocka_unit_test_setup_teardown(foreign_chunks, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sizes_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(passed_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_kinds, set_up, tear_down),
      cmocka_unit_test_setup_teardown(no_png, set_up, tear_down),
      cmocka_unit_test_setup_teardown(index_beyond_table, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged_data, set_up, tear_down),
      cmocka_unit_test_setup_teardown(from_pipes_and_memory, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
