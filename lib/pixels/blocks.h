/* Pixel art that was enlarged by a whole factor. */
#ifndef PM_PIXELS_BLOCKS_H
#define PM_PIXELS_BLOCKS_H

#include "io/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The largest k such that the picture is made of blocks of k x k pixels of one colour each, from its corner on; 1 if
 * none is larger. The picture may be several of `height` pixels each, one below the other, as sprites are; k divides
 * width and `height`, and leaves at least 4 pixels of each. 1 also for pictures of a single colour, in which nothing is
 * to be seen.
 */
size_t pm_block_side(const pm_image *picture, size_t height);

#ifdef __cplusplus
}
#endif
#endif
