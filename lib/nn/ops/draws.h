/* What the ops that draw share, and the backends' kernels of them: the number of a slot of the batch. */
#ifndef PM_NN_OPS_DRAWS_H
#define PM_NN_OPS_DRAWS_H

#include "core/random.h"
#include "nn/op.h"

/* A pm_draws as its kernel finds it. */
typedef struct {
  uint64_t seed, first;
  uint32_t step;
} draw_source;

/* The draws are three inputs, the first of which an op's operands name. */
enum { DRAW_SEED, DRAW_STEP, DRAW_FIRST };

static inline pm_draws draws_of(const pm_node *node, int at) {
  pm_draws d = {node->in[at + DRAW_SEED], node->in[at + DRAW_STEP], node->in[at + DRAW_FIRST], 0};
  return d;
}

static inline bool has_draws(const pm_node *node, int at) {
  return node->in[at + DRAW_SEED] && node->in[at + DRAW_STEP] && node->in[at + DRAW_FIRST];
}

static inline int64_t draw_scalar(const pm_call *call, int at) {
  return *(const int64_t *)call->in[at];
}

static inline draw_source draw_source_of(const pm_call *call, int at) {
  draw_source d = {(uint64_t)draw_scalar(call, at + DRAW_SEED), (uint64_t)draw_scalar(call, at + DRAW_FIRST),
                   (uint32_t)draw_scalar(call, at + DRAW_STEP)};
  return d;
}

/* Of slot i of this batch, or part of a batch: what the counter of its random numbers has. */
static inline uint32_t draw_slot(const draw_source *d, size_t i) {
  return (uint32_t)(d->first + i);
}

static inline pm_rng draw_stream(const draw_source *d, uint32_t purpose, size_t i) {
  return pm_rng_of_slot(d->seed, purpose, d->step, draw_slot(d, i));
}

/* Block number `block` of slot number `slot`, as draw_slot gives it: of most draws elements 4 block … 4 block + 3. */
static inline void draw_bits(uint32_t bits[4], const draw_source *d, uint32_t purpose, uint32_t slot, size_t block) {
  const uint32_t key[2] = {(uint32_t)d->seed, (uint32_t)(d->seed >> 32)};
  const uint32_t counter[4] = {(uint32_t)block, slot, d->step, purpose};
  pm_philox4x32(counter, key, bits);
}

/* Whether dropout of a share of p keeps the element. */
static inline bool draw_keeps(const draw_source *d, uint32_t purpose, uint32_t slot, size_t element, double p) {
  uint32_t bits[4];
  draw_bits(bits, d, purpose, slot, random_dropout_block((uint32_t)element));
  return random_dropout_keeps(bits, random_dropout_part((uint32_t)element), random_dropout_least(p));
}

#endif
