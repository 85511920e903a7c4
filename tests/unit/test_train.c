/* What lies below the trainer: settings, learning rates, averages, run folders. */
#include "check.h"

#include "core/file.h"
#include "methods/methods.h"
#include "train/run_folder.h"
#include "train/settings.h"

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

/* ---- run folders */

static void test_folder_cleans_up_and_locks(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *path = pm_copy_text(arena, check_path("run"));
  pm_run_folder f = pm_run_folder_open(arena, path);
  PM_EXPECT_FAIL(PM_FAILED, "run: another training run uses this folder", pm_run_folder_open(arena, path));
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
  at_stake(&f, f.log, "a log.txt that no training run wrote");
  at_stake(&f, f.metrics, "a metrics.tsv that no training run wrote");
  at_stake(&f, f.config, NULL); /* a training begins with it: these are what one left that was killed early */
  at_stake(&f, f.model, "a model and no checkpoint to resume from");
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
      cmocka_unit_test(test_folder_cleans_up_and_locks),
      cmocka_unit_test(test_what_clearing_a_folder_would_lose),
      cmocka_unit_test(test_metrics_are_cut),
      cmocka_unit_test(test_methods_by_name),
  };
  return cmocka_run_group_tests_name("train", tests, NULL, NULL);
}
