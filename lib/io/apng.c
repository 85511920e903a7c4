#include "io/animation.h"

#include "io/bytes.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

static void put_big(unsigned char *to, size_t value, int size) {
  for (int i = size; i-- > 0; value >>= 8)
    to[i] = (unsigned char)value;
}

/* Length, name, content in two parts, and the check sum of all but the length. */
static void write_chunk(pm_output *output, const char name[4], const unsigned char *first, size_t first_size,
                        const unsigned char *rest, size_t rest_size) {
  unsigned char head[8], sum[4];
  put_big(head, first_size + rest_size, 4);
  memcpy(head + 4, name, 4);
  uLong crc = crc32(crc32(0, head + 4, 4), first, (uInt)first_size);
  put_big(sum, rest_size ? crc32(crc, rest, (uInt)rest_size) : crc, 4);
  pm_output_write(output, head, sizeof head);
  pm_output_write(output, first, first_size);
  if (rest_size)
    pm_output_write(output, rest, rest_size);
  pm_output_write(output, sum, sizeof sum);
}

static void write_animation_control(pm_output *output, const pm_animation *a) {
  unsigned char content[8];
  put_big(content, a->count, 4);
  put_big(content + 4, a->plays, 4);
  write_chunk(output, "acTL", content, sizeof content, NULL, 0);
}

/* The frame replaces all of the one before. */
static void write_frame_control(pm_output *output, const pm_animation *a, size_t *sequence) {
  unsigned char content[26] = {0}; /* place, disposal and blending are all 0 */
  put_big(content, (*sequence)++, 4);
  put_big(content + 4, a->frames.width, 4);
  put_big(content + 8, a->frames.height / a->count, 4);
  put_big(content + 20, a->delay, 2);
  put_big(content + 22, 1000, 2);
  write_chunk(output, "fcTL", content, sizeof content, NULL, 0);
}

/* The compressed pixels of a PNG picture of ours, in one piece; *before is how many bytes stand in front of them, all
 * chunks that tell what they mean. */
static const unsigned char *pixel_data(pm_arena *arena, const unsigned char *png, size_t length, size_t *before,
                                       size_t *size) {
  unsigned char *data = pm_alloc(arena, length, 1);
  *before = *size = 0;
  for (size_t at = PM_PNG_SIGNATURE; at < length;) {
    size_t bytes = pm_big_endian(png + at, 4);
    if (memcmp(png + at + 4, "IDAT", 4) == 0) {
      *before = *before ? *before : at;
      memcpy(data + *size, png + at + 8, bytes);
      *size += bytes;
    }
    at += bytes + 12;
  }
  return data;
}

static pm_image frame_of(const pm_animation *a, size_t f) {
  pm_image frame = a->frames;
  frame.height = a->frames.height / a->count;
  if (frame.index)
    frame.index += f * frame.width * frame.height;
  else
    frame.rgba += 4 * f * frame.width * frame.height;
  return frame;
}

void pm_apng_write(pm_arena *arena, pm_output *output, const pm_animation *a) {
  assert(a->count > 0 && a->frames.height % a->count == 0);
  bool alpha = !pm_image_opaque(&a->frames);
  size_t sequence = 0;
  for (size_t f = 0; f < a->count; f++) {
    pm_arena **scratch = pm_scratch_new(arena);
    pm_image frame = frame_of(a, f);
    size_t length, before, size;
    const unsigned char *png = pm_png_encode(*scratch, &frame, alpha, f == 0 ? a->notes : NULL, &length);
    const unsigned char *data = pixel_data(*scratch, png, length, &before, &size);
    if (f == 0) {
      pm_output_write(output, png, before);
      write_animation_control(output, a);
    }
    unsigned char number[4];
    write_frame_control(output, a, &sequence);
    if (f > 0)
      put_big(number, sequence++, 4);
    if (f == 0)
      write_chunk(output, "IDAT", data, size, NULL, 0);
    else
      write_chunk(output, "fdAT", number, sizeof number, data, size);
    pm_scratch_free(scratch);
  }
  write_chunk(output, "IEND", (const unsigned char *)"", 0, NULL, 0);
}
