/* Logits and draws that keep to what a hint map fixes. No gradients. */
#include "nn/ops/categorical.h"
#include "nn/ops/draws.h"
#include "nn/ops/hint_allows.h"
#include "nn/ops/patches.h"

/* ---- one pixel of a patch ---- */

static void draw_hinted_infer(pm_graph *g, pm_node *node) {
  const pm_value *logits = node->in[PM_DRAW_HINTED_LOGITS], *hints = node->in[PM_DRAW_HINTED_HINTS],
                 *canvas = node->in[PM_DRAW_HINTED_CANVAS], *weights = node->in[PM_DRAW_HINTED_WEIGHTS];
  const size_t N = logits->shape.dim[0];
  assert(logits->shape.rank == 2 && hints->dtype == PM_I32 && canvas->dtype == PM_U8 && canvas->shape.rank == 3);
  assert(canvas->shape.dim[0] == N && N % hints->shape.dim[0] == 0 && pm_count(weights) == N && weights->buffer);
  assert(pm_count(hints) / hints->shape.dim[0] == pm_count(canvas) / N);
  (void)hints, (void)canvas, (void)weights;
  node->out[PM_DRAW_HINTED_INDEX] = pm_new_value(g, PM_I32, pm_shape_of(1, N));
  node->out[PM_DRAW_HINTED_NEW_WEIGHTS] = node->in[PM_DRAW_HINTED_WEIGHTS];
  node->outs = 2;
}

/* ln of the sum of exp(logits / temperature) over what is allowed: all for PM_HINT_UNKNOWN. */
static double log_sum_of_allowed(const real *logits, size_t K, double temperature, int32_t hint, int32_t background) {
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < K; k++)
    if (hint_allows(hint, background, k) && logits[k] > top)
      top = logits[k];
  for (size_t k = 0; k < K; k++)
    if (hint_allows(hint, background, k))
      sum += exp((logits[k] - top) / temperature);
  return top / temperature + log(sum);
}

/* What the hint costs: ln of the probability of what it allows. */
static double log_allowed(const real *logits, size_t K, double temperature, int32_t hint, int32_t background) {
  if (hint == PM_HINT_UNKNOWN || (hint >= 0 && logits[hint] <= (real)PM_BANNED / 2))
    return 0;
  return log_sum_of_allowed(logits, K, temperature, hint, background) -
         log_sum_of_allowed(logits, K, temperature, PM_HINT_UNKNOWN, background);
}

/* The hint of a row's pixel y, x; a mirrored one that is not right of the axis is unknown. */
static int32_t hint_at(const pm_call *call, size_t n, size_t y, size_t x) {
  const size_t *canvas = call->node->in[PM_DRAW_HINTED_CANVAS]->shape.dim,
               particles = canvas[0] / call->node->in[PM_DRAW_HINTED_HINTS]->shape.dim[0];
  int32_t hint = ((const int32_t *)call->in[PM_DRAW_HINTED_HINTS])[(n / particles * canvas[1] + y) * canvas[2] + x];
  return hint == PM_HINT_MIRRORED && 2 * x < canvas[2] ? PM_HINT_UNKNOWN : hint;
}

static void draw_hinted_reference(const pm_call *call) {
  const pm_draw_hinted_attributes *a = call->node->attributes;
  const size_t N = call->node->in[PM_DRAW_HINTED_LOGITS]->shape.dim[0],
               K = pm_columns(call->node->in[PM_DRAW_HINTED_LOGITS]);
  const size_t *canvas = call->node->in[PM_DRAW_HINTED_CANVAS]->shape.dim;
  const draw_source d = draw_source_of(call, PM_DRAW_HINTED_DRAWS);
  const patch_sizes s = patch_sizes_of(call->node->in[PM_DRAW_HINTED_CANVAS], &a->at);
  const size_t p = (size_t) * (const int64_t *)call->in[PM_DRAW_HINTED_POSITION];
  const size_t y = p / s.columns * s.side + a->at.pixel / s.side, x = p % s.columns * s.side + a->at.pixel % s.side;
  const bool inside = y < s.height && x < s.width;
  double *sorted = call->workspace;
  real *allowed = (real *)(sorted + K);
  for (size_t n = 0; n < N; n++) {
    const real *logits = (const real *)call->in[PM_DRAW_HINTED_LOGITS] + n * K;
    int32_t hint = inside ? hint_at(call, n, y, x) : PM_HINT_UNKNOWN;
    pm_rng rng = draw_stream(&d, a->how.purpose, n);
    double u = (double)pm_unit_float(pm_rng_u32(&rng));
    if (hint == PM_HINT_MIRRORED) {
      ((int32_t *)call->out[PM_DRAW_HINTED_INDEX])[n] =
          ((const unsigned char *)call->in[PM_DRAW_HINTED_CANVAS])[(n * canvas[1] + y) * canvas[2] + canvas[2] - 1 - x];
      continue;
    }
    for (size_t k = 0; k < K; k++)
      allowed[k] = hint_allows(hint, a->background, k) ? logits[k] : (real)-INFINITY;
    double least = least_allowed_logit(allowed, K, &a->how, sorted);
    ((real *)call->out[PM_DRAW_HINTED_NEW_WEIGHTS])[n] +=
        (real)log_allowed(logits, K, a->how.temperature, hint, a->background);
    ((int32_t *)call->out[PM_DRAW_HINTED_INDEX])[n] = draw_category(allowed, K, least, a->how.temperature, u);
  }
}

/* Sorted logits, and what is allowed of them. */
static size_t draw_hinted_workspace(const pm_node *node) {
  return pm_columns(node->in[PM_DRAW_HINTED_LOGITS]) * (sizeof(double) + sizeof(real));
}

/* ---- whole pictures ---- */

static void restrict_logits_infer(pm_graph *g, pm_node *node) {
  const pm_value *logits = node->in[PM_RESTRICT_LOGITS_LOGITS], *hints = node->in[PM_RESTRICT_LOGITS_HINTS];
  assert(logits->shape.rank == 4 && hints->dtype == PM_I32 && pm_count(hints) == pm_rows(logits));
  (void)hints;
  node->out[0] = pm_new_value(g, PM_F32, logits->shape);
  node->outs = 1;
}

static void restrict_row(real *to, const real *logits, size_t K, int32_t hint, int32_t background) {
  for (size_t k = 0; k < K; k++)
    to[k] = hint == (int32_t)k ? 0 : hint_allows(hint, background, k) ? logits[k] : (real)PM_BANNED;
}

static void restrict_logits_reference(const pm_call *call) {
  const int32_t background = *(const int32_t *)call->node->attributes;
  const size_t *d = call->node->in[PM_RESTRICT_LOGITS_LOGITS]->shape.dim, W = d[2], K = d[3], rows = d[0] * d[1];
  for (size_t r = 0; r < rows; r++) {
    const real *logits = (const real *)call->in[PM_RESTRICT_LOGITS_LOGITS] + r * W * K;
    const int32_t *hint = (const int32_t *)call->in[PM_RESTRICT_LOGITS_HINTS] + r * W;
    for (size_t x = 0; x < W; x++) {
      size_t from = hint[x] == PM_HINT_MIRRORED && 2 * x >= W ? W - 1 - x : x;
      restrict_row((real *)call->out[0] + (r * W + x) * K, logits + from * K, K, hint[from], background);
    }
  }
}

const pm_op PM_OP(draw_hinted) = {"draw_hinted",        draw_hinted_infer, NULL, draw_hinted_reference, 0,
                                  draw_hinted_workspace};
const pm_op PM_OP(restrict_logits) = {
    "restrict_logits", restrict_logits_infer, NULL, restrict_logits_reference, 0, NULL};
