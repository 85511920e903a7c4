/* Sprites whose copies fit side by side: drawn, rolled so that their edges meet in the middle, and there drawn anew. */
#ifndef PM_TRAIN_SEAM_H
#define PM_TRAIN_SEAM_H

#include "pixels/tiling.h"
#include "train/hints.h"
#include "train/model_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Draws sprites[n,H,W,C] to hints, one map each, whose pixels and classes outlive the call. */
typedef void (*pm_seam_draw)(void *context, pm_hints *hints, float *sprites);

/* Makes sprites[n,H,W,C] of the model tileable, in place: what lies near their edges is drawn anew by `draw`,
 * conditioned on the rest. Along one axis that takes one drawing, of a strip. Along both it takes three: of strips
 * along both at once, and then, for each of them, of the square where its ends meet, which were drawn without knowing
 * of one another. also[n maps]: what is fixed of the sprites besides; its mirrored pixels, bans and classes hold here,
 * too. */
void pm_close_seams(pm_arena *arena, const pm_model_facts *model, float *sprites, size_t n, const pm_hints *also,
                    pm_tiling tiling, pm_seam_draw draw, void *context);

#ifdef __cplusplus
}
#endif
#endif
