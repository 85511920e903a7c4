#!/usr/bin/env bash
# What data-parallel training costs and where it stops paying (docs/scaling.md).
#   scaling.sh TOOLS counted RUN:TRAINER[:OPTION:RUN]...  a step of each run in products and bytes; how many processes pay
#   scaling.sh TOOLS here RUN:TRAINER...   steps of 1, 2 and 4 processes on this machine, measured and as the model says;
#                                          and two processes of one thread beside one of two
# Both on the built-in set, with the settings of PRESET (default).
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=bench/measure.bash
source "$here/measure.bash"
tools=$1 what=$2
shift 2
"$tools/draw-sprites" -q -o "$work/sprites.npy"

# A run's trainer with its settings. `below` stands on the model of another run, which is trained for a step.
command_of() {
  local run trainer option below
  IFS=: read -r run trainer option below <<<"$1"
  train=("$tools/$trainer" -q -c "configs/$run.yaml" --preset "${PRESET:-default}" --data "$work/sprites.npy")
  if [ "$option" ]; then
    [ -e "$work/$below" ] || "$tools/train-$option" -q -c "configs/$below.yaml" --set training.steps=1 --data "$work/sprites.npy" -o "$work/$below"
    train+=("--$option" "$work/$below/model.safetensors")
  fi
}

# counted RUN...: RUN BATCH GFLOP MB PARAMETERS
counted() {
  local words
  for words; do
    command_of "$words"
    "${train[@]}" --dry-run | awk -v run="${words%%:*}" '
      /^parameters/ { parameters = $2 }
      /^steps/ { batch = $5 }
      /^products/ { gflop = $4 }
      /^gradient/ { mb = $2 }
      END { print run, batch, gflop, mb, parameters }'
  done
}

# paying TITLE RATE MEMORY: for the runs in $work/counted, over three links.
paying() {
  printf '\n%s\n%-18s %10s %18s %18s %18s\n' "$1" run 'step alone' '10 Gb/s' '100 Gb/s' 'NVLink, 450 GB/s'
  while read -r run batch gflop mb _; do
    printf '%-18s %7s ms' "$run" \
      "$(awk -v rate="$2" -v memory="$3" -f "$here/scaling.awk" <<<"$run $batch $gflop $mb 1 1")"
    for link in '1.25 30' '12.5 5' '450 3'; do
      read -r bandwidth latency <<<"$link"
      awk -v rate="$2" -v memory="$3" -v link="$bandwidth" -v latency="$latency" -f "$here/scaling.awk" \
        <<<"$run $batch $gflop $mb" | awk '{ printf "%7d (%8d)", $2, $3 }'
    done
    printf '\n'
  done <"$work/counted"
}

# timed P THREADS MICRO_BATCHES: milliseconds of a step, of Adam and of the sums: the least of three times.
timed() {
  local start=()
  [ "$1" = 1 ] || start=(mpirun --allow-run-as-root --oversubscribe --bind-to none -n "$1")
  for ((i = 0; i < ${TIMES:-3}; i++)); do
    ${start[@]+"${start[@]}"} "${train[@]}" -t "$2" --set training.micro_batches="$3" --time-kernels | awk '
      NR == 1 { all = $1 } { ms = $(NF - 1) } /^adam / { adam = ms } /^sum of / { sum = ms } END { print all, adam, sum }'
  done | sort -n | sed -n 1p
}

if [ "$what" = counted ]; then
  counted "$@" >"$work/counted"
  printf '%-18s %12s %8s %12s %12s %12s\n' run parameters batch 'GFLOP a step' 'MB gradient' 'GFLOP a MB'
  awk '{ printf "%-18s %12d %8d %12.3g %12.3g %12.3g\n", $1, $5, $2, $3, $4, $3 / $4 }' "$work/counted"
  paying 'Processes that pay, each with eight cores (1,000 GFLOP/s, 20 GB/s); in brackets the batch from which two do:' 1000 20
  paying 'Each with a card (20,000 GFLOP/s, 1,500 GB/s):' 20000 1500
else
  processor
  cores=$(nproc)
  printf '%-18s %10s %12s %12s\n' run processes measured 'by the model'
  for words; do
    counted "$words" >"$work/counted"
    read -r run _ gflop mb _ <"$work/counted"
    command_of "$words"
    for p in 1 2 4; do
      read -r all adam sum <<<"$(timed $p 1 4)"
      # The rates come from the one process alone.
      [ $p != 1 ] || read -r rate memory <<<"$(awk -v all="$all" -v adam="$adam" -v sum="$sum" -v gflop="$gflop" -v mb="$mb" '
        BEGIN { print gflop / (all - adam - sum) * 1e3, (7 + 19) * mb / (adam + sum) }')"
      printf '%-18s %10d %9.0f ms %9.0f ms\n' "$run" "$p" "$all" \
        "$(awk -v rate="$rate" -v memory="$memory" -v cores="$cores" -v latency=50 -f "$here/scaling.awk" <<<"$run 0 $gflop $mb $p 4")"
    done
    awk -v rate="$rate" -v memory="$memory" 'BEGIN { printf "(one process: %.0f GFLOP/s of products, %.1f GB/s through memory)\n", rate, memory }'
    two=$(timed 2 1 2) threads=$(timed 1 2 2) undivided=$(timed 1 2 1)
    awk -v two="${two%% *}" -v threads="${threads%% *}" -v undivided="${undivided%% *}" 'BEGIN {
      printf "(two micro-batches: two processes of one thread %.0f ms, one of two threads %.0f ms; it, undivided: %.0f ms)\n", two, threads, undivided }'
  done
fi
