#include "core/plugin.h"

#include "core/file.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

enum { PATH_BYTES = 4096 };

/* Where the running program's file lies; the working folder where the system does not tell. */
static const char *program_folder(pm_arena *arena) {
  char path[PATH_BYTES] = "";
#if defined(__APPLE__)
  uint32_t bytes = sizeof path;
  if (_NSGetExecutablePath(path, &bytes))
    path[0] = 0;
#else
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
#endif
  char *slash = strrchr(path, '/');
  if (!slash)
    return ".";
  *slash = 0;
  return pm_copy_text(arena, path);
}

static const void *refused(const char **problem, const char *why) {
  *problem = why;
  return NULL;
}

const void *pm_plugin_open(pm_arena *arena, const char *file, const char *function, int abi, const char **problem) {
  const char *folder = getenv("PIXELMILL_PLUGINS");
  const char *path = pm_join(arena, folder && *folder ? folder : program_folder(arena), file);
  *problem = NULL;
  if (!pm_file_exists(path))
    return refused(problem, pm_format(arena, "%s: there is no such plugin", path));
  /* Global: libraries behind a plugin (Open MPI) open more of themselves, which look for what is loaded already. */
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library)
    return refused(problem, pm_format(arena, "%s: cannot be opened: %s", path, dlerror()));
  const void *(*table_of)(void);
  *(void **)&table_of = dlsym(library, function);
  if (!table_of)
    return refused(problem, pm_format(arena, "%s: has no %s; this is no plugin for this", path, function));
  const int *table = table_of();
  if (!table)
    return refused(problem, pm_format(arena, "%s: cannot be used on this machine", path));
  if (*table != abi)
    return refused(problem,
                   pm_format(arena, "%s: built for interface %d; expected %d: build it again", path, *table, abi));
  return table;
}
