#include "backend/host_program.h"

#include "core/tasks.h"
#include "nn/order.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* A value's memory: where it begins in the program's block and which nodes it must survive. */
typedef struct {
  const pm_value *root; /* the value whose memory this one shares: itself, or through reshape and in-place */
  size_t bytes, place;
  size_t first, last; /* node numbers */
  bool used;
} plan;

typedef struct {
  pm_kernel kernel;
  pm_call call;
} step;

struct pm_program {
  pm_arena *arena;
  const pm_graph *graph;
  size_t real_size;
  plan *plan; /* by value number */
  step *step;
  size_t steps;
  char *block;
  pm_program_size size;
};

static size_t item_size(const pm_program *p, pm_dtype dtype) {
  return dtype == PM_F32 ? p->real_size : pm_dtype_size(dtype);
}

static size_t rounded(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* A node is needed if it makes a kept value, updates a buffer, or makes what a needed node takes. */
static bool *needed_nodes(const pm_graph *g, pm_arena *arena) {
  bool *needed = pm_alloc(arena, g->nodes, sizeof *needed), *wanted = pm_alloc(arena, g->values, sizeof *wanted);
  for (size_t i = g->nodes; i-- > 0;) {
    const pm_node *node = g->node[i];
    for (int k = 0; k < node->outs; k++)
      needed[i] |= node->out[k]->buffer || node->out[k]->is_output || wanted[node->out[k]->number];
    for (int k = 0; needed[i] && k < node->ins; k++)
      if (node->in[k])
        wanted[node->in[k]->number] = true;
  }
  return needed;
}

static const pm_value *root_of(const pm_program *p, const pm_value *v) {
  while (p->plan[v->number].root != v)
    v = p->plan[v->number].root;
  return v;
}

static void survive(pm_program *p, const pm_value *v, size_t node) {
  plan *life = &p->plan[root_of(p, v)->number];
  if (!life->used) {
    life->used = true;
    life->first = node;
  }
  if (node > life->last)
    life->last = node;
}

/* First and last node of every value's memory; kept values live to the program's end. */
static void find_lives(pm_program *p, const bool *needed) {
  const pm_graph *g = p->graph;
  for (size_t i = 0; i < g->values; i++) {
    const pm_value *v = g->value[i];
    p->plan[i].root = v->same ? root_of(p, v->same) : v;
    p->plan[i].bytes = rounded(pm_count(v) * item_size(p, v->dtype));
  }
  for (size_t i = 0; i < g->nodes; i++) {
    const pm_node *node = g->node[i];
    for (int k = 0; needed[i] && k < node->ins; k++)
      if (node->in[k] && !root_of(p, node->in[k])->buffer)
        survive(p, node->in[k], i);
    for (int k = 0; needed[i] && k < node->outs; k++) {
      if (root_of(p, node->out[k])->buffer)
        continue;
      survive(p, node->out[k], i);
      if (node->out[k]->is_output)
        survive(p, node->out[k], g->nodes);
    }
  }
}

/* Where an op may write over an input that nobody needs any more, it does. */
static void share_in_place(pm_program *p, const bool *needed) {
  const pm_graph *g = p->graph;
  for (size_t i = 0; i < g->nodes; i++) {
    const pm_node *node = g->node[i];
    if (!needed[i] || !node->op->in_place || node->out[0]->buffer || node->out[0]->same)
      continue;
    const pm_value *in = root_of(p, node->in[node->op->in_place - 1]), *out = node->out[0];
    plan *from = &p->plan[in->number], *to = &p->plan[out->number];
    bool again = false; /* the same memory is another input too */
    for (int k = 0; k < node->ins; k++)
      again |= k != node->op->in_place - 1 && node->in[k] && root_of(p, node->in[k]) == in;
    if (in->buffer || again || from->last != i || from->bytes != to->bytes)
      continue;
    to->root = in;
    from->last = to->last;
  }
}

/* First fit: each piece of memory, the largest first, at the lowest place where no other is alive at the same time. */
typedef struct {
  size_t bytes, place, first, last;
  plan *owner;
} piece;

static int larger_first(const void *a, const void *b) {
  const piece *x = a, *y = b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static int lower_first(const void *a, const void *b) {
  const piece *x = *(piece *const *)a, *y = *(piece *const *)b;
  return x->place < y->place ? -1 : x->place > y->place;
}

static size_t place_pieces(piece *pieces, size_t n, pm_arena *arena) {
  size_t end = 0;
  piece **near = pm_alloc(arena, n, sizeof *near);
  for (size_t i = 0; i < n; i++) {
    size_t count = 0, place = 0;
    for (size_t j = 0; j < i; j++)
      if (pieces[j].first <= pieces[i].last && pieces[i].first <= pieces[j].last)
        near[count++] = &pieces[j];
    qsort(near, count, sizeof *near, lower_first);
    for (size_t j = 0; j < count && near[j]->place < place + pieces[i].bytes; j++)
      if (near[j]->place + near[j]->bytes > place)
        place = near[j]->place + near[j]->bytes;
    pieces[i].place = place;
    if (place + pieces[i].bytes > end)
      end = place + pieces[i].bytes;
  }
  return end;
}

static void plan_memory(pm_program *p, const bool *needed, const pm_kernel_choice *choice, plan *workspace) {
  const pm_graph *g = p->graph;
  pm_arena *scratch = pm_arena_new();
  piece *pieces = pm_alloc(scratch, g->values + g->nodes, sizeof *pieces);
  size_t n = 0;
  for (size_t i = 0; i < g->values; i++) {
    plan *v = &p->plan[i];
    if (v->used && v->root == g->value[i] && !g->value[i]->buffer)
      pieces[n++] = (piece){v->bytes, 0, v->first, v->last, v};
    if (v->used)
      p->size.values += v->bytes;
  }
  for (size_t i = 0; i < g->nodes; i++)
    if (needed[i] && choice[i].workspace) {
      workspace[i] = (plan){.bytes = rounded(choice[i].workspace(g->node[i])), .used = true};
      pieces[n++] = (piece){workspace[i].bytes, 0, i, i, &workspace[i]};
    }
  qsort(pieces, n, sizeof *pieces, larger_first);
  p->size.planned = place_pieces(pieces, n, scratch);
  for (size_t i = 0; i < n; i++)
    pieces[i].owner->place = pieces[i].place;
  pm_arena_free(scratch);
}

static void *address(const pm_program *p, const pm_value *v) {
  if (!v)
    return NULL;
  if (v->buffer)
    return (char *)v->buffer->device + v->offset * item_size(p, v->dtype);
  const pm_value *root = root_of(p, v);
  return root == v ? p->block + p->plan[v->number].place : address(p, root);
}

static void allocate_buffers(pm_program *p, const bool *needed) {
  const pm_graph *g = p->graph;
  const pm_backend *backend = g->store->backend;
  bool *counted = pm_alloc(p->arena, g->store->buffers, sizeof *counted);
  g->store->sealed = true;
  for (size_t i = 0; i < g->nodes; i++)
    for (int k = 0; needed[i] && k < g->node[i]->ins + g->node[i]->outs; k++) {
      const pm_node *node = g->node[i];
      const pm_value *v = k < node->ins ? node->in[k] : node->out[k - node->ins];
      if (v && v->buffer && !v->buffer->device)
        backend->allocate(v->buffer);
      for (size_t b = 0; v && v->buffer && b < g->store->buffers; b++)
        counted[b] |= g->store->buffer[b] == v->buffer;
    }
  for (size_t b = 0; b < g->store->buffers; b++)
    if (counted[b])
      p->size.resident += g->store->buffer[b]->count * item_size(p, g->store->buffer[b]->dtype);
}

pm_program *pm_host_compile(const pm_graph *graph, size_t real_size, pm_kernel_choice (*choose)(const pm_op *op)) {
  pm_check_order(graph);
  pm_arena *arena = pm_arena_new();
  pm_program *p = pm_alloc(arena, 1, sizeof *p);
  p->arena = arena;
  p->graph = graph;
  p->real_size = real_size;
  p->plan = pm_alloc(arena, graph->values, sizeof *p->plan);
  p->step = pm_alloc(arena, graph->nodes, sizeof *p->step);
  bool *needed = needed_nodes(graph, arena);
  pm_kernel_choice *choice = pm_alloc(arena, graph->nodes, sizeof *choice);
  plan *workspace = pm_alloc(arena, graph->nodes, sizeof *workspace);
  for (size_t i = 0; i < graph->nodes; i++)
    choice[i] = choose(graph->node[i]->op);
  find_lives(p, needed);
  share_in_place(p, needed);
  plan_memory(p, needed, choice, workspace);
  allocate_buffers(p, needed);
  p->block = pm_alloc(arena, p->size.planned, 1);
  for (size_t i = 0; i < graph->nodes; i++) {
    const pm_node *node = graph->node[i];
    if (!needed[i] || !choice[i].kernel)
      continue;
    step *s = &p->step[p->steps++];
    s->kernel = choice[i].kernel;
    s->call.node = node;
    for (int k = 0; k < node->ins; k++)
      s->call.in[k] = address(p, node->in[k]);
    for (int k = 0; k < node->outs; k++)
      s->call.out[k] = address(p, node->out[k]);
    s->call.workspace = workspace[i].used ? p->block + workspace[i].place : NULL;
  }
  p->size.nodes = p->steps;
  return p;
}

void pm_host_run(pm_program *p) {
  for (size_t i = 0; i < p->steps; i++)
    p->step[i].kernel(&p->step[i].call);
}

pm_program_size pm_host_size(const pm_program *p) {
  return p->size;
}

void pm_host_free_program(pm_program *p) {
  if (p)
    pm_arena_free(p->arena);
}

void pm_host_read_value(const pm_program *p, const pm_value *value, void *items) {
  const void *from = address(p, value);
  size_t n = pm_count(value);
  if (value->dtype == PM_F32 && p->real_size == sizeof(double))
    for (size_t i = 0; i < n; i++)
      ((float *)items)[i] = (float)((const double *)from)[i];
  else
    memcpy(items, from, n * item_size(p, value->dtype));
}

static void allocate(pm_buffer *buffer, size_t size) {
  size_t bytes = rounded(buffer->count * size + 1);
  if (posix_memalign(&buffer->device, ALIGNMENT, bytes))
    pm_fail(PM_FAILED, NULL, "out of memory: %zu bytes for %s", bytes, buffer->name);
  memset(buffer->device, 0, bytes);
}

void pm_host_allocate(pm_buffer *buffer) {
  allocate(buffer, pm_dtype_size(buffer->dtype));
}

void pm_host_allocate_double(pm_buffer *buffer) {
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
