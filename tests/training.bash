# For the tests of training and sampling: a tiny data set, a tiny config, and trainings of a fraction of a second.
# shellcheck shell=bash

# The config: 12 steps of 4 sprites, checkpoints at 4, 8 and 12, held-out losses at 3, 6, 9 and 12, no grids.
tiny_config() {
  cat >"$1" <<'EOF'
name: tiny
method: vae
data: {held_out: 0.2}
training: {steps: 12, batch: 4}
model: {latent: 4}
output: {grid_every: 0, checkpoint_every: 4, held_out_every: 3}
EOF
}

# Once a file: sprites.npy (24 of 16 x 16), tiny.yaml and a complete training in `done`, in $SHARED.
tiny_training() {
  SHARED=$BATS_FILE_TMPDIR
  CONFIG=$SHARED/tiny.yaml SPRITES=$SHARED/sprites.npy MODEL=$SHARED/done/model.safetensors
  export SHARED CONFIG SPRITES MODEL
  tiny_config "$CONFIG"
  draw-sprites -q -n 24 -o "$SPRITES"
  train -o "$SHARED/done"
}

# train OPTION...: the tiny training.
train() { train-vae -q -c "$CONFIG" --data "$SPRITES" "$@"; }

# same_training FOLDER FOLDER: the same model, metrics, config and grids, byte for byte.
same_training() {
  local file
  for file in model.safetensors metrics.tsv config.yaml; do
    cmp "$1/$file" "$2/$file"
  done
  if [ -e "$1/grids" ] || [ -e "$2/grids" ]; then diff -r "$1/grids" "$2/grids"; fi
}

# within SECONDS COMMAND...: waits until the command succeeds.
within() {
  local i tries=$(($1 * 100))
  shift
  for ((i = 0; i < tries; i++)); do
    if "$@"; then return 0; fi
    sleep 0.01
  done
  printf 'waited in vain for: %s\n' "$*" >&2
  return 1
}

# rows FOLDER: rows of metrics so far, the heading not counted.
rows() {
  local lines=0
  [ ! -e "$1/metrics.tsv" ] || lines=$(wc -l <"$1/metrics.tsv")
  echo $((lines > 0 ? lines - 1 : 0))
}
has_rows() { [ "$(rows "$1")" -ge "$2" ]; }

# clean_folder FOLDER: nothing half-written lies there.
clean_folder() {
  local odd
  odd=$(find "$1" -name '.*' ! -name .lock ! -path "$1")
  [ -z "$odd" ] || { printf 'left behind: %s\n' "$odd" >&2; return 1; }
}

# with_header FROM TO SED_SCRIPT: the model file FROM with its JSON header edited.
with_header() {
  local length
  length=$(od -An -tu8 -N8 "$1" | tr -d ' ')
  tail -c +9 "$1" | head -c "$length" | sed "$3" | tr -d '\n' >header.json
  while (($(wc -c <header.json) % 8)); do printf ' ' >>header.json; done
  {
    number64 "$(wc -c <header.json)"
    cat header.json
    tail -c +$((9 + length)) "$1"
  } >"$2"
}

# number64 N: eight bytes, the least first.
number64() {
  local i
  for ((i = 0; i < 8; i++)); do printf '%b' "\\x$(printf %02x $((($1 >> 8 * i) & 255)))"; done
}
