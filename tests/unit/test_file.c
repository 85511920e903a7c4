/* Standard output, closed or not; folders, paths and digests. */
#include "files.h"

static void print_lines(void *context) {
  const char *path = context;
  pm_arena *own = pm_arena_new();
  printf("first\n"); /* kept by stdio until we come */
  pm_output *output = pm_output_open(own, path, false);
  pm_output_print(output, "second\n");
  pm_output_commit(output);
  output = pm_output_open(own, path, false); /* standard output stays open */
  pm_output_print(output, "third\n");
  pm_output_commit(output);
  pm_arena_free(own);
}

static void standard_output(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(print_lines, NULL, "", &output), 0);
  assert_string_equal(output.out, "first\nsecond\nthird\n");
  assert_int_equal(check_child(print_lines, "-", "", &output), 0);
  assert_string_equal(output.out, "first\nsecond\nthird\n");
  assert_int_equal(check_child(print_lines, "/dev/stdout", "", &output), 0);
  assert_string_equal(output.out, "first\nsecond\nthird\n");
  assert_int_equal(check_child(print_lines, "/dev/fd/1", "", &output), 0);
  assert_string_equal(output.out, "first\nsecond\nthird\n");
  assert_int_equal(check_child(print_lines, NULL, "/dev/full", &output), PM_FAILED);
  assert_non_null(strstr(output.err, "standard output: cannot write: No space left on device"));
}

static void print_to_closed(void *context) {
  (void)context;
  pm_guard_standard_streams();
  pm_write_file(pm_arena_new(), NULL, "x", 1);
}

/* Another file must not become standard output by taking its number. */
static void write_file_with_closed_output(void *context) {
  pm_guard_standard_streams();
  pm_arena *own = pm_arena_new();
  pm_output *output = pm_output_open(own, context, false);
  printf("for nobody\n");
  fflush(stdout);
  pm_output_write(output, "data", 4);
  pm_output_commit(output);
  pm_arena_free(own);
}

static void closed_output(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(print_to_closed, NULL, NULL, &output), PM_FAILED);
  assert_non_null(strstr(output.err, "standard output: cannot write"));
  const char *path = pm_copy_text(arena, check_path("not-stdout"));
  assert_int_equal(check_child(write_file_with_closed_output, (void *)path, NULL, &output), 0);
  check_file_is(path, "data");
}

static void write_to_closed_pipe(void *context) {
  (void)context;
  int ends[2];
  if (pipe(ends))
    _exit(98);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[0]);
  close(ends[1]);
  pm_write_file(pm_arena_new(), "-", "x", 1);
}

static void closed_pipe(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(write_to_closed_pipe, NULL, "", &output), PM_FAILED);
  assert_non_null(strstr(output.err, "standard output: closed pipe"));
}

static void terminals(void **state) {
  (void)state;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) || unlockpt(master))
    skip(); /* no pseudo-terminals here */
  const char *terminal = pm_copy_text(arena, ptsname(master));
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "is a terminal and the output is binary", pm_output_open(arena, terminal, true));
  pm_output_discard(pm_output_open(arena, terminal, false));
  close(master);
}

static void folders(void **state) {
  (void)state;
  const char *top = fresh_folder("folders"), *deep = pm_join(arena, top, "a//b/c/");
  pm_make_folder(deep);
  pm_make_folder(deep);
  assert_true(pm_file_exists(pm_join(arena, top, "a/b/c")));
  pm_make_folder("/");
  pm_make_folder(".");
  check_text_file("folders/file", "x");
  PM_EXPECT_FAIL(PM_FAILED, "file/x: cannot make this folder: Not a directory",
                 pm_make_folder(pm_join(arena, top, "file/x")));
  PM_EXPECT_FAIL(PM_FAILED, "file: cannot make this folder: Not a directory",
                 pm_make_folder(pm_join(arena, top, "file")));
  PM_EXPECT_FAIL(PM_FAILED, "cannot make this folder", pm_make_folder(""));
  PM_EXPECT_FAIL(PM_FAILED, "/proc/x: cannot make this folder", pm_make_folder("/proc/x"));
}

static void paths(void **state) {
  (void)state;
  assert_string_equal(pm_join(arena, "a", "b"), "a/b");
  assert_string_equal(pm_join(arena, "a/", "b"), "a/b");
  assert_string_equal(pm_join(arena, "/", "b"), "/b");
  assert_string_equal(pm_join(arena, "", "b"), "b");
  assert_string_equal(pm_base_name("a/b.png"), "b.png");
  assert_string_equal(pm_base_name("b.png"), "b.png");
  assert_string_equal(pm_base_name("a/"), "");
  assert_true(pm_has_suffix("a/B.PnG", ".png"));
  assert_true(pm_has_suffix(".png", ".png"));
  assert_false(pm_has_suffix("png", ".png"));
  assert_false(pm_has_suffix("a.png.npy", ".png"));
  assert_true(pm_file_exists(check_folder()));
  assert_false(pm_file_exists(check_path("nothing-here")));
}

/* The examples of FIPS 180-4's publisher. */
static void digests(void **state) {
  (void)state;
  char hex[65];
  pm_sha256("", 0, hex);
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  pm_sha256("abc", 3, hex);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  char *million = pm_alloc(arena, 1000000, 1);
  memset(million, 'a', 1000000);
  pm_sha256(million, 1000000, hex);
  assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_CASE(standard_output), FILE_CASE(closed_output), FILE_CASE(closed_pipe), FILE_CASE(terminals),
      FILE_CASE(folders),         FILE_CASE(paths),         FILE_CASE(digests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
