/* What a training step is on a card, counted on the emulated one: count fp32|bf16 METHOD CONFIG.yaml SPRITES.npy
 * Convolutions and linear layers are kernels of our own here; by NVIDIA's libraries they are about as many nodes. */
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "backend/cuda/program.h"
#include "methods/methods.h"
#include "train/settings.h"
#include "train/trainer.h"

#include <stdio.h>
#include <string.h>

static const pm_backend *card;
static int programs;

/* The first two programs are a step: gradients, and the update. */
static pm_program *compile(const pm_graph *g) {
  static pm_cuda_work sum;
  pm_program *program = card->compile(g);
  const pm_cuda_work work = pm_cuda_work_of(program);
  if (programs++ < 2) {
    sum.steps += work.steps;
    sum.nodes += work.nodes;
    sum.bytes += work.bytes;
    sum.flops += work.flops;
  }
  if (programs == 2)
    printf("a step is %zu kernels in %zu nodes, %.1f MB read and written, %.2f GFLOP of products\n", sum.steps,
           sum.nodes, sum.bytes * 1e-6, sum.flops * 1e-9);
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
