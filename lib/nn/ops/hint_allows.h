/* What a hint allows: shared by the ops in hints.c and by the backends' kernels of them. */
#ifndef PM_NN_OPS_HINT_ALLOWS_H
#define PM_NN_OPS_HINT_ALLOWS_H

#include "core/inline.h"
#include "nn/hint_ops.h"

PM_INLINE bool hint_allows(int32_t hint, int32_t background, size_t k) {
  switch (hint) {
  case PM_HINT_UNKNOWN:
  case PM_HINT_MIRRORED:
    return true;
  case PM_HINT_BACKGROUND:
    return k == (size_t)background;
  case PM_HINT_NOT_BACKGROUND:
    return k != (size_t)background;
  default:
    return k == (size_t)hint;
  }
}

#endif
