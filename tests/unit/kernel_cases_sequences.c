/* Cases of attention, embeddings, sequences of indices and of patches. */
#include "kernel_case_builders.h"

OP(softmax) {
  pm_softmax(g, IN("x", -9, 9, SHAPE_4));
}
OP(softmax_grad) {
  PM_APPLY(g, softmax_grad, NULL, 0, IN("y", 0, 1, SHAPE_4), IN("dy", -1, 1, SHAPE_4));
}
OP(cross_entropy) {
  pm_cross_entropy(g, IN("x", -9, 9, SHAPE_4), numeric_whole(g, "index", PM_U8, PIXELS, (uint32_t)d[3]));
}
OP(cross_entropy_grad) {
  PM_APPLY(g, cross_entropy_grad, NULL, 0, IN("x", -9, 9, SHAPE_4),
           numeric_whole(g, "index", PM_U8, PIXELS, (uint32_t)d[3]), IN("dloss", 1, 2, SHAPE_1));
}
/* batch, tokens, heads, columns of a head, causal, dropout in percent */
#define TOKENS pm_shape_of(3, d[0], d[1], d[2] * d[3])
#define QKV IN("qkv", -2, 2, pm_shape_of(3, d[0], d[1], 3 * d[2] * d[3]))
#define ATTENTION_ATTRIBUTES                                                                                           \
  (pm_attention_attributes) {                                                                                          \
    .heads = d[2], .causal = d[4], .dropout = (double)d[5] / 100, .purpose = 8                                         \
  }
#define DRAWS_IF_DROPPED (d[5] ? DRAWS : (pm_draws){0})
OP(attention) {
  pm_attention(g, QKV, DRAWS_IF_DROPPED, ATTENTION_ATTRIBUTES);
}
OP(attention_grad) {
  pm_attention_attributes a = ATTENTION_ATTRIBUTES;
  const pm_draws draws = DRAWS_IF_DROPPED;
  PM_APPLY(g, attention_grad, &a, sizeof a, QKV, IN("dy", -1, 1, TOKENS), PM_DRAWS(draws));
}
/* A token in the middle of what the cache holds: what lies behind it must not matter. */
OP(attention_step) {
  pm_shape token = pm_shape_of(3, d[0], (size_t)1, 3 * d[2] * d[3]);
  pm_attention_step(g, IN("qkv", -2, 2, token), STATE("keys", -2, 2, TOKENS), STATE("values", -1, 1, TOKENS),
                    numeric_scalar(g, "position", (int64_t)(d[1] * 2 / 3)), d[2]);
}

/* ---- sequences of indices: batch, length, number of indices ---- */
#define SEQUENCE pm_shape_of(2, d[0], d[1])
#define SEQUENCE_INDEX numeric_whole(g, "index", PM_I32, SEQUENCE, (uint32_t)d[2])
#define SEQUENCE_LOGITS IN("x", -9, 9, pm_shape_of(3, d[0], d[1], d[2]))
static void build_cross_entropy_i32(pm_graph *g, sizes d) {
  pm_cross_entropy(g, SEQUENCE_LOGITS, SEQUENCE_INDEX);
}
static void build_cross_entropy_grad_i32(pm_graph *g, sizes d) {
  PM_APPLY(g, cross_entropy_grad, NULL, 0, SEQUENCE_LOGITS, SEQUENCE_INDEX, IN("dloss", 1, 2, SHAPE_1));
}
OP(shift_right) {
  pm_shift_right(g, SEQUENCE_INDEX, (int32_t)d[2]);
}
OP(draw_index) {
  pm_draw_index_attributes a = {0.7, d[2] / 2, 0.8, 6};
  pm_draw_index(g, IN("x", -2, 2, pm_shape_of(2, d[0] * d[1], d[2])), DRAWS, a);
}
OP(put_column) {
  pm_value *state = pm_graph_state(g, "state", PM_I32, SEQUENCE);
  pm_put_column(g, state, numeric_whole(g, "index", PM_I32, SHAPE_1, (uint32_t)d[2]),
                numeric_scalar(g, "column", (int64_t)d[1] - 1));
}

OP(embedding) {
  pm_embedding(g, IN("table", -1, 1, TABLE), INDEX);
}
OP(embedding_grad) {
  PM_APPLY(g, embedding_grad, NULL, 0, IN("table", -1, 1, TABLE), INDEX, IN("dy", -1, 1, VECTORS));
}

/* Lists of up to d[2] rows of a table of 20, of which the drawn ones are cut short in places. */
#define LISTED pm_drop_listed(g, numeric_whole(g, "list", PM_I32, pm_shape_of(3, d[0], d[1], d[2]), 20), DRAWS, 0.4, 5)
OP(drop_listed) {
  (void)LISTED;
}
OP(embedding_sum) {
  pm_embedding_sum(g, IN("table", -1, 1, TABLE), LISTED);
}
OP(embedding_sum_grad) {
  pm_value *list = LISTED;
  PM_APPLY(g, embedding_sum_grad, NULL, 0, IN("table", -1, 1, TABLE), list,
           IN("dy", -1, 1, pm_shape_of(3, d[0], d[1], d[3])));
}

/* ---- sprites as patches: batch, height, width, side, colours; one pixel alone of the last patch if d[5] ---- */
static pm_patches patches_of(sizes d) {
  return (pm_patches){d[3], d[4], d[5], d[3] * d[3] - 1};
}
static pm_value *position_of(pm_graph *g, sizes d) {
  return d[5] ? numeric_scalar(g, "position", (int64_t)pm_patch_count(d[1], d[2], d[3]) - 1) : NULL;
}
static pm_shape patch_shape(sizes d, size_t last) {
  size_t patches = d[5] ? 1 : pm_patch_count(d[1], d[2], d[3]), pixels = d[5] ? 1 : d[3] * d[3];
  return pm_shape_of(4, d[0], patches, pixels, last);
}
OP(patch_before) {
  pm_patch_before(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_features) {
  pm_patch_features(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_within) {
  pm_patch_within(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_copies) {
  pm_patch_copies(g, IN("logits", -2, 2, patch_shape(d, d[4])),
                  IN("gates", -1, 1, patch_shape(d, pm_patch_gates(d[3]))), SPRITES((uint32_t)d[4]), position_of(g, d),
                  patches_of(d));
}
OP(patch_copies_grad) {
  pm_patches a = patches_of(d);
  PM_APPLY(g, patch_copies_grad, &a, sizeof a, IN("gates", -1, 1, patch_shape(d, pm_patch_gates(d[3]))),
           IN("dlogits", -1, 1, patch_shape(d, d[4])), SPRITES((uint32_t)d[4]), position_of(g, d));
}
#define PATCHED pm_shape_of(4, d[0], pm_patch_count(d[1], d[2], d[3]), d[3] * d[3], d[4])
OP(patches_to_pixels) {
  pm_patches_to_pixels(g, IN("x", -1, 1, PATCHED), (pm_patch_layout){d[3], d[1], d[2]});
}
OP(pixels_to_patches) {
  pm_patch_layout a = {d[3], d[1], d[2]};
  PM_APPLY(g, pixels_to_patches, &a, sizeof a, IN("x", -1, 1, pm_shape_of(4, d[0], d[1], d[2], d[4])));
}
OP(patch_put) {
  pm_value *canvas = numeric_whole_state(g, "canvas", PM_U8, pm_shape_of(3, d[0], d[1], d[2]), (uint32_t)d[4]);
  pm_patch_put(g, canvas, numeric_whole(g, "colours", PM_I32, SHAPE_1, (uint32_t)d[4]),
               numeric_scalar(g, "position", (int64_t)pm_patch_count(d[1], d[2], d[3]) - 1), patches_of(d));
}

/* ---- with a part of the sprite fixed: sprites, height, width, particles, colours, side, and minus the hints' code, or
 * 0 for hints that fix pixels to indices ---- */
#define PARTICLES (d[0] * d[3])
#define LOG_WEIGHTS STATE("weights", -6, 0, pm_shape_of(1, PARTICLES))
#define CANVAS numeric_whole(g, "canvas", PM_U8, pm_shape_of(3, PARTICLES, d[1], d[2]), (uint32_t)d[4])
static pm_value *hints_of(pm_graph *g, sizes d) {
  const pm_shape shape = pm_shape_of(3, d[0], d[1], d[2]);
  if (!d[6])
    return numeric_whole(g, "hints", PM_I32, shape, (uint32_t)d[4]);
  return pm_reshape(g, pm_fill_index(g, numeric_scalar(g, "hint", -(int64_t)d[6]), pm_shape_count(shape)), shape);
}
static pm_particles_attributes particles_of(sizes d) {
  return (pm_particles_attributes){d[3], 5};
}
OP(draw_hinted) {
  const pm_draw_hinted_attributes a = {.how = {.temperature = 0.8, .top_p = 0.9, .purpose = 5},
                                       .at = {d[5], d[4], true, d[5] * d[5] - 1},
                                       .background = 1};
  pm_value *position = numeric_scalar(g, "position", (int64_t)pm_patch_count(d[1], d[2], d[5]) - 1);
  pm_draw_hinted(g, IN("logits", -9, 9, pm_shape_of(2, PARTICLES, d[4])), DRAWS, hints_of(g, d), CANVAS, position,
                 LOG_WEIGHTS, a);
}
OP(restrict_logits) {
  pm_restrict_logits(g, IN("logits", -9, 9, pm_shape_of(4, d[0], d[1], d[2], d[4])), hints_of(g, d), 1);
}
OP(resample_particles) {
  pm_resample_particles(g, LOG_WEIGHTS, DRAWS, particles_of(d));
}
OP(copy_rows) {
  pm_value *state = STATE("state", -1, 1, pm_shape_of(3, 2 * PARTICLES, d[1], d[2]));
  pm_value *rows = pm_resample_particles(g, LOG_WEIGHTS, DRAWS, particles_of(d));
  pm_copy_rows(g, state, rows, d[6] ? numeric_scalar(g, "position", (int64_t)d[1] / 2) : NULL);
}
OP(pick_particle) {
  pm_pick_particle(g, LOG_WEIGHTS, DRAWS, particles_of(d));
}

static const size_t patched[][KERNEL_SIZES] = {
    {1, 2, 1, 1, 1},      {3, 4, 4, 2, 5},     {2, 5, 7, 2, 3},       {4, 16, 16, 2, 16},
    {2, 9, 6, 3, 43},     {2, 8, 12, 4, 6},    {3, 16, 16, 2, 16, 1}, {2, 5, 7, 2, 3, 1},
    {1, 32, 32, 4, 6, 1}, {1, 24, 18, 2, 256}, {1, 1, 3, 2, 4},       {33, 16, 16, 2, 256, 1},
};
static const size_t tokens[][KERNEL_SIZES] = {
    {1, 1, 1, 1, 0},      {3, 5, 2, 3, 0},      {3, 5, 2, 3, 1},       {2, 64, 4, 16, 0},    {2, 65, 1, 33, 1},
    {5, 256, 4, 32, 0},   {1, 1, 1, 1, 1, 10},  {3, 5, 2, 3, 0, 40},   {3, 5, 2, 3, 1, 40},  {4, 16, 4, 32, 1, 10},
    {2, 65, 1, 33, 1, 1}, {7, 13, 3, 5, 1, 90}, {2, 64, 4, 16, 0, 50}, {9, 17, 4, 8, 1, 25},
};
static const size_t sequences[][KERNEL_SIZES] = {{1, 1, 1},   {3, 5, 2},     {7, 6, 257}, {33, 16, 128},
                                                 {2, 3, 300}, {5, 17, 1025}, {65, 1, 31}};

static const size_t hinted[][KERNEL_SIZES] = {
    {1, 1, 1, 1, 2, 1},       {2, 5, 7, 3, 6, 2},    {3, 4, 4, 2, 16, 2, 1}, {1, 3, 6, 17, 9, 3, 2},
    {2, 16, 16, 8, 43, 2, 3}, {4, 4, 6, 5, 3, 2, 4}, {1, 9, 8, 64, 256, 1},
};

static const kernel_case cases[] = {
    CASE(softmax, rows, 4e-7),
    CASE(softmax_grad, rows, 2e-6),
    CASE(cross_entropy, rows, 1e-6),
    CASE(cross_entropy_grad, rows, 4e-7),
    CASE(attention, tokens, 2e-6),
    CASE(attention_grad, tokens, 4e-6),
    CASE(attention_step, tokens, 2e-6),
    {"cross_entropy", build_cross_entropy_i32, sequences, sizeof sequences / sizeof *sequences, 1e-6, 1e-6},
    {"cross_entropy_grad", build_cross_entropy_grad_i32, sequences, sizeof sequences / sizeof *sequences, 4e-7, 4e-7},
    CASE(shift_right, sequences, 0),
    CASE(draw_index, sequences, 0),
    CASE(put_column, sequences, 0),
    CASE(embedding, rows, 0),
    CASE(embedding_grad, rows, 4e-7),
    CASE(drop_listed, rows, 0),
    CASE(embedding_sum, rows, 2e-6),
    CASE(embedding_sum_grad, rows, 4e-6),
    CASE(patch_before, patched, 0),
    CASE(patch_features, patched, 0),
    CASE(patch_within, patched, 0),
    CASE(patch_copies, patched, 1e-6),
    CASE(patch_copies_grad, patched, 1e-6),
    CASE(patches_to_pixels, patched, 0),
    CASE(pixels_to_patches, patched, 0),
    CASE(patch_put, patched, 0),
    CASE(draw_hinted, hinted, 2e-6),
    CASE(restrict_logits, hinted, 0),
    CASE(resample_particles, hinted, 0),
    CASE(copy_rows, hinted, 0),
    CASE(pick_particle, hinted, 0),
};
const kernel_case_set kernel_cases_sequences = {cases, sizeof cases / sizeof *cases};
