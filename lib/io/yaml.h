/* Inside io: the YAML that configurations are written in, flattened to dotted keys. */
#ifndef PM_IO_YAML_H
#define PM_IO_YAML_H

#include "io/config.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_YAML_BYTES = 64 * 1024 };

typedef struct {
  pm_config config;     /* in the order of the text */
  pm_text_list *layers; /* items of the key `defaults`; NULL if the text has no such key */
  const char *layers_place;
} pm_yaml;

/* `text` is followed by a zero byte. `name` stands before the line numbers in places. What is not a mapping of plain
 * keys to scalars, mappings and lists of scalars fails with status 3. */
pm_yaml pm_yaml_read(pm_arena *arena, const char *text, size_t length, const char *name);

/* True if `text` may stand unquoted as a value and reads back as the same text. */
bool pm_yaml_is_plain(const char *text);
/* `text` as a value: plain or in double quotes; in the arena. */
const char *pm_yaml_scalar(pm_arena *arena, const char *text);

#ifdef __cplusplus
}
#endif
#endif
