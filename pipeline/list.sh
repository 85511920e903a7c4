#!/usr/bin/env bash
# Lists the runs below a folder of results: list.sh RESULTS
# A line a run: how far it is, its last held-out loss, and its main scores where it was scored.
set -euo pipefail
results=$1
main=(context-bits two-sample coverage precision-pixels class-agreement copies)

# last COLUMN FILE: the column's last value that is not empty; - if there is none.
last() {
  awk -F'\t' -v name="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
    column && $column != "" { value = $column }
    END { print value == "" ? "-" : value }' "$2"
}
score() { # score MEASURE FILE
  [ -e "$2" ] || { echo -; return; }
  awk -F'\t' -v measure="$1" '$1 == measure { value = $2 } END { print value == "" ? "-" : value }' "$2"
}

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
  held=$(last held_out "$metrics")
  [ "$held" = - ] || held=$(LC_ALL=C awk -v value="$held" 'BEGIN { printf "%.4g", value }')
  row "${folder#"$results"/}" "$steps" "$held" "${scores[@]}"
done
