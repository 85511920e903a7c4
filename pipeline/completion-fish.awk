# Completion for fish: a line for each option.
function told(text) { return "'" replaced(replaced(text, "\\", "\\\\"), "'", "\\'") "'" }
function values(at, kind) {
  if (kind ~ /^words /) return "-x -a " told(words(kind))
  if (kind == "files") return "-r -F"
  if (kind ~ /^files /) return "-x -a " told("(__pixelmill_files " joined(kind, " ") ")")
  if (kind == "folder") return "-x -a '(__pixelmill_files /)'"
  if (kind == "preset") return "-x -a " told(presets)
  if (kind == "config") return "-x -a " told("(__pixelmill_files yaml) (test -d configs; or string split ' ' '" configs "')")
  if (kind == "setting") return "-x -a " told("(__pixelmill_settings " at ")")
  return "-x"
}
END {
  print "# fish completion for pixelmill. Made from what every tool tells with --describe; see pipeline/completion-fish.awk."
  print "function __pixelmill_is\n  set -l words (commandline -opc)\n  test (count $words) -ge 2; and test $words[2] = $argv[1]\nend"
  print "\n# Files that begin with what was typed and end in one of these, and folders."
  print "function __pixelmill_files\n  set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')"
  print "  for file in $typed*\n    if test -d $file\n      echo $file/\n    else if contains (string lower (string replace -r '.*\\.' '' $file)) $argv"
  print "      echo $file\n    end\n  end\nend"
  print "\n# KEY= of the config keys, or KEY=VALUE where a key with few values was typed."
  print "function __pixelmill_settings\n  switch $argv[1]"
  for (i = 1; i <= names; i++)
    if (keys[name[i]]) {
      printf "    case %s\n      printf '%%s\\n'", name[i]
      for (k = 1; k <= keys[name[i]]; k++) {
        if (key_kind[name[i], k] ~ /^words /) {
          n = split(key_kind[name[i], k], part, " ")
          for (w = 2; w <= n; w++) printf " %s=%s", key[name[i], k], part[w]
        } else
          printf " %s=", key[name[i], k]
      }
      printf "\n"
    }
  print "  end\nend\n\ncomplete -c pixelmill -f"
  for (k = 1; k <= options["pixelmill"]; k++)
    printf "complete -c pixelmill -n __fish_use_subcommand -l %s%s -d %s\n", option["pixelmill", k], \
      letter["pixelmill", k] == "" ? "" : " -s " letter["pixelmill", k], told(help["pixelmill", k])
  for (i = 1; i <= names; i++) {
    at = name[i]
    printf "complete -c pixelmill -n '__fish_use_subcommand; or __pixelmill_is help' -a %s -d %s\n", at, told(summary[at])
    for (k = 1; k <= options[at]; k++)
      printf "complete -c pixelmill -n '__pixelmill_is %s' -l %s%s %s -d %s\n", at, option[at, k], \
        letter[at, k] == "" ? "" : " -s " letter[at, k], kind[at, k] == "flag" ? "" : values(at, kind[at, k]), told(help[at, k])
    if (operands[at] ~ /^files/) {
      if (operands[at] == "files") printf "complete -c pixelmill -n '__pixelmill_is %s' -F\n", at
      else printf "complete -c pixelmill -n '__pixelmill_is %s' -a %s\n", at, told("(__pixelmill_files " joined(operands[at], " ") ")")
    } else if (operands[at] == "folder")
      printf "complete -c pixelmill -n '__pixelmill_is %s' -a '(__pixelmill_files /)'\n", at
  }
}
