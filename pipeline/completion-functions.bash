# The end of the completion for bash (completion-bash.awk), behind its tables.
# shellcheck shell=bash disable=SC2154  # _pixelmill_names and others of the tables

# Files below what was typed whose names end in one of the endings (any, if there are none), and folders.
_pixelmill_files() { # _pixelmill_files TYPED ENDING...
  local typed=$1 file ending
  shift
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    if [[ -d $file || $# -eq 0 ]]; then COMPREPLY+=("$file") && continue; fi
    for ending; do
      if [[ ${file,,} == *".$ending" ]]; then COMPREPLY+=("$file"); fi
    done
  done < <(compgen -f -- "$typed")
}

_pixelmill_words() { # _pixelmill_words TYPED WORDS
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "${2//\'/\\\'}" -- "$1")
}

_pixelmill_value() { # _pixelmill_value NAME KIND TYPED
  local typed=$3 REPLY words
  read -ra words <<<"$2"
  case ${words[0]-} in
    words) _pixelmill_words "$typed" "${words[*]:1}" ;;
    files) _pixelmill_files "$typed" "${words[@]:1}" ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$typed") ;;
    name) _pixelmill_words "$typed" "$_pixelmill_names" ;;
    preset) _pixelmill_words "$typed" "$_pixelmill_presets" ;;
    config)
      _pixelmill_files "$typed" yaml
      # Those that come with pixelmill have this name in any folder.
      [ -d configs ] || _pixelmill_words "$typed" "$_pixelmill_configs"
      ;;
    setting)
      if [[ $typed == *=* ]]; then
        _pixelmill_key_words "$1" "${typed%%=*}"
        _pixelmill_words "${typed#*=}" "$REPLY"
      else
        _pixelmill_keys "$1"
        compopt -o nospace 2>/dev/null
        _pixelmill_words "$typed" "$REPLY"
      fi
      ;;
  esac
}

_pixelmill() {
  local words=() at=0 i name typed before REPLY operands=
  # Bash divides words at = and : too; here they are whole.
  for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
    if ((i > 1)) && [[ ${COMP_WORDS[i]} == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then
      words[${#words[@]} - 1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
    ((i != COMP_CWORD)) || at=$((${#words[@]} - 1))
  done
  COMPREPLY=()
  typed=${words[at]} before=${words[at - 1]} name=${words[1]-}
  if ((at == 1)); then
    if [[ $typed == -* ]]; then _pixelmill_options pixelmill; else REPLY=$_pixelmill_names; fi
    _pixelmill_words "$typed" "$REPLY"
    return
  fi
  for ((i = 2; i < at; i++)); do [[ ${words[i]} != -- ]] || operands=yes; done
  if [[ ! $operands && $typed == --*=* ]]; then
    _pixelmill_kind "$name" "${typed%%=*}"
    _pixelmill_value "$name" "$REPLY" "${typed#*=}"
    return
  fi
  REPLY=
  if [[ ! $operands && $before == -?* && $at -gt 2 ]]; then _pixelmill_kind "$name" "$before"; fi
  if [[ $REPLY ]]; then
    _pixelmill_value "$name" "$REPLY" "$typed"
  elif [[ ! $operands && $typed == -* ]]; then
    _pixelmill_options "$name"
    _pixelmill_words "$typed" "$REPLY"
  else
    _pixelmill_kind "$name" -
    _pixelmill_value "$name" "$REPLY" "$typed"
  fi
}
complete -F _pixelmill pixelmill
