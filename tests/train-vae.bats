# train-vae: the run folder, the same bytes again, bad input of every kind. Stopping and resuming: train-resume.bats.

load common
load pixels
load training

setup_file() { tiny_training; }

@test "train-vae: what every tool does" {
  usage_rules train-vae
  expect 2 train-vae
  says '-c CONFIG.yaml is missing'
  expect 2 train-vae -c "$CONFIG"
  says '--data SPRITES.npy is missing'
  expect 2 train-vae -c "$CONFIG" --data "$SPRITES"
  says '-o RUN_DIR is missing'
  expect 2 train-vae -c "$CONFIG" --data "$SPRITES" -o out extra
  expect 2 train -o out --device nothing
  says 'nothing'
  [ ! -e out ]
}

@test "train-vae: the files of a run" {
  train --set output.grid_every=6 -o run
  [ "$(cd run && find . -type f | sort | tr '\n' ' ')" = \
    './.lock ./checkpoint.safetensors ./config.yaml ./grids/000006.png ./grids/000012.png ./log.txt ./metrics.tsv ./model.safetensors ' ]
  tensor check run/model.safetensors run/checkpoint.safetensors run/grids/000012.png
  # Grids change nothing but themselves.
  same run/metrics.tsv "$SHARED/done/metrics.tsv"
  run tensor diff run/model.safetensors "$MODEL"
  [ "$status" -eq 0 ]
  expect 0 tensor info "$MODEL"
  prints 'decode.weight: f32 [1024, 4]'
  prints 'encoder.1.num_batches_tracked: i64 []'
  prints 'method = vae'
  prints 'sprite = 16x16x3'
  prints 'step = 12'
  expect 0 grep -c 'batch 4, steps 0 to 12' run/log.txt
}

@test "train-vae: metrics have a row a step, held-out losses where asked, and no clock" {
  [ "$(head -1 "$SHARED/done/metrics.tsv")" = $'step\ttotal\trecon\tkl\theld_out' ]
  [ "$(tail -n +2 "$SHARED/done/metrics.tsv" | cut -f1 | tr '\n' ' ')" = '1 2 3 4 5 6 7 8 9 10 11 12 ' ]
  [ "$(awk -F'\t' 'NR > 1 && $5 != "" { printf "%s ", $1 }' "$SHARED/done/metrics.tsv")" = '3 6 9 12 ' ]
  # Five columns each, and the total is the reconstruction's loss plus 0.0005 times the divergence.
  awk -F'\t' 'NR > 1 { d = $2 - $3 - 0.0005 * $4; if (NF != 5 || d > 1e-6 || d < -1e-6) exit 1 }' "$SHARED/done/metrics.tsv"
  train --set data.held_out=0 -o all
  [ "$(awk -F'\t' 'NR > 1 && $5 != ""' all/metrics.tsv)" = '' ]
  # It learns.
  train --set training.steps=60 --set output.checkpoint_every=1000 -o long
  awk -F'\t' 'NR == 2 { first = $2 } END { exit !($2 < first / 2) }' long/metrics.tsv
}

@test "train-vae: the same bytes at any number of threads" {
  everything=(--set output.grid_every=6 --set training.average=0.9 --set training.optimizer=adamw
    --set training.weight_decay=0.01 --set training.clip_norm=0.5 --set training.schedule=cosine
    --set training.warmup_steps=3 --set augment.shift=2 --set augment.palette_swap=0.5 --set loss.recon=bce)
  train -t 1 -o one
  train -t 1 "${everything[@]}" -o one-with-everything
  same_training one "$SHARED/done"
  for n in 2 3 8; do
    train -t $n -o "many-$n"
    same_training one "many-$n"
    train -t $n "${everything[@]}" -o "everything-$n"
    same_training one-with-everything "everything-$n"
  done
}

@test "train-vae: every setting that matters changes the model" {
  cp -r "$SHARED/done" seen-done
  for setting in seed=2 augment.flip=0 augment.shift=1 augment.palette_swap=1 training.batch=5 training.optimizer=adamw \
    training.learning_rate=2e-3 training.beta1=0.8 training.beta2=0.99 training.epsilon=1e-4 training.schedule=linear \
    training.schedule=cosine training.final_rate=0.5 training.warmup_steps=5 training.clip_norm=0.01 training.average=0.9 data.held_out=0.3 \
    loss.recon=bce loss.kl_weight=0.1 model.latent=5; do
    weight=()
    [ $setting != training.optimizer=adamw ] || weight=(--set training.weight_decay=0.1)
    [ $setting != training.final_rate=0.5 ] || weight=(--set training.schedule=cosine)
    train --set $setting "${weight[@]}" -o "seen-$setting"
  done
  for folder in seen-*; do tensor hash "$folder/model.safetensors" | cut -d' ' -f1 | sha256sum; done | sort | uniq -d >twice
  [ ! -s twice ]
  train -s 2 -o by-option
  same_training by-option seen-seed=2
}

@test "train-vae: weight decay of all parameters, or of the matrices alone" {
  # One step without moments that would mix the parameters.
  step=(--set training.steps=1 --set training.learning_rate=1e-2)
  for optimizer in adam adamw; do
    step[4]=--set step[5]=training.optimizer=$optimizer
    train "${step[@]}" -o none
    train "${step[@]}" --set training.decay_of=matrices -o none-of-matrices
    train "${step[@]}" --set training.weight_decay=0.5 -o all
    train "${step[@]}" --set training.weight_decay=0.5 --set training.decay_of=matrices -o matrices
    for name in encoder.0.weight mu.weight decoder.3.weight; do
      tensor diff --name $name matrices/model.safetensors all/model.safetensors
      run tensor diff --name $name matrices/model.safetensors none/model.safetensors
      [ "$status" -eq 1 ]
    done
    for name in encoder.0.bias encoder.1.weight encoder.1.bias mu.bias decoder.3.bias; do
      tensor diff --name $name matrices/model.safetensors none/model.safetensors
    done
    run tensor diff --name mu.bias matrices/model.safetensors all/model.safetensors
    [ "$status" -eq 1 ]
    tensor hash none/model.safetensors | cut -d' ' -f1 >hashes
    tensor hash none-of-matrices/model.safetensors | cut -d' ' -f1 | same - hashes
    rm -r none none-of-matrices all matrices
  done
}

@test "train-vae: augment.flip: auto mirrors sprites where that does no harm" {
  flip=(--set augment.flip=auto --set data.held_out=0.1 --set training.batch=16)
  draw-sprites -q -n 200 -o lit.npy
  # Maps know neither left nor right.
  draw-tilemaps -q -n 60 -o maps.npy
  for set in lit maps; do
    expect 0 train-vae -c "$CONFIG" --data $set.npy "${flip[@]}" --dry-run
    train --data $set.npy "${flip[@]}" -o $set
    share=0.5 words='copies look like the others'
    [ $set = maps ] || share=0 words='copies would not look like the others'
    grep -q "augment.flip: auto is $share: mirrored $words (patterns of halves" $set/log.txt
    grep -q "^  flip: $share\$" $set/config.yaml
    [[ $(tensor info $set/model.safetensors) = *"flip: $share"* ]]
    # The same training as with the number, and it can go on as either.
    train --data $set.npy "${flip[@]}" --set augment.flip=$share -o $set-number
    same_training $set $set-number
    [ -z "$(grep 'augment.flip' $set-number/log.txt)" ]
    train --data $set.npy "${flip[@]}" --set training.steps=6 -o $set-six
    train --data $set.npy "${flip[@]}" -t 3 -o $set-six
    same_training $set $set-six
  done
  # What is asked, where there are no data yet.
  expect 0 train-vae -c "$CONFIG" "${flip[@]}" --print-key
  prints 'flip: auto'
  expect 3 train --data lit.npy --set augment.flip=sometimes -o out
  says "augment.flip: 'sometimes' is not a number from 0 to 1, or auto"
  expect 0 train-vae --help
  prints 'augment.flip=X|auto'
}

@test "train-vae: learning rate 0 keeps the weights" {
  train --set training.learning_rate=0 --set training.steps=2 -o a
  train --set training.learning_rate=0 -o b
  for name in encoder.0.weight mu.bias decoder.3.weight; do
    tensor diff --name $name a/model.safetensors b/model.safetensors
  done
  run tensor diff --name mu.weight a/model.safetensors "$MODEL"
  [ "$status" -eq 1 ]
}

@test "train-vae: an average of the weights" {
  train --set training.average=0.9 -o averaged
  # The losses of training are those of the weights that are trained; the held-out ones those of the average.
  same <(cut -f1-4 averaged/metrics.tsv) <(cut -f1-4 "$SHARED/done/metrics.tsv")
  differ averaged/metrics.tsv "$SHARED/done/metrics.tsv"
  expect 0 tensor info averaged/checkpoint.safetensors
  prints 'average.mu.weight'
  prints 'average.encoder.1.running_mean'
  # The model is the average, of weights and of running norms.
  for name in mu.weight encoder.1.weight encoder.1.running_mean decoder.1.running_var; do
    tensor slice --name $name averaged/model.safetensors : >model.npy
    same model.npy <(tensor slice --name average.$name averaged/checkpoint.safetensors :)
    differ model.npy <(tensor slice --name model.$name averaged/checkpoint.safetensors :)
  done
}

@test "train-vae: bad data" {
  bad_file_rules train-vae -q -c "$CONFIG" -o "$T/out" --data
  for ((i = 0; i < 8; i++)); do printf '%s' 01234567890123456789012345678901; done >bytes
  npy doubles.npy '<f8' '(2, 2, 2, 4)' <bytes
  npy flat.npy '|u1' '(16, 16)' <bytes
  npy grey.npy '|u1' '(1, 16, 16, 1)' <bytes
  npy five.npy '|u1' '(2, 4, 4, 8)' <bytes
  npy numbers.npy '<i4' '(64,)' <bytes
  npy none.npy '|u1' '(0, 16, 16, 3)' </dev/null
  for file in doubles.npy flat.npy grey.npy five.npy numbers.npy none.npy; do
    expect 3 train-vae -q -c "$CONFIG" --data $file -o out
    says $file
    [ ! -e out ]
  done
  expect 3 train-vae -c "$CONFIG" --data "$MODEL" -o out
  says "$MODEL"
  expect 3 train --palette missing.gpl -o out
  says missing.gpl
  [ ! -e out ]
}

@test "train-vae: data cut off anywhere" {
  head -c 96 "$CONFIG" | npy small.npy '|u1' '(2, 4, 4, 3)'
  once=(train-vae -q -c "$CONFIG" --set training.batch=2 --set training.steps=1 --set data.held_out=0)
  expect 0 "${once[@]}" -o fine --data small.npy
  truncation_rules small.npy "${once[@]}" -o "$T/out" --data
}

@test "train-vae: too few sprites" {
  expect 3 train --set training.batch=25 -o out
  says 'sprites.npy: '
  says 'a batch (training.batch) takes 25'
  expect 3 train --set training.batch=24 -o out
  says 'held out'
  train --set training.batch=24 --set data.held_out=0 --set training.steps=1 -o whole
  [ ! -e out ]
}

@test "train-vae: sides that do not divide by 4 are padded, and cropped again" {
  for size in 10x14 18x18 5x3; do
    width=${size%x*} height=${size#*x}
    seq 10000 99999 | head -c $((8 * width * height * 3)) | npy odd.npy '|u1' "(8, $height, $width, 3)"
    train-vae -q -c "$CONFIG" --data odd.npy -o "odd-$size"
    sample "odd-$size/model.safetensors" -n 3 -o made.npy
    run tensor info made.npy
    [[ $output == *"f32 [3, $height, $width, 3]"* ]]
    sample "odd-$size/model.safetensors" --reconstruct odd.npy -o again.npy
    run tensor info again.npy
    [[ $output == *"[8, $height, $width, 3]"* ]]
  done
}

@test "train-vae: bad configs" {
  bad_file_rules train-vae -q --data "$SPRITES" -o "$T/out" -c
  while IFS='|' read -r line message; do
    printf 'method: vae\n%b\n' "$line" >bad.yaml
    expect 3 train-vae -c bad.yaml --data "$SPRITES" -o out
    says "$message"
  done <<'EOF'
training:\n  bacth: 4|bad.yaml:3: unknown key 'training.bacth'
training:\n  bacth: 4|training.batch
training: {batch: many}|bad.yaml:2: 
training: {batch: 0}|training.batch
training: {learning_rate: 11}|training.learning_rate
training: {learning_rate: nan}|training.learning_rate
training: {steps: 1.5}|training.steps
data: {held_out: 0.6}|data.held_out
loss: {recon: l1}|mse
training: {schedule: step}|constant
seed: -1|seed
model: {latent: 0}|model.latent
EOF
  [ ! -e out ]
}

@test "train-vae: the config of another method" {
  printf 'method: ddpm\ndiffusion: {steps: 100}\n' >other.yaml
  expect 3 train-vae -c other.yaml --data "$SPRITES" -o out
  says "other.yaml: this is a config for ddpm; expected 'method: vae'"
  printf 'name: x\n' >none.yaml
  expect 3 train-vae -c none.yaml --data "$SPRITES" -o out
  says "none.yaml: this is a config for no method; expected 'method: vae'"
}

@test "train-vae: --set" {
  expect 0 train --set training.batch=6 --set training.batch=7 --print-config
  prints '  batch: 7'
  expect 3 train --set training.bacth=6 --print-config
  says '--set: '
  says 'training.batch'
  expect 3 train --set training.batch=x --print-config
  says '--set: '
  expect 2 train --set training.batch --print-config
  says '--set'
  expect 0 train -s 3 --set seed=3 --print-config
  prints 'seed: 3'
  for both in '-s 3 --set seed=4' '--set seed=4 --set training.batch=6 --seed 3'; do
    # shellcheck disable=SC2086
    expect 2 train $both --print-config
    says '--seed 3 and --set seed=4'
  done
}

@test "train-vae: presets" {
  mkdir -p presets
  tiny_config own.yaml
  cat >presets/short.yaml <<'EOF'
training: {steps: 6}
methods: {vae: {training: {batch: 5}}, ddpm: {training: {batch: 7}}}
runs: {tiny: {loss: {recon: bce}}, other: {loss: {kl_weight: 1}}}
EOF
  expect 0 train-vae -c own.yaml --preset short --print-config
  prints '  steps: 6'
  prints '  batch: 5'
  prints '  recon: bce'
  prints '  kl_weight: 0.0005'
  expect 0 train-vae -c own.yaml --preset short --set training.steps=7 --print-config
  prints '  steps: 7'
  expect 3 train-vae -c own.yaml --preset missing --print-config
  says "there is no preset 'missing': presets holds short"
}

@test "train-vae: --print-config reads back, --print-key is stable" {
  train --print-config >whole.yaml
  same whole.yaml "$SHARED/done/config.yaml"
  train-vae -c whole.yaml --print-config >again.yaml
  same whole.yaml again.yaml
  train-vae -q -c whole.yaml --data "$SPRITES" -o again
  same_training again "$SHARED/done"
  train-vae -c "$CONFIG" --print-key >key
  [ "$(head -1 key)" = 'vae recipe 1' ]
  same <(tail -n +2 key) whole.yaml
  train-vae -t 3 -o elsewhere -v -c whole.yaml --data "$SPRITES" --restart --print-key >key2
  same key key2
  [ ! -e elsewhere ]
  differ key <(train-vae -c "$CONFIG" -s 2 --print-key)
  if [ -c /dev/full ]; then
    run bash -c 'train-vae -c "$CONFIG" --print-key >/dev/full'
    [ "$status" -eq 1 ]
  fi
}

@test "train-vae: --dry-run says what it would do and makes nothing" {
  expect 0 train --dry-run -o out
  [ ! -e out ]
  [ -z "$stderr" ]
  prints 'parameters        52299'
  prints 'steps             12 of batch 4 (4 an epoch)'
  prints '16 to train on, 8 held out, 16x16, 3 channels'
  prints 'activations '
  prints 'peak memory       at least '
  expect 0 train --dry-run --set model.latent=32
  prints 'parameters        138371'
  expect 0 train --dry-run --set training.steps=0 --set training.epochs=7
  prints 'steps             28 of batch 4 (4 an epoch)'
  expect 2 train-vae -c "$CONFIG" --dry-run
  expect 3 train --dry-run --set training.batch=25
}

@test "train-vae: what it says, and how quiet it can be" {
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" -o run
  [ -z "$output" ]
  [ "$(wc -l <<<"$stderr")" -eq 3 ]
  [[ $stderr != *$'\r'* ]]
  says 'steps 0 to 12'
  says 'peak memory'
  says 'wrote run/model.safetensors'
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" -o run
  says 'complete with 12 steps; nothing to do'
  expect 0 train --fresh -o run
  [ -z "$output$stderr" ]
  grep -q 'steps 0 to 12' run/log.txt
}

@test "train-vae: places that cannot be written" {
  echo precious >file
  expect 1 train -o file
  says file
  [ "$(cat file)" = precious ]
  expect 1 train -o file/run
  expect 1 train -o /dev/full
  [ ! -e /dev/full ] || [ -c /dev/full ]
  mkdir -p taken/model.safetensors
  expect 1 train -o taken
  says 'taken/model.safetensors'
}

@test "train-vae: sprites from a pipe, several records, a folder below folders" {
  train-vae -q -c "$CONFIG" --data - -o deep/down/run <"$SPRITES"
  same_training deep/down/run "$SHARED/done"
  tensor slice "$SPRITES" 0:10 >parts.npy
  tensor slice "$SPRITES" 10: >>parts.npy
  train-vae -q -c "$CONFIG" --data parts.npy -o parts
  same_training parts "$SHARED/done"
}

@test "train-vae: sprites with alpha, 32 x 32, not square, more than 256 colours" {
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  draw-tilemaps -q -n 12 -o maps.npy
  # 16 sprites of 8 x 12 in 399 colours.
  LC_ALL=C awk 'BEGIN { for (p = 0; p < 1536; p++) { v = (p * p * 7 + p) % 797
    printf "%c%c%c%c", 1 + v % 100, 1 + int(v / 100), 99, 100 + v % 120 } }' >bytes
  npy many.npy '|u1' '(16, 8, 12, 4)' <bytes
  head -c 4608 bytes | npy rgb.npy '|u1' '(16, 8, 12, 3)'
  for data in alpha maps many rgb; do
    train-vae -q -c "$CONFIG" --set data.held_out=0 --set output.grid_every=6 --data $data.npy -t 1 -o $data
    train-vae -q -c "$CONFIG" --set data.held_out=0 --set output.grid_every=6 --data $data.npy -t 3 -o $data-3
    same_training $data $data-3
    tensor check $data/model.safetensors $data/grids/000012.png
    sample $data/model.safetensors -n 2 -o $data-sampled.npy
  done
  [[ $(tensor info alpha/model.safetensors) = *'sprite = 16x16x4'* ]]
  [[ $(tensor info maps-sampled.npy) = *'f32 [2, 32, 32, 3]'* ]]
  [[ $(tensor info many-sampled.npy) = *'f32 [2, 8, 12, 4]'* ]]
  expect 3 train-vae -c "$CONFIG" --set data.held_out=0 --set augment.palette_swap=0.5 --data many.npy -o out
  says 'many.npy: more than 256 colours'
  expect 3 train-vae -q -c "$CONFIG" --data alpha.npy -o rgb
  says 'rgb: holds a training run with'
}

@test "train-vae: a palette of one's own" {
  printf 'ff0000\n00ff00\n' >two.hex
  train --palette two.hex --set output.grid_every=12 -o run
  [[ $(tensor info run/model.safetensors) = *'palette = ff0000 00ff00'* ]]
  train --set output.grid_every=12 -o own
  tensor diff run/model.safetensors own/model.safetensors
  differ run/grids/000012.png own/grids/000012.png
}
