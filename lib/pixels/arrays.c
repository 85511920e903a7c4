#include "pixels/arrays.h"

#include "core/number.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static double value_at(const pm_tensor *t, size_t i) {
  switch (t->dtype) {
  case PM_U8:
    return ((const unsigned char *)t->data)[i];
  case PM_I32:
    return ((const int32_t *)t->data)[i];
  case PM_I64:
    return (double)((const int64_t *)t->data)[i];
  case PM_F32:
    return (double)((const float *)t->data)[i];
  case PM_F64:
    return ((const double *)t->data)[i];
  }
  assert(!"a type of tensor");
  return 0;
}

static bool is_float(pm_dtype dtype) {
  return dtype == PM_F32 || dtype == PM_F64;
}

/* In their own type: not all i64 are doubles. */
static bool is_less(const pm_tensor *t, size_t i, size_t k) {
  if (t->dtype == PM_I64)
    return ((const int64_t *)t->data)[i] < ((const int64_t *)t->data)[k];
  return value_at(t, i) < value_at(t, k);
}

/* Of `n` finite values; where their sum is none, they are divided first. */
static double mean_of(const pm_tensor *t, size_t n) {
  double sum = 0, mean = 0;
  for (size_t i = 0; i < pm_shape_count(t->shape); i++)
    if (isfinite(value_at(t, i))) {
      sum += value_at(t, i);
      mean += value_at(t, i) / (double)n;
    }
  return isfinite(sum) ? sum / (double)n : mean;
}

pm_array_facts pm_array_examine(const pm_tensor *tensor) {
  pm_array_facts facts = {0};
  size_t n = pm_shape_count(tensor->shape), finite = 0;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(value_at(tensor, i))) {
      facts.non_finite++;
      continue;
    }
    if (finite == 0 || is_less(tensor, i, facts.low_at))
      facts.low_at = i;
    if (finite == 0 || is_less(tensor, facts.high_at, i))
      facts.high_at = i;
    finite++;
  }
  if (finite) {
    facts.low = value_at(tensor, facts.low_at);
    facts.high = value_at(tensor, facts.high_at);
    facts.mean = mean_of(tensor, finite);
  }
  return facts;
}

const char *pm_array_position(pm_arena *arena, pm_shape shape, size_t i) {
  for (int axis = shape.rank - 1; axis >= 0; axis--) {
    size_t size = shape.dim[axis];
    shape.dim[axis] = i % size;
    i /= size;
  }
  return pm_shape_text(arena, shape);
}

pm_tensor pm_array_rows(const pm_tensor *tensor, size_t from, size_t to) {
  assert(tensor->shape.rank >= 1 && from <= to && to <= tensor->shape.dim[0]);
  pm_tensor rows = *tensor;
  pm_shape row = tensor->shape;
  row.dim[0] = 1;
  rows.shape.dim[0] = to - from;
  rows.data = (char *)tensor->data + from * pm_shape_count(row) * pm_dtype_size(tensor->dtype);
  return rows;
}

pm_tensor pm_array_join(pm_arena *arena, const pm_tensor *tensors, const char *const *places, size_t n) {
  assert(n >= 1);
  pm_shape shape = tensors[0].shape;
  for (size_t i = 0; i < n; i++) {
    pm_shape like_first = tensors[i].shape;
    if (like_first.rank >= 1)
      like_first.dim[0] = tensors[0].shape.dim[0];
    if (like_first.rank < 1 || tensors[i].dtype != tensors[0].dtype || !pm_shape_equal(like_first, tensors[0].shape))
      pm_fail(PM_BAD_INPUT, places[i], "is %s %s, expected the type and, but for the first, the sizes of %s: %s %s",
              pm_dtype_name(tensors[i].dtype), pm_shape_text(arena, tensors[i].shape), places[0],
              pm_dtype_name(tensors[0].dtype), pm_shape_text(arena, tensors[0].shape));
    if (i > 0)
      shape.dim[0] = pm_add(places[i], shape.dim[0], tensors[i].shape.dim[0]);
  }
  pm_tensor all = pm_tensor_new(arena, tensors[0].dtype, shape);
  char *to = all.data;
  for (size_t i = 0; i < n; i++) {
    size_t bytes = pm_shape_count(tensors[i].shape) * pm_dtype_size(tensors[i].dtype);
    memcpy(to, tensors[i].data, bytes);
    to += bytes;
  }
  return all;
}

/* A whole number as itself, so that large ones lose nothing. */
static int64_t integer_at(const pm_tensor *t, size_t i) {
  return t->dtype == PM_I64   ? ((const int64_t *)t->data)[i]
         : t->dtype == PM_I32 ? ((const int32_t *)t->data)[i]
                              : ((const unsigned char *)t->data)[i];
}

static bool store_integer(pm_tensor *to, size_t i, int64_t value) {
  switch (to->dtype) {
  case PM_U8:
    ((unsigned char *)to->data)[i] = (unsigned char)value;
    return value >= 0 && value <= 255;
  case PM_I32:
    ((int32_t *)to->data)[i] = (int32_t)value;
    return value >= INT32_MIN && value <= INT32_MAX;
  default:
    ((int64_t *)to->data)[i] = value;
    return true;
  }
}

static void store_float(pm_tensor *to, size_t i, double value) {
  if (to->dtype == PM_F32)
    ((float *)to->data)[i] = (float)value;
  else
    ((double *)to->data)[i] = value;
}

/* False if the type cannot hold the value. */
static bool convert_item(pm_tensor *to, const pm_tensor *from, size_t i, bool colours) {
  if (!is_float(from->dtype) && !is_float(to->dtype))
    return store_integer(to, i, integer_at(from, i));
  double value = value_at(from, i);
  if (is_float(to->dtype)) {
    store_float(to, i, colours && from->dtype == PM_U8 ? value / 255 : value);
    double stored = value_at(to, i);
    if (is_float(from->dtype))
      return isfinite(stored) || !isfinite(value);
    return colours || (stored < 0x1p63 && (int64_t)stored == integer_at(from, i));
  }
  if (colours)
    value = floor((value > 0 ? value < 1 ? value : 1 : value <= 0 ? 0 : value) * 255 + 0.5);
  /* 2^63 is the first that an i64 cannot hold; NaN fails each comparison. */
  if (!(value >= -0x1p63 && value < 0x1p63) || value != floor(value))
    return false;
  return store_integer(to, i, (int64_t)value);
}

/* Half a level of 255: clamping that changes no more than rounding does. */
static const double half_level = 1 / 510.0;

/* What such colours probably reach from and to. */
static const char *probable_range(const pm_array_facts *f) {
  if (f->low < 0)
    return f->low >= -1.5 && f->high <= 1.5 ? "-1:1" : NULL;
  return f->high <= 255.5 ? "0:255" : NULL;
}

void pm_array_warn_of_range(pm_arena *arena, const pm_tensor *tensor, const char *place) {
  if (!is_float(tensor->dtype))
    return;
  size_t n = pm_shape_count(tensor->shape), beyond = 0;
  for (size_t i = 0; i < n; i++)
    beyond += value_at(tensor, i) < -half_level || value_at(tensor, i) > 1 + half_level;
  if (!beyond)
    return;
  pm_array_facts facts = pm_array_examine(tensor);
  const char *range = probable_range(&facts);
  const char *advice =
      range
          ? pm_format(
                arena,
                "if they are colours from %.*s to %s, tensor convert --range %s FILE -o NEW.npy makes sprites of them",
                (int)strcspn(range, ":"), range, strchr(range, ':') + 1, range)
          : "tensor convert --range LOW:HIGH FILE -o NEW.npy makes sprites of them";
  pm_warn(place, "holds floats from %.4g to %.4g, expected 0 to 1: %.3g %% of them are beyond and become 0 or 1; %s",
          facts.low, facts.high, 100 * (double)beyond / (double)n, advice);
}

void pm_array_to_unit(pm_tensor *tensor, double low, double high, const char *place) {
  if (!is_float(tensor->dtype))
    pm_fail(PM_BAD_INPUT, place, "holds %s, expected floats for --range", pm_dtype_name(tensor->dtype));
  for (size_t i = 0; i < pm_shape_count(tensor->shape); i++)
    store_float(tensor, i, (value_at(tensor, i) - low) / (high - low));
}

const char *pm_array_text(char text[32], const pm_tensor *t, size_t i) {
  double value = value_at(t, i);
  if (!is_float(t->dtype))
    snprintf(text, 32, "%" PRId64, integer_at(t, i));
  else if (!isfinite(value))
    return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  else if (t->dtype == PM_F32)
    pm_write_float(text, (float)value);
  else
    pm_write_real(text, value);
  return text;
}

pm_tensor pm_array_convert(pm_arena *arena, const pm_tensor *tensor, pm_dtype to, bool colours, const char *place) {
  pm_tensor out = pm_tensor_new(arena, to, tensor->shape);
  size_t n = pm_shape_count(tensor->shape);
  bool between_colours = colours && (tensor->dtype == PM_U8 || to == PM_U8);
  for (size_t i = 0; i < n; i++)
    if (!convert_item(&out, tensor, i, between_colours)) {
      char text[32];
      pm_fail(PM_BAD_INPUT, place, "the value %s at %s does not fit %s, expected %s", pm_array_text(text, tensor, i),
              pm_array_position(arena, tensor->shape, i), pm_dtype_name(to),
              is_float(to) ? "one that it can hold" : "a whole number in its range");
    }
  return out;
}

pm_array_difference pm_array_compare(const pm_tensor *a, const pm_tensor *b, double tolerance) {
  assert(pm_shape_equal(a->shape, b->shape));
  pm_array_difference d = {0};
  size_t n = pm_shape_count(a->shape);
  bool whole = !is_float(a->dtype) && !is_float(b->dtype);
  for (size_t i = 0; i < n; i++) {
    double x = value_at(a, i), y = value_at(b, i), apart = fabs(x - y);
    if (whole && integer_at(a, i) != integer_at(b, i) && apart == 0)
      apart = 1; /* large numbers that the double does not tell apart */
    if (x == y && !whole)
      apart = 0; /* infinity less itself is no number */
    if (isnan(x) || isnan(y))
      apart = isnan(x) && isnan(y) ? 0 : INFINITY;
    if (apart > tolerance && d.differing++ == 0)
      d.first = i;
    if (apart > d.largest) {
      d.largest = apart;
      d.largest_at = i;
    }
  }
  return d;
}

void pm_array_print(pm_output *output, const pm_tensor *tensor) {
  size_t n = pm_shape_count(tensor->shape);
  int rank = tensor->shape.rank;
  char text[32];
  size_t row = rank >= 1 ? tensor->shape.dim[rank - 1] : 1, plane = rank >= 2 ? row * tensor->shape.dim[rank - 2] : n;
  for (size_t i = 0; i < n; i++) {
    const char *item = pm_array_text(text, tensor, i);
    pm_output_write(output, item, strlen(item));
    bool row_ends = (i + 1) % row == 0;
    pm_output_write(output, row_ends ? "\n" : " ", 1);
    if (row_ends && rank >= 3 && (i + 1) % plane == 0 && i + 1 < n)
      pm_output_write(output, "\n", 1);
  }
}
