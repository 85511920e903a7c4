#!/bin/bash
# The picture of docs/hints.md: docs/images/hints.sh MODEL.safetensors, from the repository's root after `make`.
set -euo pipefail
model=$1 tools=$PWD/build/bin into=$PWD/docs/images/hints.png
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
export PATH=$tools:$PATH

# mask FILE EXPRESSION: a picture of 16 x 16, white where awk's expression of x and y holds and else black.
mask() {
  { printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 16, 16, 3), }"
    # shellcheck disable=SC2059
    printf "$(awk "BEGIN { for (i = 0; i < 256; i++) { x = i % 16; y = int(i / 16)
      printf \"%s\", ($2) ? \"\\\\xff\\\\xff\\\\xff\" : \"\\\\x00\\\\x00\\\\x00\" } }")"
  } >"$1"
}
drawn() { sample -q "$model" "$@"; }
bytes() { tensor convert --colours --to u8 - -o "$1"; }

draw-sprites -q -n 30 -s 5 -o set.npy
tensor slice set.npy 8:9 -o hero.npy   # of class hero
tensor slice set.npy 2:3 -o shield.npy # of class shield
mask head.npy 'y < 9'
mask arch.npy '(y > 3 && y < 15 && x > 2 && x < 13) && !(y > 8 && x > 5 && x < 10) && !(y == 4 && (x < 4 || x > 11))'
drawn -n 8 --from hero.npy --lock head.npy --strength 1 | bytes bodies.npy
drawn -n 9 --silhouette arch.npy | bytes arches.npy
for strength in 0.25 0.5 0.75; do drawn -n 3 --from shield.npy --strength $strength | bytes varied-$strength.npy; done
drawn -n 10 --symmetric -s 4 | bytes symmetric.npy
drawn -n 10 --palette-only 000000,291f3d,7a2d40,e03f48,f3b688,fff7e6 -s 6 | bytes few.npy
tensor concat hero.npy head.npy bodies.npy -o row1.npy
tensor concat arch.npy arches.npy -o row2.npy
tensor concat shield.npy varied-0.25.npy varied-0.5.npy varied-0.75.npy -o row3.npy
montage -q --scale 4 --columns 10 \
  --caption 'a hero, its head locked, eight bodies' row1.npy --caption 'a silhouette filled' row2.npy \
  --caption 'a shield, a quarter, half, three quarters drawn anew' row3.npy --caption symmetric symmetric.npy \
  --caption 'six colours' few.npy -o "$into"
