#include "io/bytes.h"

const unsigned char *pm_bytes_take(pm_bytes *b, size_t size, const char *what) {
  if (b->length - b->at < size)
    pm_fail(PM_BAD_INPUT, b->name, "ends at byte %zu in the middle of %s", b->length, what);
  b->at += size;
  return b->bytes + b->at - size;
}

uint32_t pm_bytes_little(pm_bytes *b, int size, const char *what) {
  return pm_little_endian(pm_bytes_take(b, (size_t)size, what), size);
}

pm_bytes pm_bytes_part(pm_bytes *b, size_t size, const char *what) {
  pm_bytes part = *b;
  pm_bytes_take(b, size, what);
  part.length = b->at;
  return part;
}

const char *pm_bytes_place(const pm_bytes *b, size_t at) {
  return pm_format(b->arena, "%s: byte %zu", b->name, at);
}

uint32_t pm_big_endian(const unsigned char *bytes, int size) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

uint32_t pm_little_endian(const unsigned char *bytes, int size) {
  uint32_t value = 0;
  for (int i = size; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}
