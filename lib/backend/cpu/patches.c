/* Sprites as patches, and the lists that say what they are: a sprite is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"
#include "nn/ops/patches.h"

static void all_sprites(patch_call *c, pm_task task) {
  pm_parallel_for(c->sprites, 0, task, c);
}

static void features_of_sprite(void *context, size_t n, void *scratch) {
  const patch_call *c = context;
  const size_t row = c->patches * patch_feature_room(&c->s);
  (void)scratch;
  patch_feature_lists((int32_t *)c->call->out[0] + n * row, &c->s, patch_sprite(c, n), c->first, c->patches);
}

void pm_cpu_patch_features(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_SPRITES);
  all_sprites(&c, features_of_sprite);
}

/* Numbers of a slot's lists, those behind their ends, too. */
static size_t entries_of_slot(const pm_value *lists) {
  return pm_count(lists) / lists->shape.dim[0];
}

size_t pm_cpu_drop_listed_scratch(const pm_node *node) {
  return entries_of_slot(node->in[PM_DROP_LISTED_LIST]) * sizeof(float);
}

/* What dropout leaves of ones says which entries stay. */
static void drop_of_slot(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_dropout_attributes *a = call->node->attributes;
  const pm_value *lists = call->node->in[PM_DROP_LISTED_LIST];
  const size_t entries = entries_of_slot(lists), room = pm_columns(lists);
  const int32_t *from = (const int32_t *)call->in[PM_DROP_LISTED_LIST] + n * entries;
  int32_t *to = (int32_t *)call->out[0] + n * entries;
  float *left = scratch;
  for (size_t e = 0; e < entries; e++)
    left[e] = 1;
  pm_vector_best()->dropout(left, left, pm_dropout_of(call, PM_DROP_LISTED_DRAWS, n, a->p, a->purpose), entries);
  for (size_t first = 0; first < entries; first += room) {
    size_t kept = first;
    for (size_t e = first; e < first + room && from[e] >= 0; e++)
      if (left[e] > 0)
        to[kept++] = from[e];
    for (; kept < first + room; kept++)
      to[kept] = -1;
  }
}

void pm_cpu_drop_listed(const pm_call *call) {
  pm_parallel_for(call->node->in[PM_DROP_LISTED_LIST]->shape.dim[0], pm_cpu_drop_listed_scratch(call->node),
                  drop_of_slot, (void *)(size_t)call);
}

static void copies_of_sprite(void *context, size_t n, void *scratch) {
  (void)scratch;
  patch_each_pixel(context, n, patch_copy_row);
}

void pm_cpu_patch_copies(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_COPIES_SPRITES);
  all_sprites(&c, copies_of_sprite);
}

static void copies_grad_of_sprite(void *context, size_t n, void *scratch) {
  (void)scratch;
  patch_each_pixel(context, n, patch_copy_grad_row);
}

void pm_cpu_patch_copies_grad(const pm_call *call) {
  patch_call c = patch_call_of(call, PM_PATCH_COPIES_GRAD_SPRITES);
  all_sprites(&c, copies_grad_of_sprite);
}
