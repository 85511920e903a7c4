/* Other programs, run and waited for. */
#ifndef PM_FRONT_CHILD_H
#define PM_FRONT_CHILD_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The file that the first of these names (NULL at the end) stands for on PATH; NULL if none does. */
const char *pm_find_program(pm_arena *arena, const char *const *names);

/* True for a file, no folder, that this process may execute. */
bool pm_is_program(const char *path);

/* Runs argv (argv[0] is a path) with this process's streams, and returns its exit status. Ctrl-C is the program's
 * business meanwhile; TERM and HUP are passed on to it. Afterwards calls clean_up, if it is not NULL; then, if a signal
 * ended the program, the same one ends this process. */
int pm_run_child(char *const *argv, void (*clean_up)(void));

/* The first line that "PATH OPTION" prints, without its newline; NULL if it prints none or fails. */
const char *pm_first_line(pm_arena *arena, const char *path, const char *option);

#ifdef __cplusplus
}
#endif
#endif
