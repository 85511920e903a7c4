#include "mutate.h"

#include "io/safetensors.h"

#include <math.h>

static void reads(pm_arena *in, const char *path) {
  pm_safetensors_read(in, path, false);
}

/* A file with this header, and `bytes` of data: 0, 1, 2, … */
static const char *with_header(const char *header, size_t bytes) {
  static unsigned char file[8192];
  size_t length = strlen(header);
  for (int i = 0; i < 8; i++)
    file[i] = (unsigned char)((uint64_t)length >> 8 * i);
  memcpy(file + 8, header, length);
  for (size_t i = 0; i < bytes; i++)
    file[8 + length + i] = (unsigned char)i;
  return check_file("header.safetensors", file, 8 + length + bytes);
}

static const char *written(const char *name, const pm_safetensors *file) {
  const char *path = pm_copy_text(arena, check_path(name));
  pm_output *output = pm_output_open(arena, path, true);
  pm_safetensors_write(output, file);
  pm_output_commit(output);
  return path;
}

static float weights[6] = {1, -2.5f, 3, 0, -0.0f, 1e-40f};
static unsigned char odd[3] = {7, 8, 9};
static int64_t step[1] = {123456789012345};
static double real[2] = {0.1, -1e300};
static int32_t codes[2] = {-1, 5};

static pm_safetensors sample(void) {
  pm_safetensors file = {0};
  pm_safetensors_add(arena, &file, "odd", (pm_tensor){PM_U8, {1, {3}}, odd});
  pm_safetensors_add(arena, &file, "layer.weight", (pm_tensor){PM_F32, {2, {2, 3}}, weights});
  pm_safetensors_add(arena, &file, "step", (pm_tensor){PM_I64, {0, {0}}, step});
  pm_safetensors_add(arena, &file, "none", (pm_tensor){PM_F32, {2, {0, 4}}, weights});
  pm_safetensors_add(arena, &file, "real", (pm_tensor){PM_F64, {1, {2}}, real});
  pm_safetensors_add(arena, &file, "codes", (pm_tensor){PM_I32, {1, {2}}, codes});
  pm_safetensors_note(arena, &file, "method", "vae");
  pm_safetensors_note(arena, &file, "config", "a: \"b\\c\"\n\td: \xc3\xa9 \x01 \xf0\x9f\x8e\xa8\n");
  return file;
}

static void round_trip(void **state) {
  (void)state;
  pm_safetensors file = sample();
  const char *path = written("file.safetensors", &file);
  pm_safetensors back = pm_safetensors_read(arena, path, false);
  assert_int_equal(back.tensors, file.tensors);
  for (size_t i = 0; i < file.tensors; i++) {
    const pm_tensor *tensor = &file.tensor[i].tensor, *read = pm_safetensors_find(&back, file.tensor[i].name);
    assert_string_equal(back.tensor[i].name, file.tensor[i].name);
    assert_non_null(read);
    assert_int_equal(read->dtype, tensor->dtype);
    assert_true(pm_shape_equal(read->shape, tensor->shape));
    assert_memory_equal(read->data, tensor->data, pm_shape_count(tensor->shape) * pm_dtype_size(tensor->dtype));
    assert_int_equal((uintptr_t)read->data % 8, 0);
  }
  assert_int_equal(back.entries, 2);
  assert_string_equal(back.metadata[0].key, "config");
  assert_string_equal(pm_safetensors_metadata(&back, "config"), file.metadata[1].value);
  assert_string_equal(pm_safetensors_metadata(&back, "method"), "vae");
  assert_null(pm_safetensors_metadata(&back, "absent"));
  assert_null(pm_safetensors_find(&back, "absent"));
}

/* The bytes as the format's own description has them. */
static void bytes_written(void **state) {
  (void)state;
  pm_safetensors file = {0};
  pm_safetensors_add(arena, &file, "a", (pm_tensor){PM_U8, {1, {3}}, odd});
  pm_safetensors_add(arena, &file, "b", (pm_tensor){PM_I32, {2, {1, 2}}, codes});
  pm_safetensors_note(arena, &file, "z", "last");
  pm_safetensors_note(arena, &file, "k", "a\"b");
  static const char header[] = "{\"__metadata__\":{\"k\":\"a\\\"b\",\"z\":\"last\"},"
                               "\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                               "\"b\":{\"dtype\":\"I32\",\"shape\":[1,2],\"data_offsets\":[3,11]}}";
  size_t padded = (strlen(header) + 7) / 8 * 8, length;
  char *bytes = check_bytes(written("file.safetensors", &file), &length);
  assert_int_equal(length, 8 + padded + 11);
  assert_int_equal((unsigned char)bytes[0] | (unsigned char)bytes[1] << 8, padded);
  assert_memory_equal(bytes + 8, header, strlen(header));
  for (size_t i = strlen(header); i < padded; i++)
    assert_int_equal(bytes[8 + i], ' ');
  assert_memory_equal(bytes + 8 + padded, "\x07\x08\x09\xff\xff\xff\xff\x05\x00\x00\x00", 11);
  free(bytes);
}

/* A byte that is no UTF-8 does not make a file that nobody reads. */
static void foreign_bytes(void **state) {
  (void)state;
  pm_safetensors file = {0};
  pm_safetensors_note(arena, &file, "name", "caf\xe9 \xed\xa0\x80 \xc0\x80!");
  pm_safetensors back = pm_safetensors_read(arena, written("file.safetensors", &file), false);
  assert_string_equal(pm_safetensors_metadata(&back, "name"),
                      "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd!");
}

static void headers_taken(void **state) {
  (void)state;
  pm_safetensors empty = pm_safetensors_read(arena, with_header("{}      ", 0), false);
  assert_int_equal(empty.tensors, 0);
  /* The header's order is free; the tensors come in that of their data. */
  pm_safetensors two = pm_safetensors_read(
      arena,
      with_header("{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]},"
                  "\"a\":{\"data_offsets\":[0,3],\"shape\":[3,1],\"dtype\":\"U8\"},\"__metadata__\":{}}",
                  5),
      false);
  assert_string_equal(two.tensor[0].name, "a");
  assert_memory_equal(pm_safetensors_find(&two, "b")->data, "\x03\x04", 2);
}

static void headers_refused(void **state) {
  (void)state;
  static const struct {
    const char *header;
    size_t bytes;
    const char *says;
  } bad[] = {
      {"", 0, "expected '{'"},
      {" {}", 0, "expected a model or checkpoint (.safetensors)"},
      {"[]", 0, "expected a model or checkpoint"},
      {"{", 0, "malformed"},
      {"{} x", 0, "malformed"},
      {"{\"a\":1,\"a\":2}", 0, "duplicate"},
      {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "duplicate"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"\\u0061\":{}}", 1, "duplicate"},
      {"{\"__metadata__\":{\"k\":1}}", 0, "no text: 'k'"},
      {"{\"__metadata__\":[]}", 0, "no JSON object"},
      {"{\"a\":1}", 0, "other keys"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "other keys"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, "other keys"},
      {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2, "tensor 'a': has the type 'BF16'"},
      {"{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,2]}}", 2, "(no text)"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "no integer of 0 or more"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "no integer of 0 or more"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}", 1, "malformed"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":3,\"data_offsets\":[0,3]}}", 3, "no shape"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, "no shape of at most 8"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "too large"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "too large"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "too large"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "expected [begin, end]"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":{}}}", 1, "expected [begin, end]"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1, "expected 1 bytes for u8 [1]"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,3]}}", 3, "expected 4 bytes"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "there is a hole"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
       3, "two tensors overlap"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
       2, "two tensors overlap"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1, "1 bytes of data, expected 2"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 3, "3 bytes of data, expected 2"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says,
                   pm_safetensors_read(arena, with_header(bad[i].header, bad[i].bytes), false));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is empty", pm_safetensors_read(arena, check_file("empty", "", 0), false));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "long: is of an unknown kind, expected a model or checkpoint (.safetensors)",
                 pm_safetensors_read(arena, check_file("long", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10), false));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "long: byte 0: declares a header of 16777217 bytes, expected at most 16777216",
                 pm_safetensors_read(arena, check_file("long", "\1\0\0\1\0\0\0\0{\"a\"", 12), false));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "16777214 of its 16777216 bytes are missing",
                 pm_safetensors_read(arena, check_file("long", "\0\0\0\1\0\0\0\0{}", 10), false));
}

static void non_finite(void **state) {
  (void)state;
  float bad[2] = {1, NAN};
  double worse[3] = {1, 2, -INFINITY};
  pm_safetensors file = {0}, other = {0};
  pm_safetensors_add(arena, &file, "w", (pm_tensor){PM_F32, {1, {2}}, bad});
  pm_safetensors_add(arena, &other, "v", (pm_tensor){PM_F64, {1, {3}}, worse});
  const char *path = written("nan.safetensors", &file);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "tensor 'w': value 1 is not a finite", pm_safetensors_read(arena, path, false));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "tensor 'v': value 2 is not a finite",
                 pm_safetensors_read(arena, written("inf.safetensors", &other), false));
  pm_safetensors back = pm_safetensors_read(arena, path, true);
  assert_true(isnan(((float *)back.tensor[0].tensor.data)[1]));
}

static void pipes(void **state) {
  (void)state;
  pm_safetensors file = sample();
  size_t n = 700001, length;
  int32_t *values = pm_alloc(arena, n, 4);
  for (size_t i = 0; i < n; i++)
    values[i] = (int32_t)(i * 2654435761u);
  pm_safetensors_add(arena, &file, "big", (pm_tensor){PM_I32, {1, {n}}, values});
  char *bytes = check_bytes(written("big.safetensors", &file), &length);
  mutate_pipe p;
  pm_safetensors back = pm_safetensors_read(arena, mutate_pipe_open(&p, bytes, length), false);
  mutate_pipe_close(&p);
  assert_memory_equal(pm_safetensors_find(&back, "big")->data, values, 4 * n);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "tensor 'big': the file ends in the middle of it: 1 bytes",
                 pm_safetensors_read(arena, mutate_pipe_open(&p, bytes, length - 1), false));
  mutate_pipe_close(&p);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "bytes behind the last tensor",
                 pm_safetensors_read(arena, mutate_pipe_open(&p, bytes, length + 1), false));
  mutate_pipe_close(&p);
  free(bytes);
}

static void damaged(void **state) {
  (void)state;
  pm_safetensors file = sample();
  size_t length;
  char *bytes = check_bytes(written("file.safetensors", &file), &length);
  mutate_truncate(reads, "short.safetensors", bytes, length);
  size_t taken = mutate_flip(reads, "flipped.safetensors", bytes, length, length - 60);
  assert_true(taken > 0 && taken < 8 * length / 2); /* letters of names and of metadata may be others */
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bytes_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(foreign_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(headers_taken, set_up, tear_down),
      cmocka_unit_test_setup_teardown(headers_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(non_finite, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pipes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
