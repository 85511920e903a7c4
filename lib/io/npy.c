#include "io/npy.h"

#include "io/block.h"
#include "io/wrong_kind.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* NumPy leaves room for the first size to grow to 21 digits and fills up to a multiple of 64. With at most 8 axes and
 * fewer than 2^64 items that is 128 bytes, whatever the shape. */
enum { MAGIC_BYTES = 6, MAX_HEADER = 64 * 1024, WRITTEN_HEADER = 128 };

static const char an_array[] = "a NumPy array (.npy)";
static const char magic[MAGIC_BYTES + 1] = "\x93NUMPY";

static const struct {
  const char *descr;
  pm_dtype dtype;
} types[] = {{"|u1", PM_U8}, {"<i4", PM_I32}, {"<i8", PM_I64}, {"<f4", PM_F32}, {"<f8", PM_F64}};

static uint64_t limit = UINT64_C(4) << 30;

void pm_npy_limit(uint64_t bytes) {
  limit = bytes;
}

/* One input and where in it we are. */
typedef struct {
  pm_arena *arena;
  pm_input *input;
  size_t record;        /* counted from 1; 0 where the caller counts */
  const char *text;     /* the header, ended by a zero byte */
  size_t at, length;    /* in `text` */
  uint64_t text_offset; /* of the header in the input */
} reader;

/* "FILE: record 2: byte 96"; what there is only one of needs no number. */
static const char *place(const reader *r, uint64_t offset) {
  if (r->record <= 1)
    return pm_input_place(r->input, offset);
  return pm_format(r->arena, "%s: record %zu: byte %llu", pm_input_name(r->input), r->record,
                   (unsigned long long)offset);
}

static const char *here(const reader *r) {
  return place(r, r->text_offset + r->at);
}

static void skip_blanks(reader *r) {
  while (r->text[r->at] == ' ')
    r->at++;
}

static bool take(reader *r, char c) {
  skip_blanks(r);
  if (r->text[r->at] != c)
    return false;
  r->at++;
  return true;
}

static void expect(reader *r, char c) {
  if (!take(r, c))
    pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected '%c'", c);
}

/* 'text' or "text", without escapes: NumPy writes none. */
static const char *take_string(reader *r) {
  skip_blanks(r);
  char quote = r->text[r->at];
  if (quote != '\'' && quote != '"')
    pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected a quoted text");
  size_t first = ++r->at;
  while (r->text[r->at] != quote) {
    if (r->text[r->at] == 0 || r->text[r->at] == '\\' || r->text[r->at] == '\n')
      pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected the end of a quoted text");
    r->at++;
  }
  size_t bytes = r->at++ - first;
  char *string = pm_alloc(r->arena, bytes + 1, 1);
  memcpy(string, r->text + first, bytes);
  return string;
}

static pm_dtype take_descr(reader *r) {
  static const char expected[] = "expected one of |u1 <i4 <i8 <f4 <f8 (numpy: x.astype('<f4'))";
  skip_blanks(r);
  if (r->text[r->at] == '[')
    pm_fail(PM_BAD_INPUT, here(r), "holds a structured type, %s", expected);
  const char *at = here(r);
  const char *descr = take_string(r);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp(descr, types[i].descr) == 0)
      return types[i].dtype;
  if (descr[0] == '>')
    pm_fail(PM_BAD_INPUT, at, "holds big-endian numbers (%s), %s", descr, expected);
  if (strchr(descr, 'O'))
    pm_fail(PM_BAD_INPUT, at, "holds Python objects (%s), %s", descr, expected);
  pm_fail(PM_BAD_INPUT, at, "holds numbers of type '%s', %s", descr, expected);
}

static bool take_order(reader *r) {
  skip_blanks(r);
  if (strncmp(r->text + r->at, "False", 5) == 0) {
    r->at += 5;
    return false;
  }
  if (strncmp(r->text + r->at, "True", 4) == 0) {
    r->at += 4;
    return true;
  }
  pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected True or False");
}

static size_t take_size(reader *r) {
  skip_blanks(r);
  const char *digits = r->text + r->at;
  if (*digits < '0' || *digits > '9')
    pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected a size of 0 or more");
  if (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
    pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, a size begins with 0");
  size_t size = 0;
  for (; *digits >= '0' && *digits <= '9'; digits++)
    if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, (size_t)(*digits - '0'), &size))
      pm_fail(PM_BAD_INPUT, here(r), "a size of the array is too large for this machine");
  r->at = (size_t)(digits - r->text);
  return size;
}

/* (), (3,), (3, 4), (3, 4,): as Python writes a tuple; (3) would be a number. */
static pm_shape take_shape(reader *r) {
  pm_shape shape = {0};
  expect(r, '(');
  while (!take(r, ')')) {
    if (shape.rank == PM_MAX_RANK)
      pm_fail(PM_BAD_INPUT, here(r), "the array has more than %d axes", PM_MAX_RANK);
    shape.dim[shape.rank++] = take_size(r);
    if (!take(r, ',')) {
      if (shape.rank == 1)
        pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected ',' in the shape");
      expect(r, ')');
      break;
    }
  }
  return shape;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
static void parse_header(reader *r, pm_tensor *tensor) {
  static const char *const keys[] = {"descr", "fortran_order", "shape"};
  bool seen[3] = {false, false, false}, fortran = false;
  expect(r, '{');
  while (!take(r, '}')) {
    skip_blanks(r);
    const char *at = here(r);
    const char *key = take_string(r);
    int k = 0;
    while (k < 3 && strcmp(key, keys[k]) != 0)
      k++;
    if (k == 3)
      pm_fail(PM_BAD_INPUT, at, "the .npy header has the key '%s', expected descr, fortran_order and shape", key);
    if (seen[k])
      pm_fail(PM_BAD_INPUT, at, "the .npy header has the key '%s' twice", key);
    seen[k] = true;
    expect(r, ':');
    if (k == 0)
      tensor->dtype = take_descr(r);
    else if (k == 1)
      fortran = take_order(r);
    else
      tensor->shape = take_shape(r);
    if (!take(r, ',')) {
      expect(r, '}');
      break;
    }
  }
  for (int k = 0; k < 3; k++)
    if (!seen[k])
      pm_fail(PM_BAD_INPUT, here(r), "the .npy header lacks the key '%s'", keys[k]);
  skip_blanks(r);
  if (r->text[r->at] != '\n' || r->at + 1 != r->length)
    pm_fail(PM_BAD_INPUT, here(r), "the .npy header is malformed, expected blanks and a newline as its end");
  if (fortran)
    pm_fail(PM_BAD_INPUT, place(r, r->text_offset),
            "the array is in Fortran order, expected C order (save numpy.ascontiguousarray(x))");
}

/* Magic, version, header; the tensor's type and shape are set. */
static void read_header(reader *r, pm_tensor *tensor) {
  uint64_t start = pm_input_offset(r->input);
  unsigned char bytes[MAGIC_BYTES + 2], size[4] = {0};
  size_t got = pm_input_peek(r->input, bytes, sizeof bytes);
  bool begins = got > 0 && memcmp(bytes, magic, got < MAGIC_BYTES ? got : MAGIC_BYTES) == 0;
  if (!begins && start == 0)
    pm_fail_wrong_kind(r->arena, r->input, an_array);
  if (!begins)
    pm_fail(PM_BAD_INPUT, place(r, start), "no further .npy array begins here, expected the bytes \\x93NUMPY");
  pm_input_read(r->input, bytes, got);
  if (got < sizeof bytes)
    pm_fail(PM_BAD_INPUT, place(r, start + got), "ends in the middle of a .npy header");
  unsigned major = bytes[MAGIC_BYTES], minor = bytes[MAGIC_BYTES + 1];
  if (major < 1 || major > 3 || minor != 0)
    pm_fail(PM_BAD_INPUT, place(r, start + MAGIC_BYTES), "has .npy version %u.%u, expected 1.0, 2.0 or 3.0", major,
            minor);
  pm_input_read_exactly(r->input, size, major == 1 ? 2 : 4, "a .npy header");
  r->length = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
  r->text_offset = pm_input_offset(r->input);
  if (r->length > MAX_HEADER)
    pm_fail(PM_BAD_INPUT, place(r, start + MAGIC_BYTES + 2), "declares a header of %zu bytes, expected at most %d",
            r->length, MAX_HEADER);
  char *text = pm_alloc(r->arena, r->length + 1, 1);
  pm_input_read_exactly(r->input, text, r->length, "a .npy header");
  r->text = text;
  r->at = 0;
  parse_header(r, tensor);
}

/* Bytes of the data. Sizes beside a 0 count as if it were 1: no product of some of them is then beyond the limit. */
static size_t data_bytes(const reader *r, const pm_tensor *tensor) {
  const char *at = place(r, r->text_offset);
  size_t bytes = pm_dtype_size(tensor->dtype);
  bool empty = false;
  for (int i = 0; i < tensor->shape.rank; i++) {
    empty = empty || tensor->shape.dim[i] == 0;
    bytes = pm_multiply(at, bytes, tensor->shape.dim[i] ? tensor->shape.dim[i] : 1);
  }
  if (bytes > limit)
    pm_fail(PM_BAD_INPUT, at, "declares an array %s of %zu bytes, expected at most %llu",
            pm_shape_text(r->arena, tensor->shape), bytes, (unsigned long long)limit);
  return empty ? 0 : bytes;
}

/* Appends the record's data. */
static void read_data(reader *r, const pm_tensor *tensor, pm_block *data) {
  size_t bytes = data_bytes(r, tensor);
  if (bytes > limit - data->used)
    pm_fail(PM_BAD_INPUT, place(r, r->text_offset), "the records hold more than the %llu bytes expected at most",
            (unsigned long long)limit);
  size_t missing = pm_block_read(r->arena, r->input, data, bytes);
  if (missing)
    pm_fail(PM_BAD_INPUT, place(r, pm_input_offset(r->input)),
            "ends in the middle of the array %s: %zu of its %zu bytes are missing",
            pm_shape_text(r->arena, tensor->shape), missing, bytes);
}

int pm_npy_read_record(pm_arena *arena, pm_input *input, pm_tensor *tensor) {
  if (pm_input_at_end(input))
    return 0;
  reader r = {.arena = arena, .input = input};
  pm_block data = {0};
  read_header(&r, tensor);
  read_data(&r, tensor, &data);
  tensor->data = data.bytes;
  return 1;
}

/* What a further record must share with those before it. */
static void check_joins(const reader *r, const pm_tensor *all, const pm_tensor *next) {
  const char *at = place(r, r->text_offset);
  if (all->dtype != next->dtype)
    pm_fail(PM_BAD_INPUT, at, "holds %s, expected %s as in the records before", pm_dtype_name(next->dtype),
            pm_dtype_name(all->dtype));
  pm_shape a = all->shape, b = next->shape;
  if (a.rank == 0 || b.rank == 0)
    pm_fail(PM_BAD_INPUT, at, "a scalar cannot be joined with other records");
  a.dim[0] = b.dim[0];
  if (!pm_shape_equal(a, b))
    pm_fail(PM_BAD_INPUT, at, "holds an array %s, expected %s but for the first size, as in the records before",
            pm_shape_text(r->arena, next->shape), pm_shape_text(r->arena, all->shape));
}

pm_tensor pm_npy_read(pm_arena *arena, const char *path) {
  return pm_npy_read_input(arena, pm_input_open_as(arena, path, an_array));
}

pm_tensor pm_npy_read_input(pm_arena *arena, pm_input *input) {
  reader r = {.arena = arena, .input = input, .record = 1};
  pm_tensor all = {0};
  pm_block data = {0};
  read_header(&r, &all);
  read_data(&r, &all, &data);
  while (!pm_input_at_end(r.input)) {
    pm_tensor next = {0};
    r.record++;
    read_header(&r, &next);
    check_joins(&r, &all, &next);
    read_data(&r, &next, &data);
    all.shape.dim[0] = pm_add(place(&r, r.text_offset), all.shape.dim[0], next.shape.dim[0]);
  }
  data_bytes(&r, &all); /* records without data may still add up to a shape beyond the limit */
  all.data = data.bytes;
  pm_input_close(r.input);
  return all;
}

void pm_npy_write(pm_output *output, const pm_tensor *tensor) {
  const char *descr = NULL;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].dtype == tensor->dtype)
      descr = types[i].descr;
  assert(descr);
  char text[WRITTEN_HEADER + 1];
  size_t length = 10;
  length += (size_t)snprintf(text + length, sizeof text - length, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                             descr);
  for (int i = 0; i < tensor->shape.rank; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%zu%s", i ? ", " : "", tensor->shape.dim[i],
                               tensor->shape.rank == 1 ? "," : "");
  length += (size_t)snprintf(text + length, sizeof text - length, "), }");
  assert(length < WRITTEN_HEADER);
  memset(text + length, ' ', WRITTEN_HEADER - length);
  text[WRITTEN_HEADER - 1] = '\n';
  memcpy(text, magic, MAGIC_BYTES);
  text[6] = 1;
  text[7] = 0;
  text[8] = WRITTEN_HEADER - 10;
  text[9] = 0;
  pm_output_write(output, text, WRITTEN_HEADER);
  pm_output_write(output, tensor->data, pm_multiply(NULL, pm_shape_count(tensor->shape), pm_dtype_size(tensor->dtype)));
}

void pm_npy_write_file(pm_arena *arena, const char *path, const pm_tensor *tensor) {
  pm_output *output = pm_output_open(arena, path, true);
  pm_npy_write(output, tensor);
  pm_output_commit(output);
}
