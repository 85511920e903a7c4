/* train-patch-ar: an autoregressive transformer over patches of palette indices. */
#include "methods/methods.h"
#include "train/trainer.h"

int main(int argc, char **argv) {
  return pm_train_main(&pm_method_patch_ar, "train-patch-ar", argc, argv);
}
