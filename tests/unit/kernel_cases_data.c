/* Cases of the ops between the data set and a batch, of draws, and of vector quantisation. */
#include "kernel_case_builders.h"

/* ---- data: batch, height, width, channels ---- */
OP(shuffle) {
  pm_shuffle(g, numeric_draws(g, 77, 5, (int64_t)d[0], d[0] * 2), d[0] * 3, d[0]);
}
OP(gather) {
  pm_gather(g, IN("x", -1, 1, SHAPE_4), numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[1] * 2), (uint32_t)d[0]));
}
OP(flip) {
  pm_flip(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256), DRAWS, 0.5);
}
OP(shift) {
  pm_shift(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256), DRAWS, 2, 9);
}
OP(palette_swap) {
  pm_palette_swap(g, SPRITES(6), DRAWS, 0.5, 2);
}
OP(colour_lookup) {
  pm_colour_lookup(g, SPRITES(200), IN("table", 0, 1, pm_shape_of(2, (size_t)200, d[3])));
}
OP(to_unit) {
  pm_to_unit(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256));
}
OP(normal) {
  pm_normal(g, SHAPE_4, DRAWS, 3);
}
OP(to_index) { /* a power of two: exact as float and as double */
  pm_to_index(g, IN("u", 0, 1, SHAPE_1), 64);
}
OP(assign) {
  pm_assign(g, STATE("state", -1, 1, SHAPE_4), IN("x", -1, 1, SHAPE_4));
}
OP(clear) {
  pm_clear(g, STATE("state", -1, 1, SHAPE_4));
}

/* Rows of 2 more columns than there are channels, so that no two codes are alike. */
OP(nearest_code) {
  pm_nearest_code(g, IN("x", -1, 1, pm_shape_of(2, d[0] * d[1] * d[2], d[3] + 2)),
                  IN("codebook", -1, 1, pm_shape_of(2, (size_t)37, d[3] + 2)));
}
OP(straight_through) {
  pm_straight_through(g, IN("x", -1, 1, SHAPE_4), IN("value", -1, 1, SHAPE_4));
}
OP(code_usage) {
  pm_value *index = numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[0] * d[1] * d[2]), 20);
  pm_code_usage(g, index, 23, d[1] * d[2], numeric_scalar(g, "count", (int64_t)(d[0] + 1) / 2));
}
/* batch, height, width, channels + 2: as many vectors; 20 codes, of which some are chosen by none of a small batch. */
#define CODEBOOK pm_shape_of(2, (size_t)20, d[3] + 2)
#define VECTOR_ROWS pm_shape_of(2, d[0] * d[1] * d[2], d[3] + 2)
#define CHOSEN numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[0] * d[1] * d[2]), 20)
OP(codebook_average) {
  pm_codebook_average(g, STATE("codebook", -1, 1, CODEBOOK), STATE("counts", 0, 3, pm_shape_of(1, (size_t)20)),
                      STATE("sums", -3, 3, CODEBOOK), IN("x", -1, 1, VECTOR_ROWS), CHOSEN, 0.9);
}
OP(codebook_follow) {
  pm_codebook_follow(g, STATE("codebook", -1, 1, CODEBOOK), STATE("counts", 0, 3, pm_shape_of(1, (size_t)20)),
                     STATE("sums", -3, 3, CODEBOOK), IN("n", 0, 5, pm_shape_of(1, (size_t)20)),
                     IN("total", -3, 3, CODEBOOK), 0.9);
}
/* Idle for 5 to 9 steps before this one: at 7 about half of those that are not chosen begin again. */
OP(codebook_restart) {
  pm_codebook_states s = {STATE("codebook", -1, 1, CODEBOOK), STATE("idle", 5, 9, pm_shape_of(1, (size_t)20)), NULL,
                          NULL};
  if (d[0] % 2) {
    s.counts = STATE("counts", 0, 3, pm_shape_of(1, (size_t)20));
    s.sums = STATE("sums", -3, 3, CODEBOOK);
  }
  pm_codebook_restart(g, s, IN("x", -1, 1, VECTOR_ROWS), CHOSEN, SEED, STEP, (pm_codebook_restart_attributes){7, 4});
}
OP(codebook_replace) {
  pm_codebook_states s = {STATE("codebook", -1, 1, CODEBOOK), STATE("idle", 5, 9, pm_shape_of(1, (size_t)20)), NULL,
                          NULL};
  if (d[0] % 2) {
    s.counts = STATE("counts", 0, 3, pm_shape_of(1, (size_t)20));
    s.sums = STATE("sums", -3, 3, CODEBOOK);
  }
  pm_codebook_replace(g, s, IN("n", -1, 1, pm_shape_of(1, (size_t)20)), IN("candidates", -1, 1, CODEBOOK), 7);
}
OP(code_candidates) {
  pm_code_candidates_attributes a = {.codes = 20, .parts = 3, .rows = d[1] * d[2], .purpose = 4};
  pm_code_candidates(g, IN("x", -1, 1, VECTOR_ROWS), numeric_draws(g, 5, 3, (int64_t)d[0], 3 * d[0]), a);
}
OP(lookup_rows) {
  pm_lookup_rows(g, IN("table", -1, 1, pm_shape_of(1, (size_t)20)), INDEX);
}
OP(time_embedding) {
  pm_time_embedding(g, IN("t", 0, 1000, SHAPE_1), 4 + 2 * d[3]);
}
OP(dropout) {
  pm_dropout(g, IN("x", -1, 1, SHAPE_4), DRAWS, 0.1, 3);
}
OP(one_hot) {
  pm_one_hot(g, SPRITES(20), 20, -1, 1);
}
OP(argmax) {
  pm_argmax(g, IN("x", -1, 1, SHAPE_4));
}
OP(to_bits) {
  pm_to_bits(g, SPRITES(32), 5);
}
OP(from_bits) {
  pm_from_bits(g, IN("x", -1, 1, pm_shape_of(4, d[0], d[1], d[2], (size_t)5)), 20);
}
OP(fill_index) {
  pm_fill_index(g, STEP, d[0]);
}
OP(count_up) {
  pm_count_up(g, d[0], 3, 5);
}
OP(to_float) {
  pm_to_float(g, INDEX);
}
OP(random_uniform) {
  pm_random_uniform(g, DRAWS, d[0], d[0] % 2, 5);
}
OP(random_index_rows) {
  pm_random_index_rows(g, DRAWS, (pm_random_index_rows_attributes){d[0], d[1] * d[2], 128, 5});
}
OP(drop_labels) {
  pm_drop_labels(g, INDEX, DRAWS, 0.3, 20);
}

static const kernel_case cases[] = {
    CASE(shuffle, rows, 0),
    CASE(gather, rows, 0),
    CASE(flip, rows, 0),
    CASE(shift, rows, 0),
    CASE(palette_swap, rows, 0),
    CASE(colour_lookup, rows, 0),
    CASE(to_unit, rows, 0),
    CASE(normal, rows, 0),
    CASE(to_index, lengths, 0),
    CASE(assign, rows, 0),
    CASE(clear, rows, 0),
    CASE(nearest_code, rows, 0),
    CASE(straight_through, rows, 0),
    CASE(code_usage, rows, 4e-7),
    CASE(codebook_average, rows, 4e-6),
    CASE(codebook_follow, rows, 4e-6),
    CASE(codebook_restart, rows, 2e-7),
    CASE(codebook_replace, rows, 2e-7),
    CASE(code_candidates, rows, 2e-7),
    CASE(lookup_rows, rows, 0),
    CASE(time_embedding, rows, 2e-7),
    CASE(dropout, rows, 2e-7),
    CASE(one_hot, rows, 0),
    CASE(argmax, rows, 0),
    CASE(to_bits, rows, 0),
    CASE(from_bits, rows, 0),
    CASE(fill_index, lengths, 0),
    CASE(count_up, lengths, 0),
    CASE(to_float, rows, 0),
    CASE(random_uniform, lengths, 0),
    CASE(random_index_rows, rows, 0),
    CASE(drop_labels, rows, 0),
};
const kernel_case_set kernel_cases_data = {cases, sizeof cases / sizeof *cases};
