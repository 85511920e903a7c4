# train-ddpm: what it shares with every trainer is tested with train-vae; here are nets, processes, pixels and classes.

load common
load pixels
load training
load diffusion

setup_file() { tiny_diffusion; }

# numbers FILE TYPE NUMBER...: a .npy file of these, [n]; TYPE <i4 or <i8.
numbers() {
  local file=$1 type=$2 bytes=${2#<i} n i
  shift 2
  for n; do
    for ((i = 0; i < bytes; i++)); do printf '%b' "\\x$(printf %02x $(((n >> 8 * i) & 255)))"; done
  done | npy "$file" "$type" "($#,)"
}

# labels_refused FILE TEXT
labels_refused() {
  expect 3 diffuse --labels "$1" -o out
  says "$1: $2"
  [ ! -e out ]
}

# refused TEXT OPTION...: status 3, this message, and no folder.
refused() {
  local text=$1
  shift
  expect 3 diffuse "$@" -o out
  says "$text"
  [ ! -e out ]
}

@test "train-ddpm: what every tool does" {
  usage_rules train-ddpm
  expect 0 train-ddpm --help
  for text in 'Train a diffusion model on sprites.' 'model=unet|tiny-denoiser' 'unet.widths=TEXT' '128, 256]' \
    'pixels=rgb|palette' 'palette.code=auto|onehot|bits' 'noise schedule; information: ' 'process.prediction=eps|x0|v' \
    'sampler: ancestral, ddim, dpm++2m, blend, printed' 'sampling.guidance_scale=X' 'classes.drop=X' \
    'process.steps=N' 'loss.weighting=plain|min-snr' '--labels=LABELS.npy' '--class-names=NAMES.txt' \
    'train-ddpm -c configs/ddpm.yaml --data sprites.npy'; do
    prints "$text"
  done
  expect 2 train-ddpm
  says '-c CONFIG.yaml is missing'
  expect 2 diffuse
  says '-o RUN_DIR is missing'
  expect 2 diffuse --class-names "$NAMES" -o out
  says '--class-names needs --labels'
  [ ! -e out ]
}

@test "train-ddpm: our configs, at their full size" {
  for name in ddpm ddpm-palette; do
    expect 0 train-ddpm -c "$REPO/configs/$name.yaml" --print-config
    prints "name: $name"
  done
  ten=(--set training.batch=10)
  expect 0 train-ddpm -c "$REPO/configs/ddpm.yaml" "${ten[@]}" --data "$SPRITES" --dry-run
  prints 'parameters        7457987'
  head -8 "$NAMES" >eight.txt
  seq 0 23 | awk '{ print $1 % 8 }' | xargs bash -c "$(declare -f numbers npy); "'numbers eight.npy "<i4" "$@"' bash
  expect 0 train-ddpm -c "$REPO/configs/ddpm.yaml" "${ten[@]}" --data "$SPRITES" --labels eight.npy \
    --class-names eight.txt --dry-run
  prints 'parameters        7459139'
  expect 0 train-ddpm -c "$REPO/configs/ddpm-palette.yaml" "${ten[@]}" --data "$SPRITES" --dry-run
  draw-tilemaps -q -n 12 -o maps.npy
  expect 0 diffuse --data maps.npy --set model=tiny-denoiser --dry-run
  prints 'parameters        229251'
}

@test "train-ddpm: the files of a run, losses a step" {
  diffuse_classes --set output.grid_every=6 -o run
  [ "$(cd run && find . -type f | sort | tr '\n' ' ')" = \
    './.lock ./checkpoint.safetensors ./config.yaml ./grids/000006.png ./grids/000012.png ./log.txt ./metrics.tsv ./model.safetensors ' ]
  same run/metrics.tsv "$SHARED/classes/metrics.tsv"
  tensor check run/model.safetensors run/checkpoint.safetensors run/grids/000012.png
  [ "$(head -1 run/metrics.tsv)" = $'step\tloss\theld_out' ]
  [ "$(awk -F'\t' 'NR > 1 && $3 != "" { printf "%s ", $1 }' run/metrics.tsv)" = '3 6 9 12 ' ]
  expect 0 tensor info run/model.safetensors
  prints 'classes.weight: f32 [16, 16]'
  prints 'conv_in.weight: f32 [8, 3, 3, 3]'
  prints 'method = ddpm'
  prints 'classes = 15'
  prints 'class_names = potion'
  prints 'class_counts = '
  prints 'colour_counts = '
  [[ $(tensor info "$MODEL") != *classes.weight* ]]
  [[ $(tensor info "$MODEL") != *class_counts* ]]
  # Pixels and sprites that it was trained on, held-out ones left out.
  sum() { tensor info run/model.safetensors | sed -n "s/.*$1_counts = //p" | tr ' ' '\n' | awk '{ n += $1 } END { print n }'; }
  [ "$(sum colour)" -eq $((256 * $(sum class))) ]
  grep -q "$(sum class) sprites (" run/log.txt
  diffuse --set training.steps=150 --set output.checkpoint_every=1000 --set output.held_out_every=0 -o long
  awk -F'\t' 'NR > 1 && NR <= 11 { first += $2 } NR > 141 { last += $2 } END { exit !(last < 0.6 * first) }' long/metrics.tsv
}

@test "train-ddpm: the same bytes at any number of threads, of every kind of model" {
  while read -r -a options; do
    set=("${options[@]/#/--set=}")
    for n in 1 2 3; do diffuse_classes --set output.grid_every=12 "${set[@]}" -t $n -o "t$n"; done
    same_training t1 t2
    same_training t1 t3
    sample t1/model.safetensors -n 17 -t 1 -o s1.npy
    sample t1/model.safetensors -n 17 -t 3 -o s3.npy
    same s1.npy s3.npy
    tensor check s1.npy t1/grids/000012.png
    rm -r t1 t2 t3
  done <<'EOF'
process.prediction=eps augment.flip=0.5
unet.attention=0,1 unet.heads=2 unet.dropout=0.1 unet.position_map=true process.prediction=v process.stratified=true
pixels=palette palette.code=bits unet.zero_init=true process.schedule=cosine sampling.sampler=dpm++2m augment.shift=1
pixels=palette palette.code=onehot process.end_in_noise=true loss.weighting=min-snr sampling.guidance_scale=2
pixels=palette process.schedule=information augment.flip=0.5 unet.dropout=0.1 sampling.eta=1 sampling.guidance_scale=2
EOF
}

@test "train-ddpm: every setting that matters changes the model" {
  once() { diffuse_classes --set output.held_out_every=0 --set training.steps=3 "$@"; }
  settings=(seed=2 unet.blocks=2 unet.groups=2 unet.attention=1 unet.time_features=8 unet.dropout=0.5 unet.position_map=true
    unet.zero_init=true pixels=palette process.steps=500 process.schedule=cosine process.beta_start=1e-3 process.beta_end=0.1
    process.stratified=true process.prediction=x0 process.prediction=v process.range=unit loss.kind=l1
    loss.weighting=min-snr classes.drop=0.9)
  for setting in "${settings[@]}"; do once --set "$setting" -o "seen-$setting"; done
  once -o seen-plain
  once --set pixels=palette --set palette.code=bits -o seen-bits
  once --set process.prediction=v --set process.end_in_noise=true -o seen-noise
  once --set loss.weighting=min-snr --set loss.snr_limit=0.1 -o seen-limit
  for folder in seen-*; do tensor hash "$folder/model.safetensors" | cut -d' ' -f1 | sha256sum; done | sort | uniq -d >twice
  [ ! -s twice ]
  # How it will be sampled from does not.
  once --set sampling.sampler=ancestral --set sampling.eta=1 --set sampling.guidance_scale=3 --set sampling.clip=false -o other
  tensor diff other/model.safetensors seen-plain/model.safetensors
}

@test "train-ddpm: a palette index is bits in up to 8 colours, else one-hot planes, unless the config says" {
  indexed() { diffuse --set pixels=palette "$@"; }
  indexed -o auto16
  indexed --set palette.code=onehot -o onehot16
  tensor diff auto16/model.safetensors onehot16/model.safetensors
  extract-palette -k 8 "$SPRITES" -o eight.gpl
  snap -q --palette eight.gpl "$SPRITES" -o eight.npy
  indexed --data eight.npy -o auto8
  indexed --data eight.npy --set palette.code=bits -o bits8
  tensor diff auto8/model.safetensors bits8/model.safetensors
  sample auto8/model.safetensors -n 4 -o new8.npy
  sample bits8/model.safetensors -n 4 | cmp - new8.npy
  sample auto16/model.safetensors -n 4 -o new16.npy
  sample onehot16/model.safetensors -n 4 | cmp - new16.npy
  extract-palette -k 9 "$SPRITES" -o nine.gpl
  snap -q --palette nine.gpl "$SPRITES" -o nine.npy
  indexed --data nine.npy -o auto9
  tensor info auto9/model.safetensors >shapes
  grep -qE 'conv.*\[8, 9, 3, 3\]' shapes
}

@test "train-ddpm: stopped by SIGTERM, the result is that of a training that never was" {
  more=(--set training.steps=900 --set output.checkpoint_every=50 --set output.held_out_every=60 --set pixels=palette
    --set unet.dropout=0.1 --set training.schedule=cosine --set training.warmup_steps=20 --set training.optimizer=adamw)
  diffuse_classes "${more[@]}" -o whole
  train-ddpm -q -c "$CONFIG" --data "$SPRITES" --labels "$LABELS" --class-names "$NAMES" "${more[@]}" -o stopped 3>&- &
  pid=$!
  within 60 has_rows stopped 16
  status=0
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 143 ]
  step=$(rows stopped)
  [ "$step" -lt 900 ]
  [ ! -e stopped/model.safetensors ]
  [[ $(tensor info stopped/checkpoint.safetensors) = *average.conv_in.weight* ]]
  clean_folder stopped
  diffuse_classes "${more[@]}" -o stopped
  grep -q "steps $step to 900" stopped/log.txt
  same_training stopped whole
  same stopped/checkpoint.safetensors whole/checkpoint.safetensors
}

@test "train-ddpm: the average of the weights is the model" {
  tensor convert --to f32 --name conv_in.weight "$SHARED/done/model.safetensors" >model.npy
  tensor convert --to f32 --name average.conv_in.weight "$SHARED/done/checkpoint.safetensors" >average.npy
  tensor convert --to f32 --name model.conv_in.weight "$SHARED/done/checkpoint.safetensors" >trained.npy
  same model.npy average.npy
  differ model.npy trained.npy
  diffuse --set training.average=0 -o none
  # What is trained is the same, with an average or without; held-out losses are the model's.
  same <(cut -f1,2 none/metrics.tsv) <(cut -f1,2 "$SHARED/done/metrics.tsv")
  differ none/metrics.tsv "$SHARED/done/metrics.tsv"
}

# Blocks of held-out sprites are as large as a batch; each sprite's time and noise go by its number in all of them.
@test "train-ddpm: held-out losses do not depend on how the held-out sprites are cut into blocks" {
  for batch in 2 4 8; do
    diffuse --set training.batch=$batch --set training.steps=1 --set training.learning_rate=0 --set training.average=0 \
      --set data.held_out=0.4 --set unet.zero_init=false --set output.held_out_every=1 -o by$batch
    cut -f3 by$batch/metrics.tsv | tail -1 >loss$batch
  done
  paste loss2 loss4 loss8
  paste loss2 loss4 loss8 | awk '{ exit !($1 > 0.1 && ($1 - $2)^2 < 1e-12 && ($1 - $3)^2 < 1e-12) }'
}

@test "train-ddpm: labels that do not fit" {
  tensor slice "$LABELS" 1: >short.npy
  labels_refused short.npy 'i32 [23]; expected i32 [24]: a label for each sprite of'
  cat "$LABELS" short.npy >long.npy
  labels_refused long.npy 'i32 [47]; expected i32 [24]'
  numbers negative.npy '<i4' 0 1 2 -1 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3
  labels_refused negative.npy 'label -1 of sprite 3; expected 0 to 65535'
  numbers large.npy '<i8' 0 1 2 3 65536 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3
  labels_refused large.npy 'label 65536 of sprite 4; expected 0 to 65535'
  tensor convert --to f32 "$LABELS" -o floats.npy
  labels_refused floats.npy 'f32 [24]; expected i32 [24]'
  tensor convert --to u8 "$LABELS" -o bytes.npy
  labels_refused bytes.npy 'u8 [24]; expected i32 [24]'
  labels_refused "$SPRITES" 'u8 [24, 16, 16, 3]; expected i32 [24]'
  bad_file_rules diffuse -o "$T/out" --labels
  head -3 "$NAMES" >three.txt
  expect 3 diffuse --labels "$LABELS" --class-names three.txt -o out
  says 'three.txt: 3 names of classes; the labels have 15 classes'
  expect 3 diffuse --labels "$LABELS" --class-names missing.txt -o out
  says 'missing.txt'
  # Names that nobody could draw by.
  sed '4s/.*/each/' "$NAMES" >each.txt
  sed '4s/.*//' "$NAMES" >empty.txt
  sed '4s/.*/\r/' "$NAMES" >blank.txt
  sed '9s/.*/twin/; 4s/.*/twin/; 11s/.*/twin/' "$NAMES" >twice.txt
  while read -r file text; do
    expect 3 diffuse --labels "$LABELS" --class-names "$file.txt" -o out
    says "$file.txt:$text"
    [ ! -e out ]
  done <<'EOF'
each 4: 'each' cannot be the name of a class
empty 4: a class without a name
blank 4: a class without a name
twice 9: 'twin' is the name of class 3 already
EOF
  sed 's/$/\r/' "$NAMES" >windows.txt
  diffuse --labels "$LABELS" --class-names windows.txt -o windows
  same_training windows "$SHARED/classes"
  tensor convert --to i64 "$LABELS" -o wide.npy
  diffuse --labels wide.npy --class-names "$NAMES" -o wide
  same_training wide "$SHARED/classes"
}

@test "train-ddpm: classes of which nothing can be learned are said" {
  numbers gaps.npy '<i4' 0 1 5 5 0 1 5 5 0 1 5 5 0 1 5 5 0 1 5 5 0 1 5 5
  expect 0 diffuse --labels gaps.npy --set data.held_out=0 -o gaps
  says 'gaps.npy: 3 of 6 classes have no sprite to train on (the first is 2)'
  numbers whole.npy '<i4' 0 1 2 2 0 1 2 2 0 1 2 2 0 1 2 2 0 1 2 2 0 1 2 2
  expect 0 diffuse --labels whole.npy --set data.held_out=0 -o whole
  [ -z "$stderr" ]
}

@test "train-ddpm: the names of many classes take little memory" {
  numbers many.npy '<i4' 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 19999
  for ((i = 0; i < 20000; i++)); do echo "c$i"; done >many.txt
  expect 0 diffuse --labels many.npy --class-names many.txt --dry-run
  [ "$(sed -n 's/^peak memory  *at least \([0-9]*\) MB$/\1/p' <<<"$output")" -lt 700 ]
}

@test "train-ddpm: weights whose samples are no numbers" {
  expect 1 diffuse --set training.optimizer=adamw --set training.weight_decay=10 --set training.learning_rate=1 \
    --set training.steps=6 --set output.checkpoint_every=6 --set output.held_out_every=0 --set output.grid_every=6 -o run
  says 'run: a sample is not finite at step 6; there is no checkpoint yet; try a lower training.learning_rate'
  [ ! -e run/model.safetensors ]
}

@test "train-ddpm: a folder with other labels, names or palette is another training" {
  diffuse_classes -o run
  { tensor slice "$LABELS" 1: && tensor slice "$LABELS" 0:1; } >turned.npy
  sort -r "$NAMES" >names.txt
  extract-palette -q "$SPRITES" -o own.hex
  tac own.hex >turned.hex
  for other in "--labels turned.npy --class-names $NAMES" "--labels $LABELS --class-names names.txt" "--labels $LABELS" '' \
    "--labels $LABELS --class-names $NAMES --palette turned.hex"; do
    # shellcheck disable=SC2086
    expect 3 diffuse $other -o run
    says 'run: holds a training run with another palette, labels or names of classes'
  done
  same_training run "$SHARED/classes"
  diffuse_classes -o run
  diffuse --labels turned.npy --restart -o run
  differ run/model.safetensors "$SHARED/classes/model.safetensors"
}

@test "train-ddpm: pixels: palette wants every colour in the palette" {
  printf '000000\nff0000\n' >two.hex
  refused 'snap them first' --set pixels=palette --palette two.hex
  LC_ALL=C awk 'BEGIN { for (p = 0; p < 1536; p++) printf "%c%c%c", 1 + p % 100, 1 + int(p / 100), 99 }' >bytes
  npy many.npy '|u1' '(24, 8, 8, 3)' <bytes
  expect 3 diffuse --data many.npy --set pixels=palette -o out
  says 'many.npy: pixels: palette needs sprites whose every colour is in the palette'
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  extract-palette -q alpha.npy -o all.hex
  for code in bits onehot; do
    diffuse --data alpha.npy --set pixels=palette --set palette.code=$code -o $code
    sample $code/model.safetensors -n 3 -o drawn.npy
    [[ $(tensor info drawn.npy) = *'f32 [3, 16, 16, 4]'* ]]
    tensor convert --colours --to u8 drawn.npy -o drawn8.npy
    snap -q --palette all.hex drawn8.npy -o snapped.npy
    tensor diff drawn8.npy snapped.npy
  done
}

@test "train-ddpm: settings that do not fit" {
  tail -c 2700 "$SPRITES" >bytes
  for shape in '(4, 15, 15, 3)' '(4, 9, 25, 3)'; do
    npy odd.npy '|u1' "$shape" <bytes
    expect 3 diffuse --data odd.npy --set model=tiny-denoiser --set data.held_out=0 -o out
    says 'odd.npy: sprites of'
    says 'both sides must be even'
    diffuse --data odd.npy --set data.held_out=0 --set training.steps=1 -o "unet${#shape}"
    sample "unet${#shape}/model.safetensors" -n 1 -o odd-drawn.npy
    [[ $(tensor info odd-drawn.npy) = *"f32 [1, ${shape:4:-4}, 3]"* ]]
  done
  refused 'the tiny denoiser knows no classes' --set model=tiny-denoiser --labels "$LABELS"
  refused 'process.prediction must be x0 or v' --set process.end_in_noise=true
  for process in process.beta_end=0.5 process.beta_start=0.9 process.steps=100000; do
    refused 'of the picture is left, too little to tell from the noise' --set "$process"
    diffuse --set "$process" --set process.prediction=v --set training.steps=1 -o "v-$process"
    sample "v-$process/model.safetensors" -n 1 -o drawn.npy
    tensor check drawn.npy
  done
  diffuse --set process.steps=100000 --set process.schedule=cosine --set training.steps=1 -o cosine
  sample cosine/model.safetensors -n 1 -o drawn.npy
  tensor check drawn.npy
  refused 'classes.drop is 1, so no class would ever be learned' --labels "$LABELS" --set classes.drop=1
  refused 'sampling.guidance_scale has to be 1' --labels "$LABELS" --set classes.drop=0 --set sampling.guidance_scale=2
  expect 2 diffuse --labels '' -o out
  says '--labels: is empty, expected LABELS.npy'
  [ ! -e out ]
  refused 'sampling.steps is 4; the process has 3' --set process.steps=3
  refused 'for pixels: palette and model: unet' --set process.schedule=information
  refused 'ancestral, ddim and dpm++2m only' --set process.schedule=information --set pixels=palette --set sampling.sampler=blend
  refused 'unet.attention' --set unet.attention=2
  refused "unet.time_features is 15" --set unet.time_features=15
  refused 'unet.widths has 10, which does not divide by unet.groups (4)' --set unet.widths=8,10
  for widths in '' ',' '8,' ',8' '8,,8' '8 16' x 8.5 -8 0 5000 '8,8,8,8,8,8,8'; do
    refused "unet.widths is '$widths'; expected 1 to 6 widths" --set "unet.widths=$widths"
  done
  for key in process.steps=0 process.beta_end=0 process.prediction=x process.schedule=quadratic pixels=grey \
    sampling.sampler=euler sampling.guidance_scale=-1 sampling.eta=2 classes.drop=2 unet.blocks=0 unet.dropout=1; do
    refused "${key%=*}" --set "$key"
  done
}

@test "train-ddpm: the tiny denoiser on tilemaps, by L1 and MSE, with and without the time" {
  draw-tilemaps -q -n 12 -o maps.npy
  map=(diffuse --data maps.npy --set model=tiny-denoiser --set denoiser.hidden=8 --set process.steps=20 --set training.steps=3)
  for sampler in ancestral ddim dpm++2m blend printed; do
    "${map[@]}" --set loss.kind=l1 --set process.range=unit --set sampling.sampler=$sampler -o $sampler
    sample $sampler/model.safetensors -n 2 -o $sampler.npy
    [[ $(tensor info $sampler.npy) = *'f32 [2, 32, 32, 3]'* ]]
    tensor check $sampler.npy
  done
  [ "$(for f in *.npy; do content "$f"; done | sort | uniq -d | wc -l)" -eq 0 ]
  "${map[@]}" --set denoiser.time_conditioning=false -o timeless
  [[ $(tensor info timeless/model.safetensors) != *time_mlp* ]]
  [[ $(tensor info ddim/model.safetensors) = *time_mlp.0.weight* ]]
}
