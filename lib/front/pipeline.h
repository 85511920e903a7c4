/* The commands of the front that are goals of the pipeline's makefiles: `pixelmill compare my.png --tile 24` is
 * `make compare SHEET=my.png TILE=24` with the makefiles of the installation, and its results lie in the current
 * folder. Options become variables by their names: --keep-alpha is KEEP_ALPHA=1. */
#ifndef PM_FRONT_PIPELINE_H
#define PM_FRONT_PIPELINE_H

#include "core/options.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_tool tool;     /* name, summary and options, for --help, --man and --describe */
  const char *goal; /* NULL: the operands are make's own */
} pm_pipeline_command;

/* Ended by one whose tool has no name; what a person looks for first comes first. */
extern const pm_pipeline_command pm_pipeline_commands[];

/* NULL if there is none of that name. */
const pm_pipeline_command *pm_pipeline_find(const char *name);

/* Parses argv (argv[0] is the command's name), checks what would stop make with a worse message - a sheet that is not
 * there, a folder that cannot be written to, no make - and runs it. Returns the exit status. */
int pm_pipeline_run(pm_arena *arena, const pm_pipeline_command *command, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
