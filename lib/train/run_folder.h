/* The folder of one training run: its files, the lock that keeps a second trainer out, the metrics and the log. */
#ifndef PM_TRAIN_RUN_FOLDER_H
#define PM_TRAIN_RUN_FOLDER_H

#include "core/memory.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_arena *arena;
  const char *path;
  const char *checkpoint, *model, *metrics, *config, *grids, *log; /* paths of its files */
  int lock;                                                        /* open file, held to the end of the process */
  int metrics_file, log_file;
  uint64_t metrics_size;
} pm_run_folder;

/* Makes the folder, takes its lock and removes what a killed trainer left half-written. Fails with status 1 if another
 * process holds it; warns where the file system has no locks. */
pm_run_folder pm_run_folder_open(pm_arena *arena, const char *path);
void pm_run_folder_close(pm_run_folder *folder);
/* Whether a trainer holds the folder. Asking takes the lock for an instant, which pm_run_folder_open waits out. */
bool pm_run_folder_held(pm_arena *arena, const char *path);

/* Whether a name is that of a grid of samples in grids/, `000500.png`. */
bool pm_is_grid_name(const char *name);

/* What would be lost if a folder without a checkpoint were cleared, as "a model …": a finished model, or files of the
 * trainer's names without a config, which a trainer writes first. NULL where there are only the files of a training run
 * that was killed before its first checkpoint. */
const char *pm_run_folder_at_stake(const pm_run_folder *folder);
/* Removes what an earlier training run left: model, checkpoint, metrics, grids, log. */
void pm_run_folder_clear(pm_run_folder *folder);
/* model.safetensors alone: it is there when training is complete, and only then. */
void pm_run_folder_remove_model(pm_run_folder *folder);

/* Bytes in metrics.tsv; 0 where there is none. */
uint64_t pm_run_folder_metrics_there(const pm_run_folder *folder);
/* Opens metrics.tsv and cuts it at `size` bytes; 0 starts it with `header`. Fails with status 3 if it is shorter.
 */
void pm_run_folder_begin_metrics(pm_run_folder *folder, uint64_t size, const char *header);
void pm_run_folder_metrics(pm_run_folder *folder, const char *row);
/* Everything written so far is on the disk after this. */
void pm_run_folder_sync_metrics(pm_run_folder *folder);

/* A line with the time, in log.txt; and on stderr, without it, unless -q. */
void pm_run_folder_log(pm_run_folder *folder, const char *format, ...) PM_PRINTF(2, 3);
/* The line in log.txt alone, where stderr is told by pm_fail. */
void pm_run_folder_note(const pm_run_folder *folder, const char *text);
/* pm_run_folder_log as a warning, which -q does not silence. */
void pm_run_folder_warn(pm_run_folder *folder, const char *format, ...) PM_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
