/* Inside io: a binary file in memory, read from its beginning on. */
#ifndef PM_IO_BYTES_H
#define PM_IO_BYTES_H

#include "core/memory.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A part of a file: what is read next stands at `at`, and nothing at or behind `length` belongs to it. Both count from
 * the file's beginning. */
typedef struct {
  pm_arena *arena; /* for messages */
  const char *name;
  const unsigned char *bytes;
  size_t length, at;
} pm_bytes;

/* The next `size` bytes, which stay in the file's memory. Fails with status 3, "ends at byte N in the middle of WHAT",
 * if there are fewer. */
const unsigned char *pm_bytes_take(pm_bytes *b, size_t size, const char *what);

/* The next `size` bytes (at most 4) as a number, the lowest of them first. */
uint32_t pm_bytes_little(pm_bytes *b, int size, const char *what);

/* A part of its own: the next `size` bytes, which are taken. */
pm_bytes pm_bytes_part(pm_bytes *b, size_t size, const char *what);

/* "NAME: byte N" in the arena, for pm_fail's place. */
const char *pm_bytes_place(const pm_bytes *b, size_t at);

/* `size` bytes (at most 4) as a number, the highest or the lowest of them first. */
uint32_t pm_big_endian(const unsigned char *bytes, int size);
uint32_t pm_little_endian(const unsigned char *bytes, int size);

#ifdef __cplusplus
}
#endif
#endif
