#include "train/run_folder.h"

#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void remove_file(const char *path) {
  if (unlink(path) && errno != ENOENT)
    pm_fail(PM_FAILED, path, "cannot be removed: %s", strerror(errno));
}

bool pm_is_grid_name(const char *name) {
  size_t digits = strspn(name, "0123456789");
  return digits > 0 && strcmp(name + digits, ".png") == 0;
}

static bool grid(pm_arena *arena, const char *entry) {
  (void)arena;
  return pm_is_grid_name(entry);
}

/* Whether a name is `.NAME.XXXXXX`: what an outright kill leaves of a file that was being written. */
static bool half_written(pm_arena *arena, const char *entry) {
  static const char *const names[] = {"checkpoint.safetensors", "model.safetensors", "config.yaml"};
  size_t length = strlen(entry);
  if (entry[0] != '.' || length < 9 || entry[length - 7] != '.')
    return false;
  char *name = pm_copy_text(arena, entry + 1);
  name[length - 8] = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0)
      return true;
  return pm_is_grid_name(name);
}

static void remove_entries(pm_run_folder *f, const char *path, bool (*which)(pm_arena *, const char *)) {
  DIR *folder = opendir(path);
  if (!folder)
    return;
  for (struct dirent *entry; (entry = readdir(folder));)
    if (which(f->arena, entry->d_name))
      remove_file(pm_join(f->arena, path, entry->d_name));
  closedir(folder);
}

/* Takes the lock of an open file, or returns false where another program has it. Whoever asks whether the folder is
 * held (pm_run_folder_held) holds it for an instant. Some network file systems have no locks, which is warned of. */
static bool take_lock(int file, const char *path) {
  enum { TRIES = 5, PAUSE = 20000000 }; /* nanoseconds */
  for (int i = 0; i < TRIES; i++) {
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
      return true;
    if (errno != EWOULDBLOCK) {
      pm_warn(path, "cannot be locked (%s): a second training run in it would not be noticed", strerror(errno));
      return true;
    }
    nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
  }
  return false;
}

pm_run_folder pm_run_folder_open(pm_arena *arena, const char *path) {
  pm_run_folder f = {.arena = arena, .path = path, .metrics_file = -1, .log_file = -1};
  pm_make_folder(path);
  f.checkpoint = pm_join(arena, path, "checkpoint.safetensors");
  f.model = pm_join(arena, path, "model.safetensors");
  f.metrics = pm_join(arena, path, "metrics.tsv");
  f.config = pm_join(arena, path, "config.yaml");
  f.grids = pm_join(arena, path, "grids");
  f.log = pm_join(arena, path, "log.txt");
  const char *lock = pm_join(arena, path, ".lock");
  f.lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (f.lock < 0)
    pm_fail(PM_FAILED, lock, "cannot be opened: %s", strerror(errno));
  if (!take_lock(f.lock, path))
    pm_fail(PM_FAILED, path, "another training run uses this folder; wait for it to end or choose another -o");
  remove_entries(&f, path, half_written);
  remove_entries(&f, f.grids, half_written);
  return f;
}

void pm_run_folder_close(pm_run_folder *f) {
  int files[] = {f->metrics_file, f->log_file, f->lock};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (files[i] >= 0)
      close(files[i]);
}

bool pm_run_folder_held(pm_arena *arena, const char *path) {
  int lock = open(pm_join(arena, path, ".lock"), O_RDONLY | O_CLOEXEC);
  if (lock < 0)
    return false;
  bool held = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(lock);
  return held;
}

/* A folder under the name of a file cannot be cleared; the attempt reports that. */
static bool file_there(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

const char *pm_run_folder_at_stake(const pm_run_folder *f) {
  if (file_there(f->model))
    return "a model and no checkpoint to resume from";
  if (file_there(f->config))
    return NULL;
  if (file_there(f->metrics))
    return "a metrics.tsv that no training run wrote";
  return file_there(f->log) ? "a log.txt that no training run wrote" : NULL;
}

/* Killed anywhere in here, it can be done again: a model is never left without its checkpoint, and without either,
 * whatever else is left is begun anew. */
void pm_run_folder_clear(pm_run_folder *f) {
  remove_file(f->model);
  remove_file(f->checkpoint);
  remove_file(f->metrics);
  remove_file(f->log);
  remove_entries(f, f->grids, grid);
}

void pm_run_folder_remove_model(pm_run_folder *f) {
  remove_file(f->model);
}

static void append(int file, const char *path, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(file, text, length);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      pm_fail(PM_FAILED, path, "cannot be written: %s", strerror(errno));
    text += written;
    length -= (size_t)written;
  }
}

uint64_t pm_run_folder_metrics_there(const pm_run_folder *f) {
  struct stat status;
  return stat(f->metrics, &status) ? 0 : (uint64_t)status.st_size;
}

void pm_run_folder_begin_metrics(pm_run_folder *f, uint64_t size, const char *header) {
  struct stat status;
  f->metrics_file = open(f->metrics, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (f->metrics_file < 0 || fstat(f->metrics_file, &status))
    pm_fail(PM_FAILED, f->metrics, "cannot be opened: %s", strerror(errno));
  if ((uint64_t)status.st_size < size)
    pm_fail(PM_BAD_INPUT, f->metrics, "%jd bytes; the checkpoint was written when it had %" PRIu64,
            (intmax_t)status.st_size, size);
  /* Cutting would touch the time stamp of a complete training's file. */
  bool longer = (uint64_t)status.st_size > size;
  if ((longer && ftruncate(f->metrics_file, (off_t)size)) || lseek(f->metrics_file, 0, SEEK_END) < 0)
    pm_fail(PM_FAILED, f->metrics, "cannot be cut to %" PRIu64 " bytes: %s", size, strerror(errno));
  f->metrics_size = size;
  if (size == 0)
    pm_run_folder_metrics(f, header);
}

void pm_run_folder_metrics(pm_run_folder *f, const char *row) {
  size_t length = strlen(row);
  append(f->metrics_file, f->metrics, row, length);
  f->metrics_size += length;
}

void pm_run_folder_sync_metrics(pm_run_folder *f) {
  if (fsync(f->metrics_file))
    pm_fail(PM_FAILED, f->metrics, "cannot be written: %s", strerror(errno));
}

static void log_line(pm_run_folder *f, pm_arena *scratch, const char *text) {
  if (f->log_file < 0)
    f->log_file = open(f->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (f->log_file < 0)
    pm_fail(PM_FAILED, f->log, "cannot be opened: %s", strerror(errno));
  char stamp[32];
  time_t now = time(NULL);
  strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", localtime(&now));
  const char *line = pm_format(scratch, "%s  %s\n", stamp, text);
  append(f->log_file, f->log, line, strlen(line));
}

void pm_run_folder_note(const pm_run_folder *f, const char *text) {
  pm_run_folder own = *f;
  pm_arena *scratch = pm_arena_new();
  log_line(&own, scratch, text);
  pm_arena_free(scratch);
  if (own.log_file != f->log_file)
    close(own.log_file);
}

static void log_and_tell(pm_run_folder *f, bool warning, const char *format, va_list arguments) {
  pm_arena *scratch = pm_arena_new();
  const char *text = pm_format_list(scratch, format, arguments);
  log_line(f, scratch, text);
  if (warning)
    pm_warn(f->path, "%s", text);
  else
    pm_say(0, "%s", text);
  pm_arena_free(scratch);
}

void pm_run_folder_log(pm_run_folder *f, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  log_and_tell(f, false, format, arguments);
  va_end(arguments);
}

void pm_run_folder_warn(pm_run_folder *f, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  log_and_tell(f, true, format, arguments);
  va_end(arguments);
}
