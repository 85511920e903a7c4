/* Which plans cuDNN has for the convolutions of a training, on cards that are only described:
 * plans fp32|bf16 METHOD CONFIG.yaml SPRITES.npy CARD.json …
 * Prints a line for each card. Fails where a convolution has no plan that is deterministic and small enough. No card is
 * needed. */
#include "backend/backends.h"
#include "backend/cuda/cudnn.h"
#include "methods/methods.h"
#include "nn/ops.h"
#include "train/settings.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 512, ROOM = 4096 };

static pm_cudnn_problem problems[MOST];
static size_t count;
static pm_cudnn_math math;

static void collect(const pm_node *node) {
  if (node->op != &pm_op_conv2d_float && node->op != &pm_op_conv2d_grad_input_float &&
      node->op != &pm_op_conv2d_grad_weight_float)
    return;
  const pm_cudnn_problem p = pm_cudnn_problem_of(node, math);
  for (size_t i = 0; i < count; i++)
    if (memcmp(&problems[i], &p, sizeof p) == 0)
      return;
  if (count == MOST)
    exit(2);
  problems[count++] = p;
}

/* A backend that computes nothing: it looks at the graphs that it is to compile. */
static pm_program *compile(const pm_graph *g) {
  for (size_t i = 0; i < g->nodes; i++)
    collect(g->node[i]);
  return pm_backend_reference.compile(g);
}

static cudnnBackendDescriptor_t card_of(const char *path) {
  char json[ROOM];
  FILE *file = fopen(path, "r");
  size_t length = file ? fread(json, 1, sizeof json, file) : 0;
  cudnnBackendDescriptor_t card;
  if (file)
    fclose(file);
  if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &card) ||
      cudnnBackendSetAttribute(card, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (int64_t)length,
                               json) ||
      cudnnBackendFinalize(card)) {
    fprintf(stderr, "plans: %s: cuDNN does not take it for a card\n", path);
    exit(3);
  }
  return card;
}

/* The plan with the bias in it, or without, as the backend asks. */
static bool find(pm_cudnn_problem p, cudnnBackendDescriptor_t card, pm_cudnn_plan *plan) {
  if (pm_cudnn_find_plan(&p, NULL, card, plan) || !p.bias)
    return plan->plan != NULL;
  p.bias = false;
  return pm_cudnn_find_plan(&p, NULL, card, plan);
}

static int check_card(const char *path) {
  cudnnBackendDescriptor_t card = card_of(path);
  size_t found = 0, alone = 0;
  int64_t most = 0;
  for (size_t i = 0; i < count; i++) {
    const pm_cudnn_problem *p = &problems[i];
    pm_cudnn_plan plan;
    if (!find(*p, card, &plan)) {
      printf("%s: no plan for kind %d of %ldx%ldx%ldx%ld, %ld channels out, %ldx%ld taps, stride %ld\n", path,
             (int)p->kind, (long)p->n, (long)p->h, (long)p->w, (long)p->i, (long)p->o, (long)p->kh, (long)p->kw,
             (long)p->stride);
      continue;
    }
    found++;
    alone += p->bias && !plan.problem.bias;
    most = plan.workspace > most ? plan.workspace : most;
    cudnnBackendDestroyDescriptor(plan.plan);
  }
  printf("%s: %zu of %zu convolutions, %zu with the bias apart, workspace up to %.1f MB\n", path, found, count, alone,
         (double)most / (1 << 20));
  return found == count ? 0 : 1;
}

int main(int argc, char **argv) {
  int failed = 0;
  if (argc < 6)
    return 2;
  pm_arena *arena = pm_arena_new();
  pm_backend looking = pm_backend_reference;
  looking.compile = compile;
  math = strcmp(argv[1], "bf16") == 0 ? PM_CUDNN_BF16 : PM_CUDNN_FLOAT;
  const pm_method *method = pm_method_find(argv[2]);
  pm_text_list none = {0};
  if (!method)
    return 2;
  pm_run_settings settings = pm_run_settings_read(arena, method, argv[3], NULL, &none);
  pm_dataset data = pm_dataset_read(arena, argv[4], NULL, NULL, NULL, &settings.train);
  pm_dataset_settle_flip(arena, &data, &settings);
  pm_train_plan(arena, pm_ranks_open(arena, PM_RANKS_ONE), &looking, &settings, &data);
  for (int i = 5; i < argc; i++)
    failed |= check_card(argv[i]);
  pm_arena_free(arena);
  return failed;
}
