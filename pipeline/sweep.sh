#!/usr/bin/env bash
# A grid of settings.
#   sweep.sh grid SETS SET           its points: a line each, its name and its settings, with tabs between them
#   sweep.sh check 'RUN:TRAINER...' SETTINGS...    asks each trainer whether it knows the settings of each point
#   sweep.sh table FOLDER 'RUN...' 'NAME SETTINGS'...    the table, in Markdown; a point's runs lie in FOLDER-NAME
#   sweep.sh page FOLDER 'RUN...' TITLE 'NAME SETTINGS'...    the page of the runs that have a model, FOLDER-sweep/index.html
#   sweep.sh failed PAGE NAME...    fails if a point of these has left its mark in PAGE/failed
# SETS: words KEY=VALUE|VALUE..., of which every combination is a point; or a file that has such words on each line. SET:
# settings that all points share. For check TOOLS and preset are in the environment.
# shellcheck disable=SC2154 # variables of the environment
set -euo pipefail
export LC_ALL=C # ($(shell) runs it)
here=$(dirname "$0")

refuse() { printf 'SETS: %s\n' "$1" >&2 && exit 2; }

# points LINE: the combinations of its words, a line each.
points() {
  local word key value before keys=' ' all=('') more
  for word in $1; do
    key=${word%%=*}
    [[ $word == ?*=?* ]] || refuse "'$word' is no KEY=VALUE|VALUE..."
    [[ $keys != *" $key "* ]] || refuse "$key is there twice; its values stand together: $key=VALUE|VALUE"
    [[ " $shared" != *" $key="* ]] || refuse "$key stands in SET, too"
    keys+="$key "
    more=()
    for before in "${all[@]}"; do
      while read -rd '|' value; do
        [ "$value" ] || refuse "'$word' has an empty value"
        more+=("$before $key=$value")
      done <<<"${word#*=}|"
    done
    all=("${more[@]}")
  done
  printf '%s\n' "${all[@]# }"
}

grid() {
  local -A named=()
  local line point of_line name shared=$2 given=$1 count=0
  [ ! -f "$given" ] || given=$(sed $'1s/^\xef\xbb\xbf//; s/#.*//; s/\r$//' "$given") # as Windows' editors write it, too
  while IFS= read -r line; do
    [[ $line = *[![:space:]]* ]] || continue
    of_line=$(points "$line") || exit 2
    while IFS= read -r point; do
      name=${point//=/-}
      name=${name// /_}
      name=${name//[^-A-Za-z0-9._]/-}
      [ ! "${named[$name]-}" ] || refuse "'${named[$name]}' and '$point' would have the same folder, $name"
      named[$name]=$point
      count=$((count + 1))
      printf '%s\t%s\n' "$name" "${point// /$'\t'}"
    done <<<"$of_line"
  done <<<"$given"
  [ $count -gt 0 ] || refuse "there is no point in it; expected KEY=VALUE|VALUE..., as \"model.latent=16|32 training.batch=16|32\", or a file of such lines"
}

check() {
  local runs=$1 run settings setting options
  shift
  for settings; do
    options=()
    for setting in $settings; do options+=(--set "$setting"); done
    for run in $runs; do
      "$TOOLS/${run#*:}" -c "configs/${run%%:*}.yaml" --preset "$preset" "${options[@]}" --print-config >/dev/null
    done
  done
}

table() {
  local folder=$1 runs=$2 words measure run of steps
  shift 2
  # shellcheck source=pipeline/run-figures.bash
  source "$here/run-figures.bash"
  printf '| run | settings | steps | held-out |'
  printf ' %s |' "${main[@]}"
  printf '\n|'
  printf ' --- |%.0s' run settings steps held-out "${main[@]}"
  printf '\n'
  for words; do
    for run in $runs; do
      of=$folder-${words%% *}/$run
      steps=$(last step "$of/metrics.tsv")
      [ "$steps" = - ] || [ -e "$of/model.safetensors" ] || steps+=...
      # shellcheck disable=SC2016 # Markdown's
      printf '| %s | `%s` | %s | %s |' "$run" "${words#* }" "$steps" "$(held_out "$of/metrics.tsv")"
      for measure in "${main[@]}"; do printf ' %s |' "$(score "$measure" "$of/scores.tsv")"; done
      printf '\n'
    done
  done
}

page() {
  local folder=$1 runs=$2 title=$3 words run of shown=()
  shift 3
  for words; do
    for run in $runs; do
      of=$folder-${words%% *}/$run
      [ ! -e "$of/model.safetensors" ] || shown+=(--caption "$run ${words#* }" "$of")
    done
  done
  rm -f "$folder-sweep/index.html"
  [ ${#shown[@]} -eq 0 ] || "$TOOLS/report" --title "$title" "${shown[@]}" -o "$folder-sweep/index.html"
}

failed() {
  local page=$1 name count=0
  shift
  for name; do
    [ -e "$page/failed/$name" ] || continue
    count=$((count + 1))
    printf 'sweep: %s failed; what it said is above\n' "$name" >&2
  done
  [ $count -eq 0 ] || { printf 'sweep: %d of %d points failed; the same command tries them again\n' $count $# >&2 && exit 1; }
}

"$@"
