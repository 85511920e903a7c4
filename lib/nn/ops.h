/* The ops as functions that append a node to a graph and return its (first) output. Shapes in brackets; N is the batch.
 * Each is defined in nn/ops/NAME.c. */
#ifndef PM_NN_OPS_H
#define PM_NN_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PM_APPLY(g, name, attributes, size, input, …): the op pm_op_NAME_float on up to 8 inputs. */
#define PM_APPLY(g, name, attributes, size, ...)                                                                       \
  pm_apply_to(g, &pm_op_##name##_float, attributes, size, PM_ARGUMENTS(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0),        \
              __VA_ARGS__)
/* Three of those inputs: where random numbers come from. */
#define PM_DRAWS(draws) (draws).seed, (draws).step, (draws).first
#define PM_ARGUMENTS(a, b, c, d, e, f, g, h, count, ...) count

/* ---- element by element; shapes equal ---- */

static inline pm_value *pm_plus(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, add, NULL, 0, a, b);
}
static inline pm_value *pm_times(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, mul, NULL, 0, a, b);
}
static inline pm_value *pm_relu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, relu, NULL, 0, x);
}
static inline pm_value *pm_sigmoid(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sigmoid, NULL, 0, x);
}
static inline pm_value *pm_exp(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, exp, NULL, 0, x);
}

/* x sigmoid(x): Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units", 2018. */
static inline pm_value *pm_silu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, silu, NULL, 0, x);
}
/* x Phi(x), Phi the cumulative normal distribution: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016. */
static inline pm_value *pm_gelu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, gelu, NULL, 0, x);
}
/* x held within low … high; the gradient is 1 inside, bounds included, and 0 outside. */
typedef struct {
  double low, high;
} pm_clamp_attributes;
static inline pm_value *pm_clamp(pm_graph *g, pm_value *x, double low, double high) {
  pm_clamp_attributes a = {low, high};
  return PM_APPLY(g, clamp, &a, sizeof a, x);
}

/* scale * x + shift */
typedef struct {
  double scale, shift;
} pm_affine_attributes;
static inline pm_value *pm_affine(pm_graph *g, pm_value *x, double scale, double shift) {
  pm_affine_attributes a = {scale, shift};
  return PM_APPLY(g, affine, &a, sizeof a, x);
}

/* A value of this shape whose items are all `number`. */
typedef struct {
  pm_shape shape;
  double number;
} pm_fill_attributes;
static inline pm_value *pm_fill(pm_graph *g, pm_shape shape, double number) {
  pm_fill_attributes a = {shape, number};
  return pm_apply(g, &pm_op_fill_float, NULL, 0, &a, sizeof a);
}

/* ---- rows and columns ---- */

/* x[…,C] + b[C] */
static inline pm_value *pm_add_bias(pm_graph *g, pm_value *x, pm_value *b) {
  return PM_APPLY(g, add_bias, NULL, 0, x, b);
}
/* [C]: the sum over all but the last axis. */
static inline pm_value *pm_sum_rows(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sum_rows, NULL, 0, x);
}
/* Scalar: the mean of v[0 … count - 1], v[N]; `count` a PM_I64 scalar, or NULL for all. */
static inline pm_value *pm_mean_rows(pm_graph *g, pm_value *v, pm_value *count) {
  return PM_APPLY(g, mean_rows, NULL, 0, v, count);
}
/* a + w * (b - a), w[N] for a, b [N,…] */
static inline pm_value *pm_lerp_rows(pm_graph *g, pm_value *a, pm_value *b, pm_value *w) {
  return PM_APPLY(g, lerp_rows, NULL, 0, a, b, w);
}
/* a[n] x[n,…] + b[n] y[n,…] for a, b [N]: a step along a schedule. No gradient for a and b. */
static inline pm_value *pm_combine_rows(pm_graph *g, pm_value *x, pm_value *y, pm_value *a, pm_value *b) {
  return PM_APPLY(g, combine_rows, NULL, 0, x, y, a, b);
}
/* a[n] x[n,…] */
static inline pm_value *pm_scale_rows(pm_graph *g, pm_value *x, pm_value *a) {
  return PM_APPLY(g, combine_rows, NULL, 0, x, NULL, a, NULL);
}
/* a[…,A] and b[…,B] side by side: […,A+B]. */
static inline pm_value *pm_concat(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, concat, NULL, 0, a, b);
}
/* Columns from … from + count - 1 of x[…,C]: […,count]. */
typedef struct {
  size_t from, count;
} pm_slice_columns_attributes;
static inline pm_value *pm_slice_columns(pm_graph *g, pm_value *x, size_t from, size_t count) {
  pm_slice_columns_attributes a = {from, count};
  return PM_APPLY(g, slice_columns, &a, sizeof a, x);
}
/* x[N,…,C] + v[N,C], the same v at every pixel. */
static inline pm_value *pm_add_vector(pm_graph *g, pm_value *x, pm_value *v) {
  return PM_APPLY(g, add_vector, NULL, 0, x, v);
}
/* [N,C] from x[N,…,C]: the sum over the pixels. */
static inline pm_value *pm_sum_pixels(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sum_pixels, NULL, 0, x);
}
/* The same items in another order of axes: out dimension d is x's dimension axis[d]. */
typedef struct {
  int axis[PM_MAX_RANK];
} pm_permute_attributes;
static inline pm_value *pm_permute(pm_graph *g, pm_value *x, pm_permute_attributes a) {
  return PM_APPLY(g, permute, &a, sizeof a, x);
}

/* ---- linear and convolution ---- */

/* x[…,I] w[O,I]^T + b[O] -> […,O]; b may be NULL. */
static inline pm_value *pm_linear(pm_graph *g, pm_value *x, pm_value *w, pm_value *b) {
  return PM_APPLY(g, linear, NULL, 0, x, w, b);
}

/* Several linear layers side by side, numbers first … first + G - 1 of them: x[R,G,I], w[all,O,I], b[all,O] or NULL ->
 * [R,G,O], y[r,k] = w[first + k] x[r,k] + b[first + k]. Gradients only for all of them. */
typedef struct {
  size_t first;
} pm_grouped_linear_attributes;
static inline pm_value *pm_grouped_linear(pm_graph *g, pm_value *x, pm_value *w, pm_value *b, size_t first) {
  pm_grouped_linear_attributes a = {first};
  return PM_APPLY(g, grouped_linear, &a, sizeof a, x, w, b);
}

/* x[N,H,W,I], w[kh,kw,I,O], b[O] or NULL -> [N,H',W',O], H' = (H + 2 padding - kh) / stride + 1. */
typedef struct {
  int stride, padding;
  size_t height, width; /* of conv2d's input; for the gradient with respect to it */
} pm_conv2d_attributes;
static inline pm_value *pm_conv2d(pm_graph *g, pm_value *x, pm_value *w, pm_value *b, int stride, int padding) {
  pm_conv2d_attributes a = {stride, padding, x->shape.dim[1], x->shape.dim[2]};
  return PM_APPLY(g, conv2d, &a, sizeof a, x, w, b);
}
/* The gradient of conv2d with respect to its input, [N,height,width,I] from y[N,H',W',O]: as an op of its own this is
 * the transposed convolution. */
static inline pm_value *pm_conv2d_grad_input(pm_graph *g, pm_value *y, pm_value *w, pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_input, &a, sizeof a, y, w);
}
/* w[kh,kw,I,O] is only looked at for its shape. */
static inline pm_value *pm_conv2d_grad_weight(pm_graph *g, pm_value *x, pm_value *dy, pm_value *w,
                                              pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_weight, &a, sizeof a, x, dy, w);
}

/* ---- pictures ---- */

/* Each pixel of x[N,H,W,C] as a square of factor x factor pixels: [N, factor H, factor W, C]. */
typedef struct {
  size_t factor;
} pm_upsample_attributes;
static inline pm_value *pm_upsample_nearest(pm_graph *g, pm_value *x, size_t factor) {
  pm_upsample_attributes a = {factor};
  return PM_APPLY(g, upsample_nearest, &a, sizeof a, x);
}
/* Rows and columns of zeros around x[N,H,W,C]: [N, top + H + bottom, left + W + right, C]; and as many taken away. */
typedef struct {
  size_t top, left, bottom, right;
} pm_margins;
static inline pm_value *pm_pad2d(pm_graph *g, pm_value *x, pm_margins m) {
  return PM_APPLY(g, pad2d, &m, sizeof m, x);
}
static inline pm_value *pm_crop2d(pm_graph *g, pm_value *x, pm_margins m) {
  return PM_APPLY(g, crop2d, &m, sizeof m, x);
}

/* ---- attention and embeddings ---- */

/* Of all that drops items: with which probability, and what for (pm_purpose). */
typedef struct {
  double p;
  uint32_t purpose;
} pm_dropout_attributes;

/* Over the last axis: exp(x) / sum exp(x). */
static inline pm_value *pm_softmax(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, softmax, NULL, 0, x);
}
/* softmax(q k^T / sqrt(D / heads)) v for each head, D / heads columns of each of q, k, v [N,T,D], which qkv [N,T,3 D]
 * has side by side: [N,T,D]. `causal`: token t looks at tokens 0 … t only. Vaswani et al., "Attention Is All You Need",
 * 2017. */
typedef struct {
  size_t heads;
  bool causal;
  double dropout; /* probability that a token's share in another is dropped, in training; 0: draws may be {0} */
  uint32_t purpose;
} pm_attention_attributes;
static inline pm_value *pm_attention(pm_graph *g, pm_value *qkv, pm_draws draws, pm_attention_attributes a) {
  return PM_APPLY(g, attention, &a, sizeof a, qkv, PM_DRAWS(draws));
}
/* The same for one token more of each of N sequences, causally: qkv [N,1,3 D] is token `position`'s (a PM_I64 scalar
 * below T), and the states keys and values [N,T,D] hold those before it, and it after the run. The bits are those of
 * row `position` of pm_attention. */
static inline pm_value *pm_attention_step(pm_graph *g, pm_value *qkv, pm_value *keys, pm_value *values,
                                          pm_value *position, size_t heads) {
  pm_attention_attributes a = {heads, true, 0, 0};
  return PM_APPLY(g, attention_step, &a, sizeof a, qkv, keys, values, position);
}
/* table[index[n]] for table [V,D] and index PM_I32 [N]: [N,D]. */
static inline pm_value *pm_embedding(pm_graph *g, pm_value *table, pm_value *index) {
  return PM_APPLY(g, embedding, NULL, 0, table, index);
}
/* The sum of table[i] over the indices i of each list: table [V,D], list PM_I32 […,room] -> […,D]. A list ends at its
 * first -1, or has no end. The product of a multi-hot vector and the table, without the zeros. */
static inline pm_value *pm_embedding_sum(pm_graph *g, pm_value *table, pm_value *list) {
  return PM_APPLY(g, embedding_sum, NULL, 0, table, list);
}
/* Dropout on multi-hot vectors that are such lists, PM_I32 [N,…,room]: each entry is left out with probability p. (What
 * is left is not scaled; the caller divides sums by 1 - p.) */
static inline pm_value *pm_drop_listed(pm_graph *g, pm_value *list, pm_draws draws, double p, uint32_t purpose) {
  pm_dropout_attributes a = {p, purpose};
  return PM_APPLY(g, drop_listed, &a, sizeof a, list, PM_DRAWS(draws));
}
/* table[index[n]] for table [T] and index PM_I32 [N]: [N]; a schedule's number for each row. No gradient. */
static inline pm_value *pm_lookup_rows(pm_graph *g, pm_value *table, pm_value *index) {
  return PM_APPLY(g, lookup_rows, NULL, 0, table, index);
}
/* [N,dim] from t[N]: sin, then cos, of t exp(-ln(10000) i / (dim/2 - 1)) for i < dim/2; dim even, at least 4. No
 * gradient. */
typedef struct {
  size_t dim;
} pm_time_embedding_attributes;
static inline pm_value *pm_time_embedding(pm_graph *g, pm_value *t, size_t dim) {
  pm_time_embedding_attributes a = {dim};
  return PM_APPLY(g, time_embedding, &a, sizeof a, t);
}

/* ---- sequences of indices ---- */

/* index PM_I32 [N,T] moved one place to the right: `start` comes in, the last goes out. */
typedef struct {
  int32_t start;
} pm_shift_right_attributes;
static inline pm_value *pm_shift_right(pm_graph *g, pm_value *index, int32_t start) {
  pm_shift_right_attributes a = {start};
  return PM_APPLY(g, shift_right, &a, sizeof a, index);
}
/* PM_I32 [N]: an index of each row of logits [N,K], drawn with probability softmax(logits / temperature); of the `top`
 * largest only (and those equal to the last of them), or of all for 0; of these, of the likeliest that together have
 * the probability `top_p` (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020), or of all for 0 and
 * 1. The draws' step is the position in the sequence. */
typedef struct {
  double temperature;
  size_t top;
  double top_p;
  uint32_t purpose;
} pm_draw_index_attributes;
static inline pm_value *pm_draw_index(pm_graph *g, pm_value *logits, pm_draws draws, pm_draw_index_attributes a) {
  return PM_APPLY(g, draw_index, &a, sizeof a, logits, PM_DRAWS(draws));
}
/* Column `column` (a PM_I64 scalar) of a state PM_I32 [N,T] = x [N]. */
static inline void pm_put_column(pm_graph *g, pm_value *state, pm_value *x, pm_value *column) {
  PM_APPLY(g, put_column, NULL, 0, state, x, column);
}

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
static inline pm_value *pm_patch_copies(pm_graph *g, pm_value *logits, pm_value *gates, pm_value *sprites,
                                        pm_value *position, pm_patches a) {
  return PM_APPLY(g, patch_copies, &a, sizeof a, logits, gates, sprites, position);
}
/* x[N,T,P^2,C] as pictures [N,height,width,C], and back (zero outside the sprite). */
typedef struct {
  size_t side, height, width;
} pm_patch_layout;
static inline pm_value *pm_patches_to_pixels(pm_graph *g, pm_value *x, pm_patch_layout a) {
  return PM_APPLY(g, patches_to_pixels, &a, sizeof a, x);
}
/* Pixel `a.pixel` of patch `position` of a state PM_U8 [N,H,W] = x PM_I32 [N]; nothing outside the sprite. */
static inline void pm_patch_put(pm_graph *g, pm_value *canvas, pm_value *x, pm_value *position, pm_patches a) {
  PM_APPLY(g, patch_put, &a, sizeof a, canvas, x, position);
}

/* ---- vector quantisation: van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", 2017 ----
 */

/* PM_I32 [N]: which row of codebook [C,K] is nearest to each row of x [N,K] by the squared distance, the lowest of
 * equals. No gradient. */
static inline pm_value *pm_nearest_code(pm_graph *g, pm_value *x, pm_value *codebook) {
  return PM_APPLY(g, nearest_code, NULL, 0, x, codebook);
}
/* `value`, whose gradient goes to x, of the same shape, unchanged; none to `value`. */
static inline pm_value *pm_straight_through(pm_graph *g, pm_value *x, pm_value *value) {
  return PM_APPLY(g, straight_through, NULL, 0, x, value);
}
/* How index PM_I32 [N places], all below `codes`, spreads over the codes; of the first `count` of N only (a PM_I64
 * scalar, or NULL for all). Outputs: how often each occurs [codes], the share of the codes that occurs at all, and the
 * perplexity exp(-sum p ln p) of their frequencies. No gradient. */
typedef struct {
  size_t codes, places;
} pm_code_usage_attributes;
static inline pm_value *pm_code_usage(pm_graph *g, pm_value *index, size_t codes, size_t places, pm_value *count) {
  pm_code_usage_attributes a = {codes, places};
  return PM_APPLY(g, code_usage, &a, sizeof a, index, count);
}

/* A codebook that follows running averages: of how many vectors x[N,K] chose each code by index PM_I32 [N], and of
 * their sum: counts[C] = decay counts + (1 - decay) n, sums[C,K] likewise, codebook[C,K] = sums / counts (ibid.,
 * appendix A.1). All three are states, counts and sums begin at 0. A code that was never chosen stays as it is. */
typedef struct {
  double decay;
} pm_codebook_average_attributes;
static inline void pm_codebook_average(pm_graph *g, pm_value *codebook, pm_value *counts, pm_value *sums, pm_value *x,
                                       pm_value *index, double decay) {
  pm_codebook_average_attributes a = {decay};
  PM_APPLY(g, codebook_average, &a, sizeof a, codebook, counts, sums, x, index);
}
/* Codes that no vector chose in `after` steps take the place of a vector of the batch, drawn by (seed, step, code) and
 * not by slot: Dhariwal et al., "Jukebox", 2020, section 3. idle[C], a state, counts the steps; counts and sums as
 * above or NULL. */
typedef struct {
  int64_t after;
  uint32_t purpose;
} pm_codebook_restart_attributes;
typedef struct {
  pm_value *codebook, *idle, *counts, *sums;
} pm_codebook_states;
static inline void pm_codebook_restart(pm_graph *g, pm_codebook_states s, pm_value *x, pm_value *index, pm_value *seed,
                                       pm_value *step, pm_codebook_restart_attributes a) {
  PM_APPLY(g, codebook_restart, &a, sizeof a, s.codebook, s.idle, x, index, seed, step, s.counts, s.sums);
}

/* ---- normalisation: Ioffe and Szegedy, "Batch Normalization", 2015 ---- */

typedef struct {
  double epsilon, momentum;
} pm_batchnorm_attributes;
/* By the batch's own mean and (biased) variance over all but the last axis; outputs y, mean[C], variance[C]. */
static inline pm_value *pm_batchnorm(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta,
                                     pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm, &a, sizeof a, x, gamma, beta);
}
/* running += momentum * (batch's - running), the variance unbiased for `rows` rows; counts up `batches`. Updates the
 * states. */
typedef struct {
  double momentum;
  size_t rows;
} pm_batchnorm_update_attributes;
static inline void pm_batchnorm_update(pm_graph *g, pm_value *running_mean, pm_value *running_var, pm_value *batches,
                                       pm_value *mean, pm_value *variance, pm_batchnorm_update_attributes a) {
  PM_APPLY(g, batchnorm_update, &a, sizeof a, running_mean, running_var, batches, mean, variance);
}
/* By given mean and variance. No gradient. */
static inline pm_value *pm_batchnorm_use(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta, pm_value *mean,
                                         pm_value *variance, pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm_use, &a, sizeof a, x, gamma, beta, mean, variance);
}

/* Wu and He, "Group Normalization", 2018. By the mean and (biased) variance of each sample's `groups` groups of
 * channels over all pixels of x[N,…,C]; then gamma[C], beta[C]. Outputs y, mean[N,groups], variance[N,groups]. */
typedef struct {
  size_t groups;
  double epsilon;
} pm_groupnorm_attributes;
static inline pm_value *pm_groupnorm(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta,
                                     pm_groupnorm_attributes a) {
  return PM_APPLY(g, groupnorm, &a, sizeof a, x, gamma, beta);
}

/* ---- losses, one number a row: [N] from [N,…] ---- */

/* Mean over the row of (x - target)^2. No gradient for the target. */
static inline pm_value *pm_squared_error(pm_graph *g, pm_value *x, pm_value *target) {
  return PM_APPLY(g, squared_error, NULL, 0, x, target);
}
/* Mean over the row of the binary cross-entropy of sigmoid(logits) and the target, computed from the logits. */
static inline pm_value *pm_bce(pm_graph *g, pm_value *logits, pm_value *target) {
  return PM_APPLY(g, bce, NULL, 0, logits, target);
}
/* Mean over the row of |x - target|; the gradient is 0 where they are equal. No gradient for the target. */
static inline pm_value *pm_absolute_error(pm_graph *g, pm_value *x, pm_value *target) {
  return PM_APPLY(g, absolute_error, NULL, 0, x, target);
}
/* Mean over the row of -log softmax(logits)[index]: logits [N,…,K], index PM_U8 or PM_I32 [N,…], all
 * below K. */
static inline pm_value *pm_cross_entropy(pm_graph *g, pm_value *logits, pm_value *index) {
  return PM_APPLY(g, cross_entropy, NULL, 0, logits, index);
}
/* -0.5 * mean over the row of (1 + logvar - mu^2 - exp(logvar)): Kingma and Welling, "Auto-Encoding Variational Bayes",
 * 2014, appendix B, as a mean. */
static inline pm_value *pm_kl_normal(pm_graph *g, pm_value *mu, pm_value *logvar) {
  return PM_APPLY(g, kl_normal, NULL, 0, mu, logvar);
}

/* ---- data ---- */

/* PM_I32 [n]: items first … first + n - 1 of batch number `step` of draws.whole, when each epoch deals `items` items
 * out in a new random order and drops the last, incomplete batch. */
typedef struct {
  size_t items, batch, n;
} pm_shuffle_attributes;
static inline pm_value *pm_shuffle(pm_graph *g, pm_draws draws, size_t items, size_t n) {
  pm_shuffle_attributes a = {items, draws.whole, n};
  return PM_APPLY(g, shuffle, &a, sizeof a, PM_DRAWS(draws));
}
/* data[index[i]] for data [n,…], of any type. */
static inline pm_value *pm_gather(pm_graph *g, pm_value *data, pm_value *index) {
  return PM_APPLY(g, gather, NULL, 0, data, index);
}
/* Augmentations of PM_U8 sprites [N,H,W] (palette indices) or [N,H,W,C]. */
typedef struct {
  double chance;  /* flip, palette_swap: of a sprite */
  int distance;   /* shift: at most, in pixels, each way on each axis */
  int background; /* shift: what moves in (palette index, or all channels); palette_swap: the colour that stays */
} pm_augment_attributes;
/* Mirrored left to right. Output 1: PM_I32 [N], 1 where the sprite was, else 0. */
static inline pm_value *pm_flip(pm_graph *g, pm_value *x, pm_draws draws, double chance) {
  pm_augment_attributes a = {chance, 0, 0};
  return PM_APPLY(g, flip, &a, sizeof a, x, PM_DRAWS(draws));
}
static inline pm_value *pm_shift(pm_graph *g, pm_value *x, pm_draws draws, int distance, int background) {
  pm_augment_attributes a = {0, distance, background};
  return PM_APPLY(g, shift, &a, sizeof a, x, PM_DRAWS(draws));
}
/* The colours that a sprite uses, permuted among themselves; palette indices only. */
static inline pm_value *pm_palette_swap(pm_graph *g, pm_value *x, pm_draws draws, double chance, int background) {
  pm_augment_attributes a = {chance, 0, background};
  return PM_APPLY(g, palette_swap, &a, sizeof a, x, PM_DRAWS(draws));
}
/* table[x] for x PM_U8 [N,H,W] and table [K,C]: [N,H,W,C]. */
static inline pm_value *pm_colour_lookup(pm_graph *g, pm_value *x, pm_value *table) {
  return PM_APPLY(g, colour_lookup, NULL, 0, x, table);
}
/* PM_U8 -> PM_F32, 0 … 255 to [0,1]. */
static inline pm_value *pm_to_unit(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, to_unit, NULL, 0, x);
}

/* Palette indices PM_U8 […] as planes […,K]: `high` where k is the index, else `low`. */
typedef struct {
  size_t K;
  double low, high;
} pm_one_hot_attributes;
static inline pm_value *pm_one_hot(pm_graph *g, pm_value *index, size_t K, double low, double high) {
  pm_one_hot_attributes a = {K, low, high};
  return PM_APPLY(g, one_hot, &a, sizeof a, index);
}
/* … and as the bits of the index, lowest first: […,bits] of -1 and 1; bits <= 8. */
typedef struct {
  size_t bits, K;
} pm_bits_attributes;
static inline pm_value *pm_to_bits(pm_graph *g, pm_value *index, size_t bits) {
  pm_bits_attributes a = {bits, (size_t)1 << bits};
  return PM_APPLY(g, to_bits, &a, sizeof a, index);
}
/* The index below K whose ±1 bits are nearest to x […,bits] by the squared distance (the signs of x, where these make
 * an index below K), the lowest of equals: PM_U8 […]. */
static inline pm_value *pm_from_bits(pm_graph *g, pm_value *x, size_t K) {
  pm_bits_attributes a = {pm_columns(x), K};
  return PM_APPLY(g, from_bits, &a, sizeof a, x);
}
/* The first of the largest of x[…,K], K <= 256: PM_U8 […]. */
static inline pm_value *pm_argmax(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, argmax, NULL, 0, x);
}
/* A PM_I64 scalar as PM_I32 [n], the same for all. */
typedef struct {
  size_t n;
} pm_fill_index_attributes;
static inline pm_value *pm_fill_index(pm_graph *g, pm_value *scalar, size_t n) {
  pm_fill_index_attributes a = {n};
  return PM_APPLY(g, fill_index, &a, sizeof a, scalar);
}
/* PM_I32 [n]: first … first + period - 1, each `repeat` times, again and again. */
typedef struct {
  size_t n, first, period, repeat;
} pm_count_up_attributes;
static inline pm_value *pm_count_up_slowly(pm_graph *g, size_t n, size_t first, size_t period, size_t repeat) {
  pm_count_up_attributes a = {n, first, period, repeat};
  return pm_apply(g, &pm_op_count_up_float, NULL, 0, &a, sizeof a);
}
static inline pm_value *pm_count_up(pm_graph *g, size_t n, size_t first, size_t period) {
  return pm_count_up_slowly(g, n, first, period, 1);
}
/* floor(u steps) for u [N] in (0, 1): PM_I32 [N] in 0 … steps - 1. */
static inline pm_value *pm_to_index(pm_graph *g, pm_value *u, size_t steps) {
  return PM_APPLY(g, to_index, &steps, sizeof steps, u);
}
/* state = x, both of as many items. */
static inline void pm_assign(pm_graph *g, pm_value *state, pm_value *x) {
  PM_APPLY(g, assign, NULL, 0, state, x);
}
/* state = 0, of any type. */
static inline void pm_clear(pm_graph *g, pm_value *state) {
  PM_APPLY(g, clear, NULL, 0, state);
}
/* PM_I32 -> PM_F32 */
static inline pm_value *pm_to_float(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, to_float, NULL, 0, x);
}

/* Draws for each slot of the batch. */
typedef struct {
  size_t n;
  int low, high; /* random_integers */
  size_t strata; /* random_uniform: 0, or slot first + i = k, modulo strata, within (k, k + 1) / strata */
  uint32_t purpose;
} pm_random_attributes;
/* PM_I32 [n], uniform on low … high, both included. */
static inline pm_value *pm_random_integers(pm_graph *g, pm_draws draws, size_t n, int low, int high, uint32_t purpose) {
  pm_random_attributes a = {n, low, high, 0, purpose};
  return PM_APPLY(g, random_integers, &a, sizeof a, PM_DRAWS(draws));
}
/* PM_I32 [n,width], uniform on 0 … below - 1. */
typedef struct {
  size_t n, width, below;
  uint32_t purpose;
} pm_random_index_rows_attributes;
static inline pm_value *pm_random_index_rows(pm_graph *g, pm_draws draws, pm_random_index_rows_attributes a) {
  return PM_APPLY(g, random_index_rows, &a, sizeof a, PM_DRAWS(draws));
}
/* [n], uniform on (0, 1); `stratified`: one in each of draws.whole equal parts of it, in order of the slots. */
static inline pm_value *pm_random_uniform(pm_graph *g, pm_draws draws, size_t n, bool stratified, uint32_t purpose) {
  assert(!stratified || draws.whole);
  pm_random_attributes a = {n, 0, 0, stratified ? draws.whole : 0, purpose};
  return PM_APPLY(g, random_uniform, &a, sizeof a, PM_DRAWS(draws));
}
/* PM_I32 [N]: each label kept, or `null` instead of it with probability p. */
typedef struct {
  double p;
  int32_t null;
} pm_drop_labels_attributes;
static inline pm_value *pm_drop_labels(pm_graph *g, pm_value *labels, pm_draws draws, double p, int32_t null) {
  pm_drop_labels_attributes a = {p, null};
  return PM_APPLY(g, drop_labels, &a, sizeof a, labels, PM_DRAWS(draws));
}
/* x[N,…] with each item 0 with probability p and else divided by 1 - p: Srivastava et al., "Dropout", 2014. The
 * gradient drops the same. */
static inline pm_value *pm_dropout(pm_graph *g, pm_value *x, pm_draws draws, double p, uint32_t purpose) {
  pm_dropout_attributes a = {p, purpose};
  return PM_APPLY(g, dropout, &a, sizeof a, x, PM_DRAWS(draws));
}

/* [N,…] of standard normal numbers. */
typedef struct {
  pm_shape shape;
  uint32_t purpose;
} pm_normal_attributes;
static inline pm_value *pm_normal(pm_graph *g, pm_shape shape, pm_draws draws, uint32_t purpose) {
  pm_normal_attributes a = {shape, purpose};
  return PM_APPLY(g, normal, &a, sizeof a, PM_DRAWS(draws));
}

/* ---- the update of a step; all in place on whole blocks ---- */

/* Kingma and Ba, "Adam", 2015; with `decoupled` decay Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019. rate a PM_F32 scalar; step counts from 0. */
typedef struct {
  double beta1, beta2, epsilon, decay;
  bool decoupled;
} pm_adam_attributes;
static inline void pm_adam(pm_graph *g, pm_value *parameters, pm_value *gradients, pm_value *m, pm_value *v,
                           pm_value *rate, pm_value *step, pm_adam_attributes a) {
  PM_APPLY(g, adam, &a, sizeof a, parameters, gradients, m, v, rate, step);
}
/* Items offset … offset + count - 1 of a block. */
typedef struct {
  size_t offset, count;
} pm_range;
/* The weight decay of pm_adam on some ranges of the parameters alone, to be run before a pm_adam whose decay is 0:
 * together they do to these ranges, bit for bit, what pm_adam with decay does to all. `ranges` must outlive the graph.
 */
typedef struct {
  double decay;
  bool decoupled; /* parameters shrink by rate * decay; else decay * parameters is added to the gradients */
  size_t ranges;
  const pm_range *range;
} pm_weight_decay_attributes;
static inline void pm_weight_decay(pm_graph *g, pm_value *parameters, pm_value *gradients, pm_value *rate,
                                   pm_weight_decay_attributes a) {
  PM_APPLY(g, weight_decay, &a, sizeof a, parameters, gradients, rate);
}
/* average = decay * average + (1 - decay) * x; decay a PM_F32 scalar. */
static inline void pm_moving_average(pm_graph *g, pm_value *average, pm_value *x, pm_value *decay) {
  PM_APPLY(g, moving_average, NULL, 0, average, x, decay);
}
/* Scales the block so that its Euclidean norm is at most `scale` of the attributes. */
static inline void pm_clip_norm(pm_graph *g, pm_value *gradients, double norm) {
  pm_affine_attributes a = {norm, 0};
  PM_APPLY(g, clip_norm, &a, sizeof a, gradients);
}
/* log[row, k] = scalars[k] for log [L,K]; row a PM_I64 scalar, taken modulo L. At most 6 scalars. */
void pm_record(pm_graph *g, pm_value *log, pm_value *row, pm_value *const *scalars, int n);

#ifdef __cplusplus
}
#endif
#endif
