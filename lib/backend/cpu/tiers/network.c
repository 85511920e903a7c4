/* Loops of the denoising networks; compiled once for each tier. */
#include "backend/cpu/tiers/parts.h"

#include <math.h>

static inline float silu_one(float x) {
  return x * sigmoid_one(x);
}

static inline float silu_derivative(float x) {
  float s = sigmoid_one(x);
  return s * (1.0f + x * (1.0f - s));
}

void TIER(silu)(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = silu_one(x[i]);
}

void TIER(silu_grad)(float *dx, const float *x, const float *dy, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = dy[i] * silu_derivative(x[i]);
}

/* Phi(x), the normal distribution's cumulative, with e = exp(-x^2 / 2): Abramowitz and Stegun, "Handbook of
 * Mathematical Functions", 7.1.26; within 1e-7. */
static inline float cumulative_one(float x, float e) {
  float t = 1.0f / (1.0f + 0.23164189f * fabsf(x)); /* 0.3275911 / sqrt 2 */
  float p = 1.061405429f;
  p = p * t + -1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t + -0.284496736f;
  p = p * t + 0.254829592f;
  float tail = 0.5f * (p * t) * e;
  return x < 0 ? tail : 1.0f - tail;
}

void TIER(gelu)(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = x[i] * cumulative_one(x[i], exp_one(-0.5f * (x[i] * x[i])));
}

void TIER(gelu_grad)(float *dx, const float *x, const float *dy, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float e = exp_one(-0.5f * (x[i] * x[i]));
    dx[i] = dy[i] * (cumulative_one(x[i], e) + x[i] * (0.39894228f * e));
  }
}

void TIER(normalise_silu)(float *y, const float *x, const float *mean, const float *scale, const float *shift,
                          size_t rows, size_t C) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      y[r * C + c] = silu_one((x[r * C + c] - mean[c]) * scale[c] + shift[c]);
}

/* LANES channels of all rows: the sums stay in registers, and dz may be dy because a row is read before it is written.
 */
static inline void products_of_lanes(float *dz, float *sum, float *products, const float *x, const float *mean,
                                     const float *scale, const float *shift, const float *dy, size_t rows, size_t C,
                                     size_t lanes) {
  float s[LANES] = {0}, p[LANES] = {0}, m[LANES], a[LANES], b[LANES];
  for (size_t l = 0; l < lanes; l++) {
    m[l] = mean[l];
    a[l] = scale[l];
    b[l] = shift[l];
  }
  for (size_t r = 0; r < rows; r++, x += C, dy += C, dz += C) {
    float d[LANES];
    for (size_t l = 0; l < lanes; l++) {
      float deviation = x[l] - m[l];
      d[l] = dy[l] * silu_derivative(deviation * a[l] + b[l]);
      s[l] += d[l];
      p[l] += d[l] * deviation;
    }
    memcpy(dz, d, lanes * sizeof *d);
  }
  memcpy(sum, s, lanes * sizeof *s);
  memcpy(products, p, lanes * sizeof *p);
}

void TIER(silu_products)(float *dz, float *sum, const float *x, const float *mean, const float *scale,
                         const float *shift, const float *dy, size_t rows, size_t C) {
  size_t c = 0;
  for (; c + LANES <= C; c += LANES)
    products_of_lanes(dz + c, sum + c, sum + C + c, x + c, mean + c, scale + c, shift + c, dy + c, rows, C, LANES);
  for (; c < C; c++)
    products_of_lanes(dz + c, sum + c, sum + C + c, x + c, mean + c, scale + c, shift + c, dy + c, rows, C, 1);
}

float TIER(squares)(const float *x, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += x[i + l] * x[i + l];
  for (; i < n; i++)
    lane[i % LANES] += x[i] * x[i];
  return sum_lanes(lane);
}

float TIER(absolute_error)(const float *x, const float *target, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float d = x[i + l] - target[i + l];
      lane[l] += d < 0 ? -d : d;
    }
  for (; i < n; i++) {
    float d = x[i] - target[i];
    lane[i % LANES] += d < 0 ? -d : d;
  }
  return sum_lanes(lane);
}

void TIER(absolute_error_grad)(float *dx, const float *x, const float *target, float scale, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = x[i] > target[i] ? scale : x[i] < target[i] ? -scale : 0;
}

void TIER(combine)(float *out, const float *x, const float *y, float a, float b, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = a * x[i] + b * y[i];
}

static inline float sum_of(const float *x, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += x[i + l];
  for (; i < n; i++)
    lane[i % LANES] += x[i];
  return sum_lanes(lane);
}

static inline float square_deviations_of(const float *x, float mean, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += (x[i + l] - mean) * (x[i + l] - mean);
  for (; i < n; i++)
    lane[i % LANES] += (x[i] - mean) * (x[i] - mean);
  return sum_lanes(lane);
}

void TIER(normalise_rows)(float *y, float *mean, float *variance, const float *x, const float *gamma, const float *beta,
                          float epsilon, size_t rows, size_t C) {
  for (size_t r = 0; r < rows; r++, x += C, y += C) {
    const float m = sum_of(x, C) / (float)C, v = square_deviations_of(x, m, C) / (float)C;
    const float scale = 1.0f / sqrtf(v + epsilon);
    mean[r] = m;
    variance[r] = v;
    for (size_t c = 0; c < C; c++)
      y[c] = (x[c] - m) * scale * gamma[c] + beta[c];
  }
}

/* LANES floats that may lie anywhere; the compiler makes of them what registers there are. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/* The row's sums of gamma dy and of gamma dy x', x' the normalised x. */
static inline void gradient_sums(float sum[2], const float *x, const float *gamma, const float *dy, float mean,
                                 float scale, size_t n) {
  float plain[LANES] = {0}, product[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float d = gamma[i + l] * dy[i + l];
      plain[l] += d;
      product[l] += d * ((x[i + l] - mean) * scale);
    }
  for (; i < n; i++) {
    float d = gamma[i] * dy[i];
    plain[i % LANES] += d;
    product[i % LANES] += d * ((x[i] - mean) * scale);
  }
  sum[0] = sum_lanes(plain);
  sum[1] = sum_lanes(product);
}

/* dx = scale (gamma dy - mean of gamma dy - x' mean of gamma dy x') */
void TIER(normalise_rows_grad)(float *dx, float *sum, const float *x, const float *gamma, const float *mean,
                               const float *variance, const float *dy, float epsilon, size_t rows, size_t C) {
  memset(sum, 0, 2 * C * sizeof *sum);
  for (size_t r = 0; r < rows; r++, x += C, dx += C, dy += C) {
    const float scale = 1.0f / sqrtf(variance[r] + epsilon), m = mean[r];
    float means[2];
    gradient_sums(means, x, gamma, dy, m, scale, C);
    means[0] /= (float)C;
    means[1] /= (float)C;
    size_t c = 0;
    for (; c + LANES <= C; c += LANES) {
      const lanes normal = (*(const lanes *)(x + c) - m) * scale, d = *(const lanes *)(dy + c);
      *(lanes *)(sum + c) += d * normal;
      *(lanes *)(sum + C + c) += d;
      *(lanes *)(dx + c) = scale * (*(const lanes *)(gamma + c) * d - means[0] - normal * means[1]);
    }
    for (; c < C; c++) {
      float normal = (x[c] - m) * scale, d = dy[c];
      sum[c] += d * normal;
      sum[C + c] += d;
      dx[c] = scale * (gamma[c] * d - means[0] - normal * means[1]);
    }
  }
}

void TIER(sum_listed)(float *y, const float *table, const int32_t *list, size_t n, size_t columns, size_t D) {
  size_t c = 0;
  for (; c + 4 * LANES <= columns; c += 4 * LANES) { /* four of them, whose sums stay in registers */
    lanes a = {0}, b = {0}, d = {0}, e = {0};
    for (size_t i = 0; i < n; i++) {
      const lanes *row = (const lanes *)(table + (size_t)list[i] * D + c);
      a += row[0];
      b += row[1];
      d += row[2];
      e += row[3];
    }
    lanes *to = (lanes *)(y + c);
    to[0] = a;
    to[1] = b;
    to[2] = d;
    to[3] = e;
  }
  for (; c < columns; c++) {
    y[c] = 0;
    for (size_t i = 0; i < n; i++)
      y[c] += table[(size_t)list[i] * D + c];
  }
}

void TIER(add_to_listed)(float *table, const float *x, const int32_t *list, size_t n) {
  const lanes added = *(const lanes *)x;
  for (size_t i = 0; i < n; i++)
    *(lanes *)(table + (size_t)list[i] * LANES) += added;
}
