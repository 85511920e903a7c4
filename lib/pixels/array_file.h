/* What the tools write arrays with: as .npy, or, where the name ends in .png, sprites as a picture to look at. */
#ifndef PM_PIXELS_ARRAY_FILE_H
#define PM_PIXELS_ARRAY_FILE_H

#include "core/ending.h"
#include "core/file.h"
#include "io/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The whole of a file; path NULL or "-": .npy on standard output. Under a name that ends in .png sprites (PM_U8 or
 * PM_F32 [N,H,W,C], C = 3 or 4) become a picture: one of them as it is, pixel for pixel with its transparency; more as
 * montage lays them out, smaller where that would exceed a PNG's limits. Any other array, and any other kind of name,
 * fails with status 2. */
void pm_array_write(pm_arena *arena, const char *path, const pm_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
