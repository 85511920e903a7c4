# train-patch-ar: what it shares with every trainer is tested with train-vae; here is the patch transformer.

load common
load pixels
load training
load patch_ar

setup_file() { tiny_patch_ar; }

# refused TEXT OPTION...: status 3, this message, and no folder.
refused() {
  local text=$1
  shift
  expect 3 patch_ar "$@" -o out
  says "$text"
  [ ! -e out ]
}

@test "train-patch-ar: what every tool does" {
  usage_rules train-patch-ar
  expect 0 train-patch-ar --help
  for text in 'Train a patch transformer on sprites.' 'patch.side=N' '(1..4) [2]' 'patch.hidden=N' 'transformer.width=N' \
    'transformer.dropout=X' '(0..0.9) [0.2]' 'classes.drop=X' 'sampling.temperature=X' '(0.001..100) [0.9]' \
    'sampling.top_p=X' '(1e-06..1) [1]' 'sampling.guidance_scale=X' \
    'train-patch-ar -c configs/patch-ar.yaml --data sprites.npy'; do
    prints "$text"
  done
  expect 2 train-patch-ar
  says '-c CONFIG.yaml is missing'
}

@test "train-patch-ar: our config, at its full size" {
  draw-sprites -q --labels labels.npy -o sprites.npy
  expect 0 train-patch-ar -c "$REPO/configs/patch-ar.yaml" --data sprites.npy --labels labels.npy --dry-run
  prints 'parameters        1207960'
  for preset in smoke default seed; do
    train-patch-ar -c "$REPO/configs/patch-ar.yaml" --preset $preset --data sprites.npy --dry-run >/dev/null
  done
}

@test "train-patch-ar: the files of a run" {
  expect 0 tensor info "$WITH_CLASSES"
  for text in 'before.weight: f32 [65, 16]' 'around.weight: f32 [475, 16]' 'around_pixels.weight: f32 [475, 48]' \
    'rows.weight: f32 [8, 16]' 'columns.weight: f32 [8, 16]' 'classes.weight: f32 [16, 16]' 'mirrored.weight: f32 [2, 16]' \
    'within.weight: f32 [96, 12]' 'colours.weight: f32 [4, 16, 12]' 'gates.weight: f32 [4, 22, 12]' \
    'transformer.layers.1.self_attn.in_proj_weight: f32 [48, 16]' 'pixels.weight: f32 [48, 16]' 'method = patch-ar'; do
    prints "$text"
  done
  [[ $(tensor info "$MODEL") != *classes.weight* ]]
  # Bits are nats over ln 2; before it has learned anything a pixel takes about the entropy of the colours.
  [ "$(head -1 "$SHARED/done/metrics.tsv")" = $'step\tcross_entropy\tbits\theld_out' ]
  awk -F'\t' 'NR > 1 { n++; d = $2 / log(2) - $3
    if (NF != 4 || d > 1e-5 || d < -1e-5 || ($1 % 3 == 0) != ($4 != "")) exit 1
    if (NR == 2 && ($2 < 0.5 || $2 > 2.8)) exit 1 }
    END { exit n != 12 }' "$SHARED/done/metrics.tsv"
  patch_ar --set output.grid_every=6 -o run
  tensor check run/grids/000006.png run/grids/000012.png
  cmp run/metrics.tsv "$SHARED/done/metrics.tsv"
}

@test "train-patch-ar: any number of threads, and once more: the same bytes" {
  for threads in 1 2 3; do
    patch_ar_classes -t $threads -o "of-$threads"
    same_training "of-$threads" "$SHARED/classes"
  done
}

@test "train-patch-ar: killed and started again it is the training that was left alone" {
  long=(--set training.steps=60 --set training.keep=best --set training.schedule=cosine)
  patch_ar_classes "${long[@]}" -o whole
  for checkpoint in 8 24 40; do
    train-patch-ar -q -c "$CONFIG" --data "$SPRITES" --labels "$LABELS" --class-names "$NAMES" "${long[@]}" -o killed 3>&- &
    within 20 grep -q "^$checkpoint" killed/metrics.tsv
    kill -KILL $! || true
    wait $! || true
  done
  patch_ar_classes "${long[@]}" -o killed
  same_training killed whole
}

@test "train-patch-ar: every setting that matters changes the model" {
  cp -r "$SHARED/done" seen-done
  for setting in patch.side=1 patch.side=4 patch.hidden=9 patch.feature_dropout=0 transformer.width=20 transformer.layers=1 \
    transformer.heads=4 transformer.feed_forward=25 transformer.dropout=0 augment.flip=0 training.decay_of=matrices; do
    patch_ar --set training.optimizer=adamw --set training.weight_decay=0.1 --set $setting -o "seen-$setting"
  done
  patch_ar_classes -o seen-classes
  patch_ar_classes --set classes.drop=0.5 -o seen-dropped
  for folder in seen-*; do tensor hash "$folder/model.safetensors" | cut -d' ' -f1 | sha256sum; done | sort | uniq -d >twice
  [ ! -s twice ]
  # How samples are drawn is no matter of training.
  patch_ar --set sampling.temperature=2 --set sampling.top_p=0.5 -o drawn
  [ "$(tensor hash drawn/model.safetensors | cut -d' ' -f1)" = "$(tensor hash "$MODEL" | cut -d' ' -f1)" ]
}

@test "train-patch-ar: sprites and settings that it does not fit are refused" {
  for i in $(seq 0 1023); do colours "$(printf '%06x' $((i * 77)))"; done | npy many.npy '|u1' '(16, 8, 8, 3)'
  SPRITES=many.npy refused 'in a palette of at most 256'
  montage -q --gap 0 --scale 1 "$SPRITES" -o sheet.png
  slice-tiles -q --tile 2 sheet.png -o small.npy
  SPRITES=small.npy refused 'sprites of 2 x 2 pixels are less than two patches of 2 x 2'
  refused 'transformer.heads' --set transformer.heads=3
  expect 3 patch_ar_classes --set classes.drop=1 -o out
  says 'classes.drop is 1'
  expect 3 patch_ar_classes --set classes.drop=0 --set sampling.guidance_scale=2 -o out
  says 'has to be 1'
  for setting in sampling.temperature=0 sampling.temperature=-1 sampling.temperature=nan sampling.top_p=0 sampling.top_p=1.1 \
    patch.side=5 patch.side=0 patch.feature_dropout=1; do
    expect 3 patch_ar --set $setting -o out
    says "${setting%%=*}"
  done
  head -c 200 "$LABELS" >short.npy
  expect 3 patch_ar --labels short.npy -o out
  [ ! -e out ]
}

@test "train-patch-ar: other sizes, transparency, many colours" {
  draw-tilemaps -q -n 12 -o maps.npy
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  montage -q --gap 0 --scale 1 --columns 7 <(tensor slice "$SPRITES" 0:21) -o sheet.png
  slice-tiles -q --tile 7x6 sheet.png -o odd.npy
  for data in maps alpha odd; do
    SPRITES=$data.npy patch_ar --set training.steps=2 --set data.held_out=0 -o $data
    sample $data/model.safetensors -n 3 -o $data-samples.npy
    tensor check $data-samples.npy
  done
  [[ $(tensor info maps-samples.npy) = *'f32 [3, 32, 32, 3]'* ]]
  [[ $(tensor info odd-samples.npy) = *'f32 [3, 6, 7, 3]'* ]]
  [[ $(tensor info alpha-samples.npy) = *'f32 [3, 16, 16, 4]'* ]]
}

# ---- sampling ----

@test "sample: sprites of the patch transformer are in the palette, and what their numbers say" {
  extract-palette -q "$SPRITES" -o p.hex
  sample "$WITH_CLASSES" -n 40 -o forty.npy
  snap -q --palette p.hex forty.npy -o snapped.npy
  tensor convert --colours --to u8 forty.npy -o bytes.npy
  tensor diff bytes.npy snapped.npy
  for threads in 1 2 3; do
    sample "$WITH_CLASSES" -n 40 -t $threads -o "of-$threads.npy"
    same forty.npy "of-$threads.npy"
  done
  sample "$WITH_CLASSES" -n 7 -o seven.npy
  tensor slice forty.npy 0:7 -o first.npy
  same first.npy seven.npy
  sample "$WITH_CLASSES" -n 7 -s 2 -o other.npy
  differ seven.npy other.npy
}

@test "sample: temperature, top-p and guidance of the patch transformer" {
  sample "$WITH_CLASSES" -n 16 -o plain.npy
  for options in '--temperature 0.3' '--top-p 0.5' '--guidance-scale 3' '--class any' '--class each' '--class 3'; do
    # shellcheck disable=SC2086  # options are words
    sample "$WITH_CLASSES" -n 16 $options -o other.npy
    differ plain.npy other.npy
  done
  sample "$WITH_CLASSES" -n 16 --temperature 0.9 --top-p 1 --guidance-scale 1 -o same.npy
  same plain.npy same.npy
  for options in '--temperature 0' '--temperature -1' '--top-p 0' '--top-p 1.5'; do
    # shellcheck disable=SC2086
    expect 2 sample "$WITH_CLASSES" $options -o out.npy
    says "${options% *}"
    [ ! -e out.npy ]
  done
  for options in '--top-k 3' '--steps 5' '--sampler ddim'; do
    # shellcheck disable=SC2086
    expect 0 sample "$WITH_CLASSES" -n 16 $options -o unused.npy
    says "${options% *} changes nothing: it is not for a patch transformer"
    same unused.npy plain.npy
  done
  expect 0 sample "$MODEL" --guidance-scale 2 -o unused.npy
  says '--guidance-scale changes nothing: there are no classes in'
  # What has been drawn so far, patch by patch: the last frame is the first sprite.
  sample "$WITH_CLASSES" -n 16 --dump-steps steps.npy -o again.npy
  same plain.npy again.npy
  [[ $(tensor info steps.npy) = *'f32 [65, 16, 16, 3]'* ]]
  tensor slice steps.npy 64:65 -o last.npy
  tensor slice plain.npy 0:1 -o first.npy
  same first.npy last.npy
}

@test "sample --bits: the likelihood of the patch transformer is exact" {
  sample "$WITH_CLASSES" --bits "$SPRITES" --labels "$LABELS" -o bits.npy
  [[ $(tensor info bits.npy) = 'bits.npy: f32 [24],'* ]]
  # No draws, so neither their number nor a seed matters.
  sample "$WITH_CLASSES" --bits "$SPRITES" --labels "$LABELS" --draws 3 -s 9 -t 3 -o again.npy
  same bits.npy again.npy
  sample "$WITH_CLASSES" --bits "$SPRITES" -o any.npy
  differ bits.npy any.npy
  # The training's held-out loss is the mean over the held-out sprites, in nats.
  sample "$MODEL" --bits "$SPRITES" -o all.npy
  held=$(tail -1 "$SHARED/done/metrics.tsv" | cut -f4)
  score "$SPRITES" --data "$SPRITES" --model "$MODEL" --bits all.npy --allow-few --tsv -o scores.tsv
  awk -F'\t' -v held="$held" '$1 == "bits" { d = $2 * log(2) - held; exit !(d < 1e-4 && d > -1e-4) }' scores.tsv
  # Sprites that are in another palette.
  draw-sprites -q -n 24 --keep-alpha -o alpha.npy
  expect 3 sample "$MODEL" --bits alpha.npy -o out.npy
  draw-tilemaps -q -n 3 -o maps.npy
  expect 3 sample "$MODEL" --bits maps.npy -o out.npy
  says '32 x 32'
  [ ! -e out.npy ]
}

# Twelve sprites are soon memorised: then the logits are overconfident.
by_heart=(--set training.steps=240 --set training.keep=best --set training.calibrate=true --set output.held_out_every=20
  --set output.checkpoint_every=80 --set training.learning_rate=1e-2)

@test "train-patch-ar: the logits are divided by what makes held-out sprites likeliest" {
  expect 0 patch_ar_classes "${by_heart[@]}" -o run
  local divisor best
  divisor=$(sed -n 's/.*its logits are divided by \([0-9.]*\), at which.*/\1/p' run/log.txt)
  best=$(sed -n 's/.*held-out bits per pixel, \([0-9.]*\)$/\1/p' run/log.txt)
  awk -v d="$divisor" 'BEGIN { exit !(d > 1) }'
  patch_ar_classes "${by_heart[@]}" --set training.calibrate=false -o plain
  local plain
  plain=$(sed -n 's/.*held-out bits per pixel, \([0-9.]*\)$/\1/p' plain/log.txt)
  awk -v a="$best" -v b="$plain" 'BEGIN { exit !(a < b) }'
  cmp <(cut -f1-3 run/metrics.tsv) <(cut -f1-3 plain/metrics.tsv)
  # The model is the divided one: nobody has to be told. Its gates and colours are smaller by that.
  patch_ar_classes "${by_heart[@]}" --set training.keep=last -o run-last
  patch_ar_classes "${by_heart[@]}" --set training.keep=last --set training.calibrate=false -o plain-last
  divisor=$(sed -n 's/.*its logits are divided by \([0-9.]*\), at which.*/\1/p' run-last/log.txt)
  for run in run-last plain-last; do
    tensor print --name=colours.bias $run/model.safetensors | tr -s " " "\n" | grep . >$run.txt
  done
  paste run-last.txt plain-last.txt | awk -v d="$divisor" '{ e = $1 * d - $2; if (e > 1e-5 || e < -1e-5) bad = 1; n++ }
    END { exit bad || n < 64 }'
}

@test "train-patch-ar: a calibrated training goes on where it stopped" {
  patch_ar_classes "${by_heart[@]}" --set output.grid_every=50 -o whole
  patch_ar_classes "${by_heart[@]}" --set output.grid_every=50 --set training.steps=160 -o parts
  local best
  best=$(sed -n 's/.*held-out bits per pixel, \([0-9.]*\)$/\1/p' parts/log.txt)
  [[ $(tensor info parts/checkpoint.safetensors) = *"best_value = $best"$'\n'* ]]
  patch_ar_classes "${by_heart[@]}" --set output.grid_every=50 -o parts
  cmp whole/model.safetensors parts/model.safetensors
  cmp whole/grids/000200.png parts/grids/000200.png
}

@test "train-patch-ar: what cannot be calibrated is refused" {
  refused 'training.calibrate needs held-out sprites (data.held_out; 0 are); training.calibrate: false goes without' --set training.calibrate=true \
    --set data.held_out=0 --set output.held_out_every=0
  printf 'method: vae\n' >vae.yaml
  expect 3 train-vae -c vae.yaml --data "$SPRITES" --set training.batch=4 --set training.calibrate=true -o out
  says 'training.calibrate is not for a '
}
