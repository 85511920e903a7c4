#!/usr/bin/env bash
# Own figures: own.sh TOOLS RUN:TRAINER...
# For each run, on the built-in set: a training step with one thread and with as many as there are processors, after a
# shorter training of the same kind is taken off (so that starting up does not count), medians of five; peak memory; and
# the time from starting `sample` to one sprite on disk. STEPS: of the longer training (400).
set -euo pipefail
tools=$1
shift
steps=${STEPS:-400}
short=$((steps / 8))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tools/draw-sprites" -q -o "$work/sprites.npy"

# Microseconds that a command takes.
took() {
  local start=${EPOCHREALTIME/./}
  "$@" >/dev/null 2>>"$work/said" || { cat "$work/said" >&2 && return 1; }
  echo $((${EPOCHREALTIME/./} - start))
}
median() { sort -n | sed -n 3p; }

train() { # train RUN TRAINER THREADS STEPS
  "$tools/$2" -c "configs/$1.yaml" --set training.steps="$4" --set output.grid_every=0 --set output.held_out_every=0 \
    --set output.checkpoint_every=1000000 --data "$work/sprites.npy" -t "$3" --fresh -o "$work/$1"
}

step() { # step RUN TRAINER THREADS: milliseconds a step
  local long brief
  for _ in 1 2 3 4 5; do
    brief=$(took train "$1" "$2" "$3" "$short")
    long=$(took train "$1" "$2" "$3" "$steps")
    echo $((long - brief))
  done | median | awk -v n=$((steps - short)) '{ printf "%.2f", $1 / n / 1000 }'
}

processors=$(getconf _NPROCESSORS_ONLN)
sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | sed -n 1p
printf '%-12s %14s %14s %12s %14s\n' run 'step, 1 thread' "$processors threads" 'peak memory' 'first sprite'
for pair; do
  run=${pair%%:*} trainer=${pair#*:}
  one=$(step "$run" "$trainer" 1)
  all=$(step "$run" "$trainer" "$processors")
  memory=$(sed -n 's/.*peak memory \(about \)\{0,1\}\([0-9.]* MB\).*/\2/p' "$work/said" | tail -n 1)
  first=$(for _ in 1 2 3 4 5; do took "$tools/sample" "$work/$run/model.safetensors" -n 1 -o "$work/one.npy"; done | median)
  printf '%-12s %11s ms %11s ms %12s %11s ms\n' "$run" "$one" "$all" "$memory" \
    "$(awk -v t="$first" 'BEGIN { printf "%.1f", t / 1000 }')"
done
