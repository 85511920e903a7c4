/* Palettes of other programs whose files are no text: RIFF .pal (Windows), .act and .ase (Adobe). */
#ifndef PM_IO_PALETTE_BINARY_H
#define PM_IO_PALETTE_BINARY_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As they stand in the file: perhaps some twice, perhaps too many. */
typedef struct {
  size_t count, capacity;
  unsigned char (*rgba)[4];
} pm_colour_list;

/* Reads the file of `length` bytes if it is of one of these kinds; false if not. RIFF and .ase are told by their first
 * bytes, .act, which has none of its own, by the ending of `name` and its 768 or 772 bytes. Fails with status 3 where
 * the file is cut off, malformed, or holds colours that are neither RGB nor grey. The list lies in the arena. */
bool pm_palette_decode_binary(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name,
                              pm_colour_list *colours);

#ifdef __cplusplus
}
#endif
#endif
