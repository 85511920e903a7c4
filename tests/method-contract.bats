# What it takes to add a method: tests/dummy/ in its places in a copy of the tree, one row and two lines; nothing else is
# touched. And that the code which all methods share names none of them.
bats_require_minimum_version 1.5.0
load common
load training

MAKE=$(command -v gmake || command -v make)

# insert_behind_last PATTERN LINE FILE: the line comes behind the last one that the pattern matches.
insert_behind_last() {
  awk -v pattern="$1" -v line="$2" 'NR == FNR { if ($0 ~ pattern) last = FNR; next } { print } FNR == last { print line }' \
    "$3" "$3" >"$3.new"
  mv "$3.new" "$3"
  [ "$(grep -cxF -e "$2" "$3")" -eq 1 ]
}

# With the objects of the build that is tested, so that make compiles what is new alone.
copy_of_the_tree() {
  local build=$PM_BUILD
  mkdir -p "$TREE/$OUT/obj"
  cp -Rp "$REPO/Makefile" "$REPO/lib" "$REPO/tools" "$REPO/pipeline" "$REPO/configs" "$REPO/studio" "$TREE"
  cp -p "$build/flags" "$build/objects" "$TREE/$OUT"
  cp -Rp "$build/obj/lib" "$build/obj/tools" "$TREE/$OUT/obj"
  [[ $build != */sanitize ]] || build=${build%/sanitize}
  cp -p "$build/config.mk" "$TREE/build"
}

add_dummy() {
  cp "$REPO/tests/dummy/dummy.c" lib/methods
  cp "$REPO/tests/dummy/train-dummy.c" tools
  cp "$REPO/tests/dummy/dummy.yaml" configs
  # shellcheck disable=SC2016  # make's dollars
  {
    insert_behind_last '^X[(]' 'X(dummy)' lib/methods/methods.def
    insert_behind_last 'call add_method,' '$(eval $(call add_method, dummy, train-dummy, samples))' pipeline/methods.mk
    insert_behind_last 'call add_run,' '$(eval $(call add_run, dummy, dummy, Mean sprite))' pipeline/methods.mk
  }
}

# Once: the copy with the method in it in $TREE, built; its tools are those of the tests. Flags as the build's.
setup_file() {
  set -e
  TREE=$BATS_FILE_TMPDIR/tree OUT=build
  if [[ $PM_BUILD == */sanitize ]]; then OUT=build/sanitize; fi
  as_it_was_built
  export TREE OUT
  copy_of_the_tree
  cd "$TREE"
  add_dummy
  "$MAKE" --no-print-directory -j2 all
  export CONFIG=$TREE/configs/dummy.yaml SPRITES=$BATS_FILE_TMPDIR/sprites.npy
  export MODEL=$BATS_FILE_TMPDIR/done/model.safetensors
  "$OUT/bin/draw-sprites" -q -n 24 -o "$SPRITES"
  "$OUT/bin/train-dummy" -q -c "$CONFIG" --data "$SPRITES" "${short[@]}" -o "$BATS_FILE_TMPDIR/done"
}

setup() {
  T=$BATS_TEST_TMPDIR
  PATH="$TREE/$OUT/bin:$PATH"
  cd "$T" || return 1
}

short=(--set training.steps=40 --set training.batch=8 --set data.held_out=0.2 --set output.held_out_every=10
  --set output.checkpoint_every=8 --set output.grid_every=20)

train() { train-dummy -q -c "$CONFIG" --data "$SPRITES" "${short[@]}" "$@"; }

@test "a new method: its trainer has --help with its keys and their defaults" {
  usage_rules train-dummy
  expect 0 train-dummy --help
  prints 'Train a mean sprite on sprites.'
  prints 'train-dummy -c configs/dummy.yaml'
  [[ $(tr -s ' \n' ' ' <<<"$output") == *'sampling.noise=X standard deviation of the noise in samples, before the sigmoid (0..10) [0.25]'* ]]
  # Live: what help shows is what a config without the key has.
  printf 'method: dummy\n' >plain.yaml
  expect 0 train-dummy -c plain.yaml --print-config
  grep -qx '  noise: 0.25' <<<"$output"
  grep -qx '  learning_rate: 0.001' <<<"$output"
  expect 0 train-dummy -c "$CONFIG" --print-config
  grep -qx '  learning_rate: 0.05' <<<"$output"
  expect 3 train-dummy -c "$CONFIG" --set sampling.noise=11 --print-config
  says 'sampling.noise'
  expect 3 train-vae -c "$CONFIG" --print-config
  says 'this is a config for dummy'
}

@test "a new method: training lowers the loss, the held-out one, too" {
  cd "$BATS_FILE_TMPDIR/done"
  [ "$(head -n 1 metrics.tsv)" = $'step\ttotal\theld_out' ]
  [ "$(rows .)" -eq 40 ]
  awk -F'\t' 'NR == 2 { first = $2 } $3 != "" && NR > 1 { if (!held) held = $3; least = $3 } END {
    print first, $2, held, least; exit !(first > 0 && $2 < 0.8 * first && least < held) }' metrics.tsv
  [ -s grids/000040.png ]
  expect 0 tensor info model.safetensors
  prints 'mean: f32 [3, 16, 16]'
  prints 'method = dummy'
}

@test "a new method: resumed, or on one thread, it ends in the same bytes" {
  train --set training.steps=20 -o run
  [ "$(rows run)" -eq 20 ]
  differ run/model.safetensors "$MODEL"
  train -o run
  grep -q 'steps 20 to 40' run/log.txt
  same_training run "$BATS_FILE_TMPDIR/done"
  # From the last checkpoint, as after a kill while the model was written.
  rm run/model.safetensors
  train -o run
  same_training run "$BATS_FILE_TMPDIR/done"
  train -t 1 -o one
  same_training one "$BATS_FILE_TMPDIR/done"
  train -s 2 -o other
  differ other/model.safetensors "$MODEL"
}

@test "a new method: sample draws from it, the same bytes at any number of threads, and says what it cannot" {
  same_at_threads sample "$MODEL" -n 40 -s 3
  expect 0 tensor info threads.1
  prints 'f32 [40, 16, 16, 3]'
  tensor check threads.1
  sample "$MODEL" -n 16 -s 3 -o few.npy
  tensor slice threads.1 0:16 | cmp - few.npy
  sample "$MODEL" -n 16 -s 4 -o other.npy
  differ few.npy other.npy
  expect 3 sample "$MODEL" --reconstruct "$SPRITES" -o out
  says 'this is a mean sprite'
  expect 0 sample "$MODEL" -n 16 -s 3 --steps 5 -o steps.npy
  says '--steps changes nothing: it is not for a mean sprite'
  same steps.npy few.npy
  # A build without its row does not know it.
  expect 3 "$PM_BUILD/bin/sample" "$MODEL" -o out
  says "the method 'dummy', which this version does not know"
  [ ! -e out ]
}

@test "a new method: make compare trains it and shows it beside another; then there is nothing to do" {
  cd "$TREE"
  compare() { PRESET=smoke SAMPLES=0 "$MAKE" --no-print-directory "$@"; }
  RUNS='vae-mse dummy' compare -j2 compare >"$T/said"
  grep -qF -e "--caption 'Mean sprite sampled' runs/builtin/smoke/dummy/samples.npy" "$T/said"
  at=runs/builtin/smoke
  [ -s $at/vae-mse/snapped.npy ]
  [ "$(rows $at/dummy)" -eq 60 ]
  expect 0 tensor info $at/dummy/samples.npy
  prints 'f32 [16, 16, 16, 3]'
  RUNS='vae-mse dummy' expect 0 compare compare
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[0]} == *'up to date'* ]]
  RUNS='vae-mse dummy' expect 0 compare explain
  [ "$output" = 'Nothing to do: builtin, preset smoke, is up to date' ]
  # The picture is lower without its row.
  height() { tensor info "$1" | cut -d' ' -f4; }
  both=$(height $at/compare/grid.png)
  RUNS=vae-mse compare compare
  [ "${both%,}" -gt "$(height $at/compare/grid.png | tr -d ,)" ]
}

# names_in FILE...: lines that name a method, a run or a file of a method, as a word or between underscores. Lines of
# `make help` (#:) give examples of runs.
names_in() {
  grep -niE "(^|[^a-z0-9])($names)([^a-z0-9]|\$)" "$@" /dev/null | grep -vE '^[^:]*\.mk:[0-9]+:#:'
}

@test "what all methods share names no method" {
  cd "$REPO"
  methods=$(sed -n 's/^X(\(.*\))$/\1/p' lib/methods/methods.def)
  runs=$(grep -l '^method:' configs/*.yaml | sed 's/.*\///; s/\.yaml$//')
  # Guidance is the field's word for what any method with classes may do.
  files=$(find lib/methods -name '*.c' ! -name methods.c ! -name guidance.c | sed 's/.*\///; s/\.c$//')
  names=$(printf '%s\n' "$methods" "$runs" "$files" | sort -u | paste -s -d '|' -)
  echo "names: $names"
  # The search finds what there is to find.
  for file in lib/methods/methods.def pipeline/methods.mk; do [ "$(names_in $file | wc -l)" -ge 2 ]; done
  for method in $methods; do [ -n "$(names_in "$(grep -lw "pm_method_$method" tools/*.c)")" ]; done
  # What these say to their users may name methods; what they do may not.
  for file in tools/sample.c tools/pixelmill.c lib/front/*.c; do sed 's/"[^"]*"//g' "$file" >"$T/${file##*/}"; done
  shared=$(find lib/core lib/nn lib/train lib/backend lib/pixels -type f
    echo "$T"/*.c Makefile
    find pipeline -type f ! -name methods.mk)
  # shellcheck disable=SC2086  # a list of files
  found=$(names_in $shared || true)
  echo "$found"
  [ -z "$found" ]
}
