#include "io/wrong_kind.h"

#include "io/file_kind.h"
#include "io/image.h"
#include "io/utf8.h"

#include <string.h>

enum { MOST_QUOTED = 40 };

/* UTF-8 without control characters but blanks. The last character may be cut off. */
static bool is_text(const unsigned char *bytes, size_t length) {
  char text[PM_FILE_KIND_BYTES + 1] = "";
  memcpy(text, bytes, length);
  for (size_t at = 0, size; at < length; at += size) {
    unsigned code = pm_utf8_decode(text + at, &size);
    if (size == 0)
      return length - at < 4 && at > 0;
    if ((code < 0x20 && (code == 0 || !strchr("\t\n\v\f\r", (int)code))) || code == 0x7f)
      return false;
  }
  return true;
}

const char *pm_kind_in_words(pm_arena *arena, const char *path, const unsigned char *bytes, size_t length) {
  if (length == 0)
    return "empty";
  if (pm_png_begins(bytes, length))
    return "a PNG picture";
  const pm_file_kind *kind = pm_file_kind_of(bytes, length);
  if (kind)
    return kind->what;
  if (pm_utf16_begins(bytes, length))
    return "text in UTF-16 and not in UTF-8";
  if (!is_text(bytes, length))
    return "of an unknown kind";
  if (pm_has_suffix(path, ".yaml") || pm_has_suffix(path, ".yml"))
    return "a configuration (.yaml)";
  char first[PM_FILE_KIND_BYTES + 1] = "";
  memcpy(first, bytes, length < MOST_QUOTED ? length : MOST_QUOTED);
  first[strcspn(first, "\r\n")] = 0;
  return pm_format(arena, "text that begins with '%s'", first);
}

bool pm_is_no_text(const unsigned char *bytes, size_t length) {
  return pm_png_begins(bytes, length) || pm_file_kind_of(bytes, length) || pm_utf16_begins(bytes, length) ||
         memchr(bytes, 0, length);
}

void pm_fail_wrong_kind(pm_arena *arena, pm_input *input, const char *expected) {
  unsigned char bytes[PM_FILE_KIND_BYTES];
  size_t length = pm_input_peek(input, bytes, sizeof bytes);
  const char *name = pm_input_name(input);
  const pm_file_kind *kind =
      strstr(expected, "PNG") ? pm_file_kind_of(bytes, length) : NULL; /* how to make one of it */
  pm_fail(PM_BAD_INPUT, name, "is %s, expected %s%s%s", pm_kind_in_words(arena, name, bytes, length), expected,
          kind ? ": " : "", kind ? kind->way_out : "");
}

char *pm_text_read(pm_arena *arena, const char *path, size_t limit, const char *expected, size_t *length) {
  pm_input *input = pm_input_open_as(arena, path, expected);
  unsigned char bytes[PM_FILE_KIND_BYTES];
  size_t first = pm_input_peek(input, bytes, sizeof bytes);
  if (pm_is_no_text(bytes, first))
    pm_fail_wrong_kind(arena, input, expected);
  char *text = (char *)pm_input_read_all(arena, input, limit, length);
  if (strncmp(text, "\xef\xbb\xbf", 3) == 0) { /* Windows' editors begin a text so */
    text += 3;
    if (length)
      *length -= 3;
  }
  return text;
}
