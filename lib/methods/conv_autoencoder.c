#include "methods/conv_autoencoder.h"

#include "core/fail.h"
#include "nn/layers.h"

enum { OUTER_CHANNELS = 32 };

pm_value *pm_conv_encoder(pm_graph *g, pm_value *images, size_t width) {
  pm_value *x = pm_conv2d_layer(g, "encoder.0", images, OUTER_CHANNELS, 3, 2, 1);
  x = pm_relu(g, pm_batchnorm_layer(g, "encoder.1", x));
  x = pm_conv2d_layer(g, "encoder.3", x, width, 3, 2, 1);
  return pm_relu(g, pm_batchnorm_layer(g, "encoder.4", x));
}

pm_value *pm_conv_decoder(pm_graph *g, pm_value *x, size_t channels) {
  x = pm_conv_transpose2d_layer(g, "decoder.0", x, OUTER_CHANNELS, 3, 2, 1, 1);
  x = pm_relu(g, pm_batchnorm_layer(g, "decoder.1", x));
  return pm_conv_transpose2d_layer(g, "decoder.3", x, channels, 3, 2, 1, 1);
}

void pm_conv_autoencoder_check(const pm_sprite_format *format, const char *who, const char *place) {
  if (format->height % 4 || format->width % 4)
    pm_fail(PM_BAD_INPUT, place,
            "sprites of %zu x %zu pixels; the %s halves them twice, so both sides must divide by 4", format->width,
            format->height, who);
  if (format->classes)
    pm_fail(PM_BAD_INPUT, place, "the %s knows no classes; leave --labels out", who);
}
