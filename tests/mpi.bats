# Training in several processes (docs/scaling.md), by mpirun on this machine: 2 and 4 of them, whatever processors there
# are. The bytes are those of one process.

load common
load training

setup_file() {
  local tool
  for tool in mpirun mpicc; do
    command -v $tool >/dev/null || skip "there is no $tool here (on Debian: libopenmpi-dev openmpi-bin)"
  done
  [ -e "$PM_BUILD/bin/pixelmill-mpi.so" ] || skip 'pixelmill-mpi.so is not built: make mpi'
  # More processes than processors, as root, in containers.
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
  export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none
  export ASAN_OPTIONS=detect_leaks=0 # MPI's own
  tiny_training
  train "${divided[@]}" -o "$SHARED/four"
}

# Micro-batches of one sprite each.
divided=(--set training.micro_batches=4)

# ranks P OPTION...: the tiny training in P processes.
ranks() {
  local n=$1
  shift
  mpirun -n "$n" train-vae -q -t 1 -c "$CONFIG" --data "$SPRITES" "$@"
}

@test "mpi: 1, 2 and 4 processes write the bytes of one" {
  for n in 2 4; do
    expect 0 ranks $n "${divided[@]}" -o run$n
    [ -z "$stderr" ]
    same_training run$n "$SHARED/four"
    same run$n/checkpoint.safetensors "$SHARED/four/checkpoint.safetensors"
    grep -q "  $n processes by .*, each with $((4 / n)) of 4 micro-batches" run$n/log.txt
    clean_folder run$n
  done
  expect 0 train-vae -q --ranks mpi -c "$CONFIG" --data "$SPRITES" "${divided[@]}" -o alone
  same_training alone "$SHARED/four"
  # The setting is the model's, and it makes another model.
  [[ $(tensor info run2/model.safetensors) = *'micro_batches: 4'* ]]
  [[ $(tensor info "$SHARED/done/model.safetensors") != *micro_batches* ]]
  differ run2/model.safetensors "$SHARED/done/model.safetensors"
}

# model METHOD CONFIG OPTION...: two processes and one.
model() {
  local trainer=$1 config=$2
  shift 2
  local command=("$trainer" -q -c "$REPO/configs/$config.yaml" --preset smoke --data "$SPRITES" --set training.steps=3
    --set training.batch=8 --set training.micro_batches=2 --set output.held_out_every=1 --set data.held_out=0.4 "$@")
  "${command[@]}" -o one
  mpirun -n 2 "${command[@]}" -t 1 -o two
  same_training one two
  [ "$(rows two)" -eq 3 ]
  rm -r one two
}

@test "mpi: a codebook that follows averages, a transformer with dropout, a clipped U-Net with averaged weights" {
  model train-vqvae vqvae --set codebook.update=average --set codebook.restart_after=1
  model train-patch-ar patch-ar --set transformer.width=16 --set transformer.layers=1 --set patch.hidden=8
  model train-ddpm ddpm-palette --set unet.widths=8,16 --set unet.groups=4 --set unet.attention=1 --set training.keep=best
}

@test "micro-batches: what has no statistics of the batch learns the same, but for rounding" {
  for n in 1 2 8; do
    train-patch-ar -q -c "$REPO/configs/patch-ar.yaml" --preset smoke --data "$SPRITES" --set training.steps=2 \
      --set training.batch=8 --set training.micro_batches=$n --set transformer.width=16 --set transformer.layers=1 -o by$n
  done
  for n in 2 8; do
    paste by1/metrics.tsv by$n/metrics.tsv | awk -F'\t' '
      NR > 1 { if ($2 == 0 || ($2 - $6) ^ 2 > (1e-5 * $2) ^ 2) { print; bad++ } }
      END { exit bad > 0 || NR != 3 }'
  done
}

@test "mpi: where there is too little shared memory, processes of one machine send messages" {
  unshare -m true 2>/dev/null || skip 'another /dev/shm can only be mounted as root'
  expect 0 unshare -m bash -c "mount -t tmpfs -o size=16k none /dev/shm && \
    mpirun --mca btl self,tcp -n 2 train-vae -q -t 1 -c '$CONFIG' --data '$SPRITES' --set training.micro_batches=4 -o run"
  same_training run "$SHARED/four"
}

@test "mpi: early stopping and the best weights are decided alike" {
  stop=("${divided[@]}" --set training.stop_after=1 --set training.learning_rate=0.05 --set training.steps=200 --set output.held_out_every=1)
  train "${stop[@]}" -o one
  grep -q 'has not fallen since' one/log.txt
  expect 0 ranks 2 "${stop[@]}" -o two
  same_training one two
}

@test "mpi: a complete training is left as it is" {
  cp -rp "$SHARED/four" run
  expect 0 mpirun -n 2 train-vae -c "$CONFIG" --data "$SPRITES" "${divided[@]}" -o run
  [ "$stderr" = 'run/model.safetensors: complete with 12 steps; nothing to do' ]
}

long=("${divided[@]}" --set training.steps=300 --set output.checkpoint_every=25 --set output.held_out_every=250)

# start_ranks P FOLDER: in the background; $pid is mpirun, rank[k] the process of rank k.
start_ranks() {
  local begin
  begin=$(rows "$2")
  mpirun -n "$1" train-vae -q -t 1 -c "$CONFIG" --data "$SPRITES" "${long[@]}" -o "$2" >said 2>&1 3>&- &
  pid=$!
  within 60 has_rows "$2" $((begin + 30))
  local process
  for process in $(pgrep -P $pid train-vae); do
    rank[$(tr '\0' '\n' <"/proc/$process/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')]=$process
  done
  [ "${#rank[@]}" -eq "$1" ]
}

@test "mpi: a process that is killed ends all, a signal stops all; any other number of them resumes" {
  command -v pgrep >/dev/null || skip 'pgrep is missing'
  train "${long[@]}" -o whole
  rank=()
  start_ranks 4 run
  kill -KILL "${rank[3]}"
  wait $pid && false
  for process in "${rank[@]}"; do within 5 ended "$process"; done
  grep -q 'signal 9 (Killed)' said
  [ ! -e run/model.safetensors ]
  tensor check run/checkpoint.safetensors
  # Another number goes on, and is stopped: after the same step everywhere, with a checkpoint.
  rank=()
  start_ranks 2 run
  kill -TERM "${rank[1]}"
  wait $pid && false
  step=$(rows run)
  grep -q "stopped by a signal at step $step of 300" run/log.txt
  [[ $(tensor info run/checkpoint.safetensors) = *"step = $step"* ]]
  train "${long[@]}" -o run
  same_training run whole
  [ "$(grep -c ' to 300' run/log.txt)" -eq 3 ]
}

ended() { ! kill -0 "$1" 2>/dev/null; }

# once TEXT: standard error has it once.
once() {
  says "$1"
  [ "$(grep -cF "$1" <<<"$stderr")" -eq 1 ]
}

@test "mpi: what is wrong is said once, with its exit status" {
  expect 3 ranks 2 --data missing.npy -o run
  once 'train-vae: missing.npy: '
  expect 3 ranks 2 -o run
  once 'train-vae: training.micro_batches: 1; with 2 processes it has to be 2, or 2, 4, 8 ... times that, and divide training.batch (4)'
  expect 3 ranks 2 --set training.micro_batches=3 -o run
  once 'train-vae: training.micro_batches: 3, which does not divide training.batch (4) evenly'
  expect 2 mpirun -n 2 train-vae --no-such-option
  once "train-vae: "
  [ ! -e run ]
  expect 1 ranks 2 "${divided[@]}" --set training.learning_rate=10 -o wild
  once 'train-vae: wild: the loss is '
  cp -r "$SHARED/four" run
  expect 3 ranks 2 "${divided[@]}" -s 2 -o run
  once "'seed: 1' there, 'seed: 2' here"
  expect 0 ranks 2 "${divided[@]}" --dry-run
  [ "$(grep -c '^parameters' <<<"$output")" -eq 1 ]
  prints 'micro-batches     4 of 1'
  expect 0 ranks 2 "${divided[@]}" --time-kernels
  [ "$(grep -c 'sum of 4 gradients, 2 ranks' <<<"$output")" -eq 1 ]
}

@test "mpi: without its plugin, or with another, nothing is trained" {
  # As if the build had none.
  mkdir empty
  PIXELMILL_PLUGINS=empty expect 1 ranks 2 "${divided[@]}" -o run
  once 'train-vae: started as one of 2 processes (OMPI_COMM_WORLD_SIZE), and empty/pixelmill-mpi.so: there is no such plugin; `make mpi` builds it'
  PIXELMILL_PLUGINS=empty expect 1 train --ranks mpi -o run
  once 'train-vae: --ranks mpi needs a plugin, and empty/pixelmill-mpi.so'
  # Alone it is not asked for.
  PIXELMILL_PLUGINS=empty expect 0 train --set training.steps=1 -o plain
  # Of another build, and no plugin at all.
  "${CC:-cc}" -shared -fPIC -o empty/pixelmill-mpi.so -x c - <<<'static int table[] = {0}; void *pm_transport_table(void) { return table; }'
  PIXELMILL_PLUGINS=empty expect 1 train --ranks mpi -o run
  once 'empty/pixelmill-mpi.so: built for interface 0; expected '
  "${CC:-cc}" -shared -fPIC -o empty/pixelmill-mpi.so -x c - <<<'int nothing;'
  PIXELMILL_PLUGINS=empty expect 1 train --ranks mpi -o run
  once 'has no pm_transport_table; this is no plugin for this'
  # Processes that do not know of each other would all train alone.
  SLURM_STEP_NUM_TASKS=3 expect 1 train "${divided[@]}" -o run
  once 'started as one of 3 processes by an srun that does not connect them: it needs --mpi=pmix'
  PMI_SIZE=3 expect 1 train "${divided[@]}" -o run
  once 'started as one of 3 processes (PMI_SIZE), and Open MPI'
  [ ! -e run ]
  SLURM_STEP_NUM_TASKS=3 expect 0 train --ranks one "${divided[@]}" -o run
  same_training run "$SHARED/four"
}
