#include "methods/unet.h"

#include "core/fail.h"
#include "core/number.h"
#include "core/random.h"
#include "nn/layers.h"

#include <stdio.h>
#include <string.h>

/* The lists of the settings as numbers. */
typedef struct {
  size_t width[PM_UNET_MAX_LEVELS];
  bool attention[PM_UNET_MAX_LEVELS];
  int levels;
} plan;

/* "64, 128, 256" -> numbers; -1 if it is not such a list of at most `max`. */
static int parse_list(const char *text, int64_t low, int64_t high, int64_t *number, int max) {
  int n = 0;
  for (const char *at = text ? text : ""; *at;) {
    size_t length = strcspn(at, ","), skip = strspn(at, " ");
    char item[24];
    snprintf(item, sizeof item, "%.*s", (int)(length - skip), at + skip);
    bool ends_in_comma = at[length] == ',' && !at[length + 1];
    if (length <= skip || length - skip >= sizeof item || ends_in_comma || n == max ||
        !pm_parse_integer(item, low, high, &number[n++]))
      return -1;
    at += length + (at[length] == ',');
  }
  return n;
}

static plan plan_of(const pm_unet_settings *s, const char *place) {
  int64_t number[PM_UNET_MAX_LEVELS];
  plan p = {.levels = parse_list(s->widths_text, 1, 4096, number, PM_UNET_MAX_LEVELS)};
  if (p.levels < 1)
    pm_fail(PM_BAD_INPUT, place, "unet.widths is '%s'; expected 1 to %d widths like 64, 128, 256",
            s->widths_text ? s->widths_text : "", PM_UNET_MAX_LEVELS);
  for (int i = 0; i < p.levels; i++) {
    p.width[i] = (size_t)number[i];
    if (number[i] % s->groups || number[i] % s->heads)
      pm_fail(PM_BAD_INPUT, place,
              "unet.widths has %lld, which does not divide by unet.groups (%lld) and unet.heads (%lld)",
              (long long)number[i], (long long)s->groups, (long long)s->heads);
  }
  int n = parse_list(s->attention_text, 0, p.levels - 1, number, PM_UNET_MAX_LEVELS);
  if (n < 0)
    pm_fail(PM_BAD_INPUT, place, "unet.attention is '%s'; expected levels from 0 to %d", s->attention_text,
            p.levels - 1);
  for (int i = 0; i < n; i++)
    p.attention[number[i]] = true;
  return p;
}

void pm_unet_check(const pm_unet_settings *s, const char *place) {
  plan_of(s, place);
  if (s->time_features % 2)
    pm_fail(PM_BAD_INPUT, place, "unet.time_features is %lld; expected an even number", (long long)s->time_features);
}

/* What all layers of one net share. */
typedef struct {
  pm_graph *g;
  const pm_unet_settings *s;
  pm_value *time; /* [N,F]: what every block is conditioned on */
  pm_draws draws; /* of dropout */
} unet_parts;

#define NAME(...) pm_format(n->g->arena, __VA_ARGS__)

/* GroupNorm SiLU conv3, + SiLU(time) through a linear layer, GroupNorm SiLU conv3, + the input (1 x 1 where the width
 * changes). */
static pm_value *resblock(const unet_parts *n, const char *name, pm_value *x, size_t width) {
  pm_graph *g = n->g;
  int groups = (int)n->s->groups;
  pm_value *h = pm_silu(g, pm_groupnorm_layer(g, NAME("%s.norm1", name), x, groups));
  h = pm_conv2d_layer(g, NAME("%s.conv1", name), h, width, 3, 1, 1);
  h = pm_add_vector(g, h, pm_linear_layer(g, NAME("%s.time", name), n->time, width));
  h = pm_silu(g, pm_groupnorm_layer(g, NAME("%s.norm2", name), h, groups));
  if (g->training && n->s->dropout > 0)
    h = pm_dropout(g, h, n->draws, n->s->dropout, pm_purpose(NAME("dropout %s", name)));
  h = pm_conv2d_layer(g, NAME("%s.conv2", name), h, width, 3, 1, 1);
  if (n->s->zero_init)
    pm_zero_initialise_layer(g, NAME("%s.conv2", name));
  pm_value *skip = pm_columns(x) == width ? x : pm_conv2d_layer(g, NAME("%s.skip", name), x, width, 1, 1, 0);
  return pm_plus(g, h, skip);
}

static pm_value *attention(const unet_parts *n, const char *name, pm_value *x) {
  return pm_attention_layer(n->g, name, x, (int)n->s->groups, (int)n->s->heads);
}

/* The blocks of one level on one way; `way` is "down" or "up". */
static pm_value *level(const unet_parts *n, const char *way, int i, pm_value *x, size_t width, bool attend) {
  for (int b = 0; b < n->s->blocks; b++)
    x = resblock(n, NAME("%s.%d.blocks.%d", way, i, b), x, width);
  return attend ? attention(n, NAME("%s.%d.attention", way, i), x) : x;
}

/* Sinusoidal embedding, linear, SiLU, linear; + a row for the class and one for mirroring. Every block takes SiLU of
 * it.
 */
static pm_value *embed(const unet_parts *n, const pm_unet_conditions *c) {
  pm_graph *g = n->g;
  size_t features = (size_t)n->s->time_features;
  pm_value *h = pm_time_embedding(g, c->t, features);
  h = pm_silu(g, pm_linear_layer(g, "time.0", h, 4 * features));
  h = pm_linear_layer(g, "time.2", h, features);
  if (c->classes)
    h = pm_plus(g, h, pm_embedding_layer(g, "classes", c->classes, c->class_count + 1, features));
  if (c->mirrored) {
    h = pm_plus(g, h, pm_embedding_layer(g, "mirrored", c->mirrored, 2, features));
    pm_zero_initialise(g, "mirrored.weight");
  }
  return pm_silu(g, h);
}

static pm_value *position_map(const unet_parts *n, pm_value *x) {
  const size_t *d = x->shape.dim;
  pm_slot slot = {.name = "position_map",
                  .role = PM_PARAM,
                  .dtype = PM_F32,
                  .shape = pm_shape_of(3, d[1], d[2], d[3]),
                  .file_axis = {2, 0, 1}}; /* [C,H,W] in files */
  pm_value *map = pm_graph_parameter(n->g, &slot);
  size_t row = d[1] * d[2] * d[3];
  pm_value *flat = pm_reshape(n->g, x, pm_shape_of(2, d[0], row));
  return pm_reshape(n->g, pm_add_bias(n->g, flat, pm_reshape(n->g, map, pm_shape_of(1, row))), x->shape);
}

/* Pixels to the first level's features, and back. */
static pm_value *conv_in(const unet_parts *n, pm_value *x, size_t width) {
  int patch = (int)n->s->patch;
  return patch > 1 ? pm_conv2d_layer(n->g, "conv_in", x, width, (size_t)patch, patch, 0)
                   : pm_conv2d_layer(n->g, "conv_in", x, width, 3, 1, 1);
}

static pm_value *conv_out(const unet_parts *n, pm_value *x, size_t out) {
  int patch = (int)n->s->patch;
  return patch > 1 ? pm_conv_transpose2d_layer(n->g, "conv_out", x, out, (size_t)patch, patch, 0, 0)
                   : pm_conv2d_layer(n->g, "conv_out", x, out, 3, 1, 1);
}

/* What is to be added on the right and below until the patches and levels divide the sides. */
static pm_margins margins(const pm_value *x, size_t patch, int levels) {
  size_t unit = patch << (levels - 1);
  return (pm_margins){.bottom = (unit - x->shape.dim[1] % unit) % unit,
                      .right = (unit - x->shape.dim[2] % unit) % unit};
}

pm_value *pm_unet(pm_graph *g, const pm_unet_settings *s, pm_value *x, const pm_unet_conditions *conditions,
                  size_t out) {
  const plan p = plan_of(s, NULL);
  unet_parts *n = &(unet_parts){.g = g, .s = s, .draws = conditions->draws};
  n->time = embed(n, conditions);
  const int last = p.levels - 1;
  const pm_margins around = margins(x, (size_t)s->patch, p.levels);
  const bool padded = around.bottom || around.right;
  pm_value *skip[PM_UNET_MAX_LEVELS];

  pm_value *h = conv_in(n, padded ? pm_pad2d(g, x, around) : x, p.width[0]);
  if (s->position_map)
    h = position_map(n, h);

  for (int i = 0; i <= last; i++) {
    h = level(n, "down", i, h, p.width[i], p.attention[i]);
    skip[i] = h;
    if (i < last)
      h = pm_conv2d_layer(g, NAME("down.%d.downsample", i), h, p.width[i], 3, 2, 1);
  }

  h = resblock(n, "middle.0", h, p.width[last]);
  if (p.attention[last])
    h = attention(n, "middle.attention", h);
  h = resblock(n, "middle.1", h, p.width[last]);

  for (int i = last; i >= 0; i--) {
    size_t width = p.width[i > 0 ? i - 1 : 0];
    h = level(n, "up", i, pm_concat(g, h, skip[i]), width, p.attention[i]);
    if (i > 0)
      h = pm_conv2d_layer(g, NAME("up.%d.upsample", i), pm_upsample_nearest(g, h, 2), width, 3, 1, 1);
  }

  h = pm_silu(g, pm_groupnorm_layer(g, "norm_out", h, (int)s->groups));
  h = conv_out(n, h, out);
  if (s->zero_init)
    pm_zero_initialise_layer(g, "conv_out");
  return padded ? pm_crop2d(g, h, around) : h;
}
