#!/usr/bin/env bash
# What settings the runs come to, with preset and SET laid over their configs, as the trainers tell:
#   settings.sh KEY RUN:TRAINER...       a line a run: its value of KEY, as training.batch
# In the environment: TOOLS, the folder of the tools; preset; set_options, the options --set as words of the shell.
# shellcheck disable=SC2154  # variables of the environment
set -euo pipefail
key=$1
shift
eval "options=($set_options)"
for run_and_trainer in "$@"; do
  config=$("$TOOLS/${run_and_trainer#*:}" -c "configs/${run_and_trainer%%:*}.yaml" --preset "$preset" \
    ${options[@]+"${options[@]}"} --print-config)
  awk -v key="$key" '
    { at = $1; sub(/:$/, "", at) }
    /^[^ ]/ { section = at; path = at }
    /^ / { path = section "." at }
    path == key { print $2 }' <<<"$config"
done
