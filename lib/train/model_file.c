#include "train/model_file.h"

#include "core/attempt.h"
#include "core/number.h"
#include "core/options.h"
#include "io/wrong_kind.h"
#include "train/settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char format_name[] = "pixelmill model 1", checkpoint_format[] = "pixelmill checkpoint ";
static const char model_name[] = "model.safetensors", checkpoint_name[] = "checkpoint.safetensors";

/* What a tensor of the file is fetched from when it is written. */
typedef struct {
  pm_store *store;
  const pm_slot *slot;
  pm_buffer *block;
} source;

static void fetch(const void *context, void *items) {
  const source *from = context;
  pm_slot_fetch(from->store, from->slot, from->block, items);
}

void pm_model_add_slots(pm_arena *arena, pm_safetensors *file, const char *prefix, pm_store *store,
                        pm_buffer *parameters, pm_buffer *states) {
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    pm_buffer *block = slot->role == PM_PARAM ? parameters : states;
    if (!block)
      continue;
    source *from = pm_alloc(arena, 1, sizeof *from);
    *from = (source){store, slot, block};
    pm_safetensors_add_fetched(arena, file, pm_format(arena, "%s%s", prefix, slot->name), slot->dtype,
                               pm_slot_file_shape(slot), fetch, from);
  }
}

/* The tensor for a slot; strict. */
static const pm_tensor *tensor_for(pm_arena *arena, const pm_safetensors *file, const char *name, const pm_slot *slot,
                                   const char *place) {
  const pm_tensor *tensor = pm_safetensors_find(file, name);
  pm_shape shape = pm_slot_file_shape(slot);
  if (!tensor)
    pm_fail(PM_BAD_INPUT, place, "the tensor '%s' is missing", name);
  if (tensor->dtype != slot->dtype || !pm_shape_equal(tensor->shape, shape))
    pm_fail(PM_BAD_INPUT, place, "the tensor '%s' is %s %s; expected %s %s", name, pm_dtype_name(tensor->dtype),
            pm_shape_text(arena, tensor->shape), pm_dtype_name(slot->dtype), pm_shape_text(arena, shape));
  return tensor;
}

void pm_model_take_slots(const pm_safetensors *file, const char *prefix, pm_store *store, pm_buffer *parameters,
                         pm_buffer *states, const char *place) {
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    pm_buffer *block = slot->role == PM_PARAM ? parameters : states;
    if (!block)
      continue;
    const char *name = pm_format(store->arena, "%s%s", prefix, slot->name);
    pm_slot_write(store, slot, block, tensor_for(store->arena, file, name, slot, place)->data);
  }
}

/* "000000 cfc6b8 00000000": rrggbb, or rrggbbaa where not opaque. */
static const char *palette_text(pm_arena *arena, const pm_palette *palette) {
  const char *text = "";
  for (size_t i = 0; i < palette->count; i++) {
    const unsigned char *c = palette->rgba[i];
    text = c[3] == 255 ? pm_format(arena, "%s%s%02x%02x%02x", text, i ? " " : "", c[0], c[1], c[2])
                       : pm_format(arena, "%s%s%02x%02x%02x%02x", text, i ? " " : "", c[0], c[1], c[2], c[3]);
  }
  return text;
}

static int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool palette_parse(const char *text, pm_palette *palette) {
  while (*text) {
    size_t length = strcspn(text, " ");
    if ((length != 6 && length != 8) || palette->count == 256)
      return false;
    unsigned char *c = palette->rgba[palette->count++];
    c[3] = 255;
    for (size_t k = 0; k < length; k += 2) {
      int high = hex_digit(text[k]), low = hex_digit(text[k + 1]);
      if (high < 0 || low < 0)
        return false;
      c[k / 2] = (unsigned char)(high * 16 + low);
    }
    text += length + (text[length] == ' ');
  }
  return palette->count > 0;
}

/* "12 0 7" */
static const char *counts_text(pm_arena *arena, const uint64_t *counts, size_t n) {
  enum { LONGEST = 21 }; /* of one number and a blank */
  char *text = pm_alloc(arena, n + 1, LONGEST), *at = text;
  for (size_t i = 0; i < n; i++)
    at += snprintf(at, LONGEST + 1, "%s%" PRIu64, i ? " " : "", counts[i]);
  return text;
}

/* n whole numbers below 2^40, one blank between, that are not all 0; NULL if the text is anything else. */
static const uint64_t *counts_parse(pm_arena *arena, const char *text, size_t n) {
  uint64_t *counts = pm_alloc(arena, n, sizeof *counts), sum = 0;
  char *at = pm_copy_text(arena, text);
  for (size_t i = 0; i < n; i++) {
    char *end = at ? strchr(at, ' ') : NULL;
    if (end)
      *end++ = 0;
    if (!at || !pm_parse_unsigned(at, ((uint64_t)1 << 40) - 1, &counts[i]))
      return NULL;
    sum += counts[i];
    at = end;
  }
  return !at && sum ? counts : NULL;
}

const float *pm_shares(pm_arena *arena, const uint64_t *counts, size_t n) {
  double sum = 0;
  if (!counts)
    return NULL;
  float *shares = pm_alloc(arena, n, sizeof *shares);
  for (size_t i = 0; i < n; i++)
    sum += (double)counts[i];
  for (size_t i = 0; i < n; i++)
    shares[i] = (float)((double)counts[i] / sum);
  return shares;
}

const char *pm_class_names_text(pm_arena *arena, const char *const *names, size_t classes) {
  size_t length = 1;
  for (size_t i = 0; i < classes; i++)
    length += strlen(names[i]) + 1;
  char *text = pm_alloc(arena, length, 1), *at = text;
  for (size_t i = 0; i < classes; i++) {
    if (i)
      *at++ = '\n';
    size_t bytes = strlen(names[i]);
    memcpy(at, names[i], bytes);
    at += bytes;
  }
  return text;
}

typedef struct {
  const char *name;
  size_t class;
} named_class;

static int by_name(const void *a, const void *b) {
  const named_class *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->class > y->class) - (x->class < y->class);
}

/* The first class whose name an earlier one has, with that one's number in `earlier`; `classes` if there is none. */
static size_t first_twin(pm_arena *arena, const char *const *names, size_t classes, size_t *earlier) {
  named_class *sorted = pm_alloc(arena, classes, sizeof *sorted);
  size_t twin = classes;
  for (size_t i = 0; i < classes; i++)
    sorted[i] = (named_class){names[i], i};
  qsort(sorted, classes, sizeof *sorted, by_name);
  for (size_t i = 1; i < classes; i++)
    if (sorted[i].class < twin && strcmp(sorted[i].name, sorted[i - 1].name) == 0) {
      twin = sorted[i].class;
      *earlier = sorted[i - 1].class;
    }
  return twin;
}

static void check_names(pm_arena *arena, const char *const *names, size_t classes, const char *place) {
  size_t earlier = 0, twin = first_twin(arena, names, classes, &earlier);
  for (size_t i = 0; i < classes; i++) {
    const char *line = names[i];
    if (!*line)
      pm_fail(PM_BAD_INPUT, pm_format(arena, "%s:%zu", place, i + 1), "a class without a name");
    bool each = strcmp(line, PM_EACH_CLASS_NAME) == 0;
    if (each || strcmp(line, PM_ANY_CLASS_NAME) == 0)
      pm_fail(PM_BAD_INPUT, pm_format(arena, "%s:%zu", place, i + 1),
              "'%s' cannot be the name of a class: it asks for %s", line,
              each ? "all of them in turn" : "none in particular");
    if (i == twin)
      pm_fail(PM_BAD_INPUT, pm_format(arena, "%s:%zu", place, i + 1), "'%s' is the name of class %zu already", line,
              earlier);
  }
}

const char *const *pm_class_names(pm_arena *arena, const char *text, size_t classes, const char *place) {
  const char **names = pm_alloc(arena, classes, sizeof *names);
  char *at = pm_copy_text(arena, text);
  size_t n = 0;
  while (*at) {
    char *end = at + strcspn(at, "\n");
    bool more = *end != 0;
    *end = 0;
    if (end > at && end[-1] == '\r') /* a file from Windows */
      end[-1] = 0;
    if (n < classes)
      names[n] = at;
    n++;
    at = end + more;
  }
  if (n != classes)
    pm_fail(PM_BAD_INPUT, place, "%s of classes; the labels have %s", pm_counted(arena, n, "name"),
            pm_counted(arena, classes, "class"));
  check_names(arena, names, classes, place);
  return names;
}

const char *const *pm_class_names_read(pm_arena *arena, const char *path, size_t classes) {
  enum { MOST = 1 << 20 };
  return pm_class_names(arena, pm_text_read(arena, path, MOST, "names of classes, one a line", NULL), classes, path);
}

void pm_model_write(pm_arena *arena, const char *path, const pm_model_facts *facts, pm_store *store,
                    pm_buffer *parameters, pm_buffer *states) {
  pm_safetensors file = {0};
  const pm_sprite_format *f = &facts->format;
  pm_safetensors_note(arena, &file, "format", format_name);
  pm_safetensors_note(arena, &file, "version", pm_version);
  pm_safetensors_note(arena, &file, "method", facts->method);
  pm_safetensors_note(arena, &file, "config", facts->config);
  pm_safetensors_note(arena, &file, "data_sha256", facts->data_hash);
  pm_safetensors_note(arena, &file, "sprite", pm_format(arena, "%zux%zux%zu", f->height, f->width, f->channels));
  pm_safetensors_note(arena, &file, "classes", pm_format(arena, "%zu", f->classes));
  if (facts->class_names)
    pm_safetensors_note(arena, &file, "class_names", pm_class_names_text(arena, facts->class_names, f->classes));
  pm_safetensors_note(arena, &file, "in_palette", f->colours ? "yes" : "no");
  pm_safetensors_note(arena, &file, "palette", palette_text(arena, &facts->palette));
  if (facts->colour_counts)
    pm_safetensors_note(arena, &file, "colour_counts", counts_text(arena, facts->colour_counts, f->colours));
  if (facts->class_counts)
    pm_safetensors_note(arena, &file, "class_counts", counts_text(arena, facts->class_counts, f->classes));
  pm_safetensors_note(arena, &file, "step", pm_format(arena, "%" PRId64, facts->step));
  pm_model_add_slots(arena, &file, "", store, parameters, states);
  pm_output *output = pm_output_open(arena, path, true);
  pm_safetensors_write(output, &file);
  pm_output_commit(output);
}

static const char *note(const pm_model *model, const char *key) {
  const char *value = pm_safetensors_metadata(&model->file, key);
  if (!value)
    pm_fail(PM_BAD_INPUT, model->place, "no '%s' in the metadata; this is not a model of pixelmill", key);
  return value;
}

static bool parse_sprite(pm_arena *arena, const char *text, pm_sprite_format *f) {
  int64_t side[3];
  char *copy = pm_copy_text(arena, text), *at = copy;
  for (int k = 0; k < 3; k++) {
    char *end = at ? strchr(at, 'x') : NULL;
    if (end)
      *end++ = 0;
    if (!at || !pm_parse_integer(at, 1, k < 2 ? 16384 : 4, &side[k]))
      return false;
    at = end;
  }
  *f = (pm_sprite_format){.height = (size_t)side[0], .width = (size_t)side[1], .channels = (size_t)side[2]};
  return !at && f->channels >= 3;
}

/* The palette as the format's colours, where all sprites that the model learned from were in it. */
static void set_colours(pm_arena *arena, pm_model_facts *facts) {
  const pm_palette *p = &facts->palette;
  facts->format.colours = p->count;
  facts->format.table =
      pm_colours_as_floats(arena, (const unsigned char(*)[4])p->rgba, p->count, facts->format.channels);
}

/* What a file of before they were kept does not have is NULL. */
static const uint64_t *read_counts(pm_arena *arena, const pm_model *model, const char *key, size_t n) {
  const char *text = pm_safetensors_metadata(&model->file, key);
  const uint64_t *counts = text ? counts_parse(arena, text, n) : NULL;
  if (text && !counts)
    pm_fail(PM_BAD_INPUT, model->place, "metadata '%s' is not a list of %zu counts", key, n);
  return counts;
}

static void read_shares(pm_arena *arena, pm_model *model) {
  pm_model_facts *facts = &model->facts;
  pm_sprite_format *f = &facts->format;
  facts->colour_counts = read_counts(arena, model, "colour_counts", f->colours);
  facts->class_counts = read_counts(arena, model, "class_counts", f->classes);
  f->colour_shares = pm_shares(arena, facts->colour_counts, f->colours);
  f->class_shares = pm_shares(arena, facts->class_counts, f->classes);
}

static pm_model understand(pm_arena *arena, const char *path, pm_safetensors file) {
  pm_model model = {.place = pm_path_name(path), .file = file};
  const char *format = note(&model, "format");
  if (strncmp(format, checkpoint_format, strlen(checkpoint_format)) == 0)
    pm_fail(PM_BAD_INPUT, model.place,
            "is the checkpoint of a training run, expected its model: when training is complete, model.safetensors is "
            "beside it");
  if (strcmp(format, format_name) != 0)
    pm_fail(PM_BAD_INPUT, model.place, "format '%s'; expected '%s'", format, format_name);
  model.facts.method = note(&model, "method");
  model.facts.config = note(&model, "config");
  model.facts.data_hash = note(&model, "data_sha256");
  if (!parse_sprite(arena, note(&model, "sprite"), &model.facts.format))
    pm_fail(PM_BAD_INPUT, model.place, "metadata 'sprite' is '%s'; expected HEIGHTxWIDTHxCHANNELS",
            note(&model, "sprite"));
  if (!palette_parse(note(&model, "palette"), &model.facts.palette))
    pm_fail(PM_BAD_INPUT, model.place, "metadata 'palette' is not a list of rrggbb colours");
  int64_t classes;
  if (!pm_parse_integer(note(&model, "classes"), 0, 65536, &classes))
    pm_fail(PM_BAD_INPUT, model.place, "metadata 'classes' is '%s'; expected a number", note(&model, "classes"));
  model.facts.format.classes = (size_t)classes;
  const char *names = pm_safetensors_metadata(&model.file, "class_names");
  if (names)
    model.facts.class_names = pm_class_names(arena, names, model.facts.format.classes, model.place);
  if (strcmp(note(&model, "in_palette"), "yes") == 0)
    set_colours(arena, &model.facts);
  read_shares(arena, &model);
  if (!pm_parse_integer(note(&model, "step"), 0, INT64_MAX, &model.facts.step))
    pm_fail(PM_BAD_INPUT, model.place, "metadata 'step' is '%s'; expected a number", note(&model, "step"));
  return model;
}

typedef struct {
  pm_arena *arena;
  const char *path;
  char *sha256; /* NULL: not asked for */
  pm_model model;
} model_reading;

static void read_whole(void *context) {
  model_reading *r = context;
  pm_safetensors file = r->sha256 ? pm_safetensors_read_hashed(r->arena, r->path, r->sha256)
                                  : pm_safetensors_read(r->arena, r->path, false);
  r->model = understand(r->arena, r->path, file);
}

/* A run's model that cannot be read is made again out of the checkpoint beside it. */
static const char *way_out(pm_arena *arena, const char *path) {
  const char *name = pm_base_name(path);
  const char *checkpoint = pm_format(arena, "%.*s%s", (int)(name - path), path, checkpoint_name);
  if (strcmp(name, model_name) != 0 || !pm_file_exists(path) || !pm_file_exists(checkpoint))
    return "";
  return "; remove it, and the command that trained it, or make, writes it again from the checkpoint beside it";
}

static pm_model read_model(pm_arena *arena, const char *path, char *sha256) {
  model_reading r = {.arena = arena, .path = path, .sha256 = sha256};
  const char *inside = pm_join(arena, path, model_name);
  if (pm_file_exists(inside))
    pm_fail(PM_BAD_INPUT, path, "is the folder of a training run, expected its model: %s", inside);
  const char *problem = pm_attempt(arena, read_whole, &r);
  if (problem)
    pm_fail(PM_BAD_INPUT, NULL, "%s%s", problem, way_out(arena, path));
  return r.model;
}

pm_model pm_model_read(pm_arena *arena, const char *path) {
  return read_model(arena, path, NULL);
}

pm_model pm_model_read_hashed(pm_arena *arena, const char *path, char sha256[65]) {
  return read_model(arena, path, sha256);
}

double pm_model_held_out(pm_arena *arena, const pm_model *model) {
  static const char key[] = "data.held_out";
  pm_train_settings settings;
  char problem[256];
  pm_options_reset(pm_train_keys, &settings);
  pm_config config = pm_config_parse(arena, model->facts.config, strlen(model->facts.config), model->place);
  for (size_t i = 0; i < config.entries; i++)
    if (strcmp(config.entry[i].key, key) == 0 &&
        !pm_option_set(arena, pm_option_find(pm_train_keys, key), &settings, config.entry[i].value, problem))
      pm_fail(PM_BAD_INPUT, config.entry[i].place, "%s: %s", key, problem);
  return settings.held_out;
}

void pm_model_check(const pm_model *model, const pm_store *store) {
  for (size_t i = 0; i < store->slots; i++)
    tensor_for(store->arena, &model->file, store->slot[i]->name, store->slot[i], model->place);
  for (size_t i = 0; i < model->file.tensors; i++)
    if (!pm_store_find_slot(store, model->file.tensor[i].name))
      pm_fail(PM_BAD_INPUT, model->place, "the tensor '%s' has no place in a %s model", model->file.tensor[i].name,
              model->facts.method);
}

void pm_model_load(const pm_model *model, pm_store *store) {
  pm_model_check(model, store);
  pm_model_take_slots(&model->file, "", store, store->parameters, store->states, model->place);
}
