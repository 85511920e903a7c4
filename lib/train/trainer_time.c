/* The time that each kernel of a training step takes: train-… --time-kernels. */
#include "train/trainer_parts.h"

#include <inttypes.h>
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

typedef struct {
  trainer *t;
  step_table sums;
  bool counts; /* the warm-up does not */
} stopwatch;

static void run_timed(void *context, pm_program *program) {
  stopwatch *w = context;
  const pm_backend *backend = w->t->backend;
  pm_arena *scratch = pm_arena_new();
  const size_t n = backend->size(program).steps;
  pm_step_time *times = pm_alloc(scratch, n, sizeof *times);
  backend->run_timed(program, times);
  if (w->counts)
    add_up(&w->sums, times, n);
  pm_arena_free(scratch);
}

/* Of a batch in micro-batches: what is no kernel's. */
static void add_sums(stopwatch *w) {
  trainer *t = w->t;
  const pm_value gradient = {.shape = pm_shape_of(1, pm_store_block_size(t->store))};
  const char *name = pm_format(t->arena, "sum of %" PRId64 " gradients, %d rank%s", t->settings->train.micro_batches,
                               t->ranks->size, t->ranks->size > 1 ? "s" : "");
  if (!t->of_batch)
    return;
  const pm_step_time sum = {.name = name, .result = &gradient, .seconds = t->seconds_summed / STEPS};
  for (int i = 0; i < STEPS; i++)
    add_up(&w->sums, &sum, 1);
}

void pm_train_time(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
                   const pm_dataset *data) {
  trainer t = {.arena = arena, .ranks = ranks, .backend = backend, .settings = settings, .data = data};
  trainer_build(&t);
  stopwatch watch = {.t = &t, .sums = {.arena = arena}};
  t.run_timed = run_timed;
  t.run_context = &watch;
  for (int i = 0; i < WARM_UP + STEPS; i++) {
    watch.counts = i >= WARM_UP;
    if (i == WARM_UP)
      t.seconds_summed = 0;
    trainer_set_scalars(&t);
    trainer_run_batch(&t);
    trainer_run(&t, t.update);
    t.step++;
  }
  add_sums(&watch);
  if (pm_ranks_lead(ranks))
    print(arena, &watch.sums, backend->tier(backend));
  trainer_free(&t);
}
