#!/usr/bin/env bash
# What SHEET means where it is no file's name as it stands: patterns (tiles/*.png) stand for the files that match, ~/
# for the home, a backslash before a blank for a blank in a name.
#   expand-sheets.sh files SHEET   the files, each a word of the shell; a pattern that nothing matches stays as it is
#   expand-sheets.sh names SHEET   what they are called after: files as they are, a pattern's by the folder that it begins in
#   expand-sheets.sh shown SHEET   as the page shows them: without their folders, patterns as they are
set -euo pipefail
export LC_ALL=C # ($(shell) runs it)
shopt -s nullglob
what=$1 sheet=$2

matches=()
# match PATTERN: the files, in the order of their names; blanks are part of a name.
match() {
  local IFS='' pattern=$1
  if [[ $pattern == '~'/* ]]; then pattern=$HOME/${pattern:2}; fi
  if [ -e "$pattern" ]; then
    matches=("$pattern")
    return
  fi
  # shellcheck disable=SC2206  # a pattern is to be expanded
  matches=($pattern)
  if [ ${#matches[@]} -eq 1 ] && [ ! -e "${matches[0]}" ]; then matches=(); fi
}

is_pattern() { [[ $1 == *[*?[]* && ! -e $1 ]]; }
name() {
  local folder=$1
  if is_pattern "$folder"; then
    folder=${folder%%[*?[]*}
    if [[ $folder == */* ]]; then folder=${folder%/*}; else folder=$PWD; fi
    printf '%s\n' "${folder//[[:blank:]]/-}/"
  else
    printf '%s\n' "${folder//[[:blank:]]/-}"
  fi
}
shown() {
  local folder=${1%/}
  if is_pattern "$1"; then printf '%s\n' "${1##*/}"; else quoted "${folder##*/}"; fi
}
one() { # one WORD, whose matches are known
  local file
  if [ "$what" = names ]; then
    name "$1"
  elif [ "$what" = shown ]; then
    shown "$1"
  elif [ ${#matches[@]} -eq 0 ]; then
    quoted "$1"
  else
    for file in "${matches[@]}"; do
      [[ $file != -* ]] || file=./$file # no option
      quoted "$file"
    done
  fi
}
quoted() { printf "'%s'\n" "${1//\'/\'\\\'\'}"; }

match "$sheet"
if [ ${#matches[@]} -gt 0 ]; then
  one "$sheet"
else
  # Without -r: a backslash takes a blank's meaning.
  # shellcheck disable=SC2162
  IFS=$' \t' read -a words <<<"$sheet"
  for word in ${words[@]+"${words[@]}"}; do
    match "$word"
    one "$word"
  done
fi
