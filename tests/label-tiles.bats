# label-tiles: classes by looks, by folders, from other numbers.

load common
load pixels

# picture FILE RRGGBB...: a PNG of 2 x 1 tiles of 2 x 2 pixels, each of one colour but for a black corner.
picture() {
  local first=$2 second=$3
  colours 000000 "$first" "$second" 000000 "$first" "$first" "$second" "$second" | npy "$T/picture.npy" '|u1' '(1, 2, 4, 3)'
  montage --scale 1 --gap 0 "$T/picture.npy" -o "$1"
}

# Twenty sprites: ten red ones, six blue ones, four green ones, in turns as far as they go.
crowd() {
  local i hex=()
  for i in $(seq 10); do
    hex+=("ff0$((i % 3))0$((i % 2))" 000000 ff0000 ff0000)
    [ "$i" -gt 6 ] || hex+=("0$((i % 3))00f$i" 000000 0000ff 0000ff)
    [ "$i" -gt 4 ] || hex+=(00ff0"$i" 000000 00ff00 00ff00)
  done
  colours "${hex[@]}" | npy "$1" '|u1' '(20, 2, 2, 3)'
}

# holds FILE NUMBER...: the labels in it.
holds() {
  local file=$1
  shift
  [ "$(tensor print "$file" | xargs)" = "$*" ]
}

@test "label-tiles: what every tool does" {
  usage_rules label-tiles
  crowd crowd.npy
  expect 2 label-tiles -k 0 crowd.npy
  expect 2 label-tiles -k 65537 crowd.npy
  expect 2 label-tiles --restarts 0 crowd.npy
  expect 2 label-tiles --restarts many crowd.npy
  [ -z "$output" ]
}

@test "label-tiles: options that do not go together" {
  crowd crowd.npy
  label-tiles -q -k 3 crowd.npy -o labels.npy
  expect 2 label-tiles --folders --from labels.npy .
  says 'exclude each other'
  expect 2 label-tiles --folders
  says 'at least one folder'
  expect 2 label-tiles --folders -k 3 .
  says '--classes is for classes by looks'
  expect 2 label-tiles --from labels.npy --restarts 3
  says '--restarts'
  expect 2 label-tiles --from - - <labels.npy
  says 'standard input'
  for option in --tile=8 --margin=1 --spacing=1 --density=0.1:1 --background=ffffff --transparent=ff00ff \
    --sprites=sprites.npy --keep-alpha --drop-flat --distinct; do
    expect 2 label-tiles -k 3 crowd.npy "$option" -o out
    says "${option%%=*} is for --folders"
    expect 2 label-tiles --from labels.npy "$option" -o out
    [ ! -e out ]
  done
  expect 2 label-tiles -k 3 crowd.npy --tile=16 -o out # the default changes as little
}

@test "label-tiles: bad files" {
  bad_file_rules label-tiles -o "$T/out"
  bad_file_rules label-tiles -o "$T/out" --from
  crowd crowd.npy
  expect 3 label-tiles -k 3 crowd.npy missing -o out
  colours ff0000 | npy other.npy '|u1' '(1, 1, 1, 3)'
  expect 3 label-tiles -k 3 crowd.npy other.npy -o out
  says other.npy
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  expect 3 label-tiles -k 3 none.npy -o out
  says 'none.npy: holds 0 sprites, expected at least as many as classes: 3'
  expect 3 label-tiles -k 21 crowd.npy -o out
  says 'crowd.npy: holds 20 sprites, expected at least as many as classes: 21'
  [ ! -e out ]
  # Twice the same sprites.
  expect 3 label-tiles -k 21 crowd.npy crowd.npy -o out
  says 'sprites that differ'
  [ ! -e out ]
}

@test "label-tiles: an input cut off anywhere is refused" {
  small a.npy
  truncation_rules a.npy label-tiles -k 1 -o "$T/out"
  label-tiles -q -k 1 a.npy -o labels.npy
  truncation_rules labels.npy label-tiles -o "$T/out" --from
}

@test "label-tiles: outputs that fail" {
  crowd crowd.npy
  full_device_rules label-tiles -q -k 3 crowd.npy
  expect 1 label-tiles -k 3 crowd.npy -o no/such/folder/out
  expect 1 label-tiles -k 3 crowd.npy --names no/such/folder/names -o out
  [ ! -e out ]
  printf old >out
  for n in 1 2 3; do
    PIXELMILL_FAIL_WRITE=$n expect 1 label-tiles -k 3 crowd.npy -o out
    PIXELMILL_FAIL_ALLOCATION=$n expect 1 label-tiles -k 3 crowd.npy -o out
    [ "$(cat out)" = old ]
  done
  [ "$(find . -name '.out*' | wc -l)" -eq 0 ]
}

@test "label-tiles: sprites that look alike, the largest class first" {
  crowd crowd.npy
  expect 0 label-tiles -k 3 crowd.npy --names names.txt -o labels.npy
  says '20 sprites in 3 classes'
  says '  0     10  class-0'
  says '  1      6  class-1'
  says 'class 1 (class-1) has fewer than 8 sprites: 6'
  says 'class 2 (class-2) has fewer than 8 sprites: 4'
  # shellcheck disable=SC2154  # set by expect
  [[ $stderr != *'class 0 (class-0)'* ]]
  holds labels.npy 0 1 2 0 1 2 0 1 2 0 1 2 0 1 0 1 0 0 0 0
  printf 'class-0\nclass-1\nclass-2\n' >expected
  same names.txt expected
  expect 0 tensor info labels.npy
  prints 'i32 [20], 0 to 2'
  # Whatever the seed: it is the same partition.
  for seed in 2 3 4 5; do
    same labels.npy <(label-tiles -q -k 3 -s $seed crowd.npy 2>/dev/null)
  done
  same labels.npy <(label-tiles -q -k 3 <crowd.npy 2>/dev/null)
  same labels.npy <(label-tiles -q -k 3 - <crowd.npy 2>/dev/null)
  # Equal sizes: by the first sprite.
  tensor slice crowd.npy 1:3 -o two.npy
  label-tiles -q -k 2 two.npy two.npy -o labels.npy
  holds labels.npy 0 1 0 1
}

@test "label-tiles: at any number of threads" {
  draw-sprites -n 300 -o sprites.npy
  same_at_threads label-tiles -q -k 8 -s 7 sprites.npy
}

@test "label-tiles: transparent pixels are black, formats do not matter" {
  crowd crowd.npy
  label-tiles -q -k 3 crowd.npy -o expected.npy
  tensor convert --to f32 --colours crowd.npy -o floats.npy
  same expected.npy <(label-tiles -q -k 3 floats.npy 2>/dev/null)
  colours ffffff00 000000ff ff000080 800000ff | npy alpha.npy '|u1' '(4, 1, 1, 4)'
  label-tiles -q -k 2 alpha.npy -o labels.npy
  holds labels.npy 0 0 1 1
  picture a.png ff0000 00ff00
  picture b.png 0000ff 00ff00
  label-tiles -q -k 2 a.png b.png a.png -o labels.npy
  holds labels.npy 0 1 0
}

@test "label-tiles --folders: each folder a class, numbered by name" {
  mkdir -p swords potions empty
  picture swords/a.png ff0000 00ff00
  picture swords/b.PNG 0000ff 00ff00
  picture potions/z.png ffff00 00ffff
  : >potions/notes.txt
  : >potions/.hidden.png
  expect 0 label-tiles --folders --tile 2 swords potions/ --sprites sprites.npy --names names.txt -o labels.npy
  says '6 tiles in 3 sheets, 6 kept'
  says '  0      2  potions'
  says '  1      4  swords'
  says 'class 0 (potions) has fewer than 8 sprites: 2'
  holds labels.npy 1 1 1 1 0 0
  printf 'potions\nswords\n' >expected
  same names.txt expected
  same sprites.npy <(slice-tiles -q --tile 2 swords potions)
  # What slicing drops has no label.
  label-tiles -q --folders --tile 2 swords potions --distinct --sprites sprites.npy -o labels.npy
  holds labels.npy 1 1 1 0 0
  same sprites.npy <(slice-tiles -q --tile 2 --distinct swords potions)
  label-tiles -q --folders --tile 2 potions swords -o labels.npy
  holds labels.npy 0 0 1 1 1 1
  # Sheets of other sizes, one sprite each.
  label-tiles -q --folders --tile 4x2 swords potions -o labels.npy
  holds labels.npy 1 1 0
  expect 3 label-tiles --folders --tile 3 swords potions -o out
  says 'swords/a.png'
  [ ! -e out ]
}

@test "label-tiles --folders: a folder of folders, names from paths" {
  mkdir -p items/swords items/potions more/swords
  picture items/swords/a.png ff0000 00ff00
  picture items/potions/z.png ffff00 00ffff
  picture more/swords/a.png ff0000 00ff00
  : >items/README
  for path in items items/ ./items/. "$T/items"; do
    label-tiles -q --folders --tile 4x2 "$path" --names names.txt -o labels.npy
    holds labels.npy 0 1
    [ "$(xargs <names.txt)" = 'potions swords' ]
  done
  label-tiles -q --folders --tile 4x2 items more --names names.txt -o labels.npy
  holds labels.npy 0 1 1
  [ "$(xargs <names.txt)" = 'potions swords' ]
  cd items/swords
  label-tiles -q --folders --tile 4x2 . ../potions --names "$T/names.txt" -o "$T/labels.npy"
  cd "$T"
  holds labels.npy 1 0
  [ "$(xargs <names.txt)" = 'potions swords' ]
  ln -s ../swords items/potions/loop # a link to a folder is one
  expect 3 label-tiles --folders --tile 4x2 items/potions -o out
  says 'items/potions/z.png: lies beside the folders of classes'
  [ ! -e out ]
}

@test "label-tiles --folders: what cannot be classes" {
  mkdir -p swords empty bad/none holds $'new\nline'
  picture swords/a.png ff0000 00ff00
  picture $'new\nline/a.png' ff0000 00ff00
  : >holds/text
  for path in empty holds bad; do
    expect 3 label-tiles --folders --tile 2 swords "$path" -o out
    says "$path"
    says 'holds no .png files'
  done
  expect 3 label-tiles --folders --tile 2 swords/a.png -o out
  says 'swords/a.png: is no folder'
  expect 3 label-tiles --folders --tile 2 - -o out <swords/a.png
  says 'is no folder'
  expect 3 label-tiles --folders missing -o out
  says 'missing: cannot read it: No such file'
  expect 3 label-tiles --folders --tile 2 $'new\nline' -o out
  says 'control character'
  cp swords/a.png holds/cut.png
  truncate -s 30 holds/cut.png
  expect 3 label-tiles --folders --tile 2 swords holds -o out
  says 'holds/cut.png'
  expect 3 label-tiles --folders --tile 2 --density 0:0.1 swords -o out
  says 'none is left'
  [ ! -e out ]
}

@test "label-tiles --folders: a class without sprites has no number" {
  mkdir -p a b c
  picture a/a.png ff0000 00ff00
  picture b/b.png 000000 000000
  picture c/c.png ff0000 00ff00
  expect 0 label-tiles --folders --tile 2 --drop-flat a b c --names names.txt -o labels.npy
  says 'class b: none of its tiles is left, so it gets no number'
  holds labels.npy 0 0 1 1
  [ "$(xargs <names.txt)" = 'a c' ]
}

@test "label-tiles --from: checks and numbers anew" {
  printf '\x07\0\0\0\xff\xff\xff\xff\x07\0\0\0\x03\0\0\0' | npy labels.npy '<i4' '(4,)'
  expect 0 label-tiles --from labels.npy --names names.txt -o out
  says '4 sprites in 3 classes'
  holds out 2 0 2 1
  [ "$(xargs <names.txt)" = 'class--1 class-3 class-7' ]
  same out <(label-tiles -q --from - <labels.npy 2>/dev/null)
  printf '\x05\x01' | npy bytes.npy '|u1' '(2,)'
  label-tiles -q --from bytes.npy -o out
  holds out 1 0
  small a.npy
  label-tiles -q --from bytes.npy a.npy -o out
  rm out
  expect 3 label-tiles --from labels.npy a.npy -o out
  says 'labels.npy: holds 4 labels, expected one for each of the 2 sprites'
  printf '\0\0\0\0' | npy real.npy '<f4' '(1,)'
  expect 3 label-tiles --from real.npy -o out
  says 'real.npy: holds f32 [1], expected labels'
  expect 3 label-tiles --from a.npy -o out
  says 'expected labels'
  npy none.npy '<i4' '(0,)' </dev/null
  expect 3 label-tiles --from none.npy -o out
  [ ! -e out ]
}

@test "label-tiles: golden" {
  draw-sprites -n 200 -s 3 -o sprites.npy
  label-tiles -q -s 3 sprites.npy -o labels.npy
  [ "$(sha labels.npy)" = 2867d40c6f7e825e8ef7db74b961c27113c3eddd0a4d75d22825460ff05f1095 ]
}

@test "label-tiles: names and labels cannot both go to one file" {
  small a.npy
  expect 2 label-tiles -k 2 a.npy --names y -o ./y
  says '--names and --output cannot both go to ./y'
  [ ! -e y ]
}

@test "label-tiles: what changes nothing is refused, also where it says the usual" {
  expect 2 label-tiles --folders -k 8 .
  says '--classes is for classes by looks'
}
