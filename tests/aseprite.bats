# Aseprite's files, made by another writer (aseprite-files.py), wherever PNG pictures are read.

load common
load pixels

setup_file() {
  command -v python3 >/dev/null || return 0
  cd "$BATS_FILE_TMPDIR" && python3 "$BATS_TEST_DIRNAME/aseprite-files.py"
}

setup() {
  command -v python3 >/dev/null || skip 'no python3'
  T=$BATS_TEST_TMPDIR
  FILES=$BATS_FILE_TMPDIR
  cd "$T" || return 1
}

# pixels FILE: those of all its sprites, as text.
pixels() {
  montage -q --scale 1 --gap 0 --columns 1 --keep-alpha "$1" -o pixels.png
  tensor print pixels.png
}

@test "aseprite: layers, opacity, cels, colour modes, palettes and order give the pixels that they should" {
  for file in "$FILES"/*.npy; do
    same <(pixels "${file%.npy}.aseprite") <(pixels "$file")
  done
}

@test "aseprite: each frame is a sprite, in every tool" {
  expect 0 check-sprites "$FILES/indexed.aseprite"
  prints '2 sprites'
  printf '000000\nff0000\n00ff00\n0000ff\n00000000\nfafa00\n' >p.hex
  snap -q -p p.hex "$FILES/indexed.aseprite" -o snapped.npy
  same snapped.npy "$FILES/indexed.npy"
  snap -q -p p.hex - <"$FILES/indexed.aseprite" -o snapped.npy
  same snapped.npy "$FILES/indexed.npy"
  # The ending of the name says nothing.
  cp "$FILES/indexed.aseprite" a.ase
  cp "$FILES/indexed.aseprite" a.png
  same <(pixels a.ase) <(pixels a.png)
}

@test "aseprite: a sheet is cut, frame after frame" {
  expect 0 slice-tiles --tile 2 "$FILES/sheet.aseprite" -o tiles.npy
  says '16 tiles, 16 kept'
  slice-tiles -q --tile 8x4 --keep-alpha "$FILES/sheet.aseprite" -o frames.npy
  same frames.npy "$FILES/sheet.npy"
  montage -q --scale 1 --gap 0 --columns 1 <(tensor slice frames.npy 0:1) -o first.png
  montage -q --scale 1 --gap 0 --columns 1 <(tensor slice frames.npy 1:2) -o second.png
  slice-tiles -q --tile 2 first.png second.png -o expected.npy
  same tiles.npy expected.npy
  # What does not divide is named with its frame.
  expect 3 slice-tiles --tile 3 "$FILES/sheet.aseprite"
  says 'sheet.aseprite: frame 0 (8 x 4)'
  # Frames count as one sheet where sheets are counted.
  slice-tiles -q --tile 2 first.png "$FILES/sheet.aseprite" -o all.npy
  [[ $(tensor info all.npy) == *'[24, 2, 2, 3]'* ]]
}

@test "aseprite: its palette in its order" {
  expect 0 extract-palette --stored "$FILES/indexed.aseprite" -o p.hex
  says '6 colours'
  printf '000000\nff0000\n00ff00\n00000000\n0000ff\n010203\n' >expected
  same p.hex expected
  extract-palette -q --stored "$FILES/background.aseprite" -o p.hex
  printf '000000\nff0000\n00ff00\n090909\n0000ff\n010203\n' >expected
  same p.hex expected
  extract-palette -q --stored "$FILES/old.aseprite" -o p.hex
  printf '000000\nff0000\n00000000\n00ff00\n55aaff\n' >expected
  same p.hex expected
  extract-palette -q --stored - <"$FILES/older.aseprite" -o p.hex
  printf '000000\nff0000\n00ff00\n0482fb\n55aa28\n' >expected
  same p.hex expected
  expect 3 extract-palette --stored "$FILES/rgba.aseprite"
  says 'rgba.aseprite: holds no colours, expected a palette'
  # Palettes of other kinds, too.
  printf 'ff0000\n0000ff\n' >p.hex
  extract-palette -q --stored p.hex -o p.gpl
  extract-palette -q --stored p.gpl -o again.hex
  same p.hex again.hex
  expect 2 extract-palette --stored p.hex p.gpl
  expect 2 extract-palette --stored -k 2 p.hex
  small a.npy
  printf '000000\nff0000\n00ff00\n0000ff\n' >rgb.hex
  snap -q -p "$FILES/indexed.aseprite" a.npy -o one.npy
  snap -q -p rgb.hex a.npy -o two.npy
  same one.npy two.npy
}

@test "aseprite: what a flattened picture would not show is refused, with a way out" {
  refused() {
    expect 3 montage "$FILES/$1.aseprite" -o out.png
    says "$1.aseprite: byte $2"
    [ ! -e out.png ]
  }
  refused tilemap "150: the layer 'map' is a tilemap, expected one of pixels: flatten it in Aseprite"
  refused multiply "150: the layer 'shade' is blended by Multiply, expected Normal: flatten it in Aseprite"
  refused group "150: the group 'all' is blended as a whole (Normal, opacity 100 of 255)"
  refused beyond '257: a pixel of frame 0 has the colour 6, and the palette has 6'
  refused link '191: a cel of frame 1 is linked with frame 1, expected an earlier one'
  refused damaged '195: the compressed pixels of a cel are damaged, or are not 2 x 2'
}

@test "aseprite: cut off anywhere it is refused" {
  truncation_rules "$FILES/old.aseprite" montage -o "$T/out"
  truncation_rules "$FILES/old.aseprite" extract-palette --stored -o "$T/out"
}
