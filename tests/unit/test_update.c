/* The update of a step against its formulas, written plainly in double: Adam, weight decay, averages, clipping. */
#include "check.h"

#include "nn/backend.h"
#include "numeric.h"

enum { N = 40000, STEPS = 30 }; /* more than one task's range, and not a multiple of it */

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
  pm_value *p, *gradient;
  pm_program *program;
} bench;

static bench open_bench(const pm_backend *backend, size_t n) {
  bench b = {.arena = pm_arena_new()};
  b.store = pm_store_new(b.arena, backend);
  b.g = pm_graph_new(b.arena, b.store, true);
  b.p = numeric_state(b.g, "p", pm_shape_of(1, n), -1, 1);
  b.gradient = numeric_state(b.g, "gradient", pm_shape_of(1, n), -1, 1);
  return b;
}

static void run(bench *b) {
  if (!b->program)
    b->program = b->store->backend->compile(b->g);
  b->store->backend->run(b->program);
}

static float *items(const bench *b, const pm_value *v) {
  float *out = pm_alloc(b->arena, pm_count(v), sizeof *out);
  pm_store_read(b->store, v->buffer, 0, out, pm_count(v));
  return out;
}

static void close_bench(bench *b) {
  b->store->backend->free_program(b->program);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

/* Gradients of very different sizes, some zero, others at every step. */
static void write_gradient(const bench *b, float *gradient, int step) {
  float *random = numeric_uniform(b->arena, N, pm_format(b->arena, "step %d", step), -1, 1);
  for (int i = 0; i < N; i++)
    gradient[i] = i % 11 == 0 ? 0 : random[i] * powf(10, (float)(i % 9) - 6);
  pm_store_write(b->store, b->gradient->buffer, 0, gradient, N);
}

static void check_adam(const pm_backend *backend, pm_adam_attributes a) {
  bench b = open_bench(backend, N);
  pm_shape shape = b.p->shape;
  pm_value *m = pm_graph_state(b.g, "m", PM_F32, shape), *v = pm_graph_state(b.g, "v", PM_F32, shape);
  pm_value *rate = pm_graph_scalar(b.g, "rate", PM_F32), *step = pm_graph_scalar(b.g, "step", PM_I64);
  pm_adam(b.g, b.p, b.gradient, m, v, rate, step, a);
  b.program = backend->compile(b.g);
  float *gradient = pm_alloc(b.arena, N, sizeof *gradient), *start = items(&b, b.p);
  double *want = pm_alloc(b.arena, 3 * N, sizeof *want), *want_m = want + N, *want_v = want + 2 * N;
  for (int i = 0; i < N; i++)
    want[i] = start[i];
  for (int t = 1; t <= STEPS; t++) {
    float lr = 1e-2f / (float)t; /* the rate changes from step to step */
    pm_store_write(b.store, rate->buffer, 0, &lr, 1);
    numeric_set(b.store, "step", t - 1);
    write_gradient(&b, gradient, t);
    run(&b);
    for (int i = 0; i < N; i++) {
      double d = gradient[i];
      if (a.decoupled)
        want[i] -= lr * a.decay * want[i];
      else
        d += a.decay * want[i];
      want_m[i] = a.beta1 * want_m[i] + (1 - a.beta1) * d;
      want_v[i] = a.beta2 * want_v[i] + (1 - a.beta2) * d * d;
      double m_hat = want_m[i] / (1 - pow(a.beta1, t)), v_hat = want_v[i] / (1 - pow(a.beta2, t));
      want[i] -= lr * m_hat / (sqrt(v_hat) + a.epsilon);
    }
  }
  float *got = items(&b, b.p), *got_m = items(&b, m), *got_v = items(&b, v);
  for (int i = 0; i < N; i++)
    if (fabs(got[i] - want[i]) > 2e-6 || fabs(got_m[i] - want_m[i]) > 2e-6 * (fabs(want_m[i]) + sqrt(want_v[i])) ||
        fabs(got_v[i] - want_v[i]) > 3e-6 * fmax(want_v[i], 1e-9))
      fail_msg("item %d on %s: %.9g, moments %.9g %.9g; expected %.9g, %.9g %.9g", i, backend->name, got[i], got_m[i],
               got_v[i], want[i], want_m[i], want_v[i]);
  assert_memory_equal(items(&b, b.gradient), gradient, N * sizeof *gradient);
  close_bench(&b);
}

static void adam(void **state) {
  static const pm_adam_attributes kinds[] = {{0.9, 0.999, 1e-8, 0, false},
                                             {0.8, 0.99, 1e-5, 0, true},
                                             {0.9, 0.999, 1e-8, 0.1, false},
                                             {0.9, 0.95, 1e-8, 0.3, true}};
  (void)state;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    check_adam(&pm_backend_cpu, kinds[i]);
    check_adam(&pm_backend_reference, kinds[i]);
  }
}

/* One step of pm_adam with decay `a` on the whole block, or of pm_weight_decay on `ranges` and pm_adam without. */
static float *one_step(const pm_backend *backend, pm_adam_attributes a, const pm_range *range, size_t ranges,
                       float *out) {
  bench b = open_bench(backend, N);
  pm_value *m = pm_graph_state(b.g, "m", PM_F32, b.p->shape), *v = pm_graph_state(b.g, "v", PM_F32, b.p->shape);
  pm_value *rate = pm_graph_scalar(b.g, "rate", PM_F32), *step = pm_graph_scalar(b.g, "step", PM_I64);
  if (range) {
    pm_weight_decay(b.g, b.p, b.gradient, rate, (pm_weight_decay_attributes){a.decay, a.decoupled, ranges, range});
    a.decay = 0;
  }
  pm_adam(b.g, b.p, b.gradient, m, v, rate, step, a);
  b.program = backend->compile(b.g);
  float lr = 1e-2f;
  pm_store_write(b.store, rate->buffer, 0, &lr, 1);
  numeric_set(b.store, "step", 0);
  run(&b);
  memcpy(out, items(&b, b.p), N * sizeof *out);
  close_bench(&b);
  return out;
}

static void weight_decay_of_ranges(void **state) {
  static const pm_range whole[] = {{0, N}}, some[] = {{3, 17}, {N - 1000, 900}};
  static float all[N], none[N], got[N];
  (void)state;
  for (int decoupled = 0; decoupled < 2; decoupled++) {
    const pm_adam_attributes with = {0.9, 0.999, 1e-3, 0.3, decoupled}, without = {0.9, 0.999, 1e-3, 0, decoupled};
    one_step(&pm_backend_cpu, with, NULL, 0, all);
    one_step(&pm_backend_cpu, without, NULL, 0, none);
    /* The whole block: the very bits of pm_adam's own decay. */
    assert_memory_equal(one_step(&pm_backend_cpu, with, whole, 1, got), all, sizeof all);
    assert_memory_equal(one_step(&pm_backend_cpu, with, whole, 0, got), none, sizeof none);
    one_step(&pm_backend_cpu, with, some, 2, got);
    size_t differ = 0;
    for (int i = 0; i < N; i++) {
      bool decays = (i >= 3 && i < 20) || (i >= N - 1000 && i < N - 100);
      assert_true(got[i] == (decays ? all[i] : none[i]));
      differ += all[i] != none[i];
    }
    assert_true(differ > N * 9 / 10);
  }
}

static void moving_average(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu, N);
  pm_value *decay = pm_graph_scalar(b.g, "decay", PM_F32);
  pm_moving_average(b.g, b.p, b.gradient, decay);
  b.program = pm_backend_cpu.compile(b.g);
  float *start = items(&b, b.p), *x = items(&b, b.gradient), share = 0.9f;
  pm_store_write(b.store, decay->buffer, 0, &share, 1);
  for (int step = 0; step < 10; step++)
    run(&b);
  float *got = items(&b, b.p);
  double left = pow(share, 10); /* of the start after ten steps toward the same x */
  for (int i = 0; i < N; i++)
    assert_true(fabs(got[i] - (left * start[i] + (1 - left) * x[i])) < 1e-6);
  share = 0; /* takes x over, as the first step of an average does */
  pm_store_write(b.store, decay->buffer, 0, &share, 1);
  run(&b);
  assert_memory_equal(items(&b, b.p), x, N * sizeof *x);
  close_bench(&b);
}

static double norm_of(const float *x, size_t n) {
  double squares = 0;
  for (size_t i = 0; i < n; i++)
    squares += (double)x[i] * x[i];
  return sqrt(squares);
}

static void clip_norm(void **state) {
  (void)state;
  for (int above = 0; above < 2; above++) {
    bench b = open_bench(&pm_backend_cpu, N);
    float *before = items(&b, b.gradient);
    double norm = norm_of(before, N), most = above ? norm / 7 : norm * 1.0001;
    pm_clip_norm(b.g, b.gradient, most);
    run(&b);
    float *after = items(&b, b.gradient);
    if (!above)
      assert_memory_equal(before, after, N * sizeof *after);
    else
      assert_true(fabs(norm_of(after, N) / most - 1) < 1e-6);
    for (int i = 0; above && i < N; i++)
      assert_true(fabs(after[i] - before[i] / 7) <= 1e-7 * fabs(before[i]));
    close_bench(&b);
  }
}

static void clipping_zero_leaves_zero(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu, 100);
  float zero[100] = {0};
  pm_store_write(b.store, b.gradient->buffer, 0, zero, 100);
  pm_clip_norm(b.g, b.gradient, 1);
  run(&b);
  assert_memory_equal(items(&b, b.gradient), zero, sizeof zero);
  close_bench(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adam),      cmocka_unit_test(weight_decay_of_ranges),    cmocka_unit_test(moving_average),
      cmocka_unit_test(clip_norm), cmocka_unit_test(clipping_zero_leaves_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
