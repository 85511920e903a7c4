/* Plugins: shared objects that a program opens only when they are asked for, so that it links none of what they need.
 * They lie beside the program (build/bin, PREFIX/libexec/pixelmill), or in the folder that PIXELMILL_PLUGINS names.
 *
 * A plugin has one function without arguments, of the name that its user agrees on with it, which returns a table of
 * functions; the table begins with the number of the interface that it was built for (int abi). It links nothing of
 * the program's: what it needs of the library is in it, or comes by the table. */
#ifndef PM_CORE_PLUGIN_H
#define PM_CORE_PLUGIN_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The table that `function` of plugin `file` ("pixelmill-mpi.so") returns. It stays to the end of the process. NULL if
 * there is no such plugin, it cannot be opened, has no such function, is for another interface than `abi`, or returns
 * NULL; then *problem says why, as "PATH: TEXT" in the arena. Does not end the program: who asks knows what helps. */
const void *pm_plugin_open(pm_arena *arena, const char *file, const char *function, int abi, const char **problem);

#ifdef __cplusplus
}
#endif
#endif
