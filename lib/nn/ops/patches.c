/* Sprites of palette indices as sequences of patches: what an autoregressive model of patches is conditioned on: the
 * pixels that came before, its copy gates, and the way between patches and pixels. */
#include "nn/ops/patches.h"

/* PM_I32 [N, T or 1, …] for sprites PM_U8 [N,H,W] and an optional position. */
static patch_sizes infer_patches(pm_graph *g, pm_node *node, int at, size_t *patches) {
  const pm_value *sprites = node->in[at], *position = node->in[at + 1];
  const pm_patches *a = node->attributes;
  (void)g;
  assert(sprites->dtype == PM_U8 && sprites->shape.rank == 3);
  assert(a->side >= 1 && a->side <= PM_PATCH_MOST_SIDE && a->colours >= 1 && a->colours <= PATCH_MOST_COLOURS);
  assert(!position || (position->dtype == PM_I64 && pm_count(position) == 1));
  patch_sizes s = patch_sizes_of(sprites, a);
  *patches = position ? 1 : s.patches;
  return s;
}

/* ---- lists of rows of tables ---- */

static void patch_before_infer(pm_graph *g, pm_node *node) {
  size_t patches;
  patch_sizes s = infer_patches(g, node, PM_PATCH_SPRITES, &patches);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(3, node->in[PM_PATCH_SPRITES]->shape.dim[0], patches, s.pixels));
  node->outs = 1;
}

static void patch_before_reference(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_SPRITES);
  int32_t *list = call->out[0];
  for (size_t n = 0; n < c.sprites; n++)
    for (size_t p = c.first; p < c.first + c.patches; p++, list += c.s.pixels)
      patch_before_list(list, &c.s, patch_sprite(&c, n), p);
}

static void patch_features_infer(pm_graph *g, pm_node *node) {
  size_t patches;
  patch_sizes s = infer_patches(g, node, PM_PATCH_SPRITES, &patches);
  node->out[0] = pm_new_value(
      g, PM_I32, pm_shape_of(3, node->in[PM_PATCH_SPRITES]->shape.dim[0], patches, patch_feature_room(&s)));
  node->outs = 1;
}

static void patch_features_reference(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_SPRITES);
  size_t row = c.patches * patch_feature_room(&c.s);
  for (size_t n = 0; n < c.sprites; n++)
    patch_feature_lists((int32_t *)call->out[0] + n * row, &c.s, patch_sprite(&c, n), c.first, c.patches);
}

static void patch_within_infer(pm_graph *g, pm_node *node) {
  const pm_patches *a = node->attributes;
  size_t patches;
  patch_sizes s = infer_patches(g, node, PM_PATCH_SPRITES, &patches);
  size_t pixels = a->one_pixel ? 1 : s.pixels, room = s.pixels > 1 ? s.pixels - 1 : 1;
  node->out[0] =
      pm_new_value(g, PM_I32, pm_shape_of(4, node->in[PM_PATCH_SPRITES]->shape.dim[0], patches, pixels, room));
  node->outs = 1;
}

static void patch_within_reference(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_SPRITES);
  size_t room = pm_columns(call->node->out[0]);
  int32_t *list = call->out[0];
  for (size_t n = 0; n < c.sprites; n++)
    for (size_t p = c.first; p < c.first + c.patches; p++)
      for (size_t j = c.pixel; j < c.pixel + c.pixels; j++, list += room)
        patch_within_list(list, room, &c.s, patch_sprite(&c, n), p, j);
}

/* ---- copy gates ---- */

static void patch_copies_infer(pm_graph *g, pm_node *node) {
  size_t patches;
  patch_sizes s = infer_patches(g, node, PM_PATCH_COPIES_SPRITES, &patches);
  const pm_value *logits = node->in[PM_PATCH_COPIES_LOGITS], *gates = node->in[PM_PATCH_COPIES_GATES];
  assert(pm_columns(logits) == s.colours && pm_columns(gates) == s.gates);
  assert(pm_rows(logits) == pm_rows(gates) && logits->shape.dim[0] == node->in[PM_PATCH_COPIES_SPRITES]->shape.dim[0]);
  (void)gates;
  node->out[0] = pm_new_value(g, PM_F32, logits->shape);
  node->outs = 1;
}

static void patch_copies_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_PATCH_COPIES_LOGITS] = dout[0];
  din[PM_PATCH_COPIES_GATES] =
      PM_APPLY(g, patch_copies_grad, node->attributes, sizeof(pm_patches), node->in[PM_PATCH_COPIES_GATES], dout[0],
               node->in[PM_PATCH_COPIES_SPRITES], node->in[PM_PATCH_COPIES_POSITION]);
}

static void patch_copies_reference(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_COPIES_SPRITES);
  for (size_t n = 0; n < c.sprites; n++)
    patch_each_pixel(&c, n, patch_copy_row);
}

static void patch_copies_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_PATCH_COPIES_GRAD_GATES]->shape);
  node->outs = 1;
}

static void patch_copies_grad_reference(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_COPIES_GRAD_SPRITES);
  for (size_t n = 0; n < c.sprites; n++)
    patch_each_pixel(&c, n, patch_copy_grad_row);
}

/* ---- patches and pixels ---- */

static void patches_to_pixels_infer(pm_graph *g, pm_node *node) {
  const pm_patch_layout *a = node->attributes;
  const size_t *d = node->in[0]->shape.dim;
  assert(node->in[0]->shape.rank == 4 && d[1] == pm_patch_count(a->height, a->width, a->side));
  assert(d[2] == a->side * a->side);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, d[0], a->height, a->width, d[3]));
  node->outs = 1;
}

static void pixels_to_patches_infer(pm_graph *g, pm_node *node) {
  const pm_patch_layout *a = node->attributes;
  const size_t *d = node->in[0]->shape.dim, T = pm_patch_count(a->height, a->width, a->side);
  assert(node->in[0]->shape.rank == 4 && d[1] == a->height && d[2] == a->width);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, d[0], T, a->side * a->side, d[3]));
  node->outs = 1;
}

static void patches_to_pixels_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, pixels_to_patches, node->attributes, sizeof(pm_patch_layout), dout[0]);
}

static void pixels_to_patches_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, patches_to_pixels, node->attributes, sizeof(pm_patch_layout), dout[0]);
}

/* The sprite's pixel that patch pixel number i of a sprite is, in row-major order; false outside. */
static bool pixel_at(const pm_patch_layout *a, size_t i, size_t *pixel) {
  size_t columns = (a->width + a->side - 1) / a->side, area = a->side * a->side, p = i / area, j = i % area;
  size_t y = p / columns * a->side + j / a->side, x = p % columns * a->side + j % a->side;
  *pixel = y * a->width + x;
  return y < a->height && x < a->width;
}

static void patches_to_pixels_reference(const pm_call *call) {
  const pm_patch_layout *a = call->node->attributes;
  const size_t *d = call->node->in[0]->shape.dim, C = d[3], inside = a->height * a->width, all = d[1] * d[2];
  for (size_t n = 0; n < d[0]; n++)
    for (size_t i = 0, pixel; i < all; i++)
      if (pixel_at(a, i, &pixel))
        memcpy((real *)call->out[0] + (n * inside + pixel) * C, (const real *)call->in[0] + (n * all + i) * C,
               C * sizeof(real));
}

static void pixels_to_patches_reference(const pm_call *call) {
  const pm_patch_layout *a = call->node->attributes;
  const size_t *d = call->node->out[0]->shape.dim, C = d[3], inside = a->height * a->width, all = d[1] * d[2];
  for (size_t n = 0; n < d[0]; n++)
    for (size_t i = 0, pixel; i < all; i++) {
      real *to = (real *)call->out[0] + (n * all + i) * C;
      if (pixel_at(a, i, &pixel))
        memcpy(to, (const real *)call->in[0] + (n * inside + pixel) * C, C * sizeof *to);
      else
        memset(to, 0, C * sizeof *to);
    }
}

static void patch_put_infer(pm_graph *g, pm_node *node) {
  const pm_value *canvas = node->in[PM_PATCH_PUT_CANVAS], *x = node->in[PM_PATCH_PUT_X],
                 *position = node->in[PM_PATCH_PUT_POSITION];
  assert(canvas->dtype == PM_U8 && canvas->shape.rank == 3 && x->dtype == PM_I32 && position->dtype == PM_I64);
  assert(pm_count(x) == canvas->shape.dim[0]);
  (void)canvas, (void)x, (void)position;
  infer_update(g, node);
}

static void patch_put_reference(const pm_call *call) {
  const pm_patches *a = call->node->attributes;
  const size_t *d = call->node->in[PM_PATCH_PUT_CANVAS]->shape.dim;
  const pm_patch_layout layout = {a->side, d[1], d[2]};
  size_t pixel, i = (size_t) * (const int64_t *)call->in[PM_PATCH_PUT_POSITION] * a->side * a->side + a->pixel;
  if (pixel_at(&layout, i, &pixel))
    for (size_t n = 0; n < d[0]; n++)
      ((unsigned char *)call->out[0])[n * d[1] * d[2] + pixel] =
          (unsigned char)((const int32_t *)call->in[PM_PATCH_PUT_X])[n];
}

const pm_op PM_OP(patch_before) = {"patch_before", patch_before_infer, NULL, patch_before_reference, 0, NULL};
const pm_op PM_OP(patch_features) = {"patch_features", patch_features_infer, NULL, patch_features_reference, 0, NULL};
const pm_op PM_OP(patch_within) = {"patch_within", patch_within_infer, NULL, patch_within_reference, 0, NULL};
const pm_op PM_OP(patch_copies) = {
    "patch_copies", patch_copies_infer, patch_copies_gradient, patch_copies_reference, 0, NULL};
const pm_op PM_OP(patch_copies_grad) = {
    "patch_copies_grad", patch_copies_grad_infer, NULL, patch_copies_grad_reference, 0, NULL};
const pm_op PM_OP(patches_to_pixels) = {
    "patches_to_pixels", patches_to_pixels_infer, patches_to_pixels_gradient, patches_to_pixels_reference, 0, NULL};
const pm_op PM_OP(pixels_to_patches) = {
    "pixels_to_patches", pixels_to_patches_infer, pixels_to_patches_gradient, pixels_to_patches_reference, 0, NULL};
const pm_op PM_OP(patch_put) = {"patch_put", patch_put_infer, NULL, patch_put_reference, 0, NULL};
