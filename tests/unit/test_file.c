#include "check.h"

#include "core/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

static pm_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_fail_write(0);
  pm_arena_free(arena);
  return 0;
}

/* An empty folder for one test, so that whatever is left behind shows. */
static const char *fresh_folder(const char *name) {
  const char *path = check_path(name);
  pm_make_folder(path);
  assert_int_equal(check_entries(path), 0);
  return pm_copy_text(arena, path);
}

static void fill(unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    bytes[i] = (unsigned char)(i * 2654435761u >> 13);
}

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

static void writing(void **state) {
  (void)state;
  enum { LENGTH = 200000 };
  const char *folder = fresh_folder("writing"), *path = pm_join(arena, folder, "out.npy");
  unsigned char *bytes = pm_alloc(arena, LENGTH, 1);
  fill(bytes, LENGTH);
  pm_output *output = pm_output_open(arena, path, true);
  assert_string_equal(pm_output_name(output), path);
  assert_false(pm_file_exists(path));
  static const size_t sizes[] = {1, 0, 65535, 1, 65536, 40000, 26000};
  size_t at = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    pm_output_write(output, bytes + at, sizes[i]);
    at += sizes[i];
  }
  pm_output_write(output, bytes + at, LENGTH - at);
  assert_false(pm_file_exists(path)); /* whole or not at all */
  assert_int_equal(check_entries(folder), 1);
  pm_output_commit(output);
  size_t length;
  assert_memory_equal(pm_read_file(arena, path, LENGTH, &length), bytes, LENGTH);
  assert_int_equal(length, LENGTH);
  assert_int_equal(check_entries(folder), 1);
}

static void printing(void **state) {
  (void)state;
  const char *path = check_path("printed");
  pm_output *output = pm_output_open(arena, path, false);
  pm_output_print(output, "%s %d\n", "step", 7);
  pm_output_print(output, "%3000d", 1);
  pm_output_commit(output);
  size_t length;
  char *text = (char *)pm_read_file(arena, path, 4000, &length);
  assert_int_equal(length, 7 + 3000);
  assert_memory_equal(text, "step 7\n ", 8);
  assert_int_equal(text[length - 1], '1');
}

static mode_t mode_of(const char *path) {
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 0777;
}

static void modes(void **state) {
  (void)state;
  const char *path = check_path("modes");
  mode_t before = umask(027);
  pm_write_file(arena, path, "1", 1);
  assert_int_equal(mode_of(path), 0640);
  chmod(path, 0604);
  pm_write_file(arena, path, "2", 1);
  assert_int_equal(mode_of(path), 0604);
  umask(before);
  check_file_is(path, "2");
  if (geteuid() != 0) {
    chmod(path, 0400);
    PM_EXPECT_FAIL(PM_FAILED, "modes: cannot write: Permission denied", pm_write_file(arena, path, "3", 1));
    check_file_is(path, "2");
  }
}

static void giving_up(void **state) {
  (void)state;
  const char *folder = fresh_folder("giving-up"), *path = pm_join(arena, folder, "a");
  pm_write_file(arena, path, "old", 3);
  pm_output *output = pm_output_open(arena, path, false);
  pm_output_write(output, "new", 3);
  assert_int_equal(check_entries(folder), 2);
  pm_output_discard(output);
  assert_int_equal(check_entries(folder), 1);
  check_file_is(path, "old");
  /* And by the end of its arena. */
  pm_arena *own = pm_arena_new();
  output = pm_output_open(own, path, false);
  pm_output_write(output, "new", 3);
  assert_int_equal(check_entries(folder), 2);
  pm_arena_free(own);
  assert_int_equal(check_entries(folder), 1);
  check_file_is(path, "old");
}

static void links(void **state) {
  (void)state;
  const char *folder = fresh_folder("links"), *inner = pm_join(arena, folder, "inner");
  const char *file = pm_join(arena, inner, "file"), *link = pm_join(arena, folder, "link");
  const char *chain = pm_join(arena, folder, "chain"), *loop = pm_join(arena, folder, "loop");
  pm_make_folder(inner);
  assert_int_equal(symlink("inner/file", link), 0);
  assert_int_equal(symlink(link, chain), 0);
  assert_int_equal(symlink("loop", loop), 0);
  pm_write_file(arena, chain, "dangling", 8); /* both links lead nowhere yet */
  check_file_is(file, "dangling");
  pm_write_file(arena, link, "again", 5);
  check_file_is(file, "again");
  struct stat status;
  assert_int_equal(lstat(link, &status), 0);
  assert_true(S_ISLNK(status.st_mode));
  assert_int_equal(lstat(chain, &status), 0);
  assert_true(S_ISLNK(status.st_mode));
  PM_EXPECT_FAIL(PM_FAILED, "loop: cannot write: Too many levels", pm_write_file(arena, loop, "x", 1));
  assert_int_equal(check_entries(folder), 4);
  assert_int_equal(check_entries(inner), 1);
}

static void bad_outputs(void **state) {
  (void)state;
  const char *folder = fresh_folder("bad-outputs");
  PM_EXPECT_FAIL(PM_FAILED, "is a folder, expected the name of a file", pm_output_open(arena, folder, false));
  PM_EXPECT_FAIL(PM_FAILED, "none/a: cannot write into its folder: No such file or directory",
                 pm_output_open(arena, pm_join(arena, folder, "none/a"), false));
  PM_EXPECT_FAIL(PM_FAILED, "without a name", pm_output_open(arena, "", false));
  PM_EXPECT_FAIL(PM_FAILED, "new/: cannot write: Is a directory",
                 pm_output_open(arena, pm_join(arena, folder, "new/"), false));
  const char *file = check_text_file("bad-outputs/file", "x");
  PM_EXPECT_FAIL(PM_FAILED, "Not a directory", pm_output_open(arena, pm_join(arena, file, "a"), false));
  char name[300];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = 0;
  PM_EXPECT_FAIL(PM_FAILED, "File name too long", pm_write_file(arena, pm_join(arena, folder, name), "x", 1));
  name[255] = 0; /* the longest that there is: the name beside it must still fit */
  pm_write_file(arena, pm_join(arena, folder, name), "x", 1);
  assert_int_equal(check_entries(folder), 2);
}

/* A device of the kind of /dev/full or /dev/null. Root, who could destroy the machine's, gets one of its own; NULL
 * where that cannot be made. */
static const char *device(const char *name, dev_t number) {
  const char *path = pm_format(arena, "/dev/%s", name);
  if (geteuid() == 0) {
    path = pm_copy_text(arena, check_path(name));
    if (mknod(path, S_IFCHR | 0666, number))
      return NULL;
  }
  int fd = open(path, O_WRONLY); /* refused on a file system without devices */
  if (fd < 0)
    return NULL;
  close(fd);
  return path;
}

static void devices(void **state) {
  (void)state;
  struct stat status;
  const char *full = device("full", makedev(1, 7)), *null = device("null", makedev(1, 3));
  if (!full || !null)
    skip();
  PM_EXPECT_FAIL(PM_FAILED, "full: cannot write: No space left on device", pm_write_file(arena, full, "x", 1));
  assert_int_equal(lstat(full, &status), 0);
  assert_true(S_ISCHR(status.st_mode));
  pm_write_file(arena, null, "x", 1);
  assert_int_equal(lstat(null, &status), 0);
  assert_true(S_ISCHR(status.st_mode));
}

/* Written in place; they stay what they are. */
static void pipes_with_a_name(void **state) {
  (void)state;
  struct stat status;
  const char *fifo = check_path("fifo");
  assert_int_equal(mkfifo(fifo, 0600), 0);
  int reader = open(fifo, O_RDONLY | O_NONBLOCK);
  pm_write_file(arena, fifo, "through", 7);
  char got[8] = "";
  assert_int_equal(read(reader, got, 7), 7);
  assert_string_equal(got, "through");
  close(reader);
  assert_int_equal(lstat(fifo, &status), 0);
  assert_true(S_ISFIFO(status.st_mode));
}

/* Every step that can fail, in turn: an error, the old file whole, nothing beside it. */
static void every_write_fails_once(void **state) {
  (void)state;
  enum { LENGTH = 150000 };
  const char *folder = fresh_folder("torture"), *path = pm_join(arena, folder, "a");
  unsigned char *bytes = pm_alloc(arena, LENGTH, 1);
  fill(bytes, LENGTH);
  pm_write_file(arena, path, "old", 3);
  size_t failures = 0;
  for (size_t n = 1;; n++) {
    pm_fail_write(n);
    pm_arena *own = pm_arena_new();
    check_caught.failed = false;
    pm_set_fail_handler(check_catch, NULL);
    if (!setjmp(check_caught.back)) {
      pm_output *output = pm_output_open(own, path, true);
      for (size_t at = 0; at < LENGTH; at += 1000)
        pm_output_write(output, bytes + at, 1000);
      pm_output_commit(output);
    }
    pm_set_fail_handler(NULL, NULL);
    assert_int_equal(check_entries(folder), 1);
    pm_arena_free(own);
    if (!check_caught.failed)
      break;
    failures++;
    assert_int_equal(check_caught.status, PM_FAILED);
    assert_non_null(strstr(check_caught.line, "No space left on device"));
    /* The folder's sync comes last, after the new file is in its place. */
    if (!strstr(check_caught.line, "sync its folder"))
      check_file_is(path, "old");
  }
  assert_true(failures >= 7); /* three writes, sync, close, rename, sync of the folder */
  size_t length;
  assert_memory_equal(pm_read_file(arena, path, LENGTH, &length), bytes, LENGTH);
}

/* Memory that runs out leaves the old file: nothing is taken once the new one is in its place. */
static void every_allocation_fails_once(void **state) {
  (void)state;
  const char *folder = fresh_folder("hungry"), *path = pm_join(arena, folder, "a");
  pm_write_file(arena, path, "old", 3);
  for (size_t n = 1;; n++) {
    pm_arena *own = pm_arena_new();
    pm_fail_allocation(n);
    check_caught.failed = false;
    pm_set_fail_handler(check_catch, NULL);
    if (!setjmp(check_caught.back))
      pm_write_file(own, path, "new", 3);
    pm_set_fail_handler(NULL, NULL);
    pm_fail_allocation(0);
    pm_arena_free(own);
    check_file_is(path, check_caught.failed ? "old" : "new");
    assert_int_equal(check_entries(folder), 1);
    if (!check_caught.failed) {
      assert_in_range(n, 4, 100);
      break;
    }
  }
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

typedef struct {
  const char *path;
  int signal;
  void (*disposition)(int);
} ending;

static void ignore_all(int number) {
  (void)number;
  fputs("own handler ", stderr);
}

static void write_and_end(void *context) {
  const ending *how = context;
  if (how->disposition)
    signal(how->signal, how->disposition);
  pm_arena *own = pm_arena_new();
  pm_output *output = pm_output_open(own, how->path, false);
  pm_output_write(output, "new", 3);
  pm_output *second = pm_output_open(own, pm_format(own, "%s2", how->path), false);
  pm_output_write(second, "new", 3);
  if (how->signal)
    raise(how->signal);
  else
    pm_fail(PM_BAD_INPUT, "a.npy", "is bad");
  pm_output_commit(output);
  pm_output_discard(second);
  pm_arena_free(own);
}

static void endings(void **state) {
  (void)state;
  static check_output output;
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  const char *folder = fresh_folder("endings"), *path = pm_join(arena, folder, "a");
  pm_write_file(arena, path, "old", 3);
  for (size_t i = 0; i < 3; i++) {
    ending by_signal = {path, signals[i], NULL};
    assert_int_equal(check_child(write_and_end, &by_signal, "", &output), -signals[i]);
    assert_int_equal(check_entries(folder), 1);
    check_file_is(path, "old");
  }
  ending by_fail = {path, 0, NULL};
  assert_int_equal(check_child(write_and_end, &by_fail, "", &output), PM_BAD_INPUT);
  assert_non_null(strstr(output.err, "a.npy: is bad\n"));
  assert_int_equal(check_entries(folder), 1);
  check_file_is(path, "old");
  /* A signal that the caller ignores, or handles itself, is left alone. */
  ending ignored = {path, SIGHUP, SIG_IGN}, own = {path, SIGTERM, ignore_all};
  assert_int_equal(check_child(write_and_end, &ignored, "", &output), 0);
  check_file_is(path, "new");
  pm_write_file(arena, path, "old", 3);
  assert_int_equal(check_child(write_and_end, &own, "", &output), 0);
  assert_string_equal(output.err, "own handler ");
  check_file_is(path, "new");
  assert_int_equal(check_entries(folder), 1);
}

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
  signal(SIGINT, SIG_DFL); /* a shell ignores it in what it starts in the background, and so would our outputs */
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(reading),
      CASE(reading_exactly),
      CASE(bad_inputs),
      CASE(whole_files),
      CASE(reading_a_pipe),
      CASE(no_descriptor_is_lost),
      CASE(writing),
      CASE(reading_closed_input),
      CASE(printing),
      CASE(modes),
      CASE(giving_up),
      CASE(links),
      CASE(bad_outputs),
      CASE(devices),
      CASE(pipes_with_a_name),
      CASE(every_write_fails_once),
      CASE(every_allocation_fails_once),
      CASE(peeking),
      CASE(endings),
      CASE(standard_output),
      CASE(closed_output),
      CASE(closed_pipe),
      CASE(terminals),
      CASE(folders),
      CASE(paths),
      CASE(digests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
