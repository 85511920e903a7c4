#include "nn/order.h"

#include "nn/op.h"

#include <stdio.h>

/* A stretch of a buffer, in items. */
typedef struct {
  const pm_buffer *buffer; /* NULL: in memory of the program's own */
  size_t begin, end;
} memory_place;

/* A node's output that lies in a buffer. */
typedef struct {
  memory_place place;
  size_t node;
  const pm_value *value;
  bool made; /* rather than updated */
} mark;

typedef struct {
  const pm_graph *g;
  pm_arena *arena;
  mark *write;
  size_t writes, capacity;
  size_t *last; /* by value number: the last node that reads it; the number of nodes if it is kept */
} graph_survey;

/* Where a value lies: a view where what it shows lies. */
static memory_place place_of(const pm_value *v) {
  size_t items = pm_count(v);
  while (v->same)
    v = v->same;
  return (memory_place){v->buffer, v->offset, v->offset + items};
}

static bool overlap(memory_place a, memory_place b) {
  return a.buffer && a.buffer == b.buffer && a.begin < b.end && b.begin < a.end;
}

static const char *name_of(const graph_survey *s, const pm_value *v) {
  const char *name = v->name ? v->name : v->buffer ? v->buffer->name : NULL;
  return name ? pm_format(s->arena, "'%s'", name) : pm_format(s->arena, "value %d", v->number);
}

static const char *node_name(const graph_survey *s, size_t node) {
  return pm_format(s->arena, "node %zu (%s)", node, s->g->node[node]->op->name);
}

static graph_survey survey_of(const pm_graph *g, pm_arena *arena) {
  graph_survey s = {.g = g, .arena = arena, .last = pm_alloc(arena, g->values, sizeof *s.last)};
  for (size_t i = 0; i < g->nodes; i++) {
    const pm_node *node = g->node[i];
    for (int k = 0; k < node->ins; k++)
      if (node->in[k])
        s.last[node->in[k]->number] = i;
    for (int k = 0; k < node->outs; k++) {
      const pm_value *out = node->out[k];
      if (!out->buffer)
        continue;
      s.write = pm_grow(arena, s.write, &s.capacity, s.writes + 1, sizeof *s.write);
      s.write[s.writes++] = (mark){place_of(out), i, out, out->maker == node};
    }
  }
  for (size_t i = 0; i < g->values; i++)
    if (g->value[i]->is_output)
      s.last[i] = g->nodes;
  return s;
}

static bool is_own(const pm_graph *g, const pm_buffer *buffer) {
  for (size_t b = 0; b < g->store->buffers; b++)
    if (g->store->buffer[b] == buffer)
      return true;
  return false;
}

/* Rule 4, of one output of a node. */
static const char *update_problem(const graph_survey *s, const mark *w) {
  const pm_node *node = s->g->node[w->node];
  const char *what = name_of(s, w->value), *who = node_name(s, w->node);
  int among = 0;
  if (w->value->maker)
    return pm_format(s->arena, "%s updates %s, which another node made", who, what);
  if (w->value->role != PM_PARAM && w->value->role != PM_STATE)
    return pm_format(s->arena, "%s updates %s, which is neither a parameter nor a state", who, what);
  if (!is_own(s->g, w->value->buffer))
    return pm_format(s->arena, "%s updates %s, which belongs to a lender", who, what);
  for (int k = 0; k < node->ins; k++) {
    among += node->in[k] == w->value;
    if (node->in[k] && node->in[k] != w->value && overlap(place_of(node->in[k]), w->place))
      return pm_format(s->arena, "%s updates %s and reads the same memory as %s", who, what, name_of(s, node->in[k]));
  }
  if (among != 1)
    return pm_format(s->arena, "%s updates %s, which is %d of its inputs, not 1", who, what, among);
  return NULL;
}

/* Rules 4 and 5: two outputs in one place. */
static const char *collision(const graph_survey *s, const mark *a, const mark *b) {
  if (!overlap(a->place, b->place))
    return NULL;
  if (a->node == b->node)
    return pm_format(s->arena, "%s updates %s and %s in the same memory", node_name(s, a->node), name_of(s, a->value),
                     name_of(s, b->value));
  if (a->made && b->made)
    return pm_format(s->arena, "%s and %s make values in the same memory of '%s'", node_name(s, a->node),
                     node_name(s, b->node), a->place.buffer->name);
  return NULL;
}

/* Rule 3, of what node `node` made. */
static const char *overwritten(const graph_survey *s, const pm_value *made, size_t node) {
  const memory_place where = place_of(made);
  const size_t last = s->last[made->number];
  for (size_t i = 0; where.buffer && i < s->writes; i++) {
    const mark *w = &s->write[i];
    if (w->node > node && w->node <= last && overlap(w->place, where))
      return pm_format(s->arena, "%s writes over what %s made, before %s", node_name(s, w->node), node_name(s, node),
                       last == s->g->nodes ? "it is read at the end" : node_name(s, last));
  }
  return NULL;
}

/* A node before `write` that reads the memory as it was, or `write` itself if there is none. */
static size_t reader_before(const graph_survey *s, const mark *write) {
  for (size_t i = 0; i < write->node; i++) {
    const pm_node *node = s->g->node[i];
    bool updates = false, reads = false;
    for (int k = 0; k < node->outs; k++)
      updates |= overlap(place_of(node->out[k]), write->place);
    for (int k = 0; k < node->ins; k++)
      reads |= node->in[k] && overlap(place_of(node->in[k]), write->place);
    if (reads && !updates)
      return i;
  }
  return write->node;
}

/* Rule 6, of what one forward node writes. */
static const char *changed_for_backward(const graph_survey *s, const mark *write) {
  const size_t before = reader_before(s, write);
  for (size_t i = s->g->forward_nodes; before < write->node && i < s->g->backward_nodes; i++)
    for (int k = 0; k < s->g->node[i]->ins; k++) {
      const pm_value *in = s->g->node[i]->in[k];
      if (in && overlap(place_of(in), write->place))
        return pm_format(s->arena, "%s reads %s for the gradient, which %s has updated since %s read it",
                         node_name(s, i), name_of(s, in), node_name(s, write->node), node_name(s, before));
    }
  return NULL;
}

static const char *write_problem(const graph_survey *s, size_t i) {
  const mark *w = &s->write[i];
  const char *problem = w->made ? NULL : update_problem(s, w);
  for (size_t k = 0; !problem && k < i; k++)
    problem = collision(s, &s->write[k], w);
  if (!problem && w->node < s->g->forward_nodes)
    problem = changed_for_backward(s, w);
  return problem;
}

const char *pm_order_problem(const pm_graph *g, pm_arena *arena) {
  const graph_survey s = survey_of(g, arena);
  const char *problem = NULL;
  for (size_t i = 0; !problem && i < s.writes; i++)
    problem = write_problem(&s, i);
  for (size_t i = 0; i < g->nodes; i++)
    for (int k = 0; !problem && k < g->node[i]->outs; k++)
      if (g->node[i]->out[k]->maker == g->node[i])
        problem = overwritten(&s, g->node[i]->out[k], i);
  return problem;
}

void pm_check_order(const pm_graph *g) {
  pm_arena *arena = pm_arena_new();
  const char *problem = pm_order_problem(g, arena);
  if (problem)
    fprintf(stderr, "graph: %s\n", problem);
  assert(!problem);
  pm_arena_free(arena);
}
