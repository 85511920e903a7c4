/* Model files: what is written is read, and what is damaged is refused; and the classes that samples are drawn of. */
#include "check.h"

#include "backend/backends.h"
#include "methods/methods.h"
#include "train/inference.h"
#include "train/model_file.h"
#include "train/settings.h"

#include <math.h>

static pm_run_settings settings_of(pm_arena *arena, const char *text) {
  return pm_run_settings_parse(arena, &pm_method_vae, pm_format(arena, "method: vae\n%s", text), "run.yaml");
}

/* ---- model files */

/* A VAE for 4 x 4 sprites with parameters of `seed`, ready to be written or loaded into. */
typedef struct {
  pm_arena *arena;
  pm_run_settings settings;
  pm_sprite_format format;
  pm_store *store;
  pm_inference *inference;
} small_model;

static small_model small(uint64_t seed) {
  small_model m = {.arena = pm_arena_new(), .format = {.height = 4, .width = 4, .channels = 3}};
  m.settings = settings_of(m.arena, "model: {latent: 1}");
  m.store = pm_store_new(m.arena, pm_backend_find("cpu", PM_FP32));
  m.inference = pm_inference_new(m.arena, m.store, pm_own_weights(), &pm_method_vae, m.settings.model, &m.format);
  pm_inference_prepare(m.inference);
  pm_store_initialise(m.store, seed);
  return m;
}

static void small_free(small_model *m) {
  pm_inference_free(m->inference);
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
  pm_inference_draw(from.inference, 5, 0, 1, PM_ANY_CLASS, drawn[0], NULL, NULL);
  pm_inference_draw(to.inference, 5, 0, 1, PM_ANY_CLASS, drawn[1], NULL, NULL);
  pm_model_load(&model, to.store);
  pm_inference_draw(to.inference, 5, 0, 1, PM_ANY_CLASS, drawn[2], NULL, NULL);
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
    pm_inference *inference =
        pm_inference_new(m.arena, store, pm_own_weights(), &pm_method_vae, m.settings.model, &m.format);
    pm_inference_register(inference);
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
  pm_inference *inference = pm_inference_new(arena, store, pm_own_weights(), &pm_method_vae, NULL, format);
  pm_inference_classes(inference, seed, 0, DRAWN, PM_BY_SHARE, drawn);
  for (size_t i = 0; i < DRAWN; i++)
    count[drawn[i]]++;
  /* Sprite i's class depends on the seed and i alone. */
  pm_inference_classes(inference, seed, 77, 1000, PM_BY_SHARE, part);
  assert_memory_equal(part, drawn + 77, 1000 * sizeof *part);
  pm_inference_classes(inference, seed + 1, 0, 1000, PM_BY_SHARE, part);
  assert_memory_not_equal(part, drawn, 1000 * sizeof *part);
  pm_inference_classes(inference, seed, 3, 9, PM_EACH_CLASS, part);
  assert_true(part[0] == 3 && part[1] == 4 && part[2] == 0 && part[8] == 1);
  pm_inference_classes(inference, seed, 3, 2, 4, part);
  assert_true(part[0] == 4 && part[1] == 4);
  pm_inference_classes(inference, seed, 3, 2, PM_ANY_CLASS, part);
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
  const char *path = check_file("names.txt", "\xef\xbb\xbfred\r\nblue\r\n", 14);
  assert_string_equal(pm_class_names_read(arena, path, 2)[0], "red");
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

int main(void) {
  pm_set_verbosity(-1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_model_round_trip), cmocka_unit_test(test_model_is_strict),
      cmocka_unit_test(test_model_metadata),   cmocka_unit_test(test_counts_in_the_metadata),
      cmocka_unit_test(test_classes_by_share), cmocka_unit_test(test_names_of_classes),
  };
  return cmocka_run_group_tests_name("model file", tests, NULL, NULL);
}
