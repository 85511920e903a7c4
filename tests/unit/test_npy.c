#include "mutate.h"

#include "io/npy.h"

/* Tests of the limit change it for the whole process. */
static int restore_limit(void **state) {
  pm_npy_limit(UINT64_C(4) << 30);
  return tear_down(state);
}

static void reads(pm_arena *in, const char *path) {
  pm_npy_read(in, path);
}

/* A file of version 1.0 with this header, unpadded, and data. */
static const char *with_header(const char *header, const void *data, size_t bytes) {
  static unsigned char file[4096];
  size_t length = strlen(header);
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  file[8] = (unsigned char)(length & 0xff);
  file[9] = (unsigned char)(length >> 8);
  memcpy(file + 10, header, length);
  memcpy(file + 10 + length, data, bytes);
  return check_file("header.npy", file, 10 + length + bytes);
}

static const char *written(const char *name, const pm_tensor *tensor) {
  const char *path = check_path(name);
  pm_output *output = pm_output_open(arena, path, true);
  pm_npy_write(output, tensor);
  pm_output_commit(output);
  return pm_copy_text(arena, path);
}

static unsigned char bytes24[24];
static int32_t three[3] = {-1, 2, 3};
static int64_t two[2] = {1, -((int64_t)1 << 62)};
static float one[1] = {1.5f};
static double reals[2] = {0.1, -2.5e300};
static unsigned char zeros[123456];

/* SHA-256 of what numpy.save (NumPy 2) writes for the same arrays. */
static void same_bytes_as_numpy(void **state) {
  (void)state;
  for (int i = 0; i < 24; i++)
    bytes24[i] = (unsigned char)i;
  const struct {
    pm_tensor tensor;
    const char *hash;
  } files[] = {
      {{PM_U8, {4, {2, 2, 2, 3}}, bytes24}, "12de5cadcf72a7ee3d9041399196417d1b6d6736587a836f3efbcbe9179eea9d"},
      {{PM_I32, {1, {3}}, three}, "d4232fc4e083bb68581f5784b7ba5f745e6f1f6869aeee2b933e16e32ff288b8"},
      {{PM_I64, {2, {1, 2}}, two}, "75ad591609c82d3e9647aa35b76ea53cc9745ee7bd5a20340875ebf2aab28b8a"},
      {{PM_F32, {0, {0}}, one}, "c779084557d4dea9d4361d111c78ef951cfdf6d2f0eb9df2cd0fecd927ef7c4e"},
      {{PM_F32, {4, {0, 16, 16, 3}}, one}, "09e4569481a8e5ffbf80f996ef1c6b8bfe5d4010fbc15f4f20469fcc0c66c083"},
      {{PM_F64, {1, {2}}, reals}, "4ff4ba21906748bcc7d098fb51062f768adc2fd62799acba51ef2ced223aaeaf"},
      {{PM_U8, {8, {1, 1, 1, 1, 1, 1, 1, 1}}, zeros},
       "78c224bc765bf2f3a02eb9d1001b835ddd12919c1048241ae6721a2c1a74c0b3"},
      {{PM_I64, {8, {0, 10, 10, 10, 10, 10, 10, 10000000000}}, zeros},
       "43a1185795b05701024931e7a80a1eb1a8ff6feae97f757081f2131753bd384e"},
      {{PM_U8, {4, {123456, 1, 1, 1}}, zeros}, "1a1d09c09a4bd62e36e961a355dd7e9a790b283ae5dccfeb9948c1c98e90fcd0"},
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    const pm_tensor *tensor = &files[i].tensor;
    const char *path = written("golden.npy", tensor);
    size_t length;
    char *bytes = check_bytes(path, &length), hex[65];
    pm_sha256(bytes, length, hex);
    free(bytes);
    assert_string_equal(hex, files[i].hash);
    if (tensor->shape.rank == 8 && tensor->shape.dim[0] == 0)
      continue; /* more than a reader takes */
    pm_tensor back = pm_npy_read(arena, path);
    assert_int_equal(back.dtype, tensor->dtype);
    assert_true(pm_shape_equal(back.shape, tensor->shape));
    assert_memory_equal(back.data, tensor->data, pm_shape_count(back.shape) * pm_dtype_size(back.dtype));
  }
}

static void headers_taken(void **state) {
  (void)state;
  static const char *const headers[] = {
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n",
      "{'shape': (2, 3), 'fortran_order': False, 'descr': '|u1'}      \n",
      "{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(2,3,)}\n",
      "  { 'fortran_order' : False , 'descr' : '|u1' , 'shape' : ( 2 , 3 ) , } \n",
  };
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    pm_tensor tensor = pm_npy_read(arena, with_header(headers[i], "abcdef", 6));
    assert_true(pm_shape_equal(tensor.shape, pm_shape_of(2, (size_t)2, (size_t)3)));
    assert_memory_equal(tensor.data, "abcdef", 6);
  }
}

static void headers_refused(void **state) {
  (void)state;
  static const struct {
    const char *header, *says;
  } bad[] = {
      {"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", "numpy.ascontiguousarray"},
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }\n", "big-endian"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }\n", "Python objects"},
      {"{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }\n", "'<f2', expected one of |u1 <i4"},
      {"{'descr': '|b1', 'fortran_order': False, 'shape': (6,), }\n", "'|b1'"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", "structured"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6), }\n", "expected ','"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (-6,), }\n", "a size of 0 or more"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (06,), }\n", "begins with 0"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6L,), }\n", "expected ','"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': [6], }\n", "expected '('"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (,), }\n", "a size of 0 or more"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6), }\n", "more than 8 axes"},
      {"{'descr': '|u1', 'fortran_order': 0, 'shape': (6,), }\n", "True or False"},
      {"{'descr': '|u1', 'shape': (6,), }\n", "lacks the key 'fortran_order'"},
      {"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (6,), }\n", "'descr' twice"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), 'x': 1}\n", "the key 'x'"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }", "a newline as its end"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }\n\n", "a newline as its end"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), } x\n", "a newline as its end"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,) 'x'}\n", "expected '}'"},
      {"{'descr': '|\\x75\\x31', 'fortran_order': False, 'shape': (6,)}\n", "end of a quoted text"},
      {"{'descr': '|u1", "end of a quoted text"},
      {"", "expected '{'"},
      {"\n", "expected '{'"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616,), }\n", "too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n", "too large"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }\n", "too large"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }\n", "too large"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0), }\n", "too large"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967297,), }\n", "expected at most 4294967296"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4294967297,), }\n", "expected at most 4294967296"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (7,), }\n", "1 of its 7 bytes are missing"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }\n", "no further .npy array begins here"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_npy_read(arena, with_header(bad[i].header, "abcdef", 6)));
}

static void places(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "header.npy: byte 20: holds numbers of type '<f2'",
                 pm_npy_read(arena, with_header("{'descr': '<f2'}\n", "", 0)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is empty", pm_npy_read(arena, check_file("empty.npy", "", 0)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "png.npy: is a PNG picture, expected a NumPy array (.npy)",
                 pm_npy_read(arena, check_file("png.npy", "\x89PNG\r\n\x1a\n", 8)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is a folder", pm_npy_read(arena, check_folder()));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "version 4.0", pm_npy_read(arena, check_file("v4.npy", "\x93NUMPY\x04\x00xx", 10)));
}

static void later_versions(void **state) {
  (void)state;
  static const char header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}\n";
  for (char version = 2; version <= 3; version++) {
    char file[256] = "\x93NUMPY";
    file[6] = version;
    file[8] = (char)strlen(header);
    memcpy(file + 12, header, strlen(header));
    memcpy(file + 12 + strlen(header), "xy", 2);
    pm_tensor tensor = pm_npy_read(arena, check_file("version.npy", file, 12 + strlen(header) + 2));
    assert_memory_equal(tensor.data, "xy", 2);
    file[11] = 1;
    PM_EXPECT_FAIL(PM_BAD_INPUT, "declares a header of 16777272 bytes",
                   pm_npy_read(arena, check_file("version.npy", file, sizeof file)));
  }
}

/* Both files, one behind the other. */
static const char *joined(const char *first, const char *second) {
  size_t a, b;
  char *x = check_bytes(first, &a), *y = check_bytes(second, &b);
  x = realloc(x, a + b);
  memcpy(x + a, y, b);
  const char *path = check_file("joined.npy", x, a + b);
  free(x);
  free(y);
  return pm_copy_text(arena, path);
}

static void records(void **state) {
  (void)state;
  pm_tensor first = {PM_I32, {2, {1, 3}}, three}, empty = {PM_I32, {2, {0, 3}}, three};
  int32_t more[6] = {4, 5, 6, 7, 8, 9};
  pm_tensor second = {PM_I32, {2, {2, 3}}, more};
  const char *a = written("a.npy", &first), *b = written("b.npy", &second), *e = written("e.npy", &empty);
  static const int32_t all[9] = {-1, 2, 3, 4, 5, 6, 7, 8, 9};
  const char *both = joined(a, b);
  pm_tensor read = pm_npy_read(arena, both);
  assert_true(pm_shape_equal(read.shape, pm_shape_of(2, (size_t)3, (size_t)3)));
  assert_memory_equal(read.data, all, sizeof all);
  read = pm_npy_read(arena, joined(joined(e, a), b));
  assert_int_equal(read.shape.dim[0], 3);
  assert_memory_equal(read.data, all, sizeof all);

  pm_input *input = pm_input_open(arena, joined(a, b));
  pm_tensor one_record;
  assert_int_equal(pm_npy_read_record(arena, input, &one_record), 1);
  assert_true(pm_shape_equal(one_record.shape, first.shape));
  assert_int_equal(pm_npy_read_record(arena, input, &one_record), 1);
  assert_memory_equal(one_record.data, more, sizeof more);
  assert_int_equal(pm_npy_read_record(arena, input, &one_record), 0);
  pm_input_close(input);

  pm_tensor other = {PM_F32, {2, {1, 3}}, three}, wide = {PM_I32, {2, {1, 2}}, three},
            scalar = {PM_I32, {0, {0}}, three};
  PM_EXPECT_FAIL(PM_BAD_INPUT, "record 2: byte 150: holds f32, expected i32",
                 pm_npy_read(arena, joined(a, written("o.npy", &other))));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "[1, 2], expected [1, 3] but for the first size",
                 pm_npy_read(arena, joined(a, written("w.npy", &wide))));
  const char *s = written("s.npy", &scalar);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "a scalar cannot be joined", pm_npy_read(arena, joined(s, s)));
}

static void limits(void **state) {
  (void)state;
  pm_tensor tensor = {PM_I32, {1, {3}}, three};
  const char *path = written("three.npy", &tensor);
  pm_npy_limit(12);
  pm_npy_read(arena, path);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "more than the 12 bytes", pm_npy_read(arena, joined(path, path)));
  pm_npy_limit(11);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "[3] of 12 bytes, expected at most 11", pm_npy_read(arena, path));
}

static void pipes(void **state) {
  (void)state;
  size_t n = 3000000;
  int32_t *values = pm_alloc(arena, n, 4);
  for (size_t i = 0; i < n; i++)
    values[i] = (int32_t)(i * 2654435761u);
  pm_tensor tensor = {PM_I32, {1, {n}}, values};
  size_t length;
  char *bytes = check_bytes(written("big.npy", &tensor), &length);
  mutate_pipe p;
  pm_tensor back = pm_npy_read(arena, mutate_pipe_open(&p, bytes, length));
  mutate_pipe_close(&p);
  assert_int_equal(back.shape.dim[0], n);
  assert_memory_equal(back.data, values, 4 * n);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "1 of its 12000000 bytes are missing",
                 pm_npy_read(arena, mutate_pipe_open(&p, bytes, length - 1)));
  mutate_pipe_close(&p);
  free(bytes);
}

/* What is declared through a pipe takes no memory before it arrives. */
static void pipes_that_boast(void **state) {
  (void)state;
  static const char header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000,)}\n";
  size_t before = pm_peak_memory(), length;
  char *bytes = check_bytes(with_header(header, "abcdef", 6), &length);
  mutate_pipe p;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "3999999994 of its 4000000000 bytes are missing",
                 pm_npy_read(arena, mutate_pipe_open(&p, bytes, length)));
  mutate_pipe_close(&p);
  free(bytes);
  assert_true(pm_peak_memory() < before + ((size_t)64 << 20));
}

static void damaged(void **state) {
  (void)state;
  pm_tensor tensor = {PM_I32, {2, {1, 3}}, three};
  const char *a = written("a.npy", &tensor);
  size_t length;
  char *bytes = check_bytes(a, &length);
  assert_int_equal(length, 128 + 12);
  mutate_truncate(reads, "short.npy", bytes, length);
  assert_true(mutate_flip(reads, "flipped.npy", bytes, length, 128) < 60);
  free(bytes);
  bytes = check_bytes(joined(a, a), &length);
  for (size_t cut = 141; cut < length; cut++)
    assert_false(mutate_reads(reads, check_file("short.npy", bytes, cut)));
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(same_bytes_as_numpy, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(headers_taken, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(headers_refused, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(places, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(later_versions, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(records, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(limits, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(pipes, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(pipes_that_boast, set_up, restore_limit),
      cmocka_unit_test_setup_teardown(damaged, set_up, restore_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
