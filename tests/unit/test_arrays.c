/* Arrays of any type: converting without loss, comparing, cutting, joining, printing. */
#include "check.h"

#include "pixels/arrays.h"

#include <math.h>

static pm_tensor row_of(pm_arena *arena, pm_dtype dtype, size_t n, const void *values) {
  pm_tensor t = pm_tensor_new(arena, dtype, pm_shape_of(1, n));
  memcpy(t.data, values, n * pm_dtype_size(dtype));
  return t;
}

static void examines_values(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor t = row_of(arena, PM_F32, 5, (float[]){NAN, 2, -4, INFINITY, 5});
  pm_array_facts f = pm_array_examine(&t);
  assert_true(f.low == -4 && f.high == 5 && f.mean == 1 && f.non_finite == 2);
  t = row_of(arena, PM_F64, 1, (double[]){NAN});
  f = pm_array_examine(&t);
  assert_true(f.low == 0 && f.high == 0 && f.mean == 0 && f.non_finite == 1);
  pm_arena_free(arena);
}

static void converts_what_fits(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor whole = row_of(arena, PM_F64, 4, (double[]){0, 255, 1, -0.0});
  pm_tensor bytes = pm_array_convert(arena, &whole, PM_U8, false, "x");
  assert_int_equal(bytes.dtype, PM_U8);
  assert_memory_equal(bytes.data, "\0\377\1\0", 4);
  pm_tensor back = pm_array_convert(arena, &bytes, PM_F32, false, "x");
  assert_true(((float *)back.data)[1] == 255);
  /* Large integers never go through a double. */
  int64_t large[] = {INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1};
  pm_tensor i64 = row_of(arena, PM_I64, 3, large);
  pm_tensor same = pm_array_convert(arena, &i64, PM_I64, false, "x");
  assert_memory_equal(same.data, large, sizeof large);
  pm_arena_free(arena);
}

static void refuses_what_does_not_fit(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const struct {
    double value;
    pm_dtype to;
    const char *said;
  } cases[] = {
      {256, PM_U8, "x.npy: the value 256 at [1] does not fit u8"},
      {-1, PM_U8, "-1 at [1]"},
      {0.5, PM_I64, "0.5 at [1]"},
      {2147483648.0, PM_I32, "does not fit i32"},
      {-2147483649.0, PM_I32, "does not fit i32"},
      {9223372036854775808.0, PM_I64, "does not fit i64"},
      {NAN, PM_I32, "nan at [1]"},
      {-INFINITY, PM_I64, "-inf at [1]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pm_tensor t = row_of(arena, PM_F64, 2, (double[]){1, cases[i].value});
    PM_EXPECT_FAIL(PM_BAD_INPUT, cases[i].said, pm_array_convert(arena, &t, cases[i].to, false, "x.npy"));
  }
  pm_tensor huge = row_of(arena, PM_F64, 1, (double[]){1e300});
  PM_EXPECT_FAIL(PM_BAD_INPUT, "does not fit f32", pm_array_convert(arena, &huge, PM_F32, false, "x"));
  pm_tensor odd = row_of(arena, PM_I64, 1, (int64_t[]){(INT64_C(1) << 53) + 1});
  PM_EXPECT_FAIL(PM_BAD_INPUT, "9007199254740993 at [0] does not fit f32",
                 pm_array_convert(arena, &odd, PM_F32, false, "x"));
  pm_arena_free(arena);
}

static void colours_run_from_0_to_1_and_to_255(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor reals = row_of(arena, PM_F32, 6, (float[]){0, 1, 0.5f, -3, 7, 1.49f / 255});
  pm_tensor bytes = pm_array_convert(arena, &reals, PM_U8, true, "x");
  assert_memory_equal(bytes.data, "\0\377\200\0\377\1", 6);
  unsigned char every[256];
  for (int i = 0; i < 256; i++)
    every[i] = (unsigned char)i;
  pm_tensor all = row_of(arena, PM_U8, 256, every), floats = pm_array_convert(arena, &all, PM_F32, true, "x");
  assert_true(((float *)floats.data)[255] == 1 && ((float *)floats.data)[51] == 0.2f);
  pm_tensor back = pm_array_convert(arena, &floats, PM_U8, true, "x");
  assert_memory_equal(back.data, every, 256);
  pm_tensor bad = row_of(arena, PM_F32, 1, (float[]){NAN});
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nan", pm_array_convert(arena, &bad, PM_U8, true, "x"));
  /* Between floats there is nothing to scale. */
  pm_tensor doubles = pm_array_convert(arena, &reals, PM_F64, true, "x");
  assert_true(((double *)doubles.data)[4] == 7);
  pm_arena_free(arena);
}

static void compares(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor a = row_of(arena, PM_F32, 5, (float[]){0, 1, NAN, INFINITY, 4});
  pm_tensor b = row_of(arena, PM_F64, 5, (double[]){0, 1.25, NAN, INFINITY, 2});
  pm_array_difference d = pm_array_compare(&a, &b, 0);
  assert_true(d.differing == 2 && d.first == 1 && d.largest == 2 && d.largest_at == 4);
  d = pm_array_compare(&a, &b, 0.25);
  assert_true(d.differing == 1 && d.first == 4);
  d = pm_array_compare(&a, &b, 2);
  assert_true(d.differing == 0);
  ((double *)b.data)[2] = 0; /* one number, one not */
  d = pm_array_compare(&a, &b, 1e300);
  assert_true(d.differing == 1 && d.first == 2 && isinf(d.largest));
  ((double *)b.data)[2] = NAN;
  ((double *)b.data)[3] = -INFINITY;
  d = pm_array_compare(&a, &b, 1e300);
  assert_true(d.differing == 1 && d.first == 3);
  pm_tensor x = row_of(arena, PM_I64, 1, (int64_t[]){(INT64_C(1) << 53) + 1});
  pm_tensor y = row_of(arena, PM_I64, 1, (int64_t[]){INT64_C(1) << 53});
  assert_true(pm_array_compare(&x, &y, 0).differing == 1);
  pm_arena_free(arena);
}

static void cuts_and_joins(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor t = pm_tensor_new(arena, PM_I32, pm_shape_of(3, (size_t)4, (size_t)2, (size_t)3));
  for (int32_t i = 0; i < 24; i++)
    ((int32_t *)t.data)[i] = i;
  pm_tensor middle = pm_array_rows(&t, 1, 3), none = pm_array_rows(&t, 4, 4);
  assert_string_equal(pm_shape_text(arena, middle.shape), "[2, 2, 3]");
  assert_int_equal(((int32_t *)middle.data)[0], 6);
  assert_int_equal(none.shape.dim[0], 0);
  const char *places[] = {"a.npy", "b.npy", "c.npy"};
  pm_tensor parts[] = {middle, none, t}, all = pm_array_join(arena, parts, places, 3);
  assert_string_equal(pm_shape_text(arena, all.shape), "[6, 2, 3]");
  assert_int_equal(((int32_t *)all.data)[11], 17);
  assert_memory_equal((int32_t *)all.data + 12, t.data, 24 * sizeof(int32_t));
  parts[1] = pm_tensor_new(arena, PM_I32, pm_shape_of(3, (size_t)4, (size_t)3, (size_t)2));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "b.npy: is i32 [4, 3, 2]", pm_array_join(arena, parts, places, 3));
  parts[1] = pm_tensor_new(arena, PM_F32, t.shape);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "b.npy: is f32", pm_array_join(arena, parts, places, 3));
  parts[0] = pm_tensor_new(arena, PM_I32, pm_shape_of(0));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "a.npy: is i32", pm_array_join(arena, parts, places, 1));
  assert_string_equal(pm_array_position(arena, t.shape, 23), "[3, 1, 2]");
  assert_string_equal(pm_array_position(arena, t.shape, 7), "[1, 0, 1]");
  pm_arena_free(arena);
}

static void prints(const pm_tensor *t, const char *expected) {
  pm_arena *arena = pm_arena_new();
  const char *path = check_path("printed");
  pm_output *output = pm_output_open(arena, path, false);
  pm_array_print(output, t);
  pm_output_commit(output);
  check_file_is(path, expected);
  pm_arena_free(arena);
}

static void prints_every_value(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor t = pm_tensor_new(arena, PM_F32, pm_shape_of(3, (size_t)2, (size_t)2, (size_t)2));
  memcpy(t.data, (float[]){0, 0.1f, -2.5f, 1e20f, NAN, INFINITY, -INFINITY, 3}, 32);
  prints(&t, "0 0.1\n-2.5 1e+20\n\nnan inf\n-inf 3\n");
  pm_tensor scalar = pm_tensor_new(arena, PM_I64, pm_shape_of(0));
  *(int64_t *)scalar.data = INT64_MIN;
  prints(&scalar, "-9223372036854775808\n");
  pm_tensor empty = pm_tensor_new(arena, PM_U8, pm_shape_of(2, (size_t)3, (size_t)0));
  prints(&empty, "");
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(examines_values),
      cmocka_unit_test(converts_what_fits),
      cmocka_unit_test(refuses_what_does_not_fit),
      cmocka_unit_test(colours_run_from_0_to_1_and_to_255),
      cmocka_unit_test(compares),
      cmocka_unit_test(cuts_and_joins),
      cmocka_unit_test(prints_every_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
