#include "core/file.h"

#include "core/number.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024, MAX_HALF_WRITTEN = 64, MAX_LINKS = 40, NAME_TRIES = 100 };

struct pm_output {
  pm_arena *arena;
  const char *name;      /* as given, for messages */
  const char *target;    /* what the links lead to; NULL when written in place */
  const char *folder;    /* the target's */
  const char *temporary; /* beside the target */
  int fd;                /* -1 once committed or given up */
  bool counting;         /* no file behind it */
  uint64_t counted;
  bool borrowed; /* a standard stream: not ours to close */
  int slot;      /* in half_written, -1: none */
  bool replaces; /* a file with mode, owner and group as follows */
  struct stat replaced;
  unsigned char *buffer;
  size_t used;
};

/* What a signal or a failure has to remove. Slots are taken and left with single stores, so that a handler at any
 * moment sees whole pointers; the names live until their slot is empty again. */
static _Atomic(const char *) half_written[MAX_HALF_WRITTEN];

static _Atomic size_t fail_in;
static _Atomic bool environment_read;

void pm_fail_write(size_t n) {
  environment_read = true;
  fail_in = n;
}

/* Every step that the disk can refuse counts as a write: each write itself, sync, close, rename. */
static bool injected_failure(void) {
  if (!environment_read) {
    uint64_t n = 0;
    const char *text = getenv("PIXELMILL_FAIL_WRITE");
    pm_fail_write(text && pm_parse_unsigned(text, SIZE_MAX, &n) ? (size_t)n : 0);
  }
  if (fail_in == 0 || --fail_in > 0)
    return false;
  errno = ENOSPC;
  return true;
}

static void remove_half_written(void) {
  for (int i = 0; i < MAX_HALF_WRITTEN; i++) {
    const char *path = half_written[i];
    if (path)
      unlink(path);
  }
}

/* Installed with SA_RESETHAND and SA_NODEFER, so that raising ends the process by the signal itself. */
static void on_signal(int number) {
  remove_half_written();
  raise(number);
}

/* A signal that is ignored (nohup) or that the program itself handles (a trainer's checkpoint) stays as it is. */
static void install_handlers(void) {
  static bool installed;
  if (installed)
    return;
  installed = true;
  pm_at_fail(remove_half_written);
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_NODEFER}, now;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
    if (sigaction(ending[i], NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
      sigaction(ending[i], &action, NULL);
  /* A reader that went away and a file's largest size (ulimit -f) are errors like any other, with a message. */
  static const int errors[] = {SIGPIPE, SIGXFSZ};
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (sigaction(errors[i], NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
      signal(errors[i], SIG_IGN);
}

static void output_release(void *object) {
  pm_output *output = object;
  if (output->fd >= 0 && !output->borrowed)
    close(output->fd);
  output->fd = -1;
  if (output->slot >= 0) {
    unlink(output->temporary);
    half_written[output->slot] = NULL;
    output->slot = -1;
  }
}

/* Gives up and ends the program with the reason in `problem` (an errno). */
PM_NORETURN static void output_failed(pm_output *output, const char *doing, int problem) {
  output_release(output);
  if (problem == EPIPE)
    pm_fail(PM_FAILED, output->name, "closed pipe: its reader ended before everything was written");
  pm_fail(PM_FAILED, output->name, "cannot %s: %s", doing, strerror(problem));
}

static void take_slot(pm_output *output, const char *path) {
  for (int i = 0; i < MAX_HALF_WRITTEN; i++) {
    const char *empty = NULL;
    if (atomic_compare_exchange_strong(&half_written[i], &empty, path)) {
      output->slot = i;
      return;
    }
  }
  pm_fail(PM_FAILED, output->name, "cannot write more than %d files at once", MAX_HALF_WRITTEN);
}

static char *folder_of(pm_arena *arena, const char *path) {
  const char *base = pm_base_name(path);
  if (base == path)
    return pm_copy_text(arena, ".");
  char *folder = pm_copy_text(arena, path);
  folder[base - path] = 0;
  return folder;
}

/* The absolute path of the file that `path` names, links followed, also where that file does not exist yet. NULL if it
 * cannot be there: `*doing` says what failed, errno why. */
static const char *follow(pm_arena *arena, const char *path, const char **doing) {
  char whole[PATH_MAX], link[PATH_MAX];
  *doing = "write";
  if (realpath(path, whole))
    return pm_copy_text(arena, whole);
  for (int links = 0; links < MAX_LINKS; links++) {
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0) {
      const char *base = pm_base_name(path);
      errno = EISDIR;
      if (!*base)
        return NULL;
      *doing = "write into its folder";
      return realpath(folder_of(arena, path), whole) ? pm_join(arena, whole, base) : NULL;
    }
    link[length] = 0;
    path = *link == '/' ? pm_copy_text(arena, link) : pm_join(arena, folder_of(arena, path), link);
  }
  errno = ELOOP;
  return NULL;
}

/* ".NAME.XXXXXX" beside the target, created with what the umask leaves of 0666. The name is known to the signal handler
 * before the file exists. */
static void open_temporary(pm_output *output) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  output->folder = folder_of(output->arena, output->target);
  char *path = pm_format(output->arena, "%s.%.200s.XXXXXX", output->folder, pm_base_name(output->target));
  output->temporary = path;
  for (int i = 0; i < NAME_TRIES; i++) {
    unsigned char random[6];
    if (getentropy(random, sizeof random))
      output_failed(output, "write", errno);
    for (size_t k = 0; k < sizeof random; k++)
      path[strlen(path) - sizeof random + k] = letters[random[k] % (sizeof letters - 1)];
    take_slot(output, path);
    output->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (output->fd >= 0)
      return;
    int problem = errno;
    half_written[output->slot] = NULL;
    output->slot = -1;
    if (problem != EEXIST)
      output_failed(output, "make a file in its folder", problem);
  }
  output_failed(output, "find a free name in its folder", EEXIST);
}

/* "/dev/stdout" and "/dev/fd/N" are this process's own descriptors, whatever lies behind them; -1 for other paths. */
static int own_descriptor(const char *path) {
  static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/"};
  int64_t fd;
  if (strcmp(path, "/dev/stdout") == 0)
    return STDOUT_FILENO;
  if (strcmp(path, "/dev/stderr") == 0)
    return STDERR_FILENO;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
      return pm_parse_integer(path + strlen(prefixes[i]), 0, INT_MAX, &fd) ? (int)fd : -1;
  return -1;
}

static int descriptor_of(const char *path) {
  return path && strcmp(path, "-") ? own_descriptor(path) : STDOUT_FILENO;
}

bool pm_same_target(pm_arena *arena, const char *a, const char *b) {
  int fd_a = descriptor_of(a), fd_b = descriptor_of(b);
  if (fd_a >= 0 && fd_a == fd_b)
    return true;
  struct stat of_a, of_b;
  bool there_a = (fd_a >= 0 ? fstat(fd_a, &of_a) : stat(a, &of_a)) == 0;
  bool there_b = (fd_b >= 0 ? fstat(fd_b, &of_b) : stat(b, &of_b)) == 0;
  if (there_a != there_b || (there_a && S_ISCHR(of_a.st_mode)))
    return false;
  if (fd_a >= 0 || fd_b >= 0 || (there_a && !S_ISREG(of_a.st_mode)))
    return there_a && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
  /* Two names of one file (hard links) are two files once they are replaced. */
  const char *doing, *whole_a = follow(arena, a, &doing), *whole_b = follow(arena, b, &doing);
  return whole_a && whole_b && strcmp(whole_a, whole_b) == 0;
}

static void open_path(pm_output *output, const char *path) {
  int own = own_descriptor(path);
  if (own >= 0) {
    output->fd = own;
    output->borrowed = true;
    return;
  }
  if (!*path)
    output_failed(output, "write to a file without a name", ENOENT);
  struct stat status;
  bool exists = stat(path, &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    pm_fail(PM_FAILED, output->name, "is a folder, expected the name of a file");
  if (exists && !S_ISREG(status.st_mode)) {
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (output->fd < 0)
      output_failed(output, "write", errno);
    return;
  }
  /* A rename would get around the protection that somebody gave this file. */
  if (exists && access(path, W_OK))
    output_failed(output, "write", errno);
  const char *doing;
  output->target = follow(output->arena, path, &doing);
  if (!output->target)
    output_failed(output, doing, errno);
  output->replaces = exists;
  if (exists)
    output->replaced = status;
  open_temporary(output);
}

pm_output *pm_output_open(pm_arena *arena, const char *path, bool binary) {
  install_handlers();
  pm_output *output = pm_alloc(arena, 1, sizeof *output);
  output->arena = arena;
  output->fd = output->slot = -1;
  output->name = path && strcmp(path, "-") ? pm_copy_text(arena, path) : "standard output";
  pm_arena_defer(arena, output_release, output);
  output->buffer = pm_alloc(arena, BUFFER_BYTES, 1);
  if (path && strcmp(path, "-")) {
    open_path(output, path);
  } else {
    output->fd = STDOUT_FILENO;
    output->borrowed = true;
  }
  if (output->fd == STDOUT_FILENO)
    fflush(stdout); /* what was printed before comes before */
  if (binary && isatty(output->fd)) {
    output_release(output);
    pm_fail(PM_WRONG_USAGE, output->name, "is a terminal and the output is binary: expected -o FILE or a pipe");
  }
  return output;
}

static void write_all(pm_output *output, const unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t done = injected_failure() ? -1 : write(output->fd, bytes, size < (1u << 30) ? size : 1u << 30);
    if (done >= 0) {
      bytes += done;
      size -= (size_t)done;
    } else if (errno == EAGAIN) {
      struct pollfd ready = {output->fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      output_failed(output, "write", errno);
    }
  }
}

static void flush(pm_output *output) {
  size_t used = output->used;
  output->used = 0;
  write_all(output, output->buffer, used);
}

pm_output *pm_output_counting(pm_arena *arena) {
  pm_output *output = pm_alloc(arena, 1, sizeof *output);
  *output = (pm_output){.arena = arena, .name = "what is counted", .fd = -1, .slot = -1, .counting = true};
  return output;
}

uint64_t pm_output_counted(const pm_output *output) {
  return output->counted;
}

void pm_output_write(pm_output *output, const void *bytes, size_t size) {
  if (output->counting) {
    output->counted += size;
    return;
  }
  assert(output->fd >= 0);
  if (size > BUFFER_BYTES - output->used)
    flush(output);
  if (size >= BUFFER_BYTES) {
    write_all(output, bytes, size);
  } else if (size > 0) {
    memcpy(output->buffer + output->used, bytes, size);
    output->used += size;
  }
}

void pm_output_print(pm_output *output, const char *format, ...) {
  char line[1024];
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(line, sizeof line, format, arguments);
  assert(length >= 0);
  pm_output_write(output, (size_t)length < sizeof line ? line : pm_format_list(output->arena, format, again),
                  (size_t)length);
  va_end(again);
  va_end(arguments);
}

/* Pipes and many devices have nothing to sync. */
static bool sync_failed(int fd) {
  if (injected_failure())
    return true;
  return fsync(fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS;
}

/* The new file is in its place already: nothing is allocated here, so that memory cannot be the reason to fail. */
static void sync_folder(pm_output *output) {
  int fd = open(output->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return; /* a folder that may be written and not read cannot be synced */
  bool failed = sync_failed(fd);
  int problem = errno;
  close(fd);
  if (failed)
    output_failed(output, "sync its folder", problem);
}

/* The new file takes over the mode and, where this user may, the owner of the one it replaces. Where he may not, nobody
 * gets more than a new file would have given. */
static void keep_mode(pm_output *output) {
  struct stat status;
  if (!output->replaces || fstat(output->fd, &status))
    return;
  const struct stat *old = &output->replaced;
  mode_t mode = old->st_mode & 0777;
  if ((status.st_uid != old->st_uid || status.st_gid != old->st_gid) && fchown(output->fd, old->st_uid, old->st_gid))
    mode &= status.st_mode;
  if (fchmod(output->fd, mode))
    output_failed(output, "set its mode", errno);
}

static void commit_in_place(pm_output *output) {
  /* Closing a copy asks the file system for errors it kept back, and leaves the standard stream open. */
  int fd = output->borrowed ? dup(output->fd) : output->fd;
  bool failed = fd < 0 || (!output->borrowed && sync_failed(fd));
  int problem = errno;
  if (!output->borrowed)
    output->fd = -1;
  if (fd >= 0 && (close(fd) || injected_failure()) && !failed) {
    failed = true;
    problem = errno;
  }
  if (failed)
    output_failed(output, "finish writing", problem);
  output->fd = -1;
}

void pm_output_commit(pm_output *output) {
  assert(output->fd >= 0);
  flush(output);
  if (!output->target) {
    commit_in_place(output);
    return;
  }
  keep_mode(output);
  if (sync_failed(output->fd))
    output_failed(output, "sync", errno);
  int fd = output->fd;
  output->fd = -1;
  if (close(fd) || injected_failure())
    output_failed(output, "finish writing", errno);
  if (injected_failure() || rename(output->temporary, output->target))
    output_failed(output, "put the new file in its place", errno);
  half_written[output->slot] = NULL;
  output->slot = -1;
  sync_folder(output);
}

void pm_output_discard(pm_output *output) {
  output_release(output);
}

void pm_write_file(pm_arena *arena, const char *path, const void *bytes, size_t length) {
  pm_output *output = pm_output_open(arena, path, false);
  pm_output_write(output, bytes, length);
  pm_output_commit(output);
}
