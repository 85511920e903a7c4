/* Montages: where every sprite and every letter comes to lie. */
#include "check.h"
#include "drawn.h"

#include "pixels/font.h"
#include "pixels/montage.h"

static const unsigned char *pixel(const pm_image *image, size_t x, size_t y) {
  assert_true(x < image->width && y < image->height);
  size_t at = y * image->width + x;
  return image->index ? image->palette[image->index[at]] : image->rgba + 4 * at;
}

static void assert_colour(const pm_image *image, size_t x, size_t y, char letter) {
  unsigned char rgba[4];
  drawn_colour(letter, rgba);
  assert_memory_equal(pixel(image, x, y), rgba, 4);
}

static pm_montage_options look(int64_t scale, int64_t columns, int64_t gap) {
  return (pm_montage_options){.scale = scale, .columns = columns, .gap = gap, .background = {1, 2, 3}};
}

static bool is_background(const pm_image *image, size_t x, size_t y) {
  return memcmp(pixel(image, x, y), "\1\2\3\377", 4) == 0;
}

/* Rows from y on, `height` of them, hold nothing but background. */
static bool empty_rows(const pm_image *image, size_t y, size_t height) {
  for (size_t j = y; j < y + height; j++)
    for (size_t x = 0; x < image->width; x++)
      if (!is_background(image, x, j))
        return false;
  return true;
}

static void lays_out_a_grid(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group group = {NULL, drawn_sprites(arena, 3, "abc/def/ghi/jkl/mno/pqr/")}; /* three of 3 x 2 */
  pm_image image = pm_montage(arena, &group, 1, look(4, 2, 1));
  assert_int_equal(image.width, 4 + 2 * (3 * 4 + 4));
  assert_int_equal(image.height, 4 + 2 * (2 * 4 + 4));
  for (size_t y = 0; y < image.height; y++)
    for (size_t x = 0; x < image.width; x++) {
      size_t column = x / 16, row = y / 12, i = row * 2 + column;
      if (x % 16 < 4 || y % 12 < 4 || i >= 3)
        assert_true(is_background(&image, x, y));
      else
        assert_colour(&image, x, y, (char)('a' + i * 6 + (y % 12 - 4) / 4 * 3 + (x % 16 - 4) / 4));
    }
  pm_arena_free(arena);
}

static void keeps_transparency_on_request(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group group = {NULL, drawn_sprites(arena, 3, "a./bA/../")}; /* of 2 x 1; A is half transparent */
  pm_montage_options options = look(2, 2, 1);
  options.keep_alpha = true;
  pm_image image = pm_montage(arena, &group, 1, options);
  for (size_t y = 0; y < image.height; y++)
    for (size_t x = 0; x < image.width; x++) {
      size_t column = x / 6, row = y / 4, i = row * 2 + column;
      bool gap = x % 6 < 2 || y % 4 < 2 || i >= 3;
      assert_colour(&image, x, y, gap ? '.' : "a.bA.."[i * 2 + (x % 6 - 2) / 2]);
    }
  pm_arena_free(arena);
}

static void puts_all_in_one_row_on_request(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group group = {NULL, drawn_sprites(arena, 5, "a/b/c/d/e/")};
  pm_image image = pm_montage(arena, &group, 1, look(2, 0, 0));
  assert_int_equal(image.width, 10);
  assert_int_equal(image.height, 2);
  assert_colour(&image, 9, 1, 'e');
  assert_int_equal(pm_montage(arena, &group, 1, look(1, 7, 0)).width, 5); /* no empty columns */
  pm_arena_free(arena);
}

static void begins_a_row_for_each_group(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group groups[] = {{NULL, drawn_sprites(arena, 3, "a/b/c/")}, {NULL, drawn_sprites(arena, 1, "de/fg/")}};
  pm_image image = pm_montage(arena, groups, 2, look(1, 2, 1));
  assert_int_equal(image.width, 5);
  assert_int_equal(image.height, 1 + 2 * 2 + 3);
  assert_colour(&image, 3, 1, 'b');
  assert_colour(&image, 1, 3, 'c');
  assert_true(is_background(&image, 3, 3));
  assert_colour(&image, 1, 5, 'd');
  assert_colour(&image, 2, 6, 'g');
  pm_arena_free(arena);
}

static void lays_transparent_pixels_over_the_background(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group group = {NULL, drawn_sprites(arena, 1, ".A/")};
  pm_image image = pm_montage(arena, &group, 1, look(1, 1, 0));
  assert_true(is_background(&image, 0, 0));
  static const unsigned char mixed[] = {(200 * 128 + 1 * 127 + 127) / 255, (2 * 127 + 127) / 255, (3 * 127 + 127) / 255,
                                        255};
  assert_memory_equal(pixel(&image, 1, 0), mixed, 4);
  pm_arena_free(arena);
}

/* Every letter of a one-line caption is where the font says it is, in white on dark and black on light. */
static void draws_captions(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const char text[] = "Wave: 3 {gq}";
  pm_montage_group group = {text, drawn_sprites(arena, 1, "aaaaaaaaaaaaaaaaaaaaaaaaa/")};
  for (int light = 0; light < 2; light++) {
    pm_montage_options o = look(8, 1, 1);
    memset(o.background, light ? 250 : 5, 3);
    pm_image image = pm_montage(arena, &group, 1, o);
    size_t x = 8, ink = 0, drawn = 0;
    for (const char *at = text; *at;) {
      pm_glyph glyph = pm_font_glyph(pm_font_next(&at));
      for (size_t row = 0; row < PM_FONT_HEIGHT; row++)
        for (size_t column = 0; column < (size_t)glyph.width; column++)
          if (glyph.row[row] >> column & 1) {
            ink += 4; /* letters of 2 x 2 pixels at scale 8 */
            for (size_t k = 0; k < 4; k++)
              assert_int_equal(*pixel(&image, x + 2 * column + k % 2, 8 + 2 * row + k / 2), light ? 0 : 255);
          }
      x += 2 * (size_t)(glyph.width + PM_FONT_SPACING);
    }
    size_t top = image.height - 16; /* of the sprite: its row and the gap below */
    for (size_t y = 0; y < top; y++)
      for (size_t i = 0; i < image.width; i++)
        drawn += *pixel(&image, i, y) == (light ? 0 : 255);
    assert_int_equal(drawn, ink);
    assert_colour(&image, 8, top, 'a');
  }
  pm_arena_free(arena);
}

/* How many pixels of white there are; the sprites here have none. */
static size_t ink_of(const pm_image *image) {
  size_t ink = 0;
  for (size_t y = 0; y < image->height; y++)
    for (size_t x = 0; x < image->width; x++)
      ink += memcmp(pixel(image, x, y), "\377\377\377", 3) == 0;
  return ink;
}

static size_t ink_of_text(const char *text, size_t side) {
  size_t ink = 0;
  while (*text) {
    pm_glyph glyph = pm_font_glyph(pm_font_next(&text));
    for (int row = 0; row < PM_FONT_HEIGHT; row++)
      ink += (size_t)__builtin_popcount(glyph.row[row]) * side * side;
  }
  return ink;
}

/* However long a caption is and wherever it can be broken: all of its ink is there. */
static void never_cuts_a_caption(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const char *const captions[] = {
      "x",
      "a caption of many words that is a good deal wider than the one small sprite below it",
      "pneumonoultramicroscopicsilicovolcanoconiosis/supercalifragilisticexpialidocious.npy",
      "trailing blanks     ",
      "     leading blanks before-a-word-that-is-longer-than-a-line-can-ever-be",
      "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM",
      "\xc3\xa9\xe2\x82\xac\xff",
  };
  for (size_t i = 0; i < sizeof captions / sizeof *captions; i++)
    for (int64_t scale = 1; scale <= 16; scale *= 2) {
      pm_montage_group group = {captions[i], drawn_sprites(arena, 1, "a/")};
      pm_image image = pm_montage(arena, &group, 1, look(scale, 8, 1));
      assert_int_equal(ink_of(&image), ink_of_text(captions[i], scale < 3 ? 1 : scale < 12 ? 2 : 3));
      for (size_t y = 0; y < image.height; y++) /* and none of it in the gap */
        for (size_t x = 0; x < (size_t)scale; x++)
          assert_true(is_background(&image, x, y) && is_background(&image, image.width - 1 - x, y));
    }
  pm_arena_free(arena);
}

static void breaks_lines_at_blanks_and_newlines(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  enum { LINE = PM_FONT_HEIGHT + 2 };
  pm_montage_group group = {"a\n\nb", drawn_sprites(arena, 1, "c/")};
  pm_image image = pm_montage(arena, &group, 1, look(1, 1, 1));
  assert_int_equal(image.height, 1 + 3 * LINE + 1 + 1 + 1);
  assert_false(empty_rows(&image, 1, LINE));
  assert_true(empty_rows(&image, 1 + LINE, LINE));
  assert_false(empty_rows(&image, 1 + 2 * LINE, LINE));
  /* 24 letters' width is the least that a line gets; "wide" fits behind nine letters, "windows" does not. */
  group.caption = "wwwwwwwww wwwwwwwww wide";
  size_t two_lines = pm_montage(arena, &group, 1, look(1, 1, 1)).height;
  group.caption = "wwwwwwwww wwwwwwwww";
  assert_int_equal(pm_montage(arena, &group, 1, look(1, 1, 1)).height, two_lines);
  group.caption = "wwwwwwwww wwwwwwwww windows";
  assert_int_equal(pm_montage(arena, &group, 1, look(1, 1, 1)).height, two_lines + LINE);
  pm_arena_free(arena);
}

static void shows_groups_without_sprites(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites none = drawn_sprites(arena, 1, "a/");
  none.count = 0;
  pm_montage_group groups[] = {{"nothing", none}, {NULL, none}};
  pm_image image = pm_montage(arena, groups, 2, look(1, 8, 1));
  assert_int_equal(ink_of(&image), ink_of_text("nothing", 1));
  image = pm_montage(arena, groups + 1, 1, look(1, 8, 0));
  assert_true(image.width >= 1 && image.height >= 1);
  pm_arena_free(arena);
}

static void indexes_colours_where_256_are_enough(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites s = {.count = 1, .height = 1, .width = 256, .channels = 3};
  s.rgba = pm_alloc(arena, 256, 4);
  for (size_t x = 0; x < 256; x++)
    memcpy(s.rgba + 4 * x, (unsigned char[4]){(unsigned char)x, 2, 3, 255}, 4); /* one is the background's */
  pm_montage_group group = {NULL, s};
  assert_int_equal(pm_montage(arena, &group, 1, look(1, 1, 1)).colours, 256);
  s.rgba[5] = 77;
  assert_int_equal(pm_montage(arena, &group, 1, look(1, 1, 1)).colours, 0);
  pm_arena_free(arena);
}

static void refuses_pictures_that_nothing_could_read(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_montage_group group = {NULL, drawn_sprites(arena, 1, "ab/cd/")};
  pm_image limit = pm_montage(arena, &group, 1, look(4096, 1, 0));
  assert_int_equal(limit.width, 8192); /* 2^26 pixels */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "8194 x 8194 pixels", pm_montage(arena, &group, 1, look(4097, 1, 0)));
  pm_montage_group wide = {NULL, drawn_sprites(arena, 1, "abc/")};
  PM_EXPECT_FAIL(PM_BAD_INPUT, "smaller scale", pm_montage(arena, &wide, 1, look(6000, 1, 0)));
  wide.sprites.count = SIZE_MAX / 16; /* no overflow on the way to the message */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "at most 16384", pm_montage(arena, &wide, 1, look(1, 0, 0)));
  pm_arena_free(arena);
}

/* All letters differ, fit their box, and only those that should hang below the line. */
static void the_font_is_whole(void **state) {
  (void)state;
  for (unsigned a = 33; a <= 127; a++) {
    pm_glyph glyph = pm_font_glyph(a);
    assert_in_range(glyph.width, 1, PM_FONT_WIDTH);
    unsigned ink = 0, below = glyph.row[7] | glyph.row[8];
    for (int row = 0; row < PM_FONT_HEIGHT; row++)
      ink |= glyph.row[row];
    assert_true(ink & 1); /* begins at the left edge, and is no wider than its ink */
    assert_int_equal(ink >> (glyph.width - 1), 1);
    assert_int_equal(below != 0, a < 127 && strchr(",;_gjpqy|", (int)a) != NULL);
    for (unsigned b = 33; b < a; b++) {
      pm_glyph other = pm_font_glyph(b);
      assert_memory_not_equal(glyph.row, other.row, sizeof glyph.row);
    }
  }
  pm_glyph box = pm_font_glyph(127), strange = pm_font_glyph(0x20ac), blank = pm_font_glyph(' ');
  assert_memory_equal(box.row, strange.row, sizeof box.row);
  assert_memory_equal(blank.row, (unsigned char[PM_FONT_HEIGHT]){0}, PM_FONT_HEIGHT);
  assert_int_equal(pm_font_measure("", 0), 0);
  assert_int_equal(pm_font_measure("l.", 2), 2 + 1 + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lays_out_a_grid),
      cmocka_unit_test(keeps_transparency_on_request),
      cmocka_unit_test(puts_all_in_one_row_on_request),
      cmocka_unit_test(begins_a_row_for_each_group),
      cmocka_unit_test(lays_transparent_pixels_over_the_background),
      cmocka_unit_test(draws_captions),
      cmocka_unit_test(never_cuts_a_caption),
      cmocka_unit_test(breaks_lines_at_blanks_and_newlines),
      cmocka_unit_test(shows_groups_without_sprites),
      cmocka_unit_test(indexes_colours_where_256_are_enough),
      cmocka_unit_test(refuses_pictures_that_nothing_could_read),
      cmocka_unit_test(the_font_is_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
