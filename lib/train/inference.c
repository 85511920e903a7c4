#include "train/inference.h"

#include "core/random.h"
#include "nn/backend.h"
#include "nn/ops.h"
#include "pixels/sprites.h"

#include <string.h>

/* One compiled graph and what it makes: sprites PM_F32 [block,H,W,C] or codes PM_I32 [block,h,w]. */
typedef struct {
  pm_program *program;
  pm_value *made;
} stage;

enum { ITEM = 4 }; /* bytes of a float and of a code */

/* What is written before a graph of `rows` rows runs. */
typedef struct {
  size_t rows;
  pm_buffer *seed, *step, *first, *number, *labels, *labels_and_none, *hints, *banned;
} inputs;

struct pm_inference {
  pm_arena *arena;
  pm_store *store;
  pm_weights weights;
  const pm_method *method;
  const void *settings;
  pm_sprite_format format;
  size_t sprite; /* floats */
  stage begin, step, draw, reconstruct, interpolate, bits, encode, decode;
  size_t steps;
  const pm_hints *hints; /* NULL: none */
  size_t particles;      /* rows of a new sprite, at least 1 */
  inputs drawing, of_bits;
  pm_buffer *in, *to, *mix, *pixels, *codes_in;
};

pm_inference *pm_inference_new(pm_arena *arena, pm_store *store, pm_weights weights, const pm_method *method,
                               const void *settings, const pm_sprite_format *format) {
  pm_inference *s = pm_alloc(arena, 1, sizeof *s);
  *s = (pm_inference){.arena = arena,
                      .store = store,
                      .weights = weights,
                      .method = method,
                      .settings = settings,
                      .format = *format,
                      .particles = 1};
  s->sprite = format->height * format->width * format->channels;
  return s;
}

void pm_inference_free(pm_inference *s) {
  if (!s)
    return;
  stage *all[] = {&s->begin, &s->step, &s->draw, &s->reconstruct, &s->interpolate, &s->bits, &s->encode, &s->decode};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    s->store->backend->free_program(all[i]->program);
}

static pm_graph *new_graph(const pm_inference *s) {
  pm_graph *g = pm_graph_new(s->arena, s->store, false);
  g->weights = s->weights;
  return g;
}

void pm_inference_follow(pm_inference *s, const pm_hints *hints, size_t particles) {
  assert(s->method->takes_hints && particles && particles <= PM_MOST_PARTICLES);
  assert(!s->drawing.rows || (s->hints && particles == s->particles));
  s->hints = hints;
  s->particles = particles;
}

/* Rows are what costs time, so that a sprite of many particles is alone. */
size_t pm_inference_block(const pm_inference *s) {
  return s->particles < PM_INFERENCE_BLOCK ? PM_INFERENCE_BLOCK / s->particles : 1;
}

static void compile(pm_inference *s, stage *stage, pm_graph *g, pm_value *made) {
  assert(pm_dtype_size(made->dtype) == ITEM);
  stage->made = pm_keep(made, "made");
  stage->program = s->store->backend->compile(g);
}

static pm_value *images_input(pm_inference *s, pm_graph *g, const char *name) {
  const pm_sprite_format *f = &s->format;
  return pm_graph_input(g, name, PM_F32, pm_shape_of(4, (size_t)PM_INFERENCE_BLOCK, f->height, f->width, f->channels));
}

/* The labels of `rows` rows; graphs of one number of rows share them. */
static void label_inputs(const pm_inference *s, pm_graph *g, inputs *in, pm_sampling *a) {
  const char *rows = in->rows == PM_INFERENCE_BLOCK ? "" : pm_format(s->arena, " of %zu", in->rows);
  if (!s->format.classes)
    return;
  a->labels = pm_graph_input(g, pm_format(s->arena, "classes wanted%s", rows), PM_I32, pm_shape_of(1, in->rows));
  a->labels_and_none =
      pm_graph_input(g, pm_format(s->arena, "classes wanted and none%s", rows), PM_I32, pm_shape_of(1, 2 * in->rows));
  in->labels = a->labels->buffer;
  in->labels_and_none = a->labels_and_none->buffer;
}

static pm_sampling inputs_of(const pm_inference *s, pm_graph *g, inputs *in, size_t rows) {
  pm_sampling a = {.format = &s->format,
                   .n = rows,
                   .draws = pm_graph_draws(g, rows),
                   .step = pm_graph_scalar(g, "sampling step", PM_I64),
                   .particles = 1};
  in->rows = rows;
  label_inputs(s, g, in, &a);
  in->seed = a.draws.seed->buffer;
  in->step = a.draws.step->buffer;
  in->first = a.draws.first->buffer;
  in->number = a.step->buffer;
  return a;
}

static pm_sampling sampling(pm_inference *s, pm_graph *g) {
  const pm_sprite_format *f = &s->format;
  const size_t sprites = pm_inference_block(s);
  pm_sampling a = inputs_of(s, g, &s->drawing, sprites * s->particles);
  if (s->hints) {
    a.particles = s->particles;
    a.hints = pm_graph_input(g, "hints", PM_I32, pm_shape_of(3, sprites, f->height, f->width));
    a.banned = pm_graph_input(g, "banned", PM_F32, pm_shape_of(1, f->colours));
    s->drawing.hints = a.hints->buffer;
    s->drawing.banned = a.banned->buffer;
  }
  return a;
}

/* A stage that ends in a state and not in images. */
static void compile_part(pm_inference *s, stage *stage, void (*build)(pm_graph *, const void *, const pm_sampling *)) {
  if (!build)
    return;
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  build(g, s->settings, &a);
  stage->program = s->store->backend->compile(g);
}

/* Graphs that are built and thrown away; an autoencoder's first, so that the encoder comes before the decoder. */
void pm_inference_register(pm_inference *s) {
  if (s->store->sealed)
    return;
  if (s->method->reconstruct) {
    pm_graph *g = new_graph(s);
    s->method->reconstruct(g, s->settings, images_input(s, g, "images in"));
  }
  if (s->method->sample_step) {
    pm_graph *g = new_graph(s);
    pm_sampling a = sampling(s, g);
    s->method->sample_step(g, s->settings, &a);
  }
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  s->method->sample(g, s->settings, &a);
}

void pm_inference_prepare(pm_inference *s) {
  if (s->draw.program)
    return;
  pm_inference_register(s);
  s->steps = s->method->sample_steps ? s->method->sample_steps(s->settings, &s->format) : 0;
  compile_part(s, &s->step, s->method->sample_step);
  compile_part(s, &s->begin, s->method->sample_begin);
  pm_graph *g = new_graph(s);
  pm_sampling a = sampling(s, g);
  compile(s, &s->draw, g, s->method->sample(g, s->settings, &a));
}

pm_tensor pm_inference_room(pm_inference *s, pm_arena *arena, size_t count) {
  pm_inference_prepare(s);
  pm_shape shape = s->draw.made->shape;
  shape.dim[0] = count;
  return pm_tensor_new(arena, s->draw.made->dtype, shape);
}

static void write_number(pm_inference *s, pm_buffer *scalar, uint64_t number) {
  int64_t value = (int64_t)number;
  pm_store_write(s->store, scalar, 0, &value, 1);
}

/* How many of what it makes a stage makes at once, and the bytes of one. */
static size_t block_of(const stage *stage) {
  return stage->made->shape.dim[0];
}
static size_t one(const stage *stage) {
  return pm_count(stage->made) / block_of(stage) * ITEM;
}

/* Runs a stage and copies `count` of its block, from number `from` on, to number `at` of out. */
static void run_block(pm_inference *s, const stage *stage, size_t from, size_t count, void *out, size_t at) {
  pm_arena *scratch = pm_arena_new();
  char *block = pm_alloc(scratch, block_of(stage), one(stage));
  s->store->backend->run(stage->program);
  s->store->backend->read_value(stage->program, stage->made, block);
  memcpy((char *)out + at * one(stage), block + from * one(stage), count * one(stage));
  pm_arena_free(scratch);
}

static size_t block_count(size_t count, size_t done) {
  return count - done < PM_INFERENCE_BLOCK ? count - done : PM_INFERENCE_BLOCK;
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

/* Of row `row` of sprite `number`. */
static int32_t class_of(const pm_inference *s, uint64_t seed, uint64_t number, uint64_t row, int32_t label) {
  const pm_sprite_format *f = &s->format;
  if (!f->classes || label == PM_ANY_CLASS)
    return (int32_t)f->classes;
  if (label == PM_EACH_CLASS)
    return (int32_t)(number % f->classes);
  if (label != PM_BY_SHARE)
    return label;
  if (s->hints && s->hints->classes)
    return s->hints->classes[number % s->hints->count];
  return draw_class(f, seed, row);
}

void pm_inference_classes(const pm_inference *s, uint64_t seed, uint64_t first, size_t count, int32_t label,
                          int32_t *out) {
  for (size_t k = 0; k < count; k++)
    out[k] = class_of(s, seed, first + k, first + k, label);
}

/* labels[n] of the rows; the rest of them is of any class, as is the second half of guidance. NULL: any. */
static void write_labels(pm_inference *s, const inputs *in, const int32_t *labels, size_t n) {
  if (!in->labels)
    return;
  pm_arena *scratch = pm_arena_new();
  int32_t *both = pm_alloc(scratch, 2 * in->rows, sizeof *both);
  for (size_t k = 0; k < 2 * in->rows; k++)
    both[k] = labels && k < n ? labels[k] : (int32_t)s->format.classes;
  pm_store_write(s->store, in->labels, 0, both, in->rows);
  pm_store_write(s->store, in->labels_and_none, 0, both, 2 * in->rows);
  pm_arena_free(scratch);
}

/* Of the rows of sprites number first … of a seed. */
static void write_wanted(pm_inference *s, uint64_t seed, uint64_t first, int32_t label) {
  const size_t rows = s->drawing.rows, M = s->particles;
  pm_arena *scratch = pm_arena_new();
  int32_t *labels = pm_alloc(scratch, rows, sizeof *labels);
  for (size_t row = 0; row < rows; row++)
    labels[row] = class_of(s, seed, first + row / M, first * M + row, label);
  write_labels(s, &s->drawing, labels, rows);
  pm_arena_free(scratch);
}

static void write_hints(pm_inference *s, uint64_t first) {
  const size_t sprite = s->format.height * s->format.width;
  if (!s->hints)
    return;
  for (size_t k = 0; k < pm_inference_block(s); k++)
    pm_store_write(s->store, s->drawing.hints, k * sprite, s->hints->pixel + (first + k) % s->hints->count * sprite,
                   sprite);
  float banned[PM_MAX_COLOURS];
  for (size_t k = 0; k < s->format.colours; k++)
    banned[k] = s->hints->banned && s->hints->banned[k] ? (float)PM_BANNED : 0;
  pm_store_write(s->store, s->drawing.banned, 0, banned, s->format.colours);
}

static void show(pm_inference *s, size_t step, pm_inference_watch watch, void *context) {
  if (!watch)
    return;
  pm_arena *scratch = pm_arena_new();
  void *block = pm_alloc(scratch, block_of(&s->draw), one(&s->draw));
  run_block(s, &s->draw, 0, block_of(&s->draw), block, 0);
  watch(context, step, s->steps, block);
  pm_arena_free(scratch);
}

/* Brings the states of a block to where the last stage makes sprites of them. */
static void go_through(pm_inference *s, pm_inference_watch watch, void *context) {
  if (s->begin.program)
    s->store->backend->run(s->begin.program);
  const size_t between = watch ? 1 : s->steps; /* steps at once, where nobody watches all of them */
  for (size_t step = 0; step < s->steps; step += between) {
    show(s, step, watch, context);
    pm_run_counted(s->store->backend, s->step.program, s->drawing.number, (int64_t)step, between);
  }
  show(s, s->steps, watch, context);
}

/* Blocks begin at multiples of their size, wherever `first` is: a sprite's place in its block is part of its bits. */
void pm_inference_draw(pm_inference *s, uint64_t seed, uint64_t first, size_t count, int32_t label, void *out,
                       pm_inference_watch watch, void *context) {
  pm_inference_prepare(s);
  const size_t block = pm_inference_block(s);
  write_number(s, s->drawing.seed, seed);
  write_number(s, s->drawing.step, 0);
  for (uint64_t at = first; at < first + count;) {
    uint64_t begin = at / block * block, end = begin + block;
    if (end > first + count)
      end = first + count;
    write_number(s, s->drawing.first, begin * s->particles);
    write_wanted(s, seed, begin, label);
    write_hints(s, begin);
    go_through(s, watch, context);
    run_block(s, &s->draw, at - begin, end - at, out, at - first);
    at = end;
  }
}

void pm_inference_reconstruct(pm_inference *s, const float *in, size_t count, float *out) {
  if (!s->reconstruct.program) {
    pm_graph *g = new_graph(s);
    pm_value *images = images_input(s, g, "images in");
    s->in = images->buffer;
    compile(s, &s->reconstruct, g, s->method->reconstruct(g, s->settings, images));
  }
  for (size_t done = 0; done < count; done += PM_INFERENCE_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->in, 0, in + done * s->sprite, n * s->sprite);
    run_block(s, &s->reconstruct, 0, n, out, done);
  }
}

void pm_inference_interpolate(pm_inference *s, const float *a, const float *b, size_t count, float *out) {
  if (!s->interpolate.program) {
    pm_graph *g = new_graph(s);
    pm_value *from = images_input(s, g, "images in"), *to = images_input(s, g, "images to");
    pm_value *weights = pm_graph_input(g, "weights", PM_F32, pm_shape_of(1, (size_t)PM_INFERENCE_BLOCK));
    s->in = from->buffer;
    s->to = to->buffer;
    s->mix = weights->buffer;
    compile(s, &s->interpolate, g, s->method->interpolate(g, s->settings, from, to, weights));
  }
  for (size_t k = 0; k < PM_INFERENCE_BLOCK; k++) {
    pm_store_write(s->store, s->in, k * s->sprite, a, s->sprite);
    pm_store_write(s->store, s->to, k * s->sprite, b, s->sprite);
  }
  for (size_t done = 0; done < count; done += PM_INFERENCE_BLOCK) {
    float weights[PM_INFERENCE_BLOCK] = {0};
    for (size_t k = 0; k < block_count(count, done); k++)
      weights[k] = count > 1 ? (float)(done + k) / (float)(count - 1) : 0;
    pm_store_write(s->store, s->mix, 0, weights, PM_INFERENCE_BLOCK);
    run_block(s, &s->interpolate, 0, block_count(count, done), out, done);
  }
}

/* The sprites as a loss would get them. */
static pm_batch sprites_batch(pm_inference *s, pm_graph *g) {
  const pm_sprite_format *f = &s->format;
  pm_sampling a = inputs_of(s, g, &s->of_bits, PM_INFERENCE_BLOCK);
  pm_batch batch = {.format = f, .labels = a.labels, .draws = a.draws};
  batch.pixels = pm_graph_input(g, "pixels in", PM_U8, pm_shape_of(3, (size_t)PM_INFERENCE_BLOCK, f->height, f->width));
  batch.images = pm_colour_lookup(g, batch.pixels,
                                  pm_graph_constant(g, "colours", pm_shape_of(2, f->colours, f->channels), f->table));
  s->pixels = batch.pixels->buffer;
  return batch;
}

bool pm_inference_has_bits(pm_inference *s) {
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
static void add_draw(pm_inference *s, size_t n, size_t draw, double *sum) {
  float block[PM_INFERENCE_BLOCK];
  write_number(s, s->of_bits.step, draw);
  run_block(s, &s->bits, 0, n, block, 0);
  for (size_t k = 0; k < n; k++)
    sum[k] += (double)block[k];
}

void pm_inference_bits(pm_inference *s, const unsigned char *pixels, const int32_t *labels, size_t count, uint64_t seed,
                       size_t draws, float *out) {
  const size_t sprite = s->format.height * s->format.width;
  bool known = pm_inference_has_bits(s);
  assert(known && draws && (!labels || s->format.classes));
  (void)known;
  if (s->method->bits_are_exact)
    draws = 1;
  write_number(s, s->of_bits.seed, seed);
  for (size_t done = 0; done < count; done += PM_INFERENCE_BLOCK) {
    size_t n = block_count(count, done);
    double sum[PM_INFERENCE_BLOCK] = {0};
    pm_store_write(s->store, s->pixels, 0, pixels + done * sprite, n * sprite);
    write_number(s, s->of_bits.first, done);
    write_labels(s, &s->of_bits, labels ? labels + done : NULL, n);
    for (size_t draw = 0; draw < draws; draw++)
      add_draw(s, n, draw, sum);
    for (size_t k = 0; k < n; k++)
      out[done + k] = (float)(sum[k] / (double)draws);
  }
}

pm_code_format pm_inference_codes(const pm_inference *s) {
  return s->method->codes(s->settings, &s->format);
}

void pm_inference_encode(pm_inference *s, const float *in, size_t count, int32_t *out) {
  if (!s->encode.program) {
    pm_graph *g = new_graph(s);
    pm_value *images = images_input(s, g, "images in");
    s->in = images->buffer;
    compile(s, &s->encode, g, s->method->encode(g, s->settings, images));
  }
  for (size_t done = 0; done < count; done += PM_INFERENCE_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->in, 0, in + done * s->sprite, n * s->sprite);
    run_block(s, &s->encode, 0, n, out, done);
  }
}

void pm_inference_decode(pm_inference *s, const int32_t *codes, size_t count, float *out) {
  const pm_code_format f = pm_inference_codes(s);
  size_t grid = f.height * f.width;
  if (!s->decode.program) {
    pm_graph *g = new_graph(s);
    pm_shape shape = pm_shape_of(3, (size_t)PM_INFERENCE_BLOCK, f.height, f.width);
    pm_value *in = pm_graph_input(g, "codes in", PM_I32, shape);
    s->codes_in = in->buffer;
    compile(s, &s->decode, g, s->method->decode(g, s->settings, in, &s->format));
  }
  for (size_t done = 0; done < count; done += PM_INFERENCE_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->codes_in, 0, codes + done * grid, n * grid);
    run_block(s, &s->decode, 0, n, out, done);
  }
}
