#include "train/sampler.h"

#include "core/random.h"
#include "nn/backend.h"
#include "nn/ops.h"

#include <string.h>

/* One compiled graph and what it makes: sprites PM_F32 [block,H,W,C] or codes PM_I32 [block,h,w]. */
typedef struct {
  pm_program *program;
  pm_value *made;
} stage;

enum { ITEM = 4 }; /* bytes of a float and of a code */

struct pm_sampler {
  pm_arena *arena;
  pm_store *store;
  pm_weights weights;
  const pm_method *method;
  const void *settings;
  pm_sprite_format format;
  size_t sprite; /* floats */
  stage begin, run, draw, reconstruct, interpolate, bits, encode, decode;
  size_t runs;
  pm_buffer *seed, *step, *first, *number, *labels, *labels_and_none, *in, *to, *mix, *pixels, *codes_in;
};

pm_sampler *pm_sampler_new(pm_arena *arena, pm_store *store, pm_weights weights, const pm_method *method,
                           const void *settings, const pm_sprite_format *format) {
  pm_sampler *s = pm_alloc(arena, 1, sizeof *s);
  *s = (pm_sampler){
      .arena = arena, .store = store, .weights = weights, .method = method, .settings = settings, .format = *format};
  s->sprite = format->height * format->width * format->channels;
  return s;
}

void pm_sampler_free(pm_sampler *s) {
  if (!s)
    return;
  stage *all[] = {&s->begin, &s->run, &s->draw, &s->reconstruct, &s->interpolate, &s->bits, &s->encode, &s->decode};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    s->store->backend->free_program(all[i]->program);
}

static pm_graph *new_graph(const pm_sampler *s) {
  pm_graph *g = pm_graph_new(s->arena, s->store, false);
  g->weights = s->weights;
  return g;
}

static void compile(pm_sampler *s, stage *stage, pm_graph *g, pm_value *made) {
  assert(pm_dtype_size(made->dtype) == ITEM && made->shape.dim[0] == PM_SAMPLER_BLOCK);
  stage->made = pm_keep(made, "made");
  stage->program = s->store->backend->compile(g);
}

static pm_value *images_input(pm_sampler *s, pm_graph *g, const char *name) {
  const pm_sprite_format *f = &s->format;
  return pm_graph_input(g, name, PM_F32, pm_shape_of(4, (size_t)PM_SAMPLER_BLOCK, f->height, f->width, f->channels));
}

static pm_sampling sampling(pm_sampler *s, pm_graph *g) {
  pm_sampling a = {.format = &s->format,
                   .n = PM_SAMPLER_BLOCK,
                   .draws = pm_graph_draws(g, PM_SAMPLER_BLOCK),
                   .run = pm_graph_scalar(g, "run", PM_I64)};
  if (s->format.classes) {
    a.labels = pm_graph_input(g, "classes wanted", PM_I32, pm_shape_of(1, (size_t)PM_SAMPLER_BLOCK));
    a.labels_and_none =
        pm_graph_input(g, "classes wanted and none", PM_I32, pm_shape_of(1, (size_t)2 * PM_SAMPLER_BLOCK));
    s->labels = a.labels->buffer;
    s->labels_and_none = a.labels_and_none->buffer;
  }
  s->seed = a.draws.seed->buffer;
  s->step = a.draws.step->buffer;
  s->first = a.draws.first->buffer;
  s->number = a.run->buffer;
  return a;
}

/* A stage that ends in a state and not in images. */
static void compile_part(pm_sampler *s, stage *stage, void (*build)(pm_graph *, const void *, const pm_sampling *)) {
  if (!build)
    return;
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  build(g, s->settings, &a);
  stage->program = s->store->backend->compile(g);
}

/* Graphs that are built and thrown away; an autoencoder's first, so that the encoder comes before the decoder. */
void pm_sampler_register(pm_sampler *s) {
  if (s->store->sealed)
    return;
  if (s->method->reconstruct) {
    pm_graph *g = new_graph(s);
    s->method->reconstruct(g, s->settings, images_input(s, g, "images in"));
  }
  if (s->method->sample_run) {
    pm_graph *g = new_graph(s);
    pm_sampling a = sampling(s, g);
    s->method->sample_run(g, s->settings, &a);
  }
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  s->method->sample(g, s->settings, &a);
}

void pm_sampler_prepare(pm_sampler *s) {
  if (s->draw.program)
    return;
  pm_sampler_register(s);
  s->runs = s->method->sample_runs ? s->method->sample_runs(s->settings, &s->format) : 0;
  compile_part(s, &s->run, s->method->sample_run);
  compile_part(s, &s->begin, s->method->sample_begin);
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  compile(s, &s->draw, g, s->method->sample(g, s->settings, &a));
}

pm_tensor pm_sampler_room(pm_sampler *s, pm_arena *arena, size_t count) {
  pm_sampler_prepare(s);
  pm_shape shape = s->draw.made->shape;
  shape.dim[0] = count;
  return pm_tensor_new(arena, s->draw.made->dtype, shape);
}

static void write_number(pm_sampler *s, pm_buffer *scalar, uint64_t number) {
  int64_t value = (int64_t)number;
  pm_store_write(s->store, scalar, 0, &value, 1);
}

/* Bytes of one of what a stage makes. */
static size_t one(const stage *stage) {
  return pm_count(stage->made) / PM_SAMPLER_BLOCK * ITEM;
}

/* Runs a stage and copies `count` of its block, from number `from` on, to number `at` of out. */
static void run_block(pm_sampler *s, const stage *stage, size_t from, size_t count, void *out, size_t at) {
  pm_arena *scratch = pm_arena_new();
  char *block = pm_alloc(scratch, PM_SAMPLER_BLOCK, one(stage));
  s->store->backend->run(stage->program);
  s->store->backend->read_value(stage->program, stage->made, block);
  memcpy((char *)out + at * one(stage), block + from * one(stage), count * one(stage));
  pm_arena_free(scratch);
}

static size_t block_count(size_t count, size_t done) {
  return count - done < PM_SAMPLER_BLOCK ? count - done : PM_SAMPLER_BLOCK;
}

/* The class of sprite `number` by the shares; one without a share is never drawn, whatever is lost in rounding. */
static int32_t draw_class(const pm_sprite_format *f, uint64_t seed, uint64_t number) {
  pm_rng rng = pm_rng_start(seed, "sample class", number);
  if (!f->class_shares)
    return (int32_t)pm_rng_below(&rng, (uint32_t)f->classes);
  double left = pm_rng_unit(&rng);
  size_t drawn = 0;
  for (size_t c = 0; c < f->classes && left >= 0; c++)
    if (f->class_shares[c] > 0) {
      drawn = c;
      left -= (double)f->class_shares[c];
    }
  return (int32_t)drawn;
}

void pm_sampler_classes(const pm_sampler *s, uint64_t seed, uint64_t first, size_t count, int32_t label, int32_t *out) {
  const pm_sprite_format *f = &s->format;
  for (size_t k = 0; k < count; k++)
    out[k] = !f->classes || label == PM_ANY_CLASS ? (int32_t)f->classes
             : label == PM_EACH_CLASS             ? (int32_t)((first + k) % f->classes)
             : label == PM_BY_SHARE               ? draw_class(f, seed, first + k)
                                                  : label;
}

/* labels[n]; the rest of the block is of any class, as is the second half of guidance. */
static void write_labels(pm_sampler *s, const int32_t *labels, size_t n) {
  int32_t both[2 * PM_SAMPLER_BLOCK];
  if (!s->labels)
    return;
  for (size_t k = 0; k < (size_t)2 * PM_SAMPLER_BLOCK; k++)
    both[k] = labels && k < n ? labels[k] : (int32_t)s->format.classes;
  pm_store_write(s->store, s->labels, 0, both, PM_SAMPLER_BLOCK);
  pm_store_write(s->store, s->labels_and_none, 0, both, (size_t)2 * PM_SAMPLER_BLOCK);
}

static void show(pm_sampler *s, size_t run, pm_sampler_watch watch, void *context) {
  if (!watch)
    return;
  pm_arena *scratch = pm_arena_new();
  void *block = pm_alloc(scratch, PM_SAMPLER_BLOCK, one(&s->draw));
  run_block(s, &s->draw, 0, PM_SAMPLER_BLOCK, block, 0);
  watch(context, run, s->runs, block);
  pm_arena_free(scratch);
}

/* Brings the states of a block to where the last stage makes sprites of them. */
static void go_through(pm_sampler *s, pm_sampler_watch watch, void *context) {
  if (s->begin.program)
    s->store->backend->run(s->begin.program);
  for (size_t run = 0; run < s->runs; run++) {
    show(s, run, watch, context);
    write_number(s, s->number, run);
    s->store->backend->run(s->run.program);
  }
  show(s, s->runs, watch, context);
}

/* Blocks begin at multiples of their size, wherever `first` is: a sprite's place in its block is part of its bits. */
void pm_sampler_draw(pm_sampler *s, uint64_t seed, uint64_t first, size_t count, int32_t label, void *out,
                     pm_sampler_watch watch, void *context) {
  pm_sampler_prepare(s);
  write_number(s, s->seed, seed);
  write_number(s, s->step, 0);
  for (uint64_t at = first; at < first + count;) {
    uint64_t begin = at / PM_SAMPLER_BLOCK * PM_SAMPLER_BLOCK, end = begin + PM_SAMPLER_BLOCK;
    if (end > first + count)
      end = first + count;
    write_number(s, s->first, begin);
    int32_t labels[PM_SAMPLER_BLOCK];
    pm_sampler_classes(s, seed, begin, PM_SAMPLER_BLOCK, label, labels);
    write_labels(s, labels, PM_SAMPLER_BLOCK);
    go_through(s, watch, context);
    run_block(s, &s->draw, at - begin, end - at, out, at - first);
    at = end;
  }
}

void pm_sampler_reconstruct(pm_sampler *s, const float *in, size_t count, float *out) {
  if (!s->reconstruct.program) {
    pm_graph *g = new_graph(s);
    pm_value *images = images_input(s, g, "images in");
    s->in = images->buffer;
    compile(s, &s->reconstruct, g, s->method->reconstruct(g, s->settings, images));
  }
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->in, 0, in + done * s->sprite, n * s->sprite);
    run_block(s, &s->reconstruct, 0, n, out, done);
  }
}

void pm_sampler_interpolate(pm_sampler *s, const float *a, const float *b, size_t count, float *out) {
  if (!s->interpolate.program) {
    pm_graph *g = new_graph(s);
    pm_value *from = images_input(s, g, "images in"), *to = images_input(s, g, "images to");
    pm_value *weights = pm_graph_input(g, "weights", PM_F32, pm_shape_of(1, (size_t)PM_SAMPLER_BLOCK));
    s->in = from->buffer;
    s->to = to->buffer;
    s->mix = weights->buffer;
    compile(s, &s->interpolate, g, s->method->interpolate(g, s->settings, from, to, weights));
  }
  for (size_t k = 0; k < PM_SAMPLER_BLOCK; k++) {
    pm_store_write(s->store, s->in, k * s->sprite, a, s->sprite);
    pm_store_write(s->store, s->to, k * s->sprite, b, s->sprite);
  }
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    float weights[PM_SAMPLER_BLOCK] = {0};
    for (size_t k = 0; k < block_count(count, done); k++)
      weights[k] = count > 1 ? (float)(done + k) / (float)(count - 1) : 0;
    pm_store_write(s->store, s->mix, 0, weights, PM_SAMPLER_BLOCK);
    run_block(s, &s->interpolate, 0, block_count(count, done), out, done);
  }
}

/* The sprites as a loss would get them. */
static pm_batch sprites_batch(pm_sampler *s, pm_graph *g) {
  const pm_sprite_format *f = &s->format;
  pm_sampling a = sampling(s, g);
  pm_batch batch = {.format = f, .labels = a.labels, .draws = a.draws};
  batch.pixels = pm_graph_input(g, "pixels in", PM_U8, pm_shape_of(3, (size_t)PM_SAMPLER_BLOCK, f->height, f->width));
  batch.images = pm_colour_lookup(g, batch.pixels,
                                  pm_graph_constant(g, "colours", pm_shape_of(2, f->colours, f->channels), f->table));
  s->pixels = batch.pixels->buffer;
  return batch;
}

bool pm_sampler_has_bits(pm_sampler *s) {
  if (!s->method->bits || !s->format.colours)
    return false;
  if (s->bits.program)
    return true;
  pm_graph *g = new_graph(s);
  pm_batch batch = sprites_batch(s, g);
  pm_value *made = s->method->bits(g, s->settings, &batch);
  if (made)
    compile(s, &s->bits, g, made);
  return made;
}

/* sum[n] += an estimate of each sprite of the block. */
static void add_draw(pm_sampler *s, size_t n, size_t draw, double *sum) {
  float block[PM_SAMPLER_BLOCK];
  write_number(s, s->step, draw);
  run_block(s, &s->bits, 0, n, block, 0);
  for (size_t k = 0; k < n; k++)
    sum[k] += (double)block[k];
}

void pm_sampler_bits(pm_sampler *s, const unsigned char *pixels, const int32_t *labels, size_t count, uint64_t seed,
                     size_t draws, float *out) {
  const size_t sprite = s->format.height * s->format.width;
  bool known = pm_sampler_has_bits(s);
  assert(known && draws && (!labels || s->format.classes));
  (void)known;
  if (s->method->bits_are_exact)
    draws = 1;
  write_number(s, s->seed, seed);
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    size_t n = block_count(count, done);
    double sum[PM_SAMPLER_BLOCK] = {0};
    pm_store_write(s->store, s->pixels, 0, pixels + done * sprite, n * sprite);
    write_number(s, s->first, done);
    write_labels(s, labels ? labels + done : NULL, n);
    for (size_t draw = 0; draw < draws; draw++)
      add_draw(s, n, draw, sum);
    for (size_t k = 0; k < n; k++)
      out[done + k] = (float)(sum[k] / (double)draws);
  }
}

pm_code_format pm_sampler_codes(const pm_sampler *s) {
  return s->method->codes(s->settings, &s->format);
}

void pm_sampler_encode(pm_sampler *s, const float *in, size_t count, int32_t *out) {
  if (!s->encode.program) {
    pm_graph *g = new_graph(s);
    pm_value *images = images_input(s, g, "images in");
    s->in = images->buffer;
    compile(s, &s->encode, g, s->method->encode(g, s->settings, images));
  }
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->in, 0, in + done * s->sprite, n * s->sprite);
    run_block(s, &s->encode, 0, n, out, done);
  }
}

void pm_sampler_decode(pm_sampler *s, const int32_t *codes, size_t count, float *out) {
  const pm_code_format f = pm_sampler_codes(s);
  size_t grid = f.height * f.width;
  if (!s->decode.program) {
    pm_graph *g = new_graph(s);
    pm_shape shape = pm_shape_of(3, (size_t)PM_SAMPLER_BLOCK, f.height, f.width);
    pm_value *in = pm_graph_input(g, "codes in", PM_I32, shape);
    s->codes_in = in->buffer;
    compile(s, &s->decode, g, s->method->decode(g, s->settings, in, &s->format));
  }
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->codes_in, 0, codes + done * grid, n * grid);
    run_block(s, &s->decode, 0, n, out, done);
  }
}
