#include "core/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024, MOST_PEEKED = 64 };

struct pm_input {
  pm_arena *arena;
  const char *name;
  int fd;          /* -1 once closed */
  bool standard;   /* not ours to close */
  bool at_end;     /* read said so */
  uint64_t total;  /* bytes from the first to the last, or UINT64_MAX */
  uint64_t offset; /* bytes handed out */
  unsigned char *buffer;
  size_t first, end; /* what of the buffer is not handed out yet */
  SHA2_CTX *hash;    /* of the bytes handed out; NULL: nobody asked */
};

static void input_release(void *object) {
  pm_input *input = object;
  if (input->fd >= 0 && !input->standard)
    close(input->fd);
  input->fd = -1;
}

/* A pipe or device tells no size; neither do the files of /proc, which say 0. */
static uint64_t bytes_to_come(int fd, const struct stat *status) {
  if (!S_ISREG(status->st_mode) || status->st_size <= 0)
    return UINT64_MAX;
  off_t here = lseek(fd, 0, SEEK_CUR);
  if (here < 0)
    return UINT64_MAX;
  return here < status->st_size ? (uint64_t)(status->st_size - here) : 0;
}

const char *pm_path_name(const char *path) {
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* It cannot be read again: what would be found is its end. */
static void take_standard_input(void) {
  static bool taken;
  if (taken)
    pm_fail(PM_WRONG_USAGE, "standard input", "is to be read twice (-), and what it holds comes once");
  taken = true;
}

pm_input *pm_input_open(pm_arena *arena, const char *path) {
  return pm_input_open_as(arena, path, "a file");
}

pm_input *pm_input_open_as(pm_arena *arena, const char *path, const char *expected) {
  pm_input *input = pm_alloc(arena, 1, sizeof *input);
  input->arena = arena;
  input->standard = strcmp(path, "-") == 0;
  if (input->standard)
    take_standard_input();
  input->name = pm_copy_text(arena, pm_path_name(path));
  input->fd = -1;
  pm_arena_defer(arena, input_release, input);
  input->buffer = pm_alloc(arena, BUFFER_BYTES, 1);
  input->fd = input->standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  struct stat status;
  if (input->fd < 0 || fstat(input->fd, &status))
    pm_fail(PM_BAD_INPUT, input->name, "cannot read it: %s", strerror(errno));
  if (S_ISDIR(status.st_mode)) {
    pm_input_close(input);
    pm_fail(PM_BAD_INPUT, input->name, "is a folder, expected %s", expected);
  }
  input->total = bytes_to_come(input->fd, &status);
  return input;
}

/* Some bytes, at most `size`; 0 at the end. */
static size_t read_some(pm_input *input, void *bytes, size_t size) {
  if (input->at_end || size == 0)
    return 0;
  for (;;) {
    ssize_t got = read(input->fd, bytes, size < (1u << 30) ? size : 1u << 30);
    if (got > 0)
      return (size_t)got;
    if (got == 0) {
      input->at_end = true;
      return 0;
    }
    if (errno == EAGAIN) {
      struct pollfd ready = {input->fd, POLLIN, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      pm_fail(PM_BAD_INPUT, pm_input_place(input, input->offset), "cannot read on: %s", strerror(errno));
    }
  }
}

void pm_input_hash(pm_input *input) {
  assert(input->offset == 0);
  input->hash = pm_alloc(input->arena, 1, sizeof *input->hash);
  SHA256Init(input->hash);
}

void pm_input_digest(pm_input *input, char hex[65]) {
  assert(input->hash);
  SHA256End(input->hash, hex);
  input->hash = NULL;
}

size_t pm_input_read(pm_input *input, void *bytes, size_t size) {
  unsigned char *to = bytes;
  size_t done = 0;
  while (done < size) {
    size_t got = input->end - input->first;
    if (got > size - done)
      got = size - done;
    if (got > 0) {
      memcpy(to + done, input->buffer + input->first, got);
      input->first += got;
    } else if (size - done >= BUFFER_BYTES) {
      got = read_some(input, to + done, size - done);
      if (got == 0)
        break;
    } else {
      input->first = 0;
      input->end = read_some(input, input->buffer, BUFFER_BYTES);
      if (input->end == 0)
        break;
    }
    done += got;
    input->offset += got;
  }
  if (input->hash)
    SHA256Update(input->hash, to, done);
  return done;
}

void pm_input_read_exactly(pm_input *input, void *bytes, size_t size, const char *what) {
  size_t got = pm_input_read(input, bytes, size);
  if (got < size)
    pm_fail(PM_BAD_INPUT, input->name, "ends at byte %llu in the middle of %s: %zu of %zu bytes are there",
            (unsigned long long)input->offset, what, got, size);
}

size_t pm_input_peek(pm_input *input, void *bytes, size_t size) {
  assert(size <= MOST_PEEKED);
  size_t there = input->end - input->first;
  if (there < size) {
    memmove(input->buffer, input->buffer + input->first, there);
    input->first = 0;
    for (size_t got = 1; got > 0 && there < size; there += got)
      got = read_some(input, input->buffer + there, BUFFER_BYTES - there);
    input->end = there;
  }
  size_t taken = there < size ? there : size;
  memcpy(bytes, input->buffer + input->first, taken);
  return taken;
}

bool pm_input_at_end(pm_input *input) {
  if (input->first < input->end)
    return false;
  input->first = 0;
  input->end = read_some(input, input->buffer, BUFFER_BYTES);
  return input->end == 0;
}

uint64_t pm_input_offset(const pm_input *input) {
  return input->offset;
}

uint64_t pm_input_left(const pm_input *input) {
  if (input->total == UINT64_MAX)
    return UINT64_MAX;
  return input->offset < input->total ? input->total - input->offset : 0;
}

const char *pm_input_name(const pm_input *input) {
  return input->name;
}

const char *pm_input_place(const pm_input *input, uint64_t offset) {
  return pm_format(input->arena, "%s: byte %llu", input->name, (unsigned long long)offset);
}

void pm_input_close(pm_input *input) {
  input_release(input);
}

unsigned char *pm_read_file(pm_arena *arena, const char *path, size_t limit, size_t *length) {
  return pm_input_read_all(arena, pm_input_open(arena, path), limit, length);
}

unsigned char *pm_input_read_all(pm_arena *arena, pm_input *input, size_t limit, size_t *length) {
  uint64_t left = pm_input_left(input);
  if (left != UINT64_MAX && left > limit)
    pm_fail(PM_BAD_INPUT, input->name, "holds %llu bytes, expected at most %zu", (unsigned long long)left, limit);
  size_t capacity = 0, used = 0;
  size_t first = left != UINT64_MAX ? (size_t)left : limit < BUFFER_BYTES ? limit : BUFFER_BYTES;
  unsigned char *bytes = pm_grow(arena, NULL, &capacity, pm_add(input->name, first, 1), 1);
  for (;;) {
    /* One byte stays free for the zero. */
    size_t room = capacity - 1 - used;
    size_t got = pm_input_read(input, bytes + used, room);
    used += got;
    if (used > limit)
      pm_fail(PM_BAD_INPUT, input->name, "is longer than the %zu bytes expected at most", limit);
    if (got < room || pm_input_at_end(input))
      break;
    bytes = pm_grow(arena, bytes, &capacity, pm_add(input->name, capacity, 1), 1);
  }
  bytes[used] = 0;
  pm_input_close(input);
  if (length)
    *length = used;
  return bytes;
}
