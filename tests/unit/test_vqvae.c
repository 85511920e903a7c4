/* The VQ-VAE as a whole: its size, its codes, that it learns, that a sprite depends on its number alone. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/methods.h"
#include "numeric.h"
#include "train/inference.h"

#define Z(n) ((size_t)(n))
enum { BATCH = 8, METRICS = 5 };

/* Sprites of 4 x 4 flat fields, each in one of three colours. */
static float *fields(const numeric_bench *b, size_t n) {
  size_t H = b->format.height, W = b->format.width, C = b->format.channels;
  float *out = pm_alloc(b->arena, n * numeric_bench_sprite(b), sizeof *out), *at = out;
  static const float colour[3][4] = {{0, 0, 0, 0}, {0.9f, 0.3f, 0.1f, 1}, {0.1f, 0.5f, 0.8f, 1}};
  for (size_t i = 0; i < n; i++) {
    pm_rng rng = pm_rng_start(1, "fields", i);
    int field[16];
    for (int k = 0; k < 16; k++)
      field[k] = pm_rng_between(&rng, 0, 2);
    for (size_t y = 0; y < H; y++)
      for (size_t x = 0; x < W; x++)
        for (size_t c = 0; c < C; c++)
          *at++ = colour[field[y * 4 / H * 4 + x * 4 / W]][c];
  }
  return out;
}

/* ---- size ---- */

static size_t parameters(size_t side, size_t channels, const char *codes, const char *width) {
  numeric_bench b = numeric_bench_open(&pm_method_vqvae, side, side, channels,
                                       (const char *const[]){"codebook.size", codes, "codebook.width", width, NULL});
  pm_inference_prepare(b.inference);
  size_t n = pm_store_parameter_count(b.store);
  numeric_bench_close(&b);
  return n;
}

static size_t by_hand(size_t channels, size_t codes, size_t width) {
  size_t encoder = (9 * channels * 32 + 32) + 64 + (9 * 32 * width + width) + 2 * width;
  size_t decoder = (9 * width * 32 + 32) + 64 + (9 * 32 * channels + channels);
  return encoder + codes * width + decoder;
}

static void number_of_parameters(void **state) {
  (void)state;
  assert_int_equal(parameters(16, 3, "128", "64"), 47171);
  assert_int_equal(parameters(32, 3, "128", "64"), 47171);
  assert_int_equal(parameters(16, 3, "128", "64"), by_hand(3, 128, 64));
  assert_int_equal(parameters(8, 4, "7", "5"), by_hand(4, 7, 5));
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  numeric_bench fits = numeric_bench_open(&pm_method_vqvae, 16, 24, 4, NULL),
                classes = numeric_bench_open(&pm_method_vqvae, 16, 16, 3, NULL);
  classes.format.classes = 3;
  pm_method_vqvae.check(fits.settings, &fits.format, "sprites.npy");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "no classes", pm_method_vqvae.check(classes.settings, &classes.format, "sprites.npy"));
  numeric_bench_close(&fits), numeric_bench_close(&classes);
}

/* What it makes is of the sprites' own size, whatever the grid's. */
static void sides_of_any_length(void **state) {
  (void)state;
  static const size_t side[][2] = {{18, 16}, {10, 14}, {1, 1}, {5, 7}};
  for (size_t i = 0; i < sizeof side / sizeof *side; i++) {
    numeric_bench b = numeric_bench_open(&pm_method_vqvae, side[i][0], side[i][1], 4, NULL);
    pm_method_vqvae.check(b.settings, &b.format, "sprites.npy");
    pm_graph *g = pm_graph_new(b.arena, b.store, false);
    pm_value *images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(2), side[i][0], side[i][1], Z(4)));
    assert_true(pm_shape_equal(pm_method_vqvae.reconstruct(g, b.settings, images)->shape, images->shape));
    pm_inference_prepare(b.inference);
    numeric_bench_close(&b);
  }
}

static void the_codebook_begins_small(void **state) {
  (void)state;
  numeric_bench b = numeric_bench_open(&pm_method_vqvae, 16, 16, 3, NULL);
  pm_inference_prepare(b.inference);
  pm_store_initialise(b.store, 3);
  const pm_slot *slot = pm_store_find_slot(b.store, "codebook.weight");
  assert_non_null(slot);
  const float *code = pm_slot_read(b.store, slot, slot->buffer, b.arena).data;
  double largest = 0, sum = 0;
  for (size_t i = 0; i < Z(128 * 64); i++) {
    largest = fmax(largest, fabs((double)code[i]));
    sum += code[i];
  }
  assert_true(largest <= 1.0 / 128 && largest > 0.99 / 128);
  assert_true(fabs(sum / (128 * 64)) < 0.05 / 128);
  numeric_bench_close(&b);
}

/* ---- codes ---- */

static pm_value *rows_of(pm_graph *g, const char *name, size_t rows, size_t columns, const float *items) {
  pm_value *x = pm_graph_input(g, name, PM_F32, pm_shape_of(2, rows, columns));
  pm_store_write(g->store, x->buffer, 0, items, rows * columns);
  return x;
}

/* Codes 1 and 3 are the same; (2, 0) is as far from 0 as from 1. */
static void ties_go_to_the_lowest_code(void **state) {
  static const float codes[] = {0, 0, 4, 0, 9, 9, 4, 0}, x[] = {4, 0, 2, 0, 3, 0, 8, 9, -5, -5};
  static const int32_t want[] = {1, 0, 1, 2, 0};
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  (void)state;
  for (size_t k = 0; k < sizeof backends / sizeof *backends; k++) {
    pm_arena *arena = pm_arena_new();
    pm_store *store = pm_store_new(arena, backends[k]);
    pm_graph *g = pm_graph_new(arena, store, true);
    pm_value *index = pm_nearest_code(g, rows_of(g, "x", 5, 2, x), rows_of(g, "codes", 4, 2, codes));
    pm_value *usage = pm_code_usage(g, index, 4, 1, numeric_scalar(g, "count", 4));
    pm_keep(index, "index");
    for (int out = 0; out < 3; out++)
      pm_keep(pm_output_of(usage, out), "usage");
    pm_program *program = backends[k]->compile(g);
    backends[k]->run(program);
    int32_t got[5];
    backends[k]->read_value(program, index, got);
    assert_memory_equal(got, want, sizeof want);
    /* of the first four: codes 0, 1, 2 once, twice, once */
    static const float times[] = {1, 2, 1, 0};
    assert_memory_equal(numeric_read(arena, backends[k], program, usage), times, sizeof times);
    assert_true(*numeric_read(arena, backends[k], program, pm_output_of(usage, PM_CODE_USAGE_USED)) == 0.75f);
    double perplexity = *numeric_read(arena, backends[k], program, pm_output_of(usage, PM_CODE_USAGE_PERPLEXITY));
    assert_true(fabs(perplexity - exp(1.5 * log(2))) < 1e-6);
    backends[k]->free_program(program);
    pm_store_free(store);
    pm_arena_free(arena);
  }
}

/* ---- learning ---- */

typedef struct {
  float first[METRICS], last[METRICS];
  double reconstruction_error; /* mean square, with the running norms */
} outcome;

/* Trains on one batch. */
static outcome overfit(int steps, int threads) {
  numeric_bench b = numeric_bench_open(&pm_method_vqvae, 16, 16, 3, NULL);
  outcome o;
  pm_set_threads(threads);
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_value *metric[METRICS], *rate = pm_graph_scalar(g, "rate", PM_F32);
  pm_batch batch = {.format = &b.format,
                    .images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(BATCH), Z(16), Z(16), Z(3)))};
  pm_method_vqvae.loss(g, b.settings, &batch, metric);
  for (int k = 0; k < METRICS; k++)
    pm_keep(metric[k], pm_method_vqvae.metrics[k]);
  pm_gradients(g, metric[0]);
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), rate, numeric_scalar(g, "step", 0), (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  pm_program *program = pm_backend_cpu.compile(g);
  float *images = fields(&b, BATCH), lr = 2e-3f;
  size_t n = BATCH * numeric_bench_sprite(&b);
  pm_store_initialise(b.store, 1);
  pm_store_write(b.store, batch.images->buffer, 0, images, n);
  pm_store_write(b.store, rate->buffer, 0, &lr, 1);
  for (int i = 0; i < steps; i++) {
    numeric_set(b.store, "step", i);
    pm_backend_cpu.run(program);
    for (int k = 0; k < METRICS; k++)
      pm_backend_cpu.read_value(program, metric[k], i ? &o.last[k] : &o.first[k]);
  }
  pm_backend_cpu.free_program(program);
  float *back = pm_alloc(b.arena, n, sizeof *back);
  pm_inference_reconstruct(b.inference, images, BATCH, back);
  o.reconstruction_error = 0;
  for (size_t i = 0; i < n; i++)
    o.reconstruction_error += (back[i] - images[i]) * (back[i] - images[i]) / (double)n;
  numeric_bench_close(&b);
  return o;
}

static void overfits_a_batch(void **state) {
  (void)state;
  outcome o = overfit(800, 2);
  print_message("# total %.5f -> %.5f, recon %.5f -> %.5f, codebook %.5f -> %.5f, used %.3f, perplexity %.2f, "
                "reconstructions %.6f\n",
                o.first[0], o.last[0], o.first[1], o.last[1], o.first[2], o.last[2], o.last[3], o.last[4],
                o.reconstruction_error);
  assert_true(o.first[1] > 0.1f); /* it had something to learn */
  assert_true(o.last[1] < 0.01f);
  assert_true(o.reconstruction_error < 0.01);
  assert_true(o.last[2] < o.first[2] / 2);
  /* A code for each of the three colours is enough; none takes more than its share. */
  assert_true(128 * o.last[3] > 2.9f && o.last[4] > 2 && o.last[4] <= 128 * o.last[3] + 1e-3f);
}

static void training_gives_the_same_numbers_at_any_number_of_threads(void **state) {
  (void)state;
  outcome one = overfit(10, 1), three = overfit(10, 3), eight = overfit(10, 8);
  assert_memory_equal(&one, &three, sizeof one);
  assert_memory_equal(&one, &eight, sizeof one);
}

/* ---- sampling ---- */

/* With codes far from each other, so that sprites of other codes differ. */
static numeric_bench with_weights(void) {
  numeric_bench b = numeric_bench_open(&pm_method_vqvae, 16, 16, 3, (const char *const[]){"codebook.size", "16", NULL});
  numeric_bench_initialise(&b);
  const pm_slot *slot = pm_store_find_slot(b.store, "codebook.weight");
  pm_slot_write(b.store, slot, slot->buffer, numeric_uniform(b.arena, 16 * 64, "codes", 0, 3));
  return b;
}

static void a_sprite_depends_on_its_number_alone(void **state) {
  (void)state;
  numeric_bench b = with_weights();
  numeric_bench_check_numbers(&b, PM_ANY_CLASS);
  numeric_bench_close(&b);
}

/* The indices behind samples: all codes, about as often, whatever the place. */
static void samples_take_every_code_in_every_place(void **state) {
  enum { N = 400, PLACES = 4, CODES = 8 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  pm_graph *g = pm_graph_new(arena, store, true);
  pm_value *index = pm_random_index_rows(g, numeric_draws(g, 3, 0, 0, 0),
                                         (pm_random_index_rows_attributes){N, PLACES, CODES, pm_purpose("sample")});
  pm_keep(index, "index");
  pm_program *program = pm_backend_cpu.compile(g);
  pm_backend_cpu.run(program);
  static int32_t drawn[N][PLACES], later[N][PLACES];
  pm_backend_cpu.read_value(program, index, drawn);
  int times[PLACES][CODES] = {{0}};
  for (int i = 0; i < N; i++)
    for (int k = 0; k < PLACES; k++) {
      assert_true(drawn[i][k] >= 0 && drawn[i][k] < CODES);
      times[k][drawn[i][k]]++;
    }
  for (int k = 0; k < PLACES; k++)
    for (int c = 0; c < CODES; c++)
      assert_true(times[k][c] > N / CODES / 2 && times[k][c] < N / CODES * 2);
  numeric_set(store, "first", 5); /* row i is then sprite 5 + i */
  pm_backend_cpu.run(program);
  pm_backend_cpu.read_value(program, index, later);
  assert_memory_equal(later, drawn + 5, (N - 5) * sizeof *drawn);
  pm_backend_cpu.free_program(program);
  pm_store_free(store);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(number_of_parameters),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(sides_of_any_length),
      cmocka_unit_test(the_codebook_begins_small),
      cmocka_unit_test(ties_go_to_the_lowest_code),
      cmocka_unit_test(overfits_a_batch),
      cmocka_unit_test(training_gives_the_same_numbers_at_any_number_of_threads),
      cmocka_unit_test(a_sprite_depends_on_its_number_alone),
      cmocka_unit_test(samples_take_every_code_in_every_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
