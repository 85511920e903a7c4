/* A finished run as a report shows it: read from its folder. */
#ifndef PM_REPORT_RUN_H
#define PM_REPORT_RUN_H

#include "report/metrics.h"
#include "report/score_lines.h"
#include "train/model_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A PNG file as it is, checked. */
typedef struct {
  unsigned char *bytes; /* NULL: there is none */
  size_t length, width, height;
  long long step; /* of a grid: how long the model had learned */
} pm_picture;

typedef struct {
  const char *path, *title;
  pm_model_facts facts;
  size_t parameters;   /* numbers that were learned */
  char model_hash[65]; /* SHA-256 of model.safetensors */
  pm_metrics metrics;
  size_t grids;
  pm_picture *grid; /* [grids], by step */
  pm_picture nearest;
  pm_score_lines scores;
} pm_run;

/* Reads model.safetensors, metrics.tsv, grids/STEP.png and, where they are, scores.tsv and nearest.png. Fails with
 * status 3 if the folder is no run, if the training is not complete (it has no model yet), or if a file is damaged.
 * title NULL: the name in the run's settings. */
pm_run pm_run_read(pm_arena *arena, const char *folder, const char *title);

/* Status 3 if it is no PNG. */
pm_picture pm_picture_read(pm_arena *arena, const char *path);

/* The series of that name, or NULL if there is none, or if it is empty. */
const pm_series *pm_run_series(const pm_run *run, const char *name);

#ifdef __cplusplus
}
#endif
#endif
