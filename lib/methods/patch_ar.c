/* An autoregressive transformer over patches of palette indices: a sprite is drawn patch by patch in reading order,
 * each of a patch's pixels given all pixels before it. Its likelihood is exact. After Parmar et al., "Image
 * Transformer", 2018 (attention over pixels in raster order) and Chen et al., "Generative Pretraining from Pixels",
 * 2020 (a transformer over palette indices), with patches as tokens, and with what pixel art is made of as inputs:
 * which known pixels around are alike, and which colours are in use.
 *
 *   token p   sum over the pixels of patch p - 1 of `before`  + row + column + class + mirrored
 *             + sum over the features of the known pixels around patch p of `around`                          width
 *   layers    pre-norm transformer, causal; norm
 *   pixels    z = linear(h) + sum over the same features of `around_pixels`, `hidden` numbers for each pixel of p
 *   pixel j   z_j = SiLU(z_j + sum over the patch's pixels i < j of `within`)
 *             logits = linear(z_j); to the logit of each colour that stands around, stands in the patch or is used in
 * the sprite, a linear gate of z_j is added: copying is an operation, not knowledge of colours
 *
 * Loss: the mean of the pixels' cross-entropies, in nats a pixel. The features are multi-hot vectors of K colours,
 * given as lists of what is 1, so that they cost the same with 4 colours as with 256. Sides that are no multiple of the
 * patch's are padded; what lies outside the sprite is neither predicted nor known. Without --labels the class, and
 * without mirroring the row `mirrored`, add the same to every sprite. docs/patch-ar.md says more. */
#include "core/fail.h"
#include "core/random.h"
#include "methods/guidance.h"
#include "methods/methods.h"
#include "methods/transformer.h"
#include "nn/layers.h"
#include "train/hints.h"

#include <math.h>
#include <string.h>

typedef struct {
  int64_t side, width, layers, heads, feed_forward, hidden;
  double dropout, feature_dropout, label_drop;
  double temperature, top_p, guidance_scale;
} patch_ar_settings;

#define AT(field) offsetof(patch_ar_settings, field)

static const pm_option keys[] = {
    {"patch.side", 0, PM_INTEGER, AT(side), "2", 1, PM_PATCH_MOST_SIDE, NULL, NULL,
     "pixels on each side of a patch, which is one token"},
    {"patch.hidden", 0, PM_INTEGER, AT(hidden), "128", 1, 4096, NULL, NULL, "features of each pixel before its logits"},
    {"patch.feature_dropout", 0, PM_REAL, AT(feature_dropout), "0.1", 0, 0.9, NULL, NULL,
     "probability that a feature of the pixels around is dropped in training"},
    {"transformer.width", 0, PM_INTEGER, AT(width), "128", 4, 4096, NULL, NULL, "features of a token"},
    {"transformer.layers", 0, PM_INTEGER, AT(layers), "4", 1, 64, NULL, NULL, "layers of the transformer"},
    {"transformer.heads", 0, PM_INTEGER, AT(heads), "4", 1, 64, NULL, NULL,
     "heads of its attention; they divide the width"},
    {"transformer.feed_forward", 0, PM_INTEGER, AT(feed_forward), "512", 1, 65536, NULL, NULL,
     "features between the two linear layers of each"},
    {"transformer.dropout", 0, PM_REAL, AT(dropout), "0.2", 0, 0.9, NULL, NULL,
     "dropout of the tokens and at the end of each attention and feed-forward part"},
    {"classes.drop", 0, PM_REAL, AT(label_drop), "0.1", 0, 1, NULL, NULL,
     "label dropout: probability that training conditions a sprite on no class; guidance needs it"},
    {"sampling.temperature", 0, PM_REAL, AT(temperature), "0.9", 1e-3, 100, NULL, NULL,
     "logits are divided by it: below 1 likely colours become likelier"},
    {"sampling.top_p", 0, PM_REAL, AT(top_p), "1", 1e-6, 1, NULL, NULL,
     "draw from the likeliest colours that together have this probability; 1: from all"},
    {"sampling.guidance_scale", 0, PM_REAL, AT(guidance_scale), "1", 0, 100, NULL, NULL,
     "how far towards the class wanted; 1: as the model predicts it"},
    {0},
};

static const char *const metrics[] = {"cross_entropy", "bits", NULL};

static const double BITS_PER_NAT = 1.44269504088896340736; /* 1 / ln 2 */

static void check(const void *settings, const pm_sprite_format *f, const char *place) {
  const patch_ar_settings *s = settings;
  if (!f->colours)
    pm_fail(PM_BAD_INPUT, place,
            "patch-ar needs sprites whose every colour is in a palette of at most 256; snap them first");
  if (pm_patch_count(f->height, f->width, (size_t)s->side) < 2)
    pm_fail(PM_BAD_INPUT, place, "sprites of %zu x %zu pixels are less than two patches of %lld x %lld (patch.side)",
            f->width, f->height, (long long)s->side, (long long)s->side);
  if (s->width % s->heads)
    pm_fail(PM_BAD_INPUT, place, "transformer.width is %lld, which does not divide by transformer.heads (%lld)",
            (long long)s->width, (long long)s->heads);
  if (f->classes && s->label_drop == 1)
    pm_fail(PM_BAD_INPUT, place, "classes.drop is 1, so no class would ever be learned; leave --labels out");
  if (f->classes && s->label_drop == 0 && s->guidance_scale != 1)
    pm_fail(PM_BAD_INPUT, place,
            "guidance goes from what is predicted without a class towards one, and with classes.drop: 0 nothing is "
            "learned without; sampling.guidance_scale has to be 1");
}

/* One graph's net. Of whole sprites in training; of the patch at `position` in a step of sampling. */
typedef struct {
  pm_graph *g;
  const patch_ar_settings *s;
  const pm_sprite_format *f;
  pm_patches patches;
  size_t columns, T, pixels; /* patches a row and in all; pixels a patch */
  pm_value *position;
  pm_draws draws; /* of dropout, in training */
} net;

static net net_of(pm_graph *g, const void *settings, const pm_sprite_format *f, pm_value *position) {
  const patch_ar_settings *s = settings;
  const size_t side = (size_t)s->side;
  return (net){.g = g,
               .s = s,
               .f = f,
               .patches = {.side = side, .colours = f->colours},
               .columns = (f->width + side - 1) / side,
               .T = pm_patch_count(f->height, f->width, side),
               .pixels = side * side,
               .position = position};
}

static pm_transformer transformer_of(const net *n) {
  return (pm_transformer){.length = n->T,
                          .width = (size_t)n->s->width,
                          .layers = (size_t)n->s->layers,
                          .heads = (size_t)n->s->heads,
                          .feed_forward = (size_t)n->s->feed_forward,
                          .dropout = n->s->dropout,
                          .draws = n->draws,
                          .norm_first = true};
}

/* What sums of many rows begin with: a standard deviation of 0.05 for each row. */
static pm_value *table(const net *n, const char *name, size_t rows, size_t width) {
  return pm_table_of_rows(n->g, name, rows, width, 0.05);
}

/* The features of the known pixels around, of all patches or of the one at the position. */
static pm_value *features_of(const net *n, pm_value *sprites) {
  pm_value *list = pm_patch_features(n->g, sprites, n->position, n->patches);
  if (n->g->training && n->s->feature_dropout > 0)
    list = pm_drop_listed(n->g, list, n->draws, n->s->feature_dropout, pm_purpose("drop features"));
  return list;
}

/* The product of the features and a table; with dropout what is left counts for more. */
static pm_value *sum_features(const net *n, const char *name, pm_value *features, size_t width) {
  size_t rows = pm_patch_feature_count(n->patches.side, n->patches.colours);
  pm_value *sum = pm_embedding_sum(n->g, table(n, name, rows, width), features);
  if (!n->g->training || n->s->feature_dropout == 0)
    return sum;
  return pm_affine(n->g, sum, 1 / (1 - n->s->feature_dropout), 0);
}

/* x[N,T,width] + row + column of each patch; in a step, of the patch at the position. */
static pm_value *add_places(const net *n, pm_value *x) {
  pm_graph *g = n->g;
  const size_t N = x->shape.dim[0], width = pm_columns(x), rows = n->T / n->columns;
  pm_value *row = pm_count_up_slowly(g, n->T, 0, rows, n->columns), *column = pm_count_up(g, n->T, 0, n->columns);
  pm_value *places = pm_plus(g, pm_embedding(g, table(n, "rows", rows, width), row),
                             pm_embedding(g, table(n, "columns", n->columns, width), column));
  if (n->position)
    return pm_plus(g, x, pm_reshape(g, pm_embedding(g, places, pm_fill_index(g, n->position, N)), x->shape));
  const pm_shape flat = pm_shape_of(2, N, n->T * width);
  pm_value *sum = pm_add_bias(g, pm_reshape(g, x, flat), pm_reshape(g, places, pm_shape_of(1, n->T * width)));
  return pm_reshape(g, sum, x->shape);
}

/* [N,width] of what every token of a sprite is conditioned on. labels, mirrored PM_I32 [N]; labels may be NULL. */
static pm_value *condition(const net *n, pm_value *labels, pm_value *mirrored) {
  const size_t width = (size_t)n->s->width;
  pm_value *sum = pm_embedding(n->g, table(n, "mirrored", 2, width), mirrored);
  if (!labels)
    return sum;
  return pm_plus(n->g, sum, pm_embedding(n->g, table(n, "classes", n->f->classes + 1, width), labels));
}

/* The tokens [N,T,width] before anything that they are conditioned on. */
static pm_value *tokens(const net *n, pm_value *sprites, pm_value *features) {
  const size_t width = (size_t)n->s->width;
  pm_value *before = table(n, "before", n->pixels * n->f->colours + 1, width);
  pm_value *x = pm_embedding_sum(n->g, before, pm_patch_before(n->g, sprites, n->position, n->patches));
  return add_places(n, pm_plus(n->g, x, sum_features(n, "around", features, width)));
}

/* PyTorch's beginnings but for what is added to the residual stream, which begins small: Radford et al., "Language
 * Models are Unsupervised Multitask Learners", 2019, section 2.3. */
static void begin_small(const net *n) {
  const double deviation = 0.02 / sqrt(2 * (double)n->s->layers);
  for (int64_t i = 0; i < n->s->layers; i++) {
    const char *layer = pm_format(n->g->arena, "transformer.layers.%lld", (long long)i);
    pm_initialise_normal(n->g, pm_format(n->g->arena, "%s.self_attn.out_proj.weight", layer), deviation);
    pm_initialise_normal(n->g, pm_format(n->g->arena, "%s.linear2.weight", layer), deviation);
    pm_zero_initialise(n->g, pm_format(n->g->arena, "%s.linear2.bias", layer));
  }
}

/* Conditioned tokens [N,T,width] -> [N,T,pixels hidden]. */
static pm_value *transform(const net *n, pm_value *x) {
  const pm_transformer layers = transformer_of(n);
  if (n->g->training && n->s->dropout > 0)
    x = pm_dropout(n->g, x, n->draws, n->s->dropout, pm_purpose("dropout tokens"));
  x = pm_transformer_layers(n->g, &layers, x, n->position);
  begin_small(n);
  return pm_linear_layer(n->g, "pixels", pm_layernorm_layer(n->g, "norm", x), n->pixels * (size_t)n->s->hidden);
}

/* What the patch's earlier pixels add: `room` of one pixel at least, so that a patch of one has a table, too. */
static pm_value *sum_within(const net *n, pm_value *sprites, pm_patches which) {
  const size_t pairs = n->pixels > 1 ? n->pixels * (n->pixels - 1) / 2 : 1;
  pm_value *within = table(n, "within", pairs * n->f->colours, (size_t)n->s->hidden);
  return pm_embedding_sum(n->g, within, pm_patch_within(n->g, sprites, n->position, which));
}

/* The logits of the colours begin as their shares in the training sprites, at least 1e-3, and no gate is open. */
static void begin_as_shares(const net *n) {
  const size_t K = n->f->colours;
  float *bias = pm_alloc(n->g->arena, n->pixels * K, sizeof *bias);
  if (!n->f->colour_shares)
    return;
  for (size_t i = 0; i < n->pixels * K; i++)
    bias[i] = logf(fmaxf(n->f->colour_shares[i % K], 1e-3f));
  pm_initialise_with(n->g, "colours.bias", bias);
}

/* Logits of colours and gates for pixels `first` … of each patch, from their hidden numbers z[R,…,hidden]. */
typedef struct {
  pm_value *colours, *gates; /* [R,…,K], [R,…,gates] */
} heads;

static heads heads_of(const net *n, pm_value *z, size_t first) {
  pm_graph *g = n->g;
  heads h;
  z = pm_silu(g, z);
  h.colours = pm_grouped_linear_layer(g, "colours", z, n->pixels, first, n->f->colours);
  begin_as_shares(n);
  h.gates = pm_grouped_linear_layer(g, "gates", z, n->pixels, first, pm_patch_gates(n->patches.side));
  return h;
}

/* ---- whole sprites: training, and the likelihood ---- */

/* [N,H,W,K]: of each pixel of sprites PM_U8 [N,H,W], given those before it. */
static pm_value *logits_of(const net *n, pm_value *sprites, pm_value *labels, pm_value *mirrored) {
  pm_graph *g = n->g;
  const size_t N = sprites->shape.dim[0], hidden = (size_t)n->s->hidden, rows = N * n->T;
  pm_value *features = features_of(n, sprites);
  pm_value *x = pm_add_vector(g, tokens(n, sprites, features), condition(n, labels, mirrored));
  pm_value *z = pm_plus(g, transform(n, x), sum_features(n, "around_pixels", features, n->pixels * hidden));
  z = pm_plus(g, pm_reshape(g, z, pm_shape_of(4, N, n->T, n->pixels, hidden)), sum_within(n, sprites, n->patches));
  heads h = heads_of(n, pm_reshape(g, z, pm_shape_of(3, rows, n->pixels, hidden)), 0);
  pm_value *logits = pm_reshape(g, h.colours, pm_shape_of(4, N, n->T, n->pixels, n->f->colours));
  logits = pm_patch_copies(g, logits, h.gates, sprites, NULL, n->patches);
  return pm_patches_to_pixels(g, logits, (pm_patch_layout){n->patches.side, n->f->height, n->f->width});
}

static pm_value *none_mirrored(pm_graph *g, size_t N) {
  return pm_count_up(g, N, 0, 1);
}

/* [N], nats a pixel */
static pm_value *cross_entropies(const net *n, const pm_batch *b, pm_value *labels) {
  pm_value *mirrored = b->mirrored ? b->mirrored : none_mirrored(n->g, b->pixels->shape.dim[0]);
  return pm_cross_entropy(n->g, logits_of(n, b->pixels, labels, mirrored), b->pixels);
}

static void loss(pm_graph *g, const void *settings, const pm_batch *b, pm_value **metric) {
  net n = net_of(g, settings, b->format, NULL);
  pm_value *labels = b->labels;
  n.draws = b->draws;
  if (labels && g->training)
    labels = pm_drop_labels(g, labels, b->draws, n.s->label_drop, (int32_t)b->format->classes);
  metric[0] = pm_mean_rows(g, cross_entropies(&n, b, labels), b->count);
  metric[1] = pm_affine(g, metric[0], BITS_PER_NAT, 0);
}

static pm_value *bits(pm_graph *g, const void *settings, const pm_batch *b) {
  const net n = net_of(g, settings, b->format, NULL);
  return pm_affine(g, cross_entropies(&n, b, b->labels), BITS_PER_NAT, 0);
}

/* ---- sampling: a step for each patch, which draws its pixels one after the other. Where pixels are fixed, a sprite's
 * particles are drawings that differ in what stands around these; those whose fixed pixels are likely go on:
 * sequential Monte Carlo, which comes as close to the model's distribution of such sprites as there are particles. ----
 */

static size_t sample_steps(const void *settings, const pm_sprite_format *f) {
  const patch_ar_settings *s = settings;
  return pm_patch_count(f->height, f->width, (size_t)s->side);
}

/* The sprites as far as they are drawn: PM_U8 [n,H,W]. */
static pm_value *canvas_of(pm_graph *g, const pm_sampling *a) {
  return pm_graph_state(g, "canvas", PM_U8, pm_shape_of(3, a->n, a->format->height, a->format->width));
}

/* Of the particles, as logarithms: [n]. */
static pm_value *weights_of(pm_graph *g, const pm_sampling *a) {
  return pm_graph_state(g, "particle weights", PM_F32, pm_shape_of(1, a->n));
}

static void sample_begin(pm_graph *g, const void *settings, const pm_sampling *a) {
  (void)settings;
  pm_clear(g, canvas_of(g, a));
  if (a->hints)
    pm_clear(g, weights_of(g, a));
}

/* A colour of pixel `which` for each row of logits [n,K]: PM_I32 [n]. */
static pm_value *draw_pixel(const net *n, const pm_sampling *a, pm_value *logits, pm_value *canvas, pm_patches which) {
  pm_graph *g = n->g;
  const pm_draw_index_attributes how = {.temperature = n->s->temperature,
                                        .top_p = n->s->top_p,
                                        .purpose = pm_purpose(pm_format(g->arena, "sample pixel %zu", which.pixel))};
  const pm_draws draws = pm_sampling_draws(a);
  if (!a->hints)
    return pm_draw_index(g, logits, draws, how);
  const pm_draw_hinted_attributes hinted = {.how = how, .at = which, .background = pm_background_of(n->f)};
  logits = pm_add_bias(g, logits, a->banned);
  return pm_draw_hinted(g, logits, draws, a->hints, canvas, n->position, weights_of(g, a), hinted);
}

/* Particles that fit go on in the place of those that do not, with all that is kept of them. */
static void resample(const net *n, const pm_sampling *a, const pm_guidance *guidance) {
  pm_graph *g = n->g;
  if (a->particles < 2)
    return;
  const pm_particles_attributes how = {a->particles, pm_purpose("resample particles")};
  const pm_transformer layers = transformer_of(n);
  pm_value *rows = pm_resample_particles(g, weights_of(g, a), pm_sampling_draws(a), how);
  pm_copy_rows(g, canvas_of(g, a), rows, NULL);
  pm_transformer_copy_rows(g, &layers, guidance->on ? 2 * a->n : a->n, rows, n->position);
}

static void sample_step(pm_graph *g, const void *settings, const pm_sampling *a) {
  net n = net_of(g, settings, a->format, a->step);
  const size_t hidden = (size_t)n.s->hidden;
  const pm_guidance guidance = pm_guidance_of(a, n.s->guidance_scale);
  pm_value *canvas = canvas_of(g, a), *features = features_of(&n, canvas);
  pm_value *x = pm_guidance_twice(g, &guidance, tokens(&n, canvas, features));
  x = pm_add_vector(g, x, condition(&n, guidance.labels, none_mirrored(g, x->shape.dim[0])));
  pm_value *around = sum_features(&n, "around_pixels", features, n.pixels * hidden);
  pm_value *z = pm_plus(g, transform(&n, x), pm_guidance_twice(g, &guidance, around));

  for (size_t j = 0; j < n.pixels; j++) {
    const pm_patches pixel = {n.patches.side, n.patches.colours, true, j};
    pm_value *within = pm_reshape(g, sum_within(&n, canvas, pixel), pm_shape_of(3, a->n, (size_t)1, hidden));
    pm_value *z_j = pm_plus(g, pm_slice_columns(g, z, j * hidden, hidden), pm_guidance_twice(g, &guidance, within));
    heads h = heads_of(&n, z_j, j);
    /* Copying adds gates to logits, so guiding both and then copying guides the sum. */
    pm_value *logits = pm_patch_copies(g, pm_guided(g, &guidance, h.colours), pm_guided(g, &guidance, h.gates), canvas,
                                       n.position, pixel);
    logits = pm_reshape(g, logits, pm_shape_of(2, a->n, n.f->colours));
    pm_patch_put(g, canvas, draw_pixel(&n, a, logits, canvas, pixel), n.position, pixel);
  }
  resample(&n, a, &guidance);
}

static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *a) {
  const pm_sprite_format *f = a->format;
  pm_value *colours = pm_graph_constant(g, "colours", pm_shape_of(2, f->colours, f->channels), f->table);
  pm_value *sprites = canvas_of(g, a);
  (void)settings;
  if (a->particles > 1) {
    const pm_particles_attributes how = {a->particles, pm_purpose("pick particle")};
    sprites = pm_gather(g, sprites, pm_pick_particle(g, weights_of(g, a), a->draws, how));
  }
  return pm_colour_lookup(g, sprites, colours);
}

static bool takes_hints(const void *settings) {
  (void)settings;
  return true;
}

static bool knows_any_class(const void *settings) {
  return ((const patch_ar_settings *)settings)->label_drop > 0;
}

const pm_method pm_method_patch_ar = {
    .name = "patch-ar",
    .summary = "patch transformer",
    .example = "patch-ar",
    .recipe = 1,
    .keys = keys,
    .settings_size = sizeof(patch_ar_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample_steps = sample_steps,
    .sample_begin = sample_begin,
    .sample_step = sample_step,
    .sample = sample,
    .takes_hints = takes_hints,
    .draws_particles = true,
    .knows_mirrored = true,
    .knows_any_class = knows_any_class,
    .bits = bits,
    .logits = (const char *const[]){"colours", "gates", NULL},
    .bits_are_exact = true,
};
