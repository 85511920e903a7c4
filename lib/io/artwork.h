/* Pictures that people draw sprites in, whatever their format: PNG (image.h) and Aseprite's (aseprite.h). */
#ifndef PM_IO_ARTWORK_H
#define PM_IO_ARTWORK_H

#include "io/image.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True if the input's next bytes begin a PNG picture or an Aseprite file, or are cut off in the middle of what tells
 * it.
 */
bool pm_artwork_begins(pm_input *input);

/* The picture, and how many frames of one size lie in it one below the other: 1 but for animations of Aseprite's. Told
 * by content; what is neither is refused as pm_png_read refuses it. Closes the input. Fails with status 3. */
pm_image pm_artwork_read(pm_arena *arena, pm_input *input, size_t *frames);

#ifdef __cplusplus
}
#endif
#endif
