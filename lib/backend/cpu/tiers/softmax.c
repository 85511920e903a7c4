/* Softmax and what is built on it, over rows of K; compiled once for each tier. Short rows are transposed, LANES of
 * them side by side; in long ones the lanes run along the row. Which, K alone decides. */
#include "backend/cpu/tiers/parts.h"

enum { SHORT = 32 };

/* log(x) for x >= 1: exponent, and a series in (m - 1) / (m + 1) for m in [sqrt(1/2), sqrt(2)). What is no number stays
 * none: its bits would make a loss of about 89 of it, and the training would go on. */
static inline float log_one(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t shifted = bits - 0x3f3504f3u; /* bits of sqrt(1/2) */
  float exponent = (float)(int32_t)(shifted >> 23);
  bits = (shifted & 0x007fffffu) + 0x3f3504f3u;
  float m;
  memcpy(&m, &bits, sizeof m);
  float s = (m - 1.0f) / (m + 1.0f), z = s * s;
  const float series = s * (2.0f + z * (0.66666667f + z * (0.4f + z * (0.28571430f + z * 0.22222222f))));
  return x == x ? exponent * 0.69314718f + series : x;
}

typedef struct {
  float item[SHORT][LANES]; /* [k][row] */
} lane_tile;

/* Missing rows repeat the last, so that every lane holds numbers. */
static inline void load(lane_tile *t, const float *x, size_t rows, size_t K) {
  for (size_t l = 0; l < LANES; l++) {
    const float *row = x + (l < rows ? l : rows - 1) * K;
    for (size_t k = 0; k < K; k++)
      t->item[k][l] = row[k];
  }
}

static inline void store(float *x, const lane_tile *t, size_t rows, size_t K) {
  for (size_t l = 0; l < LANES && l < rows; l++)
    for (size_t k = 0; k < K; k++)
      x[l * K + k] = t->item[k][l];
}

/* exp(factor (x - top)) in the place of x, with the sums; returns the tops through `top`. */
static inline void exponentials(lane_tile *t, float top[LANES], float sum[LANES], float factor, size_t K) {
  for (size_t l = 0; l < LANES; l++) {
    top[l] = t->item[0][l];
    sum[l] = 0;
  }
  for (size_t k = 1; k < K; k++)
    for (size_t l = 0; l < LANES; l++)
      top[l] = t->item[k][l] > top[l] ? t->item[k][l] : top[l];
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < LANES; l++) {
      float e = exp_one(factor * (t->item[k][l] - top[l]));
      t->item[k][l] = e;
      sum[l] += e;
    }
}

static void softmax_short(float *y, const float *x, float factor, size_t rows, size_t K) {
  lane_tile t;
  float top[LANES], sum[LANES];
  load(&t, x, rows, K);
  exponentials(&t, top, sum, factor, K);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < LANES; l++)
      t.item[k][l] = t.item[k][l] / sum[l];
  store(y, &t, rows, K);
}

static float largest(const float *x, size_t K) {
  float lane[LANES], top;
  for (size_t l = 0; l < LANES; l++)
    lane[l] = x[l];
  size_t k = LANES;
  for (; k + LANES <= K; k += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] = x[k + l] > lane[l] ? x[k + l] : lane[l];
  top = lane[0];
  for (; k < K; k++)
    top = x[k] > top ? x[k] : top;
  for (size_t l = 1; l < LANES; l++)
    top = lane[l] > top ? lane[l] : top;
  return top;
}

/* y = exp(factor (x - top)), and the sum. */
static float exponentials_long(float *y, const float *x, float top, float factor, size_t K) {
  float lane[LANES] = {0};
  size_t k = 0;
  for (; k + LANES <= K; k += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float e = exp_one(factor * (x[k + l] - top));
      y[k + l] = e;
      lane[l] += e;
    }
  for (; k < K; k++)
    lane[k % LANES] += y[k] = exp_one(factor * (x[k] - top));
  return sum_lanes(lane);
}

static float dot(const float *a, const float *b, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += a[i + l] * b[i + l];
  for (; i < n; i++)
    lane[i % LANES] += a[i] * b[i];
  return sum_lanes(lane);
}

void TIER(softmax)(float *y, const float *x, float factor, size_t rows, size_t K) {
  if (K <= SHORT) {
    for (size_t r = 0; r < rows; r += LANES)
      softmax_short(y + r * K, x + r * K, factor, rows - r, K);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    float sum = exponentials_long(y + r * K, x + r * K, largest(x + r * K, K), factor, K);
    for (size_t k = 0; k < K; k++)
      y[r * K + k] = y[r * K + k] / sum;
  }
}

/* The same over the first `seen` of K numbers, the others taken as 0: whole vectors as far as there are K. */
static float largest_seen(const float *x, size_t seen, size_t K) {
  float lane[LANES], top = x[0];
  for (size_t l = 0; l < LANES; l++)
    lane[l] = x[0];
  size_t k = 0;
  for (; k < seen && k + LANES <= K; k += LANES) {
    const int32_t left = (int32_t)(seen - k);
    for (int32_t l = 0; l < LANES; l++)
      lane[l] = l < left && x[k + (size_t)l] > lane[l] ? x[k + (size_t)l] : lane[l];
  }
  for (; k < seen; k++)
    top = x[k] > top ? x[k] : top;
  for (size_t l = 0; l < LANES; l++)
    top = lane[l] > top ? lane[l] : top;
  return top;
}

static float exponentials_seen(float *y, const float *x, float top, float factor, size_t seen, size_t K) {
  float lane[LANES] = {0};
  size_t k = 0;
  for (; k < seen && k + LANES <= K; k += LANES) {
    const int32_t left = (int32_t)(seen - k);
    for (int32_t l = 0; l < LANES; l++) {
      float e = exp_one(factor * (x[k + (size_t)l] - top));
      e = l < left ? e : 0;
      y[k + (size_t)l] = e;
      lane[l] += e;
    }
  }
  for (; k < K; k++) {
    y[k] = k < seen ? exp_one(factor * (x[k] - top)) : 0;
    lane[k % LANES] += y[k];
  }
  return sum_lanes(lane);
}

void TIER(softmax_causal)(float *y, const float *x, float factor, size_t first, size_t rows, size_t T) {
  for (size_t r = 0; r < rows; r++, x += T, y += T) {
    const size_t seen = first + r + 1;
    const float sum = exponentials_seen(y, x, largest_seen(x, seen, T), factor, seen, T);
    for (size_t k = 0; k < T; k++)
      y[k] = y[k] / sum;
  }
}

static void softmax_grad_short(float *dx, const float *y, const float *dy, float factor, size_t rows, size_t K) {
  lane_tile p, d;
  float sum[LANES] = {0};
  load(&p, y, rows, K);
  load(&d, dy, rows, K);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < LANES; l++)
      sum[l] += p.item[k][l] * d.item[k][l];
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < LANES; l++)
      d.item[k][l] = factor * p.item[k][l] * (d.item[k][l] - sum[l]);
  store(dx, &d, rows, K);
}

void TIER(softmax_grad)(float *dx, const float *y, const float *dy, float factor, size_t rows, size_t K) {
  if (K <= SHORT) {
    for (size_t r = 0; r < rows; r += LANES)
      softmax_grad_short(dx + r * K, y + r * K, dy + r * K, factor, rows - r, K);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    float sum = dot(y + r * K, dy + r * K, K);
    for (size_t k = r * K; k < (r + 1) * K; k++)
      dx[k] = factor * y[k] * (dy[k] - sum);
  }
}

/* A long row's exponentials, for their sum alone, go to a piece of stack. */
static float exponential_sum(const float *x, float top, size_t K) {
  enum { PIECE = 256 };
  float piece[PIECE], sum = 0;
  for (size_t k = 0; k < K; k += PIECE)
    sum += exponentials_long(piece, x + k, top, 1, K - k < PIECE ? K - k : PIECE);
  return sum;
}

float TIER(cross_entropy)(const float *x, const int32_t *index, size_t rows, size_t K) {
  double total = 0;
  for (size_t r = 0; r < rows; r += K <= SHORT ? LANES : 1) {
    float top[LANES], sum[LANES];
    size_t count = 1;
    if (K <= SHORT) {
      lane_tile t;
      count = rows - r < LANES ? rows - r : LANES;
      load(&t, x + r * K, count, K);
      exponentials(&t, top, sum, 1, K);
    } else {
      top[0] = largest(x + r * K, K);
      sum[0] = exponential_sum(x + r * K, top[0], K);
    }
    for (size_t l = 0; l < count; l++)
      total += log_one(sum[l]) + (top[l] - x[(r + l) * K + index[r + l]]);
  }
  return (float)total;
}

static void cross_entropy_grad_short(float *dx, const float *x, float scale, size_t rows, size_t K) {
  lane_tile t;
  float top[LANES], sum[LANES];
  load(&t, x, rows, K);
  exponentials(&t, top, sum, 1, K);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < LANES; l++)
      t.item[k][l] = scale * (t.item[k][l] / sum[l]);
  store(dx, &t, rows, K);
}

void TIER(cross_entropy_grad)(float *dx, const float *x, const int32_t *index, float scale, size_t rows, size_t K) {
  for (size_t r = 0; r < rows && K <= SHORT; r += LANES)
    cross_entropy_grad_short(dx + r * K, x + r * K, scale, rows - r, K);
  for (size_t r = 0; r < rows && K > SHORT; r++) {
    float sum = exponentials_long(dx + r * K, x + r * K, largest(x + r * K, K), 1, K);
    for (size_t k = 0; k < K; k++)
      dx[r * K + k] = scale * (dx[r * K + k] / sum);
  }
  for (size_t r = 0; r < rows; r++)
    dx[r * K + index[r]] -= scale;
}
