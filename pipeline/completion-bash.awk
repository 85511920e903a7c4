# Completion for bash: tables as case statements, and a function that reads them.
END {
  print "# bash completion for pixelmill. Made from what every tool tells with --describe; see pipeline/completion-bash.awk."
  all = ""
  for (i = 1; i <= names; i++) all = all (i > 1 ? " " : "") name[i]
  printf "_pixelmill_names=%s\n_pixelmill_presets=%s\n_pixelmill_configs=%s\n", quoted(all), quoted(presets), quoted(configs)

  print "\n# The options of NAME, in REPLY."
  print "_pixelmill_options() {\n  case $1 in"
  for (i = 0; i <= names; i++) {
    at = i ? name[i] : "pixelmill"
    text = ""
    for (k = 1; k <= options[at]; k++) text = text (k > 1 ? " " : "") "--" option[at, k]
    if (text != "") printf "    %s) REPLY=%s ;;\n", at, quoted(text)
  }
  print "    *) REPLY= ;;\n  esac\n}"

  print "\n# The kind of the value of OPTION of NAME, in REPLY: empty for an option without one. Behind the options, the kind"
  print "# of the operands (OPTION is -)."
  print "_pixelmill_kind() {\n  case $1:$2 in"
  for (i = 1; i <= names; i++) {
    at = name[i]
    for (k = 1; k <= options[at]; k++)
      if (kind[at, k] != "flag")
        printf "    %s:--%s%s) REPLY=%s ;;\n", at, option[at, k], letter[at, k] == "" ? "" : " | " at ":-" letter[at, k], quoted(kind[at, k])
    if (operands[at] != "") printf "    %s:-) REPLY=%s ;;\n", at, quoted(operands[at])
  }
  print "    help:-) REPLY=name ;;\n    *) REPLY= ;;\n  esac\n}"

  print "\n# The config keys of NAME, and the words that a key may have."
  print "_pixelmill_keys() {\n  case $1 in"
  for (i = 1; i <= names; i++) {
    at = name[i]
    text = ""
    for (k = 1; k <= keys[at]; k++) text = text (k > 1 ? " " : "") key[at, k] "="
    if (text != "") printf "    %s) REPLY=%s ;;\n", at, quoted(text)
  }
  print "    *) REPLY= ;;\n  esac\n}"
  print "_pixelmill_key_words() {\n  case $1:$2 in"
  for (i = 1; i <= names; i++) {
    at = name[i]
    for (k = 1; k <= keys[at]; k++)
      if (key_kind[at, k] ~ /^words /) printf "    %s:%s) REPLY=%s ;;\n", at, key[at, k], quoted(joined(key_kind[at, k], " "))
  }
  print "    *) REPLY= ;;\n  esac\n}\n"
  while ((getline line < functions) > 0)
    if (line !~ /^#.*(shellcheck|completion-bash)/) print line
}
