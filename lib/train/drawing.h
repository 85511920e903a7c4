/* New sprites as somebody asks for them: how many, of which class, to which hints, tileable or not. */
#ifndef PM_TRAIN_DRAWING_H
#define PM_TRAIN_DRAWING_H

#include "train/hint_request.h"
#include "train/ready_model.h"
#include "train/seam.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const pm_backend *backend;
  const pm_model *model;
  const pm_run_settings *settings; /* the model's, perhaps changed since */
  size_t count;
  uint64_t seed;
  int32_t label; /* a class, or one of those that stand in its place (inference.h) */
  const pm_hint_request *hints;
  pm_tiling tiling;
  size_t particles; /* of each sprite, where any pixel is fixed */
} pm_drawing_request;

/* A model made ready to draw what is asked. */
typedef struct {
  pm_drawing_request asked;
  pm_hinted *hinted;    /* NULL: nothing is asked of the pixels */
  pm_ready_model ready; /* its inference serves everything else that a model can do, too */
} pm_drawing;

/* Status 3 where model and hints do not fit each other, as pm_hints_make has it, and where the model takes none. What
 * `request` points at must outlive the result. */
pm_drawing pm_drawing_new(pm_arena *arena, const pm_drawing_request *request);
void pm_drawing_free(pm_drawing *drawing);

/* Sprites PM_F32 [count,H,W,C], 0 … 1, or codes PM_I32 [count,h,w]; in the arena. Shows its progress.
 */
pm_tensor pm_draw_sprites(pm_arena *arena, const pm_drawing *drawing);
/* The first sprite before the first sampling step and after each: PM_F32 [steps + 1,H,W,C]. */
pm_tensor pm_draw_steps(pm_arena *arena, const pm_drawing *drawing);
/* The classes that the sprites are drawn for: PM_I32 [count], the number of classes for any. Status 2 where particles
 * of several classes compete. */
pm_tensor pm_drawn_classes(pm_arena *arena, const pm_drawing *drawing);

#ifdef __cplusplus
}
#endif
#endif
