/* Sprites as patches: a sprite is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"
#include "nn/ops/lists.h"
#include "nn/ops/patches.h"

typedef struct {
  const pm_call *call;
  patch_sizes s;
  size_t first, patches, row; /* row: items of one sprite's result */
} sprite_set;

/* `at`: the input that is the sprites; the one behind it is the position, or NULL. */
static sprite_set set_of(const pm_call *call, int at) {
  const pm_value *sprites = call->node->in[at];
  sprite_set set = {.call = call, .s = patch_sizes_of(sprites, call->node->attributes)};
  set.first = call->node->in[at + 1] ? (size_t) * (const int64_t *)call->in[at + 1] : 0;
  set.patches = call->node->in[at + 1] ? 1 : set.s.patches;
  set.row = pm_count(call->node->out[0]) / sprites->shape.dim[0];
  return set;
}

static const unsigned char *sprite_of(const sprite_set *set, int at, size_t n) {
  return (const unsigned char *)set->call->in[at] + n * set->s.height * set->s.width;
}

static void all_sprites(sprite_set *set, int at, pm_task task) {
  pm_parallel_for(set->call->node->in[at]->shape.dim[0], 0, task, set);
}

static void features_of_sprite(void *context, size_t n, void *scratch) {
  const sprite_set *set = context;
  (void)scratch;
  patch_feature_lists((int32_t *)set->call->out[0] + n * set->row, &set->s, sprite_of(set, 0, n), set->first,
                      set->patches);
}

void pm_cpu_patch_features(const pm_call *call) {
  sprite_set set = set_of(call, 0);
  all_sprites(&set, 0, features_of_sprite);
}

static void drop_of_slot(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_value *list = call->node->in[0];
  size_t room = pm_columns(list), lists = pm_rows(list) / list->shape.dim[0], at = n * lists * room;
  (void)scratch;
  drop_listed_of_slot((int32_t *)call->out[0] + at, (const int32_t *)call->in[0] + at, lists, room, call, n);
}

void pm_cpu_drop_listed(const pm_call *call) {
  pm_parallel_for(call->node->in[0]->shape.dim[0], 0, drop_of_slot, (void *)(size_t)call);
}

static void copies_of_sprite(void *context, size_t n, void *scratch) {
  const sprite_set *set = context;
  (void)scratch;
  patch_copy_rows(set->call->out[0], set->call->in[0], set->call->in[1], &set->s, set->call->node->attributes,
                  sprite_of(set, 2, n), n, set->first, set->patches);
}

void pm_cpu_patch_copies(const pm_call *call) {
  sprite_set set = set_of(call, 2);
  all_sprites(&set, 2, copies_of_sprite);
}

static void copies_grad_of_sprite(void *context, size_t n, void *scratch) {
  const sprite_set *set = context;
  (void)scratch;
  patch_copy_grad_rows(set->call->out[0], set->call->in[1], &set->s, set->call->node->attributes, sprite_of(set, 2, n),
                       n, set->first, set->patches);
}

void pm_cpu_patch_copies_grad(const pm_call *call) {
  sprite_set set = set_of(call, 2);
  all_sprites(&set, 2, copies_grad_of_sprite);
}
