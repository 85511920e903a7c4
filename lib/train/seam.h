/* Sprites whose copies fit side by side: drawn, rolled by half their size, and drawn anew along the seam. */
#ifndef PM_TRAIN_SEAM_H
#define PM_TRAIN_SEAM_H

#include "train/hints.h"
#include "train/model_file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PM_TILE_NONE, PM_TILE_X = 1, PM_TILE_Y = 2, PM_TILE_XY = PM_TILE_X | PM_TILE_Y } pm_tiling;

/* To make sprites [n,H,W,C] of the model tileable: rolled by half their size along x, y or both, so that what were
 * their edges meet in the middle; all but a strip along these edges is fixed, and within it what `also` (or NULL)
 * fixes. */
pm_hints pm_hints_of_seam(pm_arena *arena, const pm_model_facts *model, const float *sprites, size_t n,
                          const pm_hints *also, pm_tiling tiling);
/* sprites[n,H,W,C] of that seam rolled back, in place. */
void pm_roll_back(float *sprites, size_t n, const pm_sprite_format *format, pm_tiling tiling);

#ifdef __cplusplus
}
#endif
#endif
