#include "track/tensorboard.h"

#include "report/run.h"

#include <stdlib.h>
#include <string.h>

uint32_t pm_crc32c(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= at[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

/* ---- messages */

typedef struct {
  pm_arena *arena;
  unsigned char *bytes;
  size_t length, capacity;
} message;

/* How the value of a field is written. */
enum { VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5 };

static void add(message *m, const void *bytes, size_t length) {
  m->bytes = pm_grow(m->arena, m->bytes, &m->capacity, m->length + length, 1);
  memcpy(m->bytes + m->length, bytes, length);
  m->length += length;
}

static void add_varint(message *m, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    add(m, &(unsigned char){(unsigned char)(value | 0x80)}, 1);
  add(m, &(unsigned char){(unsigned char)value}, 1);
}

static void add_key(message *m, unsigned field, unsigned kind) {
  add_varint(m, field << 3 | kind);
}

/* The lowest byte first. */
static void add_little(message *m, uint64_t value, int bytes) {
  for (int k = 0; k < bytes; k++)
    add(m, &(unsigned char){(unsigned char)(value >> 8 * k)}, 1);
}

static void add_number(message *m, unsigned field, uint64_t value) {
  add_key(m, field, VARINT);
  add_varint(m, value);
}

static void add_double(message *m, unsigned field, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  add_key(m, field, FIXED_64);
  add_little(m, bits, 8);
}

static void add_float(message *m, unsigned field, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  add_key(m, field, FIXED_32);
  add_little(m, bits, 4);
}

static void add_bytes(message *m, unsigned field, const void *bytes, size_t length) {
  add_key(m, field, BYTES);
  add_varint(m, length);
  add(m, bytes, length);
}

/* ---- records */

/* Check sums of data that hold check sums would be weak, so TFRecord rotates and shifts them. */
static uint32_t masked(const void *bytes, size_t length) {
  uint32_t crc = pm_crc32c(bytes, length);
  return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static void write_record(pm_output *out, const message *event) {
  pm_arena *scratch = pm_arena_new();
  message head = {.arena = scratch}, tail = {.arena = scratch};
  add_little(&head, event->length, 8);
  add_little(&head, masked(head.bytes, head.length), 4);
  add_little(&tail, masked(event->bytes, event->length), 4);
  pm_output_write(out, head.bytes, head.length);
  pm_output_write(out, event->bytes, event->length);
  pm_output_write(out, tail.bytes, tail.length);
  pm_arena_free(scratch);
}

/* Event: wall_time 1, step 2, file_version 3, summary 5. Summary: value 1. Value: tag 1, simple_value 2, image 4. */
static void write_value(pm_output *out, pm_arena *scratch, int64_t time, double step, const message *value) {
  message summary = {.arena = scratch}, event = {.arena = scratch};
  add_bytes(&summary, 1, value->bytes, value->length);
  add_double(&event, 1, (double)time / 1000);
  add_number(&event, 2, (uint64_t)step);
  add_bytes(&event, 5, summary.bytes, summary.length);
  write_record(out, &event);
}

static void write_scalar(pm_output *out, const char *tag, int64_t time, double step, double scalar) {
  pm_arena *scratch = pm_arena_new();
  message value = {.arena = scratch};
  add_bytes(&value, 1, tag, strlen(tag));
  add_float(&value, 2, (float)scalar);
  write_value(out, scratch, time, step, &value);
  pm_arena_free(scratch);
}

/* Image: height 1, width 2, colorspace 3 (3: RGB), encoded_image_string 4. */
static void write_image(pm_output *out, const char *tag, int64_t time, double step, const pm_picture *picture) {
  enum { RGB = 3 };
  pm_arena *scratch = pm_arena_new();
  message image = {.arena = scratch}, value = {.arena = scratch};
  add_number(&image, 1, picture->height);
  add_number(&image, 2, picture->width);
  add_number(&image, 3, RGB);
  add_bytes(&image, 4, picture->bytes, picture->length);
  add_bytes(&value, 1, tag, strlen(tag));
  add_bytes(&value, 4, image.bytes, image.length);
  write_value(out, scratch, time, step, &value);
  pm_arena_free(scratch);
}

void pm_tensorboard_write(pm_arena *arena, pm_output *out, const pm_training *t) {
  static const char version[] = "brain.Event:2";
  message first = {.arena = arena};
  add_double(&first, 1, (double)t->begun / 1000);
  add_bytes(&first, 3, version, strlen(version));
  write_record(out, &first);
  for (size_t k = 0; k < t->metrics.columns; k++) {
    const pm_series *s = &t->metrics.series[k];
    for (size_t i = 0; i < s->count; i++)
      write_scalar(out, s->name, pm_training_time(t, s->step[i]), s->step[i], s->value[i]);
  }
  const char *path = pm_join(arena, t->folder, "scores.tsv");
  pm_score_lines scores = pm_file_exists(path) ? pm_score_lines_read(arena, path) : (pm_score_lines){0};
  for (size_t i = 0; i < scores.count; i++)
    write_scalar(out, pm_format(arena, "scores/%s", scores.line[i].measure), t->ended, 0, scores.line[i].value);
  pm_text_list grids = pm_training_grids(arena, t->folder);
  for (size_t i = 0; i < grids.count; i++) {
    pm_picture picture = pm_picture_read(arena, pm_join(arena, t->folder, grids.item[i]));
    double step = strtod(pm_base_name(grids.item[i]), NULL);
    write_image(out, "samples", pm_training_time(t, step), step, &picture);
  }
}
