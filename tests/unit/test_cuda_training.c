/* Whole trainings on the emulated card: the same bytes in whatever order a graph's steps run, checkpoints that go from
 * the processor to the card and back. */
#include "check.h"

#include "backend/backends.h"
#include "backend/cuda/cuda.h"
#include "core/file.h"
#include "core/random.h"
#include "io/npy.h"
#include "kernel_backends.h"
#include "methods/methods.h"
#include "train/trainer.h"

#include <math.h>

#define Z(n) ((size_t)(n))

static const struct {
  const pm_method *method;
  const char *text;
} models[] = {
    {&pm_method_vae, "method: vae\nmodel: {latent: 4}\n"},
    {&pm_method_vqvae, "method: vqvae\ncodebook: {size: 8, width: 4, update: average}\n"},
    {&pm_method_ddpm, "method: ddpm\nunet: {widths: [8, 8], blocks: 1, groups: 4, attention: [1], dropout: 0.3}\n"},
    {&pm_method_patch_ar, "method: patch-ar\ntransformer: {width: 16, layers: 1, feed_forward: 16}\n"},
};
enum { MODELS = sizeof models / sizeof *models };

static const char others[] = "data: {held_out: 0.25}\naugment: {palette_swap: 0.5, shift: 1}\n"
                             "output: {grid_every: 0, checkpoint_every: 3, held_out_every: 3}\n";

/* Sprites of five colours, in the scratch folder. */
static const char *sprites(pm_arena *arena) {
  enum { COUNT = 12, SIDE = 8, COLOURS = 5 };
  static const unsigned char colours[COLOURS][3] = {{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
  const char *path = pm_join(arena, check_folder(), "sprites.npy");
  if (pm_file_exists(path))
    return path;
  pm_tensor t = pm_tensor_new(arena, PM_U8, pm_shape_of(4, Z(COUNT), Z(SIDE), Z(SIDE), Z(3)));
  pm_rng rng = pm_rng_start(1, "sprites", 0);
  for (size_t i = 0; i < Z(COUNT) * SIDE * SIDE; i++)
    memcpy((unsigned char *)t.data + 3 * i, colours[pm_rng_below(&rng, COLOURS)], 3);
  pm_npy_write_file(arena, path, &t);
  return path;
}

/* Trains to so many steps in a folder of this name. */
static void train(size_t model, const pm_backend *backend, int steps, const char *name, pm_resume resume) {
  pm_arena *arena = pm_arena_new();
  const char *text =
      pm_format(arena, "%s%straining: {steps: %d, batch: 2, clip_norm: 1, average: 0.9}\nprecision: %s\n",
                models[model].text, others, steps, backend->precision == PM_BFLOAT16 ? "bf16" : "fp32");
  pm_run_settings settings = pm_run_settings_parse(arena, models[model].method, text, "config");
  pm_dataset data = pm_dataset_read(arena, sprites(arena), NULL, NULL, NULL, &settings.train);
  pm_dataset_settle_flip(arena, &data, &settings);
  pm_ranks *ranks = pm_ranks_open(arena, PM_RANKS_ONE);
  pm_train(arena, ranks, backend, &settings, &data, NULL, pm_join(arena, check_folder(), name), resume);
  pm_ranks_close(ranks);
  pm_arena_free(arena);
}

/* A file of a training run's folder; the caller frees it. */
static char *content(const char *folder, const char *file, size_t *size) {
  pm_arena *arena = pm_arena_new();
  char *bytes = check_bytes(pm_join(arena, pm_join(arena, check_folder(), folder), file), size);
  pm_arena_free(arena);
  assert_non_null(bytes);
  return bytes;
}

/* A graph's steps run in another order than the program's, in the order of the program, and shuffled. */
static void the_order_of_a_graph_does_not_matter(void **state) {
  static const char *const orders[] = {"0", "1", "7"};
  (void)state;
  for (size_t model = 0; model < MODELS; model++) {
    char *first = NULL;
    size_t size, size_of_first = 0;
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
      setenv("EMULATED_ORDER", orders[k], 1);
      train(model, model % 2 ? &pm_backend_cuda : &pm_backend_cuda_bf16, 3, "order", PM_ALWAYS_RESTART);
      char *now = content("order", "checkpoint.safetensors", &size);
      if (first && (size != size_of_first || memcmp(first, now, size) != 0))
        fail_msg("%s: order %s gives another checkpoint", models[model].method->name, orders[k]);
      free(first);
      first = now;
      size_of_first = size;
    }
    free(first);
    unsetenv("EMULATED_ORDER");
  }
}

/* The first column of a step's line in a folder's metrics. */
static double loss_of_step(const char *folder, int step) {
  size_t size;
  char start[32], *text = content(folder, "metrics.tsv", &size);
  snprintf(start, sizeof start, "\n%d\t", step);
  const char *line = strstr(text, start);
  assert_non_null(line);
  const double loss = atof(line + strlen(start));
  free(text);
  return loss;
}

typedef struct {
  size_t model;
  const pm_backend *backend;
} resumed;

static void resume(void *context) {
  const resumed *r = context;
  train(r->model, r->backend, 9, "moves", PM_RESUME_OR_REFUSE);
}

/* Without being asked to, a training run does not go on there; both tiers are named. */
static void check_refused(size_t model, const pm_backend *backend, const pm_backend *began_on) {
  pm_arena *arena = pm_arena_new();
  resumed r = {model, backend};
  check_output output;
  const char *why = pm_format(arena, "another processor tier: %s there, %s here; --restart starts again",
                              began_on->tier(began_on), backend->tier(backend));
  assert_int_equal(check_child(resume, &r, "", &output), PM_BAD_INPUT);
  if (!strstr(output.err, why) || !strstr(output.err, "--other-tier goes on with it"))
    fail_msg("'%s' does not say: %s", output.err, why);
  pm_arena_free(arena);
}

static void checkpoints_go_to_the_card_and_back(void **state) {
  (void)state;
  for (size_t model = 0; model < MODELS; model++) {
    train(model, &pm_backend_cpu, 9, "stays", PM_ALWAYS_RESTART);
    train(model, &pm_backend_cpu, 3, "moves", PM_ALWAYS_RESTART);
    check_refused(model, &pm_backend_cuda, &pm_backend_cpu);
    train(model, &pm_backend_cuda, 6, "moves", PM_RESUME_ON_ANY_TIER);
    check_refused(model, &pm_backend_cpu, &pm_backend_cuda);
    train(model, &pm_backend_cpu, 9, "moves", PM_RESUME_ON_ANY_TIER);
    for (int step = 1; step <= 9; step++) {
      const double here = loss_of_step("stays", step), there = loss_of_step("moves", step);
      if (!(fabs(here - there) <= 2e-3 * fabs(here)) || (step <= 3 && here != there))
        fail_msg("%s: the loss of step %d is %g, on the card %g", models[model].method->name, step, here, there);
    }
  }
}

int main(void) {
  size_t n;
  kernel_backends(&n); /* opens the card */
  pm_set_verbosity(-1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_order_of_a_graph_does_not_matter),
      cmocka_unit_test(checkpoints_go_to_the_card_and_back),
  };
  return cmocka_run_group_tests_name("cuda training", tests, NULL, NULL);
}
