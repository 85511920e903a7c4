#include "core/plugin.h"

#include "core/file.h"
#include "core/installation.h"

#include <dlfcn.h>
#include <stdlib.h>

static const void *refused(const char **problem, const char *why) {
  *problem = why;
  return NULL;
}

const void *pm_plugin_open(pm_arena *arena, const char *file, const char *function, int abi, const char **problem) {
  const char *named = getenv("PIXELMILL_PLUGINS");
  const char *folder = named && *named ? named : pm_program_folder(arena);
  const char *path = pm_join(arena, folder ? folder : ".", file);
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
