#include "train/likeliest_class.h"

#include <string.h>

/* A sprite under every class at once, so that a block of the inference serves several of them. */
void pm_likeliest_classes(int32_t *class_of, pm_inference *inference, const pm_sprite_format *f,
                          const unsigned char *pixels, size_t count) {
  const size_t sprite = f->height * f->width, classes = f->classes;
  pm_arena *scratch = pm_arena_new();
  unsigned char *copies = pm_alloc(scratch, classes, sprite);
  int32_t *label = pm_alloc(scratch, classes, sizeof *label);
  float *bits = pm_alloc(scratch, classes, sizeof *bits);
  for (size_t i = 0; i < count; i++) {
    for (size_t c = 0; c < classes; c++) {
      memcpy(copies + c * sprite, pixels + i * sprite, sprite);
      label[c] = (int32_t)c;
    }
    pm_inference_bits(inference, copies, label, classes, 0, 1, bits);
    class_of[i] = 0;
    for (size_t c = 1; c < classes; c++)
      if (bits[c] < bits[class_of[i]])
        class_of[i] = (int32_t)c;
  }
  pm_arena_free(scratch);
}
