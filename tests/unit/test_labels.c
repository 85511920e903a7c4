/* Classes of sprites: by looks, by sheets, from numbers. */
#include "check.h"

#include "pixels/labels.h"

static pm_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_arena_free(arena);
  return 0;
}

/* Sprites of one RGBA pixel each. */
static pm_sprites dots(const unsigned char (*rgba)[4], size_t n) {
  pm_tensor tensor = {PM_U8, {4, {n, 1, 1, 4}}, (void *)rgba};
  return pm_sprites_from_tensor(arena, &tensor, "dots");
}

static pm_kmeans_options into(size_t clusters, uint64_t seed) {
  return (pm_kmeans_options){.clusters = clusters, .restarts = 10, .iterations = 300, .seed = seed};
}

static void assert_labels(const pm_labels *labels, const int32_t *expected) {
  size_t sum = 0;
  for (size_t i = 0; i < labels->count; i++)
    assert_int_equal(labels->label[i], expected[i]);
  for (size_t c = 0; c < labels->classes; c++) {
    assert_true(labels->size[c] > 0);
    sum += labels->size[c];
  }
  assert_int_equal(sum, labels->count);
  pm_tensor tensor = pm_labels_to_tensor(labels);
  assert_true(tensor.dtype == PM_I32 && tensor.shape.rank == 1 && tensor.shape.dim[0] == labels->count);
  assert_memory_equal(tensor.data, expected, labels->count * sizeof *expected);
}

static void by_looks(void **state) {
  (void)state;
  static const unsigned char rgba[][4] = {{250, 0, 0, 255}, {0, 250, 0, 255}, {0, 255, 0, 255}, {0, 251, 9, 255},
                                          {0, 0, 255, 255}, {9, 0, 255, 255}, {255, 9, 9, 255}, {9, 9, 9, 255},
                                          {0, 0, 0, 255},   {5, 5, 5, 255},   {200, 255, 90, 0}};
  pm_sprites s = dots(rgba, 11);
  /* Black, transparent and all, is the largest; red comes before blue, which is as large. */
  static const int32_t expected[] = {2, 1, 1, 1, 3, 3, 2, 0, 0, 0, 0};
  for (uint64_t seed = 1; seed <= 5; seed++) {
    pm_labels labels = pm_labels_cluster(arena, &s, into(4, seed), "dots");
    assert_int_equal(labels.classes, 4);
    assert_labels(&labels, expected);
    assert_string_equal(labels.name[3], "class-3");
  }
  pm_labels all = pm_labels_cluster(arena, &s, into(10, 1), "dots");
  assert_int_equal(all.size[0], 2);
  assert_true(all.label[8] == 0 && all.label[10] == 0); /* equal once they lie on black */
  pm_labels one = pm_labels_cluster(arena, &s, into(1, 1), "dots");
  assert_int_equal(one.size[0], 11);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "dots: holds 10 sprites that differ, expected at least as many as classes: 11",
                 pm_labels_cluster(arena, &s, into(11, 1), "dots"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "dots: holds 11 sprites, expected at least as many as classes: 12",
                 pm_labels_cluster(arena, &s, into(12, 1), "dots"));
}

/* What can hardly be seen on black is black. */
static void faint_pixels(void **state) {
  (void)state;
  static const unsigned char rgba[][4] = {{0, 0, 0, 255}, {255, 255, 255, 10}, {255, 255, 255, 240}};
  pm_sprites s = dots(rgba, 3);
  pm_labels labels = pm_labels_cluster(arena, &s, into(2, 1), "dots");
  assert_labels(&labels, (const int32_t[]){0, 0, 1});
}

/* More than 256 colours are not indexed. */
static void of_many_colours(void **state) {
  (void)state;
  enum { N = 400 };
  unsigned char(*rgba)[4] = pm_alloc(arena, N, 4);
  int32_t expected[N];
  for (size_t i = 0; i < N; i++) {
    bool bright = i % 4 == 0;
    rgba[i][0] = (unsigned char)(bright ? 255 - i % 20 : i % 20);
    rgba[i][1] = (unsigned char)(i / 20 + 1);
    rgba[i][3] = 255;
    expected[i] = bright;
  }
  pm_sprites s = dots((const unsigned char(*)[4])rgba, N);
  assert_int_equal(s.colours, 0);
  pm_labels labels = pm_labels_cluster(arena, &s, into(2, 1), "dots");
  assert_labels(&labels, expected);
}

static void by_sheets(void **state) {
  (void)state;
  static const char *paths[] = {"b/1.png", "b/2.png", "a/1.png", "c/1.png", "d/1.png", "b/3.png", "d/2.png"};
  static const char *names[] = {"b", "b", "a", "c", "d", "b", "d"};
  size_t kept_of[] = {2, 0, 3, 0, 0, 1, 1};
  pm_sheet_list sheets = {.path = {paths, 7, 7}, .class_name = {names, 7, 7}};
  pm_slice_report report = {.sheets = 7, .kept = 7, .kept_of = kept_of};
  pm_labels labels = pm_labels_by_sheet(arena, &sheets, &report);
  assert_int_equal(labels.classes, 3); /* nothing is left of c */
  static const int32_t expected[] = {1, 1, 0, 0, 0, 1, 2};
  assert_labels(&labels, expected);
  assert_string_equal(labels.name[0], "a");
  assert_string_equal(labels.name[1], "b");
  assert_string_equal(labels.name[2], "d");
}

static void from_numbers(void **state) {
  (void)state;
  static const int64_t wide[] = {INT64_MAX, INT64_MIN, 0, -1, INT64_MAX, 4294967296};
  pm_tensor tensor = {PM_I64, {1, {6}}, (void *)wide};
  pm_labels labels = pm_labels_from_tensor(arena, &tensor, "here");
  static const int32_t expected[] = {4, 0, 2, 1, 4, 3};
  assert_labels(&labels, expected);
  assert_int_equal(labels.size[4], 2);
  assert_string_equal(labels.name[0], "class--9223372036854775808");
  assert_string_equal(labels.name[4], "class-9223372036854775807");

  enum { N = PM_MAX_CLASSES + 1 };
  int32_t *many = pm_alloc(arena, N, sizeof *many);
  for (int32_t i = 0; i < N; i++)
    many[i] = -7 * i;
  tensor = (pm_tensor){PM_I32, {1, {N}}, many};
  PM_EXPECT_FAIL(PM_BAD_INPUT, "here: holds 65537 different labels, expected at most 65536",
                 pm_labels_from_tensor(arena, &tensor, "here"));
  tensor.shape.dim[0]--;
  labels = pm_labels_from_tensor(arena, &tensor, "here");
  assert_true(labels.classes == PM_MAX_CLASSES && labels.label[0] == PM_MAX_CLASSES - 1 &&
              labels.label[PM_MAX_CLASSES - 1] == 0);

  const struct {
    pm_tensor tensor;
    const char *says;
  } bad[] = {{{PM_F32, {1, {2}}, many}, "here: holds f32 [2], expected labels: whole numbers [N]"},
             {{PM_I32, {2, {2, 1}}, many}, "holds i32 [2, 1]"},
             {{PM_I32, {0, {0}}, many}, "holds i32 []"},
             {{PM_I32, {1, {0}}, many}, "holds i32 [0]"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_labels_from_tensor(arena, &bad[i].tensor, "here"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {CASE(by_looks), CASE(faint_pixels), CASE(of_many_colours), CASE(by_sheets),
                                     CASE(from_numbers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
