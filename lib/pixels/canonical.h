/* What a sprite is, up to where and in which colours it is drawn: for splits and tests of novelty. */
#ifndef PM_PIXELS_CANONICAL_H
#define PM_PIXELS_CANONICAL_H

#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The canonical form of sprite i, form[H*W]: the least, in reading order, over horizontal and vertical flips, cyclic
 * shifts and the naming of colours (numbered from 0 by first appearance). Sprites have the same form exactly when
 * flips, cyclic shifts and a renaming of colours turn one into the other. Returns the number of colours. Scratch memory
 * comes from the arena. */
size_t pm_canonical_form(pm_arena *arena, const pm_sprites *sprites, size_t i, uint32_t *form);

/* SHA-256 of the form (a byte a pixel, or four, little endian, for more than 256 colours) as 64 hex digits. */
void pm_canonical_hash(const pm_sprites *sprites, size_t i, char hex[65]);

/* True if sprite i belongs to the held-out part: the first byte of its canonical hash is below 256 * share, rounded
 * (26 for 0.1). So near-duplicates are on one side, and adding sprites moves none. share in [0,1]. */
bool pm_held_out(const pm_sprites *sprites, size_t i, double share);

/* The same for all sprites at once, on all threads: flags[count] in the arena; *held (may be NULL) their number. */
bool *pm_held_out_flags(pm_arena *arena, const pm_sprites *sprites, double share, size_t *held);

/* SHA-256 of the content, whatever file it came from: of the line "u8 [N, H, W, C]" and the bytes of
 * pm_sprites_to_tensor. The same as pm_tensor_hash of that tensor. */
void pm_sprites_hash(const pm_sprites *sprites, char hex[65]);
void pm_tensor_hash(const pm_tensor *tensor, char hex[65]);

#ifdef __cplusplus
}
#endif
#endif
