#include "backend/host_program.h"

#include "backend/planner.h"
#include "backend/work.h"
#include "core/tasks.h"
#include "nn/order.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ALIGNMENT = 64 };

/* A step with its operands' addresses. A conversion of parameters is done again when their buffer has changed. */
typedef struct {
  pm_kernel kernel;
  pm_call call;
  const pm_buffer *source;
  uint64_t version;
} bound_step;

struct pm_program {
  pm_arena *arena;
  const pm_lowered *lowered;
  bound_step *step;
  size_t steps;
  pm_buffer **updated; /* that the steps write */
  size_t updates;
  char *block;
  pm_program_size size;
};

static size_t item_size(const pm_program *p, pm_dtype dtype) {
  return dtype == PM_F32 ? p->lowered->rules->real_size : pm_dtype_size(dtype);
}

static void *address_of(const pm_program *p, const pm_operand *operand) {
  if (!operand)
    return NULL;
  const pm_operand *root = pm_operand_root(operand);
  const pm_value *v = root->form == PM_PLAIN ? root->value : NULL;
  if (v && v->buffer)
    return (char *)v->buffer->device + v->offset * item_size(p, v->dtype);
  return p->block + root->place;
}

/* The buffer in which an operand lies, or NULL. */
static pm_buffer *buffer_of(const pm_operand *operand) {
  const pm_operand *root = operand ? pm_operand_root(operand) : NULL;
  return root && root->form == PM_PLAIN && root->value ? root->value->buffer : NULL;
}

static bool joins(pm_buffer **list, size_t n, const pm_buffer *buffer) {
  for (size_t i = 0; i < n; i++)
    if (list[i] == buffer)
      return false;
  return true;
}

static void allocate_buffers(pm_program *p) {
  const pm_lowered *l = p->lowered;
  pm_store *store = l->graph->store;
  pm_buffer **seen = pm_alloc(p->arena, l->operands, sizeof *seen);
  size_t n = 0;
  p->updated = pm_alloc(p->arena, l->operands, sizeof *p->updated);
  store->sealed = true;
  for (size_t i = 0; i < l->steps; i++)
    for (int k = 0; k < l->step[i].ins + l->step[i].outs; k++) {
      const bool written = k >= l->step[i].ins;
      pm_buffer *buffer = buffer_of(written ? l->step[i].out[k - l->step[i].ins] : l->step[i].in[k]);
      if (!buffer)
        continue;
      if (!buffer->device)
        store->backend->allocate(store->backend, buffer);
      if (written && joins(p->updated, p->updates, buffer))
        p->updated[p->updates++] = buffer;
      if (!joins(seen, n, buffer))
        continue;
      seen[n++] = buffer;
      for (size_t b = 0; b < store->buffers; b++) /* a borrowed one is its own store's */
        if (store->buffer[b] == buffer)
          p->size.resident += buffer->count * item_size(p, buffer->dtype);
    }
}

static void bind_steps(pm_program *p) {
  p->steps = p->lowered->steps;
  p->step = pm_alloc(p->arena, p->steps, sizeof *p->step);
  for (size_t i = 0; i < p->steps; i++) {
    const pm_step *from = &p->lowered->step[i];
    bound_step *to = &p->step[i];
    *to = (bound_step){.kernel = from->kernel, .source = from->source, .version = UINT64_MAX};
    to->call.node = from->node;
    to->call.value = from->out[0]->value;
    to->call.workspace = address_of(p, from->workspace);
    for (int k = 0; k < from->ins; k++)
      to->call.in[k] = address_of(p, from->in[k]);
    for (int k = 0; k < from->outs; k++)
      to->call.out[k] = address_of(p, from->out[k]);
  }
}

pm_program *pm_host_compile(const pm_graph *graph, const pm_lowering_rules *rules) {
  pm_check_order(graph);
  pm_arena *arena = pm_arena_new();
  pm_program *p = pm_alloc(arena, 1, sizeof *p);
  pm_lowered *lowered = pm_lower(graph, rules, arena);
  pm_tasks_reserve(lowered->scratch);
  const pm_memory_plan plan = pm_plan_memory(lowered);
  p->arena = arena;
  p->lowered = lowered;
  p->size.planned = plan.block;
  p->size.values = plan.values;
  p->size.steps = lowered->steps;
  p->block = pm_alloc(arena, plan.block, 1);
  allocate_buffers(p);
  bind_steps(p);
  return p;
}

bool pm_host_supports(const pm_backend *self, const pm_node *node) {
  (void)self;
  return node != NULL;
}

static void run_step(bound_step *s) {
  if (s->source && s->version == s->source->version)
    return;
  s->kernel(&s->call);
  if (s->source)
    s->version = s->source->version;
}

static void count_updates(pm_program *p) {
  for (size_t i = 0; i < p->updates; i++)
    p->updated[i]->version++;
}

void pm_host_run(pm_program *p) {
  for (size_t i = 0; i < p->steps; i++)
    run_step(&p->step[i]);
  count_updates(p);
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void pm_host_run_timed(pm_program *p, pm_step_time *steps) {
  for (size_t i = 0; i < p->steps; i++) {
    const pm_step *from = &p->lowered->step[i];
    const double begin = seconds_now();
    run_step(&p->step[i]);
    steps[i] = (pm_step_time){from->name, from->out[0]->value, seconds_now() - begin, pm_node_flops(from->node)};
  }
  count_updates(p);
}

pm_program_size pm_host_size(const pm_program *p) {
  return p->size;
}

void pm_host_free_program(pm_program *p) {
  if (p)
    pm_arena_free(p->arena);
}

void pm_host_read_value(const pm_program *p, const pm_value *value, void *items) {
  const void *from = address_of(p, p->lowered->plain[value->number]);
  size_t n = pm_count(value);
  if (value->dtype == PM_F32 && p->lowered->rules->real_size == sizeof(double))
    for (size_t i = 0; i < n; i++)
      ((float *)items)[i] = (float)((const double *)from)[i];
  else
    memcpy(items, from, n * item_size(p, value->dtype));
}

static size_t rounded(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void allocate(pm_buffer *buffer, size_t size) {
  size_t bytes = rounded(buffer->count * size + 1);
  if (posix_memalign(&buffer->device, ALIGNMENT, bytes))
    pm_fail(PM_FAILED, NULL, "out of memory: %zu bytes for %s", bytes, buffer->name);
  memset(buffer->device, 0, bytes);
}

void pm_host_allocate(const pm_backend *self, pm_buffer *buffer) {
  (void)self;
  allocate(buffer, pm_dtype_size(buffer->dtype));
}

void pm_host_allocate_double(const pm_backend *self, pm_buffer *buffer) {
  (void)self;
  allocate(buffer, buffer->dtype == PM_F32 ? sizeof(double) : pm_dtype_size(buffer->dtype));
}

void pm_host_release(pm_buffer *buffer) {
  free(buffer->device);
  buffer->device = NULL;
}

void pm_host_write(pm_buffer *buffer, size_t offset, const void *items, size_t count) {
  size_t size = pm_dtype_size(buffer->dtype);
  memcpy((char *)buffer->device + offset * size, items, count * size);
}

void pm_host_read(const pm_buffer *buffer, size_t offset, void *items, size_t count) {
  size_t size = pm_dtype_size(buffer->dtype);
  memcpy(items, (const char *)buffer->device + offset * size, count * size);
}

void pm_host_write_double(pm_buffer *buffer, size_t offset, const void *items, size_t count) {
  if (buffer->dtype != PM_F32) {
    pm_host_write(buffer, offset, items, count);
    return;
  }
  for (size_t i = 0; i < count; i++)
    ((double *)buffer->device)[offset + i] = ((const float *)items)[i];
}

void pm_host_read_double(const pm_buffer *buffer, size_t offset, void *items, size_t count) {
  if (buffer->dtype != PM_F32) {
    pm_host_read(buffer, offset, items, count);
    return;
  }
  for (size_t i = 0; i < count; i++)
    ((float *)items)[i] = (float)((const double *)buffer->device)[offset + i];
}
