/* Folders of pictures. */
#ifndef PM_PIXELS_FOLDER_H
#define PM_PIXELS_FOLDER_H

#include "core/options.h"

#ifdef __cplusplus
extern "C" {
#endif

bool pm_is_folder(const char *path);

/* Paths in the arena, by name (by their bytes). Hidden files are passed over. Status 3 if the folder cannot be read. */
pm_text_list pm_folder_folders(pm_arena *arena, const char *folder);
pm_text_list pm_folder_pictures(pm_arena *arena, const char *folder); /* its .png files */

/* Adds the folder's pictures to the list. Without any it fails with status 3, and names the folders in it that hold
 * some; with some, these are named in a note (pm_say) as passed over, as are pictures of other kinds. */
void pm_folder_append(pm_arena *arena, pm_text_list *paths, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
