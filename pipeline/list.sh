#!/usr/bin/env bash
# Lists the runs below a folder of results: list.sh RESULTS
# me: what a person calls the makefiles by. A line a run: how far it is, its last held-out loss, and its main scores where it was scored.
set -euo pipefail
results=$1
# shellcheck source=pipeline/run-figures.bash
source "$(dirname "$0")/run-figures.bash"
: "${me:=make}"

# course FILE: the loss from the first step to the last, twelve means as bars; by its logarithm where it is above 0.
course() {
  LC_ALL=C awk -F'\t' '
    NR > 1 && $2 ~ /^-?[0-9.]/ { value[n++] = $2 + 0; if ($2 <= 0) plain = 1 }
    END {
      split("▁ ▂ ▃ ▄ ▅ ▆ ▇ █", bar, " ")
      bars = n < 12 ? n : 12
      for (k = 0; k < bars; k++) {
        first = int(k * n / bars); end = int((k + 1) * n / bars); sum = 0
        for (i = first; i < end; i++) sum += plain ? value[i] : log(value[i])
        mean[k] = sum / (end - first)
        if (k == 0 || mean[k] < low) low = mean[k]
        if (k == 0 || mean[k] > high) high = mean[k]
      }
      for (k = 0; k < bars; k++) printf "%s", bar[(high > low) ? 1 + int((mean[k] - low) / (high - low) * 7.999) : 1]
      printf "%*s", 12 - bars, ""
    }' "$1"
}

shopt -s nullglob
found=("$results"/*/*/*/metrics.tsv)
if [ ${#found[@]} -eq 0 ]; then
  printf 'There are no runs in %s yet; %s compare makes some\n' "$results" "${me% make}"
  exit 0
fi
# The third is twelve characters wide, which printf would count as bytes.
row() { printf '%-34s %9s  %s %10s' "$1" "$2" "$3" "$4" && printf ' %16s' "${@:5}" && printf '\n'; }
row run steps 'loss        ' held-out "${main[@]}"
for metrics in "${found[@]}"; do
  folder=${metrics%/metrics.tsv}
  steps=$(last step "$metrics")
  [ -e "$folder/model.safetensors" ] || steps="$steps..."
  scores=()
  for measure in "${main[@]}"; do scores+=("$(score "$measure" "$folder/scores.tsv")"); done
  row "${folder#"$results"/}" "$steps" "$(course "$metrics")" "$(held_out "$metrics")" "${scores[@]}"
done
