/* The tools that are there: the programs in the folder of the front command where it was built, in
 * ../libexec/pixelmill where it is installed. Nothing lists them: a new one is one more file. */
#ifndef PM_FRONT_TOOLS_THERE_H
#define PM_FRONT_TOOLS_THERE_H

#include "core/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* NULL where there is neither. */
const char *pm_tools_folder(pm_arena *arena);

/* Their names, in alphabetical order; without the front command. */
pm_text_list pm_tools_there(pm_arena *arena, const char *folder);

/* The file of the tool of that name; NULL if there is none. */
const char *pm_tool_file(pm_arena *arena, const char *folder, const char *name);

/* "cuts sheets into sprites", as the tool tells; "" if it tells nothing. */
const char *pm_tool_summary(pm_arena *arena, const char *folder, const char *name);

#ifdef __cplusplus
}
#endif
#endif
