/* Colours as somebody types them: rrggbb or `transparent`, divided by commas, or the name of a palette file. */
#ifndef PM_PIXELS_COLOUR_LIST_H
#define PM_PIXELS_COLOUR_LIST_H

#include "io/palette.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In their order, each once. A text with a dot or a slash in it names a file, as does "-". Anything else that is no
 * such list is wrong usage (status 2), and `option` ("--to") is named; the file is read as pm_palette_read does. */
pm_palette pm_read_colour_list(pm_arena *arena, const char *text, const char *option);

#ifdef __cplusplus
}
#endif
#endif
