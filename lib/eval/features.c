#include "eval/features.h"

#include "core/random.h"
#include "core/tasks.h"
#include "eval/resample.h"

#include <math.h>
#include <string.h>

enum { LEVELS = 3, QUARTERS = 4, TAPS = 9, LANES = PM_EVAL_LANES, NET_SEED = 20260101 };

static const size_t filters[LEVELS] = {16, 32, 64};

static pm_features new_features(pm_arena *arena, size_t count, size_t dims, double unit) {
  pm_features f = {.count = count, .dims = dims, .stride = pm_eval_padded(dims), .unit = unit};
  f.value = pm_alloc(arena, pm_multiply(NULL, count, f.stride), sizeof *f.value);
  return f;
}

static void write_pixels(float *out, const pm_sprites *s, size_t i) {
  for (size_t p = 0; p < s->height * s->width; p++) {
    const unsigned char *rgba = pm_sprites_pixel(s, i, 0, p);
    for (int c = 0; c < 3; c++)
      *out++ = (float)((rgba[c] * rgba[3] + 127) / 255);
    if (s->channels == 4)
      *out++ = rgba[3];
  }
}

pm_features pm_features_of_pixels(pm_arena *arena, const pm_sprites *s) {
  pm_features f = new_features(arena, s->count, s->height * s->width * (size_t)s->channels, 255);
  for (size_t i = 0; i < s->count; i++)
    write_pixels(f.value + i * f.stride, s, i);
  return f;
}

/* ---- the net ---- */

typedef struct {
  const pm_sprites *sprites;
  const float *weight[LEVELS]; /* [TAPS, inputs, filters] */
  size_t largest;              /* values of the largest layer */
  pm_features *out;
} feature_net;

/* LANES filters at one place: y[0 … LANES - 1]. What lies outside the picture is zero. */
static void filter_place(float *y, const float *x, const float *weight, size_t height, size_t width, size_t inputs,
                         size_t outputs, size_t row, size_t column) {
  float sum[LANES] = {0};
  for (size_t tap = 0; tap < TAPS; tap++) {
    size_t from_row = row + tap / 3 - 1,
           from_column = column + tap % 3 - 1; /* -1 wraps to a number that is too large */
    if (from_row >= height || from_column >= width)
      continue;
    const float *in = x + (from_row * width + from_column) * inputs, *w = weight + tap * inputs * outputs;
    for (size_t i = 0; i < inputs; i++, w += outputs)
      for (size_t l = 0; l < LANES; l++)
        sum[l] += in[i] * w[l];
  }
  for (size_t l = 0; l < LANES; l++)
    y[l] = sum[l] > 0 ? sum[l] : 0;
}

static void convolve(float *y, const float *x, const float *weight, size_t height, size_t width, size_t inputs,
                     size_t outputs) {
  for (size_t row = 0; row < height; row++)
    for (size_t column = 0; column < width; column++)
      for (size_t o = 0; o < outputs; o += LANES)
        filter_place(y + (row * width + column) * outputs + o, x, weight + o, height, width, inputs, outputs, row,
                     column);
}

/* Mean of a rectangle, each filter for itself. */
static void mean_of(float *out, const float *y, size_t width, size_t n, size_t top, size_t bottom, size_t left,
                    size_t right) {
  memset(out, 0, n * sizeof *out);
  for (size_t row = top; row < bottom; row++)
    for (size_t column = left; column < right; column++)
      for (size_t i = 0; i < n; i++)
        out[i] += y[(row * width + column) * n + i];
  float area = (float)((bottom - top) * (right - left));
  for (size_t i = 0; i < n; i++)
    out[i] /= area;
}

/* Halves that share their middle where a side is odd, so that none is empty. */
static float *write_quarters(float *out, const float *y, size_t height, size_t width, size_t n) {
  for (size_t q = 0; q < QUARTERS; q++, out += n) {
    size_t down = q / 2, right = q % 2;
    mean_of(out, y, width, n, down ? height / 2 : 0, down ? height : (height + 1) / 2, right ? width / 2 : 0,
            right ? width : (width + 1) / 2);
  }
  return out;
}

/* 2 x 2 means; the last row and column of an odd side by themselves. */
static void halve(float *x, const float *y, size_t height, size_t width, size_t n) {
  for (size_t row = 0; row < height; row += 2)
    for (size_t column = 0; column < width; column += 2, x += n)
      mean_of(x, y, width, n, row, row + 2 < height ? row + 2 : height, column,
              column + 2 < width ? column + 2 : width);
}

static void see_one(void *context, size_t task, void *scratch) {
  const feature_net *n = context;
  float *x = scratch, *y = x + n->largest, *out = n->out->value + task * n->out->stride;
  size_t height = n->sprites->height, width = n->sprites->width, inputs = (size_t)n->sprites->channels;
  write_pixels(x, n->sprites, task);
  for (int level = 0; level < LEVELS; level++) {
    convolve(y, x, n->weight[level], height, width, inputs, filters[level]);
    out = write_quarters(out, y, height, width, filters[level]);
    halve(x, y, height, width, filters[level]);
    height = (height + 1) / 2, width = (width + 1) / 2, inputs = filters[level];
  }
}

pm_features pm_features_of_net(pm_arena *arena, const pm_sprites *s) {
  feature_net n = {.sprites = s};
  size_t inputs = (size_t)s->channels, pixels = s->height * s->width, dims = 0;
  for (int level = 0; level < LEVELS; level++) {
    size_t weights = TAPS * inputs * filters[level];
    float *weight = pm_alloc(arena, weights, sizeof *weight);
    pm_normals(weight, weights, NET_SEED, pm_purpose("score features"), (uint32_t)level, 0);
    float scale = sqrtf(2 / (float)(TAPS * inputs)) / (level == 0 ? 255 : 1);
    for (size_t i = 0; i < weights; i++)
      weight[i] *= scale;
    n.weight[level] = weight;
    inputs = filters[level];
    dims += QUARTERS * inputs;
    /* More than a later level needs, which has fewer places. */
    n.largest = pixels * inputs > n.largest ? pixels * inputs : n.largest;
  }
  pm_features f = new_features(arena, s->count, dims, 1);
  n.out = &f;
  pm_parallel_for(s->count, 2 * n.largest * sizeof(float), see_one, &n);
  return f;
}

enum { LEAST_DEVIATION = 10 /* one in as many of the typical one: features that are nearly always 0 decide nothing */ };

void pm_features_standardise(pm_arena *arena, pm_features *f, const pm_features *reference) {
  double *mean = pm_alloc(arena, f->dims, sizeof *mean), *scale = pm_alloc(arena, f->dims, sizeof *scale);
  double typical = 0;
  for (size_t i = 0; i < reference->count; i++)
    for (size_t d = 0; d < f->dims; d++)
      mean[d] += reference->value[i * reference->stride + d] / (double)reference->count;
  for (size_t i = 0; i < reference->count; i++)
    for (size_t d = 0; d < f->dims; d++)
      scale[d] += pow(reference->value[i * reference->stride + d] - mean[d], 2) / (double)reference->count;
  for (size_t d = 0; d < f->dims; d++)
    typical += scale[d] / (double)f->dims;
  for (size_t d = 0; d < f->dims; d++)
    scale[d] = typical > 1e-12 ? 1 / fmax(sqrt(scale[d]), sqrt(typical) / LEAST_DEVIATION) : 1;
  for (size_t i = 0; i < f->count; i++)
    for (size_t d = 0; d < f->dims; d++) {
      float *v = &f->value[i * f->stride + d];
      *v = (float)((*v - mean[d]) * scale[d]);
    }
}
