#!/usr/bin/env bash
# The sheet of the samples that are best to show: best.sh N SAMPLES.npy DATA.npy MODEL.safetensors PALETTE -o SHEET.png
# Where none is left, as where a model has nothing but copies, the sheet says so in words. TOOLS: the folder of the
# tools.
set -euo pipefail
wanted=$1 samples=$2 data=$3 model=$4 palette=$5 out=$7
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$TOOLS/score" -q "$samples" --data "$data" --model "$model" --palette "$palette" --keep-best "$wanted" -o "$scratch/best.npy"
if "$TOOLS/tensor" info "$scratch/best.npy" | grep -q '\[0,'; then
  "$TOOLS/montage" -q --caption 'None of the samples is worth showing: all are copies of sprites that were trained on.' \
    "$scratch/best.npy" -o "$out"
else
  "$TOOLS/snap" -q --palette "$palette" "$scratch/best.npy" |
    "$TOOLS/montage" -q --scale 1 --gap 0 --columns 8 --keep-alpha -o "$out"
fi
