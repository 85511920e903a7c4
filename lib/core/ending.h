/* What the ending of a file's name promises, so that no file is written that everybody takes for what it is not. */
#ifndef PM_CORE_ENDING_H
#define PM_CORE_ENDING_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an output is written as. */
typedef enum {
  PM_AS_ARRAY,              /* .npy */
  PM_AS_PICTURE,            /* .png */
  PM_AS_ARRAY_OR_PICTURE,   /* by the name */
  PM_AS_TEXT,               /* .txt .tsv .json .html and such; palettes, too */
  PM_AS_SHEET_OR_ANIMATION, /* .png, or .gif or .apng by the name */
  PM_AS_JSON,               /* .json */
  PM_AS_TSX,                /* .tsx */
  PM_AS_TRES,               /* .tres */
  PM_AS_FOLDER,             /* none of these */
} pm_written_as;

/* Wrong usage (status 2) if the name's ending belongs to another kind of file: "x.jpg: is the name of a JPEG picture,
 * …". NULL, "-", and names without an ending or with an unknown one are taken. */
void pm_check_ending(const char *path, pm_written_as as);

/* Whether the output is to be a PNG picture. NULL and "-" are not. */
bool pm_names_picture(const char *path);

#ifdef __cplusplus
}
#endif
#endif
