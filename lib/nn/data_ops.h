/* From the resident set of sprites to a batch, and between palette indices and planes. See ops.h. */
#ifndef PM_NN_DATA_OPS_H
#define PM_NN_DATA_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- data ---- */

/* PM_I32 [n]: items first … first + n - 1 of batch number `step` of draws.whole, when each epoch deals `items` items
 * out in a new random order and drops the last, incomplete batch. */
typedef struct {
  size_t items, batch, n;
} pm_shuffle_attributes;
static inline pm_value *pm_shuffle(pm_graph *g, pm_draws draws, size_t items, size_t n) {
  pm_shuffle_attributes a = {items, draws.whole, n};
  return PM_APPLY(g, shuffle, &a, sizeof a, PM_DRAWS(draws));
}
/* data[index[i]] for data [n,…], of any type. */
enum { PM_GATHER_DATA, PM_GATHER_INDEX };
static inline pm_value *pm_gather(pm_graph *g, pm_value *data, pm_value *index) {
  return PM_APPLY(g, gather, NULL, 0, data, index);
}
/* Augmentations of PM_U8 sprites [N,H,W] (palette indices) or [N,H,W,C]. */
typedef struct {
  double probability; /* flip, palette_swap: of a sprite */
  int distance;       /* shift: at most, in pixels, each way on each axis */
  int background;     /* shift: what moves in (palette index, or all channels); palette_swap: the colour that stays */
} pm_augment_attributes;
/* Mirrored left to right. Output 1: PM_I32 [N], 1 where the sprite was, else 0. */
enum { PM_FLIP_X, PM_FLIP_DRAWS };
enum { PM_FLIP_Y, PM_FLIP_MIRRORED }; /* outputs */
static inline pm_value *pm_flip(pm_graph *g, pm_value *x, pm_draws draws, double probability) {
  pm_augment_attributes a = {probability, 0, 0};
  return PM_APPLY(g, flip, &a, sizeof a, x, PM_DRAWS(draws));
}
enum { PM_AUGMENT_X, PM_AUGMENT_DRAWS };
static inline pm_value *pm_shift(pm_graph *g, pm_value *x, pm_draws draws, int distance, int background) {
  pm_augment_attributes a = {0, distance, background};
  return PM_APPLY(g, shift, &a, sizeof a, x, PM_DRAWS(draws));
}
/* The colours that a sprite uses, permuted among themselves; palette indices only. */
static inline pm_value *pm_palette_swap(pm_graph *g, pm_value *x, pm_draws draws, double probability, int background) {
  pm_augment_attributes a = {probability, 0, background};
  return PM_APPLY(g, palette_swap, &a, sizeof a, x, PM_DRAWS(draws));
}
/* table[x] for x PM_U8 [N,H,W] and table [K,C]: [N,H,W,C]. */
enum { PM_COLOUR_LOOKUP_X, PM_COLOUR_LOOKUP_TABLE };
static inline pm_value *pm_colour_lookup(pm_graph *g, pm_value *x, pm_value *table) {
  return PM_APPLY(g, colour_lookup, NULL, 0, x, table);
}
/* PM_U8 -> PM_F32, 0 … 255 to [0,1]. */
static inline pm_value *pm_to_unit(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, to_unit, NULL, 0, x);
}

/* Palette indices PM_U8 […] as planes […,K]: `high` where k is the index, else `low`. */
typedef struct {
  size_t K;
  double low, high;
} pm_one_hot_attributes;
static inline pm_value *pm_one_hot(pm_graph *g, pm_value *index, size_t K, double low, double high) {
  pm_one_hot_attributes a = {K, low, high};
  return PM_APPLY(g, one_hot, &a, sizeof a, index);
}
/* … and as the bits of the index, lowest first: […,bits] of -1 and 1; bits <= 8. */
typedef struct {
  size_t bits, K;
} pm_bits_attributes;
static inline pm_value *pm_to_bits(pm_graph *g, pm_value *index, size_t bits) {
  pm_bits_attributes a = {bits, (size_t)1 << bits};
  return PM_APPLY(g, to_bits, &a, sizeof a, index);
}
/* The index below K whose ±1 bits are nearest to x […,bits] by the squared distance (the signs of x, where these make
 * an index below K), the lowest of equals: PM_U8 […]. */
static inline pm_value *pm_from_bits(pm_graph *g, pm_value *x, size_t K) {
  pm_bits_attributes a = {pm_columns(x), K};
  return PM_APPLY(g, from_bits, &a, sizeof a, x);
}
/* The first of the largest of x[…,K], K <= 256: PM_U8 […]. */
static inline pm_value *pm_argmax(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, argmax, NULL, 0, x);
}
/* A PM_I64 scalar as PM_I32 [n], the same for all. */
typedef struct {
  size_t n;
} pm_fill_index_attributes;
static inline pm_value *pm_fill_index(pm_graph *g, pm_value *scalar, size_t n) {
  pm_fill_index_attributes a = {n};
  return PM_APPLY(g, fill_index, &a, sizeof a, scalar);
}
/* PM_I32 [n]: first … first + period - 1, each `repeat` times, again and again. */
typedef struct {
  size_t n, first, period, repeat;
} pm_count_up_attributes;
static inline pm_value *pm_count_up_slowly(pm_graph *g, size_t n, size_t first, size_t period, size_t repeat) {
  pm_count_up_attributes a = {n, first, period, repeat};
  return pm_apply(g, &pm_op_count_up_float, NULL, 0, &a, sizeof a);
}
static inline pm_value *pm_count_up(pm_graph *g, size_t n, size_t first, size_t period) {
  return pm_count_up_slowly(g, n, first, period, 1);
}
/* floor(u steps) for u [N] in (0, 1): PM_I32 [N] in 0 … steps - 1. */
static inline pm_value *pm_to_index(pm_graph *g, pm_value *u, size_t steps) {
  return PM_APPLY(g, to_index, &steps, sizeof steps, u);
}
/* PM_I32 -> PM_F32 */
static inline pm_value *pm_to_float(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, to_float, NULL, 0, x);
}

#ifdef __cplusplus
}
#endif
#endif
