# sample: new sprites, reconstructions and ways between sprites from a model file, and models of every bad kind.

load common
load pixels
load training

setup_file() { tiny_training; }

# refused FILE TEXT: not a model, with this in the message, and nothing written.
refused() {
  expect 3 sample "$1" -n 1 -o out
  says "sample: $1"
  says "$2"
  [ ! -e out ]
}

@test "sample: what every tool does" {
  usage_rules sample
  expect 2 sample
  expect 2 sample "$MODEL" "$MODEL"
  for count in 0 -1 1.5 x '' 10000001; do
    expect 2 sample "$MODEL" -n "$count" -o out
    says 'count'
  done
  expect 2 sample "$MODEL" -s -1 -o out
  expect 2 sample "$MODEL" --device nothing -o out
  expect 2 sample "$MODEL" --reconstruct "$SPRITES" --interpolate 0,1 --data "$SPRITES" -o out
  says 'exclude each other'
  [ ! -e out ]
}

@test "sample: sprites of the model's size, from 0 to 1, that NumPy could load" {
  expect 0 sample "$MODEL" -n 5 -o five.npy
  [ -z "$output$stderr" ]
  [ "$(head -c 128 five.npy | tr -d '\0' | tail -c +9 | sed 's/ *$//')" = \
    "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 16, 16, 3), }" ]
  [ "$(wc -c <five.npy)" -eq $((128 + 4 * 5 * 16 * 16 * 3)) ]
  expect 0 tensor info five.npy
  tensor print five.npy | awk '/./ { for (i = 1; i <= NF; i++) if ($i < 0 || $i > 1) exit 1 }'
  sample "$MODEL" >default.npy
  [[ $(tensor info default.npy) = *'f32 [16, 16, 16, 3]'* ]]
  # Not all alike.
  run tensor diff <(tensor slice five.npy 0:1) <(tensor slice five.npy 1:2)
  [ "$status" -eq 1 ]
}

@test "sample: NumPy loads it" {
  python3 -c 'import numpy' 2>/dev/null || skip 'no python3 with numpy'
  sample "$MODEL" -n 3 -o three.npy
  python3 -c 'import numpy; a = numpy.load("three.npy"); assert a.shape == (3, 16, 16, 3) and a.dtype == "<f4", a
assert a.min() >= 0 and a.max() <= 1'
}

@test "sample: PyTorch loads the model strictly and reconstructs the same" {
  python3 -c 'import torch, numpy, safetensors' 2>/dev/null || skip 'no python3 with torch'
  sample "$MODEL" --reconstruct "$SPRITES" -o again.npy
  python3 "$REPO/tests/parity/check_model.py" "$MODEL" "$SPRITES" again.npy
  draw-tilemaps -q -n 12 -o maps.npy
  for kind in average:0.9 recon:bce; do
    [ $kind != recon:bce ] || key=loss.recon
    [ $kind != average:0.9 ] || key=training.average
    train-vae -q -c "$CONFIG" --set "$key=${kind#*:}" --data maps.npy -o "run-$key"
    sample "run-$key/model.safetensors" --reconstruct maps.npy -o again.npy
    python3 "$REPO/tests/parity/check_model.py" "run-$key/model.safetensors" maps.npy again.npy
  done
}

@test "sample: sprite i depends on the seed and on i alone" {
  sample "$MODEL" -n 64 -o many.npy
  for n in 1 15 16 17 33; do
    sample "$MODEL" -n $n -o few.npy
    same few.npy <(tensor slice many.npy 0:$n)
  done
  sample "$MODEL" -n 16 -s 2 -o other.npy
  run tensor diff other.npy <(tensor slice many.npy 0:16)
  [ "$status" -eq 1 ]
  sample "$MODEL" -n 16 -s 18446744073709551615 -o largest.npy
  differ largest.npy other.npy
}

@test "sample: the same bytes at any number of threads" {
  same_at_threads sample "$MODEL" -n 40
  same_at_threads sample "$MODEL" --reconstruct "$SPRITES"
  same_at_threads sample "$MODEL" --interpolate 2,9 --data "$SPRITES" -n 20
}

@test "sample: the model through a pipe" {
  sample "$MODEL" -n 3 -o file.npy
  sample - -n 3 <"$MODEL" >pipe.npy
  same file.npy pipe.npy
  head -c 5000 "$MODEL" >short
  expect 3 sample - -n 3 -o out <short
  says 'standard input'
}

@test "sample: reconstructions" {
  expect 0 sample "$MODEL" --reconstruct "$SPRITES" -o again.npy
  [[ $(tensor info again.npy) = *'f32 [24, 16, 16, 3]'* ]]
  # Each by itself as among the others, and floats as bytes.
  sample "$MODEL" --reconstruct <(tensor slice "$SPRITES" 20:21) -o one.npy
  same one.npy <(tensor slice again.npy 20:21)
  tensor convert --to f32 --colours "$SPRITES" -o floats.npy
  sample "$MODEL" --reconstruct floats.npy -o of-floats.npy
  same again.npy of-floats.npy
  sample "$MODEL" --reconstruct - -o piped.npy <"$SPRITES"
  same again.npy piped.npy
  # A picture of one sprite.
  tensor slice "$SPRITES" 7:8 | montage --scale 1 --gap 0 -o seven.png
  sample "$MODEL" --reconstruct seven.png -o of-picture.npy
  same of-picture.npy <(tensor slice again.npy 7:8)
  # A model that has learned gives back something nearer to a sprite than to the next one.
  train --set training.steps=300 --set output.checkpoint_every=300 -o learned
  sample learned/model.safetensors --reconstruct floats.npy -o near.npy
  awk '{ a = $1 - $4; b = $2 - $5; c = $3 - $6; d += a * a + b * b + c * c } END { exit !(d / NR / 3 < 0.05) }' \
    <(paste -d' ' <(tensor print near.npy | sed '/^$/d') <(tensor print floats.npy | sed '/^$/d'))
}

@test "sample: reconstructions of what does not fit" {
  bad_file_rules sample "$MODEL" -o "$T/out" --reconstruct
  draw-tilemaps -q -n 2 -o maps.npy
  expect 3 sample "$MODEL" --reconstruct maps.npy -o out
  says 'maps.npy: sprites of 32 x 32 pixels with 3 channels; the model was trained on 16 x 16 with 3'
  draw-sprites -q -n 2 --keep-alpha -o alpha.npy
  expect 3 sample "$MODEL" --reconstruct alpha.npy -o out
  says 'with 4 channels; the model was trained on 16 x 16 with 3'
  montage --scale 1 --gap 0 maps.npy -o sheet.png
  expect 3 sample "$MODEL" --reconstruct sheet.png -o out
  says 'sheet.png'
  expect 3 sample "$MODEL" --reconstruct "$MODEL" -o out
  [ ! -e out ]
}

@test "sample: from one sprite to another" {
  sample "$MODEL" --reconstruct "$SPRITES" -o again.npy
  for n in 2 5 33; do
    expect 0 sample "$MODEL" --interpolate 3,17 --data "$SPRITES" -n $n -o way.npy
    [[ $(tensor info way.npy) = *"f32 [$n, 16, 16, 3]"* ]]
    tensor diff --tolerance 1e-6 <(tensor slice way.npy 0:1) <(tensor slice again.npy 3:4)
    tensor diff --tolerance 1e-6 <(tensor slice way.npy $((n - 1)):$n) <(tensor slice again.npy 17:18)
  done
  # There and back; the middle lies between.
  sample "$MODEL" --interpolate 17,3 --data "$SPRITES" -n 33 -o back.npy
  tensor diff --tolerance 1e-5 <(tensor slice way.npy 16:17) <(tensor slice back.npy 16:17)
  run tensor diff <(tensor slice way.npy 16:17) <(tensor slice way.npy 0:1)
  [ "$status" -eq 1 ]
  sample "$MODEL" --interpolate 3,17 --data "$SPRITES" -n 1 -o one.npy
  tensor diff --tolerance 1e-6 one.npy <(tensor slice again.npy 3:4)
  sample "$MODEL" --interpolate 5,5 --data "$SPRITES" -n 2 -o stays.npy
  same <(tensor slice stays.npy 0:1) <(tensor slice stays.npy 1:2)
}

@test "sample: ways that there are not" {
  for pair in 3 3, ,3 3,4,5 a,b '3;4' -1,2 '3, 4'; do
    expect 2 sample "$MODEL" --interpolate "$pair" --data "$SPRITES" -o out
    says '--interpolate'
  done
  expect 3 sample "$MODEL" --interpolate 3,24 --data "$SPRITES" -o out
  says 'sprites.npy: there is no sprite 24; it holds 0 to 23'
  expect 2 sample "$MODEL" --interpolate 18446744073709551616,0 --data "$SPRITES" -o out
  expect 2 sample "$MODEL" --interpolate 3,4 -o out
  says '--data'
  expect 3 sample "$MODEL" --interpolate 3,4 --data missing.npy -o out
  [ ! -e out ]
}

@test "sample: files that are no models" {
  bad_file_rules sample -n 1 -o "$T/out"
  refused "$SPRITES" ''
  refused "$SHARED/done/checkpoint.safetensors" 'is the checkpoint of a training run, expected its model'
  tensor slice "$SPRITES" 0:1 | montage -o picture.png
  refused picture.png ''
}

@test "sample: a model cut off at 200 places" {
  size=$(wc -c <"$MODEL")
  header=$(od -An -tu8 -N8 "$MODEL" | tr -d ' ')
  for ((k = 0; k < 200; k++)); do
    # All of the first bytes, places all over the header, places all over the numbers, and all of the last bytes.
    case $((k / 50)) in
      0) at=$k ;;
      1) at=$((50 + header * (k - 50) / 50)) ;;
      2) at=$((8 + header + (size - 8 - header) * (k - 100) / 50)) ;;
      3) at=$((size - 200 + k)) ;;
    esac
    head -c "$at" "$MODEL" >cut.safetensors
    expect 3 sample cut.safetensors -n 1 -o out
    says 'sample: cut.safetensors'
  done
  [ ! -e out ]
}

@test "sample: a small file of tensors, whole or cut off anywhere" {
  printf '{"__metadata__":{"format":"pixelmill model 1"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}    ' >json
  { number64 "$(wc -c <json)"; cat json; printf '\0\0\0\0\0\0\200\77'; } >small.safetensors
  tensor check small.safetensors
  refused small.safetensors "no 'method' in the metadata"
  truncation_rules small.safetensors sample -n 1 -o "$T/out"
}

@test "sample: models whose metadata lacks something or says something odd" {
  with_header "$MODEL" same.safetensors 's/x/x/'
  expect 0 sample same.safetensors -n 1 -o fine
  rm fine
  for key in format method config data_sha256 sprite palette step; do
    with_header "$MODEL" "no-$key.safetensors" "s/\"$key\":/\"was-$key\":/"
    refused "no-$key.safetensors" "no '$key' in the metadata"
  done
  while IFS='|' read -r script message; do
    with_header "$MODEL" odd.safetensors "$script"
    differ "$MODEL" odd.safetensors
    refused odd.safetensors "$message"
  done <<'EOF'
s/pixelmill model 1/pixelmill model 2/|format 'pixelmill model 2'; expected 'pixelmill model 1'
s/"method":"vae"/"method":"gan"/|the method 'gan', which this version does not know
s/method: vae/method: gan/|odd.safetensors
s/latent: 4/latent: 0/|model.latent
s/latent: 4/latent: 5/|the tensor 'mu.weight' is f32 [4, 1024]; expected f32 [5, 1024]
s/latent: 4/lament: 4/|model.lament
s/recon: mse/recon: l3/|loss.recon
s/"sprite":"16x16x3"/"sprite":"16x16"/|'sprite' is '16x16'
s/"sprite":"16x16x3"/"sprite":"16x16x3x1"/|'sprite'
s/"sprite":"16x16x3"/"sprite":"16x16x5"/|'sprite'
s/"sprite":"16x16x3"/"sprite":"0x16x3"/|'sprite'
s/"sprite":"16x16x3"/"sprite":"16x16x4"/|the tensor 'encoder.0.weight'
s/"sprite":"16x16x3"/"sprite":"18x16x3"/|the tensor
s/"sprite":"16x16x3"/"sprite":"32x16x3"/|the tensor
s/"palette":"[^"]*"/"palette":""/|'palette'
s/"palette":"[^"]*"/"palette":"00000g"/|'palette'
s/"palette":"[^"]*"/"palette":"12345"/|'palette'
s/"step":"12"/"step":"-1"/|'step' is '-1'
s/"step":"12"/"step":"many"/|'step' is 'many'
EOF
}

@test "sample: models with a tensor too few, too many, of another shape or type" {
  with_header "$MODEL" odd.safetensors 's/"mu.bias":/"nu.bias":/'
  refused odd.safetensors "the tensor 'mu.bias' is missing"
  with_header "$MODEL" odd.safetensors 's/"shape":\[1024,4\]/"shape":[4,1024]/'
  refused odd.safetensors "the tensor 'decode.weight' is f32 [4, 1024]; expected f32 [1024, 4]"
  with_header "$MODEL" odd.safetensors 's/"mu.bias":{"dtype":"F32"/"mu.bias":{"dtype":"I32"/'
  refused odd.safetensors "the tensor 'mu.bias' is i32 [4]; expected f32 [4]"
  size=$(($(wc -c <"$MODEL") - 8 - $(od -An -tu8 -N8 "$MODEL" | tr -d ' ')))
  with_header "$MODEL" odd.safetensors \
    "s/}\\( *\\)\$/,\"extra\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[$size,$((size + 8))]}}\\1/"
  printf '\0\0\0\0\0\0\0\0' >>odd.safetensors
  tensor check odd.safetensors
  refused odd.safetensors "the tensor 'extra' has no place in a vae model"
}

@test "sample: weights that are not numbers" {
  size=$(wc -c <"$MODEL")
  for number in '\0\0\300\177' '\0\0\200\177' '\0\0\200\377'; do
    { head -c $((size - 4)) "$MODEL"; printf "$number"; } >odd.safetensors
    refused odd.safetensors 'finite'
  done
}

# A sprite of 4 gigapixels would need tens of gigabytes; the file itself shows that it is not so.
@test "sample: a model that claims to be huge is refused before memory is asked for" {
  with_header "$MODEL" huge.safetensors 's/"sprite":"16x16x3"/"sprite":"16384x16384x3"/'
  refused huge.safetensors "the tensor 'mu.weight' is f32 [4, 1024]; expected f32 [4, 1073741824]"
  with_header "$MODEL" wide.safetensors 's/latent: 4/latent: 4096/'
  refused wide.safetensors "the tensor 'mu.weight' is f32 [4, 1024]; expected f32 [4096, 1024]"
}

@test "sample: outputs that fail" {
  full_device_rules sample "$MODEL" -n 2
  closed_pipe_rules sample "$MODEL" -n 64
  run bash -c 'sample "$MODEL" -n 64 2>/dev/null | head -c 10 | wc -c'
  [ "$output" -eq 10 ]
  expect 1 sample "$MODEL" -o no/such/folder/out
  echo precious >old
  for n in 1 2 3 4 5 6; do
    PIXELMILL_FAIL_WRITE=$n run --separate-stderr sample "$MODEL" -n 16 -o old
    # Once the file is in its place, only syncing its folder can fail.
    if [ "$status" -eq 0 ] || ! grep -q precious old; then break; fi
    [ "$status" -eq 1 ]
    [ "$(cat old)" = precious ]
    clean_folder .
  done
  [ "$n" -ge 3 ]
  for n in 1 10 40 100 200; do
    PIXELMILL_FAIL_ALLOCATION=$n run --separate-stderr sample "$MODEL" -o out
    [ "$status" -eq 1 ]
    says 'memory'
    [ ! -e out ]
  done
}

@test "sample: in a pipe to a picture in the palette's colours" {
  extract-palette "$SPRITES" -o palette.gpl
  sample "$MODEL" -n 64 | snap -q --palette palette.gpl | montage -o grid.png
  tensor check grid.png
  [ "$(od -An -tu1 -j 25 -N 1 grid.png | tr -d ' ')" -eq 3 ]
  sample "$MODEL" -n 64 | snap -q --palette palette.gpl -o snapped.npy
  [[ $(tensor info snapped.npy) = *'[64, 16, 16, 3]'* ]]
  same <(montage snapped.npy) grid.png
  # What every colour of it is: one of the palette's.
  tensor print snapped.npy | sed '/^$/d' | sort -u >colours
  sed -n 's/^ *\([0-9][0-9]*\)[ \t]*\([0-9][0-9]*\)[ \t]*\([0-9][0-9]*\).*/\1 \2 \3/p' palette.gpl | sort -u >allowed
  [ -z "$(comm -23 colours allowed)" ]
}

@test "sample: a number that would not be obeyed is refused" {
  for way in --reconstruct --encode --codes --bits; do
    for n in 3 16; do
      expect 2 sample "$MODEL" $way "$SPRITES" -n $n -o out
      says "--count is how many sprites to make; with $way there are as many as it is given"
    done
  done
  [ ! -e out ]
  # Options that one way of using models takes may be given to all of them.
  expect 0 sample "$MODEL" --draws 64 -o out
}

@test "sample: two outputs in one place are refused" {
  expect 2 sample "$MODEL" --dump-steps q.npy -o q.npy
  says '--dump-steps and --output cannot both go to q.npy'
}

@test "sample --interpolate: data without sprites" {
  tensor slice "$SPRITES" 0:0 -o empty.npy
  expect 3 sample "$MODEL" --interpolate 0,1 --data empty.npy -o out
  says 'empty.npy: holds no sprites to go from and to'
}
