/* tracked.json in a training run's folder: what was sent to which MLflow server. A note for the next call; the server
 * is asked all the same, and without the note the run is found there by its tag. */
#ifndef PM_TRACK_TRACKED_H
#define PM_TRACK_TRACKED_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file that was sent. */
typedef struct {
  const char *path;   /* on the server, "grids/000400.png" */
  const char *sha256; /* of its content */
} pm_tracked_file;

typedef struct {
  const char *training; /* pm_training's key; NULL: nothing was sent yet */
  const char *run;      /* MLflow's id of it */
  size_t files, capacity;
  pm_tracked_file *file; /* [files] */
} pm_tracked;

/* What was sent to this experiment of this server. A note that cannot be read counts as none, with a warning. */
pm_tracked pm_tracked_read(pm_arena *arena, const char *folder, const char *server, const char *experiment);
/* Puts it into the file, beside the notes about other servers. */
void pm_tracked_write(pm_arena *arena, const char *folder, const char *server, const char *experiment,
                      const pm_tracked *tracked);

bool pm_tracked_has(const pm_tracked *tracked, const char *path, const char *sha256);
/* Copies of both texts are kept in the arena. */
void pm_tracked_add(pm_arena *arena, pm_tracked *tracked, const char *path, const char *sha256);

#ifdef __cplusplus
}
#endif
#endif
