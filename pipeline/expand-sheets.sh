#!/usr/bin/env bash
# What SHEET means where it is no file's name as it stands: patterns (tiles/*.png) stand for the files that match, ~/
# for the home.
#   expand-sheets.sh files SHEET   the files, each a word of the shell; a pattern that nothing matches stays as it is
#   expand-sheets.sh names SHEET   what they are called after: files as they are, a pattern's by the folder that it begins in
set -euo pipefail
shopt -s nullglob
what=$1 sheet=$2

matches=()
# match PATTERN: the files, in the order of their names; blanks are part of a name.
match() {
  local IFS='' pattern=$1
  if [[ $pattern == '~'/* ]]; then pattern=$HOME/${pattern:2}; fi
  # shellcheck disable=SC2206  # a pattern is to be expanded
  matches=($pattern)
  if [ ${#matches[@]} -eq 1 ] && [ ! -e "${matches[0]}" ]; then matches=(); fi
}

name() {
  local folder=$1
  if [[ $folder == *[*?[]* ]]; then
    folder=${folder%%[*?[]*}
    if [[ $folder == */* ]]; then folder=${folder%/*}; else folder=$PWD; fi
    printf '%s\n' "${folder//[[:blank:]]/-}/"
  else
    printf '%s\n' "${folder//[[:blank:]]/-}"
  fi
}
one() { # one WORD, whose matches are known
  local file
  if [ "$what" = names ]; then
    name "$1"
  elif [ ${#matches[@]} -eq 0 ]; then
    quoted "$1"
  else
    for file in "${matches[@]}"; do quoted "$file"; done
  fi
}
quoted() { printf "'%s'\n" "${1//\'/\'\\\'\'}"; }

match "$sheet"
if [ ${#matches[@]} -gt 0 ]; then
  one "$sheet"
else
  set -f
  # shellcheck disable=SC2086  # words
  set -- $sheet
  set +f
  for word in "$@"; do
    match "$word"
    one "$word"
  done
fi
