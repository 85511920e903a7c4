#!/usr/bin/env bash
# Lists the runs below a folder of results: list.sh RESULTS
# A line a run: how far it is, its last held-out loss, and its main scores where it was scored.
set -euo pipefail
results=$1
# shellcheck source=pipeline/run-figures.bash
source "$(dirname "$0")/run-figures.bash"

shopt -s nullglob
found=("$results"/*/*/*/metrics.tsv)
if [ ${#found[@]} -eq 0 ]; then
  printf 'There are no runs in %s yet; make compare makes some\n' "$results"
  exit 0
fi
row() { printf '%-34s %9s %12s' "$1" "$2" "$3" && printf ' %16s' "${@:4}" && printf '\n'; }
row run steps held-out "${main[@]}"
for metrics in "${found[@]}"; do
  folder=${metrics%/metrics.tsv}
  steps=$(last step "$metrics")
  [ -e "$folder/model.safetensors" ] || steps="$steps..."
  scores=()
  for measure in "${main[@]}"; do scores+=("$(score "$measure" "$folder/scores.tsv")"); done
  row "${folder#"$results"/}" "$steps" "$(held_out "$metrics")" "${scores[@]}"
done
