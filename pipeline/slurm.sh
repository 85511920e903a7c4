#!/usr/bin/env bash
# A command as a batch job of Slurm, waited for: slurm.sh STAGE RUN LOG COMMAND...
# Asks for what the file RESOURCES says of the stage. A batch job, not srun: Slurm starts it anew by itself when it was
# preempted or its node failed, and a training goes on from its checkpoint. Its exit status is the command's. Ctrl-C
# cancels the job.
set -euo pipefail
stage=$1 run=$2 log=$3
shift 3
for tool in sbatch scontrol scancel; do
  command -v $tool >/dev/null || { printf 'RUNNER=slurm: there is no command %s\n' $tool >&2 && exit 2; }
done

# The options of a stage; a line of STAGE:RUN goes before one of STAGE.
options_of() {
  awk -v stage="$stage" -v run="$run" '
    !/^#/ && ($1 == stage && !known || $1 == stage ":" run) { known = 1; $1 = ""; line = $0 }
    END { if (!known) exit 1; print line }' "${RESOURCES:?}"
}
line=$(options_of) || { printf '%s: says nothing of the stage %s\n' "$RESOURCES" "$stage" >&2 && exit 2; }
read -ra options <<<"${line%%|*}"
launcher=()
[[ $line != *'|'* ]] || read -ra launcher <<<"${line#*|}"

# exec: signals of Slurm reach the command itself.
job=$(
  {
    printf '#!/usr/bin/env bash\nexec'
    printf ' %q' ${launcher[@]+"${launcher[@]}"} "$@"
    printf '\n'
  } | sbatch --parsable --requeue --open-mode=append --output="$log" --job-name="pixelmill $stage $run" "${options[@]}"
)
job=${job%%;*}
printf '%s of %s is job %s; what it says is in %s\n' "$stage" "$run" "$job" "$log" >&2

# shellcheck disable=SC2317 # called by the traps
cancel() {
  trap - INT TERM
  scancel "$job" || true
  exit $((128 + $1))
}
trap 'cancel 2' INT
trap 'cancel 15' TERM

# field NAME: of the job, as Slurm knows it.
field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" <<<" $facts"; }

# Often at first, then ever more seldom: what is waited for is late by a twentieth of its time.
started=$SECONDS unanswered=0
while :; do
  if facts=$(scontrol show job -o "$job" 2>/dev/null); then
    unanswered=0
    case $(field JobState) in
      PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | REQUEUE_HOLD | RESIZING | SIGNALING | STAGE_OUT | STOPPED) ;;
      COMPLETED) exit 0 ;;
      *) break ;;
    esac
  else # a controller that restarts is back soon
    unanswered=$((unanswered + 1))
    [ $unanswered -lt 30 ] || { printf 'job %s: Slurm tells nothing of it\n' "$job" >&2 && exit 1; }
  fi
  # In the background, so that a signal need not wait for its end.
  sleep "$(awk -v s=$((SECONDS - started)) 'BEGIN { s /= 20; print (s < 0.2 ? 0.2 : (s > 10 ? 10 : s)) }')" &
  wait $!
done
status=$(field ExitCode)
printf 'job %s: %s, exit status and signal %s on %s\n' "$job" "$(field JobState)" "$status" "$(field NodeList)" >&2
tail -n 20 "$log" >&2
status=${status%%:*}
exit $((status > 0 ? status : 1))
