#include "io/image.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

enum { MAX_COLOURS = 256, COMPRESSION = 9 };

typedef struct {
  pm_arena *arena;
  png_structp png;
  png_infop info;
  unsigned char *bytes;
  size_t used, capacity;
  char message[128];
} writer;

static void writer_release(void *object) {
  writer *w = object;
  if (w->png)
    png_destroy_write_struct(&w->png, &w->info);
}

static PM_NORETURN void on_write_error(png_structp png, png_const_charp text) {
  writer *w = png_get_error_ptr(png);
  snprintf(w->message, sizeof w->message, "%s", text);
  png_longjmp(png, 1);
}

static void on_write_warning(png_structp png, png_const_charp text) {
  (void)png, (void)text;
}

static void on_write(png_structp png, png_bytep bytes, size_t size) {
  writer *w = png_get_io_ptr(png);
  w->bytes = pm_grow(w->arena, w->bytes, &w->capacity, pm_add(NULL, w->used, size), 1);
  memcpy(w->bytes + w->used, bytes, size);
  w->used += size;
}

static void on_flush(png_structp png) {
  (void)png;
}

bool pm_image_opaque(const pm_image *image) {
  size_t pixels = image->colours ? image->colours : image->width * image->height;
  const unsigned char *rgba = image->colours ? image->palette[0] : image->rgba;
  for (size_t i = 0; i < pixels; i++)
    if (rgba[4 * i + 3] != 255)
      return false;
  return true;
}

static void set_palette(writer *w, const pm_image *image) {
  png_color table[MAX_COLOURS] = {{0, 0, 0}};
  png_byte alpha[MAX_COLOURS] = {0};
  int alphas = 0, colours = (int)image->colours;
  for (int i = 0; i < colours; i++) {
    const unsigned char *c = image->palette[i];
    table[i] = (png_color){c[0], c[1], c[2]};
    alpha[i] = c[3];
    if (c[3] != 255)
      alphas = i + 1;
  }
  png_set_PLTE(w->png, w->info, table, colours);
  if (alphas)
    png_set_tRNS(w->png, w->info, alpha, alphas, NULL);
}

/* tEXt is Latin-1: what is more than ASCII goes into iTXt, which is UTF-8. */
static void set_notes(writer *w, const char *const *notes) {
  for (; notes && notes[0]; notes += 2) {
    bool ascii = true;
    for (const char *c = notes[1]; *c; c++)
      ascii = ascii && (unsigned char)*c < 0x80;
    png_text text = {.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
                     .key = (png_charp)notes[0],
                     .text = (png_charp)notes[1],
                     .text_length = ascii ? strlen(notes[1]) : 0,
                     .itxt_length = ascii ? 0 : strlen(notes[1])};
    png_set_text(w->png, w->info, &text, 1);
  }
}

static void encode(writer *w, const pm_image *image, bool alpha, const char *const *notes) {
  png_structp png = w->png;
  png_set_write_fn(png, w, on_write, on_flush);
  int depth = 8, type = alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB;
  if (image->colours) {
    type = PNG_COLOR_TYPE_PALETTE;
    depth = image->colours <= 2 ? 1 : image->colours <= 4 ? 2 : image->colours <= 16 ? 4 : 8;
    set_palette(w, image);
  }
  /* Indices compress best as they are; of all filters Paeth's alone makes enlarged pixels zeros both ways. */
  png_set_filter(png, PNG_FILTER_TYPE_BASE, image->colours ? PNG_FILTER_NONE : PNG_FILTER_PAETH);
  png_set_compression_level(png, COMPRESSION);
  png_set_compression_strategy(png, image->colours ? Z_DEFAULT_STRATEGY : Z_FILTERED);
  png_set_IHDR(png, w->info, (png_uint_32)image->width, (png_uint_32)image->height, depth, type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  set_notes(w, notes);
  png_write_info(png, w->info);
  png_set_packing(png);
  if (!image->colours && !alpha)
    png_set_filler(png, 0, PNG_FILLER_AFTER);
  size_t stride = image->colours ? image->width : 4 * image->width;
  const unsigned char *data = image->colours ? image->index : image->rgba;
  for (size_t y = 0; y < image->height; y++)
    png_write_row(png, data + y * stride);
  png_write_end(png, NULL);
}

const unsigned char *pm_png_encode(pm_arena *arena, const pm_image *image, bool alpha, const char *const *notes,
                                   size_t *length) {
  writer *w = pm_alloc(arena, 1, sizeof *w);
  w->arena = arena;
  pm_arena_defer(arena, writer_release, w);
  w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, on_write_error, on_write_warning);
  w->info = w->png ? png_create_info_struct(w->png) : NULL;
  if (!w->info)
    pm_fail(PM_FAILED, NULL, "out of memory for libpng");
  if (setjmp(png_jmpbuf(w->png))) {
    writer_release(w);
    pm_fail(PM_FAILED, NULL, "the picture cannot be written as PNG: %s", w->message);
  }
  encode(w, image, alpha, notes);
  writer_release(w);
  *length = w->used;
  return w->bytes;
}

/* Of the picture being written: pm_output_write may end the program. One that a pm_fail handler left behind is freed by
 * the next. */
static _Thread_local pm_arena *writing;

void pm_png_write(pm_output *output, const pm_image *image, const char *const *notes) {
  pm_arena_free(writing);
  writing = NULL;
  writing = pm_arena_new();
  size_t length;
  const unsigned char *bytes = pm_png_encode(writing, image, !pm_image_opaque(image), notes, &length);
  pm_output_write(output, bytes, length);
  pm_arena_free(writing);
  writing = NULL;
}
