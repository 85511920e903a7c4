#!/usr/bin/env bash
# Says of every stage whether it is up to date, and if not, why: explain.sh 'NAME|WANTED|STORED|FILES'...
#   NAME     what the stage is called here
#   WANTED   the file with the key that its results should have, and
#   STORED   the key that they have, beside them
#   FILES    its results, in the order in which they are made, divided by blanks; each is FILE<INPUT<INPUT..., with the files
#            whose time counts
# Stages come in the order in which they are made, too. In the environment: stale, the stored keys that will be replaced.
set -euo pipefail
declare -A again=() # files that will be made again

# why_again WANTED STORED FILE INPUT...: the reason, if there is one.
why_again() {
  local wanted=$1 stored=$2 file=$3 input
  shift 3
  if ! cmp -s "$wanted" "$stored"; then
    printf 'its key is another one (- made with, + wanted):\n'
    { diff -U0 "$stored" "$wanted" || true; } 2>/dev/null | sed -e '/^---/d' -e '/^+++/d' -e '/^@@/d' -e 's/^/    /'
    return
  fi
  if [[ " ${stale-} " == *" $stored "* ]]; then
    printf 'what lies there is not what was made\n'
    return
  fi
  if [ ! -e "$file" ]; then
    printf '%s is not there\n' "$file"
    return
  fi
  for input in "$@"; do
    if [ "${again[$input]-}" ]; then
      printf '%s is made again\n' "$input"
      return
    fi
    if [ "$input" -nt "$file" ]; then
      printf '%s is newer than %s\n' "$input" "$file"
      return
    fi
  done
}

# nothing_there STORED FILE<INPUT...
nothing_there() {
  local file
  for file in "$@"; do [ ! -e "${file%%<*}" ] || return; done
}

stage() { # stage NAME WANTED STORED FILE<INPUT...
  local name=$1 wanted=$2 stored=$3 why='' reason file parts
  shift 3
  for file in "$@"; do
    IFS='<' read -ra parts <<<"$file"
    reason=$(why_again "$wanted" "$stored" "${parts[@]}" "$stored")
    [ ! "$reason" ] || again[${parts[0]}]=yes
    why=${why:-$reason}
  done
  if [ "$why" ] && nothing_there "$stored" "$@"; then why='not made yet'; fi
  printf '%s: %s\n' "$name" "${why:-up to date}"
}

for described in "$@"; do
  IFS='|' read -r name wanted stored files <<<"$described"
  # shellcheck disable=SC2086  # a list of words
  stage "$name" "$wanted" "$stored" $files
done
