#include "backend/host_program.h"

#include "backend/binding.h"
#include "backend/planner.h"
#include "backend/work.h"
#include "core/clock.h"
#include "core/sizes.h"
#include "core/tasks.h"

#include <stdlib.h>
#include <string.h>

struct pm_program {
  pm_binding b;
};

pm_program *pm_host_compile(const pm_graph *graph, const pm_lowering_rules *rules) {
  pm_arena *arena = pm_arena_new();
  pm_program *p = pm_alloc(arena, 1, sizeof *p);
  p->b = pm_bind_lowered(graph, rules, arena);
  pm_tasks_reserve(p->b.lowered->scratch);
  pm_bind(&p->b, pm_alloc(arena, p->b.size.planned, 1), NULL);
  return p;
}

bool pm_host_supports(const pm_backend *self, const pm_node *node) {
  (void)self, (void)node;
  return true;
}

void pm_host_run(pm_program *p) {
  for (size_t i = 0; i < p->b.steps; i++)
    pm_bound_run(&p->b.step[i]);
  pm_count_updates(&p->b);
}

void pm_host_run_timed(pm_program *p, pm_step_time *steps) {
  for (size_t i = 0; i < p->b.steps; i++) {
    const pm_step *from = &p->b.lowered->step[i];
    const double begin = pm_seconds_now();
    pm_bound_run(&p->b.step[i]);
    steps[i] = (pm_step_time){from->name, from->out[0]->value, pm_seconds_now() - begin, pm_node_flops(from->node)};
  }
  pm_count_updates(&p->b);
}

pm_program_size pm_host_size(const pm_program *p) {
  return p->b.size;
}

void pm_host_free_program(pm_program *p) {
  if (p)
    pm_arena_free(p->b.arena);
}

void pm_host_read_value(const pm_program *p, const pm_value *value, void *items) {
  const void *from = pm_bound_address(&p->b, p->b.lowered->plain[value->number]);
  const bool twice = value->dtype == PM_F32 && p->b.lowered->rules->real_size == sizeof(double);
  size_t n = pm_count(value);
  for (size_t i = 0; twice && i < n; i++)
    ((float *)items)[i] = (float)((const double *)from)[i];
  if (!twice)
    memcpy(items, from, n * pm_dtype_size(value->dtype));
}

static void allocate(pm_buffer *buffer, size_t size) {
  size_t bytes = pm_rounded_up(buffer->count * size + 1, PM_OPERAND_ALIGNMENT);
  if (posix_memalign(&buffer->device, PM_OPERAND_ALIGNMENT, bytes))
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
