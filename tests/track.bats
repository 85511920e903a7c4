# track: training runs to an MLflow server, whose part tracking-server.pl plays. tests/long/track.bats has a real one.
bats_require_minimum_version 1.5.0
load common
load training
load tracking

setup_file() {
  [ -x "$PM_BUILD/bin/track" ] || return 0
  tiny_training
  train -o "$SHARED/gridded" --set output.grid_every=6
}

@test "usage" {
  usage_rules track
  expect 2 track
  expect 2 track run
  says 'no tracking server is named; expected --server http://HOST:PORT or MLFLOW_TRACKING_URI'
  for address in sqlite:///mlflow.db ./mlruns file:///tmp/mlruns databricks http:// 'http://a b'; do
    MLFLOW_TRACKING_URI=$address expect 2 track run
    says 'is no address of a server'
  done
  expect 2 track --server ftp://me:secret@host run
  [[ $stderr != *secret* ]]
  expect 2 track --server http://127.0.0.1:9 --name a --name b run
  expect 2 track --server http://127.0.0.1:9 --tag alone run
  says 'expected KEY=VALUE'
  expect 2 track --server http://127.0.0.1:9 --follow run run
  MLFLOW_TRACKING_INSECURE_TLS=maybe expect 2 track --server http://127.0.0.1:9 run
  says "MLFLOW_TRACKING_INSECURE_TLS is 'maybe', expected true or false"
}

@test "a training run: settings, metrics, files, tags and how it ended, and the address of its page" {
  serve
  find run -type f ! -name tracked.json -exec cksum {} + | sort >before
  expect 0 track run
  [ "$output" = "$MLFLOW_TRACKING_URI/#/experiments/1/runs/run1" ]
  says 'run: 40 values and 5 files sent; training is complete'
  once
  find run -type f ! -name tracked.json -exec cksum {} + | sort | diff before -
  [ "$(state '$r->{run1}{params}{"training.steps"}')" = 12 ]
  [ "$(state 'scalar keys %{$r->{run1}{params}}')" -eq "$(grep -c ': [^ ]' run/config.yaml)" ]
  [ "$(state '$r->{run1}{info}{status}')" = FINISHED ]
  [ "$(state '$r->{run1}{info}{run_name}')" = tiny ]
  [ "$(state '$s->{experiments}{pixelmill}{experiment_id}')" = 1 ]
  [ "$(state '$r->{run1}{tags}{"pixelmill.data_sha256"}')" = "$(tensor hash "$SPRITES" | cut -d' ' -f1)" ]
  [ "$(state '$r->{run1}{tags}{"mlflow.source.name"}')" = 'pixelmill vae' ]
  [[ $(state '$r->{run1}{tags}{"pixelmill.tier"}') == *[a-z]* ]]
  [ -n "$(state '$r->{run1}{tags}{"mlflow.user"}')" ]
  for file in grids/000006.png grids/000012.png log.txt config.yaml; do same run/$file server/artifacts/1/run1/artifacts/$file; done
  same run/model.safetensors server/artifacts/1/run1/artifacts/model/model.safetensors
  # When: within the second that the log tells, in the order of the steps.
  begun=$(date -d "$(cut -c1-19 run/log.txt | head -n 1)" +%s 2>/dev/null) || skip 'no GNU date'
  [ "$(state '$r->{run1}{info}{start_time}')" = "${begun}000" ]
  [ "$(state '$r->{run1}{info}{end_time}')" -ge "${begun}000" ]
  awk -v begun="${begun}000" '$5 < begun || $5 > begun + 100000 { print; wrong = 1 } END { exit wrong }' server/metrics
  grep ' total ' server/metrics | awk '$5 < last { exit 1 } { last = $5 }'
}

@test "a second time nothing is sent, with the note of the first and without it" {
  serve
  track -q run
  had=$(requests)
  expect 0 track run
  says 'run: 0 values and 0 files sent'
  [ "$(grep -cE 'log-batch|create|PUT|update' <(tail -n +$((had + 1)) server/requests))" -eq 1 ] # the tags
  rm run/tracked.json
  cp -R run elsewhere
  expect 0 track elsewhere
  says 'elsewhere: 0 values'
  [ "$(state 'scalar keys %$r')" = 1 ]
  echo '{"cut off' >run/tracked.json
  expect 0 track run
  says 'run/tracked.json: is damaged'
  [ "$(state 'scalar keys %$r')" = 1 ]
  once
}

@test "several runs, names, experiments, tags; scores as metrics, and again when they change" {
  serve
  printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.5\t-\t-\t9\thigher\tx\nheld-out:coverage\t0.75\t-\t-\t9\thigher\tx\n' >run/scores.tsv
  cp -R "$SHARED/done" two
  expect 0 track --experiment 'mine, all of it' --name First --name 'Second & last' --tag a=b --tag mlflow.source.git.commit=abc run two
  [ "${#lines[@]}" -eq 2 ]
  [ "$(state '$r->{run1}{info}{run_name} . " | " . $r->{run2}{info}{run_name}')" = 'First | Second & last' ]
  [ "$(state '$r->{run2}{tags}{a} . $r->{run2}{tags}{"mlflow.source.git.commit"}')" = babc ]
  [ "$(state '$s->{experiments}{"mine, all of it"}{experiment_id}')" = 1 ]
  grep -q '^run1 scores/coverage 0 0.5 ' server/metrics
  grep -q '^run1 scores/held-out/coverage 0 0.75 ' server/metrics
  sed -i.bak 's/0\.5/0.625/' run/scores.tsv
  expect 0 track --experiment 'mine, all of it' run
  says 'run: 1 value and 1 file sent'
  MLFLOW_EXPERIMENT_NAME=other expect 0 track two
  [ "$(state '$r->{run3}{info}{experiment_id}')" = 2 ]
}

@test "--no-model and --no-artifacts" {
  serve
  track -q --no-model run
  [ ! -e server/artifacts/1/run1/artifacts/model ]
  [ -e server/artifacts/1/run1/artifacts/grids ]
  expect 0 track --no-artifacts --experiment other run
  says '40 values and 0 files'
}

@test "only finite values are sent, and what was left out is counted; long settings are cut" {
  serve
  awk -F'\t' -v OFS='\t' 'NR == 3 { $3 = "nan" } NR == 4 { $3 = "-inf" } 1' run/metrics.tsv >odd && mv odd run/metrics.tsv
  long=$(printf 'ä%.0s' {1..3500})
  sed -i.bak "s/^name: .*/name: $long$long/" run/config.yaml
  expect 0 track --name short run
  says 'left out 2 values that are not finite'
  says '1 parameter cut to the 6000 characters'
  [ "$(state 'length $r->{run1}{params}{name}')" = 6000 ]
  grep -cE 'nan|inf' server/metrics | grep -qx 0
}

@test "more than a request takes" {
  { head -n 1 run/metrics.tsv && awk 'BEGIN { for (i = 1; i <= 2500; i++) printf "%d\t%g\t%g\t%g\t\n", i, 1 / i, 2 / i, 3 / i }'; } >many
  mv many run/metrics.tsv
  for i in $(seq 250); do echo "zz$i: $i"; done >>run/config.yaml
  serve
  expect 0 track run
  says '7500 values'
  once
  [ "$(state '$r->{run1}{params}{zz250}')" = 250 ]
}

@test "credentials: name and password, token, in the address; refused ones are said and none is ever shown" {
  serve user=me:s3cret@word
  expect 1 track run
  says 'answers 401 Unauthorized; expected credentials that it takes, in MLFLOW_TRACKING_USERNAME and'
  MLFLOW_TRACKING_USERNAME=me MLFLOW_TRACKING_PASSWORD=wr0ng expect 1 track run
  [[ $stderr != *wr0ng* ]]
  MLFLOW_TRACKING_TOKEN=t0ken expect 1 track run
  [[ $stderr != *t0ken* ]]
  MLFLOW_TRACKING_USERNAME=me MLFLOW_TRACKING_PASSWORD=s3cret@word MLFLOW_TRACKING_TOKEN=t0ken expect 0 track -v run
  [[ $output$stderr != *s3cret* ]]
  expect 0 track --server "http://me:s3cret%40word@${MLFLOW_TRACKING_URI#http://}/" run
  says '0 values'
  [[ $output$stderr != *s3cret* ]]
  [ "$(grep -c s3cret run/tracked.json)" -eq 0 ]
  serve token=t0ken
  MLFLOW_TRACKING_TOKEN=t0ken expect 0 track --experiment other run
  serve all:403
  expect 1 track run
  says 'answers 403 Forbidden: database is locked; expected credentials'
}

@test "servers of the wrong kind" {
  serve all:html
  expect 1 track run
  says "$MLFLOW_TRACKING_URI: answers text/html where an MLflow server answers JSON"
  serve all:odd
  expect 1 track run
  says "answers JSON without 'experiment_id'"
  serve all:redirect
  expect 1 track run
  says 'redirects to https://elsewhere.example/login; expected the server'
  serve
  MLFLOW_TRACKING_URI=$MLFLOW_TRACKING_URI/elsewhere expect 1 track run
  says 'answers text/html where an MLflow server answers JSON'
  serve all:400
  expect 1 track run
  says 'answers 400 Bad Request: database is locked'
  MLFLOW_TRACKING_URI=https://${MLFLOW_TRACKING_URI#http://} expect 1 track --patience 0 run
  says 'given up after 1 try'
  [ ! -e run/tracked.json ]
  [ ! -e server/metrics ]
}

@test "servers that are down, fail, are slow" {
  expect 1 track --server http://127.0.0.1:1 --patience 0.3 run
  says 'http://127.0.0.1:1: cannot be reached'
  says 'trying again'
  says 'tries. Nothing is lost: the same command sends the rest'
  expect 1 track --server http://no.such.host.invalid:1 --patience 0 run
  says 'cannot be reached (Could not resolve host'
  for way in 500 503 429; do
    serve all:$way
    expect 1 track --patience 0 run
    says "answers $way"
  done
  serve all:hang
  expect 1 track --timeout 0.2 --patience 0 run
  says 'did not answer within 0.2 s; given up after 1 try'
}

@test "whatever goes wrong on the way, everything arrives once" {
  ways=(500 drop done-drop cut garbled)
  for shift in 0 2 4; do
    # Every fifth request, each in another way; tests/long/track.bats has all ways at all requests.
    faults=()
    for ((at = 1 + shift; at < 60; at += 5)); do faults+=("$at:${ways[$((at / 5 % 5))]}"); done
    rm -rf server run/tracked.json
    serve "${faults[@]}"
    track -q run 2>said || { cat said >&2; return 1; }
    once
    [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status} . scalar keys %{$s->{experiments}}')" = 1FINISHED1 ]
  done
}

@test "a server that dies at whatever request: said, and the same command sends the rest" {
  serve
  track -q run
  last=$(requests)
  for ((at = 3; at <= last; at += 5)); do
    rm -rf server run/tracked.json
    serve "$at:die"
    expect 1 track --patience 0 run
    says 'Nothing is lost'
    serve
    MLFLOW_TRACKING_URI=$MLFLOW_TRACKING_URI track -q run
    once
    [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1FINISHED ]
  done
}

@test "track killed at any moment: the same command sends the rest" {
  for pause in 0.02 0.06; do
    rm -rf server run/tracked.json
    serve
    track -q run >/dev/null 2>&1 3>&- &
    pid=$!
    sleep $pause
    kill -KILL $pid 2>/dev/null || true
    wait $pid || true
    track -q run
    once
    [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1FINISHED ]
  done
}

@test "a run or an experiment that was deleted, a server with another store" {
  serve
  track -q run
  sed -i.bak 's/"lifecycle_stage":"active","run_id"/"lifecycle_stage":"deleted","run_id"/' server/state.json
  serve
  expect 1 track run
  says "its run run1 was deleted on $MLFLOW_TRACKING_URI; restore it (mlflow runs restore --run-id run1), or remove run/tracked.json"
  rm run/tracked.json
  expect 0 track run
  [ "$(state '$r->{run2}{info}{status}')" = FINISHED ]
  sed -i.bak 's/"lifecycle_stage":"active","name"/"lifecycle_stage":"deleted","name"/' server/state.json
  serve
  expect 1 track run
  says "the experiment 'pixelmill' was deleted there; restore it (mlflow experiments restore --experiment-id 1)"
  rm -r server
  serve
  expect 0 track --server "$MLFLOW_TRACKING_URI" run
  once
  grep -v run2 run/tracked.json >/dev/null
}

@test "artifacts that do not go through the server are refused, with what to do" {
  serve artifacts=file:///srv/mlruns/1
  expect 1 track run
  says 'its artifacts lie in file:///srv/mlruns/1'
  says '--no-artifacts sends everything else'
  [ "$(state 'scalar keys %$r')" = 0 ]
  expect 0 track --no-artifacts run
  once
}

@test "what was deleted of the artifacts is sent again" {
  serve
  track -q run
  rm server/artifacts/1/run1/artifacts/grids/000006.png
  expect 0 track run
  says '0 values and 1 file sent'
  same run/grids/000006.png server/artifacts/1/run1/artifacts/grids/000006.png
}

# A training in the folder `live`, stopped at some step, as the trainer leaves it.
half() {
  local more=$(($(rows live) + 50))
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=100000 -o live 3>&- &
  pid=$!
  within 10 has_rows live $more
  kill -"$1" $pid
  wait $pid 2>/dev/null || true
}

@test "how a training ended: stopped by a signal, killed, failed; resumed, it goes on in the same run" {
  serve
  half TERM
  expect 0 track live
  says 'training was stopped and can be resumed'
  [ "$(state '$r->{run1}{info}{status}')" = KILLED ]
  once live
  half KILL
  expect 0 track live
  says 'training ended without a model'
  [ "$(state '$r->{run1}{info}{status}')" = FAILED ]
  step=$(tail -n 1 live/metrics.tsv | cut -f1)
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=$((step + 40)) -o live
  expect 0 track live
  says "training.steps is $((step + 40)) now; the run keeps 100000"
  [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1FINISHED ]
  once live
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set seed=7 -o live --restart
  expect 0 track live
  says 'holds another training than that of run run1; it becomes a run of its own'
  [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status} . $r->{run2}{info}{status}')" = 2FINISHEDFINISHED ]
}

@test "--follow sends while training goes on, through a stop of the server and of the training, and ends with it" {
  serve
  track --follow --every 0.05 live >address 2>said 3>&- &
  tracker=$!
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=100000 -o live 3>&- &
  trainer=$!
  within 20 grep -q total server/metrics
  [ "$(state '$r->{run1}{info}{status}')" = RUNNING ]
  # Another one is kept out.
  expect 1 track live
  says 'another track is sending this training run'
  stop
  within 10 grep -q 'trying again' said
  serve
  within 20 grep -q 'answers again' said
  kill $trainer
  wait $trainer || true
  wait $tracker
  [ "$(cat address)" = "$MLFLOW_TRACKING_URI/#/experiments/1/runs/run1" ]
  [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1KILLED ]
  once live
}

@test "a training that is begun anew while nobody tracks it leaves no run that seems to go on" {
  serve
  train-vae -q -c "$CONFIG" --data "$SPRITES" --set training.steps=100000 -o live 3>&- &
  trainer=$!
  within 10 has_rows live 20
  expect 0 track live
  says 'is still training: --follow, or the same command later, sends the rest'
  [ "$(state '$r->{run1}{info}{status}')" = RUNNING ]
  kill -KILL $trainer
  wait $trainer 2>/dev/null || true
  train-vae -q -c "$CONFIG" --data "$SPRITES" -o live --fresh
  expect 0 track live
  says 'holds another training than that of run run1'
  [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status} . $r->{run2}{info}{status}')" = 2KILLEDFINISHED ]
}

@test "bad input is refused before anything is sent" {
  serve
  refused() { # refused WHERE MESSAGE
    expect 3 track run "$1"
    says "$2"
    [ ! -e server/requests ]
  }
  mkdir folder
  : >file
  refused missing 'missing: there is no such folder, expected the folder of a training run'
  refused file 'file: is a file'
  refused folder 'folder: there is no metrics.tsv in it'
  expect 3 track --follow --patience 0.1 --every 0.05 missing
  says 'missing: there is no such folder'
  expect 3 track --follow --patience 0 folder
  printf 'step\ttotal\n1\tx\n' >run/metrics.tsv
  expect 3 track run
  says "metrics.tsv:2: total is 'x', expected a number"
  printf 'stop\ttotal\n1\t1\n' >run/metrics.tsv
  expect 3 track run
  printf 'step\ttotal\n1.5\t1\n' >run/metrics.tsv
  expect 3 track run
  says "step is '1.5', expected a whole number"
  cp "$SHARED/done/metrics.tsv" run
  echo 'x: [' >run/config.yaml
  expect 3 track run
  says 'run/config.yaml'
  [ ! -e server/requests ]
}

@test "where tracked.json cannot be written, the run is found again by its tag" {
  serve
  PIXELMILL_FAIL_WRITE=1 expect 1 track run
  says 'run/tracked.json: cannot write'
  expect 0 track run
  once
  [ "$(state 'scalar(keys %$r) . $r->{run1}{info}{status}')" = 1FINISHED ]
}

# records FILE: of an event file, checked against its check sums: the length of each and what it holds, in words.
records() {
  perl -e 'use strict; use warnings; local $/; binmode STDIN; my $s = <STDIN>;
    sub crc { my $c = 0xffffffff; for my $b (unpack "C*", $_[0]) { $c ^= $b; $c = $c & 1 ? $c >> 1 ^ 0x82f63b78 : $c >> 1 for 1 .. 8 } return $c ^ 0xffffffff }
    sub masked { my $c = crc($_[0]); return ((($c >> 15) | ($c << 17)) + 0xa282ead8) & 0xffffffff }
    sub fields { my ($m) = @_; my @f;
      my $varint = sub { my ($v, $k) = (0, 0); while ($m =~ s/^(.)//s) { $v |= (ord($1) & 127) << $k; return $v if ord $1 < 128; $k += 7 } die "cut" };
      while (length $m) { my $key = $varint->(); my $kind = $key & 7; my $v;
        if ($kind == 0) { $v = $varint->() } elsif ($kind == 2) { my $n = $varint->(); $v = substr $m, 0, $n, "" }
        elsif ($kind == 1) { $v = unpack "d<", substr $m, 0, 8, "" } elsif ($kind == 5) { $v = unpack "f<", substr $m, 0, 4, "" } else { die "kind $kind" }
        push @f, $key >> 3, $v } return @f }
    while (length $s) {
      my $head = substr $s, 0, 8, ""; my $n = unpack "Q<", $head;
      unpack("V", substr $s, 0, 4, "") == masked($head) or die "length";
      my $data = substr $s, 0, $n, ""; unpack("V", substr $s, 0, 4, "") == masked($data) or die "data";
      my %e = fields($data); if ($e{3}) { print "version $e{3}\n"; next }
      my %v = fields({fields($e{5})}->{1}); my %i = $v{4} ? fields($v{4}) : ();
      print "$v{1} $e{2} ", $v{4} ? "$i{2}x$i{1} " . length $i{4} : sprintf("%.6g", $v{2}), "\n" }' <"$1"
}

@test "--tensorboard: event files with the metrics, scores and grids, whole and with right check sums" {
  printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.5\t-\t-\t9\thigher\tx\n' >run/scores.tsv
  expect 0 track --tensorboard events --name First run
  file=events/First/events.out.tfevents.0000000000.pixelmill
  says "wrote $file"
  records $file >got
  [ "$(head -n 1 got)" = 'version brain.Event:2' ]
  awk -F'\t' 'NR == 1 { for (i = 2; i <= NF; i++) name[i] = $i; next }
    { for (i = 2; i <= NF; i++) if ($i != "") print name[i], $1, $i }' run/metrics.tsv | sort >want
  # Values are of single precision.
  grep -vE '^(version|scores|samples)' got | sort | paste -d' ' want - |
    awk '$1 != $4 || $2 != $5 || ($3 - $6) ^ 2 > 1e-10 * $3 ^ 2 { print; wrong = 1 } END { exit wrong || NR != 40 }'
  grep -qx 'scores/coverage 0 0.5' got
  for step in 6 12; do grep -q "^samples $step [0-9]*x[0-9]* $(wc -c <run/grids/0000$(printf %02d $step).png)\$" got; done
  cp $file before
  expect 0 track --tensorboard events --name First run
  same before $file
  if python3 -c 'import tensorboard' 2>/dev/null; then
    python3 - events/First <<'PY'
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1]); a.Reload()
assert [s.step for s in a.Scalars("total")] == list(range(1, 13))
assert [i.step for i in a.Images("samples")] == [6, 12]
PY
  fi
}

@test "--tensorboard: what it has no use for, and names that are none" {
  expect 2 track --tensorboard events --server http://127.0.0.1:1 run
  says '--server is for a server; --tensorboard writes files'
  expect 2 track --tensorboard events --no-artifacts run
  expect 2 track --tensorboard events --name ../x run
  cp -R run two
  expect 2 track --tensorboard events run two
  says "two training runs are named 'tiny'; --name gives another"
  expect 3 track --tensorboard events missing
  says 'missing: there is no such folder'
}
