#!/usr/bin/env bats
# track, with a real MLflow server on loopback, and with the stand-in where everything is tried at every request.
# MLFLOW names another program than `mlflow`.
bats_require_minimum_version 1.5.0
load ../common
load ../training
load ../tracking

setup_file() {
  [ -x "$PM_BUILD/bin/track" ] || return 0
  tiny_training
  train -o "$SHARED/gridded" --set output.grid_every=6
}

# mlflow OPTION...: a real server, with an SQLite store in $T, in $MLFLOW_TRACKING_URI; the second call starts it again.
real_server() {
  command -v "${MLFLOW:-mlflow}" >/dev/null || skip "there is no mlflow; MLFLOW=... names it"
  number=${number:-$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1)->sockport')}
  export MLFLOW_TRACKING_URI=http://127.0.0.1:$number
  # A group of its own, since it starts others.
  MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false setsid "${MLFLOW:-mlflow}" server --backend-store-uri "sqlite:///$T/mlflow.db" --host 127.0.0.1 \
    --port "$number" --workers 1 "$@" >>"$T/mlflow.log" 2>&1 3>&- &
  real=$!
  for ((i = 0; i < 240; i++)); do
    [ "$(curl -s -m 2 "$MLFLOW_TRACKING_URI/health" || true)" != OK ] || return 0
    sleep 0.5
  done
  cat "$T/mlflow.log" >&2
  return 1
}
kill_real_server() {
  [ -z "${real:-}" ] || kill -KILL -- "-$real" 2>/dev/null || true
  wait "${real:-}" 2>/dev/null || true
  real=
}
teardown() {
  stop
  kill_real_server
}

# ask PATH: what the server answers.
ask() { curl -sS --fail "$MLFLOW_TRACKING_URI/api/2.0/mlflow/$1"; }
# history RUN KEY: the steps that the server has of a metric, a line each, in order.
history_of() {
  ask "metrics/get-history?run_id=$1&metric_key=$2" |
    perl -MJSON::PP -e 'local $/; print map { "$_->{step}\n" } sort { $a->{step} <=> $b->{step} } @{decode_json(<STDIN>)->{metrics}}'
}
info() { ask "runs/get?run_id=$1" | perl -MJSON::PP -e 'local $/; print decode_json(<STDIN>)->{run}{info}{$ARGV[0]}' "$2"; }

@test "a real server: settings, metrics, files, and a second time nothing" {
  real_server --artifacts-destination "$T/artifacts"
  printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.5\t-\t-\t9\thigher\tx\nheld-out:coverage\t0.75\t-\t-\t9\thigher\tx\n' >run/scores.tsv
  expect 0 track --tag a=b run
  says '42 values and 6 files sent'
  id=${output##*/}
  history_of "$id" total | diff <(seq 12) -
  history_of "$id" held_out | diff <(seq 3 3 12) -
  [ "$(history_of "$id" scores/held-out/coverage)" = 0 ]
  [ "$(info "$id" status)" = FINISHED ]
  ask "runs/get?run_id=$id" | perl -MJSON::PP -e 'local $/; my %p = map { $_->{key} => $_->{value} } @{decode_json(<STDIN>)->{run}{data}{params}}; exit !($p{"training.steps"} == 12 && $p{method} eq "vae")'
  for file in grids/000006.png log.txt scores.tsv; do
    curl -sS --fail "$MLFLOW_TRACKING_URI/api/2.0/mlflow-artifacts/artifacts/1/$id/artifacts/$file" | cmp - "run/$file"
  done
  curl -sS --fail "$MLFLOW_TRACKING_URI/api/2.0/mlflow-artifacts/artifacts/1/$id/artifacts/model/model.safetensors" | cmp - run/model.safetensors
  expect 0 track run
  says '0 values and 0 files sent'
  [ "${output##*/}" = "$id" ]
  rm run/tracked.json
  expect 0 track run
  says '0 values'
  [ "${output##*/}" = "$id" ]
  curl -sS --fail -X POST -H 'Content-Type: application/json' -d "{\"run_id\":\"$id\"}" "$MLFLOW_TRACKING_URI/api/2.0/mlflow/runs/delete"
  expect 1 track run
  says "its run $id was deleted"
}

@test "a real server that is killed while a training is followed, which is resumed later: everything once" {
  real_server --artifacts-destination "$T/artifacts"
  track --follow --every 0.2 live >address 2>said 3>&- &
  tracker=$!
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=200000 --set training.batch=16 -o live 3>&- &
  trainer=$!
  within 120 test -e live/tracked.json
  kill_real_server
  within 120 grep -q 'trying again' said
  kill -STOP $trainer # or the server would have minutes of work to catch up with
  real_server --artifacts-destination "$T/artifacts"
  within 120 grep -q 'answers again' said
  kill -CONT $trainer
  kill $trainer
  wait $trainer || true
  wait $tracker
  id=$(sed 's|.*/||' address)
  [ "$(info "$id" status)" = KILLED ]
  history_of "$id" total | diff <(tail -n +2 live/metrics.tsv | cut -f1) -
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=$(($(tail -n 1 live/metrics.tsv | cut -f1) + 50)) --set training.batch=16 -o live
  track -q live >address
  [ "$(sed 's|.*/||' address)" = "$id" ]
  [ "$(info "$id" status)" = FINISHED ]
  history_of "$id" total | diff <(tail -n +2 live/metrics.tsv | cut -f1) -
}

@test "a real server whose artifacts lie in a folder of its own machine" {
  real_server --no-serve-artifacts --default-artifact-root "$T/artifacts"
  expect 1 track run
  says 'which only programs with access to that place can write'
  expect 0 track --no-artifacts run
  says '40 values and 0 files sent'
}

@test "every way to fail at every request: everything arrives once" {
  serve
  track -q run
  last=$(requests)
  [ "$last" -gt 10 ]
  for way in 500 drop done-drop cut garbled; do
    for ((at = 1; at <= last; at++)); do
      rm -rf server run/tracked.json
      serve "$at:$way"
      track -q run >address 2>said || { cat said >&2; echo "$way at $at" >&2; return 1; }
      once || { echo "$way at $at" >&2; return 1; }
      [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status} . scalar keys %{$s->{experiments}}')" = 1FINISHED1 ] ||
        { echo "$way at $at" >&2; return 1; }
    done
  done
}

@test "killed at any moment, server and track: the same command sends the rest" {
  for ((i = 0; i < 40; i++)); do
    rm -rf server run/tracked.json
    serve "$((i % 14 + 1)):die"
    track -q --patience 0 run >/dev/null 2>&1 3>&- &
    pid=$!
    sleep "0.0$((RANDOM % 10))"
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    serve
    track -q run >address
    once
    [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1FINISHED ]
  done
}
