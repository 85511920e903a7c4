# What is written goes by the name that it is given: a .png is a picture, and a name of another kind is refused.
bats_require_minimum_version 1.5.0
load common
load pixels
load training

setup_file() { tiny_training; }

is_png() { [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]; }

# pictures FILE.png FILE.npy: the picture is what montage makes of the array.
pictures() {
  is_png "$1"
  montage "$2" -o like.png
  [ "$(content "$1")" = "$(content like.png)" ]
}

@test "-o x.png: sprites become a picture as montage's" {
  cp "$SPRITES" sprites.npy
  extract-palette -q -k 4 sprites.npy -o four.gpl
  montage -q --scale 1 --gap 0 sprites.npy -o sheet.png
  draw-sprites -n 30 -s 5 -o new.npy
  both() { # both COMMAND...: with -o out.npy and -o out.png
    "$@" -o out.npy
    "$@" -o out.png
    pictures out.png out.npy
  }
  both sample "$MODEL" -n 9
  both sample "$MODEL" --reconstruct sprites.npy
  both snap -q -p four.gpl sprites.npy
  both slice-tiles -q sheet.png
  both draw-sprites -n 20 --keep-alpha
  both draw-tilemaps -n 5
  both tensor slice sprites.npy 3:7
  both tensor concat sprites.npy sprites.npy
  both tensor convert --to f32 --colours sprites.npy
  both score -q --held-out 0 --data sprites.npy --keep-novel new.npy
  both score -q --held-out 0 --data sprites.npy --keep-best 4 new.npy
  mkdir -p a b
  cp sheet.png a
  cp sheet.png b
  label-tiles -q --folders a b -o labels.npy --sprites out.npy
  label-tiles -q --folders a b -o labels.npy --sprites out.png
  pictures out.png out.npy
}

@test "-o x.png: one sprite stays as it is, pixel for pixel" {
  colours ff0000ff 00000000 00ff00ff 0000ffff | npy one.npy '|u1' '(1, 2, 2, 4)'
  montage -q --scale 1 --gap 0 --keep-alpha one.npy -o one.png
  printf 'ff0000\n0000ff\n00000000\n' >three.hex
  snap -q -p three.hex one.png -o snapped.png
  snap -q -p three.hex one.png -o snapped.npy
  [ "$(content snapped.png)" = "$(content snapped.npy)" ]
  is_png snapped.png
}

@test "-o x.png: more sprites than a picture of montage's holds make a smaller one" {
  draw-sprites -n 1200 -o many.PNG
  is_png many.PNG
  draw-sprites -n 1200 -o many.npy
  montage --scale 4 many.npy -o four.png
  [ "$(content many.PNG)" = "$(content four.png)" ]
  draw-sprites -n 10000 -o more.png
  draw-sprites -n 10000 -o more.npy
  montage --scale 1 --columns 16 more.npy -o wide.png
  [ "$(content more.png)" = "$(content wide.png)" ]
}

refused() { # refused TEXT COMMAND...: status 2 before anything is written, and TEXT
  expect 2 "${@:2}"
  says "$1"
  [ -z "$(ls [xy].* 2>/dev/null)" ]
}

@test "what is no picture is not written under a picture's name" {
  cp "$SPRITES" sprites.npy
  label-tiles -q -k 2 sprites.npy -o labels.npy
  array='x.png: is the name of a PNG picture, and what goes there is a NumPy array, expected a name that ends in .npy'
  refused "$array" label-tiles -k 2 sprites.npy -o x.png
  refused "$array" draw-sprites --labels x.png -o y.npy
  refused "$array" draw-tilemaps --labels x.png -o y.npy
  refused "$array" sample "$MODEL" --save-labels x.png -o y.npy
  refused 'x.png: is the name of a picture, and what goes there is no sprites: an array i32 [24], expected .npy' \
    tensor concat labels.npy -o x.png
  text='x.png: is the name of a PNG picture, and what goes there is text'
  refused "$text" check-sprites sprites.npy -o x.png
  refused "$text" report "$SHARED/done" -o x.png
  refused "$text" score sprites.npy --data sprites.npy -o x.png
  refused "$text" tensor info sprites.npy -o x.png
  refused "$text" draw-tilemaps --judge sprites.npy -o x.png
  refused "$text" draw-sprites --list -o x.png
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  expect 3 tensor slice none.npy : -o x.png
  says 'x.png: is to be a picture of sprites, and there are none'
  [ ! -e x.png ]
}

@test "a name of another kind is refused, whoever writes" {
  cp "$SPRITES" sprites.npy
  extract-palette -q sprites.npy -o all.gpl
  for ending in jpg JPEG gif webp bmp aseprite csv npz safetensors gpl; do
    refused 'expected .npy for a NumPy array or .png for a picture' sample "$MODEL" -o x.$ending
    refused 'expected .npy for a NumPy array or .png for a picture' snap -p all.gpl sprites.npy -o x.$ending
    refused 'expected a name that ends in .npy' label-tiles -k 2 sprites.npy -o x.$ending
  done
  for ending in npy jpg txt; do
    refused 'expected a name that ends in .png' montage sprites.npy -o x.$ending
    refused 'expected a name that ends in .png' score sprites.npy --data sprites.npy --nearest 2 -o x.$ending
  done
  refused 'text, expected a name such as' score sprites.npy --data sprites.npy -o x.npy
  for ending in safetensors npy png; do
    refused 'and what goes there is a folder' train-vae -c "$CONFIG" --data sprites.npy -o x.$ending
  done
  # An unknown ending is nobody's.
  sample "$MODEL" -o samples.dat
  sample "$MODEL" -o samples
  same samples samples.dat
}

@test "the best samples as a sheet; where all are copies, the sheet says so" {
  train --set data.held_out=0 -o all
  extract-palette -q "$SPRITES" -o all.gpl
  draw-sprites -n 12 -s 7 -o new.npy
  best() { TOOLS=$PM_BUILD/bin bash "$REPO/pipeline/best.sh" 4 "$1" "$SPRITES" all/model.safetensors all.gpl -o "$2"; }
  best new.npy new.png
  [[ $(tensor info new.png) == *'u8 [1, 16, 64, 3]'* ]]
  best "$SPRITES" copies.png
  is_png copies.png
  [[ $(tensor info copies.png) != *'[1, 1, 1, '* ]]
}
