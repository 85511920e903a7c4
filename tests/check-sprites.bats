# check-sprites: what it remarks, each remark made and not made.

load common
load pixels

@test "check-sprites: what every tool does" {
  usage_rules check-sprites
  bad_file_rules check-sprites -o "$T/out"
  full_device_rules check-sprites "$(small a.npy && echo a.npy)"
  expect 2 check-sprites --names a a.npy
  says '--names is for --labels'
}

# remarks TEXT: the last `expect` made just one remark, with this text in it.
remarks() {
  [ "$(grep -c '^- ' <<<"$output")" -eq 1 ] || { echo "$output" >&2; return 1; }
  prints "$1"
}

# The bytes of the hexadecimal digits on standard input; for more of them than `colours` takes in a moment.
# shellcheck disable=SC2059
bytes() { printf "$(sed 's/../\\x&/g')"; }

# Sprites of 4 x 4 in three colours, no two alike: a corner that tells up from down and left from right, then the number
# in binary. Half of them, here and there, are mirrored: the set has no side.
setup_file() {
  local i p hex='' one
  for ((i = 0; i < 220; i++)); do
    one=ffffffffffffffffffff0000ffffff
    for ((p = 0; p < 11; p++)); do
      if ((i >> p & 1)); then one+=00ff00; else one+=000000; fi
    done
    for ((p = 0; p < 16; p++)); do hex+=${one:6 * ((i * 40503 >> 9) % 2 ? p ^ 3 : p):6}; done
  done
  bytes <<<"$hex" >"$BATS_FILE_TMPDIR/many"
}
# many N: the first N of them, at most 220.
many() { head -c $((48 * $1)) "$BATS_FILE_TMPDIR/many"; }

@test "check-sprites: nothing to remark" {
  draw-sprites -q -n 1200 -o set.npy
  many 220 | npy fine.npy '|u1' '(220, 4, 4, 3)'
  expect 0 check-sprites fine.npy
  [ "$output" = '220 sprites of 4 x 4 pixels, 4 colours
nothing to remark' ]
  expect 0 check-sprites -o said fine.npy
  same said <(printf '%s\n' '220 sprites of 4 x 4 pixels, 4 colours' 'nothing to remark')
  same_at_threads check-sprites set.npy
}

@test "check-sprites: too few sprites" {
  many 100 | npy few.npy '|u1' '(100, 4, 4, 3)'
  expect 0 check-sprites few.npy
  remarks '100 sprites are few'
  expect 0 check-sprites --batch 100 --held-out 0.5 few.npy
  remarks 'where a batch takes 100: training will refuse'
  # As many as it says would be taken.
  enough=$(sed -n 's/.*SET=training.batch=\([0-9]*\).*/\1/p' <<<"$output")
  expect 0 check-sprites --batch "$enough" --held-out 0.5 few.npy
  remarks 'are few'
  expect 0 check-sprites --batch $((enough + 1)) --held-out 0.5 few.npy
  remarks 'will refuse'
  # Fewer than `score` compares with.
  for n in 9 10; do many $n | npy $n.npy '|u1' "($n, 4, 4, 3)"; done
  expect 0 check-sprites --batch 9 --held-out 0 9.npy
  prints '- 9 sprites to train on, and score compares with at least 10: it will refuse after the training.'
  expect 3 score --allow-few --held-out 0 --data 9.npy few.npy
  draw-sprites -q -n 9 -o drawn.npy
  expect 0 check-sprites --batch 32 drawn.npy # one SET with all
  prints '(make: SET="training.batch=9 data.held_out=0 training.keep=last training.stop_after=0 training.calibrate=false")'
  expect 0 check-sprites --batch 9 --held-out 0 10.npy
  [ "$(grep -c 'compares with' <<<"$output")" -eq 0 ]
  expect 0 score --allow-few --held-out 0 --data 10.npy few.npy
  # The trainers say the same.
  printf 'method: vae\ndata: {held_out: 0.5}\ntraining: {batch: %d, steps: 1}\n' $((enough + 1)) >config.yaml
  expect 3 train-vae -q -c config.yaml --data few.npy -o run
  expect 0 train-vae -q -c config.yaml --set training.batch="$enough" --data few.npy -o run
}

@test "check-sprites: an uncut sheet" {
  draw-sprites -q -n 60 | montage --scale 1 --gap 0 -o sheet.png
  expect 0 check-sprites sheet.png
  prints '1 sprite of 128 x 128 pixels, '
  remarks 'one sprite, as a picture counts: if it is a sheet of tiles, cut it first (slice-tiles --tile 16 sheet.png)'
  # So wherever there are too few.
  expect 3 label-tiles sheet.png -o out.npy
  says 'sheet.png: holds 1 sprite, expected at least as many as classes: 8; a picture counts as one sprite: cut a sheet of tiles with slice-tiles first'
  expect 3 score --data sheet.png sheet.png
  says 'a picture counts as one sprite'
  printf 'method: vae\ntraining: {batch: 4, steps: 1}\n' >config.yaml
  expect 3 train-vae -q -c config.yaml --data sheet.png -o run
  says 'a picture counts as one sprite'
  [ ! -e out.npy ] && [ ! -e run/model.safetensors ]
  # What it says helps.
  slice-tiles -q --tile 16 sheet.png -o cut.npy
  expect 0 train-vae -q -c config.yaml --data cut.npy -o run
}

@test "check-sprites: enlarged pixels" {
  many 220 | npy set.npy '|u1' '(220, 4, 4, 3)'
  montage --scale 3 --gap 0 --columns 10 set.npy -o large.png
  expect 0 slice-tiles --tile 12 large.png -o large.npy
  says 'each pixel is drawn 3 x 3: --shrink 3 makes sprites of 4 x 4'
  expect 0 check-sprites large.npy
  remarks 'each pixel is drawn 3 x 3'
  prints 'slice-tiles --shrink 3 makes them 4 x 4.'
  slice-tiles -q --tile 12 --shrink 3 large.png -o small.npy
  same small.npy set.npy
  expect 0 slice-tiles --tile 4 large.png -o /dev/null
  says '--shrink 3 --tile 12 makes sprites of 4 x 4'
  # A single pixel that is not enlarged is enough.
  printf '\1\2\3' | dd of=large.npy bs=1 seek=128 conv=notrunc status=none
  expect 0 check-sprites large.npy
  [[ $output != *'is drawn'* ]]
}

@test "check-sprites: sprites without an opaque pixel" {
  { many 219 | od -An -v -tx1 | tr -d ' \n' | sed 's/....../&ff/g' && printf '%0128d' 0 | sed 's/00000000/0a0b0c7f/'; } >hex
  bytes <hex | npy set.npy '|u1' '(220, 4, 4, 4)'
  expect 0 check-sprites set.npy
  prints '- 1 sprite without an opaque pixel'
  prints '- 1 pixel is half transparent'
}

@test "check-sprites: copies and families" {
  { many 220 && many 3 | tail -c 48; } | npy set.npy '|u1' '(221, 4, 4, 3)'
  expect 0 check-sprites set.npy
  remarks '1 sprite is an exact copy of an earlier one (the first: number 220 is number 2)'
  # Number 5 with its red as blue, and another whose rows are moved down by one.
  { many 220 && many 6 | tail -c 48 | sed 's/\xff\x00\x00/\x00\x00\xff/' &&
    many 8 | tail -c 48 | { head -c 36 >top && cat top >/dev/null && cat; } && cat top; } | npy set.npy '|u1' '(222, 4, 4, 3)'
  expect 0 check-sprites set.npy
  prints '- 2 sprites are each an earlier one mirrored, shifted or recoloured (the first: number 220 and number 5)'
  [ "$(grep -c 'exact copy' <<<"$output")" -eq 0 ]
}

@test "check-sprites: light from one side" {
  draw-sprites -q -n 1200 -o lit.npy
  expect 0 check-sprites lit.npy
  prints '- lit from one side, or facing one way: mirrored copies would not look like the others. augment.flip: auto leaves them out'
  draw-tilemaps -q -n 300 -o maps.npy
  expect 0 check-sprites maps.npy
  [[ $output != *'lit from one side'* ]]
  # More colours than a palette holds: the trainer and it agree.
  bytes < <(od -An -tx1 -v -j 128 -N $((768 * 300)) lit.npy | tr -d ' \n' | sed 's/\(......\)\(......\)/\1\2/g') >plain
  head -c $((768 * 300)) plain | npy plain.npy '|u1' '(300, 16, 16, 3)'
  expect 0 check-sprites plain.npy
  prints '- lit from one side'
}

@test "check-sprites: colours, transparency" {
  { many 219 && colours 010203 010203 0a0b0c && many 1 | tail -c 39; } | npy set.npy '|u1' '(220, 4, 4, 3)'
  expect 0 check-sprites set.npy
  remarks '2 of 6 colours stand in one or two pixels of the whole set (0a0b0c, 010203)'
  prints 'make: COLOURS=4'
  # Two pixels more, and one of the colours is none of the rare.
  { many 218 && colours 010203 010203 0a0b0c 010203 && many 1 | tail -c 36 && many 219 | tail -c 48; } |
    npy set.npy '|u1' '(220, 4, 4, 3)'
  expect 0 check-sprites set.npy
  remarks '1 of 6 colours stands in one or two pixels of the whole set (0a0b0c)'
  { for ((i = 0; i < 257; i++)); do printf '%02x%02x00' $((i & 255)) $((i >> 8)); done; } >hex
  bytes <hex | npy all.npy '|u1' '(257, 1, 1, 3)'
  expect 0 check-sprites all.npy
  prints '- 257 colours, and a palette holds 256'
  head -c $((256 * 6)) hex | bytes | npy all.npy '|u1' '(256, 1, 1, 3)'
  expect 0 check-sprites all.npy
  [ "$(grep -c 'a palette holds' <<<"$output")" -eq 0 ]
  # The transparent one needs a place in the palette, too.
  { for ((i = 0; i < 256; i++)); do printf '%02x0000ff' "$i"; done; } >hex
  { cat hex && echo 00000000; } | bytes | npy clear.npy '|u1' '(257, 1, 1, 4)'
  expect 0 check-sprites clear.npy
  prints '- 257 colours with the transparent one, and a palette holds 256'
  [ "$(grep -c 'stand' <<<"$output")" -eq 0 ]
  { head -c $((255 * 8)) hex && echo 0000000000000000; } | bytes | npy clear.npy '|u1' '(257, 1, 1, 4)'
  expect 0 check-sprites clear.npy
  [ "$(grep -c 'a palette holds' <<<"$output")" -eq 0 ]
  many 220 | od -An -v -tx1 | tr -d ' \n' | sed 's/....../&ff/g; s/ff$/01/; s/^\(......\)ff/\100/' >hex
  bytes <hex | npy glass.npy '|u1' '(220, 4, 4, 4)'
  expect 0 check-sprites glass.npy
  remarks '1 pixel is half transparent'
}

@test "check-sprites: classes" {
  many 220 | npy set.npy '|u1' '(220, 4, 4, 3)'
  classes() { # classes COUNT...: labels 0, 1, … so many times each
    local class=0 count k
    for count in "$@"; do
      for ((k = 0; k < count; k++)); do printf "\\x$class\\0\\0\\0"; done
      class=$((class + 1))
    done | npy labels.npy '<i4' '(220,)'
  }
  classes 205 7 8
  printf '%s\n' hats swords shields >names.txt
  expect 0 check-sprites --labels labels.npy --names names.txt set.npy
  remarks '1 of 3 classes has fewer than 8 sprites (swords with 7)'
  # Named classes are somebody's own, or folders: another number of them is no way out.
  prints 'Draw more of them, put them into a class that they are like (folders: move the pictures), or leave them out.'
  [[ $output != *CLASSES=* ]]
  expect 0 check-sprites --labels labels.npy set.npy
  remarks '(class-1 with 7)'
  printf '%s\n' class-0 class-1 class-2 >found.txt
  expect 0 check-sprites --labels labels.npy --names found.txt set.npy
  prints 'Draw more of them, or have fewer classes (make: CLASSES=2, or 0 for none).'
  classes 204 8 8
  expect 0 check-sprites --labels labels.npy set.npy
  prints 'nothing to remark'
  small few.npy
  expect 3 check-sprites --labels labels.npy few.npy
  says 'labels.npy: i32 [220]; expected i32 [2]: a label for each sprite of few.npy'
  echo hats >names.txt
  expect 3 check-sprites --labels labels.npy --names names.txt set.npy
  says 'names.txt: 1 name of classes; the labels have 3 classes'
}

@test "check-sprites: labels are read as training reads them" {
  many 60 | npy set.npy '|u1' '(60, 4, 4, 3)'
  labels() { # labels TYPE BYTES: the first sprite's label is that, all others' are 0
    { printf "$2" && head -c $((59 * ${1#??})) /dev/zero; } | npy labels.npy "$1" '(60,)'
  }
  printf '%s\n' a b c >three.txt
  head -n 2 three.txt >two.txt
  printf 'method: vae\ntraining: {batch: 4, steps: 1}\n' >config.yaml
  # The largest number says how many classes there are, also where nothing is of one.
  labels '<i4' '\2\0\0\0'
  expect 0 check-sprites --labels labels.npy --names three.txt set.npy
  prints '2 of 3 classes have fewer than 8 sprites (b with 0, c with 1)'
  expect 3 check-sprites --labels labels.npy --names two.txt set.npy
  says 'two.txt: 2 names of classes; the labels have 3 classes'
  expect 3 train-ddpm -q -c config.yaml --set method=ddpm --data set.npy --labels labels.npy --class-names two.txt -o run
  says 'the labels have 3 classes'
  # What training refuses is refused in its words.
  for bad in '<i4 \373\377\377\377' '<i4 \0\0\1\0' '|u1 \2'; do
    labels ${bad% *} "${bad#* }"
    expect 3 check-sprites --labels labels.npy set.npy
    refused=${stderr#check-sprites: }
    expect 3 train-ddpm -q -c config.yaml --set method=ddpm --data set.npy --labels labels.npy -o run
    [ "${stderr#train-ddpm: }" = "$refused" ]
  done
}

@test "check-sprites: sprites that are all held out" {
  # One that is held out, 60 times.
  draw-sprites -q -n 16 | tensor slice - 15:16 -o one.npy
  # shellcheck disable=SC2046
  tensor concat $(for ((i = 0; i < 60; i++)); do echo one.npy; done) -o same.npy
  share=0.1
  expect 0 check-sprites --held-out $share same.npy
  prints '- all sprites (60) are held out, and none is left to train on: training will refuse.'
  prints '(make: SET="data.held_out=0 training.keep=last training.stop_after=0 training.calibrate=false")'
  [ "$(grep -c 'training.batch' <<<"$output")" -eq 0 ]
  printf 'method: vae\ndata: {held_out: %s}\ntraining: {batch: 4, steps: 1}\n' $share >config.yaml
  expect 3 train-vae -q -c config.yaml --data same.npy -o run
  # What it says helps.
  printf 'training: {keep: best, stop_after: 2}\n' >>config.yaml
  sed -i -e 's/^training: {batch: 4, steps: 1}$/training.batch: 4/' config.yaml
  without=(--set data.held_out=0 --set training.keep=last --set training.stop_after=0 --set training.calibrate=false)
  expect 0 train-vae -q -c config.yaml "${without[@]}" --set training.steps=1 --data same.npy -o run
  expect 0 check-sprites --held-out 0 same.npy
  [ "$(grep -c 'training will refuse' <<<"$output")" -eq 0 ]
  expect 3 score --allow-few --held-out $share --data same.npy same.npy
  says 'same.npy: all its sprites (60) are held out, which leaves none to compare with; expected at least 50 (--held-out 0 holds out none)'
  # One that is not, 60 times.
  draw-sprites -q -n 16 | tensor slice - 0:1 -o one.npy
  # shellcheck disable=SC2046
  tensor concat $(for ((i = 0; i < 60; i++)); do echo one.npy; done) -o same.npy
  expect 0 check-sprites same.npy
  prints '- none of the sprites is held out'
  expect 3 train-vae -q -c config.yaml --set data.held_out=0.1 --data same.npy -o none
  says 'training.stop_after needs held-out sprites'
  expect 0 train-vae -q -c config.yaml "${without[@]}" --set training.steps=1 --data same.npy -o none
  extract-palette -q same.npy -o palette.gpl
  patches=(train-patch-ar -q -c "$REPO/configs/patch-ar.yaml" --preset smoke --set training.steps=1 --palette palette.gpl --data same.npy)
  expect 3 "${patches[@]}" "${without[@]:0:6}" -o patches
  says 'training.calibrate needs held-out sprites (data.held_out; 0 are); training.calibrate: false goes without'
  expect 0 "${patches[@]}" "${without[@]}" -o patches
  expect 0 check-sprites --held-out 0 same.npy
  [[ $output != *'none of the sprites is held out'* ]]
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  expect 0 check-sprites none.npy
  prints '- no sprites to train on'
}
