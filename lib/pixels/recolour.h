/* Colours of sprites replaced by others, exactly: a colour everywhere by one. */
#ifndef PM_PIXELS_RECOLOUR_H
#define PM_PIXELS_RECOLOUR_H

#include "io/palette.h"
#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t count; /* at most 256 */
  unsigned char from[256][4], to[256][4];
} pm_recolouring;

/* Lightness L* of CIE 1976 of an sRGB colour (IEC 61966-2-1), 0 to 100. */
double pm_lightness(const unsigned char rgba[4]);

/* One ramp to another by lightness: the darkest of `from` becomes the darkest of `to`, the lightest the lightest, and
 * those between are spread evenly by their rank, so that no two change places. Transparency stays as it is: it is
 * neither replaced nor drawn with. */
pm_recolouring pm_recolour_ramp(const pm_palette *from, const pm_palette *to);

/* Replaces colours; afterwards the sprites hold RGBA, in the arena. Returns how many pixels have another colour now. */
size_t pm_recolour(pm_arena *arena, pm_sprites *sprites, const pm_recolouring *how);

#ifdef __cplusplus
}
#endif
#endif
