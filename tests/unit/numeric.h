/* What the tests of the numerics share: reproducible numbers, distances, a graph's inputs and results. */
#ifndef PM_TESTS_NUMERIC_H
#define PM_TESTS_NUMERIC_H

#include "backend/backends.h"
#include "nn/ops.h"
#include "train/inference.h"
#include "train/method.h"

/* Uniform numbers in [low, high) that depend on the name alone. */
float *numeric_uniform(pm_arena *arena, size_t n, const char *name, double low, double high);

/* Largest |got - want| over `scale`, or over the largest |want| if that is larger. 0 / 0 is 0; a NaN is infinitely far.
 */
double numeric_distance(const float *got, const float *want, size_t n, double scale);
/* Fails the test, with the two numbers that are farthest apart, if the distance is above `limit`. */
void numeric_expect(const char *what, const float *got, const float *want, size_t n, double scale, double limit);

/* An input filled with numeric_uniform of its name. */
pm_value *numeric_input(pm_graph *g, const char *name, pm_shape shape, double low, double high);
/* The same of a state, which ops may update. */
pm_value *numeric_state(pm_graph *g, const char *name, pm_shape shape, double low, double high);
/* An input of whole numbers in 0 … below - 1, PM_U8 or PM_I32. */
pm_value *numeric_whole(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape, uint32_t below);
pm_value *numeric_whole_state(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape, uint32_t below);
/* A PM_I64 scalar with this number. */
pm_value *numeric_scalar(pm_graph *g, const char *name, int64_t number);
/* The scalars "seed", "step" and "first" with these numbers, for a batch of `whole` slots. */
pm_draws numeric_draws(pm_graph *g, int64_t seed, int64_t step, int64_t first, size_t whole);
void numeric_set(pm_store *store, const char *scalar, int64_t number);

/* A parameter of the graph, [rank 1 or more]. */
pm_value *numeric_parameter(pm_graph *g, const char *name, pm_shape shape);

/* A kept value's items after a run. */
float *numeric_read(pm_arena *arena, const pm_backend *backend, const pm_program *program, const pm_value *value);

/* A method's settings: defaults, then key=value pairs, ended by NULL. */
void *numeric_settings(pm_arena *arena, const pm_method *method, const char *const *pairs);

/* A method with its settings, weights and inference on the cpu backend, for sprites of one format. */
typedef struct {
  pm_arena *arena;
  pm_store *store;
  void *settings;
  pm_sprite_format format;
  pm_inference *inference;
} numeric_bench;

/* For sprites without classes, palette or names … */
numeric_bench numeric_bench_open(const pm_method *method, size_t height, size_t width, size_t channels,
                                 const char *const *pairs);
/* … and for any, whose table of colours must live as long. */
numeric_bench numeric_bench_open_format(const pm_method *method, const pm_sprite_format *format,
                                        const char *const *pairs);
void numeric_bench_close(numeric_bench *bench);
/* Items of one sprite. */
size_t numeric_bench_sprite(const numeric_bench *bench);
/* Gives it weights as a training begins with; the same each time. */
void numeric_bench_initialise(numeric_bench *bench);
/* Draws sprites first … first + count - 1 of this seed, of a class, PM_ANY_CLASS or PM_EACH_CLASS. */
void numeric_bench_draw(numeric_bench *bench, uint64_t seed, uint64_t first, size_t count, int32_t label, float *out);
/* Fails the test unless a sprite is what it is by its seed and its number alone: however many are drawn, from wherever,
 * on any number of threads; and unless all of 64 differ. They are returned. */
float *numeric_bench_check_numbers(numeric_bench *bench, int32_t label);

/* The k-th node (from 0) with this op; NULL if there are fewer. */
pm_node *numeric_node(const pm_graph *g, const pm_op *op, size_t k);

#endif
