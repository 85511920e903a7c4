/* Which sheets divide into tiles, and the messages about those that do not. */
#ifndef PM_PIXELS_SHEET_FIT_H
#define PM_PIXELS_SHEET_FIT_H

#include "pixels/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

pm_grid pm_slice_grid(const pm_slice_options *options);

/* [n] in the arena: whether the sheet is cut. Where one does not divide, fails with status 3 or says what becomes of it
 * (options->rest). Where one divides and its gaps tell of others than none, it is warned of. A sheet without a whole
 * tile is never cut. */
bool *pm_sheets_fit(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                    const pm_slice_options *options);

#ifdef __cplusplus
}
#endif
#endif
