/* From what an artist asks for on a command line to hints: pictures, masks, shapes and colours as a map for each
 * sprite.
 */
#ifndef PM_TRAIN_HINT_REQUEST_H
#define PM_TRAIN_HINT_REQUEST_H

#include "pixels/sprites.h"
#include "train/hints.h"
#include "train/inference.h"
#include "train/model_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Files may be NULL. Of n sprites or maps in one, sprite i of the seed goes by number i modulo n. */
typedef struct {
  const char *hints;        /* whole numbers [N,H,W] as pm_hints.pixel has them; or pictures, with `lock` */
  const char *from;         /* sprites to vary */
  const char *lock;         /* masks: the set pixels of `hints` or `from` are kept */
  double strength;          /* 0 … 1: the share of the other pixels of `from` that is drawn anew */
  const char *silhouette;   /* shapes: the set pixels are not of the background, the others are */
  const char *palette_only; /* rrggbb or `transparent`, divided by commas, or a palette file: no others are drawn */
  bool symmetric;           /* the right half mirrors the left */
} pm_hint_request;

/* Whether anything is asked for, and whether any of it may cost probability, so that particles pay. */
bool pm_hints_asked(const pm_hint_request *request);
bool pm_hints_weigh(const pm_hint_request *request);

/* What is asked of sprites number 0 … n - 1 of a seed. */
typedef struct {
  pm_hints hints;
  pm_sprites from; /* those of the request; count 0 without */
} pm_hinted;

/* Transparent pixels of pictures are background to a model without transparency. Masks: a pixel is set if it is opaque,
 * of a picture without transparency if it is not black, of an array [N,H,W] if it is not 0. A silhouette without
 * transparency that has the background's colour is set where it has another. Status 3, with file and pixel, for other
 * sizes, colours that the model lacks, contradictions, and where no pixel is left to draw; status 2 for options that
 * make no sense together. */
pm_hinted pm_hints_make(pm_arena *arena, const pm_hint_request *request, const pm_model_facts *model, size_t n,
                        uint64_t seed);

/* Sets the hints' classes to those of the sprites that are varied: for each the one under which the model, ready for
 * inference, needs the fewest bits for it. They stay unknown without such sprites, classes, or an exact likelihood, and
 * where the sprites have colours that the model lacks. */
void pm_hints_classify(pm_arena *arena, pm_hinted *hinted, const pm_model_facts *model, const pm_method *method,
                       pm_inference *inference);

#ifdef __cplusplus
}
#endif
#endif
