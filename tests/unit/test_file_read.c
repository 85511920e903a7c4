/* Files and pipes that are read: in pieces, exactly, whole; what is missing, too short or no file. */
#include "files.h"

#include <sys/resource.h>

static void reading(void **state) {
  (void)state;
  enum { LENGTH = 300000 };
  unsigned char *bytes = pm_alloc(arena, LENGTH, 1), *got = pm_alloc(arena, LENGTH, 1);
  fill(bytes, LENGTH);
  const char *path = check_file("read", bytes, LENGTH);
  pm_input *input = pm_input_open(arena, path);
  assert_string_equal(pm_input_name(input), path);
  /* Sizes around the buffer's, so that every way through is taken. */
  static const size_t sizes[] = {1, 0, 7, 65535, 65536, 3, 100000, 65537};
  size_t at = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t want = sizes[i] < LENGTH - at ? sizes[i] : LENGTH - at;
    assert_int_equal(pm_input_left(input), LENGTH - at);
    assert_int_equal(pm_input_read(input, got + at, sizes[i]), want);
    at += want;
    assert_int_equal(pm_input_offset(input), at);
    assert_int_equal(pm_input_at_end(input), at == LENGTH);
  }
  assert_int_equal(pm_input_read(input, got + at, LENGTH - at), LENGTH - at);
  assert_memory_equal(got, bytes, LENGTH);
  assert_true(pm_input_at_end(input));
  assert_int_equal(pm_input_read(input, got, 10), 0);
  assert_int_equal(pm_input_left(input), 0);
  pm_input_close(input);
  pm_input_close(input); /* and again, as the arena will */
}

static void reading_exactly(void **state) {
  (void)state;
  char four[4] = "";
  const char *path = check_text_file("six", "abcdef");
  pm_input *input = pm_input_open(arena, path);
  pm_input_read_exactly(input, four, 4, "the magic");
  assert_memory_equal(four, "abcd", 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "six: ends at byte 6 in the middle of the header: 2 of 4 bytes are there",
                 pm_input_read_exactly(input, four, 4, "the header"));
  assert_string_equal(pm_base_name(pm_input_place(input, 5)), "six: byte 5");
}

static void bad_inputs(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "missing: cannot read it: No such file", pm_input_open(arena, check_path("missing")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is a folder, expected a file", pm_input_open(arena, check_folder()));
  PM_EXPECT_FAIL(PM_BAD_INPUT, ": cannot read it: ", pm_input_open(arena, ""));
  const char *path = check_text_file("through", "x");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "Not a directory", pm_input_open(arena, pm_join(arena, path, "a")));
  if (geteuid() != 0) {
    chmod(path, 0);
    PM_EXPECT_FAIL(PM_BAD_INPUT, "Permission denied", pm_input_open(arena, path));
  }
}

/* Opening and failing a thousand times must not use up the descriptors: each goes with its arena. */
static void no_descriptor_is_lost(void **state) {
  (void)state;
  const char *path = pm_copy_text(arena, check_text_file("short", "x"));
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  struct rlimit low = {64, limit.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int i = 0; i < 200; i++) {
    pm_arena *own = pm_arena_new();
    char bytes[2];
    PM_EXPECT_FAIL(PM_BAD_INPUT, "ends at byte 1",
                   pm_input_read_exactly(pm_input_open(own, path), bytes, 2, "everything"));
    PM_EXPECT_FAIL(PM_BAD_INPUT, "is a folder", pm_input_open(own, check_folder()));
    PM_EXPECT_FAIL(PM_BAD_INPUT, "at most 0", pm_read_file(own, path, 0, NULL));
    pm_output_open(own, check_path("never"), false);
    pm_arena_free(own);
  }
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void whole_files(void **state) {
  (void)state;
  size_t length = 99;
  unsigned char *bytes = pm_read_file(arena, check_text_file("whole", "hello"), 5, &length);
  assert_int_equal(length, 5);
  assert_string_equal((char *)bytes, "hello");
  bytes = pm_read_file(arena, check_text_file("empty", ""), 0, &length);
  assert_int_equal(length, 0);
  assert_int_equal(bytes[0], 0);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "whole: holds 5 bytes, expected at most 4",
                 pm_read_file(arena, check_path("whole"), 4, &length));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is longer than the 100000 bytes", pm_read_file(arena, "/dev/zero", 100000, &length));
  bytes = pm_read_file(arena, "/dev/null", 10, &length);
  assert_int_equal(length, 0);
}

/* What comes in pieces through a pipe: `standard input` by "-". */
static void feed_and_read(void *context) {
  const size_t *limit = context;
  int ends[2];
  if (pipe(ends))
    _exit(98);
  if (fork() == 0) {
    close(ends[0]);
    for (int i = 0; i < 3000; i++)
      if (write(ends[1], "0123456789abcdefghijklmnopqrstuvwxyz.", 37) != 37)
        _exit(1);
    _exit(0);
  }
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  pm_arena *own = pm_arena_new();
  size_t length;
  unsigned char *bytes = pm_read_file(own, "-", *limit, &length);
  printf("%zu bytes, last %c, then %d\n", length, bytes[length - 1], bytes[length]);
  pm_arena_free(own);
}

static void reading_a_pipe(void **state) {
  (void)state;
  static check_output output;
  size_t limit = 111000;
  assert_int_equal(check_child(feed_and_read, &limit, "", &output), 0);
  assert_string_equal(output.out, "111000 bytes, last ., then 0\n");
  limit = 110999;
  assert_int_equal(check_child(feed_and_read, &limit, "", &output), PM_BAD_INPUT);
  assert_non_null(strstr(output.err, "standard input: is longer than the 110999 bytes"));
}

static void read_closed_input(void *context) {
  (void)context;
  close(STDIN_FILENO);
  pm_guard_standard_streams();
  pm_read_file(pm_arena_new(), "-", 10, NULL);
}

static void reading_closed_input(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(read_closed_input, NULL, "", &output), PM_BAD_INPUT);
  assert_non_null(strstr(output.err, "standard input: byte 0: cannot read on"));
}

static void peeking(void **state) {
  (void)state;
  char got[65] = "";
  char *path = pm_copy_text(arena, check_text_file("seven", "abcdefg"));
  pm_input *input = pm_input_open(arena, path);
  assert_int_equal(pm_input_peek(input, got, 3), 3);
  assert_memory_equal(got, "abc", 3);
  assert_true(pm_input_offset(input) == 0 && pm_input_left(input) == 7);
  assert_int_equal(pm_input_peek(input, got, 64), 7);
  assert_int_equal(pm_input_read(input, got, 5), 5);
  assert_memory_equal(got, "abcde", 5);
  assert_int_equal(pm_input_peek(input, got, 5), 2);
  assert_memory_equal(got, "fg", 2);
  assert_int_equal(pm_input_read(input, got, 5), 2);
  assert_int_equal(pm_input_peek(input, got, 5), 0);

  /* Bytes that come one by one, and an end of the buffer in the middle. */
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  enum { MANY = 70000 };
  unsigned char *bytes = pm_alloc(arena, MANY, 1), *back = pm_alloc(arena, MANY, 1);
  fill(bytes, MANY);
  if (fork() == 0) {
    for (size_t at = 0; at < MANY; at += at < 20 ? 1 : MANY - 20)
      if (write(ends[1], bytes + at, at < 20 ? 1 : MANY - 20) < 0)
        _exit(1);
    _exit(0);
  }
  close(ends[1]);
  input = pm_input_open(arena, pm_format(arena, "/dev/fd/%d", ends[0]));
  for (size_t at = 0; at < MANY; at += 7) {
    size_t there = MANY - at < 64 ? MANY - at : 64;
    assert_int_equal(pm_input_peek(input, got, 64), there);
    assert_memory_equal(got, bytes + at, there);
    assert_int_equal(pm_input_read(input, back + at, 7), MANY - at < 7 ? MANY - at : 7);
  }
  assert_memory_equal(bytes, back, MANY);
  close(ends[0]);
  wait(NULL);
}

/* The digest is of all that was read, in whatever pieces, buffered or not, and of nothing that was only peeked at. */
static void hashing(void **state) {
  (void)state;
  enum { MANY = 200000 };
  unsigned char *bytes = pm_alloc(arena, MANY, 1), *back = pm_alloc(arena, MANY, 1);
  char want[65], got[65];
  fill(bytes, MANY);
  static const size_t piece[] = {1, 8, 5000, 64 * 1024, MANY};
  const char *path = check_file("hashed", bytes, MANY);
  for (size_t i = 0; i < sizeof piece / sizeof *piece; i++) {
    pm_input *input = pm_input_open(arena, path);
    pm_input_hash(input);
    size_t left = i == 1 ? MANY / 2 : MANY; /* not to the end */
    pm_sha256(bytes, left, want);
    for (unsigned char peeked[64]; left > 0;) {
      pm_input_peek(input, peeked, sizeof peeked);
      left -= pm_input_read(input, back, piece[i] < left ? piece[i] : left);
    }
    pm_input_digest(input, got);
    assert_string_equal(got, want);
    pm_input_close(input);
  }
  pm_sha256("", 0, want);
  pm_input *empty = pm_input_open(arena, check_file("nothing", NULL, 0));
  pm_input_hash(empty);
  assert_int_equal(pm_input_read(empty, back, 10), 0);
  pm_input_digest(empty, got);
  assert_string_equal(got, want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_CASE(reading),
      FILE_CASE(reading_exactly),
      FILE_CASE(bad_inputs),
      FILE_CASE(no_descriptor_is_lost),
      FILE_CASE(whole_files),
      FILE_CASE(reading_a_pipe),
      FILE_CASE(reading_closed_input),
      FILE_CASE(peeking),
      FILE_CASE(hashing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
