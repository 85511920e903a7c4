/* What a picture says of how it was made. */
#ifndef PM_PIXELS_PROVENANCE_H
#define PM_PIXELS_PROVENANCE_H

#include "core/options.h"
#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Notes for pm_png_write: tool and version, then its settings, but for texts, which are names of files, and the hashes
 * of `n` sets of sprites. `more` (NULL for none) stands between the two: "transparent=ff00ff". In the arena. */
const char *const *pm_provenance(pm_arena *arena, const pm_tool *tool, const void *settings, const char *more,
                                 const pm_sprites *sets, size_t n);

#ifdef __cplusplus
}
#endif
#endif
