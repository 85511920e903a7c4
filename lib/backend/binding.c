#include "backend/binding.h"

#include "backend/planner.h"
#include "nn/order.h"

static size_t item_size(const pm_binding *b, pm_dtype dtype) {
  return dtype == PM_F32 ? b->lowered->rules->real_size : pm_dtype_size(dtype);
}

void *pm_bound_address(const pm_binding *b, const pm_operand *operand) {
  if (!operand)
    return NULL;
  const pm_operand *root = pm_operand_root(operand);
  const pm_value *v = root->form == PM_PLAIN ? root->value : NULL;
  if (v && v->buffer)
    return (char *)v->buffer->device + v->offset * item_size(b, v->dtype);
  return b->block + root->place;
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

static void allocate_buffers(pm_binding *b) {
  const pm_lowered *l = b->lowered;
  pm_store *store = l->graph->store;
  pm_buffer **seen = pm_alloc(b->arena, l->operands, sizeof *seen);
  size_t n = 0;
  b->updated = pm_alloc(b->arena, l->operands, sizeof *b->updated);
  store->sealed = true;
  for (size_t i = 0; i < l->steps; i++)
    for (int k = 0; k < l->step[i].ins + l->step[i].outs; k++) {
      const bool written = k >= l->step[i].ins;
      pm_buffer *buffer = buffer_of(written ? l->step[i].out[k - l->step[i].ins] : l->step[i].in[k]);
      if (!buffer)
        continue;
      if (!buffer->device)
        store->backend->allocate(store->backend, buffer);
      if (written && joins(b->updated, b->updates, buffer))
        b->updated[b->updates++] = buffer;
      if (!joins(seen, n, buffer))
        continue;
      seen[n++] = buffer;
      for (size_t k2 = 0; k2 < store->buffers; k2++) /* a borrowed one is its own store's */
        if (store->buffer[k2] == buffer)
          b->size.resident += buffer->count * item_size(b, buffer->dtype);
    }
}

pm_binding pm_bind_lowered(const pm_graph *graph, const pm_lowering_rules *rules, pm_arena *arena) {
  pm_check_order(graph);
  pm_binding b = {.arena = arena};
  pm_lowered *lowered = pm_lower(graph, rules, arena);
  const pm_memory_plan plan = pm_plan_memory(lowered);
  b.lowered = lowered;
  b.size.planned = plan.block;
  b.size.values = plan.values;
  b.size.steps = lowered->steps;
  allocate_buffers(&b);
  return b;
}

void pm_bind(pm_binding *b, void *block, void *queue) {
  b->block = block;
  b->steps = b->lowered->steps;
  b->step = pm_alloc(b->arena, b->steps, sizeof *b->step);
  for (size_t i = 0; i < b->steps; i++) {
    const pm_step *from = &b->lowered->step[i];
    pm_bound_step *to = &b->step[i];
    *to = (pm_bound_step){.kernel = from->kernel, .source = from->source, .version = UINT64_MAX};
    to->call.node = from->node;
    to->call.value = from->out[0]->value;
    to->call.workspace = pm_bound_address(b, from->workspace);
    to->call.prepared = from->prepared;
    to->call.queue = queue;
    for (int k = 0; k < from->ins; k++)
      to->call.in[k] = pm_bound_address(b, from->in[k]);
    for (int k = 0; k < from->outs; k++)
      to->call.out[k] = pm_bound_address(b, from->out[k]);
  }
}

bool pm_bound_is_current(const pm_bound_step *step) {
  return step->source && step->version == step->source->version;
}

void pm_bound_run(pm_bound_step *step) {
  if (pm_bound_is_current(step))
    return;
  step->kernel(&step->call);
  if (step->source)
    step->version = step->source->version;
}

void pm_count_updates(pm_binding *b) {
  for (size_t i = 0; i < b->updates; i++)
    b->updated[i]->version++;
}
