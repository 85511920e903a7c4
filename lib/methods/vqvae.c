/* Vector-quantised autoencoder: van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", 2017.
 *
 *   encoder   two convolutions (conv_autoencoder.h)   C -> width, H/4 x W/4
 *   codebook  the nearest of `size` vectors takes each vector's place; gradients pass straight through
 *   decoder   two transposed convolutions, sigmoid    width -> C, H x W
 *
 * Loss: squared error of the reconstruction + codebook loss (draws codes to the encoder's vectors) + commitment *
 * commitment loss (draws the vectors to their codes), each a mean. 47,171 parameters for three channels and a codebook
 * of 128 x 64: encoder 19,584, codebook 8,192, decoder 19,395, at any size of sprites.
 *
 * Samples take a code at random for each place of the grid: which codes go together is the prior's business (prior.c).
 */
#include "core/random.h"
#include "methods/conv_autoencoder.h"
#include "methods/methods.h"
#include "nn/layers.h"
#include "nn/micro_batch.h"

enum { BY_GRADIENT, BY_AVERAGE };

typedef struct {
  int64_t size, width, restart_after;
  int update;
  double commitment, decay;
} vqvae_settings;

static const pm_option keys[] = {
    {"codebook.size", 0, PM_INTEGER, offsetof(vqvae_settings, size), "128", 1, 65536, NULL, NULL, "number of codes"},
    {"codebook.width", 0, PM_INTEGER, offsetof(vqvae_settings, width), "64", 1, 1024, NULL, NULL,
     "length of a code, and channels of the grid"},
    {"codebook.update", 0, PM_CHOICE, offsetof(vqvae_settings, update), "gradient", 0, 0, "gradient|average", NULL,
     "how codes move: by the codebook loss, or as running averages of the vectors that chose them"},
    {"codebook.decay", 0, PM_REAL, offsetof(vqvae_settings, decay), "0.99", 0, 0.999999, NULL, NULL,
     "share of the old average that is kept at a step"},
    {"codebook.restart_after", 0, PM_INTEGER, offsetof(vqvae_settings, restart_after), "0", 0, 1e9, NULL, NULL,
     "steps after which a code that no vector chose is put where a vector is; 0: never"},
    {"loss.commitment", 0, PM_REAL, offsetof(vqvae_settings, commitment), "0.25", 0, 1e3, NULL, NULL,
     "weight of the commitment loss beside reconstruction and codebook loss"},
    {0},
};

/* The codebook loss and the commitment loss are the same number (only their gradients differ), so one stands here.
 * Share of the codebook and perplexity are the batch's. */
static const char *const metrics[] = {"total", "recon", "codebook", "batch_codes_used", "batch_perplexity", NULL};

/* PyTorch's name of a table. */
static pm_value *codebook_table(pm_graph *g, const char *name, pm_role role, pm_shape shape, pm_init init,
                                double scale) {
  pm_slot slot = {.name = name, .role = role, .dtype = PM_F32, .shape = shape, .init = init, .scale = scale};
  return pm_graph_parameter(g, &slot);
}

/* The codes begin uniform within 1 / size. What else is kept of them, where it is, belongs to the model's state. */
static pm_codebook_states codebook(pm_graph *g, const vqvae_settings *s) {
  const size_t size = (size_t)s->size;
  const pm_shape codes = pm_shape_of(2, size, (size_t)s->width), numbers = pm_shape_of(1, size);
  const bool averaged = s->update == BY_AVERAGE;
  pm_codebook_states c = {.codebook = codebook_table(g, "codebook.weight", averaged ? PM_STATE : PM_PARAM, codes,
                                                     PM_INIT_UNIFORM, 1 / (double)s->size)};
  if (averaged) {
    c.counts = codebook_table(g, "codebook.counts", PM_STATE, numbers, PM_INIT_ZERO, 0);
    c.sums = codebook_table(g, "codebook.sums", PM_STATE, codes, PM_INIT_ZERO, 0);
  }
  if (s->restart_after)
    c.idle = codebook_table(g, "codebook.idle", PM_STATE, numbers, PM_INIT_ZERO, 0);
  return c;
}

static pm_value *as_rows(pm_graph *g, pm_value *vectors) {
  return pm_reshape(g, vectors, pm_shape_of(2, pm_rows(vectors), pm_columns(vectors)));
}

/* vectors[N,h,w,W] -> images of this format */
static pm_value *images_of(pm_graph *g, pm_value *vectors, const pm_sprite_format *format) {
  return pm_sigmoid(g, pm_conv_decoder(g, vectors, format));
}

/* vectors[N,h,w,W] -> their codes, of the same shape; *index PM_I32 [N h w] */
static pm_value *quantise(pm_graph *g, const vqvae_settings *s, pm_value *vectors, pm_value **index) {
  pm_value *codes = codebook(g, s).codebook;
  *index = pm_nearest_code(g, as_rows(g, vectors), codes);
  return pm_reshape(g, pm_embedding(g, codes, *index), vectors->shape);
}

/* Of a batch in micro-batches: each counts and sums, and once for all the codes move. */
static void move_codes_after(pm_graph *g, const vqvae_settings *s, const pm_batch *batch, pm_value *vectors,
                             pm_value *index, pm_value *times) {
  pm_graph *whole = pm_graph_of_batch(g);
  pm_codebook_states c = codebook(whole, s);
  pm_value *n = pm_batch_mean(g, times), *rows = as_rows(g, vectors);
  if (s->update == BY_AVERAGE) {
    pm_value *total = PM_APPLY(g, embedding_grad, NULL, 0, codebook(g, s).codebook, index, rows);
    pm_codebook_follow(whole, c.codebook, c.counts, c.sums, n, pm_batch_mean(g, total), s->decay);
  }
  if (s->restart_after) {
    const pm_code_candidates_attributes a = {.codes = (size_t)s->size,
                                             .parts = g->micro_batches,
                                             .rows = pm_rows(rows) / batch->images->shape.dim[0],
                                             .purpose = pm_purpose("restart code")};
    pm_codebook_replace(whole, c, n, pm_batch_mean(g, pm_code_candidates(g, rows, batch->draws, a)), s->restart_after);
  }
}

/* After the codes were used: by running averages, and new places for those out of use. */
static void move_codes(pm_graph *g, const vqvae_settings *s, const pm_batch *batch, pm_value *vectors, pm_value *index,
                       pm_value *times) {
  if (pm_graph_of_batch(g) != g) {
    move_codes_after(g, s, batch, vectors, index, times);
    return;
  }
  pm_codebook_states c = codebook(g, s);
  if (s->update == BY_AVERAGE)
    pm_codebook_average(g, c.codebook, c.counts, c.sums, as_rows(g, vectors), index, s->decay);
  if (s->restart_after)
    pm_codebook_restart(g, c, as_rows(g, vectors), index, batch->draws.seed, batch->draws.step,
                        (pm_codebook_restart_attributes){s->restart_after, pm_purpose("restart code")});
}

static void loss(pm_graph *g, const void *settings, const pm_batch *batch, pm_value **metric) {
  const vqvae_settings *s = settings;
  pm_value *vectors = pm_conv_encoder(g, batch->images, (size_t)s->width), *index;
  pm_value *codes = quantise(g, s, vectors, &index);
  pm_value *images = images_of(g, pm_straight_through(g, vectors, codes), batch->format);

  pm_value *recon = pm_mean_rows(g, pm_squared_error(g, images, batch->images), batch->count);
  /* The second argument gets no gradient: the paper's stop-gradient. */
  pm_value *to_vectors = pm_mean_rows(g, pm_squared_error(g, codes, vectors), batch->count);
  pm_value *to_codes = pm_mean_rows(g, pm_squared_error(g, vectors, codes), batch->count);
  size_t places = pm_count(index) / batch->images->shape.dim[0];
  pm_value *usage = pm_code_usage(g, index, (size_t)s->size, places, batch->count);

  pm_value *quantisation = pm_affine(g, to_codes, s->commitment, 0);
  if (s->update == BY_GRADIENT)
    quantisation = pm_plus(g, to_vectors, quantisation);
  if (g->training)
    move_codes(g, s, batch, vectors, index, pm_output_of(usage, PM_CODE_USAGE_TIMES));

  metric[0] = pm_plus(g, recon, quantisation);
  metric[1] = recon;
  metric[2] = to_vectors;
  metric[3] = pm_output_of(usage, PM_CODE_USAGE_USED);
  metric[4] = pm_output_of(usage, PM_CODE_USAGE_PERPLEXITY);
}

static pm_code_format codes(const void *settings, const pm_sprite_format *format) {
  const vqvae_settings *s = settings;
  return (pm_code_format){pm_conv_grid(format->height), pm_conv_grid(format->width), (size_t)s->size};
}

static pm_value *encode(pm_graph *g, const void *settings, pm_value *images) {
  const vqvae_settings *s = settings;
  pm_value *vectors = pm_conv_encoder(g, images, (size_t)s->width), *index;
  quantise(g, s, vectors, &index);
  const size_t *dim = vectors->shape.dim;
  return pm_reshape(g, index, pm_shape_of(3, dim[0], dim[1], dim[2]));
}

/* index PM_I32 [n,h,w] -> images */
static pm_value *decode(pm_graph *g, const void *settings, pm_value *index, const pm_sprite_format *format) {
  const vqvae_settings *s = settings;
  const size_t *dim = index->shape.dim;
  pm_value *vectors = pm_embedding(g, codebook(g, s).codebook, pm_reshape(g, index, pm_shape_of(1, pm_count(index))));
  vectors = pm_reshape(g, vectors, pm_shape_of(4, dim[0], dim[1], dim[2], (size_t)s->width));
  return images_of(g, vectors, format);
}

static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *s) {
  pm_code_format f = codes(settings, s->format);
  const pm_random_index_rows_attributes draws = {s->n, f.height * f.width, f.size, pm_purpose("sample")};
  pm_value *index = pm_random_index_rows(g, s->draws, draws);
  return decode(g, settings, pm_reshape(g, index, pm_shape_of(3, s->n, f.height, f.width)), s->format);
}

static pm_value *reconstruct(pm_graph *g, const void *settings, pm_value *images) {
  const vqvae_settings *s = settings;
  const pm_sprite_format format = pm_conv_format(images);
  pm_value *index, *codes = quantise(g, s, pm_conv_encoder(g, images, (size_t)s->width), &index);
  return images_of(g, codes, &format);
}

/* The codes nearest to what lies between: the way goes in steps. */
static pm_value *interpolate(pm_graph *g, const void *settings, pm_value *a, pm_value *b, pm_value *weights) {
  const vqvae_settings *s = settings;
  const pm_sprite_format format = pm_conv_format(a);
  pm_value *from = pm_conv_encoder(g, a, (size_t)s->width), *to = pm_conv_encoder(g, b, (size_t)s->width);
  pm_value *index, *codes = quantise(g, s, pm_lerp_rows(g, from, to, weights), &index);
  return images_of(g, codes, &format);
}

static void check(const void *settings, const pm_sprite_format *format, const char *place) {
  (void)settings;
  pm_conv_autoencoder_check(format, "VQ-VAE", place);
}

const pm_method pm_method_vqvae = {
    .name = "vqvae",
    .summary = "vector-quantised autoencoder",
    .example = "vqvae",
    .recipe = 1,
    .keys = keys,
    .settings_size = sizeof(vqvae_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample = sample,
    .reconstruct = reconstruct,
    .interpolate = interpolate,
    .codes = codes,
    .encode = encode,
    .decode = decode,
};
