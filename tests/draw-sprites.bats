#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
load common

# The header of a .npy as text.
header() { head -c 128 "$1" | tr -d '\0'; }

@test "draw-sprites: help, version, unknown option" {
  usage_rules draw-sprites
  expect 0 draw-sprites --help
  prints '1200'
  prints '--keep-alpha'
}

@test "draw-sprites: the default set has the bytes it has always had" {
  draw-sprites --labels labels.npy --names names.txt -o sprites.npy
  [[ $(header sprites.npy) == *"'|u1'"*"(1200, 16, 16, 3)"* ]]
  [[ $(header labels.npy) == *"'<i4'"*"(1200,)"* ]]
  [ "$(sha sprites.npy)" = b8efd8ab0f1a5a5558ff3ec40e53fa6f290e82a5802e50cc67bec7461a4c1856 ]
  [ "$(sha labels.npy)" = e4039064a831db5b0ca603ec2dcdd29ed1556b56475d71dd8a6b60cb2cc72d2d ]
  [ "$(paste -sd' ' names.txt)" = "potion sword shield gem creature plant key building hero food chest hat book ring tool" ]
}

@test "draw-sprites: --list prints the names" {
  draw-sprites --names names.txt -n 1 -o one.npy
  draw-sprites --list >list.txt
  same names.txt list.txt
  draw-sprites --list -o list2.txt
  same names.txt list2.txt
}

@test "draw-sprites: a shorter set is the beginning of a longer one" {
  draw-sprites -n 60 -s 7 -o long.npy
  draw-sprites -n 25 -s 7 -o short.npy
  cmp <(tail -c +129 short.npy) <(tail -c +129 long.npy | head -c $((25 * 16 * 16 * 3)))
}

@test "draw-sprites: the seed is a number of 64 bits, and other seeds give other sprites" {
  draw-sprites -n 10 -o 1.npy
  draw-sprites -n 10 -s 1 -o default.npy
  draw-sprites -n 10 -s 18446744073709551615 -o last.npy
  same 1.npy default.npy
  run cmp -s 1.npy last.npy
  [ "$status" -eq 1 ]
  expect 2 draw-sprites -s 18446744073709551616
  says '--seed'
}

@test "draw-sprites: --keep-alpha makes the background transparent and leaves the colours" {
  draw-sprites -n 3 -o rgb.npy
  draw-sprites -n 3 --keep-alpha -o rgba.npy
  [[ $(header rgba.npy) == *"(3, 16, 16, 4)"* ]]
  # Black and only black is transparent, and without the alpha it is the opaque set.
  tail -c +129 rgba.npy | od -An -v -tu1 -w4 | awk '{ print $1, $2, $3; if (($4 == 0) != ($1 + $2 + $3 == 0) || ($4 != 0 && $4 != 255)) exit 1 }' >rgba.txt
  tail -c +129 rgb.npy | od -An -v -tu1 -w3 | awk '{ print $1, $2, $3 }' >rgb.txt
  same rgb.txt rgba.txt
}

numbers() { tail -c +129 "$1" | od -An -v -tu1 -w4 | awk '{ printf "%s ", $1 }'; }

@test "draw-sprites: --class chooses classes, in the order given; labels and names are theirs" {
  draw-sprites --class key --class gem -n 5 --labels labels.npy --names names.txt -o sprites.npy
  [ "$(numbers labels.npy)" = "0 1 0 1 0 " ]
  [ "$(paste -sd' ' names.txt)" = "key gem" ]
  draw-sprites --class hero -n 3 --labels labels.npy --names names.txt -o sprites.npy
  [ "$(numbers labels.npy) $(cat names.txt)" = "0 0 0  hero" ]
  expect 2 draw-sprites --class dragon -o none.npy
  says dragon
  says --list
  expect 2 draw-sprites --class gem --class gem -o none.npy
  says twice
  [ ! -e none.npy ]
}

@test "draw-sprites: counts out of range and operands are refused" {
  for count in 0 -1 10001 1.5 many ''; do
    expect 2 draw-sprites -n "$count" -o none.npy
    says '--count'
  done
  expect 2 draw-sprites operand -o none.npy
  [ ! -e none.npy ]
}

@test "draw-sprites: what does not fit or cannot be written leaves nothing" {
  expect 1 draw-sprites -n 2 -o nowhere/sprites.npy
  says nowhere
  expect 1 draw-sprites -n 2 --labels nowhere/labels.npy -o sprites.npy
  [ ! -e sprites.npy ]
  if [ -w /dev/full ]; then
    expect 1 draw-sprites -n 2 -o /dev/full
    [ -c /dev/full ]
    run --separate-stderr bash -c 'draw-sprites -n 2 >/dev/full'
    [ "$status" -eq 1 ]
  fi
  run --separate-stderr bash -c 'set -o pipefail; draw-sprites -n 2000 | head -c 10 >/dev/null'
  [ "$status" -ne 0 ]
  PIXELMILL_FAIL_WRITE=1 expect 1 draw-sprites -n 2 -o sprites.npy
  [ ! -e sprites.npy ]
  PIXELMILL_FAIL_ALLOCATION=3 expect 1 draw-sprites -n 2 -o sprites.npy
  [ -z "$(find . -name '*sprites*' -o -name '*labels*')" ]
}

@test "draw-sprites: a single class fills the largest set" {
  local class
  for class in tool hat; do
    draw-sprites --class "$class" -n 10000 -o sprites.npy
    [[ $(header sprites.npy) == *"(10000, 16, 16, 3)"* ]]
  done
}

@test "draw-sprites: two outputs in one place are refused, whatever it is called" {
  ln -s x.npy link.npy
  for other in x.npy ./x.npy "$T/x.npy" link.npy; do
    expect 2 draw-sprites -n 2 -o x.npy --labels "$other"
    says "--labels and --output cannot both go to x.npy"
    [ ! -e x.npy ]
  done
  expect 2 draw-sprites -n 2 --labels l.npy --names ./l.npy -o x.npy
  says '--labels and --names cannot both go to ./l.npy'
  expect 2 draw-sprites -n 2 --labels -
  says '--labels and --output cannot both go to standard output'
  expect 2 draw-sprites -n 2 --labels - -o /dev/stdout
  run --separate-stderr bash -c 'draw-sprites -n 2 --labels into.npy >into.npy'
  [ "$status" -eq 2 ]
  # Two names of one old file, and what takes everything.
  : >x.npy
  ln x.npy hard.npy
  expect 0 draw-sprites -n 2 -o x.npy --labels hard.npy
  tensor info x.npy hard.npy
  expect 0 draw-sprites -n 2 -o /dev/null --labels /dev/null
  mkdir folder
  expect 0 draw-sprites -n 2 -o x.npy --labels folder/x.npy
}

@test "draw-sprites --list: what is for drawing is refused" {
  for option in '--labels f' '--names f' '-n 1200' '--class potion' '--keep-alpha' '-s 1'; do
    # shellcheck disable=SC2086
    expect 2 draw-sprites --list $option
    says 'is for drawing, and --list draws nothing'
  done
  [ ! -e f ]
  expect 0 draw-sprites --list -o list.txt
}

@test "draw-sprites: frames of those that walk" {
  draw-sprites -q -n 6 --frames 4 --labels labels.npy --names names.txt -o walk.npy
  [[ $(tensor info walk.npy) = *'u8 [6, 16, 64, 3]'* ]]
  [ "$(numbers labels.npy) $(paste -sd' ' names.txt)" = "0 1 0 1 0 1  creature hero" ]
  slice-tiles -q --tile 16 <(montage -q --scale 1 --gap 0 --columns 1 walk.npy) -o frames.npy
  [[ $(tensor info frames.npy) = *'u8 [24, 16, 16, 3]'* ]]
  for sprite in 0 1 2 3 4 5; do
    # Of the four frames the first is the sprite without them, heroes and creatures in turn, and the third the same.
    at=$((4 * sprite))
    same <(tensor slice frames.npy $at:$((at + 1))) <(tensor slice frames.npy $((at + 2)):$((at + 3)))
    for frame in 1 3; do
      differ <(tensor slice frames.npy $at:$((at + 1))) <(tensor slice frames.npy $((at + frame)):$((at + frame + 1)))
    done
    differ <(tensor slice frames.npy $((at + 1)):$((at + 2))) <(tensor slice frames.npy $((at + 3)):$((at + 4)))
  done
  draw-sprites -q -n 6 --class creature --class hero -o turned.npy
  same <(tensor slice frames.npy 0:1) <(tensor slice turned.npy 0:1)
  draw-sprites -q -n 6 --frames 2 -o two.npy
  [[ $(tensor info two.npy) = *'u8 [6, 16, 32, 3]'* ]]
  expect 2 draw-sprites --frames 2 --class potion
  says 'a potion does not walk'
  expect 2 draw-sprites --frames 3
  expect 2 draw-sprites --list --frames 2
}

@test "draw-sprites: terrain" {
  draw-sprites --set terrain -n 20 --labels labels.npy --names names.txt -o tiles.npy
  [[ $(tensor info tiles.npy) = *'u8 [20, 16, 16, 3]'* ]]
  [ "$(numbers labels.npy)" = "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 " ]
  [ "$(paste -sd' ' names.txt)" = "grass sand soil water lava brick cobble floor planks roof" ]
  draw-sprites --set terrain --list >list.txt
  same names.txt list.txt
  [ "$(sha tiles.npy)" = 9782fac41f7636e8f03980f525e9cfe18819e331e2231d85719eca83b9df8a48 ]
  # Nothing of a tile is background.
  draw-sprites --set terrain -n 20 --keep-alpha -o rgba.npy
  tail -c +129 rgba.npy | od -An -v -tu1 -w4 | awk '$4 != 255 { exit 1 }'
  expect 2 draw-sprites --set terrain --class potion
  says '--list --set terrain'
  expect 2 draw-sprites --class grass
  expect 2 draw-sprites --set terrain --frames 2
  says 'terrain does not walk'
  expect 2 draw-sprites --set people
}

@test "draw-sprites: each class of terrain fills the largest set" {
  local class
  for class in grass sand soil water lava brick cobble floor planks roof; do
    draw-sprites --set terrain --class "$class" -n 10000 -o tiles.npy
  done
}
