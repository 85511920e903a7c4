# What list.sh and sweep.sh tell of a run: functions to be read in.
# shellcheck shell=bash

# shellcheck disable=SC2034 # for those who read this in
main=(context-bits two-sample coverage precision-pixels class-agreement copies)

# last COLUMN FILE: the column's last value that is not empty; - if there is none, or no file.
last() {
  [ -e "$2" ] || { echo -; return; }
  awk -F'\t' -v name="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
    column && $column != "" { value = $column }
    END { print value == "" ? "-" : value }' "$2"
}

# in_four_digits NUMBER; - stays.
in_four_digits() {
  if [ "$1" = - ]; then echo -; else LC_ALL=C awk -v value="$1" 'BEGIN { printf "%.4g\n", value }'; fi
}

# score MEASURE FILE: in four digits; - where it was not scored.
score() {
  [ -e "$2" ] || { echo -; return; }
  in_four_digits "$(awk -F'\t' -v measure="$1" '$1 == measure { value = $2 } END { print value == "" ? "-" : value }' "$2")"
}

# held_out METRICS: the last held-out loss, in four digits.
held_out() { in_four_digits "$(last held_out "$1")"; }
