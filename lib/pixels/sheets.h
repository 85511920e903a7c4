/* Sheets as a command line names them: files, folders of files, folders of classes; and how they are cut. What tools
 * that read sheets share, so that the same options give the same sprites in the same order. */
#ifndef PM_PIXELS_SHEETS_H
#define PM_PIXELS_SHEETS_H

#include "core/options.h"
#include "pixels/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_slice_options slice;
  const char *transparent; /* rrggbb that stands for transparency, or NULL */
  int64_t tolerance;       /* how far a channel may be away from it */
} pm_sheet_options;

/* Rows of a table of options for the pm_sheet_options `field` of a tool's settings. */
#define PM_SHEET_ROWS(settings, field)                                                                                 \
  {"tile",     0,                                                                                                      \
   PM_SIZE_2D, offsetof(settings, field.slice.tile),                                                                   \
   "16",       1,                                                                                                      \
   16384,      NULL,                                                                                                   \
   "W[xH]",    "size of a tile in pixels"},                                                                            \
      {"frames",   0,                                                                                                  \
       PM_SIZE_2D, offsetof(settings, field.slice.frames),                                                             \
       "1",        1,                                                                                                  \
       64,         NULL,                                                                                               \
       "NxM",      "tiles of one sprite: N x M of them are its frames, side by side and one above the other"},         \
      {"margin",   0,                                                                                                  \
       PM_SIZE_2D, offsetof(settings, field.slice.margin),                                                             \
       "0",        0,                                                                                                  \
       16384,      NULL,                                                                                               \
       "W[xH]",    "pixels around all tiles: W left and right, H above and below (W alone: on all sides)"},            \
      {"spacing",  0,                                                                                                  \
       PM_SIZE_2D, offsetof(settings, field.slice.spacing),                                                            \
       "0",        0,                                                                                                  \
       16384,      NULL,                                                                                               \
       "W[xH]",    "pixels between two tiles: W between columns, H between rows (W alone: both)"},                     \
      {"rest",    0,                                                                                                   \
       PM_CHOICE, offsetof(settings, field.slice.rest),                                                                \
       "refuse",  0,                                                                                                   \
       0,         PM_REST_CHOICES,                                                                                     \
       NULL,      "a sheet that does not divide: refuse it, drop its partial tiles, or skip it"},                      \
      {"shrink",   0,                                                                                                  \
       PM_INTEGER, offsetof(settings, field.slice.shrink),                                                             \
       "1",        1,                                                                                                  \
       256,        NULL,                                                                                               \
       "N",        "make a pixel of each N x N in a tile, which must be of one colour (enlarged pixel art)"},          \
      {"density", 0,                                                                                                   \
       PM_SPAN,   offsetof(settings, field.slice.density),                                                             \
       "0:1",     0,                                                                                                   \
       1,         NULL,                                                                                                \
       "LO:HI",   "keep tiles whose share of pixels that differ from the background lies in this span"},               \
      {"background",                                                                                                   \
       0,                                                                                                              \
       PM_COLOUR,                                                                                                      \
       offsetof(settings, field.slice.background),                                                                     \
       "000000",                                                                                                       \
       0,                                                                                                              \
       0,                                                                                                              \
       NULL,                                                                                                           \
       "RRGGBB",                                                                                                       \
       "colour that transparent pixels are laid over"},                                                                \
      {"keep-alpha",                                                                                                   \
       0,                                                                                                              \
       PM_FLAG,                                                                                                        \
       offsetof(settings, field.slice.keep_alpha),                                                                     \
       NULL,                                                                                                           \
       0,                                                                                                              \
       0,                                                                                                              \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "write RGBA instead of laying tiles over the background"},                                                      \
      {"transparent",                                                                                                  \
       0,                                                                                                              \
       PM_TEXT,                                                                                                        \
       offsetof(settings, field.transparent),                                                                          \
       NULL,                                                                                                           \
       0,                                                                                                              \
       0,                                                                                                              \
       NULL,                                                                                                           \
       "RRGGBB",                                                                                                       \
       "take pixels of this colour for transparent (sheets drawn on a key colour)"},                                   \
      {"tolerance", 0,                                                                                                 \
       PM_INTEGER,  offsetof(settings, field.tolerance),                                                               \
       "0",         0,                                                                                                 \
       255,         NULL,                                                                                              \
       "N",         "and of colours whose red, green and blue are each at most N away from it"},                       \
      {"drop-flat", 0,    PM_FLAG, offsetof(settings, field.slice.drop_flat), NULL, 0,                                 \
       0,           NULL, NULL,    "leave out tiles of a single colour, too"},                                         \
  {                                                                                                                    \
    "distinct", 0, PM_FLAG, offsetof(settings, field.slice.distinct), NULL, 0, 0, NULL, NULL,                          \
        "of equal tiles keep only the first"                                                                           \
  }

typedef struct {
  pm_text_list path;
  pm_text_list class_name; /* of each sheet; empty where none was asked for */
} pm_sheet_list;

/* Each operand is a sheet (PNG, or an Aseprite file, each frame of which is cut), or a folder that stands for the .png
 * files in it, ordered by name (by their bytes; hidden files are passed over, and folders in it with a note if they
 * hold such files). A folder without any fails with status 3, and names the folders in it that hold some. */
pm_sheet_list pm_sheets_list(pm_arena *arena, char *const *operands);

/* Folders alone: one with .png files is a class of its name; one with nothing but sub-folders is many classes, ordered
 * by name. Folders of one name are one class. A sheet that is no folder's, and a folder that holds both kinds or
 * neither, fail with status 3. */
pm_sheet_list pm_sheets_list_classes(pm_arena *arena, char *const *operands);

/* Reads and cuts them (pm_slice) and says (pm_say) what was found and dropped, and what looks like a mistake: a key
 * colour that matches nothing, or that nobody gave; outlines of the background's colour. Status 3 if no sprite is left.
 */
pm_sprites pm_sheets_cut(pm_arena *arena, const pm_sheet_list *sheets, const pm_sheet_options *options,
                         pm_slice_report *report);

#ifdef __cplusplus
}
#endif
#endif
