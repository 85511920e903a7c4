#include "train/sampler.h"

#include "nn/backend.h"
#include "nn/ops.h"

#include <string.h>

/* One compiled graph and the image that it makes. */
typedef struct {
  pm_program *program;
  pm_value *images;
} stage;

struct pm_sampler {
  pm_arena *arena;
  pm_store *store;
  const pm_method *method;
  const void *settings;
  pm_sprite_format format;
  size_t sprite; /* floats */
  float *block;  /* one block of sprites on the host */
  stage draw, reconstruct, interpolate;
  pm_buffer *seed, *step, *first, *in, *to, *weights;
};

pm_sampler *pm_sampler_new(pm_arena *arena, pm_store *store, const pm_method *method, const void *settings,
                           const pm_sprite_format *format) {
  pm_sampler *s = pm_alloc(arena, 1, sizeof *s);
  *s = (pm_sampler){.arena = arena, .store = store, .method = method, .settings = settings, .format = *format};
  s->sprite = format->height * format->width * format->channels;
  s->block = pm_alloc(arena, PM_SAMPLER_BLOCK * s->sprite, sizeof *s->block);
  return s;
}

void pm_sampler_free(pm_sampler *s) {
  if (!s)
    return;
  stage *all[] = {&s->draw, &s->reconstruct, &s->interpolate};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    s->store->backend->free_program(all[i]->program);
}

static void compile(pm_sampler *s, stage *stage, pm_graph *g, pm_value *images) {
  stage->images = pm_keep(images, "images");
  stage->program = s->store->backend->compile(g);
}

static pm_value *images_input(pm_sampler *s, pm_graph *g, const char *name) {
  const pm_sprite_format *f = &s->format;
  return pm_graph_input(g, name, PM_F32, pm_shape_of(4, (size_t)PM_SAMPLER_BLOCK, f->height, f->width, f->channels));
}

void pm_sampler_prepare(pm_sampler *s) {
  if (s->draw.program)
    return;
  pm_graph *g = pm_graph_new(s->arena, s->store, false);
  pm_batch batch = {.seed = pm_graph_scalar(g, "seed", PM_I64),
                    .step = pm_graph_scalar(g, "step", PM_I64),
                    .first = pm_graph_scalar(g, "first", PM_I64)};
  s->seed = batch.seed->buffer;
  s->step = batch.step->buffer;
  s->first = batch.first->buffer;
  pm_value *images = s->method->sample(g, s->settings, &s->format, &batch, PM_SAMPLER_BLOCK);
  if (s->method->reconstruct && !s->store->sealed) { /* the encoder's parameters are registered with the others */
    s->method->reconstruct(g, s->settings, images_input(s, g, "images in"));
  }
  compile(s, &s->draw, g, images);
}

static void write_number(pm_sampler *s, pm_buffer *scalar, uint64_t number) {
  int64_t value = (int64_t)number;
  pm_store_write(s->store, scalar, 0, &value, 1);
}

/* Runs a stage and copies `count` sprites of its block, from number `from` on. */
static void run_block(pm_sampler *s, const stage *stage, size_t from, size_t count, float *out) {
  s->store->backend->run(stage->program);
  s->store->backend->read_value(stage->program, stage->images, s->block);
  memcpy(out, s->block + from * s->sprite, count * s->sprite * sizeof *out);
}

static size_t block_count(size_t count, size_t done) {
  return count - done < PM_SAMPLER_BLOCK ? count - done : PM_SAMPLER_BLOCK;
}

/* Blocks begin at multiples of their size, wherever `first` is: a sprite's place in its block is part of its bits. */
void pm_sampler_draw(pm_sampler *s, uint64_t seed, uint64_t first, size_t count, float *out) {
  pm_sampler_prepare(s);
  write_number(s, s->seed, seed);
  write_number(s, s->step, 0);
  for (uint64_t at = first; at < first + count;) {
    uint64_t begin = at / PM_SAMPLER_BLOCK * PM_SAMPLER_BLOCK, end = begin + PM_SAMPLER_BLOCK;
    if (end > first + count)
      end = first + count;
    write_number(s, s->first, begin);
    run_block(s, &s->draw, at - begin, end - at, out + (at - first) * s->sprite);
    at = end;
  }
}

void pm_sampler_reconstruct(pm_sampler *s, const float *in, size_t count, float *out) {
  if (!s->reconstruct.program) {
    pm_graph *g = pm_graph_new(s->arena, s->store, false);
    pm_value *images = images_input(s, g, "images in");
    s->in = images->buffer;
    compile(s, &s->reconstruct, g, s->method->reconstruct(g, s->settings, images));
  }
  for (size_t done = 0; done < count; done += PM_SAMPLER_BLOCK) {
    size_t n = block_count(count, done);
    pm_store_write(s->store, s->in, 0, in + done * s->sprite, n * s->sprite);
    run_block(s, &s->reconstruct, 0, n, out + done * s->sprite);
  }
}

void pm_sampler_interpolate(pm_sampler *s, const float *a, const float *b, size_t count, float *out) {
  if (!s->interpolate.program) {
    pm_graph *g = pm_graph_new(s->arena, s->store, false);
    pm_value *from = images_input(s, g, "images in"), *to = images_input(s, g, "images to");
    pm_value *weights = pm_graph_input(g, "weights", PM_F32, pm_shape_of(1, (size_t)PM_SAMPLER_BLOCK));
    s->in = from->buffer;
    s->to = to->buffer;
    s->weights = weights->buffer;
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
    pm_store_write(s->store, s->weights, 0, weights, PM_SAMPLER_BLOCK);
    run_block(s, &s->interpolate, 0, block_count(count, done), out + done * s->sprite);
  }
}
