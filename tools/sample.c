/* sample: a model file to sprites: new ones, reconstructions, or the way from one sprite to another. */
#include "backend/backends.h"
#include "core/number.h"
#include "core/options.h"
#include "io/npy.h"
#include "methods/methods.h"
#include "pixels/array_file.h"
#include "pixels/labels.h"
#include "pixels/sprites.h"
#include "train/dataset.h"
#include "train/drawing.h"
#include "train/model_file.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_SAID = 32 }; /* classes that a message lists */

typedef struct {
  pm_common common;
  int64_t count, draws, particles;
  int precision;
  const char *reconstruct, *interpolate, *data, *encode, *codes, *base, *bits;
  const char *class, *labels, *save_labels, *guidance_scale, *sampler, *steps, *eta, *dump_steps, *temperature, *top_k,
      *top_p;
  pm_hint_request hints;
  int tile; /* pm_tiling */
} options;

#define AT(field) offsetof(options, field)

static const pm_option rows[] = {
    {"count", 'n', PM_INTEGER, AT(count), "16", 1, 10000000, NULL, NULL, "sprites to make"},
    {"reconstruct", 0, PM_TEXT, AT(reconstruct), NULL, 0, 0, NULL, "SPRITES",
     "what the model makes of these sprites (autoencoders)"},
    {"interpolate", 0, PM_TEXT, AT(interpolate), NULL, 0, 0, NULL, "A,B",
     "-n sprites on the way from sprite A of --data to sprite B (autoencoders)"},
    {"data", 0, PM_TEXT, AT(data), NULL, 0, 0, NULL, "SPRITES", "the sprites that --interpolate counts in, from 0"},
    {"encode", 0, PM_TEXT, AT(encode), NULL, 0, 0, NULL, "SPRITES",
     "write the codes of these sprites, <i4 [N,h,w] (VQ-VAE)"},
    {"codes", 0, PM_TEXT, AT(codes), NULL, 0, 0, NULL, "CODES.npy", "make sprites of these codes (VQ-VAE)"},
    {"vqvae", 0, PM_TEXT, AT(base), NULL, 0, 0, NULL, "MODEL.safetensors",
     "make sprites of the codes drawn, by the VQ-VAE that the prior was fitted to (prior)"},
    {"bits", 0, PM_TEXT, AT(bits), NULL, 0, 0, NULL, "SPRITES",
     "bits per pixel that the model needs for each of these sprites: exact (patch transformer), or an upper bound "
     "(diffusion on palette indices)"},
    {"draws", 0, PM_INTEGER, AT(draws), "64", 1, 1000000, NULL, "N",
     "random estimates a sprite, for --bits of diffusion; an exact likelihood takes one"},
    {"labels", 0, PM_TEXT, AT(labels), NULL, 0, 0, NULL, "LABELS.npy",
     "the class of each sprite of --bits, on which the model is conditioned; default: any"},
    {"class", 0, PM_TEXT, AT(class), NULL, 0, 0, "each|any", "CLASS",
     "name or number of the class to draw; each: all in turn; any: the null class; default: each as often as in "
     "training"},
    {"save-labels", 0, PM_TARGET, AT(save_labels), NULL, 0, 0, NULL, "FILE.npy",
     "also write the class that each sprite was drawn for, <i4 [N]"},
    {"guidance-scale", 0, PM_TEXT, AT(guidance_scale), NULL, 0, 0, NULL, "S",
     "scale of classifier-free guidance towards the class; 1: none (diffusion, patch transformer); default: the "
     "model's"},
    {"sampler", 0, PM_TEXT, AT(sampler), NULL, 0, 0, "ancestral|ddim|dpm++2m|blend|printed", "NAME",
     "ancestral, ddim or dpm++2m; blend and printed are those of the tilemap recipe, and printed does nothing until "
     "its "
     "last step (diffusion); default: the model's"},
    {"steps", 0, PM_TEXT, AT(steps), NULL, 0, 0, NULL, "N", "sampling steps (diffusion); default: the model's"},
    {"eta", 0, PM_TEXT, AT(eta), NULL, 0, 0, NULL, "E", "noise of ddim, 0 to 1 (diffusion); default: the model's"},
    {"temperature", 0, PM_TEXT, AT(temperature), NULL, 0, 0, NULL, "T",
     "below 1 likely codes or colours become likelier (prior, patch transformer; diffusion with an evidence head, "
     "where "
     "there is little noise); default: the model's"},
    {"top-k", 0, PM_TEXT, AT(top_k), NULL, 0, 0, NULL, "K",
     "draw from the K likeliest codes (prior); default: the model's"},
    {"top-p", 0, PM_TEXT, AT(top_p), NULL, 0, 0, NULL, "P",
     "draw from the likeliest colours that together have probability P (patch transformer); default: the model's"},
    {"hints", 0, PM_TEXT, AT(hints.hints), NULL, 0, 0, NULL, "HINTS",
     "draw to these: whole numbers [N,H,W], a palette index where a pixel is fixed, -1 unknown, -2 background, -3 not "
     "background, -4 (right half) the mirror image of the left; or a picture, with --lock"},
    {"from", 0, PM_TEXT, AT(hints.from), NULL, 0, 0, NULL, "SPRITES",
     "draw variations of these sprites, as many pixels anew as --strength says"},
    {"strength", 0, PM_REAL, AT(hints.strength), "0.75", 0, 1, NULL, "U",
     "share of the pixels of --from that are drawn anew; 0: none; 1: all but the locked ones"},
    {"lock", 0, PM_TEXT, AT(hints.lock), NULL, 0, 0, NULL, "MASK",
     "keep the pixels of --from (or of a picture in --hints) that are opaque here, or not black"},
    {"silhouette", 0, PM_TEXT, AT(hints.silhouette), NULL, 0, 0, NULL, "SHAPE",
     "fill this shape: what is opaque here, or not black, and nothing else is not background"},
    {"palette-only", 0, PM_TEXT, AT(hints.palette_only), NULL, 0, 0, NULL, "COLOURS",
     "draw with no other colours than these: rrggbb or transparent, divided by commas, or a palette file"},
    {"symmetric", 0, PM_FLAG, AT(hints.symmetric), NULL, 0, 0, NULL, NULL, "make the right half mirror the left"},
    {"tile", 0, PM_CHOICE, AT(tile), "none", 0, 0, PM_TILINGS, NULL,
     "draw again where the edges meet, so that copies fit side by side"},
    {"particles", 0, PM_INTEGER, AT(particles), "32", 1, PM_MOST_PARTICLES, NULL, "M",
     "drawings of each sprite that compete for how well they fit to what is fixed, where something is (patch "
     "transformer)"},
    {"precision", 0, PM_CHOICE, AT(precision), "model's", 0, 0, PM_PRECISIONS "|model's", NULL,
     "numbers that matrix products and convolutions multiply; model's: as it was trained"},
    {"dump-steps", 0, PM_TARGET, AT(dump_steps), NULL, 0, 0, NULL, "FILE.npy",
     "also write the first sprite after each sampling step (diffusion, patch transformer)"},
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
    .description =
        "Writes <f4 [N,H,W,C] in 0 ... 1, or with -o FILE.png a picture to look at, enlarged 8 times with gaps "
        "(export-sprites writes a sheet to use); a prior writes codes, <i4 [N,h,w]. "
        "Sprite number i depends on the model, the "
        "seed and i alone: the first 16 of -n 64 are those of -n 16, at any number of threads. A model with classes is "
        "always conditioned on one; without --class, the seed and i choose the class of sprite i, too.\n\n"
        "--bits writes <f4 [N]: -log2 of each sprite's probability, in bits per pixel. The patch transformer's is "
        "exact; "
        "diffusion's is an upper bound, the mean of --draws estimates that depend on the sprite, its number and the "
        "seed. A model that knows such sprites needs few bits. The sprites must be in the model's palette.",
    .examples = "sample model.safetensors -n 64 --class each -o new.npy\n"
                "sample model.safetensors -n 10 --from hero.png --strength 0.5 -o variations.npy\n"
                "sample model.safetensors -n 10 --from hero.png --lock face.png --strength 1 -o bodies.npy\n"
                "sample model.safetensors -n 10 --silhouette shape.png --symmetric -o shapes.npy\n"
                "sample model.safetensors -n 64 | snap --palette palette.gpl | montage -o grid.png\n"
                "sample model.safetensors --reconstruct sprites.npy -o again.npy\n"
                "sample model.safetensors --interpolate 3,17 --data sprites.npy -n 8 -o way.npy\n"
                "sample model.safetensors --bits sprites.npy -o bits.npy\n"
                "sample prior.safetensors -n 64 | sample vqvae.safetensors --codes - | montage -o grid.png",
};

typedef struct {
  pm_arena *arena;
  const options *options;
  const pm_model *model;
  const pm_method *method;
  const pm_drawing *drawing;
  pm_inference *inference;
} job;

static pm_tensor sprites_tensor(const job *j, size_t count) {
  const pm_sprite_format *f = &j->model->facts.format;
  return pm_tensor_new(j->arena, PM_F32, pm_shape_of(4, count, f->height, f->width, f->channels));
}

static void need(const job *j, const void *ability, const char *what, const char *option) {
  if (!ability)
    pm_fail(PM_BAD_INPUT, j->model->place, "%s needs %s; this is a %s", option, what, j->method->summary);
}

static bool asks_any(const options *o) {
  return o->class && strcmp(o->class, PM_ANY_CLASS_NAME) == 0;
}

/* --class: a number, a name, all in turn, or none in particular. */
static int32_t class_wanted(const job *j) {
  const char *text = j->options->class;
  const pm_model_facts *facts = &j->model->facts;
  int64_t number;
  if (!text)
    return PM_BY_SHARE;
  if (!facts->format.classes)
    pm_fail(PM_BAD_INPUT, j->model->place, "--class %s: this model was trained without classes", text);
  if (strcmp(text, PM_EACH_CLASS_NAME) == 0)
    return PM_EACH_CLASS;
  if (asks_any(j->options))
    return PM_ANY_CLASS;
  for (size_t i = 0; facts->class_names && i < facts->format.classes; i++)
    if (strcmp(facts->class_names[i], text) == 0)
      return (int32_t)i; /* also where it looks like a number: folders are called 1, 2, 3 */
  if (pm_parse_integer(text, 0, (int64_t)facts->format.classes - 1, &number))
    return (int32_t)number;
  const char *names = "";
  for (size_t i = 0; facts->class_names && i < facts->format.classes && i < NAMES_SAID; i++)
    names = pm_format(j->arena, "%s, %s", names, facts->class_names[i]);
  if (*names && facts->format.classes > NAMES_SAID)
    names = pm_format(j->arena, "%s, ...", names);
  pm_fail(PM_BAD_INPUT, j->model->place, "--class %s: there is no such class; there are 0 to %zu%s", text,
          facts->format.classes - 1, names);
}

/* Weights that are finite can make what is not: of a training with too high a rate, or with sampling.clip: false. */
static void check_finite(const job *j, const pm_tensor *out) {
  size_t at;
  if (!pm_tensor_is_finite(out, &at))
    pm_fail(PM_FAILED, j->model->place, "value %zu of what the model made is not a finite number", at);
}

static pm_tensor draw(const job *j) {
  const options *o = j->options;
  if (o->save_labels) {
    pm_tensor labels = pm_drawn_classes(j->arena, j->drawing);
    pm_array_write(j->arena, o->save_labels, &labels);
  }
  if (o->dump_steps) {
    pm_tensor steps = pm_draw_steps(j->arena, j->drawing);
    pm_array_write(j->arena, o->dump_steps, &steps);
  }
  return pm_draw_sprites(j->arena, j->drawing);
}

static pm_tensor reconstruct(const job *j) {
  need(j, j->method->reconstruct, "an autoencoder", "--reconstruct");
  pm_sprites s = pm_sprites_read(j->arena, j->options->reconstruct);
  const float *in = pm_sprites_as_floats(j->arena, &s, &j->model->facts.format, j->options->reconstruct);
  pm_tensor out = sprites_tensor(j, s.count);
  pm_inference_reconstruct(j->inference, in, s.count, out.data);
  return out;
}

static pm_tensor encode(const job *j) {
  need(j, j->method->encode, "a VQ-VAE", "--encode");
  pm_sprites s = pm_sprites_read(j->arena, j->options->encode);
  const float *in = pm_sprites_as_floats(j->arena, &s, &j->model->facts.format, j->options->encode);
  pm_code_format f = pm_inference_codes(j->inference);
  pm_tensor out = pm_tensor_new(j->arena, PM_I32, pm_shape_of(3, s.count, f.height, f.width));
  pm_inference_encode(j->inference, in, s.count, out.data);
  return out;
}

static pm_tensor decode(const job *j) {
  need(j, j->method->decode, "a VQ-VAE", "--codes");
  const char *place = pm_path_name(j->options->codes);
  pm_tensor codes = pm_npy_read(j->arena, j->options->codes);
  pm_code_format f = pm_inference_codes(j->inference);
  const size_t *dim = codes.shape.dim;
  if (codes.dtype != PM_I32 || codes.shape.rank != 3 || !dim[0] || dim[1] != f.height || dim[2] != f.width)
    pm_fail(PM_BAD_INPUT, place, "%s %s; expected i32 [N,%zu,%zu]: the codes of this VQ-VAE",
            pm_dtype_name(codes.dtype), pm_shape_text(j->arena, codes.shape), f.height, f.width);
  const int32_t *code = codes.data;
  for (size_t i = 0; i < pm_shape_count(codes.shape); i++)
    if (code[i] < 0 || (size_t)code[i] >= f.size)
      pm_fail(PM_BAD_INPUT, place, "code %d in grid %zu; this VQ-VAE has codes 0 to %zu", (int)code[i],
              i / (f.height * f.width), f.size - 1);
  pm_tensor out = sprites_tensor(j, dim[0]);
  pm_inference_decode(j->inference, code, dim[0], out.data);
  return out;
}

/* --labels: a class of the model for each of the sprites; NULL where it is not given. */
static const int32_t *bits_labels(const job *j, size_t count) {
  const char *path = j->options->labels;
  const size_t classes = j->model->facts.format.classes;
  if (!path || !classes)
    return NULL;
  pm_labels labels = pm_labels_read(j->arena, path, count, pm_path_name(j->options->bits));
  for (size_t i = 0; i < count; i++)
    if ((size_t)labels.label[i] >= classes)
      pm_fail(PM_BAD_INPUT, pm_path_name(path), "label %d of sprite %zu; the model has classes 0 to %zu",
              (int)labels.label[i], i, classes - 1);
  return labels.label;
}

static pm_tensor bits(const job *j) {
  const pm_model_facts *facts = &j->model->facts;
  if (!pm_inference_has_bits(j->inference))
    pm_fail(
        PM_BAD_INPUT, j->model->place,
        "--bits: this %s has no likelihood; the patch transformer and diffusion on palette indices (pixels: palette) "
        "have one",
        j->method->summary);
  pm_sprites s = pm_sprites_read(j->arena, j->options->bits);
  const unsigned char *pixels = pm_sprites_as_indices(j->arena, &s, &facts->format, &facts->palette, j->options->bits);
  pm_tensor out = pm_tensor_new(j->arena, PM_F32, pm_shape_of(1, s.count));
  pm_inference_bits(j->inference, pixels, bits_labels(j, s.count), s.count, j->options->common.seed,
                    (size_t)j->options->draws, out.data);
  return out;
}

/* "A,B", both below count. */
static void parse_pair(const job *j, size_t count, int64_t pair[2]) {
  char *text = pm_copy_text(j->arena, j->options->interpolate), *comma = strchr(text, ',');
  if (comma)
    *comma = 0;
  if (!comma || !pm_parse_integer(text, 0, INT64_MAX, &pair[0]) || !pm_parse_integer(comma + 1, 0, INT64_MAX, &pair[1]))
    pm_wrong_usage("--interpolate: '%s' is not A,B: two numbers of sprites", j->options->interpolate);
  if (count == 0)
    pm_fail(PM_BAD_INPUT, j->options->data, "holds no sprites to go from and to");
  for (int k = 0; k < 2; k++)
    if ((uint64_t)pair[k] >= count)
      pm_fail(PM_BAD_INPUT, j->options->data, "there is no sprite %lld; it holds 0 to %zu", (long long)pair[k],
              count - 1);
}

static pm_tensor interpolate(const job *j) {
  need(j, j->method->interpolate, "an autoencoder", "--interpolate");
  if (!j->options->data)
    pm_wrong_usage("--interpolate needs --data SPRITES");
  pm_sprites s = pm_sprites_read(j->arena, j->options->data);
  const pm_sprite_format *f = &j->model->facts.format;
  const float *in = pm_sprites_as_floats(j->arena, &s, f, j->options->data);
  size_t sprite = f->height * f->width * f->channels;
  int64_t pair[2];
  parse_pair(j, s.count, pair);
  pm_tensor out = sprites_tensor(j, (size_t)j->options->count);
  pm_inference_interpolate(j->inference, in + (size_t)pair[0] * sprite, in + (size_t)pair[1] * sprite,
                           (size_t)j->options->count, out.data);
  return out;
}

/* Options that are about drawing new sprites, and the model's settings whose place they take, if they do. */
typedef struct {
  const char *option, *key;
  size_t offset;
} drawing_option;

static const drawing_option of_drawing[] = {{"--class", NULL, AT(class)},
                                            {"--save-labels", NULL, AT(save_labels)},
                                            {"--guidance-scale", "sampling.guidance_scale", AT(guidance_scale)},
                                            {"--sampler", "sampling.sampler", AT(sampler)},
                                            {"--steps", "sampling.steps", AT(steps)},
                                            {"--eta", "sampling.eta", AT(eta)},
                                            {"--temperature", "sampling.temperature", AT(temperature)},
                                            {"--top-k", "sampling.top_k", AT(top_k)},
                                            {"--top-p", "sampling.top_p", AT(top_p)},
                                            {"--dump-steps", NULL, AT(dump_steps)},
                                            {0}};

static const char *const of_hints[] = {"hints",        "from",      "strength", "lock",      "silhouette",
                                       "palette-only", "symmetric", "tile",     "particles", NULL};

static const char *said(const options *o, const drawing_option *d) {
  return *(const char *const *)((const char *)o + d->offset);
}

/* What this model has no use for is said and no error, so that a script may give the same options to all models. */
static void say_unused(const char *option, const char *why, const char *of) {
  pm_say(0, "%s changes nothing: %s %s", option, why, of);
}

/* What the command line says of the sampling takes the place of what the model's config says. */
static void override(pm_arena *arena, pm_run_settings *settings, const options *o) {
  static const char not_for[] = "it is not for a";
  const pm_method *method = settings->method;
  for (const drawing_option *d = of_drawing; d->option; d++)
    if (d->key && said(o, d) && !pm_run_settings_override(arena, settings, d->key, said(o, d), d->option))
      say_unused(d->option, not_for, method->summary);
  if (o->base && !method->base)
    say_unused("--vqvae", not_for, method->summary);
  const pm_option *sampler = pm_option_find(method->keys, "sampling.sampler"),
                  *schedule = pm_option_find(method->keys, "process.schedule");
  if (o->eta && sampler && strcmp(pm_option_text(arena, sampler, settings->model), "ddim") != 0)
    say_unused("--eta", "it is for the sampler ddim, and this is", pm_option_text(arena, sampler, settings->model));
  if (o->temperature && schedule && strcmp(pm_option_text(arena, schedule, settings->model), "information") != 0)
    say_unused("--temperature",
               "it is for diffusion with an evidence head (process.schedule: information), and this is",
               pm_option_text(arena, schedule, settings->model));
  /* Without a class, both halves of guidance predict the same. */
  if (asks_any(o))
    pm_run_settings_override(arena, settings, "sampling.guidance_scale", "1", "--guidance-scale");
}

/* What is asked for and cannot be given: a file, or a class. */
static void check_asked(const options *o, const pm_method *method, const pm_model *model) {
  bool classes = model->facts.format.classes > 0;
  if (o->dump_steps && method->base && !o->base)
    pm_wrong_usage("--dump-steps shows sprites; a %s needs --vqvae for that", method->summary);
  if (o->dump_steps && !method->sample_steps)
    pm_wrong_usage("--dump-steps is not for a %s", method->summary);
  if (o->save_labels && !classes)
    pm_fail(PM_BAD_INPUT, model->place, "--save-labels: this model was trained without classes");
  if (o->guidance_scale && asks_any(o))
    pm_wrong_usage("--guidance-scale guides towards a class, and --class any asks for none");
  if (o->guidance_scale && !classes)
    say_unused("--guidance-scale", "there are no classes in", model->place);
  if (o->labels && !classes)
    say_unused("--labels", "there are no classes in", model->place);
}

/* Without label dropout a model never learned the null class. */
static void check_any_class(const pm_run_settings *settings, const options *o, const pm_model *model) {
  bool (*knows)(const void *settings) = settings->method->knows_any_class;
  if (!model->facts.format.classes || !knows || knows(settings->model))
    return;
  static const char trained[] = "this model was trained without label dropout, so it knows no sprite without a class";
  if (o->bits && !o->labels)
    pm_fail(PM_BAD_INPUT, model->place, "%s; --bits needs --labels", trained);
  if (asks_any(o))
    pm_fail(PM_BAD_INPUT, model->place, "%s, and --class any asks for one", trained);
}

/* What is built on another model draws codes unless it is given that. */
static bool makes_sprites(const options *o, const pm_method *method) {
  return !o->bits && !o->encode && (!method->base || o->base);
}

/* Before the work: what would be refused once it is done. */
static void check_names(const options *o, const pm_method *method) {
  pm_check_ending(o->common.output, makes_sprites(o, method) ? PM_AS_ARRAY_OR_PICTURE : PM_AS_ARRAY);
  pm_check_ending(o->dump_steps, PM_AS_ARRAY_OR_PICTURE);
  pm_check_ending(o->save_labels, PM_AS_ARRAY);
}

/* Refuses what excludes each other, and what would have been believed to do something. */
static void check_usage(pm_arena *arena, const options *o) {
  if (!!o->reconstruct + !!o->interpolate + !!o->encode + !!o->codes + !!o->bits > 1)
    pm_wrong_usage("--reconstruct, --interpolate, --encode, --codes and --bits exclude each other");
  if (o->data && !o->interpolate)
    pm_wrong_usage("--data is for --interpolate A,B; it changes nothing else");
  const char *instead = o->reconstruct   ? "--reconstruct"
                        : o->interpolate ? "--interpolate"
                        : o->encode      ? "--encode"
                        : o->codes       ? "--codes"
                        : o->bits        ? "--bits"
                                         : NULL;
  if (instead && !o->interpolate)
    pm_refuse_given(&o->common, (const char *const[]){"count", NULL},
                    pm_format(arena, "how many sprites to make; with %s there are as many as it is given", instead));
  if (o->labels && !o->bits)
    pm_wrong_usage("--labels is for --bits; it changes nothing else");
  if (o->save_labels && asks_any(o))
    pm_wrong_usage("--save-labels: --class any asks for no class");
  for (const drawing_option *d = of_drawing; instead && d->option; d++)
    if (said(o, d))
      pm_wrong_usage("%s is about drawing new sprites; with %s it changes nothing", d->option, instead);
  if (instead)
    pm_refuse_given(&o->common, of_hints,
                    pm_format(arena, "about drawing new sprites; with %s it changes nothing", instead));
  if (!o->hints.from)
    pm_refuse_given(&o->common, (const char *const[]){"strength", NULL},
                    "for --from SPRITES, and says how much of them is drawn anew");
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  options o;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &o, NULL);
  check_usage(arena, &o);
  pm_model model = pm_model_read(arena, operands[0]);
  const pm_method *method = pm_method_find(model.facts.method);
  if (!method)
    pm_fail(PM_BAD_INPUT, model.place, "a model of the method '%s', which this version does not know",
            model.facts.method);
  pm_run_settings settings = pm_run_settings_parse(arena, method, model.facts.config, model.place);
  check_names(&o, method);
  override(arena, &settings, &o);
  check_asked(&o, method, &model);
  check_any_class(&settings, &o, &model);
  const pm_backend *backend = pm_backend_find(
      o.common.device, (pm_precision)(o.precision > PM_ANY_PRECISION ? settings.train.precision : o.precision));
  pm_base *base = o.base && method->base ? pm_base_read(arena, backend, method, o.base) : NULL;
  if (base)
    method->rest_on(settings.model, base, o.base);
  job j = {.arena = arena, .options = &o, .model = &model, .method = method};
  const pm_drawing_request request = {.backend = backend,
                                      .model = &model,
                                      .settings = &settings,
                                      .count = (size_t)o.count,
                                      .seed = o.common.seed,
                                      .label = class_wanted(&j),
                                      .hints = &o.hints,
                                      .tiling = (pm_tiling)o.tile,
                                      .particles = (size_t)o.particles};
  pm_drawing drawing = pm_drawing_new(arena, &request);
  j.drawing = &drawing;
  j.inference = drawing.ready.inference;
  pm_tensor out = o.reconstruct   ? reconstruct(&j)
                  : o.interpolate ? interpolate(&j)
                  : o.encode      ? encode(&j)
                  : o.codes       ? decode(&j)
                  : o.bits        ? bits(&j)
                                  : draw(&j);

  check_finite(&j, &out);
  pm_array_write(arena, o.common.output, &out);
  pm_drawing_free(&drawing);
  pm_base_free(base);
  pm_arena_free(arena);
  return PM_DONE;
}
