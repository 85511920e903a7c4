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
  int32_t *train_labels, *held_labels; /* NULL without */
  /* Of the training sprites: pixels of each colour [format.colours], sprites of each class [format.classes]; NULL
   * without. format's shares are made of them. */
  const uint64_t *colour_counts, *class_counts;
  const char *const *class_names; /* [format.classes], or NULL */
  int background;                 /* index of the most frequent colour; 0 for bytes */
  pm_palette palette;             /* as given, else the sprites' own */
  char hash[65];                  /* of all sprites' pixels, in their order */
  char hash_beside[65];           /* of palette, labels and names of classes */
} pm_dataset;

/* Reads and splits. `palette`, `class_names` (a text of a name a line) and `labels` (PM_I32 or PM_I64 [N] in an .npy
 * file) may be NULL. Where every colour is in the palette, indices are the palette's and the format has its colours.
 * Fails with status 3 for an unreadable file, fewer training sprites than a batch, labels of another length or below 0.
 */
pm_dataset pm_dataset_read(pm_arena *arena, const char *path, const char *palette, const char *labels,
                           const char *class_names, const pm_train_settings *settings);

/* augment.flip: auto in the settings becomes the number that it stands for with these sprites; `how` says in the log
 * why. NULL: it was a number. */
const char *pm_dataset_settle_flip(pm_arena *arena, const pm_dataset *data, pm_run_settings *settings);

/* Puts pixels and labels into the store's inputs. */
void pm_dataset_upload(const pm_dataset *data, pm_store *store);

/* Sets images, pixels, labels and mirrored of n slots of the training batch number `step` of batch->draws, drawn by
 * these and augmented. */
void pm_dataset_batch(pm_graph *g, const pm_dataset *data, const pm_train_settings *settings, size_t n,
                      pm_batch *batch);

/* The same of the held-out sprites with the given numbers, PM_I32 [n], as they are: mirrored stays NULL. */
void pm_dataset_held(pm_graph *g, const pm_dataset *data, pm_value *index, pm_batch *batch);

/* Sprites as floats 0 … 1 [n,H,W,C] in the arena; for whatever goes into a model from outside. Fails with status 3 if
 * the format is another than `format`. */
float *pm_sprites_as_floats(pm_arena *arena, const pm_sprites *sprites, const pm_sprite_format *format,
                            const char *place);

/* Sprites as indices of a model's palette [n,H,W] in the arena. Fails with status 3 if the format is another, or with
 * the place of a pixel whose colour is not in the palette. */
unsigned char *pm_sprites_as_indices(pm_arena *arena, const pm_sprites *sprites, const pm_sprite_format *format,
                                     const pm_palette *palette, const char *place);

#ifdef __cplusplus
}
#endif
#endif
