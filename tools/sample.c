/* sample: a model file to sprites: new ones, reconstructions, or the way from one sprite to another. */
#include "backend/backends.h"
#include "core/number.h"
#include "core/options.h"
#include "io/npy.h"
#include "methods/methods.h"
#include "pixels/sprites.h"
#include "train/dataset.h"
#include "train/model_file.h"
#include "train/sampler.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  pm_common common;
  int64_t count;
  const char *reconstruct, *interpolate, *data;
} options;

#define AT(field) offsetof(options, field)

static const pm_option rows[] = {
    {"count", 'n', PM_INTEGER, AT(count), "16", 1, 10000000, NULL, NULL, "sprites to make"},
    {"reconstruct", 0, PM_TEXT, AT(reconstruct), NULL, 0, 0, NULL, "SPRITES",
     "what the model makes of these sprites (autoencoders)"},
    {"interpolate", 0, PM_TEXT, AT(interpolate), NULL, 0, 0, NULL, "A,B",
     "-n sprites on the way from sprite A of --data to sprite B (autoencoders)"},
    {"data", 0, PM_TEXT, AT(data), NULL, 0, 0, NULL, "SPRITES", "the sprites that --interpolate counts in, from 0"},
    {0},
};

static const pm_tool tool = {
    .name = "sample",
    .summary = "draw sprites from a trained model",
    .operands = "MODEL.safetensors",
    .options = rows,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED | PM_HAS_THREADS | PM_HAS_DEVICE,
    .common_offset = AT(common),
    .min_operands = 1,
    .max_operands = 1,
    .description = "Writes <f4 [N,H,W,C] in 0 ... 1. Sprite number i depends on the model, the seed and i alone: the "
                   "first 16 of -n 64 are those "
                   "of -n 16, at any number of threads.",
    .examples =
        "sample runs/builtin/default/vae-mse/model.safetensors -n 64 | snap --palette p.gpl | montage -o grid.png\n"
        "sample model.safetensors --reconstruct sprites.npy -o again.npy\n"
        "sample model.safetensors --interpolate 3,17 --data sprites.npy -n 8 -o way.npy",
};

typedef struct {
  pm_arena *arena;
  const options *options;
  const pm_model *model;
  const pm_method *method;
  pm_sampler *sampler;
} job;

static pm_tensor output_tensor(const job *j, size_t count) {
  const pm_sprite_format *f = &j->model->facts.format;
  return pm_tensor_new(j->arena, PM_F32, pm_shape_of(4, count, f->height, f->width, f->channels));
}

static void need(const job *j, const void *ability, const char *option) {
  if (!ability)
    pm_fail(PM_BAD_INPUT, j->model->place, "%s needs an autoencoder; this is a %s", option, j->method->summary);
}

static pm_tensor draw(const job *j) {
  pm_tensor out = output_tensor(j, (size_t)j->options->count);
  pm_sampler_draw(j->sampler, j->options->common.seed, 0, (size_t)j->options->count, PM_ANY_CLASS, out.data, NULL,
                  NULL);
  return out;
}

static pm_tensor reconstruct(const job *j) {
  need(j, j->method->reconstruct, "--reconstruct");
  pm_sprites s = pm_sprites_read(j->arena, j->options->reconstruct);
  const float *in = pm_sprites_as_floats(j->arena, &s, &j->model->facts.format, j->options->reconstruct);
  pm_tensor out = output_tensor(j, s.count);
  pm_sampler_reconstruct(j->sampler, in, s.count, out.data);
  return out;
}

/* "A,B", both below count. */
static void parse_pair(const job *j, size_t count, int64_t pair[2]) {
  char *text = pm_copy_text(j->arena, j->options->interpolate), *comma = strchr(text, ',');
  if (comma)
    *comma = 0;
  if (!comma || !pm_parse_integer(text, 0, INT64_MAX, &pair[0]) || !pm_parse_integer(comma + 1, 0, INT64_MAX, &pair[1]))
    pm_wrong_usage("--interpolate: '%s' is not A,B: two numbers of sprites", j->options->interpolate);
  for (int k = 0; k < 2; k++)
    if ((uint64_t)pair[k] >= count)
      pm_fail(PM_BAD_INPUT, j->options->data, "there is no sprite %lld; it holds 0 to %zu", (long long)pair[k],
              count - 1);
}

static pm_tensor interpolate(const job *j) {
  need(j, j->method->interpolate, "--interpolate");
  if (!j->options->data)
    pm_wrong_usage("--interpolate needs --data SPRITES");
  pm_sprites s = pm_sprites_read(j->arena, j->options->data);
  const pm_sprite_format *f = &j->model->facts.format;
  const float *in = pm_sprites_as_floats(j->arena, &s, f, j->options->data);
  size_t sprite = f->height * f->width * f->channels;
  int64_t pair[2];
  parse_pair(j, s.count, pair);
  pm_tensor out = output_tensor(j, (size_t)j->options->count);
  pm_sampler_interpolate(j->sampler, in + (size_t)pair[0] * sprite, in + (size_t)pair[1] * sprite,
                         (size_t)j->options->count, out.data);
  return out;
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  options o;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &o, NULL);
  if (o.reconstruct && o.interpolate)
    pm_wrong_usage("--reconstruct and --interpolate exclude each other");

  pm_model model = pm_model_read(arena, operands[0]);
  const pm_method *method = pm_method_find(model.facts.method);
  if (!method)
    pm_fail(PM_BAD_INPUT, model.place, "a model of the method '%s', which this version does not know",
            model.facts.method);
  pm_run_settings settings = pm_run_settings_parse(arena, method, model.facts.config, model.place);
  if (method->check)
    method->check(settings.model, &model.facts.format, model.place);
  pm_store *store = pm_store_new(arena, pm_backend_find(o.common.device));
  pm_sampler *sampler = pm_sampler_new(arena, store, method, settings.model, &model.facts.format);
  pm_sampler_prepare(sampler);
  pm_model_load(&model, store);

  job j = {arena, &o, &model, method, sampler};
  pm_tensor out = o.reconstruct ? reconstruct(&j) : o.interpolate ? interpolate(&j) : draw(&j);

  pm_output *output = pm_output_open(arena, o.common.output, true);
  pm_npy_write(output, &out);
  pm_output_commit(output);
  pm_sampler_free(sampler);
  pm_store_free(store);
  pm_arena_free(arena);
  return PM_DONE;
}
