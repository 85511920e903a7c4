#include "mutate.h"

#include "io/image.h"
#include "io/npy.h"
#include "pixels/sprites.h"

#include <math.h>

static pm_tensor tensor_of(pm_dtype dtype, const void *data, size_t n, size_t h, size_t w, size_t c) {
  return (pm_tensor){dtype, {4, {n, h, w, c}}, (void *)data};
}

static const char *written(const char *name, pm_tensor tensor) {
  const char *path = pm_copy_text(arena, check_path(name));
  pm_output *output = pm_output_open(arena, path, true);
  pm_npy_write(output, &tensor);
  pm_output_commit(output);
  return path;
}

static const unsigned char rgb[2 * 1 * 2 * 3] = {9, 9, 9, 1, 2, 3, 1, 2, 3, 4, 5, 6};

static void indexed(void **state) {
  (void)state;
  pm_sprites s = pm_sprites_read(arena, written("rgb.npy", tensor_of(PM_U8, rgb, 2, 1, 2, 3)));
  assert_true(s.count == 2 && s.height == 1 && s.width == 2 && s.channels == 3 && s.colours == 3);
  assert_null(s.rgba);
  assert_memory_equal(s.palette, "\x09\x09\x09\xff\x01\x02\x03\xff\x04\x05\x06\xff", 12);
  assert_memory_equal(s.index, "\0\1\1\2", 4);
  assert_memory_equal(pm_sprites_pixel(&s, 1, 0, 1), "\x04\x05\x06\xff", 4);
  pm_tensor back = pm_sprites_to_tensor(arena, &s);
  assert_true(back.dtype == PM_U8 &&
              pm_shape_equal(back.shape, pm_shape_of(4, (size_t)2, (size_t)1, (size_t)2, (size_t)3)));
  assert_memory_equal(back.data, rgb, sizeof rgb);
}

static void reals(void **state) {
  (void)state;
  /* Halves go to the even step; what lies outside is clamped. */
  static const float values[8] = {-3, 0, 1, 7, 0.5f, 0.1f, 0.9999f, 1.0f / 255};
  pm_tensor tensor = tensor_of(PM_F32, values, 2, 1, 1, 4);
  pm_sprites s = pm_sprites_from_tensor(arena, &tensor, "here");
  assert_int_equal(s.channels, 4);
  assert_memory_equal(pm_sprites_pixel(&s, 0, 0, 0), "\0\0\xff\xff", 4);
  assert_memory_equal(pm_sprites_pixel(&s, 1, 0, 0), "\x80\x1a\xff\x01", 4);
  static const float bad[2][3] = {{0, NAN, 0}, {0, 0, INFINITY}};
  for (int i = 0; i < 2; i++) {
    tensor = tensor_of(PM_F32, bad[i], 1, 1, 1, 3);
    PM_EXPECT_FAIL(PM_BAD_INPUT, i ? "here: value 2 is not a finite" : "here: value 1 is not a finite",
                   pm_sprites_from_tensor(arena, &tensor, "here"));
  }
}

/* What cannot be seen has one colour. */
static void transparent(void **state) {
  (void)state;
  static const unsigned char rgba[12] = {1, 2, 3, 0, 7, 7, 7, 255, 4, 5, 6, 0};
  pm_tensor tensor = tensor_of(PM_U8, rgba, 1, 1, 3, 4);
  pm_sprites s = pm_sprites_from_tensor(arena, &tensor, "here");
  assert_int_equal(s.colours, 2);
  pm_tensor back = pm_sprites_to_tensor(arena, &s);
  assert_memory_equal(back.data, "\0\0\0\0\7\7\7\xff\0\0\0\0", 12);
}

static unsigned char *many_colours(size_t n, size_t from) {
  unsigned char *bytes = pm_alloc(arena, n, 3);
  for (size_t i = 0; i < n; i++) {
    bytes[3 * i] = (unsigned char)(from + i);
    bytes[3 * i + 1] = (unsigned char)((from + i) / 256);
  }
  return bytes;
}

static void more_than_256_colours(void **state) {
  (void)state;
  const unsigned char *bytes = many_colours(300, 0);
  pm_tensor tensor = tensor_of(PM_U8, bytes, 3, 10, 10, 3);
  pm_sprites s = pm_sprites_from_tensor(arena, &tensor, "here");
  assert_int_equal(s.colours, 0);
  assert_null(s.index);
  assert_memory_equal(pm_sprites_pixel(&s, 2, 9, 9), "\x2b\x01\0\xff", 4);
  pm_tensor back = pm_sprites_to_tensor(arena, &s);
  assert_memory_equal(back.data, bytes, 900);
}

static void refused(void **state) {
  (void)state;
  static const unsigned char zeros[64];
  const struct {
    pm_tensor tensor;
    const char *says;
  } bad[] = {
      {tensor_of(PM_I32, zeros, 1, 1, 1, 3), "bad.npy: holds i32 [1, 1, 1, 3], expected u8 or f32 [N, H, W, C]"},
      {tensor_of(PM_F64, zeros, 1, 1, 1, 3), "holds f64"},
      {tensor_of(PM_U8, zeros, 1, 1, 1, 2), "is an array [1, 1, 1, 2], expected"},
      {tensor_of(PM_U8, zeros, 1, 1, 1, 5), "is an array [1, 1, 1, 5], expected"},
      {{PM_U8, {3, {1, 1, 3}}, (void *)zeros}, "is an array [1, 1, 3], expected"},
      {{PM_U8, {5, {1, 1, 1, 1, 3}}, (void *)zeros}, "is an array [1, 1, 1, 1, 3], expected"},
      {{PM_U8, {0, {0}}, (void *)zeros}, "is an array [], expected"},
      {tensor_of(PM_U8, zeros, 2, 0, 1, 3), "no pixels"},
      {tensor_of(PM_U8, zeros, 2, 1, 0, 3), "no pixels"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_sprites_read(arena, written("bad.npy", bad[i].tensor)));
}

static void none(void **state) {
  (void)state;
  pm_sprites s = pm_sprites_read(arena, written("none.npy", tensor_of(PM_U8, rgb, 0, 4, 5, 3)));
  assert_true(s.count == 0 && s.height == 4 && s.width == 5 && s.colours == 0);
  pm_tensor back = pm_sprites_to_tensor(arena, &s);
  assert_true(pm_shape_equal(back.shape, pm_shape_of(4, (size_t)0, (size_t)4, (size_t)5, (size_t)3)));
}

static const char *picture(const char *name, const unsigned char *rgba, size_t width, size_t height) {
  const char *path = pm_copy_text(arena, check_path(name));
  pm_image image = pm_image_from_rgba(arena, width, height, rgba);
  pm_output *output = pm_output_open(arena, path, true);
  pm_png_write(output, &image, NULL);
  pm_output_commit(output);
  return path;
}

static void pictures(void **state) {
  (void)state;
  pm_sprites s = pm_sprites_read(arena, picture("one.PNG", (unsigned char *)"\1\2\3\xff\4\5\6\xff", 1, 2));
  assert_true(s.count == 1 && s.height == 2 && s.width == 1 && s.channels == 3 && s.colours == 2);
  s = pm_sprites_read(arena, picture("two.png", (unsigned char *)"\1\2\3\xff\4\5\6\x80", 2, 1));
  assert_int_equal(s.channels, 4);
}

/* The content tells the format, whatever the name; through a pipe, too. */
static void formats(void **state) {
  (void)state;
  const char *png = picture("three.npy", (unsigned char *)"\1\2\3\xff\4\5\6\x80", 2, 1);
  const char *npy = written("four.png", tensor_of(PM_U8, rgb, 2, 1, 2, 3));
  assert_int_equal(pm_sprites_read(arena, png).width, 2);
  assert_int_equal(pm_sprites_read(arena, npy).count, 2);
  pm_tensor array = pm_sprites_read_array(arena, png);
  assert_true(array.dtype == PM_U8);
  assert_string_equal(pm_shape_text(arena, array.shape), "[1, 1, 2, 4]");
  assert_memory_equal(array.data, "\1\2\3\xff\4\5\6\x80", 8);
  static const float reals[2] = {-3, 0.25f};
  array = pm_sprites_read_array(arena, written("reals", (pm_tensor){PM_F32, {1, {2}}, (void *)reals}));
  assert_memory_equal(array.data, reals, sizeof reals);
  for (int i = 0; i < 2; i++) {
    int ends[2];
    size_t length = 0;
    char *bytes = check_bytes(i ? npy : png, &length);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, length), length);
    close(ends[1]);
    assert_int_equal(pm_sprites_read(arena, pm_format(arena, "/dev/fd/%d", ends[0])).width, 2);
    close(ends[0]);
    free(bytes);
  }
}

static void other_formats(void **state) {
  (void)state;
  const struct {
    const char *name, *bytes, *says;
  } bad[] = {
      {"a.png", "", "a.png: is empty, expected a NumPy array (.npy), a PNG picture or an Aseprite file"},
      {"a.npy", "hello",
       "a.npy: is text that begins with 'hello', expected a NumPy array (.npy), a PNG picture or an Aseprite file"},
      {"a.npy", "\x89PNH\r\n\x1a\n123", "is of an unknown kind"},
      {"a.npy", "\x89PNG", "a.npy: is no PNG picture"},
      {"a.png", "\x93NUM", "ends in the middle of a .npy header"},
      {"a.png", "\x93NUMPY\1", "ends in the middle of a .npy header"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *path = check_text_file(bad[i].name, bad[i].bytes);
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_sprites_read(arena, path));
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_sprites_read_array(arena, path));
  }
}

static void joins(void **state) {
  (void)state;
  static const unsigned char rgba[16] = {4, 5, 6, 255, 9, 9, 9, 255, 0, 0, 0, 0, 1, 2, 3, 255};
  pm_tensor a = tensor_of(PM_U8, rgb, 2, 1, 2, 3), b = tensor_of(PM_U8, rgba, 2, 1, 2, 4);
  pm_sprites sets[2] = {pm_sprites_from_tensor(arena, &a, "a"), pm_sprites_from_tensor(arena, &b, "b")};
  static const char *const places[] = {"a.npy", "b.npy"};
  pm_sprites s = pm_sprites_join(arena, sets, places, 2);
  assert_true(s.count == 4 && s.channels == 4 && s.colours == 4);
  assert_memory_equal(s.palette, "\x09\x09\x09\xff\x01\x02\x03\xff\x04\x05\x06\xff\0\0\0\0", 16);
  assert_memory_equal(s.index, "\0\1\1\2\2\0\3\1", 8);
  s = pm_sprites_join(arena, sets, places, 1);
  assert_true(s.count == 2 && s.channels == 3);

  pm_tensor left = tensor_of(PM_U8, many_colours(200, 0), 2, 10, 10, 3),
            right = tensor_of(PM_U8, many_colours(200, 100), 2, 10, 10, 3);
  sets[0] = pm_sprites_from_tensor(arena, &left, "a");
  sets[1] = pm_sprites_from_tensor(arena, &right, "b");
  assert_int_equal(sets[1].colours, 200);
  s = pm_sprites_join(arena, sets, places, 2);
  assert_int_equal(s.colours, 0);
  assert_memory_equal(pm_sprites_pixel(&s, 3, 9, 9), "\x2b\x01\0\xff", 4);

  sets[1] = pm_sprites_from_tensor(arena, &a, "b");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "b.npy: holds sprites of 2 x 1 pixels, expected 10 x 10 as in a.npy",
                 pm_sprites_join(arena, sets, places, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(indexed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reals, set_up, tear_down),
      cmocka_unit_test_setup_teardown(transparent, set_up, tear_down),
      cmocka_unit_test_setup_teardown(more_than_256_colours, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pictures, set_up, tear_down),
      cmocka_unit_test_setup_teardown(formats, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_formats, set_up, tear_down),
      cmocka_unit_test_setup_teardown(joins, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
