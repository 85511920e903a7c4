/* What came with this program: configs, the rules of the pipeline, the parts of the page that draws. They lie in
 * share/pixelmill where the program is installed, in the source tree where it was built; both are found from where the
 * program's own file lies, so that an installation may be moved as a whole. */
#ifndef PM_CORE_INSTALLATION_H
#define PM_CORE_INSTALLATION_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The folder that this program's file lies in, links followed; NULL where the system does not tell. */
const char *pm_program_folder(pm_arena *arena);

/* The nearest share/pixelmill above the program, or the source tree that it lies in; NULL where there is neither. */
const char *pm_shared_folder(pm_arena *arena);

/* `path` if there is such a file, else `name` ("configs/base.yaml") in the shared folder if that is there, else `path`,
 * so that a message names what was asked for. A name from / on is in no other place. */
const char *pm_or_shared(pm_arena *arena, const char *path, const char *name);

#ifdef __cplusplus
}
#endif
#endif
