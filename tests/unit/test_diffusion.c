/* The diffusion method as a whole: that it learns what it is shown, in colours and in palette indices, with classes and
 * without; that guidance is what its formula says; that a sprite depends on its number alone. */
#include "check.h"

#include "core/tasks.h"
#include "io/npy.h"
#include "methods/methods.h"
#include "numeric.h"
#include "train/dataset.h"
#include "train/inference.h"

#define Z(n) ((size_t)(n))
enum { SIDE = 8, COLOURS = 5, FIGURES = 4, BATCH = 16, PIXELS = SIDE * SIDE };

/* Five colours: their numbers take three bits, of which three codes stand for none. */
static const float table[COLOURS * 3] = {0, 0, 0, 1, 0.2f, 0.1f, 0.1f, 0.9f, 0.3f, 0.2f, 0.4f, 1, 0.8f, 0.8f, 0.5f};

static const char *const figure[FIGURES] = {
    "....11..  ...1221.  ..122221  ..122221  ..122221  ...1221.  ....11..  ........",
    "33333333  3......3  3.4444.3  3.4..4.3  3.4..4.3  3.4444.3  3......3  33333333",
    "...44...  ...44...  ...44...  44444444  44444444  ...44...  ...44...  ...44...",
    "2.......  22......  222.....  2122....  21122...  211122..  2111122.  22222222",
};

static const char *const tiny[] = {"unet.widths", "16,32", "unet.blocks",        "1",
                                   "unet.groups", "4",     "unet.time_features", "32"};

/* key, value, …, NULL laid over the tiny net's. */
static numeric_bench open_bench(const char *const *more, size_t classes) {
  enum { TINY = sizeof tiny / sizeof *tiny };
  const pm_sprite_format format = {
      .height = SIDE, .width = SIDE, .channels = 3, .colours = COLOURS, .table = table, .classes = classes};
  const char *settings[64];
  size_t n = 0;
  memcpy(settings, tiny, sizeof tiny);
  while (more && more[n]) {
    settings[TINY + n] = more[n];
    n++;
  }
  settings[TINY + n] = NULL;
  numeric_bench b = numeric_bench_open_format(&pm_method_ddpm, &format, settings);
  pm_method_ddpm.check(b.settings, &b.format, "the test");
  return b;
}

/* Sprite number i is figure i modulo their number. */
static void draw_figures(size_t n, unsigned char *pixels, float *images, int32_t *labels) {
  for (size_t i = 0; i < n; i++)
    for (size_t y = 0; y < SIDE; y++)
      for (size_t x = 0; x < SIDE; x++) {
        char c = figure[i % FIGURES][y * (SIDE + 2) + x];
        size_t at = i * PIXELS + y * SIDE + x;
        pixels[at] = (unsigned char)(c == '.' ? 0 : c - '0');
        for (size_t k = 0; k < 3; k++)
          images[at * 3 + k] = table[pixels[at] * 3 + k];
        labels[i] = (int32_t)(i % FIGURES);
      }
}

/* The same batch again and again, with other times and noise; the mean loss of the first and the last fifth. */
static void overfit(numeric_bench *b, int steps, double *first, double *last) {
  pm_graph *g = pm_graph_new(b->arena, b->store, true);
  pm_value *step = pm_graph_scalar(g, "step", PM_I64), *rate = pm_graph_scalar(g, "rate", PM_F32), *loss;
  pm_batch batch = {.format = &b->format,
                    .images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(BATCH), Z(SIDE), Z(SIDE), Z(3))),
                    .pixels = pm_graph_input(g, "pixels", PM_U8, pm_shape_of(3, Z(BATCH), Z(SIDE), Z(SIDE))),
                    .draws = numeric_draws(g, 1, 0, 0, BATCH)};
  if (b->format.classes)
    batch.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, Z(BATCH)));
  pm_method_ddpm.loss(g, b->settings, &batch, &loss);
  pm_keep(loss, "loss");
  pm_gradients(g, loss);
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), rate, step, (pm_adam_attributes){0.9, 0.99, 1e-8, 0, false});
  pm_program *program = pm_backend_cpu.compile(g);
  pm_store_initialise(b->store, 1);
  unsigned char pixels[BATCH * PIXELS];
  float images[BATCH * PIXELS * 3];
  int32_t labels[BATCH];
  draw_figures(BATCH, pixels, images, labels);
  pm_store_write(b->store, batch.images->buffer, 0, images, sizeof images / sizeof *images);
  pm_store_write(b->store, batch.pixels->buffer, 0, pixels, sizeof pixels);
  if (batch.labels)
    pm_store_write(b->store, batch.labels->buffer, 0, labels, BATCH);
  *first = *last = 0;
  for (int i = 0; i < steps; i++) {
    float lr = 3e-3f * (1 - (float)i / (float)steps), now;
    pm_store_write(b->store, rate->buffer, 0, &lr, 1);
    numeric_set(b->store, "step", i);
    pm_backend_cpu.run(program);
    pm_backend_cpu.read_value(program, loss, &now);
    *(i < steps / 5 ? first : last) += i < steps / 5 || i >= steps - steps / 5 ? now / (steps / 5) : 0;
  }
  pm_backend_cpu.free_program(program);
}

/* Mean absolute distance of a sprite to a figure. */
static double distance(const float *sprite, size_t number) {
  unsigned char pixels[FIGURES * PIXELS];
  float images[FIGURES * PIXELS * 3];
  int32_t labels[FIGURES];
  draw_figures(FIGURES, pixels, images, labels);
  double sum = 0;
  for (size_t i = 0; i < PIXELS * 3; i++)
    sum += fabs((double)sprite[i] - images[number * PIXELS * 3 + i]) / (PIXELS * 3);
  return sum;
}

static size_t nearest(const float *sprite) {
  size_t best = 0;
  for (size_t k = 1; k < FIGURES; k++)
    if (distance(sprite, k) < distance(sprite, best))
      best = k;
  return best;
}

static bool in_palette(const float *pixel) {
  for (size_t c = 0; c < COLOURS; c++)
    if (memcmp(pixel, table + 3 * c, 3 * sizeof *pixel) == 0)
      return true;
  return false;
}

typedef struct {
  const char *name;
  const char *settings[24];
  int steps;
  double share;  /* of the first losses that the last are below */
  double apart;  /* of a sample from the figure that it is nearest to, on average */
  double wanted; /* share of samples of a class that are nearest to its figure; 0: without classes */
} lesson;

/* A hundredth of the usual length: with more steps all of these come to nothing. */
static const lesson lessons[] = {
    {"rgb, eps", {"process.prediction", "eps"}, 300, 0.4, 0.2, 0},
    {"rgb, v", {"process.prediction", "v", "process.schedule", "cosine"}, 300, 0.4, 0.1, 0},
    {"rgb, x0, ending in noise",
     {"process.prediction", "x0", "process.end_in_noise", "true", "loss.weighting", "min-snr", "sampling.sampler",
      "dpm++2m", "process.schedule", "cosine"},
     200,
     0.35,
     0.05,
     0},
    {"one-hot",
     {"pixels", "palette", "palette.code", "onehot", "process.schedule", "cosine", "process.stratified", "true",
      "sampling.eta", "1"},
     200,
     0.35,
     0.03,
     0},
    {"bits",
     {"pixels", "palette", "palette.code", "bits", "process.schedule", "cosine", "sampling.eta", "1"},
     200,
     0.5,
     0.03,
     0},
    {"bits, attention, places, classes",
     {"pixels", "palette", "palette.code", "bits", "process.schedule", "cosine", "unet.attention", "1",
      "unet.position_map", "true", "unet.zero_init", "true", "unet.dropout", "0.05", "sampling.sampler", "ancestral"},
     200,
     0.35,
     0.03,
     1},
    {"one-hot, patches",
     {"pixels", "palette", "palette.code", "onehot", "process.schedule", "cosine", "sampling.eta", "1", "unet.patch",
      "2", "unet.attention", "0"},
     300,
     0.35,
     0.03,
     0},
    {"rgb, v, classes, guidance",
     {"process.prediction", "v", "process.schedule", "cosine", "sampling.guidance_scale", "2"},
     400,
     0.4,
     0.1,
     0.8},
    {"one-hot, by information",
     {"pixels", "palette", "palette.code", "onehot", "process.schedule", "information", "process.stratified", "true",
      "sampling.eta", "1", "sampling.steps", "16"},
     300,
     0.35,
     0.05,
     0},
    {"bits, by information, attention, places, classes, guidance",
     {"pixels", "palette", "palette.code", "bits", "process.schedule", "information", "unet.attention", "1",
      "unet.position_map", "true", "unet.zero_init", "true", "sampling.sampler", "dpm++2m", "sampling.steps", "16",
      "sampling.guidance_scale", "1.5"},
     200,
     0.35,
     0.03,
     1},
    {"tiny denoiser, from -1 to 1",
     {"model", "tiny-denoiser", "denoiser.hidden", "16", "process.schedule", "cosine"},
     400,
     0.7,
     0.06,
     0},
};

static void learns(void **state) {
  enum { N = 32 };
  const lesson *l = *state;
  numeric_bench b = open_bench(l->settings, l->wanted > 0 ? FIGURES : 0);
  double first, last, apart = 0, right = 0;
  size_t seen[FIGURES] = {0};
  static float out[N * PIXELS * 3];
  pm_set_threads(2);
  overfit(&b, l->steps, &first, &last);
  pm_inference_draw(b.inference, 5, 0, N, l->wanted > 0 ? PM_EACH_CLASS : PM_ANY_CLASS, out, NULL, NULL);
  bool palette = strcmp(l->settings[1], "palette") == 0;
  for (size_t i = 0; i < N; i++) {
    const float *sprite = out + i * PIXELS * 3;
    size_t k = nearest(sprite);
    apart += distance(sprite, k) / N;
    seen[k]++;
    right += (k == i % FIGURES) / (double)N;
    for (size_t p = 0; p < PIXELS && palette; p++)
      assert_true(in_palette(sprite + 3 * p)); /* bit for bit */
  }
  print_message("# %s: loss %.4f -> %.4f, samples %.4f from the figures, which come %zu %zu %zu %zu times\n", l->name,
                first, last, apart, seen[0], seen[1], seen[2], seen[3]);
  assert_true(last < l->share * first);
  assert_true(apart < l->apart);
  assert_true(right >= l->wanted);
  assert_true((seen[0] > 0) + (seen[1] > 0) + (seen[2] > 0) + (seen[3] > 0) >= 2); /* not one figure for all */
  numeric_bench_close(&b);
}

/* ---- sampling with weights as they begin ---- */

static numeric_bench with_weights(const char *const *more, size_t classes) {
  numeric_bench b = open_bench(more, classes);
  numeric_bench_initialise(&b);
  return b;
}

static void a_sprite_depends_on_its_number_alone(void **state) {
  static const char *const kinds[][12] = {
      {"sampling.steps", "4", "sampling.eta", "1"},
      {"sampling.steps", "4", "pixels", "palette", "sampling.sampler", "dpm++2m"},
      {"sampling.steps", "4", "pixels", "palette", "palette.code", "onehot", "sampling.sampler", "ancestral"},
      {"sampling.steps", "4", "sampling.guidance_scale", "3", "sampling.sampler", "ancestral"},
      {"sampling.steps", "4", "sampling.guidance_scale", "3", "pixels", "palette", "process.schedule", "information",
       "sampling.eta", "1"}};
  enum { SPRITE = PIXELS * 3, KINDS = sizeof kinds / sizeof *kinds };
  (void)state;
  for (size_t k = 0; k < KINDS; k++) {
    numeric_bench b = with_weights(kinds[k], 3);
    const float *many = numeric_bench_check_numbers(&b, PM_EACH_CLASS);
    /* Sprite 1 of class 1 is the same when all are. An evidence head, the last kind, begins
     * with a net that predicts 0 for every class. */
    float two[2 * SPRITE];
    numeric_bench_draw(&b, 7, 0, 2, 1, two);
    assert_memory_equal(many + SPRITE, two + SPRITE, SPRITE * sizeof *many);
    if (k + 1 < KINDS)
      assert_memory_not_equal(many, two, SPRITE * sizeof *many);
    numeric_bench_close(&b);
  }
}

/* N sprites with this guidance of weights that are the same each time. */
static float *guided(pm_arena *arena, const char *scale, const char *steps, const char *clip, int32_t label) {
  enum { N = 6 };
  numeric_bench b =
      with_weights((const char *const[]){"sampling.guidance_scale", scale, "sampling.steps", steps, "sampling.clip",
                                         clip, "process.prediction", "v", "process.schedule", "cosine", NULL},
                   3);
  float *out = pm_alloc(arena, Z(N * PIXELS * 3), sizeof *out);
  pm_inference_draw(b.inference, 2, 0, N, label, out, NULL, NULL);
  numeric_bench_close(&b);
  return out;
}

static void guidance_is_what_its_formula_says(void **state) {
  enum { ALL = 6 * PIXELS * 3 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_set_threads(2);
  const float *with = guided(arena, "1", "5", "true", 1), *without = guided(arena, "1", "5", "true", PM_ANY_CLASS);
  assert_true(numeric_distance(with, without, ALL, 1) > 0.01);
  /* At 0 the class counts for nothing; at 1, by way of both halves or not, nothing is added. */
  numeric_expect("scale 0", guided(arena, "0", "5", "true", 1), without, ALL, 1, 1e-5);
  numeric_expect("scale near 1", guided(arena, "1.000001", "5", "true", 1), with, ALL, 1, 1e-4);
  /* No class wanted: both halves say the same. */
  numeric_expect("no class", guided(arena, "3", "5", "true", PM_ANY_CLASS), without, ALL, 1, 1e-4);
  /* One run: what comes out is linear in the scale, where nothing is clamped. */
  const float *none = guided(arena, "0", "1", "false", 2), *one = guided(arena, "1", "1", "false", 2),
              *most = guided(arena, "2.5", "1", "false", 2);
  size_t inside = 0;
  for (size_t i = 0; i < ALL; i++) {
    double expected = (double)none[i] + 2.5 * ((double)one[i] - none[i]);
    bool clamped = none[i] <= 0 || none[i] >= 1 || one[i] <= 0 || one[i] >= 1 || expected <= 0.001 || expected >= 0.999;
    inside += !clamped;
    if (!clamped && !(fabs(most[i] - expected) < 1e-5))
      fail_msg("item %zu is %g, expected %g", i, (double)most[i], expected);
  }
  assert_true(inside > ALL / 4);
  pm_arena_free(arena);
}

static void both_ends_of_a_film(void *context, size_t run, size_t runs, const float *images) {
  float *frames = context;
  assert_true(run <= runs && runs == 4);
  memcpy(frames + run * PIXELS * 3, images, PIXELS * 3 * sizeof *images);
}

static void a_film_ends_in_the_sprite(void **state) {
  enum { SPRITE = PIXELS * 3 };
  (void)state;
  numeric_bench b = with_weights((const char *const[]){"sampling.steps", "4", NULL}, 0);
  float frames[5 * SPRITE] = {0}, alone[SPRITE], watched[SPRITE];
  pm_inference_draw(b.inference, 3, 0, 1, PM_ANY_CLASS, watched, both_ends_of_a_film, frames);
  pm_inference_draw(b.inference, 3, 0, 1, PM_ANY_CLASS, alone, NULL, NULL);
  assert_memory_equal(alone, watched, sizeof alone); /* looking changes nothing */
  assert_memory_equal(alone, frames + 4 * SPRITE, sizeof alone);
  for (size_t k = 0; k < 4; k++)
    assert_memory_not_equal(frames + k * SPRITE, frames + (k + 1) * SPRITE, sizeof alone);
  /* The first is noise: about a third of its values lie beyond the range, and half of them above the middle. */
  size_t outside = 0, above = 0;
  for (size_t i = 0; i < SPRITE; i++) {
    outside += frames[i] == 0 || frames[i] == 1;
    above += frames[i] > 0.5f;
  }
  assert_in_range(outside, SPRITE / 5, SPRITE / 2);
  assert_in_range(above, SPRITE * 2 / 5, SPRITE * 3 / 5);
  numeric_bench_close(&b);
}

static void more_steps_than_times_are_all_of_them(void **state) {
  (void)state;
  numeric_bench b = open_bench((const char *const[]){"process.steps", "60", NULL}, 0);
  assert_int_equal(pm_method_ddpm.sample_steps(b.settings, &b.format), 50);
  numeric_bench_close(&b);
}

/* ---- what does not fit ---- */

static void refuse(const char *const *settings, size_t height, size_t width, size_t colours, size_t classes,
                   const char *text) {
  pm_arena *arena = pm_arena_new();
  void *s = numeric_settings(arena, &pm_method_ddpm, settings);
  pm_sprite_format f = {.height = height, .width = width, .channels = 3, .colours = colours, .classes = classes};
  PM_EXPECT_FAIL(PM_BAD_INPUT, text, pm_method_ddpm.check(s, &f, "sprites.npy"));
  assert_non_null(strstr(check_caught.line, "sprites.npy: "));
  pm_arena_free(arena);
}

static void settings_that_do_not_fit(void **state) {
  (void)state;
#define WITH(...) ((const char *const[]){__VA_ARGS__, NULL})
  refuse(WITH("pixels", "palette"), 16, 16, 0, 0, "snap them first");
  refuse(WITH("model", "tiny-denoiser"), 15, 16, 0, 0, "16 x 15");
  refuse(WITH("model", "tiny-denoiser"), 16, 15, 0, 0, "must be even");
  refuse(WITH("model", "tiny-denoiser"), 16, 16, 0, 4, "no classes");
  refuse(WITH("process.end_in_noise", "true"), 16, 16, 0, 0, "must be x0 or v");
  refuse(WITH("process.steps", "40"), 16, 16, 0, 0, "sampling.steps is 50; the process has 40");
  refuse(WITH("process.schedule", "information"), 16, 16, 5, 0, "for pixels: palette and model: unet");
  refuse(WITH("process.schedule", "information", "pixels", "palette", "model", "tiny-denoiser"), 16, 16, 5, 0,
         "for pixels: palette and model: unet");
  refuse(WITH("process.schedule", "information", "pixels", "palette", "sampling.sampler", "blend"), 16, 16, 5, 0,
         "ancestral, ddim and dpm++2m only");
  refuse(WITH("unet.time_features", "33"), 16, 16, 0, 0, "an even number");
  refuse(WITH("unet.attention", "3"), 16, 16, 0, 0, "unet.attention is '3'; expected levels from 0 to 2");
  refuse(WITH("unet.attention", "1,x"), 16, 16, 0, 0, "unet.attention");
  refuse(WITH("unet.widths", "20", "unet.groups", "8"), 16, 16, 0, 0, "does not divide by unet.groups (8)");
  static const char *const widths[] = {"",     ",",    "8,",   ",8",  "8,,16", "8 16",         "x",
                                       "8;16", "-8,8", "0,16", "8.5", "4104",  "8,8,8,8,8,8,8"};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    refuse(WITH("unet.widths", widths[i]), 16, 16, 0, 0, "unet.widths");
#undef WITH
}

static void settings_that_fit(void **state) {
  static const char *const fit[][6] = {
      {"unet.widths", "8"},
      {"unet.widths", "8, 16,24"},
      {"unet.widths", "8,8,8,8,8,8", "unet.attention", "0, 5"},
      {"unet.widths", "8,8", "unet.patch", "4"},
      {"process.steps", "50", "process.end_in_noise", "true", "process.prediction", "v"}};
  (void)state;
  for (size_t i = 0; i < sizeof fit / sizeof *fit; i++) {
    pm_arena *arena = pm_arena_new();
    const char *pairs[8] = {NULL};
    memcpy(pairs, fit[i], sizeof fit[i]);
    pm_sprite_format f = {.height = 15, .width = 17, .channels = 4};
    pm_method_ddpm.check(numeric_settings(arena, &pm_method_ddpm, pairs), &f, "sprites.npy");
    pm_arena_free(arena);
  }
}

/* ---- labels ---- */

enum { LABELLED = 60, CLASSES = 7 };

/* 8 x 8 sprites whose first pixel's red is 30 times their label, the rest unlike all others. */
static const char *labelled_sprites(pm_arena *arena, const char **labels_path) {
  unsigned char *bytes = pm_alloc(arena, LABELLED, PIXELS * 3);
  int64_t *labels = pm_alloc(arena, LABELLED, sizeof *labels);
  for (size_t i = 0; i < LABELLED; i++) {
    for (size_t k = 0; k < PIXELS * 3; k++)
      bytes[i * PIXELS * 3 + k] = (unsigned char)(((i + 1) * (k / 3 + 1) * 7919 >> 3) % 3 * 60 + 5);
    labels[i] = (int64_t)(i * 5 % CLASSES);
    bytes[i * PIXELS * 3] = (unsigned char)(30 * labels[i]);
  }
  static const char *const names[] = {"labelled.npy", "labels.npy"};
  pm_tensor tensors[] = {{.dtype = PM_U8, .shape = pm_shape_of(4, Z(LABELLED), Z(SIDE), Z(SIDE), Z(3)), .data = bytes},
                         {.dtype = PM_I64, .shape = pm_shape_of(1, Z(LABELLED)), .data = labels}};
  for (int k = 0; k < 2; k++) {
    pm_output *out = pm_output_open(arena, check_path(names[k]), true);
    pm_npy_write(out, &tensors[k]);
    pm_output_commit(out);
  }
  *labels_path = check_path(names[1]);
  return check_path(names[0]);
}

/* Whatever the shuffle deals out, pixels and labels are of the same sprite. */
static void check_labels(pm_program *program, const pm_batch *batch, pm_arena *arena, size_t *seen) {
  size_t n = pm_count(batch->labels), sprite = pm_count(batch->images) / n;
  int32_t *labels = pm_alloc(arena, n, sizeof *labels);
  float *images = numeric_read(arena, &pm_backend_cpu, program, batch->images);
  pm_backend_cpu.read_value(program, batch->labels, labels);
  for (size_t i = 0; i < n; i++) {
    assert_in_range(labels[i], 0, CLASSES - 1);
    assert_int_equal(lrintf(images[i * sprite] * 255), 30 * labels[i]);
    seen[labels[i]]++;
  }
}

static void labels_stay_with_their_sprites(void **state) {
  enum { N = 8 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *labels, *sprites = labelled_sprites(arena, &labels);
  pm_train_settings settings;
  pm_options_reset(pm_train_keys, &settings);
  settings.batch = N;
  settings.held_out = 0.3;
  settings.flip = 0;
  pm_dataset d = pm_dataset_read(arena, sprites, NULL, labels, NULL, &settings);
  assert_int_equal(d.format.classes, CLASSES);
  assert_true(d.held >= 5 && d.train + d.held == LABELLED);

  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  pm_graph *train = pm_graph_new(arena, store, true), *held = pm_graph_new(arena, store, false);
  pm_batch a = {.draws = numeric_draws(train, 3, 0, 0, N)}, b = {0};
  pm_value *index = pm_graph_input(held, "index", PM_I32, pm_shape_of(1, d.held));
  pm_dataset_batch(train, &d, &settings, N, &a);
  pm_dataset_held(held, &d, index, &b);
  pm_keep(a.images, "images"), pm_keep(a.labels, "labels"), pm_keep(b.images, "images"), pm_keep(b.labels, "labels");
  pm_program *training = pm_backend_cpu.compile(train), *use = pm_backend_cpu.compile(held);
  pm_dataset_upload(&d, store);
  size_t seen[CLASSES] = {0}, seen_held[CLASSES] = {0}, in_data[CLASSES] = {0};
  int64_t epoch = (int64_t)(d.train / N);
  for (int64_t step = 0; step < 2 * epoch; step++) {
    numeric_set(store, "step", step);
    pm_backend_cpu.run(training);
    check_labels(training, &a, arena, seen);
  }
  int32_t *all = pm_alloc(arena, d.held, sizeof *all);
  for (size_t i = 0; i < d.held; i++)
    all[i] = (int32_t)(d.held - 1 - i);
  pm_store_write(store, index->buffer, 0, all, d.held);
  pm_backend_cpu.run(use);
  check_labels(use, &b, arena, seen_held);
  for (size_t i = 0; i < LABELLED; i++)
    in_data[i * 5 % CLASSES]++;
  for (size_t k = 0; k < CLASSES; k++) { /* each epoch drops the last, incomplete batch */
    assert_true(seen[k] > 0);
    assert_true(seen[k] <= 2 * (in_data[k] - seen_held[k]));
  }
  pm_backend_cpu.free_program(training);
  pm_backend_cpu.free_program(use);
  pm_store_free(store);
  pm_arena_free(arena);
}

int main(void) {
  enum { LESSONS = sizeof lessons / sizeof *lessons };
  const struct CMUnitTest others[] = {
      cmocka_unit_test(a_sprite_depends_on_its_number_alone),
      cmocka_unit_test(guidance_is_what_its_formula_says),
      cmocka_unit_test(a_film_ends_in_the_sprite),
      cmocka_unit_test(more_steps_than_times_are_all_of_them),
      cmocka_unit_test(settings_that_do_not_fit),
      cmocka_unit_test(settings_that_fit),
      cmocka_unit_test(labels_stay_with_their_sprites),
  };
  enum { OTHERS = sizeof others / sizeof *others };
  struct CMUnitTest tests[LESSONS + OTHERS];
  static char name[LESSONS][80];
  for (size_t i = 0; i < LESSONS; i++) {
    snprintf(name[i], sizeof *name, "learns: %s", lessons[i].name);
    tests[i] = (struct CMUnitTest){name[i], learns, NULL, NULL, (void *)&lessons[i]};
  }
  memcpy(tests + LESSONS, others, sizeof others);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
