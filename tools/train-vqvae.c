/* train-vqvae: a vector-quantised autoencoder on sprites. */
#include "methods/methods.h"
#include "train/trainer.h"

int main(int argc, char **argv) {
  return pm_train_main(&pm_method_vqvae, "train-vqvae", argc, argv);
}
