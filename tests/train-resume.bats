# Training that is stopped, killed, refused, damaged: what a run folder survives, with train-vae as the trainer.

load common
load pixels
load training

setup_file() { tiny_training; }

# 4000 steps: long enough to be caught at work.
long=(--set training.steps=4000 --set output.checkpoint_every=300 --set output.held_out_every=250)

# start FOLDER OPTION...: a training in the background; its number in $pid once it has done some steps. A shell has its
# background ignore Ctrl-C, and nohup what a closed terminal sends.
as=(env --default-signal=INT,HUP)
start() {
  local folder=$1
  shift
  "${as[@]}" train-vae -q -c "$CONFIG" --data "$SPRITES" "$@" -o "$folder" 2>errors 3>&- &
  pid=$!
  within 60 has_rows_or_ended "$folder" 16
  has_rows "$folder" 16
}

has_rows_or_ended() { has_rows "$@" || ! kill -0 "$pid" 2>/dev/null; }

# stop_and_resume SIGNAL STATUS OPTION...
stop_and_resume() {
  local signal=$1 expected=$2 status=0 step
  shift 2
  start stopped "$@"
  kill "-$signal" "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq "$expected" ]
  [ ! -s errors ]
  [ ! -e stopped/model.safetensors ]
  clean_folder stopped
  step=$(rows stopped)
  [ "$step" -ge 16 ]
  [ "$step" -lt 4000 ]
  [[ $(tensor info stopped/checkpoint.safetensors) = *"step = $step"* ]]
  grep -q "stopped by a signal at step $step of 4000" stopped/log.txt
  train "$@" -o stopped
  grep -q "steps $step to 4000" stopped/log.txt
}

@test "resume: stopped by SIGINT, SIGTERM or SIGHUP, the result is that of a training that never was" {
  train "${long[@]}" -o whole
  stop_and_resume INT 130 "${long[@]}"
  same_training stopped whole
  rm -r stopped
  stop_and_resume TERM 143 "${long[@]}" -t 1
  same_training stopped whole
  rm -r stopped
  stop_and_resume HUP 129 "${long[@]}"
  same_training stopped whole
}

@test "resume: signals that it was told to ignore do not stop it" {
  as=(env --ignore-signal=INT,HUP)
  start run "${long[@]}"
  kill -INT "$pid"
  kill -HUP "$pid"
  wait "$pid"
  [ "$(rows run)" -eq 4000 ]
  [ -e run/model.safetensors ]
}

@test "resume: the same with averages, a schedule, clipping and everything that is random" {
  everything=("${long[@]}" --set training.average=0.99 --set training.schedule=cosine --set training.warmup_steps=30
    --set training.optimizer=adamw --set training.weight_decay=0.01 --set training.clip_norm=1 --set augment.shift=1
    --set augment.palette_swap=0.5 --set output.grid_every=2000 --set loss.recon=bce)
  train "${everything[@]}" -o whole
  stop_and_resume TERM 143 "${everything[@]}"
  same_training stopped whole
  # And with the best weights kept: of another step than the last.
  rm -r stopped whole
  everything+=(--set training.keep=best --set training.decay_of=matrices --set training.final_rate=0.1)
  train "${everything[@]}" -o whole
  grep -q 'the weights of step [0-9]* are the model' whole/log.txt
  stop_and_resume TERM 143 "${everything[@]}"
  same_training stopped whole
}

@test "resume: it ends by the signal itself, for make and shells to see" {
  command -v perl >/dev/null || skip 'no perl'
  # shellcheck disable=SC2016
  perl -e 'my $p = fork // die; if (!$p) { exec @ARGV or die } open my $f, ">", "pid"; print $f $p; close $f;
    waitpid $p, 0; print $? & 127, "\n"' \
    "${as[@]}" train-vae -q -c "$CONFIG" --data "$SPRITES" "${long[@]}" -o run >signal 3>&- &
  within 60 has_rows run 16
  kill -INT "$(cat pid)"
  wait $!
  [ "$(cat signal)" = 2 ]
}

@test "resume: killed outright, the rest is what it would have been" {
  train "${long[@]}" -o whole
  start killed "${long[@]}"
  within 60 test -e killed/checkpoint.safetensors
  kill -KILL "$pid"
  wait "$pid" || true
  [ ! -e killed/model.safetensors ]
  train "${long[@]}" -o killed
  grep -q 'steps [1-9][0-9]* to 4000' killed/log.txt
  same_training killed whole
}

@test "resume: killed before the first checkpoint, it starts again" {
  start killed "${long[@]}" --set output.checkpoint_every=4000
  kill -KILL "$pid"
  wait "$pid" || true
  [ ! -e killed/checkpoint.safetensors ]
  train -o killed
  same_training killed "$SHARED/done"
}

@test "resume: rows behind the checkpoint are made again" {
  train --set training.steps=6 -o run
  printf '7\t1\t1\t1\t1\n8\t1' >>run/metrics.tsv
  : >run/model.safetensors
  train -o run
  same_training run "$SHARED/done"
  # And where rows are missing, it does not go on.
  train --set training.steps=6 -o short
  truncate -s -1 short/metrics.tsv
  expect 3 train -o short
  says 'short: holds a training run with less in metrics.tsv ('
  says 'than when its checkpoint was written ('
  says '--restart starts again'
  rm short/metrics.tsv
  expect 3 train -o short
  says 'less in metrics.tsv (0 bytes)'
  : >short/metrics.tsv
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" --restart -o short
  says 'the folder holds a training run with less in metrics.tsv (0 bytes)'
  says 'starting again'
  same_training short "$SHARED/done"
}

@test "resume: a finished model whose checkpoint is gone is replaced only where asked" {
  cp -r "$SHARED/done" run
  rm run/checkpoint.safetensors
  cp -r run before
  for seed in 1 9; do
    expect 3 train --set seed=$seed -o run
    says 'run: holds a model and no checkpoint to resume from; --restart starts again, another -o keeps both'
    diff -r -x .lock run before
  done
  expect 0 train --set seed=9 --restart -o run
  train --set seed=9 -o nine
  same_training run nine
}

@test "resume: what lies in the folder and is not the trainer's stays" {
  mkdir -p run/grids
  for file in grids/holiday.png grids/1st.png grids/12.old.png grids/.png notes.txt; do echo mine >"run/$file"; done
  cp -r run before
  echo mine >run/grids/000099.png
  train -o run
  [ ! -e run/grids/000099.png ]
  train --fresh -o run
  for file in grids/holiday.png grids/1st.png grids/12.old.png grids/.png notes.txt; do same "run/$file" "before/$file"; done
  # Files of the trainer's names where no training ever was: its config.yaml comes first.
  for name in metrics.tsv log.txt; do
    mkdir other
    echo mine >other/$name
    expect 3 train -o other
    says "other: holds a $name that no training run wrote; --restart starts again, another -o keeps both"
    [ "$(cat other/$name)" = mine ]
    train --restart -o other
    same_training other "$SHARED/done"
    rm -r other
  done
}

@test "resume: a training may grow" {
  train --set training.steps=6 -o run
  [ -e run/model.safetensors ]
  cp run/model.safetensors six
  train -o run
  same_training run "$SHARED/done"
  # As if it had been killed between its last checkpoint and its model: the old one is not taken for it.
  cp six run/model.safetensors
  train -o run
  same_training run "$SHARED/done"
  rm run/model.safetensors
  train -o run
  same_training run "$SHARED/done"
  expect 3 train --set training.steps=6 -o run
  says 'run: holds a training run with 12 steps done, more than the 6 that this one is to have'
  same_training run "$SHARED/done"
}

@test "resume: a training whose learning rate depends on its length may not grow" {
  for schedule in linear cosine; do
    train --set training.schedule=$schedule --set training.steps=6 -o $schedule
    expect 3 train --set training.schedule=$schedule -o $schedule
    says "steps: 6' there"
    expect 0 train-vae -c "$CONFIG" --data "$SPRITES" --set training.schedule=$schedule --restart -o $schedule
    says 'starting again'
    train --set training.schedule=$schedule -o whole-$schedule
    same_training $schedule whole-$schedule
  done
}

@test "resume: a model that was not finished is not left from a shorter training" {
  train --set training.steps=6 -o run
  start_options=("${long[@]}" --set output.checkpoint_every=4 --set output.held_out_every=3)
  start run "${start_options[@]}"
  [ ! -e run/model.safetensors ]
  kill -KILL "$pid"
  wait "$pid" || true
  [ ! -e run/model.safetensors ]
}

@test "resume: a complete training is left as it is" {
  cp -rp "$SHARED/done" run
  ls -l --time-style=full-iso run >before
  expect 0 train -o run
  expect 0 train --restart -t 3 -o run
  ls -l --time-style=full-iso run >after
  same before after
}

@test "resume: what differs is named and refused" {
  cp -r "$SHARED/done" run
  expect 3 train --set training.batch=5 -o run
  says "run: holds a training run with another config: 'training.batch: 4' there, 'training.batch: 5' here"
  says '--restart'
  expect 3 train -s 2 -o run
  says "'seed: 1' there, 'seed: 2' here"
  expect 3 train --set name=other -o run
  says 'name: tiny'
  expect 3 train --set model.latent=5 -o run
  says 'latent: 4'
  draw-sprites -q -n 23 -o fewer.npy
  expect 3 train --data fewer.npy -o run
  says 'run: holds a training run with another data: '
  same_training run "$SHARED/done"
}

@test "resume: --restart and --fresh" {
  train -s 2 -o two
  cp -r "$SHARED/done" run
  mkdir run/grids
  : >run/grids/000099.png
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" -s 2 --restart -o run
  says 'starting again'
  rmdir run/grids
  same_training run two
  [ "$(grep -c 'steps 0 to' run/log.txt)" -eq 1 ]
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" -s 2 --fresh -o run
  says 'steps 0 to 12'
  same_training run two
  # --restart goes on where it can.
  train --set training.steps=6 -o on
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" --restart -o on
  says 'steps 6 to 12'
  same_training on "$SHARED/done"
  # Files that are not the trainer's stay.
  echo mine >run/notes.txt
  train --fresh -o run
  [ "$(cat run/notes.txt)" = mine ]
}

@test "resume: two trainers do not share a folder" {
  start run "${long[@]}" --set training.steps=5000
  for option in --restart --fresh; do
    expect 1 train $option -o run
    says 'run: another training run uses this folder'
  done
  kill -TERM "$pid"
  wait "$pid" || true
  train --fresh -o run
  same_training run "$SHARED/done"
}

@test "resume: a file system without locks is warned of" {
  [[ $PM_BUILD != */sanitize ]] || skip 'the sanitizers have to be loaded first'
  "${CC:-cc}" -shared -fPIC -o none.so -x c - <<'EOF'
#include <errno.h>
int flock(int file, int operation) {
  (void)file, (void)operation;
  errno = ENOLCK;
  return -1;
}
EOF
  LD_PRELOAD=$T/none.so expect 0 train -o run
  says 'run: cannot be locked (No locks available): a second training run in it would not be noticed'
  same_training run "$SHARED/done"
}

@test "resume: a damaged checkpoint is refused, with what helps; --restart starts again" {
  train --set training.steps=6 -o run
  rm run/model.safetensors
  cp run/checkpoint.safetensors good
  cp run/metrics.tsv rows.tsv
  size=$(wc -c <good)
  header=$(od -An -tu8 -N8 good | tr -d ' ')
  for at in 0 1 7 8 9 $((8 + header / 2)) $((8 + header - 1)) $((8 + header)) $((size / 2)) $((size - 1)); do
    head -c "$at" good >run/checkpoint.safetensors
    expect 3 train -o run
    says 'run/checkpoint.safetensors'
    says '--restart starts again'
  done
  # One bit at a time: in the header's length, all through the header, and in the numbers.
  for ((k = 0; k < 60; k++)); do
    at=$((k < 8 ? k : k < 40 ? 8 + header * (k - 8) / 32 : 8 + header + (size - 8 - header) * (k - 40) / 20))
    bit=$((1 << k % 8))
    byte=$(od -An -tu1 -j "$at" -N1 good)
    { head -c "$at" good; printf '%b' "\\x$(printf %02x $((byte ^ bit)))"; tail -c +$((at + 2)) good; } >run/checkpoint.safetensors
    expect 3 train -o run
    says 'train-vae: run'
    [ ! -e run/model.safetensors ]
  done
  same run/metrics.tsv rows.tsv
  cp "$MODEL" run/checkpoint.safetensors
  expect 3 train -o run
  says 'run/checkpoint.safetensors: format'
  # However it is damaged, what the message names helps.
  for damage in 'head -c 100' 'head -c 0' "head -c $((size - 1))" 'tr e f'; do
    cp -r "$SHARED/done" "again-${damage##* }"
    $damage <good >"again-${damage##* }/checkpoint.safetensors"
    expect 0 train-vae -c "$CONFIG" --data "$SPRITES" --restart -o "again-${damage##* }"
    says 'a checkpoint that cannot be read'
    says 'starting again'
    same_training "again-${damage##* }" "$SHARED/done"
  done
}

@test "resume: a damaged model is written again from the checkpoint; who reads it says so" {
  cp -r "$SHARED/done" run
  head -c 5000 "$MODEL" >run/model.safetensors
  expect 3 sample run/model.safetensors -o out.npy
  says 'remove it, and the command that trained it, or make, writes it again from the checkpoint beside it'
  expect 0 train-vae -c "$CONFIG" --data "$SPRITES" -o run
  same_training run "$SHARED/done"
  head -c 5000 "$MODEL" >run/model.safetensors
  rm run/model.safetensors
  train -o run
  same_training run "$SHARED/done"
  # Elsewhere there is nothing to write it again from.
  head -c 5000 "$MODEL" >alone.safetensors
  expect 3 sample alone.safetensors -o out.npy
  [[ $stderr != *'remove it'* ]]
}

# At learning rate 10 a step makes the encoder's logvar so large that its exponential overflows.
@test "a loss that is no number ends the training, names the step and keeps the last good checkpoint" {
  wild=(--set training.learning_rate=10 --set output.checkpoint_every=1)
  expect 1 train "${wild[@]}" -o run
  says 'run: the loss is '
  says ' at step 2; the checkpoint of step 1 is kept'
  [ ! -e run/model.safetensors ]
  [[ $(tensor info run/checkpoint.safetensors) = *'step = 1'* ]]
  tensor check run/checkpoint.safetensors
  [ "$(rows run)" -eq 1 ]
  clean_folder run
  # It can be loaded, and comes to the same end.
  expect 1 train "${wild[@]}" -o run
  says ' at step 2; the checkpoint of step 1 is kept'
  expect 1 train --set training.learning_rate=10 --set output.checkpoint_every=100 -o none
  says 'there is no checkpoint yet'
  [ ! -e none/checkpoint.safetensors ]
}

@test "weights that are no numbers never become a checkpoint, whatever the loss" {
  # The loss stays finite here; the squares of the gradients do not.
  wild=(--set training.learning_rate=0.2 --set loss.kl_weight=1000 --set training.batch=8 --set training.steps=40)
  expect 1 train "${wild[@]}" --set output.checkpoint_every=1 -o run
  says 'is kept'
  tensor check run/checkpoint.safetensors
  [ ! -e run/model.safetensors ]
  expect 1 train "${wild[@]}" --set output.checkpoint_every=40 -o end
  [ ! -e end/model.safetensors ]
  [ ! -e end/checkpoint.safetensors ]
}

@test "every write that fails ends it with status 1, and it resumes" {
  train --set output.grid_every=6 -o whole
  failed=0
  for ((n = 1; n < 60; n++)); do
    PIXELMILL_FAIL_WRITE=$n run --separate-stderr train --set output.grid_every=6 -o run
    clean_folder run
    if [ "$status" -eq 0 ]; then break; fi
    [ "$status" -eq 1 ]
    says 'No space left on device'
    failed=$((failed + 1))
    if ((n % 4 == 0)); then rm -rf run; fi
  done
  [ "$failed" -ge 12 ]
  same_training run whole
}

@test "memory that runs out ends it with status 1" {
  for n in 1 2 5 20 50 100 200 400 800; do
    PIXELMILL_FAIL_ALLOCATION=$n run --separate-stderr train -o run
    if [ "$status" -ne 0 ]; then
      [ "$status" -eq 1 ]
      says 'memory'
    fi
    [ "$n" -gt 50 ] || [ "$status" -eq 1 ]
    [ ! -e run ] || clean_folder run
  done
  train -o run
  same_training run "$SHARED/done"
}

# disk SIZE: a file system of so many megabytes at $T/disk.
disk() {
  mkdir -p disk
  mount -t tmpfs -o size="$1" tmpfs disk 2>/dev/null || skip 'a small disk can only be mounted as root'
}

teardown() { umount "$BATS_TEST_TMPDIR/disk" 2>/dev/null || true; }

# The checkpoint of 32 latent numbers takes 1.7 MB, the one of 4 takes 0.6 MB.
@test "a full disk leaves no half-written file" {
  disk 1m
  expect 1 train --set model.latent=32 -o disk/run
  says 'No space left on device'
  clean_folder disk
  [ ! -e disk/run/checkpoint.safetensors ]
  [ ! -e disk/run/model.safetensors ]
  umount disk
  # Room for one checkpoint, and none to replace it: the old one stays.
  disk 2m
  expect 1 train --set model.latent=32 -o disk/run
  clean_folder disk
  [[ $(tensor info disk/run/checkpoint.safetensors) = *'step = 4'* ]]
  tensor check disk/run/checkpoint.safetensors
  [ ! -e disk/run/model.safetensors ]
  # A smaller training has room enough.
  train --fresh -o disk/run
  same_training disk/run "$SHARED/done"
}

@test "a disk that fills up under the metrics ends it, too" {
  disk 2m
  start disk/run --set training.steps=100000 --set output.checkpoint_every=100000
  head -c 4M /dev/zero >disk/ballast 2>/dev/null || true
  status=0
  wait "$pid" || status=$?
  [ "$status" -eq 1 ]
  grep -q 'disk/run/metrics.tsv: cannot be written: No space left on device' errors
}

@test "resume: on another tier of processors it goes on where it is told to, and says so" {
  train --set training.steps=6 -o moved
  PIXELMILL_TIER=$([[ $(tensor info moved/checkpoint.safetensors) = *'tier = baseline'* ]] && echo avx2 || echo baseline)
  export PIXELMILL_TIER
  run --separate-stderr train -o moved
  [ "$status" -eq 3 ]
  [[ $stderr = *'another processor tier: '*' there, '*' here; --restart starts again'*'--other-tier goes on with it'* ]]
  train --other-tier -o moved
  grep -q 'the steps before 6 were done on another processor tier: ' moved/log.txt
  [ "$(rows moved)" -eq 12 ]
  run --separate-stderr train --other-tier --restart -o moved
  [ "$status" -eq 2 ]
}
