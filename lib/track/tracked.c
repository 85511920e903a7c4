#include "track/tracked.h"

#include "core/file.h"

#include <jansson.h>
#include <string.h>

enum { MOST_BYTES = 64 << 20 };
static const char format_word[] = "pixelmill tracking 1";

static const char *path_in(pm_arena *arena, const char *folder) {
  return pm_join(arena, folder, "tracked.json");
}

/* The whole file; a new one where there is none, or none that can be read. */
static json_t *load(pm_arena *arena, const char *folder) {
  const char *path = path_in(arena, folder);
  json_error_t error;
  size_t length;
  if (pm_file_exists(path)) {
    const char *text = (const char *)pm_read_file(arena, path, MOST_BYTES, &length);
    json_t *json = json_loadb(text, length, 0, &error);
    const char *format = json_string_value(json_object_get(json, "format"));
    if (format && strcmp(format, format_word) == 0 && json_is_array(json_object_get(json, "tracked")))
      return json;
    json_decref(json);
    pm_warn(path, "is damaged or of another version; it is written anew, and the run is looked for on the server");
  }
  return json_pack("{s:s,s:[]}", "format", format_word, "tracked");
}

static bool is_text(const json_t *object, const char *key, const char *text) {
  const char *value = json_string_value(json_object_get(object, key));
  return value && strcmp(value, text) == 0;
}

/* The index of the note, or that behind the last. */
static size_t find(const json_t *list, const char *server, const char *experiment) {
  size_t i = 0;
  while (i < json_array_size(list) && !(is_text(json_array_get(list, i), "server", server) &&
                                        is_text(json_array_get(list, i), "experiment", experiment)))
    i++;
  return i;
}

pm_tracked pm_tracked_read(pm_arena *arena, const char *folder, const char *server, const char *experiment) {
  pm_tracked t = {0};
  json_t *json = load(arena, folder), *list = json_object_get(json, "tracked"), *files, *sha256;
  const json_t *note = json_array_get(list, find(list, server, experiment));
  const char *training = json_string_value(json_object_get(note, "training")),
             *run = json_string_value(json_object_get(note, "run")), *path;
  if (training && run) {
    t.training = pm_copy_text(arena, training);
    t.run = pm_copy_text(arena, run);
    files = json_object_get(note, "files");
    json_object_foreach(files, path, sha256) {
      if (json_is_string(sha256))
        pm_tracked_add(arena, &t, path, json_string_value(sha256));
    }
  }
  json_decref(json);
  return t;
}

void pm_tracked_write(pm_arena *arena, const char *folder, const char *server, const char *experiment,
                      const pm_tracked *t) {
  json_t *json = load(arena, folder), *list = json_object_get(json, "tracked"), *files = json_object();
  for (size_t i = 0; i < t->files; i++)
    json_object_set_new(files, t->file[i].path, json_string(t->file[i].sha256));
  json_t *note = json_pack("{s:s,s:s,s:s,s:s,s:o}", "server", server, "experiment", experiment, "training", t->training,
                           "run", t->run, "files", files);
  size_t at = find(list, server, experiment);
  if (!note)
    pm_fail(PM_FAILED, NULL, "out of memory, or a name that is no UTF-8");
  if (at < json_array_size(list))
    json_array_set_new(list, at, note);
  else
    json_array_append_new(list, note);
  char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
  json_decref(json);
  const char *lines = pm_format(arena, "%s\n", text);
  free(text);
  pm_write_file(arena, path_in(arena, folder), lines, strlen(lines));
}

bool pm_tracked_has(const pm_tracked *t, const char *path, const char *sha256) {
  for (size_t i = 0; i < t->files; i++)
    if (strcmp(t->file[i].path, path) == 0)
      return strcmp(t->file[i].sha256, sha256) == 0;
  return false;
}

void pm_tracked_add(pm_arena *arena, pm_tracked *t, const char *path, const char *sha256) {
  size_t i = 0;
  while (i < t->files && strcmp(t->file[i].path, path) != 0)
    i++;
  if (i == t->files) {
    t->file = pm_grow(arena, t->file, &t->capacity, t->files + 1, sizeof *t->file);
    t->file[t->files++].path = pm_copy_text(arena, path);
  }
  t->file[i].sha256 = pm_copy_text(arena, sha256);
}
