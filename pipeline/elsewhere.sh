#!/usr/bin/env bash
# Runs a command elsewhere, waits for its end and has its exit status: elsewhere.sh STAGE RUN LOG FILE... -- COMMAND...
# RUNNER: words that go before the command, or slurm: a batch job. FILEs are what it makes. What it says goes to LOG,
# behind what earlier ones said there, and to standard error.
set -euo pipefail
stage=$1 run=$2 log=$3
shift 3
made=()
while [ "$1" != -- ]; do made+=("$1") && shift; done
shift
: "${RUNNER:?}"
mkdir -p "$(dirname "$log")"
printf '%s  %s\n' "$(date '+%F %T')" "$*" >>"$log"

status=0
if [ "$RUNNER" = slurm ]; then
  bash "$(dirname "$0")/slurm.sh" "$stage" "$run" "$log" "$@" || status=$?
else
  read -ra words <<<"$RUNNER"
  if ! command -v "${words[0]}" >/dev/null; then
    printf 'RUNNER=%s: there is no command %s\n' "$RUNNER" "${words[0]}" >&2
    exit 2
  fi
  { "${words[@]}" "$@" </dev/null 2>&1 1>&3 | tee -a "$log" >&2; } 3>&1 || status=$?
fi
if [ $status -ne 0 ]; then
  printf '%s of %s did not end well (exit status %d); what it said is in %s\n' "$stage" "$run" $status "$log" >&2
  [ "$stage" != train ] || printf 'The same make goes on from its last checkpoint.\n' >&2
  exit $status
fi

# A file that another machine wrote shows late on a file system that caches names; looking at its folder asks anew.
for ((tries = 0; tries < 300; tries++)); do
  missing=''
  for file in "${made[@]}"; do
    ls "$(dirname "$file")" >/dev/null 2>&1 || true
    [ -e "$file" ] || missing=$file
  done
  [ "$missing" ] || break
  sleep 0.2
done
if [ "$missing" ]; then
  printf '%s: was made elsewhere and does not show here: RESULTS has to lie on a file system of all machines\n' "$missing" >&2
  exit 1
fi
# Its time is of that machine's clock; make compares it with the times of files that were written here.
touch "${made[@]}"
