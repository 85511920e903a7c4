/* Inside io: bytes of an input into memory, without believing the size that a file declares. */
#ifndef PM_IO_BLOCK_H
#define PM_IO_BLOCK_H

#include "core/file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  unsigned char *bytes; /* of the arena, aligned as pm_alloc's */
  size_t used, capacity;
} pm_block;

/* Appends `size` bytes of the input and returns how many of them are missing because it ends before. Where the input's
 * length is known, nothing is taken or read if they are not all there; elsewhere memory grows as the bytes arrive. A
 * block that begins empty has valid memory afterwards, for 0 bytes too. */
size_t pm_block_read(pm_arena *arena, pm_input *input, pm_block *block, size_t size);

#ifdef __cplusplus
}
#endif
#endif
