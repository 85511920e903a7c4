# fit-prior: what it shares with every trainer is tested with train-vae; here are priors, and the VQ-VAE below them.

load common
load pixels
load training
load prior

setup_file() { tiny_priors; }

# refused TEXT OPTION...: status 3, this message, and no folder.
refused() {
  local text=$1
  shift
  expect 3 fit "$@" -o out
  says "$text"
  [ ! -e out ]
}

@test "fit-prior: what every tool does" {
  usage_rules fit-prior
  expect 0 fit-prior --help
  for text in "Train a prior of a VQ-VAE's codes." '--vqvae=MODEL.safetensors' 'prior.width=N' '(4..4096) [128]' \
    'prior.layers=N' '(1..64) [4]' 'prior.heads=N' 'prior.feed_forward=N' '[512]' 'prior.dropout=X' '(0..0.9) [0.1]' \
    'prior.classes=true|false' 'prior.drop_classes=X' 'sampling.temperature=X' '(0.001..100) [1]' 'sampling.top_k=N' \
    'fit-prior -c configs/prior.yaml --vqvae runs/mine/vqvae/model.safetensors --data sprites.npy'; do
    prints "$text"
  done
  expect 2 fit-prior
  says '-c CONFIG.yaml is missing'
  expect 2 fit
  says '-o RUN_DIR is missing'
  expect 2 fit-prior -q -c "$CONFIG" --data "$SPRITES" -o out
  says '--vqvae MODEL.safetensors is missing'
  [ ! -e out ]
}

@test "fit-prior: our config, at its full size" {
  train-vqvae -q -c "$SHARED/vqvae.yaml" --set codebook.size=128 --data "$SPRITES" -o vqvae
  expect 0 fit-prior -c "$REPO/configs/prior.yaml" --set training.batch=10 --vqvae vqvae/model.safetensors \
    --data "$SPRITES" --dry-run
  prints 'parameters        828160'
}

@test "fit-prior: the files of a run" {
  expect 0 tensor info "$PRIOR"
  for text in 'tokens.weight: f32 [21, 16]' 'positions.weight: f32 [16, 16]' 'head.weight: f32 [20, 16]' \
    'transformer.layers.1.self_attn.in_proj_weight: f32 [48, 16]' 'method = prior'; do
    prints "$text"
  done
  [[ $output != *classes.weight* ]]
  # Weights of the VQ-VAE are in its own file alone.
  [[ $output != *codebook* ]]
  [[ $(tensor info "$CLASS_PRIOR") = *'classes.weight: f32 [16, 16]'* ]]
  grep -q "^  sha256: $(sha "$VQVAE")$" "$SHARED/done/config.yaml"
  for line in '  codes: 20' '  height: 4' '  width: 4'; do grep -q "^$line$" "$SHARED/done/config.yaml"; done
  # Bits are nats over ln 2; before it has learned anything a code of 20 takes about ln 20.
  [ "$(head -1 "$SHARED/done/metrics.tsv")" = $'step\tcross_entropy\tbits\theld_out' ]
  awk -F'\t' 'NR > 1 { n++; d = $2 / log(2) - $3
    if (NF != 4 || d > 1e-5 || d < -1e-5 || ($1 % 3 == 0) != ($4 != "")) exit 1
    if (NR == 2 && ($2 < 2.5 || $2 > 4)) exit 1 }
    END { exit n != 12 }' "$SHARED/done/metrics.tsv"
  # Grids show sprites, not codes.
  fit --set output.grid_every=6 -o run
  tensor check run/grids/000006.png run/grids/000012.png
  cmp run/metrics.tsv "$SHARED/done/metrics.tsv"
}

@test "fit-prior: every setting that matters changes the model" {
  cp -r "$SHARED/done" seen-done
  for setting in prior.width=20 prior.layers=1 prior.heads=4 prior.feed_forward=25 prior.dropout=0 prior.dropout=0.2; do
    fit --set $setting -o "seen-$setting"
  done
  fit_classes -o seen-classes
  fit_classes --set prior.drop_classes=0.5 -o seen-dropped
  fit --vqvae "$OTHER_VQVAE" -o seen-other
  for folder in seen-*; do tensor hash "$folder/model.safetensors" | cut -d' ' -f1 | sha256sum; done | sort | uniq -d >twice
  [ ! -s twice ]
  # How samples are drawn is no matter of training.
  fit --set sampling.temperature=2 --set sampling.top_k=3 -o drawn
  differ drawn/config.yaml "$SHARED/done/config.yaml"
  cmp drawn/metrics.tsv "$SHARED/done/metrics.tsv"
}

@test "fit-prior: it learns; the VQ-VAE's file stays as it is" {
  sha "$VQVAE" >before
  fit --set training.steps=400 --set output.checkpoint_every=1000 -o long
  awk -F'\t' 'NR == 2 { first = $2 } END { exit !($2 < first / 2) }' long/metrics.tsv
  sha "$VQVAE" >after
  same before after
}

@test "fit-prior: the same bytes at any number of threads" {
  for n in 1 2 3; do
    fit -t $n -o "threads-$n"
    same_training "threads-$n" "$SHARED/done"
  done
  fit_classes -t 1 --set output.grid_every=12 -o classes-1
  fit_classes -t 2 --set output.grid_every=12 -o classes-2
  same_training classes-1 classes-2
}

@test "fit-prior: the VQ-VAE through a pipe is the same VQ-VAE" {
  fit --vqvae - -o piped <"$VQVAE"
  same_training piped "$SHARED/done"
}

@test "fit-prior: killed outright, the rest is what it would have been" {
  long=(--set training.steps=2000 --set output.checkpoint_every=200)
  fit_classes "${long[@]}" -o whole
  fit-prior -q -c "$CONFIG" --vqvae "$VQVAE" --data "$SPRITES" --labels "$LABELS" --class-names "$NAMES" \
    --set prior.classes=true "${long[@]}" -o killed 3>&- &
  pid=$!
  within 60 test -e killed/checkpoint.safetensors
  kill -KILL "$pid"
  wait "$pid" || true
  [ ! -e killed/model.safetensors ]
  fit_classes "${long[@]}" -o killed
  grep -q 'steps [1-9][0-9]* to 2000' killed/log.txt
  same_training killed whole
}

@test "fit-prior: another VQ-VAE than the one it began with" {
  fit --set training.steps=6 -o run
  cp -r run before
  expect 3 fit --vqvae "$OTHER_VQVAE" -o run
  says "run: holds a training run with another config: 'vqvae.sha256: $(sha "$VQVAE")' there, 'vqvae.sha256: $(sha "$OTHER_VQVAE")' here"
  diff -r run before
  fit -o run
  same_training run "$SHARED/done"
  # Begun anew it is another prior.
  expect 0 fit --vqvae "$OTHER_VQVAE" --restart -o run
  differ run/model.safetensors "$PRIOR"
}

@test "fit-prior: what is no VQ-VAE" {
  tiny_vae
  refused "vae/model.safetensors: a model of the method 'vae'; expected a vqvae" --vqvae vae/model.safetensors
  refused "$PRIOR: a model of the method 'prior'; expected a vqvae" --vqvae "$PRIOR"
  bad_file_rules fit -o "$T/out" --vqvae
  refused 'is the checkpoint of a training run, expected its model' --vqvae "$SHARED/vqvae/checkpoint.safetensors"
  size=$(wc -c <"$VQVAE")
  for at in 0 1 7 8 9 200 1000 $((size / 2)) $((size - 4)) $((size - 1)); do
    head -c "$at" "$VQVAE" >cut.safetensors
    refused 'cut.safetensors' --vqvae cut.safetensors
  done
  { cat "$VQVAE"; echo; } >longer.safetensors
  refused 'longer.safetensors' --vqvae longer.safetensors
  # A codebook that is not there.
  with_header "$VQVAE" odd.safetensors 's/size: 20/size: 0/'
  refused 'odd.safetensors' --vqvae odd.safetensors
  says 'codebook.size'
  with_header "$VQVAE" odd.safetensors 's/size: 20/size: 21/'
  refused "odd.safetensors: the tensor 'codebook.weight' is f32 [20, 16]; expected f32 [21, 16]" --vqvae odd.safetensors
}

@test "fit-prior: sprites that do not fit the VQ-VAE" {
  draw-tilemaps -q -n 12 -o maps.npy
  refused 'maps.npy: sprites of 32x32, 3 channels; the VQ-VAE was trained on 16x16, 3 channels' --data maps.npy
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  refused 'alpha.npy: sprites of 16x16, 4 channels; the VQ-VAE was trained on 16x16, 3 channels' --data alpha.npy
  refused 'prior.classes is on, and the sprites have no classes; --labels gives them' --set prior.classes=true
  refused 'the sprites have classes, and prior.classes is off' --labels "$LABELS"
  refused 'prior.drop_classes is 1, so no class would ever be learned' --labels "$LABELS" --set prior.classes=true \
    --set prior.drop_classes=1
  refused '16 sprites to train on (and 8 held out); a batch (training.batch) takes 17' --set training.batch=17
}

@test "fit-prior: bad configs" {
  while IFS='|' read -r line message; do
    printf 'method: prior\ntraining: {batch: 4}\n%b\n' "$line" >bad.yaml
    expect 3 fit-prior -c bad.yaml --vqvae "$VQVAE" --data "$SPRITES" -o out
    says "$message"
    [ ! -e out ]
  done <<'LINES'
prior:\n  wide: 4|bad.yaml:4: unknown key 'prior.wide'
codebook: {size: 0}|unknown key 'codebook
prior: {width: 3}|prior.width
prior: {width: 4097}|prior.width
prior: {width: 8.5}|prior.width
prior: {layers: 0}|prior.layers
prior: {heads: 0}|prior.heads
prior: {width: 16, heads: 3}|prior.width is 16, which does not divide by prior.heads (3)
prior: {width: 4, heads: 8}|prior.width is 4, which does not divide by prior.heads (8)
prior: {feed_forward: 0}|prior.feed_forward
prior: {dropout: 1}|prior.dropout
prior: {dropout: -0.1}|prior.dropout
prior: {dropout: nan}|prior.dropout
prior: {classes: maybe}|prior.classes
prior: {drop_classes: 1.1}|prior.drop_classes
sampling: {temperature: 0}|sampling.temperature
sampling: {temperature: -1}|sampling.temperature
sampling: {top_k: -1}|sampling.top_k
vqvae: {codes: 21}|vqvae.codes is 21 in the config, and 20 in this VQ-VAE
vqvae: {height: 5}|vqvae.height is 5 in the config, and 4 in this VQ-VAE
vqvae: {sha256: abc}|another VQ-VAE than the prior's own
LINES
  printf 'method: vqvae\n' >other.yaml
  expect 3 fit-prior -c other.yaml --vqvae "$VQVAE" --data "$SPRITES" -o out
  says "other.yaml: this is a config for vqvae; expected 'method: prior'"
  [ ! -e out ]
}

@test "fit-prior: other sizes" {
  draw-tilemaps -q -n 12 -o maps.npy
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  for data in maps alpha; do
    train-vqvae -q -c "$SHARED/vqvae.yaml" --set data.held_out=0 --data $data.npy -o $data-vqvae
    fit --set data.held_out=0 --vqvae $data-vqvae/model.safetensors --data $data.npy -o $data
    sample $data/model.safetensors -n 3 -o $data-codes.npy
    sample $data/model.safetensors -n 3 --vqvae $data-vqvae/model.safetensors -o $data-sprites.npy
  done
  [[ $(tensor info maps-codes.npy) = *'i32 [3, 8, 8]'* ]]
  [[ $(tensor info maps-sprites.npy) = *'f32 [3, 32, 32, 3]'* ]]
  [[ $(tensor info alpha-codes.npy) = *'i32 [3, 4, 4]'* ]]
  [[ $(tensor info alpha-sprites.npy) = *'f32 [3, 16, 16, 4]'* ]]
}
