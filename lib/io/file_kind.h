/* Files of other kinds that end up where a picture, sprites or a palette belong: what they are, and one way out. */
#ifndef PM_IO_FILE_KIND_H
#define PM_IO_FILE_KIND_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_FILE_KIND_BYTES = 64 }; /* as many tell all kinds apart; fewer tell most */

typedef struct {
  const char *what;    /* "a JPEG picture" */
  const char *way_out; /* how a PNG picture comes out of it, as a clause; FILE stands for its name */
} pm_file_kind;

/* By the first bytes, whatever the file's name; NULL where they tell nothing. PNG pictures are none of them. */
const pm_file_kind *pm_file_kind_of(const unsigned char *bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
