/* Loops of the denoising networks; compiled once for each tier. */
#include "backend/cpu/tiers/parts.h"

static inline float silu_one(float x) {
  return x * sigmoid_one(x);
}

static inline float silu_slope(float x) {
  float s = sigmoid_one(x);
  return s * (1.0f + x * (1.0f - s));
}

void TIER(silu)(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = silu_one(x[i]);
}

void TIER(silu_grad)(float *dx, const float *x, const float *dy, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = dy[i] * silu_slope(x[i]);
}

void TIER(normalise_silu)(float *y, const float *x, const float *mean, const float *scale, const float *shift,
                          size_t rows, size_t C) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      y[r * C + c] = silu_one((x[r * C + c] - mean[c]) * scale[c] + shift[c]);
}

void TIER(silu_products)(float *dz, float *sum, const float *x, const float *mean, const float *scale,
                         const float *shift, const float *dy, size_t rows, size_t C) {
  memset(sum, 0, 2 * C * sizeof *sum);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++) {
      float deviation = x[r * C + c] - mean[c];
      float d = dy[r * C + c] * silu_slope(deviation * scale[c] + shift[c]);
      dz[r * C + c] = d;
      sum[c] += d;
      sum[C + c] += d * deviation;
    }
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

/* Philox 4x32-10 (core/random.h) for LANES blocks side by side, from block `first`: the 4 LANES numbers of elements
 * 4 first … */
static inline void philox_lanes(uint32_t bits[4 * LANES], uint32_t first, const pm_dropout_constants *k) {
  uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES], k0 = k->key[0], k1 = k->key[1];
  for (uint32_t l = 0; l < LANES; l++) {
    c0[l] = first + l;
    c1[l] = k->slot;
    c2[l] = k->step;
    c3[l] = k->purpose;
  }
  for (int round = 0; round < 10; round++) {
    for (int l = 0; l < LANES; l++) {
      uint64_t a = (uint64_t)0xD2511F53u * c0[l], b = (uint64_t)0xCD9E8D57u * c2[l];
      c0[l] = (uint32_t)(b >> 32) ^ c1[l] ^ k0;
      c2[l] = (uint32_t)(a >> 32) ^ c3[l] ^ k1;
      c1[l] = (uint32_t)b;
      c3[l] = (uint32_t)a;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int l = 0; l < LANES; l++) {
    bits[4 * l] = c0[l];
    bits[4 * l + 1] = c1[l];
    bits[4 * l + 2] = c2[l];
    bits[4 * l + 3] = c3[l];
  }
}

void TIER(dropout)(float *y, const float *x, pm_dropout_constants k, size_t n) {
  uint32_t bits[4 * LANES];
  for (size_t from = 0; from < n; from += 4 * LANES) {
    philox_lanes(bits, (uint32_t)(from / 4), &k);
    size_t length = n - from < 4 * LANES ? n - from : 4 * LANES;
    for (size_t i = 0; i < length; i++) {
      float u = (float)(int32_t)(bits[i] >> 9) * 0x1p-23f + 0x1p-24f; /* pm_unit_float */
      float kept = x[from + i] * k.scale;
      y[from + i] = u >= k.p ? kept : 0;
    }
  }
}
