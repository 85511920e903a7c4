/* make-page: a model, the sprites it learned from, the library as WebAssembly and the sources of this folder to one
 * page. `make page` runs it. */
#include "backend/backends.h"
#include "backend/cpu/bf16.h"
#include "core/installation.h"
#include "core/number.h"
#include "core/options.h"
#include "eval/copies.h"
#include "methods/methods.h"
#include "pixels/canonical.h"
#include "report/html.h"
#include "report/style.h"
#include "studio/page_model.h"
#include "train/dataset.h"
#include "train/model_file.h"
#include "train/ready_model.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *data, *wasm, *template, *title, *rounded, *bytes;
  pm_common common;
} options;

#define AT(field) offsetof(options, field)

static const pm_option rows[] = {
    {"data", 0, PM_TEXT, AT(data), NULL, 0, 0, NULL, "SPRITES",
     "what the model was trained on, held-out sprites included; without it the page does not know copies"},
    {"wasm", 0, PM_TEXT, AT(wasm), NULL, 0, 0, NULL, "STUDIO.wasm",
     "the library, compiled to WebAssembly; default: as it was installed with this tool, or built"},
    {"template", 0, PM_TEXT, AT(template), "studio/page.html", 0, 0, NULL, "FILE",
     "the page, with {{NAME}} where another file of its folder goes, and {{model}}, {{wasm}} and {{title}}"},
    {"title", 0, PM_TEXT, AT(title), "a model", 0, 0, NULL, "TEXT", "what the page calls the model"},
    {"rounded", 0, PM_TARGET, AT(rounded), NULL, 0, 0, NULL, "MODEL.safetensors",
     "also write the model as the page has it, its matrices rounded to bfloat16"},
    {"bytes", 0, PM_TARGET, AT(bytes), NULL, 0, 0, NULL, "FILE", "also write the page's model alone"},
    {0},
};

static const pm_tool tool = {
    .name = "make-page",
    .summary = "a page that draws with a model, without a server",
    .operands = "MODEL.safetensors",
    .options = rows,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(options, common),
    .min_operands = 1,
    .max_operands = 1,
    .description =
        "Writes one HTML file that holds all it needs; docs/studio.md describes it. The model's sprites must "
        "be in a palette (patch-ar, and ddpm with pixels: palette).",
    .examples = "make-page model.safetensors --data sprites.npy -o studio.html",
};

/* Bytes that grow. */
typedef struct {
  pm_arena *arena;
  unsigned char *at;
  size_t length, capacity;
} bytes;

static void add(bytes *b, const void *from, size_t length) {
  b->at = pm_grow(b->arena, b->at, &b->capacity, b->length + length, 1);
  if (length) /* of nothing there is no address */
    memcpy(b->at + b->length, from, length);
  b->length += length;
}

static void add_text(bytes *b, const char *text) {
  add(b, text, strlen(text));
}

static const char *share_text(char text[32], const float *shares, size_t i) {
  return shares ? pm_write_float(text, shares[i]) : "-";
}

/* ---- the model ---- */

static void add_facts(bytes *b, const pm_model *model, const pm_run_settings *settings) {
  static const char *const precisions[] = {"fp32", "bf16", "auto"};
  const pm_sprite_format *f = &model->facts.format;
  char text[32];
  add_text(b, PM_PAGE_MODEL_MAGIC "\n");
  add_text(b, pm_format(b->arena, "method %s\nprecision %s\nsprite %zu %zu %zu\n", model->facts.method,
                        precisions[settings->train.precision], f->height, f->width, f->channels));
  for (const pm_option *key = settings->method->keys; key->name; key++)
    add_text(b, pm_format(b->arena, "set %s %s\n", key->name, pm_option_text(b->arena, key, settings->model)));
  for (size_t k = 0; k < f->colours; k++) {
    const unsigned char *c = model->facts.palette.rgba[k];
    add_text(b, pm_format(b->arena, "colour %d %d %d %d %s\n", c[0], c[1], c[2], c[3],
                          share_text(text, f->colour_shares, k)));
  }
  for (size_t k = 0; k < f->classes; k++)
    add_text(b,
             pm_format(b->arena, "class %s %s\n", share_text(text, f->class_shares, k),
                       model->facts.class_names ? model->facts.class_names[k] : pm_format(b->arena, "class %zu", k)));
}

/* Matrices are rounded to bfloat16, to the nearest and to even: half the bytes. Vectors (biases, norms) are few. */
static bool is_rounded(const pm_slot *slot) {
  return slot->shape.rank >= 2;
}

static pm_buffer *block_of(const pm_store *store, const pm_slot *slot) {
  return slot->role == PM_PARAM ? store->parameters : store->states;
}

/* Rounds what the store holds, so that a file can be written of it. */
static void round_matrices(pm_store *store) {
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    if (!is_rounded(slot))
      continue;
    pm_arena *scratch = pm_arena_new();
    pm_tensor t = pm_slot_read(store, slot, block_of(store, slot), scratch);
    float *items = t.data;
    const size_t n = pm_shape_count(t.shape);
    uint16_t *halves = pm_alloc(scratch, n, sizeof *halves);
    pm_bf16_best()->round(halves, items, n);
    for (size_t k = 0; k < n; k++) {
      uint32_t whole = (uint32_t)halves[k] << 16;
      memcpy(items + k, &whole, sizeof whole);
    }
    pm_slot_write(store, slot, block_of(store, slot), items);
    pm_arena_free(scratch);
  }
}

static void add_tensor_lines(bytes *b, const pm_store *store, const char *place) {
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    if (slot->dtype != PM_F32)
      pm_fail(PM_BAD_INPUT, place, "the tensor '%s' is %s, and a page holds floats", slot->name,
              pm_dtype_name(slot->dtype));
    add_text(b, pm_format(b->arena, "tensor %s %s %zu\n", slot->name, is_rounded(slot) ? "bf16" : "fp32",
                          pm_shape_count(slot->shape)));
  }
}

/* Of floats that are bfloat16 already the upper half. */
static void add_tensors(bytes *b, pm_store *store) {
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    pm_arena *scratch = pm_arena_new();
    pm_tensor t = pm_slot_read(store, slot, block_of(store, slot), scratch);
    const size_t n = pm_shape_count(t.shape);
    if (is_rounded(slot))
      for (size_t k = 0; k < n; k++)
        add(b, (const char *)t.data + 4 * k + 2, 2);
    else
      add(b, t.data, n * sizeof(float));
    pm_arena_free(scratch);
  }
}

/* ---- the sprites that it learned from ---- */

typedef struct {
  size_t count;
  uint32_t *number, *origin;
  unsigned char *index;
} training;

static training training_of(pm_arena *arena, const char *path, const pm_model *model, double held_out) {
  const pm_sprite_format *f = &model->facts.format;
  const size_t sprite = f->height * f->width;
  pm_sprites s = pm_sprites_read(arena, path);
  char hash[65];
  pm_sprites_hash(&s, hash);
  if (strcmp(hash, model->facts.data_hash) != 0)
    pm_fail(PM_BAD_INPUT, path, "is not what this model was trained on");
  training t = {.index = pm_sprites_as_indices(arena, &s, f, &model->facts.palette, path)};
  const bool *held = pm_held_out_flags(arena, &s, held_out, NULL);
  t.number = pm_alloc(arena, s.count, sizeof *t.number);
  t.origin = pm_alloc(arena, s.count, sizeof *t.origin);
  for (size_t i = 0; i < s.count; i++)
    if (!held[i]) {
      memmove(t.index + t.count * sprite, t.index + i * sprite, sprite);
      t.number[t.count++] = (uint32_t)i;
    }
  const pm_indexed indexed = {t.count, f->height, f->width, t.index};
  const size_t *origin = pm_figure_origins(arena, pm_figures_new(arena, &indexed));
  for (size_t i = 0; i < t.count; i++)
    t.origin[i] = (uint32_t)origin[i];
  return t;
}

static bytes page_model(pm_arena *arena, const options *o, const char *path) {
  bytes b = {.arena = arena};
  pm_model model = pm_model_read(arena, path);
  const pm_method *method = pm_method_find(model.facts.method);
  if (!method)
    pm_fail(PM_BAD_INPUT, path, "a model of the method '%s', which this version does not know", model.facts.method);
  pm_run_settings settings = pm_run_settings_parse(arena, method, model.facts.config, model.place);
  pm_ready_model ready = pm_model_make_ready(arena, &pm_backend_cpu, &model, &settings, NULL, 1);
  if (!pm_inference_has_bits(ready.inference)) /* those of the methods that draw palette indices */
    pm_fail(PM_BAD_INPUT, path, "%s does not draw in a palette; expected patch-ar, or ddpm with pixels: palette",
            model.facts.method);
  round_matrices(ready.store);
  if (o->rounded)
    pm_model_write(arena, o->rounded, &model.facts, ready.store, ready.store->parameters, ready.store->states);
  training t = {0};
  if (o->data)
    t = training_of(arena, o->data, &model, settings.train.held_out);
  add_facts(&b, &model, &settings);
  add_tensor_lines(&b, ready.store, path);
  add_text(&b, pm_format(arena, "training %zu\n\n", t.count));
  add_tensors(&b, ready.store);
  add(&b, t.number, t.count * sizeof *t.number);
  add(&b, t.origin, t.count * sizeof *t.origin);
  add(&b, t.index, t.count * model.facts.format.height * model.facts.format.width);
  pm_ready_model_free(&ready);
  return b;
}

/* ---- the page ---- */

/* Of a model that leaves the page below 8 MB; of a file that is read. */
enum { MOST_MODEL = 5400000, MOST_BYTES = 1 << 26 };

typedef struct {
  pm_arena *arena;
  const options *options;
  pm_output *out;
  bytes model;
} page;

static void write_data(const page *p, const char *type, const unsigned char *data, size_t length) {
  pm_html_data(p->out, type, data, length);
}

/* A file beside the template, as it is. */
static void write_part(const page *p, const char *name) {
  const char *template = p->options->template;
  const int folder = (int)(pm_base_name(template) - template);
  const char *path = pm_format(p->arena, "%.*s%s", folder, template, name);
  size_t length;
  const char *text = (const char *)pm_read_file(p->arena, path, MOST_BYTES, &length);
  if (strstr(text, "</script") || strstr(text, "</style"))
    pm_fail(PM_BAD_INPUT, path, "holds an end tag, which would end the page's element around it");
  pm_output_write(p->out, text, length);
}

static void write_named(const page *p, const char *name) {
  if (strcmp(name, "title") == 0) {
    pm_html_text(p->out, p->options->title);
  } else if (strcmp(name, "colours") == 0) {
    pm_output_print(p->out, "%s", pm_page_colours);
  } else if (strcmp(name, "model") == 0) {
    write_data(p, "application/octet-stream", p->model.at, p->model.length);
  } else if (strcmp(name, "wasm") == 0) {
    size_t length;
    const unsigned char *wasm = pm_read_file(p->arena, p->options->wasm, MOST_BYTES, &length);
    write_data(p, "application/wasm", wasm, length);
  } else {
    write_part(p, name);
  }
}

static void write_page(const page *p) {
  size_t length;
  char *at = (char *)pm_read_file(p->arena, p->options->template, MOST_BYTES, &length), *open;
  while ((open = strstr(at, "{{"))) {
    char *close = strstr(open, "}}");
    if (!close)
      pm_fail(PM_BAD_INPUT, p->options->template, "a {{ without its }}");
    pm_output_write(p->out, at, (size_t)(open - at));
    *close = 0;
    write_named(p, open + 2);
    at = close + 2;
  }
  pm_output_write(p->out, at, strlen(at));
}

/* Where the parts of the page lie if nobody says so: beside the installed pipeline, or where the tree has them. */
static void find_parts(pm_arena *arena, options *o) {
  o->template = pm_or_shared(arena, o->template, o->template);
  if (o->wasm)
    return;
  o->wasm = pm_or_shared(arena, "studio/studio.wasm", "studio/studio.wasm");
  o->wasm = pm_or_shared(arena, o->wasm, "build/wasm/studio.wasm");
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  options o;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &o, NULL);
  find_parts(arena, &o);
  page p = {.arena = arena, .options = &o, .model = page_model(arena, &o, operands[0])};
  if (o.bytes)
    pm_write_file(arena, o.bytes, p.model.at, p.model.length);
  if (p.model.length > MOST_MODEL)
    pm_warn(operands[0], "takes %zu MB in the page; browsers open it slowly", p.model.length / 3 * 4 / 1000000);
  p.out = pm_output_open(arena, o.common.output, false);
  write_page(&p);
  pm_output_commit(p.out);
  pm_arena_free(arena);
  return PM_DONE;
}
