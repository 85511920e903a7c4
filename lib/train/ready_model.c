#include "train/ready_model.h"

#include <string.h>

pm_ready_model pm_model_make_ready(pm_arena *arena, const pm_backend *backend, const pm_model *model,
                                   const pm_run_settings *settings, const pm_hints *hints, size_t particles) {
  const pm_method *method = settings->method;
  if (method->check)
    method->check(settings->model, &model->facts.format, model->place);
  pm_ready_model ready = {.store = pm_store_new(arena, backend)};
  ready.inference =
      pm_inference_new(arena, ready.store, pm_own_weights(), method, settings->model, &model->facts.format);
  if (hints)
    pm_inference_follow(ready.inference, hints, particles);
  pm_inference_register(ready.inference);
  pm_model_check(model, ready.store);
  pm_inference_prepare(ready.inference);
  pm_model_load(model, ready.store);
  return ready;
}

void pm_ready_model_free(pm_ready_model *ready) {
  pm_inference_free(ready->inference);
  pm_store_free(ready->store);
}

/* A base, and what lies behind it. */
typedef struct {
  pm_base base; /* first: a pm_base * is one of these */
  char hash[65];
  pm_model model;
  pm_run_settings settings;
  pm_ready_model ready;
} whole_base;

pm_base *pm_base_read(pm_arena *arena, const pm_backend *backend, const pm_method *method, const char *path) {
  whole_base *b = pm_alloc(arena, 1, sizeof *b);
  b->model = pm_model_read_hashed(arena, path, b->hash);
  if (strcmp(b->model.facts.method, method->base->name) != 0)
    pm_fail(PM_BAD_INPUT, b->model.place, "a model of the method '%s'; expected a %s", b->model.facts.method,
            method->base->name);
  b->settings = pm_run_settings_parse(arena, method->base, b->model.facts.config, b->model.place);
  b->ready = pm_model_make_ready(arena, backend, &b->model, &b->settings, NULL, 1);
  b->base = (pm_base){.method = method->base,
                      .settings = b->settings.model,
                      .format = &b->model.facts.format,
                      .hash = b->hash,
                      .store = b->ready.store};
  return &b->base;
}

void pm_base_free(pm_base *base) {
  if (base)
    pm_ready_model_free(&((whole_base *)base)->ready);
}
