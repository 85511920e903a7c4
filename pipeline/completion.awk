# What all tools and commands tell of themselves with --describe (lib/core/option_describe.c), for the three files behind
# this one, which write a completion each: completion-bash.awk, completion-zsh.awk, completion-fish.awk.
#
#   name[1 ... names], summary[NAME], operands[NAME]
#   for each option i of options[NAME]: option[NAME, i], letter[NAME, i], kind[NAME, i], help[NAME, i]
#   for each key i of keys[NAME]: key[NAME, i], key_kind[NAME, i]
#   NAME in tool: it told its options (book and help have none)
# On the command line: presets and configs, names divided by blanks.
BEGIN { FS = "\t" }
$1 == "command" || $1 == "own" { name[++names] = $2; summary[$2] = $3 }
$1 == "tool" { at = $2; tool[at] = 1 }
$1 == "operands" { operands[at] = $2 }
$1 == "option" {
  i = ++options[at]
  option[at, i] = $2
  letter[at, i] = $3 == "-" ? "" : $3
  kind[at, i] = $4
  help[at, i] = $5
}
$1 == "key" {
  i = ++keys[at]
  key[at, i] = $2
  key_kind[at, i] = $3
}

# The text with `to` in place of each `from`.
function replaced(text, from, to,    at, done) {
  while (at = index(text, from)) {
    done = done substr(text, 1, at - 1) to
    text = substr(text, at + length(from))
  }
  return done text
}
# Without the signs that a shell would obey: for a description, which is only read.
function plain(text) {
  gsub(/[\\`$"]/, "", text)
  return text
}
# As one word of bash and zsh, in single quotes.
function quoted(text) { return "'" replaced(text, "'", "'\\''") "'" }
# "npy|png" of "files npy png", with `between` between two.
function joined(kind, between,    n, part, i, text) {
  n = split(kind, part, " ")
  for (i = 2; i <= n; i++) text = text (i > 2 ? between : "") part[i]
  return text
}
# The words of "words A B", for a shell that reads them once more.
function words(kind) { return replaced(joined(kind, " "), "'", "\\'") }
