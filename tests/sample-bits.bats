# sample --bits: how many bits per pixel a diffusion model on palette indices needs for sprites.

load common
load pixels
load training
load diffusion

setup_file() { tiny_diffusion_in_palette; }

# bits MODEL OUT OPTION...: of the tiny training's sprites.
bits() {
  local file=$1 out=$2
  shift 2
  sample "$file" --bits "$SPRITES" -o "$out" "$@"
}

# mean FILE
mean() { tensor info "$1" | sed 's/.*mean //'; }

# below A B
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 < b + 0) }' || { echo "$1 is not below $2" >&2; return 1; }; }

# refused STATUS TEXT MODEL SPRITES OPTION...: this status and message, and no output.
refused() {
  local status=$1 text=$2 file=$3 given=$4
  shift 4
  expect "$status" sample "$file" --bits "$given" -o out.npy "$@"
  says "$text"
  [ ! -e out.npy ]
}

@test "sample --bits: a number for each sprite" {
  expect 0 bits "$IN_PALETTE" bits.npy --draws 4
  [ -z "$output$stderr" ]
  [[ $(tensor info bits.npy) = 'bits.npy: f32 [24],'* ]]
  tensor check bits.npy
  tensor print bits.npy | awk '{ for (i = 1; i <= NF; i++) if (!($i > 0)) exit 1 }'
  bits "$IN_PALETTE" again.npy --draws 4
  same bits.npy again.npy
  bits "$IN_PALETTE" default.npy
  bits "$IN_PALETTE" many.npy --draws 64
  same default.npy many.npy
  differ bits.npy many.npy
  sample "$IN_PALETTE" --bits - --draws 4 <"$SPRITES" | cmp - bits.npy
  # Planes, another net, few times, a process that ends in noise, and an evidence head.
  for set in palette.code=onehot model=tiny-denoiser 'process.steps=6' 'process.end_in_noise=true' \
    'process.schedule=information'; do
    diffuse --set pixels=palette --set process.prediction=x0 --set "$set" -o "other-$set"
    bits "other-$set/model.safetensors" other.npy --draws 2
    tensor check other.npy
    tensor print other.npy | awk '{ for (i = 1; i <= NF; i++) if (!($i > 0)) exit 1 }'
  done
}

@test "sample --bits: a sprite's bits depend on it, its number, the seed and the draws alone" {
  tensor concat "$SPRITES" "$SPRITES" -o twice.npy
  for threads in 1 2 3; do
    sample "$IN_PALETTE" --bits twice.npy --draws 3 -t $threads -o "of-$threads.npy"
    same of-1.npy "of-$threads.npy"
  done
  for n in 1 15 16 17 40; do
    sample "$IN_PALETTE" --bits <(tensor slice twice.npy 0:$n) --draws 3 -o few.npy
    tensor slice of-1.npy 0:$n -o beginning.npy
    same few.npy beginning.npy
  done
  tensor slice of-1.npy 0:24 -o first.npy
  tensor slice of-1.npy 24:48 -o second.npy
  differ first.npy second.npy
  bits "$IN_PALETTE" seed.npy --draws 3 -s 2
  differ first.npy seed.npy
}

longer_needs_fewer() {
  more=(--set pixels=palette --set output.checkpoint_every=1000 --set output.held_out_every=1000 "$@")
  diffuse "${more[@]}" --set training.steps=4 -o short
  diffuse "${more[@]}" --set training.steps=200 -o long
  bits short/model.safetensors short.npy
  bits long/model.safetensors long.npy
  below "$(mean long.npy)" "$(awk -v x="$(mean short.npy)" 'BEGIN { print x * 0.8 }')"
  # And fewer for what it has seen than for noise in the same colours.
  extract-palette -q "$SPRITES" -o p.hex
  awk 'BEGIN { for (x = 1; i < 18432; i++) { x = x * 16807 % 2147483647; printf "\\x%02x", int(x / 65536) % 256 } }' >escapes
  # shellcheck disable=SC2059
  printf "$(cat escapes)" | npy noise.npy '|u1' '(24, 16, 16, 3)'
  snap -q --palette p.hex noise.npy -o noise-in-palette.npy
  sample long/model.safetensors --bits noise-in-palette.npy -o noise-bits.npy
  below "$(mean long.npy)" "$(mean noise-bits.npy)"
}

@test "sample --bits: a model that was trained longer needs fewer" {
  longer_needs_fewer
}

@test "sample --bits: an evidence head that was trained longer needs fewer" {
  longer_needs_fewer --set process.schedule=information
}

@test "sample --bits --labels: a model that is conditioned on classes" {
  bits "$IN_PALETTE" any.npy --draws 4
  bits "$IN_PALETTE" told.npy --draws 4 --labels "$LABELS"
  differ any.npy told.npy
  # Each sprite's class is its own.
  tensor print "$LABELS" | xargs -n 1 >numbers
  class=$(sed -n 20p numbers)
  for ((i = 0; i < 24; i++)); do printf '%b' "\\x$(printf %02x "$class")\\x00\\x00\\x00"; done | npy same.npy '<i4' '(24,)'
  bits "$IN_PALETTE" one.npy --draws 4 --labels same.npy
  tensor slice told.npy 19:20 -o a.npy
  tensor slice one.npy 19:20 -o b.npy
  same a.npy b.npy
  differ told.npy one.npy
  for n in 1 3; do
    bits "$IN_PALETTE" again.npy --draws 4 --labels "$LABELS" -t $n
    same told.npy again.npy
  done
  bad_file_rules sample "$IN_PALETTE" -o "$T/out" --bits "$SPRITES" --labels
  printf '\x0f\x00\x00\x00%.0s' {1..24} | npy beyond.npy '<i4' '(24,)'
  refused 3 'beyond.npy: label 15 of sprite 0; the model has classes 0 to 14' "$IN_PALETTE" "$SPRITES" --labels beyond.npy
  printf '\xff\xff\xff\xff%.0s' {1..24} | npy below.npy '<i4' '(24,)'
  refused 3 'below.npy: label -1 of sprite 0' "$IN_PALETTE" "$SPRITES" --labels below.npy
  tensor slice "$LABELS" 0:23 -o short.npy
  refused 3 'short.npy: i32 [23]; expected i32 [24]: a label for each sprite of' "$IN_PALETTE" "$SPRITES" --labels short.npy
  diffuse --set pixels=palette -o without
  bits without/model.safetensors plain.npy --draws 4
  expect 0 sample without/model.safetensors --bits "$SPRITES" --draws 4 --labels "$LABELS" -o labelled.npy
  says '--labels changes nothing: there are no classes in without/model.safetensors'
  same plain.npy labelled.npy
  expect 2 sample "$IN_PALETTE" --labels "$LABELS" -o out.npy
  says '--labels is for --bits; it changes nothing else'
}

@test "sample --bits: models without a likelihood" {
  refused 3 "$MODEL: --bits: this diffusion model has no likelihood" "$MODEL" "$SPRITES"
  says 'pixels: palette'
  tiny_config vae.yaml
  train-vae -q -c vae.yaml --data "$SPRITES" -o vae
  refused 3 'vae/model.safetensors: --bits: this variational autoencoder has no likelihood' vae/model.safetensors "$SPRITES"
}

@test "sample --bits: sprites that do not fit" {
  bad_file_rules sample "$IN_PALETTE" -o "$T/out" --bits
  draw-tilemaps -q -n 2 -o maps.npy
  refused 3 'maps.npy: sprites of 32 x 32 pixels with 3 channels; the model was trained on 16 x 16 with 3' \
    "$IN_PALETTE" maps.npy
  draw-sprites -q -n 2 --keep-alpha -o clear.npy
  refused 3 'clear.npy: sprites of 16 x 16 pixels with 4 channels' "$IN_PALETTE" clear.npy
  # Two sprites of the first one's first colour, but for one pixel.
  hex=$(tensor print "$SPRITES" | head -1 | awk '{ printf "%02x%02x%02x", $1, $2, $3 }')
  colour_of() { yes "$hex" | head -"$1"; }
  # shellcheck disable=SC2046
  { colours $(colour_of 512); } | npy plain.npy '|u1' '(2, 16, 16, 3)'
  sample "$IN_PALETTE" --bits plain.npy --draws 1 -o plain-bits.npy
  # shellcheck disable=SC2046
  { colours $(colour_of $((256 + 16 * 3 + 5))) 123456 $(colour_of $((512 - 256 - 16 * 3 - 6))); } |
    npy stray.npy '|u1' '(2, 16, 16, 3)'
  refused 3 "stray.npy: sprite 1, row 3, column 5: 123456ff is none of the model's" "$IN_PALETTE" stray.npy
  refused 2 'exclude each other' "$IN_PALETTE" "$SPRITES" --reconstruct "$SPRITES"
  for option in '--class 1' '--save-labels no.npy' '--guidance-scale 2' '--steps 3' '--sampler ddim' '--eta 1' '--dump-steps film.npy'; do
    # shellcheck disable=SC2086
    refused 2 "${option% *} is about drawing new sprites; with --bits it changes nothing" "$IN_PALETTE" "$SPRITES" $option
  done
  [ ! -e film.npy ]
  for draws in 0 -1 x 1.5 ''; do refused 2 'draws' "$IN_PALETTE" "$SPRITES" --draws "$draws"; done
}
