/* Run configurations: YAML through libyaml, flattened to dotted keys that a table of pm_option rows gives a type.
 *
 *   defaults: [base]        # files beside this one that it lies over
 *   name: vae-mse
 *   training: {epochs: 1000, batch: 32, learning_rate: 1e-3}
 *
 * Layers, later ones winning: the option table's defaults, the `defaults:` files, the config, the preset
 * (presets/NAME.yaml beside the config: its plain keys, then those below `methods: METHOD:`, then those below
 * `runs: NAME:`, NAME being the config's `name`), --set.
 *
 * A file that is not there is looked for among those that came with the program (core/installation.h): configs/X.yaml
 * wherever one works, and defaults and presets that do not lie beside one's own config. */
#ifndef PM_IO_CONFIG_H
#define PM_IO_CONFIG_H

#include "core/options.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *key;   /* "training.batch" */
  const char *value; /* a list as its items with ", " between them */
  const char *place; /* "configs/base.yaml:7" or "--set" */
  pm_text_list list; /* its items; none for what is not a list */
} pm_config_entry;

typedef struct {
  pm_config_entry *entry;
  size_t entries, capacity;
} pm_config;

/* Files of at most 64 KiB, nesting at most 32 (checked before libyaml sees the text), no aliases or anchors, no
 * duplicate keys; scalars, mappings and lists of scalars only. A breach fails with status 3 and file:line. `preset` may
 * be NULL; `set` holds "key=value" texts; `method` ("vae") chooses the preset's section. */
pm_config pm_config_read(pm_arena *arena, const char *path, const char *preset, const pm_text_list *set,
                         const char *method);

/* Gives each entry to the row of its name in one of the tables (tables[i] fills structs[i]; both end at n). An unknown
 * key or a value that its row refuses fails with status 3, its place, what was expected and, if one is near, the key
 * that was probably meant. */
void pm_config_apply(pm_arena *arena, const pm_config *config, const pm_option *const *tables, void *const *structs,
                     size_t n);

/* The effective config: every key of the tables with its value, as YAML, one key a line, sorted, nested by the dots; in
 * the arena. Two runs have the same settings exactly when these texts are equal. Reads back through pm_config_read. */
const char *pm_config_text(pm_arena *arena, const pm_option *const *tables, void *const *structs, size_t n);

/* The same from text in memory (a model file's metadata); `place` names it in errors. */
pm_config pm_config_parse(pm_arena *arena, const char *text, size_t length, const char *place);

#ifdef __cplusplus
}
#endif
#endif
