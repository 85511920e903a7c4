# The pipeline's stages as jobs of a real Slurm (docs/scaling.md): its daemons run here, for this file alone, with a
# configuration, ports and folder of their own.

load ../common

MAKE=$(command -v gmake || command -v make)

setup_file() {
  local program
  for program in munged slurmctld slurmd sbatch srun scontrol; do
    command -v $program >/dev/null || skip "there is no $program here (on Debian: munge slurmctld slurmd slurm-client)"
  done
  [ "$(id -u)" -eq 0 ] || skip 'the daemons need root'
  start_slurm "$BATS_FILE_TMPDIR/slurm"
}

teardown_file() {
  local daemon pid i
  for daemon in slurmd slurmctld munged; do
    [ -e "$BATS_FILE_TMPDIR/slurm/$daemon.pid" ] || continue
    pid=$(cat "$BATS_FILE_TMPDIR/slurm/$daemon.pid")
    kill "$pid" || true
    for ((i = 0; i < 100; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  done
}

free_port() { perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'; }

# start_slurm FOLDER: one node with two processors, that of this machine. It keeps SLURM_CONF for the tests.
start_slurm() {
  local s=$1 host i
  host=$(hostname -s)
  mkdir -p "$s/state" "$s/spool"
  head -c 1024 /dev/urandom >"$s/munge.key"
  chmod 400 "$s/munge.key"
  munged --force --key-file "$s/munge.key" --socket "$s/munge.socket" --pid-file "$s/munged.pid" \
    --log-file "$s/munged.log" --seed-file "$s/munge.seed" 3>&-
  cat >"$s/slurm.conf" <<EOF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$s/munge.socket
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
StateSaveLocation=$s/state
SlurmdSpoolDir=$s/spool
SlurmctldPidFile=$s/slurmctld.pid
SlurmdPidFile=$s/slurmd.pid
SlurmctldLogFile=$s/slurmctld.log
SlurmdLogFile=$s/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
JobRequeue=1
KillWait=30
NodeName=$host NodeAddr=127.0.0.1 CPUs=2
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
  export SLURM_CONF=$s/slurm.conf
  slurmctld -c 3>&-
  slurmd 3>&-
  for ((i = 0; i < 100; i++)); do
    if sinfo -h -o %t 2>/dev/null | grep -q idle; then return 0; fi
    sleep 0.1
  done
  tail -n 20 "$s"/*.log >&2
  return 1
}

# A copy of the makefiles; the tools are those that were built. Two steps that are long enough to be caught at work.
setup() {
  T=$BATS_TEST_TMPDIR
  cp -R "$REPO/Makefile" "$REPO/pipeline" "$REPO/configs" "$T"
  cd "$T" || return 1
  sed -i -e '/ddpm-palette:/s/steps: 6,/steps: 20,/' -e '/patch-ar:/s/steps: 6,/steps: 30,/' configs/presets/smoke.yaml
  grep -q 'patch-ar: .*steps: 30,' configs/presets/smoke.yaml
  grep -q 'ddpm-palette: .*steps: 20,' configs/presets/smoke.yaml
  printf '%s\n' 'train --cpus-per-task=1' 'sample --cpus-per-task=1' 'score --cpus-per-task=1' >one.txt
}

mk() { "$MAKE" --no-print-directory TOOLS="$PM_BUILD/bin" PRESET=smoke RESOURCES=one.txt "$@"; }

# job STAGE RUN: its number while it is there.
job() { squeue -h -o '%A %j' | awk -v name="pixelmill $1 $2" '{ n = $1; $1 = ""; if (substr($0, 2) == name) print n }'; }

# caught RUN: waits until a training has a checkpoint, and prints its job.
caught() {
  local i found
  for ((i = 0; i < 6000; i++)); do
    found=$(job train "$1")
    if [ "$found" ] && [ -e "runs/builtin/smoke/$1/checkpoint.safetensors" ]; then
      echo "$found"
      return 0
    fi
    sleep 0.02
  done
  return 1
}

# results FOLDER: the bytes of a comparison that hold no time.
results() { (cd "$1/builtin/smoke" && find . -name '*.safetensors' ! -name checkpoint.safetensors -o -name '*.npy' -o -name scores.tsv \
  -o -name metrics.tsv -o -name '*.png' | sort | xargs sha256sum); }

@test "slurm: a comparison with a job requeued and one cancelled is the one that ran here" {
  begun=$SECONDS
  mk -j2 RESULTS=here compare >here.txt 2>&1
  here=$((SECONDS - begun)) begun=$SECONDS
  mk -j2 RUNNER=slurm compare >first.txt 2>&1 3>&- &
  make=$!
  requeued=$(caught ddpm-palette)
  scontrol requeue "$requeued"
  # Slurm would wait two minutes.
  for ((i = 0; i < 100; i++)); do
    ! scontrol update JobId="$requeued" StartTime=now 2>/dev/null || break
    sleep 0.1
  done
  cancelled=$(caught patch-ar)
  scancel "$cancelled"
  wait $make && false
  grep -q "job $cancelled: CANCELLED" first.txt
  grep -q 'train of patch-ar did not end well' first.txt
  mk -j2 RUNNER=slurm compare >second.txt 2>&1
  through=$((SECONDS - begun))
  # Both went on from where they were.
  for run in ddpm-palette patch-ar; do
    [ "$(grep -c ', steps ' "runs/builtin/smoke/$run/log.txt")" -eq 2 ]
    [ "$(grep -c ', steps 0 to' "runs/builtin/smoke/$run/log.txt")" -eq 1 ]
    grep -q 'stopped by a signal' "runs/builtin/smoke/$run/log.txt"
  done
  diff <(results here) <(results runs)
  grep -q 'steps in' runs/builtin/smoke/logs/vae-mse.model.log
  [ -z "$(squeue -h)" ]
  run mk RUNNER=slurm compare
  [[ $output = *'Nothing to do'* ]]
  echo "# $here s here, $through s through Slurm with a job requeued and one cancelled" >&3
  begun=$SECONDS
  mk -j2 RUNNER=slurm RESULTS=undisturbed compare >third.txt 2>&1
  through=$((SECONDS - begun))
  echo "# $through s undisturbed" >&3
  [ $through -le $((2 * here)) ]
}

@test "slurm: srun as the runner; a training in two processes" {
  [ -e "$PM_BUILD/bin/pixelmill-mpi.so" ] || skip 'pixelmill-mpi.so is not built: make mpi'
  srun --mpi=list 2>&1 | grep -q pmix || skip 'this Slurm has no PMIx'
  export OMPI_MCA_btl_vader_single_copy_mechanism=none
  mk RUNS=vae-mse SET=training.micro_batches=2 RESULTS=here SAMPLES=0 compare
  mk RUNS=vae-mse SET=training.micro_batches=2 RUNNER='srun -c1' SAMPLES=0 compare
  diff <(results here) <(results runs)
  printf '%s\n' 'train --cpus-per-task=2' 'train:vae-mse --ntasks=2 | srun --mpi=pmix' 'sample --cpus-per-task=1' >two.txt
  mk RUNS=vae-mse SET=training.micro_batches=2 RUNNER=slurm RESOURCES=two.txt RESULTS=two SAMPLES=0 compare
  grep -q '2 processes by' two/builtin/smoke/vae-mse/log.txt
  diff <(results here) <(results two)
}

@test "slurm: Ctrl-C cancels the job, which leaves a checkpoint" {
  env --default-signal=INT "$MAKE" --no-print-directory TOOLS="$PM_BUILD/bin" PRESET=smoke RESOURCES=one.txt RUNNER=slurm \
    RUNS=ddpm-palette SAMPLES=0 compare >said.txt 2>&1 3>&- &
  make=$!
  caught ddpm-palette
  waits=$(pgrep -f "slurm.sh train ddpm-palette runs/builtin/smoke/logs" -P "$(pgrep -f 'elsewhere.sh train' -P $make)")
  kill -INT "$waits"
  wait $make && false
  for ((i = 0; i < 300; i++)); do
    [ "$(squeue -h)" ] || break
    sleep 0.1
  done
  grep -q 'stopped by a signal' runs/builtin/smoke/ddpm-palette/log.txt
}
