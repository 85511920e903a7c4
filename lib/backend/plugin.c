#include "backend/plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };
static const char library_name[] = "libpixelmill-cuda.so";

/* The program's own folder, without the slash; false where the system does not tell. */
static bool own_folder(char path[PATH_ROOM]) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_ROOM - 1);
  char *slash;
  if (length < 0)
    return false;
  path[length] = 0;
  slash = strrchr(path, '/');
  if (slash)
    *slash = 0;
  return slash != NULL;
}

static bool is_there(char *path, const char *folder, const char *between) {
  int length = snprintf(path, PATH_ROOM, "%s%s/%s", folder, between, library_name);
  return length > 0 && length < PATH_ROOM && access(path, R_OK) == 0;
}

static bool find_library(char path[PATH_ROOM], char *why, size_t size) {
  const char *named = getenv("PIXELMILL_PLUGINS");
  char folder[PATH_ROOM];
  if (named && *named) {
    if (is_there(path, named, ""))
      return true;
    snprintf(why, size, "there is no %s in %s, which PIXELMILL_PLUGINS names", library_name, named);
    return false;
  }
  if (own_folder(folder) && (is_there(path, folder, "") || is_there(path, folder, "/../lib")))
    return true;
  snprintf(why, size, "the plugin %s is not there; in the folder of the sources, 'make cuda' builds it", library_name);
  return false;
}

/* Asked of the driver's library itself: the CUDA runtime takes its absence for an old driver. */
static bool has_driver(char *why, size_t size) {
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL))
    return true;
  snprintf(why, size, "there is no NVIDIA driver: %s", dlerror());
  return false;
}

const pm_backend *pm_plugin_cuda(int number, pm_precision precision, char *why, size_t size) {
  char path[PATH_ROOM];
  if (!has_driver(why, size) || !find_library(path, why, size))
    return NULL;
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
