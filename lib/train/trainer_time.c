/* The time that each kernel of a training step takes: train-… --time-kernels. */
#include "train/trainer_parts.h"

#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 2, STEPS = 10 };

/* All calls of one kernel for results of one shape. */
typedef struct {
  const char *name, *shape;
  size_t calls;
  double seconds, flops;
} line;

typedef struct {
  pm_arena *arena;
  line *line;
  size_t lines, capacity;
} step_table;

static const char *shape_text(pm_arena *arena, const pm_value *value) {
  const char *text = "";
  for (int d = 0; value && d < value->shape.rank; d++)
    text = pm_format(arena, "%s%s%zu", text, d ? "x" : "", value->shape.dim[d]);
  return text;
}

static line *line_of(step_table *t, const pm_step_time *step) {
  const char *shape = shape_text(t->arena, step->result);
  for (size_t i = 0; i < t->lines; i++)
    if (strcmp(t->line[i].name, step->name) == 0 && strcmp(t->line[i].shape, shape) == 0)
      return &t->line[i];
  t->line = pm_grow(t->arena, t->line, &t->capacity, t->lines + 1, sizeof *t->line);
  t->line[t->lines] = (line){step->name, shape, 0, 0, 0};
  return &t->line[t->lines++];
}

static void add_up(step_table *t, const pm_step_time *step, size_t n) {
  for (size_t i = 0; i < n; i++) {
    line *l = line_of(t, &step[i]);
    l->calls++;
    l->seconds += step[i].seconds;
    l->flops += step[i].flops;
  }
}

static int longer_first(const void *a, const void *b) {
  const line *x = a, *y = b;
  if (x->seconds != y->seconds)
    return x->seconds < y->seconds ? 1 : -1;
  return strcmp(x->name, y->name);
}

static void print(pm_arena *arena, step_table *t, const char *tier) {
  pm_output *out = pm_output_open(arena, NULL, false);
  double all = 0;
  for (size_t i = 0; i < t->lines; i++)
    all += t->line[i].seconds;
  if (t->lines)
    qsort(t->line, t->lines, sizeof *t->line, longer_first);
  pm_output_print(out, "%.2f ms a step, mean of %d, on %s\n", 1e3 * all / STEPS, STEPS, tier);
  pm_output_print(out, "%-32s %-18s %6s %9s %6s %8s\n", "kernel", "result", "calls", "ms", "share", "GFLOP/s");
  for (size_t i = 0; i < t->lines; i++) {
    const line *l = &t->line[i];
    pm_output_print(out, "%-32s %-18s %6zu %9.3f %5.1f%%", l->name, l->shape, l->calls / STEPS,
                    1e3 * l->seconds / STEPS, all > 0 ? 100 * l->seconds / all : 0);
    if (l->flops > 0 && l->seconds > 0)
      pm_output_print(out, " %8.1f", l->flops / l->seconds * 1e-9);
    pm_output_print(out, "\n");
  }
  pm_output_commit(out);
}

void pm_train_time(pm_arena *arena, const pm_backend *backend, const pm_run_settings *settings,
                   const pm_dataset *data) {
  trainer t = {.arena = arena, .backend = backend, .settings = settings, .data = data};
  trainer_build(&t);
  step_table sums = {.arena = arena};
  pm_program *const programs[] = {t.gradient, t.update};
  for (int i = 0; i < WARM_UP + STEPS; i++) {
    trainer_set_scalars(&t);
    for (int k = 0; k < 2; k++) {
      const size_t n = backend->size(programs[k]).steps;
      pm_step_time *times = pm_alloc(arena, n, sizeof *times);
      backend->run_timed(programs[k], times);
      if (i >= WARM_UP)
        add_up(&sums, times, n);
    }
    t.step++;
  }
  print(arena, &sums, backend->tier(backend));
  trainer_free(&t);
}
