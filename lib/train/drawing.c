#include "train/drawing.h"

#include "core/options.h"
#include "train/progress.h"

#include <assert.h>
#include <string.h>

static const pm_sprite_format *format_of(const pm_drawing *d) {
  return &d->asked.model->facts.format;
}

/* How many particles pay: one where nothing is fixed. */
static size_t particles_for(const pm_drawing_request *r, bool fixed) {
  return fixed && r->settings->method->draws_particles ? r->particles : 1;
}

static void check_takes_hints(const pm_drawing_request *r) {
  const pm_method *method = r->settings->method;
  if (!method->takes_hints || !method->takes_hints(r->settings->model))
    pm_fail(PM_BAD_INPUT, r->model->place,
            "this %s takes no hints, so nothing of its sprites can be fixed; docs/hints.md says which models do",
            method->summary);
}

/* Whether a sprite is of one class while it is drawn: not where particles of several compete. */
static bool knows_classes(const pm_drawing *d) {
  const pm_drawing_request *r = &d->asked;
  return r->label != PM_BY_SHARE || !d->hinted || d->hinted->hints.classes ||
         particles_for(r, pm_hints_weigh(r->hints)) == 1;
}

/* Rolling by half the size takes the axis to itself only where there is a half. */
static void check_tiling(const pm_drawing_request *r) {
  if (r->tiling & PM_TILE_X && r->hints->symmetric && r->model->facts.format.width % 2)
    pm_fail(PM_BAD_INPUT, r->model->place,
            "tiles along x that are symmetric need an even width; the model draws %zu x %zu",
            r->model->facts.format.width, r->model->facts.format.height);
}

pm_drawing pm_drawing_new(pm_arena *arena, const pm_drawing_request *r) {
  pm_drawing d = {.asked = *r};
  const bool asked = pm_hints_asked(r->hints);
  if (asked || r->tiling)
    check_takes_hints(r);
  check_tiling(r);
  if (asked) {
    d.hinted = pm_alloc(arena, 1, sizeof *d.hinted);
    *d.hinted = pm_hints_make(arena, r->hints, &r->model->facts, r->count, r->seed);
  }
  d.ready = pm_model_make_ready(arena, r->backend, r->model, r->settings, d.hinted ? &d.hinted->hints : NULL,
                                particles_for(r, pm_hints_weigh(r->hints)));
  if (asked && r->label == PM_BY_SHARE)
    pm_hints_classify(arena, d.hinted, &r->model->facts, r->settings->method, d.ready.inference);
  return d;
}

void pm_drawing_free(pm_drawing *d) {
  pm_ready_model_free(&d->ready);
}

/* All sprites, a block at a time. */
static void draw_blocks(const pm_drawing *d, pm_inference *inference, pm_tensor *out) {
  const pm_drawing_request *r = &d->asked;
  const size_t one = pm_shape_count(out->shape) / r->count * pm_dtype_size(out->dtype);
  const size_t block = pm_inference_block(inference);
  pm_progress progress = pm_progress_start("sprites", 0, (int64_t)r->count);
  for (size_t at = 0; at < r->count; at += block) {
    const size_t n = r->count - at < block ? r->count - at : block;
    pm_inference_draw(inference, r->seed, at, n, r->label, (char *)out->data + at * one, NULL, NULL);
    pm_progress_show(&progress, (int64_t)(at + n), "");
  }
  pm_progress_clear(&progress);
}

/* What is fixed of each sprite besides its edges, with the class that it was drawn for, where one was. */
static pm_hints fixed_besides(pm_arena *arena, const pm_drawing *d) {
  const pm_drawing_request *r = &d->asked;
  pm_hints fixed = d->hinted ? d->hinted->hints : pm_hints_new(arena, format_of(d), r->count);
  if (knows_classes(d)) {
    fixed.classes = pm_alloc(arena, r->count, sizeof *fixed.classes);
    pm_inference_classes(d->ready.inference, r->seed, 0, r->count, r->label, fixed.classes);
  }
  return fixed;
}

typedef struct {
  pm_arena *arena;
  const pm_drawing *drawing;
  pm_ready_model again; /* no inference: not made yet */
  pm_tensor *sprites;
} seams;

static void draw_seam(void *context, pm_hints *hints, float *sprites) {
  seams *s = context;
  const pm_drawing_request *r = &s->drawing->asked;
  const size_t particles = particles_for(r, true);
  assert(sprites == s->sprites->data);
  if (s->again.inference)
    pm_inference_follow(s->again.inference, hints, particles);
  else
    s->again = pm_model_make_ready(s->arena, r->backend, r->model, r->settings, hints, particles);
  draw_blocks(s->drawing, s->again.inference, s->sprites);
}

pm_tensor pm_draw_sprites(pm_arena *arena, const pm_drawing *d) {
  pm_tensor out = pm_inference_room(d->ready.inference, arena, d->asked.count);
  draw_blocks(d, d->ready.inference, &out);
  if (d->asked.tiling) {
    const pm_hints fixed = fixed_besides(arena, d);
    seams s = {.arena = arena, .drawing = d, .sprites = &out};
    pm_close_seams(arena, &d->asked.model->facts, out.data, d->asked.count, &fixed, d->asked.tiling, draw_seam, &s);
    pm_ready_model_free(&s.again);
  }
  return out;
}

/* The first sprite of the first block after each step, one behind the other. */
typedef struct {
  pm_arena *arena;
  const pm_sprite_format *format;
  pm_tensor frames;
} film;

static void keep_frame(void *context, size_t step, size_t steps, const float *images) {
  film *f = context;
  const pm_sprite_format *format = f->format;
  const size_t sprite = format->height * format->width * format->channels;
  if (!f->frames.data)
    f->frames =
        pm_tensor_new(f->arena, PM_F32, pm_shape_of(4, steps + 1, format->height, format->width, format->channels));
  memcpy((float *)f->frames.data + step * sprite, images, sprite * sizeof(float));
}

pm_tensor pm_draw_steps(pm_arena *arena, const pm_drawing *d) {
  pm_arena *scratch = pm_arena_new();
  pm_tensor one = pm_inference_room(d->ready.inference, scratch, 1);
  film f = {arena, format_of(d), {0}};
  pm_inference_draw(d->ready.inference, d->asked.seed, 0, 1, d->asked.label, one.data, keep_frame, &f);
  pm_arena_free(scratch);
  return f.frames;
}

pm_tensor pm_drawn_classes(pm_arena *arena, const pm_drawing *d) {
  const pm_drawing_request *r = &d->asked;
  if (!knows_classes(d))
    pm_wrong_usage("--save-labels: without --class each particle has a class of its own, and what is fixed decides");
  pm_tensor labels = pm_tensor_new(arena, PM_I32, pm_shape_of(1, r->count));
  pm_inference_classes(d->ready.inference, r->seed, 0, r->count, r->label, labels.data);
  return labels;
}
