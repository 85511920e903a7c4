#!/usr/bin/env bash
# Picks sprites from all over a set, evenly spread: spread.sh N SPRITES.npy -o OUT.npy (all, if there are fewer than N).
# TOOLS: the folder of the tools.
set -euo pipefail
wanted=$1 sprites=$2 out=$4
count=$("$TOOLS/tensor" info "$sprites" | sed -n 's/.*\[\([0-9]*\),.*/\1/p')
[ "$count" -ge "$wanted" ] || wanted=$count
stride=$((count / (wanted > 0 ? wanted : 1)))
# One from each of as many equal parts, each time one place further in: sets that repeat their classes in turn would
# else show the same class throughout.
for ((i = 0; i < wanted; i++)); do
  at=$((i * stride + i % stride))
  "$TOOLS/tensor" slice "$sprites" "$at:$((at + 1))"
done | "$TOOLS/tensor" concat - -o "$out"
