#include "backend/lowering.h"

#include <string.h>

static const pm_value *root_of(const pm_value *v) {
  while (v->same)
    v = v->same;
  return v;
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

/* A view reads nothing, unless it is kept to be read by the host. */
static bool reads(const pm_node *node) {
  return node->op->reference || node->out[0]->is_output;
}

static void find_readers(pm_lowered *l) {
  for (size_t i = l->graph->nodes; i-- > 0;) {
    const pm_node *node = l->graph->node[i];
    if (!l->needed[i] || !reads(node))
      continue;
    for (int k = 0; k < node->ins; k++) {
      if (!node->in[k])
        continue;
      pm_reader **list = &l->readers[root_of(node->in[k])->number], *reader = pm_alloc(l->arena, 1, sizeof *reader);
      if (*list && (*list)->node == node)
        continue; /* it reads the value twice */
      *reader = (pm_reader){node, *list};
      *list = reader;
    }
  }
}

static pm_operand *new_operand(pm_lowered *l, const pm_value *value, pm_form form, size_t bytes) {
  pm_operand *operand = pm_alloc(l->arena, 1, sizeof *operand);
  *operand = (pm_operand){.value = value, .form = form, .bytes = bytes, .same = operand};
  l->operand = pm_grow(l->arena, l->operand, &l->operand_capacity, l->operands + 1, sizeof *l->operand);
  l->operand[l->operands++] = operand;
  return operand;
}

static pm_operand *plain_operand(pm_lowered *l, const pm_value *value) {
  pm_operand **found = &l->plain[value->number];
  if (!*found) {
    size_t item = value->dtype == PM_F32 ? l->rules->real_size : pm_dtype_size(value->dtype);
    *found = new_operand(l, value, PM_PLAIN, pm_count(value) * item);
    if (value->same)
      (*found)->same = plain_operand(l, value->same);
  }
  return *found;
}

void pm_lower_append(pm_lowered *l, pm_step step) {
  l->step = pm_grow(l->arena, l->step, &l->step_capacity, l->steps + 1, sizeof *l->step);
  l->step[l->steps++] = step;
}

/* Whether a needed node writes into the buffer in which the value, or what it is a view of, lies. */
static bool is_updated(const pm_lowered *l, const pm_value *value) {
  const pm_buffer *buffer = root_of(value)->buffer;
  for (size_t i = 0; buffer && i < l->graph->nodes; i++)
    for (int k = 0; l->needed[i] && k < l->graph->node[i]->outs; k++)
      if (l->graph->node[i]->out[k]->buffer == buffer)
        return true;
  return false;
}

bool pm_lower_has_form(const pm_lowered *l, const pm_value *value, pm_form form) {
  return form == PM_PLAIN || (l->rules->converter && l->rules->converter(form) != NULL && !is_updated(l, value));
}

static void want_scratch(pm_lowered *l, size_t bytes) {
  if (bytes > l->scratch)
    l->scratch = bytes;
}

/* A view of a value has the same numbers in the same order, but only PM_BF16 leaves them so. */
static pm_operand *find_form(pm_operand *of, const pm_value *value, pm_form form) {
  for (; of; of = of->next)
    if (of->form == form && (form == PM_BF16 || pm_shape_equal(of->value->shape, value->shape)))
      return of;
  return NULL;
}

/* The step that makes the operand and can make it in this form, too; NULL: none. */
static pm_step *maker_of(const pm_lowered *l, const pm_operand *plain, pm_form form) {
  for (size_t i = l->steps; l->rules->makes && i-- > 0;)
    if (l->step[i].outs && l->step[i].out[0] == plain)
      return l->step[i].outs < PM_MAX_OUT && l->rules->makes(&l->step[i], form) ? &l->step[i] : NULL;
  return NULL;
}

pm_operand *pm_lower_operand(pm_lowered *l, const pm_value *value, pm_form form) {
  if (!value || form == PM_PLAIN)
    return value ? plain_operand(l, value) : NULL;
  assert(pm_lower_has_form(l, value, form));
  pm_operand *of = plain_operand(l, root_of(value)), *made = find_form(of->next, value, form);
  if (made)
    return made;
  made = new_operand(l, value, form, l->rules->form_bytes(value, form));
  made->next = of->next;
  of->next = made;
  made->lasting = root_of(value)->role == PM_PARAM;
  pm_step *maker = maker_of(l, of, form);
  if (maker) {
    maker->out[maker->outs++] = made;
    return made;
  }
  if (l->rules->form_scratch)
    want_scratch(l, l->rules->form_scratch(value, form));
  pm_lower_append(l, (pm_step){.name = "convert",
                               .kernel = l->rules->converter(form),
                               .in = {plain_operand(l, value)},
                               .out = {made},
                               .ins = 1,
                               .outs = 1,
                               .source = made->lasting ? root_of(value)->buffer : NULL});
  return made;
}

pm_operand *pm_lower_workspace(pm_lowered *l, size_t bytes) {
  return new_operand(l, NULL, PM_PLAIN, bytes);
}

pm_step pm_lower_step(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  pm_step step = {.name = self->name ? self->name : node->op->name, .kernel = self->kernel, .node = node};
  if (self->workspace)
    step.workspace = pm_lower_workspace(l, self->workspace(node));
  if (self->scratch)
    want_scratch(l, self->scratch(node));
  return step;
}

const pm_node *pm_lower_reader(const pm_lowered *l, const pm_value *value, const pm_op *op, size_t readers) {
  const pm_node *found = NULL;
  size_t count = 0;
  if (value->is_output || value->buffer)
    return NULL;
  for (const pm_reader *r = l->readers[root_of(value)->number]; r; r = r->next, count++)
    if (r->node->op == op && !found)
      found = r->node;
  return count <= readers ? found : NULL;
}

void pm_lower_fuse(pm_lowered *l, const pm_node *node) {
  assert(!l->fused[node->number]);
  l->fused[node->number] = true;
}

bool pm_lower_is_fused(const pm_lowered *l, const pm_node *node) {
  return l->fused[node->number];
}

/* One step, with the node's own operands; false if the implementation is not for this node. */
static bool lower_alone(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  pm_operand *in[PM_MAX_IN];
  if (self->fits && !self->fits(node))
    return false;
  for (int k = 0; k < node->ins; k++)
    if (node->in[k] && !pm_lower_has_form(l, node->in[k], self->form[k]))
      return false;
  for (int k = 0; k < node->ins; k++)
    in[k] = pm_lower_operand(l, node->in[k], self->form[k]);
  pm_step step = pm_lower_step(l, node, self);
  step.ins = node->ins;
  step.outs = node->outs;
  step.in_place = node->op->in_place;
  memcpy(step.in, in, (size_t)node->ins * sizeof *in);
  for (int k = 0; k < node->outs; k++)
    step.out[k] = pm_lower_operand(l, node->out[k], PM_PLAIN);
  pm_lower_append(l, step);
  return true;
}

static void lower_node(pm_lowered *l, const pm_node *node) {
  const pm_op *op = l->rules->twin ? l->rules->twin(node->op) : node->op;
  const pm_implementation reference = {.op = op, .name = op->name, .kernel = op->reference, .workspace = op->workspace};
  for (size_t i = 0; i < l->rules->count; i++) {
    const pm_implementation *self = &l->rules->list[i];
    if (self->op == node->op && (self->lower ? self->lower : lower_alone)(l, node, self))
      return;
  }
  assert(!l->rules->on_device || !reference.kernel); /* pm_backend.supports tells beforehand */
  if (reference.kernel)                              /* a view has none */
    lower_alone(l, node, &reference);
}

pm_lowered *pm_lower(const pm_graph *g, const pm_lowering_rules *rules, pm_arena *arena) {
  pm_lowered *l = pm_alloc(arena, 1, sizeof *l);
  *l = (pm_lowered){.arena = arena,
                    .graph = g,
                    .rules = rules,
                    .plain = pm_alloc(arena, g->values, sizeof *l->plain),
                    .needed = needed_nodes(g, arena),
                    .fused = pm_alloc(arena, g->nodes, sizeof *l->fused),
                    .readers = pm_alloc(arena, g->values, sizeof *l->readers)};
  find_readers(l);
  for (size_t i = 0; i < g->nodes; i++)
    if (l->needed[i] && !l->fused[i])
      lower_node(l, g->node[i]);
  for (size_t i = 0; i < g->values; i++)
    if (g->value[i]->is_output)
      plain_operand(l, g->value[i]); /* a view that is kept, too */
  return l;
}
