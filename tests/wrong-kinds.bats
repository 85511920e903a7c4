# Files of one kind in the place of another: each tool says what the file is and what was expected, with exit status 3.
bats_require_minimum_version 1.5.0
load common
load pixels
load training

setup_file() {
  tiny_training
  cd "$BATS_FILE_TMPDIR" || return 1
  mkdir kinds kinds/folder
  montage -q "$SPRITES" -o kinds/picture.png
  cp "$SPRITES" kinds/array.npy
  cp "$MODEL" kinds/model.safetensors
  cp done/checkpoint.safetensors kinds/checkpoint.safetensors
  cp tiny.yaml kinds/config.yaml
  printf 'GIMP Palette\n0 0 0\n' >kinds/palette.gpl
  printf '\xff\xd8\xff\xe0\0\x10JFIF\0\1\1' >kinds/photo.jpg
  printf 'PK\3\4\24\0\0\0\10\0' >kinds/archive.npz
  printf 'potions\nswords\n' >kinds/names.txt
  printf '\xff\xfeo\0n\0e\0\n\0' >kinds/utf16.txt
  printf '\0\2\3\4\5\6\7\10\11\12\13\14' >kinds/strange
  : >kinds/empty
}

# The words for each.
words() {
  case $1 in
    picture.png) echo 'is a PNG picture, expected' ;;
    array.npy) echo 'is an .npy array, expected' ;;
    model.safetensors | checkpoint.safetensors) echo 'is a model or checkpoint (.safetensors), expected' ;;
    config.yaml) echo 'is a configuration (.yaml), expected' ;;
    palette.gpl) echo "is text that begins with 'GIMP Palette', expected" ;;
    photo.jpg) echo 'is a JPEG picture, expected' ;;
    archive.npz) echo 'is a ZIP archive' ;;
    names.txt) echo "is text that begins with 'potions', expected" ;;
    utf16.txt) echo 'is text in UTF-16 and not in UTF-8, expected' ;;
    strange) echo 'is of an unknown kind, expected' ;;
    empty) echo 'is empty, expected' ;;
    folder) echo 'is a folder, expected' ;;
  esac
}

# refuses 'KIND...' EXPECTED COMMAND...: the command, given one of these behind it, says what it is and what was expected.
refuses() {
  local kinds=$1 expected=$2 kind
  shift 2
  for kind in $kinds; do
    expect 3 "$@" "$BATS_FILE_TMPDIR/kinds/$kind"
    says "kinds/$kind: $(words "$kind")"
    says "$expected"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    [ ! -e "$T/out" ]
  done
}

@test "in the place of a model" {
  all='picture.png array.npy config.yaml palette.gpl photo.jpg archive.npz names.txt strange empty folder'
  refuses "$all" 'expected a model or checkpoint (.safetensors)' sample -o out
  refuses "$all" 'expected a model' score "$SPRITES" --data "$SPRITES" -o out --model
  refuses "$all" 'expected a model' fit-prior -c "$REPO/configs/prior.yaml" --data "$SPRITES" -o out --vqvae
  for kind in $all; do [ "$kind" = folder ] || cp "$BATS_FILE_TMPDIR/kinds/$kind" "$kind.safetensors"; done
  expect 3 tensor info picture.png.safetensors
  says 'picture.png.safetensors: is a PNG picture, expected'
  expect 3 sample "$BATS_FILE_TMPDIR/kinds/checkpoint.safetensors" -o out
  says 'checkpoint.safetensors: is the checkpoint of a training run, expected its model'
  expect 3 sample "$SHARED/done" -o out
  says "done: is the folder of a training run, expected its model: $SHARED/done/model.safetensors"
  [ ! -e out ]
}

@test "in the place of sprites" {
  all='model.safetensors checkpoint.safetensors config.yaml palette.gpl photo.jpg archive.npz names.txt utf16.txt strange empty'
  wanted='expected a NumPy array (.npy), a PNG picture or an Aseprite file'
  refuses "$all" "$wanted" montage -o out
  refuses "$all" "$wanted" check-sprites -o out
  refuses "$all" "$wanted" train-vae -c "$CONFIG" -o out --data
  refuses "$all" "$wanted" score --data "$SPRITES" -o out
  refuses "$all" "$wanted" score "$SPRITES" -o out --data
  refuses "$all" "$wanted" sample "$MODEL" -o out --reconstruct
  refuses "$all" "$wanted" extract-palette -o out.gpl
  refuses "$all" "$wanted" label-tiles -k 2 -o out
  refuses "$all" "$wanted" draw-tilemaps --judge -o out
  refuses "$all" "$wanted" snap -p "$BATS_FILE_TMPDIR/kinds/palette.gpl" -o out
  # A folder of pictures would do.
  expect 3 extract-palette "$BATS_FILE_TMPDIR/kinds/folder" -o out
  says 'kinds/folder: holds no .png files, expected'
}

@test "in the place of other arrays" {
  all='picture.png model.safetensors config.yaml palette.gpl photo.jpg archive.npz names.txt strange empty folder'
  wanted='expected a NumPy array (.npy)'
  refuses "$all" "$wanted" train-vae -c "$CONFIG" --data "$SPRITES" -o out --labels
  refuses "$all" "$wanted" check-sprites "$SPRITES" -o out --labels
  refuses "$all" "$wanted" label-tiles -o out --from
  refuses "$all" "$wanted" score "$SPRITES" --data "$SPRITES" --allow-few -o out --bits
  # Sprites where numbers are wanted.
  expect 3 label-tiles -o out --from "$SPRITES"
  says 'sprites.npy: '
  [ ! -e out ]
}

@test "in the place of a configuration, of names, of a table, of commands" {
  all='picture.png array.npy model.safetensors photo.jpg archive.npz utf16.txt strange folder'
  refuses "$all" 'expected a configuration (.yaml)' train-vae --data "$SPRITES" -o out -c
  label-tiles -q -k 2 "$SPRITES" -o labels.npy
  refuses "$all" 'expected names of classes, one a line' train-vae -c "$CONFIG" --data "$SPRITES" --labels labels.npy -o out --class-names
  refuses "$all" 'expected names of classes, one a line' check-sprites "$SPRITES" --labels labels.npy -o out --names
  refuses "$all" 'expected a table (.tsv)' report "$SHARED/done" -o out --figures
  refuses "$all" 'expected a text of commands' report "$SHARED/done" -o out --commands
  # A text of another kind is refused with its line.
  expect 3 train-vae --data "$SPRITES" -o out -c "$BATS_FILE_TMPDIR/kinds/palette.gpl"
  says 'palette.gpl:'
  [ ! -e out ]
}

@test "in the place of a run's folder" {
  for kind in picture.png model.safetensors config.yaml empty; do
    expect 3 report "$BATS_FILE_TMPDIR/kinds/$kind" -o out
    says "$kind: is a file, expected the folder of a training run"
  done
}
