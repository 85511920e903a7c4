#!/usr/bin/env bash
# Says of every stage whether it is up to date, and if not, why:
#   explain.sh KEYS DATA RESULTS RUN:ROWS...      ROWS: what a run has in the comparison, divided by spaces
# In the environment: scored, the files that scoring a run makes (none: runs are not scored).
set -euo pipefail
keys=$1 data=$2 results=$3
shift 3

# stage NAME EXPECTED_KEY STORED_KEY RESULT INPUT...
stage() {
  local name=$1 expected=$2 stored=$3 result=$4 input
  shift 4
  if [ ! -e "$stored" ] && [ ! -e "$result" ]; then
    printf '%s: not made yet\n' "$name"
    return
  fi
  if ! cmp -s "$expected" "$stored"; then
    printf '%s: its key is another one (- made with, + wanted):\n' "$name"
    { diff -U0 "$stored" "$expected" || true; } 2>/dev/null | sed -e '/^---/d' -e '/^+++/d' -e '/^@@/d' -e 's/^/    /'
    return
  fi
  for input in "$result" "$stored" "$@"; do
    if [ ! -e "$input" ]; then
      printf '%s: %s is not there\n' "$name" "$input"
      return
    fi
    if [ "$input" -nt "$result" ]; then
      printf '%s: %s is newer than %s\n' "$name" "$input" "$result"
      return
    fi
  done
  printf '%s: up to date\n' "$name"
}

stage "$data" "$keys/data.key" "$data/key" "$data/sprites.npy"
pictures=()
shown=()
for run_and_rows in "$@"; do
  run=${run_and_rows%%:*}
  at=$results/$run
  stage "$at" "$keys/$run.key" "$at/key" "$at/model.safetensors"
  stage "$at, samples" "$keys/$run.samples.key" "$at/samples.key" "$at/samples.npy" "$at/model.safetensors"
  shown+=("$at/model.safetensors")
  for file in ${scored-}; do
    stage "$at, ${file%.*}" "$keys/scores.key" "$at/scores.key" "$at/$file" "$at/scored.npy"
    shown+=("$at/$file")
  done
  for row in ${run_and_rows#*:}; do pictures+=("$at/$row.npy"); done
done
stage "$results/compare" "$keys/compare.key" "$results/compare/key" "$results/compare/grid.png" "${pictures[@]}"
stage "$results/compare, page" "$keys/page.key" "$results/compare/page.key" "$results/compare/index.html" \
  "$results/compare/grid.png" "${shown[@]}"
