/* Sprites as patches: a sprite is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"
#include "nn/ops/lists.h"
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

static void drop_of_slot(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_value *list = call->node->in[PM_DROP_LISTED_LIST];
  size_t room = pm_columns(list), lists = pm_rows(list) / list->shape.dim[0], at = n * lists * room;
  (void)scratch;
  drop_listed_of_slot((int32_t *)call->out[0] + at, (const int32_t *)call->in[PM_DROP_LISTED_LIST] + at, lists, room,
                      call, n);
}

void pm_cpu_drop_listed(const pm_call *call) {
  pm_parallel_for(call->node->in[PM_DROP_LISTED_LIST]->shape.dim[0], 0, drop_of_slot, (void *)(size_t)call);
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
