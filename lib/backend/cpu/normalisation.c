/* Sums over rows and what is built on them. Blocks of BLOCK rows are the tasks; each sums in float, the blocks are
 * added in double in their order. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <math.h>

enum { SUM_BLOCK = 256 };

typedef struct {
  const float *x, *mean, *dy;
  float *out;
  const float *a, *b, *c; /* by channel, for the pass that writes */
  float *sums;            /* [blocks, 2 C] */
  size_t rows, C;
} pass;

static size_t blocks(size_t rows) {
  return pm_pieces(rows, SUM_BLOCK);
}

/* Sums of two kinds for each block, and six rows of channels. The rows are those of the first input of each op here. */
size_t pm_cpu_rows_workspace(const pm_node *node) {
  return (blocks(pm_rows(node->in[0])) * 2 + 6) * pm_columns(node->in[0]) * sizeof(float);
}

/* Over the input number x. */
static pass pass_of(const pm_call *call, int x) {
  return (pass){.x = call->in[x],
                .rows = pm_rows(call->node->in[x]),
                .C = pm_columns(call->node->in[x]),
                .out = call->out[0],
                .sums = call->workspace};
}

/* The k-th of the six rows of channels behind the sums. */
static float *channels(const pass *p, int k) {
  return p->sums + (blocks(p->rows) * 2 + (size_t)k) * p->C;
}

static size_t block_rows(const pass *p, size_t block) {
  return pm_smaller(p->rows - block * SUM_BLOCK, SUM_BLOCK);
}

static double total(const pass *p, size_t column) {
  double sum = 0;
  for (size_t b = 0; b < blocks(p->rows); b++)
    sum += p->sums[b * 2 * p->C + column];
  return sum;
}

static void over_blocks(pass *p, pm_task task) {
  pm_parallel_for(blocks(p->rows), 0, task, p);
}

static void sum_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  (void)scratch;
  pm_vector_best()->sum_rows(p->sums + b * 2 * p->C, p->x + b * SUM_BLOCK * p->C, block_rows(p, b), p->C);
}

static void deviation_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  (void)scratch;
  pm_vector_best()->square_deviations(p->sums + b * 2 * p->C, p->x + b * SUM_BLOCK * p->C, p->mean, block_rows(p, b),
                                      p->C);
}

static void product_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  (void)scratch;
  pm_vector_best()->deviation_products(p->sums + b * 2 * p->C, p->x + b * SUM_BLOCK * p->C, p->mean,
                                       p->dy + b * SUM_BLOCK * p->C, block_rows(p, b), p->C);
}

static void bias_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  (void)scratch;
  pm_vector_best()->add_bias(p->out + b * SUM_BLOCK * p->C, p->x + b * SUM_BLOCK * p->C, p->a, block_rows(p, b), p->C);
}

static void normalise_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  (void)scratch;
  pm_vector_best()->normalise(p->out + b * SUM_BLOCK * p->C, p->x + b * SUM_BLOCK * p->C, p->mean, p->a, p->b,
                              block_rows(p, b), p->C);
}

static void gradient_block(void *context, size_t b, void *scratch) {
  const pass *p = context;
  size_t at = b * SUM_BLOCK * p->C;
  (void)scratch;
  pm_vector_best()->batchnorm_grad(p->out + at, p->x + at, p->mean, p->dy + at, p->a, p->b, p->c, block_rows(p, b),
                                   p->C);
}

void pm_cpu_add_bias(const pm_call *call) {
  pass p = pass_of(call, PM_ADD_BIAS_X);
  p.a = call->in[PM_ADD_BIAS_B];
  over_blocks(&p, bias_block);
}

void pm_cpu_sum_rows(const pm_call *call) {
  pass p = pass_of(call, 0);
  over_blocks(&p, sum_block);
  for (size_t c = 0; c < p.C; c++)
    p.out[c] = (float)total(&p, c);
}

/* y = (x - mean) scale + beta with scale = gamma / sqrt(variance + epsilon). */
static void normalise_channels(pass *p, const float *gamma, const float *beta, const float *mean, const float *variance,
                               double epsilon) {
  float *scale = channels(p, 0);
  for (size_t c = 0; c < p->C; c++)
    scale[c] = (float)(gamma[c] / sqrt((double)variance[c] + epsilon));
  p->mean = mean;
  p->a = scale;
  p->b = beta;
  over_blocks(p, normalise_block);
}

void pm_cpu_batchnorm(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  float *mean = call->out[PM_BATCHNORM_MEAN], *variance = call->out[PM_BATCHNORM_VARIANCE];
  pass p = pass_of(call, PM_BATCHNORM_X);
  over_blocks(&p, sum_block);
  for (size_t c = 0; c < p.C; c++)
    mean[c] = (float)(total(&p, c) / (double)p.rows);
  p.mean = mean;
  over_blocks(&p, deviation_block);
  for (size_t c = 0; c < p.C; c++)
    variance[c] = (float)(total(&p, c) / (double)p.rows);
  normalise_channels(&p, call->in[PM_BATCHNORM_GAMMA], call->in[PM_BATCHNORM_BETA], mean, variance, a->epsilon);
}

void pm_cpu_batchnorm_use(const pm_call *call) {
  const pm_batchnorm_attributes *a = call->node->attributes;
  pass p = pass_of(call, PM_BATCHNORM_USE_X);
  normalise_channels(&p, call->in[PM_BATCHNORM_USE_GAMMA], call->in[PM_BATCHNORM_USE_BETA],
                     call->in[PM_BATCHNORM_USE_MEAN], call->in[PM_BATCHNORM_USE_VARIANCE], a->epsilon);
}

/* dx = gamma s (dy - mean(dy) - (x - mean) s^2 mean(dy (x - mean))) */
void pm_cpu_batchnorm_grad(const pm_call *call) {
  const pm_batchnorm_attributes *attributes = call->node->attributes;
  const float *gamma = call->in[PM_BATCHNORM_GRAD_GAMMA], *variance = call->in[PM_BATCHNORM_GRAD_VARIANCE];
  float *dgamma = call->out[PM_BATCHNORM_GRAD_DGAMMA], *dbeta = call->out[PM_BATCHNORM_GRAD_DBETA];
  pass p = pass_of(call, PM_BATCHNORM_GRAD_X);
  p.mean = call->in[PM_BATCHNORM_GRAD_MEAN];
  p.dy = call->in[PM_BATCHNORM_GRAD_DY];
  over_blocks(&p, product_block);
  float *a = channels(&p, 0), *b = channels(&p, 1), *k = channels(&p, 2);
  for (size_t c = 0; c < p.C; c++) {
    double s = 1 / sqrt((double)variance[c] + attributes->epsilon), n = (double)p.rows;
    double sum = total(&p, c), products = total(&p, p.C + c);
    a[c] = (float)(gamma[c] * s);
    b[c] = (float)(-gamma[c] * s * s * s * products / n);
    k[c] = (float)(-gamma[c] * s * sum / n);
    dgamma[c] = (float)(products * s);
    dbeta[c] = (float)sum;
  }
  p.a = a;
  p.b = b;
  p.c = k;
  over_blocks(&p, gradient_block);
}
