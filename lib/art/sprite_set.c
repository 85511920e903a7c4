#include "art/sprite_set.h"

#include "art/classes.h"
#include "art/terrain.h"
#include "art/walk.h"

#include <assert.h>
#include <string.h>

enum { PIXELS = PM_ART_SIDE * PM_ART_SIDE, ATTEMPTS = 1000 };

typedef struct {
  const char *name;
  void (*draw)(pm_canvas *, pm_rng *);
} art_class;

/* The order is that of the labels: new classes go to the end. */
static const art_class things[] = {
    {"potion", pm_draw_potion}, {"sword", pm_draw_sword},       {"shield", pm_draw_shield},
    {"gem", pm_draw_gem},       {"creature", pm_draw_creature}, {"plant", pm_draw_plant},
    {"key", pm_draw_key},       {"building", pm_draw_building}, {"hero", pm_draw_hero},
    {"food", pm_draw_food},     {"chest", pm_draw_chest},       {"hat", pm_draw_hat},
    {"book", pm_draw_book},     {"ring", pm_draw_ring},         {"tool", pm_draw_tool},
};
static const art_class terrain[] = {
    {"grass", pm_draw_grass},   {"sand", pm_draw_sand},   {"soil", pm_draw_soil},     {"water", pm_draw_water},
    {"lava", pm_draw_lava},     {"brick", pm_draw_brick}, {"cobble", pm_draw_cobble}, {"floor", pm_draw_floor},
    {"planks", pm_draw_planks}, {"roof", pm_draw_roof},
};

#define SIZE(array) (sizeof(array) / sizeof *(array))

/* least_cover, most_cover: pixels that are not background; of things 0.15 to 0.75 of the square. */
static const struct {
  const art_class *item;
  size_t classes, least_cover, most_cover;
} sets[] = {
    [PM_ART_THINGS] = {things, SIZE(things), 39, 192},
    [PM_ART_TERRAIN] = {terrain, SIZE(terrain), PIXELS, PIXELS},
};

size_t pm_art_classes(pm_art_set set) {
  return sets[set].classes;
}

const char *pm_art_class_name(pm_art_set set, size_t class_index) {
  assert(class_index < pm_art_classes(set));
  return sets[set].item[class_index].name;
}

size_t pm_art_class_find(pm_art_set set, const char *name) {
  size_t k = 0;
  while (k < pm_art_classes(set) && strcmp(name, sets[set].item[k].name))
    k++;
  return k;
}

/* The least of the drawing's four flips with its colours numbered by first appearance: equal for drawings that differ
 * only by flips and by which colours they are in. */
static void normal_form(const pm_canvas *c, unsigned char form[PIXELS]) {
  for (int flip = 0; flip < 4; flip++) {
    unsigned char number[PM_ART_COLOURS], candidate[PIXELS], next = 0;
    memset(number, 0xff, sizeof number);
    for (int k = 0; k < PIXELS; k++) {
      int y = k / PM_ART_SIDE, x = k % PM_ART_SIDE;
      int colour = pm_get(c, flip & 1 ? PM_ART_SIDE - 1 - x : x, flip & 2 ? PM_ART_SIDE - 1 - y : y);
      if (number[colour] == 0xff)
        number[colour] = next++;
      candidate[k] = number[colour];
    }
    if (flip == 0 || memcmp(candidate, form, PIXELS) < 0)
      memcpy(form, candidate, PIXELS);
  }
}

/* The forms drawn so far, and an open table of their numbers + 1. */
typedef struct {
  unsigned char (*form)[PIXELS];
  uint32_t *slot;
  size_t mask, count;
} gallery;

/* False if it is there already. */
static bool add_form(gallery *g, const unsigned char form[PIXELS]) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (int k = 0; k < PIXELS; k++)
    hash = (hash ^ form[k]) * 16777619u;
  size_t at = hash & g->mask;
  for (; g->slot[at]; at = (at + 1) & g->mask)
    if (!memcmp(g->form[g->slot[at] - 1], form, PIXELS))
      return false;
  memcpy(g->form[g->count++], form, PIXELS);
  g->slot[at] = (uint32_t)g->count;
  return true;
}

/* The frames of a figure side by side: out[side, frames, side]. */
static void write_frames(const pm_canvas *figure, int frames, unsigned char *out) {
  for (int k = 0; k < frames; k++) {
    pm_canvas c = *figure;
    pm_walk(&c, k, frames);
    for (int y = 0; y < PM_ART_SIDE; y++)
      memcpy(out + (y * frames + k) * PM_ART_SIDE, c.pixel + y * PM_ART_SIDE, PM_ART_SIDE);
  }
}

static void draw_one(gallery *g, uint64_t seed, size_t i, const pm_art_choice *choice, unsigned char *out) {
  const art_class *class = &sets[choice->set].item[choice->classes[i % choice->n]];
  pm_rng rng = pm_rng_start(seed, "sprite", i);
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    pm_canvas c = pm_canvas_new(PM_ART_SIDE, PM_ART_SIDE);
    class->draw(&c, &rng);
    size_t covered = pm_canvas_covered(&c);
    unsigned char form[PIXELS];
    normal_form(&c, form);
    if (covered >= sets[choice->set].least_cover && covered <= sets[choice->set].most_cover && add_form(g, form)) {
      write_frames(&c, choice->frames, out);
      return;
    }
  }
  pm_fail(PM_WRONG_USAGE, NULL, "the class %s has no sprite number %zu that differs from the others: ask for fewer",
          class->name, i);
}

pm_sprites pm_art_draw_classes(pm_arena *arena, uint64_t seed, size_t count, const pm_art_choice *choice,
                               int32_t *labels, bool keep_alpha) {
  const size_t pixels = PIXELS * (size_t)choice->frames;
  assert(choice->n >= 1);
  pm_sprites sprites = {.count = count,
                        .height = PM_ART_SIDE,
                        .width = PM_ART_SIDE * (size_t)choice->frames,
                        .channels = keep_alpha ? 4 : 3,
                        .colours = PM_ART_COLOURS};
  sprites.palette = pm_alloc(arena, PM_ART_COLOURS, sizeof *sprites.palette);
  for (int k = 0; k < PM_ART_COLOURS; k++) {
    memcpy(sprites.palette[k], pm_art_palette[k], 3);
    sprites.palette[k][3] = k == PM_BACKGROUND && keep_alpha ? 0 : 255;
  }
  sprites.index = pm_alloc(arena, pm_multiply(NULL, count, pixels), 1);
  size_t slots = 1;
  while (slots < pm_multiply(NULL, count, 2) + 1)
    slots *= 2;
  gallery g = {
      .form = pm_alloc(arena, count, PIXELS), .slot = pm_alloc(arena, slots, sizeof *g.slot), .mask = slots - 1};
  for (size_t i = 0; i < count; i++) {
    draw_one(&g, seed, i, choice, sprites.index + i * pixels);
    if (labels)
      labels[i] = (int32_t)(i % choice->n);
  }
  return sprites;
}

pm_sprites pm_art_draw(pm_arena *arena, uint64_t seed, size_t count, int32_t *labels, bool keep_alpha) {
  size_t all[SIZE(things)];
  for (size_t k = 0; k < SIZE(things); k++)
    all[k] = k;
  const pm_art_choice choice = {PM_ART_THINGS, all, SIZE(things), 1};
  return pm_art_draw_classes(arena, seed, count, &choice, labels, keep_alpha);
}
