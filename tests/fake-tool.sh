#!/usr/bin/env bash
# A stand-in for any of the tools, for the tests of the pipeline: it adds its call to $FAKE_LOG and writes a text that
# depends on its name, its version and its inputs alone. As a trainer it takes four steps of $FAKE_SLEEP seconds with a
# checkpoint after each, resumes, and knows --restart and --fresh.
set -euo pipefail
version=1
name=$(basename "$0")
arguments="$*"
command=${1-}
range=${3-}
out='' config='' preset='' mode=resume print='' set=''
inputs=()
while [ $# -gt 0 ]; do
  case $1 in
    -o) out=$2 && shift ;;
    -c) config=$2 && shift ;;
    --labels | --names) # label-tiles and draw-sprites make them, all others read them
      if [[ $name != label-* && $name != draw-* ]]; then inputs+=("$2"); else echo "${1#--} $version" >"$2"; fi
      shift
      ;;
    --sprites) echo "sprites $version" >"$2" && shift ;;
    --picture | --plot) echo "${1#--} $version" >"$2" && shift ;;
    --preset) preset=$2 && shift ;;
    --set) set+=" $2" && shift ;;
    --restart | --fresh) mode=${1#--} ;;
    --print-key) print=key ;;
    --print-config) print=config ;;
    *)
      # Of a folder, what is in it. The curves are drawn at any time after the training, and nothing is made from them.
      if [ -f "$1" ]; then
        inputs+=("$1")
      elif [ -d "$1" ] && [ "$name" != plot-curves ]; then
        for file in "$1"/*; do [[ $file == */curves.png ]] || inputs+=("$file"); done
      fi
      ;;
  esac
  shift
done

# value SECTION.KEY DEFAULT: as the trainers know them: of the config, or what --set lays over it.
value() {
  local found
  found=$(sed -n "s/^ *${1##*.}: //p" "$config")
  [[ $set != *" $1="* ]] || { found=${set##*" $1="} && found=${found%% *}; }
  echo "${found:-$2}"
}

train() {
  local settings key old='' step=0
  if [[ $set == *bacth* ]]; then
    echo "$name: --set: there is no such key" >&2
    exit 2
  fi
  if [ "$print" = config ]; then
    printf 'data:\n  held_out: %s\n' "$(value data.held_out 0.1)"
    printf 'seed: %s\ntraining:\n  batch: %s\n' "$(value seed 1)" "$(value training.batch 32)"
    return
  fi
  settings=$(echo "recipe $version" && cat "$config" configs/base.yaml "configs/presets/$preset.yaml" && echo "set$set")
  if [ "$print" ]; then
    echo "$settings"
    return
  fi
  mkdir -p "$out"
  key=$(cat <(echo "$settings") "${inputs[@]}" | cksum)
  if [ "$mode" != fresh ] && [ -e "$out/checkpoint" ]; then
    { read -r old && read -r step; } <"$out/checkpoint"
    if [ "$old" != "$key" ]; then
      [ "$mode" = restart ] || exit 3
      step=0
    fi
  fi
  echo "$name $arguments from $step" >>"$FAKE_LOG"
  while [ "$step" -lt 4 ]; do
    sleep "${FAKE_SLEEP:-0}"
    step=$((step + 1))
    printf '%s\n%s\n' "$key" "$step" >"$out/checkpoint"
  done
  printf '12:00:00  %s, 1234 parameters, steps 0 to 4\n12:00:01  4 steps in 0.5 s (8.0 a second)\n' "$name" >"$out/log.txt"
  echo "model $key" >"$out/model.safetensors"
}

case $name in
  train-* | fit-prior) train ;;
  tensor)
    case $command in
      info) echo 'sprites: u8 [20, 16, 16, 3], 0 to 255' ;;
      slice) echo "sprites $range" ;;
      concat) cat >"$out" ;;
    esac
    ;;
  *)
    echo "$name $arguments" >>"$FAKE_LOG"
    { echo "$name $version" && cat /dev/null ${inputs[@]+"${inputs[@]}"} | cksum; } >"${out:-/dev/null}"
    ;;
esac
