# train-vqvae: what it shares with every trainer is tested with train-vae; here are codes, and models of codes in use.

load common
load pixels
load training

# 12 steps of 4 sprites, and a complete training in `done`.
setup_file() {
  SHARED=$BATS_FILE_TMPDIR
  CONFIG=$SHARED/tiny.yaml SPRITES=$SHARED/sprites.npy MODEL=$SHARED/done/model.safetensors
  export SHARED CONFIG SPRITES MODEL
  cat >"$CONFIG" <<'YAML'
name: tiny
method: vqvae
data: {held_out: 0.2}
training: {steps: 12, batch: 4}
codebook: {size: 20, width: 16}
output: {grid_every: 0, checkpoint_every: 4, held_out_every: 3}
YAML
  draw-sprites -q -n 24 -o "$SPRITES"
  quantise -o "$SHARED/done"
}

# quantise OPTION...: the tiny training.
quantise() { train-vqvae -q -c "$CONFIG" --data "$SPRITES" "$@"; }

@test "train-vqvae: what every tool does" {
  usage_rules train-vqvae
  expect 0 train-vqvae --help
  for text in 'vector-quantised autoencoder' 'codebook.size=N' '[128]' 'codebook.width=N' '[64]' 'loss.commitment=X' \
    '[0.25]' 'train-vqvae -c configs/vqvae.yaml --data sprites.npy'; do
    prints "$text"
  done
  expect 2 train-vqvae
  says '-c CONFIG.yaml is missing'
  expect 2 quantise
  says '-o RUN_DIR is missing'
}

@test "train-vqvae: our config, at its full size" {
  expect 0 train-vqvae -c "$REPO/configs/vqvae.yaml" --set training.batch=10 --data "$SPRITES" --dry-run
  prints 'parameters        47171'
}

@test "train-vqvae: the files of a run" {
  expect 0 tensor info "$MODEL"
  prints 'codebook.weight: f32 [20, 16]'
  prints 'encoder.3.weight: f32 [16, 32, 3, 3]'
  prints 'decoder.0.weight: f32 [16, 32, 3, 3]'
  prints 'method = vqvae'
  # The share is a whole number of 20 codes; the perplexity is at most as many. The total is the reconstruction's loss and
  # 1.25 times the codebook's: the commitment loss is the same number.
  [ "$(head -1 "$SHARED/done/metrics.tsv")" = \
    $'step\ttotal\trecon\tcodebook\tbatch_codes_used\tbatch_perplexity\theld_out' ]
  awk -F'\t' 'NR > 1 { n++; d = $2 - $3 - 1.25 * $4; used = 20 * $5; off = used - int(used + 0.5)
    if (NF != 7 || d > 1e-6 || d < -1e-6 || off > 1e-4 || off < -1e-4 || used < 0.9 || $6 > used + 1e-4 || $6 < 1) exit 1 }
    END { exit n != 12 }' "$SHARED/done/metrics.tsv"
  quantise --set output.grid_every=6 -o run
  tensor check run/grids/000006.png run/grids/000012.png
}

@test "train-vqvae: every setting that matters changes the model" {
  cp -r "$SHARED/done" seen-done
  for setting in codebook.size=21 codebook.width=15 loss.commitment=0.5 loss.commitment=0; do
    quantise --set $setting -o "seen-$setting"
  done
  for folder in seen-*; do tensor hash "$folder/model.safetensors" | cut -d' ' -f1 | sha256sum; done | sort | uniq -d >twice
  [ ! -s twice ]
}

@test "train-vqvae: it learns" {
  quantise --set training.steps=200 --set output.checkpoint_every=1000 -o long
  awk -F'\t' 'NR == 2 { first = $3 } END { exit !($3 < first / 2) }' long/metrics.tsv
}

@test "train-vqvae: bad configs" {
  while IFS='|' read -r line message; do
    printf 'method: vqvae\n%b\n' "$line" >bad.yaml
    expect 3 train-vqvae -c bad.yaml --data "$SPRITES" -o out
    says "$message"
  done <<'LINES'
codebook:\n  sise: 4|bad.yaml:3: unknown key 'codebook.sise'
model: {latent: 4}|unknown key 'model
codebook: {size: 0}|codebook.size
codebook: {size: 65537}|codebook.size
codebook: {width: 0}|codebook.width
codebook: {width: 1.5}|codebook.width
loss: {commitment: -1}|loss.commitment
loss: {commitment: nan}|loss.commitment
LINES
  printf 'method: vae\n' >other.yaml
  expect 3 train-vqvae -c other.yaml --data "$SPRITES" -o out
  says "other.yaml: this is a config for vae; expected 'method: vqvae'"
  expect 3 quantise --set codebook.size=0 -o out
  says 'codebook.size'
  [ ! -e out ]
}

@test "train-vqvae: sides that do not divide by 4 are padded; classes are refused" {
  seq 1000 2000 | head -c 1152 | npy odd.npy '|u1' '(8, 6, 8, 3)'
  expect 0 train-vqvae -q -c "$CONFIG" --data odd.npy -o odd
  sample odd/model.safetensors -n 2 -o sampled.npy
  [[ $(tensor info sampled.npy) = *'f32 [2, 6, 8, 3]'* ]]
  label-tiles -q -k 3 "$SPRITES" -o labels.npy
  expect 3 quantise --labels labels.npy -o out
  says 'the VQ-VAE knows no classes'
  [ ! -e out ]
}

@test "train-vqvae: the same bytes at any number of threads" {
  for n in 1 2 3; do
    quantise -t $n -o "threads-$n"
    same_training "threads-$n" "$SHARED/done"
  done
}

@test "train-vqvae: killed outright, the rest is what it would have been" {
  long=(--set training.steps=3000 --set output.checkpoint_every=200)
  quantise "${long[@]}" -o whole
  train-vqvae -q -c "$CONFIG" --data "$SPRITES" "${long[@]}" -o killed 3>&- &
  pid=$!
  within 60 test -e killed/checkpoint.safetensors
  kill -KILL "$pid"
  wait "$pid" || true
  [ ! -e killed/model.safetensors ]
  quantise "${long[@]}" -o killed
  grep -q 'steps [1-9][0-9]* to 3000' killed/log.txt
  same_training killed whole
}

# Codes of running averages and codes begun again are state: part of checkpoint and model.
@test "train-vqvae: codes kept up without gradients use more of the codebook, and resume" {
  kept=(--set codebook.update=average --set codebook.restart_after=10)
  long=(--set training.steps=300 --set output.checkpoint_every=100 --set data.held_out=0)
  quantise "${long[@]}" -o plain
  quantise "${long[@]}" "${kept[@]}" -o kept
  used() { tail -n 50 "$1/metrics.tsv" | awk '{ sum += $5 } END { print sum / NR }'; }
  paste <(used plain) <(used kept) | awk '{ exit !($2 > 1.5 * $1) }'
  [ "$(tensor info kept/model.safetensors | grep -c '  *codebook\.')" -eq 4 ]
  sample kept/model.safetensors -n 2 -o /dev/null
  quantise "${kept[@]}" --set training.steps=100 --set output.checkpoint_every=100 --set data.held_out=0 -o part
  quantise "${long[@]}" "${kept[@]}" -t 3 -o part
  grep -q 'steps 100 to 300' part/log.txt
  same_training part kept
}

@test "train-vqvae: samples depend on seed and number alone" {
  sample "$MODEL" -n 40 -s 5 -o many.npy
  [[ $(tensor info many.npy) = *'f32 [40, 16, 16, 3]'* ]]
  for n in 1 5 17; do
    sample "$MODEL" -n $n -s 5 -t 2 -o few.npy
    tensor slice many.npy 0:$n >first.npy
    same few.npy first.npy
  done
  sample "$MODEL" -n 40 -s 6 -o other.npy
  differ many.npy other.npy
}

# off FILE: mean distance from the sprites, 0 to 1 a channel.
off() {
  tensor convert --colours --to f32 "$SPRITES" -o floats.npy
  paste <(tensor print floats.npy | tr ' ' '\n') <(tensor print "$1" | tr ' ' '\n') |
    awk 'NF { d = $1 - $2; sum += d < 0 ? -d : d; n++ } END { if (n != 24 * 768) exit 1; print sum / n }'
}

@test "train-vqvae: reconstructions come near the sprites; the way from one to another ends in them" {
  quantise --set training.steps=600 --set output.checkpoint_every=1000 --set data.held_out=0 -o long
  sample "$MODEL" --reconstruct "$SPRITES" -o early.npy
  sample long/model.safetensors --reconstruct "$SPRITES" -t 1 -o back.npy
  sample long/model.safetensors --reconstruct "$SPRITES" -t 3 -o again.npy
  same back.npy again.npy
  off early.npy >early.txt
  off back.npy >back.txt
  awk 'NR == 1 { early = $1 } END { exit !($1 < early / 2 && $1 > 0) }' early.txt back.txt
  sample long/model.safetensors --interpolate 3,17 --data "$SPRITES" -n 9 -o way.npy
  tensor diff --tolerance 1e-5 <(tensor slice way.npy 0:1) <(tensor slice back.npy 3:4)
  tensor diff --tolerance 1e-5 <(tensor slice way.npy 8:9) <(tensor slice back.npy 17:18)
}

@test "train-vqvae: other sizes" {
  draw-tilemaps -q -n 12 -o maps.npy
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  for data in maps alpha; do
    train-vqvae -q -c "$CONFIG" --set data.held_out=0 --data $data.npy -o $data
    sample $data/model.safetensors -n 2 -o $data-sampled.npy
    sample $data/model.safetensors --reconstruct $data.npy -o $data-back.npy
  done
  [[ $(tensor info maps-sampled.npy) = *'f32 [2, 32, 32, 3]'* ]]
  [[ $(tensor info alpha-back.npy) = *'f32 [24, 16, 16, 4]'* ]]
}
