/* Times ops of the cpu backend at the shapes of the published U-Net: bench-ops [BATCH]. One line for each op and shape:
 * milliseconds (the fastest of several runs) on one thread and on all, and what that is in GFLOP/s or GB/s. Products
 * are counted as a convolution's definition has them, also where Winograd's filtering needs a quarter of them. Before
 * that the rate of multiply-adds of one thread at which all operands lie in the first-level cache: the peak. */
#include "nn/ops.h"
#include "backend/backends.h"
#include "backend/cpu/vector.h"
#include "core/clock.h"
#include "core/tasks.h"

#include <stdio.h>
#include <stdlib.h>

/* Seconds of the fastest run within about 0.3 s. */
static double fastest(pm_program *program, int threads) {
  double best = 1e9, begin = pm_seconds_now();
  pm_set_threads(threads);
  pm_backend_cpu.run(program);
  for (int i = 0; i < 5 || pm_seconds_now() - begin < 0.3; i++) {
    double from = pm_seconds_now();
    pm_backend_cpu.run(program);
    double took = pm_seconds_now() - from;
    best = took < best ? took : best;
  }
  return best;
}

/* GFLOP/s of register tiles on operands that stay in the first-level cache. */
static double peak(void) {
  enum { ROWS = 24, K = PM_TILE_DEPTH, COLUMNS = PM_TILE_COLUMNS, TIMES = 200 };
  static float a[ROWS * K], b[K * COLUMNS], c[ROWS * COLUMNS];
  uint32_t place[ROWS];
  double best = 1e9;
  for (uint32_t r = 0; r < ROWS; r++)
    place[r] = r;
  for (double begin = pm_seconds_now(); pm_seconds_now() - begin < 0.3;) {
    const double from = pm_seconds_now();
    for (int i = 0; i < TIMES; i++)
      pm_vector_best()->tiles->multiply(c, COLUMNS, place, a, K, place, b, ROWS, K, COLUMNS, c);
    const double took = pm_seconds_now() - from;
    best = took < best ? took : best;
  }
  return 2e-9 * TIMES * ROWS * K * COLUMNS / best;
}

static pm_value *numbers(pm_graph *g, const char *name, pm_shape shape) {
  pm_value *x = pm_graph_input(g, name, PM_F32, shape);
  size_t n = pm_count(x);
  float *items = pm_alloc(g->arena, n, sizeof *items);
  for (size_t i = 0; i < n; i++)
    items[i] = (float)((i * 2654435761u) >> 8 & 0xffff) / 65536.0f - 0.5f;
  pm_store_write(g->store, x->buffer, 0, items, n);
  return x;
}

typedef struct {
  size_t n, size, in, out, kernel, stride;
} shape;

typedef pm_value *(*builder)(pm_graph *g, const shape *s);

#define X(s) numbers(g, "x", pm_shape_of(4, (s)->n, (s)->size, (s)->size, (s)->in))
#define Y(s) numbers(g, "y", pm_shape_of(4, (s)->n, (s)->size / (s)->stride, (s)->size / (s)->stride, (s)->out))
#define W(s) numbers(g, "w", pm_shape_of(4, (s)->kernel, (s)->kernel, (s)->in, (s)->out))
#define ATTRIBUTES(s) ((pm_conv2d_attributes){(int)(s)->stride, (int)(s)->kernel / 2, (s)->size, (s)->size})

static pm_value *forward(pm_graph *g, const shape *s) {
  return pm_conv2d(g, X(s), W(s), numbers(g, "b", pm_shape_of(1, s->out)), (int)s->stride, (int)s->kernel / 2);
}
static pm_value *grad_input(pm_graph *g, const shape *s) {
  return pm_conv2d_grad_input(g, Y(s), W(s), ATTRIBUTES(s));
}
static pm_value *grad_weight(pm_graph *g, const shape *s) {
  return pm_conv2d_grad_weight(g, X(s), Y(s), W(s), ATTRIBUTES(s));
}
static pm_value *groupnorm(pm_graph *g, const shape *s) {
  pm_shape channels = pm_shape_of(1, s->in);
  return pm_groupnorm(g, X(s), numbers(g, "gamma", channels), numbers(g, "beta", channels),
                      (pm_groupnorm_attributes){8, 1e-5});
}
static pm_value *groupnorm_silu(pm_graph *g, const shape *s) {
  return pm_silu(g, groupnorm(g, s));
}
static pm_value *groupnorm_grad(pm_graph *g, const shape *s) {
  pm_groupnorm_attributes a = {8, 1e-5};
  pm_shape channels = pm_shape_of(1, s->in), moments = pm_shape_of(2, s->n, (size_t)8);
  pm_value *variance = pm_fill(g, moments, 1);
  return PM_APPLY(g, groupnorm_grad, &a, sizeof a, X(s), numbers(g, "gamma", channels), numbers(g, "beta", channels),
                  numbers(g, "mean", moments), variance, Y(s));
}
static pm_value *silu(pm_graph *g, const shape *s) {
  return pm_silu(g, X(s));
}
static pm_value *dropout(pm_graph *g, const shape *s) {
  return pm_dropout(g, X(s), pm_graph_draws(g, 0), 0.1, 1);
}
static pm_value *add(pm_graph *g, const shape *s) {
  return pm_plus(g, X(s), Y(s));
}

static void measure(const char *name, builder build, const shape *s, double work, const char *unit) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  pm_graph *g = pm_graph_new(arena, store, true);
  pm_keep(build(g, s), "result");
  pm_program *program = pm_backend_cpu.compile(g);
  double one = fastest(program, 1), all = fastest(program, 0);
  printf("%-20s %3zux%-3zu %4zu -> %-4zu %zux%zu /%zu %9.3f ms %7.1f %s %9.3f ms %7.1f %s\n", name, s->size, s->size,
         s->in, s->out, s->kernel, s->kernel, s->stride, 1e3 * one, work / one * 1e-9, unit, 1e3 * all,
         work / all * 1e-9, unit);
  fflush(stdout);
  pm_backend_cpu.free_program(program);
  pm_store_free(store);
  pm_arena_free(arena);
}

int main(int argc, char **argv) {
  size_t n = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 32;
  const shape convolutions[] = {{n, 16, 3, 64, 3, 1},   {n, 16, 64, 64, 3, 1},  {n, 16, 64, 128, 3, 2},
                                {n, 8, 128, 128, 3, 1}, {n, 4, 256, 256, 3, 1}, {n, 4, 512, 256, 3, 1},
                                {n, 8, 128, 64, 1, 1},  {n, 4, 512, 256, 1, 1}, {n, 16, 32, 32, 3, 1}};
  const shape maps[] = {{n, 16, 64, 64, 1, 1}, {n, 8, 128, 128, 1, 1}, {n, 4, 256, 256, 1, 1}};
  printf("%s, peak of a thread %.1f GFLOP/s; batch %zu: one thread, then all\n", pm_backend_cpu.tier(&pm_backend_cpu),
         peak(), n);
  for (size_t i = 0; n && i < sizeof convolutions / sizeof *convolutions; i++) {
    const shape *s = &convolutions[i];
    size_t pixels = s->size / s->stride * (s->size / s->stride);
    double flop = 2.0 * (double)(n * pixels * s->kernel * s->kernel * s->in * s->out);
    measure("conv2d", forward, s, flop, "GFLOP/s");
    measure("conv2d_grad_input", grad_input, s, flop, "GFLOP/s");
    measure("conv2d_grad_weight", grad_weight, s, flop, "GFLOP/s");
  }
  for (size_t i = 0; n && i < sizeof maps / sizeof *maps; i++) {
    const shape *s = &maps[i];
    double bytes = 4.0 * (double)(n * s->size * s->size * s->in);
    measure("add", add, s, 3 * bytes, "GB/s");
    measure("silu", silu, s, 2 * bytes, "GB/s");
    measure("dropout", dropout, s, 2 * bytes, "GB/s");
    measure("groupnorm", groupnorm, s, 2 * bytes, "GB/s");
    measure("groupnorm_silu", groupnorm_silu, s, 2 * bytes, "GB/s");
    measure("groupnorm_grad", groupnorm_grad, s, 3 * bytes, "GB/s");
  }
  return 0;
}
