#!/usr/bin/env bash
# The scores of several trainings of the same runs as a table in Markdown: seeds.sh 'RUN...' FOLDER...
# A FOLDER holds a training of each run. A row a measure, a column a run: the mean over the trainings, and in
# brackets the least and the largest; in the last column the held-out sprites, which are the same for all.
set -euo pipefail
runs=$1
shift
files=()
for run in $runs; do
  for folder in "$@"; do files+=("$folder/$run/scores.tsv"); done
done

awk -F'\t' -v runs="$runs" '
  FNR == 1 {
    parts = split(FILENAME, part, "/")
    run = part[parts - 1]
    next
  }
  sub(/^held-out:/, "", $1) { held[$1] = $2; next }
  {
    if (!($1 in known)) { known[$1] = 1; measure[++measures] = $1 }
    at = run SUBSEP $1
    if (!(at in n) || $2 < least[at]) least[at] = $2
    if (!(at in n) || $2 > most[at]) most[at] = $2
    sum[at] += $2
    n[at]++
  }
  END {
    runs = split(runs, name, " ")
    printf "| mean of %d trainings |", n[name[1] SUBSEP measure[1]]
    for (i = 1; i <= runs; i++) printf " %s |", name[i]
    printf " held-out |\n|"
    for (i = 0; i < runs + 2; i++) printf " --- |"
    printf "\n"
    for (k = 1; k <= measures; k++) {
      printf "| `%s` |", measure[k]
      for (i = 1; i <= runs; i++) {
        at = name[i] SUBSEP measure[k]
        if (!(at in n)) printf " |"
        else if (least[at] == most[at]) printf " %.3g |", least[at]
        else printf " %.3g (%.3g to %.3g) |", sum[at] / n[at], least[at], most[at]
      }
      if (measure[k] in held) printf " %.3g |\n", held[measure[k]]
      else printf " |\n"
    }
  }' "${files[@]}"
