/* Each op that draws, on a batch of eight and on its two halves: slot i draws by seed, step and its number alone, so
 * the halves, each with the number of its first slot, draw what the whole does. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "kernel_backends.h"
#include "methods/methods.h"
#include "nn/backend.h"
#include "numeric.h"
#include "train/dataset.h"

#define Z(n) ((size_t)(n))

enum { WHOLE = 8, HALF = WHOLE / 2, SEED = 5, STEP = 3 };

/* Slots from … from + n - 1 of the batch of eight. */
typedef struct {
  pm_graph *g;
  pm_draws draws;
  size_t from, n;
} part;

/* Those rows of an input [WHOLE, …], of which each has its own items. */
static pm_value *rows_of(const part *p, pm_value *all) {
  int32_t *index = pm_alloc(p->g->arena, p->n, sizeof *index);
  for (size_t i = 0; i < p->n; i++)
    index[i] = (int32_t)(p->from + i);
  pm_value *rows = pm_graph_input(p->g, "rows", PM_I32, pm_shape_of(1, p->n));
  pm_store_write(p->g->store, rows->buffer, 0, index, p->n);
  return pm_gather(p->g, all, rows);
}

static pm_value *sprites(const part *p, uint32_t colours) {
  return rows_of(p, numeric_whole(p->g, "sprites", PM_U8, pm_shape_of(3, Z(WHOLE), Z(5), Z(6)), colours));
}

static pm_value *tokens(const part *p, const char *name) {
  return rows_of(p, numeric_input(p->g, name, pm_shape_of(3, Z(WHOLE), Z(7), Z(6)), -1, 1));
}

/* ---- what each op makes of a part ---- */

static pm_value *shuffle(const part *p) {
  return pm_shuffle(p->g, p->draws, 3 * WHOLE + 1, p->n);
}
static pm_value *flip(const part *p) {
  return pm_flip(p->g, sprites(p, 256), p->draws, 0.5);
}
static pm_value *flip_told(const part *p) {
  return pm_output_of(flip(p), PM_FLIP_MIRRORED);
}
static pm_value *shift(const part *p) {
  return pm_shift(p->g, sprites(p, 256), p->draws, 2, 0);
}
static pm_value *palette_swap(const part *p) {
  return pm_palette_swap(p->g, sprites(p, 4), p->draws, 0.7, 0);
}
static pm_value *random_index_rows(const part *p) {
  return pm_random_index_rows(p->g, p->draws, (pm_random_index_rows_attributes){p->n, 3, 100, 7});
}
static pm_value *random_uniform(const part *p) {
  return pm_random_uniform(p->g, p->draws, p->n, false, 7);
}
static pm_value *random_uniform_stratified(const part *p) {
  return pm_random_uniform(p->g, p->draws, p->n, true, 7);
}
static pm_value *drop_labels(const part *p) {
  return pm_drop_labels(p->g, rows_of(p, numeric_whole(p->g, "labels", PM_I32, pm_shape_of(1, Z(WHOLE)), 9)), p->draws,
                        0.5, 9);
}
static pm_value *dropout(const part *p) {
  return pm_dropout(p->g, tokens(p, "x"), p->draws, 0.4, 7);
}
static pm_value *dropout_grad(const part *p) {
  pm_value *x = tokens(p, "x");
  x->requires_gradient = true;
  pm_value *rows = pm_reshape(p->g, pm_dropout(p->g, x, p->draws, 0.4, 7), pm_shape_of(1, pm_count(x)));
  pm_gradients(p->g, pm_affine(p->g, pm_mean_rows(p->g, rows, NULL), (double)p->n, 0));
  return pm_gradient_of(p->g, x);
}
static pm_value *drop_listed(const part *p) {
  pm_value *list = numeric_whole(p->g, "lists", PM_I32, pm_shape_of(3, Z(WHOLE), Z(3), Z(9)), 50);
  return pm_drop_listed(p->g, rows_of(p, list), p->draws, 0.4, 7);
}

static const pm_attention_attributes heads = {.heads = 2, .causal = true, .dropout = 0.3, .purpose = 7};

static pm_value *attention(const part *p) {
  pm_value *qk = pm_concat(p->g, tokens(p, "q"), tokens(p, "k"));
  return pm_attention(p->g, pm_concat(p->g, qk, tokens(p, "v")), p->draws, heads);
}
static pm_value *attention_grad(const part *p) {
  pm_value *qkv = pm_concat(p->g, pm_concat(p->g, tokens(p, "q"), tokens(p, "k")), tokens(p, "v"));
  return PM_APPLY(p->g, attention_grad, &heads, sizeof heads, qkv, tokens(p, "dy"), PM_DRAWS(p->draws));
}
static pm_value *normal(const part *p) {
  return pm_normal(p->g, pm_shape_of(2, p->n, Z(5)), p->draws, 7);
}
static pm_value *draw_index(const part *p) {
  pm_value *logits = rows_of(p, numeric_input(p->g, "logits", pm_shape_of(2, Z(WHOLE), Z(50)), -1, 1));
  return pm_draw_index(p->g, logits, p->draws, (pm_draw_index_attributes){.temperature = 1, .purpose = 7});
}

static const struct {
  const char *name;
  pm_value *(*build)(const part *p);
} ops[] = {
    {"shuffle", shuffle},
    {"flip", flip},
    {"flip's second output", flip_told},
    {"shift", shift},
    {"palette_swap", palette_swap},
    {"random_index_rows", random_index_rows},
    {"random_uniform", random_uniform},
    {"random_uniform, stratified", random_uniform_stratified},
    {"drop_labels", drop_labels},
    {"dropout", dropout},
    {"dropout's gradient", dropout_grad},
    {"drop_listed", drop_listed},
    {"attention", attention},
    {"attention_grad", attention_grad},
    {"normal", normal},
    {"draw_index", draw_index},
};

/* What the op makes of slots from … from + n - 1 where its first slot is number `first`. */
static void *made(pm_arena *arena, const pm_backend *backend, size_t op, size_t from, size_t n, size_t first,
                  size_t *bytes) {
  pm_store *store = pm_store_new(arena, backend);
  pm_graph *g = pm_graph_new(arena, store, true);
  part p = {g, numeric_draws(g, SEED, STEP, (int64_t)first, WHOLE), from, n};
  pm_value *out = pm_keep(ops[op].build(&p), "out");
  pm_program *program = backend->compile(g);
  backend->run(program);
  *bytes = pm_count(out) * pm_dtype_size(out->dtype);
  void *items = pm_alloc(arena, *bytes, 1);
  backend->read_value(program, out, items);
  backend->free_program(program);
  pm_store_free(store);
  return items;
}

static bool passes(pm_arena *arena, const pm_backend *backend, size_t op) {
  size_t whole, half;
  bool same = true;
  const char *all = made(arena, backend, op, 0, WHOLE, 0, &whole);
  for (size_t from = 0; from < WHOLE; from += HALF) {
    const void *part = made(arena, backend, op, from, HALF, from, &half);
    assert_int_equal(2 * half, whole);
    if (memcmp(part, all + from / HALF * half, half) == 0)
      continue;
    print_error("%s on %s: slots %zu and on are not those of the whole batch\n", ops[op].name, backend->name, from);
    same = false;
  }
  /* the numbers of the slots matter: the same rows from slot 0 on are drawn otherwise */
  const void *elsewhere = made(arena, backend, op, HALF, HALF, 0, &half);
  bool moves = memcmp(elsewhere, all + half, half) != 0;
  if (!moves)
    print_error("%s on %s: slots 0 and on draw the same as %d and on\n", ops[op].name, backend->name, HALF);
  return same && moves;
}

static void halves_draw_what_the_whole_draws(void **state) {
  size_t count;
  const kernel_backend *backends = kernel_backends(&count);
  bool pass = true;
  (void)state;
  for (size_t k = 0; k < count; k++)
    for (int threads = 1; threads <= (backends[k].threaded ? 2 : 1); threads++)
      for (size_t op = 0; op < sizeof ops / sizeof *ops; op++) {
        pm_arena *arena = pm_arena_new();
        pm_set_threads(threads);
        pass &= passes(arena, backends[k].backend, op);
        pm_arena_free(arena);
      }
  assert_true(pass);
}

/* Blocks of a set go on where the one before ended: a stratum each, in every block. */
static void strata_begin_again_with_each_block(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  size_t op = 0, bytes;
  while (ops[op].build != random_uniform_stratified)
    op++;
  const float *first = made(arena, &pm_backend_cpu, op, 0, WHOLE, 0, &bytes);
  const float *next = made(arena, &pm_backend_cpu, op, 0, WHOLE, WHOLE, &bytes);
  for (size_t i = 0; i < WHOLE; i++) {
    assert_true(first[i] > (float)i / WHOLE && first[i] < (float)(i + 1) / WHOLE);
    assert_true(next[i] > (float)i / WHOLE && next[i] < (float)(i + 1) / WHOLE);
    assert_true(first[i] != next[i]);
  }
  pm_arena_free(arena);
}

/* ---- whole batches: from the data set to the loss ---- */

enum { SIDE = 8, COLOURS = 5, CLASSES = 3, SPRITES = 21 };

static const float table[COLOURS * 3] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1};
static const pm_sprite_format format = {
    .height = SIDE, .width = SIDE, .channels = 3, .colours = COLOURS, .table = table, .classes = CLASSES};

static pm_dataset dataset(pm_arena *arena) {
  const size_t pixels = Z(SPRITES) * SIDE * SIDE;
  pm_dataset d = {.format = format, .train = SPRITES, .indexed = true, .colours = COLOURS, .table = (float *)table};
  d.train_pixels = pm_alloc(arena, pixels, 1);
  d.train_labels = pm_alloc(arena, SPRITES, sizeof *d.train_labels);
  pm_rng rng = pm_rng_start(1, "sprites", 0);
  for (size_t i = 0; i < pixels; i++)
    d.train_pixels[i] = (unsigned char)pm_rng_below(&rng, COLOURS);
  for (size_t i = 0; i < SPRITES; i++)
    d.train_labels[i] = (int32_t)pm_rng_below(&rng, CLASSES);
  return d;
}

static const struct {
  const pm_method *method;
  const char *settings[16];
} models[] = {
    {&pm_method_ddpm, {"unet.widths", "8", "unet.blocks", "1", "unet.groups", "4", "unet.dropout", "0.3", NULL}},
    {&pm_method_ddpm, {"unet.widths", "8", "unet.blocks", "1", "unet.groups", "4", "pixels", "palette", NULL}},
    {&pm_method_ddpm,
     {"unet.widths", "8", "unet.blocks", "1", "unet.groups", "4", "pixels", "palette", "process.schedule",
      "information", NULL}},
    {&pm_method_patch_ar,
     {"transformer.width", "16", "transformer.layers", "1", "transformer.feed_forward", "16", NULL}},
};

/* The mean loss of slots first … first + n - 1 of a training batch of eight, and their images. */
static double loss_of(pm_arena *arena, size_t model, size_t n, size_t first, float *images) {
  const pm_method *method = models[model].method;
  numeric_bench b = numeric_bench_open_format(method, &format, models[model].settings);
  const pm_dataset d = dataset(arena);
  pm_train_settings settings;
  pm_options_reset(pm_train_keys, &settings);
  settings.flip = settings.palette_swap = 0.5;
  settings.shift = 2;
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_batch batch = {.format = &b.format, .draws = numeric_draws(g, SEED, STEP, (int64_t)first, WHOLE)};
  pm_value *metric[8];
  float loss;
  pm_dataset_batch(g, &d, &settings, n, &batch);
  method->loss(g, b.settings, &batch, metric);
  pm_keep(metric[0], "loss");
  pm_keep(batch.images, "images");
  pm_program *program = pm_backend_cpu.compile(g);
  pm_dataset_upload(&d, b.store);
  const size_t weights = pm_store_block_size(b.store); /* none of them 0, so that all that is drawn matters */
  pm_store_write(b.store, b.store->parameters, 0, numeric_uniform(arena, weights, "weights", -0.3, 0.3), weights);
  pm_backend_cpu.run(program);
  pm_backend_cpu.read_value(program, metric[0], &loss);
  pm_backend_cpu.read_value(program, batch.images, images);
  pm_backend_cpu.free_program(program);
  numeric_bench_close(&b);
  return (double)loss;
}

/* Sprites, augmentation, times, noise, dropped labels and dropout: all as in the undivided batch. */
static void a_training_batch_may_be_divided(void **state) {
  enum { SPRITE = SIDE * SIDE * 3 };
  static float whole[WHOLE * SPRITE], halves[WHOLE * SPRITE], twice[WHOLE * SPRITE];
  (void)state;
  for (size_t model = 0; model < sizeof models / sizeof *models; model++) {
    pm_arena *arena = pm_arena_new();
    double all = loss_of(arena, model, WHOLE, 0, whole), one = loss_of(arena, model, HALF, 0, halves);
    double other = loss_of(arena, model, HALF, HALF, halves + HALF * SPRITE);
    if (fabs((one + other) / 2 - all) > 2e-6 * all || fabs(one - other) < 1e-4 * all)
      fail_msg("model %zu: the halves' losses are %.8g and %.8g, the whole's %.8g", model, one, other, all);
    assert_memory_equal(whole, halves, sizeof whole);
    loss_of(arena, model, HALF, 0, twice);
    assert_memory_equal(twice, whole, sizeof whole / 2);
    pm_arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(halves_draw_what_the_whole_draws),
      cmocka_unit_test(a_training_batch_may_be_divided),
      cmocka_unit_test(strata_begin_again_with_each_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
