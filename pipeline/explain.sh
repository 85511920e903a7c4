#!/usr/bin/env bash
# Says in words what make would do, and why: make -n --trace GOAL | explain.sh WHERE-NOTHING
# Make tells each target that it would update and what that is due to. Of a key that is due to its content, the
# difference is shown: its recipe, which -n prints, names the key that is wanted. WHERE-NOTHING is said where make would
# do nothing.
set -euo pipefail
declare -A again=() # targets that will be made again
declare -A new=()   # folders of which nothing is made yet
target='' due='' wanted=''

explain_key() { # explain_key STORED WANTED
  local folder=${1%/*}
  if [ ! -e "$1" ]; then
    [ "${new[$folder]-}" ] || printf '%s: not made yet\n' "$folder"
    new[$folder]=yes
  elif cmp -s "$1" "$2"; then
    printf '%s: what lies there is not what was made\n' "$folder"
  else
    printf '%s: its key is another one (- made with, + wanted):\n' "$1"
    { diff -U0 "$1" "$2" || true; } | sed -e '/^---/d' -e '/^+++/d' -e '/^@@/d' -e 's/^/    /'
  fi
}

explain_file() { # explain_file FILE CAUSE...: by the first of the causes
  local file=$1 how='is made again' more=''
  if [ ! -e "$file" ]; then
    [ "${new[${file%/*}]-}" ] || printf '%s: not there\n' "$file"
    return
  fi
  if [ "$2" -nt "$file" ] && [ ! "${again[$2]-}" ]; then how='is newer'; fi
  [ $# -eq 2 ] || more=", and $(($# - 2)) more"
  printf '%s: %s %s%s\n' "$file" "$2" "$how" "$more"
}

explain_target() {
  [ "$target" ] || return 0
  if [ "$wanted" ] && [[ " $due " == *' FORCE '* ]]; then
    explain_key "$target" "$wanted"
  else
    # shellcheck disable=SC2086  # a list of words
    explain_file "$target" ${due//FORCE/}
  fi
  again[$target]=yes
}

told="^[^:]+:[0-9]+: (update )?target '(.*)' (due to: (.*)|does not exist)$"
copies='^cp (.*\.key) (.*)$'
explained=0
while IFS= read -r line; do
  if [[ $line =~ $told ]]; then
    explain_target
    target=${BASH_REMATCH[2]} due=${BASH_REMATCH[4]} wanted=''
    # The list of what is stale is always looked at, and a goal is no file.
    if [[ $target == */stale.mk || $target != */* ]]; then target=''; else explained=1; fi
  elif [[ $line =~ $copies ]]; then
    wanted=${BASH_REMATCH[1]}
  fi
done
explain_target
[ $explained -eq 1 ] || printf '%s\n' "$1"
