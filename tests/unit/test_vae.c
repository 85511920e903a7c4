/* The VAE as a whole: its size, that it learns, that a sprite depends on its number alone. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/methods.h"
#include "nn/backend.h"
#include "numeric.h"
#include "train/inference.h"

#define Z(n) ((size_t)(n))
enum { BATCH = 8 };

/* Flat figures on black: a rectangle of one colour in another for each sprite. */
static float *figures(const numeric_bench *b, size_t n) {
  size_t H = b->format.height, W = b->format.width, C = b->format.channels;
  float *out = pm_alloc(b->arena, n * numeric_bench_sprite(b), sizeof *out), *at = out;
  for (size_t i = 0; i < n; i++) {
    pm_rng rng = pm_rng_start(1, "figures", i);
    size_t top = pm_rng_below(&rng, (uint32_t)H / 2), left = pm_rng_below(&rng, (uint32_t)W / 2);
    float colour[2][4];
    for (int k = 0; k < 8; k++)
      colour[k / 4][k % 4] = (float)pm_rng_below(&rng, 256) / 255;
    for (size_t y = 0; y < H; y++)
      for (size_t x = 0; x < W; x++)
        for (size_t c = 0; c < C; c++) {
          bool outer = y >= top && x >= left && y < top + H / 2 && x < left + W / 2;
          bool inner = outer && y >= top + 2 && x >= left + 2 && y < top + H / 2 - 2 && x < left + W / 2 - 2;
          *at++ = outer ? colour[inner][c] : 0;
        }
  }
  return out;
}

/* ---- size ---- */

static size_t parameters(size_t height, size_t width, size_t channels, const char *latent) {
  numeric_bench b =
      numeric_bench_open(&pm_method_vae, height, width, channels, (const char *const[]){"model.latent", latent, NULL});
  pm_inference_prepare(b.inference);
  size_t n = pm_store_parameter_count(b.store);
  numeric_bench_close(&b);
  return n;
}

/* Convolutions and norms; mu, logvar and decode on 64 channels of a quarter of each side. */
static size_t by_hand(size_t height, size_t width, size_t channels, size_t latent) {
  size_t flat = 64 * (height / 4) * (width / 4);
  size_t encoder = (9 * channels * 32 + 32) + 64 + (9 * 32 * 64 + 64) + 128;
  size_t decoder = (9 * 64 * 32 + 32) + 64 + (9 * 32 * channels + channels);
  return encoder + 2 * (flat * latent + latent) + (latent * flat + flat) + decoder;
}

static void number_of_parameters(void **state) {
  (void)state;
  assert_int_equal(parameters(16, 16, 3, "32"), 138371);
  assert_int_equal(parameters(32, 32, 3, "32"), 436355);
  assert_int_equal(parameters(16, 16, 3, "32"), by_hand(16, 16, 3, 32));
  assert_int_equal(parameters(32, 32, 3, "32"), by_hand(32, 32, 3, 32));
  assert_int_equal(parameters(8, 12, 4, "5"), by_hand(8, 12, 4, 5));
}

/* What it makes is of the sprites' own size, whatever the grid's; sides are rounded up to whole places of the grid. */
static void sides_of_any_length(void **state) {
  (void)state;
  static const size_t side[][2] = {{18, 16}, {16, 15}, {10, 14}, {1, 1}, {5, 7}};
  for (size_t i = 0; i < sizeof side / sizeof *side; i++) {
    size_t height = side[i][0], width = side[i][1];
    numeric_bench b = numeric_bench_open(&pm_method_vae, height, width, 4, NULL);
    pm_method_vae.check(b.settings, &b.format, "sprites.npy");
    pm_graph *g = pm_graph_new(b.arena, b.store, false);
    pm_value *images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(2), height, width, Z(4)));
    pm_value *again = pm_method_vae.reconstruct(g, b.settings, images);
    assert_true(pm_shape_equal(again->shape, images->shape));
    numeric_bench_close(&b);
    assert_int_equal(parameters(height, width, 4, "5"), by_hand((height + 3) / 4 * 4, (width + 3) / 4 * 4, 4, 5));
  }
}

static void classes_are_refused(void **state) {
  (void)state;
  numeric_bench b = numeric_bench_open(&pm_method_vae, 16, 16, 3, NULL);
  b.format.classes = 3;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "knows no classes", pm_method_vae.check(b.settings, &b.format, "sprites.npy"));
  numeric_bench_close(&b);
}

/* ---- learning ---- */

/* Trains on one batch of figures; the losses before and after, and reconstructions in use. */
typedef struct {
  float first[3], last[3];
  double reconstruction_error; /* mean square, with the running norms and without noise */
} outcome;

static outcome overfit(const char *recon, int steps, int threads) {
  numeric_bench b = numeric_bench_open(&pm_method_vae, 16, 16, 3, (const char *const[]){"loss.recon", recon, NULL});
  outcome o;
  pm_set_threads(threads);
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_value *step = pm_graph_scalar(g, "step", PM_I64), *metric[3], *rate = pm_graph_scalar(g, "rate", PM_F32);
  pm_batch batch = {.format = &b.format,
                    .images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(BATCH), Z(16), Z(16), Z(3))),
                    .draws = numeric_draws(g, 1, 0, 0, BATCH)};
  pm_method_vae.loss(g, b.settings, &batch, metric);
  for (int k = 0; k < 3; k++)
    pm_keep(metric[k], pm_method_vae.metrics[k]);
  pm_gradients(g, metric[0]);
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), rate, step, (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  pm_program *program = pm_backend_cpu.compile(g);
  float *images = figures(&b, BATCH), lr = 2e-3f;
  pm_store_initialise(b.store, 1);
  pm_store_write(b.store, batch.images->buffer, 0, images, BATCH * numeric_bench_sprite(&b));
  pm_store_write(b.store, rate->buffer, 0, &lr, 1);
  for (int i = 0; i < steps; i++) {
    numeric_set(b.store, "step", i);
    pm_backend_cpu.run(program);
    for (int k = 0; k < 3; k++)
      pm_backend_cpu.read_value(program, metric[k], i ? &o.last[k] : &o.first[k]);
  }
  pm_backend_cpu.free_program(program);
  size_t n = BATCH * numeric_bench_sprite(&b);
  float *back = pm_alloc(b.arena, n, sizeof *back);
  pm_inference_reconstruct(b.inference, images, BATCH, back);
  o.reconstruction_error = 0;
  for (size_t i = 0; i < n; i++)
    o.reconstruction_error += (back[i] - images[i]) * (back[i] - images[i]) / (double)n;
  numeric_bench_close(&b);
  return o;
}

/* The smallest cross-entropy that there is: the targets' own entropy. */
static double entropy_of_figures(void) {
  numeric_bench b = numeric_bench_open(&pm_method_vae, 16, 16, 3, NULL);
  float *x = figures(&b, BATCH);
  size_t n = BATCH * numeric_bench_sprite(&b);
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum -= (x[i] > 0 ? x[i] * log(x[i]) : 0) + (x[i] < 1 ? (1 - x[i]) * log(1 - x[i]) : 0);
  numeric_bench_close(&b);
  return sum / (double)n;
}

static void check_overfit(const char *recon, double floor, double reached, double reconstruction) {
  outcome o = overfit(recon, 400, 2);
  print_message("# %s: total %.5f -> %.5f, recon %.5f -> %.5f (least %.5f), kl %.3f, reconstructions %.6f\n", recon,
                o.first[0], o.last[0], o.first[1], o.last[1], floor, o.last[2], o.reconstruction_error);
  assert_true(o.first[1] - floor > 10 * reached); /* it had something to learn */
  assert_true(o.last[1] - floor < reached);
  assert_true(o.last[1] >= floor);
  assert_true(o.last[2] > 0);
  assert_true(o.reconstruction_error < reconstruction);
}

static void overfits_a_batch_by_squared_error(void **state) {
  (void)state;
  check_overfit("mse", 0, 2e-3, 2e-3);
}

static void overfits_a_batch_by_cross_entropy(void **state) {
  (void)state;
  check_overfit("bce", entropy_of_figures(), 2e-2, 2e-3);
}

static void training_gives_the_same_numbers_at_any_number_of_threads(void **state) {
  (void)state;
  outcome one = overfit("mse", 10, 1), three = overfit("mse", 10, 3), eight = overfit("mse", 10, 8);
  assert_memory_equal(&one, &three, sizeof one);
  assert_memory_equal(&one, &eight, sizeof one);
}

/* ---- sampling ---- */

static numeric_bench with_weights(void) {
  numeric_bench b = numeric_bench_open(&pm_method_vae, 16, 16, 3, NULL);
  numeric_bench_initialise(&b);
  return b;
}

static void a_sprite_depends_on_its_number_alone(void **state) {
  (void)state;
  numeric_bench b = with_weights();
  const float *many = numeric_bench_check_numbers(&b, PM_ANY_CLASS);
  for (size_t i = 0; i < 64 * numeric_bench_sprite(&b); i++)
    assert_true(many[i] > 0 && many[i] < 1);
  numeric_bench_close(&b);
}

/* A method that shows in which place of its block a sprite was made. */
static pm_value *sample_place(pm_graph *g, const void *settings, const pm_sampling *s) {
  (void)settings;
  return pm_graph_input(g, "places", PM_F32, pm_shape_of(4, s->n, Z(1), Z(1), Z(1)));
}

static void blocks_begin_at_multiples_of_their_size(void **state) {
  static const pm_method method = {.name = "places", .sample = sample_place};
  (void)state;
  numeric_bench b = numeric_bench_open(&pm_method_vae, 1, 1, 1, NULL);
  pm_inference *inference = pm_inference_new(b.arena, b.store, pm_own_weights(), &method, NULL, &b.format);
  pm_inference_prepare(inference);
  float places[PM_INFERENCE_BLOCK], out[40];
  for (int i = 0; i < PM_INFERENCE_BLOCK; i++)
    places[i] = (float)i;
  pm_store_write(b.store, pm_store_find_buffer(b.store, "places"), 0, places, PM_INFERENCE_BLOCK);
  pm_inference_draw(inference, 1, 37, 40, PM_ANY_CLASS, out, NULL, NULL);
  for (int i = 0; i < 40; i++)
    assert_true(out[i] == (float)((37 + i) % PM_INFERENCE_BLOCK));
  pm_inference_free(inference);
  numeric_bench_close(&b);
}

/* Bit for bit, wherever in its block it stands and whatever its neighbours are. */
static void reconstructions_depend_on_the_sprite_alone(void **state) {
  enum { N = 21 };
  (void)state;
  numeric_bench b = with_weights();
  size_t sprite = numeric_bench_sprite(&b), bytes = sprite * sizeof(float);
  float *in = figures(&b, N), *all = pm_alloc(b.arena, N * sprite, sizeof *all),
        *one = pm_alloc(b.arena, sprite, sizeof *one);
  pm_inference_reconstruct(b.inference, in, N, all);
  for (size_t i = 0; i < N; i++) {
    pm_inference_reconstruct(b.inference, in + i * sprite, 1, one);
    assert_memory_equal(all + i * sprite, one, bytes);
  }
  assert_memory_not_equal(all, all + 5 * sprite, bytes);
  numeric_bench_close(&b);
}

static void interpolations_end_in_reconstructions(void **state) {
  enum { N = 19 };
  (void)state;
  numeric_bench b = with_weights();
  size_t sprite = numeric_bench_sprite(&b);
  float *in = figures(&b, 2), *ends = pm_alloc(b.arena, 2 * sprite, sizeof *ends),
        *way = pm_alloc(b.arena, N * sprite, sizeof *way);
  pm_inference_reconstruct(b.inference, in, 2, ends);
  pm_inference_interpolate(b.inference, in, in + sprite, N, way);
  numeric_expect("beginning", way, ends, sprite, 1, 1e-6);
  numeric_expect("end", way + (N - 1) * sprite, ends + sprite, sprite, 1, 1e-6);
  double whole = numeric_distance(ends, ends + sprite, sprite, 1), before = -1;
  for (size_t i = 0; i < N; i++) { /* each step leads away from the beginning */
    double far = 0;
    for (size_t k = 0; k < sprite; k++)
      far += fabs((double)way[i * sprite + k] - ends[k]);
    assert_true(far > before);
    before = far;
  }
  assert_true(whole > 1e-3);
  pm_inference_interpolate(b.inference, in, in + sprite, 1, way); /* a way of one is its beginning */
  numeric_expect("only one", way, ends, sprite, 1, 1e-6);
  pm_inference_reconstruct(b.inference, in, 2, way); /* the stages share inputs: the one before must not show */
  assert_memory_equal(way, ends, 2 * sprite * sizeof *way);
  numeric_bench_close(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(number_of_parameters),
      cmocka_unit_test(sides_of_any_length),
      cmocka_unit_test(classes_are_refused),
      cmocka_unit_test(overfits_a_batch_by_squared_error),
      cmocka_unit_test(overfits_a_batch_by_cross_entropy),
      cmocka_unit_test(training_gives_the_same_numbers_at_any_number_of_threads),
      cmocka_unit_test(a_sprite_depends_on_its_number_alone),
      cmocka_unit_test(blocks_begin_at_multiples_of_their_size),
      cmocka_unit_test(reconstructions_depend_on_the_sprite_alone),
      cmocka_unit_test(interpolations_end_in_reconstructions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
