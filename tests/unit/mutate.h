/* Damaged files for the tests of readers: whatever the bytes, a reader reads or refuses them with status 3. */
#ifndef PM_TESTS_MUTATE_H
#define PM_TESTS_MUTATE_H

#include "check.h"

#include "core/memory.h"

#include <pthread.h>

/* The fixture of a reader's tests: an arena for each. */
static pm_arena *arena;

__attribute__((unused)) static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

__attribute__((unused)) static int tear_down(void **state) {
  (void)state;
  pm_arena_free(arena);
  return 0;
}

typedef void (*mutate_reader)(pm_arena *arena, const char *path);

/* True if it was read, false if it was refused; anything but status 3 fails the test. */
__attribute__((unused)) static bool mutate_reads(mutate_reader reads, const char *path) {
  volatile bool read = false;
  pm_arena *arena = pm_arena_new();
  check_caught.failed = false;
  pm_set_fail_handler(check_catch, NULL);
  if (!setjmp(check_caught.back)) {
    reads(arena, path);
    read = true;
  }
  pm_set_fail_handler(NULL, NULL);
  pm_arena_free(arena);
  if (check_caught.failed && check_caught.status != PM_BAD_INPUT)
    fail_msg("status %d, expected 3: %s", (int)check_caught.status, check_caught.line);
  return read;
}

/* Every shorter beginning is refused; the whole is read. */
__attribute__((unused)) static void mutate_truncate(mutate_reader reads, const char *name, const void *bytes,
                                                    size_t length) {
  assert_true(mutate_reads(reads, check_file(name, bytes, length)));
  for (size_t cut = 0; cut < length; cut++)
    if (mutate_reads(reads, check_file(name, bytes, cut)))
      fail_msg("%s was read though only %zu of its %zu bytes are there", name, cut, length);
}

/* Each of the first `span` bytes with each of its bits flipped. Returns how many of them were read all the same. */
__attribute__((unused)) static size_t mutate_flip(mutate_reader reads, const char *name, const void *bytes,
                                                  size_t length, size_t span) {
  unsigned char *copy = malloc(length);
  size_t read = 0;
  memcpy(copy, bytes, length);
  for (size_t bit = 0; bit < 8 * span; bit++) {
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
    read += mutate_reads(reads, check_file(name, copy, length));
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  free(copy);
  return read;
}

/* A pipe that some thread fills, a few bytes at a time; its path. Closed by mutate_pipe_close. */
typedef struct {
  int ends[2];
  pthread_t thread;
  const unsigned char *bytes;
  size_t length;
  char path[32];
} mutate_pipe;

__attribute__((unused)) static void *mutate_fill(void *context) {
  mutate_pipe *pipe = context;
  for (size_t at = 0, step = 1; at < pipe->length; at += step, step = step * 2 < 5000 ? step * 2 : 7) {
    if (step > pipe->length - at)
      step = pipe->length - at;
    if (write(pipe->ends[1], pipe->bytes + at, step) != (ssize_t)step)
      break;
  }
  close(pipe->ends[1]);
  return NULL;
}

__attribute__((unused)) static const char *mutate_pipe_open(mutate_pipe *p, const void *bytes, size_t length) {
  assert_int_equal(pipe(p->ends), 0);
  p->bytes = bytes;
  p->length = length;
  assert_int_equal(pthread_create(&p->thread, NULL, mutate_fill, p), 0);
  snprintf(p->path, sizeof p->path, "/dev/fd/%d", p->ends[0]);
  return p->path;
}

/* Takes what nobody read, so that the thread ends. */
__attribute__((unused)) static void mutate_pipe_close(mutate_pipe *p) {
  char rest[4096];
  while (read(p->ends[0], rest, sizeof rest) > 0)
    continue;
  pthread_join(p->thread, NULL);
  close(p->ends[0]);
}

#endif
