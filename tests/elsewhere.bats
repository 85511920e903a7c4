# Stages that run elsewhere (RUNNER) and sweeps, with stand-ins for the tools and for Slurm. tests/long/slurm.bats has a
# real one.

load common
load pipeline

# Stand-ins for Slurm's commands: a job runs at once, and is told of as SLURM_SAYS has it. $T/jobs has their options.
fake_slurm() {
  mkdir -p bin
  cat >bin/sbatch <<'EOS'
#!/usr/bin/env bash
echo "$*" >>"$FAKE_JOBS"
for option; do case $option in --output=*) log=${option#*=} ;; esac; done
cat >job.sh
status=0
bash job.sh >>"$log" 2>&1 || status=$?
n=$(wc -l <"$FAKE_JOBS")
echo "JobId=$n JobName=x JobState=$([ $status = 0 ] && echo COMPLETED || echo "${SLURM_SAYS:-FAILED}") ExitCode=$status:0 NodeList=n7" >"job.$n"
echo "$n"
EOS
  # The first answer is that it runs still.
  cat >bin/scontrol <<'EOS'
#!/usr/bin/env bash
job=${*: -1}
if [ -e "asked.$job" ]; then cat "job.$job"; else : >"asked.$job" && echo "JobId=$job JobState=RUNNING ExitCode=0:0"; fi
EOS
  echo 'exit 0' >bin/scancel
  # What runs the launcher's words: they, and then the command.
  printf '#!/usr/bin/env bash\necho "launched $*" >>"$FAKE_JOBS.launched"\nshift\n"$@"\n' >bin/launch
  chmod +x bin/*
  export PATH=$T/bin:$PATH FAKE_JOBS=$T/jobs
  : >jobs
}

@test "RUNNER goes before what trains, samples and scores, and makes the same files" {
  mk compare
  mv runs here
  printf '#!/usr/bin/env bash\necho "$*" >>"$FAKE_LOG.ran"\n"${@:2}"\n' >run-there
  chmod +x run-there
  mk compare RUNNER='./run-there -c8'
  for tool in train-vae sample score; do
    [ "$(grep -c -- "^-c8 tools/$tool " "$FAKE_LOG.ran")" -eq "$(calls $tool)" ]
    [ "$(calls $tool)" -gt 0 ]
  done
  [ "$(grep -cv -- '^-c8 tools/\(train-vae\|sample\|score\) ' "$FAKE_LOG.ran")" -eq 0 ]
  diff -r -x logs -x costs.tsv -x checkpoint here/builtin runs/builtin
  # Keys know nothing of where it was.
  mk compare
  nothing_ran
  # Each stage has a log, which later ones go on.
  [ "$(ls runs/builtin/default/logs | grep -c '^vae-mse')" -ge 4 ]
  mk -B builtin/vae-mse RUNNER='./run-there -c8'
  [ "$(grep -c 'tools/train-vae' runs/builtin/default/logs/vae-mse.model.log)" -eq 2 ]
}

@test "RUNNER: a file made elsewhere is not older than its key, whatever the other clock says" {
  printf '#!/usr/bin/env bash\n"$@"\nwhile [ "$1" != -o ]; do shift; done\ntouch -d "2 hours ago" "$2" "$2"/model.safetensors 2>/dev/null || true\n' >slow-clock
  chmod +x slow-clock
  mk compare RUNNER=./slow-clock
  mk compare
  nothing_ran
}

@test "RUNNER: what goes wrong elsewhere stops make and is said" {
  printf '#!/usr/bin/env bash\necho "no such luck" >&2\nexit 7\n' >fails
  chmod +x fails
  expect 2 "$MAKE" TOOLS=tools builtin/vae-mse RUNNER=./fails
  says 'no such luck'
  says 'train of vae-mse did not end well (exit status 7); what it said is in runs/builtin/default/logs/vae-mse.model.log'
  says 'The same make goes on from its last checkpoint.'
  grep -q 'no such luck' runs/builtin/default/logs/vae-mse.model.log
  [ ! -e runs/builtin/default/vae-mse/model.safetensors ]
  expect 2 "$MAKE" TOOLS=tools builtin/vae-mse RUNNER='no-such-runner -c 8'
  says 'RUNNER=no-such-runner -c 8: there is no command no-such-runner'
  expect 2 "$MAKE" TOOLS=tools builtin/vae-mse RUNNER=slurm RESOURCES=none.txt
  says 'RESOURCES=none.txt: there is no such file'
  mk builtin/vae-mse
  ran train-vae 1
}

@test "RUNNER=slurm: a job a stage, with the resources of its line, waited for" {
  fake_slurm
  cat >mine.txt <<'EOF'
# of mine
train         --cpus-per-task=3
train:vae-bce --ntasks=2 | launch -x
sample        --mem=1G --time=5
score         --cpus-per-task=1
EOF
  mk compare RUNNER=slurm RESOURCES=mine.txt
  ran train-vae 2
  grep -q -- '--requeue --open-mode=append --output=runs/builtin/default/logs/vae-mse.model.log --job-name=pixelmill train vae-mse --cpus-per-task=3$' jobs
  grep -q -- 'pixelmill train vae-bce --ntasks=2$' jobs
  grep -q -- 'pixelmill sample vae-mse --mem=1G --time=5$' jobs
  grep -q -- 'pixelmill score vae-mse --cpus-per-task=1$' jobs
  grep -q '^launched -x tools/train-vae -c configs/vae-bce.yaml ' jobs.launched
  [ "$(wc -l <jobs)" -eq "$(($(calls train-vae) + $(calls sample) + $(calls score)))" ]
  mk compare
  nothing_ran
  # The table of the project names every stage.
  for stage in train sample score; do grep -q "^$stage " pipeline/resources.txt; done
}

@test "RUNNER=slurm: a job that is cancelled or fails stops make, with Slurm's word" {
  fake_slurm
  printf '#!/usr/bin/env bash\necho "out of paint" >&2\nexit 9\n' >tools/sample
  SLURM_SAYS=CANCELLED expect 2 "$MAKE" TOOLS=tools compare RUNNER=slurm
  says 'CANCELLED, exit status and signal 9:0 on n7'
  says 'out of paint'
  says 'did not end well (exit status 9)'
  grep -v '^sample' pipeline/resources.txt >less.txt
  rm -r runs
  expect 2 "$MAKE" TOOLS=tools compare RUNNER=slurm RESOURCES=less.txt
  says 'less.txt: says nothing of the stage sample'
}

@test "sweep: every combination is a run of its own, with a table of all" {
  mk -j2 sweep RUNS=vae-mse SETS='training.batch=8|16 model.latent=3|5'
  ran train-vae 4
  for point in training.batch-{8,16}_model.latent-{3,5}; do
    [ -e "runs/builtin/default-$point/vae-mse/model.safetensors" ]
  done
  grep -q 'train-vae .*--set training.batch=16 --set model.latent=5 .*-o runs/builtin/default-training.batch-16_model.latent-5/vae-mse' "$FAKE_LOG"
  [ "$(grep -c '^| vae-mse | `training.batch=[0-9]* model.latent=[0-9]`' runs/builtin/default-sweep/table.md)" -eq 4 ]
  ran report 1
  [ "$(grep '^report' "$FAKE_LOG" | grep -o -- '--caption vae-mse training.batch=[0-9]* model.latent=[0-9] runs/builtin/default-training' | wc -l)" -eq 4 ]
  # A larger grid trains what is new.
  mk sweep RUNS=vae-mse SETS='training.batch=8|16 model.latent=3|5|7'
  ran train-vae 2
  # In a file a line is a point or a grid; one point of it is there already.
  printf '\xef\xbb\xbf# of mine\n\r\ntraining.batch=8 model.latent=3\r\nmodel.latent=1|2 # two\n' >grid.txt
  mk sweep RUNS=vae-mse SETS=grid.txt
  ran train-vae 2
  [ "$(grep -c '^| vae-mse' runs/builtin/default-sweep/table.md)" -eq 3 ]
  # One point alone, as a run.
  mk builtin/vae-mse VARIANT=model.latent-1 SET=model.latent=1
  nothing_ran
}

@test "sweep: a point that fails leaves the others their table and page" {
  # As one whose loss diverges.
  mv tools/train-vae tools/train-well
  printf '#!/usr/bin/env bash\n[[ "$*" = *--print-* || "$*" != *batch=9* ]] || { echo "wild" >&2; exit 1; }\nexec "$(dirname "$0")/train-well" "$@"\n' >tools/train-vae
  chmod +x tools/train-vae
  expect 2 "$MAKE" TOOLS=tools sweep RUNS=vae-mse SETS='training.batch=8|9|16'
  says 'sweep: training.batch-9 failed; what it said is above'
  says 'sweep: 1 of 3 points failed; the same command tries them again'
  [ "$(grep -c '^| vae-mse | `training.batch=[0-9]*` | ' runs/builtin/default-sweep/table.md)" -eq 3 ]
  grep -q '`training.batch=9` | - | ' runs/builtin/default-sweep/table.md
  [ "$(grep '^report' "$FAKE_LOG" | grep -o -- '--caption vae-mse training.batch=[0-9]*' | paste -sd ' ')" = \
    '--caption vae-mse training.batch=8 --caption vae-mse training.batch=16' ]
  # Mended, it is a point as any other.
  mv tools/train-well tools/train-vae
  mk sweep RUNS=vae-mse SETS='training.batch=8|9|16'
  grep '^report' "$FAKE_LOG" | tail -n 1 | grep -q 'training.batch=9 '
}

@test "sweep: what is no grid, or trains nothing, is refused before any training" {
  sweep() { expect 2 "$MAKE" TOOLS=tools sweep RUNS=vae-mse "$@"; }
  sweep
  says 'SETS: there is no point in it; expected KEY=VALUE|VALUE...'
  : >empty.txt
  sweep SETS=empty.txt
  says 'SETS: there is no point in it'
  sweep SETS=missing.txt
  says "SETS: 'missing.txt' is no KEY=VALUE|VALUE..."
  sweep SETS='training.batch=8||16'
  says "SETS: 'training.batch=8||16' has an empty value"
  sweep SETS='training.batch=8 training.batch=16'
  says 'SETS: training.batch is there twice; its values stand together: training.batch=VALUE|VALUE'
  sweep SETS='training.batch=8|8'
  says "SETS: 'training.batch=8' and 'training.batch=8' would have the same folder, training.batch-8"
  sweep SETS='unet.widths=8,16|8-16'
  says "SETS: 'unet.widths=8,16' and 'unet.widths=8-16' would have the same folder, unet.widths-8-16"
  sweep SETS='training.batch=8|16' SET=training.batch=4
  says 'SETS: training.batch stands in SET, too'
  sweep SETS='training.bacth=8|16'
  says '--set: there is no such key'
  sweep SETS='training.batch=8' VARIANT=mine
  says 'VARIANT=mine: make sweep names its variants itself, after SETS'
  expect 2 "$MAKE" TOOLS=tools compare VARIANT='a/b'
  says 'VARIANT=a/b: expected a name'
  [ ! -e runs/builtin/default-training.batch-8 ]
}
