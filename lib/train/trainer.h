/* The training loop of every method: batches, gradients, updates, metrics, grids, checkpoints, resuming. */
#ifndef PM_TRAIN_TRAINER_H
#define PM_TRAIN_TRAINER_H

#include "parallel/ranks.h"
#include "train/dataset.h"
#include "train/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PM_RESUME_ON_ANY_TIER: or refuse, but not because it began on another tier. */
typedef enum { PM_RESUME_OR_REFUSE, PM_RESUME_ON_ANY_TIER, PM_RESUME_OR_RESTART, PM_ALWAYS_RESTART } pm_resume;

/* Trains to the end in folder `path`, or resumes a training run that was stopped there. Same settings, data
 * and seed: the same bytes in model.safetensors and metrics.tsv, at any number of threads and however often it was
 * stopped. On SIGINT, SIGTERM or SIGHUP, unless it is ignored: writes a checkpoint and ends by that signal. A loss that
 * is not finite, on held-out sprites, too, ends with status 1 and the step. `resume`: what to do with a folder whose
 * training run cannot be resumed with these settings. `remark`: a line about the settings for the log, or NULL.
 * `ranks`: the processes that train together, each in this call; rank 0 alone looks at the folder and reports. A signal
 * that reaches one of them stops all. */
void pm_train(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
              const pm_dataset *data, const char *remark, const char *path, pm_resume resume);

/* Prints parameters, memory and steps of this training run on standard output; trains nothing. */
void pm_train_plan(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
                   const pm_dataset *data);

/* Takes a few steps and prints each kernel's share of rank 0's time; writes nothing. */
void pm_train_time(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
                   const pm_dataset *data);

/* The main of a training tool: its options are the same for every method. */
int pm_train_main(const pm_method *method, const char *tool, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
