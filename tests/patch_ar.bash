# For the tests of the patch transformer: a tiny net and trainings of a fraction of a second.
# shellcheck shell=bash

# The config: 12 steps of 4 sprites, checkpoints at 4, 8 and 12, held-out losses at 3, 6, 9 and 12, a weight average.
tiny_patch_ar_config() {
  cat >"$1" <<'EOT'
name: tiny
method: patch-ar
data: {held_out: 0.2}
patch: {hidden: 12}
transformer: {width: 16, layers: 2, heads: 2, feed_forward: 24}
training: {steps: 12, batch: 4, average: 0.9, learning_rate: 1e-2}
output: {grid_every: 0, checkpoint_every: 4, held_out_every: 3}
EOT
}

# Once a file, in $SHARED: sprites.npy (24 of 16 x 16, in 16 colours), labels.npy and names.txt (15 classes), tiny.yaml,
# and the trainings `done` without and `classes` with classes.
tiny_patch_ar() {
  SHARED=$BATS_FILE_TMPDIR
  CONFIG=$SHARED/tiny.yaml SPRITES=$SHARED/sprites.npy LABELS=$SHARED/labels.npy NAMES=$SHARED/names.txt
  MODEL=$SHARED/done/model.safetensors WITH_CLASSES=$SHARED/classes/model.safetensors
  export SHARED CONFIG SPRITES LABELS NAMES MODEL WITH_CLASSES
  tiny_patch_ar_config "$CONFIG"
  draw-sprites -q -n 24 --labels "$LABELS" --names "$NAMES" -o "$SPRITES"
  patch_ar -o "$SHARED/done"
  patch_ar_classes -o "$SHARED/classes"
}

# patch_ar OPTION...: the tiny training, without classes and with them.
patch_ar() { train-patch-ar -q -c "$CONFIG" --data "$SPRITES" "$@"; }
patch_ar_classes() { patch_ar --labels "$LABELS" --class-names "$NAMES" "$@"; }
