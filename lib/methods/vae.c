/* Variational autoencoder: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.
 *
 *   encoder  two convolutions (conv_autoencoder.h)   C -> 64, H/4 x W/4
 *            linear                                  -> mu, logvar [latent]
 *   decoder  linear                                  latent -> 64 H/4 W/4
 *            two transposed convolutions, sigmoid    64 -> C, H x W
 *
 * Loss: reconstruction (squared error or binary cross-entropy, a mean) + kl_weight * KL (a mean). 138,371 parameters
 * for 16 x 16 sprites of three channels. Sides that do not divide by 4 are padded and cropped. */
#include "core/random.h"
#include "methods/conv_autoencoder.h"
#include "methods/methods.h"
#include "nn/layers.h"

typedef struct {
  int64_t latent;
  int recon; /* MSE, BCE */
  double kl_weight;
} vae_settings;

enum { MSE, BCE };
enum { CHANNELS = 64 }; /* of the grid */

static const pm_option keys[] = {
    {"model.latent", 0, PM_INTEGER, offsetof(vae_settings, latent), "32", 1, 4096, NULL, NULL,
     "length of the latent vector"},
    {"loss.recon", 0, PM_CHOICE, offsetof(vae_settings, recon), "mse", 0, 0, "mse|bce", NULL,
     "reconstruction loss: squared error or binary cross-entropy"},
    {"loss.kl_weight", 0, PM_REAL, offsetof(vae_settings, kl_weight), "5e-4", 0, 1e3, NULL, NULL,
     "weight of the KL divergence beside the reconstruction loss"},
    {0},
};

static const char *const metrics[] = {"total", "recon", "kl", NULL};

/* images[N,H,W,C] -> mu[N,L]; *logvar[N,L] */
static pm_value *encode(pm_graph *g, const vae_settings *s, pm_value *images, pm_value **logvar) {
  pm_value *x = pm_flatten(g, pm_conv_encoder(g, images, CHANNELS));
  pm_value *mu = pm_linear_layer(g, "mu", x, (size_t)s->latent);
  *logvar = pm_linear_layer(g, "logvar", x, (size_t)s->latent);
  return mu;
}

/* z[N,L] -> logits[N,H,W,C] of the images */
static pm_value *decode(pm_graph *g, pm_value *z, const pm_sprite_format *f) {
  size_t height = pm_conv_grid(f->height), width = pm_conv_grid(f->width);
  pm_value *x = pm_linear_layer(g, "decode", z, CHANNELS * height * width);
  return pm_conv_decoder(g, pm_unflatten(g, x, height, width, CHANNELS), f);
}

static void loss(pm_graph *g, const void *settings, const pm_batch *batch, pm_value **metric) {
  const vae_settings *s = settings;
  pm_value *logvar, *mu = encode(g, s, batch->images, &logvar);

  /* z = mu + exp(logvar / 2) eps: the reparameterisation */
  pm_value *eps = pm_normal(g, mu->shape, batch->draws, pm_purpose("latent"));
  pm_value *z = pm_plus(g, mu, pm_times(g, pm_exp(g, pm_affine(g, logvar, 0.5, 0)), eps));

  pm_value *logits = decode(g, z, batch->format);
  pm_value *recon_rows =
      s->recon == BCE ? pm_bce(g, logits, batch->images) : pm_squared_error(g, pm_sigmoid(g, logits), batch->images);
  pm_value *recon = pm_mean_rows(g, recon_rows, batch->count);
  pm_value *kl = pm_mean_rows(g, pm_kl_normal(g, mu, logvar), batch->count);
  metric[0] = pm_plus(g, recon, pm_affine(g, kl, s->kl_weight, 0));
  metric[1] = recon;
  metric[2] = kl;
}

static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *s) {
  const vae_settings *vae = settings;
  pm_shape shape = pm_shape_of(2, s->n, (size_t)vae->latent);
  pm_value *z = pm_normal(g, shape, s->draws, pm_purpose("sample"));
  return pm_sigmoid(g, decode(g, z, s->format));
}

static pm_value *reconstruct(pm_graph *g, const void *settings, pm_value *images) {
  pm_sprite_format format = pm_conv_format(images);
  pm_value *logvar;
  return pm_sigmoid(g, decode(g, encode(g, settings, images, &logvar), &format));
}

static pm_value *interpolate(pm_graph *g, const void *settings, pm_value *a, pm_value *b, pm_value *weights) {
  pm_sprite_format format = pm_conv_format(a);
  pm_value *logvar;
  pm_value *from = encode(g, settings, a, &logvar), *to = encode(g, settings, b, &logvar);
  return pm_sigmoid(g, decode(g, pm_lerp_rows(g, from, to, weights), &format));
}

static void check(const void *settings, const pm_sprite_format *format, const char *place) {
  (void)settings;
  pm_conv_autoencoder_check(format, "VAE", place);
}

const pm_method pm_method_vae = {
    .name = "vae",
    .summary = "variational autoencoder",
    .example = "vae-mse",
    .recipe = 1,
    .keys = keys,
    .settings_size = sizeof(vae_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample = sample,
    .reconstruct = reconstruct,
    .interpolate = interpolate,
};
