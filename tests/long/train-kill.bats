# A hundred trainings' worth of bad luck: SIGKILL at random moments, then the same command again.

load ../common
load ../training
load ../patch_ar

# Kills come this often before the training may come to its end.
KILLS=${KILLS:-100}

# A random number below $1, from a generator with a seed of its own, so that a run can be repeated: KILL_SEED=7.
RANDOM=${KILL_SEED:-1}

# How long the whole training takes, in milliseconds; the kills are spread over a bit more than its parts.
timed() {
  local begun=${EPOCHREALTIME/./}
  "$@"
  milliseconds=$(((${EPOCHREALTIME/./} - begun) / 1000))
}

# kill_and_resume TRAINER CONFIG_OF OPTION...: compares with a training that was left alone.
kill_and_resume() {
  local done_kills=0 finished=0 pid trainer=$1 config_of=$2
  shift 2
  CONFIG=$T/tiny.yaml SPRITES=$T/sprites.npy
  "$config_of" "$CONFIG"
  draw-sprites -q -n 24 -o "$SPRITES"
  train() { "$trainer" -q -c "$CONFIG" --data "$SPRITES" "$@"; }
  timed train "$@" -o whole
  # The first third of the kills falls into the first moments of a process, the others anywhere up to a sixteenth of
  # the whole: so all parts of the training are reached, checkpoints and the model's last moments too.
  while [ "$done_kills" -lt "$KILLS" ]; do
    local limit=$((done_kills % 3 == 0 ? 30 : milliseconds / 16 + 30))
    local pause=$((RANDOM % limit))
    "$trainer" -q -c "$CONFIG" --data "$SPRITES" "$@" -o killed 2>errors &
    pid=$!
    sleep "$(printf '0.%03d' "$pause")"
    kill -KILL "$pid" 2>/dev/null || true
    if wait "$pid" 2>/dev/null; then
      # It came to its end before the signal: the result is looked at, and another begins.
      same_training killed whole
      finished=$((finished + 1))
      rm -rf killed
      continue
    fi
    [ ! -s errors ]
    done_kills=$((done_kills + 1))
    # Whatever lies there under its name is whole.
    for file in model checkpoint; do
      [ ! -e "killed/$file.safetensors" ] || tensor check "killed/$file.safetensors"
    done
    [ ! -e killed/model.safetensors ] || cmp killed/model.safetensors whole/model.safetensors
  done
  train "$@" -o killed
  same_training killed whole
  clean_folder killed
  echo "# $KILLS kills, $finished trainings came to their end between them" >&3
}

@test "train-kill: a hundred SIGKILLs change no byte of the result" {
  kill_and_resume train-vae tiny_config --set training.steps=3000 --set output.checkpoint_every=20 --set output.held_out_every=50 \
    --set output.grid_every=500
}

@test "train-kill: nor with averages, a schedule and everything that is random" {
  kill_and_resume train-vae tiny_config --set training.steps=2000 --set output.checkpoint_every=5 --set output.held_out_every=25 \
    --set output.grid_every=400 --set training.average=0.99 --set training.schedule=cosine \
    --set training.warmup_steps=100 --set training.clip_norm=1 --set augment.shift=1 --set augment.palette_swap=0.5
}

# Sprites that are soon known by heart: the best weights are those of an early step, kept through all kills behind it.
@test "train-kill: nor with the best weights kept" {
  kill_and_resume train-vae tiny_config --set training.steps=2000 --set output.checkpoint_every=5 --set output.held_out_every=25 \
    --set training.keep=best --set training.average=0.9 --set data.held_out=0.3
  [[ $(grep -o 'the weights of step [0-9]*' killed/log.txt) != *' 2000' ]]
}

@test "train-kill: nor of the patch transformer, with the best weights kept" {
  kill_and_resume train-patch-ar tiny_patch_ar_config --set training.steps=600 --set output.checkpoint_every=5 \
    --set output.held_out_every=10 --set training.keep=best --set training.schedule=cosine --set data.held_out=0.3
  [[ $(grep -o 'the weights of step [0-9]*' killed/log.txt) != *' 600' ]]
}
