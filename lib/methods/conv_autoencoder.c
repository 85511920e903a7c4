#include "methods/conv_autoencoder.h"

#include "core/fail.h"
#include "nn/layers.h"
#include "nn/ops.h"

enum { OUTER_CHANNELS = 32 };

size_t pm_conv_grid(size_t side) {
  return (side + 3) / 4;
}

/* What a picture of this size lacks to whole places of the grid. */
static pm_margins lacking(size_t height, size_t width) {
  return (pm_margins){.bottom = 4 * pm_conv_grid(height) - height, .right = 4 * pm_conv_grid(width) - width};
}

pm_value *pm_conv_encoder(pm_graph *g, pm_value *images, size_t width) {
  pm_margins around = lacking(images->shape.dim[1], images->shape.dim[2]);
  pm_value *x = around.bottom || around.right ? pm_pad2d(g, images, around) : images;
  x = pm_conv2d_layer(g, "encoder.0", x, OUTER_CHANNELS, 3, 2, 1);
  x = pm_relu(g, pm_batchnorm_layer(g, "encoder.1", x));
  x = pm_conv2d_layer(g, "encoder.3", x, width, 3, 2, 1);
  return pm_relu(g, pm_batchnorm_layer(g, "encoder.4", x));
}

pm_value *pm_conv_decoder(pm_graph *g, pm_value *x, const pm_sprite_format *format) {
  pm_margins around = lacking(format->height, format->width);
  x = pm_conv_transpose2d_layer(g, "decoder.0", x, OUTER_CHANNELS, 3, 2, 1, 1);
  x = pm_relu(g, pm_batchnorm_layer(g, "decoder.1", x));
  x = pm_conv_transpose2d_layer(g, "decoder.3", x, format->channels, 3, 2, 1, 1);
  return around.bottom || around.right ? pm_crop2d(g, x, around) : x;
}

pm_sprite_format pm_conv_format(const pm_value *images) {
  const size_t *d = images->shape.dim;
  return (pm_sprite_format){.height = d[1], .width = d[2], .channels = d[3]};
}

void pm_conv_autoencoder_check(const pm_sprite_format *format, const char *who, const char *place) {
  if (format->classes)
    pm_fail(PM_BAD_INPUT, place, "the %s knows no classes; leave --labels out", who);
}
