/* Paths, folders and digests; reading is in file_read.c, writing in file_write.c. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

void pm_guard_standard_streams(void) {
  /* Opened the wrong way round, so that using one still fails; lowest numbers first, so that open takes the gap. */
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
      pm_fail(PM_FAILED, NULL, "a standard stream is closed and /dev/null cannot take its place");
}

/* Returns an errno, 0 if the folder is there. */
static int make_one(const char *path) {
  if (mkdir(path, 0777) == 0)
    return 0;
  int problem = errno;
  struct stat status;
  if (stat(path, &status) == 0)
    return S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
  return problem;
}

void pm_make_folder(const char *path) {
  char *part = strdup(path);
  if (!part)
    pm_fail(PM_FAILED, path, "out of memory");
  int problem = *part ? 0 : ENOENT;
  for (char *end = part; !problem && *end;) {
    end += strspn(end, "/");
    end += strcspn(end, "/");
    char kept = *end;
    *end = 0;
    problem = make_one(part);
    *end = kept;
  }
  free(part);
  if (problem)
    pm_fail(PM_FAILED, path, "cannot make this folder: %s", strerror(problem));
}

char *pm_join(pm_arena *arena, const char *folder, const char *name) {
  size_t length = strlen(folder);
  const char *between = length == 0 || folder[length - 1] == '/' ? "" : "/";
  return pm_format(arena, "%s%s%s", folder, between, name);
}

const char *pm_base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

bool pm_has_suffix(const char *path, const char *suffix) {
  size_t length = strlen(path), tail = strlen(suffix);
  return length >= tail && strcasecmp(path + length - tail, suffix) == 0;
}

bool pm_file_exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0;
}

void pm_sha256(const void *bytes, size_t length, char hex[65]) {
  SHA256Data(bytes, length, hex);
}
