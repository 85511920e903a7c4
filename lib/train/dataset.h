/* The sprites that a model is trained on and those held out, resident on a backend as palette indices or bytes. */
#ifndef PM_TRAIN_DATASET_H
#define PM_TRAIN_DATASET_H

#include "io/palette.h"
#include "nn/graph.h"
#include "pixels/sprites.h"
#include "train/method.h"
#include "train/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *place; /* the file's name, for errors */
  pm_sprite_format format;
  size_t train, held; /* numbers of sprites */
  bool indexed;       /* items are palette indices [n,H,W]; else bytes [n,H,W,C] */
  size_t colours;
  float *table; /* [colours, C], 0 … 1 */
  unsigned char *train_pixels, *held_pixels;
  int background;     /* index of the most frequent colour; 0 for bytes */
  pm_palette palette; /* as given, else the sprites' own */
  char hash[65];      /* of all sprites' pixels, in their order */
} pm_dataset;

/* Reads and splits. `palette` may be NULL. Fails with status 3 for an unreadable file or fewer training sprites than a
 * batch. */
pm_dataset pm_dataset_read(pm_arena *arena, const char *path, const char *palette, const pm_train_settings *settings);

/* Puts the pixels (of the held-out sprites alone, if asked) and colours into the store's inputs. */
void pm_dataset_upload(const pm_dataset *data, pm_store *store, bool held_only);

/* The images [batch,H,W,C] of the training batch number `step`, drawn and augmented. */
pm_value *pm_dataset_batch(pm_graph *g, const pm_dataset *data, const pm_train_settings *settings, pm_value *seed,
                           pm_value *step);

/* The images of the held-out sprites with the given numbers, PM_I32 [n]. */
pm_value *pm_dataset_held(pm_graph *g, const pm_dataset *data, pm_value *index);

/* Sprites as floats 0 … 1 [n,H,W,C] in the arena; for whatever goes into a model from outside. Fails with status 3 if
 * the format is another than `format`. */
float *pm_sprites_as_floats(pm_arena *arena, const pm_sprites *sprites, const pm_sprite_format *format,
                            const char *place);

#ifdef __cplusplus
}
#endif
#endif
