# What own.sh and pairs.sh measure with; $work is a folder that is thrown away.
# shellcheck shell=bash
shopt -s inherit_errexit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# took COMMAND...: microseconds that it takes. What it says on standard error is in $work/said.
took() {
  local start=${EPOCHREALTIME/./} status=0
  "$@" >/dev/null 2>"$work/said" || status=$?
  [ $status -eq 0 ] || { cat "$work/said" >&2 && return $status; }
  echo $((${EPOCHREALTIME/./} - start))
}

# median: of the numbers on standard input, a line each.
median() { sort -n | awk '{ number[NR] = $1 } END { print number[int((NR + 1) / 2)] }'; }

# trained STEPS COMMAND...: microseconds of a training, COMMAND and settings. Held-out sprites are not looked at, so nothing may
# depend on their losses.
trained() {
  local steps=$1
  shift
  took "$@" --fresh --set training.steps="$steps" --set output.grid_every=0 --set output.held_out_every=0 \
    --set output.checkpoint_every=1000000 --set training.keep=last --set training.stop_after=0 --set training.calibrate=false
}

# step STEPS COMMAND...: milliseconds a step of such a training; a shorter one is taken off, so that starting up does not count.
step() {
  local steps=$1 short=$((($1 + 7) / 8)) brief long
  shift
  brief=$(trained "$short" "$@")
  long=$(trained "$steps" "$@")
  awk -v t=$((long - brief)) -v n=$((steps - short)) 'BEGIN { printf "%.2f\n", t / n / 1000 }'
}

# enough_steps COMMAND...: how many take about LONG (3000) milliseconds, from 8 to 2,000.
enough_steps() {
  local guess
  guess=$(step 8 "$@")
  awk -v t="$guess" -v long="${LONG:-3000}" 'BEGIN { n = t > 0 ? int(long / t) : 2000; print (n < 8 ? 8 : n > 2000 ? 2000 : n) }'
}

# Which processor it is.
processor() { sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | sed -n 1p; }
