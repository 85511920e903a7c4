/* Bits a pixel against numbers found by other means: closed forms where the net says nothing, integrals of the last
 * reading, and, for a denoiser that is as good as can be, the entropy of the sprites. */
#include "check.h"

#include "core/tasks.h"
#include "methods/diffusion_likelihood.h"
#include "methods/methods.h"
#include "methods/noise_schedule.h"
#include "numeric.h"

#include <math.h>

#define Z(n) ((size_t)(n))
enum { SIDE = 8, PIXELS = SIDE * SIDE, N = PM_INFERENCE_BLOCK, MOST_COLOURS = 8 };

static const double LN_2 = 0.69314718055994530942;
static const float table[MOST_COLOURS * 3] = {0,    0,    0,    1, 0.2f, 0.1f, 0.1f, 0.9f,
                                              0.3f, 0.2f, 0.4f, 1, 0.8f, 0.8f, 0.5f};

static void near(const char *what, double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s is %.9g, expected %.9g within %g", what, got, want, tolerance);
}

static double snr(double alpha_bar) {
  return alpha_bar / (1 - alpha_bar);
}

/* Each colour as often as any other. */
static void draw_sprites(unsigned char *pixels, size_t count, size_t colours) {
  for (size_t i = 0; i < count * PIXELS; i++)
    pixels[i] = (unsigned char)((i * 7919 >> 2) % colours);
}

/* ---- tables ---- */

static void check_table(pm_arena *arena, size_t T, pm_schedule_kind kind, double beta_start, bool end_in_noise) {
  double *alpha_bar = pm_alloc(arena, T, sizeof *alpha_bar);
  pm_noise_schedule(alpha_bar, T, kind, beta_start, 0.02, end_in_noise);
  pm_bound b = pm_bound_new(arena, alpha_bar, T, 3);
  near("alpha at t0", b.alpha, sqrt(alpha_bar[b.t0]), 1e-15);
  near("sigma at t0", b.sigma, sqrt(1 - alpha_bar[b.t0]), 1e-15);
  assert_true(b.sigma > 0);
  assert_true(b.sigma / b.alpha <= PM_BOUND_MOST_NOISE || b.t0 == 0 || alpha_bar[b.t0 - 1] == 1);
  assert_true(b.t0 + 1 == T || sqrt(1 / snr(alpha_bar[b.t0 + 1])) > PM_BOUND_MOST_NOISE);
  near("the prior", b.prior, -1.5 * log(1 - alpha_bar[T - 1]) / LN_2, 1e-12);
  double sum = 0;
  for (size_t i = 0; i < b.times; i++) {
    assert_true(isfinite(b.weights[i]) && (b.weights[i] > 0 || T == b.t0 + 1));
    sum += (double)b.weights[i] / (double)b.times;
  }
  /* All steps of SNR together are from its first to its last. */
  double whole = 1.5 * (snr(alpha_bar[b.t0]) - snr(alpha_bar[T - 1])) / LN_2;
  near("the weights", sum, whole, 1e-6 * whole);
  if (b.t0 + 1 == T)
    return;
  assert_int_equal(b.times, T - 1 - b.t0);
  for (size_t i = 0; i < b.times; i++) {
    size_t t = b.t0 + 1 + i;
    assert_true(b.t[i] == (float)t);
    near("alpha", (double)b.alphas[i], sqrt(alpha_bar[t]), 1e-7);
    near("sigma", (double)b.sigmas[i], sqrt(1 - alpha_bar[t]), 1e-7);
    double step = 1.5 * (snr(alpha_bar[t - 1]) - snr(alpha_bar[t])) / LN_2;
    near("a weight", (double)b.weights[i] / (double)b.times, step, 1e-6 * step);
  }
}

static void tables_add_up(void **state) {
  static const size_t lengths[] = {1, 2, 7, 100, 1000};
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
    for (int s = 0; s < 3; s++)
      for (int end = 0; end < 2; end++) {
        check_table(arena, lengths[k], (pm_schedule_kind)s, 1e-4, end);
        check_table(arena, lengths[k], (pm_schedule_kind)s, 0, end); /* no noise at all at the first time */
      }
  pm_arena_free(arena);
}

/* ---- the best denoiser there is ---- */

/* codes[K,channels] */
static float *codes_of(pm_arena *arena, size_t K, bool one_hot, size_t *channels) {
  *channels = one_hot ? K : K > 4 ? 3 : K > 2 ? 2 : 1;
  float *codes = pm_alloc(arena, K * *channels, sizeof *codes);
  for (size_t k = 0; k < K; k++)
    for (size_t c = 0; c < *channels; c++)
      codes[k * *channels + c] = (one_hot ? c == k : k >> c & 1) ? 1 : -1;
  return codes;
}

/* E[x0 | x] where every pixel is a colour of its own, each as likely as any other. */
static pm_value *best_estimate(pm_graph *g, const pm_bound *b, const pm_bound_draw *draw, pm_value *codes) {
  float *gain = pm_alloc(g->arena, b->times, sizeof *gain);
  for (size_t i = 0; i < b->times; i++)
    gain[i] = b->alphas[i] / (b->sigmas[i] * b->sigmas[i]);
  pm_value *gains = pm_lookup_rows(g, pm_graph_constant(g, "gain", pm_shape_of(1, b->times), gain), draw->index);
  pm_value *p = pm_softmax(g, pm_scale_rows(g, pm_linear(g, draw->x, codes, NULL), gains));
  return pm_linear(g, p, pm_permute(g, codes, (pm_permute_attributes){{1, 0}}), NULL);
}

/* The mean over many draws, and how far off it may be by chance (a standard error). `wrong` is added to the estimate.
 */
static double best_bits(size_t K, bool one_hot, double wrong, double *error) {
  enum { T = 2000, DRAWS = 900 };
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  pm_graph *g = pm_graph_new(arena, store, false);
  double alpha_bar[T], sum = 0, squares = 0;
  size_t channels;
  const float *code = codes_of(arena, K, one_hot, &channels);
  pm_noise_schedule(alpha_bar, T, PM_SCHEDULE_COSINE, 0, 0, false);
  pm_bound bound = pm_bound_new(arena, alpha_bar, T, channels);
  pm_batch batch = {.pixels = pm_graph_input(g, "pixels", PM_U8, pm_shape_of(3, Z(N), Z(SIDE), Z(SIDE))),
                    .draws = numeric_draws(g, 1, 0, 0, 0)};
  pm_value *codes = pm_graph_constant(g, "codes", pm_shape_of(2, K, channels), code);
  pm_value *x0 = one_hot ? pm_one_hot(g, batch.pixels, K, -1, 1) : pm_to_bits(g, batch.pixels, channels);
  pm_bound_draw draw = pm_bound_draw_time(g, &bound, &batch, x0);
  pm_value *estimate = pm_affine(g, best_estimate(g, &bound, &draw, codes), 1, wrong);
  pm_value *bits = pm_keep(pm_bound_bits(g, &bound, &batch, &draw, x0, estimate, codes), "bits");
  pm_program *program = pm_backend_cpu.compile(g);
  unsigned char pixels[N * PIXELS];
  draw_sprites(pixels, N, K);
  pm_store_write(store, batch.pixels->buffer, 0, pixels, sizeof pixels);
  for (int i = 0; i < DRAWS; i++) {
    float now[N];
    numeric_set(store, "step", i);
    pm_backend_cpu.run(program);
    pm_backend_cpu.read_value(program, bits, now);
    for (size_t k = 0; k < N; k++) {
      sum += (double)now[k] / (DRAWS * N);
      squares += (double)now[k] * (double)now[k] / (DRAWS * N);
    }
  }
  *error = sqrt((squares - sum * sum) / (DRAWS * N));
  pm_backend_cpu.free_program(program);
  pm_store_free(store);
  pm_arena_free(arena);
  return sum;
}

/* Noise of many colours is what it is: log2 of their number, and the bound is close where times are many. */
static void the_best_denoiser_needs_the_entropy(void **state) {
  static const struct {
    size_t colours;
    bool one_hot;
  } cases[] = {{2, false}, {3, false}, {8, false}, {2, true}, {5, true}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double error, entropy = log2((double)cases[i].colours);
    double bits = best_bits(cases[i].colours, cases[i].one_hot, 0, &error);
    print_message("# %zu colours as %s: %.4f bits (standard error %.4f), entropy %.4f\n", cases[i].colours,
                  cases[i].one_hot ? "planes" : "bits", bits, error, entropy);
    assert_true(error < 0.01 * entropy);
    assert_true(bits > entropy - 3 * error && bits < 1.02 * entropy + 3 * error);
  }
}

/* An estimate that is off by 0.1 in every channel costs its square times half the SNR that the times go through. */
static void errors_cost_what_they_should(void **state) {
  (void)state;
  double error, more, right = best_bits(3, false, 0, &error), wrong = best_bits(3, false, 0.1, &more);
  double cost = 2 * 0.5 * 0.01 * (1 / pow(PM_BOUND_MOST_NOISE, 2)) / LN_2;
  near("the cost", wrong - right, cost, 4 * (error + more) + 0.01 * cost);
}

/* ---- through inference: a net that says nothing ---- */

static numeric_bench open_bench(size_t colours, const char *const *more) {
  static const char *const tiny[] = {"unet.widths", "8", "unet.blocks",        "1", "unet.groups",    "4",
                                     "unet.heads",  "1", "unet.time_features", "8", "unet.zero_init", "true"};
  enum { TINY = sizeof tiny / sizeof *tiny };
  const pm_sprite_format format = {
      .height = SIDE, .width = SIDE, .channels = 3, .colours = colours, .table = table, .classes = 2};
  const char *settings[48];
  size_t n = 0;
  memcpy(settings, tiny, sizeof tiny);
  while (more[n]) {
    settings[TINY + n] = more[n];
    n++;
  }
  settings[TINY + n] = NULL;
  return numeric_bench_open_format(&pm_method_ddpm, &format, settings);
}

/* Mean over sprites and draws with weights as they begin: the net says 0. */
static double blank_bits(size_t colours, const char *const *settings, uint64_t seed, size_t draws) {
  numeric_bench b = open_bench(colours, settings);
  unsigned char pixels[N * PIXELS];
  float bits[N];
  double mean = 0;
  numeric_bench_initialise(&b);
  draw_sprites(pixels, N, colours);
  assert_true(pm_inference_has_bits(b.inference));
  pm_inference_bits(b.inference, pixels, NULL, N, seed, draws, bits);
  for (size_t i = 0; i < N; i++)
    mean += (double)bits[i] / N;
  numeric_bench_close(&b);
  return mean;
}

/* Where the estimate is always as wrong, all times together cost half the SNR at t0, whatever the schedule. */
static void a_net_that_says_nothing(void **state) {
  enum { T = 200, DRAWS = 160 };
  static const struct {
    const char *schedule, *code;
    size_t colours, channels;
    double wrong; /* mean squared error of a channel: bits are 0 for ±1, planes 2/K - 1 */
  } cases[] = {{"linear", "bits", 2, 1, 1},
               {"cosine", "bits", 5, 3, 1},
               {"cosine", "bits", 8, 3, 1},
               {"cosine", "onehot", 5, 5, 16.0 / 25},
               {"linear", "onehot", 2, 2, 1}};
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_set_threads(2);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double alpha_bar[T], mean = 0, squares = 0;
    pm_schedule_kind kind = cases[i].schedule[0] == 'c' ? PM_SCHEDULE_COSINE : PM_SCHEDULE_LINEAR;
    pm_noise_schedule(alpha_bar, T, kind, 1e-4, 0.02, false);
    size_t t0 = 0, times = T - 1;
    for (; snr(alpha_bar[t0 + 1]) >= pow(PM_BOUND_MOST_NOISE, -2); t0++)
      times--;
    for (size_t t = t0 + 1; t < T; t++) { /* of one draw: `times` such terms */
      double cost = (double)cases[i].channels * cases[i].wrong / 2 / LN_2 * (snr(alpha_bar[t - 1]) - snr(alpha_bar[t]));
      mean += cost;
      squares += cost * cost * (double)times;
    }
    double error = sqrt((squares - mean * mean) / (DRAWS * N));
    double prior = -0.5 * (double)cases[i].channels * log2(1 - alpha_bar[T - 1]);
    double bits = blank_bits(cases[i].colours,
                             (const char *const[]){"pixels", "palette", "palette.code", cases[i].code, "process.steps",
                                                   "200", "process.schedule", cases[i].schedule, NULL},
                             i, DRAWS);
    print_message("# %s, %s, %zu colours: %.4f bits, expected %.4f (standard error %.4f)\n", cases[i].schedule,
                  cases[i].code, cases[i].colours, bits, mean + prior, error);
    assert_true(error < 0.05 * mean);
    near(cases[i].code, bits, mean + prior, 3 * error + 0.01);
  }
  pm_arena_free(arena);
}

/* ---- reading the indices off ---- */

/* Bits a pixel by Bayes' rule, for colours as likely as each other, from a code at `alpha` with noise `sigma`: the
 * integral over the noise of every channel, by the trapezoid rule. *deviation: of one pixel from the mean. */
static double reading_bits(const float *codes, size_t K, size_t channels, double alpha, double sigma,
                           double *deviation) {
  enum { STEPS = 49 };
  const double reach = 6, step = 2 * reach / (STEPS - 1);
  double whole = 0, squares = 0;
  size_t points = 1;
  for (size_t c = 0; c < channels; c++)
    points *= STEPS;
  for (size_t k = 0; k < K; k++)
    for (size_t p = 0; p < points; p++) {
      double density = 1, product[MOST_COLOURS] = {0}, sum = 0;
      for (size_t c = 0, rest = p; c < channels; c++, rest /= STEPS) {
        double e = -reach + step * (double)(rest % STEPS), x = alpha * (double)codes[k * channels + c] + sigma * e;
        density *= exp(-e * e / 2) / sqrt(2 * 3.14159265358979323846) * step;
        for (size_t j = 0; j < K; j++)
          product[j] -= pow(x - alpha * (double)codes[j * channels + c], 2) / (2 * sigma * sigma);
      }
      for (size_t j = 0; j < K; j++)
        sum += exp(product[j] - product[k]);
      whole += density * log2(sum) / (double)K;
      squares += density * log2(sum) * log2(sum) / (double)K;
    }
  *deviation = sqrt(squares - whole * whole);
  return whole;
}

/* A process of one time, half noise: there is no way to go, only what it knows and what can be read. */
static void reading_is_bayes_rule(void **state) {
  static const struct {
    const char *code;
    size_t colours;
    const char *beta;
    double alpha_bar;
  } cases[] = {{"bits", 2, "0.5", 0.5}, {"bits", 2, "0.1", 0.9},   {"bits", 3, "0.5", 0.5},  {"bits", 5, "0.2", 0.8},
               {"bits", 8, "0.1", 0.9}, {"onehot", 2, "0.5", 0.5}, {"onehot", 3, "0.4", 0.6}};
  enum { DRAWS = 100 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t channels;
    double a = cases[i].alpha_bar;
    const float *codes = codes_of(arena, cases[i].colours, cases[i].code[0] == 'o', &channels);
    double prior = -0.5 * (double)channels * log2(1 - a);
    double deviation, reading = reading_bits(codes, cases[i].colours, channels, sqrt(a), sqrt(1 - a), &deviation);
    double error = deviation / sqrt(DRAWS * N * PIXELS);
    double bits = blank_bits(cases[i].colours,
                             (const char *const[]){"pixels", "palette", "palette.code", cases[i].code, "process.steps",
                                                   "1", "process.beta_end", cases[i].beta, NULL},
                             i, DRAWS);
    print_message("# %s, %zu colours, alpha_bar %.2f: reading %.5f bits, expected %.5f (standard error %.5f)\n",
                  cases[i].code, cases[i].colours, a, bits - prior, reading, error);
    near(cases[i].code, bits - prior, reading, 4 * error + 1e-4 * reading);
  }
  pm_arena_free(arena);
}

/* ---- an evidence head, before it learns anything, is Bayes' rule pixel by pixel ---- */

/* Sprites whose pixels are independent draws from the shares: nothing can be better than that reader, who needs the
 * entropy. Where the sprites are others, each pixel costs -log2 of its colour's share. */
static void an_untrained_evidence_head(void **state) {
  enum { DRAWS = 700 };
  static const float even[] = {0.25f, 0.25f, 0.25f, 0.25f}, skewed[] = {0.5f, 0.25f, 0.125f, 0.125f},
                     many[] = {0.3f, 0.2f, 0.1f, 0.15f, 0.25f};
  static const struct {
    const char *code;
    size_t colours;
    const float *shares;
  } cases[] = {{"bits", 4, even}, {"onehot", 4, skewed}, {"bits", 4, skewed}, {"bits", 5, many}, {"onehot", 5, NULL}};
  (void)state;
  pm_set_threads(2);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const size_t K = cases[i].colours;
    const char *const settings[] = {"unet.widths",
                                    "8",
                                    "unet.blocks",
                                    "1",
                                    "unet.groups",
                                    "4",
                                    "unet.heads",
                                    "1",
                                    "unet.time_features",
                                    "8",
                                    "pixels",
                                    "palette",
                                    "palette.code",
                                    cases[i].code,
                                    "process.schedule",
                                    "information",
                                    "process.steps",
                                    "4000",
                                    NULL};
    const pm_sprite_format format = {
        .height = SIDE, .width = SIDE, .channels = 3, .colours = K, .table = table, .colour_shares = cases[i].shares};
    numeric_bench b = numeric_bench_open_format(&pm_method_ddpm, &format, settings);
    numeric_bench_initialise(&b);
    unsigned char pixels[N * PIXELS];
    float bits[N];
    double mean = 0, squares = 0, expected = 0;
    draw_sprites(pixels, N, K);
    for (size_t p = 0; p < N * PIXELS; p++)
      expected -= log2(cases[i].shares ? (double)cases[i].shares[pixels[p]] : 1 / (double)K) / (N * PIXELS);
    pm_inference_bits(b.inference, pixels, NULL, N, i, DRAWS, bits);
    for (size_t k = 0; k < N; k++) {
      mean += (double)bits[k] / N;
      squares += pow((double)bits[k], 2) / N;
    }
    double error = sqrt((squares - mean * mean) / N);
    print_message("# %s, %zu colours: %.4f bits (standard error %.4f), expected %.4f\n", cases[i].code, K, mean, error,
                  expected);
    assert_true(error < 0.02 * expected);
    assert_true(mean > expected - 4 * error && mean < 1.01 * expected + 4 * error);
    numeric_bench_close(&b);
  }
}

/* ---- numbers, and models without ---- */

static void a_sprites_bits_depend_on_its_number_alone(void **state) {
  enum { MANY = 40, FEW = 20 };
  (void)state;
  numeric_bench b = open_bench(5, (const char *const[]){"pixels", "palette", "unet.zero_init", "false", NULL});
  numeric_bench_initialise(&b);
  static unsigned char pixels[MANY * PIXELS];
  float many[MANY], few[FEW], other[MANY];
  draw_sprites(pixels, 1, 5);
  for (size_t i = 1; i < MANY; i++) /* one sprite again and again: what tells them apart is their number */
    memcpy(pixels + i * PIXELS, pixels, PIXELS);
  pm_set_threads(2);
  pm_inference_bits(b.inference, pixels, NULL, MANY, 1, 3, many);
  float drawn[PIXELS * 3]; /* of a class; the bits are of none */
  pm_inference_draw(b.inference, 1, 0, 1, 1, drawn, NULL, NULL);
  pm_set_threads(1);
  pm_inference_bits(b.inference, pixels, NULL, FEW, 1, 3, few);
  assert_memory_equal(many, few, sizeof few);
  for (size_t i = 0; i < MANY; i++)
    for (size_t k = 0; k < i; k++)
      assert_true(many[i] != many[k]);
  pm_inference_bits(b.inference, pixels, NULL, MANY, 2, 3, other);
  assert_memory_not_equal(many, other, sizeof many);
  pm_inference_bits(b.inference, pixels, NULL, MANY, 1, 4, other);
  assert_memory_not_equal(many, other, sizeof many);
  numeric_bench_close(&b);
}

static bool has_bits(const pm_method *method, size_t colours, const char *const *settings) {
  const pm_sprite_format format = {.height = 16, .width = 16, .channels = 3, .colours = colours, .table = table};
  numeric_bench b = numeric_bench_open_format(method, &format, settings);
  numeric_bench_initialise(&b);
  bool has = pm_inference_has_bits(b.inference);
  assert_true(pm_inference_has_bits(b.inference) == has); /* when it is asked again, too */
  numeric_bench_close(&b);
  return has;
}

static void models_without_a_likelihood(void **state) {
  static const char *const none[] = {NULL}, *const rgb[] = {"pixels", "rgb", "unet.widths", "8", NULL},
                           *const palette[] = {"pixels", "palette", "unet.widths", "8", NULL},
                           *const denoiser[] = {"pixels", "palette", "model", "tiny-denoiser", NULL},
                           *const evidence[] = {"pixels", "palette", "process.schedule", "information", "unet.widths",
                                                "8",      NULL};
  (void)state;
  assert_true(has_bits(&pm_method_ddpm, 5, palette));
  assert_true(has_bits(&pm_method_ddpm, 5, denoiser));
  assert_true(has_bits(&pm_method_ddpm, 5, evidence));
  assert_false(has_bits(&pm_method_ddpm, 5, rgb));
  assert_false(has_bits(&pm_method_ddpm, 0, rgb));
  assert_false(has_bits(&pm_method_vae, 5, none));
  assert_false(has_bits(&pm_method_vqvae, 5, none));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_add_up),
      cmocka_unit_test(the_best_denoiser_needs_the_entropy),
      cmocka_unit_test(errors_cost_what_they_should),
      cmocka_unit_test(a_net_that_says_nothing),
      cmocka_unit_test(reading_is_bayes_rule),
      cmocka_unit_test(an_untrained_evidence_head),
      cmocka_unit_test(a_sprites_bits_depend_on_its_number_alone),
      cmocka_unit_test(models_without_a_likelihood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
