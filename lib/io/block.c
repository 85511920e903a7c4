#include "io/block.h"

enum { FIRST_BYTES = 1 << 20 };

size_t pm_block_read(pm_arena *arena, pm_input *input, pm_block *block, size_t size) {
  const char *name = pm_input_name(input);
  uint64_t there = pm_input_left(input);
  if (there != UINT64_MAX && size > there)
    return size - (size_t)there;
  size_t step = there != UINT64_MAX || size < FIRST_BYTES ? size : FIRST_BYTES;
  block->bytes = pm_grow(arena, block->bytes, &block->capacity, pm_add(name, block->used, step), 1);
  while (size > 0) {
    if (block->capacity == block->used)
      block->bytes = pm_grow(arena, block->bytes, &block->capacity, pm_add(name, block->used, 1), 1);
    size_t room = block->capacity - block->used, now = size < room ? size : room;
    size_t got = pm_input_read(input, block->bytes + block->used, now);
    block->used += got;
    size -= got;
    if (got < now)
      break;
  }
  return size;
}
