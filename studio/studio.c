/* What the page asks of the library, compiled to WebAssembly: page_model.h's bytes to a model in use, sprites as
 * palette indices, and which of them are copies. One model at a time. What fails calls the page's `fail`, which must
 * not return; after that the page starts anew with another instance. */
#include "backend/backends.h"
#include "eval/copies.h"
#include "studio/page_model.h"
#include "train/inference.h"
#include "train/likeliest_class.h"
#include "train/seam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((import_module("page"), import_name("fail"))) void page_fail(int status, const char *line);

/* Inference for the settings that it was asked for last; others need other graphs. */
typedef struct {
  pm_arena *arena; /* NULL: none yet */
  const char *settings;
  size_t particles; /* 0: it follows no hints */
  pm_store *store;
  pm_inference *inference;
} drawer;

/* The drawing that is on the page, and what of it is to stay. */
typedef struct {
  uint32_t pixels, locks, banned; /* where u8 [H,W], u8 [H,W] and u8 [colours] lie */
  uint32_t symmetric, shape;      /* 1: the right half mirrors the left; only what is background stays background */
  uint32_t particles;             /* of each sprite, where something is fixed */
  uint32_t varied, unused;        /* 1: what is not locked is kept but for the share `strength` */
  double strength;
} wish;

static struct {
  pm_arena *arena; /* NULL: nothing loaded */
  pm_page_model model;
  const pm_figures *figures; /* of the training sprites; made when first asked for */
  drawer free, hinted;       /* each keeps its graphs while the other draws */
  pm_arena *answer;          /* what was handed out last */
} page;

static void fail(void *context, enum pm_status status, const char *line) {
  (void)context;
  page_fail((int)status, line);
}

/* Memory for the page to write into; it gives it back. */
EXPORT("room") void *studio_room(size_t bytes) {
  return malloc(bytes);
}

EXPORT("give_back") void studio_give_back(void *room) {
  free(room);
}

static pm_arena *new_answer(void) {
  pm_arena_free(page.answer);
  return page.answer = pm_arena_new();
}

/* bytes[length] stay where they are as long as the instance is used. */
EXPORT("load") void studio_load(const unsigned char *bytes, size_t length) {
  pm_set_tool_name("studio");
  pm_set_fail_handler(fail, NULL);
  page.arena = pm_arena_new();
  page.model = pm_page_model_read(page.arena, bytes, length);
}

/* ---- settings ---- */

static void set_one(pm_arena *arena, void *settings, const char *key, const char *value) {
  char problem[256];
  const pm_option *row = pm_option_find(page.model.method->keys, key);
  if (row && !pm_option_set(arena, row, settings, value, problem))
    pm_fail(PM_BAD_INPUT, NULL, "%s: %s", key, problem);
}

/* The model's own, then lines "KEY VALUE" of the page. What the method has no key for changes nothing. */
static void *settings_of(pm_arena *arena, const char *lines) {
  void *settings = pm_alloc(arena, 1, page.model.method->settings_size);
  pm_options_reset(page.model.method->keys, settings);
  for (size_t i = 0; i < page.model.sets; i++)
    set_one(arena, settings, page.model.set[2 * i], page.model.set[2 * i + 1]);
  for (char *line = pm_copy_text(arena, lines), *next; *line; line = next) {
    size_t length = strcspn(line, "\n");
    next = line + length + (line[length] != 0);
    line[length] = 0;
    char *blank = strchr(line, ' ');
    if (blank) {
      *blank = 0;
      set_one(arena, settings, line, blank + 1);
    }
  }
  return settings;
}

/* ---- inference ---- */

/* The items as the file has them: float, each. */
static float *floats_of(pm_arena *arena, const pm_page_tensor *t) {
  float *items = pm_alloc(arena, t->items, sizeof *items);
  if (!t->bf16) {
    memcpy(items, t->data, t->items * sizeof *items);
    return items;
  }
  for (size_t i = 0; i < t->items; i++) { /* a bfloat16 is the upper half of a float */
    uint32_t bits = (uint32_t)t->data[2 * i] << 16 | (uint32_t)t->data[2 * i + 1] << 24;
    memcpy(items + i, &bits, sizeof bits);
  }
  return items;
}

static const pm_slot *slot_of(const pm_store *store, const pm_page_tensor *t) {
  const pm_slot *slot = pm_store_find_slot(store, t->name);
  if (!slot || slot->dtype != PM_F32 || pm_shape_count(slot->shape) != t->items)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "the tensor '%s' of %zu numbers has no place in this model", t->name,
            t->items);
  return slot;
}

static void load_weights(pm_store *store) {
  for (size_t i = 0; i < page.model.tensors; i++) {
    pm_arena *scratch = pm_arena_new();
    const pm_slot *slot = slot_of(store, &page.model.tensor[i]);
    pm_slot_write(store, slot, slot->role == PM_PARAM ? store->parameters : store->states,
                  floats_of(scratch, &page.model.tensor[i]));
    pm_arena_free(scratch);
  }
}

static void build(drawer *d, const char *settings, const pm_hints *hints, size_t particles) {
  const pm_page_model *m = &page.model;
  d->arena = pm_arena_new();
  d->settings = pm_copy_text(d->arena, settings);
  d->particles = particles;
  const void *own = settings_of(d->arena, settings);
  if (m->method->check)
    m->method->check(own, &m->facts.format, PM_PAGE_MODEL_PLACE);
  if (hints && !(m->method->takes_hints && m->method->takes_hints(own)))
    pm_fail(PM_BAD_INPUT, NULL, "this model draws whole sprites alone; unlock all and leave symmetric and tile out");
  d->store = pm_store_new(d->arena, pm_backend_find("cpu", (pm_precision)m->precision));
  d->inference = pm_inference_new(d->arena, d->store, pm_own_weights(), m->method, own, &m->facts.format);
  if (hints)
    pm_inference_follow(d->inference, hints, particles);
  pm_inference_register(d->inference);
  if (d->store->slots != m->tensors)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "has %zu tensors; expected %zu", m->tensors, d->store->slots);
  pm_inference_prepare(d->inference);
  load_weights(d->store);
}

static void drop(drawer *d) {
  if (d->arena) {
    pm_inference_free(d->inference);
    pm_store_free(d->store);
    pm_arena_free(d->arena);
  }
  *d = (drawer){0};
}

/* hints: NULL for none. */
static pm_inference *inference_for(const char *settings, const pm_hints *hints, size_t particles) {
  drawer *d = hints ? &page.hinted : &page.free;
  if (d->arena && strcmp(d->settings, settings) == 0 && d->particles == (hints ? particles : 0)) {
    if (hints)
      pm_inference_follow(d->inference, hints, particles);
    return d->inference;
  }
  drop(d);
  build(d, settings, hints, hints ? particles : 0);
  return d->inference;
}

/* ---- what is fixed ---- */

static const unsigned char *bytes_at(uint32_t place) {
  return (const unsigned char *)(uintptr_t)place;
}

static bool any(const unsigned char *flags, size_t n) {
  return memchr(flags, 1, n) != NULL;
}

/* Whether what is fixed may cost probability, so that particles pay. */
static bool weighs(const wish *w, size_t pixels) {
  return w->varied || w->shape || any(bytes_at(w->locks), pixels);
}

static size_t particles_of(const wish *w, bool weighs) {
  return weighs && page.model.method->draws_particles ? w->particles : 1;
}

/* Of one sprite: locks and shape. */
static void fix(int32_t *hint, const wish *w, size_t pixels, int32_t background) {
  const unsigned char *index = bytes_at(w->pixels), *locked = bytes_at(w->locks);
  for (size_t p = 0; p < pixels; p++)
    if (locked[p])
      hint[p] = index[p];
    else if (w->shape)
      hint[p] = pm_hint_of_shape(index[p] != background);
}

static int32_t drawn_index(const void *context, size_t sprite, size_t pixel) {
  (void)sprite; /* all vary the one drawing */
  return bytes_at(((const wish *)context)->pixels)[pixel];
}

/* A map for each of sprites number first … first + count - 1, as train/hint_request.h makes them of files. NULL:
 * nothing is fixed. */
static pm_hints *hints_of(pm_arena *arena, const wish *w, uint64_t seed, size_t first, size_t count) {
  const pm_sprite_format *f = &page.model.facts.format;
  const size_t pixels = f->height * f->width;
  if (!weighs(w, pixels) && !w->symmetric && !any(bytes_at(w->banned), f->colours))
    return NULL;
  pm_hints *hints = pm_alloc(arena, 1, sizeof *hints);
  *hints = pm_hints_new(arena, f, count);
  for (size_t k = 0; k < count; k++)
    fix(hints->pixel + k * pixels, w, pixels, pm_background_of(f));
  if (w->symmetric)
    pm_hints_mirror(hints, f, "symmetric");
  pm_hints_check_unfixed(hints, f);
  if (w->varied)
    pm_hints_keep(hints, f, w->strength, seed, first, drawn_index, w);
  if (any(bytes_at(w->banned), f->colours))
    hints->banned = (unsigned char *)(uintptr_t)w->banned;
  pm_hints_check(hints, f, NULL);
  return hints;
}

/* From the order of the sprites, the first of which is number `first`, to that of inference: sprite number i follows
 * map i modulo count. */
static void turn_maps(pm_arena *arena, pm_hints *hints, size_t first) {
  const size_t pixels = page.model.facts.format.height * page.model.facts.format.width;
  int32_t *turned = pm_alloc(arena, hints->count * pixels, sizeof *turned);
  int32_t *classes = hints->classes ? pm_alloc(arena, hints->count, sizeof *classes) : NULL;
  for (size_t k = 0; k < hints->count; k++) {
    const size_t to = (first + k) % hints->count;
    memcpy(turned + to * pixels, hints->pixel + k * pixels, pixels * sizeof *turned);
    if (classes)
      classes[to] = hints->classes[k];
  }
  hints->pixel = turned;
  hints->classes = classes;
}

/* ---- what the page asks ---- */

/* The palette indices of sprites as inference makes them: colours of the palette, bit for bit. */
static unsigned char *indices_of(pm_arena *arena, const float *images, size_t pixels) {
  const pm_sprite_format *f = &page.model.facts.format;
  const size_t bytes = f->channels * sizeof *images;
  unsigned char *index = pm_alloc(arena, pixels, 1);
  for (size_t p = 0; p < pixels; p++) {
    size_t k = 0;
    while (k < f->colours && memcmp(images + p * f->channels, f->table + k * f->channels, bytes) != 0)
      k++;
    if (k == f->colours)
      pm_fail(PM_FAILED, PM_PAGE_MODEL_PLACE, "what it made is not in its palette");
    index[p] = (unsigned char)k;
  }
  return index;
}

/* u8 [count,H,W], until the next answer: palette indices of sprites number first … of a seed, as `sample` draws them.
 * label: of a class, or PM_ANY_CLASS … of train/inference.h. settings: lines "KEY VALUE", as in a config. */
EXPORT("draw")
const unsigned char *studio_draw(uint64_t seed, size_t first, size_t count, int label, const char *settings,
                                 const wish *w) {
  const pm_sprite_format *f = &page.model.facts.format;
  const size_t pixels = f->height * f->width;
  pm_arena *arena = new_answer();
  pm_hints *hints = hints_of(arena, w, seed, first, count);
  if (hints)
    turn_maps(arena, hints, first);
  pm_inference *inference = inference_for(settings, hints, particles_of(w, weighs(w, pixels)));
  pm_tensor images = pm_inference_room(inference, arena, count);
  pm_inference_draw(inference, seed, first, count, label, images.data, NULL, NULL);
  return indices_of(arena, images.data, count * pixels);
}

/* What sprites are drawn of, and where to. */
typedef struct {
  pm_arena *arena;
  uint64_t seed;
  size_t first, count;
  int label;
  const char *settings;
  size_t particles;
} request;

static void draw_hinted(void *context, pm_hints *hints, float *images) {
  const request *r = context;
  turn_maps(r->arena, hints, r->first);
  pm_inference *inference = inference_for(r->settings, hints, r->particles);
  pm_inference_draw(inference, r->seed, r->first, r->count, r->label, images, NULL, NULL);
}

/* The same sprites, index[count,H,W] as they were drawn, made tileable along both sides, as `sample --tile xy` does. */
EXPORT("tile")
const unsigned char *studio_tile(uint64_t seed, size_t first, size_t count, int label, const char *settings,
                                 const wish *w, const unsigned char *index) {
  const pm_model_facts *facts = &page.model.facts;
  const size_t C = facts->format.channels, pixels = facts->format.height * facts->format.width;
  pm_arena *arena = new_answer();
  float *images = pm_alloc(arena, count * pixels * C, sizeof *images);
  for (size_t p = 0; p < count * pixels; p++)
    memcpy(images + p * C, facts->format.table + index[p] * C, C * sizeof *images);
  const pm_hints *asked = hints_of(arena, w, seed, first, count);
  pm_hints also = asked ? *asked : pm_hints_new(arena, &facts->format, count);
  if (particles_of(w, weighs(w, pixels)) == 1) { /* each was drawn for one class */
    also.classes = pm_alloc(arena, count, sizeof *also.classes);
    pm_inference_classes(inference_for(settings, NULL, 1), seed, first, count, label, also.classes);
  }
  request r = {arena, seed, first, count, label, settings, particles_of(w, true)};
  pm_close_seams(arena, facts, images, count, &also, PM_TILE_XY, draw_hinted, &r);
  return indices_of(arena, images, count * pixels);
}

/* Whether anything can be fixed of what it draws. */
EXPORT("takes_hints") int studio_takes_hints(void) {
  pm_arena *scratch = pm_arena_new();
  const pm_method *method = page.model.method;
  const bool takes = method->takes_hints && method->takes_hints(settings_of(scratch, ""));
  pm_arena_free(scratch);
  return takes;
}

/* The likeliest class of the sprite index[H,W]; PM_BY_SHARE where the model cannot tell. */
EXPORT("class_of") int studio_class_of(const unsigned char *index, const char *settings) {
  const pm_page_model *m = &page.model;
  int32_t likeliest = PM_BY_SHARE;
  if (m->facts.format.classes && m->method->bits_are_exact)
    pm_likeliest_classes(&likeliest, inference_for(settings, NULL, 1), &m->facts.format, index, 1);
  return likeliest;
}

/* The training sprite nearest to one, as eval/copies.h has it. The page reads it by offsets. */
typedef struct {
  uint32_t place, number; /* among the training sprites; in the data set */
  double distance, ratio;
  uint32_t copy, unused;
} nearest_answer;

/* [count] for sprites index[count,H,W], until the next answer; NULL where the training sprites are not in the page. */
EXPORT("nearest") const nearest_answer *studio_nearest(const unsigned char *index, size_t count) {
  const pm_page_model *m = &page.model;
  if (!m->training)
    return NULL;
  pm_arena *arena = new_answer();
  if (!page.figures) {
    const pm_indexed training = {m->training, m->facts.format.height, m->facts.format.width, m->training_index};
    page.figures = pm_figures_new(page.arena, &training);
  }
  size_t *origin = pm_alloc(arena, m->training, sizeof *origin);
  for (size_t i = 0; i < m->training; i++)
    origin[i] = m->origin[i];
  const pm_indexed sprites = {count, m->facts.format.height, m->facts.format.width, index};
  pm_nearest *found = pm_alloc(arena, count, sizeof *found);
  pm_figures_nearest(pm_figures_new(arena, &sprites), page.figures, origin, found);
  nearest_answer *answer = pm_alloc(arena, count, sizeof *answer);
  for (size_t i = 0; i < count; i++)
    answer[i] = (nearest_answer){(uint32_t)found[i].index,    m->number[found[i].index], found[i].distance,
                                 pm_nearest_ratio(&found[i]), pm_is_copy(&found[i]),     0};
  return answer;
}
