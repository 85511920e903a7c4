#include "core/installation.h"

#include "core/file.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

/* Folders above the program that are looked at: build/sanitize/bin is three below its tree. */
enum { LEVELS = 3 };

/* Into `real` (PATH_MAX bytes); false where the system does not tell. */
static bool program_file(char *real) {
#ifdef __APPLE__
  char path[PATH_MAX];
  uint32_t size = sizeof path;
  return _NSGetExecutablePath(path, &size) == 0 && realpath(path, real);
#else
  return realpath("/proc/self/exe", real) != NULL;
#endif
}

const char *pm_program_folder(pm_arena *arena) {
  char path[PATH_MAX];
  if (!program_file(path))
    return NULL;
  char *slash = strrchr(path, '/');
  slash[slash == path] = 0; /* the root's own stays */
  return pm_copy_text(arena, path);
}

const char *pm_shared_folder(pm_arena *arena) {
  const char *program = pm_program_folder(arena);
  if (!program)
    return NULL;
  char *folder = pm_copy_text(arena, program);
  for (int level = 0; level < LEVELS; level++) {
    char *slash = strrchr(folder, '/');
    if (!slash)
      break;
    *slash = 0;
    const char *here = *folder ? folder : "/", *installed = pm_join(arena, here, "share/pixelmill");
    if (pm_file_exists(pm_join(arena, installed, "configs/base.yaml")))
      return installed;
    if (pm_file_exists(pm_join(arena, here, "configs/base.yaml")) &&
        pm_file_exists(pm_join(arena, here, "pipeline/methods.mk")))
      return here;
  }
  return NULL;
}

const char *pm_or_shared(pm_arena *arena, const char *path, const char *name) {
  if (*name == '/' || pm_file_exists(path))
    return path;
  const char *shared = pm_shared_folder(arena);
  const char *other = shared ? pm_join(arena, shared, name) : NULL;
  return other && pm_file_exists(other) ? other : path;
}
