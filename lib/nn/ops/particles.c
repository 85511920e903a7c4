/* Particles: several drawings of one sprite side by side, of which those that fit to what is fixed go on. No
 * gradients. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

#include <string.h>

/* w[M] = exp(log weight - the largest). Returns their sum, at least 1. */
static double relative_weights(double *w, const real *log_weight, size_t M) {
  double top = log_weight[0], sum = 0;
  for (size_t i = 1; i < M; i++)
    top = log_weight[i] > top ? log_weight[i] : top;
  for (size_t i = 0; i < M; i++)
    sum += w[i] = exp(log_weight[i] - top);
  return sum;
}

static double effective_number(const double *w, double sum, size_t M) {
  double squares = 0;
  for (size_t i = 0; i < M; i++)
    squares += w[i] * w[i];
  return sum * sum / squares;
}

static size_t particles_workspace(const pm_node *node) {
  return ((const pm_particles_attributes *)node->attributes)->particles * (sizeof(double) + sizeof(int32_t));
}

/* ---- resampling ---- */

static void resample_particles_infer(pm_graph *g, pm_node *node) {
  const pm_particles_attributes *a = node->attributes;
  assert(node->in[PM_PARTICLES_WEIGHTS]->buffer && node->in[PM_PARTICLES_WEIGHTS]->shape.rank == 1 &&
         node->in[PM_PARTICLES_WEIGHTS]->shape.dim[0] % a->particles == 0);
  (void)a;
  node->out[PM_RESAMPLE_PARTICLES_ROWS] = pm_new_value(g, PM_I32, node->in[PM_PARTICLES_WEIGHTS]->shape);
  node->out[PM_RESAMPLE_PARTICLES_NEW_WEIGHTS] = node->in[PM_PARTICLES_WEIGHTS];
  node->outs = 2;
}

/* copies[M]: how often each particle is drawn by systematic resampling: at (u + i) / M of the sum, i = 0 … M - 1. */
static void systematic(int32_t *copies, const double *w, double sum, double u, size_t M) {
  double passed = 0;
  size_t drawn = 0;
  for (size_t i = 0; i < M; i++) {
    size_t before = drawn;
    passed += w[i];
    while (drawn < M && (u + (double)drawn) / (double)M * sum < passed)
      drawn++;
    copies[i] = (int32_t)(drawn - before);
  }
  copies[M - 1] += (int32_t)(M - drawn); /* what rounding left over */
}

/* rows[M], counted from `first`: a particle with copies keeps its row, its further copies take those of the others. */
static void place_copies(int32_t *rows, int32_t *copies, size_t M, size_t first) {
  for (size_t i = 0, from = 0; i < M; i++) {
    rows[i] = (int32_t)(first + i);
    if (copies[i])
      continue;
    while (copies[from] < 2)
      from++;
    copies[from]--;
    rows[i] = (int32_t)(first + from);
  }
}

static void resample_particles_reference(const pm_call *call) {
  const pm_particles_attributes *a = call->node->attributes;
  const size_t M = a->particles, N = pm_count(call->node->in[PM_PARTICLES_WEIGHTS]);
  const draw_source d = draw_source_of(call, PM_PARTICLES_DRAWS);
  double *w = call->workspace;
  int32_t *copies = (int32_t *)(w + M);
  for (size_t first = 0; first < N; first += M) {
    real *weights = (real *)call->out[PM_RESAMPLE_PARTICLES_NEW_WEIGHTS] + first;
    int32_t *rows = (int32_t *)call->out[PM_RESAMPLE_PARTICLES_ROWS] + first;
    double sum = relative_weights(w, weights, M);
    pm_rng rng = draw_stream(&d, a->purpose, first);
    double u = (double)pm_unit_float(pm_rng_u32(&rng));
    for (size_t i = 0; i < M; i++)
      rows[i] = (int32_t)(first + i);
    if (effective_number(w, sum, M) >= (double)M / 2)
      continue;
    systematic(copies, w, sum, u, M);
    place_copies(rows, copies, M, first);
    memset(weights, 0, M * sizeof *weights);
  }
}

/* ---- the rows that go on ---- */

static void copy_rows_infer(pm_graph *g, pm_node *node) {
  assert(node->in[PM_COPY_ROWS_ROWS]->dtype == PM_I32 &&
         node->in[PM_COPY_ROWS_STATE]->shape.dim[0] % pm_count(node->in[PM_COPY_ROWS_ROWS]) == 0);
  assert(!node->in[PM_COPY_ROWS_POSITION] ||
         (node->in[PM_COPY_ROWS_POSITION]->dtype == PM_I64 && node->in[PM_COPY_ROWS_STATE]->shape.rank >= 2));
  infer_update(g, node);
}

static void copy_rows_reference(const pm_call *call) {
  const pm_value *state = call->node->in[PM_COPY_ROWS_STATE];
  const size_t all = state->shape.dim[0], N = pm_count(call->node->in[PM_COPY_ROWS_ROWS]),
               item = state->dtype == PM_F32 ? sizeof(real) : pm_dtype_size(state->dtype);
  const size_t row = pm_count(state) / all * item;
  size_t bytes = row;
  if (call->node->in[PM_COPY_ROWS_POSITION])
    bytes = row / state->shape.dim[1] * ((size_t) * (const int64_t *)call->in[PM_COPY_ROWS_POSITION] + 1);
  for (size_t n = 0; n < all; n++) {
    size_t from = n / N * N + (size_t)((const int32_t *)call->in[PM_COPY_ROWS_ROWS])[n % N];
    assert(from < all && bytes <= row);
    if (from != n)
      memcpy((char *)call->out[0] + n * row, (const char *)call->out[0] + from * row, bytes);
  }
}

/* ---- the one that is kept ---- */

static void pick_particle_infer(pm_graph *g, pm_node *node) {
  const pm_particles_attributes *a = node->attributes;
  assert(node->in[PM_PARTICLES_WEIGHTS]->shape.rank == 1 &&
         node->in[PM_PARTICLES_WEIGHTS]->shape.dim[0] % a->particles == 0);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, node->in[PM_PARTICLES_WEIGHTS]->shape.dim[0] / a->particles));
  node->outs = 1;
}

static void pick_particle_reference(const pm_call *call) {
  const pm_particles_attributes *a = call->node->attributes;
  const size_t M = a->particles, S = pm_count(call->node->out[0]);
  const draw_source d = draw_source_of(call, PM_PARTICLES_DRAWS);
  double *w = call->workspace;
  for (size_t s = 0; s < S; s++) {
    double sum = relative_weights(w, (const real *)call->in[PM_PARTICLES_WEIGHTS] + s * M, M), passed = 0;
    pm_rng rng = draw_stream(&d, a->purpose, s * M);
    double u = (double)pm_unit_float(pm_rng_u32(&rng));
    size_t picked = 0;
    while (picked + 1 < M && (passed += w[picked]) <= u * sum)
      picked++;
    ((int32_t *)call->out[0])[s] = (int32_t)(s * M + picked);
  }
}

const pm_op PM_OP(resample_particles) = {
    "resample_particles", resample_particles_infer, NULL, resample_particles_reference, 0, particles_workspace};
const pm_op PM_OP(copy_rows) = {"copy_rows", copy_rows_infer, NULL, copy_rows_reference, 0, NULL};
const pm_op PM_OP(pick_particle) = {"pick_particle",    pick_particle_infer, NULL, pick_particle_reference, 0,
                                    particles_workspace};
