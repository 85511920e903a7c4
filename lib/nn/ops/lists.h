/* What the op drop_listed and the backends' kernels of it share. */
#ifndef PM_NN_OPS_LISTS_H
#define PM_NN_OPS_LISTS_H

#include "core/random.h"
#include "nn/ops/elementwise.h"

/* out[lists, room]: the lists of one slot without the entries that are dropped. In: lists, seed, step. */
static inline void drop_listed_of_slot(int32_t *out, const int32_t *in, size_t lists, size_t room, const pm_call *call,
                                       size_t slot) {
  const pm_dropout_attributes *a = (const pm_dropout_attributes *)call->node->attributes;
  uint64_t seed = (uint64_t) * (const int64_t *)call->in[1];
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  for (size_t l = 0; l < lists; l++, in += room, out += room) {
    size_t kept = 0;
    uint32_t bits[4];
    for (size_t i = 0; i < room && in[i] >= 0; i++) {
      size_t e = l * room + i;
      if (i == 0 || e % 4 == 0) {
        const uint32_t counter[4] = {(uint32_t)(e / 4), (uint32_t)slot, (uint32_t) * (const int64_t *)call->in[2],
                                     a->purpose};
        pm_philox4x32(counter, key, bits);
      }
      if (pm_unit_float(bits[e % 4]) >= (float)a->p)
        out[kept++] = in[i];
    }
    for (; kept < room; kept++)
      out[kept] = -1;
  }
}

#endif
