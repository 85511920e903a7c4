#include "mutate.h"

#include "io/image.h"
#include "io/palette.h"

#include <math.h>

static void reads(pm_arena *in, const char *path) {
  pm_palette_read(in, path);
}

static pm_palette from_text(const char *text) {
  return pm_palette_read(arena, check_text_file("palette.txt", text));
}

/* "112233 000000-" for one opaque and one transparent colour. */
static void holds(pm_palette palette, const char *expected) {
  char text[256 * 8 + 1] = "", *to = text;
  for (size_t i = 0; i < palette.count; i++) {
    const unsigned char *c = palette.rgba[i];
    assert_true(c[3] == 255 || c[3] == 0);
    to += snprintf(to, 16, "%s%02x%02x%02x%s", i ? " " : "", c[0], c[1], c[2], c[3] ? "" : "-");
  }
  assert_string_equal(text, expected);
}

static void formats_taken(void **state) {
  (void)state;
  holds(from_text("GIMP Palette\nName: Some thing\nColumns: 4\n#\n# by me\n 17  34  51\tdark\n  0   0   0 Transparent\n"
                  "\n255 0 1\n"),
        "112233 000000- ff0001");
  holds(from_text("GIMP Palette\r\n#Colors: 2\r\n1 2 3 name\r\n4 5 6\r\n"), "010203 040506");
  holds(from_text("GIMP Palette\nChannels: RGBA\n#\n1 2 3 255 a\n9 9 9 0 b\n"), "010203 000000-");
  holds(from_text("GIMP Palette\n1 2 3"), "010203");
  holds(from_text("112233\nAABBCC\n\n#ff0001\n"), "112233 aabbcc ff0001");
  holds(from_text("; paint.net\n// more\n# and more\n#\n112233\r\n445566ff\r\n99887700"), "112233 445566 000000-");
  holds(from_text("\xef\xbb\xbf"
                  "112233\n"),
        "112233");
  holds(from_text("#fff\nf08\n#0000\n"), "ffffff ff0088 000000-");
  /* Alpha first, where a comment says so. */
  holds(from_text(";paint.net Palette File\r\n;Colors: 3\r\nFF112233\r\n00FFFFFF\r\nFFFF00FF\r\n"),
        "112233 000000- ff00ff");
  holds(from_text("; Paint.NET Palette File\nFF000000\n; in between\nFFFFFF00\n"), "000000 ffff00");
  holds(from_text(
            "; Lines that start with a semicolon are comments\n; Colors are written as 8-digit hexadecimal numbers: "
            "aarrggbb\nFFFF0000\n"),
        "ff0000");
  /* What is alpha both ways stays rrggbbaa. */
  holds(from_text("ffffffff\nff0000ff\n"), "ffffff ff0000");
  holds(from_text("00ffffff\nff00ffff\n"), "00ffff ff00ff");
  holds(from_text("00000000\nff0000ff\n0000ffff\n"), "000000- ff0000 0000ff");
  holds(from_text("ff0000\nff000000\n"), "ff0000 000000-");
  holds(from_text("JASC-PAL\r\n0100\r\n3\r\n1 2 3\r\n4 5 6 255\r\n0 0 0 transparent\r\n\r\n"), "010203 040506 000000-");
}

static void formats_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } bad[] = {
      {"", "holds no colours"},
      {"\n\n", "holds no colours"},
      {"GIMP Palette\n", "holds no colours"},
      {"; nothing\n", "holds no colours"},
      {"GIMP Palette\n1 2\n", "palette.txt:2: expected r g b"},
      {"GIMP Palette\n1 2 256\n", "palette.txt:2: expected r g b"},
      {"GIMP Palette\n1 2 -3\n", "palette.txt:2: expected r g b"},
      {"GIMP Palette\n1 2 1e1\n", "palette.txt:2: expected r g b"},
      {"GIMP Palette\n1 2 3x\n", "palette.txt:2: expected r g b"},
      {"GIMP Palette\n1 2 3\nName: late\n", "palette.txt:3: expected r g b"},
      {"GIMP Palette\nChannels: RGBA\n1 2 3 128\n", "palette.txt:3: a colour has alpha 128"},
      {"hello\n", "palette.txt:1: expected a colour as rrggbb (or"},
      {"112233\nhello\n", "palette.txt:2: expected a colour as rrggbb"},
      {"112233\n; late\n", "palette.txt:2: expected a colour as rrggbb"},
      {"11223\n", "palette.txt:1"},
      {"1122334\n", "palette.txt:1"},
      {"11223g\n", "palette.txt:1"},
      {"112233 445566\n", "palette.txt:1"},
      {"11223380\n", "palette.txt:1: a colour has alpha 128, expected 0 or 255"},
      {"112233gg\n", "palette.txt:1"},
      {"; by me\nFF000000\nFFFF00FF\nFF00FFFF\n", "palette.txt:2: these colours look like aarrggbb"},
      {"ff00ff00\n", "look like aarrggbb"},
      {"ff2e222f\nff3e3546\n", "put the line \";paint.net Palette File\" before them"},
      {"00000000\nff2e222f\n", "look like aarrggbb"},
      {"00000000\nff000000\nff00ffff\n", "look like aarrggbb"},
      {";paint.net Palette File\n80112233\n", "palette.txt:2: a colour has alpha 128"},
      {"JASC-PAL\n", "JASC version"},
      {"JASC-PAL\n0200\n1\n1 2 3\n", "palette.txt:2: expected the JASC version 0100"},
      {"JASC-PAL\n0100\n", "the number of colours"},
      {"JASC-PAL\n0100\n0\n", "the number of colours"},
      {"JASC-PAL\n0100\nx\n1 2 3\n", "palette.txt:3: expected the number of colours"},
      {"JASC-PAL\n0100\n2\n1 2 3\n", "ends after 1 of 2 colours"},
      {"JASC-PAL\n0100\n1\n1 2 3\n4 5 6\n", "palette.txt:5: there is more than the 1 colour that"},
      {"JASC-PAL\n0100\n1\n1 2 3 4 5\n", "palette.txt:4: expected r g b"},
      {"JASC-PAL\n0100\n1\n1 2 3 named\n", "palette.txt:4: expected r g b"},
      {"JASC-PAL\n0100\n1\n1 2 3 9\n", "palette.txt:4: a colour has alpha 9"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, from_text(bad[i].text));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "neither text nor a PNG", pm_palette_read(arena, check_file("zero", "1122\0", 6)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is text in UTF-16, expected a palette",
                 pm_palette_read(arena, check_file("little", "\377\376f\0f\0", 6)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is text in UTF-16, expected a palette",
                 pm_palette_read(arena, check_file("big", "\376\377\0f\0f", 6)));
}

static pm_palette from_bytes(const char *name, const void *bytes, size_t length) {
  return pm_palette_read(arena, check_file(name, bytes, length));
}

static void riff(void **state) {
  (void)state;
  static const char file[] = "RIFF\0\0\0\0PAL junk\3\0\0\0xyz\0data\14\0\0\0\0\3\2\0\1\2\3\0\4\5\6\0";
  holds(from_bytes("riff.pal", file, sizeof file - 1), "010203 040506");
  for (size_t length = 12; length < sizeof file - 1; length++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, "in the middle of", from_bytes("riff.pal", file, length));
  mutate_flip(reads, "riff.pal", file, sizeof file - 1, sizeof file - 1);
}

static void adobe_table(void **state) {
  (void)state;
  unsigned char file[772] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  holds(from_bytes("table.act", file, 768), "010203 040506 070809 000000");
  memcpy(file + 768, "\0\3\0\1", 4);
  holds(from_bytes("table.ACT", file, 772), "010203 000000- 070809");
  memcpy(file + 768, "\0\2\xff\xff", 4);
  holds(from_bytes("table.act", file, 772), "010203 040506");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "expected the 768 or 772 of an Adobe colour table", from_bytes("table.act", file, 771));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "give it a name that ends in .act", from_bytes("table", file, 768));
}

static void adobe_swatches(void **state) {
  (void)state;
  static const char file[] = "ASEF\0\1\0\0\0\0\0\4"
                             "\xc0\1\0\0\0\6\0\2\0g\0\0"                                        /* a group */
                             "\0\1\0\0\0\30\0\2\0r\0\0RGB \x3f\x80\0\0\0\0\0\0\x3e\x80\0\0\0\2" /* 1, 0, 1/4 */
                             "\0\1\0\0\0\14\0\0Gray\x3f\0\0\0\0\0"                              /* 1/2 */
                             "\xc0\2\0\0\0\0";
  holds(from_bytes("s.ase", file, sizeof file - 1), "ff0040 808080");
  for (size_t length = 4; length < sizeof file - 1; length++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, "in the middle of", from_bytes("s.ase", file, length));
  mutate_flip(reads, "s.ase", file, sizeof file - 1, sizeof file - 1);
  char other[sizeof file];
  memcpy(other, file, sizeof file);
  memcpy(other + 36, "CMYK", 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "s.ase: byte 36: the colour is given as CMYK, expected RGB or Gray",
                 from_bytes("s.ase", other, sizeof file - 1));
  memcpy(other, file, sizeof file);
  memcpy(other + 40, "\x40\x80\0\0", 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "s.ase: byte 40: a channel is 4", from_bytes("s.ase", other, sizeof file - 1));
}

static void other_kinds(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is a GIF picture, expected a palette (", from_bytes("a.pal", "GIF89a\1\0", 8));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "ends at byte 8 in the middle of its header",
                 from_bytes("a.ase", "\x80\0\0\0\xe0\xa5\1\0", 8));
}

/* n colours as .hex, all distinct. */
static const char *many(size_t n) {
  static char text[300 * 7 + 1];
  for (size_t i = 0; i < n; i++)
    snprintf(text + 7 * i, 8, "%06zx\n", i * 257 + 1);
  return text;
}

static void counts(void **state) {
  (void)state;
  assert_int_equal(from_text(many(256)).count, 256);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "palette.txt:257: the palette has more than 256 colours", from_text(many(257)));
}

static void repeat(void *context) {
  (void)context;
  pm_palette palette = from_text("112233\n445566\n112233\n112233\n");
  printf("%zu", palette.count);
}

static void repeated(void **state) {
  (void)state;
  check_output output;
  assert_int_equal(check_child(repeat, NULL, "", &output), 0);
  assert_string_equal(output.out, "2");
  assert_non_null(strstr(output.err, "palette.txt: 2 repeated colours are dropped"));
}

static const pm_palette sample = {4, {{0x11, 0x22, 0x33, 255}, {255, 0, 1, 255}, {0, 0, 0, 0}, {0, 0, 0, 255}}};

static void written(void **state) {
  (void)state;
  static const struct {
    const char *name, *text;
  } files[] = {
      {"out.gpl", "GIMP Palette\nName: pixelmill\nColumns: 8\n# by a tool\n 17  34  51\t#112233\n255   0   1\t#ff0001\n"
                  "  0   0   0\ttransparent\n  0   0   0\t#000000\n"},
      {"out.hex", "112233\nff0001\n00000000\n000000\n"},
      {"out.PAL", "JASC-PAL\r\n0100\r\n4\r\n17 34 51\r\n255 0 1\r\n0 0 0 transparent\r\n0 0 0\r\n"},
      {"out.png", NULL},
  };
  for (size_t i = 0; i < 4; i++) {
    const char *path = check_path(files[i].name);
    pm_palette_write(arena, path, &sample, "by a\ntool");
    if (files[i].text)
      check_file_is(path, files[i].text);
    holds(pm_palette_read(arena, path), "112233 ff0001 000000- 000000");
  }
  pm_image image = pm_png_read(arena, check_path("out.png"));
  assert_int_equal(image.width, 4);
  assert_int_equal(image.height, 1);
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "expected .gpl, .hex, .pal or .png",
                 pm_palette_write(arena, check_path("out.txt"), &sample, NULL));
  assert_int_equal(access(check_path("out.txt"), F_OK), -1);
}

static void write_out(void *context) {
  (void)context;
  pm_arena *own = pm_arena_new();
  pm_palette_write(own, "-", &sample, NULL);
}

static void standard_output(void **state) {
  (void)state;
  check_output output;
  assert_int_equal(check_child(write_out, NULL, "", &output), 0);
  assert_int_equal(strncmp(output.out, "GIMP Palette\nName: pixelmill\nColumns: 8\n#\n 17  34  51\t", 54), 0);
}

static void pictures(void **state) {
  (void)state;
  unsigned char rgba[300 * 4];
  for (int i = 0; i < 300; i++)
    memcpy(rgba + 4 * i, (unsigned char[]){(unsigned char)i, (unsigned char)(i / 256), 0, 255}, 4);
  for (size_t n = 256; n <= 257; n++) {
    pm_image image = pm_image_from_rgba(arena, n, 1, rgba);
    pm_output *output = pm_output_open(arena, check_path("many.png"), true);
    pm_png_write(output, &image, NULL);
    pm_output_commit(output);
    if (n == 256)
      assert_int_equal(pm_palette_read(arena, check_path("many.png")).count, 256);
    else
      PM_EXPECT_FAIL(PM_BAD_INPUT, "more than 256 colours", pm_palette_read(arena, check_path("many.png")));
  }
}

static void nearest(void **state) {
  (void)state;
  static const pm_palette two = {3, {{10, 0, 0, 255}, {0, 0, 0, 0}, {0, 10, 0, 255}}}, opaque = {1, {{3, 4, 0, 255}}};
  float distance;
  assert_int_equal(pm_palette_nearest(&two, (float[]){9, 0, 0, 255}, &distance), 0);
  assert_true(distance == 1);
  assert_int_equal(pm_palette_nearest(&two, (float[]){0, 9.5f, 0, 255}, NULL), 2);
  assert_int_equal(pm_palette_nearest(&two, (float[]){5, 5, 0, 255}, NULL), 0); /* the first of equals */
  assert_int_equal(pm_palette_nearest(&two, (float[]){0, 0, 0, 255}, NULL), 0); /* not the transparent one */
  assert_int_equal(pm_palette_nearest(&two, (float[]){10, 0, 0, 127.5f}, NULL), 1);
  assert_int_equal(pm_palette_nearest(&two, (float[]){10, 0, 0, 128}, NULL), 0);
  assert_int_equal(pm_palette_nearest(&opaque, (float[]){0, 0, 0, 0}, &distance), 0);
  assert_true(distance == 5);
}

/* Line formats end anywhere without being cut: what counts is that nothing but status 3 comes. */
static void damaged(void **state) {
  (void)state;
  static const char *const texts[] = {
      "GIMP Palette\nName: x\nColumns: 4\n#\n 17  34  51\tdark\n  0   0   0 Transparent\n", "; c\n112233\n44556600\n",
      "JASC-PAL\r\n0100\r\n2\r\n1 2 3\r\n4 5 6\r\n"};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(texts[i]);
    for (size_t cut = 0; cut < length; cut++)
      mutate_reads(reads, check_file("short.txt", texts[i], cut));
    mutate_flip(reads, "flipped.txt", texts[i], length, length);
  }
  size_t length;
  pm_palette_write(arena, check_path("whole.png"), &sample, NULL);
  char *bytes = check_bytes(check_path("whole.png"), &length);
  mutate_truncate(reads, "short.png", bytes, length);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(formats_taken, set_up, tear_down),
      cmocka_unit_test_setup_teardown(formats_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(riff, set_up, tear_down),
      cmocka_unit_test_setup_teardown(adobe_table, set_up, tear_down),
      cmocka_unit_test_setup_teardown(adobe_swatches, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_kinds, set_up, tear_down),
      cmocka_unit_test_setup_teardown(counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(repeated, set_up, tear_down),
      cmocka_unit_test_setup_teardown(written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(standard_output, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pictures, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nearest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
