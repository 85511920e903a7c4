#!/usr/bin/env bash
# Works out the key of every stage of one data set and preset: keys.sh FOLDER
# Writes FOLDER/STAGE.key; FOLDER/stale.mk with the key files of the results that are no longer what they should be;
# FOLDER/commands.txt, which the page shows; and two folders above, that of the data set, known-data: what the data
# tools made when they were last asked. Files are rewritten only when they change. What it looks at comes as environment
# variables from stages.mk.
# shellcheck disable=SC2154,SC2086  # variables of the environment, some of them lists of words
set -euo pipefail
shopt -s inherit_errexit # in $(...), too: a key is whole, or there is none

keys=$1
mkdir -p "$keys"
stale=()

hash() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
hash_of() { hash <"$1" | cut -d' ' -f1; }
# A command without where the tools, the makefiles and the scratch folder ("$folder", as stages.mk writes it) lie.
plain() {
  local text=${1//"$TOOLS/"/}
  text=${text//"TOOLS=$TOOLS "/}
  [ -z "$ROOT" ] || text=${text//"$ROOT"/}
  # shellcheck disable=SC2016  # the words "$folder" themselves
  printf '%s\n' "${text//'"$folder"/'/}"
}
# Every tool with its hash, a line each, worked out at once: what they compute is in their bytes.
tool_hashes=$'\n'
for tool in $data_tools $sample_tools $score_tools $page_tools $grid_tools; do
  [ -x "$TOOLS/$tool" ] || { printf '%s: there is no such tool\n' "$TOOLS/$tool" >&2; exit 1; }
done
while read -r hash tool; do tool_hashes+="$tool $hash"$'\n'; done < <(
  cd "$TOOLS" && hash $data_tools $sample_tools $score_tools $page_tools $grid_tools)
# The tools named, with the hash of each.
tools_in() {
  local tool rest
  for tool in "$@"; do
    rest=${tool_hashes#*$'\n'"$tool "}
    printf '%s %s\n' "$tool" "${rest%%$'\n'*}"
  done
}
replace() { # replace FILE: standard input as its content, untouched if that is what it holds
  local new='' old=''
  IFS= read -r -d '' new || true
  if [ -e "$1" ]; then IFS= read -r -d '' old <"$1" || true; fi
  if [ ! -e "$1" ] || [ "$new" != "$old" ]; then printf '%s' "$new" >"$1.$$" && mv "$1.$$" "$1"; fi
}
# stage NAME STORED TEXT: the text is what the key file STORED should hold.
stage() {
  replace "$keys/$1.key" <<<"$3"
  cmp -s "$keys/$1.key" "$2" || stale+=("$2")
}

# ---- data. Its tools take milliseconds, so the key is the hash of what they make: worked out in a scratch folder, and
# again only when a tool, an option or the sheet is another one.
sheet_hash=
pictures() { find -L . -type f -name '*.[pP][nN][gG]' -print0 | LC_ALL=C sort -z; }
eval "all_sheets=($sheets)"
for sheet in ${all_sheets[@]+"${all_sheets[@]}"}; do
  if [ -d "$sheet" ]; then
    sheet_hash+=$(cd "$sheet" && pictures | hash && pictures | xargs -0 cat | hash)
  elif [ -r "$sheet" ]; then
    sheet_hash+=$(hash_of "$sheet")
  else
    printf 'SHEET=%s: there is no such file' "$sheet" >&2
    [[ $sheet != *,* ]] || printf '; several are divided by blanks: SHEET="%s"' "${sheet//,/ }" >&2
    printf '\n' >&2
    exit 1
  fi
done
made_from=$(plain "$data_command" && printf 'sheet %s\n' "${sheet_hash:-none}" && tools_in $data_tools)
known=$keys/../../known-data
if [ ! -e "$known" ] || [ "$(sed '/^--$/,$d' "$known")" != "$made_from" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  (eval "$data_command") >"$folder/said" 2>&1 || {
    # The scratch folder is no place that a reader could look at.
    said=$(<"$folder/said")
    printf '%s\n' "${said//"$folder/"/}" >&2
    [[ $said != *'holds no .png files'* ]] ||
      printf 'A folder of folders, each a class, is for CLASSES=folders; else name the folders: SHEET="one two".\n' >&2
    [[ $said != *'as many as classes'* ]] ||
      printf 'Too few different sprites for so many classes: CLASSES=0 for none, or add sheets.\n' >&2
    exit 1
  }
  { printf '%s\n--\n' "$made_from" && (cd "$folder" && hash $data_files); } | replace "$known"
fi
hashes=$(sed '1,/^--$/d' "$known")
stage data "$data/key" "$(plain "$data_command" && printf '%s\n' "$hashes")"
# What lies there must also be what was made.
if [ "${stale[*]-}" = '' ] && [ "$( (cd "$data" && hash $data_files) 2>/dev/null || true)" != "$hashes" ]; then
  stale+=("$data/key")
fi

# ---- training: recipe version of the method and effective config, as the trainer tells, and the data
eval "all_settings=($set_options)"
# key_of RUN: behind that of the run which it is built on, if it is
key_of() {
  local fields run trainer learns below
  for fields in $runs; do
    IFS=: read -r run trainer learns below <<<"$fields"
    [ "$run" = "$1" ] || continue
    if [ -n "$below" ]; then
      printf 'built on %s\n' "$below"
      key_of "$below"
    fi
    "$TOOLS/$trainer" -c "configs/$run.yaml" --preset "$preset" ${all_settings[@]+"${all_settings[@]}"} --print-key
    grep -E "  (sprites\.npy|palette\.gpl${learns:+|labels\.npy|names\.txt})\$" <<<"$hashes"
  done
}
for fields in $runs; do
  key=$(key_of "${fields%%:*}")
  stage "${fields%%:*}" "$results/${fields%%:*}/key" "$key"
done

# ---- pictures: the commands, the tools that make them, and the sprites they show beside
if [ -n "$runs" ]; then
  sampling=$(printf '%s\n' "$sample_settings" && tools_in $sample_tools && grep -E '  real\.npy$' <<<"$hashes")
  for fields in $runs; do
    stage "${fields%%:*}.samples" "$results/${fields%%:*}/samples.key" "$sampling"
  done
fi
stage compare "$results/compare/key" "$(plain "$grid_command" && tools_in $grid_tools)"

# ---- scores and the page: the commands, the tools, and for the scores what samples are held against
if [ -n "$runs" ] && [ -n "$score_settings" ]; then
  plain "$score_settings" && tools_in $score_tools && grep -E '  (sprites\.npy|palette\.gpl|labels\.npy)$' <<<"$hashes"
fi | replace "$keys/scores.key"
for fields in $runs; do
  stored=$results/${fields%%:*}/scores.key
  [ -z "$score_settings" ] || cmp -s "$keys/scores.key" "$stored" || stale+=("$stored")
done
commands=${page_commands//$'\t'/$'\n'}
while [[ $commands == *$'\n '* ]]; do commands=${commands//$'\n '/$'\n'}; done
printf '%s' "$commands" | replace "$keys/commands.txt"
stage page "$results/compare/page.key" "$(plain "$page_command" && printf '%s\n' "$commands" && tools_in $page_tools)"

{
  printf '# Written by pipeline/keys.sh: keys of results that are no longer what they should be.\n'
  printf 'stale := %s\n' "${stale[*]-}"
} | replace "$keys/stale.mk"
