/* Group normalisation: a sample is a task, or, where each sample is one row that is normalised as a whole (layer
 * normalisation), a block of rows. A sample's channels are summed in float, a group's channels are added in double in
 * their order; so are the samples' shares of the gradients of gamma and beta. Where SiLU follows, it is done in the
 * same pass: y = silu(z), and the gradient computes z again. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <math.h>

typedef struct {
  const pm_call *call;
  const pm_groupnorm_attributes *attributes;
  size_t pixels, C, G, width; /* width: channels of a group */
  bool silu;
} norm;

/* What a task needs beside its sample: some rows of C. */
enum { SUMS = 0, MEAN = 2, SCALE = 3, A = 4, B = 5, K = 6, ROWS = 7 };

static_assert((int)PM_GROUPNORM_X == (int)PM_GROUPNORM_GRAD_X, "both ops are cut into the same tasks");

static norm norm_of(const pm_call *call, bool silu) {
  const pm_groupnorm_attributes *a = call->node->attributes;
  const pm_value *x = call->node->in[PM_GROUPNORM_X];
  size_t C = pm_columns(x);
  return (norm){call, a, pm_rows(x) / x->shape.dim[0], C, a->groups, C / a->groups, silu};
}

size_t pm_cpu_groupnorm_scratch(const pm_node *node) {
  return ROWS * pm_columns(node->in[PM_GROUPNORM_X]) * sizeof(float);
}

static void run_samples(norm *s, pm_task task) {
  const pm_node *node = s->call->node;
  pm_parallel_for(node->in[PM_GROUPNORM_X]->shape.dim[0], pm_cpu_groupnorm_scratch(node), task, s);
}

/* The mean over group g of what was summed for its channels. */
static float group_mean(const norm *s, const float *sums, size_t g) {
  double sum = 0;
  for (size_t c = g * s->width; c < (g + 1) * s->width; c++)
    sum += sums[c];
  return (float)(sum / (double)(s->width * s->pixels));
}

/* Rows MEAN and SCALE, gamma / sqrt(variance + epsilon), of every channel. */
static void spread_channels(const norm *s, float *scratch, const float *gamma, const float *mean,
                            const float *variance) {
  for (size_t c = 0; c < s->C; c++) {
    size_t g = c / s->width;
    scratch[MEAN * s->C + c] = mean[g];
    scratch[SCALE * s->C + c] = (float)(gamma[c] / sqrt((double)variance[g] + s->attributes->epsilon));
  }
}

static void normalise_sample(void *context, size_t n, void *scratch) {
  const norm *s = context;
  const pm_vector *v = pm_vector_best();
  const float *x = (const float *)s->call->in[PM_GROUPNORM_X] + n * s->pixels * s->C,
              *beta = s->call->in[PM_GROUPNORM_BETA];
  float *y = (float *)s->call->out[PM_GROUPNORM_Y] + n * s->pixels * s->C, *rows = scratch, *sums = rows + SUMS * s->C;
  float *mean = (float *)s->call->out[PM_GROUPNORM_MEAN] + n * s->G,
        *variance = (float *)s->call->out[PM_GROUPNORM_VARIANCE] + n * s->G;
  v->sum_rows(sums, x, s->pixels, s->C);
  for (size_t g = 0; g < s->G; g++)
    mean[g] = group_mean(s, sums, g);
  for (size_t c = 0; c < s->C; c++)
    rows[MEAN * s->C + c] = mean[c / s->width];
  v->square_deviations(sums, x, rows + MEAN * s->C, s->pixels, s->C);
  for (size_t g = 0; g < s->G; g++)
    variance[g] = group_mean(s, sums, g);
  spread_channels(s, rows, s->call->in[PM_GROUPNORM_GAMMA], mean, variance);
  (s->silu ? v->normalise_silu : v->normalise)(y, x, rows + MEAN * s->C, rows + SCALE * s->C, beta, s->pixels, s->C);
}

enum { ROW_BLOCK = 64 }; /* rows */

static bool by_rows(const norm *s) {
  return s->pixels == 1 && s->G == 1 && !s->silu;
}

static size_t samples_of(const norm *s) {
  return s->call->node->in[PM_GROUPNORM_X]->shape.dim[0];
}

static void normalise_row_block(void *context, size_t block, void *scratch) {
  const norm *s = context;
  size_t first = block * ROW_BLOCK, at = first * s->C;
  (void)scratch;
  pm_vector_best()->normalise_rows(
      (float *)s->call->out[PM_GROUPNORM_Y] + at, (float *)s->call->out[PM_GROUPNORM_MEAN] + first,
      (float *)s->call->out[PM_GROUPNORM_VARIANCE] + first, (const float *)s->call->in[PM_GROUPNORM_X] + at,
      s->call->in[PM_GROUPNORM_GAMMA], s->call->in[PM_GROUPNORM_BETA], (float)s->attributes->epsilon,
      pm_smaller(samples_of(s) - first, ROW_BLOCK), s->C);
}

static void row_block_gradient(void *context, size_t block, void *scratch) {
  const norm *s = context;
  const float *const *in = (const float *const *)s->call->in;
  size_t first = block * ROW_BLOCK, at = first * s->C;
  (void)scratch;
  pm_vector_best()->normalise_rows_grad(
      (float *)s->call->out[PM_GROUPNORM_GRAD_DX] + at, (float *)s->call->workspace + block * 2 * s->C,
      in[PM_GROUPNORM_GRAD_X] + at, in[PM_GROUPNORM_GRAD_GAMMA], in[PM_GROUPNORM_GRAD_MEAN] + first,
      in[PM_GROUPNORM_GRAD_VARIANCE] + first, in[PM_GROUPNORM_GRAD_DY] + at, (float)s->attributes->epsilon,
      pm_smaller(samples_of(s) - first, ROW_BLOCK), s->C);
}

static void normalise_groups(norm s) {
  if (by_rows(&s))
    pm_parallel_for(pm_pieces(samples_of(&s), ROW_BLOCK), 0, normalise_row_block, &s);
  else
    run_samples(&s, normalise_sample);
}

void pm_cpu_groupnorm(const pm_call *call) {
  normalise_groups(norm_of(call, false));
}

void pm_cpu_groupnorm_silu(const pm_call *call) {
  normalise_groups(norm_of(call, true));
}

/* dx = a dz + b (x - mean) + k by channel, with r = 1 / sqrt(variance + epsilon), n the items of a group and sums over
 * it: a = gamma r, b = -r^3 sum(gamma dz (x - mean)) / n, k = -r sum(gamma dz) / n. */
static void gradient_channels(const norm *s, float *rows, const float *gamma, const float *variance) {
  const float *sums = rows + SUMS * s->C;
  double items = (double)(s->width * s->pixels);
  for (size_t g = 0; g < s->G; g++) {
    double r = 1 / sqrt((double)variance[g] + s->attributes->epsilon), sum = 0, products = 0;
    for (size_t c = g * s->width; c < (g + 1) * s->width; c++) {
      sum += (double)gamma[c] * sums[c];
      products += (double)gamma[c] * sums[s->C + c];
    }
    for (size_t c = g * s->width; c < (g + 1) * s->width; c++) {
      rows[A * s->C + c] = (float)(gamma[c] * r);
      rows[B * s->C + c] = (float)(-r * r * r * products / items);
      rows[K * s->C + c] = (float)(-r * sum / items);
    }
  }
}

static void gradient_sample(void *context, size_t n, void *scratch) {
  const norm *s = context;
  const pm_vector *v = pm_vector_best();
  const float *const *in = (const float *const *)s->call->in;
  size_t at = n * s->pixels * s->C;
  const float *x = in[PM_GROUPNORM_GRAD_X] + at, *dz = in[PM_GROUPNORM_GRAD_DY] + at;
  const float *gamma = in[PM_GROUPNORM_GRAD_GAMMA], *beta = in[PM_GROUPNORM_GRAD_BETA];
  const float *mean = in[PM_GROUPNORM_GRAD_MEAN] + n * s->G, *variance = in[PM_GROUPNORM_GRAD_VARIANCE] + n * s->G;
  float *dx = (float *)s->call->out[PM_GROUPNORM_GRAD_DX] + at, *rows = scratch, *sums = rows + SUMS * s->C;
  float *share = (float *)s->call->workspace + n * 2 * s->C;
  spread_channels(s, rows, gamma, mean, variance);
  if (s->silu) {
    v->silu_products(dx, sums, x, rows + MEAN * s->C, rows + SCALE * s->C, beta, dz, s->pixels, s->C);
    dz = dx;
  } else {
    v->deviation_products(sums, x, rows + MEAN * s->C, dz, s->pixels, s->C);
  }
  gradient_channels(s, rows, gamma, variance);
  v->batchnorm_grad(dx, x, rows + MEAN * s->C, dz, rows + A * s->C, rows + B * s->C, rows + K * s->C, s->pixels, s->C);
  for (size_t c = 0; c < s->C; c++) {
    share[c] = (float)(sums[s->C + c] / sqrt((double)variance[c / s->width] + s->attributes->epsilon));
    share[s->C + c] = sums[c];
  }
}

static void find_gradients(norm s) {
  const float *shares = s.call->workspace;
  float *dgamma = s.call->out[PM_GROUPNORM_GRAD_DGAMMA], *dbeta = s.call->out[PM_GROUPNORM_GRAD_DBETA];
  const size_t tasks = by_rows(&s) ? pm_pieces(samples_of(&s), ROW_BLOCK) : samples_of(&s);
  if (by_rows(&s))
    pm_parallel_for(tasks, 0, row_block_gradient, &s);
  else
    run_samples(&s, gradient_sample);
  for (size_t c = 0; c < s.C; c++) {
    double gamma = 0, beta = 0;
    for (size_t n = 0; n < tasks; n++) {
      gamma += shares[n * 2 * s.C + c];
      beta += shares[(n * 2 + 1) * s.C + c];
    }
    dgamma[c] = (float)gamma;
    dbeta[c] = (float)beta;
  }
}

void pm_cpu_groupnorm_grad(const pm_call *call) {
  find_gradients(norm_of(call, false));
}

void pm_cpu_groupnorm_silu_grad(const pm_call *call) {
  find_gradients(norm_of(call, true));
}

/* Two rows of channels for each task, of which there are at most as many as samples. */
size_t pm_cpu_groupnorm_grad_workspace(const pm_node *node) {
  return node->in[PM_GROUPNORM_GRAD_X]->shape.dim[0] * 2 * pm_columns(node->in[PM_GROUPNORM_GRAD_X]) * sizeof(float);
}
