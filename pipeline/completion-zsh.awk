# Completion for zsh: one call of _arguments a command.
# Text in brackets and between colons of a specification.
function told(text) {
  return replaced(replaced(replaced(plain(text), "[", "\\["), "]", "\\]"), ":", "\\:")
}
function action(at, kind) {
  if (kind ~ /^words /) return "(" words(kind) ")"
  if (kind == "files") return "_files"
  if (kind ~ /^files /) return "_files -g \"*.(#i)(" joined(kind, "|") ")(-.)\""
  if (kind == "folder") return "_files -/"
  if (kind == "preset") return "(" presets ")"
  if (kind == "config") return " _pixelmill_config" # behind a blank: without arguments of _arguments
  if (kind == "setting") return " _pixelmill_setting " at
  return " "
}
# --sampler takes a value from the next word or behind =, -n from the next or the same.
function specification(at, k,    text, what) {
  text = "[" told(help[at, k]) "]"
  if (kind[at, k] != "flag") text = text ":value:" action(at, kind[at, k])
  what = quoted("*--" option[at, k] (kind[at, k] == "flag" ? "" : "=") text)
  if (letter[at, k] != "") what = what " " quoted("*-" letter[at, k] (kind[at, k] == "flag" ? "" : "+") text)
  return what
}
function arguments(at,    k) {
  printf "    %s)\n      _arguments -s -S", at
  for (k = 1; k <= options[at]; k++) printf " \\\n        %s", specification(at, k)
  if (operands[at] != "" && operands[at] != "none") printf " \\\n        %s", quoted("*:operand:" action(at, operands[at]))
  printf " ;;\n"
}
END {
  print "#compdef pixelmill"
  print "# zsh completion for pixelmill. Made from what every tool tells with --describe; see pipeline/completion-zsh.awk."
  print "\n# configs/NAME.yaml is one that comes with pixelmill, in any folder."
  printf "_pixelmill_config() {\n  local -a known=(%s)\n", configs
  print "  _files -g '*.(#i)yaml(-.)'\n  [[ -d configs ]] || compadd -- $known\n}"
  print "\n_pixelmill_setting() {\n  local -a known\n  if compset -P 1 '*='; then\n    case $1:${IPREFIX##*[ ]} in"
  for (i = 1; i <= names; i++)
    for (k = 1; k <= keys[name[i]]; k++)
      if (key_kind[name[i], k] ~ /^words /)
        printf "      %s:*%s=) known=(%s) ;;\n", name[i], key[name[i], k], words(key_kind[name[i], k])
  print "    esac\n    compadd -- $known\n    return\n  fi\n  case $1 in"
  for (i = 1; i <= names; i++)
    if (keys[name[i]]) {
      printf "    %s) known=(", name[i]
      for (k = 1; k <= keys[name[i]]; k++) printf "%s%s", (k > 1 ? " " : ""), key[name[i], k]
      print ") ;;"
    }
  print "  esac\n  compadd -q -S = -- $known\n}"
  print "\n_pixelmill() {\n  local -a known=("
  for (i = 1; i <= names; i++) printf "    %s\n", quoted(name[i] ":" plain(summary[name[i]]))
  print "  )\n  if (( CURRENT == 2 )); then\n    _describe -t commands 'command or tool' known\n    return\n  fi"
  print "  local name=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $name in"
  print "    help) _describe -t commands 'command or tool' known ;;"
  for (i = 1; i <= names; i++)
    if (name[i] in tool) arguments(name[i])
  print "  esac\n}\n\n_pixelmill \"$@\""
}
