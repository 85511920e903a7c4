#include "check.h"

#include "numeric.h"

#include "core/random.h"
#include "core/tasks.h"
#include "nn/backend.h"

float *numeric_uniform(pm_arena *arena, size_t n, const char *name, double low, double high) {
  float *items = pm_alloc(arena, n, sizeof *items);
  pm_uniforms(items, n, 1, pm_purpose(name), 0, 0);
  for (size_t i = 0; i < n; i++)
    items[i] = (float)(low + (high - low) * items[i]);
  return items;
}

/* Where the two are farthest apart. */
static size_t farthest(const float *got, const float *want, size_t n) {
  size_t worst = 0;
  double most = -1;
  for (size_t i = 0; i < n; i++) {
    double apart = got[i] == want[i] ? 0 : fabs((double)got[i] - want[i]);
    if (isnan(apart))
      return i;
    if (apart > most) {
      most = apart;
      worst = i;
    }
  }
  return worst;
}

double numeric_distance(const float *got, const float *want, size_t n, double scale) {
  if (!n)
    return 0;
  size_t i = farthest(got, want, n);
  double apart = got[i] == want[i] ? 0 : fabs((double)got[i] - want[i]);
  for (size_t k = 0; k < n; k++)
    scale = fmax(scale, fabs((double)want[k]));
  return isnan(apart) ? INFINITY : apart == 0 ? 0 : apart / scale;
}

void numeric_expect(const char *what, const float *got, const float *want, size_t n, double scale, double limit) {
  double distance = numeric_distance(got, want, n, scale);
  if (distance <= limit)
    return;
  size_t i = farthest(got, want, n);
  fail_msg("%s: item %zu of %zu is %.9g, expected %.9g: %.2g apart on its scale, at most %.2g", what, i, n, got[i],
           want[i], distance, limit);
}

static pm_value *filled(pm_graph *g, pm_value *x, double low, double high) {
  pm_store_write(g->store, x->buffer, 0, numeric_uniform(g->arena, pm_count(x), x->name, low, high), pm_count(x));
  return x;
}

pm_value *numeric_input(pm_graph *g, const char *name, pm_shape shape, double low, double high) {
  return filled(g, pm_graph_input(g, name, PM_F32, shape), low, high);
}

pm_value *numeric_state(pm_graph *g, const char *name, pm_shape shape, double low, double high) {
  return filled(g, pm_graph_state(g, name, PM_F32, shape), low, high);
}

static pm_value *filled_whole(pm_graph *g, pm_value *x, uint32_t below) {
  size_t n = pm_count(x);
  unsigned char *bytes = pm_alloc(g->arena, n, sizeof *bytes);
  int32_t *whole = pm_alloc(g->arena, n, sizeof *whole);
  pm_rng rng = pm_rng_start(1, x->name, 0);
  for (size_t i = 0; i < n; i++)
    bytes[i] = (unsigned char)(whole[i] = (int32_t)pm_rng_below(&rng, below));
  pm_store_write(g->store, x->buffer, 0, x->dtype == PM_U8 ? (void *)bytes : (void *)whole, n);
  return x;
}

pm_value *numeric_whole(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape, uint32_t below) {
  return filled_whole(g, pm_graph_input(g, name, dtype, shape), below);
}

pm_value *numeric_whole_state(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape, uint32_t below) {
  return filled_whole(g, pm_graph_state(g, name, dtype, shape), below);
}

pm_value *numeric_scalar(pm_graph *g, const char *name, int64_t number) {
  pm_value *x = pm_graph_scalar(g, name, PM_I64);
  pm_store_write(g->store, x->buffer, 0, &number, 1);
  return x;
}

pm_draws numeric_draws(pm_graph *g, int64_t seed, int64_t step, int64_t first, size_t whole) {
  numeric_scalar(g, "seed", seed);
  numeric_scalar(g, "step", step);
  numeric_scalar(g, "first", first);
  return pm_graph_draws(g, whole);
}

void numeric_set(pm_store *store, const char *scalar, int64_t number) {
  pm_buffer *buffer = pm_store_find_buffer(store, scalar);
  assert_non_null(buffer);
  pm_store_write(store, buffer, 0, &number, 1);
}

pm_value *numeric_parameter(pm_graph *g, const char *name, pm_shape shape) {
  pm_slot slot = {.name = name, .role = PM_PARAM, .dtype = PM_F32, .shape = shape};
  return pm_graph_parameter(g, &slot);
}

float *numeric_read(pm_arena *arena, const pm_backend *backend, const pm_program *program, const pm_value *value) {
  float *items = pm_alloc(arena, pm_count(value), sizeof *items);
  backend->read_value(program, value, items);
  return items;
}

void *numeric_settings(pm_arena *arena, const pm_method *method, const char *const *pairs) {
  void *settings = pm_alloc(arena, 1, method->settings_size);
  pm_options_reset(method->keys, settings);
  for (; pairs && *pairs; pairs += 2) {
    const pm_option *option = pm_option_find(method->keys, pairs[0]);
    char problem[256];
    if (!option || !pm_option_set(arena, option, settings, pairs[1], problem))
      fail_msg("%s=%s: no such setting", pairs[0], pairs[1]);
  }
  return settings;
}

pm_node *numeric_node(const pm_graph *g, const pm_op *op, size_t k) {
  for (size_t i = 0; i < g->nodes; i++)
    if (g->node[i]->op == op && k-- == 0)
      return g->node[i];
  return NULL;
}

numeric_bench numeric_bench_open_format(const pm_method *method, const pm_sprite_format *format,
                                        const char *const *pairs) {
  numeric_bench b = {.arena = pm_arena_new(), .format = *format};
  b.store = pm_store_new(b.arena, &pm_backend_cpu);
  b.settings = numeric_settings(b.arena, method, pairs);
  b.inference = pm_inference_new(b.arena, b.store, pm_own_weights(), method, b.settings, &b.format);
  return b;
}

numeric_bench numeric_bench_open(const pm_method *method, size_t height, size_t width, size_t channels,
                                 const char *const *pairs) {
  const pm_sprite_format format = {.height = height, .width = width, .channels = channels};
  return numeric_bench_open_format(method, &format, pairs);
}

void numeric_bench_close(numeric_bench *b) {
  pm_inference_free(b->inference);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

size_t numeric_bench_sprite(const numeric_bench *b) {
  return b->format.height * b->format.width * b->format.channels;
}

void numeric_bench_initialise(numeric_bench *b) {
  pm_inference_prepare(b->inference);
  pm_store_initialise(b->store, 4);
}

void numeric_bench_draw(numeric_bench *b, uint64_t seed, uint64_t first, size_t count, int32_t label, float *out) {
  pm_inference_draw(b->inference, seed, first, count, label, out, NULL, NULL);
}

float *numeric_bench_check_numbers(numeric_bench *b, int32_t label) {
  enum { N = 64 };
  size_t sprite = numeric_bench_sprite(b), bytes = sprite * sizeof(float);
  float *many = pm_alloc(b->arena, N * sprite, sizeof *many), *few = pm_alloc(b->arena, N * sprite, sizeof *few);
  pm_set_threads(2);
  numeric_bench_draw(b, 7, 0, N, label, many);
  numeric_bench_draw(b, 7, 0, 16, label, few);
  assert_memory_equal(many, few, 16 * bytes);
  numeric_bench_draw(b, 7, 0, 5, label, few);
  assert_memory_equal(many, few, 5 * bytes);
  numeric_bench_draw(b, 7, 37, 20, label, few); /* across blocks, from the middle of one */
  assert_memory_equal(many + 37 * sprite, few, 20 * bytes);
  pm_set_threads(1);
  numeric_bench_draw(b, 7, 0, N, label, few);
  assert_memory_equal(many, few, N * bytes);
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < i; k++)
      assert_memory_not_equal(many + i * sprite, many + k * sprite, bytes);
  numeric_bench_draw(b, 8, 0, 1, label, few);
  assert_memory_not_equal(many, few, bytes);
  return many;
}
