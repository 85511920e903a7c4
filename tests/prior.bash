# For the tests of priors: a VQ-VAE of a few steps and priors of its codes, each trained in a fraction of a second.
# shellcheck shell=bash

# The VQ-VAE's config: 60 steps of 4 sprites, 20 codes on 4 x 4.
tiny_vqvae_config() {
  cat >"$1" <<'EOT'
name: tiny
method: vqvae
data: {held_out: 0.2}
training: {steps: 60, batch: 4}
codebook: {size: 20, width: 16}
output: {grid_every: 0, checkpoint_every: 1000, held_out_every: 0}
EOT
}

# The prior's: 12 steps of 4 sprites, checkpoints at 4, 8 and 12, held-out losses at 3, 6, 9 and 12, a weight average.
tiny_prior_config() {
  cat >"$1" <<'EOT'
name: tiny
method: prior
data: {held_out: 0.2}
training: {steps: 12, batch: 4, average: 0.9}
prior: {width: 16, layers: 2, heads: 2, feed_forward: 24}
output: {grid_every: 0, checkpoint_every: 4, held_out_every: 3}
EOT
}

# Once a file, in $SHARED: sprites.npy (24 of 16 x 16), labels.npy and names.txt (15 classes), the VQ-VAE and another one
# that differs in its seed alone, the prior `done` and, with classes, `classes`.
tiny_priors() {
  SHARED=$BATS_FILE_TMPDIR
  CONFIG=$SHARED/prior.yaml SPRITES=$SHARED/sprites.npy LABELS=$SHARED/labels.npy NAMES=$SHARED/names.txt
  VQVAE=$SHARED/vqvae/model.safetensors OTHER_VQVAE=$SHARED/other/model.safetensors
  PRIOR=$SHARED/done/model.safetensors CLASS_PRIOR=$SHARED/classes/model.safetensors
  export SHARED CONFIG SPRITES LABELS NAMES VQVAE OTHER_VQVAE PRIOR CLASS_PRIOR
  tiny_vqvae_config "$SHARED/vqvae.yaml"
  tiny_prior_config "$CONFIG"
  draw-sprites -q -n 24 --labels "$LABELS" --names "$NAMES" -o "$SPRITES"
  train-vqvae -q -c "$SHARED/vqvae.yaml" --data "$SPRITES" -o "$SHARED/vqvae"
  train-vqvae -q -c "$SHARED/vqvae.yaml" --data "$SPRITES" -s 2 -o "$SHARED/other"
  fit -o "$SHARED/done"
  fit_classes -o "$SHARED/classes"
}

# fit OPTION...: the tiny training, without classes and with them.
fit() { fit-prior -q -c "$CONFIG" --vqvae "$VQVAE" --data "$SPRITES" "$@"; }
fit_classes() { fit --labels "$LABELS" --class-names "$NAMES" --set prior.classes=true "$@"; }

# A VAE, for what needs another kind of model: vae/model.safetensors.
tiny_vae() {
  tiny_config vae.yaml
  train-vae -q -c vae.yaml --data "$SPRITES" -o vae
}
