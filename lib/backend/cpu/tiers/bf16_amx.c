/* Products of bfloat16 by Intel's matrix tiles (AMX): sixteen rows, by up to four tiles of sixteen columns, by sixteen
 * pairs at a time. The four tile instructions are functions of their own; where the compiler is not asked for AMX they
 * are plain C that rounds as the instructions do, so that packing and loops are the same code and run anywhere.
 *
 * A result's sums, unlike vdpbf16ps': of sixteen pairs, the first numbers' products are added up from 0, and the second
 * ones'; then both together are added to the result (Intel, "Architecture Instruction Set Extensions Programming
 * Reference", TDPBF16PS). */
#include "backend/cpu/tiers/bf16_parts.h"

enum { SIDE = 16 }; /* rows of a tile; pairs, or floats, of a row */

/* tiles 0 to 3: results; 4: from the left; 5 and 6: from the right */
#ifdef __AMX_BF16__
#include <immintrin.h>
#define tile_load(tile, from, bytes) _tile_loadd(tile, from, bytes)
#define tile_store(tile, to, bytes) _tile_stored(tile, to, bytes)
#define tile_multiply(to, left, right) _tile_dpbf16ps(to, left, right)

static void tiles_begin(void) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } whole = {.palette = 1};
  for (int t = 0; t < 8; t++) {
    whole.bytes[t] = SIDE * sizeof(float);
    whole.rows[t] = SIDE;
  }
  _tile_loadconfig(&whole);
}
#define tiles_end() _tile_release()
#else
static _Thread_local uint32_t tile_row[8][SIDE][SIDE];

static void tile_load(int tile, const void *from, size_t bytes) {
  for (size_t r = 0; r < SIDE; r++)
    memcpy(tile_row[tile][r], (const char *)from + r * bytes, sizeof tile_row[tile][r]);
}

static void tile_store(int tile, void *to, size_t bytes) {
  for (size_t r = 0; r < SIDE; r++)
    memcpy((char *)to + r * bytes, tile_row[tile][r], sizeof tile_row[tile][r]);
}

static float number(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Products of two bfloat16 numbers are exact, so that a multiplication and an addition round once, too. */
static void tile_multiply(int to, int left, int right) {
  for (size_t r = 0; r < SIDE; r++)
    for (size_t c = 0; c < SIDE; c++) {
      float even = 0, odd = 0, sum;
      for (size_t p = 0; p < SIDE; p++) {
        even += number(tile_row[left][r][p] << 16) * number(tile_row[right][p][c] << 16);
        odd += number(tile_row[left][r][p] & 0xffff0000u) * number(tile_row[right][p][c] & 0xffff0000u);
      }
      sum = number(tile_row[to][r][c]) + (even + odd);
      memcpy(&tile_row[to][r][c], &sum, sizeof sum);
    }
}
#define tiles_begin() ((void)0)
#define tiles_end() ((void)0)
#endif

/* Up to SIDE rows of results, `columns` wide: where they lie, or gathered where they are few or lie apart. */
typedef struct {
  float *at;
  size_t ld;
  float gathered[SIDE * PM_PANEL];
} results;

/* Each row of the tiles from `from` on, the next one `bytes` further. */
static void load_tiles(const float *from, size_t bytes, size_t columns) {
  tile_load(0, from, bytes);
  if (columns > SIDE)
    tile_load(1, from + SIDE, bytes);
  if (columns > 2 * SIDE)
    tile_load(2, from + 2 * SIDE, bytes);
  if (columns > 3 * SIDE)
    tile_load(3, from + 3 * SIDE, bytes);
}

/* `begin`: a row that all of them begin with, or NULL for what lies there. */
static void load_results(results *r, float *c, size_t ldc, const uint32_t *place, size_t rows, size_t columns,
                         const float *begin) {
  r->at = c;
  r->ld = ldc;
  if (place || rows < SIDE) {
    r->at = r->gathered;
    r->ld = PM_PANEL;
    memset(r->gathered, 0, sizeof r->gathered);
    for (size_t i = 0; !begin && i < rows; i++)
      memcpy(r->gathered + i * PM_PANEL, c + (place ? place[i] : i) * ldc, columns * sizeof *c);
  }
  load_tiles(begin ? begin : r->at, begin ? 0 : r->ld * sizeof(float), columns);
}

static void store_results(results *r, float *c, size_t ldc, const uint32_t *place, size_t rows, size_t columns) {
  const size_t bytes = r->ld * sizeof(float);
  tile_store(0, r->at, bytes);
  if (columns > SIDE)
    tile_store(1, r->at + SIDE, bytes);
  if (columns > 2 * SIDE)
    tile_store(2, r->at + 2 * SIDE, bytes);
  if (columns > 3 * SIDE)
    tile_store(3, r->at + 3 * SIDE, bytes);
  for (size_t i = 0; r->at == r->gathered && i < rows; i++)
    memcpy(c + (place ? place[i] : i) * ldc, r->gathered + i * PM_PANEL, columns * sizeof *c);
}

/* Adds to the results: tile 4 times `pairs` rows of b, at most SIDE. */
static void add_products(const uint32_t *b, size_t pairs, size_t columns) {
  uint32_t padded[SIDE * PM_PANEL];
  if (pairs < SIDE) {
    memset(padded, 0, sizeof padded);
    memcpy(padded, b, pairs * columns * sizeof *b);
    b = padded;
  }
  const size_t bytes = columns * sizeof *b;
  tile_load(5, b, bytes);
  tile_multiply(0, 4, 5);
  if (columns > SIDE) {
    tile_load(6, b + SIDE, bytes);
    tile_multiply(1, 4, 6);
  }
  if (columns > 2 * SIDE) {
    tile_load(5, b + 2 * SIDE, bytes);
    tile_multiply(2, 4, 5);
  }
  if (columns > 3 * SIDE) {
    tile_load(6, b + 3 * SIDE, bytes);
    tile_multiply(3, 4, 6);
  }
}

static void multiply(float *c, size_t ldc, const uint32_t *c_place, const uint32_t *a, size_t lda,
                     const uint32_t *a_place, const uint32_t *b, size_t rows, size_t pairs, size_t columns,
                     const float *begin) {
  uint32_t left[SIDE][SIDE];
  results r;
  tiles_begin();
  for (size_t row = 0, h; row < rows; row += h) {
    h = rows - row < SIDE ? rows - row : SIDE;
    float *to = c_place ? c : c + row * ldc;
    const uint32_t *place = c_place ? c_place + row : NULL;
    load_results(&r, to, ldc, place, h, columns, begin_at(begin, c, 0));
    for (size_t p = 0, n; p < pairs; p += n) {
      n = pairs - p < SIDE ? pairs - p : SIDE;
      if (h == SIDE && n == SIDE && !a_place) {
        tile_load(4, a + row * lda + p, lda * sizeof *a);
      } else {
        memset(left, 0, sizeof left);
        for (size_t i = 0; i < h; i++)
          memcpy(left[i], a + (a_place ? a_place[row + i] : row + i) * lda + p, n * sizeof *a);
        tile_load(4, left, sizeof left[0]);
      }
      add_products(b + p * columns, n, columns);
    }
    store_results(&r, to, ldc, place, h, columns);
  }
  tiles_end();
}

static void outer(float *c, size_t ldc, const uint32_t *a, const uint32_t *b, size_t pairs, size_t height,
                  size_t columns, const float *begin) {
  uint32_t left[SIDE][SIDE];
  results r;
  tiles_begin();
  for (size_t row = 0, h; row < height; row += h) {
    h = height - row < SIDE ? height - row : SIDE;
    load_results(&r, c + row * ldc, ldc, NULL, h, columns, begin_at(begin, c, 0));
    for (size_t p = 0, n; p < pairs; p += n) {
      n = pairs - p < SIDE ? pairs - p : SIDE;
      if (h < SIDE || n < SIDE)
        memset(left, 0, sizeof left);
      for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < h; i++)
          left[i][k] = a[(p + k) * height + row + i];
      tile_load(4, left, sizeof left[0]);
      add_products(b + p * columns, n, columns);
    }
    store_results(&r, c + row * ldc, ldc, NULL, h, columns);
  }
  tiles_end();
}

#ifdef __AMX_BF16__
enum { FAST = true };
#else
enum { FAST = false };
#endif
const pm_bf16_tiles TIER(bf16_tiles) = {TEXT(PM_TIER), "bf16 amx", FAST, 16, multiply, outer, round_all, interleave};
