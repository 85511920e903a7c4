#include "io/utf8.h"

unsigned pm_utf8_decode(const char *text, size_t *length) {
  static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *c = (const unsigned char *)text;
  *length = c[0] < 0x80 ? 1 : c[0] < 0xc0 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf8 ? 4 : 0;
  if (*length < 2)
    return c[0];
  unsigned code = c[0] & (0x7fu >> *length);
  for (size_t i = 1; i < *length; i++) {
    if ((c[i] & 0xc0) != 0x80) {
      *length = 0;
      return c[0];
    }
    code = code << 6 | (c[i] & 0x3fu);
  }
  if (code < least[*length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    *length = 0;
    return c[0];
  }
  return code;
}

bool pm_utf16_begins(const unsigned char *bytes, size_t length) {
  return length >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff));
}
