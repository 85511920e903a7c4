#include "io/image.h"

#include "io/file_kind.h"

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

enum {
  MAX_CHUNK = 1 << 20,
  MAX_COLOURS = 256,
  TABLE = 1024, /* places for the 256 colours, a power of two */
};

/* ---- indexing ---- */

/* Colours by hash: place in `slot` is 1 + index of the colour. */
typedef struct {
  size_t colours;
  unsigned char colour[MAX_COLOURS][4];
  uint16_t slot[TABLE];
} colour_table;

/* The colour's index, added if it is new; MAX_COLOURS where there is no room for it. */
static size_t table_index(colour_table *table, const unsigned char rgba[4]) {
  uint32_t key;
  memcpy(&key, rgba, 4);
  for (size_t at = (key * 2654435761u) >> 22;; at = (at + 1) % TABLE) {
    if (table->slot[at] == 0) {
      if (table->colours == MAX_COLOURS)
        return MAX_COLOURS;
      memcpy(table->colour[table->colours], rgba, 4);
      table->slot[at] = (uint16_t)++table->colours;
      return table->colours - 1;
    }
    if (memcmp(table->colour[table->slot[at] - 1], rgba, 4) == 0)
      return table->slot[at] - 1u;
  }
}

/* Fills in the table and the indices; false, and nothing is taken from the arena, if there are too many colours. */
static bool index_pixels(pm_arena *arena, pm_image *image, const unsigned char *rgba) {
  static const unsigned char clear[4] = {0, 0, 0, 0};
  size_t n = image->width * image->height;
  colour_table table = {0};
  for (size_t i = 0; i < n; i++)
    if ((i == 0 || memcmp(rgba + 4 * i, rgba + 4 * (i - 1), 4) != 0) &&
        table_index(&table, rgba[4 * i + 3] ? rgba + 4 * i : clear) == MAX_COLOURS)
      return false;
  image->index = pm_alloc(arena, n, 1);
  for (size_t i = 0; i < n; i++)
    if (i > 0 && memcmp(rgba + 4 * i, rgba + 4 * (i - 1), 4) == 0)
      image->index[i] = image->index[i - 1];
    else
      image->index[i] = (unsigned char)table_index(&table, rgba[4 * i + 3] ? rgba + 4 * i : clear);
  image->colours = table.colours;
  image->palette = pm_alloc(arena, table.colours, 4);
  memcpy(image->palette, table.colour, 4 * table.colours);
  return true;
}

static void clear_transparent(unsigned char *rgba, size_t pixels) {
  for (size_t i = 0; i < pixels; i++)
    if (rgba[4 * i + 3] == 0)
      memset(rgba + 4 * i, 0, 4);
}

pm_image pm_image_from_rgba(pm_arena *arena, size_t width, size_t height, const unsigned char *rgba) {
  pm_image image = {.width = width, .height = height};
  size_t pixels = pm_multiply(NULL, width, height);
  if (pixels == 0 || !index_pixels(arena, &image, rgba)) {
    image.rgba = pm_alloc(arena, pixels, 4);
    memcpy(image.rgba, rgba, 4 * pixels);
    clear_transparent(image.rgba, pixels);
  }
  return image;
}

/* ---- reading ---- */

/* Ends with the arena, so that libpng's memory goes even where a pm_fail handler jumps away. */
typedef struct {
  pm_arena *arena;
  const char *name;
  pm_input *input;            /* or: */
  const unsigned char *bytes; /* a file in memory */
  size_t length, at;          /* its own; bytes handed out, of either */
  png_structp png;
  png_infop info;
  pm_arena *pixels; /* scratch, and the pixels if they are not indexed */
  unsigned char *rgba;
  png_bytep *rows;
  png_uint_32 width, height;
  int type;
  unsigned wrong_sums; /* of ancillary chunks */
  char wrong_sum[5];   /* the first one's name */
  char warning[128], message[320];
} reader;

static void reader_release(void *object) {
  reader *r = object;
  if (r->png)
    png_destroy_read_struct(&r->png, &r->info, NULL);
  pm_arena_free(r->pixels);
  r->pixels = NULL;
}

/* The one ancillary chunk that pixels need, or it with one bit of its name damaged. */
static bool may_be_transparency(const char name[4]) {
  static const char transparency[] = "tRNS";
  int bits = 0;
  for (int i = 0; i < 4; i++)
    for (unsigned differing = (unsigned char)(name[i] ^ transparency[i]); differing; differing &= differing - 1)
      bits++;
  return bits <= 1;
}

/* libpng tells the reason in a warning and then fails with something general. A wrong check sum alone ("tEXt: CRC
 * error") stops nothing where pixels do not need the chunk. */
static void on_warning(png_structp png, png_const_charp text) {
  reader *r = png_get_error_ptr(png);
  if (strstr(text, ": CRC error")) {
    if (may_be_transparency(text))
      png_error(png, text);
    if (r->wrong_sums++ == 0)
      memcpy(r->wrong_sum, text, 4);
    return;
  }
  if (!r->warning[0])
    snprintf(r->warning, sizeof r->warning, "%s", text);
}

static PM_NORETURN void on_error(png_structp png, png_const_charp text) {
  reader *r = png_get_error_ptr(png);
  if (r->warning[0])
    snprintf(r->message, sizeof r->message, "%s (%s)", text, r->warning);
  else
    snprintf(r->message, sizeof r->message, "%s", text);
  png_longjmp(png, 1);
}

/* Up to `size` bytes; fewer only at the end. */
static size_t read_bytes(reader *r, unsigned char *bytes, size_t size) {
  if (r->input) {
    size = pm_input_read(r->input, bytes, size);
  } else {
    if (size > r->length - r->at)
      size = r->length - r->at;
    memcpy(bytes, r->bytes + r->at, size);
  }
  r->at += size;
  return size;
}

static const char *here(const reader *r) {
  return pm_format(r->arena, "%s: byte %zu", r->name, r->at);
}

static void on_read(png_structp png, png_bytep bytes, size_t size) {
  reader *r = png_get_io_ptr(png);
  if (read_bytes(r, bytes, size) < size) {
    r->warning[0] = 0;
    png_error(png, "it is cut off here");
  }
}

/* Grey, RGB and RGBA of any depth become RGBA of 8 bits; indices a byte each, to be looked up by ourselves: libpng
 * takes an index beyond the table for black. */
static void set_transforms(reader *r) {
  png_structp png = r->png;
  if (r->type == PNG_COLOR_TYPE_PALETTE) {
    png_set_packing(png);
  } else {
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, r->info);
}

/* Rows of bytes to rows of pixels, in place and from behind. */
static void look_up(reader *r) {
  png_colorp table = NULL;
  png_bytep alpha = NULL;
  int colours = 0, alphas = 0;
  if (!png_get_PLTE(r->png, r->info, &table, &colours))
    png_error(r->png, "it has no colour table");
  if (!png_get_tRNS(r->png, r->info, &alpha, &alphas, NULL))
    alphas = 0;
  for (png_uint_32 y = 0; y < r->height; y++)
    for (size_t x = r->width; x-- > 0;) {
      int index = r->rows[y][x];
      if (index >= colours)
        png_error(r->png, "a pixel's index is beyond the colour table");
      png_bytep to = r->rows[y] + 4 * x;
      to[0] = table[index].red;
      to[1] = table[index].green;
      to[2] = table[index].blue;
      to[3] = index < alphas ? alpha[index] : 255;
    }
}

/* Instead of libpng's own limits, whose messages tell neither the size nor the limit. */
static void check_size(reader *r) {
  if (r->width <= PM_IMAGE_MOST_SIDE && r->height <= PM_IMAGE_MOST_SIDE &&
      (uint64_t)r->width * r->height <= PM_IMAGE_MOST_PIXELS)
    return;
  snprintf(
      r->message, sizeof r->message,
      "it has %lu x %lu pixels, expected at most 16,384 a side and 2^26 in all: cut it into parts, or export it with "
      "its frames in several rows (Aseprite: sheet type By Rows, or --sheet-type rows --sheet-columns 32)",
      (unsigned long)r->width, (unsigned long)r->height);
  png_longjmp(r->png, 1);
}

/* A folder may hold a thousand pictures of one program, all with the same to remark. */
static void warn(const char *place, const char *text) {
  enum { MOST_WARNINGS = 16 };
  static int warnings;
  if (warnings < MOST_WARNINGS)
    pm_warn(place, "%s", text);
  if (warnings == MOST_WARNINGS)
    pm_warn(NULL, "such remarks on further pictures are left out");
  warnings += warnings <= MOST_WARNINGS;
}

/* Of an animation the first frame alone is read. */
static void tell_animation(reader *r) {
  png_unknown_chunkp chunks;
  int n = png_get_unknown_chunks(r->png, r->info, &chunks);
  for (int i = 0; i < n; i++)
    if (memcmp(chunks[i].name, "acTL", 4) == 0 && chunks[i].size == 8) {
      png_uint_32 frames = png_get_uint_32(chunks[i].data);
      if (frames > 1)
        warn(r->name, pm_format(r->arena,
                                "is an animation (APNG) of %lu frames, of which the first is read: to have them all, "
                                "export it as a sheet",
                                (unsigned long)frames));
      return;
    }
}

/* Everything that libpng may jump out of. */
static void decode(reader *r) {
  int depth, interlace;
  png_read_info(r->png, r->info);
  png_get_IHDR(r->png, r->info, &r->width, &r->height, &depth, &r->type, &interlace, NULL, NULL);
  check_size(r);
  set_transforms(r);
  size_t row = png_get_rowbytes(r->png, r->info), stride = 4 * (size_t)r->width;
  if (row != (r->type == PNG_COLOR_TYPE_PALETTE ? r->width : stride))
    png_error(r->png, "rows of an unexpected length");
  r->rgba = pm_alloc(r->pixels, r->height, stride);
  r->rows = pm_alloc(r->pixels, r->height, sizeof *r->rows);
  for (png_uint_32 y = 0; y < r->height; y++)
    r->rows[y] = r->rgba + y * stride;
  png_read_image(r->png, r->rows);
  png_read_end(r->png, NULL);
  if (r->type == PNG_COLOR_TYPE_PALETTE)
    look_up(r);
}

static void set_limits(reader *r) {
  png_structp png = r->png;
  png_set_read_fn(png, r, on_read);
  png_set_sig_bytes(png, PM_PNG_SIGNATURE);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, MAX_CHUNK);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
  png_set_benign_errors(png, 0);
  /* -1: also those that libpng knows but pixels do not need (colour profiles, texts), unread. */
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "acTL", 1); /* see tell_animation */
}

static void read_signature(reader *r) {
  unsigned char bytes[PM_FILE_KIND_BYTES];
  size_t got = r->length < sizeof bytes ? r->length : sizeof bytes;
  if (r->input)
    got = pm_input_peek(r->input, bytes, sizeof bytes);
  else
    memcpy(bytes, r->bytes, got);
  if (got == 0)
    pm_fail(PM_BAD_INPUT, r->name, "is empty, expected a PNG picture");
  const pm_file_kind *kind = pm_file_kind_of(bytes, got);
  if (kind)
    pm_fail(PM_BAD_INPUT, r->name, "is %s, expected a PNG picture: %s", kind->what, kind->way_out);
  if (!pm_png_begins(bytes, got))
    pm_fail(PM_BAD_INPUT, r->name, "is no PNG picture: its first 8 bytes are not a PNG's");
  read_bytes(r, bytes, PM_PNG_SIGNATURE);
}

/* In a pipe they are refused: there they may be the next picture, or what another program has put in between. */
static void check_end(reader *r) {
  uint64_t more = r->input ? pm_input_left(r->input) : r->length - r->at;
  if (more == UINT64_MAX) {
    if (!pm_input_at_end(r->input))
      pm_fail(PM_BAD_INPUT, here(r), "there are bytes behind the end of the PNG picture, expected none");
  } else if (more > 0)
    warn(here(r),
         pm_format(r->arena, "%s behind the end of the PNG picture: passed over", pm_counted(r->arena, more, "byte")));
  if (r->wrong_sums)
    warn(r->name, pm_format(r->arena, "%s with a wrong check sum (%s%s) passed over; pixels do not need %s",
                            pm_counted(r->arena, r->wrong_sums, "chunk"), r->wrong_sum,
                            r->wrong_sums == 1 ? "" : " first", r->wrong_sums == 1 ? "it" : "them"));
}

static pm_image read_image(reader *r) {
  read_signature(r);
  r->pixels = pm_arena_new();
  r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
  r->info = r->png ? png_create_info_struct(r->png) : NULL;
  if (!r->info)
    pm_fail(PM_FAILED, r->name, "out of memory for libpng");
  if (setjmp(png_jmpbuf(r->png))) {
    reader_release(r);
    pm_fail(PM_BAD_INPUT, here(r), "the PNG picture is damaged or beyond this program's limits: %s", r->message);
  }
  set_limits(r);
  decode(r);
  tell_animation(r);
  png_destroy_read_struct(&r->png, &r->info, NULL);
  check_end(r);
  pm_image image = {.width = r->width, .height = r->height};
  if (index_pixels(r->arena, &image, r->rgba)) {
    reader_release(r);
  } else {
    clear_transparent(r->rgba, image.width * image.height);
    image.rgba = r->rgba;
  }
  return image;
}

static reader *reader_new(pm_arena *arena, const char *name) {
  reader *r = pm_alloc(arena, 1, sizeof *r);
  pm_arena_defer(arena, reader_release, r);
  r->arena = arena;
  r->name = name;
  return r;
}

bool pm_png_begins(const unsigned char *bytes, size_t length) {
  return length >= PM_PNG_SIGNATURE && memcmp(bytes, "\x89PNG\r\n\x1a\n", PM_PNG_SIGNATURE) == 0;
}

pm_image pm_png_read(pm_arena *arena, const char *path) {
  return pm_png_read_input(arena, pm_input_open(arena, path));
}

pm_image pm_png_read_input(pm_arena *arena, pm_input *input) {
  reader *r = reader_new(arena, pm_input_name(input));
  r->input = input;
  pm_image image = read_image(r);
  pm_input_close(input);
  return image;
}

pm_image pm_png_decode(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name) {
  reader *r = reader_new(arena, name);
  r->bytes = bytes;
  r->length = length;
  return read_image(r);
}
