#include "studio/page_model.h"

#include "core/number.h"
#include "methods/methods.h"
#include "nn/backend.h"

#include <math.h>
#include <string.h>

enum { MOST_SIDE = 1024, MOST_SPRITES = 1 << 20, MOST_ITEMS = 1 << 28 };

/* The text that is being read, cut up as it is. */
typedef struct {
  pm_arena *arena;
  char *rest;       /* from the next line on */
  char *key, *left; /* of the line: its key, and what is not yet taken of it */
  size_t line;
} header;

PM_NORETURN static void damaged(const header *h, const char *expected) {
  pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "line %zu of its header ('%s'): expected %s", h->line, h->key, expected);
}

/* False at the empty line. */
static bool next_line(header *h) {
  char *line = h->rest, *end = strchr(line, '\n');
  h->key = line;
  h->line++;
  if (!end)
    damaged(h, "more lines: it is cut off");
  *end = 0;
  h->rest = end + 1;
  h->left = strchr(line, ' ');
  if (h->left)
    *h->left++ = 0;
  return *line;
}

static bool is(const header *h, const char *key) {
  return strcmp(h->key, key) == 0;
}

static char *word(header *h, const char *expected) {
  char *begin = h->left;
  if (!begin || !*begin)
    damaged(h, expected);
  h->left = strchr(begin, ' ');
  if (h->left)
    *h->left++ = 0;
  return begin;
}

static size_t number(header *h, size_t high, const char *expected) {
  uint64_t value;
  if (!pm_parse_unsigned(word(h, expected), high, &value))
    damaged(h, expected);
  return (size_t)value;
}

/* A share, or -1 for a hyphen. */
static float share(header *h) {
  static const char expected[] = "a share from 0 to 1, or -";
  double value;
  const char *text = word(h, expected);
  if (strcmp(text, "-") == 0)
    return -1;
  if (!pm_parse_real(text, 0, 1, &value))
    damaged(h, expected);
  return (float)value;
}

/* ---- lists that grow by a line each ---- */

typedef struct {
  size_t sets, colours, classes, tensors;
} capacities;

typedef struct {
  header h;
  pm_page_model model;
  capacities room;
  const char **set;
  float *table, *colour_shares, *class_shares;
} reading;

static void add_set(reading *r) {
  pm_page_model *m = &r->model;
  r->set = pm_grow(r->h.arena, r->set, &r->room.sets, 2 * (m->sets + 1), sizeof *r->set);
  r->set[2 * m->sets] = word(&r->h, "a setting");
  r->set[2 * m->sets + 1] = r->h.left ? r->h.left : "";
  m->set = r->set;
  m->sets++;
}

static void add_colour(reading *r) {
  enum { MOST_COLOURS = 256 };
  pm_sprite_format *f = &r->model.facts.format;
  const size_t C = f->channels;
  if (!C || f->colours == MOST_COLOURS)
    damaged(&r->h, "at most 256 colours behind the line `sprite`");
  if (!r->table) {
    r->table = pm_alloc(r->h.arena, MOST_COLOURS * C, sizeof *r->table);
    r->colour_shares = pm_alloc(r->h.arena, MOST_COLOURS, sizeof *r->colour_shares);
  }
  for (size_t k = 0; k < 4; k++) {
    const size_t channel = number(&r->h, 255, "four numbers up to 255");
    r->model.facts.palette.rgba[f->colours][k] = (unsigned char)channel;
    if (k < C)
      r->table[f->colours * C + k] = (float)channel / 255;
  }
  r->colour_shares[f->colours++] = share(&r->h);
  r->model.facts.palette.count = f->colours;
  f->table = r->table;
  f->colour_shares = r->colour_shares[0] < 0 ? NULL : r->colour_shares;
}

static void add_class(reading *r) {
  pm_sprite_format *f = &r->model.facts.format;
  r->class_shares = pm_grow(r->h.arena, r->class_shares, &r->room.classes, f->classes + 1, sizeof *r->class_shares);
  r->class_shares[f->classes++] = share(&r->h);
  f->class_shares = r->class_shares[0] < 0 ? NULL : r->class_shares;
}

static void add_tensor(reading *r) {
  pm_page_model *m = &r->model;
  m->tensor = pm_grow(r->h.arena, m->tensor, &r->room.tensors, m->tensors + 1, sizeof *m->tensor);
  pm_page_tensor *t = &m->tensor[m->tensors++];
  t->name = word(&r->h, "a name");
  const char *form = word(&r->h, "fp32 or bf16");
  t->bf16 = strcmp(form, "bf16") == 0;
  if (!t->bf16 && strcmp(form, "fp32") != 0)
    damaged(&r->h, "fp32 or bf16");
  t->items = number(&r->h, MOST_ITEMS, "a number of items");
}

static void set_method(reading *r) {
  const char *name = word(&r->h, "a method");
  r->model.method = pm_method_find(name);
  if (!r->model.method)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "the method '%s' is none that this page knows", name);
}

static void set_precision(reading *r) {
  const char *name = word(&r->h, PM_PRECISIONS);
  r->model.precision = strcmp(name, "fp32") == 0 ? PM_FP32 : strcmp(name, "bf16") == 0 ? PM_BFLOAT16 : PM_ANY_PRECISION;
}

static void set_sprite(reading *r) {
  pm_sprite_format *f = &r->model.facts.format;
  f->height = number(&r->h, MOST_SIDE, "a height");
  f->width = number(&r->h, MOST_SIDE, "a width");
  f->channels = number(&r->h, 4, "3 or 4 channels");
  if (!f->height || !f->width || f->channels < 3)
    damaged(&r->h, "sides of at least a pixel, and 3 or 4 channels");
}

static void set_training(reading *r) {
  r->model.training = number(&r->h, MOST_SPRITES, "a number of sprites");
}

static const struct {
  const char *key;
  void (*take)(reading *r);
} keys[] = {{"method", set_method}, {"precision", set_precision}, {"sprite", set_sprite}, {"set", add_set},
            {"colour", add_colour}, {"class", add_class},         {"tensor", add_tensor}, {"training", set_training}};

static void take_line(reading *r) {
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (is(&r->h, keys[i].key)) {
      keys[i].take(r);
      return;
    }
  damaged(&r->h, "another key");
}

/* ---- what lies behind the header ---- */

typedef struct {
  const unsigned char *at;
  size_t left;
} body;

static const unsigned char *take(body *b, size_t count, size_t size) {
  const unsigned char *at = b->at;
  size_t bytes = pm_multiply(PM_PAGE_MODEL_PLACE, count, size);
  if (bytes > b->left)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "is cut off: %zu bytes are missing", bytes - b->left);
  b->at += bytes;
  b->left -= bytes;
  return at;
}

static const uint32_t *take_numbers(pm_arena *arena, body *b, size_t count) {
  uint32_t *numbers = pm_alloc(arena, count, sizeof *numbers);
  memcpy(numbers, take(b, count, sizeof *numbers), count * sizeof *numbers);
  return numbers;
}

static void read_body(pm_arena *arena, pm_page_model *m, body b) {
  const size_t sprite = m->facts.format.height * m->facts.format.width;
  for (size_t i = 0; i < m->tensors; i++)
    m->tensor[i].data = take(&b, m->tensor[i].items, m->tensor[i].bf16 ? 2 : 4);
  m->number = take_numbers(arena, &b, m->training);
  m->origin = take_numbers(arena, &b, m->training);
  m->training_index = take(&b, m->training, sprite);
  if (b.left)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "%zu bytes behind its end", b.left);
  for (size_t i = 0; i < m->training; i++)
    if (m->origin[i] >= m->training)
      pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "sprite %zu is said to be as one that there is not", i);
}

pm_page_model pm_page_model_read(pm_arena *arena, const unsigned char *bytes, size_t length) {
  static const char magic[] = PM_PAGE_MODEL_MAGIC "\n";
  const size_t begun = sizeof magic - 1;
  const unsigned char *end =
      length < begun || memcmp(bytes, magic, begun) != 0 ? NULL : memmem(bytes, length, "\n\n", 2);
  if (!end)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "does not begin as one, or is cut off in its header");
  const size_t text = (size_t)(end - bytes) + 2;
  char *copy = pm_alloc(arena, text + 1, 1);
  memcpy(copy, bytes, text);
  reading r = {.h = {.arena = arena, .rest = copy + begun, .line = 1}};
  while (next_line(&r.h))
    take_line(&r);
  if (!r.model.method || !r.model.facts.format.colours)
    pm_fail(PM_BAD_INPUT, PM_PAGE_MODEL_PLACE, "lacks its method, or its palette");
  read_body(arena, &r.model, (body){bytes + text, length - text});
  return r.model;
}
