# The pipeline: what is run, when, and what is not. A copy of the makefiles runs stand-ins for the tools
# (fake-tool.sh) that log their calls; the last tests run the real ones.
bats_require_minimum_version 1.5.0
load common
load pixels
load pipeline

@test "compare makes data, runs and the picture, and says where to look" {
  run mk compare
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = 'Look at runs/builtin/default/compare/index.html, or at runs/builtin/default/compare/grid.png alone' ]
  ran draw-sprites 1
  ran train-vae 2
  ran sample 6
  ran snap 2
  ran montage 1
  ran score 2
  ran report 1
  ran plot-curves 2
  grep -qx 'plot-curves --caption VAE-MSE runs/builtin/default/vae-mse -o runs/builtin/default/vae-mse/curves.png' "$FAKE_LOG"
  for file in data/sprites.npy data/palette.gpl data/real.npy data/labels.npy default/vae-mse/model.safetensors \
    default/vae-bce/snapped.npy default/vae-bce/scores.tsv default/vae-mse/nearest.png default/vae-mse/distances.png default/vae-mse/curves.png default/compare/grid.png \
    default/compare/index.html; do
    [ -s "runs/builtin/$file" ]
  done
}

@test "a second run does nothing and says so" {
  mk compare
  run mk compare
  [ "$status" -eq 0 ]
  nothing_ran
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[0]} == *'up to date'* ]]
  [ "${lines[1]}" = 'Look at runs/builtin/default/compare/index.html, or at runs/builtin/default/compare/grid.png alone' ]
}

@test "a second run takes less than 0.3 seconds" {
  mk compare
  mk compare
  # The quickest of some; by its processor time where other programs keep it waiting.
  took=1000000
  TIMEFORMAT='%R %U %S'
  for _ in 1 2 3 4 5; do
    { time mk compare >/dev/null 2>&1; } 2>"$T/time"
    now=$(awk '{ own = $2 + $3; printf "%d", 1000 * (own < $1 ? own : $1) }' "$T/time")
    took=$((now < took ? now : took))
  done
  echo "$took ms"
  [ "$took" -lt 300 ]
}

@test "TRACK sends all training runs behind everything else, once; again when scores are new or the server is another" {
  server=http://127.0.0.1:5000
  run mk compare TRACK=$server
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "On $server, experiment \"builtin, preset default\": 2 training runs" ]
  tracks() { grep -c '^track ' "$FAKE_LOG" || true; }
  [ "$(tracks)" -eq 2 ]
  tail -n 1 "$FAKE_LOG" | grep -q "^track --server $server --experiment builtin, preset default --name VAE-BCE .*runs/builtin/default/vae-bce\$"
  tail -n 2 "$FAKE_LOG" | grep -c '^track' | grep -qx 2
  mk compare TRACK=$server
  [ "$(tracks)" -eq 0 ]
  sleep 0.02
  touch runs/builtin/default/vae-mse/scores.tsv
  mk compare TRACK=$server
  [ "$(tracks)" -eq 1 ]
  mk compare TRACK=https://elsewhere
  [ "$(tracks)" -eq 2 ]
  mk compare
  [ "$(tracks)" -eq 0 ]
}

@test "TRACK and a server that is down: all results are there, it is said last, and make fails" {
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "track $*" >>"$FAKE_LOG"\necho "track: is down" >&2\nexit ${TRACK_STATUS:-1}\n' >tools/track
  server=http://127.0.0.1:5000
  expect 2 "$MAKE" --no-print-directory TOOLS=tools compare TRACK=$server
  prints 'Look at runs/builtin/default/compare/index.html'
  says "TRACK: 0 of 2 training runs are on $server. All results are made; the same command sends the rest"
  [ -s runs/builtin/default/compare/index.html ]
  [ "$(grep -c '^track' "$FAKE_LOG")" -eq 1 ]
  # A folder's own fault keeps the others from nothing.
  TRACK_STATUS=3 expect 2 "$MAKE" --no-print-directory TOOLS=tools compare TRACK=$server
  [ "$(grep -c '^track' "$FAKE_LOG")" -eq 3 ]
  expect 2 "$MAKE" --no-print-directory TOOLS=tools compare TRACK=sqlite:///x
  says 'TRACK=sqlite:///x: expected the address of an MLflow server'
  expect 2 "$MAKE" --no-print-directory TOOLS=tools compare TRACK=http://me:pw@host
  says 'credentials do not belong into the address'
  [[ $stderr != *pw@* ]]
  rm tools/track
  expect 2 "$MAKE" --no-print-directory TOOLS=tools compare TRACK=$server
  says 'tools/track is not built, since libcurl is missing'
}

@test "tools rebuilt to the same bytes, or to others that compute the same, retrain nothing" {
  mk compare
  sleep 0.02
  touch tools/*
  mk compare
  nothing_ran
  for tool in tools/*; do echo '# moved a comment' >>"$tool"; done
  mk compare
  ran draw-sprites 0
  ran train-vae 0
  ran sample 6
  ran montage 1
  ran score 2
  ran report 1
}

@test "a data tool that draws otherwise remakes data and all that hangs on them" {
  mk compare
  sed -i.bak 's/^version=1/version=2/' tools/draw-sprites
  run mk -n compare
  nothing_ran
  [[ $output == *'draw-sprites -o runs/builtin/data/sprites.npy'* ]]
  [[ $output == *'train-vae -c configs/vae-bce.yaml'* ]]
  mk compare
  ran draw-sprites 1
  ran train-vae 2
  ran montage 1
}

@test "a new recipe version retrains on the same data" {
  mk compare
  sed -i.bak 's/^version=1/version=2/' tools/train-vae
  mk compare
  ran draw-sprites 0
  ran train-vae 2
  grep -q 'vae-mse.* from 0' "$FAKE_LOG"
  ran montage 1
}

@test "a changed config reruns its run alone; changing it back, too" {
  mk compare
  cp configs/vae-bce.yaml before.yaml
  echo 'seed: 7' >>configs/vae-bce.yaml
  run mk -n compare
  nothing_ran
  [[ $output == *'train-vae -c configs/vae-bce.yaml'* ]]
  [[ $output != *'train-vae -c configs/vae-mse.yaml'* ]]
  mk compare
  ran train-vae 1
  ran sample 3
  ran montage 1
  ran score 1
  ran report 1
  mk compare
  nothing_ran
  cp before.yaml configs/vae-bce.yaml
  mk compare
  ran train-vae 1
}

@test "a touched or rewritten config of the same content reruns nothing" {
  mk compare
  sleep 0.02
  touch configs/*.yaml configs/presets/*.yaml
  mk compare
  nothing_ran
}

@test "make clean keeps the results and their state" {
  mk compare
  mk clean
  [ ! -e build ]
  mk compare
  nothing_ran
}

@test "make -n runs nothing, writes no results, and names exactly what then runs" {
  run mk -n compare
  [ "$status" -eq 0 ]
  [ ! -e runs ]
  nothing_ran
  said=$(grep -oE 'tools/(draw|check|extract|train|sample|snap|montage|score|report|plot)[a-z-]* ' <<<"$output" | sort | uniq -c)
  mk compare
  # Without the samples that are timed and go nowhere.
  done=$(grep 'runs/' "$FAKE_LOG" | grep -v -e ' from ' -e '^sample .* -n [0-9]*$' | sed 's|^\([a-z-]*\) .*|tools/\1 |' | sort | uniq -c)
  # The trainer logs `call from step` only.
  trained=$(grep -c ' from ' "$FAKE_LOG")
  [ "$trained" -eq 2 ]
  diff <(grep -v train <<<"$said") <(echo "$done")
  run mk -n compare
  [ "$(grep -c tools/ <<<"$output")" -eq 0 ]
}

@test "-j makes the same files" {
  mk compare
  mv runs once
  mk -j4 compare
  diff -r -x costs.tsv once runs # it has a clock in it
}

@test "-B on one stage trains it from the start, and no other" {
  mk compare
  run mk -n -B builtin/vae-mse
  [[ $output == *'--fresh'* ]]
  nothing_ran
  mk -B builtin/vae-mse
  ran train-vae 1
  grep -q 'vae-mse.*--fresh from 0' "$FAKE_LOG"
  mk compare
  ran train-vae 0
  ran sample 3
  ran montage 1
  mk compare
  nothing_ran
}

@test "-B on everything does everything" {
  mk compare
  mk -B -j2 compare
  ran draw-sprites 1
  ran train-vae 2
  [ "$(grep -c -- '--fresh from 0' "$FAKE_LOG")" -eq 2 ]
  ran montage 1
}

@test "one stage: DATASET/RUN and DATASET/data" {
  run mk builtin/data
  [ "${lines[-1]}" = 'Look at runs/builtin/data' ]
  ran draw-sprites 1
  ran train-vae 0
  run mk builtin/vae-bce
  [ "${lines[-1]}" = 'Look at runs/builtin/default/vae-bce' ]
  ran draw-sprites 0
  ran train-vae 1
  [ ! -e runs/builtin/default/vae-mse ]
  mk tilemaps/vae-mse PRESET=smoke
  ran draw-tilemaps 1
  [ -s runs/tilemaps/smoke/vae-mse/model.safetensors ]
  mk runs/builtin/smoke/vae-mse/model.safetensors PRESET=smoke
  ran train-vae 1
}

@test "a killed make leaves no half-made target; the next resumes" {
  for signal in TERM INT KILL; do
    rm -rf runs
    : >"$FAKE_LOG"
    # A session of its own, so that the whole group can be killed as a terminal or a power cut would.
    FAKE_SLEEP=0.3 setsid env --default-signal=INT "$MAKE" TOOLS=tools builtin/vae-mse >/dev/null 2>&1 3>&- &
    pid=$!
    for _ in $(seq 100); do
      [ ! -e runs/builtin/default/vae-mse/checkpoint ] || break
      sleep 0.05
    done
    kill -s "$signal" -- "-$pid"
    wait "$pid" || true
    [ ! -e runs/builtin/default/vae-mse/model.safetensors ]
    run mk -n builtin/vae-mse
    [[ $output == *train-vae* ]]
    mk builtin/vae-mse
    ran train-vae 1
    grep -qE 'from [1-9]' "$FAKE_LOG"
    mk builtin/vae-mse
    nothing_ran
  done
}

@test "killed after a key changed, the old result is not taken for the new one" {
  mk builtin/vae-mse
  echo 'seed: 9' >>configs/vae-mse.yaml
  FAKE_SLEEP=0.3 setsid env --default-signal=INT "$MAKE" TOOLS=tools builtin/vae-mse >/dev/null 2>&1 3>&- &
  pid=$!
  for _ in $(seq 100); do
    ! grep -q 'seed: 9' runs/builtin/default/vae-mse/key || break
    sleep 0.05
  done
  kill -KILL -- "-$pid"
  wait "$pid" || true
  mk builtin/vae-mse
  ran train-vae 1
}

@test "a make that asks with other settings meanwhile does not mark the results of the one that runs" {
  FAKE_SLEEP=0.2 "$MAKE" TOOLS=tools compare >/dev/null 2>&1 3>&- &
  pid=$!
  for _ in $(seq 100); do
    [ ! -e runs/builtin/default/vae-mse/checkpoint ] || break
    sleep 0.05
  done
  [ ! -e runs/builtin/default/vae-bce/key ]
  "$MAKE" --no-print-directory TOOLS=tools explain SET=seed=9 | grep -F vae-bce
  wait "$pid"
  mk compare
  nothing_ran
  mk compare SET=seed=9
  ran train-vae 2
}

@test "a missing result is made again, and data that were tampered with" {
  mk compare
  rm runs/builtin/default/vae-bce/model.safetensors
  mk compare
  ran train-vae 1
  rm runs/builtin/data/palette.gpl
  mk compare
  ran draw-sprites 1
  ran train-vae 0
  cp runs/builtin/data/sprites.npy good
  echo spoilt >runs/builtin/data/sprites.npy
  mk compare
  cmp good runs/builtin/data/sprites.npy
  ran train-vae 0
}

@test "a trainer that fails stops make, and nothing later is made" {
  sed -i.bak 's/^train() {/train() { [ "$print" ] || exit 1;/' tools/train-vae
  run mk compare
  [ "$status" -ne 0 ]
  [ ! -e runs/builtin/default/compare/grid.png ]
}

@test "a sampling that fails while it is timed stops make; no times are kept" {
  sed -i.bak '2i [[ $* == *" -o "* ]] || exit 1' tools/sample
  expect 2 "$MAKE" TOOLS=tools compare
  [ ! -e runs/builtin/default/compare/costs.tsv ]
}

@test "a sheet: its options reach slice-tiles, its content is in the key, its name is remembered" {
  echo one >'my #1 $sheet.png'
  mk compare SHEET='my #1 $sheet.png' NAME=mine TILE=8x12 SPACING=1 MARGIN=2 DENSITY=0.15:0.50 PRESET=smoke
  ran slice-tiles 1
  grep -qF -- '--tile 8x12 --spacing 1 --margin 2 --density 0.15:0.50 my #1 $sheet.png -o runs/mine/data/' "$FAKE_LOG"
  ran train-vae 2
  mk compare NAME=mine PRESET=smoke
  ran slice-tiles 0
  ran train-vae 0
  mk mine/vae-mse PRESET=smoke
  ran train-vae 0
  echo two >'my #1 $sheet.png'
  mk compare NAME=mine PRESET=smoke
  ran slice-tiles 1
  ran train-vae 2
  mk compare NAME=mine PRESET=smoke TILE=16
  grep -q -- '--tile 16 --spacing 1' "$FAKE_LOG"
  mk compare NAME=mine PRESET=smoke REST=drop SHRINK=3 TRANSPARENT=ff00ff TOLERANCE=9
  grep -q -- '--rest drop --shrink 3 --density 0.15:0.50 --transparent ff00ff --tolerance 9' "$FAKE_LOG"
}

@test "a sheet is named after its file; a folder of sheets will do" {
  mkdir sheets
  echo one >sheets/a.png
  mk compare SHEET=sheets PRESET=smoke
  [ -s runs/sheets/smoke/compare/grid.png ]
  mk compare SHEET=sheets PRESET=smoke
  ran slice-tiles 0
  sleep 0.02
  touch sheets/a.png
  mk compare SHEET=sheets PRESET=smoke
  ran slice-tiles 0
  echo two >sheets/b.png
  mk compare SHEET=sheets PRESET=smoke
  ran slice-tiles 1
  echo one >'a sheet.png'
  mk 'a-sheet/data' SHEET='a sheet.png'
  [ -s runs/a-sheet/data/sprites.npy ]
}

@test "several sheets, a folder with a slash behind it: named after all of them, each one's content in the key" {
  mkdir sheets more
  echo one >sheets/a.png
  echo two >more/b.png
  mk compare SHEET='sheets/a.png more/b.png' PRESET=smoke
  grep -q -- 'sheets/a.png more/b.png -o runs/a-b/data/cut.npy' "$FAKE_LOG"
  [ -s runs/a-b/smoke/compare/grid.png ]
  mk compare NAME=a-b PRESET=smoke
  ran slice-tiles 0
  echo three >more/b.png
  mk compare NAME=a-b PRESET=smoke
  ran slice-tiles 1
  ran train-vae 2
  mk sheets/data SHEET=sheets/
  ran slice-tiles 1
  [ -s runs/sheets/data/sprites.npy ]
  expect 2 "$MAKE" TOOLS=tools compare SHEET='sheets/a.png sheets/none.png'
  says 'SHEET=sheets/none.png: there is no such file'
}

@test "how a sheet is cut: transparency, repeated tiles, number of colours; remembered and taken back" {
  echo one >a.png
  mk a/data SHEET=a.png KEEP_ALPHA=1 DISTINCT=1 COLOURS=12
  grep -q -- 'slice-tiles --tile 16 --keep-alpha --distinct a.png -o runs/' "$FAKE_LOG"
  grep -q 'extract-palette -k 12 runs/a/data/cut.npy' "$FAKE_LOG"
  mk a/data
  ran slice-tiles 0
  mk a/data DISTINCT=0
  grep -q -- 'slice-tiles --tile 16 --keep-alpha a.png -o runs/' "$FAKE_LOG"
  mk a/data TRANSPARENT=ff00ff BACKGROUND=102030 DISTINCT=
  grep -q -- 'slice-tiles --tile 16 --transparent ff00ff --background 102030 --keep-alpha a.png -o runs/' "$FAKE_LOG"
}

@test "how a sheet is cut: said in the environment or on the command line, it goes before what is remembered" {
  echo one >a.png
  mk a/data SHEET=a.png TILE=8 MARGIN=1
  mk a/data TILE=10
  grep -q -- 'slice-tiles --tile 10 --margin 1 a.png -o runs/' "$FAKE_LOG"
  export TILE=12
  mk a/data
  grep -q -- 'slice-tiles --tile 12 --margin 1 a.png -o runs/' "$FAKE_LOG"
  unset TILE
  mk a/data
  ran slice-tiles 0
}

@test "the check of the sprites is shown once for each data set, before any snapping" {
  echo one >a.png
  mk compare SHEET=a.png PRESET=smoke
  [ "$(grep -c '^check-sprites ' "$FAKE_LOG")" -eq 1 ]
  grep -q '^check-sprites runs/a/data/cut.npy --labels runs/a/data/labels.npy --names runs/a/data/names.txt' "$FAKE_LOG"
  mk compare NAME=a
  [ "$(grep -c '^check-sprites ' "$FAKE_LOG")" -eq 0 ]
  mk tilemaps/data
  grep -q '^check-sprites runs/tilemaps/data/sprites.npy --batch 32 --held-out 0.1$' "$FAKE_LOG"
  # It knows what the user says of the training.
  mk b/data SHEET=a.png NAME=b SET='training.batch=8 training.batch=4 data.held_out=0'
  grep -q '^check-sprites runs/b/data/cut.npy .*--batch 4 --held-out 0$' "$FAKE_LOG"
}

@test "the check of the sprites knows the largest batch of the runs asked for" {
  echo one >a.png
  told() { # told BATCH HELD_OUT
    grep -q "^check-sprites .* --batch $1 --held-out $2\$" "$FAKE_LOG" || { cat "$FAKE_LOG" >&2 && return 1; }
    rm -r runs
  }
  RUNS='vae-mse prior' mk compare SHEET=a.png PRESET=smoke
  told 64 0.1
  printf 'data:\n  held_out: 0.25\n' >>configs/vae-bce.yaml
  RUNS='vae-mse vae-bce prior' mk a/data SHEET=a.png
  told 64 0.25
  RUNS='vae-mse vae-bce prior' mk a/vae-mse SHEET=a.png
  told 32 0.1
  # What a run is built on is trained with it.
  printf 'training:\n  batch: 128\n' >>configs/vqvae.yaml
  mk a/prior SHEET=a.png
  told 128 0.1
  # A setting that no config has is said; the data are there.
  expect 0 "$MAKE" TOOLS=tools a/data SHEET=a.png SET=training.bacth=3
  says '--set: there is no such key'
  [ -s runs/a/data/sprites.npy ]
}

@test "SET lays settings over all runs, and is in their keys" {
  mk compare PRESET=smoke
  mk compare PRESET=smoke SET='training.steps=9 seed=4'
  ran train-vae 2
  [ "$(grep -c -- '--preset smoke --set training.steps=9 --set seed=4 --data' "$FAKE_LOG")" -eq 2 ]
  mk compare PRESET=smoke SET='training.steps=9 seed=4'
  ran train-vae 0
  mk compare PRESET=smoke
  ran train-vae 2
}

@test "a method that learns classes gets labels and names, and a row a class; others are not concerned" {
  mk compare RUNS='vae-mse ddpm-palette'
  grep -q 'train-ddpm .*--labels runs/builtin/data/labels.npy --class-names runs/builtin/data/names.txt' "$FAKE_LOG"
  grep -q 'sample .*--class each' "$FAKE_LOG"
  [ "$(grep -c 'train-vae .*--labels' "$FAKE_LOG")" -eq 0 ]
  sed -i.bak 's/echo "${1#--} $version"/echo "${1#--} changed"/' tools/draw-sprites
  mk compare RUNS='vae-mse ddpm-palette'
  ran train-ddpm 1
  ran train-vae 0
  mk tilemaps/ddpm-palette PRESET=smoke
  [ "$(grep -c -- '--labels' "$FAKE_LOG")" -eq 0 ]
}

@test "scores: samples are drawn once and kept; another score tool draws none" {
  mk compare
  [ "$(grep -c '^sample .* -n 1000 -s 1 -o runs/builtin/default/vae-[a-z]*/scored.npy' "$FAKE_LOG")" -eq 2 ]
  echo '# moved a comment' >>tools/score
  mk compare
  ran sample 0
  ran score 2
  ran montage 0
  ran report 1
  for file in scores.tsv nearest.png distances.png; do
    rm "runs/builtin/default/vae-mse/$file"
    mk compare
    ran score 1
    ran report 1
    [ -s "runs/builtin/default/vae-mse/$file" ]
  done
}

@test "the picture has at most two rows of a run of sprites, ROWS=all shows all" {
  RUNS='vae-mse ddpm' mk compare
  [ "$(grep -c '^montage .*--caption .*snapped' "$FAKE_LOG")" -eq 1 ]
  [ "$(grep '^montage .*--caption' "$FAKE_LOG" | grep -c '/samples.npy')" -eq 0 ]
  RUNS='vae-mse ddpm' mk compare ROWS=all
  [ "$(grep '^montage .*--caption' "$FAKE_LOG" | grep -o '/samples.npy' | wc -l)" -eq 2 ]
}

@test "scores: a run that learns classes is asked for some of each, guided" {
  RUNS='vae-mse ddpm-palette' mk compare
  r=runs/builtin/default/ddpm-palette
  [ "$(grep -c "^sample .* -n 125 -s 1 --class each -o .*/scored-by-class.npy" "$FAKE_LOG")" -eq 1 ]
  grep -q "^score $r/scored.npy .*--labels runs/builtin/data/labels.npy --by-class $r/scored-by-class.npy --sample-labels each" "$FAKE_LOG"
  grep -qxF 'sample ddpm-palette/model.safetensors -n 125 -s 1 --class each -o ddpm-palette/scored-by-class.npy' \
    runs/builtin/default/compare/commands.txt
  [ "$(grep -c '^score .*vae-mse.*--labels' "$FAKE_LOG")" -eq 0 ]
  RUNS=patch-ar mk compare
  grep -q '^sample .*/patch-ar/model.safetensors -n 125 -s 1 --class each --guidance-scale 1.5 --temperature 0.65 -o' "$FAKE_LOG"
  rm "$r/scored-by-class.npy"
  RUNS='vae-mse ddpm-palette' mk compare
  ran sample 1
  ran score 1
  RUNS=ddpm-palette mk compare PRESET=smoke
  grep -q "^sample .* -n 16 -s 1 --class each" "$FAKE_LOG"
  RUNS=ddpm-palette mk compare DATA=tilemaps PRESET=smoke
  [ "$(grep -c -- --by-class "$FAKE_LOG")" -eq 0 ]
}

@test "scores: a run whose model knows what a sprite takes is asked once" {
  RUNS='vae-mse ddpm-palette' mk compare
  r=runs/builtin/default/ddpm-palette
  grep -qxF "sample $r/model.safetensors --bits runs/builtin/data/sprites.npy --labels runs/builtin/data/labels.npy --draws 4 -s 1 -o $r/bits.npy" "$FAKE_LOG"
  grep -q "^score $r/scored.npy .*--bits $r/bits.npy " "$FAKE_LOG"
  [ "$(grep -c -- '--bits' "$FAKE_LOG")" -eq 2 ]
  rm "$r/bits.npy"
  RUNS='vae-mse ddpm-palette' mk compare
  ran sample 1
  ran score 1
}

@test "SAMPLES says how many are scored; with 0 none are" {
  mk compare PRESET=smoke
  grep -q '^sample .* -n 64 -s 1 -o .*/scored.npy' "$FAKE_LOG"
  ran score 2
  mk compare PRESET=smoke SAMPLES=1500
  grep -q '^sample .* -n 1500 -s 1 -o .*/scored.npy' "$FAKE_LOG"
  mk compare PRESET=seed SAMPLES=0
  ran score 0
  [ ! -e runs/builtin/seed/vae-mse/scored.npy ]
  [ -s runs/builtin/seed/compare/index.html ]
  expect 2 "$MAKE" TOOLS=tools compare SAMPLES=many
  says 'SAMPLES=many: expected a number'
  expect 2 "$MAKE" TOOLS=tools compare SAMPLES=9
  says 'SAMPLES=9: expected a number of samples, at least 10'
}

@test "scores know what was held out, and which sprites are tilemaps" {
  mk compare PRESET=seed SAMPLES=10
  for run in vae-mse vae-bce; do
    grep -q "^score .*/$run/scored.npy .*--model runs/builtin/seed/$run/model.safetensors " "$FAKE_LOG"
  done
  RUNS=tilemaps-l1 mk compare DATA=tilemaps PRESET=smoke
  [ "$(grep -c '^score .*--tilemaps --tsv' "$FAKE_LOG")" -eq 1 ]
  grep -q '^report .*--figures runs/tilemaps/smoke/compare/figures.tsv' "$FAKE_LOG"
}

@test "the page names the runs and the commands as they would be typed, without where things lie" {
  mkdir 'my sheets'
  echo one >'my sheets/a  set.png'
  mk compare SHEET="$T/my sheets/a  set.png" NAME=mine
  commands=runs/mine/default/compare/commands.txt
  grep -qF "slice-tiles --tile 16 'a  set.png' -o data/cut.npy" "$commands"
  grep -qxF 'train-vae -c configs/vae-bce.yaml --preset default --data data/sprites.npy --palette data/palette.gpl -o vae-bce' "$commands"
  grep -qxF 'sample vae-bce/model.safetensors -n 1000 -s 1 -o vae-bce/scored.npy' "$commands"
  [ "$(grep -c '^score vae-bce/scored.npy .*--tsv -o vae-bce/scores.tsv --nearest 9 --picture vae-bce/nearest.png --plot vae-bce/distances.png$' "$commands")" -eq 1 ]
  grep -qF 'montage --scale 4' "$commands"
  [ "$(grep -cE "runs/|tools/|^ |^\$|$T" "$commands")" -eq 0 ]
  # What a run rests on is trained first, though it is not shown.
  RUNS=prior mk compare NAME=mine
  [ "$(grep -cE '^(train-vqvae|fit-prior)' "$commands")" -eq 2 ]
  grep -A1 '^train-vqvae' "$commands" | grep -q '^fit-prior .*--vqvae vqvae/model.safetensors'
  mk compare NAME=mine
  grep -qF "report --title mine, preset default --grid runs/mine/default/compare/grid.png --commands $commands --caption VAE-MSE runs/mine/default/vae-mse" "$FAKE_LOG"
}

@test "seeds: the runs trained again with others, and a table of all trainings" {
  cat >tools/score <<'EOS'
#!/usr/bin/env bash
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2 ;; --picture | --plot) echo picture >"$2" ;; esac
  shift
done
number=$(sed -n 's,.*-seed\([0-9]*\)/.*,\1,p' <<<"$out")
printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.%s\t0\t1\t9\thigher\tx\nsame\t7\t7\t7\t9\t-\tx\nheld-out:coverage\t0.6\t0\t1\t9\thigher\tx\n' \
  "${number:-1}" >"$out"
echo "score $out" >>"$FAKE_LOG"
EOS
  run mk seeds SEEDS='2 6'
  [ "$status" -eq 0 ]
  ran train-vae 6
  ran montage 0
  grep -q 'train-vae .*--set seed=6 .*-o runs/builtin/default-seed6/vae-bce' "$FAKE_LOG"
  same runs/builtin/default/seeds.md - <<'EOT'
| mean of 3 trainings | vae-mse | vae-bce | held-out |
| --- | --- | --- | --- |
| `coverage` | 0.3 (0.1 to 0.6) | 0.3 (0.1 to 0.6) | 0.6 |
| `same` | 7 | 7 | |
EOT
  mk seeds SEEDS='2 6'
  ran train-vae 0
  [ "$(grep -c '^score' "$FAKE_LOG")" -eq 0 ]
  mk builtin/vae-mse SEED=9
  [ -s runs/builtin/default-seed9/vae-mse/model.safetensors ]
  ran train-vae 1
  expect 2 "$MAKE" TOOLS=tools compare SEED=two
  says 'SEED=two: expected a number'
  expect 2 "$MAKE" TOOLS=tools seeds SEEDS='2 x'
  says 'SEEDS=2 x: expected seeds'
}

@test "where the language has a decimal comma, numbers and the order of files are the same" {
  mkdir "$T/locales"
  localedef -i de_DE -f UTF-8 "$T/locales/de_DE.utf8" || skip 'there are no locales to be made'
  comma=(env LOCPATH="$T/locales" LC_ALL=de_DE.UTF-8)
  [ "$("${comma[@]}" bash -c 'printf %.1f 1,5')" = 1,5 ]
  cat >tools/score <<'EOS'
#!/usr/bin/env bash
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2 ;; --picture | --plot) echo picture >"$2" ;; esac
  shift
done
printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.25\t0\t1\t9\thigher\tx\n' >"$out"
EOS
  "${comma[@]}" "$MAKE" TOOLS=tools seeds SEEDS=2 RUNS=vae-mse
  grep -qF '| `coverage` | 0.25 | |' runs/builtin/default/seeds.md
  "${comma[@]}" "$MAKE" TOOLS=tools compare RUNS=vae-mse
  [ "$(cut -f3 runs/builtin/default/compare/costs.tsv | tail -n 1)" = 0.5 ]
  touch a.png B.png
  [ "$("${comma[@]}" bash pipeline/expand-sheets.sh files '*.png' | tr '\n' ' ')" = "'B.png' 'a.png' " ]
}

@test "list shows each run's steps, held-out loss and scores" {
  run mk list
  [ "$output" = 'There are no runs in runs yet; make compare makes some' ]
  mkdir -p runs/a/default/one runs/b/smoke/two
  printf 'step\ttotal\theld_out\n1\t5\t\n2\t4\t0.123456789\n3\t4\t\n' >runs/a/default/one/metrics.tsv
  echo model >runs/a/default/one/model.safetensors
  printf 'measure\tvalue\tlow\thigh\tn\tbetter\tabout\ncoverage\t0.61\t0\t1\t9\thigher\tx\n' >runs/a/default/one/scores.tsv
  printf 'step\tloss\theld_out\n1\t5\t\n' >runs/b/smoke/two/metrics.tsv
  run mk list
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == run*steps*held-out*context-bits*two-sample*coverage*copies ]]
  [ "$(tr -s ' ' <<<"${lines[1]}")" = 'a/default/one 3 █▁▁ 0.1235 - - 0.61 - - -' ]
  [ "$(tr -s ' ' <<<"${lines[2]}")" = 'b/smoke/two 1... ▁ - - - - - - -' ]
  nothing_ran
}

@test "the curves of a training run lie in its folder when it is complete, and are drawn again with it alone" {
  mk builtin/vae-mse
  ran plot-curves 1
  curves=runs/builtin/default/vae-mse/curves.png
  [ -s $curves ]
  mk builtin/vae-mse
  ran plot-curves 0
  rm $curves
  mk compare
  ran plot-curves 2
  ran train-vae 1
  mk -B builtin/vae-mse
  ran plot-curves 1
}

@test "curves draws the training runs that there are, and trains nothing" {
  expect 2 mk curves
  says 'There are no training runs in runs/builtin/default yet; make compare makes some'
  mkdir -p runs/builtin/default/vae-bce
  printf 'step\ttotal\theld_out\n1\t5\t\n' >runs/builtin/default/vae-bce/metrics.tsv
  run mk curves
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = 'Look at runs/builtin/default/compare/curves.png' ]
  grep -qx 'plot-curves --apart --caption VAE-BCE runs/builtin/default/vae-bce -o runs/builtin/default/compare/curves.png' "$FAKE_LOG"
  grep -qx 'plot-curves --apart --caption VAE-BCE runs/builtin/default/vae-bce --terminal' "$FAKE_LOG"
  ran train-vae 0
}

@test "dag draws what is made from what" {
  mk dag
  nothing_ran
  dot=build/dag/builtin.dot
  for edge in '"data/sprites.npy" -> "default/vae-mse/model.safetensors"' \
    '"default/vae-bce/scored.npy" -> "default/vae-bce/scores.tsv"' \
    '"default/vae-bce/scored.npy" -> "default/vae-bce/nearest.png"' \
    '"default/compare/grid.png" -> "default/compare/index.html"'; do
    [ "$(grep -cF -- "$edge" "$dot")" -eq 1 ]
  done
  [ "$(grep -cE 'key|tilemaps' "$dot")" -eq 0 ]
  [ "$(head -n 1 "$dot")" = 'digraph pipeline {' ]
  [ "$(tail -n 1 "$dot")" = '}' ]
}

@test "a setting that no config has stops make before anything, -n too, and stores no key" {
  for goal in '-n compare' compare builtin/vae-mse dag; do
    # shellcheck disable=SC2086
    expect 2 "$MAKE" TOOLS=tools $goal PRESET=smoke SET=training.bacth=3
    says '--set: there is no such key'
    [ "$(grep -c 'no such key' <<<"$stderr")" -eq 1 ]
    [ -z "$output" ]
    [ ! -e runs ]
  done
}

@test "seeds: what is no training of its own is refused" {
  seeds() { expect 2 "$MAKE" TOOLS=tools seeds "$@"; }
  seeds SEEDS='2 3 2'
  says 'SEEDS=2 3 2: 2 is there twice'
  seeds SEEDS='2 02'
  says 'SEEDS=2 02: expected seeds'
  seeds SEEDS='2 1'
  says 'SEEDS=2 1: 1 is the seed of the first training'
  echo 'seed: 3' >>configs/vae-bce.yaml
  seeds SEEDS='2 3'
  says 'SEEDS=2 3: 3 is the seed of the first training'
  seeds SAMPLES=0
  says 'SAMPLES=0: make seeds is about scores'
  seeds SEED=2
  says 'SEED=2: make seeds takes SEEDS'
  seeds SET='training.steps=4 seed=9'
  says 'seed=9: the seed is for SEED and SEEDS to say'
  expect 2 "$MAKE" TOOLS=tools compare SEED=2 SET=seed=9
  says 'seed=9: the seed is for SEED and SEEDS to say'
  [ ! -e runs/builtin/default/vae-mse ]
  # All that lies there is from before the refusal; without SEEDS the configs' seed may be any.
  mk compare SET=seed=9
  ran train-vae 2
}

@test "the page's list of commands is made again when it is lost" {
  mk compare
  commands=runs/builtin/default/compare/commands.txt
  cp $commands kept
  rm $commands
  sleep 0.02
  touch runs/builtin/default/compare/grid.png
  mk compare
  same kept $commands
  ran report 1
  ran montage 0
  mk compare
  nothing_ran
}

@test "RUNS picks what is compared" {
  mk compare RUNS=vae-bce
  ran train-vae 1
  [ ! -e runs/builtin/default/vae-mse ]
  mk compare
  ran train-vae 1
  ran montage 1
}

@test "wrong settings are named" {
  expect 2 "$MAKE" TOOLS=tools compare PRESET=none
  says 'PRESET=none'
  expect 2 "$MAKE" TOOLS=tools compare DATA=none
  says 'none is no data set known here'
  expect 2 "$MAKE" TOOLS=tools compare SHEET=none.png
  says 'SHEET=none.png: there is no such file'
  expect 2 "$MAKE" TOOLS=tools compare SHEET=builtin.png
  says 'the name builtin is taken'
  expect 2 "$MAKE" TOOLS=tools builtin/data COLOURS=32
  says 'COLOURS is about sheets, and the data set builtin is drawn'
  expect 2 "$MAKE" TOOLS=tools compare RUNS=none
  says 'RUNS: none'
  expect 2 "$MAKE" TOOLS=tools builtin/vae-mse tilemaps/vae-mse
  says 'one data set at a time'
  expect 2 "$MAKE" TOOLS=tools compare NAME=../up SHEET=Makefile
  says 'NAME=../up'
  [[ $stderr != *'give the sheet one'* ]]
  cp Makefile "king's men.png"
  expect 2 "$MAKE" TOOLS=tools compare SHEET="king's men.png"
  says "NAME=king's-men"
  says 'give the sheet one with NAME='
  [ ! -e runs ]
}

@test "explain says what would be made, and why" {
  run mk explain
  [ "${lines[0]}" = 'runs/builtin/data: not made yet' ]
  [ "${lines[1]}" = 'runs/builtin/default/vae-mse: not made yet' ]
  [ "${#lines[@]}" -eq 4 ]
  [ ! -e runs ]
  mk compare
  run mk explain
  [ "$output" = 'Nothing to do: builtin, preset default, is up to date' ]
  echo 'seed: 7' >>configs/vae-mse.yaml
  run mk explain
  [ "${lines[0]}" = 'runs/builtin/default/vae-mse/key: its key is another one (- made with, + wanted):' ]
  [ "${lines[1]}" = '    +seed: 7' ]
  # What hangs on it, too, and nothing else.
  [[ $output == *'vae-mse/samples.npy: runs/builtin/default/vae-mse/model.safetensors is made again'* ]]
  [[ $output == *'compare/grid.png: runs/builtin/default/vae-mse/reconstructed.npy is made again, and 1 more'* ]]
  [[ $output == *'compare/index.html: '*' is made again'* ]]
  [[ $output != *vae-bce* ]]
  mk compare
  sleep 0.02
  touch runs/builtin/default/vae-mse/model.safetensors
  run mk explain
  [[ $output == *'vae-mse/samples.npy: runs/builtin/default/vae-mse/model.safetensors is newer'* ]]
  rm runs/builtin/default/vae-bce/scores.tsv
  run mk explain
  [[ $output == *'runs/builtin/default/vae-bce/scores.tsv: not there'* ]]
  mk compare
  echo spoilt >runs/builtin/data/palette.gpl
  run mk explain
  [ "${lines[0]}" = 'runs/builtin/data: what lies there is not what was made' ]
}

# explained: make explain names something to do exactly where make would do something.
explained() {
  local planned said
  planned=$(mk -n compare "$@" | grep -cE 'tools/|costs\.sh|best\.sh' || true)
  said=$(mk explain "$@" | grep -cvE '^Nothing to do|^    ' || true)
  [ $((planned > 0)) -eq $((said > 0)) ] || { printf 'planned %s, explained %s\n' "$planned" "$said" >&2 && return 1; }
  [ "$planned" -gt 0 ]
}

# without FILE ARGUMENT...: explained, with this file of the results gone.
without() {
  local file=$1
  mv "$file" kept
  explained "${@:2}" || { echo "without $file" >&2 && return 1; }
  mv kept "$file"
}

@test "explain knows each file that compare makes" {
  mkdir sheets
  echo one >sheets/a.png
  mk compare SHEET=sheets/a.png RUNS='prior ddpm-palette'
  export RUNS=ddpm-palette
  mk compare NAME=a
  [[ $(mk explain NAME=a) == 'Nothing to do'* ]]
  r=runs/a/default
  # checkpoint and log.txt are the trainer's own, cut.npy is for check-sprites alone.
  for file in $(find runs/a/data $r/ddpm-palette $r/compare -type f ! -name checkpoint ! -name log.txt ! -name cut.npy ! -name sheet.mk); do
    without "$file" NAME=a
  done
  export RUNS='prior ddpm-palette'
  mk compare NAME=a
  without $r/vqvae/model.safetensors NAME=a
  without $r/prior/snapped.npy NAME=a
  echo spoilt >runs/a/data/palette.gpl
  explained NAME=a
  export RUNS=tilemaps-palette
  mk compare DATA=tilemaps
  [[ $(mk explain DATA=tilemaps) == 'Nothing to do'* ]]
  without runs/tilemaps/default/compare/figures.tsv DATA=tilemaps
}

@test "real tools: PRESET=smoke make compare, then nothing to do" {
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build"
  $make -j2 compare
  [ -s "$T/results/builtin/smoke/compare/grid.png" ]
  grep -qF '<h3>VAE-BCE</h3>' "$T/results/builtin/smoke/compare/index.html"
  [ -s "$T/results/builtin/smoke/vae-mse/metrics.tsv" ]
  # Whatever else runs here, no model has no parameters and no sprite takes no time.
  awk -F'\t' 'NR > 1 && $2 > 0 && $4 > 0 { good++ } END { exit good < NR - 1 }' "$T/results/builtin/smoke/compare/costs.tsv"
  run $make compare
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[0]} == *'up to date'* ]]
  results() { find "$T/results" -type f \( -name '*.npy' -o -name '*.png' -o -name '*.html' -o -name 'model.safetensors' \) -exec cksum {} + | sort; }
  results >"$T/once"
  run $make -B compare
  [ "$status" -eq 0 ]
  results | diff "$T/once" -
}

@test "real tools: sheets in folders, each a class" {
  draw-sprites -q -n 40 -o set.npy
  mkdir -p "set/big swords" set/potions
  tensor slice set.npy :24 | montage -q --gap 0 --scale 1 --columns 8 -o "set/big swords/a.png"
  tensor slice set.npy 24: | montage -q --gap 0 --scale 1 --columns 8 -o set/potions/a.png
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build"
  $make set/data SHEET="$T/set" CLASSES=folders
  same "$T/set.npy" "$T/results/set/data/sprites.npy"
  diff "$T/results/set/data/names.txt" <(printf '%s\n' 'big swords' potions)
  [[ $(tensor info "$T/results/set/data/labels.npy") == *'i32 [40]'* ]]
  # The name of a folder is part of the data, and CLASSES is remembered; the folder may be a link.
  mv "$T/set/big swords" "$T/set/axes"
  ln -s "$T/set" "$T/link"
  $make set/data
  diff "$T/results/set/data/names.txt" <(printf '%s\n' axes potions)
  $make link/data SHEET="$T/link" CLASSES=folders
  diff "$T/results/link/data/names.txt" <(printf '%s\n' axes potions)
}

# How many sprites and of what shape: shape FILE.npy
shape() { tensor info "$1" | sed 's/[^[]*\[//; s/\].*//'; }

@test "real tools: sheets in pieces and with gaps, of a size that nothing divides, with more colours than a palette holds" {
  draw-sprites -q -n 96 -o set.npy
  tensor slice set.npy :64 | montage -q --gap 1 --scale 1 --columns 16 -o gaps-1.png
  tensor slice set.npy 64: | montage -q --gap 1 --scale 1 --columns 16 -o gaps-2.png
  seq 100000 199999 | tr -d '\n' | head -c $((14 * 10 * 3 * 64)) | npy many.npy '|u1' '(64, 14, 10, 3)'
  montage -q --gap 0 --scale 1 --columns 8 many.npy -o many.png
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build"
  # Montages have a gap around their sprites, too.
  $make compare SHEET="$T/gaps-1.png $T/gaps-2.png" MARGIN=1 SPACING=1 NAME=gaps RUNS=vae-mse
  same "$T/set.npy" "$T/results/gaps/data/sprites.npy"
  # As it was cut goes to check-sprites, until the number of colours is settled; in colours of a palette to the methods.
  $make many/data SHEET="$T/many.png" TILE=10x14 CLASSES=0 >"$T/said" 2>&1
  grep -q 'colours, and a palette holds 256' "$T/said"
  $make compare SHEET="$T/many.png" TILE=10x14 COLOURS=32 CLASSES=2 RUNS='vae-mse vqvae ddpm ddpm-palette' >"$T/said" 2>&1
  same "$T/many.npy" "$T/results/many/data/cut.npy"
  [ "$(grep -c 'COLOURS=' "$T/said")" -eq 0 ]
  extract-palette "$T/results/many/data/sprites.npy" 2>&1 >/dev/null | grep -x '32 colours, exact'
  for run in vae-mse vqvae ddpm ddpm-palette; do
    [[ $(tensor info "$T/results/many/smoke/$run/samples.npy") == *'f32 [16, 14, 10, 3]'* ]]
  done
}

@test "real tools: transparency is kept, from the sheet to a sheet of new sprites" {
  draw-sprites -q --keep-alpha -n 64 -o set.npy
  montage -q --gap 0 --scale 1 --keep-alpha set.npy -o ghosts.png
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build CLASSES=3"
  # Enough steps that some pixels are transparent and some are not.
  $make compare SHEET="$T/ghosts.png" KEEP_ALPHA=1 RUNS='vae-mse ddpm-palette' SET='training.steps=40 training.batch=8'
  results=$T/results/ghosts
  same "$T/set.npy" "$results/data/sprites.npy"
  grep -q 'transparent$' "$results/data/palette.gpl"
  for run in vae-mse ddpm-palette; do
    [[ $(tensor info "$results/smoke/$run/samples.png") == *'u8 [1, 32, 128, 4]'* ]]
    slice-tiles -q --tile 1 --keep-alpha "$results/smoke/$run/samples.png" -o "$T/opaque.npy" # passes over transparent ones
    opaque=$(tensor info "$T/opaque.npy" | sed 's/.*\[\([0-9]*\),.*/\1/')
    [ "$opaque" -gt 0 ]
    [ "$opaque" -lt $((32 * 128)) ]
    # Every colour is the palette's.
    snap --palette "$results/data/palette.gpl" "$results/smoke/$run/samples.png" -o "$T/snapped.npy"
    tensor diff "$T/snapped.npy" "$results/smoke/$run/samples.png"
  done
  [ -s "$results/smoke/compare/grid.png" ]
}

@test "real tools: fewer different sprites than classes: said without a scratch folder, and what to do" {
  draw-sprites -q -n 4 -o four.npy
  montage -q --gap 0 --scale 1 four.npy -o four.png
  cd "$REPO"
  expect 2 "$MAKE" RESULTS="$T/results" TOOLS="$PM_BUILD/bin" BUILD="$T/build" four/data SHEET="$T/four.png"
  says 'label-tiles: sprites.npy: holds'
  says 'CLASSES=0 for none'
  [ ! -e "$T/results" ]
}

@test "real tools: a damaged checkpoint and a damaged model are no dead end" {
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build RUNS=vae-mse SAMPLES=0"
  $make compare
  run=$T/results/builtin/smoke/vae-mse
  cp "$run/model.safetensors" "$T/good"
  head -c 1000 "$run/checkpoint.safetensors" >"$T/cut"
  cp "$T/cut" "$run/checkpoint.safetensors"
  rm "$run/model.safetensors"
  expect 0 $make compare
  says 'a checkpoint that cannot be read'
  same "$T/good" "$run/model.safetensors"
  head -c 1000 "$T/good" >"$run/model.safetensors"
  expect 2 $make compare
  says 'remove it, and the command that trained it, or make, writes it again'
  rm "$run/model.safetensors"
  expect 0 $make compare
  same "$T/good" "$run/model.safetensors"
}

@test "help tells of the goals that the manual names" {
  run "$MAKE" help
  for goal in compare curves scores seeds explain dag list; do grep -q "^  make $goal  *[^ ]" <<<"$output"; done
}

@test "real tools: a sheet and the tilemaps" {
  "$PM_BUILD/bin/draw-sprites" -o set.npy
  "$PM_BUILD/bin/montage" --gap 0 --scale 1 --columns 16 set.npy -o sheet.png
  cd "$REPO"
  make="$MAKE --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build"
  $make compare SHEET="$T/sheet.png"
  [ -s "$T/results/sheet/smoke/compare/grid.png" ]
  RUNS='tilemaps-l1 tilemaps-palette'
  $make compare DATA=tilemaps SAMPLES=0
  [ -s "$T/results/tilemaps/smoke/compare/grid.png" ]
  # Its figures: a line for each of the four rows below a head, and the data set.
  figures=$T/results/tilemaps/smoke/compare/figures.tsv
  grep -q "^Absolute error sampled as printed	16	" "$figures"
  grep -q "^The whole map on palette indices sampled	16	" "$figures"
  rm "$figures"
  RUNS=tilemaps-palette
  $make compare DATA=tilemaps
  [ -s "$figures" ]
  grep -q '^two-sample' "$T/results/tilemaps/smoke/tilemaps-palette/scores.tsv"
}
