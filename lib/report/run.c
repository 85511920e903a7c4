#include "report/run.h"

#include "core/number.h"
#include "io/image.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_BYTES = 64 << 20, MAX_GRIDS = 100000 };

pm_picture pm_picture_read(pm_arena *arena, const char *path) {
  pm_picture p = {0};
  p.bytes = pm_read_file(arena, path, PICTURE_BYTES, &p.length);
  pm_arena *scratch = pm_arena_new();
  pm_image image = pm_png_decode(scratch, p.bytes, p.length, path);
  p.width = image.width;
  p.height = image.height;
  pm_arena_free(scratch);
  return p;
}

static pm_picture picture_if_there(pm_arena *arena, const char *path) {
  return pm_file_exists(path) ? pm_picture_read(arena, path) : (pm_picture){0};
}

static int by_step(const void *a, const void *b) {
  const pm_picture *p = a, *q = b;
  return (p->step > q->step) - (p->step < q->step);
}

/* grids/STEP.png, whatever else lies there. */
static void read_grids(pm_arena *arena, pm_run *run) {
  const char *path = pm_join(arena, run->path, "grids");
  DIR *folder = opendir(path);
  size_t capacity = 0;
  if (!folder)
    return;
  for (struct dirent *entry; (entry = readdir(folder)) && run->grids < MAX_GRIDS;) {
    size_t digits = strspn(entry->d_name, "0123456789");
    char *number = pm_copy_text(arena, entry->d_name);
    number[digits] = 0;
    int64_t step;
    while (*number == '0' && number[1])
      number++;
    if (strcmp(entry->d_name + digits, ".png") != 0 || !pm_parse_integer(number, 0, INT64_MAX, &step))
      continue;
    run->grid = pm_grow(arena, run->grid, &capacity, run->grids + 1, sizeof *run->grid);
    run->grid[run->grids] = pm_picture_read(arena, pm_join(arena, path, entry->d_name));
    run->grid[run->grids++].step = step;
  }
  closedir(folder);
  if (run->grids)
    qsort(run->grid, run->grids, sizeof *run->grid, by_step);
}

/* A state_dict holds what is learned and, by PyTorch's names, the running statistics and counters of normalisations. */
static size_t count_parameters(const pm_safetensors *file) {
  size_t n = 0;
  for (size_t i = 0; i < file->tensors; i++) {
    const pm_named_tensor *t = &file->tensor[i];
    bool statistic = pm_has_suffix(t->name, ".running_mean") || pm_has_suffix(t->name, ".running_var");
    if (t->tensor.dtype == PM_F32 && !statistic)
      n += pm_shape_count(t->tensor.shape);
  }
  return n;
}

/* The value of `name: …` in the settings; NULL if there is none. */
static const char *name_in(pm_arena *arena, const char *config) {
  for (const char *line = config; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
    if (strncmp(line, "name: ", 6) == 0) {
      char *name = pm_copy_text(arena, line + 6);
      name[strcspn(name, "\n")] = 0;
      return name;
    }
  return NULL;
}

static void read_model(pm_arena *arena, pm_run *run, const char *path) {
  pm_model model = pm_model_read_hashed(arena, path, run->model_hash);
  run->facts = model.facts;
  run->parameters = count_parameters(&model.file);
}

pm_run pm_run_read(pm_arena *arena, const char *folder, const char *title) {
  pm_run run = {.path = folder};
  const char *model = pm_join(arena, folder, "model.safetensors");
  if (pm_file_exists(folder) && !pm_file_exists(pm_join(arena, folder, ".")))
    pm_fail(PM_BAD_INPUT, folder, "is a file, expected the folder of a training run");
  if (!pm_file_exists(pm_join(arena, folder, "metrics.tsv")))
    pm_fail(PM_BAD_INPUT, folder, "there is no metrics.tsv in it, expected the folder of a training run");
  if (!pm_file_exists(model))
    pm_fail(PM_BAD_INPUT, folder, "its training is not complete: there is no model.safetensors yet");
  read_model(arena, &run, model);
  const char *metrics = pm_join(arena, folder, "metrics.tsv");
  run.metrics = pm_metrics_read(arena, metrics, false);
  if (!run.metrics.series[0].count)
    pm_fail(PM_BAD_INPUT, metrics, "holds no value of %s", run.metrics.series[0].name);
  read_grids(arena, &run);
  const char *scores = pm_join(arena, folder, "scores.tsv");
  if (pm_file_exists(scores))
    run.scores = pm_score_lines_read(arena, scores);
  run.nearest = picture_if_there(arena, pm_join(arena, folder, "nearest.png"));
  run.title = title ? title : name_in(arena, run.facts.config);
  if (!run.title)
    run.title = run.facts.method;
  return run;
}

const pm_series *pm_run_series(const pm_run *run, const char *name) {
  const pm_series *s = pm_metrics_series(&run->metrics, name);
  return s && s->count ? s : NULL;
}
