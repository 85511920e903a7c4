/* train-dummy: the mean of the sprites. All that a trainer's main has to say is its method and its name. */
#include "methods/methods.h"
#include "train/trainer.h"

int main(int argc, char **argv) {
  return pm_train_main(&pm_method_dummy, "train-dummy", argc, argv);
}
