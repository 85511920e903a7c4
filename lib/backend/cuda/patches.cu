/* Sprites as sequences of patches: a thread for each patch, or for each pixel of one, with the functions that the
 * reference kernels go by. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"
#include "nn/ops/patches.h"

/* What a call is about: all patches of its sprites or the one at a position, all pixels of a patch or one. */
struct patch_work {
  patch_sizes s;
  const unsigned char *sprites;
  const int64_t *position; /* or NULL */
  item n, patches, pixel, pixels;

  /* Patch i of all sprites' in the call. */
  __device__ const unsigned char *sprite(item i) const { return sprites + (size_t)(i / patches) * s.height * s.width; }
  __device__ size_t patch(item i) const { return position ? (size_t)*position : i % patches; }
};

/* The sprites are input `at`, the position the one behind it. */
static patch_work work_of(const pm_call *call, int at) {
  const pm_patches *a = attributes<pm_patches>(call);
  patch_work w;
  w.s = patch_sizes_of(call->node->in[at], a);
  w.sprites = in(call, at);
  w.position = in(call, at + 1);
  w.n = dim(call->node->in[at], 0);
  w.patches = w.position ? 1 : (item)w.s.patches;
  w.pixel = a->one_pixel ? (item)a->pixel : 0;
  w.pixels = a->one_pixel ? 1 : (item)w.s.pixels;
  return w;
}

void pm_cuda_patch_before(const pm_call *call) {
  const patch_work w = work_of(call, PM_PATCH_SPRITES);
  int32_t *lists = out(call, 0);
  for_each(call, (size_t)w.n * w.patches,
           [=] __device__(item i) { patch_before_list(lists + i * w.s.pixels, &w.s, w.sprite(i), w.patch(i)); });
}

void pm_cuda_patch_features(const pm_call *call) {
  const patch_work w = work_of(call, PM_PATCH_SPRITES);
  int32_t *lists = out(call, 0);
  for_each(call, (size_t)w.n * w.patches, [=] __device__(item i) {
    patch_feature_lists(lists + i * patch_feature_room(&w.s), &w.s, w.sprite(i), w.patch(i), 1);
  });
}

void pm_cuda_patch_within(const pm_call *call) {
  const patch_work w = work_of(call, PM_PATCH_SPRITES);
  const item room = columns(call->node->out[0]);
  int32_t *lists = out(call, 0);
  for_each(call, (size_t)w.n * w.patches * w.pixels, [=] __device__(item row) {
    const item i = row / w.pixels;
    patch_within_list(lists + (size_t)row * room, room, &w.s, w.sprite(i), w.patch(i), w.pixel + row % w.pixels);
  });
}

/* ---- copy gates: what they point at, then a row for each pixel ---- */

void pm_cuda_patch_copies(const pm_call *call) {
  const patch_work w = work_of(call, PM_PATCH_COPIES_SPRITES);
  const size_t K = w.s.colours, G = w.s.gates;
  const float *logits = in(call, PM_PATCH_COPIES_LOGITS), *gates = in(call, PM_PATCH_COPIES_GATES);
  float *y = out(call, 0);
  for_each(call, (size_t)w.n * w.patches * w.pixels, [=] __device__(item row) {
    const item i = row / w.pixels;
    patch_sources from;
    patch_used_before(from.used, &w.s, w.sprite(i), w.patch(i));
    patch_sources_of(&from, &w.s, w.sprite(i), w.patch(i));
    patch_add_gates(y + row * K, logits + row * K, gates + row * G, &w.s, &from,
                    w.s.neighbours + w.pixel + row % w.pixels);
  });
}

void pm_cuda_patch_copies_grad(const pm_call *call) {
  const patch_work w = work_of(call, PM_PATCH_COPIES_GRAD_SPRITES);
  const size_t K = w.s.colours, G = w.s.gates;
  const float *dlogits = in(call, PM_PATCH_COPIES_GRAD_DLOGITS);
  float *dgates = out(call, 0);
  for_each(call, (size_t)w.n * w.patches * w.pixels, [=] __device__(item row) {
    const item i = row / w.pixels;
    patch_sources from;
    patch_used_before(from.used, &w.s, w.sprite(i), w.patch(i));
    patch_sources_of(&from, &w.s, w.sprite(i), w.patch(i));
    patch_gates_gradient(dgates + row * G, dlogits + row * K, &w.s, &from, w.s.neighbours + w.pixel + row % w.pixels);
  });
}

/* ---- patches and pixels ---- */

struct layout {
  item side, height, width, columns, all; /* all: pixels of a sprite's patches, those outside it, too */

  /* The sprite's pixel that pixel i of its patches is; height * width outside. */
  __host__ __device__ item pixel(item i) const {
    const item area = side * side, p = i / area, j = i % area;
    const item y = p / columns * side + j / side, x = p % columns * side + j % side;
    return y < height && x < width ? y * width + x : height * width;
  }
  /* … and the other way. */
  __host__ __device__ item place(item pixel) const {
    const item y = pixel / width, x = pixel % width;
    return ((y / side) * columns + x / side) * side * side + y % side * side + x % side;
  }
};

static layout layout_of(size_t side, size_t height, size_t width) {
  return {(item)side, (item)height, (item)width, pieces(width, side),
          (item)(pm_patch_count(height, width, side) * side * side)};
}
static layout layout_of(const pm_call *call) {
  const pm_patch_layout *a = attributes<pm_patch_layout>(call);
  return layout_of(a->side, a->height, a->width);
}

void pm_cuda_patches_to_pixels(const pm_call *call) {
  const layout l = layout_of(call);
  const item C = columns(call->node->out[0]), inside = l.height * l.width;
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const item pixel = i / C;
    y[i] = x[((size_t)(pixel / inside) * l.all + l.place(pixel % inside)) * C + i % C];
  });
}

void pm_cuda_pixels_to_patches(const pm_call *call) {
  const layout l = layout_of(call);
  const item C = columns(call->node->out[0]), inside = l.height * l.width;
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const item place = i / C, pixel = l.pixel(place % l.all);
    y[i] = pixel < inside ? x[((size_t)(place / l.all) * inside + pixel) * C + i % C] : 0;
  });
}

void pm_cuda_patch_put(const pm_call *call) {
  const pm_patches *a = attributes<pm_patches>(call);
  const pm_value *value = call->node->in[PM_PATCH_PUT_CANVAS];
  const layout l = layout_of(a->side, value->shape.dim[1], value->shape.dim[2]);
  const item inside = l.height * l.width, pixel = (item)a->pixel;
  const int64_t *position = in(call, PM_PATCH_PUT_POSITION);
  const int32_t *x = in(call, PM_PATCH_PUT_X);
  unsigned char *canvas = out(call, 0);
  for_each(call, dim(value, 0), [=] __device__(item n) {
    const item at = l.pixel((item)*position * l.side * l.side + pixel);
    if (at < inside)
      canvas[(size_t)n * inside + at] = (unsigned char)x[n];
  });
}
