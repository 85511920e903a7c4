/* What the op drop_listed and the backends' kernels of it share. */
#ifndef PM_NN_OPS_LISTS_H
#define PM_NN_OPS_LISTS_H

#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

/* out[lists, room]: the lists of one slot without the entries that are dropped. */
static inline void drop_listed_of_slot(int32_t *out, const int32_t *in, size_t lists, size_t room, const pm_call *call,
                                       size_t slot) {
  const pm_dropout_attributes *a = (const pm_dropout_attributes *)call->node->attributes;
  const draw_source d = draw_source_of(call, PM_DROP_LISTED_DRAWS);
  for (size_t l = 0; l < lists; l++, in += room, out += room) {
    size_t kept = 0;
    uint32_t bits[4];
    for (size_t i = 0; i < room && in[i] >= 0; i++) {
      size_t e = l * room + i;
      if (i == 0 || e % 4 == 0)
        draw_bits(bits, &d, a->purpose, draw_slot(&d, slot), e / 4);
      if (pm_unit_float(bits[e % 4]) >= (float)a->p)
        out[kept++] = in[i];
    }
    for (; kept < room; kept++)
      out[kept] = -1;
  }
}

#endif
