#!/usr/bin/env bash
# Own figures: own.sh TOOLS RUN:TRAINER[:OPTION:RUN]...
# For each run, on the built-in set: a training step with one thread and with as many as there are processors; peak memory; and
# the time from starting `sample` to one sprite on disk. With OPTION it rests on the model of a run before it, which trainer and
# `sample` are given by that name. Medians of TIMES (5).
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=bench/measure.bash
source "$here/measure.bash"
tools=$1 times=${TIMES:-5}
shift
"$tools/draw-sprites" -q -o "$work/sprites.npy"

steps() { # steps THREADS: milliseconds a step of $run
  local train=("$tools/$trainer" -c "configs/$run.yaml" "${below[@]}" --data "$work/sprites.npy" -t "$1" -o "$work/$run") n
  n=$(enough_steps "${train[@]}")
  for ((i = 0; i < times; i++)); do step "$n" "${train[@]}"; done | median
}

first_sprite() {
  for ((i = 0; i < times; i++)); do
    took "$tools/sample" "$work/$run/model.safetensors" "${below[@]}" -n 1 -o "$work/one.npy"
  done | median
}

processors=$(getconf _NPROCESSORS_ONLN)
processor
printf '%-16s %14s %14s %12s %14s\n' run 'step, 1 thread' "$processors threads" 'peak memory' 'first sprite'
for words; do
  IFS=: read -r run trainer option rests_on <<<"$words"
  below=()
  [ -z "$option" ] || below=("--$option" "$work/$rests_on/model.safetensors")
  one=$(steps 1)
  all=$(steps "$processors")
  memory=$(sed -n 's/.*peak memory \(about \)\{0,1\}\([0-9.]* MB\).*/\2/p' "$work/said")
  first=$(first_sprite)
  printf '%-16s %11s ms %11s ms %12s %11s ms\n' "$run" "$one" "$all" "$memory" \
    "$(awk -v t="$first" 'BEGIN { printf "%.1f", t / 1000 }')"
done
