#include "io/config.h"

#include "core/compare.h"
#include "core/file.h"
#include "core/installation.h"
#include "io/wrong_kind.h"
#include "io/yaml.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 64, MAX_CHAIN = 16, PROBLEM_BYTES = 256 };

/* ---- layers ---- */

/* The later entry of a key wins. */
static void put(pm_arena *arena, pm_config *config, const pm_config_entry *entry) {
  for (size_t i = 0; i < config->entries; i++)
    if (strcmp(config->entry[i].key, entry->key) == 0) {
      config->entry[i] = *entry;
      return;
    }
  config->entry = pm_grow(arena, config->entry, &config->capacity, config->entries + 1, sizeof *config->entry);
  config->entry[config->entries++] = *entry;
}

static const pm_config_entry *find(const pm_config *config, const char *key) {
  for (size_t i = 0; i < config->entries; i++)
    if (strcmp(config->entry[i].key, key) == 0)
      return &config->entry[i];
  return NULL;
}

static pm_yaml read_file(pm_arena *arena, const char *path) {
  size_t length;
  const char *text = pm_text_read(arena, path, PM_YAML_BYTES, "a configuration (.yaml)", &length);
  return pm_yaml_read(arena, text, length, pm_path_name(path));
}

static const char *folder_of(pm_arena *arena, const char *path) {
  size_t length = (size_t)(pm_base_name(path) - path);
  return length ? pm_format(arena, "%.*s", (int)(length > 1 ? length - 1 : 1), path) : NULL;
}

/* "FOLDER/NAME.yaml", a NULL folder being the current one; where that is not there, the one of this name that came with
 * the program, from its folder `shared`. */
static const char *beside(pm_arena *arena, const char *folder, const char *name, const char *shared) {
  const char *file = pm_has_suffix(name, ".yaml") ? name : pm_format(arena, "%s.yaml", name);
  return pm_or_shared(arena, folder ? pm_join(arena, folder, file) : file, pm_join(arena, shared, file));
}

/* A name leads to no other folder. */
static bool is_name(const char *name) {
  if (!isalnum((unsigned char)*name) && *name != '_')
    return false;
  for (const char *c = name; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("_-.+", *c))
      return false;
  return true;
}

/* Reads a config and, below it, what it lies over. */
typedef struct {
  pm_arena *arena;
  pm_config *config;
  const char *chain[MAX_CHAIN];  /* paths from the config to the file at work */
  const char *below[MAX_LAYERS]; /* names of the files under the config, the lowest first */
  size_t depth, files, names;
} layers;

static void read_layers(layers *l, const char *path, const char *place) {
  for (size_t i = 0; i < l->depth; i++)
    if (strcmp(l->chain[i], path) == 0)
      pm_fail(PM_BAD_INPUT, place, "the defaults form a cycle: %s is based on itself", path);
  if (l->depth == MAX_CHAIN || l->files == MAX_LAYERS)
    pm_fail(PM_BAD_INPUT, place, "the defaults name more than %d files, one over the other or in all",
            l->depth == MAX_CHAIN ? MAX_CHAIN : MAX_LAYERS);
  if (place && !pm_file_exists(path))
    pm_fail(PM_BAD_INPUT, place, "the defaults name %s, which does not exist", path);
  l->chain[l->depth++] = path;
  l->files++;
  pm_yaml yaml = read_file(l->arena, path);
  for (size_t i = 0; yaml.layers && i < yaml.layers->count; i++) {
    const char *name = yaml.layers->item[i];
    if (!is_name(name))
      pm_fail(PM_BAD_INPUT, yaml.layers_place, "the defaults name '%s', expected the name of a file beside this one",
              name);
    read_layers(l, beside(l->arena, folder_of(l->arena, path), name, "configs"), yaml.layers_place);
    l->below[l->names++] = name;
  }
  for (size_t i = 0; i < yaml.config.entries; i++)
    put(l->arena, l->config, &yaml.config.entry[i]);
  l->depth--;
}

/* ---- presets ---- */

/* "presets holds default, seed, smoke"; of the program's own where there is no folder beside the config. */
static const char *presets_there(pm_arena *arena, const char *folder) {
  pm_text_list names = {0};
  folder = pm_or_shared(arena, folder, "configs/presets");
  DIR *listing = opendir(folder);
  if (!listing)
    return pm_format(arena, "there is no folder %s", folder);
  for (struct dirent *one; (one = readdir(listing));)
    if (one->d_name[0] != '.' && pm_has_suffix(one->d_name, ".yaml")) {
      names.item = pm_grow(arena, names.item, &names.capacity, names.count + 1, sizeof *names.item);
      names.item[names.count++] = pm_format(arena, "%.*s", (int)(strlen(one->d_name) - strlen(".yaml")), one->d_name);
    }
  closedir(listing);
  if (names.count == 0)
    return pm_format(arena, "%s holds none", folder);
  qsort(names.item, names.count, sizeof *names.item, pm_compare_text);
  const char *text = names.item[0];
  for (size_t i = 1; i < names.count; i++)
    text = pm_format(arena, "%s, %s", text, names.item[i]);
  return pm_format(arena, "%s holds %s", folder, text);
}

/* Entries whose key begins with `prefix`, without it; with no prefix, those of no section. */
static void put_section(pm_arena *arena, pm_config *config, const pm_config *preset, const char *prefix) {
  static const char *const sections[] = {"methods", "runs"};
  for (size_t i = 0; i < preset->entries; i++) {
    pm_config_entry entry = preset->entry[i];
    bool plain = true;
    for (int s = 0; s < 2; s++) {
      size_t length = strlen(sections[s]);
      if (strncmp(entry.key, sections[s], length) == 0 && (entry.key[length] == '.' || entry.key[length] == 0))
        plain = false;
    }
    if (prefix ? strncmp(entry.key, prefix, strlen(prefix)) != 0 : !plain)
      continue;
    entry.key += prefix ? strlen(prefix) : 0;
    put(arena, config, &entry);
  }
}

/* What a preset says of a run counts for those laid over it, too. */
static void read_preset(const layers *l, const char *config_path, const char *preset, const char *method) {
  pm_arena *arena = l->arena;
  pm_config *config = l->config;
  const char *beside_config = folder_of(arena, config_path);
  const char *folder = beside_config ? pm_join(arena, beside_config, "presets") : "presets";
  const char *path = beside(arena, folder, preset, "configs/presets");
  if (!is_name(preset) || !pm_file_exists(path))
    pm_fail(PM_BAD_INPUT, NULL, "there is no preset '%s': %s", preset, presets_there(arena, folder));
  pm_yaml yaml = read_file(arena, path);
  if (yaml.layers)
    pm_fail(PM_BAD_INPUT, yaml.layers_place, "a preset has no defaults of its own");
  const pm_config_entry *name = find(config, "name");
  const char *run = name ? name->value : NULL;
  put_section(arena, config, &yaml.config, NULL);
  if (method)
    put_section(arena, config, &yaml.config, pm_format(arena, "methods.%s.", method));
  for (size_t i = 0; i < l->names; i++)
    if (!run || strcmp(l->below[i], run) != 0)
      put_section(arena, config, &yaml.config, pm_format(arena, "runs.%s.", l->below[i]));
  if (run)
    put_section(arena, config, &yaml.config, pm_format(arena, "runs.%s.", run));
}

pm_config pm_config_read(pm_arena *arena, const char *path, const char *preset, const pm_text_list *set,
                         const char *method) {
  pm_config config = {0};
  layers l = {.arena = arena, .config = &config};
  path = pm_or_shared(arena, path, path);
  read_layers(&l, path, NULL);
  if (preset)
    read_preset(&l, path, preset, method);
  for (size_t i = 0; set && i < set->count; i++) {
    const char *text = set->item[i], *equals = strchr(text, '=');
    if (!equals || equals == text)
      pm_wrong_usage("--set %s: expected KEY=VALUE", text);
    pm_config_entry entry = {.key = pm_format(arena, "%.*s", (int)(equals - text), text),
                             .value = pm_copy_text(arena, equals + 1),
                             .place = "--set"};
    put(arena, &config, &entry);
  }
  return config;
}

pm_config pm_config_parse(pm_arena *arena, const char *text, size_t length, const char *place) {
  pm_yaml yaml = pm_yaml_read(arena, text, length, place);
  if (yaml.layers)
    pm_fail(PM_BAD_INPUT, yaml.layers_place, "this text cannot have defaults");
  return yaml.config;
}

/* ---- from entries to settings ---- */

/* True for `augment:` with nothing below it. */
static bool is_empty_section(const pm_config_entry *entry, const pm_option *const *tables, size_t n) {
  size_t length = strlen(entry->key);
  for (size_t i = 0; i < n && !*entry->value; i++)
    for (const pm_option *row = tables[i]; row->name; row++)
      if (strncmp(row->name, entry->key, length) == 0 && row->name[length] == '.')
        return true;
  return false;
}

PM_NORETURN static void unknown_key(const pm_config_entry *entry, const pm_option *const *tables, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const char *meant = pm_option_suggest(tables[i], entry->key);
    if (meant)
      pm_fail(PM_BAD_INPUT, entry->place, "unknown key '%s', did you mean '%s'?", entry->key, meant);
  }
  pm_fail(PM_BAD_INPUT, entry->place, "unknown key '%s'", entry->key);
}

static void set_row(pm_arena *arena, const pm_config_entry *entry, const pm_option *row, void *settings) {
  char problem[PROBLEM_BYTES];
  if (row->type != PM_LIST) {
    if (!pm_option_set(arena, row, settings, entry->value, problem))
      pm_fail(PM_BAD_INPUT, entry->place, "%s: %s", entry->key, problem);
    return;
  }
  pm_text_list *list = (pm_text_list *)((char *)settings + row->offset);
  *list = (pm_text_list){0};
  for (size_t i = 0; i < entry->list.count; i++)
    pm_option_set(arena, row, settings, entry->list.item[i], problem);
  if (!entry->list.count && *entry->value)
    pm_option_set(arena, row, settings, entry->value, problem);
}

void pm_config_apply(pm_arena *arena, const pm_config *config, const pm_option *const *tables, void *const *structs,
                     size_t n) {
  for (size_t k = 0; k < config->entries; k++) {
    const pm_config_entry *entry = &config->entry[k];
    bool known = false;
    for (size_t i = 0; i < n; i++) {
      const pm_option *row = pm_option_find(tables[i], entry->key);
      if (row)
        set_row(arena, entry, row, structs[i]);
      known = known || row;
    }
    if (!known && !is_empty_section(entry, tables, n))
      unknown_key(entry, tables, n);
  }
}

/* ---- from settings to text ---- */

typedef struct {
  const char *key, *value; /* the value as YAML */
} setting;

typedef struct {
  pm_arena *arena;
  char *bytes;
  size_t used, capacity;
} config_lines;

static PM_PRINTF(2, 3) void append(config_lines *t, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const char *more = pm_format_list(t->arena, format, arguments);
  va_end(arguments);
  size_t length = strlen(more);
  t->bytes = pm_grow(t->arena, t->bytes, &t->capacity, t->used + length + 1, 1);
  memcpy(t->bytes + t->used, more, length + 1);
  t->used += length;
}

static const char *list_value(pm_arena *arena, const pm_text_list *list) {
  config_lines t = {.arena = arena};
  append(&t, "[");
  for (size_t i = 0; i < list->count; i++)
    append(&t, "%s%s", i ? ", " : "", pm_yaml_scalar(arena, list->item[i]));
  append(&t, "]");
  return t.bytes;
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const setting *)a)->key, ((const setting *)b)->key);
}

static bool is_section(const setting *all, size_t count, const char *key) {
  size_t length = strlen(key);
  for (size_t i = 0; i < count; i++)
    if (strncmp(all[i].key, key, length) == 0 && all[i].key[length] == '.')
      return true;
  return false;
}

/* Opens the sections that `key` lies in and `before` does not; returns its last part. */
static const char *open_sections(config_lines *t, const char *key, const char *before, int *depth) {
  const char *part = key;
  bool shared = true;
  *depth = 0;
  for (const char *dot; (dot = strchr(part, '.')); part = dot + 1, (*depth)++) {
    size_t prefix = (size_t)(dot - key) + 1;
    shared = shared && before && strncmp(before, key, prefix) == 0;
    if (!shared)
      append(t, "%*s%.*s:\n", 2 * *depth, "", (int)(dot - part), part);
  }
  return part;
}

const char *pm_config_text(pm_arena *arena, const pm_option *const *tables, void *const *structs, size_t n) {
  setting *all = NULL;
  size_t count = 0, capacity = 0;
  for (size_t i = 0; i < n; i++)
    for (const pm_option *row = tables[i]; row->name; row++) {
      const void *field = (const char *)structs[i] + row->offset;
      const char *value = row->type == PM_LIST ? list_value(arena, field)
                                               : pm_yaml_scalar(arena, pm_option_text(arena, row, structs[i]));
      all = pm_grow(arena, all, &capacity, count + 1, sizeof *all);
      all[count++] = (setting){row->name, value};
    }
  if (count)
    qsort(all, count, sizeof *all, by_key);
  config_lines t = {.arena = arena};
  append(&t, "%s", "");
  for (size_t i = 0; i < count; i++) {
    const char *before = i ? all[i - 1].key : NULL;
    int depth;
    assert(!before || strcmp(before, all[i].key) != 0); /* two tables with the same key */
    assert(!is_section(all, count, all[i].key));        /* a key that others lie below */
    const char *last = open_sections(&t, all[i].key, before, &depth);
    append(&t, "%*s%s: %s\n", 2 * depth, "", last, all[i].value);
  }
  return t.bytes;
}
