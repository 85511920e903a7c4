/* Work that may fail on bad input without the program's end: where there is another way than the file that was tried.
 */
#ifndef PM_CORE_ATTEMPT_H
#define PM_CORE_ATTEMPT_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs work(context). NULL if it came back; what it failed with if its input was bad (status 3), as "PLACE: TEXT" in
 * the arena. All other failures end the program as ever. What `work` took from the caller's arenas stays there; of its
 * own it must have none where it may fail. */
const char *pm_attempt(pm_arena *arena, void (*work)(void *context), void *context);

#ifdef __cplusplus
}
#endif
#endif
