/* A pixel font for captions: ASCII, 5 x 7 letters with two more rows for what hangs below the line; each letter as wide
 * as its ink. */
#ifndef PM_PIXELS_FONT_H
#define PM_PIXELS_FONT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_FONT_WIDTH = 5, PM_FONT_HEIGHT = 9, PM_FONT_BASELINE = 7, PM_FONT_SPACING = 1 };

/* Rows of a letter, bit 0 the leftmost pixel. Anything but 32 … 126 gives a hollow box. */
typedef struct {
  int width; /* 1 … PM_FONT_WIDTH, without the space to the next letter */
  unsigned char row[PM_FONT_HEIGHT];
} pm_glyph;

pm_glyph pm_font_glyph(unsigned code);

/* The next character of UTF-8 text and a step past it; malformed bytes count as one strange character each. 0 at the
 * end, without a step. */
unsigned pm_font_next(const char **text);

/* Width of `length` bytes of text in font pixels, without the space behind the last letter. */
size_t pm_font_measure(const char *text, size_t length);

#ifdef __cplusplus
}
#endif
#endif
