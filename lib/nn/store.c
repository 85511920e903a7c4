#include "nn/store.h"

#include "core/random.h"
#include "core/sizes.h"
#include "nn/backend.h"

#include <assert.h>
#include <string.h>

enum { ALIGNMENT = 16 }; /* items: each slot begins on a cache line */

static pm_buffer *new_buffer(pm_store *s, const char *name, pm_role role, pm_dtype dtype, size_t count) {
  pm_buffer *buffer = pm_alloc(s->arena, 1, sizeof *buffer);
  *buffer = (pm_buffer){.name = pm_copy_text(s->arena, name), .role = role, .dtype = dtype, .count = count};
  s->buffer = pm_grow(s->arena, s->buffer, &s->buffer_capacity, s->buffers + 1, sizeof *s->buffer);
  s->buffer[s->buffers++] = buffer;
  return buffer;
}

pm_store *pm_store_new(pm_arena *arena, const pm_backend *backend) {
  pm_store *s = pm_alloc(arena, 1, sizeof *s);
  s->arena = arena;
  s->backend = backend;
  s->parameters = new_buffer(s, "parameters", PM_PARAM, PM_F32, 0);
  s->states = new_buffer(s, "states", PM_STATE, PM_F32, 0);
  return s;
}

void pm_store_free(pm_store *s) {
  for (size_t i = 0; s && i < s->buffers; i++)
    if (s->buffer[i]->device)
      s->backend->release(s->buffer[i]);
}

pm_slot *pm_store_find_slot(const pm_store *s, const char *name) {
  for (size_t i = 0; i < s->slots; i++)
    if (strcmp(s->slot[i]->name, name) == 0)
      return s->slot[i];
  return NULL;
}

/* Axes all 0 are none given: files have the slot's own order. Else each is one of the shape's, once. */
static void settle_file_axes(pm_slot *slot) {
  bool given = false, taken[PM_MAX_RANK] = {false};
  for (int d = 0; d < slot->shape.rank; d++)
    given |= slot->file_axis[d] != 0;
  for (int d = 0; d < slot->shape.rank; d++) {
    if (!given)
      slot->file_axis[d] = d;
    const int axis = slot->file_axis[d];
    assert(axis >= 0 && axis < slot->shape.rank && !taken[axis]);
    taken[axis] = true;
  }
}

pm_slot *pm_store_slot(pm_store *s, const pm_slot *wanted) {
  pm_slot *slot = pm_store_find_slot(s, wanted->name);
  if (slot) {
    assert(pm_shape_equal(slot->shape, wanted->shape));
    return slot;
  }
  assert(!s->sealed);
  slot = pm_alloc(s->arena, 1, sizeof *slot);
  *slot = *wanted;
  slot->name = pm_copy_text(s->arena, wanted->name);
  settle_file_axes(slot);
  size_t count = pm_shape_count(slot->shape);
  if (slot->dtype == PM_I64) {
    slot->buffer = new_buffer(s, slot->name, PM_STATE, PM_I64, count);
  } else {
    slot->buffer = slot->role == PM_PARAM ? s->parameters : s->states;
    slot->offset = slot->buffer->count;
    slot->buffer->count += pm_rounded_up(count, ALIGNMENT);
  }
  s->slot = pm_grow(s->arena, s->slot, &s->slot_capacity, s->slots + 1, sizeof *s->slot);
  s->slot[s->slots++] = slot;
  return slot;
}

pm_buffer *pm_store_find_buffer(const pm_store *s, const char *name) {
  for (size_t i = 0; i < s->buffers; i++)
    if (strcmp(s->buffer[i]->name, name) == 0)
      return s->buffer[i];
  return NULL;
}

pm_buffer *pm_store_buffer(pm_store *s, const char *name, pm_role role, pm_dtype dtype, size_t count) {
  pm_buffer *buffer = pm_store_find_buffer(s, name);
  assert(!buffer || (buffer->dtype == dtype && (buffer->count == count || !buffer->device)));
  if (!buffer)
    return new_buffer(s, name, role, dtype, count);
  if (buffer->count < count)
    buffer->count = count; /* a block asked for before the last parameter was known */
  return buffer;
}

size_t pm_store_parameter_count(const pm_store *s) {
  size_t count = 0;
  for (size_t i = 0; i < s->slots; i++)
    if (s->slot[i]->role == PM_PARAM)
      count += pm_shape_count(s->slot[i]->shape);
  return count;
}

size_t pm_store_block_size(const pm_store *s) {
  return s->parameters->count;
}

static void ensure(pm_store *s, pm_buffer *buffer) {
  if (!buffer->device)
    s->backend->allocate(s->backend, buffer);
}

void pm_store_write(pm_store *s, pm_buffer *buffer, size_t offset, const void *items, size_t count) {
  assert(offset + count <= buffer->count);
  ensure(s, buffer);
  s->backend->write(buffer, offset, items, count);
  buffer->version++;
}

void pm_store_read(pm_store *s, pm_buffer *buffer, size_t offset, void *items, size_t count) {
  assert(offset + count <= buffer->count);
  ensure(s, buffer);
  s->backend->read(buffer, offset, items, count);
}

pm_shape pm_slot_file_shape(const pm_slot *slot) {
  pm_shape shape = {slot->shape.rank, {0}};
  for (int d = 0; d < shape.rank; d++)
    shape.dim[d] = slot->shape.dim[slot->file_axis[d]];
  return shape;
}

/* Walks the file's order; place[k] is where the k-th item of the file lies in the slot. */
static size_t *file_order(const pm_slot *slot, pm_arena *arena) {
  pm_shape file = pm_slot_file_shape(slot);
  size_t n = pm_shape_count(file), stride[PM_MAX_RANK] = {0}, at[PM_MAX_RANK] = {0}, step = 1;
  for (int d = slot->shape.rank - 1; d >= 0; d--) {
    stride[d] = step;
    step *= slot->shape.dim[d];
  }
  size_t *place = pm_alloc(arena, n, sizeof *place);
  for (size_t k = 0; k < n; k++) {
    for (int d = 0; d < file.rank; d++)
      place[k] += at[d] * stride[slot->file_axis[d]];
    for (int d = file.rank - 1; d >= 0 && ++at[d] == file.dim[d]; d--)
      at[d] = 0;
  }
  return place;
}

void pm_slot_fetch(pm_store *s, const pm_slot *slot, pm_buffer *block, void *out) {
  size_t n = pm_shape_count(slot->shape);
  if (slot->dtype == PM_I64) {
    pm_store_read(s, slot->buffer, 0, out, n);
    return;
  }
  pm_arena *scratch = pm_arena_new();
  float *items = pm_alloc(scratch, n, sizeof *items);
  size_t *place = file_order(slot, scratch);
  pm_store_read(s, block, slot->offset, items, n);
  for (size_t k = 0; k < n; k++)
    ((float *)out)[k] = items[place[k]];
  pm_arena_free(scratch);
}

pm_tensor pm_slot_read(pm_store *s, const pm_slot *slot, pm_buffer *block, pm_arena *arena) {
  pm_tensor tensor = pm_tensor_new(arena, slot->dtype, pm_slot_file_shape(slot));
  pm_slot_fetch(s, slot, block, tensor.data);
  return tensor;
}

void pm_slot_write(pm_store *s, const pm_slot *slot, pm_buffer *block, const void *items) {
  size_t n = pm_shape_count(slot->shape);
  if (slot->dtype == PM_I64) {
    pm_store_write(s, slot->buffer, 0, items, n);
    return;
  }
  pm_arena *scratch = pm_arena_new();
  float *out = pm_alloc(scratch, n, sizeof *out);
  const float *in = items;
  size_t *place = file_order(slot, scratch);
  for (size_t k = 0; k < n; k++)
    out[place[k]] = in[k];
  pm_store_write(s, block, slot->offset, out, n);
  pm_arena_free(scratch);
}

/* Numbers are drawn in the file's order, so that they do not depend on the layout in memory. */
static void fill_slot(float *items, size_t n, const pm_slot *slot, uint64_t seed) {
  uint32_t purpose = pm_purpose(slot->name);
  if (slot->init == PM_INIT_UNIFORM)
    pm_uniforms(items, n, seed, purpose, 0, 0);
  else if (slot->init == PM_INIT_NORMAL)
    pm_normals(items, n, seed, purpose, 0, 0);
  for (size_t k = 0; k < n; k++)
    switch (slot->init) {
    case PM_INIT_ZERO:
      items[k] = 0;
      break;
    case PM_INIT_ONE:
      items[k] = 1;
      break;
    case PM_INIT_UNIFORM:
      items[k] = (2 * items[k] - 1) * (float)slot->scale;
      break;
    case PM_INIT_NORMAL:
      items[k] *= (float)slot->scale;
      break;
    case PM_INIT_GIVEN:
      items[k] = slot->items[k];
      break;
    }
}

void pm_store_initialise(pm_store *s, uint64_t seed) {
  pm_arena *scratch = pm_arena_new();
  for (size_t i = 0; i < s->slots; i++) {
    const pm_slot *slot = s->slot[i];
    size_t n = pm_shape_count(slot->shape);
    if (slot->dtype == PM_I64) {
      pm_slot_write(s, slot, slot->buffer, pm_alloc(scratch, n, sizeof(int64_t)));
      continue;
    }
    float *items = pm_alloc(scratch, n, sizeof *items);
    fill_slot(items, n, slot, seed);
    pm_slot_write(s, slot, slot->buffer, items);
  }
  pm_arena_free(scratch);
}
