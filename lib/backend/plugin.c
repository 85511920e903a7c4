#include "backend/plugin.h"

#include "core/file.h"
#include "core/installation.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char library_name[] = "libpixelmill-cuda.so";

/* Its path in a folder; NULL if it is not there. */
static const char *path_in(pm_arena *arena, const char *folder) {
  const char *path = pm_join(arena, folder, library_name);
  return access(path, R_OK) == 0 ? path : NULL;
}

static const char *find_library(pm_arena *arena, char *why, size_t size) {
  const char *named = getenv("PIXELMILL_PLUGINS"), *path = NULL;
  if (named && *named) {
    if (!(path = path_in(arena, named)))
      snprintf(why, size, "there is no %s in %s, which PIXELMILL_PLUGINS names", library_name, named);
    return path;
  }
  const char *folder = pm_program_folder(arena);
  if (folder && !(path = path_in(arena, folder)))
    path = path_in(arena, pm_join(arena, folder, "../lib"));
  if (!path)
    snprintf(why, size, "the plugin %s is not there; in the folder of the sources, 'make cuda' builds it",
             library_name);
  return path;
}

/* Asked of the driver's library itself: the CUDA runtime takes its absence for an old driver. */
static bool has_driver(char *why, size_t size) {
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL))
    return true;
  snprintf(why, size, "there is no NVIDIA driver: %s", dlerror());
  return false;
}

static const pm_backend *open_library(const char *path, int number, pm_precision precision, char *why, size_t size) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(why, size, "%s does not load: %s", path, dlerror());
    return NULL;
  }
  const pm_plugin *plugin = dlsym(library, "pm_backend_plugin");
  if (plugin && plugin->abi == PM_BACKEND_ABI)
    return plugin->open(number, precision, why, size);
  if (plugin)
    snprintf(why, size, "%s was built for interface %d of this program, which has %d; 'make cuda' builds it anew", path,
             plugin->abi, PM_BACKEND_ABI);
  else
    snprintf(why, size, "%s is no plugin of this program: it has no pm_backend_plugin", path);
  return NULL;
}

const pm_backend *pm_plugin_cuda(int number, pm_precision precision, char *why, size_t size) {
  if (!has_driver(why, size))
    return NULL;
  pm_arena *scratch = pm_arena_new();
  const char *path = find_library(scratch, why, size);
  const pm_backend *found = path ? open_library(path, number, precision, why, size) : NULL;
  pm_arena_free(scratch);
  return found;
}
