/* Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", 2017. Training continues to sharpen the
 * predictions when the ranking of colours no longer improves. The net becomes overconfident, and the likelihood of
 * held-out sprites falls although the net improves. Dividing the logits by the temperature that maximises the
 * likelihood of the held-out sprites corrects this, so that a later step is the best one. The division is applied once,
 * to the layers that make the logits, so that users of the model need not know. */
#include "train/trainer_parts.h"

#include <math.h>
#include <string.h>

static bool makes_logits(const pm_method *method, const char *parameter) {
  for (const char *const *layer = method->logits; *layer; layer++) {
    size_t length = strlen(*layer);
    if (strncmp(parameter, *layer, length) == 0 && parameter[length] == '.')
      return true;
  }
  return false;
}

void trainer_calibrate(trainer *t, float temperature) {
  pm_arena *scratch = pm_arena_new();
  const pm_store *store = t->store;
  pm_buffer *from = pm_store_find_buffer(store, t->weights.parameters);
  float *items = pm_alloc(scratch, from->count, sizeof *items);
  pm_store_read(t->store, from, 0, items, from->count);
  for (size_t i = 0; i < store->slots; i++) {
    const pm_slot *slot = store->slot[i];
    if (slot->role != PM_PARAM || !makes_logits(t->settings->method, slot->name))
      continue;
    for (size_t k = 0; k < pm_shape_count(slot->shape); k++)
      items[slot->offset + k] /= temperature;
  }
  pm_store_write(t->store, t->calibrated, 0, items, from->count);
  pm_arena_free(scratch);
  t->temperature = temperature;
}

float trainer_calibrated_bits(trainer *t, float (*measure)(trainer *t)) {
  static const float temperatures[] = {1, 1.15f, 1.3f, 1.5f, 1.75f, 2};
  float lowest = INFINITY, found = temperatures[0];
  for (size_t i = 0; i < sizeof temperatures / sizeof *temperatures; i++) {
    trainer_calibrate(t, temperatures[i]);
    float bits = measure(t);
    if (bits >= lowest)
      break; /* beyond the one that it is lowest at, it rises */
    lowest = bits;
    found = temperatures[i];
  }
  trainer_calibrate(t, found);
  return lowest;
}
