/* train-vae: a variational autoencoder on sprites. */
#include "methods/methods.h"
#include "train/trainer.h"

int main(int argc, char **argv) {
  return pm_train_main(&pm_method_vae, "train-vae", argc, argv);
}
