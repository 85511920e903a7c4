/* What lies below the trainer: settings, learning rates, averages, the split of a data set, model files, run folders.
 */
#include "check.h"

#include "backend/backends.h"
#include "io/npy.h"
#include "methods/methods.h"
#include "pixels/canonical.h"
#include "train/dataset.h"
#include "train/model_file.h"
#include "train/run_folder.h"
#include "train/sampler.h"

#include <math.h>

static pm_run_settings settings_of(pm_arena *arena, const char *text) {
  return pm_run_settings_parse(arena, &pm_method_vae, pm_format(arena, "method: vae\n%s", text), "run.yaml");
}

/* ---- settings */

static void test_defaults_are_the_recipe(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_train_settings s = settings_of(arena, "").train;
  assert_int_equal(s.seed, 1);
  assert_int_equal(s.epochs, 1000);
  assert_int_equal(s.steps, 0);
  assert_int_equal(s.batch, 32);
  assert_int_equal(s.optimizer, PM_ADAM);
  assert_int_equal(s.schedule, PM_CONSTANT);
  assert_true(s.learning_rate == 1e-3 && s.beta1 == 0.9 && s.beta2 == 0.999 && s.epsilon == 1e-8);
  assert_true(s.flip == 0.5 && s.held_out == 0.1 && s.average == 0 && s.clip_norm == 0 && s.weight_decay == 0);
  pm_arena_free(arena);
}

/* The text of settings gives the same settings again, and differs when one of them does. */
static void test_text_reads_back(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *odd =
      "name: odd\nseed: 18446744073709551615\ntraining: {learning_rate: 0.1, schedule: cosine, steps: 7}\n"
      "loss: {recon: bce, kl_weight: 0.333333333333}\n";
  pm_run_settings s = settings_of(arena, odd);
  const char *text = pm_run_settings_text(arena, &s, true);
  pm_run_settings again = pm_run_settings_parse(arena, &pm_method_vae, text, "text");
  assert_string_equal(pm_run_settings_text(arena, &again, true), text);
  assert_true(again.train.seed == UINT64_MAX && again.train.learning_rate == 0.1 && again.train.steps == 7);
  pm_run_settings other = settings_of(arena, odd);
  other.train.steps = 8;
  assert_string_not_equal(pm_run_settings_text(arena, &other, true), text);
  assert_string_equal(pm_run_settings_text(arena, &other, false), pm_run_settings_text(arena, &s, false));
  other.train.batch = 31;
  assert_string_not_equal(pm_run_settings_text(arena, &other, false), pm_run_settings_text(arena, &s, false));
  pm_arena_free(arena);
}

static void test_bad_settings(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml: this is a config for no method; expected 'method: vae'",
                 pm_run_settings_parse(arena, &pm_method_vae, "name: x\n", "run.yaml"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "this is a config for gan; expected 'method: vae'",
                 pm_run_settings_parse(arena, &pm_method_vae, "method: gan\n", "run.yaml"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:2: ", settings_of(arena, "training: {bacth: 3}\n"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "training.batch", settings_of(arena, "training: {bacth: 3}\n"));
  static const char *const refused[] = {"training: {batch: 0}",       "training: {batch: 65537}",
                                        "training: {epochs: 0}",      "training: {steps: -1}",
                                        "training: {beta1: 1}",       "training: {average: 1}",
                                        "training: {schedule: step}", "training: {learning_rate: inf}",
                                        "data: {held_out: 0.51}",     "augment: {flip: 1.1}",
                                        "augment: {shift: 9}",        "output: {checkpoint_every: 0}",
                                        "seed: 18446744073709551616"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:2: ", settings_of(arena, refused[i]));
  pm_arena_free(arena);
}

/* Another method's keys are not called unknown; the method is. */
static void test_config_file_of_another_method(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *path = check_text_file("other.yaml", "method: gan\ncritic: {steps: 5}\n");
  pm_text_list none = {0};
  PM_EXPECT_FAIL(PM_BAD_INPUT, "other.yaml: this is a config for gan",
                 pm_run_settings_read(arena, &pm_method_vae, path, NULL, &none));
  pm_arena_free(arena);
}

/* ---- learning rate and averages */

static double rate(const char *text, int64_t step, int64_t steps) {
  pm_arena *arena = pm_arena_new();
  pm_run_settings s = settings_of(arena, text);
  double value = pm_learning_rate(&s.train, step, steps);
  pm_arena_free(arena);
  return value;
}

#define ASSERT_NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12 * fabs(b) + 1e-300)

static void test_schedules(void **state) {
  (void)state;
  const char *constant = "training: {learning_rate: 0.5}", *linear = "training: {learning_rate: 0.5, schedule: linear}",
             *cosine = "training: {learning_rate: 0.5, schedule: cosine}";
  for (int64_t step = 0; step < 100; step += 33)
    ASSERT_NEAR(rate(constant, step, 100), 0.5);
  ASSERT_NEAR(rate(linear, 0, 100), 0.5);
  ASSERT_NEAR(rate(linear, 25, 100), 0.375);
  ASSERT_NEAR(rate(linear, 99, 100), 0.005);
  ASSERT_NEAR(rate(cosine, 0, 100), 0.5);
  ASSERT_NEAR(rate(cosine, 50, 100), 0.25);
  assert_true(fabs(rate(cosine, 25, 100) - 0.5 * (0.5 + sqrt(0.125))) < 1e-12);
  for (int64_t step = 1; step < 100; step++) {
    assert_true(rate(linear, step, 100) < rate(linear, step - 1, 100));
    assert_true(rate(cosine, step, 100) < rate(cosine, step - 1, 100));
    assert_true(rate(cosine, step, 100) > 0);
  }
}

static void test_final_rate(void **state) {
  (void)state;
  static const char *const falling[] = {"linear", "cosine"};
  for (size_t k = 0; k < 2; k++) {
    char text[128], zero[128];
    snprintf(text, sizeof text, "training: {learning_rate: 0.5, schedule: %s, final_rate: 0.1}", falling[k]);
    snprintf(zero, sizeof zero, "training: {learning_rate: 0.5, schedule: %s}", falling[k]);
    ASSERT_NEAR(rate(text, 0, 100), 0.5);
    ASSERT_NEAR(rate(text, 50, 100), 0.5 * (0.1 + 0.9 * 0.5));
    ASSERT_NEAR(rate(text, 100, 100), 0.05);
    ASSERT_NEAR(rate(text, 30, 100), 0.05 + 0.9 * rate(zero, 30, 100));
  }
  ASSERT_NEAR(rate("training: {learning_rate: 0.5, final_rate: 0.1}", 99, 100), 0.5);
  ASSERT_NEAR(rate("training: {learning_rate: 0.5, schedule: cosine, final_rate: 1}", 99, 100), 0.5);
}

static void test_warm_up(void **state) {
  (void)state;
  static const char *const all[] = {"constant", "linear", "cosine"};
  for (size_t k = 0; k < 3; k++) {
    char text[128];
    snprintf(text, sizeof text, "training: {learning_rate: 0.5, warmup_steps: 10, schedule: %s}", all[k]);
    for (int64_t step = 0; step < 10; step++)
      ASSERT_NEAR(rate(text, step, 110), 0.05 * (double)(step + 1));
    ASSERT_NEAR(rate(text, 10, 110), 0.5); /* the schedule begins where the warm-up ends */
    assert_true(rate(text, 109, 110) > 0);
    ASSERT_NEAR(rate(text, 4, 5), 0.25); /* a training that is shorter than its warm-up */
    assert_true(isfinite(rate(text, 10, 10)));
  }
  ASSERT_NEAR(rate("training: {learning_rate: 0.5, warmup_steps: 10, schedule: linear}", 60, 110), 0.25);
  ASSERT_NEAR(rate("training: {learning_rate: 0.5, warmup_steps: 10, schedule: cosine}", 60, 110), 0.25);
}

static void test_average_decay(void **state) {
  (void)state;
  pm_train_settings s = {.average = 0.99};
  ASSERT_NEAR(pm_average_decay(&s, 0), 0.1); /* nine tenths of the first update: the beginning fades */
  ASSERT_NEAR(pm_average_decay(&s, 8), 0.5);
  double last = 0;
  for (int64_t step = 0; step < 3000; step++) {
    double decay = pm_average_decay(&s, step);
    assert_true(decay >= last && decay <= 0.99);
    last = decay;
  }
  assert_true(last == 0.99);
  s.average = 0.05;
  assert_true(pm_average_decay(&s, 0) == 0.05);
}

/* ---- data set */

/* n sprites of 4 x 4 in few colours; every number appears twice, the second time mirrored. */
static const char *sprites_file(pm_arena *arena, size_t n, size_t channels) {
  pm_tensor t = pm_tensor_new(arena, PM_U8, pm_shape_of(4, n, (size_t)4, (size_t)4, channels));
  unsigned char *out = t.data;
  for (size_t i = 0; i < n; i++)
    for (size_t y = 0; y < 4; y++)
      for (size_t x = 0; x < 4; x++)
        for (size_t c = 0; c < channels; c++) {
          size_t from = i % 2 ? 3 - x : x, bit = (i / 2 * 2654435761u >> (4 * y + from)) & 1;
          out[((i * 4 + y) * 4 + x) * channels + c] = (unsigned char)(bit ? 200 + 10 * c : 40);
        }
  const char *path = check_path("sprites.npy");
  pm_output *file = pm_output_open(arena, path, true);
  pm_npy_write(file, &t);
  pm_output_commit(file);
  return path;
}

static pm_dataset dataset(pm_arena *arena, const char *path, double held_out, int64_t batch) {
  pm_train_settings s = settings_of(arena, "").train;
  s.held_out = held_out;
  s.batch = batch;
  return pm_dataset_read(arena, path, NULL, NULL, NULL, &s);
}

static void test_split(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *path = sprites_file(arena, 200, 3);
  pm_dataset d = dataset(arena, path, 0.25, 8), none = dataset(arena, path, 0, 8);
  assert_int_equal(d.train + d.held, 200);
  assert_true(d.held > 10 && d.held < 100);
  assert_true(none.train == 200 && none.held == 0);
  assert_string_equal(d.hash, none.hash); /* of the data, not of the split */
  assert_true(d.indexed && d.colours == 2 && d.format.height == 4 && d.format.width == 4 && d.format.channels == 3);

  /* Each sprite is where its own flag says, in the order of the file. */
  pm_sprites s = pm_sprites_read(arena, path);
  size_t train = 0, held = 0;
  for (size_t i = 0; i < s.count; i++) {
    bool out = pm_held_out(&s, i, 0.25);
    const unsigned char *there = out ? d.held_pixels + 16 * held++ : d.train_pixels + 16 * train++;
    assert_memory_equal(there, s.index + 16 * i, 16);
    assert_true(i % 2 == 0 || pm_held_out(&s, i - 1, 0.25) == out); /* its mirror image beside it */
  }
  assert_true(train == d.train && held == d.held);
  pm_arena_free(arena);
}

/* Colours by their pixels and classes by their sprites, of the training sprites alone. */
static void test_shares(void **state) {
  (void)state;
  enum { COUNT = 200, CLASSES = 4 };
  pm_arena *arena = pm_arena_new();
  const char *path = sprites_file(arena, COUNT, 3), *labels = check_path("labels.npy");
  pm_tensor label = pm_tensor_new(arena, PM_I32, pm_shape_of(1, (size_t)COUNT));
  for (int i = 0; i < COUNT; i++)
    ((int32_t *)label.data)[i] = i < 20 ? 0 : i < 60 ? 1 : 3; /* and none of class 2 */
  pm_npy_write_file(arena, labels, &label);
  pm_train_settings settings = settings_of(arena, "data: {held_out: 0.25}\ntraining: {batch: 8}\n").train;
  const char *palette = check_text_file("p.hex", "ff00ff\n282828\nc8d2dc\n"); /* the first colour is not in use */
  pm_dataset d = pm_dataset_read(arena, path, palette, labels, NULL, &settings);
  uint64_t pixels[3] = {0}, sprites[CLASSES] = {0};
  for (size_t i = 0; i < 16 * d.train; i++)
    pixels[d.train_pixels[i]]++;
  for (size_t i = 0; i < d.train; i++)
    sprites[d.train_labels[i]]++;
  assert_true(d.held > 0 && pixels[0] == 0 && sprites[2] == 0);
  assert_memory_equal(d.colour_counts, pixels, sizeof pixels);
  assert_memory_equal(d.class_counts, sprites, sizeof sprites);
  for (size_t c = 0; c < 3; c++)
    ASSERT_NEAR(d.format.colour_shares[c], (double)(float)((double)pixels[c] / (16.0 * (double)d.train)));
  for (size_t c = 0; c < CLASSES; c++)
    ASSERT_NEAR(d.format.class_shares[c], (double)(float)((double)sprites[c] / (double)d.train));
  /* None where there are no labels, and where a colour is not in the palette. */
  palette = check_text_file("other.hex", "ff00ff\n282828\n");
  pm_dataset none = pm_dataset_read(arena, path, palette, NULL, NULL, &settings);
  assert_null(none.format.colour_shares);
  assert_null(none.format.class_shares);
  assert_null(none.colour_counts);
  assert_null(none.class_counts);
  pm_arena_free(arena);
}

static void test_dataset_refuses(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *path = sprites_file(arena, 8, 4);
  assert_int_equal(dataset(arena, path, 0, 8).format.channels, 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "sprites.npy: 8 sprites to train on (and 0 held out); a batch (training.batch) takes 9",
                 dataset(arena, path, 0, 9));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "missing.npy", dataset(arena, check_path("missing.npy"), 0, 1));
  pm_arena_free(arena);
}

static void test_floats_of_another_size(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites s = pm_sprites_read(arena, sprites_file(arena, 2, 3));
  pm_sprite_format fits = {.height = 4, .width = 4, .channels = 3}, other = {.height = 8, .width = 4, .channels = 4};
  const float *f = pm_sprites_as_floats(arena, &s, &fits, "in");
  for (size_t k = 0; k < 2 * 16 * 3; k++) {
    float want = (float)pm_sprites_pixel(&s, 0, 0, k / 3)[k % 3] / 255;
    assert_true(f[k] == want);
  }
  PM_EXPECT_FAIL(PM_BAD_INPUT, "in: sprites of 4 x 4 pixels with 3 channels; the model was trained on 4 x 8 with 4",
                 pm_sprites_as_floats(arena, &s, &other, "in"));
  pm_arena_free(arena);
}

/* ---- model files */

/* A VAE for 4 x 4 sprites with parameters of `seed`, ready to be written or loaded into. */
typedef struct {
  pm_arena *arena;
  pm_run_settings settings;
  pm_sprite_format format;
  pm_store *store;
  pm_sampler *sampler;
} small_model;

static small_model small(uint64_t seed) {
  small_model m = {.arena = pm_arena_new(), .format = {.height = 4, .width = 4, .channels = 3}};
  m.settings = settings_of(m.arena, "model: {latent: 1}");
  m.store = pm_store_new(m.arena, pm_backend_find("cpu", PM_FP32));
  m.sampler = pm_sampler_new(m.arena, m.store, pm_own_weights(), &pm_method_vae, m.settings.model, &m.format);
  pm_sampler_prepare(m.sampler);
  pm_store_initialise(m.store, seed);
  return m;
}

static void small_free(small_model *m) {
  pm_sampler_free(m->sampler);
  pm_store_free(m->store);
  pm_arena_free(m->arena);
}

static const char *write_model(small_model *m, const char *name) {
  const char *path = check_path(name);
  pm_model_facts facts = {.method = "vae",
                          .config = pm_run_settings_text(m->arena, &m->settings, true),
                          .data_hash = "0123",
                          .format = m->format,
                          .step = INT64_MAX};
  facts.palette.count = 2;
  memcpy(facts.palette.rgba[0], "\x01\x23\xab\xff", 4);
  memcpy(facts.palette.rgba[1], "\x00\xff\x10\x00", 4);
  pm_model_write(m->arena, path, &facts, m->store, m->store->parameters, m->store->states);
  return path;
}

static void test_model_round_trip(void **state) {
  (void)state;
  small_model from = small(1), to = small(2);
  float drawn[3][4 * 4 * 3];
  pm_model model = pm_model_read(to.arena, write_model(&from, "model.safetensors"));
  assert_string_equal(model.facts.method, "vae");
  assert_string_equal(model.facts.data_hash, "0123");
  assert_true(model.facts.step == INT64_MAX);
  assert_true(model.facts.format.height == 4 && model.facts.format.width == 4 && model.facts.format.channels == 3);
  assert_int_equal(model.facts.palette.count, 2);
  assert_memory_equal(model.facts.palette.rgba, "\x01\x23\xab\xff\x00\xff\x10\x00", 8);
  pm_sampler_draw(from.sampler, 5, 0, 1, PM_ANY_CLASS, drawn[0], NULL, NULL);
  pm_sampler_draw(to.sampler, 5, 0, 1, PM_ANY_CLASS, drawn[1], NULL, NULL);
  pm_model_load(&model, to.store);
  pm_sampler_draw(to.sampler, 5, 0, 1, PM_ANY_CLASS, drawn[2], NULL, NULL);
  assert_memory_not_equal(drawn[0], drawn[1], sizeof *drawn);
  assert_memory_equal(drawn[0], drawn[2], sizeof *drawn);
  small_free(&from);
  small_free(&to);
}

/* Writes a copy of the model's file after `change`; its path. */
static const char *changed(small_model *m, void (*change)(pm_arena *, pm_safetensors *)) {
  pm_safetensors file = pm_safetensors_read(m->arena, write_model(m, "model.safetensors"), false);
  change(m->arena, &file);
  const char *path = check_path("changed.safetensors");
  pm_output *output = pm_output_open(m->arena, path, true);
  pm_safetensors_write(output, &file);
  pm_output_commit(output);
  return path;
}

static pm_tensor *named(pm_safetensors *file, const char *name) {
  return (pm_tensor *)pm_safetensors_find(file, name);
}

static void drop_last(pm_arena *arena, pm_safetensors *file) {
  (void)arena;
  file->tensors--;
}
static void add_one(pm_arena *arena, pm_safetensors *file) {
  pm_safetensors_add(arena, file, "extra", pm_tensor_new(arena, PM_F32, pm_shape_of(1, (size_t)1)));
}
static void turn(pm_arena *arena, pm_safetensors *file) {
  (void)arena;
  pm_shape *shape = &named(file, "mu.weight")->shape;
  *shape = pm_shape_of(2, shape->dim[1], shape->dim[0]);
}
static void flatten(pm_arena *arena, pm_safetensors *file) {
  (void)arena;
  named(file, "encoder.1.num_batches_tracked")->shape = pm_shape_of(1, (size_t)1);
}
static void retype(pm_arena *arena, pm_safetensors *file) {
  (void)arena;
  named(file, "mu.bias")->dtype = PM_I32;
}

static void test_model_is_strict(void **state) {
  (void)state;
  static const struct {
    void (*change)(pm_arena *, pm_safetensors *);
    const char *says;
  } bad[] = {
      {drop_last, "the tensor 'decoder.3.bias' is missing"},
      {add_one, "the tensor 'extra' has no place in a vae model"},
      {turn, "the tensor 'mu.weight' is f32 [64, 1]; expected f32 [1, 64]"},
      {flatten, "the tensor 'encoder.1.num_batches_tracked' is i64 [1]; expected i64 []"},
      {retype, "the tensor 'mu.bias' is i32 [1]; expected f32 [1]"},
  };
  small_model m = small(1);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    pm_model model = pm_model_read(m.arena, changed(&m, bad[i].change));
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_model_load(&model, m.store));
    /* Known before any memory is planned, too. */
    pm_store *store = pm_store_new(m.arena, pm_backend_find("cpu", PM_FP32));
    pm_sampler *sampler = pm_sampler_new(m.arena, store, pm_own_weights(), &pm_method_vae, m.settings.model, &m.format);
    pm_sampler_register(sampler);
    assert_false(store->sealed);
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_model_check(&model, store));
    pm_store_free(store);
  }
  small_free(&m);
}

static void test_model_metadata(void **state) {
  (void)state;
  static const struct {
    const char *key, *value, *says;
  } bad[] = {
      {"format", NULL, "no 'format' in the metadata"},
      {"format", "pixelmill model 9", "expected 'pixelmill model 1'"},
      {"method", NULL, "no 'method'"},
      {"config", NULL, "no 'config'"},
      {"data_sha256", NULL, "no 'data_sha256'"},
      {"sprite", NULL, "no 'sprite'"},
      {"sprite", "4x4", "'sprite' is '4x4'"},
      {"sprite", "4x4x3x3", "'sprite'"},
      {"sprite", "4x4x2", "'sprite'"},
      {"sprite", "4x4x5", "'sprite'"},
      {"sprite", "0x4x3", "'sprite'"},
      {"sprite", "16385x4x3", "'sprite'"},
      {"sprite", "4x+4x3", "'sprite'"},
      {"sprite", "", "'sprite'"},
      {"palette", NULL, "no 'palette'"},
      {"palette", "", "'palette'"},
      {"palette", "12345", "'palette'"},
      {"palette", "0000000", "'palette'"},
      {"palette", "00000G", "'palette'"},
      {"step", NULL, "no 'step'"},
      {"step", "-1", "'step' is '-1'"},
      {"step", "9223372036854775808", "'step'"},
      {"step", "", "'step'"},
  };
  small_model m = small(1);
  pm_safetensors good = pm_safetensors_read(m.arena, write_model(&m, "model.safetensors"), false);
  const char *path = check_path("changed.safetensors");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    pm_safetensors file = good;
    file.metadata = NULL;
    file.entries = file.entry_capacity = 0;
    for (size_t k = 0; k < good.entries; k++)
      if (strcmp(good.metadata[k].key, bad[i].key) != 0)
        pm_safetensors_note(m.arena, &file, good.metadata[k].key, good.metadata[k].value);
    if (bad[i].value)
      pm_safetensors_note(m.arena, &file, bad[i].key, bad[i].value);
    pm_output *output = pm_output_open(m.arena, path, true);
    pm_safetensors_write(output, &file);
    pm_output_commit(output);
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_model_read(m.arena, path));
  }
  small_free(&m);
}

/* The small model's file with other texts in its metadata; its path. */
static const char *with_texts(small_model *m, const char *const (*text)[2], size_t n) {
  pm_safetensors good = pm_safetensors_read(m->arena, write_model(m, "model.safetensors"), false), file = good;
  file.metadata = NULL;
  file.entries = file.entry_capacity = 0;
  for (size_t k = 0; k < good.entries; k++) {
    const char *value = good.metadata[k].value;
    for (size_t i = 0; i < n; i++)
      if (strcmp(text[i][0], good.metadata[k].key) == 0)
        value = NULL;
    if (value)
      pm_safetensors_note(m->arena, &file, good.metadata[k].key, value);
  }
  for (size_t i = 0; i < n; i++)
    pm_safetensors_note(m->arena, &file, text[i][0], text[i][1]);
  const char *path = check_path("changed.safetensors");
  pm_output *output = pm_output_open(m->arena, path, true);
  pm_safetensors_write(output, &file);
  pm_output_commit(output);
  return path;
}

static void test_counts_in_the_metadata(void **state) {
  (void)state;
  static const char *const good[][2] = {
      {"in_palette", "yes"}, {"classes", "3"}, {"colour_counts", "12 4"}, {"class_counts", "3 0 1"}};
  static const char *const bad[] = {"",      "12",    "12 4 1", "12  4", " 12 4",           "12 4 ",
                                    "12 -4", "12 4x", "0 0",    "12,4",  "12 1099511627776"};
  small_model m = small(1);
  pm_model model = pm_model_read(m.arena, with_texts(&m, good, 4));
  const pm_model_facts *f = &model.facts;
  assert_true(f->colour_counts[0] == 12 && f->colour_counts[1] == 4);
  assert_true(f->class_counts[0] == 3 && f->class_counts[1] == 0 && f->class_counts[2] == 1);
  assert_true(f->format.colour_shares[0] == 0.75f && f->format.colour_shares[1] == 0.25f);
  assert_true(f->format.class_shares[0] == 0.75f && f->format.class_shares[1] == 0 &&
              f->format.class_shares[2] == 0.25f);
  /* They are written as they were read. */
  const char *again = check_path("again.safetensors");
  pm_model_write(m.arena, again, f, m.store, m.store->parameters, m.store->states);
  model = pm_model_read(m.arena, again);
  assert_memory_equal(model.facts.colour_counts, f->colour_counts, 2 * sizeof(uint64_t));
  assert_memory_equal(model.facts.class_counts, f->class_counts, 3 * sizeof(uint64_t));
  /* Older files have none. */
  model = pm_model_read(m.arena, with_texts(&m, good, 2));
  assert_true(!model.facts.format.colour_shares && !model.facts.format.class_shares);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *const wrong[][2] = {{"in_palette", "yes"}, {"colour_counts", bad[i]}};
    PM_EXPECT_FAIL(PM_BAD_INPUT, "changed.safetensors: metadata 'colour_counts' is not a list of 2 counts",
                   pm_model_read(m.arena, with_texts(&m, wrong, 2)));
  }
  PM_EXPECT_FAIL(PM_BAD_INPUT, "changed.safetensors: metadata 'class_counts' is not a list of 0 counts",
                 pm_model_read(m.arena, with_texts(&m, good + 3, 1)));
  small_free(&m);
}

/* ---- the classes of samples */

static void count_classes(const pm_sprite_format *format, size_t *count, uint64_t seed) {
  enum { DRAWN = 20000 };
  static int32_t drawn[DRAWN], part[DRAWN];
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, pm_backend_find("cpu", PM_FP32));
  pm_sampler *sampler = pm_sampler_new(arena, store, pm_own_weights(), &pm_method_vae, NULL, format);
  pm_sampler_classes(sampler, seed, 0, DRAWN, PM_BY_SHARE, drawn);
  for (size_t i = 0; i < DRAWN; i++)
    count[drawn[i]]++;
  /* Sprite i's class depends on the seed and i alone. */
  pm_sampler_classes(sampler, seed, 77, 1000, PM_BY_SHARE, part);
  assert_memory_equal(part, drawn + 77, 1000 * sizeof *part);
  pm_sampler_classes(sampler, seed + 1, 0, 1000, PM_BY_SHARE, part);
  assert_memory_not_equal(part, drawn, 1000 * sizeof *part);
  pm_sampler_classes(sampler, seed, 3, 9, PM_EACH_CLASS, part);
  assert_true(part[0] == 3 && part[1] == 4 && part[2] == 0 && part[8] == 1);
  pm_sampler_classes(sampler, seed, 3, 2, 4, part);
  assert_true(part[0] == 4 && part[1] == 4);
  pm_sampler_classes(sampler, seed, 3, 2, PM_ANY_CLASS, part);
  assert_true(part[0] == 5 && part[1] == 5);
  pm_store_free(store);
  pm_arena_free(arena);
}

static void test_classes_by_share(void **state) {
  (void)state;
  /* They sum to a bit less than 1, as rounded shares may. */
  static const float shares[] = {0, 0.4999f, 0, 0.35f, 0.15f}, last_is_none[] = {0.6f, 0.39f, 0, 0, 0};
  pm_sprite_format format = {.height = 4, .width = 4, .channels = 3, .classes = 5, .class_shares = shares};
  size_t by_share[5] = {0}, none[5] = {0}, even[5] = {0};
  count_classes(&format, by_share, 1);
  for (size_t c = 0; c < 5; c++)
    assert_true(fabs((double)by_share[c] - 20000 * (double)shares[c]) <= (shares[c] > 0 ? 300 : 0)); /* 4 deviations */
  format.class_shares = last_is_none;
  count_classes(&format, none, 2);
  assert_true(none[2] + none[3] + none[4] == 0 && none[0] > 0);
  /* An older file does not tell how many sprites its classes had. */
  format.class_shares = NULL;
  count_classes(&format, even, 3);
  for (size_t c = 0; c < 5; c++)
    assert_true(fabs((double)even[c] - 4000) <= 240);
}

static void test_names_of_classes(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *const *names = pm_class_names(arena, "red\r\nEach\n 7 \n", 3, "names.txt");
  assert_string_equal(pm_class_names_text(arena, names, 3), "red\nEach\n 7 ");
  assert_string_equal(pm_class_names_text(arena, pm_class_names(arena, "", 0, "none"), 0), "");
  static const struct {
    const char *text, *says;
  } bad[] = {
      {"a\nb", "names.txt: 2 names of classes; the labels have 3 classes"},
      {"a\nb\nc\n\n", "names.txt: 4 names of classes"},
      {"a\neach\nc", "names.txt:2: 'each' cannot be the name of a class: it asks for all of them in turn"},
      {"a\nb\nany", "names.txt:3: 'any' cannot be the name of a class: it asks for none in particular"},
      {"\nb\nc", "names.txt:1: a class without a name"},
      {"a\nb\n\r\n", "names.txt:3: a class without a name"},
      {"b\na\nb\n", "names.txt:3: 'b' is the name of class 0 already"},
      {"b\nb\nb\n", "names.txt:2: 'b' is the name of class 0 already"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, pm_class_names(arena, bad[i].text, 3, "names.txt"));
  pm_arena_free(arena);
}

/* ---- run folders */

static void test_folder_cleans_up_and_locks(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *path = pm_copy_text(arena, check_path("run"));
  pm_run_folder f = pm_run_folder_open(arena, path);
  PM_EXPECT_FAIL(PM_FAILED, "run: another training is at work in this folder", pm_run_folder_open(arena, path));
  pm_run_folder_close(&f);
  pm_make_folder(f.grids);
  /* What is ours and half-written goes, what is somebody else's stays. */
  static const char *const names[] = {".checkpoint.safetensors.aB3xYz",
                                      ".model.safetensors.aB3xYz",
                                      ".config.yaml.aB3xYz",
                                      "grids/.000500.png.aB3xYz",
                                      ".notes.txt.aB3xYz",
                                      "checkpoint.safetensors",
                                      ".hidden",
                                      "grids/000500.png",
                                      "grids/.mine.png.aB3xYz"};
  for (size_t i = 0; i < 9; i++)
    pm_write_file(arena, pm_join(arena, path, names[i]), "x", 1);
  f = pm_run_folder_open(arena, path);
  for (size_t i = 0; i < 9; i++)
    assert_int_equal(pm_file_exists(pm_join(arena, path, names[i])), i >= 4);
  pm_run_folder_clear(&f);
  assert_false(pm_file_exists(f.checkpoint));
  assert_false(pm_file_exists(pm_join(arena, path, "grids/000500.png")));
  assert_true(pm_file_exists(pm_join(arena, path, ".notes.txt.aB3xYz")));
  assert_true(pm_file_exists(pm_join(arena, path, ".hidden")));
  pm_run_folder_close(&f);
  pm_arena_free(arena);
}

static void at_stake(pm_run_folder *f, const char *path, const char *want) {
  pm_write_file(f->arena, path, "x", 1);
  const char *what = pm_run_folder_at_stake(f);
  if (want)
    assert_non_null(strstr(what, want));
  else
    assert_null(what);
}

static void test_what_clearing_a_folder_would_lose(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_run_folder f = pm_run_folder_open(arena, pm_copy_text(arena, check_path("stake")));
  assert_null(pm_run_folder_at_stake(&f));
  at_stake(&f, f.log, "a log.txt that is not a training's");
  at_stake(&f, f.metrics, "a metrics.tsv that is not a training's");
  at_stake(&f, f.config, NULL); /* a training begins with it: these are what one left that was killed early */
  at_stake(&f, f.model, "a model and no checkpoint to go on from");
  assert_int_equal(pm_run_folder_metrics_there(&f), 1);
  pm_run_folder_clear(&f);
  assert_null(pm_run_folder_at_stake(&f));
  assert_int_equal(pm_run_folder_metrics_there(&f), 0);
  pm_run_folder_close(&f);
  pm_arena_free(arena);
}

static void test_metrics_are_cut(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_run_folder f = pm_run_folder_open(arena, pm_copy_text(arena, check_path("rows")));
  pm_run_folder_begin_metrics(&f, 0, "step\n");
  pm_run_folder_metrics(&f, "1\n");
  assert_true(f.metrics_size == 7);
  pm_run_folder_metrics(&f, "2\n3\n");
  pm_run_folder_sync_metrics(&f);
  pm_run_folder_close(&f);
  f = pm_run_folder_open(arena, f.path);
  pm_run_folder_begin_metrics(&f, 7, "not written\n");
  pm_run_folder_metrics(&f, "4\n");
  check_file_is(f.metrics, "step\n1\n4\n");
  pm_run_folder_close(&f);
  f = pm_run_folder_open(arena, f.path);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "metrics.tsv: 9 bytes; the checkpoint was written when it had 10",
                 pm_run_folder_begin_metrics(&f, 10, ""));
  check_file_is(f.metrics, "step\n1\n4\n");
  pm_run_folder_close(&f);
  f = pm_run_folder_open(arena, f.path);
  pm_run_folder_begin_metrics(&f, 0, "anew\n");
  check_file_is(f.metrics, "anew\n");
  pm_run_folder_close(&f);
  pm_arena_free(arena);
}

static void test_methods_by_name(void **state) {
  (void)state;
  assert_ptr_equal(pm_method_find("vae"), &pm_method_vae);
  assert_null(pm_method_find("VAE"));
  assert_null(pm_method_find(""));
}

int main(void) {
  pm_set_verbosity(-1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults_are_the_recipe),
      cmocka_unit_test(test_text_reads_back),
      cmocka_unit_test(test_bad_settings),
      cmocka_unit_test(test_config_file_of_another_method),
      cmocka_unit_test(test_schedules),
      cmocka_unit_test(test_final_rate),
      cmocka_unit_test(test_warm_up),
      cmocka_unit_test(test_average_decay),
      cmocka_unit_test(test_split),
      cmocka_unit_test(test_shares),
      cmocka_unit_test(test_dataset_refuses),
      cmocka_unit_test(test_floats_of_another_size),
      cmocka_unit_test(test_model_round_trip),
      cmocka_unit_test(test_model_is_strict),
      cmocka_unit_test(test_model_metadata),
      cmocka_unit_test(test_counts_in_the_metadata),
      cmocka_unit_test(test_classes_by_share),
      cmocka_unit_test(test_names_of_classes),
      cmocka_unit_test(test_folder_cleans_up_and_locks),
      cmocka_unit_test(test_what_clearing_a_folder_would_lose),
      cmocka_unit_test(test_metrics_are_cut),
      cmocka_unit_test(test_methods_by_name),
  };
  return cmocka_run_group_tests_name("train", tests, NULL, NULL);
}
