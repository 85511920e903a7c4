/* The transforms of Winograd's F(4x4, 3x3), each along one axis and then along the other; compiled once for each tier.
 * winograd.h says what they are. Factors that are no powers of two wait for the end, where they are one for each
 * result. */
#include "backend/cpu/winograd.h"
#include "backend/cpu/tiers/registers.h"

#define ROOT_HALF 0.707106781f
#define ROOT_TWO 1.414213562f

enum { SIDE = PM_WINDOW, RESULTS = PM_WINDOW_RESULTS, TAPS = PM_WINDOW_TAPS };

/* Six numbers of a row, as the polynomial's values at 0, ±sqrt(1/2), ±sqrt(2) and infinity. */
INLINE void window_row(vector v[SIDE], const vector d[SIDE]) {
  const vector even_half = d[4] - 2.0f * d[2], odd_half = d[3] - 2.0f * d[1];
  const vector even_two = d[4] - 0.5f * d[2], odd_two = d[3] - 0.5f * d[1];
  v[0] = (d[0] + d[4]) - 2.5f * d[2];
  v[1] = even_half + ROOT_HALF * odd_half;
  v[2] = even_half - ROOT_HALF * odd_half;
  v[3] = even_two + ROOT_TWO * odd_two;
  v[4] = even_two - ROOT_TWO * odd_two;
  v[5] = (d[1] + d[5]) - 2.5f * d[3];
}

/* Up to four coefficients y, at the same points. */
INLINE void at_points(vector v[SIDE], vector y0, vector y1, vector y2, vector y3) {
  const vector even_half = y0 + 0.5f * y2, odd_half = y1 + 0.5f * y3;
  const vector even_two = y0 + 2.0f * y2, odd_two = y1 + 2.0f * y3;
  v[0] = y0;
  v[1] = even_half + ROOT_HALF * odd_half;
  v[2] = even_half - ROOT_HALF * odd_half;
  v[3] = even_two + ROOT_TWO * odd_two;
  v[4] = even_two - ROOT_TWO * odd_two;
  v[5] = y3;
}

/* Six products of a row to four results, the second one without its factor sqrt(1/2). */
INLINE void result_row(vector y[RESULTS], const vector m[SIDE]) {
  const vector sum_half = m[1] + m[2], difference_half = m[1] - m[2];
  const vector sum_two = m[3] + m[4], difference_two = m[3] - m[4];
  y[0] = (m[0] + sum_half) + sum_two;
  y[1] = difference_half + 2.0f * difference_two;
  y[2] = 0.5f * (sum_half + 4.0f * sum_two);
  y[3] = m[5] + 0.5f * ROOT_HALF * (difference_half + 8.0f * difference_two);
}
static const float result_factor[RESULTS] = {1, ROOT_HALF, 1, 1};

/* Three taps at the points, without the factors of the interpolation. */
INLINE void tap_row(vector v[SIDE], const vector g[TAPS]) {
  const vector even_half = g[0] + 0.5f * g[2], even_two = g[0] + 2.0f * g[2];
  v[0] = g[0];
  v[1] = even_half + ROOT_HALF * g[1];
  v[2] = even_half - ROOT_HALF * g[1];
  v[3] = even_two + ROOT_TWO * g[1];
  v[4] = even_two - ROOT_TWO * g[1];
  v[5] = g[2];
}
static const float tap_factor[SIDE] = {1, -2.0f / 3, -2.0f / 3, 1.0f / 6, 1.0f / 6, 1};

/* The transposed of the taps' transform with its factors, the second result without its factor. */
INLINE void tap_gradient_row(vector g[TAPS], const vector s[SIDE]) {
  const vector sum_half = s[1] + s[2], sum_two = s[3] + s[4];
  g[0] = (s[0] - 2.0f / 3 * sum_half) + 1.0f / 6 * sum_two;
  g[1] = (s[1] - s[2]) - 0.5f * (s[3] - s[4]);
  g[2] = s[5] + 1.0f / 3 * (sum_two - sum_half);
}
static const float tap_gradient_factor[TAPS] = {1, -2.0f / 3 * ROOT_HALF, 1};

static void window(float *v, size_t plane, const float *const pixel[PM_WINDOW_PIXELS], size_t C) {
  for (size_t c = 0; c < C; c += LENGTH) {
    vector half[SIDE][SIDE];
    UNROLL for (int x = 0; x < SIDE; x++) {
      vector in[SIDE], out[SIDE];
      UNROLL for (int y = 0; y < SIDE; y++) in[y] = load(pixel[y * SIDE + x] + c);
      window_row(out, in);
      UNROLL for (int y = 0; y < SIDE; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < SIDE; y++) {
      vector out[SIDE];
      window_row(out, half[y]);
      UNROLL for (int x = 0; x < SIDE; x++) store(v + (size_t)(y * SIDE + x) * plane + c, out[x]);
    }
  }
}

static void results(float *const pixel[PM_RESULT_PIXELS], const float *m, size_t plane, const float *bias, size_t C) {
  for (size_t c = 0; c < C; c += LENGTH) {
    const vector shift = load(bias + c);
    vector half[RESULTS][SIDE];
    UNROLL for (int x = 0; x < SIDE; x++) {
      vector in[SIDE], out[RESULTS];
      UNROLL for (int y = 0; y < SIDE; y++) in[y] = load(m + (size_t)(y * SIDE + x) * plane + c);
      result_row(out, in);
      UNROLL for (int y = 0; y < RESULTS; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < RESULTS; y++) {
      vector out[RESULTS];
      result_row(out, half[y]);
      UNROLL for (int x = 0; x < RESULTS; x++)
          store(pixel[y * RESULTS + x] + c, shift + result_factor[y] * result_factor[x] * out[x]);
    }
  }
}

static void gradients(float *q, size_t plane, const float *const pixel[PM_RESULT_PIXELS], size_t C) {
  for (size_t c = 0; c < C; c += LENGTH) {
    vector half[SIDE][RESULTS];
    UNROLL for (int x = 0; x < RESULTS; x++) {
      vector out[SIDE];
      at_points(out, load(pixel[x] + c), load(pixel[RESULTS + x] + c), load(pixel[2 * RESULTS + x] + c),
                load(pixel[3 * RESULTS + x] + c));
      UNROLL for (int y = 0; y < SIDE; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < SIDE; y++) {
      vector out[SIDE];
      at_points(out, half[y][0], half[y][1], half[y][2], half[y][3]);
      UNROLL for (int x = 0; x < SIDE; x++) store(q + (size_t)(y * SIDE + x) * plane + c, out[x]);
    }
  }
}

static void taps(float *u, size_t plane, const float *w, size_t tap, size_t n) {
  for (size_t i = 0; i < n; i += LENGTH) {
    vector half[SIDE][TAPS];
    UNROLL for (int x = 0; x < TAPS; x++) {
      vector in[TAPS], out[SIDE];
      UNROLL for (int y = 0; y < TAPS; y++) in[y] = load(w + (size_t)(y * TAPS + x) * tap + i);
      tap_row(out, in);
      UNROLL for (int y = 0; y < SIDE; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < SIDE; y++) {
      vector out[SIDE];
      tap_row(out, half[y]);
      UNROLL for (int x = 0; x < SIDE; x++)
          store(u + (size_t)(y * SIDE + x) * plane + i, tap_factor[y] * tap_factor[x] * out[x]);
    }
  }
}

static void taps_gradient(float *dw, size_t tap, const float *s, size_t plane, size_t n) {
  for (size_t i = 0; i < n; i += LENGTH) {
    vector half[TAPS][SIDE];
    UNROLL for (int x = 0; x < SIDE; x++) {
      vector in[SIDE], out[TAPS];
      UNROLL for (int y = 0; y < SIDE; y++) in[y] = load(s + (size_t)(y * SIDE + x) * plane + i);
      tap_gradient_row(out, in);
      UNROLL for (int y = 0; y < TAPS; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < TAPS; y++) {
      vector out[TAPS];
      tap_gradient_row(out, half[y]);
      UNROLL for (int x = 0; x < TAPS; x++)
          store(dw + (size_t)(y * TAPS + x) * tap + i, tap_gradient_factor[y] * tap_gradient_factor[x] * out[x]);
    }
  }
}

const pm_winograd TIER(winograd) = {
    .window = window, .results = results, .gradients = gradients, .taps = taps, .taps_gradient = taps_gradient};
