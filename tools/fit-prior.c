/* fit-prior: which of a VQ-VAE's codes go together. */
#include "methods/methods.h"
#include "train/trainer.h"

int main(int argc, char **argv) {
  return pm_train_main(&pm_method_prior, "fit-prior", argc, argv);
}
