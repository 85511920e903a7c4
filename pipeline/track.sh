#!/usr/bin/env bash
# Sends the training runs of a comparison to an MLflow server, behind everything else: track.sh SERVER EXPERIMENT
# RUN_DIR=NAME...
# RUN_DIR/tracked notes that it was done, and where; it is done again when the model or its scores are newer. TOOLS says
# where track lies, me how a person calls the makefiles.
set -euo pipefail
server=$1 experiment=$2
shift 2
if [ ! -x "$TOOLS/track" ]; then
  printf 'TRACK: %s is not built, since libcurl is missing: make setup installs it\n' "$TOOLS/track" >&2
  exit 1
fi

tags=()
# The commit of these sources; elsewhere a repository is another one.
commit=
[ "${me:-make}" != make ] || commit=$(git rev-parse HEAD 2>/dev/null || true)
[ -z "$commit" ] || tags=(--tag "mlflow.source.git.commit=$commit")

up_to_date() { # up_to_date FOLDER
  local file
  [ "$(cat "$1/tracked" 2>/dev/null || true)" = "$server $experiment" ] || return 1
  for file in model.safetensors scores.tsv nearest.png; do
    [ ! "$1/$file" -nt "$1/tracked" ] || return 1
  done
}

sent=0
for run; do
  folder=${run%%=*} status=0
  if ! up_to_date "$folder"; then
    "$TOOLS/track" --server "$server" --experiment "$experiment" --name "${run#*=}" ${tags[@]+"${tags[@]}"} "$folder" || status=$?
    case $status in
      0) printf '%s %s\n' "$server" "$experiment" >"$folder/tracked" ;;
      3) continue ;; # this folder's fault: the others may do
      *) break ;;
    esac
  fi
  sent=$((sent + 1))
done
if [ "$sent" -lt "$#" ]; then
  printf 'TRACK: %d of %d training runs are on %s. All results are made; the same command sends the rest\n' \
    "$sent" "$#" "$server" >&2
  exit 1
fi
printf 'On %s, experiment "%s": %d training runs\n' "$server" "$experiment" "$sent"
