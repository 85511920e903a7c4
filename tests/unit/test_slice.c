/* Slicing: geometry of sheets, what is dropped, what is written. */
#include "check.h"
#include "drawn.h"

#include "pixels/slice.h"

static pm_slice_options tiles_of(int64_t width, int64_t height) {
  return (pm_slice_options){.tile = {width, height}, .density = {0, 1}};
}

static pm_sprites slice(pm_arena *arena, const char *art, pm_slice_options o, pm_slice_report *r) {
  pm_image sheet = drawn_image(arena, art);
  const char *place = "sheet.png";
  return pm_slice(arena, &sheet, &place, 1, o, r);
}

/* The sprites, drawn below each other, show exactly this. */
static void assert_shows(const pm_sprites *s, const char *art) {
  assert_int_equal(strlen(art), s->count * s->height * (s->width + 1));
  for (size_t y = 0; y < s->count * s->height; y++)
    for (size_t x = 0; x < s->width; x++) {
      unsigned char rgba[4];
      drawn_colour(art[y * (s->width + 1) + x], rgba);
      assert_memory_equal(pm_sprites_pixel(s, 0, y, x), rgba, 4);
    }
}

static void cuts_in_reading_order(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_report r;
  pm_sprites s = slice(arena, "aabbc/aabbc/ddeef/ddeef/", tiles_of(1, 2), &r);
  assert_int_equal(r.tiles, 10);
  s = slice(arena, "abcd/efgh/", tiles_of(2, 1), &r);
  assert_shows(&s, "ab/cd/ef/gh/");
  assert_int_equal(s.count, 4);
  assert_int_equal(s.channels, 3);
  assert_int_equal(s.colours, 8);
  s = slice(arena, "abcd/efgh/", tiles_of(4, 2), &r);
  assert_shows(&s, "abcd/efgh/");
  pm_arena_free(arena);
}

/* Each geometry that sheets come in: the x are never part of a tile. */
static void steps_over_margin_and_spacing(void **state) {
  (void)state;
  static const struct {
    const char *art;
    int64_t margin, spacing;
  } sheets[] = {
      {"xxxxxxx/xabxcdx/xxxxxxx/xefxghx/xxxxxxx/", 1, 1},               /* margin all round */
      {"xxxxxx/xabxcd/xxxxxx/xefxgh/", 1, 1},                           /* none on the right and below */
      {"abxcdx/xxxxxx/efxghx/xxxxxx/", 0, 1},                           /* spacing behind the last one */
      {"abxcd/xxxxx/efxgh/", 0, 1},                                     /* between them alone */
      {"xxxxxxxx/xabxcdxx/xxxxxxxx/xefxghxx/xxxxxxxx/", 1, 1},          /* both on the right */
      {"xxxxxxxx/xxxxxxxx/xxabcdxx/xxefghxx/xxxxxxxx/xxxxxxxx/", 2, 0}, /* margin as wide as a tile */
  };
  pm_arena *arena = pm_arena_new();
  for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
    pm_slice_options o = tiles_of(2, 1);
    o.margin = sheets[i].margin;
    o.spacing = sheets[i].spacing;
    pm_sprites s = slice(arena, sheets[i].art, o, NULL);
    assert_int_equal(s.count, 4);
    assert_shows(&s, "ab/cd/ef/gh/");
  }
  pm_slice_options o = tiles_of(3, 1);
  o.margin = 1; /* 2 columns are left over behind one tile: neither nothing nor the margin */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide", slice(arena, "xxxxxx/xabcxx/xxxxxx/", o, NULL));
  pm_arena_free(arena);
}

static void names_the_sizes_that_would_do(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char *rgba = pm_alloc(arena, 48 * 32, 4);
  pm_image sheet = pm_image_from_rgba(arena, 48, 32, rgba);
  const char *place = "dir/sheet.png";
  PM_EXPECT_FAIL(PM_BAD_INPUT, "dir/sheet.png: 48 x 32 pixels do not divide into tiles of 10 x 10",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(10, 10), NULL));
  assert_non_null(strstr(check_caught.line, "square tiles that would: 4, 8, 16"));

  PM_EXPECT_FAIL(PM_BAD_INPUT, "tiles of 15 x 15 would with margin 0 and spacing 1",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(15, 15), NULL));
  /* A tile larger than the sheet. */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide into tiles of 64 x 64",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(64, 64), NULL));
  pm_slice_options o = tiles_of(16384, 16384);
  o.margin = 16384, o.spacing = 16384;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide", pm_slice(arena, &sheet, &place, 1, o, NULL));
  pm_arena_free(arena);
}

/* The hints must themselves be true: each is tried. */
static void hints_that_hold(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *place = "s";
  for (size_t width = 1; width <= 40; width++) {
    unsigned char *rgba = pm_alloc(arena, width * width, 4);
    pm_image sheet = pm_image_from_rgba(arena, width, width, rgba);
    pm_slice_options o = tiles_of(7, 7);
    o.spacing = 40; /* divides one tile alone */
    if (width == 7 || width == 47)
      continue;
    PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide", pm_slice(arena, &sheet, &place, 1, o, NULL));
    const char *tiles = strstr(check_caught.line, "would: "), *gaps = strstr(check_caught.line, "would with margin ");
    long margin, spacing, tile = tiles ? strtol(tiles + 7, NULL, 10) : 0;
    if (tiles) {
      pm_slice_options hinted = o;
      hinted.tile[0] = hinted.tile[1] = tile;
      pm_slice_report r;
      pm_slice(arena, &sheet, &place, 1, hinted, &r);
      assert_int_equal(r.tiles, 1);
    } else
      assert_true(width < 4);
    if (gaps) {
      assert_int_equal(sscanf(gaps, "would with margin %ld and spacing %ld", &margin, &spacing), 2);
      o.margin = margin, o.spacing = spacing;
      pm_slice_report r;
      pm_slice(arena, &sheet, &place, 1, o, &r);
      assert_true(r.tiles >= 1);
    } else
      assert_true(width < 7);
  }
  pm_arena_free(arena);
}

static void drops_transparent_tiles(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_report r;
  pm_sprites s = slice(arena, "..a.  /.. b  /", tiles_of(2, 2), &r);
  assert_int_equal(r.transparent, 1);
  assert_int_equal(r.kept, 2); /* an opaque black one stays */
  assert_int_equal(r.flat_kept, 1);
  assert_shows(&s, "a / b/  /  /");
  pm_arena_free(arena);
}

static void keeps_alpha_on_request(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_options o = tiles_of(2, 1);
  o.background[2] = 200;
  pm_sprites s = slice(arena, "a.B./", o, NULL);
  assert_int_equal(s.channels, 3);
  assert_memory_equal(pm_sprites_pixel(&s, 0, 0, 1), "\0\0\310\377", 4);
  static const unsigned char mixed[] = {(200 * 128 + 127) / 255, (1 * 128 + 127) / 255, (200 * 127 + 127) / 255, 255};
  assert_memory_equal(pm_sprites_pixel(&s, 1, 0, 0), mixed, 4);
  o.keep_alpha = true;
  s = slice(arena, "a.B./", o, NULL);
  assert_int_equal(s.channels, 4);
  assert_shows(&s, "a./B./");
  pm_arena_free(arena);
}

/* Shares 0, 1/4, 1/2, 1 of pixels brighter than the background; the ends of the span belong to it. */
static void filters_by_density(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const struct {
    double low, high;
    size_t kept;
  } spans[] = {{0, 1, 4}, {0.25, 0.5, 2}, {0.25, 0.25, 1}, {0.2501, 1, 2}, {0, 0, 1}, {0.6, 0.9, 0}};
  for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
    pm_slice_options o = tiles_of(2, 2);
    o.density[0] = spans[i].low, o.density[1] = spans[i].high;
    pm_slice_report r;
    slice(arena, "  w ww..ww/    ....ww/", o, &r); /* the fourth tile is transparent, the third half full */
    assert_int_equal(r.tiles, 5);
    assert_int_equal(r.transparent, 1);
    assert_int_equal(r.kept, spans[i].kept);
    assert_int_equal(r.outside, 4 - spans[i].kept);
  }
  pm_arena_free(arena);
}

/* R+G+B of 10 is background still, 11 is not; on another background the distance counts. */
static void draws_the_line_above_ten(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char rgba[] = {3, 3, 4, 255, 3, 4, 4, 255};
  const char *place = "s";
  pm_image sheet = pm_image_from_rgba(arena, 2, 1, rgba);
  pm_slice_options o = tiles_of(1, 1);
  o.density[0] = 1;
  pm_sprites s = pm_slice(arena, &sheet, &place, 1, o, NULL);
  assert_int_equal(s.count, 1);
  assert_int_equal(pm_sprites_pixel(&s, 0, 0, 0)[1], 4);
  memcpy(o.background, (unsigned char[]){3, 3, 14}, 3); /* 10 away, and 11 */
  s = pm_slice(arena, &sheet, &place, 1, o, NULL);
  assert_int_equal(s.count, 1);
  assert_int_equal(pm_sprites_pixel(&s, 0, 0, 0)[1], 4);
  pm_arena_free(arena);
}

static void drops_flat_and_equal_tiles_on_request(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const char art[] = "ab/cc/ab/ba/cc/";
  pm_slice_options o = tiles_of(2, 1);
  pm_slice_report r;
  o.distinct = true;
  pm_sprites s = slice(arena, art, o, &r);
  assert_shows(&s, "ab/cc/ba/");
  assert_int_equal(r.repeated, 2);
  assert_int_equal(r.flat_kept, 1);
  o.drop_flat = true;
  s = slice(arena, art, o, &r);
  assert_shows(&s, "ab/ba/");
  assert_int_equal(r.flat, 2);
  assert_int_equal(r.repeated, 1);
  pm_arena_free(arena);
}

/* Invisible colours make no difference between tiles. */
static void takes_invisible_colours_for_equal(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char rgba[2 * 300 * 4];
  for (size_t p = 0; p < 600; p++) /* more than 256 colours, so that none are merged by the table */
    memcpy(rgba + 4 * p, (unsigned char[]){(unsigned char)p, (unsigned char)(p / 256), 0, p % 300 ? 255 : 0}, 4);
  for (size_t p = 301; p < 600; p++)
    memcpy(rgba + 4 * p, rgba + 4 * (p - 300), 4);
  const char *place = "s";
  pm_image sheet = pm_image_from_rgba(arena, 600, 1, rgba);
  assert_int_equal(sheet.colours, 0);
  pm_slice_options o = tiles_of(300, 1);
  o.distinct = o.keep_alpha = true;
  pm_slice_report r;
  pm_slice(arena, &sheet, &place, 1, o, &r);
  assert_int_equal(r.repeated, 1);
  pm_arena_free(arena);
}

static void takes_a_key_colour_for_transparent(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char key[4];
  drawn_colour('k', key);
  pm_image sheet = drawn_image(arena, "kkak/kkkb/");
  pm_slice_key(&sheet, key);
  const char *place = "s";
  pm_slice_options o = tiles_of(2, 2);
  o.keep_alpha = true;
  pm_sprites s = pm_slice(arena, &sheet, &place, 1, o, NULL);
  assert_int_equal(s.count, 1);
  assert_shows(&s, "a./.b/");
  unsigned char rgba[300 * 4];
  for (size_t p = 0; p < 300; p++)
    memcpy(rgba + 4 * p, (unsigned char[]){(unsigned char)p, (unsigned char)(p / 256), 0, 255}, 4);
  pm_image many = pm_image_from_rgba(arena, 300, 1, rgba);
  pm_slice_key(&many, (unsigned char[]){7, 0, 0});
  assert_int_equal(many.rgba[4 * 7 + 3], 0);
  assert_int_equal(many.rgba[4 * 8 + 3], 255);
  pm_arena_free(arena);
}

static void joins_sheets(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_image sheets[] = {drawn_image(arena, "ab/"), drawn_image(arena, "b/c/a/")};
  const char *places[] = {"one.png", "two.png"};
  pm_slice_options o = tiles_of(1, 1);
  pm_slice_report r;
  pm_sprites s = pm_slice(arena, sheets, places, 2, o, &r);
  assert_shows(&s, "a/b/b/c/a/");
  assert_int_equal(r.sheets, 2);
  o.distinct = true; /* across sheets, too */
  s = pm_slice(arena, sheets, places, 2, o, &r);
  assert_shows(&s, "a/b/c/");
  o.tile[1] = 2;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "one.png: 2 x 1 pixels", pm_slice(arena, sheets, places, 2, o, NULL));
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuts_in_reading_order),
      cmocka_unit_test(steps_over_margin_and_spacing),
      cmocka_unit_test(names_the_sizes_that_would_do),
      cmocka_unit_test(hints_that_hold),
      cmocka_unit_test(drops_transparent_tiles),
      cmocka_unit_test(keeps_alpha_on_request),
      cmocka_unit_test(filters_by_density),
      cmocka_unit_test(draws_the_line_above_ten),
      cmocka_unit_test(drops_flat_and_equal_tiles_on_request),
      cmocka_unit_test(takes_invisible_colours_for_equal),
      cmocka_unit_test(takes_a_key_colour_for_transparent),
      cmocka_unit_test(joins_sheets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
