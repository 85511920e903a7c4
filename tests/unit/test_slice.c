/* Slicing: geometry of sheets, what is dropped, what is written. */
#include "check.h"
#include "drawn.h"

#include "pixels/slice.h"

static pm_slice_options tiles_of(int64_t width, int64_t height) {
  return (pm_slice_options){.tile = {width, height}, .frames = {1, 1}, .shrink = 1, .density = {0, 1}};
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
    o.margin[0] = o.margin[1] = sheets[i].margin;
    o.spacing[0] = o.spacing[1] = sheets[i].spacing;
    pm_sprites s = slice(arena, sheets[i].art, o, NULL);
    assert_int_equal(s.count, 4);
    assert_shows(&s, "ab/cd/ef/gh/");
  }
  pm_slice_options o = tiles_of(3, 1);
  o.margin[0] = o.margin[1] = 1; /* 2 columns are left over behind one tile: neither nothing nor the margin */
  PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide", slice(arena, "xxxxxx/xabcxx/xxxxxx/", o, NULL));
  pm_arena_free(arena);
}

static void x_and_y_may_differ(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_options o = tiles_of(2, 1);
  o.margin[0] = 1;
  o.spacing[1] = 2;
  pm_sprites s = slice(arena, "xabcdx/xxxxxx/xxxxxx/xefghx/", o, NULL);
  assert_shows(&s, "ab/cd/ef/gh/");
  pm_arena_free(arena);
}

/* A sheet of across x down tiles whose pixels all differ, with gaps of one colour that differs from them; `x` and `y`
 * as in grid.h, `more_x` and `more_y` pixels of such a kind behind all. */
static pm_image patterned(pm_arena *arena, size_t across, size_t down, pm_grid grid, size_t more_x, size_t more_y) {
  size_t width = 2 * grid.x.margin + across * grid.x.tile + (across - 1) * grid.x.spacing;
  size_t height = 2 * grid.y.margin + down * grid.y.tile + (down - 1) * grid.y.spacing;
  pm_image sheet = {.width = width + more_x, .height = height + more_y};
  sheet.rgba = pm_alloc(arena, sheet.width * sheet.height, 4);
  for (size_t y = 0; y < sheet.height; y++)
    for (size_t x = 0; x < sheet.width; x++) {
      size_t in_x = (x - grid.x.margin) % (grid.x.tile + grid.x.spacing);
      size_t in_y = (y - grid.y.margin) % (grid.y.tile + grid.y.spacing);
      bool gap = x < grid.x.margin || y < grid.y.margin || in_x >= grid.x.tile || in_y >= grid.y.tile ||
                 (x >= width - grid.x.margin && x < width) || (y >= height - grid.y.margin && y < height);
      const unsigned char rgba[4] = {(unsigned char)x, (unsigned char)y, gap ? 0 : (unsigned char)(1 + (x ^ y) % 255),
                                     255},
                          between[4] = {9, 9, 0, 255};
      memcpy(sheet.rgba + 4 * (y * sheet.width + x), gap ? between : rgba, 4);
    }
  return sheet;
}

static pm_grid grid_of(size_t tile, size_t margin, size_t spacing) {
  return (pm_grid){{tile, margin, spacing}, {tile, margin, spacing}};
}

/* Whatever the gaps are, they are found, and nothing is where there are none. */
static void gaps_are_seen(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_grid found;
  for (size_t margin = 0; margin <= 11; margin++)
    for (size_t spacing = 0; spacing <= 11; spacing++) {
      pm_grid grid = grid_of(12, margin, spacing), wanted = grid_of(12, 0, 0);
      pm_image sheet = patterned(arena, 4, 3, grid, 0, 0);
      if (margin == 0 && spacing == 0) {
        assert_false(pm_grid_by_gaps(&sheet, wanted, &found));
        continue;
      }
      assert_true(pm_grid_by_gaps(&sheet, wanted, &found));
      assert_memory_equal(&found, &grid, sizeof grid);
      /* A line more, which is no gap, is no reason to see others; where there is spacing, there is a rest. */
      sheet = patterned(arena, 4, 3, grid, 0, 1);
      bool seen = pm_grid_by_gaps(&sheet, wanted, &found);
      if (seen)
        assert_int_equal(found.x.spacing, spacing);
      assert_true(!seen || spacing);
    }
  pm_grid two = grid_of(12, 1, 3);
  two.y.spacing = 5;
  pm_image sheet = patterned(arena, 4, 3, two, 0, 0);
  assert_true(pm_grid_by_gaps(&sheet, grid_of(12, 0, 0), &found));
  assert_memory_equal(&found, &two, sizeof two);
  pm_arena_free(arena);
}

/* Sprites that touch no edge of their tiles, on a ground of one colour, and a few lines of it more: no margin. */
static void a_rest_is_no_margin(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_grid found, grid = grid_of(8, 0, 0);
  for (size_t more = 1; more < 4; more++) {
    pm_image sheet = {.width = 5 * 8 + more, .height = 4 * 8 + more};
    sheet.rgba = pm_alloc(arena, sheet.width * sheet.height, 4);
    for (size_t y = 0; y < 32; y++)
      for (size_t x = 0; x < 40; x++)
        if (x % 8 > 0 && x % 8 < 7 && y % 8 > 0 && y % 8 < 7)
          memcpy(sheet.rgba + 4 * (y * sheet.width + x), (unsigned char[]){(unsigned char)(x * y), 1, 2, 255}, 4);
    assert_false(pm_grid_by_gaps(&sheet, grid, &found));
  }
  pm_arena_free(arena);
}

static void names_what_would_do(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *place = "dir/sheet.png";
  pm_image sheet = patterned(arena, 3, 2, grid_of(16, 0, 0), 2, 1);
  PM_EXPECT_FAIL(
      PM_BAD_INPUT,
      "dir/sheet.png: 50 x 33 pixels do not divide into tiles of 16 x 16 with margin 0 and spacing 0, expected "
      "a sheet that does: 3 x 2 whole tiles, and 2 pixels left over at the right and 1 below; if that is",
      pm_slice(arena, &sheet, &place, 1, tiles_of(16, 16), NULL));
  sheet = patterned(arena, 3, 2, grid_of(16, 0, 0), 0, 1);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "3 x 2 whole tiles, and 1 pixel left over below; if",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(16, 16), NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "it is smaller than one tile",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(64, 64), NULL));
  sheet = patterned(arena, 3, 2, grid_of(16, 2, 3), 0, 0);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "by its gaps, tiles of 16 x 16 would with margin 2 and spacing 3",
                 pm_slice(arena, &sheet, &place, 1, tiles_of(16, 16), NULL));
  sheet = patterned(arena, 3, 3, grid_of(16, 0, 1), 7, 0);
  PM_EXPECT_FAIL(
      PM_BAD_INPUT,
      "its gaps are those of margin 0 and spacing 1: 3 x 3 whole tiles, and 6 pixels left over at the right, "
      "which --rest drop leaves out",
      pm_slice(arena, &sheet, &place, 1, tiles_of(16, 16), NULL));
  pm_slice_options o = tiles_of(16384, 16384);
  o.margin[0] = o.margin[1] = o.spacing[0] = o.spacing[1] = 16384;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "do not divide", pm_slice(arena, &sheet, &place, 1, o, NULL));
  pm_arena_free(arena);
}

static void names_all_that_do_not_fit(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_image sheets[] = {drawn_image(arena, "ab/"), drawn_image(arena, "a/"), drawn_image(arena, "abc/")};
  const char *places[] = {"1.png", "2.png", "3.png"};
  pm_slice_options o = tiles_of(2, 1);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "2 of 3 sheets do not divide into tiles of 2 x 1",
                 pm_slice(arena, sheets, places, 3, o, NULL));
  assert_non_null(strstr(check_caught.line, ": 2.png (1 x 1), 3.png (3 x 1). Of the first: "));
  assert_non_null(strstr(check_caught.line, "--rest skip leaves such sheets out"));
  pm_slice_report r;
  o.rest = PM_REST_SKIP;
  pm_sprites s = pm_slice(arena, sheets, places, 3, o, &r);
  assert_shows(&s, "ab/");
  assert_int_equal(r.kept_of[0], 1);
  assert_int_equal(r.kept_of[1] + r.kept_of[2], 0);
  o.rest = PM_REST_DROP;
  s = pm_slice(arena, sheets, places, 3, o, &r);
  assert_shows(&s, "ab/ab/");
  assert_int_equal(r.kept_of[2], 1);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "all have that size; --tile 2x1 takes each whole",
                 pm_slice(arena, (pm_image[]){sheets[0], sheets[0]}, places, 2, tiles_of(3, 3), NULL));
  pm_arena_free(arena);
}

static void shrinks_blocks(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_options o = tiles_of(4, 2);
  o.shrink = 2;
  pm_sprites s = slice(arena, "aabbccdd/aabbccdd/eeaaffbb/eeaaffbb/", o, NULL);
  assert_int_equal(s.width, 2);
  assert_int_equal(s.height, 1);
  assert_shows(&s, "ab/cd/ea/fb/");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "sheet.png: the block of 2 x 2 pixels at 6, 2 is not of one colour",
                 slice(arena, "aabbccdd/aabbccdd/eeaaffbb/eeaaffab/", o, NULL));
  o.margin[0] = 1; /* in pixels of the sheet, as all lengths are */
  s = slice(arena, "xaabbx/xaabbx/", o, NULL);
  assert_shows(&s, "ab/");
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

/* Nothing stays of a tile without an opaque pixel where sprites are snapped to a palette. */
static void drops_faint_tiles(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char rgba[] = {9, 9, 9, 1, 0, 0, 0, 0, 9, 9, 9, 127, 0, 0, 0, 0, 9, 9, 9, 128, 0, 0, 0, 0};
  const char *place = "s";
  pm_image sheet = pm_image_from_rgba(arena, 6, 1, rgba);
  for (int alpha = 0; alpha < 2; alpha++) {
    pm_slice_options o = tiles_of(2, 1);
    o.keep_alpha = alpha;
    pm_slice_report r;
    pm_slice(arena, &sheet, &place, 1, o, &r);
    assert_int_equal(r.kept, 1);
    assert_int_equal(r.faint, 2);
    assert_int_equal(r.transparent, 0);
  }
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
  pm_key_report r = {0};
  pm_slice_key(&sheet, key, 0, &r);
  assert_int_equal(r.matched, 6);
  assert_int_equal(r.near, 0);
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
  r = (pm_key_report){0};
  pm_slice_key(&many, (unsigned char[]){7, 0, 0}, 0, &r);
  assert_int_equal(r.matched, 1);
  assert_int_equal(many.rgba[4 * 7 + 3], 0);
  assert_int_equal(many.rgba[4 * 8 + 3], 255);
  /* Near are 0 ... 23 with green of 0 or 1. */
  assert_int_equal(r.near, 23 + 24);
  assert_int_equal(r.farthest, 16);
  r = (pm_key_report){0};
  pm_slice_key(&many, (unsigned char[]){200, 0, 0}, 3, &r);
  assert_int_equal(r.matched, 7);
  assert_int_equal(many.rgba[4 * 203 + 3], 0);
  assert_int_equal(many.rgba[4 * 204 + 3], 255);
  pm_arena_free(arena);
}

/* What stands at the tiles' edges, and where outlines meet nothing. */
static void tells_the_ground(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_slice_report r;
  slice(arena, "ggggbb/gagbbb/gggg.b/", tiles_of(3, 3), &r);
  unsigned char ground[4];
  drawn_colour('g', ground);
  assert_int_equal(r.edges, 16);
  assert_int_equal(r.clear_edges, 1);
  assert_int_equal(r.ground_edges, 10);
  assert_memory_equal(r.ground, ground, 3);
  assert_int_equal(r.contour, 3);
  assert_int_equal(r.vanished, 0);
  slice(arena, "..../. a./..../", tiles_of(4, 3), &r); /* a black one and another */
  assert_int_equal(r.contour, 2);
  assert_int_equal(r.vanished, 1);
  assert_int_equal(r.ground_edges, 0);
  slice(arena, "ab/", tiles_of(1, 1), &r);
  assert_int_equal(r.edges, 2);
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
  PM_EXPECT_FAIL(PM_BAD_INPUT, "one.png (2 x 1), two.png (1 x 3)", pm_slice(arena, sheets, places, 2, o, NULL));
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuts_in_reading_order),
      cmocka_unit_test(steps_over_margin_and_spacing),
      cmocka_unit_test(x_and_y_may_differ),
      cmocka_unit_test(gaps_are_seen),
      cmocka_unit_test(a_rest_is_no_margin),
      cmocka_unit_test(names_what_would_do),
      cmocka_unit_test(names_all_that_do_not_fit),
      cmocka_unit_test(shrinks_blocks),
      cmocka_unit_test(drops_transparent_tiles),
      cmocka_unit_test(drops_faint_tiles),
      cmocka_unit_test(keeps_alpha_on_request),
      cmocka_unit_test(filters_by_density),
      cmocka_unit_test(draws_the_line_above_ten),
      cmocka_unit_test(drops_flat_and_equal_tiles_on_request),
      cmocka_unit_test(takes_invisible_colours_for_equal),
      cmocka_unit_test(takes_a_key_colour_for_transparent),
      cmocka_unit_test(tells_the_ground),
      cmocka_unit_test(joins_sheets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
