#include "methods/tiny_denoiser.h"

#include "nn/layers.h"

enum { TIME_FEATURES = 128 };

pm_value *pm_tiny_denoiser(pm_graph *g, pm_value *x, pm_value *t, size_t hidden, size_t out) {
  pm_value *h = pm_silu(g, pm_conv2d_layer(g, "conv1", x, hidden, 3, 1, 1));
  h = pm_silu(g, pm_conv2d_layer(g, "conv2", h, hidden, 3, 1, 1));
  h = pm_conv2d_layer(g, "down", h, hidden, 3, 2, 1);
  if (t) {
    pm_value *time = pm_silu(g, pm_linear_layer(g, "time_mlp.0", pm_time_embedding(g, t, TIME_FEATURES), hidden));
    h = pm_add_vector(g, h, pm_linear_layer(g, "time_mlp.2", time, hidden));
  }
  h = pm_silu(g, pm_conv2d_layer(g, "bot", h, hidden, 3, 1, 1));
  h = pm_silu(g, pm_conv_transpose2d_layer(g, "up", h, hidden, 4, 2, 1, 0));
  h = pm_silu(g, pm_conv2d_layer(g, "conv3", h, hidden, 3, 1, 1));
  return pm_conv2d_layer(g, "out", h, out, 3, 1, 1);
}
