/* Which items make up batch number `step`. The order of an epoch is a keyed permutation of 0 … items - 1, computed item
 * by item (a Feistel network on the next power of four, walked until it falls inside: Black and Rogaway, "Ciphers with
 * Arbitrary Finite Domains", 2002), so that a step's batch is a pure function of seed and step and needs no list. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

enum { FEISTEL_ROUNDS = 6 };

static uint32_t permuted(uint32_t i, uint32_t items, uint64_t seed, uint32_t epoch) {
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  const uint32_t purpose = pm_purpose("shuffle");
  int half = 1;
  while (half < 16 && (1u << (2 * half)) < items)
    half++;
  const uint32_t mask = (1u << half) - 1;
  do {
    uint32_t left = i >> half, right = i & mask;
    for (uint32_t round = 0; round < FEISTEL_ROUNDS; round++) {
      const uint32_t counter[4] = {right, round, epoch, purpose};
      uint32_t bits[4];
      pm_philox4x32(counter, key, bits);
      uint32_t next = left ^ (bits[0] & mask);
      left = right;
      right = next;
    }
    i = left << half | right;
  } while (i >= items);
  return i;
}

static void shuffle_infer(pm_graph *g, pm_node *node) {
  const pm_shuffle_attributes *a = node->attributes;
  assert(a->n >= 1 && a->n <= a->batch && a->batch <= a->items);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, a->n));
  node->outs = 1;
}

static void shuffle_reference(const pm_call *call) {
  const pm_shuffle_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  uint64_t step = (uint64_t)draw_scalar(call, DRAW_STEP), steps = a->items / a->batch;
  int32_t *index = call->out[0];
  assert(d.first + a->n <= a->batch);
  for (size_t i = 0; i < a->n; i++)
    index[i] = (int32_t)permuted((uint32_t)(step % steps * a->batch + d.first + i), (uint32_t)a->items, d.seed,
                                 (uint32_t)(step / steps));
}

const pm_op PM_OP(shuffle) = {"shuffle", shuffle_infer, NULL, shuffle_reference, 0, NULL};
