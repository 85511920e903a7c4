/* What training and sampling are on a card, counted on the emulated one:
 *
 *   count fp32|bf16 METHOD CONFIG.yaml SPRITES.npy
 *
 * With LIST=1 in the environment, also what they are made of, and their longest paths. Convolutions and linear layers
 * are kernels of our own here; by NVIDIA's libraries they are about as many nodes. */
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "backend/cuda/program.h"
#include "methods/methods.h"
#include "train/settings.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is assumed of a card, an H100's order of magnitude. Seconds: of a node besides its work, of the shortest node,
 * from one node's beginning to another's where both are ready. Bytes a second that kernels reach, seven tenths of the
 * memory's 3.35 TB/s. Floating-point operations a second of products. */
static const double besides = 1.3e-6, shortest = 2e-6, between = 0.5e-6, bandwidth = 0.7 * 3.35e12, in_float = 50e12,
                    in_bf16 = 400e12;

static const pm_backend *card;
static int programs;

typedef struct {
  size_t steps, nodes, conversions;
  double bytes, flops, work, path, chain; /* seconds: of the work alone, of the longest path, of all in a chain */
} sums;

typedef struct {
  const char *name;
  size_t steps, nodes;
  double bytes;
} kind;

static double seconds_of(const pm_cuda_step_work *w) {
  return fmax(w->bytes / bandwidth, w->flops / (card->precision == PM_BFLOAT16 ? in_bf16 : in_float));
}

static void add_program(sums *s, const pm_cuda_step_work *work, size_t steps, pm_arena *arena) {
  double *done = pm_alloc(arena, steps, sizeof *done), last = 0;
  size_t *via = pm_alloc(arena, steps, sizeof *via), end = 0;
  for (size_t i = 0; i < steps; i++) {
    const double time = seconds_of(&work[i]), nodes = (double)work[i].nodes;
    const double alone = fmax(nodes * besides + time, nodes * shortest);
    double begin = 0;
    for (size_t k = 0; k < work[i].waits.steps; k++)
      if (done[work[i].waits.step[k]] > begin)
        begin = done[via[i] = work[i].waits.step[k]];
    done[i] = begin + alone;
    if (done[i] > last)
      last = done[end = i];
    s->conversions += work[i].nodes == 0;
    s->nodes += work[i].nodes;
    s->bytes += work[i].bytes;
    s->flops += work[i].flops;
    s->work += time;
    s->chain += alone;
  }
  s->steps += steps;
  s->path += last;
  for (size_t i = end; getenv("LIST"); i = via[i]) {
    printf("the path, backwards: at %.1f us %s\n", done[i] * 1e6, work[i].name);
    if (work[i].waits.steps == 0)
      break;
  }
}

static int more_bytes_first(const void *a, const void *b) {
  const kind *x = a, *y = b;
  return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static void list(const pm_cuda_step_work *work, size_t steps, pm_arena *arena) {
  kind *kinds = pm_alloc(arena, steps, sizeof *kinds);
  size_t n = 0;
  for (size_t i = 0; i < steps; i++) {
    size_t k = 0;
    while (k < n && strcmp(kinds[k].name, work[i].name) != 0)
      k++;
    n += k == n;
    kinds[k].name = work[i].name;
    kinds[k].steps++;
    kinds[k].nodes += work[i].nodes;
    kinds[k].bytes += work[i].bytes;
  }
  qsort(kinds, n, sizeof *kinds, more_bytes_first);
  for (size_t k = 0; k < n; k++)
    printf("%4zu kernels, %4zu nodes, %7.1f MB: %s\n", kinds[k].steps, kinds[k].nodes, kinds[k].bytes * 1e-6,
           kinds[k].name);
}

static double predicted(const sums *s) {
  return fmax(s->path, fmax(s->work, (double)s->nodes * between));
}

static void print(const char *what, const sums *s) {
  printf(
      "%s: %zu kernels in %zu nodes, %zu conversions of parameters, %.1f MB read and written, %.2f GFLOP of products\n",
      what, s->steps, s->nodes, s->conversions, s->bytes * 1e-6, s->flops * 1e-9);
  printf(
      "%s, predicted: %.0f us in a chain; as a graph %.0f us, the most of its longest path (%.0f), its work (%.0f) and "
      "its nodes (%.0f)\n",
      what, s->chain * 1e6, predicted(s) * 1e6, s->path * 1e6, s->work * 1e6, (double)s->nodes * between * 1e6);
}

/* A training compiles the two programs of its step (gradients and the update), that of held-out losses, and those of
 * sampling: a sampling step, if there are any, what begins and what ends. */
static pm_program *compile(const pm_graph *g) {
  static sums s;
  pm_program *program = card->compile(g);
  if (++programs == 1 || programs > 2)
    s = (sums){0};
  pm_arena *arena = pm_arena_new();
  const pm_cuda_step_work *work = pm_cuda_work_of(program, arena);
  const size_t steps = card->size(program).steps;
  add_program(&s, work, steps, arena);
  if (getenv("LIST"))
    list(work, steps, arena);
  if (programs >= 2)
    print(programs == 2 ? "a training step" : programs == 3 ? "held-out losses" : "of sampling", &s);
  pm_arena_free(arena);
  return program;
}

int main(int argc, char **argv) {
  char why[200];
  const pm_method *method = argc == 5 ? pm_method_find(argv[2]) : NULL;
  if (!method || pm_cuda_open_card(0, why, sizeof why))
    return 2;
  card = strcmp(argv[1], "bf16") == 0 ? &pm_backend_cuda_bf16 : &pm_backend_cuda;
  pm_backend counting = *card;
  counting.compile = compile;
  pm_arena *arena = pm_arena_new();
  pm_text_list none = {0};
  pm_run_settings settings = pm_run_settings_read(arena, method, argv[3], NULL, &none);
  pm_dataset data = pm_dataset_read(arena, argv[4], NULL, NULL, NULL, &settings.train);
  pm_dataset_settle_flip(arena, &data, &settings);
  pm_train_plan(arena, pm_ranks_open(arena, PM_RANKS_ONE), &counting, &settings, &data);
  pm_arena_free(arena);
  return 0;
}
