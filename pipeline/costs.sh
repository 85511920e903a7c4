#!/usr/bin/env bash
# What each run cost here: costs.sh RESULTS RUN:SAMPLE_OPTIONS...
# A line for each run: parameters, seconds of training (from its log: parts that ended by Ctrl-C are added, those that
# were killed are not known), and milliseconds a sprite, from how much longer many sprites take than 16. The only result
# with a clock in it.
set -euo pipefail
shopt -s inherit_errexit # in $(...), too: no times of a program that failed
: "${TOOLS:?the folder with the tools}"
results=$1
shift

took() { # took COMMAND...: milliseconds
  local start=${EPOCHREALTIME/[.,]/}
  "$@" >/dev/null
  echo $(((${EPOCHREALTIME/[.,]/} - start) / 1000))
}

a_sprite() { # a_sprite MODEL OPTIONS...: as many sprites as take about half a second, from 16 to 2,048 more
  local few many all
  few=$(took "$TOOLS/sample" "$@" -n 16)
  many=$((8000 / (few + 1)))
  many=$((16 + (many < 16 ? 16 : many > 2048 ? 2048 : many)))
  all=$(took "$TOOLS/sample" "$@" -n "$many")
  # Where something else held the few up so long that there is no difference: all of the time, the program's start with
  # it.
  awk -v few="$few" -v all="$all" -v n="$many" 'BEGIN { printf "%.3g", (all > few ? (all - few) / (n - 16) : all / n) }'
}

printf 'run\tparameters\ttraining_seconds\tmilliseconds_a_sprite\n'
for run_and_options in "$@"; do
  run=${run_and_options%%:*}
  log=$results/$run/log.txt
  [ -e "$log" ] || log=/dev/null
  parameters=$(sed -n 's/.*, \([0-9]*\) parameters,.*/\1/p' "$log" | tail -n 1)
  seconds=$(sed -nE 's/.*(steps in|after) ([0-9.]+) s[ ;].*/\2/p' "$log" | awk '{ sum += $1 } END { printf "%.1f", sum }')
  # shellcheck disable=SC2086  # a list of words
  milliseconds=$(a_sprite "$results/$run/model.safetensors" ${run_and_options#*:})
  printf '%s\t%s\t%s\t%s\n' "$run" "${parameters:--}" "$seconds" "$milliseconds"
done
