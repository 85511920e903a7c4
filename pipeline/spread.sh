#!/usr/bin/env bash
# Picks sprites from all over a set, evenly spread: spread.sh N SPRITES.npy -o OUT.npy (all, if there are fewer than N).
# TOOLS: the folder of the tools.
set -euo pipefail
wanted=$1 sprites=$2 out=$4
count=$("$TOOLS/tensor" info "$sprites" | sed -n 's/.*\[\([0-9]*\),.*/\1/p')
[ "$count" -ge "$wanted" ] || wanted=$count
for ((i = 0; i < wanted; i++)); do
  at=$(((2 * i + 1) * count / (2 * wanted)))
  "$TOOLS/tensor" slice "$sprites" "$at:$((at + 1))"
done | "$TOOLS/tensor" concat - -o "$out"
