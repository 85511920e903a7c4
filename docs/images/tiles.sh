#!/bin/bash
# The picture of tiles in docs/hints.md: docs/images/tiles.sh MODEL.safetensors (of terrain, trained as that page says),
# from the repository's root after `make`.
set -euo pipefail
model=$1 tools=$PWD/build/bin into=$PWD/docs/images/tiles.png
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
export PATH=$tools:$PATH

# Of each class one, three by three side by side.
for tile in none xy; do
  sample -q "$model" -n 60 --class each --tile $tile | tensor slice - 50:60 -o $tile.npy
  mkdir $tile
  for i in 0 1 2 3 4 5 6 7 8 9; do
    tensor slice $tile.npy $i:$((i + 1)) -o one.npy
    tensor concat one.npy one.npy one.npy one.npy one.npy one.npy one.npy one.npy one.npy |
      montage -q --scale 1 --gap 0 --columns 3 -o $tile/$i.png
  done
done
montage -q --scale 2 --columns 10 --caption 'as drawn' none --caption 'with --tile xy' xy -o "$into"
