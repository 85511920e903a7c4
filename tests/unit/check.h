/* What the unit tests share: expected failures, files in a scratch folder, code that ends its process.
 *
 *   PM_EXPECT_FAIL(PM_BAD_INPUT, "is not a PNG", pm_image_read(arena, path));
 *   const char *path = check_file("short.npy", bytes, 10);
 *   int status = check_child(body, context, "", &output);  // exit status, or -N for signal N
 */
#ifndef PM_TESTS_CHECK_H
#define PM_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fail.h"

/* Nothing here reads a local variable that changed between setjmp and longjmp. */
#pragma GCC diagnostic ignored "-Wclobbered"

typedef struct {
  jmp_buf back;
  bool failed;
  enum pm_status status;
  char line[8192];
} check_failure;

static check_failure check_caught;

__attribute__((unused)) static void check_catch(void *context, enum pm_status status, const char *line) {
  (void)context;
  check_caught.failed = true;
  check_caught.status = status;
  snprintf(check_caught.line, sizeof check_caught.line, "%s", line);
  longjmp(check_caught.back, 1);
}

__attribute__((unused)) static void check_was_caught(enum pm_status status, const char *text, const char *statement,
                                                     const char *file, int line) {
  if (!check_caught.failed)
    print_error("this should have failed with \"%s\": %s\n", text, statement);
  else if (check_caught.status != status)
    print_error("this failed with status %d, expected %d: %s\n  %s\n", (int)check_caught.status, (int)status, statement,
                check_caught.line);
  else if (!strstr(check_caught.line, text))
    print_error("this should say \"%s\": %s\n  %s\n", text, statement, check_caught.line);
  else
    return;
  _fail(file, line);
}

/* The statement must end in pm_fail with this status and a message that contains `text`. It runs once; cmocka's asserts
 * do not belong inside. The whole message is in check_caught.line afterwards. */
#define PM_EXPECT_FAIL(expected_status, text, ...)                                                                     \
  do {                                                                                                                 \
    check_caught.failed = false;                                                                                       \
    pm_set_fail_handler(check_catch, NULL);                                                                            \
    if (!setjmp(check_caught.back)) {                                                                                  \
      __VA_ARGS__;                                                                                                     \
    }                                                                                                                  \
    pm_set_fail_handler(NULL, NULL);                                                                                   \
    check_was_caught(expected_status, text, #__VA_ARGS__, __FILE__, __LINE__);                                         \
  } while (0)

static char check_folder_path[256];
static pid_t check_folder_owner;

__attribute__((unused)) static int check_remove_one(const char *path, const struct stat *status, int type,
                                                    struct FTW *walk) {
  (void)status, (void)type, (void)walk;
  return remove(path);
}

__attribute__((unused)) static void check_remove_folder(void) {
  if (getpid() == check_folder_owner)
    nftw(check_folder_path, check_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder of this test program's own; removed when it ends. */
__attribute__((unused)) static const char *check_folder(void) {
  if (!check_folder_owner) {
    const char *parent = getenv("TMPDIR");
    snprintf(check_folder_path, sizeof check_folder_path, "%s/pm-test-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(check_folder_path)) {
      perror(check_folder_path);
      exit(1);
    }
    check_folder_owner = getpid();
    atexit(check_remove_folder);
  }
  return check_folder_path;
}

/* "FOLDER/name"; one of eight buffers that take turns. */
__attribute__((unused)) static const char *check_path(const char *name) {
  static char paths[8][512];
  static unsigned turn;
  char *path = paths[turn++ % 8];
  snprintf(path, sizeof *paths, "%s/%s", check_folder(), name);
  return path;
}

/* A file in the scratch folder with these bytes; its path, as check_path's. */
__attribute__((unused)) static const char *check_file(const char *name, const void *bytes, size_t length) {
  const char *path = check_path(name);
  FILE *file = fopen(path, "wb");
  if (!file || (length && fwrite(bytes, 1, length, file) != length) || fclose(file)) {
    perror(path);
    exit(1);
  }
  return path;
}

__attribute__((unused)) static const char *check_text_file(const char *name, const char *text) {
  return check_file(name, text, strlen(text));
}

/* The bytes of a file with a zero behind them, to be freed; NULL if there is none. `length` may be NULL. */
__attribute__((unused)) static char *check_bytes(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  size_t used = 0, capacity = 4096, got;
  char *bytes = malloc(capacity);
  while (bytes && (got = fread(bytes + used, 1, capacity - 1 - used, file)) > 0) {
    used += got;
    if (used == capacity - 1)
      bytes = realloc(bytes, capacity *= 2);
  }
  fclose(file);
  if (!bytes)
    exit(1);
  bytes[used] = 0;
  if (length)
    *length = used;
  return bytes;
}

/* The file holds exactly this text. */
__attribute__((unused)) static void check_file_is(const char *path, const char *text) {
  char *bytes = check_bytes(path, NULL);
  if (!bytes)
    fail_msg("%s is not there", path);
  assert_string_equal(bytes, text);
  free(bytes);
}

/* How many entries the folder has, hidden ones included: half-written files show here. */
__attribute__((unused)) static int check_entries(const char *path) {
  DIR *folder = opendir(path);
  int count = 0;
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));)
    count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
  closedir(folder);
  return count;
}

typedef struct {
  char out[16384], err[8192];
} check_output;

__attribute__((unused)) static void check_take(char *text, size_t size, const char *path) {
  char *bytes = check_bytes(path, NULL);
  snprintf(text, size, "%s", bytes ? bytes : "");
  free(bytes);
}

/* Runs body(context) in a process of its own, with pm_fail's default handler, and returns its exit status (0 if it
 * comes back) or -N if signal N ended it. Standard output goes to `out_path` ("" for a file of ours, NULL: closed);
 * what was written comes back in `output` where that is a plain file. No cmocka asserts inside. */
__attribute__((unused)) static int check_child(void (*body)(void *context), void *context, const char *out_path,
                                               check_output *output) {
  const char *out = out_path && !*out_path ? check_file("child.out", NULL, 0) : out_path;
  const char *err = check_file("child.err", NULL, 0);
  fflush(NULL);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    int out_fd = out ? open(out, O_WRONLY) : -1, err_fd = open(err, O_WRONLY);
    if ((out && out_fd < 0) || err_fd < 0)
      _exit(99);
    if (out)
      dup2(out_fd, STDOUT_FILENO);
    else
      close(STDOUT_FILENO);
    dup2(err_fd, STDERR_FILENO);
    pm_set_fail_handler(NULL, NULL);
    body(context);
    fflush(NULL);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  memset(output, 0, sizeof *output);
  struct stat kind;
  if (out && stat(out, &kind) == 0 && S_ISREG(kind.st_mode))
    check_take(output->out, sizeof output->out, out);
  check_take(output->err, sizeof output->err, err);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
