# training.stop_after: a training that ends when its held-out loss has stopped falling; training.keep: best, which keeps the
# weights of the lowest whether it ends there or not. With train-vae as the trainer, and train-ddpm, which tells bits.

bats_require_minimum_version 1.5.0
load common
load training
load diffusion

setup_file() { tiny_training; }

# Few sprites, long enough to memorise them: the held-out loss falls and rises again.
early=(--set training.steps=4000 --set training.stop_after=5 --set output.held_out_every=50
  --set output.checkpoint_every=100 --set data.held_out=0.3)

# The step of the lowest held-out loss, and the last step, in the metrics of a run.
lowest() { awk -F'\t' 'NR > 1 && $5 != "" && (!n++ || $5 < least) { least = $5; at = $1 } END { print at }' "$1/metrics.tsv"; }
last_step() { tail -n 1 "$1/metrics.tsv" | cut -f 1; }

@test "stop: at the fifth measurement that is no lower; the model is that of the lowest" {
  train "${early[@]}" -o stopped
  best=$(lowest stopped) last=$(last_step stopped)
  [ "$last" -lt 4000 ]
  [ "$last" -eq $((best + 250)) ]
  grep -q "stopped at step $last: the held-out loss has not fallen since step $best" stopped/log.txt
  [[ $(tensor info stopped/model.safetensors) = *"step = $best"* ]]
  # A training that ends there of itself has the same weights.
  train --set training.steps="$best" --set output.held_out_every=50 --set data.held_out=0.3 -o short
  sample stopped/model.safetensors -n 4 -o one.npy
  sample short/model.safetensors -n 4 -o other.npy
  same one.npy other.npy
}

@test "stop: the same command finds nothing to do; killed before, it ends in the same bytes" {
  train "${early[@]}" -o whole
  before=$(cksum <whole/model.safetensors)
  run train-vae -c "$CONFIG" --data "$SPRITES" "${early[@]}" -o whole
  [[ $output == *'nothing to do'* ]]
  [ "$(cksum <whole/model.safetensors)" = "$before" ]
  train-vae -q -c "$CONFIG" --data "$SPRITES" "${early[@]}" -t 1 -o killed 3>&- &
  pid=$!
  within 60 test -e killed/checkpoint.safetensors
  kill -KILL "$pid" || true
  wait "$pid" || true
  train "${early[@]}" -t 3 -o killed
  same_training killed whole
}

@test "stop: with averaged weights, and to the end where the loss goes on falling" {
  train --set training.steps=30 --set training.stop_after=9 --set training.average=0.9 -o all
  [ "$(last_step all)" -eq 30 ]
  [[ $(tensor info all/model.safetensors) = *"step = $(lowest all)"* ]]
}

# At these learning rates the held-out loss, with the running averages of the normalisation, goes before the loss.
@test "stop: a held-out loss that is no number ends the training, and is never the best" {
  wild=(--set training.steps=40 --set training.batch=8 --set output.checkpoint_every=1 --set training.stop_after=30)
  expect 1 train "${wild[@]}" --set training.learning_rate=1 --set output.held_out_every=1 -o none
  says 'none: the held-out loss is not a number at step 1; there is no checkpoint yet; try a lower training.learning_rate'
  grep -q '  ended at step 1: the held-out loss is not a number$' none/log.txt
  [ ! -e none/checkpoint.safetensors ]
  [ ! -e none/model.safetensors ]
  # The checkpoint before it can be loaded, and comes to the same end.
  for _ in first again; do
    expect 1 train "${wild[@]}" --set training.learning_rate=0.2 --set output.held_out_every=2 -o run
    says 'run: the held-out loss is infinite at step 2; the checkpoint of step 1 is kept'
    clean_folder run
  done
  [ ! -e run/model.safetensors ]
  [ -z "$(grep -E 'nan|inf' run/metrics.tsv)" ]
}

@test "keep: best keeps the weights of the lowest held-out loss, last those of the last step" {
  keep=(--set training.keep=best --set training.steps=1500 "${early[@]:4}")
  train "${keep[@]}" -o best
  best=$(lowest best)
  [ "$(last_step best)" -eq 1500 ]
  [ "$best" -lt 1500 ]
  least=$(awk -F'\t' -v at="$best" '$1 == at { print $5 }' best/metrics.tsv)
  grep -q "the weights of step $best are the model: the lowest held-out loss, $least\$" best/log.txt
  [[ $(tensor info best/model.safetensors) = *"step = $best"* ]]
  # Those of a training that ends there.
  train "${keep[@]}" --set training.keep=last --set training.steps="$best" -o short
  sample best/model.safetensors -n 4 -o one.npy
  sample short/model.safetensors -n 4 -o other.npy
  same one.npy other.npy
  train "${keep[@]}" --set training.keep=last -o last
  same best/metrics.tsv last/metrics.tsv
  [[ $(tensor info last/model.safetensors) = *'step = 1500'* ]]
  [ -z "$(grep 'are the model' last/log.txt)" ]
  run train-vae -c "$CONFIG" --data "$SPRITES" "${keep[@]}" -o best
  [[ $output == *"complete with $best steps; nothing to do"* ]]
  # Stopping early implies it.
  train "${early[@]}" -o stopped
  train "${early[@]}" --set training.keep=best -o both
  sample stopped/model.safetensors -n 4 -o one.npy
  sample both/model.safetensors -n 4 -o other.npy
  same one.npy other.npy
}

@test "keep: bits decide where the method tells them, with the same draws at every step" {
  tiny_diffusion_config tiny.yaml
  CONFIG=tiny.yaml LABELS=labels.npy NAMES=names.txt
  draw-sprites -q -n 24 --labels $LABELS --names $NAMES -o "$T/sprites.npy"
  SPRITES=sprites.npy
  tell=(--set pixels=palette --set training.keep=best --set training.learning_rate=0.02)
  bits_of() { sed -n "s/.*the weights of step $2 are the model: the lowest mean of held-out bits per pixel, //p" "$1/log.txt"; }
  # What each step alone would have.
  for step in 3 6 9 12; do
    diffuse_classes "${tell[@]}" --set training.steps=$step --set output.held_out_every=$step -o "at-$step"
    echo "$step $(bits_of "at-$step" "$step")"
  done >told
  awk 'NF != 2 || !($2 > 0) { exit 1 }' told
  best=$(sort -s -g -k 2 told | head -1)
  diffuse_classes "${tell[@]}" -o all
  [ "$(bits_of all "${best% *}")" = "${best#* }" ]
  [[ $(tensor info all/model.safetensors) = *"step = ${best% *}"* ]]
  # The column of the metrics stays the loss.
  diffuse_classes "${tell[@]}" --set training.keep=last -o last
  same all/metrics.tsv last/metrics.tsv
  # At any number of threads, and resumed.
  for n in 1 3; do
    diffuse_classes "${tell[@]}" --set training.steps=6 -t $n -o "t$n"
    diffuse_classes "${tell[@]}" -t $n -o "t$n"
    same_training "t$n" all
  done
  # Stopping early goes by them, too.
  diffuse_classes "${tell[@]}" --set training.keep=last --set training.steps=400 --set training.stop_after=2 -o early
  grep -q 'stopped at step [0-9]*: the mean of held-out bits per pixel has not fallen since step' early/log.txt
  # Colours tell no bits.
  diffuse_classes "${tell[@]}" --set pixels=rgb -o rgb
  grep -q 'the lowest held-out loss, ' rgb/log.txt
}

@test "keep: a held-out measurement that is lowest long before the end survives kills" {
  keep=(--set training.keep=best --set training.steps=1500 "${early[@]:4}" --set training.average=0.9)
  train "${keep[@]}" -o whole
  best=$(lowest whole)
  for part in 300 700 1100; do
    train-vae -q -c "$CONFIG" --data "$SPRITES" "${keep[@]}" -o killed 3>&- &
    pid=$!
    within 60 has_rows killed $part
    kill -KILL "$pid" || true
    wait "$pid" || true
  done
  [[ $(tensor info killed/checkpoint.safetensors) = *'best_step = '* ]]
  train "${keep[@]}" -o killed
  same_training killed whole
  [[ $(tensor info killed/model.safetensors) = *"step = $best"* ]]
}

@test "stop: needs held-out sprites and their losses" {
  for missing in data.held_out=0 output.held_out_every=0; do
    expect 3 train-vae -c "$CONFIG" --data "$SPRITES" "${early[@]}" --set $missing -o out
    says 'training.stop_after needs held-out sprites'
    [ ! -e out ]
    expect 3 train-vae -c "$CONFIG" --data "$SPRITES" --set training.keep=best --set $missing -o out
    says 'training.keep: best needs held-out sprites'
    says 'training.keep: last goes without'
    [ ! -e out ]
    expect 3 train-vae -c "$CONFIG" --data "$SPRITES" --set training.keep=best --set $missing --dry-run
    train --set training.keep=last --set $missing -o without
    rm -r without
  done
}
