/* Convolutions as GEMMs over gathered patches (im2col), where they do not come in whole tiles. A task is a few
 * pictures, as many as the shape alone says. */
#include "backend/cpu/conv2d.h"
#include "backend/cpu/sgemm.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <string.h>

enum {
  PATCH_BYTES = 1 << 19, /* gathered patches of one GEMM: they stay in the second-level cache */
  PARTS = 8,             /* pieces of the batch in which weight gradients are summed */
};

typedef struct {
  const pm_call *call;
  size_t n, h, w, i, oh, ow, o, kh, kw;
  int stride, padding;
  size_t rows;     /* output pixels of a picture */
  size_t taps;     /* kh kw i: length of a patch */
  size_t pictures; /* of one GEMM */
} conv;

pm_conv pm_conv_of(const pm_node *node, const pm_value *weight) {
  const pm_conv2d_attributes *a = node->attributes;
  const size_t *k = weight->shape.dim;
  pm_conv c = {.n = node->in[0]->shape.dim[0],
               .h = a->height,
               .w = a->width,
               .i = k[2],
               .o = k[3],
               .kh = k[0],
               .kw = k[1],
               .stride = a->stride,
               .padding = a->padding};
  c.oh = (c.h + 2 * (size_t)a->padding - c.kh) / (size_t)a->stride + 1;
  c.ow = (c.w + 2 * (size_t)a->padding - c.kw) / (size_t)a->stride + 1;
  return c;
}

static conv conv_of(const pm_conv *s) {
  conv c = {s->call, s->n, s->h, s->w, s->i, s->oh, s->ow, s->o, s->kh, s->kw, s->stride, s->padding, 0, 0, 0};
  c.rows = c.oh * c.ow;
  c.taps = c.kh * c.kw * c.i;
  size_t fit = PATCH_BYTES / (c.rows * c.taps * sizeof(float)), share = pm_pieces(c.n, PARTS);
  c.pictures = fit < 1 ? 1 : fit < share ? fit : share;
  return c;
}

static size_t patch_bytes(const conv *c) {
  return c->pictures * c->rows * c->taps * sizeof(float);
}
static size_t groups(const conv *c) {
  return pm_pieces(c->n, c->pictures);
}
static size_t pictures_of(const conv *c, size_t first) {
  return pm_smaller(c->n - first, c->pictures);
}

/* The part of filter row `kx` that falls inside the picture for output column x: taps [*from, *to), first at column ix.
 */
static ptrdiff_t clip_row(const conv *c, size_t x, ptrdiff_t *from, ptrdiff_t *to) {
  ptrdiff_t ix = (ptrdiff_t)(x * (size_t)c->stride) - c->padding;
  *from = ix < 0 ? -ix : 0;
  *to = ix + (ptrdiff_t)c->kw > (ptrdiff_t)c->w ? (ptrdiff_t)c->w - ix : (ptrdiff_t)c->kw;
  if (*to < *from)
    *to = *from;
  return ix;
}

/* patches[rows, taps] of one picture. */
static void gather_patches(float *patches, const float *picture, const conv *c) {
  for (size_t y = 0; y < c->oh; y++)
    for (size_t x = 0; x < c->ow; x++) {
      ptrdiff_t from, to, ix = clip_row(c, x, &from, &to);
      for (size_t ky = 0; ky < c->kh; ky++, patches += c->kw * c->i) {
        ptrdiff_t iy = (ptrdiff_t)(y * (size_t)c->stride + ky) - c->padding;
        if (iy < 0 || iy >= (ptrdiff_t)c->h) {
          memset(patches, 0, c->kw * c->i * sizeof(float));
          continue;
        }
        memset(patches, 0, (size_t)from * c->i * sizeof(float));
        if (to > from)
          memcpy(patches + (size_t)from * c->i, picture + (size_t)(iy * (ptrdiff_t)c->w + ix + from) * c->i,
                 (size_t)(to - from) * c->i * sizeof(float));
        memset(patches + (size_t)to * c->i, 0, (c->kw - (size_t)to) * c->i * sizeof(float));
      }
    }
}

/* The way back: adds each patch to where it came from. */
static void scatter_patches(float *picture, const float *patches, const conv *c) {
  memset(picture, 0, c->h * c->w * c->i * sizeof(float));
  for (size_t y = 0; y < c->oh; y++)
    for (size_t x = 0; x < c->ow; x++) {
      ptrdiff_t from, to, ix = clip_row(c, x, &from, &to);
      for (size_t ky = 0; ky < c->kh; ky++, patches += c->kw * c->i) {
        ptrdiff_t iy = (ptrdiff_t)(y * (size_t)c->stride + ky) - c->padding;
        if (iy < 0 || iy >= (ptrdiff_t)c->h || to <= from)
          continue;
        float *row = picture + (size_t)(iy * (ptrdiff_t)c->w + ix + from) * c->i;
        pm_vector_best()->add(row, row, patches + (size_t)from * c->i, (size_t)(to - from) * c->i);
      }
    }
}

static void forward_group(void *context, size_t task, void *scratch) {
  const conv *c = context;
  size_t first = task * c->pictures, count = pictures_of(c, first);
  const float *in = c->call->in[0], *bias = c->call->in[2];
  float *out = (float *)c->call->out[0] + first * c->rows * c->o, *patches = scratch;
  for (size_t k = 0; k < count; k++)
    gather_patches(patches + k * c->rows * c->taps, in + (first + k) * c->h * c->w * c->i, c);
  for (size_t r = 0; bias && r < count * c->rows; r++)
    memcpy(out + r * c->o, bias, c->o * sizeof(float));
  pm_sgemm_by_row(out, c->o, patches, c->taps, c->call->in[1], c->o, false, count * c->rows, c->o, c->taps,
                  bias ? 1 : 0);
}

void pm_cpu_conv2d(const pm_call *call) {
  pm_conv s = pm_conv_of(call->node, call->node->in[1]);
  s.call = call;
  if (pm_conv_tiles_fit(s.o)) {
    pm_conv_tiles_forward(&s);
    return;
  }
  conv c = conv_of(&s);
  pm_parallel_for(groups(&c), patch_bytes(&c), forward_group, &c);
}

static void grad_input_group(void *context, size_t task, void *scratch) {
  const conv *c = context;
  size_t first = task * c->pictures, count = pictures_of(c, first);
  const float *dy = (const float *)c->call->in[0] + first * c->rows * c->o;
  float *dx = c->call->out[0], *patches = scratch;
  /* also the transposed convolution's forward pass, so by row */
  pm_sgemm_by_row(patches, c->taps, dy, c->o, c->call->in[1], c->o, true, count * c->rows, c->taps, c->o, 0);
  for (size_t k = 0; k < count; k++)
    scatter_patches(dx + (first + k) * c->h * c->w * c->i, patches + k * c->rows * c->taps, c);
}

void pm_cpu_conv2d_grad_input(const pm_call *call) {
  pm_conv s = pm_conv_of(call->node, call->node->in[1]);
  s.call = call;
  if (pm_conv_tiles_fit(s.i)) {
    pm_conv_tiles_grad_input(&s);
    return;
  }
  conv c = conv_of(&s);
  pm_parallel_for(groups(&c), patch_bytes(&c), grad_input_group, &c);
}

/* Each part of the batch sums its own weight gradient; then the parts are added in order. */
static size_t part_begin(const conv *c, size_t part) {
  return part * c->n / PARTS;
}

static void grad_weight_part(void *context, size_t part, void *scratch) {
  const conv *c = context;
  const float *in = c->call->in[0], *dy = c->call->in[1];
  float *patches = scratch, *sum = (float *)c->call->workspace + part * c->taps * c->o;
  size_t end = part_begin(c, part + 1), begin = part_begin(c, part);
  if (begin == end)
    memset(sum, 0, c->taps * c->o * sizeof(float));
  for (size_t first = begin; first < end; first += c->pictures) {
    size_t count = pm_smaller(end - first, c->pictures);
    for (size_t k = 0; k < count; k++)
      gather_patches(patches + k * c->rows * c->taps, in + (first + k) * c->h * c->w * c->i, c);
    pm_sgemm(sum, c->o, patches, c->taps, true, dy + first * c->rows * c->o, c->o, false, c->taps, c->o,
             count * c->rows, first > begin);
  }
}

enum { SUM_RANGE = 1 << 12 };

static void add_parts(void *context, size_t task, void *scratch) {
  const conv *c = context;
  size_t size = c->taps * c->o, from = task * SUM_RANGE, n = pm_smaller(size - from, SUM_RANGE);
  const float *parts = (const float *)c->call->workspace + from;
  float *sum = (float *)c->call->out[0] + from;
  (void)scratch;
  pm_vector_best()->add(sum, parts, parts + size, n);
  for (size_t part = 2; part < PARTS; part++)
    pm_vector_best()->add(sum, sum, parts + part * size, n);
}

void pm_cpu_conv2d_grad_weight(const pm_call *call) {
  pm_conv s = pm_conv_of(call->node, call->node->in[2]);
  s.call = call;
  if (pm_conv_tiles_fit(s.o)) {
    pm_conv_tiles_grad_weight(&s);
    return;
  }
  conv c = conv_of(&s);
  pm_parallel_for(PARTS, patch_bytes(&c), grad_weight_part, &c);
  pm_parallel_for((c.taps * c.o + SUM_RANGE - 1) / SUM_RANGE, 0, add_parts, &c);
}

size_t pm_cpu_conv2d_grad_weight_workspace(const pm_node *node) {
  pm_conv s = pm_conv_of(node, node->in[2]);
  size_t parts = pm_conv_tiles_fit(s.o) ? pm_conv_tiles_parts(&s) : PARTS;
  return parts * pm_count(node->in[2]) * sizeof(float);
}
