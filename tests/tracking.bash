# For the tests of track: a training run in $T/run, and a stand-in for an MLflow server (tracking-server.pl).
# shellcheck shell=bash
# shellcheck disable=SC2016 # perl's variables

setup() {
  [ -x "$PM_BUILD/bin/track" ] || skip 'track is not built: there is no libcurl here'
  command -v perl >/dev/null || skip 'there is no perl'
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
  cp -R "$SHARED/gridded" run
  unset "${!MLFLOW_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
}

teardown() { stop; }

# serve WAY...: a server, with the state and the port of the one before; its address is in $MLFLOW_TRACKING_URI.
serve() {
  stop
  rm -f port
  perl "$REPO/tests/tracking-server.pl" server port ${MLFLOW_TRACKING_URI:+port=${MLFLOW_TRACKING_URI##*:}} "$@" 3>&- &
  server=$!
  within 10 test -s port
  MLFLOW_TRACKING_URI=http://127.0.0.1:$(cat port)
  export MLFLOW_TRACKING_URI
}
stop() {
  [ -z "${server:-}" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  server=
}

# once: each metric of the run's file stands on the server exactly once, with its value and its time in ascending order.
once() {
  awk -F'\t' 'NR == 1 { for (i = 2; i <= NF; i++) name[i] = $i; next }
    { for (i = 2; i <= NF; i++) if ($i != "") printf "%s %d %.6g\n", name[i], $1, $i }' "${1:-run}/metrics.tsv" | sort >want
  awk '$2 !~ /^scores/ { printf "%s %d %.6g\n", $2, $3, $4 }' server/metrics | sort >got
  diff want got
}
# state EXPRESSION: of the server, in perl.
state() { perl -MJSON::PP -e 'local $/; open F, "server/state.json"; my $s = decode_json(<F>); my $r = $s->{runs}; print eval $ARGV[0], "\n"' "$1"; }
requests() { wc -l <server/requests; }
