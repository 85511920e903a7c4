#!/usr/bin/env bash
# Runs test files, some at a time, and counts: run.sh RESULTS_FOLDER FILE...
# A FILE is a cmocka program or a .bats file; both speak TAP. The output of whatever fails is shown. The last line is
# `N passed, N failed, N skipped`; the exit status is 1 if anything failed. JOBS: how many files at a time.
set -euo pipefail

# One file; its TAP and its errors go to RESULTS/NAME.tap, a line about it to standard output.
run_one() {
  local results=$1 file=$2 name tap status=0 started=${EPOCHREALTIME:-$SECONDS}
  name=$(basename "$file")
  tap=$results/$name.tap
  case $file in
    *.bats) bats --tap "$file" >"$tap" 2>&1 || status=$? ;;
    *) CMOCKA_MESSAGE_OUTPUT=TAP "$file" >"$tap" 2>&1 || status=$? ;;
  esac
  # What a file promises in its plans (`1..N`) and does not deliver has failed, as has a bad exit without a failure.
  awk -v status=$status '
    /^1\.\.[0-9]+/ { split($0, plan, /\.\./); planned += plan[2] }
    /^(not )?ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }  # bats says ok, cmocka not ok
    /^not ok/ { failed++; next }
    /^ok/ { passed++ }
    END {
      short = planned - passed - failed - skipped
      if (short > 0) failed += short
      if (status != 0 && failed == 0 || passed + failed + skipped == 0) failed++
      print passed + 0, failed + 0, skipped + 0
    }' "$tap" >"$results/$name.count"
  local passed failed skipped
  read -r passed failed skipped <"$results/$name.count"
  local seconds
  seconds=$(awk -v a="$started" -v b="${EPOCHREALTIME:-$SECONDS}" 'BEGIN { printf "%.1f", b - a }')
  printf '%-4s %-32s %4d passed%s%s  %s s\n' "$([ "$failed" -eq 0 ] && echo ok || echo FAIL)" "$name" "$passed" \
    "$([ "$failed" -eq 0 ] || echo ", $failed failed")" "$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")" "$seconds"
  if [ "$failed" -ne 0 ]; then
    # Without the lines of what went well.
    awk '!/^ok/ && !/# SKIP/' "$tap" | sed 's/^/     | /'
    [ "$status" -le 1 ] || printf '     | exit status %d\n' "$status"
  fi
}

if [ "$1" = --one ]; then
  run_one "$2" "$3"
  exit 0
fi

results=$1
shift
rm -rf "$results"
mkdir -p "$results"
[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -n 1 -P "${JOBS:-2}" bash "$0" --one "$results"
find "$results" -name '*.count' -exec cat {} + | awk '
  { passed += $1; failed += $2; skipped += $3 }
  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }'
