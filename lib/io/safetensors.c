#include "io/safetensors.h"

#include "io/block.h"
#include "io/utf8.h"
#include "io/wrong_kind.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, MAX_HEADER = 16 << 20 };

static const char a_model[] = "a model or checkpoint (.safetensors)";
static const char metadata_key[] = "__metadata__";

static const struct {
  const char *name;
  pm_dtype dtype;
} types[] = {{"U8", PM_U8}, {"I32", PM_I32}, {"I64", PM_I64}, {"F32", PM_F32}, {"F64", PM_F64}};

/* ---- building and finding ---- */

const pm_tensor *pm_safetensors_find(const pm_safetensors *file, const char *name) {
  for (size_t i = 0; i < file->tensors; i++)
    if (strcmp(file->tensor[i].name, name) == 0)
      return &file->tensor[i].tensor;
  return NULL;
}

const char *pm_safetensors_metadata(const pm_safetensors *file, const char *key) {
  for (size_t i = 0; i < file->entries; i++)
    if (strcmp(file->metadata[i].key, key) == 0)
      return file->metadata[i].value;
  return NULL;
}

static pm_named_tensor *append(pm_arena *arena, pm_safetensors *file) {
  file->tensor = pm_grow(arena, file->tensor, &file->tensor_capacity, file->tensors + 1, sizeof *file->tensor);
  return &file->tensor[file->tensors++];
}

void pm_safetensors_add(pm_arena *arena, pm_safetensors *file, const char *name, pm_tensor tensor) {
  *append(arena, file) = (pm_named_tensor){.name = name, .tensor = tensor};
}

void pm_safetensors_add_fetched(pm_arena *arena, pm_safetensors *file, const char *name, pm_dtype dtype, pm_shape shape,
                                void (*fetch)(const void *context, void *items), const void *context) {
  *append(arena, file) = (pm_named_tensor){name, {dtype, shape, NULL}, fetch, context};
}

void pm_safetensors_note(pm_arena *arena, pm_safetensors *file, const char *key, const char *value) {
  file->metadata = pm_grow(arena, file->metadata, &file->entry_capacity, file->entries + 1, sizeof *file->metadata);
  file->metadata[file->entries++] = (pm_metadata){key, pm_copy_text(arena, value)};
}

/* ---- reading ---- */

/* What the header says of one tensor. */
typedef struct {
  const char *name;
  pm_dtype dtype;
  pm_shape shape;
  uint64_t begin, end; /* bytes from the data's start */
  size_t order;        /* in the header */
} tensor_entry;

typedef struct {
  pm_arena *arena;
  pm_input *input;
  const char *name;
  json_t *header;
  tensor_entry *entry;
  size_t entries;
  pm_safetensors out;
} reader;

static void reader_release(void *object) {
  reader *r = object;
  json_decref(r->header);
  r->header = NULL;
}

/* "FILE: tensor 'NAME'" */
static const char *at_tensor(const reader *r, const char *name) {
  return pm_format(r->arena, "%s: tensor '%.200s'", r->name, name);
}

static void read_header(reader *r) {
  unsigned char bytes[LENGTH_BYTES + 2] = {0};
  size_t got = pm_input_peek(r->input, bytes, sizeof bytes);
  uint64_t length = 0;
  for (int i = LENGTH_BYTES - 1; i >= 0; i--)
    length = length << 8 | bytes[i];
  if (length > MAX_HEADER && got == sizeof bytes && memcmp(bytes + LENGTH_BYTES, "{\"", 2) == 0)
    pm_fail(PM_BAD_INPUT, pm_input_place(r->input, 0), "declares a header of %llu bytes, expected at most %d",
            (unsigned long long)length, MAX_HEADER);
  /* No other kind of file begins with so small a number and a brace. */
  if (got < LENGTH_BYTES || length > MAX_HEADER || (got > LENGTH_BYTES && bytes[LENGTH_BYTES] != '{'))
    pm_fail_wrong_kind(r->arena, r->input, a_model);
  pm_input_read_exactly(r->input, bytes, LENGTH_BYTES, "the header's length");
  pm_block text = {0};
  size_t missing = pm_block_read(r->arena, r->input, &text, (size_t)length);
  if (missing)
    pm_fail(PM_BAD_INPUT, r->name, "ends in the middle of the header: %zu of its %llu bytes are missing", missing,
            (unsigned long long)length);
  if (length == 0 || text.bytes[0] != '{')
    pm_fail(PM_BAD_INPUT, pm_input_place(r->input, LENGTH_BYTES), "the header is malformed, expected '{'");
  json_error_t error;
  r->header = json_loadb((const char *)text.bytes, text.used, JSON_REJECT_DUPLICATES, &error);
  if (!r->header)
    pm_fail(PM_BAD_INPUT, pm_input_place(r->input, LENGTH_BYTES + (uint64_t)error.position),
            "the header is malformed: %s", error.text);
}

static void read_metadata(reader *r, json_t *metadata) {
  const char *key;
  json_t *value;
  if (!json_is_object(metadata))
    pm_fail(PM_BAD_INPUT, r->name, "__metadata__ is no JSON object");
  json_object_foreach(metadata, key, value) {
    if (!json_is_string(value))
      pm_fail(PM_BAD_INPUT, r->name, "__metadata__ has a value that is no text: '%.200s'", key);
    pm_safetensors_note(r->arena, &r->out, pm_copy_text(r->arena, key), json_string_value(value));
  }
}

static pm_dtype read_dtype(const reader *r, const char *name, const json_t *value) {
  const char *text = json_string_value(value);
  for (size_t i = 0; text && i < sizeof types / sizeof *types; i++)
    if (strcmp(text, types[i].name) == 0)
      return types[i].dtype;
  pm_fail(PM_BAD_INPUT, at_tensor(r, name), "has the type '%.40s', expected U8, I32, I64, F32 or F64",
          text ? text : "(no text)");
}

static uint64_t read_size(const reader *r, const char *name, const json_t *value) {
  json_int_t size = json_integer_value(value);
  if (!json_is_integer(value) || size < 0 || (uint64_t)size > SIZE_MAX)
    pm_fail(PM_BAD_INPUT, at_tensor(r, name), "has a size or an offset that is no integer of 0 or more");
  return (uint64_t)size;
}

static void read_shape(const reader *r, tensor_entry *e, const json_t *value) {
  if (!json_is_array(value) || json_array_size(value) > PM_MAX_RANK)
    pm_fail(PM_BAD_INPUT, at_tensor(r, e->name), "has no shape of at most %d sizes", PM_MAX_RANK);
  e->shape.rank = (int)json_array_size(value);
  for (int i = 0; i < e->shape.rank; i++)
    e->shape.dim[i] = (size_t)read_size(r, e->name, json_array_get(value, (size_t)i));
}

/* Sizes beside a 0 count as if it were 1: no product of some of them wraps. */
static size_t entry_bytes(const reader *r, const tensor_entry *e) {
  const char *place = at_tensor(r, e->name);
  size_t bytes = pm_dtype_size(e->dtype);
  for (int i = 0; i < e->shape.rank; i++)
    bytes = pm_multiply(place, bytes, e->shape.dim[i] ? e->shape.dim[i] : 1);
  return pm_shape_count(e->shape) ? bytes : 0;
}

static tensor_entry read_entry(const reader *r, const char *name, json_t *value) {
  tensor_entry e = {.name = pm_copy_text(r->arena, name)};
  const json_t *dtype = json_object_get(value, "dtype"), *shape = json_object_get(value, "shape"),
               *offsets = json_object_get(value, "data_offsets");
  if (!dtype || !shape || !offsets || json_object_size(value) != 3)
    pm_fail(PM_BAD_INPUT, at_tensor(r, name), "is described by other keys than dtype, shape and data_offsets");
  e.dtype = read_dtype(r, name, dtype);
  read_shape(r, &e, shape);
  if (json_array_size(offsets) != 2)
    pm_fail(PM_BAD_INPUT, at_tensor(r, name), "has malformed data_offsets, expected [begin, end]");
  e.begin = read_size(r, name, json_array_get(offsets, 0));
  e.end = read_size(r, name, json_array_get(offsets, 1));
  size_t bytes = entry_bytes(r, &e);
  if (e.end < e.begin || e.end - e.begin != bytes)
    pm_fail(PM_BAD_INPUT, at_tensor(r, name), "has the data_offsets %llu to %llu, expected %zu bytes for %s %s",
            (unsigned long long)e.begin, (unsigned long long)e.end, bytes, pm_dtype_name(e.dtype),
            pm_shape_text(r->arena, e.shape));
  return e;
}

static int by_offset(const void *a, const void *b) {
  const tensor_entry *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  if (x->end != y->end)
    return x->end < y->end ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

/* The header's order is free; the data's has neither hole nor overlap and ends with the file. */
static void read_entries(reader *r) {
  const char *key;
  json_t *value;
  r->entry = pm_alloc(r->arena, json_object_size(r->header), sizeof *r->entry);
  json_object_foreach(r->header, key, value) {
    if (strcmp(key, metadata_key) == 0) {
      read_metadata(r, value);
      continue;
    }
    r->entry[r->entries] = read_entry(r, key, value);
    r->entry[r->entries].order = r->entries;
    r->entries++;
  }
  qsort(r->entry, r->entries, sizeof *r->entry, by_offset);
  uint64_t end = 0, there = pm_input_left(r->input);
  for (size_t i = 0; i < r->entries; i++) {
    if (r->entry[i].begin != end)
      pm_fail(PM_BAD_INPUT, at_tensor(r, r->entry[i].name), "begins at byte %llu of the data, expected %llu: %s",
              (unsigned long long)r->entry[i].begin, (unsigned long long)end,
              r->entry[i].begin > end ? "there is a hole" : "two tensors overlap");
    end = r->entry[i].end;
  }
  if (there != UINT64_MAX && there != end)
    pm_fail(PM_BAD_INPUT, r->name, "holds %llu bytes of data, expected %llu by its header", (unsigned long long)there,
            (unsigned long long)end);
}

static void check_finite(const reader *r, const pm_named_tensor *named) {
  size_t at;
  if (!pm_tensor_is_finite(&named->tensor, &at))
    pm_fail(PM_BAD_INPUT, at_tensor(r, named->name), "value %zu is not a finite number", at);
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const pm_metadata *)a)->key, ((const pm_metadata *)b)->key);
}

/* sha256 may be NULL. */
static pm_safetensors read_whole(pm_arena *arena, const char *path, bool allow_non_finite, char *sha256) {
  reader *r = pm_alloc(arena, 1, sizeof *r);
  pm_arena_defer(arena, reader_release, r);
  r->arena = arena;
  r->input = pm_input_open_as(arena, path, a_model);
  r->name = pm_input_name(r->input);
  if (sha256)
    pm_input_hash(r->input);
  read_header(r);
  read_entries(r);
  reader_release(r);
  if (r->out.entries)
    qsort(r->out.metadata, r->out.entries, sizeof *r->out.metadata, by_key);
  for (size_t i = 0; i < r->entries; i++) {
    const tensor_entry *e = &r->entry[i];
    pm_block data = {0}; /* each in memory of its own: aligned, whatever its offset */
    size_t missing = pm_block_read(arena, r->input, &data, (size_t)(e->end - e->begin));
    if (missing)
      pm_fail(PM_BAD_INPUT, at_tensor(r, e->name), "the file ends in the middle of it: %zu bytes are missing", missing);
    pm_safetensors_add(arena, &r->out, e->name, (pm_tensor){e->dtype, e->shape, data.bytes});
    if (!allow_non_finite)
      check_finite(r, &r->out.tensor[i]);
  }
  if (!pm_input_at_end(r->input))
    pm_fail(PM_BAD_INPUT, pm_input_place(r->input, pm_input_offset(r->input)),
            "there are bytes behind the last tensor, expected none");
  if (sha256)
    pm_input_digest(r->input, sha256);
  pm_input_close(r->input);
  return r->out;
}

pm_safetensors pm_safetensors_read(pm_arena *arena, const char *path, bool allow_non_finite) {
  return read_whole(arena, path, allow_non_finite, NULL);
}

pm_safetensors pm_safetensors_read_hashed(pm_arena *arena, const char *path, char sha256[65]) {
  return read_whole(arena, path, false, sha256);
}

/* ---- writing ---- */

/* The header is made twice: to know its length, and into the file. */
typedef struct {
  pm_output *output; /* NULL: only counted */
  size_t length;
} sink;

static void put(sink *to, const char *bytes, size_t length) {
  if (to->output)
    pm_output_write(to->output, bytes, length);
  to->length = pm_add(NULL, to->length, length);
}

static PM_PRINTF(2, 3) void print(sink *to, const char *format, ...) {
  char text[128];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  assert(length >= 0 && (size_t)length < sizeof text);
  put(to, text, (size_t)length);
}

/* JSON is UTF-8: a byte that is none (of a file's name, say) becomes U+FFFD. */
static void put_text(sink *to, const char *text) {
  put(to, "\"", 1);
  while (*text) {
    size_t bytes;
    pm_utf8_decode(text, &bytes);
    if (bytes == 0)
      print(to, "\\ufffd");
    else if (*text == '"' || *text == '\\')
      print(to, "\\%c", *text);
    else if (*text == '\n')
      print(to, "\\n");
    else if ((unsigned char)*text < 0x20 || *text == 0x7f)
      print(to, "\\u%04x", (unsigned)*text);
    else
      put(to, text, bytes);
    text += bytes ? bytes : 1;
  }
  put(to, "\"", 1);
}

/* The metadata in the order of their keys, found without memory: they are few. */
static void put_metadata(sink *to, const pm_safetensors *file) {
  const char *last = NULL;
  put_text(to, metadata_key);
  for (size_t n = 0; n < file->entries; n++) {
    const pm_metadata *next = NULL;
    for (size_t i = 0; i < file->entries; i++) {
      const pm_metadata *one = &file->metadata[i];
      if ((!last || strcmp(one->key, last) > 0) && (!next || strcmp(one->key, next->key) < 0))
        next = one;
    }
    assert(next); /* a key twice */
    put(to, n ? "," : ":{", n ? 1 : 2);
    put_text(to, next->key);
    put(to, ":", 1);
    put_text(to, next->value);
    last = next->key;
  }
  put(to, "}", 1);
}

static size_t tensor_bytes(const pm_tensor *tensor) {
  return pm_multiply(NULL, pm_shape_count(tensor->shape), pm_dtype_size(tensor->dtype));
}

static const char *type_name(pm_dtype dtype) {
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].dtype == dtype)
      return types[i].name;
  assert(!"dtype");
  return "";
}

static void put_header(sink *to, const pm_safetensors *file) {
  size_t offset = 0;
  put(to, "{", 1);
  if (file->entries)
    put_metadata(to, file);
  for (size_t i = 0; i < file->tensors; i++) {
    const pm_tensor *t = &file->tensor[i].tensor;
    size_t end = pm_add(NULL, offset, tensor_bytes(t));
    if (i || file->entries)
      put(to, ",", 1);
    put_text(to, file->tensor[i].name);
    print(to, ":{\"dtype\":\"%s\",\"shape\":[", type_name(t->dtype));
    for (int k = 0; k < t->shape.rank; k++)
      print(to, "%s%zu", k ? "," : "", t->shape.dim[k]);
    print(to, "],\"data_offsets\":[%zu,%zu]}", offset, end);
    offset = end;
  }
  put(to, "}", 1);
}

pm_tensor pm_safetensors_fetch(pm_arena *arena, const pm_named_tensor *t) {
  if (!t->fetch)
    return t->tensor;
  pm_tensor fetched = pm_tensor_new(arena, t->tensor.dtype, t->tensor.shape);
  t->fetch(t->context, fetched.data);
  return fetched;
}

static void put_items(pm_output *output, const pm_named_tensor *t) {
  pm_arena *scratch = pm_arena_new();
  pm_output_write(output, pm_safetensors_fetch(scratch, t).data, tensor_bytes(&t->tensor));
  pm_arena_free(scratch);
}

void pm_safetensors_write(pm_output *output, const pm_safetensors *file) {
  sink count = {0}, to = {.output = output};
  put_header(&count, file);
  size_t padding = (8 - count.length % 8) % 8, length = count.length + padding;
  unsigned char bytes[LENGTH_BYTES];
  for (int i = 0; i < LENGTH_BYTES; i++)
    bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
  pm_output_write(output, bytes, sizeof bytes);
  put_header(&to, file);
  pm_output_write(output, "        ", padding);
  for (size_t i = 0; i < file->tensors; i++)
    put_items(output, &file->tensor[i]);
}
