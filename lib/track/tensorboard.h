/* Event files of TensorBoard: TFRecord framing with CRC-32C around messages of protocol buffers (tensorflow/core/util/
 * event.proto, tensorflow/core/framework/summary.proto), of which a few fields are written here by hand. */
#ifndef PM_TRACK_TENSORBOARD_H
#define PM_TRACK_TENSORBOARD_H

#include "core/file.h"
#include "track/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the metrics, the scores (as "scores/MEASURE", at step 0) and the grids of a training run as one event file.
 * The same training run gives the same bytes. */
void pm_tensorboard_write(pm_arena *arena, pm_output *output, const pm_training *training);

/* The check sum of RFC 3720 (Castagnoli's polynomial). */
uint32_t pm_crc32c(const void *bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
