# For the tests of diffusion models: a tiny net and trainings of a fraction of a second.
# shellcheck shell=bash

# The config: 12 steps of 4 sprites, checkpoints at 4, 8 and 12, held-out losses at 3, 6, 9 and 12, a weight average.
tiny_diffusion_config() {
  cat >"$1" <<'EOT'
name: tiny
method: ddpm
data: {held_out: 0.2}
training: {steps: 12, batch: 4, average: 0.9}
unet: {widths: [8, 16], blocks: 1, groups: 4, time_features: 16}
sampling: {steps: 4}
output: {grid_every: 0, checkpoint_every: 4, held_out_every: 3}
EOT
}

# Once a file, in $SHARED: sprites.npy (24 of 16 x 16, in 16 colours), labels.npy and names.txt (15 classes), tiny.yaml,
# and the trainings `done` without and `classes` with classes.
tiny_diffusion() {
  SHARED=$BATS_FILE_TMPDIR
  CONFIG=$SHARED/tiny.yaml SPRITES=$SHARED/sprites.npy LABELS=$SHARED/labels.npy NAMES=$SHARED/names.txt
  MODEL=$SHARED/done/model.safetensors WITH_CLASSES=$SHARED/classes/model.safetensors
  export SHARED CONFIG SPRITES LABELS NAMES MODEL WITH_CLASSES
  tiny_diffusion_config "$CONFIG"
  draw-sprites -q -n 24 --labels "$LABELS" --names "$NAMES" -o "$SPRITES"
  diffuse -o "$SHARED/done"
  diffuse_classes -o "$SHARED/classes"
}

# The same, and `palette`, with classes on palette indices.
tiny_diffusion_in_palette() {
  tiny_diffusion
  IN_PALETTE=$SHARED/palette/model.safetensors
  export IN_PALETTE
  diffuse_classes --set pixels=palette -o "$SHARED/palette"
}

# diffuse OPTION...: the tiny training, without classes and with them.
diffuse() { train-ddpm -q -c "$CONFIG" --data "$SPRITES" "$@"; }
diffuse_classes() { diffuse --labels "$LABELS" --class-names "$NAMES" "$@"; }

