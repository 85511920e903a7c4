/* Files that are written: whole or not at all, whatever fails or ends the program; links, devices, pipes. */
#include "files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

static void writing(void **state) {
  (void)state;
  enum { LENGTH = 200000 };
  const char *folder = fresh_folder("writing"), *path = pm_join(arena, folder, "out.npy");
  unsigned char *bytes = pm_alloc(arena, LENGTH, 1);
  fill(bytes, LENGTH);
  pm_output *output = pm_output_open(arena, path, true);
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
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
  const char *folder = fresh_folder("endings"), *path = pm_join(arena, folder, "a");
  pm_write_file(arena, path, "old", 3);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
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

static void write_beyond_limit(void *context) {
  static const char bytes[5000];
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
  pm_write_file(arena, context, bytes, sizeof bytes);
}

/* ulimit -f: an error like a full disk, and no signal that ends the program without a word. */
static void limited_size(void **state) {
  (void)state;
  static check_output output;
  const char *folder = fresh_folder("limited"), *path = pm_join(arena, folder, "a");
  pm_write_file(arena, path, "old", 3);
  assert_int_equal(check_child(write_beyond_limit, (void *)path, "", &output), PM_FAILED);
  assert_non_null(strstr(output.err, "a: cannot write: File too large\n"));
  assert_int_equal(check_entries(folder), 1);
  check_file_is(path, "old");
}

int main(void) {
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* two of the signals below would leave cores */
  /* A shell ignores two of them in what it starts in the background, nohup the third, and so would our outputs. */
  signal(SIGINT, SIG_DFL);
  signal(SIGQUIT, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  const struct CMUnitTest tests[] = {
      FILE_CASE(writing),
      FILE_CASE(printing),
      FILE_CASE(modes),
      FILE_CASE(giving_up),
      FILE_CASE(links),
      FILE_CASE(bad_outputs),
      FILE_CASE(devices),
      FILE_CASE(pipes_with_a_name),
      FILE_CASE(every_write_fails_once),
      FILE_CASE(every_allocation_fails_once),
      FILE_CASE(endings),
      FILE_CASE(limited_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
