/* Sprites as sequences of patches. See ops.h. */
#ifndef PM_NN_PATCH_OPS_H
#define PM_NN_PATCH_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sprites as sequences of patches ----
 *
 * Sprites PM_U8 [N,H,W] of palette indices, cut into T squares of side P in raster order; those on the right and below
 * may reach beyond the sprite. All that is said of a patch comes from pixels of the sprite that lie in earlier patches,
 * or, for one of its pixels, are earlier pixels of the same patch: so a model that predicts them is causal by
 * construction. `position`, a PM_I64 scalar or NULL: of this patch alone, as if T were 1. Lists are those of
 * pm_embedding_sum. No gradients, but for gates and for the way between patches and pixels. */
enum { PM_PATCH_MOST_SIDE = 4 };
typedef struct {
  size_t side, colours; /* P; K of the palette, at most 256 */
  bool one_pixel;       /* patch_within, patch_copies, patch_put: of pixel number `pixel` of the patch alone */
  size_t pixel;
} pm_patches;
static inline size_t pm_patch_count(size_t height, size_t width, size_t side) {
  return ((height + side - 1) / side) * ((width + side - 1) / side);
}
/* S: the row two above, from one pixel left of the patch to one right of it; the row above, two left to two right; two
 * pixels left of each of its rows; and the mirror image of each of its pixels about the sprite's vertical axis. */
static inline size_t pm_patch_neighbours(size_t side) {
  return side + 2 + side + 4 + 2 * side + side * side;
}
/* Copy gates of a pixel: a neighbour each, an earlier pixel of the patch each, one for all colours used so far. */
static inline size_t pm_patch_gates(size_t side) {
  return pm_patch_neighbours(side) + side * side;
}
/* Rows of the table that patch_features are a list of. */
static inline size_t pm_patch_feature_count(size_t side, size_t colours) {
  size_t S = pm_patch_neighbours(side);
  return S * (colours + 1) + S * (S - 1) / 2 + colours;
}
/* [N,T,P^2]: the patch before, pixel j of colour k as j K + k; before the first one P^2 K, the start. */
enum { PM_PATCH_SPRITES, PM_PATCH_POSITION };
static inline pm_value *pm_patch_before(pm_graph *g, pm_value *sprites, pm_value *position, pm_patches a) {
  return PM_APPLY(g, patch_before, &a, sizeof a, sprites, position);
}
/* [N,T,room], features of the known pixels around: neighbour s of colour k as s (K + 1) + k, K if it is not known; each
 * pair of neighbours that are equal (or both unknown); each colour that is used in an earlier patch. */
static inline pm_value *pm_patch_features(pm_graph *g, pm_value *sprites, pm_value *position, pm_patches a) {
  return PM_APPLY(g, patch_features, &a, sizeof a, sprites, position);
}
/* [N,T,P^2,P^2 - 1]: for pixel j the earlier pixels of its patch, pixel i of colour k as (j (j - 1) / 2 + i) K + k. */
static inline pm_value *pm_patch_within(pm_graph *g, pm_value *sprites, pm_value *position, pm_patches a) {
  return PM_APPLY(g, patch_within, &a, sizeof a, sprites, position);
}
/* logits[N,T,P^2,K] with each of gates[N,T,P^2,G] added to the logit of the colour that it points at, if it has one: a
 * pointer network's copying (Vinyals, Fortunato and Jaitly, "Pointer Networks", 2015) as an addition to logits. */
enum { PM_PATCH_COPIES_LOGITS, PM_PATCH_COPIES_GATES, PM_PATCH_COPIES_SPRITES, PM_PATCH_COPIES_POSITION };
static inline pm_value *pm_patch_copies(pm_graph *g, pm_value *logits, pm_value *gates, pm_value *sprites,
                                        pm_value *position, pm_patches a) {
  return PM_APPLY(g, patch_copies, &a, sizeof a, logits, gates, sprites, position);
}
enum {
  PM_PATCH_COPIES_GRAD_GATES,
  PM_PATCH_COPIES_GRAD_DLOGITS,
  PM_PATCH_COPIES_GRAD_SPRITES,
  PM_PATCH_COPIES_GRAD_POSITION
};
/* x[N,T,P^2,C] as pictures [N,height,width,C], and back (zero outside the sprite). */
typedef struct {
  size_t side, height, width;
} pm_patch_layout;
static inline pm_value *pm_patches_to_pixels(pm_graph *g, pm_value *x, pm_patch_layout a) {
  return PM_APPLY(g, patches_to_pixels, &a, sizeof a, x);
}
/* Pixel `a.pixel` of patch `position` of a state PM_U8 [N,H,W] = x PM_I32 [N]; nothing outside the sprite. */
enum { PM_PATCH_PUT_CANVAS, PM_PATCH_PUT_X, PM_PATCH_PUT_POSITION };
static inline void pm_patch_put(pm_graph *g, pm_value *canvas, pm_value *x, pm_value *position, pm_patches a) {
  PM_APPLY(g, patch_put, &a, sizeof a, canvas, x, position);
}

#ifdef __cplusplus
}
#endif
#endif
