/* The data set of a training: its split, the shares of its colours and classes, what it refuses. */
#include "check.h"

#include "io/npy.h"
#include "methods/methods.h"
#include "pixels/canonical.h"
#include "train/dataset.h"
#include "train/settings.h"

#include <math.h>

static pm_run_settings settings_of(pm_arena *arena, const char *text) {
  return pm_run_settings_parse(arena, &pm_method_vae, pm_format(arena, "method: vae\n%s", text), "run.yaml");
}

#define ASSERT_NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12 * fabs(b) + 1e-300)

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

int main(void) {
  pm_set_verbosity(-1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_split),
      cmocka_unit_test(test_shares),
      cmocka_unit_test(test_dataset_refuses),
      cmocka_unit_test(test_floats_of_another_size),
  };
  return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
