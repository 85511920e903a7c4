/* Classes of sprites: a number from 0 for each sprite, and a name for each number. */
#ifndef PM_PIXELS_LABELS_H
#define PM_PIXELS_LABELS_H

#include "pixels/kmeans.h"
#include "pixels/sheets.h"
#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_MAX_CLASSES = 65536 };

typedef struct {
  size_t count, classes;
  int32_t *label;    /* [count], 0 … classes - 1 */
  size_t *size;      /* [classes]: sprites of each; none is empty, but for pm_labels_read */
  const char **name; /* [classes] */
} pm_labels;

/* All memory comes from the arena; `place` names the input in errors, all of status 3. */

/* Sprites that look alike: k-means on their RGB pixels in [0,1], transparent ones laid over black. Classes are numbered
 * by falling size, equal ones by their first sprite, and called class-0, class-1, …. Fewer sprites that differ than
 * clusters are refused. Runs on all threads. */
pm_labels pm_labels_cluster(pm_arena *arena, const pm_sprites *sprites, pm_kmeans_options options, const char *place);

/* Sprites by the folder that their sheet came from: pm_sheets_list_classes and the report of cutting them. Classes are
 * numbered in the order of their names (by bytes). A class that lost all its tiles is dropped with a warning. */
pm_labels pm_labels_by_sheet(pm_arena *arena, const pm_sheet_list *sheets, const pm_slice_report *report);

/* Any whole numbers, u8, i32 or i64 [N], N >= 1: numbered anew without gaps, in their order; class-OLD is the name. */
pm_labels pm_labels_from_tensor(pm_arena *arena, const pm_tensor *tensor, const char *place);

/* The numbers of an .npy file as training takes them: i32 or i64 [count], 0 to PM_MAX_CLASSES - 1, and they stay as
 * they are. There are as many classes as the largest says, class-0, class-1, …, also those that no sprite is of. `of`
 * is what the labels belong to, for messages. */
pm_labels pm_labels_read(pm_arena *arena, const char *path, size_t count, const char *of);

/* i32 [count]. */
pm_tensor pm_labels_to_tensor(const pm_labels *labels);

#ifdef __cplusplus
}
#endif
#endif
