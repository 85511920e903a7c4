/* Sprites brought to the colours of a palette. */
#ifndef PM_PIXELS_SNAP_H
#define PM_PIXELS_SNAP_H

#include "io/palette.h"
#include "io/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far the pixels were from their new colours: Euclidean in RGB, channels from 0 to 255. A pixel that becomes
 * transparent counts its alpha alone; one that becomes opaque counts what its alpha lacked, too. */
typedef struct {
  uint64_t pixels, off; /* off: further than half a level (0.5) from the palette */
  double mean, largest; /* mean over all pixels; 0 for none */
} pm_snap_report;

/* Ends the program with status 3 unless the tensor can be snapped: u8 or f32 [N,H,W,C], C = 3 or 4, all finite. */
void pm_snap_check(pm_arena *arena, const pm_tensor *sprites, const char *place);

/* `sprites`: u8, or f32 in [0,1] (clamped, not rounded beforehand), [N,H,W,C] with C = 3 or 4. `out`: N*H*W*C bytes, of
 * the same layout. Pixels with alpha below 128 become 0,0,0,0 whether or not the palette names transparency; all others
 * become opaque. A palette without any opaque colour fails with status 3. `report` may be NULL. */
void pm_snap(pm_tensor sprites, const pm_palette *palette, unsigned char *out, pm_snap_report *report);

#ifdef __cplusplus
}
#endif
#endif
